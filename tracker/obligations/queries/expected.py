"""The years in which the Committee's calendars expect reports, as known on a day.

They stand beside “date to be communicated”. They are never due dates: no status, reminder or count reads them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from tracker.languages.writing import in_words
from tracker.obligations.models import ExpectedYear
from tracker.rules.status import Status


def in_effect(day: date) -> QuerySet[ExpectedYear]:
    """The year of each State in the latest document published by a day."""
    later = Q(decided_on__gt=OuterRef("decided_on")) | Q(
        decided_on=OuterRef("decided_on"), pk__gt=OuterRef("pk")
    )
    newer = ExpectedYear.objects.filter(later, state=OuterRef("state"), decided_on__lte=day)
    return ExpectedYear.objects.filter(~Exists(newer), decided_on__lte=day)


def expected_years(day: date, states: Iterable[str]) -> dict[str, ExpectedYear]:
    """The same of some States, by alpha-3 code."""
    return {row.state_id: row for row in in_effect(day).filter(state__in=list(states))}


def with_expected(rows: QuerySet[Any], day: date) -> QuerySet[Any]:
    """Adds to rows of States `expected_year` and `expected_since`, the day of its document; None without one."""
    latest = ExpectedYear.objects.filter(state=OuterRef("state"), decided_on__lte=day).order_by(
        "-decided_on", "-pk"
    )
    return rows.annotate(
        expected_year=Subquery(latest.values("year")[:1]),
        expected_since=Subquery(latest.values("decided_on")[:1]),
    )


def expected_in_words(status: str, year: int | None, since: date | None) -> str:
    """The expected year of a report whose date is to be communicated; empty for any other report, and without one.

    Args:
        since: the day of the document.
    """
    if year is None or since is None or status != Status.TO_BE_COMMUNICATED:
        return ""
    day = in_words(since).replace(" ", "\N{NO-BREAK SPACE}")
    return _("expected in %(year)d (calendar of %(day)s)") % {"year": year, "day": day}
