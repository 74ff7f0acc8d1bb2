"""Finds the headings in a list that somebody made, and proposes which of its columns is which.

A heading is compared with the words that people use; the cells below it must agree. Where no heading says it, the cells
alone may show which column has the States, the days or the addresses. What is proposed is shown and can be changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache

from tracker.languages.cached import until_texts_change
from tracker.languages.catalogues import translated, translations
from tracker.languages.known import in_each
from tracker.languages.typed import figures
from tracker.obligations.imports.cells import Cell, NoValue, text_of
from tracker.obligations.imports.columns import (
    Cycles,
    Day,
    DayOrMonth,
    DueDate,
    ImportColumn,
    Number,
    StateNameColumn,
    Word,
    YesNo,
    yes_or_no,
)
from tracker.obligations.imports.report_names import report_named
from tracker.obligations.imports.sheet import HEAD, GridRow
from tracker.obligations.imports.spellings import readings, treaty_named, written_day_of, written_month_of
from tracker.obligations.imports.tables import ImportTable
from tracker.registry.names import RecognisedState, StateNames, fold
from tracker.registry.values import BadValue

REPORT = "report"  # a column that says both kind and cycles: “initial report”, “3rd-4th”
CLEAR = 3  # what the headings of a table are rated at least: one usual heading and a part of another
LONGEST_HEADING = 80  # characters
LONGEST_TRANSLATED = 30  # characters of a text that names a column, such as “Date of receipt”
MOST_TRIED = 50  # cells of a column that are compared with what it should contain
FEWEST_NUMBERED = 3  # rows whose numbers may be those of reports, although they are 1, 2, 3
HALF, NEARLY_ALL = 0.5, 0.8
DAYS = (Day, DayOrMonth, DueDate)
# What people call the columns; without capitals, accents and punctuation, as `fold` leaves a heading.
_SAID = {
    "state": r"(member )?(state|country|nation|party|participant)s?( name| code| party| parties)?|(name of )?(the )?"
             r"(state|country)( concerned)?|states part(y|ies)|iso( ?alpha)?( ?[23])?( code)?|alpha ?3( code)?|pays|"
             r"etat( partie)?|pais|estado( parte)?",
    "kind": r"kind|type|(report|document|action) (type|kind)|(type|kind) of (report|document|action)|action",
    "cycles": r"cycles?|rpts?|report(ing)? cycles?|reports?|reports? (no|nr|number|due|submitted)|number of report|"
              r"which report|periodic reports?|period|rapport|informe",
    "received_on": r"recd|received( on| at| by ohchr)?|reports? received( on)?|(date|day) (of )?(receipt|received|"
                   r"submitted|submission|reception)|receipt( date)?|(received|submitted|submission|reception) date|"
                   r"submitted( on)?|reply received( on)?|recu le|date de reception|recibido|fecha de recepcion|date",
    "reviewed_on": r"reviewed( on)?|considered( on)?|examined( on)?|dialogue( on)?|(date|day) of (the )?(review|"
                   r"consideration|examination|dialogue)|(review|consideration|dialogue) date",
    "withdrawn_on": r"withdrawn( on)?|(date|day) of withdrawal",
    "symbol": r"(un )?(doc|docs|document|report)? ?symbols?|(doc|document)( no| nr| number)?|un (doc|"
              r"document)( symbol)?|reports?|reference|ref|cote|signatura",
    "document": r"(un )?(doc|document)? ?symbols?|(doc|document)( no| nr| number)?|reference|ref|concluding "
                r"observations|cob|source document|cote|signatura",
    "title": r"(report )?title|name of report|titre|titulo",
    "language": r"lang(uage)?|langue|idioma",
    "link": r"(hyper)?link|url|web( ?(page|site|address))?|address of (the )?document",
    "source": r"sources?|where (it was )?read|found in|reference|ref",
    "note": r"notes?|remarks?|comments?|observations?|remarque|nota|observacion(es)?",
    "carried_by": r"treaty|protocol|instrument|convention",
    "treaty": r"treaty|protocol|instrument|convention",
    "date": r"(date|day)( of)?( the)?( action| deposit| signature| ratification| accession| receipt| notification)?|"
            r"deposited( on)?|(action|deposit) date",
    "effective_on": r"effective( on| date)?|entry into force|in force( on| since)?|date of effect|eif",
    "reference": r"(depositary )?(notification|reference)|c n( number| no)?|ref",
    "due_on": r"due|due (on|date|by)|(date|day) due|deadline|next report( due)?",
    "decided_on": r"decided( on)?|adopted( on)?|adoption|(date|day) of (decision|adoption)",
    "adopted_on": r"adopted( on)?|adoption( date)?|(date|day) of adoption|date",
    "issued_on": r"issued( on)?|(date|day) of (issue|the document|document|request)|date",
    "session": r"session( no| number)?",
    "paragraph": r"para(graph)?s?",
    "year": r"year|expected( in)?|(review|expected) year|year of (review|report)",
    "calendar": r"calendar|review cycle",
    "printed": r"printed|due (year|date)|year( due)?|due( in| on)?",
    "printed_on": r"printed on|date of (the )?document|date",
    "name": r"name|(contact )?person|contact( name| person)?|full name|focal point|recipient|nom|nombre",
    "office": r"office|organi[sz]ation|ministry|department|mission|institution|entity",
    "email": r"e ?mail( address(es)?)?|mail( address)?|address|courriel|correo( electronico)?",
    "copy": r"copy|to or cc|to cc|to|cc",
    "active": r"active|in use",
    "text": r"text|wording|declaration|reservation|statement",
    "about": r"about|objects to|concerning|objection to",
    "amendment": r"amendment|proposal",
}  # fmt: skip
# Words that name a column only where they stand alone: the date in “Due date” is no date of receipt.
_SAID_OF_MANY = re.compile("date|day|to|cc|ref|reference|type|kind|name|address|function|action|text|about")
# Where another column is called by a clearer word, that one is meant.
_LESS_CLEAR = re.compile(rf"(?:{_SAID_OF_MANY.pattern})|.*\bsubmi.*")
# A day of something else than the report.
_NOT_OF_A_REPORT = re.compile(
    r"\b(?:repl(?:y|ies)|requests?|reminders?|letters?|extensions?|comments?|translations?)\b"
)
_NOTHING = re.compile(r"\s*(?:[-–—]+|n\.?/?a\.?)\s*", re.IGNORECASE)
_SYMBOL = re.compile(r"[A-Z]{1,5}(?:\.[A-Z0-9]+)?/[A-Z0-9]")
_SHAPES = {
    "email": re.compile(r"\S+@\S+"),
    "symbol": _SYMBOL,
    "document": _SYMBOL,
    "link": re.compile("https?:"),
}


def is_own(heading: str) -> str:
    """A heading as the names of our own columns are written."""
    return re.sub(r"[\s_]+", "_", heading.strip().casefold())


def says(heading: str, column: ImportColumn, table: type[ImportTable]) -> int:
    """How clearly a heading names a column: 3 by our own name, 2 by a usual one, 1 by a part of it, else 0."""
    folded = fold(heading)
    if is_own(heading) == column.name or folded == fold(column.label(table.model)):
        return 3
    words = _SAID.get(column.name)
    if not folded:
        return 0
    if column.name in _labels(table).get(folded, ()):
        return 2
    if not words:
        return 0
    if isinstance(column, DAYS) and has_reports(table) and _NOT_OF_A_REPORT.search(folded):
        return 0
    plain = re.sub(r"\b(?:dd|mm|yy(?:yy)?|ddmmyyyy)\b", "", folded).strip()
    if re.fullmatch(words, plain) or column.name in _translated().get(plain, ()):
        return 2
    part = any(not _SAID_OF_MANY.fullmatch(one[0]) for one in re.finditer(rf"\b(?:{words})\b", plain))
    return 1 if part else 0


@until_texts_change
def _labels(table: type[ImportTable]) -> dict[str, set[str]]:
    """The columns that have a label, in any of the languages."""
    found: dict[str, set[str]] = {}
    for labels in in_each(lambda: [(fold(one.label(table.model)), one.name) for one in table.columns()]):
        for label, name in labels:
            found.setdefault(label, set()).add(name)
    return found


@cache
def _translated() -> dict[str, frozenset[str]]:
    """The columns that a heading in another language may name: the translations of all texts that name one."""
    found: dict[str, set[str]] = {}
    named: dict[str, list[str]] = {}
    for language in translated():
        for text, translation in translations(language):
            if len(text) <= LONGEST_TRANSLATED and "%" not in text:
                folded = fold(text)
                if folded not in named:
                    named[folded] = [name for name, words in _SAID.items() if re.fullmatch(words, folded)]
                found.setdefault(fold(translation), set()).update(named[folded])
    return {heading: frozenset(names) for heading, names in found.items() if names and heading}


def rated(rows: Sequence[GridRow], table: type[ImportTable]) -> list[int]:
    """How clearly each row names columns of the table: 2 for each usual heading, 1 for each that has a part of it."""
    return [_named(cells, table) for _number, cells, _cut in rows]


def _named(cells: Iterable[Cell], table: type[ImportTable]) -> int:
    found: dict[str, int] = {}
    for text in (cell for cell in cells if isinstance(cell, str) and 0 < len(cell) <= LONGEST_HEADING):
        best = max(table.columns(), key=lambda one: (says(text, one, table), one.name not in found))
        if strength := says(text, best, table):
            found[best.name] = max(found.get(best.name, 0), min(strength, 2))
    return sum(found.values())


def find_header(rows: Sequence[GridRow], table: type[ImportTable], names: StateNames) -> tuple[int, bool]:
    """Where the headings are in a list of rows, and whether that is sure; -1 if the list has none."""
    found = rated(rows[:HEAD], table)
    best = max(found, default=0)
    if best >= CLEAR:
        return found.index(best), True
    wide = [at for at, (_n, cells, _cut) in enumerate(rows[:HEAD]) if last_filled(cells) > 1] or [0]
    first = next((at for at in wide if best and found[at] == best), wide[0])
    cells = [text_of(cell) for cell in rows[first][1]]
    is_data = any(text and isinstance(names.recognise(text), RecognisedState) for text in cells)
    return (-1 if is_data else first), False


def is_left_empty(text: str) -> bool:
    """Whether a cell has nothing, or says so: a dash, n/a."""
    return not text or bool(_NOTHING.fullmatch(text))


def propose(
    headings: Sequence[str], rows: Sequence[Sequence[Cell]], table: type[ImportTable], names: StateNames
) -> tuple[dict[int, str], bool]:
    """Which column of the table each column of a file is, by its place, and whether every heading says so.

    Args:
        rows: the cells below the headings, as wide as they are.
    """
    columns = table.columns()
    below = {
        at: [row[at] for row in rows[:MOST_TRIED] if not is_left_empty(text_of(row[at]))]
        for at in range(len(headings))
    }
    candidates = []
    for at, heading in enumerate(headings):
        for place, column in enumerate(columns):
            strength = says(heading, column, table)
            share = _share(below[at], column, table, names) if strength else 0
            # Where the heading is clear, some cells may say that there is nothing yet.
            enough = share >= HALF if strength == 1 else share > 0 or strength == 3
            if isinstance(column, Cycles) and (
                _is_numbering(below[at]) or (strength == 1 and _are_days(below[at]))
            ):
                continue
            if strength and (enough or not below[at]):
                is_less_clear = bool(_LESS_CLEAR.fullmatch(fold(heading)))
                candidates.append((-strength, is_less_clear, -share, at, place, column.name))
    found: dict[int, str] = {}
    for _strength, _is_less_clear, _share_of_it, at, _place, name in sorted(candidates):
        if at not in found and name not in found.values():
            found[at] = name
    by_contents = _by_contents(found, headings, below, table, names)
    found |= by_contents
    _together(found, below, table)
    return found, not by_contents


def rivals(
    headings: Sequence[str], found: Mapping[int, str], table: type[ImportTable]
) -> Iterator[tuple[int, int]]:
    """Columns that are left out although they are called like the one read as State, report or day: both places."""
    for place, name in found.items():
        parts = ("kind", "cycles") if name == REPORT else (name,)
        meant = [one for one in table.columns() if one.name in parts]
        if isinstance(meant[0], (StateNameColumn, *DAYS)) or (
            has_reports(table) and {*parts} & {"kind", "cycles"}
        ):
            for at, heading in enumerate(headings):
                if at not in found and any(says(heading, one, table) > 1 for one in meant):
                    yield at, place


def _by_contents(
    found: Mapping[int, str],
    headings: Sequence[str],
    below: Mapping[int, list[Cell]],
    table: type[ImportTable],
    names: StateNames,
) -> dict[int, str]:
    """Required columns that no heading names, where the cells of one column alone look like it.

    A column of days must have no heading: under “Signature” there is no date of a ratification.
    """
    more: dict[int, str] = {}
    for column in table.columns():
        if column.name in found.values() or not column.required:
            continue
        if not isinstance(column, (StateNameColumn, Cycles, *DAYS)) and column.name not in _SHAPES:
            continue
        fitting = [
            at
            for at, cells in below.items()
            if at not in found and at not in more and cells and not (headings[at] and isinstance(column, DAYS))
            and _share(cells, column, table, names) >= NEARLY_ALL
            and not (isinstance(column, Cycles) and _are_no_cycles(cells))
        ]  # fmt: skip
        if len(fitting) == 1:
            more[fitting[0]] = column.name
    return more


def _is_numbering(cells: Sequence[Cell]) -> bool:
    """Whether a column numbers the rows."""
    return len(cells) > FEWEST_NUMBERED and [*map(text_of, cells)] == [
        str(at) for at in range(1, len(cells) + 1)
    ]


def _are_days(cells: Sequence[Cell]) -> bool:
    return bool(cells) and all(isinstance(cell, date) for cell in cells)


def _are_no_cycles(cells: Sequence[Cell]) -> bool:
    """Whether a column has days, or numbers the rows, as far as one can see without a heading."""
    return sum(isinstance(cell, date) or text_of(cell).isdigit() for cell in cells) > HALF * len(cells)


def _together(found: dict[int, str], below: Mapping[int, list[Cell]], table: type[ImportTable]) -> None:
    """Where one column alone speaks of the report, it says both kind and cycles."""
    if not has_reports(table):
        return
    places = {name: at for at, name in found.items()}
    if ("kind" in places) != ("cycles" in places):
        at = places.get("kind", places.get("cycles", 0))
        if "cycles" in places or any(_cycles_of(cell) for cell in below[at]):
            found[at] = REPORT


def has_reports(table: type[ImportTable]) -> bool:
    """Whether rows of the table name a report by kind and cycles."""
    return {"kind", "cycles"} <= {column.name for column in table.columns()}


def _cycles_of(cell: Cell) -> str:
    return (report_named(text_of(cell)) or ("", ""))[1]


def _share(cells: Sequence[Cell], column: ImportColumn, table: type[ImportTable], names: StateNames) -> float:
    return sum(_fits(cell, column, table, names) for cell in cells) / len(cells) if cells else 0


def _fits(cell: Cell, column: ImportColumn, table: type[ImportTable], names: StateNames) -> bool:
    """Whether a cell looks like one of a column; a free text always does."""
    if isinstance(cell, NoValue):
        return False
    text = text_of(cell)
    if isinstance(column, StateNameColumn):
        return not isinstance(cell, date) and isinstance(names.recognise(text), RecognisedState)
    if isinstance(column, DAYS):
        is_day = isinstance(cell, date) or bool(readings(text)) or written_day_of(text, None) is not None
        return is_day or bool(written_month_of(text))
    if isinstance(cell, date):
        return isinstance(column, Cycles)  # what a spreadsheet makes of 3-4
    if isinstance(column, Cycles):
        return bool(_cycles_of(cell))
    if isinstance(column, YesNo):
        return yes_or_no(text) is not None
    if isinstance(column, Number):
        return figures(text).isdigit()
    if column.name in _SHAPES:
        return bool(_SHAPES[column.name].match(text))
    if column.name == "carried_by" and treaty_named(text):
        return True
    if isinstance(column, Word):
        if column.name == "kind" and has_reports(table) and report_named(text):
            return True
        try:
            return bool(column.known(text))
        except BadValue:
            return False
    return True


def texts_of(cells: Iterable[Cell], width: int) -> list[str]:
    """The headings in a row, as many as the rows below are wide."""
    texts = [" ".join(text_of(cell).split()) for cell in cells]
    return [*texts[:width], *[""] * (width - len(texts))]


def last_filled(cells: Sequence[Cell]) -> int:
    """How many columns a row reaches."""
    return max((at + 1 for at, cell in enumerate(cells) if text_of(cell)), default=0)
