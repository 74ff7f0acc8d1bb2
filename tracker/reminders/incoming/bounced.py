"""Addresses that a mail server refused permanently."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet

from tracker.registry.models import Contact
from tracker.reminders import attention
from tracker.reminders.models import Bounce


def undeliverable() -> QuerySet[Bounce, str]:
    """The addresses, in lower case, that a mail server refused permanently and that have an open task."""
    return open_failures().order_by().values_list("recipient", flat=True).distinct()


def open_failures() -> QuerySet[Bounce]:
    """Permanent failures with an open task, the latest first."""
    unsettled = attention.open_tasks().filter(bounce=OuterRef("pk"))
    return Bounce.objects.filter(Exists(unsettled), kind=Bounce.Kind.FAILED)


def open_about(contacts: Iterable[Contact]) -> dict[int, Bounce]:
    """The latest open failure of each contact's current address, by the contact's key; in one query."""
    everyone = list(contacts)
    addresses = {contact.email.lower() for contact in everyone}
    last: dict[str, Bounce] = {}
    for bounce in open_failures().filter(recipient__in=addresses) if addresses else ():
        last.setdefault(bounce.recipient, bounce)
    return {one.pk: last[one.email.lower()] for one in everyone if one.email.lower() in last}
