"""The days on which reminders about a due date are sent, and which stage is the newest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from tracker.rules.dates import add_months, nth_day_after, whole_months


@dataclass(frozen=True, slots=True)
class Offset:
    """A stage: months and days from the due date; negative is before it.

    Attributes:
        repeats: the number of months after which it is repeated, again and again; 0 for once.
    """

    months: int
    days: int = 0
    repeats: int = 0

    def day(self, due_on: date, occurrence: int = 0) -> date:
        """The day of an occurrence of the stage, counted from the due date itself."""
        return nth_day_after(add_months(due_on, self.months + self.repeats * occurrence), self.days)

    def latest(self, due_on: date, day: date) -> int | None:
        """The newest occurrence up to a day, or None."""
        first = self.day(due_on)
        if first > day:
            return None
        if not self.repeats:
            return 0
        occurrence = whole_months(first, day) // self.repeats
        # A clipped end of a month can make the estimate wrong by one in either direction.
        while self.day(due_on, occurrence + 1) <= day:
            occurrence += 1
        while self.day(due_on, occurrence) > day:
            occurrence -= 1
        return occurrence


@dataclass(frozen=True, slots=True)
class Stage:
    """The stage that an obligation has reached: offset, occurrence and day."""

    key: int
    occurrence: int
    day: date


def newest_stage(due_on: date, offsets: Iterable[tuple[int, Offset]], day: date) -> Stage | None:
    """The newest stage up to a day, which replaces all earlier ones; None if there is none.

    Args:
        offsets: the stages, each with a key chosen by the caller.
    """
    newest: Stage | None = None
    for key, offset in offsets:
        occurrence = offset.latest(due_on, day)
        if occurrence is None:
            continue
        stage = Stage(key, occurrence, offset.day(due_on, occurrence))
        if newest is None or (stage.day, stage.key) > (newest.day, newest.key):
            newest = stage
    return newest


@dataclass(frozen=True)
class Window:
    """When mail is sent: on working days, within certain hours.

    Attributes:
        days: working days of the week, 0 for Monday.
        days_of: working days by State, for the contacts of States with another week.
        hours: first hour, and the hour at which sending ends, in the time zone of the times passed in.
    """

    days: frozenset[int]
    days_of: Mapping[str, frozenset[int]] = field(default_factory=dict)
    hours: tuple[int, int] = (0, 24)

    def is_open(self, at: datetime) -> bool:
        """Whether mail is sent at this hour."""
        return self.hours[0] <= at.hour < self.hours[1]

    def is_working_day(self, day: date, state: str = "") -> bool:
        """Whether mail is sent on a day to a State's contacts; without a State, to everybody else."""
        return day.weekday() in self.days_of.get(state, self.days)

    def exceptions(self, day: date) -> frozenset[str]:
        """The States whose working days differ from the usual ones on a day."""
        usual = self.is_working_day(day)
        return frozenset(one for one in self.days_of if self.is_working_day(day, one) != usual)


def in_months(months: int) -> tuple[int, str]:
    """An offset as number and unit ("month" or "year"), without its sign: 3 months, 2 years."""
    months = abs(months)
    return (months // 12, "year") if months >= 24 and months % 12 == 0 else (months, "month")
