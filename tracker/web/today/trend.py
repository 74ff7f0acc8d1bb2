"""The chart of due dates by year, and the overdue reports by band."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy

from tracker.obligations.models import CarriedBy, Kind
from tracker.obligations.queries.standings import Label, StandingRow, counted_by
from tracker.obligations.wording import (
    BAND_LABELS,
    STATUS_LABELS,
)
from tracker.rules.status import Band, Status


class TrendOutcome(NamedTuple):
    """The outcome of a report that fell due, and the look of its part of a bar.

    Attributes:
        pattern: the pattern that fills it; empty if the CSS class does.
    """

    status: str
    label: Label
    css: str
    pattern: str = ""


# In the order of the stack from below: neighbours differ in lightness or pattern, not only in colour.
OUTCOMES = (
    TrendOutcome(Status.ON_TIME.value, STATUS_LABELS[Status.ON_TIME], "stack-on-time"),
    TrendOutcome(Status.LATE.value, STATUS_LABELS[Status.LATE], "stack-late"),
    TrendOutcome(Status.DATE_UNKNOWN.value, STATUS_LABELS[Status.DATE_UNKNOWN], "stack-unknown", "dots"),
    TrendOutcome(Status.OVERDUE.value, gettext_lazy("not received"), "stack-overdue"),
    TrendOutcome(Status.NO_RECORD.value, STATUS_LABELS[Status.NO_RECORD], "stack-no-record", "hatch"),
)


COUNTED_OUTCOMES = frozenset(outcome.status for outcome in OUTCOMES)


BAR, PITCH, GAP = 18, 26, 4  # width of a bar, from one to the next, and before it, in pixels
FEW, ROOMY = 8, 44  # so few years are all named under their bars, which then stand so far apart
EDGE, ABOVE, BELOW = 34, 12, 26  # room for the scale at the side, above the bars, and for the years
TALL = 168  # of the highest bar


STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10**9)  # between two lines of the scale


class Piece(NamedTuple):
    """A part of a bar, in pixels from the picture's corner."""

    css: str
    pattern: str
    x: float
    y: float
    wide: float
    high: float


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
        return [{"status": one.status, "count": self.counts[one.status]} for one in OUTCOMES]


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
            {one.status: fallen.get(year, Counter())[one.status] for one in OUTCOMES},
            min(day, date(year, 12, 31)),
        )
        for year in range(min(fallen), max(fallen) + 1)
    ]


@dataclass(frozen=True)
class Chart:
    """Stacked bars, one for each year, with a scale."""

    wide: int
    high: int
    pieces: list[Piece]
    scale: list[tuple[float, int]]  # height of a line, and what it counts
    years: list[tuple[float, int]]  # middle of a bar, and its year

    @property
    def ground(self) -> int:
        """The positions of the bars."""
        return ABOVE + TALL

    @property
    def edge(self) -> int:
        """Where the lines of the scale begin."""
        return EDGE


def chart_of(years: Sequence[Year]) -> Chart:
    """The bars of these years: the height is the number of reports that fell due, in the order of the outcomes."""
    most = max((year.total for year in years), default=0) or 1
    step = next(step for step in STEPS if most / step <= 5)
    unit = TALL / most
    pitch = ROOMY if len(years) <= FEW else PITCH
    pieces = []
    for at, year in enumerate(years):
        top = float(ABOVE + TALL)
        for one in OUTCOMES:
            if high := year.counts[one.status] * unit:
                top -= high
                x = EDGE + at * pitch + GAP
                pieces.append(Piece(one.css, one.pattern, x, round(top, 1), BAR, round(high, 1)))
    return Chart(
        EDGE + len(years) * pitch + GAP,
        ABOVE + TALL + BELOW,
        pieces,
        [(round(ABOVE + TALL - n * unit, 1), n) for n in range(0, most + 1, step)],
        [
            (EDGE + at * pitch + GAP + BAR // 2, year.year)
            for at, year in enumerate(years)
            if len(years) <= FEW or year.year % 5 == 0
        ],
    )


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
