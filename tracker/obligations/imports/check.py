"""What each row of a file would do, and then doing it: all rows or none."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
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
from tracker.obligations.imports.files import (
    Limits,
    Line,
    Problem,
    Sheet,
    TooLong,
    Unreadable,
    read,
    text_of,
)
from tracker.obligations.imports.tables import TABLES, Table
from tracker.obligations.models import CommitteeDate, InformationRequest, PrintedDate, Review, Submission
from tracker.registry import limits
from tracker.registry.load import write
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

MOST_ASKED = 50  # unknown spellings that a person is asked about; whoever has more corrects the file
MOST_SHOWN = 300  # characters of a cell that the page repeats
Progress = Callable[[int, int], None]
# What a check reads; each keeps a history, so that its last entry tells whether anything has moved since.
READ_FROM = (
    State, TreatyAction, Statement, Amendment, AmendmentPosition, Contact, Submission, CommitteeDate,
    Review, PrintedDate, InformationRequest,
)  # fmt: skip
UNDERIVED = (Contact, AmendmentPosition)  # what no obligation follows from


class Outcome(StrEnum):
    """What becomes of a row."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Moved(Exception):
    """Somebody has changed a fact since the file was checked; nothing was written."""


@dataclass
class Row:
    """A row of the file beside what is recorded.

    Attributes:
        cells: as the file has them, column by column.
        before: what is recorded, by column, where the row changes it.
        why: what is wrong, by column; the empty name stands for the row as a whole.
        doubt: what to look at although the row is taken; empty if nothing.
        fact: what would be recorded; None if the row is refused.
    """

    number: int
    outcome: Outcome
    cells: list[str]
    before: dict[str, str] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    doubt: str = ""
    fact: Any = None

    def stored(self) -> list[Any]:
        """What the page needs of it."""
        cells = [cell if len(cell) <= MOST_SHOWN else f"{cell[:MOST_SHOWN]}…" for cell in self.cells]
        before = {name: text[:MOST_SHOWN] for name, text in self.before.items()}
        return [self.number, self.outcome.value, cells, before, self.why, self.doubt]


@dataclass
class Checked:
    """What a file would do to the records.

    Attributes:
        note: what of the file was not read; empty if all was.
        understood: the State meant, by spelling, where it is spelled otherwise than recorded.
        unknown: spellings that name no State, with the States that may be meant and the number of rows.
        mark: changes as soon as anybody records anything.
    """

    table: Table
    columns: list[str]
    rows: list[Row]
    note: str
    understood: dict[str, str]
    unknown: list[dict[str, Any]]
    mark: list[int]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each outcome."""
        found = Counter(row.outcome for row in self.rows)
        return {outcome.value: found[outcome] for outcome in Outcome}

    @property
    def is_refused(self) -> bool:
        """Whether a row is refused, so that nothing is saved."""
        return any(row.outcome == Outcome.REFUSED for row in self.rows)

    @property
    def changes_something(self) -> bool:
        """Whether there is anything to save."""
        return any(row.outcome in (Outcome.ADDED, Outcome.CHANGED) for row in self.rows)

    @property
    def states(self) -> set[str]:
        """The States that rows which would be saved are about."""
        return {row.fact.state_id for row in self.rows if row.outcome in (Outcome.ADDED, Outcome.CHANGED)}

    @property
    def problems(self) -> list[Problem]:
        """All that is wrong, row by row."""
        return [Problem(why, row.number, column) for row in self.rows for column, why in row.why.items()]

    def stored(self) -> list[list[Any]]:
        """The rows as the page needs them."""
        return [row.stored() for row in self.rows]

    @property
    def fingerprint(self) -> str:
        """The same for two checks that say the same of every row."""
        text = json.dumps(self.stored(), ensure_ascii=False)
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
) -> Checked:
    """Holds a file against what is recorded; reads only.

    Args:
        table: one of TABLES.
        name: of the file.
        chosen: alpha-3 by spelling, where a person has said which State is meant.
        by: who hands it in; None for a command.
        progress: told now and then how many rows of how many are done.

    Raises:
        Unreadable: the file as a whole cannot be taken.
    """
    sheet = _sheet(table, name, content, Limits.in_force())
    total = len(sheet.lines)
    if progress:
        progress(0, total)
    mark = current_mark()
    resource = TABLES[table](
        StateNames.recorded(), chosen, today, by, (lambda done: progress(done, total)) if progress else None
    )
    rows = _rows(resource, sheet)
    _keep_to_the_desk(resource, rows, by)
    state = resource.state
    return Checked(
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
    )


def is_longer(table: str, name: str, content: bytes, rows: int) -> bool:
    """Whether a file has more than so many rows; one that cannot be read is short."""
    try:
        _sheet(table, name, content, replace(Limits.in_force(), rows=rows))
    except TooLong:
        return True
    except Unreadable:
        return False
    return False


def _sheet(table: str, name: str, content: bytes, limits: Limits) -> Sheet:
    columns = TABLES[table].columns()
    required = [column.name for column in columns if column.required]
    return read(name, content, table, [column.name for column in columns], required, limits)


def _rows(resource: Table, sheet: Sheet) -> list[Row]:
    """The outcome of each line, in the order of the file."""
    whole = [line for line in sheet.lines if line.problem is None]
    data = Dataset(headers=sheet.columns)
    for line in whole:
        data.append(line.cells)
    resource.numbers = [line.number for line in whole]
    result = resource.import_data(data)
    if result.base_errors:
        raise result.base_errors[0].error  # no fault of the file
    results = iter(result.rows)
    rows = [
        _refused(line, {line.problem.column: line.problem.message})
        if line.problem
        else _row(resource, line, next(results))
        for line in sheet.lines
    ]
    wanted = [(row.number, row.fact) for row in rows if row.outcome in (Outcome.ADDED, Outcome.CHANGED)]
    beside = resource.beside_each_other(wanted)
    doubts = resource.doubts(wanted)
    for row in rows:
        row.doubt = str(doubts.get(row.number, ""))
        if row.number in beside:
            row.why = {name: str(told) for name, told in beside[row.number].items()}
            row.outcome, row.before, row.doubt, row.fact = Outcome.REFUSED, {}, "", None
    return rows


def _keep_to_the_desk(table: Table, rows: list[Row], by: Any) -> None:
    """Refuses what would change a State that is not on the desk of whoever hands the file in."""
    for row in rows:
        if row.fact is None or row.outcome not in (Outcome.ADDED, Outcome.CHANGED):
            continue
        if not limits.may_change(by, None if table.of_the_treaty else {row.fact.state_id}):
            row.why = {
                "state": _(
                    "This concerns the States as a whole: an administrator who enters facts imports it."
                )
                if table.of_the_treaty
                else _("This State is not on your desk: its desk officer or an administrator imports it.")
            }
            row.outcome, row.before, row.doubt, row.fact = Outcome.REFUSED, {}, "", None


def _row(resource: Table, line: Line, result: Any) -> Row:
    if result.is_invalid():
        return _refused(line, _why(result.validation_error))
    outcome = Outcome.UNCHANGED
    if result.is_new():
        outcome = Outcome.ADDED
    elif result.is_update():
        outcome = Outcome.CHANGED
    changes = resource.changes.get(line.number, {})
    cells = [text_of(cell) for cell in line.cells]
    return Row(
        line.number,
        outcome,
        cells,
        {name: before for name, (before, _after) in changes.items()},
        fact=result.instance,
    )


def _refused(line: Line, why: dict[str, str]) -> Row:
    return Row(line.number, Outcome.REFUSED, [text_of(cell) for cell in line.cells], why=why)


def _why(error: ValidationError) -> dict[str, str]:
    return {name: " ".join(messages) for name, messages in error.message_dict.items()}


def current_mark() -> list[int]:
    """The last entry of each history, in one query: as long as it stays the same, what was checked is still true."""
    last = [Subquery(model.history.order_by("-history_id").values("history_id")[:1]) for model in READ_FROM]
    row = Treaty.objects.values_list(*last).first() or ()  # any table with a row to hang them on
    return [entry or 0 for entry in row]


def save(checked: Checked, *, by: Any, reason: str, today: date) -> sync.Difference | None:
    """Writes what a file adds and changes, with who and why, and brings the States in line once.

    Returns:
        what the obligations became; None where the table has no part in them.

    Raises:
        Moved: something was recorded since the check; check again.
        NotOnDesk: it is about a State that is not on the person's desk; nothing is written.
    """
    assert not checked.is_refused  # noqa: S101 - the caller has looked
    table = checked.table
    with transaction.atomic():
        limits.check(by, None if table.of_the_treaty else checked.states)
        sync.lock(checked.states)
        if current_mark() != checked.mark:
            raise Moved
        new, changed = table.to_write(
            list(_facts(checked, Outcome.ADDED)), list(_facts(checked, Outcome.CHANGED)), by
        )
        write(table.model, new, changed, table.written_fields(), reason, by)
        return None if table.model in UNDERIVED else sync.synchronise(today, checked.states)


def _facts(checked: Checked, outcome: Outcome) -> Iterator[Any]:
    return (row.fact for row in checked.rows if row.outcome == outcome)
