"""How long reports waited: the median and the quartiles of their days. Pure: from numbers alone."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

FEWEST = 4  # values of which quartiles say something


@dataclass(frozen=True)
class WaitingTimes:
    """The spread of some numbers of days, in whole days; halves are rounded up.

    Attributes:
        number: how many there are.
        median: half of them are at most so long; of an even number the mean of the two in the middle. None for none.
        lower, upper: a quarter is at most as long as the lower one, a quarter at least as long as the upper one; None
            for fewer than four.
    """

    number: int
    median: int | None = None
    lower: int | None = None
    upper: int | None = None


def waiting_times(days: Iterable[int]) -> WaitingTimes:
    """The median and the quartiles of some numbers of days."""
    sorted_days = sorted(days)
    number = len(sorted_days)
    if not number:
        return WaitingTimes(0)
    median = _rounded(statistics.median(sorted_days))
    if number < FEWEST:
        return WaitingTimes(number, median)
    lower, _middle, upper = statistics.quantiles(sorted_days, n=4, method="inclusive")
    return WaitingTimes(number, median, _rounded(lower), _rounded(upper))


def _rounded(days: float) -> int:
    return math.floor(days + 0.5)
