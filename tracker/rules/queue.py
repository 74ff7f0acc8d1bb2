"""The session in which each State that waits is likely to be considered. Pure: from days, numbers and a seed alone.

A run gives every report a place in the order: its day of receipt, moved by a random number of days, because the
Committee does not keep strictly to the order of receipt. Each session takes the first reports of that order that were
received long enough before it. Many runs give the likely session and its range.

A report's random numbers depend on the seed, the report and the run alone. So two forecasts differ by what was changed
between them and by nothing else, and a session less, or a report more, never brings anyone forward in any run.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from heapq import heapify, heappop, heappush
from math import exp
from random import Random

from tracker.rules.dates import add_months, add_years

DAYS_OF_A_MONTH = 30.44
FARTHEST = 8  # standard deviations by which two reports may change places; more does not occur
EARLY, LATE = 0.1, 0.9  # one run in ten is earlier than the early session, one in ten later than the late one


@dataclass(frozen=True)
class SessionAhead:
    """A session that has not begun.

    Attributes:
        key: names it in a question; the number of a recorded session, year and month of another.
        slots: how many States it can consider; 0 if it is cancelled.
        recorded: False if it is only expected.
    """

    key: str
    on: date
    slots: int
    recorded: bool = False


@dataclass(frozen=True)
class QueuedState:
    """A State with reports that wait; they are considered together.

    Attributes:
        since: the receipt of the first report.
        session: key of the session on whose agenda the State is; None if it is on none.
    """

    key: str
    since: date
    session: str | None = None


@dataclass(frozen=True)
class Assumptions:
    """What a forecast assumes.

    Attributes:
        sessions: sessions in a year, beyond those recorded.
        slots: States considered in a session.
        lost: of a hundred sessions, how many are not held.
        unsure: by how many per cent the Committee may be faster or slower in all sessions that are not recorded: the
            standard deviation of the logarithm of its pace.
        least_months: from the receipt of a report to the session.
        spread_months: standard deviation of a report's place from the order of receipt.
        others: reports that wait and are not recorded here.
        arrivals: reports received in a year to come.
        runs: how many times the queue is drawn.
        years: how far it is drawn.
    """

    sessions: int = 3
    slots: int = 7
    lost: int = 0
    unsure: int = 0
    least_months: int = 12
    spread_months: int = 6
    others: int = 0
    arrivals: int = 20
    runs: int = 300
    years: int = 20
    seed: int = 12


@dataclass(frozen=True)
class Outlook:
    """When a State is likely to be considered; a session is None if it lies beyond the years of the forecast."""

    early: SessionAhead | None
    likely: SessionAhead | None
    late: SessionAhead | None


def sessions_ahead(
    day: date, recorded: Iterable[SessionAhead], assumed: Assumptions
) -> tuple[SessionAhead, ...]:
    """The sessions after a day, in order: those recorded, and after the last of them a regular pattern.

    The pattern spreads the sessions of a year evenly, the first in the middle of January.
    """
    known = sorted((one for one in recorded if one.on > day), key=lambda one: one.on)
    # A session follows the last recorded one after a usual interval, not a few days later.
    months = 12 // assumed.sessions
    begin = add_months(known[-1].on, months - 1) if known else day
    end = add_years(day, assumed.years)
    expected = [
        SessionAhead(f"{on:%Y-%m}", on, assumed.slots)
        for year in range(begin.year, end.year + 1)
        for at in range(assumed.sessions)
        if begin < (on := date(year, 1 + 12 * at // assumed.sessions, 15)) <= end
    ]
    return (*known, *expected)


def changed(
    sessions: Sequence[SessionAhead], *, cancel: str = "", longer: str = "", more: int = 0
) -> tuple[SessionAhead, ...]:
    """The sessions with one cancelled, and one that considers more States."""
    slots = {one.key: 0 if one.key == cancel else one.slots + more * (one.key == longer) for one in sessions}
    return tuple(replace(one, slots=slots[one.key]) for one in sessions)


def place(entries: Iterable[tuple[int, float, int]], slots: Sequence[int], states: int) -> list[int]:
    """One run: each session takes the first of those that are ready.

    Args:
        entries: for each report the first session for which it is ready, its place in the order, and the number of
            its State; -1 for a report of which the session is not asked.
        slots: how many each session takes.
        states: the number of States, which are numbered from 0.

    Returns:
        the session of each State; `len(slots)` if it is in none.
    """
    joins: list[list[tuple[float, int]]] = [[] for _ in range(len(slots) + 1)]
    left = 0
    for ready, order, state in entries:
        joins[ready].append((order, state))
        left += state >= 0
    found = [len(slots)] * states
    waiting: list[tuple[float, int]] = []
    for at, number in enumerate(slots):
        if not left:
            break
        if waiting:
            for one in joins[at]:
                heappush(waiting, one)
        else:
            waiting = joins[at]
            heapify(waiting)
        for _ in range(min(number, len(waiting))):
            _order, state = heappop(waiting)
            if state >= 0:
                found[state] = at
                left -= 1
    return found


class Forecast:
    """Forecasts of one day that can be compared: their random numbers are drawn once."""

    def __init__(self, day: date, waiting: Sequence[QueuedState], assumed: Assumptions) -> None:
        self.day, self.waiting, self.assumed = day, waiting, assumed
        self._drawn: dict[str, list[float]] = {}

    def outlooks(self, sessions: Sequence[SessionAhead], *, arrive: int = 0) -> dict[str, Outlook]:
        """The outlook of each State that waits, by its key.

        Args:
            arrive: overdue reports received on the day, in addition to the assumed arrivals.
        """
        runs = self.placed(sessions, arrive=arrive)
        at_last: tuple[SessionAhead | None, ...] = (*sessions, None)
        found = {}
        for state, places in zip(self.waiting, zip(*runs, strict=True), strict=True):
            ones = sorted(places)
            early, likely, late = (ones[round(share * (len(ones) - 1))] for share in (EARLY, 0.5, LATE))
            found[state.key] = Outlook(at_last[early], at_last[likely], at_last[late])
        return found

    def placed(self, sessions: Sequence[SessionAhead], *, arrive: int = 0) -> list[list[int]]:
        """The session of each State in each run, by its place in the sequence; `len(sessions)` if it is in none."""
        places = {one.key: at for at, one in enumerate(sessions)}
        agenda = [places.get(one.session or "", -1) for one in self.waiting]
        lost = [self._draws(f"session {one.key}", Random.random) for one in sessions]
        rounded = [self._draws(f"slots {one.key}", Random.random) for one in sessions]
        paces = [exp(self.assumed.unsure / 100 * one) for one in self._draws("pace", _normal)]
        queue = [(one.key, one.since) for one in self.waiting]
        queue += [*self._others(), *((f"overdue {at}", self.day) for at in range(arrive)), *self._arrivals()]
        days, spread = [one.on for one in sessions], self.assumed.spread_months * DAYS_OF_A_MONTH
        reports = [
            (
                bisect_left(days, add_months(on, self.assumed.least_months)),
                on.toordinal(),
                self._draws(f"report {name}", _normal),
                at if at < len(agenda) else -1,
            )
            for at, (name, on) in enumerate(queue)
        ]
        found = []
        for run in range(self.assumed.runs):
            slots = [
                0
                if draws[run] * 100 < self.assumed.lost
                else one.slots
                if one.recorded
                else int(one.slots * paces[run] + part[run])
                for one, draws, part in zip(sessions, lost, rounded, strict=True)
            ]
            entries = [(ready, order + spread * draws[run], state) for ready, order, draws, state in reports]
            found.append(_place_with_agenda(entries, slots, agenda))
        return found

    def _others(self) -> list[tuple[str, date]]:
        """The reports that are not recorded here: received evenly since the first of those that are."""
        first = min((one.since for one in self.waiting), default=self.day)
        step = (self.day - first) / (self.assumed.others or 1)
        return [(f"other {at}", first + step * (at + 0.5)) for at in range(self.assumed.others)]

    def _arrivals(self) -> list[tuple[str, date]]:
        """The reports to come, received evenly; without those received too late to come before any that waits here."""
        number = self.assumed.arrivals * self.assumed.years
        every = [
            (f"arrival {at}", self.day + timedelta(365.25 * (at + 0.5) / self.assumed.arrivals))
            for at in range(number)
        ]
        newest = max((one.since for one in self.waiting), default=self.day)
        last = newest + timedelta(FARTHEST * self.assumed.spread_months * DAYS_OF_A_MONTH)
        return [(name, on) for name, on in every if on <= last]

    def _draws(self, name: str, draw: Callable[[Random], float]) -> list[float]:
        """A random number for each run, always the same for a name."""
        if name not in self._drawn:
            random = Random(f"{self.assumed.seed} {name}")  # noqa: S311 - a forecast, no secret  # nosec B311
            self._drawn[name] = [draw(random) for _ in range(self.assumed.runs)]
        return self._drawn[name]


def _normal(random: Random) -> float:
    return random.gauss(0.0, 1.0)


def _place_with_agenda(
    entries: list[tuple[int, float, int]], slots: list[int], agenda: Sequence[int]
) -> list[int]:
    """As `place`, but States on the agenda of a session that is held are considered there.

    Taken off a session that is not held, a State waits again, and is not considered before it.

    Args:
        entries: the States first, by their number.
        agenda: for each State the place of its session; -1 if it is on none.
    """
    fixed: dict[int, int] = {}
    free = [*slots]
    for state, at in enumerate(agenda):
        if at >= 0 and slots[at]:
            fixed[state] = at
            free[at] = max(0, free[at] - 1)
        elif at >= 0:
            ready, order, _state = entries[state]
            entries[state] = (max(ready, at + 1), order, state)
    if fixed:
        entries = [one for one in entries if one[2] not in fixed]
    found = place(entries, free, len(agenda))
    for state, at in fixed.items():
        found[state] = at
    return found
