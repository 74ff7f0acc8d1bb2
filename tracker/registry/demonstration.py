"""Contacts for the demonstration: one for each State, clearly marked, at addresses that do not exist."""

from __future__ import annotations

from simple_history.utils import bulk_create_with_history

from tracker.registry.models import Contact, State


def add_contacts() -> int:
    """One demonstration contact for each State, if no contact is recorded at all; says how many."""
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
    bulk_create_with_history(contacts, Contact, default_change_reason="made for the demonstration")
    return len(contacts)
