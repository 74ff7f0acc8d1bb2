"""Days and treaties as people write them in their own lists, turned into what a column of a file takes.

Looser than a form, because a column of such a list proves what a single cell cannot: whether the day or the month
comes first. What is not understood stays as it is, and its column says why.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum

from tracker.languages.typed import figures
from tracker.languages.writing import read_day, read_month
from tracker.obligations.models import CarriedBy
from tracker.registry.names import fold
from tracker.rules.dates import MIDNIGHT, NotADay

_MIDNIGHT = re.compile(rf"{MIDNIGHT}\Z")
_NUMBERS = re.compile(r"([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{4}|[0-9]{2})\.?")
_YEAR_FIRST = re.compile(r"((?:19|20)[0-9]{2})(?:([/. -])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{2})([0-9]{2}))")
_MONTH_NAMED_FIRST = re.compile(r"([^\W\d_]{3,10})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})")
_DAY_NAMED = re.compile(
    r"([0-9]{1,2})(?:st|nd|rd|th)?[ -](?:of )?([^\W\d_]{3,10})\.?,?[ -]'?([0-9]{4}|[0-9]{2})"
)
_MONTH_ALONE = re.compile(r"([^\W\d_]{3,10})\.?,?[ -]([0-9]{4})")
# Also in French; without a mark between them, two letters of each: “MD” may be a person.
_DAY_FIRST_SAID = re.compile(r"\b(?:[dj]{1,2}\W|[dj]{2})m{1,3}\b|\b[dj]{2}mm[ya]{2,4}\b", re.IGNORECASE)
_MONTH_FIRST_SAID = re.compile(r"\b(?:m{1,3}\W|m{2})[dj]{1,2}\b|\bmm[dj]{2}[ya]{2,4}\b", re.IGNORECASE)
OLDEST = 89  # a year of two digits: the Convention is of 1989, so 89 to 99 are of the last century


class DayOrder(StrEnum):
    """Which of the two numbers before a year is the day."""

    DAY_FIRST = "day"
    MONTH_FIRST = "month"


def readings(text: str) -> dict[DayOrder, date]:
    """The days that a text of numbers can mean, by the order in which it is read; empty for other texts."""
    found = _NUMBERS.fullmatch(_MIDNIGHT.sub("", " ".join(figures(text).split())))
    if not found:
        return {}
    first, second, year = int(found[1]), int(found[2]), _year(found[3])
    possible = {}
    for order, month, day in ((DayOrder.DAY_FIRST, second, first), (DayOrder.MONTH_FIRST, first, second)):
        try:
            possible[order] = date(year, month, day)
        except ValueError:
            continue
    return possible


def order_said(heading: str) -> DayOrder | None:
    """The order that a heading names: “Received (dd/mm/yyyy)”."""
    if _DAY_FIRST_SAID.search(heading):
        return DayOrder.DAY_FIRST
    return DayOrder.MONTH_FIRST if _MONTH_FIRST_SAID.search(heading) else None


def written_day_of(text: str, order: DayOrder | None) -> date | None:
    """The day that a text means; None if it is none, or if the order is not known and matters."""
    plain = " ".join(figures(text).split())
    if possible := readings(plain):
        if order:
            return possible.get(order)
        return next(iter(possible.values())) if len(set(possible.values())) == 1 else None
    if found := _YEAR_FIRST.fullmatch(plain):
        plain = f"{found[1]}-{int(found[3] or found[5]):02}-{int(found[4] or found[6]):02}"
    elif found := _MONTH_NAMED_FIRST.fullmatch(plain):
        plain = f"{found[2]} {found[1]} {found[3]}"
    elif found := _DAY_NAMED.fullmatch(plain):
        plain = f"{found[1]} {found[2]} {_year(found[3])}"
    try:
        return read_day(plain)
    except NotADay:
        return None


def written_month_of(text: str) -> str:
    """A month alone as a file has it: “May 2018” is 2018-05; empty if it is none."""
    plain = " ".join(figures(text).split())
    found = _MONTH_ALONE.fullmatch(plain)
    try:
        on = read_day(f"1 {found[1]} {found[2]}") if found else read_month(plain)
    except NotADay:
        return ""
    return on.isoformat()[: len("2018-05")]


def _year(digits: str) -> int:
    if len(digits) == len("2003"):
        return int(digits)
    return int(digits) + (1900 if int(digits) >= OLDEST else 2000)


def treaty_named(text: str) -> str:
    """By which report the information comes, as a file has it, from the treaty that a list names; empty if neither."""
    folded = fold(text)
    if folded in ("crc", "convention on rights of child"):
        return CarriedBy.CRC_REPORT.value
    return CarriedBy.OWN.value if folded in ("opsc", "op sc", "crc op sc", "crc opsc") else ""
