"""On which days we write about a due date, and which stage overtakes which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from tracker.rules.dates import add_months, nth_day_after, whole_months


@dataclass(frozen=True, slots=True)
class Offset:
    """A stage: so many months and days from the due date; negative is before it.

    Attributes:
        repeats: write again every so many months after that; 0 = once.
    """

    months: int
    days: int = 0
    repeats: int = 0

    def day(self, due_on: date, occurrence: int = 0) -> date:
        """The day of the stage (of one of its occurrences), counted from the due date itself."""
        return nth_day_after(add_months(due_on, self.months + self.repeats * occurrence), self.days)

    def latest(self, due_on: date, day: date) -> int | None:
        """The newest occurrence that has come by a day, or None if none has."""
        first = self.day(due_on)
        if first > day:
            return None
        if not self.repeats:
            return 0
        occurrence = whole_months(first, day) // self.repeats
        # A clipped month's end can put the estimate one off in either direction.
        while self.day(due_on, occurrence + 1) <= day:
            occurrence += 1
        while self.day(due_on, occurrence) > day:
            occurrence -= 1
        return occurrence


@dataclass(frozen=True, slots=True)
class Stage:
    """The stage that an obligation has reached: which offset, which occurrence, on which day."""

    key: int
    occurrence: int
    day: date


def newest_stage(due_on: date, offsets: Iterable[tuple[int, Offset]], day: date) -> Stage | None:
    """The stage that has come last by a day: it overtakes all before it. None if none has come.

    Args:
        offsets: the stages, each with a key of the caller's.
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
    """When mail is sent: on working days, within hours of the day.

    Attributes:
        days: days of the week, 0 for Monday, for everybody who has no other week.
        days_of: by State, for the contacts of those with another week.
        hours: from the first until before the second, in the zone of the times that are asked about.
    """

    days: frozenset[int]
    days_of: Mapping[str, frozenset[int]] = field(default_factory=dict)
    hours: tuple[int, int] = (0, 24)

    def is_open(self, at: datetime) -> bool:
        """Whether the hour is one of those in which mail is sent."""
        return self.hours[0] <= at.hour < self.hours[1]

    def is_working_day(self, day: date, state: str = "") -> bool:
        """Whether a State's contacts, or without one everybody else, are written to on a day."""
        return day.weekday() in self.days_of.get(state, self.days)

    def exceptions(self, day: date) -> frozenset[str]:
        """The States for whose contacts a day is what it is not for everybody else: working, or free."""
        usual = self.is_working_day(day)
        return frozenset(one for one in self.days_of if self.is_working_day(day, one) != usual)


def in_months(months: int) -> tuple[int, str]:
    """An offset as people say it: 3 months, 2 years. The unit is "month" or "year"; the sign is dropped."""
    months = abs(months)
    return (months // 12, "year") if months >= 24 and months % 12 == 0 else (months, "month")
