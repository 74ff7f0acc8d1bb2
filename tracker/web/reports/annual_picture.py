"""The time from receipt to dialogue by year of the dialogue, as a picture: medians and the middle half."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import ngettext

from tracker.obligations.wording import labelled
from tracker.rules.waiting_times import WaitingTimes
from tracker.web.pictures.columns import ABOVE, BAR, BELOW, EDGE, GAP, PITCH, TALL
from tracker.web.pictures.scale import DAYS_OF_A_YEAR, Heights
from tracker.web.reports.annual import time_in_words

TITLE = 20  # pixels above the scale, for what it measures


class WaitingBox(NamedTuple):
    """A year in the picture, in pixels from its corner.

    Attributes:
        top, high: the middle half of the times; no height for fewer than four.
    """

    x: float
    wide: float
    top: float
    high: float
    median: float
    says: str


@dataclass(frozen=True)
class WaitingChart:
    """The years side by side, with a scale of years of waiting."""

    wide: int
    high: int
    heights: Heights
    boxes: list[WaitingBox]
    names: list[tuple[float, str]]
    edge = EDGE


def waiting_chart(years: Sequence[tuple[int, WaitingTimes]]) -> WaitingChart:
    """The picture of some years; those without a time stay empty."""
    longest = max((times.upper or times.median or 0 for _year, times in years), default=0)
    heights = Heights(longest / DAYS_OF_A_YEAR, ABOVE + TITLE, TALL)
    boxes, names = [], []
    for at, (year, times) in enumerate(years):
        x = EDGE + at * PITCH + GAP
        if times.median is not None:
            lower, upper = (heights.at((days or 0) / DAYS_OF_A_YEAR) for days in (times.lower, times.upper))
            boxes.append(
                WaitingBox(
                    x,
                    BAR,
                    upper,
                    round(lower - upper, 1) if times.upper is not None else 0,
                    heights.at(times.median / DAYS_OF_A_YEAR),
                    _says(year, times),
                )
            )
        if year % 5 == 0 or len(years) < 8:
            names.append((x + BAR / 2, str(year)))
    return WaitingChart(
        EDGE + len(years) * PITCH + GAP, round(ABOVE + TITLE + TALL + BELOW), heights, boxes, names
    )


def _says(year: int, times: WaitingTimes) -> str:
    """A year in words."""
    said = ngettext("%(time)s, %(n)d report", "median of %(n)d reports %(time)s", times.number)
    return labelled(year, said % {"time": time_in_words(times.median), "n": times.number})
