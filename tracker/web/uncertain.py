"""What the records leave open: reports without record, days without a good source, dates without a second look."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.obligations.models import CommitteeDate, Obligation, Precision
from tracker.registry.models import Confidence, TreatyAction
from tracker.rules.entry_into_force import ActionKind
from tracker.rules.status import Status


def without_record(today: date) -> QuerySet[Any]:
    """The reports of which the office has no record."""
    return Obligation.objects.as_of(today, today=today, bands=False).with_status(Status.NO_RECORD, today)


def uncertain_actions() -> QuerySet[TreatyAction]:
    """Treaty actions whose day, or day of effect, needs a better source (see `TreatyAction.to_be_confirmed`)."""
    succession = Q(kind=ActionKind.SUCCESSION.value, effective_on=None)
    return TreatyAction.objects.filter(Q(confidence=Confidence.MEMORY) | succession)


def inferred_dates() -> QuerySet[CommitteeDate]:
    """Dates of the Committee whose day was filled in by us."""
    return CommitteeDate.objects.in_effect().exclude(precision=Precision.DAY).filter(due_on__isnull=False)


def waiting_dates() -> QuerySet[CommitteeDate]:
    """Dates of the Committee that one person has entered and a second has to confirm."""
    return CommitteeDate.objects.filter(awaits_confirmation=True)


def lists(here: str = "", *, states: Collection[str] | None = None) -> list[dict[str, Any]]:
    """The three lists with what they count, for the line above each of them.

    Args:
        states: whose reports without record are counted; None for those of all. The other two lists know no desk.
    """
    unknown = without_record(timezone.localdate())
    if states is not None:
        unknown = unknown.filter(state__in=states)
    counted = (
        ("to-confirm", _("No record"), unknown.count()),
        (
            "days-to-confirm",
            _("Days to be confirmed"),
            uncertain_actions().count() + inferred_dates().count(),
        ),
        ("dates-to-confirm", _("Dates that await a second person"), waiting_dates().count()),
    )
    return [
        {"name": name, "label": label, "count": count, "here": name == here} for name, label, count in counted
    ]
