"""Exports of tables, streamed row by row; cells cannot act as formulas."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from itertools import chain, islice
from typing import IO, Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.encoding import force_str
from django.utils.translation import get_language_bidi
from django_tables2.export.export import TableExport

from tracker.languages.known import ENGLISH, current, speaking
from tracker.obligations.imports.cells import neutral
from tracker.obligations.imports.printing import fit_to_a4
from tracker.web.ui.tables import exported_rows

FORMATS = ("csv", "xlsx", "json")
WORDS, KEYS = "words", "keys"  # the values of `_titles`
ROWS_AT_ONCE = 1000  # read from the database together
IN_MEMORY = 5_000_000  # bytes of a workbook; a larger one goes through a temporary file
WIDEST = 60  # characters of a column; longer texts are wrapped


class Export(TableExport):
    """The rows of a table as a file, never all in memory at once.

    A workbook is for people: it begins with what it is about, and has the chosen columns only. CSV and JSON begin with
    the header, and add the columns that complete those shown. Cells that a spreadsheet would run as formulas become
    texts, except in JSON, which has no formulas.

    All of it is in the language that is active when it is made (`in_its_language`).
    """

    def __init__(
        self, export_format: str, table: Any, exclude_columns: Any = None, dataset_kwargs: Any = None
    ) -> None:
        if not is_wanted(export_format):
            raise TypeError(f"Unknown export format: {export_format}.")
        self.format = export_format
        self.table = table
        self.language = current().code
        self.title = (dataset_kwargs or {}).get("title", "rows")
        self.about: list[str] = (dataset_kwargs or {}).get("about", [])
        self.columns = [
            column
            for column in table.columns.iterall()
            if not column.column.exclude_from_export and column.name not in (exclude_columns or ())
        ]

    @classmethod
    def is_valid_format(cls, export_format: str | None) -> bool:
        """Whether an export format is supported."""
        return export_format in FORMATS

    def response(self, filename: str = "") -> HttpResponseBase:
        """The file as a download with a name."""
        if self.format == self.XLSX:
            return FileResponse(
                self._workbook(), as_attachment=True, filename=filename, content_type=self.content_type()
            )
        lines = self._csv() if self.format == self.CSV else self._json()
        answer = StreamingHttpResponse(spoken(lines, self.language), content_type=self.content_type())
        answer["Content-Disposition"] = f'attachment; filename="{filename}"'
        return answer

    def _headers(self) -> list[str]:
        return [force_str(column.header) for column in self.columns]

    def _rows(self) -> Iterator[list[Any]]:
        """The values of each row; only some rows of a queryset are in memory at a time."""
        data = self.table.data.data
        records: Iterable[Any] = data
        if isinstance(data, QuerySet):
            records = read_in_parts(data)
        for row in exported_rows(self.table, self.columns, records):
            yield [force_str(value, strings_only=True) for value in row]

    def _csv(self) -> Iterator[str]:
        write = csv.writer(Echo()).writerow
        # With this mark spreadsheets read UTF-8. Programs use JSON, the API or the commands, which have none.
        yield "\ufeff" + write(self._headers())
        for row in self._rows():
            yield write([neutral(cell) if isinstance(cell, str) else cell for cell in row])

    def _json(self) -> Iterator[str]:
        names = self._headers()
        before = "["
        for row in self._rows():
            yield before + json.dumps(dict(zip(names, row, strict=True)), default=_iso, ensure_ascii=False)
            before = ",\n"
        yield "]" if before != "[" else "[]"

    def _workbook(self) -> IO[bytes]:
        """A sheet with real dates: what it is about, an empty row, the header row, which stays in sight, the rows."""
        from openpyxl import Workbook  # here and below: importing it takes a tenth of a second of every start
        from openpyxl.styles import Alignment
        from openpyxl.utils import get_column_letter

        book = Workbook(write_only=True)
        sheet = book.create_sheet(self.title[:31])
        sheet.sheet_view.rightToLeft = get_language_bidi()
        header_row = len(self.about) + 2 if self.about else 1
        sheet.freeze_panes = f"A{header_row + 1}"
        headers = self._headers()
        rows = self._rows()
        first = list(islice(rows, ROWS_AT_ONCE))
        widths = [
            min(max([len(header), *(len(_shown(row[at])) for row in first)]), WIDEST)
            for at, header in enumerate(headers)
        ]
        for at, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(at)].width = width + 2
        fit_to_a4(sheet, header=header_row)
        wrapped = Alignment(vertical="top", wrap_text=True)
        for at, line in enumerate(self.about):
            sheet.append([neutral(line) if at else _bold(sheet, line)])
        if self.about:
            sheet.append([])
        sheet.append([_bold(sheet, header) for header in headers])
        last = header_row
        for row in chain(first, rows):
            cells = [_for_sheet(cell) for cell in row]
            if any(
                isinstance(cell, str) and len(cell) > width for cell, width in zip(cells, widths, strict=True)
            ):
                cells = [_aligned(sheet, cell, wrapped) for cell in cells]
            sheet.append(cells)
            last += 1
        sheet.auto_filter.ref = f"A{header_row}:{get_column_letter(len(headers) or 1)}{last}"
        file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the answer closes it
        book.save(file)
        file.seek(0)
        return file


def in_its_language(request: HttpRequest) -> AbstractContextManager[None]:
    """Speaks the language of the export that a request asks for.

    JSON is for programs, and so are other files with `_titles=keys`: all their words are English. With `_titles=words`
    they are in the reader's language. Without either a workbook has words, and CSV has keys.
    """
    form = request.GET.get("_export", "")
    titles = request.GET.get("_titles", "")
    has_words = titles == WORDS or (form == Export.XLSX and titles != KEYS)
    return speaking(current().code if has_words and form != Export.JSON else ENGLISH.code)


def spoken(lines: Iterator[str], code: str) -> Iterator[str]:
    """The lines of an answer, each made in a language: they are read after the request has ended its own."""
    end = object()
    while True:
        with speaking(code):
            line: Any = next(lines, end)
        if line is end:
            return
        yield line


def read_in_parts(rows: QuerySet[Any]) -> Iterator[Any]:
    """Reads the rows of a queryset in its order, some at a time, each of them once.

    The keys are read first. Without server-side cursors `iterator` would hold all rows in memory, and a cursor does not
    survive a pooler (docs/production.md).
    """
    keys = list(rows.values_list("pk", flat=True))
    anyhow = rows.order_by()
    for at in range(0, len(keys), ROWS_AT_ONCE):
        part = keys[at : at + ROWS_AT_ONCE]
        found = anyhow.in_bulk(part)
        yield from (found[key] for key in part if key in found)  # one may have been deleted since


class Echo:
    """A file whose `write` returns the line, for `csv` to write to."""

    def write(self, line: str) -> str:
        return line


def _bold(sheet: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, value=neutral(text))
    cell.font = Font(bold=True)
    return cell


def _aligned(sheet: Any, value: Any, alignment: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=value)
    cell.alignment = alignment
    return cell


def _for_sheet(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).replace(tzinfo=None)  # a sheet knows no time zones
    return neutral(value) if isinstance(value, str) else value


def _shown(value: Any) -> str:
    return _iso(value) if isinstance(value, date) else str(value or "")


def _iso(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def is_wanted(form: str) -> bool:
    """Whether an export format is supported."""
    return form in FORMATS
