"""Demonstration contacts, marked as such, with addresses that do not exist."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_noop
from simple_history.utils import bulk_create_with_history

from tracker.registry.models import Contact, ContactKind, State
from tracker.registry.stored import StoredText

MADE = StoredText(gettext_noop("made for the demonstration"))
# These have a Permanent Mission beside the focal point, so that the first day shows drafts of notes verbales.
WITH_MISSION = frozenset(("CHN", "EGY", "FRA", "IDN", "KEN", "MEX", "MYS", "RUS", "SEN", "USA"))


def add_contacts() -> int:
    """Adds a focal point for each State, and some Permanent Missions, if there are no contacts; returns how many."""
    if Contact.objects.exists():
        return 0
    contacts = [contact for state in State.objects.all() for contact in _contacts_of(state)]
    bulk_create_with_history(contacts, Contact, default_change_reason=MADE())
    return len(contacts)


def _contacts_of(state: State) -> Iterator[Contact]:
    values = {"state": state, "is_demonstration": True, "note": "Made for the demonstration."}
    yield Contact(
        name=f"Focal point, {state.name} (demonstration)"[:120],
        office="Ministry of Foreign Affairs",
        email=f"focal-point.{state.pk.lower()}@example.org",
        **values,
    )
    if state.pk in WITH_MISSION:
        yield Contact(
            name=f"Permanent Mission of {state.name} (demonstration)"[:120],
            office="Permanent Mission in Geneva",
            kind=ContactKind.MISSION,
            email=f"mission.{state.pk.lower()}@example.org",
            **values,
        )
