"""Where a picture shows a day or a number, in pixels from its upper corner. Every picture with an axis uses these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

DAYS_OF_A_YEAR = 365.2425
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10**9)  # between two lines of a scale


@dataclass(frozen=True)
class Years:
    """A horizontal line of years.

    Attributes:
        first: the year with which it begins.
        last: the year with whose first day it ends.
        edge: where it begins.
        wide: the width of a year.
    """

    first: int
    last: int
    edge: float
    wide: float

    @classmethod
    def around(cls, days: Iterable[date], *, edge: float, wide: float) -> Years:
        """The whole years in which some days lie."""
        years = {day.year for day in days}
        return cls(min(years), max(years) + 1, edge, wide)

    def at(self, day: date) -> float:
        """The place of a day."""
        return round(self.edge + years_between(date(self.first, 1, 1), day) * self.wide, 1)

    @property
    def ticks(self) -> list[float]:
        """The first day of each year, and the end."""
        return [self.at(date(year, 1, 1)) for year in range(self.first, self.last + 1)]

    @property
    def named(self) -> list[tuple[float, int]]:
        """Every fifth year, with the place of its first day."""
        return [
            (self.at(date(year, 1, 1)), year) for year in range(self.first, self.last + 1) if year % 5 == 0
        ]

    @property
    def end(self) -> float:
        """Where the line ends."""
        return self.ticks[-1]


@dataclass(frozen=True)
class Heights:
    """A vertical scale of numbers from 0 up.

    Attributes:
        most: the highest number.
        above: where that is.
        tall: how far below it 0 is.
    """

    most: float
    above: float
    tall: float

    @property
    def ground(self) -> float:
        """The place of 0."""
        return self.above + self.tall

    def at(self, number: float) -> float:
        """The place of a number."""
        return round(self.ground - number * self.tall / (self.most or 1), 1)

    @property
    def lines(self) -> list[tuple[float, int]]:
        """A few round numbers with their places; at most six."""
        most = self.most or 1
        step = next(step for step in STEPS if most / step <= 5)
        return [(self.at(number), number) for number in range(0, int(most) + 1, step)]


def years_between(start: date, end: date) -> float:
    """The time between two days in mean years; negative if the second is the earlier."""
    return (end - start).days / DAYS_OF_A_YEAR
