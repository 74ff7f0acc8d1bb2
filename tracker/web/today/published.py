"""The counts that the United Nations published for some days, with our own figures for the same days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from tracker.obligations.counts import participation
from tracker.obligations.models import Kind
from tracker.obligations.published import published_counts
from tracker.obligations.queries.standings import StandingRow, by_year_on
from tracker.rules.facts import Carrier, Facts
from tracker.rules.status import Band, Status, band_of
from tracker.web.pictures.trend import bands_of

LABELS: dict[str, str | Promise] = {
    "signatories": gettext_lazy("signatories"),
    "parties": gettext_lazy("States parties"),
    "signatories_not_parties": gettext_lazy("signatories that are not parties"),
    "overdue_initial": gettext_lazy("initial reports overdue"),
    "overdue_periodic": gettext_lazy("periodic reports overdue"),
    "overdue_under_5": gettext_lazy("reports overdue for less than 5 years"),
    "overdue_from_5_to_10": gettext_lazy("reports overdue for 5 to 10 years"),
    "overdue_over_10": gettext_lazy("reports overdue for more than 10 years"),
}
# Our bands that each of the published ones spans.
BANDS = {
    "overdue_under_5": (Band.UNDER_1, Band.FROM_1_TO_5),
    "overdue_from_5_to_10": (Band.FROM_5_TO_10,),
    "overdue_over_10": (Band.OVER_10,),
}
INITIAL, PERIODIC = "overdue_initial", "overdue_periodic"


@dataclass(frozen=True)
class Compared:
    """A published figure and ours for the same day.

    Attributes:
        ours: our figure; None if we have none.
        unknown: the number of reports without record that would be in it if they were overdue.
    """

    day: date
    figure: str
    label: str | Promise
    value: int
    ours: int | None
    unknown: int
    source: str
    note: str


def compared(facts: Mapping[str, Facts], until: date, *, today: date) -> list[Compared]:
    """The counts published up to a day and ours, the latest day first; one query for each day with reports.

    Args:
        facts: the actions of each State on the OPSC by the day.
    """
    known = [one for one in published_counts() if one.day <= until]
    parties = {
        day: participation([one.as_of(day) for one in facts.values()], day)
        for day in {one.day for one in known}
    }
    reports = {
        day: by_year_on(day, today=today)
        for day in {one.day for one in known if one.figure in (INITIAL, PERIODIC, *BANDS)}
    }
    return [_compare(one, vars(parties[one.day]), reports.get(one.day, [])) for one in known]


def _compare(one: Any, parties: Mapping[str, int], rows: Sequence[StandingRow]) -> Compared:
    ours, unknown = parties.get(one.figure), 0
    if one.figure in (INITIAL, PERIODIC):
        kind = one.figure.removeprefix("overdue_")
        counted: Counter[str] = Counter()
        for row in rows:
            if row.kind == kind and row.carried_by == Carrier.OWN:
                counted[row.status] += row.number
        ours, unknown = counted[Status.OVERDUE], counted[Status.NO_RECORD]
    elif one.figure in BANDS:
        bands = BANDS[one.figure]
        ours = sum(band["count"] for band in bands_of(rows) if band["band"] in bands)
        unknown = sum(
            row.number
            for row in rows
            if row.status == Status.NO_RECORD
            and row.kind != Kind.INFORMATION
            and row.carried_by == Carrier.OWN
            and row.due is not None
            and band_of(row.due, one.day) in bands
        )
    label = LABELS.get(one.figure, one.figure)
    return Compared(one.day, one.figure, label, one.value, ours, unknown, one.source, one.note)


def yardstick(until: date) -> Any | None:
    """The last count of overdue initial reports published up to a day, to compare ours with."""
    return next((one for one in published_counts() if one.day <= until and one.figure == INITIAL), None)
