"""Reads a list as somebody made it: which row has the headings, which column is which, which rows are left out.

What a person has answered comes first, then the answers for the last file with the same headings, then what `headings`
proposes. Cells are only rewritten where their meaning is certain (3rd-4th, 23/1/2003); the checks that follow are those
of every file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from tracker.languages.typed import in_all_languages
from tracker.languages.writing import read_day
from tracker.obligations.imports.as_above import fill_in
from tracker.obligations.imports.cells import Cell, shorten, text_of
from tracker.obligations.imports.columns import DayOrMonth, Word
from tracker.obligations.imports.headings import (
    DAYS,
    REPORT,
    find_header,
    has_reports,
    is_left_empty,
    is_own,
    last_filled,
    propose,
    rivals,
    texts_of,
)
from tracker.obligations.imports.report_names import report_named
from tracker.obligations.imports.sheet import (
    HEAD,
    FileProblem,
    Grid,
    GridRow,
    Sheet,
    SheetRow,
    UnreadableFile,
    letter_of,
    line_of,
)
from tracker.obligations.imports.spellings import (
    DayOrder,
    order_said,
    readings,
    treaty_named,
    written_day_of,
    written_month_of,
)
from tracker.obligations.imports.tables import ImportTable
from tracker.obligations.models import Kind
from tracker.registry.names import StateNames, Unknown, fold
from tracker.rules.dates import NotADay

Answers = Mapping[str, Any]
Remembered = Callable[[list[str]], Mapping[str, Answers]]  # the answers by mark of the headings
_TOTAL = re.compile(r"(?:(?:(?:grand|sub)[ -]?)?totals?\b[\w ,&()-]{0,40}|sum|count)[:.=]?", re.IGNORECASE)
NO_HEADINGS = -1  # the place of the headings where a list has none
MOST_CANDIDATES = 15  # rows that are offered as the headings


@dataclass
class Reading:
    """How a file was read, for its page. All of it can be stored as JSON.

    Attributes:
        header: number of the row with the headings; 0 if there are none.
        rows: number and text of rows that may have the headings.
        columns: letter, heading, name of our column (empty: left out) and an example, for each column of the file.
        same: values that are the same in all rows, by our column.
        missing: required columns that no column of the file is.
        asked: headings of the columns whose days can be read in two ways.
        example: one of these days, and its two meanings in ISO 8601, the one with the day first before the other.
        order: the order that a person has chosen.
        notes: sentences on what was understood.
        left_out: number, text and reason of each row that is not read; whether a person may take it in again.
        origin: who says which column is which: own (the headings are ours), proposed, remembered or chosen.
        is_sure: whether nothing has to be looked at.
        headings: a mark, the same for files with the same headings.
        states: the States chosen for unknown spellings in an earlier file with the same headings: alpha-3 by text.
    """

    sheet: str
    sheets: list[str]
    header: int
    rows: list[tuple[int, str]] = field(default_factory=list)
    columns: list[tuple[str, str, str, str]] = field(default_factory=list)
    same: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    example: tuple[str, str, str] | None = None
    order: str = ""
    notes: list[str] = field(default_factory=list)
    left_out: list[tuple[int, str, str, bool]] = field(default_factory=list)
    origin: str = "proposed"
    is_sure: bool = True
    headings: str = ""
    states: dict[str, str] = field(default_factory=dict)

    @property
    def chosen(self) -> dict[str, str]:
        """Our column by letter, as an answer has it."""
        return {letter: name for letter, _heading, name, _example in self.columns}


class ColumnsMissing(UnreadableFile):
    """Required columns were not found; a person can say which they are.

    Attributes:
        reading: how far the file was understood.
    """

    def __init__(self, reading: Reading, *problems: FileProblem) -> None:
        super().__init__(*problems)
        self.reading = reading


def lay_out(
    grid: Grid,
    table: type[ImportTable],
    names: StateNames,
    answers: Answers,
    remembered: Remembered = lambda _marks: {},
) -> tuple[Sheet, Reading]:
    """The table in a file, with our columns, and how it was found.

    Args:
        answers: what a person has said: sheet, header, columns, same, order, out and back, each if there is any.
        remembered: columns and States, as answered for an earlier file with the same headings. What is the same in
            all rows is not: the next file may be about other reports.

    Raises:
        UnreadableFile: the file is empty, or lacks required columns.
    """
    if not grid.rows:
        raise UnreadableFile(FileProblem(_("The file is empty; one of its rows names the columns.")))
    at, is_sure = find_header(grid.rows, table, names)
    numbers = [number for number, _cells, _cut in grid.rows[:HEAD]]
    marks = [_mark(cells) for _number, cells, _cut in grid.rows[:HEAD]]
    before = remembered(marks) if "columns" not in answers else {}
    if answers.get("header") in (0, *numbers):
        at, is_sure = numbers.index(answers["header"]) if answers["header"] else NO_HEADINGS, True
    elif before:
        at, is_sure = next(place for place, mark in enumerate(marks) if mark in before), True
    has_headings = at != NO_HEADINGS
    mark = marks[at] if has_headings else ""
    origin = "chosen" if "columns" in answers else "remembered" if mark in before else "proposed"
    recalled = {name: value for name, value in before.get(mark, {}).items() if name in ("columns", "states")}
    answers = {**recalled, **answers}
    reading = Reading(grid.sheet, grid.sheets, numbers[at] if has_headings else 0, origin=origin)
    reading.is_sure = is_sure and grid.is_sure
    reading.headings, reading.states = mark, dict(answers.get("states", {}))
    reading.rows = [(0, _("There are no headings"))] + [
        (number, shorten(_text(cells))) for number, cells, _cut in grid.rows[: max(MOST_CANDIDATES, at + 1)]
    ]
    above, below = grid.rows[: max(at, 0)], grid.rows[at + 1 :]
    cells = grid.rows[at][1] if has_headings else []
    own = {column.name for column in table.columns()}
    is_own_file = has_headings and {is_own(text) for text in texts_of(cells, last_filled(cells))} <= own
    # A spreadsheet's row may reach beyond the headings; in a text, a comma is perhaps not quoted.
    loose = (row for _n, row, is_text in below if not (is_text and has_headings))
    width = max([last_filled(cells), *map(last_filled, loose)])
    headings = texts_of(cells, width)
    rows = [line_of(n, row, _names(headings), is_text and is_own_file) for n, row, is_text in below]
    chosen = _chosen(headings, rows, table, names, answers, reading)
    lines = _without_left_out(rows, chosen, headings, above, names, answers, reading)
    if not is_own_file:
        lines, notes = fill_in(lines, chosen, _names(headings), {row[0] for row in reading.left_out})
        reading.notes += notes
        reading.is_sure = reading.is_sure and not notes
    _same_for_all(table, chosen, f"{_text_above(above)} {grid.sheet}", answers, reading)
    _refuse_incomplete(table, chosen, reading)
    # A row that is left out is still a proof.
    orders = _orders(rows, chosen, headings, table, answers, reading)
    sheet = Sheet(list(_columns(chosen, reading.same)), note=grid.note)
    for line in lines:
        cells = list(_rewritten(line.cells, chosen, orders, table, is_own_file))
        sheet.lines.append(SheetRow(line.number, [*cells, *reading.same.values()], line.problem))
    return sheet, reading


def _mark(headings: Sequence[Cell]) -> str:
    """The same for all rows with the same headings."""
    texts = texts_of(headings, last_filled(headings))
    return hashlib.sha256("\n".join(map(fold, texts)).encode()).hexdigest()


def _text(cells: Sequence[Cell]) -> str:
    return " · ".join(text for cell in cells if (text := " ".join(text_of(cell).split())))


def _text_above(rows: Sequence[GridRow]) -> str:
    return " ".join(_text(cells) for _number, cells, _cut in rows)


def _names(headings: Sequence[str]) -> list[str]:
    return [shorten(text) or letter_of(at + 1) for at, text in enumerate(headings)]


# --- which column is which ----------------------------------------------------------------------------


def _chosen(
    headings: Sequence[str],
    rows: Sequence[SheetRow],
    table: type[ImportTable],
    names: StateNames,
    answers: Answers,
    reading: Reading,
) -> dict[int, str]:
    """Our column, by the place of the column in the file."""
    possible = {column.name for column in table.columns()} | ({REPORT} if has_reports(table) else set())
    letters = {letter_of(at + 1): at for at in range(len(headings))}
    if said := answers.get("columns"):
        chosen = {letters[one]: name for one, name in said.items() if one in letters and name in possible}
    else:
        chosen, is_sure = propose(headings, [row.cells for row in rows], table, names)
        reading.is_sure = reading.is_sure and is_sure
        filled = {at for row in rows for at, cell in enumerate(row.cells) if text_of(cell)}
        for at, place in (one for one in rivals(headings, chosen, table) if one[0] in filled):
            reading.is_sure = False
            reading.notes.append(
                _(
                    "“%(heading)s” (column %(letter)s) is left out, because column %(other)s is read as “%(name)s”: "
                    "check which of them is meant."
                )
                % {"heading": shorten(headings[at]), "letter": letter_of(at + 1), "other": letter_of(place + 1),
                   "name": labels_of(table)[chosen[place]]}
            )  # fmt: skip
    if len(chosen) == len(headings) and all(name == is_own(headings[at]) for at, name in chosen.items()):
        reading.origin = "own"
    for at, heading in enumerate(headings):
        example = next((text for row in rows if (text := text_of(row.cells[at]))), "")
        if heading or example:
            reading.columns.append(
                (letter_of(at + 1), shorten(heading), chosen.get(at, ""), shorten(example))
            )
    return dict(sorted(chosen.items()))


def _same_for_all(
    table: type[ImportTable],
    chosen: Mapping[int, str],
    title: str,
    answers: Answers,
    reading: Reading,
) -> None:
    """Required columns that the file lacks, with the one word that a person chose or that the title has."""
    has = set(chosen.values()) | ({"kind", "cycles"} if REPORT in chosen.values() else set())
    words = fold(title)
    for column in table.columns():
        if not column.required or column.name in has:
            continue
        reading.missing.append(column.name)
        if not isinstance(column, Word):
            continue
        named = [
            value
            for value, label in column.choices
            if any(re.search(rf"\b{fold(said)}s?\b", words) for said in {value, *in_all_languages(label)})
        ]
        value = answers.get("same", {}).get(column.name) or (named[0] if len(named) == 1 else "")
        if value in {one for one, _label in column.choices}:
            reading.same[column.name] = value
            reading.is_sure = reading.is_sure and column.name in answers.get("same", {})
    if reading.same.get("kind") == Kind.INITIAL and "cycles" in reading.missing:
        reading.same["cycles"] = "1"


def _refuse_incomplete(table: type[ImportTable], chosen: Mapping[int, str], reading: Reading) -> None:
    """Refuses a file whose columns do not make a row of the table."""
    labels = labels_of(table)
    twice = sorted({name for name in chosen.values() if list(chosen.values()).count(name) > 1})
    if REPORT in chosen.values() and {"kind", "cycles"} & set(chosen.values()):
        twice.append(REPORT)
    problems = [
        FileProblem(_("Two columns are read as “%(name)s”; leave one of them out.") % {"name": labels[name]})
        for name in twice
    ]
    problems += [
        FileProblem(_("No column is read as “%(name)s”; choose it below.") % {"name": labels[name]})
        for name in reading.missing
        if name not in reading.same
    ]
    if problems:
        reading.is_sure = False
        raise ColumnsMissing(reading, *problems)


def labels_of(table: type[ImportTable]) -> dict[str, str]:
    """What a page calls the columns that a column of a file can be read as, by name."""
    both = {REPORT: _("report (kind and cycles)")} if has_reports(table) else {}
    return both | {column.name: column.label(table.model) for column in table.columns()}


def _columns(chosen: Mapping[int, str], same: Mapping[str, str]) -> Iterator[str]:
    for name in chosen.values():
        yield from ("kind", "cycles") if name == REPORT else (name,)
    yield from same


# --- which rows are read ------------------------------------------------------------------------------


def _without_left_out(
    rows: Sequence[SheetRow],
    chosen: Mapping[int, str],
    headings: Sequence[str],
    above: Sequence[GridRow],
    names: StateNames,
    answers: Answers,
    reading: Reading,
) -> list[SheetRow]:
    """The rows that are read; the others are noted with the reason."""
    for number, cells, _cut in above:
        reading.left_out.append((number, shorten(_text(cells)), _("Above the headings."), False))
    out, back = set(answers.get("out", ())), set(answers.get("back", ()))
    state = next((at for at, name in chosen.items() if name == "state"), None)
    left = []
    for row in rows:
        why = _why_no_row(row.cells, chosen, headings, state, names) if row.number not in back else ""
        if row.number in out:
            why = _("Left out by hand.")
        if why:
            reading.left_out.append((row.number, shorten(_text(row.cells)), why, True))
        else:
            left.append(row)
    return left


def _why_no_row(
    cells: Sequence[Cell],
    chosen: Mapping[int, str],
    headings: Sequence[str],
    state: int | None,
    names: StateNames,
) -> str:
    """Why a line of the file is no row of the table, or nothing."""
    texts = [" ".join(text_of(cell).split()) for cell in cells]
    filled = [text for text in texts if text]
    if len(chosen) > 1 and len(filled) == 1:
        return _("Only one cell is filled: a title or a note.")
    if chosen and not any(texts[at] for at in chosen):
        return _("All columns that are read are empty.")
    if texts == headings:
        return _("The headings again.")
    named = "" if state is None else texts[state]
    if any(map(_TOTAL.fullmatch, filled)) and isinstance(names.recognise(named), Unknown):
        return _("A total.")
    return ""


# --- what the cells mean ------------------------------------------------------------------------------


def _orders(
    rows: Sequence[SheetRow],
    chosen: Mapping[int, str],
    headings: Sequence[str],
    table: type[ImportTable],
    answers: Answers,
    reading: Reading,
) -> dict[int, DayOrder | None]:
    """Whether day or month comes first in each column of days: proved by the column, or as a person says."""
    days = {column.name for column in table.columns() if isinstance(column, DAYS)}
    answer = DayOrder(answers["order"]) if answers.get("order") else None
    found: dict[int, DayOrder | None] = {}
    for at in (at for at, name in chosen.items() if name in days):
        heading = shorten(headings[at]) or letter_of(at + 1)
        proofs: dict[DayOrder, tuple[str, int]] = {}
        open_text = ""
        for row in rows:
            text = text_of(row.cells[at]) if isinstance(row.cells[at], str) else ""
            possible = readings(text)
            if len(possible) == 1:
                proofs.setdefault(next(iter(possible)), (text, row.number))
            elif len(set(possible.values())) > 1:
                open_text = open_text or text
        found[at] = None
        said = order_said(headings[at])
        if len(proofs) > 1:
            (one, first), (other, second) = proofs.values()
            reading.is_sure = False
            reading.notes.append(
                _(
                    "%(column)s: %(one)s in row %(row)d and %(other)s in row %(other_row)d are written in different "
                    "orders, so a day such as %(open)s is refused."
                )
                % {"column": heading, "one": one, "row": first, "other": other, "other_row": second,
                   "open": open_text or "03/04/2005"}
            )  # fmt: skip
        elif proofs:
            proved, (text, number) = next(iter(proofs.items()))
            about = {"column": heading, "text": text, "row": number, "open": open_text or "03/04/2005"}
            if said and said != proved:
                reading.is_sure = False
                reading.notes.append(
                    _(
                        "%(column)s: the heading says another order than %(text)s in row %(row)d, so a day such as "
                        "%(open)s is refused."
                    )
                    % about
                )
                continue
            found[at] = proved
            if open_text:
                reading.notes.append(_PROVED[proved]() % about)
            elif _may_be_exchanged(row.cells[at] for row in rows):
                reading.is_sure = False
                reading.notes.append(
                    _(
                        "%(column)s: no day that is stored as a date is after the 12th, and those after it are texts, "
                        "such as %(text)s in row %(row)d. The spreadsheet may have exchanged day and month: compare "
                        "the dates with their source."
                    )
                    % about
                )
        elif open_text:
            found[at] = said or answer
            if not said:
                _ask(reading, heading, open_text)
    reading.order = answer or ""
    return found


def _may_be_exchanged(cells: Iterable[Cell]) -> bool:
    """Whether a spreadsheet of another country may have made dates of the texts that it could read, wrongly."""
    days = [cell for cell in cells if isinstance(cell, date)]
    return any(on.day != on.month for on in days) and all(on.day <= 12 for on in days)


_PROVED: dict[DayOrder | None, Callable[[], str]] = {
    DayOrder.DAY_FIRST: lambda: _("%(column)s: the day comes first, as %(text)s in row %(row)d shows."),
    DayOrder.MONTH_FIRST: lambda: _("%(column)s: the month comes first, as %(text)s in row %(row)d shows."),
}


def _ask(reading: Reading, heading: str, text: str) -> None:
    reading.asked.append(heading)
    possible = readings(text)
    reading.example = reading.example or (
        text, possible[DayOrder.DAY_FIRST].isoformat(), possible[DayOrder.MONTH_FIRST].isoformat()
    )  # fmt: skip


def _rewritten(
    cells: Sequence[Cell],
    chosen: Mapping[int, str],
    orders: Mapping[int, DayOrder | None],
    table: type[ImportTable],
    is_own_file: bool,
) -> Iterator[Cell]:
    """The cells of a row for our columns; what is not certain stays as it is."""
    months = {column.name for column in table.columns() if isinstance(column, DayOrMonth)}
    for at, name in chosen.items():
        cell = "" if not is_own_file and is_left_empty(text_of(cells[at])) else cells[at]
        is_report = has_reports(table) and name in (REPORT, "kind", "cycles") and not isinstance(cell, date)
        said = report_named(text_of(cell)) if is_report else None
        if name == REPORT:
            yield from said or (cell, cell)
        elif name == "kind" and said:
            yield said[0]
        elif name == "cycles" and said and said[1]:
            yield said[1]
        elif name == "carried_by" and isinstance(cell, str):
            yield treaty_named(cell) or cell
        elif at in orders and isinstance(cell, str) and (day := written_day_of(cell, orders[at])):
            yield cell if _reads(cell) else day
        elif at in orders and isinstance(cell, str) and name in months:
            yield written_month_of(cell) or cell
        else:
            yield cell


def _reads(cell: str) -> bool:
    """Whether a day names its month or is written year first; it is then shown as the file has it."""
    try:
        return not readings(cell) and bool(read_day(cell))
    except NotADay:
        return False
