"""Reads an uploaded file, CSV or XLSX, into a sheet, and trusts nothing about it.

Whatever the bytes are, the answer is a Sheet or Unreadable, whose problems name row and column where there
are any. Nothing here knows what the columns mean, and nothing asks the database.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.obligations.imports.cells import SHOWN, Cell, read_cell
from tracker.obligations.imports.sheet import (
    MOST_COLUMNS,
    Clock,
    FileProblem,
    Limits,
    Sheet,
    UnreadableFile,
    in_megabytes,
    letter_of,
    sheet_of,
    too_wide,
)
from tracker.obligations.imports.workbook import WorkbookFile, active, broken

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read(
    name: str,
    content: bytes,
    table: str,
    columns: Sequence[str],
    required: Iterable[str],
    limits: Limits,
    only_utf_8: bool = False,
) -> Sheet:
    """The table in a file.

    Args:
        name: of the file, for its ending.
        table: what is read; a sheet of that name is preferred.
        columns: those that are known.
        required: those that the header must name.
        only_utf_8: whether CSV in Windows-1252 is refused, because nobody reads the note of the sheet.

    Raises:
        UnreadableFile: it is too large, broken, or has another header.
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
        found = sheet_of(_csv_lines(text, columns, limits), columns, required, limits)
        found.note = note
        return found
    if name.lower().endswith((".xlsm", ".xltm", ".xlsb")):
        raise UnreadableFile(active())
    sheets = WorkbookFile(content, limits)
    try:
        title, others = sheets.choose(table)
        found = sheet_of(sheets.lines(title), columns, required, limits)
    finally:
        sheets.close()
    if others:
        found.note = ngettext(
            "The sheet “%(title)s” was read; the sheet %(others)s was not.",
            "The sheet “%(title)s” was read; the sheets %(others)s were not.",
            len(others),
        ) % {"title": title[:SHOWN], "others": ", ".join(f"“{other[:SHOWN]}”" for other in others[:5])}
    return found


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
    header = text.lstrip('\r\n,;\t" ').partition("\n")[0][: MOST_COLUMNS * SHOWN]

    def known(mark: str) -> int:
        return sum(name.strip(' "\r').casefold().replace(" ", "_") in columns for name in header.split(mark))

    return max(",;\t", key=known)
