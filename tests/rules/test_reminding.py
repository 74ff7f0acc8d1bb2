"""The days of reminders: stages counted from the due date; a later stage overtakes an earlier one."""

from datetime import date

import pytest
from hypothesis import example, given, strategies as st

from tests.factories import day
from tracker.rules.reminding import Offset, Stage, in_months, newest_stage

DUE = date(2030, 1, 23)  # the USA's sixth report
# As shipped: 12, 6, 3 and 1 months before, on the day, 1, 3, 6 and 12 months after, then yearly.
SHIPPED = [
    (months, Offset(months, repeats=12 if months == 12 else 0))
    for months in (-12, -6, -3, -1, 0, 1, 3, 6, 12)
]
DAYS = st.dates(date(2010, 1, 1), date(2050, 12, 31))


@pytest.mark.parametrize(
    ("today", "stage", "occurrence", "on"),
    [
        pytest.param("2029-01-23", -12, 0, "2029-01-23", id="the first stage, on its day"),
        pytest.param("2029-07-22", -12, 0, "2029-01-23", id="the day before the second"),
        pytest.param("2029-07-23", -6, 0, "2029-07-23", id="six months before"),
        pytest.param("2029-11-30", -3, 0, "2029-10-23", id="after an outage only the newest counts"),
        pytest.param("2030-01-23", 0, 0, "2030-01-23", id="on the day"),
        pytest.param("2030-12-31", 6, 0, "2030-07-23", id="six months after"),
        pytest.param("2031-01-23", 12, 0, "2031-01-23", id="a year after"),
        pytest.param("2032-01-22", 12, 0, "2031-01-23", id="the day before the second year"),
        pytest.param("2032-01-23", 12, 1, "2032-01-23", id="two years after"),
        pytest.param("2041-06-01", 12, 10, "2041-01-23", id="eleven years after"),
    ],
)
def test_the_newest_stage_overtakes_all_before_it(today, stage, occurrence, on):
    assert newest_stage(DUE, SHIPPED, day(today)) == Stage(stage, occurrence, day(on))


@pytest.mark.parametrize("today", ["2000-01-01", "2028-01-23", "2029-01-22"])
def test_nothing_is_written_before_the_first_stage(today):
    assert newest_stage(DUE, SHIPPED, day(today)) is None


def test_nothing_is_written_where_there_is_no_stage():
    assert newest_stage(DUE, [], date(2035, 1, 1)) is None


def test_the_order_of_the_stages_does_not_matter():
    assert newest_stage(DUE, reversed(SHIPPED), date(2029, 11, 30)) == Stage(-3, 0, date(2029, 10, 23))


def test_of_two_stages_on_one_day_the_greater_key_counts():
    offsets = [(7, Offset(0)), (3, Offset(0))]
    assert newest_stage(DUE, offsets, DUE) == Stage(7, 0, DUE)


@pytest.mark.parametrize(
    ("due", "offset", "occurrence", "expected"),
    [
        pytest.param("2030-08-31", Offset(-6), 0, "2030-02-28", id="31 August, six months before"),
        pytest.param("2030-03-31", Offset(-1), 0, "2030-02-28", id="31 March, one month before"),
        pytest.param("2028-02-29", Offset(12, repeats=12), 0, "2029-02-28", id="29 February, a year after"),
        pytest.param(
            "2028-02-29", Offset(12, repeats=12), 3, "2032-02-29", id="29 February comes back after four"
        ),
        pytest.param("2030-01-31", Offset(1), 0, "2030-02-28", id="31 January, one month after"),
        pytest.param("2030-01-23", Offset(0, days=-10), 0, "2030-01-13", id="ten days before"),
        pytest.param("2030-01-31", Offset(1, days=1), 0, "2030-03-01", id="a month and a day"),
    ],
)
def test_a_stage_is_counted_from_the_due_date_and_clipped(due, offset, occurrence, expected):
    assert offset.day(day(due), occurrence) == day(expected)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2029-02-27", None),
        ("2029-02-28", 0),
        ("2030-02-27", 0),
        ("2030-02-28", 1),
        pytest.param("2032-02-28", 2, id="2032 has a 29 February"),
        ("2032-02-29", 3),
    ],
)
def test_yearly_occurrences_follow_the_clipped_days(today, expected):
    assert Offset(12, repeats=12).latest(date(2028, 2, 29), day(today)) == expected


def test_a_stage_without_repetition_comes_once():
    assert Offset(1).latest(DUE, date(2060, 1, 1)) == 0


@given(
    due=DAYS,
    months=st.integers(-24, 24),
    days=st.integers(-40, 40),
    repeats=st.integers(1, 24),
    today=DAYS,
)
@example(due=date(2020, 1, 31), months=1, days=0, repeats=1, today=date(2020, 3, 30))
def test_the_latest_occurrence_has_come_and_the_next_has_not(due, months, days, repeats, today):
    offset = Offset(months, days, repeats)
    latest = offset.latest(due, today)
    if latest is None:
        assert offset.day(due) > today
    else:
        assert latest >= 0
        assert offset.day(due, latest) <= today < offset.day(due, latest + 1)


@given(due=DAYS, today=DAYS)
def test_the_newest_stage_is_never_in_the_future_and_none_lies_between(due, today):
    found = newest_stage(due, SHIPPED, today)
    days = [offset.day(due, n) for _, offset in SHIPPED for n in range(45 if offset.repeats else 1)]
    come = [on for on in days if on <= today]
    assert (found.day if found else None) == max(come, default=None)


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        (-12, (12, "month")),
        (24, (2, "year")),
        (36, (3, "year")),
        (18, (18, "month")),
        (-1, (1, "month")),
        (30, (30, "month")),
    ],
)
def test_offsets_are_told_in_months_or_whole_years(months, expected):
    assert in_months(months) == expected
