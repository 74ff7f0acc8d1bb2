"""The calendar arithmetic: counted from the anchor, clipped to the month's end."""

from datetime import date

import pytest
from hypothesis import assume, example, given, strategies as st

from tests.factories import day
from tracker.rules.dates import (
    add_months,
    add_years,
    end_of_month,
    in_english,
    latest_anchor,
    nth_day_after,
    whole_months,
)

DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))
MONTHS = st.integers(-600, 600)
YEARS = st.integers(0, 60)


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        pytest.param("2005-01-31", 1, "2005-02-28", id="Benin's deposit, OPSC as recorded by the depositary"),
        pytest.param("2006-03-31", 1, "2006-04-30", id="Burkina Faso's deposit, as recorded"),
        pytest.param("2002-12-23", 1, "2003-01-23", id="USA's deposit, over the end of the year"),
        pytest.param("2004-01-31", 1, "2004-02-29", id="a leap year's February"),
        pytest.param("2004-08-31", 6, "2005-02-28", id="31 August and six months"),
        pytest.param("2003-08-31", 6, "2004-02-29", id="31 August and six months, leap year"),
        pytest.param("2004-03-31", -1, "2004-02-29", id="backwards"),
        pytest.param("2005-01-23", -12, "2004-01-23", id="a year back"),
        pytest.param("2005-01-01", -1, "2004-12-01", id="backwards over the new year"),
        pytest.param("2005-02-28", 1, "2005-03-28", id="the last day of February is no month's end"),
        pytest.param("2005-07-15", 0, "2005-07-15", id="nothing added"),
    ],
)
def test_add_months_gives_the_same_day_or_the_months_last(start, months, expected):
    assert add_months(day(start), months) == day(expected)


@pytest.mark.parametrize(
    ("start", "years", "expected"),
    [
        ("2004-02-29", 1, "2005-02-28"),
        ("2004-02-29", 4, "2008-02-29"),
        ("2004-02-29", 96, "2100-02-28"),  # 2100 is no leap year
        ("2000-02-29", 400, "2400-02-29"),
        ("2003-01-23", 2, "2005-01-23"),
        ("2008-02-29", -4, "2004-02-29"),
        ("2008-02-29", -1, "2007-02-28"),
    ],
)
def test_add_years_clips_29_february_only_where_there_is_none(start, years, expected):
    assert add_years(day(start), years) == day(expected)


@given(DAYS, MONTHS)
def test_add_months_lands_in_the_month_meant_and_clips_to_its_end(start, months):
    found = add_months(start, months)
    assert found.year * 12 + found.month == start.year * 12 + start.month + months
    assert found.day == min(start.day, end_of_month(found.year, found.month).day)


@given(DAYS, DAYS, MONTHS)
def test_add_months_keeps_the_order_of_days(one, other, months):
    first, second = sorted((one, other))
    assert add_months(first, months) <= add_months(second, months)


@given(DAYS, YEARS)
def test_add_years_is_twelve_months_a_year(start, years):
    assert add_years(start, years) == add_months(start, 12 * years)


@given(DAYS, YEARS, DAYS)
@example(date(2020, 2, 29), 1, date(2021, 2, 28))
@example(date(2016, 2, 28), 10, date(2026, 2, 28))
def test_latest_anchor_is_the_exact_inverse_of_add_years(start, years, today):
    assert (add_years(start, years) <= today) == (start <= latest_anchor(today, years))


@pytest.mark.parametrize(
    ("today", "years", "expected"),
    [
        ("2026-11-22", 1, "2025-11-22"),
        ("2021-02-28", 1, "2020-02-29"),
        ("2021-02-27", 1, "2020-02-27"),
        ("2024-02-29", 1, "2023-02-28"),
        ("2028-02-29", 4, "2024-02-29"),
        ("2026-11-22", 0, "2026-11-22"),
    ],
)
def test_latest_anchor_of_literal_days(today, years, expected):
    assert latest_anchor(day(today), years) == day(expected)


@given(DAYS, DAYS)
@example(date(2004, 1, 31), date(2004, 2, 29))
def test_whole_months_is_the_largest_number_that_fits(start, end):
    assume(start < end)
    months = whole_months(start, end)
    assert add_months(start, months) <= end < add_months(start, months + 1)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2005-01-31", "2005-02-27", 0),
        ("2005-01-31", "2005-02-28", 1),
        ("2005-01-23", "2006-01-22", 11),
        ("2005-01-23", "2006-01-23", 12),
        ("2005-01-23", "2005-01-23", 0),
        ("2005-01-23", "2001-01-23", 0),
    ],
)
def test_whole_months_of_literal_days(start, end, expected):
    assert whole_months(day(start), day(end)) == expected


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        pytest.param("1990-05-01", 1, "1990-05-02", id="the first day after 1 May is 2 May"),
        pytest.param("1991-01-08", 30, "1991-02-07", id="Norway's deposit of the CRC"),
        pytest.param("2004-02-28", 1, "2004-02-29", id="leap day"),
        pytest.param("2004-03-01", -1, "2004-02-29", id="the day before"),
    ],
)
def test_nth_day_after_counts_days(start, days, expected):
    assert nth_day_after(day(start), days) == day(expected)


@pytest.mark.parametrize(
    ("year", "month", "expected"),
    [(2018, 5, "2018-05-31"), (2018, 2, "2018-02-28"), (2016, 2, "2016-02-29"), (2018, 12, "2018-12-31")],
)
def test_end_of_month_is_its_last_day(year, month, expected):
    assert end_of_month(year, month) == day(expected)


def test_a_day_in_english_names_the_month():
    assert in_english(date(2005, 1, 23)) == "23 January 2005"
    assert in_english(date(2012, 12, 1)) == "1 December 2012"
