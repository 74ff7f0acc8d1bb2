"""Requests of the Committee for further information as known on a day, and the replies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Case, CharField, Count, DateField, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import ExtractYear

from tracker.obligations.models import InformationRequest, Kind, Obligation
from tracker.rules.status import Status


class Reply(StrEnum):
    """What became of a request by a day."""

    ON_TIME = "on time"
    LATE = "late"
    OVERDUE = "overdue"
    NO_RECORD = "no record"
    NOT_DUE = "not due"
    NOT_OWED = "not owed"


_REPLIES = {
    Status.ON_TIME: Reply.ON_TIME,
    Status.LATE: Reply.LATE,
    Status.OVERDUE: Reply.OVERDUE,
    Status.NO_RECORD: Reply.NO_RECORD,
    Status.DUE_SOON: Reply.NOT_DUE,
    Status.NOT_YET_DUE: Reply.NOT_DUE,
}
STATUSES = {reply: [status.value for status, one in _REPLIES.items() if one == reply] for reply in Reply}


def requests_on(day: date, *, today: date | None) -> QuerySet[Any]:
    """The requests issued by a day, with what was known then.

    Each row has `status` (that of its obligation; None if the State owes no reply any more), `reply` (its day) and
    `found` (the Committee's assessment; empty if none was known).

    Args:
        today: see `as_of`.
    """
    owed: Any = Obligation.objects.as_of(day, today=today, bands=False)
    owed = owed.filter(kind=Kind.INFORMATION, state=OuterRef("state"), cycle=OuterRef("number"))
    return InformationRequest.objects.filter(issued_on__lte=day).annotate(
        status=Subquery(owed.values("status")[:1]),
        reply=Case(When(received_on__lte=day, then=F("received_on")), output_field=DateField()),
        found=Case(
            When(assessed_on__lte=day, then=F("assessment")), default=Value(""), output_field=CharField()
        ),
    )


@dataclass
class FollowUp:
    """How many requests, by what became of them and by the Committee's assessment of the replies."""

    asked: int = 0
    replies: Counter[Reply] = field(default_factory=Counter)
    assessed: Counter[str] = field(default_factory=Counter)

    def add(self, status: str | None, found: str, number: int) -> None:
        """Counts some requests that are alike."""
        self.asked += number
        self.replies[reply_of(status)] += number
        if found:
            self.assessed[found] += number


def reply_of(status: str | None) -> Reply:
    """What became of a request, by the status of its obligation."""
    return _REPLIES[Status(status)] if status else Reply.NOT_OWED


@dataclass(frozen=True)
class Statistics:
    """The requests by regional group and by the year of issue, and together."""

    together: FollowUp
    regions: dict[str, FollowUp]
    years: dict[int, FollowUp]


def statistics_of(rows: QuerySet[Any]) -> Statistics:
    """Counts rows of `requests_on`, in one query; the years without gaps."""
    alike = (
        rows.order_by()
        .annotate(issued_in=ExtractYear("issued_on"))
        .values_list("state__region", "issued_in", "status", "found")
        .annotate(number=Count("pk"))
    )
    return _counted(alike)


def _counted(alike: Iterable[tuple[str, int, str | None, str, int]]) -> Statistics:
    together, regions, years = FollowUp(), dict[str, FollowUp](), dict[int, FollowUp]()
    for region, year, status, found, number in alike:
        for one in (together, regions.setdefault(region, FollowUp()), years.setdefault(year, FollowUp())):
            one.add(status, found, number)
    span = range(min(years), max(years) + 1) if years else ()
    return Statistics(together, regions, {year: years.get(year, FollowUp()) for year in span})
