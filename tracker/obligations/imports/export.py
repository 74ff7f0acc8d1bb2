"""Exports what is recorded as a file that imports again without effect, and empty files to fill in."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from tablib import Dataset

from tracker.obligations.imports.cells import neutral
from tracker.obligations.imports.columns import ImportColumn
from tracker.obligations.imports.printing import fit_to_a4
from tracker.obligations.imports.sheet import letter_of
from tracker.obligations.imports.tables import TABLES
from tracker.obligations.imports.workbook import EXPLANATION

DATE = "yyyy-mm-dd"
CONTENT_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def export(table: str, form: str) -> bytes:
    """A file with everything that is recorded in a table.

    Args:
        table: one of TABLES.
        form: csv or xlsx.
    """
    resource = TABLES[table]()
    return _file(table, form, resource.export(resource.recorded_in_effect()))


def template(table: str, form: str) -> bytes:
    """A file with the header alone; as XLSX with a second sheet that explains the columns."""
    return _file(table, form, Dataset(headers=[column.name for column in TABLES[table].columns()]))


def _file(table: str, form: str, data: Dataset) -> bytes:
    if form == "csv":
        plain = Dataset(*(map(_harmless, row) for row in data), headers=data.headers)
        # With a mark, spreadsheets read the accents right.
        return str(plain.export("csv")).encode("utf-8-sig")
    return _workbook(table, data)


def _harmless(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else neutral(str(value or ""))


def _workbook(table: str, data: Dataset) -> bytes:
    from openpyxl import Workbook  # here and below: importing it takes a tenth of a second of every start

    columns = TABLES[table].columns()
    book = Workbook(write_only=True)
    sheet = book.create_sheet(table)
    sheet.freeze_panes = "A2"
    fit_to_a4(sheet)
    for at, column in enumerate(columns, start=1):
        dimension = sheet.column_dimensions[letter_of(at)]
        dimension.width = 16
        # So that a spreadsheet leaves 3-4 and 2018-05 as they are typed.
        dimension.number_format = _format(column)
    _write(sheet, (data.headers or [],), columns, bold=True)
    _write(sheet, data, columns)
    explanation = book.create_sheet(EXPLANATION)
    fit_to_a4(explanation)
    for letter, width in zip("ABCD", (26, 10, 80, 26), strict=True):
        explanation.column_dimensions[letter].width = width
    texts = [ImportColumn("")] * 4
    _write(
        explanation, ([_("Column"), _("Required"), _("What to enter"), _("For example")],), texts, bold=True
    )
    _write(
        explanation,
        ([c.name, _("yes") if c.required else "", str(c.about), c.example] for c in columns),
        texts,
    )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(sheet: Any, rows: Iterable[Any], columns: list[ImportColumn], *, bold: bool = False) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font

    wrapped = Alignment(vertical="top", wrap_text=True)
    for row in rows:
        cells = []
        for column, value in zip(columns, row, strict=True):
            text = (
                value
                if isinstance(value, date)
                else neutral(ILLEGAL_CHARACTERS_RE.sub("�", str(value or "")))
            )
            cell = WriteOnlyCell(sheet, text or None)
            cell.number_format = DATE if isinstance(value, date) else "@" if bold else _format(column)
            cell.alignment = wrapped
            if bold:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)


def _format(column: ImportColumn) -> str:
    return "@" if column.is_text else DATE
