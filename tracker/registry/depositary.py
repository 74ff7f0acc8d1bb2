"""Holds a participation list of the depositary against what is recorded: reads, compares, writes nothing.

A list is read as the UN Treaty Collection prints it: participant, day of signature, day and kind of joining
("12 Dec 2002", "19 Sep 2002 a"). It may be pasted with its tabs, with columns that have collapsed into
spaces, or come as CSV. No line is dropped in silence: it is understood, asked about, told as a problem with
its number, or counted (and shown) as a heading or other furniture of the page.
"""

from __future__ import annotations

import copy
import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from tracker.registry.csvfile import BadValue, written_day
from tracker.registry.models import Confidence, TreatyAction
from tracker.registry.names import RecognisedState, StateNames, Unknown
from tracker.rules.entry_into_force import JOINING, ActionKind, TreatyCode

LARGEST = 200_000  # bytes; the list of the most widely ratified treaty has 15,000
MOST_LINES = 1_000

SIGNED = "signature"  # the two things that a list says of a State
JOINED = "joining"
LEFT_OUT = "-"  # the answer that a name is no State's

WIDEST_NAME = 3  # lines above or below, over which a long name may be broken


class BadList(ValueError):
    """A text that cannot be taken as a list at all; its sentence says what to do instead."""


@dataclass(frozen=True)
class Listed:
    """One day that the list gives for a State.

    Attributes:
        line: its number in the text, from 1.
        remark: how it was read, where that is not plain; else empty.
    """

    iso3: str
    kind: str
    day: date
    line: int
    remark: str = ""

    @property
    def slot(self) -> str:
        """Signature or joining: a State has one of each for a treaty."""
        return slot_of(self.kind)


@dataclass(frozen=True)
class Line:
    """A line of the text that is told to the person; `why` says what is wrong with it."""

    number: int
    text: str
    why: str = ""


@dataclass(frozen=True)
class Asked:
    """A name that is not known, or could be read in two ways.

    Attributes:
        number: of its line.
        name: as the list has it.
        days: what the line says of it, as it stands there.
        suggestions: alpha-3 and name of States that may be meant.
        chosen: the answer so far: alpha-3, LEFT_OUT, or empty.
    """

    number: int
    name: str
    days: str
    suggestions: tuple[tuple[str, str], ...]
    chosen: str


@dataclass
class ReadList:
    """What a text says, and what of it could not be taken.

    Attributes:
        asked: names to ask about; those that are answered are among them.
        passed_over: headings and furniture of the page.
        otherwise: lines whose State the list spells otherwise than the records; `why` is the recorded name.
        unread: State and slot of which the list says something that was not understood.
        unread_columns: columns that the heading names and nobody reads.
        doubts: why this may be the wrong list.
    """

    listed: list[Listed] = field(default_factory=list)
    problems: list[Line] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    passed_over: list[Line] = field(default_factory=list)
    otherwise: list[Line] = field(default_factory=list)
    unread: set[tuple[str, str]] = field(default_factory=set)
    unread_columns: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @property
    def states(self) -> int:
        """How many States the list was understood to speak of."""
        return len({one.iso3 for one in self.listed})

    @property
    def open(self) -> list[Asked]:
        """The names that are still to be answered."""
        return [one for one in self.asked if not one.chosen]


@dataclass(frozen=True)
class Proposal:
    """Something that a person may tick: to record what the list says.

    Attributes:
        action: what is recorded so far; None where we lack it.
    """

    treaty: str
    listed: Listed
    action: TreatyAction | None

    @property
    def key(self) -> str:
        """What is proposed and what it would replace; a tick whose ground has moved has another key."""
        now = self.action
        present = f"{now.pk}:{now.kind}:{now.date}:{now.confidence}" if now else "none"
        return f"{self.listed.iso3}:{self.treaty}:{self.listed.kind}:{self.listed.day}:{present}"

    @property
    def changes(self) -> list[str]:
        """Names of the fields in which record and list differ: kind, date."""
        now = self.action
        if now is None:
            return []
        pairs = (("kind", now.kind, self.listed.kind), ("date", now.date, self.listed.day))
        return [name for name, ours, theirs in pairs if ours != theirs]

    def fact(self, source: str) -> TreatyAction:
        """The action as it would be recorded with the list as its source; not saved."""
        action = copy.copy(self.action) if self.action else TreatyAction()
        action.state_id, action.treaty_id = self.listed.iso3, self.treaty
        action.kind, action.date = self.listed.kind, self.listed.day
        action.source, action.confidence = source, Confidence.ONE_SOURCE
        return action


@dataclass
class Comparison:
    """A list beside the records.

    Attributes:
        lacking: what the list says and we do not have.
        differing: what we have otherwise.
        unconfirmed: what agrees, but rests with us on a weak source.
        unlisted: what we have and the list does not say.
        agreed: how many days agree; the unconfirmed are among them.
    """

    lacking: list[Proposal] = field(default_factory=list)
    differing: list[Proposal] = field(default_factory=list)
    unconfirmed: list[Proposal] = field(default_factory=list)
    unlisted: list[TreatyAction] = field(default_factory=list)
    agreed: int = 0

    @property
    def proposals(self) -> dict[str, Proposal]:
        """All that can be ticked, by key."""
        return {one.key: one for one in (*self.lacking, *self.differing, *self.unconfirmed)}


def compare(read: ReadList, recorded: Iterable[TreatyAction], treaty: str) -> Comparison:
    """Holds a list against the recorded actions of its treaty.

    Denunciations are not compared: the list tells them in its footnotes only. Of a State that left and joined again
    it prints the last joining.
    """
    ours: dict[tuple[str, str], TreatyAction] = {}
    left: dict[str, date] = {}
    for one in sorted(recorded, key=lambda action: action.date):
        if one.kind == ActionKind.DENUNCIATION:
            left[one.state_id] = one.date
        else:
            ours[one.state_id, slot_of(one.kind)] = one
    found = Comparison()
    for listed in read.listed:
        present = ours.pop((listed.iso3, listed.slot), None)
        if present and listed.slot == JOINED and present.date <= left.get(listed.iso3, date.min) < listed.day:
            present = None  # the State has left since; the list tells that it joined again
        proposal = Proposal(treaty, listed, present)
        if proposal.action is None:
            found.lacking.append(proposal)
        elif proposal.changes:
            found.differing.append(proposal)
        else:
            found.agreed += 1
            if proposal.action.confidence == Confidence.MEMORY:
                found.unconfirmed.append(proposal)
    found.unlisted = [action for slot, action in ours.items() if slot not in read.unread]
    return found


def slot_of(kind: str) -> str:
    """Which of the two things an action is."""
    return JOINED if kind in JOINING else SIGNED


# --- the text --------------------------------------------------------------------------------


def decoded(raw: bytes) -> str:
    """The text of an uploaded file: UTF-8, what Excel calls Unicode text, or Windows-1252.

    Raises:
        BadList: it is no text.
    """
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise BadList(_("This is a workbook; save it as CSV, or copy its cells and paste them."))
    if raw.startswith(b"%PDF"):
        raise BadList(_("This is a PDF; copy the table from it and paste it."))
    is_utf_16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if is_utf_16 else ["utf-8-sig", "cp1252"]:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadList(_("This file is no text; save it as CSV (UTF-8), or copy the table and paste it."))


def check_size(size: int, most: int) -> None:
    """Refuses so many bytes.

    Raises:
        BadList: there are more than `most`.
    """
    if size > most:
        raise BadList(
            _("The list has %(size)d kB; up to %(most)d kB are read. Paste only the table of participants.")
            % {"size": -(-size // 1000), "most": LARGEST // 1000}
        )


def checked(text: str) -> str:
    """A text with plain line ends that is not too large.

    Raises:
        BadList: it is empty or too large.
    """
    text = re.sub("\r\n?", "\n", text).strip("\n").replace("\0", "\ufffd")
    if not text.strip():
        raise BadList(_("The list is empty; paste the table of participants, its heading included."))
    check_size(len(text.encode(errors="replace")), LARGEST)
    lines = text.count("\n") + 1
    if lines > MOST_LINES:
        raise BadList(
            _("The list has %(lines)d lines; up to %(most)d are read. Paste only the table of participants.")
            % {"lines": lines, "most": MOST_LINES}
        )
    return text


# --- a line ----------------------------------------------------------------------------------

_DAY = (
    r"(?<![0-9])(?P<day>[0-9]{1,2}[ -]+[A-Za-z]{3,9}\.?[ -]+[0-9]{4}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}(?P<by>[/.-])[0-9]{1,2}(?P=by)[0-9]{4})(?![0-9])"
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
    r"|(?:new york|geneva), ?[0-9]|https?:|page [0-9]|united nations\b|human rights\s*\Z|[ivxl]+\s*\Z"
    r"|(?:[0-9]+\s*\.\s*)?(?:[a-z]\s*\.?\s+)?(?:optional protocol|convention|protocol)\b|[\W\d_]+\Z)",
    re.IGNORECASE,
)
_AFTER_THE_TABLE = re.compile(
    r"\s*(?:declarations|reservations|objections|end\s?notes?|notes?|territorial application)\b[^0-9]*\Z",
    re.IGNORECASE,
)
_NAME_COLUMN = re.compile(r"\s*(?:participant|state|country|party|name)", re.IGNORECASE)
_COLUMN_WORDS = {
    ActionKind.RATIFICATION: re.compile("ratification|acceptance|approval", re.IGNORECASE),
    ActionKind.ACCESSION: re.compile("accession", re.IGNORECASE),
    ActionKind.SUCCESSION: re.compile("succession", re.IGNORECASE),
}

# What the depositary prints behind a day of joining.
_KIND_OF_MARK = {
    "": ActionKind.RATIFICATION,
    "a": ActionKind.ACCESSION,
    "d": ActionKind.SUCCESSION,
    "A": ActionKind.RATIFICATION,
    "AA": ActionKind.RATIFICATION,
    "c": ActionKind.RATIFICATION,
}


@dataclass(frozen=True)
class _Cell:
    day: date
    mark: str
    column: str  # SIGNED, JOINED, or empty where only the mark can tell
    kind: str = ""  # what an unmarked day means there


@dataclass
class _Row:
    """A line with days: its name, and what it says of it or why it cannot be read."""

    number: int
    text: str
    name: str
    days: str
    cells: list[_Cell] = field(default_factory=list)
    why: str = ""


@dataclass(frozen=True)
class _Heading:
    """The columns as a heading names them: what each is for, and the kind of an unmarked day there."""

    delimiter: str
    name: int
    columns: dict[int, tuple[str, str]]
    unread: list[str]
    width: int


class _Reader:
    """Reads line by line and keeps what later lines need."""

    def __init__(self) -> None:
        self.heading: _Heading | None = None
        self.rows: list[_Row] = []
        self.dateless: dict[int, str] = {}
        self.passed_over: list[Line] = []
        self.has_signatures = False  # whether the list is known to have a column of signatures
        self._ended = False

    def take(self, number: int, line: str) -> None:
        plain = _SPACES.sub(" ", _SUPERSCRIPTS.sub(" ", line).replace("\ufeff", "")).strip(" ")
        if not plain.strip():
            return
        if self._ended or self._is_heading(plain) or self._is_furniture(plain):
            self.passed_over.append(Line(number, line))
            return
        row = self._row(number, plain)
        if row is None:
            self.dateless[number] = _without_number(_unquoted(plain))
            return
        self.rows.append(row)
        self.has_signatures = self.has_signatures or sum(c.column != JOINED for c in row.cells) == 2

    def _is_heading(self, line: str) -> bool:
        if heading := _heading(line):
            self.heading = self.heading or heading
            self.has_signatures = self.has_signatures or any(
                column == SIGNED for column, _kind in heading.columns.values()
            )
            return True
        if _NAME_COLUMN.match(line) and "signature" in line.lower() and not _DAYS.search(line):
            self.has_signatures = True
            return True
        return False

    def _is_furniture(self, line: str) -> bool:
        if self.rows and _AFTER_THE_TABLE.match(line):
            self._ended = True
        return self._ended or bool(_FURNITURE.match(_unquoted(line)))

    def _row(self, number: int, line: str) -> _Row | None:
        """The line as a row; None if it holds no day."""
        cells = _split(line, self.heading)
        if cells is None:
            return _collapsed(number, line)
        name, *rest = cells if self.heading is None else [cells[self.heading.name], *cells]
        row = _Row(number, line, _without_number(name), " ".join(" ".join(cells[1:]).split()))
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


def _heading(line: str) -> _Heading | None:
    for delimiter in "\t;|¦,":
        if delimiter not in line:
            continue
        cells = _cells(line, delimiter)
        columns: dict[int, tuple[str, str]] = {}
        for at, cell in enumerate(cells):
            kinds = [kind for kind, words in _COLUMN_WORDS.items() if words.search(cell)]
            if re.search("signature", cell, re.IGNORECASE):
                columns[at] = (SIGNED, "")
            elif kinds and not re.search("force|effect", cell, re.IGNORECASE):
                columns[at] = (JOINED, kinds[0] if len(kinds) == 1 else ActionKind.RATIFICATION)
        names = [at for at, cell in enumerate(cells) if at not in columns and _NAME_COLUMN.match(cell)]
        if names and columns and not any(_DAYS.search(cell) for cell in cells):
            unread = [
                cell for at, cell in enumerate(cells) if at != names[0] and at not in columns and cell.strip()
            ]
            # A heading may be broken over two lines of a quoted cell: then it names too few columns.
            width = max(len(cells), 3)
            return _Heading(delimiter, names[0], columns, unread, width)
    return None


def _split(line: str, heading: _Heading | None) -> list[str] | None:
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


def _by_position(rest: Sequence[str]) -> list[_Cell]:
    """The days of a line without heading: signature and joining, in this order."""
    if rest and rest[0] and re.fullmatch(_NOTES, rest[0]):
        rest = rest[1:]  # the footnote marks have a column of their own
    days = [(at, cell) for at, cell in enumerate(rest) if cell]
    if len(days) > 2:
        raise BadValue(_("More than two days stand on this line; only signature and joining are read."))
    if len(days) == 2:
        return [_cell(days[0][1], SIGNED), _cell(days[1][1], JOINED)]
    if len(days) == 1:
        at, text = days[0]
        column = "" if len(rest) == 1 else SIGNED if at == 0 else JOINED
        return [_cell(text, column)]
    return []


def _by_heading(cells: Sequence[str], columns: Mapping[int, tuple[str, str]]) -> list[_Cell]:
    found = [
        _cell(cells[at], column, kind)
        for at, (column, kind) in columns.items()
        if at < len(cells) and cells[at]
    ]
    if len({cell.column for cell in found}) < len(found):
        raise BadValue(_("Two days of the same kind stand on this line."))
    return found


def _cell(text: str, column: str, kind: str = "") -> _Cell:
    found = _CELL.fullmatch(text)
    if found is None:
        if _DAYS.search(text) and text.startswith("["):
            raise BadValue(
                _("“%(text)s” stands in brackets: withdrawn or superseded. It is not read.")
                % {"text": text[:40]}
            )
        written_day(text)  # raises, with what to write instead
        raise BadValue(_("“%(text)s” is not a day with a mark, as “19 Sep 2002 a”.") % {"text": text[:40]})
    return _Cell(written_day(found["day"]), found["mark"] or "", column, kind)


def _collapsed(number: int, line: str) -> _Row | None:
    """A line without columns: the days stand behind the name."""
    line = " ".join(line.split())
    found = list(_DAYS.finditer(line))
    if not found:
        return None
    name = _unquoted(line[: found[0].start()])
    row = _Row(number, line, _without_number(name), line[found[0].start() :])
    gaps = [
        line[one.end() : following.start() if following else len(line)]
        for one, following in zip(found, [*found[1:], None], strict=True)
    ]
    if any(line[: one.start()].rstrip().endswith("[") for one in found):
        row.why = _("The day stands in brackets: withdrawn or superseded. It is not read.")
    elif len(found) > 2:
        row.why = _("More than two days stand on this line; only signature and joining are read.")
    elif not all(_BETWEEN.fullmatch(gap) for gap in gaps):
        odd = next(gap for gap in gaps if not _BETWEEN.fullmatch(gap)).strip()
        row.why = _("“%(text)s” beside the day is not understood.") % {"text": odd[:40]}
    else:
        columns = ("",) if len(found) == 1 else (SIGNED, JOINED)
        try:
            row.cells = [
                _Cell(written_day(one["day"]), one["mark"] or "", column)
                for one, column in zip(found, columns, strict=True)
            ]
        except BadValue as error:
            row.why = str(error)
    return row


def _unquoted(text: str) -> str:
    return text.strip(' \t"|¦;')


def _without_number(name: str) -> str:
    return _NUMBER.sub("", name, count=1).strip()


# --- the list --------------------------------------------------------------------------------


def read_list(text: str, names: StateNames, treaty: str, chosen: Mapping[int, str] | None = None) -> ReadList:
    """What a participation list says of each State.

    Args:
        text: as `checked` leaves it.
        treaty: whose list it is said to be; a title that names another one gives rise to a doubt.
        chosen: answers for names that were asked about, by line number: alpha-3 or LEFT_OUT.
    """
    reader = _Reader()
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        reader.take(number, line)
    read = ReadList(passed_over=reader.passed_over)
    read.unread_columns = list(reader.heading.unread) if reader.heading else []
    read.doubts = _doubts(reader.passed_over, treaty)
    first: dict[str, tuple[_Row, list[Listed]]] = {}
    for row, name, surrounding in _named(reader, names):
        iso3 = _state(row, name, surrounding, names, chosen or {}, read)
        if not iso3:
            continue
        listed = _listed(row, iso3, reader.has_signatures)
        if isinstance(listed, str):
            read.problems.append(Line(row.number, row.text, listed))
            read.unread |= {(iso3, SIGNED), (iso3, JOINED)}
        elif iso3 in first:
            _twice(row, listed, first[iso3], read)
        else:
            first[iso3] = (row, listed)
            read.listed += listed
    # Where two lines of a State contradict each other, neither counts.
    read.listed = [one for one in read.listed if (one.iso3, one.slot) not in read.unread]
    for number, line in reader.dateless.items():
        read.problems.append(Line(number, line, _("No day stands on this line.")))
    read.problems.sort(key=lambda line: line.number)
    return read


def _state(
    row: _Row,
    name: str,
    surrounding: str,
    names: StateNames,
    chosen: Mapping[int, str],
    read: ReadList,
) -> str:
    """The State of a row, or nothing where it is to be asked about or left out."""
    found = names.recognise(name)
    if not surrounding and isinstance(found, RecognisedState):
        if found.spelled_otherwise:
            read.otherwise.append(Line(row.number, name, found.name))
        return found.iso3
    answer = chosen.get(row.number, "")
    if answer not in names.names and answer != LEFT_OUT:
        answer = ""
    whole = surrounding or name
    near: tuple[tuple[str, str], ...] = (
        ((found.iso3, found.name),) if isinstance(found, RecognisedState) else ()
    )
    # Near names are looked for only as long as somebody can be expected to read the questions.
    if not near and len(read.asked) < MOST_ASKED:
        unknown = names.recognise(whole)
        near = unknown.suggestions if isinstance(unknown, Unknown) else ()
    read.asked.append(Asked(row.number, whole, row.days, near, answer))
    return "" if answer == LEFT_OUT else answer


MOST_ASKED = 40  # more unknown names than that are no list of States


def _named(reader: _Reader, names: StateNames) -> list[tuple[_Row, str, str]]:
    """Each row with its name; a name that is broken over several lines is put together.

    Only a whole name that is recognised is believed. A line without a day directly above, which fits
    nothing, may be the beginning of the name ("Democratic Republic of the / Congo 11 Nov 2001 a"): then the
    row is asked about, and the third value is the name with what stands above it.
    """
    found = []
    dateless = reader.dateless
    for row in reader.rows:
        above = _run(dateless, row.number, -1)
        below = _run(dateless, row.number, 1)
        name, used = row.name, []
        for before in range(len(above) + 1):
            for after in range(len(below), -1, -1):
                parts = [*above[before:], row.number, *below[:after]]
                whole = " ".join(row.name if n == row.number else dateless[n] for n in parts)
                if len(parts) > 1 and isinstance(names.recognise(whole), RecognisedState):
                    name, used = whole, [n for n in parts if n != row.number]
                    break
            if used:
                break
        for number in used:
            del dateless[number]
        loose = [n for n in above if n in dateless and n not in used] if not used else []
        # A State's name that stands alone is a line of its own, which lacks its days.
        loose = [n for n in loose if isinstance(names.recognise(dateless[n]), Unknown)]
        surrounding = " ".join([*(dateless[n] for n in loose), row.name]) if loose else ""
        found.append((row, name, surrounding))
    return found


def _run(dateless: Mapping[int, str], number: int, step: int) -> list[int]:
    """The lines without days that adjoin a line, in their order."""
    found: list[int] = []
    while len(found) < WIDEST_NAME and number + step * (len(found) + 1) in dateless:
        found.append(number + step * (len(found) + 1))
    return sorted(found)


def _listed(row: _Row, iso3: str, has_signatures: bool) -> list[Listed] | str:
    """What a row says of its State, or why it cannot be told."""
    if row.why:
        return row.why
    found = []
    for cell in row.cells:
        column, remark = cell.column, ""
        if cell.mark not in _KIND_OF_MARK:
            return _("The mark “%(mark)s” behind the day is not known here; a, d, A, AA and c are.") % {
                "mark": cell.mark
            }
        if not column or (column == SIGNED and len(row.cells) == 1 and cell.mark not in ("", "d")):
            # One day alone: its mark tells what it is. A State that has not signed accedes, so an unmarked
            # day is a signature, if this list has signatures at all.
            column = JOINED if cell.mark else SIGNED
            if not cell.mark and not has_signatures:
                return _(
                    "One day without a mark: whether it is a signature or a ratification cannot be told. "
                    "Paste the list with its heading."
                )
            if cell.mark == "d":
                remark = _("“d” behind the only day of the line: read as succession to the treaty.")
        if column == SIGNED:
            if cell.mark not in ("", "d"):
                return _("The mark “%(mark)s” cannot stand behind a signature.") % {"mark": cell.mark}
            if cell.mark:
                remark = _("Succession to the signature (d); recorded as a signature.")
            found.append(Listed(iso3, ActionKind.SIGNATURE.value, cell.day, row.number, remark))
            continue
        kind = ActionKind(cell.kind) if cell.kind and not cell.mark else _KIND_OF_MARK[cell.mark]
        if cell.mark == "A":
            remark = _("Acceptance (A); recorded as a ratification.")
        elif cell.mark == "AA":
            remark = _("Approval (AA); recorded as a ratification.")
        elif cell.mark == "c":
            remark = _("Formal confirmation (c); recorded as a ratification.")
        found.append(Listed(iso3, kind.value, cell.day, row.number, remark))
    return found


def _twice(row: _Row, listed: list[Listed], first: tuple[_Row, list[Listed]], read: ReadList) -> None:
    earlier, before = first
    if [(one.kind, one.day) for one in listed] == [(one.kind, one.day) for one in before]:
        why = _("The line repeats what line %(number)d says.") % {"number": earlier.number}
        read.problems.append(Line(row.number, row.text, why))
        return
    why = _("Lines %(first)d and %(second)d say different things of the same State; neither is taken.")
    why %= {"first": earlier.number, "second": row.number}
    read.problems += [Line(earlier.number, earlier.text, why), Line(row.number, row.text, why)]
    iso3 = (before or listed)[0].iso3
    read.unread |= {(iso3, SIGNED), (iso3, JOINED)}


def _doubts(passed_over: Iterable[Line], treaty: str) -> list[str]:
    """Why the list may be that of another treaty: its own title says so."""
    title = " ".join(line.text.lower() for line in passed_over)
    if "armed conflict" in title:
        other = _("the Optional Protocol on the involvement of children in armed conflict")
    elif "communications procedure" in title:
        other = _("the Optional Protocol on a communications procedure")
    elif treaty == TreatyCode.CRC and "sale of children" in title:
        other = "the OPSC"
    elif treaty == TreatyCode.OPSC and "rights of the child" in title and "optional protocol" not in title:
        other = "the CRC"
    else:
        return []
    return [_("By its title the list is that of %(other)s. Check the treaty.") % {"other": other}]
