"""The first page: the figures of a day, each with the list that it counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.web.conftest import TODAY
from tests.web.pages import all_of, links, messages, one_of, read, table, words
from tracker.obligations.counts import INITIAL, status_counts

pytestmark = pytest.mark.django_db
DAYS = [TODAY.isoformat(), "2009-05-31"]


def counted(page: Any) -> dict[str, int]:
    """The figures of the small tables by their words."""
    return {words(label): int(words(figure)) for label, figure, _ in figures(page)}


def figures(page: Any) -> list[tuple[Any, Any, str]]:
    """Label, figure and address of each row of the small tables."""
    found = []
    for one in all_of(page, "table", class_="counts"):
        for row in all_of(one, "tr"):
            (label,), (figure,) = all_of(row, "th"), all_of(row, "td")
            found.append((label, figure, all_of(label, "a")[0].attributes["href"]))
    return found


def rows_behind(address: str, staff: Client) -> int:
    """How many rows the list at an address has."""
    if address.startswith("/admin/"):
        return int(staff.get(address).context["cl"].result_count)
    return len(table(read(staff.get(f"{address}{'&' if '?' in address else '?'}per_page=1000"))))


def test_the_figures_of_today(shipped: None, ledger: None, staff: Client) -> None:
    page = read(staff.get("/"))
    assert words(one_of(page, "h1")) == "Today"
    assert words(one_of(page, "p", class_="says")) == (
        "On 22 November 2026, 178 States were party to the OPSC; 11 reports were overdue, 39 due within "
        "twelve months; of 59 initial reports the office has no record."
    )
    assert counted(page) == {
        "received on time": 3,
        "received late": 79,
        "received, date unknown": 35,
        "overdue": 2,
        "no record": 59,
        "due within 12 months": 0,
        "not yet due": 0,
        "under 1 year": 9,
        "1 to 5 years": 0,
        "5 to 10 years": 0,
        "over 10 years": 2,
        "States parties": 178,
        "signatories": 122,
        "signatories not parties": 8,
        "mails: awaits approval": 45,
        "mails: failed, staff must act": 0,
        "mails: not known whether it was sent": 0,
        "mails: sent": 5,
        "No record": 391,
        "Days to be confirmed": 19,
        "Dates that await a second person": 0,
    }


@pytest.mark.parametrize("day", DAYS)
def test_the_figures_are_those_of_the_status_command(day: str, shipped: None, staff: Client) -> None:
    found = counted(read(staff.get("/", {"as_of": day})))
    expected = status_counts(date.fromisoformat(day))
    assert found["States parties"] == expected["parties"]
    assert found["signatories"] == expected["signatories"]
    assert found["signatories not parties"] == expected["signatories_not_parties"]
    assert [found[str(status)] for status in INITIAL.values()] == list(expected["initial"].values())
    bands = [found[label] for label in ("under 1 year", "1 to 5 years", "5 to 10 years", "over 10 years")]
    assert bands == list(expected["overdue_bands"].values())


@pytest.mark.parametrize("day", DAYS)
def test_each_figure_leads_to_exactly_the_rows_it_counts(
    day: str, shipped: None, ledger: None, staff: Client
) -> None:
    found = figures(read(staff.get("/", {"as_of": day})))
    assert len(found) == 21
    told = {words(label): int(words(figure)) for label, figure, _ in found}
    behind = {words(label): rows_behind(address, staff) for label, _, address in found}
    assert behind == told


@pytest.mark.parametrize("day", DAYS)
def test_each_heading_leads_to_exactly_the_rows_it_counts(day: str, shipped: None, staff: Client) -> None:
    page = read(staff.get("/", {"as_of": day}))
    for heading in ("h-overdue", "h-soon"):
        ((said, address),) = links(one_of(page, "h2", id=heading)).items()
        assert rows_behind(address, staff) == int(said.split()[0])


def test_the_longest_overdue_stand_first(shipped: None, staff: Client) -> None:
    rows = table(read(staff.get("/")), "h-overdue")
    assert rows[:3] == [
        ["Malaysia", "initial report", "12 May 2014", "overdue 12 years 6 months"],
        ["Indonesia", "initial report", "24 October 2014", "overdue 12 years"],
        ["Gabon", "report 7 under the CRC", "11 March 2026", "overdue 8 months"],
    ]
    assert len(rows) == 10


def test_an_earlier_day_is_marked_on_every_link(shipped: None, staff: Client) -> None:
    page = read(staff.get("/?as_of=2009-05-31"))
    assert words(one_of(page, "h1")) == "31 May 2009"
    band = one_of(page, "p", class_="past")
    assert words(band) == "As of 31 May 2009 Only facts dated up to that day are counted. Back to today"
    assert links(band) == {"Back to today": "?"}
    places = links(one_of(page, "nav", aria_label="Main"))
    assert set(places.values()) == {
        f"/{place}?as_of=2009-05-31"
        for place in ("", "obligations/", "states/", "reminders/", "participation/")
    }


def test_today_has_no_band(shipped: None, staff: Client) -> None:
    assert all_of(read(staff.get("/")), "p", class_="past") == []
    assert all_of(read(staff.get("/?as_of=2026-11-22")), "p", class_="past") == []


@pytest.mark.parametrize("day", ["1989-11-20", "2036-11-22"])
def test_the_first_and_the_last_day_are_shown(day: str, shipped: None, staff: Client) -> None:
    page = read(staff.get("/", {"as_of": day}))
    assert messages(page) == []
    assert len(all_of(page, "p", class_="past")) == 1


def test_the_footer_says_what_is_uncertain(shipped: None, ledger: None, staff: Client) -> None:
    footer = one_of(read(staff.get("/")), "footer")
    assert words(footer) == (
        "Data: public UN and depositary records as of 4 December 2025, and what the office has entered since. "
        "59 records to confirm. Last mail 22 November 2026, 09:00 UTC."
    )
    assert rows_behind(links(footer)["59 records to confirm"], staff) == 59
