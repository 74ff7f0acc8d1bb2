"""Reads a file that somebody hands in, CSV or XLSX, as the table it is, and trusts nothing about it.

Whatever the bytes are, the answer is a Sheet or Unreadable, whose problems name row and column where there
are any. Nothing here knows what the columns mean, and nothing asks the database.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from xml.parsers import expat

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from tracker.registry.csvfile import BadValue
from tracker.rules.dates import in_words

SHOWN = 60  # characters of a cell that a message repeats
MOST_COLUMNS = 100
MOST_PARTS = 500  # files inside a workbook
# A workbook unpacks to ten times its size; a bomb to a thousand times.
MOST_UNPACKED = 10
# Reading holds a row, and all texts, in memory; a tag takes some hundred bytes there.
MOST_TAGS_OF_A_ROW, TAGS_OF_AN_EMPTY_WORKBOOK, MOST_TAGS_TOGETHER = 100, 10_000, 50_000
LET_GO = {f"http://schemas.openxmlformats.org/spreadsheetml/2006/main {name}" for name in ("row", "si")}
DEPTH_OF_A_ROW = 2  # of what holds it: the sheet and its data
CONTENT_TYPES = "[Content_Types].xml"
EXPLANATION = "Columns"  # the sheet of our own templates that explains the columns

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ACTIVE = re.compile(r"vbaProject|macrosheets/|activeX/|externalLinks/|embeddings/", re.IGNORECASE)
# What a spreadsheet would take for a formula, behind however many of the marks that keep it from that.
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")
_FORMULA_LIKE = re.compile(r"'*[=+\-@\t\r]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True)
class Limits:
    """How large a file may be.

    Attributes:
        size: bytes of the file.
        rows: rows below the header.
        cell: characters of a cell.
    """

    size: int
    rows: int
    cell: int

    @classmethod
    def in_force(cls) -> Limits:
        """As the operator has set them."""
        return cls(settings.IMPORT_MAX_BYTES, settings.IMPORT_MAX_ROWS, settings.IMPORT_MAX_CELL)


@dataclass(frozen=True)
class Problem:
    """Something that is wrong with a file.

    Attributes:
        row: as a spreadsheet numbers it, the header being 1; 0 if it is about the file as a whole.
        column: name or letter; empty if it is about the whole row or file.
    """

    message: str
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        if not self.row:
            return self.message
        if not self.column:
            return _("Row %(row)d: %(message)s") % {"row": self.row, "message": self.message}
        return _("Row %(row)d, column %(column)s: %(message)s") % {
            "row": self.row,
            "column": self.column,
            "message": self.message,
        }


class Unreadable(Exception):
    """The file as a whole cannot be taken; nothing of it was."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(str(problems[0]))
        self.problems = problems


class TooLong(Unreadable):
    """It has more rows, or unpacks to more, than the limits allow."""


@dataclass(frozen=True)
class NoValue:
    """What stands in a cell and is no value: a formula, an error, a character that cannot be kept.

    Attributes:
        text: what to show of it.
        why: a sentence that says what it is and what to enter instead.
    """

    text: str
    why: str


Cell = str | int | float | bool | date | NoValue


@dataclass
class Line:
    """A row of the file: one cell for each column of the header.

    Attributes:
        problem: what is wrong with the row as a row; the cells are then not to be relied on.
    """

    number: int
    cells: list[Cell]
    problem: Problem | None = None


@dataclass
class Sheet:
    """The table in a file.

    Attributes:
        columns: the names in its header, as they are known.
        note: what was not read, in a sentence; empty if everything was.
    """

    columns: list[str]
    lines: list[Line] = field(default_factory=list)
    note: str = ""


def read(
    name: str, content: bytes, table: str, columns: Sequence[str], required: Iterable[str], limits: Limits
) -> Sheet:
    """The table in a file.

    Args:
        name: of the file, for its ending.
        table: what is read; a sheet of that name is preferred.
        columns: those that are known.
        required: those that the header must name.

    Raises:
        Unreadable: it is too large, broken, or has another header.
    """
    if len(content) > limits.size:
        raise Unreadable(too_large(limits.size))
    if content.startswith(_OLE):
        raise Unreadable(
            Problem(
                _("This is an old .xls workbook, or one with a password; save it as XLSX without a password.")
            )
        )
    if not content.startswith(_ZIP):
        if name.lower().endswith((".xlsx", ".xlsm", ".xls")):
            raise Unreadable(_broken())
        return _table(_csv_lines(content, columns, limits), columns, required, limits)
    if name.lower().endswith((".xlsm", ".xltm", ".xlsb")):
        raise Unreadable(_active())
    sheets = _Workbook(content, limits)
    try:
        title, others = sheets.choose(table)
        found = _table(sheets.lines(title), columns, required, limits)
    finally:
        sheets.close()
    if others:
        found.note = ngettext(
            "Read was the sheet “%(title)s”; the sheet %(others)s was not.",
            "Read was the sheet “%(title)s”; the sheets %(others)s were not.",
            len(others),
        ) % {"title": title[:SHOWN], "others": ", ".join(f"“{other[:SHOWN]}”" for other in others[:5])}
    return found


def too_large(most: int) -> Problem:
    """What to say of a file with too many bytes."""
    return Problem(
        _("The file is larger than %(most)s; split it into several files.") % {"most": _size(most)}
    )


# --- cells -----------------------------------------------------------------------------------


def neutral(text: str) -> str:
    """A text that no spreadsheet takes for a formula; `plain` undoes it exactly."""
    return f"'{text}" if _FORMULA_LIKE.match(text) else text


def plain(text: str) -> str:
    """What `neutral` made harmless, as it was."""
    return text[1:] if _NEUTRALISED.match(text) else text


def text_of(cell: Cell) -> str:
    """A cell as it is shown, shortened; numbers and dates as a file writes them."""
    if isinstance(cell, NoValue):
        return cell.text
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def as_text(cell: Cell) -> str:
    """A cell where a text is wanted.

    Raises:
        BadValue: it is no text; the sentence says what it is instead.
    """
    if isinstance(cell, NoValue):
        raise BadValue(cell.why)
    if isinstance(cell, date):
        raise BadValue(
            _(
                "The spreadsheet has made a date of it (%(day)s); format the column as text and enter it again."
            )
            % {"day": in_words(cell)}
        )
    return text_of(cell)


def _cell(raw: str, limits: Limits) -> Cell:
    """A text from a file, or why it is none."""
    if len(raw) > limits.cell:
        return NoValue(
            _short(raw),
            _("The text has %(n)d characters; a cell holds %(most)d at most.")
            % {"n": len(raw), "most": limits.cell},
        )
    if found := _CONTROL.search(raw):
        why = (
            _("The cell contains a null byte; delete it and enter the text again.")
            if found[0] == "\0"
            else _("The cell contains a character that is no text (U+%(code)04X); enter the text again.")
            % {"code": ord(found[0])}
        )
        return NoValue(_short(_CONTROL.sub("�", raw)), why)
    text = raw.strip()
    if text.startswith("="):
        return _formula(text)
    return plain(text)


def _formula(text: str) -> NoValue:
    return NoValue(_short(text), _("This is a formula, not a value; enter what it gives."))


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


# --- the table: header, then rows ----------------------------------------------------------------


def _table(
    lines: Iterable[tuple[int, list[Cell], bool]],
    columns: Sequence[str],
    required: Iterable[str],
    limits: Limits,
) -> Sheet:
    """The rows under the header of a file.

    Args:
        lines: number and cells of each row, and whether a row that is too short is cut short.
    """
    rows = iter(lines)
    number, header, _cut = next(rows, (1, [], False))
    while header and not any(text_of(cell) for cell in header[-1:]):
        header.pop()  # a spreadsheet keeps columns that were formatted and left empty
    names = _header(number, header, columns, required)
    found = Sheet(names)
    for number, cells, cut_short in rows:
        if not any(text_of(cell) for cell in cells):
            continue
        if len(found.lines) == limits.rows:
            raise TooLong(
                Problem(
                    ngettext(
                        "The file has more than %(n)d row; split it into several files.",
                        "The file has more than %(n)d rows; split it into several files.",
                        limits.rows,
                    )
                    % {"n": limits.rows},
                    number,
                    names[0],
                )
            )
        found.lines.append(_line(number, cells, names, cut_short))
    return found


def _line(number: int, cells: list[Cell], names: list[str], cut_short: bool) -> Line:
    problem = None
    beyond = next((at for at in range(len(names), len(cells)) if text_of(cells[at])), None)
    if beyond is not None:
        problem = Problem(
            _("There is a cell beyond the last column, %(last)s; a comma in a text is perhaps not quoted.")
            % {"last": names[-1]},
            number,
            get_column_letter(beyond + 1),
        )
    elif len(cells) < len(names) and cut_short:
        problem = Problem(
            _("The row ends before this column: it has %(n)d cells where the header has %(columns)d.")
            % {"n": len(cells), "columns": len(names)},
            number,
            names[len(cells)],
        )
    return Line(number, [*cells[: len(names)], *[""] * (len(names) - len(cells))], problem)


def _header(number: int, header: list[Cell], columns: Sequence[str], required: Iterable[str]) -> list[str]:
    """The names of the columns; spaces, capitals and underscores do not matter."""
    names = [re.sub(r"[\s_]+", "_", text_of(cell).strip().casefold()) for cell in header]
    problems = [
        Problem(told, number, get_column_letter(at + 1))
        for at, name in enumerate(names)
        if (told := _wrong_name(name, names[:at], columns, text_of(header[at])))
    ]
    if not names:
        problems = [Problem(_("The file is empty; its first row names the columns."))]
    elif not problems:
        missing = [name for name in required if name not in names]
        problems = [Problem(_("The column is missing."), number, name) for name in missing]
    if problems:
        known = _("The columns are: %(known)s.") % {"known": ", ".join(columns)}
        raise Unreadable(*problems, Problem(known))
    return names


def _wrong_name(name: str, before: Sequence[str], columns: Sequence[str], written: str) -> str:
    """What is wrong with the name of a column, or nothing."""
    if not name:
        return _("The column has no name; the first row names the columns.")
    if name not in columns:
        return _("Unknown column “%(name)s”.") % {"name": _short(written)}
    if name in before:
        return _("The column “%(name)s” stands there twice; keep one of the two.") % {"name": name}
    return ""


# --- CSV -----------------------------------------------------------------------------------------


def _csv_lines(
    content: bytes, columns: Sequence[str], limits: Limits
) -> Iterator[tuple[int, list[Cell], bool]]:
    text = _decoded(content)
    delimiter = _delimiter(text, columns)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number, last = 0, 1
    try:
        for number, cells in enumerate(reader, start=1):
            last = number + 1
            if len(cells) > MOST_COLUMNS:
                raise Unreadable(_too_wide(number))
            yield number, [_cell(cell, limits) for cell in cells], True
    except csv.Error as error:
        if "field larger" in str(error):
            message = _(
                "A cell is longer than %(most)d characters, or its quotation mark is never closed."
            ) % {"most": limits.cell}
        else:
            message = _(
                "A quotation mark is not closed or stands in a wrong place; the file may be cut short. Save it "
                "as CSV again."
            )
        raise Unreadable(Problem(message, last, "A")) from None


def _decoded(content: bytes) -> str:
    """The text of a CSV file: UTF-8, with or without a mark, or UTF-16 with one."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) and not content.startswith(b"\xff\xfe\0\0"):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            before = content[: error.start].decode("utf-16", errors="replace")
    else:
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = content[: error.start].decode("utf-8-sig", errors="replace")
    row, column = before.count("\n") + 1, before.rpartition("\n")[2]
    letter = get_column_letter(min(1 + max(column.count(mark) for mark in ",;\t"), MOST_COLUMNS))
    raise Unreadable(
        Problem(_("The file is not UTF-8 from here on; save it as “CSV UTF-8”, or as XLSX."), row, letter)
    )


def _delimiter(text: str, columns: Sequence[str]) -> str:
    """What separates the cells: a comma, or what spreadsheets of other languages write."""
    header = text.partition("\n")[0][: MOST_COLUMNS * SHOWN]

    def known(mark: str) -> int:
        return sum(name.strip(' "\r').casefold().replace(" ", "_") in columns for name in header.split(mark))

    return max(",;\t", key=known)


# --- XLSX ----------------------------------------------------------------------------------------


class _Tags:
    """How many tags a part of a workbook has: what it takes in memory to read it.

    Attributes:
        all: how many there are.
        most_together: how many are held at once; rows and texts are let go of one by one.
    """

    def __init__(self, name: str) -> None:
        self.all = self.most_together = self._together = self._depth = 0
        self._is_let_go = name == "xl/sharedStrings.xml" or (
            name.startswith("xl/worksheets/") and name.endswith(".xml")
        )
        self._is_manifest = name == CONTENT_TYPES

    def count(self, stream: Any) -> None:
        """Reads the part piece by piece.

        Raises:
            Unreadable: it holds what no spreadsheet writes.
            ExpatError: it is no XML.
        """
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._document_type
        while piece := stream.read(1 << 16):
            parser.Parse(piece)
            self.most_together = max(self.most_together, self._together)
            if self.most_together > MOST_TAGS_TOGETHER:
                return
        parser.Parse(b"", True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.all += 1
        self._together += 1
        self._depth += 1
        if self._is_manifest:
            kind, part = attributes.get("ContentType", ""), attributes.get("PartName", "")
            if "macroEnabled" in kind:
                raise Unreadable(_active())
            if kind.endswith("main+xml") and part.startswith("/xl/worksheets/"):
                raise Unreadable(_broken())  # so that what is held as a whole is not taken for a sheet

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._is_let_go and name in LET_GO and self._depth <= DEPTH_OF_A_ROW:
            self.most_together, self._together = max(self.most_together, self._together), 0

    def _document_type(self, *_all: Any) -> None:
        raise Unreadable(_broken())  # no spreadsheet writes one, and entities can be bombs


class _Workbook:
    """A workbook, opened only after its parts have been looked at.

    Raises:
        Unreadable: from every method, whatever is wrong with it.
    """

    def __init__(self, content: bytes, limits: Limits) -> None:
        self.limits = limits
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                self._inspect(archive)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles and extensions that we do not use
                self.book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        except Unreadable:
            raise
        except Exception:  # noqa: BLE001 - openpyxl raises whatever a broken part makes it stumble over
            raise Unreadable(_broken()) from None

    def _inspect(self, archive: zipfile.ZipFile) -> None:
        """Refuses what must not be unpacked. A part never unpacks to more than it declares: zipfile stops."""
        parts = archive.infolist()
        most = MOST_UNPACKED * self.limits.size
        if any(part.flag_bits & 1 for part in parts):
            raise Unreadable(Problem(_("The workbook has a password; save it without one.")))
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > most:
            raise TooLong(_bomb(most))
        if len({part.filename for part in parts}) < len(parts):
            raise Unreadable(_broken())
        tags = 0
        for part in parts:
            if _ACTIVE.search(part.filename):
                raise Unreadable(_active())
            if part.filename.lower().endswith((".xml", ".rels")):
                found = _Tags(part.filename)
                with archive.open(part) as stream:
                    found.count(stream)
                tags += found.all
                if (
                    found.most_together > MOST_TAGS_TOGETHER
                    or tags > MOST_TAGS_OF_A_ROW * self.limits.rows + TAGS_OF_AN_EMPTY_WORKBOOK
                ):
                    raise TooLong(_bomb(most))

    def choose(self, table: str) -> tuple[str, list[str]]:
        """The name of the sheet to read, and of the others that might have been meant."""
        titles = [sheet.title for sheet in self.book.worksheets]
        if not titles:
            raise Unreadable(Problem(_("The workbook has no sheet with a table.")))
        title = next((one for one in titles if one.strip().casefold() == table), titles[0])
        return title, [one for one in titles if one not in (title, EXPLANATION)]

    def lines(self, title: str) -> Iterator[tuple[int, list[Cell], bool]]:
        """Number and cells of each row; nothing is said of rows that end early, as spreadsheets drop empty cells."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                sheet: Any = self.book[title]
                sheet.reset_dimensions()  # what the file says of its own size may be wrong
                for number, row in enumerate(sheet.iter_rows(), start=1):
                    if number > 2 * self.limits.rows + 100:
                        # Empty rows count too: somewhere below there is a cell in the millionth row.
                        raise TooLong(self._too_long(number))
                    if any(cell.value is not None for cell in row[MOST_COLUMNS:]):
                        raise Unreadable(_too_wide(number))
                    yield number, [self._cell(cell) for cell in row[:MOST_COLUMNS]], False
        except Unreadable:
            raise
        except Exception:  # noqa: BLE001 - as above, for a row
            raise Unreadable(_broken()) from None

    def _too_long(self, number: int) -> Problem:
        told = _("The sheet goes on for more than %(n)d rows; delete the empty rows, or split it.") % {
            "n": self.limits.rows
        }
        return Problem(told, number, "A")

    def _cell(self, cell: Any) -> Cell:
        value, kind = cell.value, getattr(cell, "data_type", "n")
        if value is None:
            return ""
        if kind == "f":
            return _formula(value if isinstance(value, str) else "=…")
        if kind == "e":
            return NoValue(
                _short(str(value)),
                _("“%(text)s” is an error of the spreadsheet, not a value; enter the value.")
                % {"text": _short(str(value))},
            )
        if isinstance(value, datetime):
            if value.time() == time(0):
                return value.date()
            return NoValue(str(value), _("This is a moment, not a day; enter the day without the time."))
        if isinstance(value, (bool, int, float, date)):
            return value
        if isinstance(value, str):
            return _cell(value, self.limits)
        return NoValue(
            _short(str(value)), _("This is a time, not a value; format the cell as text or as a date.")
        )

    def close(self) -> None:
        """Lets go of the file."""
        self.book.close()


def _too_wide(row: int) -> Problem:
    told = _("The row goes on for more than %(n)d columns; delete what stands there.") % {"n": MOST_COLUMNS}
    return Problem(told, row, get_column_letter(MOST_COLUMNS + 1))


def _broken() -> Problem:
    return Problem(
        _("The file cannot be read as a workbook; open it in a spreadsheet and save it as XLSX again.")
    )


def _bomb(most: int) -> Problem:
    return Problem(
        _("The workbook unpacks to more than %(most)s; save only the table as a new workbook.")
        % {"most": _size(most)}
    )


def _active() -> Problem:
    return Problem(
        _("The workbook holds macros, embedded objects or links to other files; save only the table as XLSX.")
    )


def _size(number: int) -> str:
    return (
        _("%(n)d MB") % {"n": number // 1_000_000}
        if number >= 1_000_000
        else _("%(n)d bytes") % {"n": number}
    )
