"""The forecast of the queue from the recorded facts: what it assumes, and how far it was off in the past.

The method is that of `rules/queue.py`. What it assumes is measured from what was known on the day of the forecast.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from statistics import median
from typing import Any

from tracker.consideration.queue import Waiting, WaitingState, considerations, waiting_on
from tracker.obligations.models import CommitteeSession, SessionKind, SessionStatus, Submission
from tracker.rules.dates import add_years
from tracker.rules.queue import (
    DAYS_OF_A_MONTH,
    Assumptions,
    Forecast,
    Outlook,
    QueuedState,
    SessionAhead,
    sessions_ahead,
)

# The Committee counted the reports that waited at the opening of session 80. Since then as many are supposed to have
# come each year as it considered in 2019; no count of all receipts is recorded.
COUNTED_ON, COUNTED, RECEIVED_A_YEAR = date(2019, 1, 14), 41, 21
REPLAYED = Path(__file__).with_name("replayed.json")
REPLAYED_DAYS = (date(2019, 12, 31), date(2021, 12, 31), date(2023, 12, 31))
SESSIONS_A_YEAR = 3  # the Committee's practice
SESSIONS_MEASURED = 9  # the last ones held: three years as a rule
YEARS_MEASURED = 5
FEWEST_WAITS = 10  # fewer say nothing of the spread
# Chosen by the forecasts of the end of 2019 and of 2021; see docs/forecast.md.
UNSURE = 70
SESSION_DAYS = 35  # the longest session; a State is considered on any day of it


@dataclass(frozen=True)
class Measured:
    """The default assumptions of a forecast, and what they were measured from.

    Attributes:
        sessions: the number of sessions held that were measured.
        last_session: the last day of the newest session held; None if none is recorded.
        waits: the number of waits from receipt to consideration that were measured.
    """

    assumed: Assumptions
    sessions: int
    last_session: date | None
    waits: int


def sessions_on(day: date) -> list[CommitteeSession]:
    """The sessions of the Committee, by their day; one query."""
    return sorted(CommitteeSession.objects.filter(kind=SessionKind.SESSION), key=lambda one: one.day)


def measured(
    day: date,
    sessions: Iterable[CommitteeSession],
    considered: Mapping[str, Sequence[date]],
    waiting: Waiting,
) -> Measured:
    """What a forecast of a day assumes, measured from what was known on it; one query.

    Args:
        sessions: those of `sessions_on`.
        considered: the `considerations` until the day.
    """
    usual = Assumptions()
    held = [one for one in sessions if one.status_by(day) == SessionStatus.HELD and one.last_day <= day]
    last = held[-SESSIONS_MEASURED:]
    dialogues = [one.dialogues for one in last if one.dialogues]
    waits = _waits(day, considered)
    spread, least = usual.spread_months, usual.least_months
    if len(waits) >= FEWEST_WAITS:
        spread, least = _spread(waits), int(sorted(months for _on, months in waits)[len(waits) // 20])
    return Measured(
        Assumptions(
            sessions=SESSIONS_A_YEAR,
            slots=round(median(dialogues)) if dialogues else usual.slots,
            lost=_lost(last),
            unsure=UNSURE,
            least_months=least,
            spread_months=spread,
            others=max(0, _all_waiting(day, held) - len(as_queue(waiting.states))),
            arrivals=RECEIVED_A_YEAR,
        ),
        len(last),
        held[-1].last_day if held else None,
        len(waits),
    )


def _all_waiting(day: date, held: Sequence[CommitteeSession]) -> int:
    """The reports that wait, recorded here or not: the Committee's count, with those received and considered since.

    Counted to the newest session recorded, because what was considered after it is not known.
    """
    if day < COUNTED_ON:
        return 0
    since = [one for one in held if one.day >= COUNTED_ON]
    if not since:
        return COUNTED
    received = RECEIVED_A_YEAR * (since[-1].last_day - COUNTED_ON).days / 365.25
    return COUNTED + round(received) - sum(one.dialogues or 0 for one in since)


def _lost(held: Sequence[CommitteeSession]) -> int:
    """Of a hundred sessions that the practice would have given in the time of some, how many were not held."""
    if len(held) < SESSIONS_MEASURED:
        return 0
    usual = 12 / SESSIONS_A_YEAR
    expected = 1 + round((held[-1].day - held[0].day).days / DAYS_OF_A_MONTH / usual)
    return max(0, round(100 * (1 - len(held) / expected)))


def _waits(day: date, considered: Mapping[str, Sequence[date]]) -> list[tuple[date, float]]:
    """The waits that ended in the last years: the day of the consideration, and the months since the receipt.

    The reports of a State considered together are one wait, from the first receipt.
    """
    received: dict[str, list[date]] = defaultdict(list)
    receipts: Any = Submission.objects.filter(received_on__lte=day, revises=None)
    for state, on in receipts.values_list("state", "received_on"):
        received[state].append(on)
    begin = add_years(day, -YEARS_MEASURED)
    found = []
    for state, days in considered.items():
        before = date.min
        for on in days:
            waited = [one for one in received[state] if before < one <= on]
            if waited and on > begin:
                found.append((on, (on - min(waited)).days / DAYS_OF_A_MONTH))
            before = on
    return found


def _spread(waits: Iterable[tuple[date, float]]) -> int:
    """The standard deviation, in months, of the waits that ended in one year; estimated from their median deviation."""
    by_year: dict[int, list[float]] = defaultdict(list)
    for on, months in waits:
        by_year[on.year].append(months)
    apart = [abs(one - median(ones)) for ones in by_year.values() for one in ones]
    return max(1, round(1.4826 * median(apart)))


def as_queue(waiting: Iterable[WaitingState]) -> tuple[QueuedState, ...]:
    """The States that wait, as the rules take them.

    Without those of which the day of receipt is not recorded, unless they are on a session.
    """
    return tuple(
        QueuedState(one.state.pk, one.since, str(one.session.number) if one.session else None)
        for one in waiting
        if one.has_receipt or one.session
    )


def recorded_ahead(
    day: date, sessions: Iterable[CommitteeSession], slots: int, agenda: Collection[int] = ()
) -> list[SessionAhead]:
    """The sessions that were planned on a day, and those that had begun.

    Since when a session was planned is not recorded. One held, moved or cancelled since then counts if it was to begin
    within a year of the day, and how many States it considered was not known.

    Args:
        slots: of a session of which the number of dialogues is not known.
        agenda: the numbers of the sessions on which States that wait are; one that has begun takes no others.
    """
    found = []
    for one in sessions:
        status = one.status_by(day)
        later = status != one.status  # what became of it was not known
        on = one.moved_from if later and one.moved_from else one.day
        if on <= day < one.last_day and one.number in agenda and status == SessionStatus.PLANNED:
            found.append(SessionAhead(str(one.number), day + timedelta(1), 1, recorded=True))
        elif on > day and status != SessionStatus.CANCELLED and not (later and on > add_years(day, 1)):
            known = None if later else one.dialogues
            found.append(SessionAhead(str(one.number), on, known or slots, recorded=True))
    return found


@lru_cache(maxsize=2)
def _forecast(day: date, queue: tuple[QueuedState, ...], assumed: Assumptions) -> Forecast:
    return Forecast(day, queue, assumed)


@lru_cache(maxsize=32)
def outlooks(
    day: date,
    queue: tuple[QueuedState, ...],
    assumed: Assumptions,
    sessions: tuple[SessionAhead, ...],
    arrive: int = 0,
) -> dict[str, Outlook]:
    """As `Forecast.outlooks`; the same question is answered once by a process."""
    return _forecast(day, queue, assumed).outlooks(sessions, arrive=arrive)


# --- how far it was off ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Replayed:
    """A forecast from what was known on an earlier day, compared with what followed.

    Attributes:
        states: the number of States that waited.
        errors: of those considered since, by how many months they were later than the likely session.
        inside: how many of these were considered within the range.
        waiting: the number of States not known to have been considered since.
        passed: how many of these should have been by the end of their range.
    """

    day: date
    assumed: Assumptions
    states: int
    errors: tuple[float, ...]
    inside: int
    waiting: int
    passed: int

    @property
    def median_error(self) -> float | None:
        """The median absolute error in months."""
        return round(median(abs(one) for one in self.errors), 1) if self.errors else None

    @property
    def bias(self) -> float | None:
        """The median error in months; positive if the Committee was later than the forecast."""
        return round(median(self.errors), 1) if self.errors else None


def replay(day: date, until: date, runs: int = 1000) -> Replayed:
    """Forecasts from what was known on a day, and compares with the considerations up to a later one.

    No session after the day is known: the regular pattern stands for all.
    """
    before = considerations(until=day)
    waiting = waiting_on(day)
    assumed = replace(measured(day, sessions_on(day), before, waiting).assumed, runs=runs)
    queue = [replace(one, session=None) for one in as_queue(waiting.states)]
    outlooks = Forecast(day, queue, assumed).outlooks(sessions_ahead(day, (), assumed))
    actual = considerations(until=until)
    errors, inside, still, passed = [], 0, 0, 0
    for state, one in outlooks.items():
        early, likely, late = (
            x.on if x else add_years(day, assumed.years) for x in (one.early, one.likely, one.late)
        )
        on = next((on for on in actual.get(state, ()) if on > day), None)
        end = late + timedelta(SESSION_DAYS)
        if on is None:
            still += 1
            passed += end < until
        else:
            errors.append((on - likely).days / DAYS_OF_A_MONTH)
            inside += early <= on <= end
    return Replayed(day, assumed, len(outlooks), tuple(errors), inside, still, passed)


@cache
def replayed() -> tuple[dict[str, Any], ...]:
    """The replays that were made of the shipped data, as `python -m bench.queue --write` wrote them."""
    rows = json.loads(REPLAYED.read_text(encoding="utf-8"))
    return tuple(row | {"day": date.fromisoformat(row["day"])} for row in rows)
