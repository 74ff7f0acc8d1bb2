"""The median and the quartiles of days."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st

from tracker.rules.waiting_times import WaitingTimes, waiting_times


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], WaitingTimes(0)),
        ([2528], WaitingTimes(1, 2528)),
        ([1440, 1804], WaitingTimes(2, 1622)),
        ([10, 13], WaitingTimes(2, 12)),  # 11.5
        ([30, 10, 20], WaitingTimes(3, 20)),
        ([40, 10, 30, 20], WaitingTimes(4, 25, 18, 33)),  # 17.5 and 32.5
        ([1, 2, 3, 4, 100], WaitingTimes(5, 3, 2, 4)),
    ],
)
def test_the_median_of_a_few_times_and_quartiles_from_four_on(
    days: list[int], expected: WaitingTimes
) -> None:
    assert waiting_times(days) == expected


@given(st.lists(st.integers(0, 10_000), min_size=4, max_size=40))
def test_a_quarter_lies_on_either_side_of_the_quartiles(days: list[int]) -> None:
    found = waiting_times(days)
    assert found.lower is not None
    assert found.median is not None
    assert found.upper is not None
    assert min(days) <= found.lower <= found.median <= found.upper <= max(days)
    quarter = math.ceil((len(days) - 1) / 4)
    assert sum(one < found.lower - 1 for one in days) <= quarter
    assert sum(one > found.upper for one in days) <= quarter
