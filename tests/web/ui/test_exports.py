"""The exports: exactly the rows of the page, dates as dates, and the trail of each."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from tests import factories
from tests.depth import first
from tests.web.conftest import TODAY
from tests.web.pages import links, one_of, read, table, words
from tracker.web.ui import exports

pytestmark = pytest.mark.django_db

OVERDUE = "/obligations/?kind=initial&status=overdue"
INDONESIA = {
    "State": "Indonesia",
    "Alpha-3": "IDN",
    "Report": "initial report",
    "Article": "12.1",
    "Due": "2014-10-24",
    "Year alone is printed": "",
    "Due date printed by the UN": None,
    "The UN prints another date": "",
    "Status": "overdue",
    "Awaiting review since": None,
    "Expected in": None,
    "Received": None,
    "Days late": 4412,
    "Date from": "rule",
    "Document": None,
    "Carried by": "own",
    "Why this date": (
        "Instrument of ratification deposited on 24 September 2012. Article 14(2): In force for the State "
        "one month after the deposit, on 24 October 2012. Article 12(1): Initial report within two years of "
        "entry into force, by 24 October 2014."
    ),
}


def csv_rows(staff: Client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(staff.get(address).content.decode("utf-8-sig"))))


def test_the_json_export_holds_the_filtered_rows(shipped: None, staff: Client) -> None:
    malaysia, indonesia = staff.get(f"{OVERDUE}&_export=json").json()
    assert indonesia == INDONESIA
    assert (malaysia["State"], malaysia["Due"]) == ("Malaysia", "2014-05-12")


def test_the_csv_export_holds_the_same(shipped: None, staff: Client) -> None:
    _, indonesia = csv_rows(staff, f"{OVERDUE}&_export=csv")
    assert indonesia == {name: "" if value is None else str(value) for name, value in INDONESIA.items()}


def test_the_workbook_holds_real_dates(shipped: None, staff: Client) -> None:
    answer = staff.get("/obligations/?state=USA&_export=xlsx")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    header, first, *_ = sheet.iter_rows(min_row=5, values_only=True)
    row = dict(zip(header, first, strict=True))
    assert sheet.title == "obligations"
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A6", "A5:G12")
    assert sheet.max_row == 5 + 7
    assert (row["Due"], row["Received"]) == (datetime(2005, 1, 23), datetime(2007, 5, 10))  # noqa: DTZ001
    assert row["Status"] == "received late"


@pytest.mark.parametrize(("address", "about"), [
    ("/obligations/?as_of=2009-05-31&status=overdue&status=no+record&region=AFR&",
     ["Obligations as of 31 May 2009", "Overdue or no record, in African States."]),
    ("/reminders/?q==cmd&", ["Reminders", "With “=cmd” in the text."]),
    ("/states/?", ["States as of 22 November 2026", "All rows."]),
])  # fmt: skip
def test_a_workbook_begins_with_what_it_is_about(
    address: str, about: list[str], shipped: None, ledger: None, staff: Client
) -> None:
    sheet = load_workbook(io.BytesIO(staff.get(f"{address}_export=xlsx").content)).active
    assert sheet is not None
    first = [sheet.cell(row, 1).value for row in range(1, 6)]
    assert first[:4] == [*about, "Made on 22 November 2026.", None]
    assert sheet.cell(1, 1).font.bold
    assert first[4] == "State"


def test_a_workbook_has_the_chosen_columns_alone(shipped: None, staff: Client) -> None:
    def header(query: str) -> list[object]:
        book = load_workbook(io.BytesIO(staff.get(f"/obligations/?{query}_export=xlsx").content))
        return [cell.value for cell in book.active[5]]

    assert header("") == ["State", "Report", "Due", "Status", "Received", "Date from", "Why this date"]
    assert header("column=due&column=iso3&column=days_late&") == ["Due", "Alpha-3", "Days late"]


def test_a_workbook_prints_as_wide_as_the_paper_with_its_header_on_each_page(
    shipped: None, staff: Client
) -> None:
    answer = staff.get("/obligations/?state=USA&_export=xlsx")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$5:$5"
    long = [cell for row in sheet.iter_rows(min_row=6) for cell in row if len(str(cell.value)) > 60]
    assert {(cell.alignment.wrap_text, cell.alignment.vertical) for cell in long} == {(True, "top")}


def test_csv_begins_with_the_mark_by_which_spreadsheets_read_accents(shipped: None, staff: Client) -> None:
    assert staff.get("/states/?q=CIV&_export=csv").content.startswith(b"\xef\xbb\xbfState,")


def test_an_export_is_named_after_list_and_day(shipped: None, staff: Client) -> None:
    def name(address: str) -> str:
        return staff.get(address).headers["Content-Disposition"]

    assert name("/obligations/?_export=csv") == 'attachment; filename="obligations-2026-11-22.csv"'
    assert name("/states/?as_of=2009-05-31&_export=xlsx") == 'attachment; filename="states-2009-05-31.xlsx"'
    assert name("/reminders/?_export=json") == 'attachment; filename="reminders-2026-11-22.json"'


def test_an_export_holds_all_pages_in_the_order_of_the_page(shipped: None, staff: Client) -> None:
    query = "kind=initial&sort=-due&as_of=2009-05-31"
    exported = csv_rows(staff, f"/obligations/?{query}&per_page=25&page=2&_export=csv")
    shown = table(read(staff.get(f"/obligations/?{query}&per_page=1000")))
    assert len(exported) == 131
    assert [f"{row['State']} {row['Alpha-3']}" for row in exported] == [row[0] for row in shown]


def test_an_export_that_is_read_in_parts_holds_each_row_once_and_in_order(
    shipped: None, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "/obligations/?sort=-state&_export=csv"
    whole = csv_rows(staff, address)
    monkeypatch.setattr(exports, "ROWS_AT_ONCE", 97)
    assert csv_rows(staff, address) == whole
    assert len(whole) > 2 * 97


def test_an_export_of_an_earlier_day_knows_nothing_later(shipped: None, staff: Client) -> None:
    rows = csv_rows(staff, "/obligations/?state=USA&as_of=2012-12-31&_export=csv")
    assert [(row["Report"], row["Due"], row["Received"], row["Date from"]) for row in rows] == [
        ("initial report", "2005-01-23", "2007-05-10", "rule"),
        ("periodic report 2", "2010-01-23", "2010-01-25", "rule"),
        ("periodic report 3", "2015-01-23", "", "rule"),
        ("periodic report 4", "2020-01-23", "", "rule"),
    ]
    assert not any("The Committee" in row["Why this date"] for row in rows)


def test_the_states_are_exported_with_their_participation(shipped: None, staff: Client) -> None:
    (row,) = csv_rows(staff, "/states/?q=norway&_export=csv")
    assert row == {
        "State": "Norway",
        "Alpha-3": "NOR",
        "Regional group": "Western European and other States",
        "Participation": "ratification",
        "Since": "2001-10-02",
        "In force": "2002-01-18",
        "Next due": "",
        "Overdue": "0",
        "Initial report": "received, date unknown",
    }


def test_the_ledger_is_exported_with_what_was_sent(shipped: None, ledger: None, staff: Client) -> None:
    rows = csv_rows(staff, "/reminders/?state=sent&_export=csv")
    assert len(rows) == 2
    assert {row["Status"] for row in rows} == {"sent"}
    assert {row["Sent, UTC"][:10] for row in rows} == {date(2026, 11, 22).isoformat()}
    assert all(row["Mail"].startswith("<") for row in rows)


def test_the_page_links_to_the_export_of_what_it_shows(shipped: None, staff: Client) -> None:
    page = read(staff.get("/obligations/?as_of=2009-05-31&status=no+record&sort=-due"))
    found = links(one_of(page, "p", class_="exports"))
    assert list(found) == ["CSV", "XLSX", "JSON"]
    assert len(csv_rows(staff, f"/obligations/{found['CSV']}")) == 75


def test_an_unknown_format_shows_the_page(shipped: None, staff: Client) -> None:
    answer = staff.get("/obligations/?_export=pdf&state=USA")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert len(table(read(answer))) == 7


def test_a_filter_that_cannot_be_exports_nothing(shipped: None, staff: Client) -> None:
    assert staff.get("/obligations/?state=XXX&_export=json").json() == []


# --- harmless to open -----------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/states/", "/obligations/", "/to-confirm/"])
def test_no_cell_of_an_export_is_taken_for_a_formula(address: str, staff: Client) -> None:
    state = factories.a_state("ZZZ", name="=cmd|' /C calc'!A0", records_from="2025-12-04")
    factories.joins(state, on="2001-10-02", note="@SUM(A1)")
    factories.derive(TODAY.isoformat())
    told = staff.get(f"{address}?_export=csv").content.decode()
    assert "'=cmd|" in told
    assert not re.search(r"(?m)(?:^|,)\"?[=+@-](?![0-9])", told)
    book = load_workbook(io.BytesIO(staff.get(f"{address}?_export=xlsx").content))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    # A program that reads JSON runs no formulas.
    assert "=cmd|' /C calc'!A0" in str(staff.get(f"{address}?_export=json").json())


def test_a_file_holds_the_columns_in_the_order_of_the_page(shipped: None, staff: Client) -> None:
    told = staff.get(f"{OVERDUE}&_export=csv").content.decode("utf-8-sig")
    assert told.splitlines()[0] == (
        "State,Alpha-3,Report,Article,Carried by,Due,Year alone is printed,Due date printed by the UN,The UN prints "
        "another date,Status,Days late,Awaiting review since,Expected in,Received,Date from,Document,Why this date"
    )
    told = staff.get(f"{OVERDUE}&_export=csv&column=iso3&column=due&column=state").content.decode("utf-8-sig")
    assert told.splitlines()[0] == (
        "Alpha-3,Due,Year alone is printed,Due date printed by the UN,The UN prints another date,State"
    )


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_file_is_sent_while_its_rows_are_read(form: str, shipped: None) -> None:
    client = Client()
    client.force_login(factories.an_officer("ida", is_superuser=True))
    answer = client.get(f"/obligations/?_export={form}")
    assert answer.streaming
    parts = [len(part) for part in answer]
    assert len(parts) == 365  # a header or a footer next to the rows
    assert max(parts) < 5_000


def test_a_workbook_of_a_list_can_be_imported(shipped: None, staff: Client) -> None:
    content = staff.get("/submissions/?region=EES&_export=xlsx").content
    file = SimpleUploadedFile("submissions.xlsx", content)
    answer = staff.post("/imports/upload/", {"table": "submissions", "file": file}, follow=True)
    assert "headings in row 5, 5 of 8 columns" in words(one_of(read(answer), "main"))


# --- languages ---------------------------------------------------------------------------------------


def reading(staff: Client, code: str) -> Client:
    """The same person, who reads another language from now on."""
    staff.post("/language/", {"language": code})
    return staff


def sheet_of(staff: Client, address: str) -> Any:
    return load_workbook(io.BytesIO(staff.get(address).content)).active


@pytest.mark.parametrize("address", first(2, [f"{OVERDUE}&", "/states/IDN/history/?", "/states/?"]))
def test_programs_read_the_same_whatever_the_language_of_the_reader(
    address: str, shipped: None, staff: Client
) -> None:
    files = ("_export=csv", "_export=json", "_export=csv&_titles=keys")
    english = [staff.get(f"{address}{one}").getvalue() for one in files]  # type: ignore[attr-defined]  # streamed
    reading(staff, "fr")
    french = [staff.get(f"{address}{one}").getvalue() for one in files]  # type: ignore[attr-defined]  # streamed
    assert french == english
    titled = staff.get(f"{address}_export=json&_titles=words").getvalue()  # type: ignore[attr-defined]  # streamed
    assert titled == english[1]


def test_csv_for_people_is_in_their_language(shipped: None, staff: Client) -> None:
    lines: Any = reading(staff, "fr").get(f"{OVERDUE}&_export=csv&_titles=words").getvalue()  # type: ignore[attr-defined]  # streamed
    assert lines.startswith(b"\xef\xbb\xbf")
    header, first, *_ = csv.reader(io.StringIO(lines.decode("utf-8-sig")))
    assert header[:2] == ["État", "Alpha-3"]
    assert "rapport initial" in first


def test_a_workbook_is_in_the_language_of_its_reader(shipped: None, staff: Client) -> None:
    english = sheet_of(staff, f"{OVERDUE}&_export=xlsx")
    arabic = sheet_of(reading(staff, "ar"), f"{OVERDUE}&_export=xlsx")
    assert arabic.sheet_view.rightToLeft
    assert arabic["C5"].value != english["C5"].value == "Due"
    keys = sheet_of(staff, f"{OVERDUE}&_export=xlsx&_titles=keys")
    assert not keys.sheet_view.rightToLeft
    assert list(keys.values) == list(english.values)


def test_the_page_offers_words_to_readers_of_other_languages_only(shipped: None, staff: Client) -> None:
    assert "_titles" not in staff.get(OVERDUE).content.decode()
    offered = links(one_of(read(reading(staff, "es").get(OVERDUE)), "p", class_="exports")).values()
    assert [one.partition("overdue&")[2] for one in offered] == [
        "_export=csv", "_export=xlsx", "_export=json", "_export=csv&_titles=words", "_export=xlsx&_titles=keys",
    ]  # fmt: skip
