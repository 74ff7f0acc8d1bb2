"""Lists as offices keep them: the headings are found, the columns recognised, what is no row is left out and named."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import given, strategies as st
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from tests.obligations.lists import HEADINGS, STATES, as_workbook, reports_received
from tests.obligations.test_hostile_files import (
    SMALL,
    as_csv,
    assert_placed,
    hostile,
    tables,
    values,
)
from tracker.languages.known import speaking
from tracker.obligations.imports.columns import Word, yes_or_no
from tracker.obligations.imports.files import read_grid
from tracker.obligations.imports.headings import propose, rated
from tracker.obligations.imports.layout import ColumnsMissing, Reading, lay_out
from tracker.obligations.imports.report_names import report_named
from tracker.obligations.imports.sheet import Limits, Sheet, UnreadableFile
from tracker.obligations.imports.spellings import DayOrder, order_said, written_day_of
from tracker.obligations.imports.tables import TABLES
from tracker.registry.names import StateNames
from tracker.registry.values import BadValue

NAMES = StateNames([(iso3, None, name) for iso3, name, _written in STATES])
WIDE = Limits(size=1_000_000, rows=1_000, cell=2_000)


def laid_out(
    content: bytes, name: str = "x.xlsx", table: str = "submissions", limits: Limits = WIDE, **answers: Any
) -> tuple[Sheet, Reading]:
    kind = TABLES[table]
    columns = [column.name for column in kind.columns()]
    grid = read_grid(
        name, content, table, limits, columns, lambda rows: max(rated(rows, kind), default=0),
        answers.get("sheet", ""),
    )  # fmt: skip
    return lay_out(grid, kind, NAMES, answers)


def a_list(*rows: str, **answers: Any) -> tuple[Sheet, Reading]:
    """Rows as they are pasted from a spreadsheet."""
    return laid_out("\n".join(row.replace(" | ", "\t") for row in rows).encode(), "pasted rows", **answers)


def cells(sheet: Sheet) -> list[list[Any]]:
    return [line.cells for line in sheet.lines]


def left_out(reading: Reading) -> list[tuple[int, str]]:
    return [(number, why) for number, _text, why, _may in reading.left_out]


# --- the list of an office ------------------------------------------------------------------------------


def test_the_list_of_an_office_is_read_as_it_is() -> None:
    sheet, reading = laid_out(as_workbook(reports_received(last="3rd-4th")))
    assert sheet.columns == ["state", "kind", "cycles", "received_on", "symbol"]
    assert [line.number for line in sheet.lines] == [5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17]
    assert cells(sheet)[0] == ["Norway", "initial", "1", date(2005, 6, 3), "CRC/C/OPSC/NOR/1"]
    assert cells(sheet)[-1] == ["Turkey", "periodic", "3-4", date(2009, 5, 11), "CRC/C/OPSC/TUR/1"]
    assert [row[3] for row in cells(sheet)[1:11]] == [
        date(2006, 1, 23), date(2006, 3, 9), date(2006, 7, 5), "4 Nov 2006", date(2007, 6, 7), date(2007, 12, 12),
        date(2008, 2, 1), date(2008, 5, 15), date(2008, 6, 30), date(2009, 3, 2),
    ]  # fmt: skip
    assert left_out(reading) == [
        (1, "Above the headings."),
        (2, "Above the headings."),
        (18, "A total."),
        (19, "Only one cell is filled: a title or a note."),
    ]
    assert reading.notes == ["Date received: the day comes first, as 23/01/2006 in row 6 shows."]
    assert (reading.header, reading.asked, reading.origin, reading.is_sure) == (4, [], "proposed", True)
    assert [name for _letter, _heading, name, _example in reading.columns] == [
        "", "state", "report", "received_on", "symbol", "",
    ]  # fmt: skip


def test_the_same_list_as_csv_and_pasted_says_the_same() -> None:
    rows = [[text or "" for text in row] for row in reports_received(days=("13/6/2005",) * 12)]
    wide = [[*row, *[""] * (len(HEADINGS) - len(row))] for row in rows]
    read_as = [
        laid_out(as_workbook(rows)),
        laid_out(as_csv(wide).encode(), "x.csv"),
        laid_out(as_csv(wide, ";").encode("cp1252"), "x.csv"),
        laid_out(as_csv(rows, "\t").encode(), "pasted rows"),
    ]
    assert len(read_as[0][0].lines) == 12
    assert [cells(sheet) for sheet, _reading in read_as] == [cells(read_as[0][0])] * 4
    assert [left_out(reading) for _sheet, reading in read_as] == [left_out(read_as[0][1])] * 4


def test_the_sheet_with_the_table_is_found_and_two_alike_are_asked_about() -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["Read me first", "Contact: Rolf"])
    book.create_sheet("2026").append(["Country", "Report", "Received"])
    book["2026"].append(["Norway", "initial", "2005-06-03"])
    out = as_bytes(book)
    _sheet, reading = laid_out(out)
    assert (reading.sheet, reading.is_sure) == ("2026", True)
    book.create_sheet("2025").append(["Country", "Report", "Received"])
    _sheet, reading = laid_out(as_bytes(book))
    assert (reading.sheet, reading.sheets, reading.is_sure) == ("2026", ["Sheet", "2026", "2025"], False)
    _sheet, reading = laid_out(as_bytes(book), sheet="2025")
    assert reading.sheet == "2025"


def as_bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# --- columns --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "headings", "row", "columns"),
    [
        ("submissions", "Country|Report|Date received|Doc. symbol", "Norway|Initial|3/6/2005|CRC/C/OPSC/NOR/1",
         "state report received_on symbol"),
        ("submissions", "State party|Type|OPSC - reports received|Remarks", "Norway|initial|3/6/2005|late",
         "state report received_on note"),
        ("submissions", "State|Type of report|Cycle|Received", "Norway|periodic|3-4|3/6/2005",
         "state kind cycles received_on"),
        ("submissions", "Pays|Rapport|Date de réception|Cote", "Norvège|initial|3/6/2005|CRC/C/OPSC/NOR/1",
         "state report received_on symbol"),
        # The cells decide where a heading could be either.
        ("submissions", "State|Report|Received|Report no.", "Norway|CRC/C/OPSC/NOR/1|3/6/2005|initial",
         "state symbol received_on report"),
        ("submissions", "#|State|Report|Due date", "1|Norway|initial|3/6/2005", " state report "),
        ("contacts", "Country|Focal point|E-mail address|Ministry", "Norway|Anna|a@example.org|Foreign Affairs",
         "state name email office"),
        ("actions", "State|Instrument|Action|Date of deposit", "Norway|OPSC|ratification|3/6/2005",
         "state treaty kind date"),
        # No heading says it, but the cells leave one possibility.
        ("submissions", "Who|What|Received", "Norway|3rd-4th|3/6/2005", "state report received_on"),
    ],
)  # fmt: skip
def test_columns_are_recognised_by_their_headings_and_cells(
    table: str, headings: str, row: str, columns: str
) -> None:
    found, _is_sure = propose(headings.split("|"), [row.split("|")], TABLES[table], NAMES)
    assert [found.get(at, "") for at in range(len(headings.split("|")))] == columns.split(" ")


@pytest.mark.parametrize(
    ("headings", "row"),
    [
        ("État partie|Rapport|Date de réception|Cote|Titre", "Norvège|Rapport initial|3 juin 2005"),
        ("Estado parte|Informe|Fecha de recepción|Signatura|Título", "Noruega|Informe inicial|3 de junio de 2005"),
        ("Государство-участник|Доклад|Дата получения|Условное обозначение|Название",
         "Норвегия|Первоначальный доклад|3 июня 2005 года"),
        ("缔约国|报告|收到日期|文号|标题", "挪威|初次报告|2005年6月3日"),
        ("دولة طرف|التقرير|تاريخ الاستلام|الرمز|العنوان", "النرويج|التقرير الأولي|3 حزيران/يونيه 2005"),
        ("الدولة|تقرير|تاريخ الورود|الوثيقة|العنوان", "النرويج|التقرير الأولي|٢٠٠٥-٠٦-٠٣"),
    ],
)  # fmt: skip
def test_a_list_is_read_in_each_language(headings: str, row: str) -> None:
    texts = [headings, f"{row}|CRC/C/OPSC/NOR/1|Titre"]
    sheet, _reading = a_list(*(text.replace("|", " | ") for text in texts))
    assert sheet.columns == ["state", "kind", "cycles", "received_on", "symbol", "title"]
    (found,) = cells(sheet)
    assert (NAMES.recognise(found[0]).iso3, *found[1:3]) == ("NOR", "initial", "1")  # type: ignore[union-attr]
    assert written_day_of(str(found[3]), None) == date(2005, 6, 3)


def test_a_title_in_another_language_says_what_is_the_same_in_all_rows() -> None:
    sheet, reading = a_list(
        "Ratification", "Pays | Traité | Date", "Norvège | OPSC | 2001-10-02", table="actions"
    )
    assert reading.same == {"kind": "ratification"}
    sheet, reading = a_list(
        "Adhésion", "Pays | Traité | Date", "Norvège | OPSC | 2001-10-02", table="actions"
    )
    assert (reading.same, cells(sheet)) == (
        {"kind": "accession"},
        [["Norvège", "OPSC", "2001-10-02", "accession"]],
    )


def test_a_person_decides_what_the_headings_do_not_say() -> None:
    rows = ("A | B | C", "Norway | 3/6/2005 | 13/6/2004", "Sweden | 4/6/2005 | 14/6/2004")
    with pytest.raises(ColumnsMissing) as caught:
        a_list(*rows)
    assert [str(one) for one in caught.value.problems] == [
        "No column is read as “kind”; choose it below.",
        "No column is read as “cycles”; choose it below.",
    ]
    assert caught.value.reading.chosen == {"A": "state", "B": "", "C": ""}
    sheet, reading = a_list(
        *rows,
        columns={"A": "state", "B": "received_on", "C": ""},
        same={"kind": "initial"},
        order=DayOrder.MONTH_FIRST.value,
    )
    assert sheet.columns == ["state", "received_on", "kind", "cycles"]
    assert cells(sheet)[0] == ["Norway", date(2005, 3, 6), "initial", "1"]
    assert reading.origin == "chosen"
    with pytest.raises(ColumnsMissing, match="Two columns are read as “State”; leave one of them out"):
        a_list(*rows, columns={"A": "state", "B": "state"}, same={"kind": "initial"})


def test_the_title_says_what_no_column_says() -> None:
    sheet, reading = a_list("Initial reports received | ", "State | Received", "Norway | 13/6/2005")
    assert sheet.columns == ["state", "received_on", "kind", "cycles"]
    assert cells(sheet) == [["Norway", date(2005, 6, 13), "initial", "1"]]
    assert (reading.same, reading.is_sure) == ({"kind": "initial", "cycles": "1"}, False)


def test_a_list_without_headings_loses_no_row() -> None:
    rows = ("Norway | initial report | 3 Jun 2005", "Sweden | 3rd-4th | 4 Jun 2005")
    sheet, reading = a_list(*rows)
    assert (reading.header, reading.is_sure) == (0, False)
    assert cells(sheet) == [["Norway", "initial", "1"], ["Sweden", "periodic", "3-4"]]
    sheet, _reading = a_list(*rows, columns={"A": "state", "B": "report", "C": "received_on"})
    assert cells(sheet)[0] == ["Norway", "initial", "1", "3 Jun 2005"]
    assert a_list(*rows, header=1)[1].header == 1


def test_the_headings_are_in_the_row_that_names_most_columns() -> None:
    sheet, reading = a_list(
        "Reports under article 12 |  | ", " | Initial report | ", "State party | Due | Received",
        "Norway | 2004-01-18 | 2005-06-03",
    )  # fmt: skip
    assert (reading.header, reading.same) == (3, {"kind": "initial", "cycles": "1"})
    assert cells(sheet) == [["Norway", "2005-06-03", "initial", "1"]]


def test_a_dash_is_an_empty_cell_but_not_in_a_file_of_ours() -> None:
    rows = ("Norway | initial | 2005-06-03 | -", "Sweden | initial | - | n/a")
    sheet, _reading = a_list("State | Report | Date received | Remarks", *rows)
    assert [row[3:] for row in cells(sheet)] == [["2005-06-03", ""], ["", ""]]
    sheet, _reading = a_list("state | kind | cycles | note", "Norway | initial | 1 | -")
    assert cells(sheet) == [["Norway", "initial", "1", "-"]]


def test_the_treaty_says_by_which_report_the_information_comes() -> None:
    sheet, _reading = a_list(
        "State | Treaty | Report", "Norway | CRC-OP-SC | 1", "Norway | CRC | V-VI", "Norway | OPAC | 1"
    )
    assert [row[1] for row in cells(sheet)] == ["own", "CRC report", "OPAC"]


def test_what_is_the_same_in_all_rows_of_one_list_is_not_taken_for_the_next() -> None:
    rows = ("Periodic reports | ", "State | Cycle | Received", "Norway | 2 | 13/6/2005")
    _sheet, first = a_list(*rows)
    grid = read_grid("x", "\n".join(rows).replace(" | ", "\t").encode(), "submissions", WIDE, [], lambda _: 0)
    read = {
        first.headings: {
            "columns": {"A": "state", "B": "cycles", "C": "received_on"},
            "same": {"kind": "initial"},
        }
    }
    _sheet, reading = lay_out(grid, TABLES["submissions"], NAMES, {}, lambda marks: read)
    assert (reading.origin, reading.same) == ("remembered", {"kind": "periodic"})


def test_a_clearer_heading_is_read_and_the_other_named() -> None:
    row = "Norway | 1 | 2003-01-01 | 2005-06-03"
    for other in ("Date", "Submitted", "Replies received"):
        sheet, reading = a_list(f"State | Report | {other} | Date received", row)
        assert cells(sheet) == [["Norway", "initial", "1", "2005-06-03"]]
    sheet, reading = a_list("State | Report | Received | Received", row)
    assert (cells(sheet)[0][3], reading.is_sure) == ("2003-01-01", False)
    assert reading.notes == [
        "“Received” (column D) is left out, because column C is read as “received on”: check which of them is meant."
    ]


def test_days_under_a_heading_that_says_something_else_are_asked_about() -> None:
    with pytest.raises(ColumnsMissing) as caught:
        a_list(
            "Ratifications of the OPSC | ", "Participant | Signature | Ratification, Accession(a)",
            "Norway | 13 Jun 2000 | 2 Oct 2001 a",
            table="actions",
        )  # fmt: skip
    assert [str(one) for one in caught.value.problems] == ["No column is read as “date”; choose it below."]
    sheet, _reading = laid_out(
        as_workbook(
            [
                ["Initial reports"],
                ["State", "Received", "CRC report received"],
                ["Norway", date(2005, 6, 13), date(2016, 1, 1)],
            ]
        )
    )
    assert cells(sheet) == [["Norway", date(2005, 6, 13), "initial", "1"]]


def test_the_numbers_of_the_rows_are_no_numbers_of_reports() -> None:
    with pytest.raises(ColumnsMissing) as caught:
        a_list(
            "Report no. | State | Type | Received", "1 | Norway | periodic | 2005-06-03",
            "2 | Sweden | periodic | 2005-06-04", "3 | Italy | periodic | 2005-06-05",
            "4 | France | periodic | 2005-06-06",
        )  # fmt: skip
    assert [str(one) for one in caught.value.problems] == ["No column is read as “cycles”; choose it below."]


def test_what_was_chosen_for_the_same_headings_is_chosen_again() -> None:
    rows = ("Title | ", "Who | When | What", "Norway | 13/6/2005 | 1")
    _sheet, first = a_list(*rows, header=2, columns={"A": "state", "B": "received_on", "C": "report"})
    grid = read_grid("x", "\n".join(rows).replace(" | ", "\t").encode(), "submissions", WIDE, [], lambda _: 0)
    read = {first.headings: {"columns": first.chosen, "same": {}}}
    sheet, reading = lay_out(grid, TABLES["submissions"], NAMES, {}, lambda marks: read)
    assert (reading.header, reading.origin, reading.is_sure) == (2, "remembered", True)
    assert cells(sheet) == [["Norway", date(2005, 6, 13), "initial", "1"]]


# --- rows -------------------------------------------------------------------------------------------------


def test_what_is_no_row_is_left_out_and_can_be_taken_in() -> None:
    rows = (
        "State | Report | Received", "Africa |  | ", "Norway | 1 | 2005-06-03", "State | Report | Received",
        "Sub-total | 1 | ", "Sweden | 1 | 2005-06-03", "Total reports | 2 | ",
    )  # fmt: skip
    sheet, reading = a_list(*rows)
    assert [line.number for line in sheet.lines] == [3, 6]
    assert left_out(reading) == [
        (2, "Only one cell is filled: a title or a note."),
        (4, "The headings again."),
        (5, "A total."),
        (7, "A total."),
    ]
    sheet, reading = a_list(*rows, out=[3], back=[5])
    assert [line.number for line in sheet.lines] == [5, 6]
    assert (3, "Left out by hand.") in left_out(reading)


def test_a_row_about_a_state_is_no_total() -> None:
    sheet, _reading = a_list("State | Report | Received | Note", "Norway | 1 | 2005-06-03 | Total")
    assert len(sheet.lines) == 1


def test_cells_behind_the_headings_of_a_workbook_do_no_harm_and_of_a_text_are_refused() -> None:
    rows = [["State", "Report", "Received"], ["Norway", "1", "2005-06-03", "a remark"]]
    sheet, reading = laid_out(as_workbook(rows))
    assert sheet.lines[0].problem is None
    assert reading.columns[-1] == ("D", "", "", "a remark")
    sheet, _reading = laid_out(as_csv(rows).encode(), "x.csv")
    assert str(sheet.lines[0].problem) == (
        "Row 2, column D: There is a cell beyond the last column, Received; a comma in a text is perhaps not quoted."
    )


# --- days and reports -------------------------------------------------------------------------------------


def days_of(*texts: str, heading: str = "Received", **answers: Any) -> tuple[list[Any], Reading]:
    sheet, reading = a_list(f"State | Report | {heading}", *(f"Norway | 1 | {on}" for on in texts), **answers)
    return [row[3] for row in cells(sheet)], reading


def test_one_day_after_the_twelfth_proves_the_order_of_its_column() -> None:
    assert days_of("3/6/2005", "23/1/2006")[0] == [date(2005, 6, 3), date(2006, 1, 23)]
    days, reading = days_of("3/6/2005", "1/23/2006")
    assert days == [date(2005, 3, 6), date(2006, 1, 23)]
    assert reading.notes == ["Received: the month comes first, as 1/23/2006 in row 3 shows."]
    assert days_of("3/6/2005", "23/1/2006", order="month")[0][0] == date(2005, 6, 3)  # whatever is answered


def test_an_order_that_nothing_proves_is_asked_once_and_not_guessed() -> None:
    days, reading = days_of("3/6/2005", "5/5/2005", "4/6/05")
    assert days == ["3/6/2005", date(2005, 5, 5), "4/6/05"]
    assert (reading.asked, reading.example) == (["Received"], ("3/6/2005", "2005-06-03", "2005-03-06"))
    assert days_of("3/6/2005", "4/6/05", order="day")[0] == [date(2005, 6, 3), date(2005, 6, 4)]
    assert days_of("3/6/2005", "4/6/05", order="month")[0] == [date(2005, 3, 6), date(2005, 4, 6)]
    days, reading = days_of("3/6/2005", heading="Received (dd/mm/yyyy)")
    assert (days, reading.asked) == ([date(2005, 6, 3)], [])


def test_a_column_in_both_orders_proves_nothing() -> None:
    days, reading = days_of("3/6/2005", "23/1/2006", "1/23/2006", order="day")
    assert days == ["3/6/2005", date(2006, 1, 23), date(2006, 1, 23)]
    assert reading.notes == [
        (
            "Received: 23/1/2006 in row 3 and 1/23/2006 in row 4 are written in different orders, so a day such as "
            "3/6/2005 is refused."
        )
    ]
    assert not reading.is_sure


def test_a_heading_that_says_another_order_than_its_days_proves_nothing() -> None:
    days, reading = days_of("3/6/2005", "1/23/2006", heading="Received (dd/mm/yyyy)", order="month")
    assert (days, reading.is_sure) == (["3/6/2005", date(2006, 1, 23)], False)
    assert reading.notes == [
        (
            "Received (dd/mm/yyyy): the heading says another order than 1/23/2006 in row 3, so a day such as 3/6/2005 "
            "is refused."
        )
    ]


@pytest.mark.parametrize(
    ("heading", "order"),
    [
        ("Received (dd/mm/yyyy)", DayOrder.DAY_FIRST), ("Reçu (jj/mm/aaaa)", DayOrder.DAY_FIRST),
        ("D.M.Y", DayOrder.DAY_FIRST), ("ddmmyyyy", DayOrder.DAY_FIRST), ("Date mm-dd-yy", DayOrder.MONTH_FIRST),
        ("Received by MD", None), ("MDG report received", None), ("DM of receipt", None),
    ],
)  # fmt: skip
def test_a_heading_says_the_order_of_day_and_month_or_nothing(heading: str, order: DayOrder | None) -> None:
    assert order_said(heading) == order


def test_days_that_a_spreadsheet_may_have_exchanged_are_doubted() -> None:
    def notes(*days: date | str) -> list[str]:
        rows: list[list[Any]] = [["State", "Report", "Received"], *(["Norway", "initial", on] for on in days)]
        return laid_out(as_workbook(rows))[1].notes

    assert notes(date(2005, 3, 6), "23/01/2006") == [
        (
            "Received: no day that is stored as a date is after the 12th, and those after it are texts, such as "
            "23/01/2006 in row 3. The spreadsheet may have exchanged day and month: compare the dates with their "
            "source."
        )
    ]
    assert notes(date(2005, 3, 6), date(2005, 3, 16), "23/01/2006") == []
    assert notes(date(2005, 3, 6), date(2005, 4, 7)) == []


@pytest.mark.parametrize(
    "text",
    ["3 Jun 2005", "June 3, 2005", "Jun 3 2005", "3rd June 2005", "3-Jun-05", "3 juin 2005", "2005/06/03", "2005-6-3",
     "20050603", "2005-06-03 00:00:00"],
)  # fmt: skip
def test_a_day_is_read_in_any_form_that_is_certain(text: str) -> None:
    assert written_day_of(text, None) == date(2005, 6, 3)


@pytest.mark.parametrize(
    "text", ["", "2005", "2005-06", "2018-12", "38506", "31/2/2005", "3/6", "6/3/2005 a", "soon"]
)
def test_what_is_no_certain_day_stays_as_it_is(text: str) -> None:
    assert written_day_of(text, None) is None


def test_a_month_alone_is_one_where_a_month_is_enough() -> None:
    sheet, _reading = a_list("State | Report | Dialogue", "Norway | 1 | May 2018", "Norway | 2 | mai 2019")
    assert [row[3] for row in cells(sheet)] == ["2018-05", "2019-05"]
    months = (
        "mayo de 2018",
        "май 2018 года",
        "май 2018",
        "2018年5月",
        "أيار/مايو 2018",
        "مايو ٢٠١٨",
        "mai 2018",
    )
    sheet, _reading = a_list("State | Report | Dialogue", *(f"Norway | 1 | {month}" for month in months))
    assert {row[3] for row in cells(sheet)} == {"2018-05"}


def test_years_of_two_digits_are_those_of_the_treaties() -> None:
    assert written_day_of("23.1.03", None) == date(2003, 1, 23)
    assert written_day_of("20-Nov-89", None) == date(1989, 11, 20)


@pytest.mark.parametrize(
    ("text", "kind", "cycles"),
    [
        ("initial report", "initial", "1"), ("Initial", "initial", "1"), ("1", "initial", "1"),
        ("3rd-4th", "periodic", "3-4"), ("combined third and fourth", "periodic", "3-4"),
        ("Combined 3rd & 4th periodic reports", "periodic", "3-4"), ("III–IV", "periodic", "3-4"),
        ("5th to 7th", "periodic", "5-7"), ("second periodic report", "periodic", "2"), ("periodic", "periodic", ""),
        ("Rapport initial", "initial", "1"), ("3e et 4e rapports", "periodic", "3-4"), ("périodique", "periodic", ""),
        ("Troisième et quatrième rapports périodiques", "periodic", "3-4"),
        ("Rapport unique valant cinquième à septième rapports périodiques", "periodic", "5-7"),
        ("Informe inicial", "initial", "1"), ("segundo informe periódico", "periodic", "2"),
        ("Informes periódicos tercero y cuarto combinados", "periodic", "3-4"), ("3.º informe", "periodic", "3"),
        ("Первоначальный доклад", "initial", "1"), ("третий периодический доклад", "periodic", "3"),
        ("Объединённые третий и четвёртый периодические доклады", "periodic", "3-4"), ("3-й доклад", "periodic", "3"),
        ("初次报告", "initial", "1"), ("第三次和第四次合并定期报告", "periodic", "3-4"), ("第3次报告", "periodic", "3"),
        ("第十一次定期报告", "periodic", "11"), ("التقرير الأولي", "initial", "1"), ("٣-٤", "periodic", "3-4"),
        ("التقرير الجامع للتقريرين الدوريين الثالث والرابع", "periodic", "3-4"),
        ("التقرير الدوري الثاني", "periodic", "2"),
    ],
)  # fmt: skip
def test_a_report_is_named_in_the_ways_of_offices(text: str, kind: str, cycles: str) -> None:
    assert report_named(text) == (kind, cycles)


@pytest.mark.parametrize(
    "text",
    ["", "CRC/C/OPSC/NOR/1", "third and fifth", "initial and second", "4th-3rd", "yes", "x", "V", "2 of 3", "3.4",
     "Second report (3rd cycle)", "Rapport", "Rapport initial et deuxième rapport", "dix-septième rapport", "informe",
     "Troisième rapport (4e cycle)", "troisième et cinquième", "пятнадцатый доклад", "двадцать первый доклад",
     "第二十次报告", "第三次第四次", "报告", "التقرير", "التقرير الثاني عشر", "vigésimo primer informe",
     "third " * 40],
)  # fmt: skip
def test_what_names_no_one_report_stays_as_it_is(text: str) -> None:
    assert report_named(text) is None


# --- any file ---------------------------------------------------------------------------------------------


@hostile(300)
@given(tables(), st.lists(st.text(max_size=12), max_size=3), st.sampled_from([",", ";", "\t"]), st.booleans())
def test_any_list_is_read_or_refused_in_words(
    table: tuple[str, list[list[str]]], above: list[str], mark: str, is_workbook: bool
) -> None:
    name, rows = table
    rows = [*([one] for one in above), *rows]
    content = a_list_of(rows) if is_workbook else as_csv(rows, mark).encode("utf-8", "replace")
    read_in_words(content, "x.xlsx" if is_workbook else "x.csv", name)


@hostile(150)
@given(st.sampled_from(sorted(TABLES)), st.lists(st.lists(values, max_size=12), max_size=5))
def test_any_workbook_is_read_or_refused_in_words(table: str, rows: list[list[Any]]) -> None:
    read_in_words(as_workbook(rows), "x.xlsx", table)


def a_list_of(rows: list[list[str]]) -> bytes:
    return as_workbook([[ILLEGAL_CHARACTERS_RE.sub("", text) for text in row] for row in rows])


def read_in_words(content: bytes, name: str, table: str) -> None:
    try:
        sheet, reading = laid_out(content, name, table, SMALL)
    except UnreadableFile as error:
        assert_placed([str(problem) for problem in error.problems])
    else:
        assert all(len(line.cells) == len(sheet.columns) for line in sheet.lines)
        numbers = [line.number for line in sheet.lines] + [number for number, *_why in reading.left_out]
        assert len(set(numbers)) == len(numbers)


# --- words of the six languages -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "column", "stored", "texts"),
    [
        ("actions", "kind", "ratification", "ratification|Ratificación|ратификация|批准|تصديق"),
        ("actions", "kind", "accession", "Accession|adhésion|adhesión|Присоединение|加入|انضمام"),
        ("actions", "kind", "succession", "succession|sucesión|правопреемство|继承|خلافة"),
        ("submissions", "kind", "periodic", "periodic|Périodique|periodico|периодический|定期|دوري"),
        ("submissions", "information", "yes", "yes|Oui|sí|да|是|نعم"),
        (
            "submissions",
            "information",
            "not looked",
            "not looked|not looked at|non vérifié|не просмотрено|未查阅",
        ),
        ("submissions", "carried_by", "CRC report", "CRC report|report under the CRC|доклад согласно CRC"),
        ("submissions", "carried_by", "CRC report", "rapport au titre de la Convention|التقرير بموجب CRC"),
        ("submissions", "language", "fr", "fr|Français|francés|французский|法文|الفرنسية"),
        ("committee-dates", "document_kind", "concluding observations", "Observations finales|结论性意见"),
    ],
)
def test_a_word_is_understood_by_its_labels_in_all_languages(
    table: str, column: str, stored: str, texts: str
) -> None:
    word = TABLES[table].fields[column]
    assert {text: word.known(text) for text in texts.split("|")} == dict.fromkeys(texts.split("|"), stored)
    with speaking("ru"):
        assert {word.known(text) for text in texts.split("|")} == {stored}


def test_a_word_that_means_two_things_is_refused() -> None:
    word = Word("", [("a title", gettext_lazy("Title")), ("an address", gettext_lazy("Address"))])
    assert (word.known("titre"), word.known("Adresse")) == ("a title", "an address")
    for code in ("en", "ar"):
        with speaking(code), pytest.raises(BadValue, match="العنوان"):
            word.known("العنوان")


@pytest.mark.parametrize(
    ("texts", "value"),
    [("yes|Y|1|oui|sí|SI|да|是|نعم|١", True), ("no|N|0|non|нет|否|لا", False), ("maybe|ja", None)],
)
def test_yes_and_no_are_understood_in_all_languages(texts: str, value: bool | None) -> None:
    assert {text: yes_or_no(text) for text in texts.split("|")} == dict.fromkeys(texts.split("|"), value)


def test_a_cell_that_is_as_the_one_above_is_filled_in_and_this_is_said() -> None:
    sheet, reading = a_list(
        "Country | Report | Received | Symbol",
        "Norway | initial | 3 June 2005 | CRC/C/OPSC/NOR/1",
        "idem | second | 4 June 2010 | CRC/C/OPSC/NOR/2",
        "〃 | third | 同上 | CRC/C/OPSC/NOR/3",
        "Sweden | Idem. | то же | CRC/C/OPSC/SWE/3",
    )
    assert [row[0] for row in cells(sheet)] == ["Norway", "Norway", "Norway", "Sweden"]
    assert [row[2] for row in cells(sheet)] == ["1", "2", "3", "3"]
    assert [row[3] for row in cells(sheet)] == ["3 June 2005", "4 June 2010", "4 June 2010", "4 June 2010"]
    assert reading.notes == [
        "Country: “idem” in 2 rows, first in row 3, is read as the cell above it.",
        "Report: “Idem.” in row 5 is read as the cell above it.",
        "Received: “同上” in 2 rows, first in row 4, is read as the cell above it.",
    ]
    assert not reading.is_sure


def test_a_cell_with_nothing_read_above_it_stays_as_it_is() -> None:
    sheet, reading = a_list(
        "Country | Report | Received",
        "idem | initial | 3 June 2005",
        "Norway | 2 | 4 June 2010",
        "Others (see the annex)",
        "ditto | 3 | 4 June 2010",
    )
    assert [row[0] for row in cells(sheet)] == ["idem", "Norway", "ditto"]
    assert reading.notes == []
    sheet, reading = a_list("state | kind | cycles", "NOR | initial | 1", "idem | periodic | 2")
    assert [row[0] for row in cells(sheet)] == ["NOR", "idem"]  # with our own headings nothing is guessed
