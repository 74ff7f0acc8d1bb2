"""Reads a list line by line: names, days and their marks, headings, and other text of the page."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from tracker.registry.values import BadValue, written_day
from tracker.rules.dates import MIDNIGHT
from tracker.rules.entry_into_force import ActionKind

LONGEST_ROW = 1_000  # characters; a longer line is no row of a list
SIGNED = "signature"  # the two things that a list says of a State
JOINED = "joining"


@dataclass(frozen=True)
class ListLine:
    """A line of the text that is shown to the person; `why` says what is wrong with it."""

    number: int
    text: str
    why: str = ""


_DAY = (
    r"(?<![0-9])(?P<day>[0-9]{1,2}(?:er)?[ -]+(?:de )?[^\W\d_]{3,10}\.?[ -]+(?:de )?[0-9]{4}"
    rf"|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:{MIDNIGHT})?|"
    r"[0-9]{1,2}(?P<by>[/.-])[0-9]{1,2}(?P=by)[0-9]{4})(?![0-9])"
)
_NOTES = r"(?:\[?[0-9]{1,2}\]?(?:, ?[0-9]{1,2})*|[*†‡§])?"
_CELL = re.compile(rf"{_DAY}\s*(?P<mark>[A-Za-z]{{1,2}})?(?![A-Za-z])\s*{_NOTES}")
_DAYS = re.compile(rf"{_DAY}(?:\s*(?P<mark>AA|[A-Za-z])(?![A-Za-z]))?")
_SUPERSCRIPTS = re.compile(
    "[\u00b2\u00b3\u00b9\u2070\u2074-\u2079]+(?:[ ,]+[\u00b2\u00b3\u00b9\u2070\u2074-\u2079]+)*"
)
_SPACES = re.compile(r"[^\S\t]+")
_BETWEEN = re.compile(rf"\s*{_NOTES}\s*")
_NUMBER = re.compile(r"\s*[0-9]{1,3}\s*[.)]\s+")

_FURNITURE = re.compile(
    r"\s*(?:chapter\b|status\b|entry into force\b|registration\s*:|text\s*:|note\s*:|participants?\b"
    r"|signatures?\b|ratification\b|acceptance\b|approval\b|accession\b|succession\b|formal confirmation\b"
    r"|©|copyright\b|(?:new york|geneva), ?[0-9]|https?:|page [0-9]|united nations\b|human rights\s*\Z|[ivxl]+\s*\Z"
    r"|chapitre\b|[ée]tat (?:au )?:|entr[ée]e en vigueur\b|enregistrement\s*:|texte\s*:|droits de l.homme\s*\Z"
    r"|(?:[0-9]+\s*\.\s*)?(?:[a-z]\s*\.?\s+)?(?:optional protocol|convention|protocole?)\b|[\W\d_]+\Z)",
    re.IGNORECASE,
)
_AFTER_THE_TABLE = re.compile(
    r"\s*(?:declarations|reservations|objections|end\s?notes?|notes?|territorial application"
    r"|d[ée]clarations|r[ée]serves|fin de notes?)\b[^0-9]*\Z",
    re.IGNORECASE,
)
# Headings in English, French and Spanish.
_NAME_COLUMN = re.compile(
    r"\s*(?:participant|state|country|party|name|pays|[ée]tat|nom\b|estado|pa[ií]s|nombre)", re.IGNORECASE
)
_CODE_COLUMN = re.compile(r"\s*(?:iso|alpha|code|c[oó]digo)(?:\b|[-_ 23])", re.IGNORECASE)
_SIGNATURE_COLUMN = re.compile("signature|firma", re.IGNORECASE)
_COLUMN_WORDS = {
    ActionKind.RATIFICATION: re.compile(
        "ratifica|acceptance|acceptation|aceptaci|approval|approbation|aprobaci", re.IGNORECASE
    ),
    ActionKind.ACCESSION: re.compile("accession|adh[ée]sion|adhesi[oó]n", re.IGNORECASE),
    ActionKind.SUCCESSION: re.compile("succession|sucesi[oó]n", re.IGNORECASE),
}

# The marks that the depositary prints after a day of joining.
KIND_OF_MARK = {
    "": ActionKind.RATIFICATION,
    "a": ActionKind.ACCESSION,
    "d": ActionKind.SUCCESSION,
    "A": ActionKind.RATIFICATION,
    "AA": ActionKind.RATIFICATION,
    "c": ActionKind.RATIFICATION,
}


@dataclass(frozen=True)
class DayCell:
    """A day in a list, and the mark behind it."""

    day: date
    mark: str
    column: str  # SIGNED, JOINED, or empty where only the mark can tell
    kind: str = ""  # what an unmarked day means in that column


@dataclass
class ParticipantRow:
    """A line with days: its name and days, or why it cannot be read."""

    number: int
    text: str
    name: str
    days: str
    cells: list[DayCell] = field(default_factory=list)
    why: str = ""


@dataclass(frozen=True)
class ListHeading:
    """The columns of a heading: what each is for, and the kind of an unmarked day in it."""

    delimiter: str
    name: int
    columns: dict[int, tuple[str, str]]
    unread: list[str]
    width: int


class LineReader:
    """Reads line by line, and remembers what later lines need."""

    def __init__(self) -> None:
        self.heading: ListHeading | None = None
        self.heading_at = 0  # the line of the first heading; 0 if there is none
        self.rows: list[ParticipantRow] = []
        self.dateless: dict[int, str] = {}
        self.passed_over: list[ListLine] = []
        self.has_signatures = False  # whether the list is known to have a column of signatures
        self.ended_at = 0  # the first line behind the table; 0 if it does not end

    def take(self, number: int, line: str) -> None:
        """Reads the next line."""
        plain = _SPACES.sub(" ", _SUPERSCRIPTS.sub(" ", line).replace("\ufeff", "")).strip(" ")
        if not plain.strip():
            return
        if self.ended_at or self._is_heading(number, plain) or self._is_furniture(number, plain):
            self.passed_over.append(ListLine(number, line))
            return
        row = self._row(number, plain)
        if row is None:
            self.dateless[number] = _without_number(_unquoted(plain))
            return
        self.rows.append(row)
        self.has_signatures = self.has_signatures or sum(c.column != JOINED for c in row.cells) == 2

    def _is_heading(self, number: int, line: str) -> bool:
        if heading := _heading(line):
            self.heading_at = self.heading_at or number
            self.heading = self.heading or heading
            self.has_signatures = self.has_signatures or any(
                column == SIGNED for column, _kind in heading.columns.values()
            )
            return True
        if _NAME_COLUMN.match(line) and _SIGNATURE_COLUMN.search(line) and not _DAYS.search(line):
            self.heading_at = self.heading_at or number
            self.has_signatures = True
            return True
        return False

    def _is_furniture(self, number: int, line: str) -> bool:
        if self.rows and _AFTER_THE_TABLE.match(line):
            self.ended_at = number
        return bool(self.ended_at or _FURNITURE.match(_unquoted(line)))

    def _row(self, number: int, line: str) -> ParticipantRow | None:
        """The line as a row; None if it has no day."""
        cells = _split(line, self.heading)
        if cells is None:
            return _collapsed(number, line)
        name, *rest = cells if self.heading is None else [cells[self.heading.name], *cells]
        row = ParticipantRow(number, line, _without_number(name), " ".join(" ".join(cells[1:]).split()))
        if self.heading is not None and any(one.strip() for one in cells[self.heading.width :]):
            row.why = _("The line has %(cells)d cells where the heading has %(columns)d.") % {
                "cells": len(cells),
                "columns": self.heading.width,
            }
            return row
        try:
            row.cells = (
                _by_position(rest) if self.heading is None else _by_heading(cells, self.heading.columns)
            )
        except BadValue as error:
            row.why = str(error)
            return row
        return row if row.cells else None


def without_the_rest(text: str, most: int) -> str:
    """A page without the declarations and notes behind its list, which are many times as long.

    Args:
        most: lines in which the list must end.
    """
    reader = LineReader()
    lines = text.split("\n")
    for number, line in enumerate(lines[:most], start=1):
        reader.take(number, line[:LONGEST_ROW])
        if reader.ended_at:
            return "\n".join(lines[:number])
    return text


def _heading(line: str) -> ListHeading | None:
    for delimiter in "\t;|¦,":
        if delimiter not in line:
            continue
        cells = _cells(line, delimiter)
        columns: dict[int, tuple[str, str]] = {}
        for at, cell in enumerate(cells):
            kinds = [kind for kind, words in _COLUMN_WORDS.items() if words.search(cell)]
            if _SIGNATURE_COLUMN.search(cell):
                columns[at] = (SIGNED, "")
            elif kinds and not re.search("force|effect|vigueur|effet|vigor", cell, re.IGNORECASE):
                columns[at] = (JOINED, kinds[0] if len(kinds) == 1 else ActionKind.RATIFICATION)
        others = [at for at in range(len(cells)) if at not in columns]
        names = [at for at in others if _NAME_COLUMN.match(cells[at])]
        names = names or [at for at in others if _CODE_COLUMN.match(cells[at])]
        if names and columns and not any(_DAYS.search(cell) for cell in cells):
            unread = [
                cell for at, cell in enumerate(cells) if at != names[0] and at not in columns and cell.strip()
            ]
            # A heading may be broken over two lines of a quoted cell: then it names too few columns.
            width = max(len(cells), 3)
            return ListHeading(delimiter, names[0], columns, unread, width)
    return None


def _split(line: str, heading: ListHeading | None) -> list[str] | None:
    """The cells of a line, or None where its columns have collapsed into spaces."""
    if heading is not None and heading.delimiter in line:
        cells = _cells(line, heading.delimiter)
        return cells + [""] * (heading.width - len(cells))
    if heading is not None:
        return None
    if "\t" in line:
        return _cells(line, "\t")
    for delimiter in "|¦;,":
        if delimiter in line:
            cells = _cells(line, delimiter)
            days = [cell for cell in cells[1:] if cell.strip()]
            if days and all(_CELL.fullmatch(cell.strip()) for cell in days):
                return cells
    return None


def _cells(line: str, delimiter: str) -> list[str]:
    if delimiter in "|¦":
        return [cell.strip() for cell in line.strip(f" {delimiter}").split(delimiter)]
    try:
        found = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        found = line.split(delimiter)
    return [cell.strip() for cell in found] or [""]


def _by_position(rest: Sequence[str]) -> list[DayCell]:
    """The days of a line without heading: signature and joining, in this order."""
    if rest and rest[0] and re.fullmatch(_NOTES, rest[0]):
        rest = rest[1:]  # the footnote marks have a column of their own
    days = [(at, cell) for at, cell in enumerate(rest) if cell]
    if len(days) > 2:
        raise BadValue(_("This line has more than two dates; only signature and joining are read."))
    if len(days) == 2:
        return [_cell(days[0][1], SIGNED), _cell(days[1][1], JOINED)]
    if len(days) == 1:
        at, text = days[0]
        column = "" if len(rest) == 1 else SIGNED if at == 0 else JOINED
        return [_cell(text, column)]
    return []


def _by_heading(cells: Sequence[str], columns: Mapping[int, tuple[str, str]]) -> list[DayCell]:
    found = [
        _cell(cells[at], column, kind)
        for at, (column, kind) in columns.items()
        if at < len(cells) and cells[at]
    ]
    if len({cell.column for cell in found}) < len(found):
        raise BadValue(_("This line has two dates of the same kind."))
    return found


def _cell(text: str, column: str, kind: str = "") -> DayCell:
    found = _CELL.fullmatch(text)
    if found is None:
        if _DAYS.search(text) and text.startswith("["):
            raise BadValue(
                _("“%(text)s” is in brackets (withdrawn or superseded), so it is not read.")
                % {"text": text[:40]}
            )
        written_day(text)  # raises, with what to write instead
        raise BadValue(_("“%(text)s” is not a day with a mark, as “19 Sep 2002 a”.") % {"text": text[:40]})
    return DayCell(written_day(found["day"]), found["mark"] or "", column, kind)


def _collapsed(number: int, line: str) -> ParticipantRow | None:
    """A line without columns: the days follow the name."""
    line = " ".join(line.split())
    found = list(_DAYS.finditer(line))
    if not found:
        return None
    name = _unquoted(line[: found[0].start()])
    row = ParticipantRow(number, line, _without_number(name), line[found[0].start() :])
    gaps = [
        line[one.end() : following.start() if following else len(line)]
        for one, following in zip(found, [*found[1:], None], strict=True)
    ]
    if any(line[: one.start()].rstrip().endswith("[") for one in found):
        row.why = _("The date is in brackets (withdrawn or superseded), so it is not read.")
    elif len(found) > 2:
        row.why = _("This line has more than two dates; only signature and joining are read.")
    elif not all(_BETWEEN.fullmatch(gap) for gap in gaps):
        odd = next(gap for gap in gaps if not _BETWEEN.fullmatch(gap)).strip()
        row.why = _("“%(text)s” next to the date is not understood.") % {"text": odd[:40]}
    else:
        columns = ("",) if len(found) == 1 else (SIGNED, JOINED)
        try:
            row.cells = [
                DayCell(written_day(one["day"]), one["mark"] or "", column)
                for one, column in zip(found, columns, strict=True)
            ]
        except BadValue as error:
            row.why = str(error)
    return row


def _unquoted(text: str) -> str:
    return text.strip(' \t"|¦;')


def _without_number(name: str) -> str:
    return _NUMBER.sub("", name, count=1).strip()
