"""What became of the reports that fell due, by year, and the overdue reports by band."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy

from tracker.obligations.models import CarriedBy, Kind
from tracker.obligations.queries.standings import StandingRow, counted_by
from tracker.obligations.wording import BAND_LABELS, STATUS_LABELS
from tracker.rules.status import Band, Status
from tracker.web.pictures.columns import Column, Layer

# In the order of the stack from below: neighbours differ in lightness or pattern, not only in colour.
OUTCOMES = (
    Layer(Status.ON_TIME.value, STATUS_LABELS[Status.ON_TIME], "stack-on-time"),
    Layer(Status.LATE.value, STATUS_LABELS[Status.LATE], "stack-late"),
    Layer(Status.DATE_UNKNOWN.value, STATUS_LABELS[Status.DATE_UNKNOWN], "stack-unknown", "dots"),
    Layer(Status.OVERDUE.value, gettext_lazy("not received"), "stack-overdue"),
    Layer(Status.NO_RECORD.value, STATUS_LABELS[Status.NO_RECORD], "stack-no-record", "hatch"),
)


COUNTED_OUTCOMES = frozenset(layer.key for layer in OUTCOMES)


@dataclass(frozen=True)
class Year:
    """The reports that fell due in a year, by outcome.

    Attributes:
        until: the last day of the year that is counted: its end, or the day itself.
    """

    year: int
    counts: dict[str, int]
    until: date

    @property
    def total(self) -> int:
        """All that fell due in the year."""
        return sum(self.counts.values())

    @property
    def since(self) -> date:
        """Its first day."""
        return date(self.year, 1, 1)

    @property
    def cells(self) -> list[dict[str, Any]]:
        """The counts as a table shows them, in the order of the outcomes."""
        return [{"status": one.key, "count": self.counts[one.key]} for one in OUTCOMES]


def years_of(rows: Iterable[StandingRow], day: date) -> list[Year]:
    """Each year in which initial or periodic reports fell due up to a day, without gaps.

    Reports without a due date (to be communicated, waived), and those answered before a due date in the future, do
    not count yet.
    """
    fallen: dict[int, Counter[str]] = {}
    for row in rows:
        if row.kind == Kind.INFORMATION or row.due is None or row.due > day:
            continue
        if row.status in COUNTED_OUTCOMES:
            fallen.setdefault(row.due.year, Counter())[row.status] += row.number
    if not fallen:
        return []
    return [
        Year(
            year,
            {one.key: fallen.get(year, Counter())[one.key] for one in OUTCOMES},
            min(day, date(year, 12, 31)),
        )
        for year in range(min(fallen), max(fallen) + 1)
    ]


def columns_of(years: Iterable[Year]) -> list[Column]:
    """The years as columns: the height is the number of reports that fell due."""
    return [Column(str(one.year), one.counts, named=one.year % 5 == 0) for one in years]


def bands_of(rows: Iterable[StandingRow]) -> list[dict[str, Any]]:
    """The overdue reports under the OPSC by band: each with its count and the place where its part of the bar begins.

    Reports under the CRC are not included, because the United Nations count those under the CRC.
    """
    counted = counted_by(
        (row.band, row.number)
        for row in rows
        if row.status == Status.OVERDUE and row.kind != Kind.INFORMATION and row.carried_by == CarriedBy.OWN
    )
    found, start = [], 0
    for band in Band:
        count = counted[band.value]
        css = band.value.replace("_", "-")
        found.append(
            {"band": band.value, "label": BAND_LABELS[band], "count": count, "start": start, "css": css}
        )
        start += count
    return found
