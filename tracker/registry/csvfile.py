"""Reads a CSV file so that every bad value is named by file, row and field, and nothing is guessed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

from django.utils.translation import gettext as _

from tracker.rules.dates import NotADay, in_words, read_day

Value = TypeVar("Value")


class BadFile(Exception):
    """What is wrong with the files to be loaded, problem by problem.

    Args:
        problems: sentences that each name the file, the row and the field.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        more = len(self.problems) - 1
        rest = f" ({more} more {'problem' if more == 1 else 'problems'} in the files.)" if more else ""
        super().__init__(self.problems[0] + rest)


class BadValue(ValueError):
    """A value that is not understood; its text says what to enter instead."""


@dataclass
class Problems:
    """Collects what is wrong, so that one reading tells all of it."""

    found: list[str] = field(default_factory=list)

    def add(self, row: Row, name: str, message: str) -> None:
        """Notes a problem with a field of a row."""
        self.found.append(f"{row.place}, {name}: {message}")

    def check(self) -> None:
        """Raises BadFile if anything was noted."""
        if self.found:
            raise BadFile(self.found)


@dataclass(frozen=True)
class Row:
    """A row of a file. Rows are numbered as a spreadsheet shows them: the header is row 1."""

    file: str
    number: int
    values: dict[str, str]
    problems: Problems

    @property
    def place(self) -> str:
        """File, row and State, for a message."""
        state = self.values.get("iso3", "")
        return f"{self.file}, row {self.number}" + (f" ({state})" if state else "")

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def has(self, name: str) -> bool:
        """Whether the file has this column."""
        return name in self.values

    def read(self, name: str, parse: Callable[[str], Value], default: Value) -> Value:
        """The parsed value of a field; the default where it is empty or was noted as a problem."""
        raw = self.values[name]
        if not raw:
            return default
        try:
            return parse(raw)
        except BadValue as error:
            self.problems.add(self, name, str(error))
            return default

    def text(self, name: str, longest: int) -> str:
        """A text of at most so many characters; PostgreSQL would refuse a longer one without saying which."""
        if len(self.values[name]) > longest:
            self.problems.add(
                self, name, f"the text has {len(self.values[name])} characters; {longest} are kept at most."
            )
        return self.values[name]

    def day(self, name: str) -> date | None:
        """A calendar date, or None where the field is empty."""
        return self.read(name, calendar_date, None)


def calendar_date(raw: str) -> date:
    """A date written as YYYY-MM-DD, and no other way: 03/04/2005 could be two days."""
    try:
        if len(raw) != len("2005-01-23"):
            raise ValueError
        return date.fromisoformat(raw)
    except ValueError:
        raise BadValue(
            f"“{raw}” is not a calendar date; write it as YYYY-MM-DD, for example 2005-01-23."
        ) from None


def written_day(raw: str) -> date:
    """A day as a person writes it (`rules.dates.read_day`), or a sentence that says what to write."""
    try:
        return read_day(raw)
    except NotADay as error:
        if error.candidates:
            first, second = map(in_words, error.candidates)
            raise BadValue(
                _("“%(text)s” could be %(first)s or %(second)s; write %(example)s.")
                % {"text": raw, "first": first, "second": second, "example": error.candidates[0].isoformat()}
            ) from None
        raise BadValue(
            _("“%(text)s” is not a day; write it as 2003-01-23, 23 Jan 2003 or 23/01/2003.")
            % {"text": raw[:40]}
        ) from None


def one_of(words: Sequence[str]) -> Callable[[str], str]:
    """A parser that takes one of some words."""

    def parse(raw: str) -> str:
        if raw not in words:
            raise BadValue(f"“{raw}” is not known; write one of {', '.join(words)}.")
        return raw

    return parse


def read_table(
    path: Path, columns: Sequence[str], problems: Problems, optional: Sequence[str] = ()
) -> list[Row]:
    """All rows of a UTF-8 CSV file with exactly these columns, in any order.

    Args:
        optional: columns that a file may leave out; its rows then do not speak of them (`Row.has`).

    Problems with the file as a whole (encoding, header, rows cut short) are noted; what can be read is
    returned all the same, so that further problems are found in the same reading.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        problems.found.append(f"{path.name}: the file cannot be read ({error.strerror}).")
        return []
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = raw[: error.start].count(b"\n") + 1
        problems.found.append(
            f"{path.name}, row {number}: not UTF-8 (byte {error.object[error.start]:#04x}); "
            "save the file as “CSV UTF-8” and load it again."
        )
        return []
    if "\0" in text:
        number = text[: text.index("\0")].count("\n") + 1
        problems.found.append(f"{path.name}, row {number}: contains a null byte; save the file as CSV again.")
        return []
    return list(_rows(path.name, text, columns, optional, problems))


def _rows(
    name: str, text: str, columns: Sequence[str], optional: Sequence[str], problems: Problems
) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    number = 1
    try:
        header = [column.strip() for column in next(reader, [])]
        if not header:
            problems.found.append(f"{name}: the file is empty; its first row names the columns.")
            return []
        unknown = [column for column in header if column not in (*columns, *optional)]
        missing = [column for column in columns if column not in header]
        twice = sorted({column for column in header if header.count(column) > 1})
        if unknown:
            problems.found.append(
                f"{name}, row 1: unknown column “{unknown[0]}”; the columns are {', '.join((*columns, *optional))}."
            )
        if missing:
            problems.found.append(f"{name}, row 1: the column “{missing[0]}” is missing.")
        if twice:
            problems.found.append(f"{name}, row 1: the column “{twice[0]}” stands there twice.")
        if unknown or missing or twice:
            return []
        for cells in reader:
            number += 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                where = header[len(cells)] if len(cells) < len(header) else "the last column"
                problems.found.append(
                    f"{name}, row {number}, {where}: the row has {len(cells)} cells where the header has "
                    f"{len(header)}; it is cut short or a comma is not quoted."
                )
                continue
            values = dict(zip(header, (cell.strip() for cell in cells), strict=True))
            rows.append(Row(name, number, values, problems))
    except csv.Error:
        problems.found.append(
            f"{name}, row {number + 1}: a quotation mark is not closed or stands in a wrong place; "
            "the file may be cut short."
        )
    return rows
