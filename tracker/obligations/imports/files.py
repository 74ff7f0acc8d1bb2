"""Reads an uploaded file, CSV or XLSX, into a sheet, and trusts nothing about it.

Whatever the bytes are, the answer is a Sheet or Unreadable, whose problems name row and column where there
are any. Nothing here knows what the columns mean, and nothing asks the database.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _, ngettext

from tracker.languages.writing import with_commas
from tracker.obligations.imports.cells import SHOWN, Cell, read_cell
from tracker.obligations.imports.sheet import (
    HEAD,
    MOST_COLUMNS,
    Clock,
    FileProblem,
    Grid,
    GridRow,
    Limits,
    Sheet,
    TooLong,
    UnreadableFile,
    in_megabytes,
    is_filled,
    letter_of,
    sheet_of,
    too_wide,
    within,
)
from tracker.obligations.imports.workbook import EXPLANATION, WorkbookFile, active, broken

MOST_SHEETS = 20  # of a workbook that are looked at, to find the one that is meant
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass
class OpenedFile:
    """A file whose rows can be read.

    Attributes:
        sheets: the names of its sheets; a CSV file has one without a name.
        lines: number and cells of each row of a sheet, and whether a row that is too short is cut short.
        note: how the file was understood; empty if nothing is unusual.
    """

    sheets: list[str]
    lines: Callable[[str], Iterator[GridRow]]
    note: str = ""


@contextmanager
def opened(
    name: str, content: bytes, limits: Limits, columns: Sequence[str] = (), only_utf_8: bool = False
) -> Iterator[OpenedFile]:
    """A file, CSV or XLSX, while its rows are read.

    Raises:
        UnreadableFile: it is too large or broken.
    """
    if len(content) > limits.size:
        raise UnreadableFile(too_large(limits.size))
    if content.startswith(_OLE):
        raise UnreadableFile(
            FileProblem(
                _("This is an old .xls workbook, or one with a password; save it as XLSX without a password.")
            )
        )
    if not content.startswith(_ZIP):
        if name.lower().endswith((".xlsx", ".xlsm", ".xls")):
            raise UnreadableFile(broken())
        text, note = _decoded(content, only_utf_8)
        yield OpenedFile([""], lambda _sheet: _csv_lines(text, columns, limits), note)
        return
    if name.lower().endswith((".xlsm", ".xltm", ".xlsb")):
        raise UnreadableFile(active())
    book = WorkbookFile(content, limits)
    try:
        note = _("The workbook has hidden rows or columns; they are read too.") if book.hides else ""
        yield OpenedFile(book.sheets(), book.lines, note)
    finally:
        book.close()


def read(
    name: str,
    content: bytes,
    table: str,
    columns: Sequence[str],
    required: Iterable[str],
    limits: Limits,
    only_utf_8: bool = False,
) -> Sheet:
    """The table in a file whose first row names the columns.

    Args:
        name: of the file, for its ending.
        table: what is read; a sheet of that name is preferred.
        columns: those that are known.
        required: those that the header must name.
        only_utf_8: whether CSV in Windows-1252 is refused, because nobody reads the note of the sheet.

    Raises:
        UnreadableFile: it is too large, broken, or has another header.
    """
    with opened(name, content, limits, columns, only_utf_8) as file:
        sheet = _named(table, file.sheets) or file.sheets[0]
        found = sheet_of(file.lines(sheet), columns, required, limits)
        found.note = _joined(file.note, _not_read(sheet, file.sheets))
    return found


def read_grid(
    name: str,
    content: bytes,
    table: str,
    limits: Limits,
    columns: Sequence[str],
    rate: Callable[[Sequence[GridRow]], int],
    chosen: str = "",
) -> Grid:
    """All rows of a file, wherever its headings are.

    Args:
        rate: how much the first rows of a sheet look like the table; the sheet that is rated best is read.
        chosen: the sheet that a person has chosen.

    Raises:
        UnreadableFile: it is too large, broken or empty.
    """
    with opened(name, content, limits, columns) as file:
        sheets = file.sheets
        sheet = chosen if chosen in sheets else _named(table, sheets)
        is_sure = bool(sheet) or len(sheets) == 1
        if not sheet and len(sheets) > 1:
            rated = {one: rate(_first_rows(file, one)) for one in sheets[:MOST_SHEETS]}
            sheet = max(rated, key=rated.__getitem__)
            is_sure = list(rated.values()).count(rated[sheet]) == 1
        sheet = sheet or sheets[0]
        rows = list(within(file.lines(sheet), limits, limits.rows + HEAD))
        return Grid(rows, sheet, sheets, _joined(file.note, _not_read(sheet, sheets)), is_sure)


def _first_rows(file: OpenedFile, sheet: str) -> list[GridRow]:
    try:
        return list(islice((row for row in file.lines(sheet) if is_filled(row[1])), HEAD))
    except TooLong:
        raise
    except UnreadableFile:
        return []  # said when it is the one to be read


def _named(table: str, sheets: Sequence[str]) -> str:
    """The sheet with the name of the table, or nothing."""
    return next((one for one in sheets if one.strip().casefold() == table), "")


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _not_read(sheet: str, sheets: Sequence[str]) -> str:
    """The sentence that names the sheets that were not read."""
    others = [one for one in sheets if one not in (sheet, EXPLANATION)]
    if not others:
        return ""
    return ngettext(
        "The sheet “%(title)s” was read; the sheet %(others)s was not.",
        "The sheet “%(title)s” was read; the sheets %(others)s were not.",
        len(others),
    ) % {"title": sheet[:SHOWN], "others": with_commas(f"“{other[:SHOWN]}”" for other in others[:5])}


def too_large(most: int) -> FileProblem:
    """What to say of a file with too many bytes."""
    return FileProblem(
        _("The file is larger than %(most)s; split it into several files.") % {"most": in_megabytes(most)}
    )


# --- CSV ---


def _csv_lines(text: str, columns: Sequence[str], limits: Limits) -> Iterator[tuple[int, list[Cell], bool]]:
    delimiter = _delimiter(text, columns)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number, last = 0, 1
    clock = Clock(limits.seconds)
    try:
        for number, cells in enumerate(reader, start=1):
            clock.check()
            last = number + 1
            if len(cells) > MOST_COLUMNS:
                raise UnreadableFile(too_wide(number))
            yield number, [read_cell(cell, limits.cell) for cell in cells], True
    except csv.Error as error:
        if "field larger" in str(error):
            message = _(
                "A cell is longer than %(most)d characters, or its quotation mark is never closed."
            ) % {"most": limits.cell}
        else:
            message = _(
                "A quotation mark is not closed or is in the wrong place; the file may be cut short. Save it "
                "as CSV again."
            )
        raise UnreadableFile(FileProblem(message, last, "A")) from None


def _decoded(content: bytes, only_utf_8: bool) -> tuple[str, str]:
    """The text of a CSV file, and a note about its encoding, usually empty.

    It is UTF-8, with or without a mark, UTF-16 with one, or Windows-1252: what spreadsheets save as plain "CSV".
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) and not content.startswith(b"\xff\xfe\0\0"):
        try:
            return content.decode("utf-16"), ""
        except UnicodeDecodeError as error:
            before = content[: error.start].decode("utf-16", errors="replace")
    else:
        try:
            return content.decode("utf-8-sig"), ""
        except UnicodeDecodeError as error:
            before = content[: error.start].decode("utf-8-sig", errors="replace")
        # A file that has other letters in UTF-8 is UTF-8, and damaged.
        if before.isascii() and not only_utf_8:
            try:
                note = _(
                    "The file is not UTF-8; it was read as Windows-1252. Check the letters with accents."
                )
                return content.decode("cp1252"), note
            except UnicodeDecodeError:
                pass
    row, column = before.count("\n") + 1, before.rpartition("\n")[2]
    letter = letter_of(min(1 + max(column.count(mark) for mark in ",;\t"), MOST_COLUMNS))
    raise UnreadableFile(
        FileProblem(_("The file is not UTF-8 from here on; save it as “CSV UTF-8”, or as XLSX."), row, letter)
    )


def _delimiter(text: str, columns: Sequence[str]) -> str:
    """What separates the cells: a comma, or what spreadsheets of other languages write."""
    lines = list(islice((line for line in io.StringIO(text) if line.strip()), HEAD))
    header = text.lstrip('\r\n,;\t" ').partition("\n")[0][: MOST_COLUMNS * SHOWN]

    def rated(mark: str) -> tuple[int, int, int]:
        # The names of our own columns, else what most lines have, in the same number.
        known = sum(name.strip(' "\r').casefold().replace(" ", "_") in columns for name in header.split(mark))
        counted = Counter(n for line in lines if (n := line.count(mark)))
        often, how_many = max(((lines, n) for n, lines in counted.items()), default=(0, 0))
        return known, often, how_many

    # A tab is hardly ever part of a text.
    if 2 * sum("\t" in line for line in lines) > len(lines):
        return "\t"
    return max(",;\t", key=rated)
