"""The figures for the annual report: text, tables, the lists that they lead to, and the files."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from tests import factories
from tests.web.pages import Element, all_of, links, one_of, problems, read, words
from tests.web.pictures.reading import number_at
from tracker.rules.waiting_times import waiting_times
from tracker.web.reports.annual import time_in_words
from tracker.web.reports.annual_picture import waiting_chart


def text_of(page: Element) -> list[str]:
    return [words(one) for one in all_of(one_of(page, "section", aria_labelledby="h-text"), "p")]


def sheets_of(staff: Client, query: str = "") -> dict[str, list[list[Any]]]:
    book = load_workbook(io.BytesIO(staff.get(f"/annual-report.xlsx{query}").content))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


# --- the page --------------------------------------------------------------------------------------


def test_the_text_can_be_copied_into_the_report(shipped: None, staff: Client) -> None:
    page = read(staff.get("/annual-report/?since=2024-01-01&until=2024-12-31"))
    assert text_of(page) == [
        "From 1 January 2024 to 31 December 2024, no report is recorded as received.",
        "In that time the Committee considered 11 reports (initial reports: 3; reports under the Convention: 8).",
        (
            "On 22 November 2026, 17 reports of 16 States were waiting to be considered (initial reports: 2; periodic "
            "reports: 1; "
            "reports under the Convention: 14)."
        ),
        (
            "For the 9 reports considered in that time whose receipt is known, the median time from receipt to "
            "dialogue was 1,423 days (3 years 10 months)."
        ),
        (
            "Up to 22 November 2026, the Committee considered 77 reports whose receipt is known (initial reports: "
            "77); the median time from receipt to dialogue was 700 days (1 year 11 months)."
        ),
    ]


def test_one_report_has_a_time_and_no_median(shipped: None, staff: Client) -> None:
    text = text_of(read(staff.get("/annual-report/?series=initial")))
    assert text[1] == "In that time the Committee considered 1 report (initial reports: 1)."
    assert text[3] == (
        "The report considered in that time whose receipt is known had waited 2,527 days (6 years 11 months) from "
        "its receipt."
    )


def test_nothing_recorded_is_said_in_words(shipped: None, staff: Client) -> None:
    page = read(staff.get("/annual-report/?as_of=2001-05-31"))
    assert text_of(page) == [
        "From 1 January 2001 to 31 May 2001, no report is recorded as received.",
        "In that time no report is recorded as considered.",
        "On 31 May 2001, no report was known to be waiting.",
    ]
    assert words(one_of(one_of(page, "section", aria_labelledby="h-period"), "tfoot")) == "All—————"
    assert "No report with both days is recorded up to this day." in words(page)


def test_the_period_begins_with_the_year_of_the_day_and_ends_with_the_day(
    shipped: None, staff: Client
) -> None:
    page = read(staff.get("/annual-report/?as_of=2025-12-04"))
    assert words(one_of(page, "h2", id="h-period")) == "1 January 2025 to 4 December 2025"
    assert text_of(page)[4].endswith(
        "76 reports whose receipt is known (initial reports: 76); the median time from receipt to dialogue was 689 "
        "days (1 year 10 months)."
    )
    years = all_of(one_of(page, "nav", aria_label="Period"), "a")
    assert [words(one) for one in years] == ["2025", "2024", "2023", "2022"]
    assert years[1].attributes["href"] == "?as_of=2025-12-04&since=2024-01-01&until=2024-12-31"


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("until=2026-11-23", "Choose a day up to 22 November 2026, or a later as-of day."),
        ("since=2024-05-02&until=2024-05-01", "The period ends before it begins. Check the two days."),
        ("series=all", "Select a valid choice. all is not one of the available choices."),
    ],
)
def test_a_wrong_period_is_refused_in_words_on_the_page_and_for_files(
    query: str, problem: str, db: None, staff: Client
) -> None:
    page = read(staff.get(f"/annual-report/?{query}"))
    assert problems(page) == [problem]
    assert "Correct the period to see the figures." in words(page)
    assert all_of(page, "table") == []
    for form in ("csv", "xlsx"):
        assert staff.get(f"/annual-report.{form}?{query}").headers["Location"] == f"/annual-report/?{query}"


def test_each_figure_leads_to_as_many_reports(shipped: None, staff: Client) -> None:
    """As of another day, with a period that is not a year; a revision is in no list."""
    first = factories.Submission.objects.get(symbol="CRC/C/OPSC/PAN/1")
    factories.receives(first.state, "2019-08-05", revises=first, symbol="CRC/C/OPSC/PAN/1/Rev.1")
    page = read(staff.get("/annual-report/?since=2019-03-01&until=2023-12-31&as_of=2024-05-31"))
    leading = [
        (words(one), one.attributes["href"])
        for section, row in (("h-period", -1), ("h-ever", 2), ("h-ever", 7), ("h-ever", -1), ("h-years", 1))
        for one in all_of(all_of(one_of(page, "section", aria_labelledby=section), "tr")[row], "a")
    ]
    assert [int(number) for number, _address in leading] == [
        *(35, 23),  # in the period
        *(117, 109, 5, 3),  # initial reports
        *(59, 44, 9, 6),  # Asia-Pacific States
        *(207, 173, 19, 15),  # all
        1,  # considered in 2005
    ]
    for number, address in leading:
        assert "as_of=2024-05-31" in address
        assert number_at(staff, address) == int(number), address


def test_the_lists_of_a_kind_alone_are_of_that_kind(shipped: None, staff: Client) -> None:
    page = read(staff.get("/annual-report/?series=carried"))
    ever = one_of(page, "section", aria_labelledby="h-ever")
    assert words(one_of(ever, "tfoot")) == "All95671414599462 years 7 months"
    considered = links(one_of(ever, "tfoot"))["67"]
    assert considered == (
        "/submissions/?revisions=without&kind=periodic&carried_by=CRC+report&consideration=considered"
    )
    assert number_at(staff, considered) == 67


def test_the_page_is_light(shipped: None, staff: Client) -> None:
    assert len(staff.get("/annual-report/").content) <= 100_000


# --- the picture -----------------------------------------------------------------------------------


def test_the_picture_has_a_median_for_each_year_and_a_box_from_four_reports_on() -> None:
    years = [
        (2005, waiting_times([131])),
        (2006, waiting_times([])),
        (2007, waiting_times([100, 200, 300, 400])),
    ]
    chart = waiting_chart(years)
    assert [(one.says, one.high > 0) for one in chart.boxes] == [
        ("2005: 131 days (4 months), 1 report", False),
        ("2007: median of 4 reports 250 days (8 months)", True),
    ]
    box = chart.boxes[1]
    assert box.top < box.median < box.top + box.high <= chart.heights.ground
    assert waiting_chart([]).boxes == []


def test_days_are_said_in_years_and_months_too() -> None:
    assert [time_in_words(days) for days in (1, 30, 31, 700)] == [
        "1 day", "30 days", "31 days (1 month)", "700 days (1 year 11 months)",
    ]  # fmt: skip


# --- the files -------------------------------------------------------------------------------------


def test_the_workbook_has_the_figures_every_report_and_the_method(shipped: None, staff: Client) -> None:
    panama = next(row for row in sheets_of(staff)["Reports counted"] if row[2] == "CRC/C/OPSC/PAN/1")
    assert [str(cell) for cell in panama] == [
        "Panama", "initial report", "CRC/C/OPSC/PAN/1", "2019-06-05 00:00:00", "2024-05-13 00:00:00", "1804",
        "considered",
    ]  # fmt: skip
    sheets = sheets_of(staff, "?since=2024-01-01&until=2024-12-31")
    assert list(sheets) == [
        "Report", "1 January 2024 to 31 December 2", "Since the beginning", "By year of the dialogue",
        "Reports counted", "Notes on method",
    ]  # fmt: skip
    assert ["Initial reports", 117, 112, 2, 3, 77, 700, "1 year 11 months"] in sheets["Since the beginning"]
    assert ["All", 0, 11, 9, 1423, "3 years 10 months"] in sheets["1 January 2024 to 31 December 2"]
    assert ["2024", 9, 1357, 1423, 1557, "3 years 10 months"] in sheets["By year of the dialogue"]
    reports = sheets["Reports counted"]
    assert len([row for row in reports if row[6] and row[0] != "State"]) == 215
    assert any(
        str(row[0]).startswith("For 35 reports the month of the dialogue")
        for row in sheets["Notes on method"]
    )


def test_the_rows_come_as_csv_in_english_or_the_language_asked_for(shipped: None, staff: Client) -> None:
    answer = staff.get("/annual-report.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="annual-report-2026-11-22.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 1 + 215
    assert rows[0] == [
        "State", "Code", "Report", "Symbol", "Regional group", "Received", "Considered", "Days", "Status",
    ]  # fmt: skip
    assert [
        "Brazil", "BRA", "initial report", "CRC/C/OPSC/BRA/1", "Latin American and Caribbean States", "2020-04-15",
        "2025-05-30", "1871", "considered; session known alone",
    ] in rows  # fmt: skip


def test_the_picture_comes_as_a_file_that_needs_no_style_sheet(shipped: None, staff: Client) -> None:
    answer = staff.get("/annual-report.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    drawn = read(answer)
    assert one_of(drawn, "svg").attributes["xmlns"] == "http://www.w3.org/2000/svg"
    assert {one.attributes["fill"] for one in all_of(drawn, "rect")} == {"#86b3dd"}
    assert len(all_of(drawn, "path")) == 22  # each year from 2005 to 2026


def test_the_pdf_is_of_the_period_and_a_wrong_form_is_not_found(shipped: None, staff: Client) -> None:
    answer = staff.get("/annual-report.pdf?since=2024-01-01&until=2024-12-31")
    first = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "the Committee considered 11 reports" in " ".join(first.split())
    assert staff.get("/annual-report.html").status_code == 404


def test_a_file_of_a_day_that_is_not_understood_leads_to_the_page(db: None, staff: Client) -> None:
    for form in ("csv", "xlsx"):
        answer = staff.get(f"/annual-report.{form}?as_of=31.2.2014")
        assert answer.headers["Location"] == "/annual-report/?as_of=31.2.2014"
