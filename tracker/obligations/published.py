"""Figures published by the United Nations, to compare ours with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from tracker.registry.csvfile import BadValue, Problems, calendar_date, one_of, read_table
from tracker.registry.load import SHIPPED

COLUMNS = ("day", "figure", "value", "source", "note")
FIGURES = (
    "signatories",
    "parties",
    "signatories_not_parties",
    "overdue_initial",
    "overdue_periodic",
    # Overdue reports under the OPSC, by years since the due date.
    "overdue_under_5",
    "overdue_from_5_to_10",
    "overdue_over_10",
)


@dataclass(frozen=True)
class Published:
    """A figure that was published for a day.

    Attributes:
        figure: one of FIGURES.
        source: the document that gives it.
        note: a remark on the comparison; may be empty.
    """

    day: date
    figure: str
    value: int
    source: str
    note: str


@cache
def published_counts() -> tuple[Published, ...]:
    """The shipped table of published counts, the latest day first.

    Raises:
        BadFile: the table is damaged.
    """
    problems = Problems()
    rows = read_table(SHIPPED / "published_counts.csv", COLUMNS, problems)
    found = [
        Published(
            row.read("day", calendar_date, date.min),
            row.read("figure", one_of(FIGURES), ""),
            row.read("value", _whole_number, 0),
            row["source"],
            row["note"],
        )
        for row in rows
    ]
    problems.check()
    return tuple(sorted(found, key=lambda one: one.day, reverse=True))


def _whole_number(raw: str) -> int:
    if not raw.isdecimal():
        raise BadValue(f"“{raw}” is not a whole number.")
    return int(raw)
