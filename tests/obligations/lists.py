"""A list of reports received, as an office keeps it: with titles, a total, its own headings and spellings."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from openpyxl import Workbook

# The States of the list: alpha-3, name as recorded, name as the list writes it.
STATES = (
    ("NOR", "Norway", "Norway"),
    ("SWE", "Sweden", "Kingdom of Sweden"),
    ("LBN", "Lebanon", "Lebanon"),
    ("AUT", "Austria", "AUT"),
    ("BEL", "Belgium", "Belgium"),
    ("ESP", "Spain", "Spain"),
    ("ITA", "Italy", "Republic of Italy"),
    ("FRA", "France", "FRANCE"),
    ("CHL", "Chile", "Chile*"),
    ("CRI", "Costa Rica", "Costa Rica"),
    ("DNK", "Denmark", "Denmark"),
    ("TUR", "Türkiye", "Turkey"),
)
DAYS: tuple[Any, ...] = (
    "3/6/2005", "23/01/2006", date(2006, 3, 9), "5/7/2006", "4 Nov 2006", "June 7, 2007", "12.12.2007", "1/2/2008",
    date(2008, 5, 15), "30/6/2008", "2/3/2009", "11/5/2009",
)  # fmt: skip
HEADINGS = ["No.", "Country", "Report", "Date received", "Doc. symbol", "Handled by"]


def reports_received(
    count: int = 12, *, days: tuple[Any, ...] = DAYS, last: str = "initial"
) -> list[list[Any]]:
    """Its rows, with so many reports; the last one is given."""
    table = [
        [at, name, "initial report" if at < count else last, day, f"CRC/C/OPSC/{iso3}/1", "Rolf"]
        for at, ((iso3, _name, name), day) in enumerate(zip(STATES[:count], days, strict=False), start=1)
    ]
    return [
        ["OPSC - reports received"],
        ["Status as of 22 November 2026"],
        [],
        HEADINGS,
        *table[: count // 2],
        [],
        *table[count // 2 :],
        ["", "Total", "", "=COUNTA(D5:D17)", "", ""],
        ["Source: https://tbinternet.example.org"],
    ]


def as_workbook(rows: list[list[Any]], title: str = "Sheet1") -> bytes:
    """The rows as XLSX."""
    book = Workbook()
    assert book.active is not None
    book.active.title = title
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
