"""The calendar arithmetic of the treaties, in days, months and years.

If the target month has no such day, the result is its last day (Benin deposited on 31 January 2005; the depositary
records entry into force on 28 February 2005). Every period is counted from its anchor, never from a clipped date.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping
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
    """The same day some months later (earlier if negative), clipped to the end of the month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if day.day <= 28:
        return date(year, month + 1, day.day)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """The same day some years later (earlier if negative); 29 February may become the 28th."""
    return add_months(day, 12 * years)


def nth_day_after(day: date, days: int) -> date:
    """The n-th day after a day: the first day after 1 May is 2 May."""
    return day + timedelta(days=days)


def end_of_month(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, monthrange(year, month)[1])


def latest_anchor(day: date, years: int) -> date:
    """The latest day at least so many years before a day.

    The inverse of `add_years`: `add_years(d, years) <= day` exactly when `d <= latest_anchor(day, years)`,
    so that a query can compare a stored date with a constant.
    """
    anchor = add_years(day, -years)
    following = nth_day_after(anchor, 1)
    return following if add_years(following, years) <= day else anchor


def whole_months(start: date, end: date) -> int:
    """The number of whole months from one day to another; never negative."""
    if end <= start:
        return 0
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if add_months(start, months) <= end else months - 1


def in_english(day: date) -> str:
    """23 January 2005."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


# The clocks of two machines may differ, and a clock may be set back, by so much.
CLOCKS_DIFFER = timedelta(hours=2)


class NotADay(ValueError):
    """A text that is not a date, or could be two dates.

    Attributes:
        candidates: the possible dates, the day-first reading before the other; empty if there is none.
    """

    def __init__(self, text: str, candidates: tuple[date, ...] = ()) -> None:
        super().__init__(text)
        self.candidates = candidates


_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_NUMBERS = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_NAMED = re.compile(r"([0-9]{1,2})(?:er)?[ -](?:de )?([^\W\d_]{3,10})\.?[ -](?:de )?([0-9]{4})")
# Databases and spreadsheets write the midnight at which a day begins.
MIDNIGHT = r"[T ]00:00(?::00(?:\.0+)?)? ?(?:Z|UTC|[+]00:?00)?"
_MIDNIGHT = re.compile(rf"{MIDNIGHT}\Z")


def read_day(text: str, months: Mapping[str, int]) -> date:
    """Reads a date: 2003-01-23, 23 Jan 2003, 23 January 2003 or 23/01/2003.

    A midnight without zone or in UTC may follow the date.

    Numbers are read day first, as the United Nations writes them, and only if they cannot mean another date:
    03/04/2005 is refused, because many people read it as 4 March.

    Args:
        months: their numbers by their names, in lower case and without accents; other letters may follow a name's first
            three ("Jan", "Sept", "juil").

    Raises:
        NotADay: it is not a date, or could be two.
    """
    plain = _MIDNIGHT.sub("", " ".join(text.split()))
    try:
        if found := _ISO.fullmatch(plain):
            return date(*map(int, found.groups()))
        if found := _NAMED.fullmatch(plain):
            return date(int(found[3]), _month(found[2], months), int(found[1]))
        if found := _NUMBERS.fullmatch(plain):
            first, second, year = int(found[1]), int(found[3]), int(found[4])
            if first <= 12 and second <= 12 and first != second:
                raise NotADay(plain, (date(year, second, first), date(year, first, second)))
            return date(year, second, first)
    except NotADay:
        raise
    except ValueError:
        raise NotADay(plain) from None
    raise NotADay(plain)


def _month(name: str, months: Mapping[str, int]) -> int:
    """The number of a month from its name, or from an abbreviation that fits one month ("Jan", "Sept", "juil")."""
    begun = _bare(name)
    if begun in months:
        return months[begun]
    if len(begun) >= 3 and len(found := {n for word, n in months.items() if word.startswith(begun)}) == 1:
        return found.pop()
    raise ValueError(name)


def _bare(word: str) -> str:
    """In lower case and without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))
