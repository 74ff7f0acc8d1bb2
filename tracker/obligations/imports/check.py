"""Says what each row of a file would do, and saves a file: all rows or none."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Subquery
from django.utils.translation import gettext as _
from tablib import Dataset

from tracker.obligations import sync
from tracker.obligations.imports.cells import text_of
from tracker.obligations.imports.files import read, read_grid
from tracker.obligations.imports.headings import rated
from tracker.obligations.imports.layout import Answers, Reading, Remembered, lay_out
from tracker.obligations.imports.sheet import (
    FileProblem,
    Grid,
    GridRow,
    Limits,
    Sheet,
    SheetRow,
    TooLong,
    UnreadableFile,
)
from tracker.obligations.imports.tables import TABLES, ImportTable
from tracker.obligations.models import (
    AgendaItem,
    CommitteeDate,
    CommitteeSession,
    ExpectedYear,
    InformationRequest,
    PrintedDate,
    Review,
    Submission,
)
from tracker.obligations.wording import in_a_row
from tracker.registry import limits
from tracker.registry.bulk import write
from tracker.registry.models import (
    Amendment,
    AmendmentPosition,
    Contact,
    State,
    Statement,
    Treaty,
    TreatyAction,
)
from tracker.registry.names import StateNames

MOST_ASKED = 50  # unknown spellings that a person is asked about; with more, the file should be corrected
MOST_SHOWN = 300  # characters of a cell that the page repeats
Progress = Callable[[int, int], None]
# What a check reads. Each has a history, whose last entry shows whether anything has changed since.
READ_FROM = (
    State, TreatyAction, Statement, Amendment, AmendmentPosition, Contact, Submission, CommitteeDate,
    Review, PrintedDate, InformationRequest, ExpectedYear, CommitteeSession, AgendaItem,
)  # fmt: skip
# What no obligation follows from.
UNDERIVED = (Contact, AmendmentPosition, ExpectedYear, CommitteeSession, AgendaItem)


class RowOutcome(StrEnum):
    """What a row would do."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class RecordsChanged(Exception):
    """A fact was changed since the file was checked; nothing was written."""


@dataclass
class CheckedRow:
    """A row of the file, compared with what is recorded.

    Attributes:
        cells: as the file has them, column by column.
        before: the recorded value, by column that the row changes.
        why: what is wrong, by column; an empty name means the row as a whole.
        doubt: what a person should check although the row is accepted; may be empty.
        fact: what would be recorded; None if the row is refused.
    """

    number: int
    outcome: RowOutcome
    cells: list[str]
    before: dict[str, str] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    doubt: str = ""
    fact: Any = None

    def refuse(self, why: dict[str, str]) -> None:
        """Refuses the row, for these reasons by column."""
        self.why, self.outcome, self.before, self.doubt, self.fact = why, RowOutcome.REFUSED, {}, "", None

    def stored(self) -> list[Any]:
        """What the page needs of it."""
        cells = [cell if len(cell) <= MOST_SHOWN else f"{cell[:MOST_SHOWN]}…" for cell in self.cells]
        before = {name: text[:MOST_SHOWN] for name, text in self.before.items()}
        return [self.number, self.outcome.value, cells, before, self.why, self.doubt]


@dataclass
class CheckedFile:
    """What a file would do.

    Attributes:
        note: what was not read; empty if everything was.
        understood: the State, by spelling, where the file spells it differently.
        unknown: spellings of no known State, with similar States and the number of rows.
        mark: changes as soon as anybody changes a fact.
        reading: how the list was read; None for a file whose first row had to name our columns.
    """

    table: ImportTable
    columns: list[str]
    rows: list[CheckedRow]
    note: str
    understood: dict[str, str]
    unknown: list[dict[str, Any]]
    mark: list[int]
    reading: Reading | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each outcome."""
        found = Counter(row.outcome for row in self.rows)
        return {outcome.value: found[outcome] for outcome in RowOutcome}

    @property
    def is_refused(self) -> bool:
        """Whether a row is refused, so that nothing is saved."""
        return any(row.outcome == RowOutcome.REFUSED for row in self.rows)

    @property
    def changes_something(self) -> bool:
        """Whether there is anything to save."""
        return any(row.outcome in (RowOutcome.ADDED, RowOutcome.CHANGED) for row in self.rows)

    @property
    def states(self) -> set[str]:
        """The States that rows which would be saved are about."""
        return {
            row.fact.state_id
            for row in self.rows
            if row.outcome in (RowOutcome.ADDED, RowOutcome.CHANGED) and hasattr(row.fact, "state_id")
        }

    @property
    def problems(self) -> list[FileProblem]:
        """All that is wrong, row by row."""
        return [FileProblem(why, row.number, column) for row in self.rows for column, why in row.why.items()]

    def stored(self) -> list[list[Any]]:
        """The rows as the page needs them."""
        return [row.stored() for row in self.rows]

    @property
    def fingerprint(self) -> str:
        """The same for two checks that say the same of every row, also which State each spelling means."""
        left_out = [number for number, *_why in self.reading.left_out] if self.reading else []
        text = json.dumps([self.columns, left_out, self.stored(), self.understood], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def check(
    table: str,
    name: str,
    content: bytes,
    *,
    today: date,
    chosen: Mapping[str, str] | None = None,
    by: Any = None,
    progress: Progress | None = None,
    answers: Answers | None = None,
    remembered: Remembered = lambda _marks: {},
) -> CheckedFile:
    """Compares a file with what is recorded; reads only.

    Args:
        table: one of TABLES.
        name: of the file.
        chosen: alpha-3 by spelling, where a person has said which State is meant.
        by: who uploads it; None for a command.
        progress: called now and then with the number of rows done, and of all.
        answers: what a person has said about the layout of the list (`layout.lay_out`), perhaps nothing yet; None
            if the first row must name our columns.
        remembered: the answers for an earlier file with the same headings, as `lay_out` asks for them.

    Raises:
        UnreadableFile: the file as a whole cannot be read.
    """
    names = StateNames.recorded()
    sheet, reading = _sheet(table, name, content, Limits.in_force(), names, answers, remembered)
    total = len(sheet.lines)
    if progress:
        progress(0, total)
    mark = current_mark()
    resource = TABLES[table](
        names,
        {**(reading.states if reading else {}), **(chosen or {})},
        today,
        by,
        (lambda done: progress(done, total)) if progress else None,
    )
    rows = check_rows(resource, sheet)
    _keep_to_the_desk(resource, rows, by)
    if reading and reading.origin != "own":
        _doubt_emptied(resource, sheet.columns, rows)
    state = resource.state
    return CheckedFile(
        resource,
        sheet.columns,
        rows,
        sheet.note,
        {text: found.name for text, found in state.spelled_otherwise.items()},
        [
            {"text": text, "rows": rows, "near": list(state.names.near(text)) if at < MOST_ASKED else []}
            for at, (text, rows) in enumerate(state.unknown.items())
        ],
        mark,
        reading,
    )


def kinds_of(table: str, name: str, content: bytes) -> list[str]:
    """The other tables of which a file has all required columns."""
    names, found = StateNames.recorded(), []
    for other in TABLES.keys() - {table}:
        with contextlib.suppress(UnreadableFile):
            _sheet(other, name, content, Limits.in_force(), names, {}, lambda _marks: {})
            found.append(other)
    return sorted(found, key=list(TABLES).index)


def is_longer(table: str, name: str, content: bytes, rows: int) -> bool:
    """Whether a file has more than so many rows; one that cannot be read is short."""
    try:
        _grid(table, name, content, replace(Limits.in_force(), rows=rows), "")
    except TooLong:
        return True
    except UnreadableFile:
        return False
    return False


def _grid(table: str, name: str, content: bytes, limits: Limits, sheet: str) -> Grid:
    columns = [column.name for column in TABLES[table].columns()]

    def rate(rows: Sequence[GridRow]) -> int:
        return max(rated(rows, TABLES[table]), default=0)

    return read_grid(name, content, table, limits, columns, rate, sheet)


def _sheet(
    table: str,
    name: str,
    content: bytes,
    limits: Limits,
    names: StateNames,
    answers: Answers | None,
    remembered: Remembered,
) -> tuple[Sheet, Reading | None]:
    if answers is not None:
        grid = _grid(table, name, content, limits, answers.get("sheet", ""))
        return lay_out(grid, TABLES[table], names, answers, remembered)
    columns = TABLES[table].columns()
    required = [column.name for column in columns if column.required]
    return read(name, content, table, [column.name for column in columns], required, limits), None


def check_rows(resource: ImportTable, sheet: Sheet) -> list[CheckedRow]:
    """Says what each row of a sheet would do, in the order of the file; reads only."""
    whole = [line for line in sheet.lines if line.problem is None]
    data = Dataset(headers=sheet.columns)
    for line in whole:
        data.append(line.cells)
    resource.numbers = [line.number for line in whole]
    result = resource.import_data(data)
    if result.base_errors:
        raise result.base_errors[0].error  # a fault of the program, not of the file
    whole_rows = [
        _row(resource, at, line, one)
        for at, (line, one) in enumerate(zip(whole, result.rows, strict=True), 1)
    ]
    wanted = [
        (at, row.fact)
        for at, row in enumerate(whole_rows, 1)
        if row.outcome in (RowOutcome.ADDED, RowOutcome.CHANGED)
    ]
    together = resource.problems_together(wanted)
    doubts = resource.doubts(wanted)
    for at, row in enumerate(whole_rows, 1):
        row.doubt = str(doubts.get(at, ""))
        if at in together:
            row.refuse({name: str(message) for name, message in together[at].items()})
    checked = iter(whole_rows)
    return [
        _refused(line, {line.problem.column: line.problem.message}) if line.problem else next(checked)
        for line in sheet.lines
    ]


def _keep_to_the_desk(table: ImportTable, rows: list[CheckedRow], by: Any) -> None:
    """Refuses changes to a State that is not on the desk of the person who uploads the file."""
    for row in rows:
        if row.fact is None or row.outcome not in (RowOutcome.ADDED, RowOutcome.CHANGED):
            continue
        if not limits.may_change(by, None if table.of_the_treaty else {row.fact.state_id}):
            row.refuse(
                {
                    "state": _(
                        "This concerns all States; only an Administrator who may enter records can import it."
                    )
                    if table.of_the_treaty
                    else _(
                        "This State is not on your desk; only its desk officer or an Administrator can import it."
                    )
                }
            )


def _doubt_emptied(table: ImportTable, columns: Sequence[str], rows: Iterable[CheckedRow]) -> None:
    """Has a person look at the rows of a list whose empty cells would clear what is recorded."""
    labels = {column.name: column.label(table.model) for column in table.columns()}
    for row in (row for row in rows if row.before):
        texts = dict(zip(columns, row.cells, strict=True))
        emptied = [labels[name] for name, before in row.before.items() if before and not texts[name]]
        if emptied:
            said = _("The empty cells clear what is recorded: %(columns)s.") % {"columns": in_a_row(emptied)}
            row.doubt = " ".join(filter(None, (row.doubt, said)))


def _row(resource: ImportTable, at: int, line: SheetRow, result: Any) -> CheckedRow:
    if result.is_invalid():
        return _refused(line, _why(result.validation_error))
    outcome = RowOutcome.UNCHANGED
    if result.is_new():
        outcome = RowOutcome.ADDED
    elif result.is_update():
        outcome = RowOutcome.CHANGED
    cells = [text_of(cell) for cell in line.cells]
    return CheckedRow(line.number, outcome, cells, resource.changes.get(at, {}), fact=result.instance)


def _refused(line: SheetRow, why: dict[str, str]) -> CheckedRow:
    return CheckedRow(line.number, RowOutcome.REFUSED, [text_of(cell) for cell in line.cells], why=why)


def _why(error: ValidationError) -> dict[str, str]:
    return {name: " ".join(messages) for name, messages in error.message_dict.items()}


def current_mark() -> list[int]:
    """The last entry of each history, in one query: as long as it stays the same, what was checked is still true."""
    last = [Subquery(model.history.order_by("-history_id").values("history_id")[:1]) for model in READ_FROM]
    row = Treaty.objects.values_list(*last).first() or ()  # any table with a row to hang them on
    return [entry or 0 for entry in row]


def save(checked: CheckedFile, *, by: Any, reason: str, today: date) -> sync.Difference | None:
    """Writes what a file adds and changes, with who and why, and synchronises its States once.

    Returns:
        what changed in the obligations; None if none follows from the table.

    Raises:
        RecordsChanged: a fact was changed since the check; check again.
        NotOnDesk: a row changes a State that is not on the person's desk; nothing was written.
    """
    assert not checked.is_refused  # noqa: S101 - the caller has looked
    table = checked.table
    with transaction.atomic():
        limits.check(by, None if table.of_the_treaty else checked.states)
        sync.lock(checked.states)
        if current_mark() != checked.mark:
            raise RecordsChanged
        new, changed = table.to_write(
            list(_facts(checked, RowOutcome.ADDED)), list(_facts(checked, RowOutcome.CHANGED)), by
        )
        write(table.model, new, changed, table.written_fields(), reason, by)
        return None if table.model in UNDERIVED else sync.synchronise(today, checked.states)


def _facts(checked: CheckedFile, outcome: RowOutcome) -> Iterator[Any]:
    return (row.fact for row in checked.rows if row.outcome == outcome)
