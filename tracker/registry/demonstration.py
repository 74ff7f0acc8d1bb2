"""Demonstration contacts: one per State, marked as such, with addresses that do not exist."""

from __future__ import annotations

from django.utils.translation import gettext_noop
from simple_history.utils import bulk_create_with_history

from tracker.registry.models import Contact, State
from tracker.registry.stored import StoredText

MADE = StoredText(gettext_noop("made for the demonstration"))


def add_contacts() -> int:
    """Adds one demonstration contact per State if there are no contacts; returns how many were added."""
    if Contact.objects.exists():
        return 0
    contacts = [
        Contact(
            state=state,
            name=f"Permanent Mission of {state.name} (demonstration)"[:120],
            office="Permanent Mission in Geneva",
            email=f"mission.{state.pk.lower()}@example.org",
            is_demonstration=True,
            note="Made for the demonstration.",
        )
        for state in State.objects.all()
    ]
    bulk_create_with_history(contacts, Contact, default_change_reason=MADE())
    return len(contacts)
