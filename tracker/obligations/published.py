"""Figures published by the United Nations, to compare ours with."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache

from tracker.registry.shipped import SHIPPED

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
        ValueError: the table is damaged; the sentence names row and column.
    """
    with (SHIPPED / "published_counts.csv").open(encoding="utf-8", newline="") as lines:
        found = [_published(number, row) for number, row in enumerate(csv.DictReader(lines), start=2)]
    return tuple(sorted(found, key=lambda one: one.day, reverse=True))


def _published(number: int, row: dict[str, str]) -> Published:
    place = f"published_counts.csv, row {number}"
    if row["figure"] not in FIGURES:
        raise ValueError(f"{place}, figure: “{row['figure']}” is not known.")
    if not row["value"].isdecimal():
        raise ValueError(f"{place}, value: “{row['value']}” is not a whole number.")
    return Published(
        date.fromisoformat(row["day"]), row["figure"], int(row["value"]), row["source"], row["note"]
    )
