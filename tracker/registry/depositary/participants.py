"""Finds the State of each line of a list, and what the list says about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from tracker.registry.depositary.lines import (
    JOINED,
    KIND_OF_MARK,
    SIGNED,
    LineReader,
    ListLine,
    ParticipantRow,
)
from tracker.registry.names import RecognisedState, StateNames, Unknown
from tracker.rules.entry_into_force import JOINING, ActionKind, TreatyCode

LEFT_OUT = "-"  # the answer that a name is not a State's
MOST_ASKED = 40  # more unknown names than that are no list of States
WIDEST_NAME = 3  # lines above or below, over which a long name may be broken


def slot_of(kind: str) -> str:
    """Whether an action is a signature or a joining."""
    return JOINED if kind in JOINING else SIGNED


@dataclass(frozen=True)
class Listed:
    """One day that the list gives for a State.

    Attributes:
        line: its number in the text, from 1.
        remark: how it was read, where that is not obvious; else empty.
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
class UnclearName:
    """A name that is unknown or ambiguous.

    Attributes:
        number: of its line.
        name: as the list has it.
        days: the rest of the line, as written.
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
    """What a list says, and which of its lines could not be used.

    Attributes:
        unclear: names to ask about, with those that are answered.
        passed_over: headings and other text of the page.
        otherwise: lines that spell the State differently from the records; `why` is the recorded name.
        unread: State and slot about which the list says something that is not understood.
        unread_columns: columns of the heading that are not read.
        doubts: why this may be the wrong list.
    """

    listed: list[Listed] = field(default_factory=list)
    problems: list[ListLine] = field(default_factory=list)
    unclear: list[UnclearName] = field(default_factory=list)
    passed_over: list[ListLine] = field(default_factory=list)
    otherwise: list[ListLine] = field(default_factory=list)
    unread: set[tuple[str, str]] = field(default_factory=set)
    unread_columns: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @property
    def states(self) -> int:
        """How many States the list was understood to name."""
        return len({one.iso3 for one in self.listed})

    @property
    def open(self) -> list[UnclearName]:
        """The names without an answer."""
        return [one for one in self.unclear if not one.chosen]


def read_list(text: str, names: StateNames, treaty: str, chosen: Mapping[int, str] | None = None) -> ReadList:
    """Reads what a participation list says about each State.

    Args:
        text: as `checked` leaves it.
        treaty: whose list it should be; a title that names another treaty is reported as a doubt.
        chosen: answers for unclear names, by line number: alpha-3 or LEFT_OUT.
    """
    reader = LineReader()
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        reader.take(number, line)
    _pass_over_above(reader, names)
    read = ReadList(passed_over=reader.passed_over)
    read.unread_columns = list(reader.heading.unread) if reader.heading else []
    begin = min((row.number for row in reader.rows), default=len(lines))
    read.doubts = _doubts((line for line in reader.passed_over if line.number < begin), treaty)
    first: dict[str, tuple[ParticipantRow, list[Listed]]] = {}
    for row, name, surrounding in _named(reader, names):
        iso3 = _state(row, name, surrounding, names, chosen or {}, read)
        if not iso3:
            continue
        listed = _listed(row, iso3, reader.has_signatures)
        if isinstance(listed, str):
            read.problems.append(ListLine(row.number, row.text, listed))
            read.unread |= {(iso3, SIGNED), (iso3, JOINED)}
        elif iso3 in first:
            _twice(row, listed, first[iso3], read)
        else:
            first[iso3] = (row, listed)
            read.listed += listed
    # Where two lines of a State contradict each other, neither counts.
    read.listed = [one for one in read.listed if (one.iso3, one.slot) not in read.unread]
    for number, line in reader.dateless.items():
        read.problems.append(ListLine(number, line, _("This line has no date.")))
    read.problems.sort(key=lambda line: line.number)
    return read


def _pass_over_above(reader: LineReader, names: StateNames) -> None:
    """Passes over the menus and notes of a page above the heading of its list, but no line that names a State."""
    above = [(row.number, row.name, row.text) for row in reader.rows if row.number < reader.heading_at]
    above += [(number, line, line) for number, line in reader.dateless.items() if number < reader.heading_at]
    if any(isinstance(names.recognise(name), RecognisedState) for _number, name, _text in above):
        return  # the heading is repeated within the list
    reader.rows = [row for row in reader.rows if row.number > reader.heading_at]
    for number, _name, text in above:
        reader.dateless.pop(number, None)
        reader.passed_over.append(ListLine(number, text))
    reader.passed_over.sort(key=lambda line: line.number)


def _state(
    row: ParticipantRow,
    name: str,
    surrounding: str,
    names: StateNames,
    chosen: Mapping[int, str],
    read: ReadList,
) -> str:
    """The State of a row; empty where it is to be asked about or left out."""
    found = names.recognise(name)
    if not surrounding and isinstance(found, RecognisedState):
        if found.spelled_otherwise:
            read.otherwise.append(ListLine(row.number, name, found.name))
        return found.iso3
    answer = chosen.get(row.number, "")
    if answer not in names.names and answer != LEFT_OUT:
        answer = ""
    whole = surrounding or name
    near: tuple[tuple[str, str], ...] = (
        ((found.iso3, found.name),) if isinstance(found, RecognisedState) else ()
    )
    # Similar names cost time, so they are looked for only for as many names as a person will read.
    if not near and len(read.unclear) < MOST_ASKED:
        unknown = names.recognise(whole)
        near = unknown.suggestions if isinstance(unknown, Unknown) else ()
    read.unclear.append(UnclearName(row.number, whole, row.days, near, answer))
    return "" if answer == LEFT_OUT else answer


def _named(reader: LineReader, names: StateNames) -> list[tuple[ParticipantRow, str, str]]:
    """Each row with its name; a name that is broken over several lines is joined.

    Only a whole name that is recognised is accepted. A line without a day directly above, which fits
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
    """The lines without days next to a line, in order."""
    found: list[int] = []
    while len(found) < WIDEST_NAME and number + step * (len(found) + 1) in dateless:
        found.append(number + step * (len(found) + 1))
    return sorted(found)


def _listed(row: ParticipantRow, iso3: str, has_signatures: bool) -> list[Listed] | str:
    """What a row says about its State, or why that is unclear."""
    if row.why:
        return row.why
    found = []
    for cell in row.cells:
        column, remark = cell.column, ""
        if cell.mark not in KIND_OF_MARK:
            return _(
                "The mark “%(mark)s” after the date is not known; the known marks are a, d, A, AA and c."
            ) % {"mark": cell.mark}
        if not column or (column == SIGNED and len(row.cells) == 1 and cell.mark not in ("", "d")):
            # One day alone: its mark says what it is. A State that has not signed accedes, so an unmarked
            # day is a signature, if this list has signatures at all.
            column = JOINED if cell.mark else SIGNED
            if not cell.mark and not has_signatures:
                return _(
                    "One date without a mark: it may be a signature or a ratification. "
                    "Paste the list with its heading."
                )
            if cell.mark == "d":
                remark = _("“d” after the only date of the line: read as a succession.")
        if column == SIGNED:
            if cell.mark not in ("", "d"):
                return _("The mark “%(mark)s” is not possible after a signature.") % {"mark": cell.mark}
            if cell.mark:
                remark = _("Succession to the signature (d); recorded as a signature.")
            found.append(Listed(iso3, ActionKind.SIGNATURE.value, cell.day, row.number, remark))
            continue
        kind = ActionKind(cell.kind) if cell.kind and not cell.mark else KIND_OF_MARK[cell.mark]
        if cell.mark == "A":
            remark = _("Acceptance (A); recorded as a ratification.")
        elif cell.mark == "AA":
            remark = _("Approval (AA); recorded as a ratification.")
        elif cell.mark == "c":
            remark = _("Formal confirmation (c); recorded as a ratification.")
        found.append(Listed(iso3, kind.value, cell.day, row.number, remark))
    return found


def _twice(
    row: ParticipantRow, listed: list[Listed], first: tuple[ParticipantRow, list[Listed]], read: ReadList
) -> None:
    earlier, before = first
    if [(one.kind, one.day) for one in listed] == [(one.kind, one.day) for one in before]:
        why = _("This line repeats line %(number)d.") % {"number": earlier.number}
        read.problems.append(ListLine(row.number, row.text, why))
        return
    why = _("Lines %(first)d and %(second)d contradict each other about the same State; neither is used.")
    why %= {"first": earlier.number, "second": row.number}
    read.problems += [ListLine(earlier.number, earlier.text, why), ListLine(row.number, row.text, why)]
    iso3 = (before or listed)[0].iso3
    read.unread |= {(iso3, SIGNED), (iso3, JOINED)}


def _doubts(passed_over: Iterable[ListLine], treaty: str) -> list[str]:
    """Why the list may be of another treaty, by its own title."""
    title = " ".join(line.text.lower() for line in passed_over).replace("’", "'")
    if "armed conflict" in title or "conflits armés" in title:
        other = _("the Optional Protocol on the involvement of children in armed conflict")
    elif "communications procedure" in title or "présentation de communications" in title:
        other = _("the Optional Protocol on a communications procedure")
    elif treaty == TreatyCode.CRC and ("sale of children" in title or "vente d'enfants" in title):
        other = "the OPSC"
    elif (
        treaty == TreatyCode.OPSC
        and ("rights of the child" in title or "droits de l'enfant" in title)
        and not ("optional protocol" in title or "protocole facultatif" in title)
    ):
        other = "the CRC"
    else:
        return []
    return [_("The title says that the list is of %(other)s. Check the treaty.") % {"other": other}]
