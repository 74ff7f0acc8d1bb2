"""Open items of the records: reports without record, facts to be confirmed, dates that await a second person.

Each is counted once: a date stated in a review to be confirmed is confirmed together with the review.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.obligations.models import TO_CONFIRM, CommitteeDate, Obligation, Precision, Review, Submission
from tracker.registry.models import Confidence, TreatyAction
from tracker.rules.entry_into_force import ActionKind
from tracker.rules.status import Status


def without_record(today: date) -> QuerySet[Any]:
    """The reports with the status “no record”."""
    return Obligation.objects.as_of(today, today=today, bands=False).with_status(Status.NO_RECORD, today)


def uncertain_actions() -> QuerySet[TreatyAction]:
    """Treaty actions whose day, or day of effect, needs a better source (see `TreatyAction.to_be_confirmed`)."""
    succession = Q(kind=ActionKind.SUCCESSION.value, effective_on=None)
    return TreatyAction.objects.filter(Q(confidence=Confidence.MEMORY) | succession)


# A year alone is not inferred: by rule it counts as its last day.
_INFERRED = Q(due_on__isnull=False) & (
    Q(precision=Precision.MONTH) | (Q(precision=Precision.YEAR) & ~Q(due_on__month=12, due_on__day=31))
)


def inferred_dates() -> QuerySet[CommitteeDate]:
    """Dates of the Committee whose day was inferred by us and is not corrected yet."""
    return CommitteeDate.objects.in_effect().filter(_INFERRED, corrections=None)


def uncertain_reviews() -> QuerySet[Review]:
    """Reviews that were not read in their document."""
    return Review.objects.filter(confidence__in=TO_CONFIRM)


def uncertain_reports() -> QuerySet[Submission]:
    """Reports that were not read in their document."""
    return Submission.objects.filter(confidence__in=TO_CONFIRM)


def uncertain_dates() -> QuerySet[CommitteeDate]:
    """Dates of the Committee that were not read in their document, without those confirmed with their review."""
    review = uncertain_reviews().filter(state=OuterRef("state"), document=OuterRef("document"))
    unread = CommitteeDate.objects.in_effect().filter(confidence__in=TO_CONFIRM, corrections=None)
    return unread.exclude(_INFERRED).exclude(Exists(review))


def stated_along(reviews: Collection[Review]) -> dict[int, list[CommitteeDate]]:
    """The dates stated in the documents of some reviews, which are confirmed with them; in one query."""
    rows = CommitteeDate.objects.in_effect().filter(
        confidence__in=TO_CONFIRM,
        corrections=None,
        state__in={one.state_id for one in reviews},
        document__in={one.document for one in reviews},
    )
    found: dict[int, list[CommitteeDate]] = {one.pk: [] for one in reviews}
    by_document = {(one.state_id, one.document): one.pk for one in reviews}
    for row in rows.exclude(_INFERRED).order_by("pk"):
        if (row.state_id, row.document) in by_document:
            found[by_document[row.state_id, row.document]].append(row)
    return found


def to_settle() -> Counter[str]:
    """The number of open items by State (alpha-3): reports without record and facts to be confirmed."""
    rows: QuerySet[Any] = without_record(timezone.localdate())
    return Counter(
        _states(rows).union(*map(_states, uncertain_facts()), all=True).values_list("state_id", flat=True)
    )


def uncertain_facts() -> tuple[QuerySet[Any], ...]:
    """All facts to be confirmed, each once."""
    return uncertain_actions(), inferred_dates(), uncertain_reviews(), uncertain_dates(), uncertain_reports()


def _states(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The States of some rows, for a union of queries."""
    return rows.order_by().values_list("state_id", flat=True)


def waiting_dates() -> QuerySet[CommitteeDate]:
    """Dates of the Committee that await confirmation by a second person."""
    return CommitteeDate.objects.filter(awaits_confirmation=True)


def lists(here: str = "", *, states: Collection[str] | None = None) -> list[dict[str, Any]]:
    """The three lists with their counts, for the line above each of them.

    Args:
        states: count only the reports without record of these; None for all. The other two lists have no desks.
    """
    unknown = without_record(timezone.localdate())
    if states is not None:
        unknown = unknown.filter(state__in=states)
    facts = uncertain_facts()
    counted = (
        ("to-confirm", _("No record"), unknown.count()),
        (
            "days-to-confirm",
            _("Records with a weak source"),
            _states(facts[0]).union(*map(_states, facts[1:]), all=True).count(),
        ),
        ("dates-to-confirm", _("Dates that await a second person"), waiting_dates().count()),
    )
    return [
        {"name": name, "label": label, "count": count, "here": name == here} for name, label, count in counted
    ]
