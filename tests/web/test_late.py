"""Late and non-reporting States: bands, sentences, exports, and nobody accused on missing data."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from tests import factories
from tests.web.conftest import TODAY
from tests.web.pages import Element, all_of, links, one_of, read, table, words

pytestmark = pytest.mark.django_db


def a_party(iso3: str, due: str, region: str = "WEOG", **fields: Any) -> Any:
    """A State, party to the OPSC alone, whose initial report fell due on a day (its first periodic: + 5)."""
    state = factories.a_state(iso3, region=region, **fields)
    factories.joins(state, on="2005-01-01", effective_on="2005-02-01")
    factories.decides(state, due, on="2005-06-01", kind="initial", cycles="1")
    return state


def says(page: Element) -> list[str]:
    return [words(one) for one in all_of(one_of(page, "div", class_="says"), "p")]


def counts(page: Element, kind: str) -> dict[str, str]:
    section = one_of(page, "section", aria_labelledby=f"h-{kind}")
    return {
        words(row.children[0]): words(row.children[-1])
        for one in all_of(section, "table", class_="counts")
        for row in all_of(one, "tr")
    }


# --- the bands ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "band", "finer"),
    [
        pytest.param("2026-11-21", "under 5 years", "under 1 year", id="yesterday"),
        pytest.param("2025-11-23", "under 5 years", "under 1 year", id="a day less than a year"),
        pytest.param("2025-11-22", "under 5 years", "1 to 5 years", id="a year"),
        pytest.param("2021-11-23", "under 5 years", "1 to 5 years", id="a day less than five"),
        pytest.param("2021-11-22", "5 to 10 years", "5 to 10 years", id="five years"),
        pytest.param("2016-11-22", "5 to 10 years", "5 to 10 years", id="ten years"),
        pytest.param("2016-11-21", "over 10 years", "over 10 years", id="a day more than ten"),
    ],
)
def test_a_report_stands_in_its_band(due: str, band: str, finer: str, staff: Client) -> None:
    a_party("NOR", due)
    factories.derive(TODAY.isoformat())
    (row,) = [row for row in staff.get("/late/?_export=json").json() if row["Kind"] == "initial"]
    assert (row["Due"], row["Band"], row["Finer band"]) == (due, band, finer)


def test_a_report_due_today_is_not_late(staff: Client) -> None:
    a_party("NOR", TODAY.isoformat())
    factories.derive(TODAY.isoformat())
    page = read(staff.get("/late/"))
    assert says(page)[0].startswith("As at 22 November 2026, 0 initial reports and ")
    section = one_of(page, "section", aria_labelledby="h-initial")
    assert [words(one) for one in all_of(section, "p")] == [
        "None is known to be overdue on 22 November 2026."
    ]


# --- the shipped facts ----------------------------------------------------------------------------


def test_the_sentences_say_the_counts_as_the_united_nations_prints_them(shipped: None, staff: Client) -> None:
    assert says(read(staff.get("/late/")))[:3] == [
        "As at 22 November 2026, 2 initial reports and 9 periodic reports were overdue under article 12 of the OPSC.",
        (
            "Of the initial reports, 2 were overdue for more than ten years, 0 for five to ten years and 0 for "
            "less than five years."
        ),
        (
            "Of the periodic reports, 0 were overdue for more than ten years, 0 for five to ten years and 9 for "
            "less than five years."
        ),
    ]


def test_initial_and_periodic_reports_stand_apart_longest_first(shipped: None, staff: Client) -> None:
    page = read(staff.get("/late/"))
    assert table(page, "h-initial") == [
        ["Overdue over 10 years: 2"],
        ["Malaysia MYS", "initial report", "12 May 2014", "12 years 6 months", "Asia-Pacific States"],
        ["Indonesia IDN", "initial report", "24 October 2014", "12 years", "Asia-Pacific States"],
    ]
    periodic = table(page, "h-periodic")
    assert periodic[0] == ["Overdue under 5 years: 9"]
    assert len(periodic) == 1 + 9
    assert not any("initial" in row[1] for row in periodic[1:])


def test_the_counts_tell_the_finer_bands_beneath(shipped: None, staff: Client) -> None:
    page = read(staff.get("/late/"))
    initial, periodic = counts(page, "initial"), counts(page, "periodic")
    assert list(initial) == [
        "over 10 years", "5 to 10 years", "under 5 years", "of these 1 to 5 years", "of these under 1 year", "All",
    ]  # fmt: skip
    assert list(initial.values()) == ["2", "0", "0", "0", "0", "2"]
    assert int(periodic["of these 1 to 5 years"]) + int(periodic["of these under 1 year"]) == 9


def test_a_missing_record_accuses_nobody(shipped: None, staff: Client) -> None:
    page = read(staff.get("/late/"))
    listed = staff.get("/obligations/?status=no+record&_export=json").json()
    told = says(page)[-1]
    assert told.startswith(f"{len(listed)} reports that fell due before the office's records begin")
    assert f"(States concerned: {len({row['State'] for row in listed})})" in told
    assert links(one_of(page, "div", class_="says")) == {
        "reports without record": "/obligations/?status=no+record"
    }
    late = {row["State"] for row in staff.get("/late/?_export=json").json()}
    assert not late & {row["State"] for row in listed if row["Report"] == "initial report"}


def test_an_earlier_day_knows_what_was_known_then(shipped: None, staff: Client) -> None:
    page = read(staff.get("/late/?as_of=2014-06-01"))
    assert says(page)[0].startswith("As at 1 June 2014, 1 initial report and ")
    assert table(page, "h-initial")[1][:4] == ["Malaysia MYS", "initial report", "12 May 2014", "20 days"]
    assert links(one_of(page, "main"))["Malaysia"] == "/states/MYS/?as_of=2014-06-01"
    assert links(one_of(page, "main"))["CSV"] == "?as_of=2014-06-01&_export=csv"


def test_the_same_reports_are_late_as_in_the_list_of_obligations(shipped: None, staff: Client) -> None:
    for as_of in ("2012-05-31", "2020-02-29", TODAY.isoformat()):
        here = staff.get(f"/late/?as_of={as_of}&_export=json").json()
        there = staff.get(f"/obligations/?as_of={as_of}&status=overdue&_export=json").json()
        assert sorted((row["State"], row["Report"], row["Due"]) for row in here) == sorted(
            (row["State"], row["Report"], row["Due"]) for row in there if row["Article"] != "12.3"
        )


# --- one group, exports ---------------------------------------------------------------------------


def test_one_regional_group_can_be_asked_for(shipped: None, staff: Client) -> None:
    whole = staff.get("/late/?_export=json").json()
    page = read(staff.get("/late/?region=APS"))
    wanted = [row["State"] for row in whole if row["Regional group"] == "Asia-Pacific States"]
    shown = [row[0][:-4] for row in [*table(page, "h-initial"), *table(page, "h-periodic")] if len(row) > 1]
    assert shown == wanted
    assert [row["State"] for row in staff.get("/late/?region=APS&_export=json").json()] == wanted
    assert words(one_of(page, "a", aria_current="true")) == "Asia-Pacific States"
    assert links(page)["All groups"] == "?"


@pytest.mark.parametrize("region", ["XXX", "aps", "%00", "APS'"])
def test_an_unknown_group_is_no_page(region: str, staff: Client) -> None:
    assert staff.get(f"/late/?region={region}").status_code == 404


def test_every_export_holds_exactly_the_rows_shown(shipped: None, staff: Client) -> None:
    page = read(staff.get("/late/"))
    shown = [row[0][:-4] for row in [*table(page, "h-initial"), *table(page, "h-periodic")] if len(row) > 1]
    rows = staff.get("/late/?_export=json").json()
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
    assert list(csv.DictReader(io.StringIO(text.content.decode()))) == rows
    assert 'filename="late-2026-11-22.csv"' in text.headers["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(staff.get("/late/?_export=xlsx").content)).active
    assert sheet is not None
    assert sheet.max_row == 1 + len(rows)


@pytest.mark.parametrize("wanted", ["pdf", "html", "xls", "", "csv,json"])
def test_an_unknown_export_is_the_page(wanted: str, staff: Client) -> None:
    answer = staff.get("/late/", {"_export": wanted})
    assert answer.headers["Content-Type"].startswith("text/html")


def test_without_late_reports_the_page_says_so_and_exports_nothing(staff: Client) -> None:
    page = read(staff.get("/late/?as_of=2001-05-31"))
    assert says(page) == [
        "As at 31 May 2001, 0 initial reports and 0 periodic reports were overdue under article 12 of the OPSC."
    ]
    assert all_of(page, "table") == []
    assert "CSV" not in links(page)
    assert staff.get("/late/?as_of=2001-05-31&_export=json").json() == []


def test_the_page_takes_as_many_queries_for_few_rows_as_for_many(shipped: None, staff: Client) -> None:
    taken = []
    for address in ("/late/", "/late/?as_of=2012-05-31", "/late/?region=EES"):
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(address).status_code == 200
        taken.append(len(queries))
    assert len(set(taken)) == 1
    assert taken[0] <= 6
