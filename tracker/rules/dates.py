"""The calendar arithmetic of the treaties: days, months and years, and nothing finer.

Adding months or years to a day that the target month does not have gives that month's last day
(Benin deposited on 31 January 2005; the depositary records entry into force on 28 February 2005).
Every period is counted from its anchor, never from a date that was already clipped.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later (earlier if negative), clipped to its end."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if day.day <= 28:
        return date(year, month + 1, day.day)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """The same day so many years later (earlier if negative); 29 February may become the 28th."""
    return add_months(day, 12 * years)


def nth_day_after(day: date, days: int) -> date:
    """The n-th day following a day: the first day after 1 May is 2 May."""
    return day + timedelta(days=days)


def end_of_month(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, monthrange(year, month)[1])


def latest_anchor(day: date, years: int) -> date:
    """The latest day from which so many years have passed on the given day.

    The inverse of `add_years`: `add_years(d, years) <= day` exactly when `d <= latest_anchor(day, years)`,
    so that a query can compare a stored date with a constant.
    """
    anchor = add_years(day, -years)
    following = nth_day_after(anchor, 1)
    return following if add_years(following, years) <= day else anchor


def whole_months(start: date, end: date) -> int:
    """How many whole months lie between two days, counted from the first; never negative."""
    if end <= start:
        return 0
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if add_months(start, months) <= end else months - 1


def in_words(day: date) -> str:
    """23 January 2005."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
