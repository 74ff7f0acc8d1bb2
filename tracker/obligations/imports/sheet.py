"""The table in a file: its header and rows, how large it may be, and what can be wrong with it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _, ngettext

from tracker.obligations.imports.cells import Cell, shorten, text_of

MOST_COLUMNS = 100
HEAD = 50  # filled rows in which the headings are looked for
# All cells together may have so many characters for each byte of the largest file: the cells of a workbook can share
# one long text.
MOST_TEXT = 4


GridRow = tuple[int, list[Cell], bool]  # number and cells, and whether it is cut short if it is too short


@dataclass(frozen=True)
class Limits:
    """How large a file may be.

    Attributes:
        size: bytes of the file.
        rows: rows below the header.
        cell: characters of a cell.
        seconds: of a processor that reading it may take.
    """

    size: int
    rows: int
    cell: int
    seconds: float = 30

    @classmethod
    def in_force(cls) -> Limits:
        """As the operator has set them."""
        return cls(settings.IMPORT_MAX_BYTES, settings.IMPORT_MAX_ROWS, settings.IMPORT_MAX_CELL)


@dataclass(frozen=True)
class FileProblem:
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


class UnreadableFile(Exception):
    """The file as a whole cannot be read; nothing was imported."""

    def __init__(self, *problems: FileProblem) -> None:
        super().__init__(str(problems[0]))
        self.problems = problems


class TooLong(UnreadableFile):
    """It has more rows, unpacks to more, or takes longer to read, than the limits allow."""


class Clock:
    """The processor time of this thread, from the moment it is made."""

    def __init__(self, seconds: float) -> None:
        self.until = time.thread_time() + seconds

    def check(self) -> None:
        """Lets a file go on being read.

        Raises:
            TooLong: its time is over.
        """
        if time.thread_time() > self.until:
            raise TooLong(FileProblem(_("The file takes too long to read; split it into several files.")))


@dataclass
class SheetRow:
    """A row of the file: one cell for each column of the header.

    Attributes:
        problem: what is wrong with the row as a whole; its cells are then unreliable.
    """

    number: int
    cells: list[Cell]
    problem: FileProblem | None = None


@dataclass
class Sheet:
    """The table in a file.

    Attributes:
        columns: the names of its columns, normalised.
        note: what was not read, or how the file was understood; empty if nothing is unusual.
    """

    columns: list[str]
    lines: list[SheetRow] = field(default_factory=list)
    note: str = ""


@dataclass
class Grid:
    """All filled rows of a file, before anybody knows what they mean.

    Attributes:
        sheets: the names of all sheets of the file.
        is_sure: whether no other sheet looks like the table as much.
    """

    rows: list[GridRow]
    sheet: str
    sheets: list[str]
    note: str
    is_sure: bool


def is_filled(cells: Iterable[Cell]) -> bool:
    """Whether a row has anything in it."""
    return any(text_of(cell) for cell in cells)


def within(lines: Iterable[GridRow], limits: Limits, most_rows: int, column: str = "A") -> Iterator[GridRow]:
    """The filled rows of a file.

    Args:
        column: named by the problem, if there is one.

    Raises:
        TooLong: there are more rows, or more text, than the limits allow.
    """
    most, characters, rows = MOST_TEXT * limits.size, 0, 0
    for number, cells, cut_short in lines:
        length = sum(len(cell) if isinstance(cell, str) else len(text_of(cell)) for cell in cells)
        if not length:
            continue
        characters += length
        if characters > most:
            message = _("The cells contain more than %(most)s of text; split the file into several.")
            raise TooLong(FileProblem(message % {"most": in_megabytes(most)}, number, column))
        if rows == most_rows:
            raise TooLong(
                FileProblem(
                    ngettext(
                        "The file has more than %(n)d row; split it into several files.",
                        "The file has more than %(n)d rows; split it into several files.",
                        limits.rows,
                    )
                    % {"n": limits.rows},
                    number,
                    column,
                )
            )
        rows += 1
        yield number, cells, cut_short


def sheet_of(
    lines: Iterable[GridRow], columns: Sequence[str], required: Iterable[str], limits: Limits
) -> Sheet:
    """The rows under the header of a file, which is its first filled row."""
    rows = iter(lines)
    number, header, _cut = next((row for row in rows if is_filled(row[1])), (1, [], False))
    while header and not is_filled(header[-1:]):
        header.pop()  # a spreadsheet keeps columns that were formatted and left empty
    names = _header(number, header, columns, required)
    below = within(rows, limits, limits.rows, names[0])
    return Sheet(names, [line_of(number, cells, names, cut_short) for number, cells, cut_short in below])


def line_of(number: int, cells: list[Cell], names: list[str], cut_short: bool) -> SheetRow:
    """A row of the file with one cell for each column."""
    problem = None
    beyond = next((at for at in range(len(names), len(cells)) if text_of(cells[at])), None)
    if beyond is not None:
        problem = FileProblem(
            _("There is a cell beyond the last column, %(last)s; a comma in a text is perhaps not quoted.")
            % {"last": names[-1]},
            number,
            letter_of(beyond + 1),
        )
    elif len(cells) < len(names) and cut_short:
        problem = FileProblem(
            _("The row ends before this column: it has %(n)d cells where the header has %(columns)d.")
            % {"n": len(cells), "columns": len(names)},
            number,
            names[len(cells)],
        )
    return SheetRow(number, [*cells[: len(names)], *[""] * (len(names) - len(cells))], problem)


def _header(number: int, header: list[Cell], columns: Sequence[str], required: Iterable[str]) -> list[str]:
    """The names of the columns; spaces, capitals and underscores do not matter."""
    names = [re.sub(r"[\s_]+", "_", text_of(cell).strip().casefold()) for cell in header]
    problems = [
        FileProblem(message, number, letter_of(at + 1))
        for at, name in enumerate(names)
        if (message := _wrong_name(name, names[:at], columns, text_of(header[at])))
    ]
    if not names:
        problems = [FileProblem(_("The file is empty; its first row names the columns."))]
    elif not problems:
        missing = [name for name in required if name not in names]
        problems = [FileProblem(_("The column is missing."), number, name) for name in missing]
    if problems:
        known = _("The columns are: %(known)s.") % {"known": ", ".join(columns)}
        raise UnreadableFile(*problems, FileProblem(known))
    return names


def _wrong_name(name: str, before: Sequence[str], columns: Sequence[str], written: str) -> str:
    """What is wrong with the name of a column, or nothing."""
    if not name:
        return _("The column has no name; the first row names the columns.")
    if name not in columns:
        return _("Unknown column “%(name)s”.") % {"name": shorten(written)}
    if name in before:
        return _("The column “%(name)s” appears twice; keep one of the two.") % {"name": name}
    return ""


def letter_of(number: int) -> str:
    """The name of a column in a spreadsheet: A for 1."""
    from openpyxl.utils import get_column_letter  # importing it takes a tenth of a second of every start

    return get_column_letter(number)


def too_wide(row: int) -> FileProblem:
    message = _("The row has more than %(n)d columns; delete the cells beyond them.") % {"n": MOST_COLUMNS}
    return FileProblem(message, row, letter_of(MOST_COLUMNS + 1))


def in_megabytes(number: int) -> str:
    return (
        _("%(n)d MB") % {"n": number // 1_000_000}
        if number >= 1_000_000
        else _("%(n)d bytes") % {"n": number}
    )
