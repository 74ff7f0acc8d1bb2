"""A report as a workbook: one sheet for the summary, one for each section, with real dates and numbers."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from django.utils.translation import get_language_bidi, gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from tracker.languages.typesetting import without_controls
from tracker.languages.writing import in_words, sheet_format
from tracker.obligations.imports.cells import neutral
from tracker.obligations.imports.printing import fit_to_a4
from tracker.web.reports.document import Cell, DocumentLink, DocumentRow, DocumentTable, Mark, ReportDocument

TITLE, STRONG, QUIET = Font(size=14, bold=True), Font(bold=True), Font(color="4A5763")
BLUE = Font(color="14508C", underline="single")
RULE = Border(bottom=Side(style="thin", color="7B8794"))
NARROWEST, WIDEST = 11, 60  # of a column, in characters
BROAD = 100  # of the summary's only column
NOT_IN_A_NAME = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
LONGEST_NAME = 31  # of a sheet


def render(report: ReportDocument) -> bytes:
    """The workbook as bytes. The first sheet holds the text of the report; each section has its own sheet."""
    book = Workbook()
    book.remove(book.worksheets[0])
    summary = _Sheet(book, _("Report"), report, report.title)
    for text in (report.treaty, *report.says):
        summary.line(text)
    for link in report.links:
        summary.line(link)
    summary.close(landscape=False)
    for section in report.sections:
        sheet = _Sheet(book, section.heading, report, f"{report.title}: {section.heading}")
        if section.table:
            sheet.table(section.table)
            sheet.skip()
        for text in (*section.says, *section.notes):
            sheet.line(text, wrap=section.table is None)
        sheet.close(landscape=True)
    found = io.BytesIO()
    book.save(found)
    return found.getvalue()


class _Sheet:
    """A sheet that is filled from top to bottom."""

    def __init__(self, book: Workbook, name: str, report: ReportDocument, title: str) -> None:
        self.report = report
        self.sheet: Any = book.create_sheet(_sheet_name(name, book.sheetnames))
        self.sheet.sheet_view.rightToLeft = get_language_bidi()
        self.at = 0  # the row last written
        self.broad = True  # whether its lines have the whole width
        self.header = 0  # the row that is repeated on every printed page
        self.line(title, font=TITLE, wrap=False)
        self.line(f"{report.product}. {report.as_of}", font=QUIET, wrap=False)
        self.skip()

    def line(self, value: Cell, *, font: Font | None = None, wrap: bool = True) -> None:
        """One more line, in the first column."""
        self.at += 1
        cell = self.sheet.cell(self.at, 1)
        _put(cell, value)
        cell.alignment = Alignment(vertical="top", wrap_text=wrap)
        if font:
            cell.font = font

    def skip(self) -> None:
        """An empty line."""
        self.at += 1

    def table(self, table: DocumentTable) -> None:
        """A table with a frozen header that is repeated on every printed page."""
        self.broad = False
        self._row(tuple(column.label for column in table.columns), table, font=STRONG)
        for place in range(len(table.columns)):
            self.sheet.cell(self.at, place + 1).border = RULE
        self.sheet.freeze_panes = self.sheet.cell(self.at + 1, 1)
        self.header = self.at
        for group in table.groups:
            if group.heading:
                self.line(group.heading, font=STRONG, wrap=False)
            for row in group.rows:
                self._row(row, table)
        if table.total:
            self._row(table.total, table, font=STRONG)
        for place, column in enumerate(table.columns):
            cells = [row[place] for group in table.groups for row in group.rows]
            longest = max(len(_words(cell)) for cell in (*cells, column.label))
            width = min(max(longest + 2, NARROWEST), WIDEST)
            self.sheet.column_dimensions[get_column_letter(place + 1)].width = width

    def _row(self, row: DocumentRow, table: DocumentTable, *, font: Font | None = None) -> None:
        self.at += 1
        for place, (value, column) in enumerate(zip(row, table.columns, strict=True), 1):
            cell = self.sheet.cell(self.at, place)
            _put(cell, value)
            at_end = "right" if column.end else None
            cell.alignment = Alignment(horizontal=at_end, vertical="top", wrap_text=not column.end)
            if font:
                cell.font = font

    def close(self, *, landscape: bool) -> None:
        """As it is printed: A4, as wide as the paper, with the product and the day above and the page below."""
        sheet = self.sheet
        if self.broad:
            sheet.column_dimensions["A"].width = BROAD
        fit_to_a4(sheet, header=self.header, landscape=landscape)
        sheet.oddHeader.left.text = self.report.product
        sheet.oddHeader.right.text = self.report.as_of
        sheet.oddFooter.right.text = _("Page %(page)s of %(pages)s") % {"page": "&P", "pages": "&N"}


def _put(cell: Any, value: Cell) -> None:
    """A value into a cell: a day as a day, a number as a number, and no text as a formula."""
    if isinstance(value, DocumentLink):
        cell.value = neutral(without_controls(value.text))
        cell.hyperlink = value.address
        cell.font = BLUE
    elif isinstance(value, date):
        cell.value, cell.number_format = value, sheet_format()
    elif isinstance(value, Mark):
        cell.value = neutral(without_controls(value.text))
    elif isinstance(value, str):
        cell.value = neutral(without_controls(value)) or None
    else:
        cell.value = value


def _words(cell: Cell) -> str:
    if isinstance(cell, date):
        return in_words(cell)
    return cell.text if isinstance(cell, Mark | DocumentLink) else str(cell or "")


def _sheet_name(wanted: str, taken: list[str]) -> str:
    """A name that a sheet may have, and that no other has."""
    name = wanted.translate(NOT_IN_A_NAME).strip("' ")[:LONGEST_NAME]
    number = 2
    while name.casefold() in {one.casefold() for one in taken}:
        name = f"{name[: LONGEST_NAME - 3]} {number}"
        number += 1
    return name
