"""The register of sources: short names as people note them, and their full citations."""

from __future__ import annotations

import csv

import pytest

from tracker.registry.shipped import SHIPPED
from tracker.registry.sources import citations_of, register


@pytest.mark.parametrize(
    ("source", "keys"),
    [
        ("untc-2015;verdragenbank", ["untc-2015", "verdragenbank"]),
        ("docstore.ohchr.org copy of the document (first page read)", ["docstore.ohchr.org"]),
        ("www.ungeneva.org/en/news-media/meeting-summary/2026/01/le-comite", ["www.ungeneva.org"]),
        ("cover of CRC/C/BFA/5-6 (docstore.ohchr.org)", ["CRC/C/BFA/5-6", "docstore.ohchr.org"]),
        ("OPSC art. 12(1)", ["OPSC"]),
        ("CRC art. 44(1)(b)", ["CRC"]),
        ("CRC/C/OPSC/USA/CO/2, para. 35", ["CRC/C/OPSC/USA/CO/2"]),
        ("a letter of the mission", []),
        ("memorydocstore.ohchr.org.example.org", []),
        ("", []),
    ],
)
def test_a_source_names_the_citations_in_it(source: str, keys: list[str]) -> None:
    assert [one.key for one in citations_of([source])] == keys


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [
        ("CRC/C/NOR/CO/7", "concluding observations"),
        ("CRC/C/15/Add.270", "concluding observations"),
        ("CRC/C/NOR/QPR/8", "list of issues prior to reporting"),
        ("CRC/C/OPSC/USA/Q/2", "list of issues"),
    ],
)
def test_a_document_of_the_committee_is_cited_by_what_its_symbol_says(symbol: str, kind: str) -> None:
    (found,) = citations_of([symbol])
    assert str(found) == (
        f"{symbol}: United Nations, Committee on the Rights of the Child, {kind}, https://undocs.org/en/{symbol}"
    )


def test_each_source_is_cited_once_in_the_order_in_which_it_is_named() -> None:
    found = citations_of(["OPSC art. 14(2)", "CRC/C/OPSC/USA/1", "OPSC art. 12(1)", "verdragenbank"])
    assert [one.key for one in found] == ["OPSC", "CRC/C/OPSC/USA/1", "verdragenbank"]
    assert str(found[1]) == (
        "CRC/C/OPSC/USA/1: United Nations, document of the Committee on the Rights of the Child, "
        "https://undocs.org/en/CRC/C/OPSC/USA/1"
    )
    assert str(found[2]) == (
        "verdragenbank: Netherlands, Ministry of Foreign Affairs, Treaty Database (Verdragenbank), "
        "https://treatydatabase.overheid.nl/"
    )


def test_every_tag_of_the_shipped_participation_is_in_the_register() -> None:
    with (SHIPPED / "participation.csv").open(encoding="utf-8", newline="") as lines:
        tags = {tag for row in csv.DictReader(lines) for tag in row["sources"].split(";")}
    assert len(tags) == 28
    assert tags - register().keys() == set()


def test_no_key_is_entered_twice_and_no_address_is_half() -> None:
    with (SHIPPED / "sources.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == len(register()) == 71
    assert all(row["address"].startswith(("https://", "http://")) for row in rows if row["address"])
    assert all(row["citation"] for row in rows)
