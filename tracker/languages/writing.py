"""How days and moments are written in the active language, and read in all of them.

The patterns and the names of months are texts of the catalogue, so each language has its own: French "1er janvier",
Russian months in the genitive, Chinese figures, both names of a month in Arabic.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

from django.utils.translation import gettext, pgettext

from tracker.languages.cached import said_once, until_texts_change
from tracker.languages.known import current, in_each
from tracker.languages.typed import bare, figures
from tracker.rules import dates

# Marks of direction; in an Arabic sentence a day stands between two of them.
_ISOLATES = re.compile("[\u2066-\u2069\u200e\u200f]")

_IN_A_SHEET = {"%(day)d": "d", "%(month)s": "mmmm", "%(number)d": "m", "%(year)d": "yyyy"}


def _months_in_dates() -> tuple[str, ...]:
    return (
        pgettext("month after a day", "January"), pgettext("month after a day", "February"),
        pgettext("month after a day", "March"), pgettext("month after a day", "April"),
        pgettext("month after a day", "May"), pgettext("month after a day", "June"),
        pgettext("month after a day", "July"), pgettext("month after a day", "August"),
        pgettext("month after a day", "September"), pgettext("month after a day", "October"),
        pgettext("month after a day", "November"), pgettext("month after a day", "December"),
    )  # fmt: skip


def _months_alone() -> tuple[str, ...]:
    return (
        pgettext("month", "January"), pgettext("month", "February"), pgettext("month", "March"),
        pgettext("month", "April"), pgettext("month", "May"), pgettext("month", "June"),
        pgettext("month", "July"), pgettext("month", "August"), pgettext("month", "September"),
        pgettext("month", "October"), pgettext("month", "November"), pgettext("month", "December"),
    )  # fmt: skip


def _months_shortened() -> tuple[str, ...]:
    return (
        pgettext("month shortened", "Jan"), pgettext("month shortened", "Feb"), pgettext("month shortened", "Mar"),
        pgettext("month shortened", "Apr"), pgettext("month shortened", "May"), pgettext("month shortened", "Jun"),
        pgettext("month shortened", "Jul"), pgettext("month shortened", "Aug"), pgettext("month shortened", "Sep"),
        pgettext("month shortened", "Oct"), pgettext("month shortened", "Nov"), pgettext("month shortened", "Dec"),
    )  # fmt: skip


def _patterns() -> tuple[str, str]:
    """How a day is written, and how the first day of a month is."""
    return (
        # Translators: use %(month)s or %(number)d, the number of the month.
        pgettext("date", "%(day)d %(month)s %(year)d"),
        # Translators: as in French "1er janvier 2005"; use %(month)s or %(number)d, the number of the month.
        pgettext("first day of a month", "%(day)d %(month)s %(year)d"),
    )


def _month_patterns() -> tuple[str, str]:
    """How a month is written, in full and shortened."""
    return (
        # Translators: use %(month)s or %(number)d, the number of the month.
        pgettext("month of a year", "%(month)s %(year)d"),
        # Translators: in a picture; use %(month)s or %(number)d, the number of the month.
        pgettext("shortened month of a year", "%(month)s %(year)d"),
    )


@said_once
def in_words(day: date) -> str:
    """23 January 2005."""
    usual, first = _patterns()
    return (first if day.day == 1 else usual) % {
        "day": day.day,
        "month": _months_in_dates()[day.month - 1],
        "number": day.month,
        "year": day.year,
    }


@said_once
def month_in_words(day: date) -> str:
    """January 2005."""
    return _month_patterns()[0] % {
        "month": _months_alone()[day.month - 1],
        "number": day.month,
        "year": day.year,
    }


@said_once
def short_month(day: date) -> str:
    """Jan 2005."""
    return _month_patterns()[1] % {
        "month": _months_shortened()[day.month - 1],
        "number": day.month,
        "year": day.year,
    }


def minute_in_words(at: datetime) -> str:
    """22 November 2026, 09:00; in UTC."""
    return _day_and_time(at, "%H:%M")


def second_in_words(at: datetime) -> str:
    """22 November 2026, 09:00:05; in UTC."""
    return _day_and_time(at, "%H:%M:%S")


def _day_and_time(at: datetime, pattern: str) -> str:
    at = at.astimezone(UTC)
    return pgettext("day and time", "%(day)s, %(time)s") % {
        "day": in_words(at.date()),
        "time": at.strftime(pattern),
    }


def moment(at: datetime) -> str:
    """22 November 2026, 09:00 UTC."""
    return gettext("%(moment)s UTC") % {"moment": minute_in_words(at)}


def number(value: int) -> str:
    """12,345; in French 12 345."""
    return f"{value:,}".replace(",", current().thousands)


def together(parts: Iterable[str]) -> str:
    """Sentences, or words, one after the other; empty ones are left out."""
    return current().space.join(filter(None, parts))


def without_isolates(text: str) -> str:
    """A text without marks of direction, which programs show as boxes in headers of mail and in calendars."""
    return _ISOLATES.sub("", text)


def with_commas(items: Iterable[str | None]) -> str:
    """Words as a list: "Finland, Norway, Sweden"; empty ones are left out."""
    return comma().join(filter(None, items))


def with_semicolons(items: Iterable[str | None]) -> str:
    """Longer items, which may have commas, as a list: "Finland, 2 reports; Norway"; empty ones are left out."""
    return _semicolon().join(filter(None, items))


@said_once
def full_stop() -> str:
    """The full stop of the language."""
    # Translators: a sentence and its full stop.
    return without_isolates(gettext("%(sentence)s.") % {"sentence": ""})


@said_once
def comma() -> str:
    """Between the items of a list, with its space."""
    # Translators: how the items of a list follow one another.
    pattern = pgettext("items of a list", "%(first)s, %(then)s")
    return without_isolates(pattern % {"first": "", "then": ""})


@said_once
def _semicolon() -> str:
    # Translators: how longer items of a list, which may have commas, follow one another.
    pattern = pgettext("items of a list", "%(first)s; %(then)s")
    return without_isolates(pattern % {"first": "", "then": ""})


def sheet_format() -> str:
    """How a workbook writes a day: its number format, in the order of the active language."""
    pattern = without_isolates(_patterns()[0])
    parts = re.split(r"(%\(\w+\)[ds])", pattern)
    return "".join(_IN_A_SHEET.get(part, f'"{part}"' if part.strip() else part) for part in parts)


def read_day(text: str) -> date:
    """Reads a date in any of the languages, as `in_words` writes it or as `tracker.rules.dates.read_day` knows it.

    Raises:
        NotADay: it is not a date, or could be two.
    """
    plain = _plain(text)
    return _read_by(_patterns_of_days(), plain) or dates.read_day(plain, _months_read())


def read_month(text: str) -> date:
    """Reads a month of a year in any of the languages, as `month_in_words` writes it or shortened: its first day.

    Raises:
        NotADay: it is none.
    """
    if found := _read_by(_patterns_of_months(), _plain(text)):
        return found
    raise dates.NotADay(text)


def _plain(text: str) -> str:
    return " ".join(without_isolates(figures(text)).split())


def _read_by(patterns: tuple[re.Pattern[str], ...], plain: str) -> date | None:
    for pattern in patterns:
        if found := pattern.fullmatch(plain):
            names = found.groupdict()
            month = (
                int(names["number"])
                if "number" in names
                else _months_read().get(bare(names["month"].rstrip(".")), 0)
            )
            try:
                # "1er" has the day in words, and a month has none.
                return date(int(names["year"]), month, int(names.get("day", 1)))
            except ValueError:
                continue
    return None


@until_texts_change
def _patterns_of_days() -> tuple[re.Pattern[str], ...]:
    """The patterns of days in all languages, as expressions that read them."""
    return tuple(dict.fromkeys(_reading(one) for both in in_each(_patterns) for one in both))


@until_texts_change
def _patterns_of_months() -> tuple[re.Pattern[str], ...]:
    """The patterns of months in all languages, as expressions that read them."""
    return tuple(dict.fromkeys(_reading(one) for both in in_each(_month_patterns) for one in both))


def _reading(pattern: str) -> re.Pattern[str]:
    # A space that does not break is one too.
    read = re.escape(" ".join(without_isolates(pattern).split()))
    for name, figure in (("day", r"\d{1,2}"), ("number", r"\d{1,2}"), ("month", r"\D+?"), ("year", r"\d{4}")):
        for kind in "ds":
            read = read.replace(re.escape(f"%({name}){kind}"), f"(?P<{name}>{figure})")
    return re.compile(read)


@until_texts_change
def _months_read() -> dict[str, int]:
    """The number of a month by its names in all languages, without accents and in lower case."""
    return {
        bare(name.rstrip(".")): number
        for names in (_months_in_dates, _months_alone, _months_shortened)
        for months in in_each(names)
        for number, both in enumerate(months, start=1)
        for name in (both, *both.split("/"))  # Arabic has two names for a month
    }
