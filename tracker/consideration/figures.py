"""The figures of the annual report: reports received, considered and waiting, and how long they waited."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from tracker.consideration.queue import dialogues_held, original_of, waiting_on
from tracker.obligations.models import Precision, report_label
from tracker.obligations.queries.received import received_by
from tracker.obligations.queries.standings import CARRIED, INITIAL, OWN_PERIODIC, series_of
from tracker.registry.models import Region
from tracker.rules.waiting_times import WaitingTimes, waiting_times

SERIES = (INITIAL, OWN_PERIODIC, CARRIED)
NO_REGION = ""


class Consideration(StrEnum):
    """Whether the Committee has considered a report."""

    CONSIDERED = "considered"
    WAITING = "waiting"
    NOT_RECORDED = "not recorded"
    WITHDRAWN = "withdrawn"


class ConsideredBy(StrEnum):
    """What the day of consideration is: that of the dialogue, or else the first day by which it had taken place."""

    DIALOGUE = "dialogue"  # recorded with the report or on the agenda of a session
    MONTH = "month"  # the last day of the month of the dialogue
    OBSERVATIONS = "observations"  # the day of the concluding observations
    SESSION = "session"  # the last day of the session on whose agenda the dialogue was


class CountedReport(NamedTuple):
    """A report as it is counted on a day. Revisions are none of their own.

    Attributes:
        name: of the State, in English.
        series: initial, own periodic, or carried by a report under the CRC.
        received: None if only a later source mentions the report.
        considered: None if no consideration is recorded.
        by: what the day of consideration is.
    """

    pk: int
    state_id: str
    name: str
    region: str
    series: str
    label: str
    symbol: str
    received: date | None
    considered: date | None
    by: ConsideredBy | None
    status: Consideration

    @property
    def days(self) -> int | None:
        """From receipt to consideration; None if one of the days is not known, or they contradict each other."""
        if self.received is None or self.considered is None or self.considered < self.received:
            return None
        return (self.considered - self.received).days


def counted_reports(day: date, *, today: date) -> list[CountedReport]:
    """Every report known on a day, in the order of receipt; in four queries.

    Args:
        today: see `received_by`.
    """
    rows = list(
        received_by(day, today=today).order_by("known", "state_id", "pk").values_list(*_COLUMNS, named=True)
    )
    revises = {row.pk: row.revises_id for row in rows}
    held: dict[int, dict[ConsideredBy, date]] = defaultdict(dict)
    for item in dialogues_held(day).filter(submission__isnull=False):
        kind = ConsideredBy.DIALOGUE if item.held_on else ConsideredBy.SESSION
        days = held[original_of(item.submission_id, revises)]
        days[kind] = min(item.on, days.get(kind, item.on))
    for row in rows:
        if row.reviewed_on and row.reviewed_on <= day:
            month = row.review_precision == Precision.MONTH
            kind = ConsideredBy.MONTH if month else ConsideredBy.DIALOGUE
            if row.revises_id is None:
                held[row.pk][kind] = row.reviewed_on
            else:
                held[original_of(row.pk, revises)].setdefault(kind, row.reviewed_on)
    waiting = {
        original_of(report.pk, revises)
        for state in waiting_on(day, today=today).states
        for report in state.reports
    }
    found = []
    for row in rows:
        if row.revises_id is not None:
            continue
        days = held[row.pk]
        if row.observed_on:
            days[ConsideredBy.OBSERVATIONS] = row.observed_on
        by = _best(days)
        considered = days[by] if by else None
        found.append(
            CountedReport(
                row.pk,
                row.state_id,
                row.state__name,
                row.state__region,
                series_of(row.kind, row.carried_by),
                report_label(row.kind, row.first_cycle, row.carried_by, last_cycle=row.last_cycle),
                row.symbol,
                row.received_on,
                considered,
                by,
                _status(considered, row.withdrawn, waits=row.pk in waiting),
            )
        )
    return found


_COLUMNS = (
    *("pk", "state_id", "state__name", "state__region", "kind", "carried_by", "first_cycle", "last_cycle"),
    *("symbol", "received_on", "reviewed_on", "observed_on", "review_precision", "withdrawn", "revises_id"),
)


def _best(days: Mapping[ConsideredBy, date]) -> ConsideredBy | None:
    """Which of the days known counts: that of the dialogue, or else the earliest; it does not change later."""
    if ConsideredBy.DIALOGUE in days:
        return ConsideredBy.DIALOGUE
    return min(days, key=lambda one: (days[one], one), default=None)


def _status(considered: date | None, withdrawn: date | None, *, waits: bool) -> Consideration:
    if considered is not None:
        return Consideration.CONSIDERED
    if waits:  # also one that was withdrawn after its revision was received
        return Consideration.WAITING
    return Consideration.NOT_RECORDED if withdrawn is None else Consideration.WITHDRAWN


@dataclass(frozen=True)
class FigureRow:
    """The figures of some reports in a time.

    Attributes:
        key: the series or the regional group; empty for those of no group, and for all.
        waiting, not_recorded: on the day itself, whatever the time.
        times: of the reports considered in the time.
    """

    key: str
    received: int
    considered: int
    waiting: int
    not_recorded: int
    times: WaitingTimes


@dataclass(frozen=True)
class FigureTable:
    """The figures of a time by series and regional group.

    Attributes:
        since: its first day; None: since the beginning.
        by_region: the groups that have a report on the day; last those of no group.
    """

    since: date | None
    until: date
    by_series: list[FigureRow]
    by_region: list[FigureRow]
    all: FigureRow


def figure_table(reports: Sequence[CountedReport], since: date | None, until: date) -> FigureTable:
    """The figures of the days from one to another; without the first since the beginning.

    A report of which the day of receipt is not known counts as received since the beginning alone.
    """

    def row(key: str, some: Sequence[CountedReport]) -> FigureRow:
        considered = [one for one in some if _within(one.considered, since, until)]
        return FigureRow(
            key,
            sum(since is None or _within(one.received, since, until) for one in some),
            len(considered),
            sum(one.status == Consideration.WAITING for one in some),
            sum(one.status == Consideration.NOT_RECORDED for one in some),
            times_of(considered),
        )

    def rows(keys: Iterable[str], key_of: Callable[[CountedReport], str]) -> list[FigureRow]:
        groups = ((key, [one for one in reports if key_of(one) == key]) for key in keys)
        return [row(key, some) for key, some in groups if some]

    return FigureTable(
        since,
        until,
        rows(SERIES, lambda one: one.series),
        rows((*Region.values, NO_REGION), lambda one: one.region),
        row("", reports),
    )


def times_of(reports: Iterable[CountedReport]) -> WaitingTimes:
    """The times from receipt to consideration of the reports that have one."""
    return waiting_times(one.days for one in reports if one.days is not None)


def first_of_the_month(report: CountedReport) -> CountedReport:
    """The report as if its dialogue had been on the first day of the month, where the month alone is known."""
    if report.considered is None or report.by != ConsideredBy.MONTH:
        return report
    first = report.considered.replace(day=1)
    return report._replace(considered=max(first, report.received or first))


def times_by_year(reports: Iterable[CountedReport]) -> list[tuple[int, WaitingTimes]]:
    """The times from receipt to consideration by year of consideration, from the first year to the last."""
    by_year: dict[int, list[CountedReport]] = {}
    for one in reports:
        if one.days is not None and one.considered is not None:
            by_year.setdefault(one.considered.year, []).append(one)
    if not by_year:
        return []
    return [(year, times_of(by_year.get(year, ()))) for year in range(min(by_year), max(by_year) + 1)]


def _within(day: date | None, since: date | None, until: date) -> bool:
    return day is not None and (since is None or day >= since) and day <= until
