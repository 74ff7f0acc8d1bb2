"""Late and non-reporting States: bands, sentences, filters, exports, and no State listed because our records are
incomplete.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from tests import factories
from tests.web.conftest import TODAY, in_role
from tests.web.pages import Element, all_of, column, links, one_of, problems, read, table, words
from tracker.registry.models import State
from tracker.web.obligations.late import LateTable

pytestmark = pytest.mark.django_db


def a_party(iso3: str, due: str, region: str = "WEOG", **fields: Any) -> Any:
    """A State, party to the OPSC alone, whose initial report fell due on a day (its first periodic: + 5)."""
    state = factories.a_state(iso3, region=region, **fields)
    factories.joins(state, on="2005-01-01", effective_on="2005-02-01")
    factories.decides(state, due, on="2005-06-01", kind="initial", cycles="1")
    return state


def says(page: Element) -> str:
    return words(one_of(page, "p", class_="says"))


def counts(page: Element, kind: str) -> dict[str, str]:
    section = one_of(page, "section", aria_labelledby=f"h-{kind}")
    return {
        words(row.children[0]): words(row.children[-1])
        for one in all_of(section, "table", class_="counts")
        for row in all_of(one, "tr")
    }


def exported(staff: Client, query: str = "") -> list[dict[str, str]]:
    return staff.get(f"/late/?{query}&_export=json").json()


@pytest.fixture
def three_kinds(db: None) -> None:
    """An initial report, two periodic ones of a State outside the CRC, and one under the CRC, all overdue.

    Norway's date is stated by the Committee; the records of its reports under the CRC are complete from 2010.
    """
    factories.joins(a_party("MYS", "2014-05-12", "APS", name="Malaysia"), "CRC", "1995-02-17")
    usa = factories.a_state("USA", region="WEOG")
    factories.joins(usa, on="2002-12-23")
    factories.receives(usa, "2007-05-10")
    factories.decides(usa, "2022-01-23", "2013-02-01", cycles="2-5")
    norway = factories.a_state("NOR", region="WEOG", carried_records_from=factories.day("2010-01-01"))
    factories.joins(norway, "CRC", "1991-01-08")
    factories.joins(norway, on="2001-10-02")
    factories.receives(norway, None, reviewed_on="2005-06-03")
    factories.decides(
        norway, "2025-12-31", "2018-06-01", cycles="7", carried_by="CRC report", precision="year",
        document="CRC/C/NOR/CO/5-6",
    )  # fmt: skip
    factories.derive(TODAY.isoformat())


# --- the three kinds ------------------------------------------------------------------------------


def test_initial_own_and_carried_reports_are_counted_apart(three_kinds: None, staff: Client) -> None:
    page = read(staff.get("/late/"))
    assert says(page) == (
        "As of 22 November 2026, 1 initial report and 4 periodic reports were overdue under article 12 of the OPSC. "
        "In addition, 1 report under the Convention (CRC art. 44) was overdue, in which article 12(2) asks for "
        "information. Of the initial reports, 1 were overdue for more than ten years, 0 for five to ten years and 0 "
        "for less than five years. Of the periodic reports, 0 were overdue for more than ten years, 0 for five to ten "
        "years and 4 for less than five years. Of the reports under the Convention, 0 were overdue for more than ten "
        "years, 0 for five to ten years and 1 for less than five years."
    )
    assert [counts(page, kind)["All"] for kind in ("initial", "periodic", "carried")] == ["1", "4", "1"]
    section = one_of(page, "section", aria_labelledby="h-carried")
    assert words(one_of(section, "h2")) == "Reports under the Convention"
    assert words(one_of(section, "p", class_="note")) == (
        "These are States’ reports under the Convention (CRC art. 44), in which OPSC art. 12(2) asks for information. "
        "The United Nations count them under the Convention, not under the OPSC."
    )


def test_each_kind_stands_by_itself_and_a_year_alone_is_shown_as_one(
    three_kinds: None, staff: Client
) -> None:
    assert [row[:1] + row[2:5] for row in table(read(staff.get("/late/")))] == [
        ["Malaysia MYS", "initial report", "12 May 2014", "overdue 12 years 6 months"],
        ["United States USA", "periodic report 2", "23 January 2022", "overdue 4 years 9 months"],
        ["United States USA", "periodic report 3", "23 January 2022", "overdue 4 years 9 months"],
        ["United States USA", "periodic report 4", "23 January 2022", "overdue 4 years 9 months"],
        ["United States USA", "periodic report 5", "23 January 2022", "overdue 4 years 9 months"],
        ["Norway NOR", "report 7 under the CRC", "2025", "overdue 10 months"],
    ]
    assert column(read(staff.get("/late/?kind=carried")), 0) == ["Norway NOR"]
    assert set(column(read(staff.get("/late/?kind=periodic")), 0)) == {"United States USA"}
    assert [row["Kind"] for row in exported(staff)] == ["initial", *["periodic"] * 4, "carried"]


def test_a_carried_report_is_late_for_nobody_whose_records_are_not_known(
    three_kinds: None, staff: Client
) -> None:
    State.objects.filter(pk="NOR").update(carried_records_from=None)
    assert exported(staff, "kind=carried") == []
    assert words(one_of(read(staff.get("/late/?kind=carried")), "p", class_="note")) == (
        "1 report that the office’s records do not cover (States concerned: 1) is not listed here: a State is not "
        "listed as late when our own records are incomplete. Reports without record"
    )


@pytest.mark.parametrize("name", LateTable.base_columns)
def test_every_column_sorts_both_ways(name: str, three_kinds: None, staff: Client) -> None:
    up, down = exported(staff, f"sort={name}"), exported(staff, f"sort=-{name}")
    assert len(up) == 6
    assert up == down[::-1]


def test_the_shortest_overdue_comes_first_where_that_is_asked_for(three_kinds: None, staff: Client) -> None:
    first, *_, last = exported(staff, "sort=overdue_for")
    assert (first["Overdue for"], last["Overdue for"]) == ("10 months", "12 years 6 months")


# --- the bands ------------------------------------------------------------------------------------


def test_a_report_stands_in_its_band(staff: Client) -> None:
    a_party("NOR", "2021-11-23")
    factories.derive(TODAY.isoformat())
    (row,) = [row for row in exported(staff) if row["Kind"] == "initial"]
    assert (row["Due"], row["Band"], row["Finer band"]) == ("2021-11-23", "under 5 years", "1 to 5 years")


def test_a_report_due_today_is_not_late(staff: Client) -> None:
    a_party("NOR", TODAY.isoformat())
    factories.derive(TODAY.isoformat())
    page = read(staff.get("/late/"))
    assert says(page).startswith("As of 22 November 2026, 0 initial reports and ")
    section = one_of(page, "section", aria_labelledby="h-initial")
    assert [words(one) for one in all_of(section, "p")] == [
        "None is known to be overdue on 22 November 2026."
    ]


# --- the shipped facts ----------------------------------------------------------------------------


def test_the_sentences_say_the_counts_as_the_united_nations_prints_them(shipped: None, staff: Client) -> None:
    assert says(read(staff.get("/late/"))) == (
        "As of 22 November 2026, 2 initial reports and 0 periodic reports were overdue under article 12 of the "
        "OPSC. Of the initial reports, 2 were overdue for more than ten years, 0 for five to ten years and 0 for "
        "less than five years."
    )


def test_the_longest_overdue_comes_first(shipped: None, staff: Client) -> None:
    assert table(read(staff.get("/late/"))) == [
        ["Malaysia MYS", "Asia-Pacific States", "initial report", "12 May 2014", "overdue 12 years 6 months",
         "over 10 years"],
        ["Indonesia IDN", "Asia-Pacific States", "initial report", "24 October 2014", "overdue 12 years",
         "over 10 years"],
    ]  # fmt: skip


def test_the_counts_tell_the_finer_bands_beneath(shipped: None, staff: Client) -> None:
    page = read(staff.get("/late/"))
    initial = counts(page, "initial")
    assert list(initial) == [
        "over 10 years", "5 to 10 years", "under 5 years", "of these 1 to 5 years", "of these under 1 year", "All",
    ]  # fmt: skip
    assert list(initial.values()) == ["2", "0", "0", "0", "0", "2"]
    assert counts(page, "periodic") == counts(page, "carried") == {}


def test_a_missing_record_accuses_nobody(shipped: None, staff: Client) -> None:
    page = read(staff.get("/late/"))
    listed = staff.get("/obligations/?status=no+record&_export=json").json()
    told = one_of(page, "p", class_="note")
    assert words(told).startswith(f"{len(listed)} reports that the office’s records do not cover")
    assert f"(States concerned: {len({row['State'] for row in listed})})" in words(told)
    assert links(told) == {"Reports without record": "/obligations/?status=no+record&kind=reports"}
    late = {row["State"] for row in exported(staff)}
    assert not late & {row["State"] for row in listed if row["Report"] == "initial report"}


def test_an_earlier_day_knows_what_was_known_then(shipped: None, staff: Client) -> None:
    page = read(staff.get("/late/?as_of=2014-06-01"))
    assert says(page).startswith("As of 1 June 2014, 1 initial report and ")
    assert table(page)[0][:5] == [
        "Malaysia MYS", "Asia-Pacific States", "initial report", "12 May 2014", "overdue 20 days",
    ]  # fmt: skip
    found = links(one_of(page, "main"))
    assert found["Malaysia"] == "/states/MYS/?as_of=2014-06-01"
    assert found["page"] == "/reports/late/?as_of=2014-06-01"


def test_the_same_reports_are_late_as_in_the_list_of_obligations(shipped: None, staff: Client) -> None:
    for as_of in ("2012-05-31", "2020-02-29", TODAY.isoformat()):
        here = exported(staff, f"as_of={as_of}")
        there = staff.get(f"/obligations/?as_of={as_of}&status=overdue&_export=json").json()
        assert sorted((row["State"], row["Report"], row["Due"]) for row in here) == sorted(
            (row["State"], row["Report"], row["Due"]) for row in there if row["Article"] != "12.3"
        )


# --- filters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "rows", "initial", "periodic", "unknown"),
    [
        ("region=APS", 2, 2, 0, 17),
        ("kind=initial", 2, 2, 0, 59),
        ("band=over_10&region=AFR", 0, 0, 0, 27),
        ("q=malaysia", 1, 1, 0, 0),
    ],
)
def test_counts_and_sentences_count_what_the_filters_leave(
    query: str, rows: int, initial: int, periodic: int, unknown: int, shipped: None, staff: Client
) -> None:
    page = read(staff.get(f"/late/?{query}"))
    assert len(table(page)) == rows == len(exported(staff, query))
    told = says(page)
    assert f", {initial} initial report{'s' * (initial != 1)} and {periodic} periodic report" in told
    assert told.endswith("Only rows that match the filters are counted.")
    assert counts(page, "initial").get("All", "0") == str(initial)
    assert counts(page, "periodic").get("All", "0") == str(periodic)
    notes = [words(one) for one in all_of(page, "p", class_="note")]
    assert [int(note.split()[0]) for note in notes] == ([unknown] if unknown else [])


def test_a_list_begins_with_one_s_own_desk(shipped: None) -> None:
    desk = in_role("Viewer", "ada")
    ada = get_user_model().objects.get(username="ada")
    State.objects.filter(pk="MYS").update(desk_officer=ada)
    answer = desk.get("/late/")
    assert answer.headers["Location"] == "/late/?desk=ada"
    assert column(read(desk.get("/late/?desk=ada")), 0) == ["Malaysia MYS"]


@pytest.mark.parametrize("query", ["region=aps", "kind=information", "band=ten", "desk=nobody"])
def test_a_filter_that_cannot_be_is_told_and_nothing_is_listed(
    query: str, shipped: None, staff: Client
) -> None:
    page = read(staff.get(f"/late/?{query}"))
    (problem,) = problems(page)
    assert problem.startswith("Select a valid choice.")
    assert table(page) == []


def test_the_report_of_one_group_is_linked_from_the_list_of_that_group(shipped: None, staff: Client) -> None:
    found = links(one_of(read(staff.get("/late/?region=EES&kind=periodic")), "main"))
    assert found["page"] == "/reports/late/?region=EES"
    assert "/reports/late.pdf?region=EES" in found.values()


# --- order, exports -------------------------------------------------------------------------------


def test_every_export_holds_exactly_the_rows_shown(shipped: None, staff: Client) -> None:
    rows = exported(staff)
    shown = [name[:-4] for name in column(read(staff.get("/late/")), 0)]
    assert [row["State"] for row in rows] == shown
    assert rows[0] == {
        "State": "Malaysia",
        "Alpha-3": "MYS",
        "Regional group": "Asia-Pacific States",
        "Kind": "initial",
        "Report": "initial report",
        "Due": "2014-05-12",
        "Overdue for": "12 years 6 months",
        "Band": "over 10 years",
        "Finer band": "over 10 years",
    }
    text = staff.get("/late/?_export=csv")
    assert list(csv.DictReader(io.StringIO(text.content.decode("utf-8-sig")))) == rows
    assert 'filename="late-2026-11-22.csv"' in text.headers["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(staff.get("/late/?_export=xlsx").content)).active
    assert sheet is not None
    assert sheet.max_row == 5 + len(rows)


def test_without_late_reports_the_page_says_so(staff: Client) -> None:
    page = read(staff.get("/late/?as_of=2001-05-31"))
    assert says(page) == (
        "As of 31 May 2001, 0 initial reports and 0 periodic reports were overdue under article 12 of the OPSC."
    )
    assert words(one_of(page, "div", class_="nothing")) == "No report is known to be overdue on 31 May 2001."
    assert "CSV" not in links(page)
    assert exported(staff, "as_of=2001-05-31") == []


@pytest.mark.usefixtures("each_page_has_its_own_footer")
def test_the_page_takes_as_many_queries_for_few_rows_as_for_many(shipped: None, staff: Client) -> None:
    taken = []
    for address in ("/late/", "/late/?as_of=2014-06-01", "/late/?region=EES", "/late/?sort=-state"):
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(address).status_code == 200
        taken.append(len(queries))
    assert taken == [7, 7, 6, 7]  # no report of that group is late: no row is read
