"""Reads an uploaded workbook (XLSX), and inspects its parts before it is opened."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext as _

from tracker.obligations.imports.cells import Cell, NoValue, formula, read_cell, shorten
from tracker.obligations.imports.sheet import (
    MOST_COLUMNS,
    Clock,
    FileProblem,
    GridRow,
    Limits,
    TooLong,
    UnreadableFile,
    in_megabytes,
    too_wide,
)

MOST_PARTS = 500  # files inside a workbook
# A workbook unpacks to ten times its size; a bomb to a thousand times.
MOST_UNPACKED = 10
# Reading keeps a row, and all texts, in memory; a tag takes some hundred bytes.
MOST_TAGS_OF_A_ROW, TAGS_OF_AN_EMPTY_WORKBOOK, MOST_TAGS_TOGETHER = 100, 10_000, 50_000
# A row is read up to its last cell, also an empty one: so many columns for each row that a table may have.
MOST_COLUMNS_OF_A_ROW = 1000
# Bytes of a single tag or comment. The parser reads an unfinished one again with every piece, which takes minutes.
LONGEST_TAG = 1_000_000
PIECE = 1 << 16  # bytes read at once
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LET_GO = {f"{MAIN} {name}" for name in ("row", "si")}
ROW, CELL, COLUMN = f"{MAIN} row", f"{MAIN} c", f"{MAIN} col"
DEPTH_OF_A_ROW = 2  # inside the sheet and its data
CONTENT_TYPES = "[Content_Types].xml"
EXPLANATION = "Columns"  # the sheet of our own templates that explains the columns


_ACTIVE = re.compile(r"vbaProject|macrosheets/|activeX/|externalLinks/|embeddings/", re.IGNORECASE)


class _Tags:
    """How many tags a part of a workbook has: what it takes in time and memory to read it.

    Attributes:
        all: how many there are.
        most_together: how many are in memory at once; rows and texts are released one by one.
        rows: how many there are, also empty ones.
        columns: of all rows together, as far as each reaches.
        hides: whether rows or columns are hidden, as by a filter.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        self.all = self.most_together = self.rows = self.columns = self._together = self._depth = (
            self._column
        ) = 0
        self.hides = False
        self._clock = clock
        self._is_let_go = name == "xl/sharedStrings.xml" or (
            name.startswith("xl/worksheets/") and name.endswith(".xml")
        )
        self._is_manifest = name == CONTENT_TYPES

    def count(self, stream: Any) -> None:
        """Reads the part piece by piece.

        Raises:
            UnreadableFile: it contains what no spreadsheet writes.
            ExpatError: it is not XML.
        """
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._document_type
        total = 0
        while piece := stream.read(PIECE):
            self._clock.check()
            parser.Parse(piece)
            total += len(piece)
            if total - max(parser.CurrentByteIndex, 0) > LONGEST_TAG:
                raise UnreadableFile(broken())
            self.most_together = max(self.most_together, self._together)
            if self.most_together > MOST_TAGS_TOGETHER:
                return
        parser.Parse(b"", True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.all += 1
        self._together += 1
        self._depth += 1
        if name == CELL:
            self._reach(attributes.get("r", ""))
        self.rows += name == ROW
        self.hides |= name in (ROW, COLUMN) and attributes.get("hidden") in ("1", "true")
        if self._is_manifest:
            kind, part = attributes.get("ContentType", ""), attributes.get("PartName", "")
            if "macroEnabled" in kind:
                raise UnreadableFile(active())
            if kind.endswith("main+xml") and part.startswith("/xl/worksheets/"):
                raise UnreadableFile(broken())  # so that what is held as a whole is not taken for a sheet

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._is_let_go and name in LET_GO and self._depth <= DEPTH_OF_A_ROW:
            self.most_together, self._together = max(self.most_together, self._together), 0
            self.columns, self._column = self.columns + self._column, 0

    def _reach(self, place: str) -> None:
        """Notes the column of a cell, such as XFD1; without a place it is the next one."""
        from openpyxl.utils import column_index_from_string

        letters = place.rstrip("0123456789")
        try:
            self._column = column_index_from_string(letters) if letters else self._column + 1
        except ValueError:
            raise UnreadableFile(broken()) from None

    def _document_type(self, *_all: Any) -> None:
        raise UnreadableFile(broken())  # no spreadsheet writes one, and entities can be bombs


class WorkbookFile:
    """A workbook, opened only after its parts have been looked at.

    Raises:
        UnreadableFile: from every method, whatever is wrong with it.
    """

    def __init__(self, content: bytes, limits: Limits) -> None:
        from openpyxl import load_workbook  # importing it takes a tenth of a second of every start

        self.limits, self.clock, self.hides = limits, Clock(limits.seconds), False
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                self._inspect(archive)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles and extensions that we do not use
                self.book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        except UnreadableFile:
            raise
        except Exception:  # noqa: BLE001 - openpyxl raises many kinds of error for a broken file
            raise UnreadableFile(broken()) from None

    def _inspect(self, archive: zipfile.ZipFile) -> None:
        """Refuses what must not be unpacked. A part never unpacks to more than it declares: zipfile stops."""
        parts = archive.infolist()
        most = MOST_UNPACKED * self.limits.size
        if any(part.flag_bits & 1 for part in parts):
            raise UnreadableFile(FileProblem(_("The workbook has a password; save it without one.")))
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > most:
            raise TooLong(_bomb(most))
        if len({part.filename for part in parts}) < len(parts):
            raise UnreadableFile(broken())
        tags = columns = 0
        for part in parts:
            if _ACTIVE.search(part.filename):
                raise UnreadableFile(active())
            if part.filename.lower().endswith((".xml", ".rels")):
                found = _Tags(part.filename, self.clock)
                with archive.open(part) as stream:
                    found.count(stream)
                tags += found.all
                self.hides |= found.hides
                columns += found.columns
                if found.rows > self._most_rows():
                    raise TooLong(self._too_long(found.rows))
                if columns > MOST_COLUMNS_OF_A_ROW * self.limits.rows + TAGS_OF_AN_EMPTY_WORKBOOK:
                    raise TooLong(_too_far())
                if (
                    found.most_together > MOST_TAGS_TOGETHER
                    or tags > MOST_TAGS_OF_A_ROW * self.limits.rows + TAGS_OF_AN_EMPTY_WORKBOOK
                ):
                    raise TooLong(_bomb(most))

    def sheets(self) -> list[str]:
        """The names of the sheets with cells that a person sees; of all, if all are hidden."""
        sheets = self.book.worksheets
        titles = [one.title for one in sheets if one.sheet_state == "visible"] or [
            one.title for one in sheets
        ]
        if not titles:
            raise UnreadableFile(FileProblem(_("The workbook has no sheet with a table.")))
        return titles

    def lines(self, title: str) -> Iterator[GridRow]:
        """Number and cells of each row; nothing is said of rows that end early, as spreadsheets drop empty cells."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                sheet: Any = self.book[title]
                sheet.reset_dimensions()  # what the file says of its own size may be wrong
                for number, row in enumerate(sheet.iter_rows(), start=1):
                    self.clock.check()
                    if number > self._most_rows():
                        raise TooLong(self._too_long(number))
                    if any(cell.value is not None for cell in row[MOST_COLUMNS:]):
                        raise UnreadableFile(too_wide(number))
                    yield number, [self._cell(cell) for cell in row[:MOST_COLUMNS]], False
        except UnreadableFile:
            raise
        except Exception:  # noqa: BLE001 - as above, for a row
            raise UnreadableFile(broken()) from None

    def _most_rows(self) -> int:
        """Empty rows count too: somewhere below them there may be a cell in the millionth row."""
        return 2 * self.limits.rows + 100

    def _too_long(self, number: int) -> FileProblem:
        message = _("The sheet has more than %(n)d rows; delete the empty rows, or split it.") % {
            "n": self.limits.rows
        }
        return FileProblem(message, number, "A")

    def _cell(self, cell: Any) -> Cell:
        value, kind = cell.value, getattr(cell, "data_type", "n")
        if value is None:
            return ""
        if kind == "f":
            return formula(value if isinstance(value, str) else "=…")
        if kind == "e":
            return NoValue(
                shorten(str(value)),
                _("“%(text)s” is a spreadsheet error, not a value; enter the value.")
                % {"text": shorten(str(value))},
            )
        if isinstance(value, datetime):
            if value.time() == time(0):
                return value.date()
            return NoValue(str(value), _("This is a date with a time; enter the date alone."))
        if isinstance(value, (bool, int, float, date)):
            return value
        if isinstance(value, str):
            return read_cell(value, self.limits.cell)
        return NoValue(
            shorten(str(value)), _("This is a time, not a value; format the cell as text or as a date.")
        )

    def close(self) -> None:
        """Lets go of the file."""
        self.book.close()


def broken() -> FileProblem:
    return FileProblem(
        _("The file cannot be read as a workbook; open it in a spreadsheet and save it as XLSX again.")
    )


def _bomb(most: int) -> FileProblem:
    return FileProblem(
        _("The workbook unpacks to more than %(most)s; save only the table as a new workbook.")
        % {"most": in_megabytes(most)}
    )


def _too_far() -> FileProblem:
    return FileProblem(
        _(
            "The rows reach too far to the right, though most cells are empty; delete the columns behind the table."
        )
    )


def active() -> FileProblem:
    return FileProblem(
        _(
            "The workbook contains macros, embedded objects or links to other files; save only the table as XLSX."
        )
    )
