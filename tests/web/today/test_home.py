"""The first page and the page of figures: the figures of a day, each with the list that it counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests import factories
from tests.depth import first
from tests.web.conftest import TODAY, in_role
from tests.web.pages import all_of, links, messages, one_of, read, table, words
from tracker.obligations.counts import COUNTED, status_counts
from tracker.registry.models import RegionDesk, State

pytestmark = pytest.mark.django_db
DAYS = [TODAY.isoformat(), "2009-05-31"]


def counted(page: Any) -> dict[str, int]:
    """The figures of the small tables by their labels, each after its table's."""
    return {label: figure for label, figure, _ in figures(page)}


def figures(page: Any) -> list[tuple[str, int, str]]:
    """Label, figure and address of each row of the small tables."""
    found = []
    for one in all_of(page, "table", class_="counts"):
        about = words(one_of(one, "caption"))
        for row in all_of(one, "tr"):
            (label,), (figure,) = all_of(row, "th"), all_of(row, "td")
            (link,) = all_of(label, "a")
            found.append((f"{about}: {words(label)}", int(words(figure)), link.attributes["href"]))
    return found


def legend(page: Any) -> list[tuple[str, int, str]]:
    """Label, figure and address of each entry of the map's legend."""
    found = []
    for said, address in links(all_of(page, "ul", class_="legend")[0]).items():
        label, _, figure = said.rpartition(": ")
        found.append((label, int(figure), address))
    return found


def trend(page: Any) -> list[tuple[str, int, str]]:
    """Each figure of the table of years with its year and its address."""
    found = []
    for row in all_of(one_of(page, "table", class_="trend-table"), "tr"):
        for link in all_of(row, "a"):
            year = words(all_of(row, "th")[0])
            found.append((year, int(words(link)), link.attributes["href"]))
    return found


def as_counted(found: list[tuple[str, int, str]], staff: Client) -> list[tuple[str, int]]:
    """Each label with the number of rows in the list to which its figure links."""
    return [(label, rows_behind(address, staff)) for label, _, address in found]


def as_told(found: list[tuple[str, int, str]]) -> list[tuple[str, int]]:
    """Each label with its figure."""
    return [(label, figure) for label, figure, _ in found]


def rows_behind(address: str, staff: Client) -> int:
    """The number of rows of the list at an address; for a paged list, over all its pages."""
    if address.startswith("/admin/"):
        return int(staff.get(address).context["cl"].result_count)
    answer = staff.get(f"{address}{'&' if '?' in address else '?'}per_page=25")
    if listed := answer.context.get("table"):
        return int(listed.page.paginator.count)
    return len(table(read(answer)))


def headline(page: Any) -> list[tuple[str, int, str]]:
    """Each linked figure of the first sentences; the one that the United Nations counted links to a table below."""
    found = []
    for said, address in links(one_of(page, "p", class_="says")).items():
        if "#" not in address:
            number, _, label = said.partition(" ")
            found.append((label, int(number), address))
    return found


def test_own_periodic_and_carried_reports_are_counted_apart(staff: Client) -> None:
    usa = factories.a_state("USA", region="WEOG")
    factories.joins(usa, on="2002-12-23")
    factories.receives(usa, "2007-05-10")
    norway = factories.a_state("NOR", region="WEOG", carried_records_from=factories.day("2010-01-01"))
    factories.joins(norway, "CRC", "1991-01-08")
    factories.joins(norway, on="2001-10-02")
    factories.receives(norway, "2004-01-05")
    factories.decides(norway, "2025-01-31", "2018-06-01", cycles="7", carried_by="CRC report")
    factories.derive(TODAY.isoformat())
    page = read(staff.get("/"))
    assert words(one_of(page, "p", class_="says")) == (
        "On 22 November 2026, 2 States were party to the OPSC. Overdue: 4 periodic reports, 1 report under the "
        "Convention (CRC art. 44)."
    )
    assert as_counted(headline(page), staff) == as_told(headline(page))
    found = counted(read(staff.get("/figures/")))
    bands = {label: figure for label, figure in found.items() if label.startswith("Overdue reports")}
    assert sum(bands.values()) == 4  # those under the Convention are not among them


def test_the_figures_of_today(shipped: None, ledger: None, staff: Client) -> None:
    page = read(staff.get("/"))
    assert words(one_of(page, "h1")) == "Today"
    assert words(one_of(page, "p", class_="says")) == (
        "On 22 November 2026, 178 States were party to the OPSC. Overdue: 2 initial reports. Without record: 59 "
        "initial reports (the UN counted 54 overdue on 30 May 2021). Waiting to be considered: 17 reports of 16 States."
    )
    # Zero reports have no row.
    assert counted(read(staff.get("/figures/"))) == {
        "Initial reports by status: received on time": 3,
        "Initial reports by status: received late": 79,
        "Initial reports by status: received, date unknown": 35,
        "Initial reports by status: overdue": 2,
        "Initial reports by status: no record": 59,
        "Periodic reports under the OPSC by status: received on time": 3,
        "Periodic reports under the OPSC by status: received late": 1,
        "Periodic reports under the OPSC by status: not yet due": 2,
        "Reports under the CRC by status: received on time": 9,
        "Reports under the CRC by status: received late": 12,
        "Reports under the CRC by status: received, date unknown": 54,
        "Reports under the CRC by status: no record": 4,
        "Reports under the CRC by status: to be communicated": 62,
        "Reports under the CRC by status: date not recorded": 39,
        "Overdue reports by lateness: over 10 years": 2,
        "Participation in the OPSC: States parties": 178,
        "Participation in the OPSC: signatories": 122,
        "Participation in the OPSC: signatories not parties": 8,
    }


def test_the_counts_of_the_united_nations_stand_beside_ours_of_the_same_day(
    shipped: None, staff: Client
) -> None:
    rows = table(read(staff.get("/figures/")), "h-published")
    ohchr = "OHCHR, overdue reports by treaty, 30 May 2021"
    assert [row for row in rows if row[0] == "30 May 2021"] == [
        [
            "30 May 2021",
            f"States parties{ohchr}; the States of which the list counts the reports",
            "176",
            "177",
        ],
        ["30 May 2021", f"initial reports overdue{ohchr}", "54", "2and 60 without record"],
        [
            "30 May 2021",
            f"periodic reports overdue{ohchr}; a report under the CRC that is missing is counted under the CRC",
            "0",
            "0",
        ],
        ["30 May 2021", f"reports overdue for less than 5 years{ohchr}", "2", "0and 9 without record"],
        ["30 May 2021", f"reports overdue for 5 to 10 years{ohchr}", "22", "2and 21 without record"],
        ["30 May 2021", f"reports overdue for more than 10 years{ohchr}", "30", "0and 30 without record"],
    ]
    assert [(row[0], *row[2:]) for row in rows if row[0] != "30 May 2021"] == [
        ("31 December 2022", "178", "178"),
        ("31 December 2019", "121", "121"),
        ("31 December 2019", "176", "176"),
        ("31 May 2009", "131", "131"),
        ("31 May 2009", "31", "31"),
        ("24 December 2002", "105", "105"),
        ("24 December 2002", "42", "46"),
    ]
    # An earlier day knows no later count.
    earlier = read(staff.get("/figures/?as_of=2009-12-31"))
    assert [row[0] for row in table(earlier, "h-published")] == ["31 May 2009"] * 2 + ["24 December 2002"] * 2
    assert "the UN counted" not in words(one_of(read(staff.get("/?as_of=2009-12-31")), "p", class_="says"))


@pytest.mark.parametrize("day", DAYS)
def test_the_figures_are_those_of_the_status_command(day: str, shipped: None, staff: Client) -> None:
    page, of_figures = (read(staff.get(address, {"as_of": day})) for address in ("/", "/figures/"))
    found, told = counted(of_figures), {label: figure for label, figure, _ in headline(page)}
    expected = status_counts(date.fromisoformat(day))
    for name, label in (
        ("parties", "States parties"),
        ("signatories", "signatories"),
        ("signatories_not_parties", "signatories not parties"),
    ):
        assert found[f"Participation in the OPSC: {label}"] == expected[name]
    initial = [found.get(f"Initial reports by status: {status}", 0) for status in COUNTED.values()]
    assert initial == list(expected["initial"].values())
    bands = [
        found.get(f"Overdue reports by lateness: {label}", 0)
        for label in ("under 1 year", "1 to 5 years", "5 to 10 years", "over 10 years")
    ]
    assert bands == list(expected["overdue_bands"].values())
    carried = expected["carried"]
    for name, label in (
        ("to_be_communicated", "to be communicated"),
        ("date_not_recorded", "date not recorded"),
    ):
        assert found.get(f"Reports under the CRC by status: {label}", 0) == carried[name]
    assert told.get("periodic reports", 0) == expected["own_periodic"]["overdue"]
    assert told.get("reports under the Convention (CRC art. 44)", 0) == carried["overdue"]


@pytest.mark.parametrize("day", first(1, DAYS))
def test_each_figure_leads_to_exactly_the_rows_it_counts(
    day: str, shipped: None, ledger: None, staff: Client
) -> None:
    page = read(staff.get("/", {"as_of": day}))
    found = legend(page) + headline(page) + figures(read(staff.get("/figures/", {"as_of": day})))
    assert len(found) == {"2026-11-22": 30, "2009-05-31": 23}[day]
    assert as_counted(found, staff) == as_told(found)


def test_each_figure_of_a_year_leads_to_exactly_the_rows_it_counts(shipped: None, staff: Client) -> None:
    found = trend(read(staff.get("/figures/", {"as_of": "2009-05-31"})))
    assert {year for year, _, _ in found} == {"2004", "2005", "2006", "2007", "2008", "2009"}
    assert as_counted(found, staff) == as_told(found)


@pytest.fixture
def ada(shipped: None, ledger: None) -> Client:
    """Follows the States of Asia and the Pacific, but for Malaysia, which grace follows."""
    client = in_role("Editor", "ada")
    users = get_user_model().objects
    RegionDesk.objects.create(region="APS", officer=users.get(username="ada"))
    State.objects.filter(pk="MYS").update(desk_officer=factories.an_officer("grace"))
    return client


def test_the_page_begins_with_ones_own_desk(ada: Client) -> None:
    page = read(ada.get("/"))
    assert words(one_of(page, "p", class_="says")) == (
        "On 22 November 2026, of the States that you follow: Overdue: 1 initial report. Without record: 14 initial "
        "reports. Waiting to be considered: 8 reports of 7 States."
    )
    assert table(page, "h-overdue") == [
        ["Indonesia", "initial report", "24 October 2014", "overdue 12 years"]
    ]
    assert links(one_of(page, "nav", aria_label="Desk")) == {
        "My desk": "?desk=ada",
        "Every desk": "?desk=all",
        "Choose what you follow": "/follow/",
    }
    # The map and its legend are those of the desk: the 57 States of the region without Malaysia.
    assert len(tiles(page)) == 56
    assert sum(number for _, number, _ in legend(page)) == 56
    assert {"MYS", "NOR"} & {words(one_of(one, "bdi")) for one in tiles(page)} == set()


@pytest.mark.parametrize(
    "query",
    first(1, ["?as_of=2009-05-31", "?desk=grace", "", "?desk=all", "?desk=all&as_of=2015-01-01"]),
)
def test_each_figure_of_a_desk_leads_to_exactly_the_rows_it_counts(query: str, ada: Client) -> None:
    page = read(ada.get(f"/{query}"))
    found = legend(page) + headline(page) + figures(read(ada.get(f"/figures/{query}")))
    assert as_counted(found, ada) == as_told(found)


def test_every_desk_is_a_link_away(ada: Client) -> None:
    page = read(ada.get("/?desk=all"))
    assert words(one_of(page, "p", class_="says")).startswith("On 22 November 2026, 178 States were party")
    assert links(one_of(page, "nav", aria_label="Desk")) == {
        "My desk": "?desk=ada",
        "Every desk": "?desk=all",
        "Choose what you follow": "/follow/",
    }
    (here,) = all_of(one_of(page, "nav", aria_label="Desk"), "a", aria_current="true")
    assert words(here) == "Every desk"
    assert len(table(page, "h-overdue")) == 2


def test_the_desk_of_another_is_named(ada: Client) -> None:
    page = read(ada.get("/?desk=grace"))
    assert links(one_of(page, "nav", aria_label="Desk")) == {
        "Desk of grace": "?desk=grace",
        "My desk": "?desk=ada",
        "Every desk": "?desk=all",
        "Choose what you follow": "/follow/",
    }


def test_a_desk_that_nobody_has_is_told(ada: Client) -> None:
    page = read(ada.get("/?desk=nobody"))
    assert messages(page) == ["“nobody” has no desk; every desk is shown."]
    assert len(table(page, "h-overdue")) == 2


def test_somebody_without_a_desk_may_choose_one(shipped: None, staff: Client) -> None:
    desk = one_of(read(staff.get("/")), "nav", aria_label="Desk")
    assert words(desk) == "You follow no desk yet: choose regions or States"
    assert links(desk) == {"choose regions or States": "/follow/"}


def tiles(page: Any) -> list[Any]:
    """The tiles of the map."""
    return [one for box in all_of(page, "ul", class_="tiles") for one in all_of(box, "a")]


@pytest.mark.parametrize("day", [*DAYS, "2020-01-01", "2036-11-22"])
def test_the_page_stays_small(day: str, shipped: None, ledger: None, staff: Client) -> None:
    assert len(staff.get("/", {"as_of": day}).content) < 80_000
    assert len(staff.get("/figures/", {"as_of": day}).content) < 80_000


@pytest.mark.parametrize("day", DAYS)
def test_each_heading_leads_to_the_rows_it_stands_over(day: str, shipped: None, staff: Client) -> None:
    page = read(staff.get("/", {"as_of": day}))
    for heading in ("h-overdue", "h-soon"):
        (address,) = links(one_of(page, "h2", id=heading)).values()
        assert min(rows_behind(address, staff), 10) == len(table(page, heading))


def test_the_longest_overdue_stand_first(shipped: None, staff: Client) -> None:
    assert table(read(staff.get("/")), "h-overdue") == [
        ["Malaysia", "initial report", "12 May 2014", "overdue 12 years 6 months"],
        ["Indonesia", "initial report", "24 October 2014", "overdue 12 years"],
    ]


def test_an_earlier_day_is_marked_on_every_link(shipped: None, staff: Client) -> None:
    page = read(staff.get("/?as_of=2009-05-31"))
    assert words(one_of(page, "h1")) == "31 May 2009"
    band = one_of(page, "p", class_="past")
    assert (
        words(band) == "As of 31 May 2009 Only records dated on or before this day are counted. Back to today"
    )
    assert links(band) == {"Back to today": "?"}
    places = links(one_of(page, "nav", aria_label="Main"))
    assert set(places.values()) == {
        f"/{place}?as_of=2009-05-31"
        for place in ("", "obligations/", "states/", "sessions/", "reminders/", "participation/")
    }


def test_today_has_no_band(shipped: None, staff: Client) -> None:
    assert all_of(read(staff.get("/")), "p", class_="past") == []
    assert all_of(read(staff.get("/?as_of=2026-11-22")), "p", class_="past") == []


@pytest.mark.parametrize("day", ["1989-11-20", "2036-11-22"])
def test_the_first_and_the_last_day_are_shown(day: str, shipped: None, staff: Client) -> None:
    page = read(staff.get("/", {"as_of": day}))
    assert messages(page) == []
    assert len(all_of(page, "p", class_="past")) == 1


@pytest.mark.usefixtures("each_page_has_its_own_footer")
def test_the_footer_says_what_is_uncertain(shipped: None, ledger: None, staff: Client) -> None:
    footer = one_of(read(staff.get("/")), "footer")
    assert words(footer) == (
        "Data: public records of the UN and the depositary as of 4 December 2025, and entries by the office since "
        "then. "
        "59 initial reports without record. No scan yet. Last mail 22 November 2026, 09:00 UTC. "
        "Pictures Reports for which the UN prints another due date Keyboard shortcuts Display Help Terms Translations "
        "العربية 中文 English Français Русский Español"
    )
    assert rows_behind(links(footer)["59 initial reports without record"], staff) == 59
    other = links(footer)["Reports for which the UN prints another due date"]
    assert other == "/obligations/?printed=differs"
    assert rows_behind(other, staff) == 8
