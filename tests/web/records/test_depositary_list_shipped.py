"""The depositary list with all the shipped data: agreements, findings, and the cost."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web.pages import all_of, one_of, read, table, words
from tests.web.records.test_depositary_list import HEADING, rows, send, ticks
from tracker.registry.models import TreatyAction
from tracker.registry.shipped import SHIPPED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

MARKS = {"ratification": "", "accession": " a", "succession": " d"}


def printed(day: str) -> str:
    """19 Sep 2002."""
    return factories.day(day).strftime("%-d %b %Y") if day else ""


def shipped_list(treaty: str = "OPSC", **changes: str | None) -> str:
    """The shipped participation as the Treaty Collection prints it, with some States' lines changed or left out."""
    lines = [HEADING]
    with (SHIPPED / "participation.csv").open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=1):
            prefix = treaty.lower()
            signed = printed(row["opsc_signature"]) if treaty == "OPSC" else ""
            joined = printed(row[f"{prefix}_action_date"])
            if joined:
                joined += MARKS[row[f"{prefix}_action"]]
            mark = f" {number % 12 + 1}" if number % 7 == 0 else ""
            line = f"{row['name']}{mark}\t{signed}\t{joined}" if signed or joined else None
            line = changes.get(row["iso3"], line)
            if line is not None:
                lines.append(line)
    return "\n".join(lines)


def test_the_shipped_data_agree_with_a_list_made_of_them(shipped: None, staff: Client) -> None:
    TreatyAction.objects.filter(confidence="memory").update(confidence="one-source")
    for treaty, count in (("OPSC", 186), ("CRC", 196)):
        page = read(send(staff, shipped_list(treaty), treaty=treaty))
        assert ticks(page) == {}
        for heading in ("h-problems", "h-names", "h-lacking", "h-differing", "h-unconfirmed", "h-unlisted"):
            assert rows(page, heading) == []
        assert f"lists {count} States" in words(one_of(page, "p", class_="says", role="status"))
        assert words(all_of(page, "p", class_="says")[-1]) == "There is nothing to record."


@pytest.mark.usefixtures("each_page_has_its_own_footer")
def test_the_comparison_takes_the_same_few_queries_for_197_states(
    shipped: None, staff: Client, django_assert_num_queries: Any
) -> None:
    for text in (shipped_list(), "Norway\t13 Jun 2000\t2 Oct 2001", shipped_list().replace(" 200", " 201")):
        with django_assert_num_queries(5):  # who is signed in: 2, States, actions, the footer
            assert send(staff, text).status_code == 200


def test_a_list_that_differs_almost_everywhere_is_doubted(shipped: None, staff: Client) -> None:
    page = read(send(staff, shipped_list("CRC")))
    assert [words(one) for one in all_of(page, "p", class_="warning")] == [
        "Most days differ from the records: check that the list is of the chosen treaty.",
        "Nothing is selected, because the list may be of another treaty.",
    ]


def test_changes_in_a_full_list_are_found_and_only_those(shipped: None, staff: Client) -> None:
    text = shipped_list(
        USA="United States of America\t5 Jul 2000\t24 Dec 2002",
        PER=None,
        IRL="Ireland\t7 Sep 2000\t1 Oct 2026",
        FJI="Fiji\t16 Sep 2005\t19 Mar 2021",
    )
    page = read(send(staff, text))
    assert [row[:2] for row in rows(page, "h-lacking")] == [["Ireland", "ratification, 1 October 2026"]]
    assert [row[:4] for row in rows(page, "h-differing")] == [
        ["Fiji", "ratification, 29 March 2021, to be confirmed", "ratification, 19 March 2021", "day"],
        [
            "United States of America",
            "ratification, 23 December 2002",
            "ratification, 24 December 2002",
            "day",
        ],
    ]
    # The other seven days entered from memory agree with the list.
    assert [row[0] for row in rows(page, "h-unconfirmed")] == [
        "Kiribati", "Marshall Islands", "Samoa", "Solomon Islands", "South Sudan", "State of Palestine",
        "United Arab Emirates",
    ]  # fmt: skip
    assert {row[0] for row in table(page, "h-unlisted")} == {"Peru"}
