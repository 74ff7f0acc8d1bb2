"""The numbers of the register: in each year from one, without a gap, under any number of processes."""

from __future__ import annotations

import re
from datetime import date

from tracker.correspondence.models import Paper, RegisterYear


def locked_year(direction: str, day: date) -> RegisterYear:
    """The row that gives out the numbers of a year; other processes wait until this transaction ends."""
    RegisterYear.objects.get_or_create(direction=direction, year=day.year)
    return RegisterYear.objects.select_for_update().get(direction=direction, year=day.year)


def next_number(year: RegisterYear) -> int:
    """The next number of a locked year; if the transaction fails, it is given out again."""
    year.last += 1
    year.save(update_fields=["last"])
    return year.last


def reference_ahead(pattern: str, year: int) -> str:
    """A reference whose number is not drawn yet: OPSC/2026/…"""
    return pattern.replace("{year}", str(year)).replace("{number}", "…")


def reference_of(pattern: str, year: int, number: int) -> str:
    """A reference by the pattern of the letterhead: OPSC/2026/0042."""
    return pattern.replace("{year}", str(year)).replace("{number}", f"{number:04}")


def taken(pattern: str, direction: str) -> str:
    """A reference of the register that a pattern would give to another paper one day; empty if there is none."""
    alike = re.escape(pattern).replace(r"\{year\}", "[0-9]{4}").replace(r"\{number\}", "[0-9]{4,}")
    for paper in Paper.objects.filter(reference__regex=f"^{alike}$").defer("content"):
        if paper.direction != direction or paper.reference != reference_of(pattern, paper.year, paper.number):
            return paper.reference
    return ""
