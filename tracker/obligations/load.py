"""Loads a folder of CSV files through the importer, and derives the obligations that follow.

The files of a folder have columns of their own. This module only says which of their cells go into which column
of a table of the importer; what a cell means, and which facts are possible, the importer and the models say.
A folder is one transaction: nothing is written unless every row of every file is accepted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pycountry
from django.db import transaction
from django.utils.translation import gettext_noop

from tracker.obligations import sync
from tracker.obligations.folder_files import FILES, ON_AGENDA, ORIGIN, RECORDS, REPORT, SESSION, STATED
from tracker.obligations.imports.cells import Cell, text_of
from tracker.obligations.imports.check import RowOutcome, check_rows
from tracker.obligations.imports.columns import day
from tracker.obligations.imports.files import read
from tracker.obligations.imports.sheet import FileProblem, Limits, Sheet, SheetRow, UnreadableFile
from tracker.obligations.imports.tables import ImportTable
from tracker.obligations.imports.tables.registry import Actions, States
from tracker.obligations.imports.tables.reports import CommitteeDates, PrintedDates, Reviews, Submissions
from tracker.obligations.imports.tables.sessions import Agenda, Sessions
from tracker.obligations.models import Submission
from tracker.registry.bulk import write
from tracker.registry.models import State
from tracker.registry.names import StateNames
from tracker.registry.shipped import SHIPPED, SHIPPED_ON
from tracker.registry.stored import StoredText
from tracker.registry.values import BadValue
from tracker.rules.entry_into_force import ActionKind, TreatyCode
from tracker.rules.facts import Carrier, ReportKind

LOADED_FROM = StoredText(gettext_noop("loaded from %(folder)s"))
LOADED = StoredText(gettext_noop("loaded from the shipped data"))

LIMITS = Limits(size=100_000_000, rows=1_000_000, cell=100_000)
# participation.csv marks an entry into force of the CRC that was computed, not recorded.
COMPUTED = "crc-eif-derived"
UNDER_THE_CRC = {"kind": ReportKind.PERIODIC.value, "carried_by": Carrier.CRC_REPORT.value}


class BadFolder(Exception):
    """A folder that cannot be loaded.

    Attributes:
        problems: one sentence each, which names the file and, where there is one, the row and the field.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        more = len(self.problems) - 1
        rest = f" ({more} more {'problem' if more == 1 else 'problems'} in the files.)" if more else ""
        super().__init__(self.problems[0] + rest)


@dataclass
class Tally:
    """What loading did, or would do, to one table."""

    table: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class Loaded:
    """What loading a folder did, or would do."""

    tallies: list[Tally]
    difference: sync.Difference
    unmatched: list[Submission]


@dataclass
class FolderRow:
    """A row of a file, numbered as a spreadsheet shows it: the header is row 1."""

    file: str
    number: int
    cells: dict[str, Cell]

    @property
    def iso3(self) -> str:
        """The State's code, as written; empty in a file about no State."""
        return text_of(self.cells.get("iso3", ""))

    @property
    def place(self) -> str:
        """File, row and State, for a message."""
        return f"{self.file}, row {self.number}" + (f" ({self.iso3})" if self.iso3 else "")


@dataclass(frozen=True)
class FactRow:
    """The part of a row that becomes one row of a table.

    Attributes:
        columns: the column of the file, by column of the table.
        fixed: values that the file does not have, by column of the table.
        other: a row of another file, for columns that this file does not have.
    """

    row: FolderRow
    columns: Mapping[str, str]
    fixed: Mapping[str, Cell] = field(default_factory=dict)
    other: FolderRow | None = None

    @property
    def cells(self) -> dict[str, Cell]:
        """The cells by column of the table; columns that the file lacks are left out."""
        given = {**(self.other.cells if self.other else {}), **self.row.cells}
        return {**{to: given[name] for to, name in self.columns.items() if name in given}, **self.fixed}

    def place(self, column: str) -> str:
        """File, row, State and column of the file, for a message about a column of the table."""
        name = "iso3" if column == "state" else self.columns.get(column, "")
        row = (
            self.other if self.other and name in self.other.cells and name not in self.row.cells else self.row
        )
        if name not in row.cells:  # a column that this file does not have
            name = next(
                one for one in ("cycles", "symbol", "records_from", "iso3", "number") if one in row.cells
            )
        return f"{row.place}, {name}"


def load_folder(
    folder: Path, *, today: date, reason: str, dry_run: bool = False, add_only: bool = False
) -> Loaded:
    """Loads a folder of CSV files and synchronises the obligations.

    Args:
        reason: kept in the history of each row that is written.
        add_only: adds what is not recorded, and leaves what is recorded as it is.

    Raises:
        BadFolder: a row is refused, or a file cannot be read; nothing was written.
    """
    if not folder.is_dir():
        raise BadFolder([f"{folder}: this folder does not exist."])
    names = [name for name in FILES if name != "states.csv"]
    if not any((folder / name).exists() for name in names):
        raise BadFolder([f"{folder}: contains none of the files {', '.join(names)}."])
    with transaction.atomic():
        loader = _Loader(folder, today, reason, add_only)
        loader.load()
        difference = sync.synchronise(today)
        obligations = Tally(
            "obligations",
            len(difference.missing),
            len(difference.changed) + len(difference.obsolete),
            difference.unchanged,
        )
        loaded = Loaded([*loader.tallies.values(), obligations], difference, sync.unmatched())
        if dry_run:
            transaction.set_rollback(True)
    return loaded


class _FolderReports(Submissions):
    """Reports of a folder, which does not say what a State withdrew: one with the same numbers is the same report."""

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self._withdrawn = {
            self.numbers_of(fact): fact
            for fact in self._found.values()
            if fact.withdrawn_on is not None and fact.revises_id is None
        }

    def match(self, fact: Any) -> Any:
        return super().match(fact) or self._withdrawn.get(self.numbers_of(fact))


class _Loader:
    """Imports a folder file by file; accepted rows are written at once, so that later files are compared with them.

    The caller rolls back if a row is refused.
    """

    def __init__(self, folder: Path, today: date, reason: str, add_only: bool) -> None:
        self.folder, self.today, self.reason, self.add_only = folder, today, reason, add_only
        self.problems: list[str] = []
        self.tallies: dict[str, Tally] = {}
        self.names = StateNames(())
        self._first: dict[tuple[Any, ...], FolderRow] = {}  # where each fact is named first, over all files

    def load(self) -> None:
        """Imports all files, in the order in which they depend on each other.

        Raises:
            BadFolder: a row is refused.
        """
        before = {
            iso3: {"language": language, "language_is_proposed": "yes" if proposed else "no"}
            for iso3, language, proposed in State.objects.values_list(
                "pk", "language", "language_is_proposed"
            )
        }
        participation = self._read("participation.csv")
        self._import(States, self._states(participation, before))
        self._stop_if_refused()
        self.names = StateNames.recorded()
        self._import(Actions, (part for row in participation for part in _actions(row)))
        self._stop_if_refused()
        records = self._of_recorded_states("records.csv")
        if self.add_only:
            records = [row for row in records if row.iso3 not in before]
        self._import(States, (FactRow(row, RECORDS) for row in records), "records")
        self._stop_if_refused()
        self._reports()
        self._stop_if_refused()
        self._sessions()
        self._stop_if_refused()

    def _sessions(self) -> None:
        """Imports sessions, then the States on them."""
        self._import(Sessions, (FactRow(row, SESSION) for row in self._read("sessions.csv")))
        self._stop_if_refused()
        agenda = self._of_recorded_states("agenda.csv")
        self._import(Agenda, (FactRow(row, ON_AGENDA) for row in agenda))

    def _reports(self) -> None:
        """Imports reports, the due dates printed on their covers, reviews, and dates of the Committee."""
        own, own_dates = (
            self._of_recorded_states(f"{name}.csv") for name in ("submissions", "committee_dates")
        )
        reports, dates, reviews = (
            self._of_recorded_states(f"{name}_crc.csv") for name in ("reports", "committee_dates", "reviews")
        )
        known_by = _known_by(reviews, dates)
        printed = self._import(_FolderReports, (FactRow(row, REPORT) for row in own))
        printed += self._import(
            _FolderReports,
            (FactRow(row, REPORT, {**UNDER_THE_CRC, "known_by": known_by(row)}) for row in reports),
        )
        self._import(
            PrintedDates, (_printed(part, fact) for part, fact in printed if part.row.cells["printed_due"])
        )
        self._import(Reviews, map(_review, reviews))
        self._import(CommitteeDates, (FactRow(row, STATED) for row in own_dates))
        self._import(CommitteeDates, (FactRow(row, STATED, UNDER_THE_CRC) for row in dates))

    def _refuse(self, place: str, message: str) -> None:
        """Adds a problem; only once where one cell becomes part of several facts."""
        if (problem := f"{place}: {message}") not in self.problems:
            self.problems.append(problem)

    def _stop_if_refused(self) -> None:
        if self.problems:
            raise BadFolder(self.problems)

    def _read(self, name: str, folder: Path | None = None) -> list[FolderRow]:
        """The rows of a file; none if it does not exist."""
        path = (folder or self.folder) / name
        if not path.exists():
            return []
        required, optional = (columns.split() for columns in FILES[name])
        try:
            sheet = read(
                name, path.read_bytes(), "", (*required, *optional), required, LIMITS, only_utf_8=True
            )
        except OSError as error:
            self._refuse(name, f"the file cannot be read ({error.strerror}).")
            return []
        except UnreadableFile as error:
            first, *others = error.problems
            # Of the others only what the whole file should have: the names of its columns.
            hints = [other.message for other in others if not other.row]
            self._refuse(_place(name, first), " ".join([first.message, *hints]))
            return []
        rows = []
        for line in sheet.lines:
            if line.problem:
                self._refuse(_place(name, line.problem), line.problem.message)
            else:
                rows.append(FolderRow(name, line.number, dict(zip(sheet.columns, line.cells, strict=True))))
        return rows

    def _of_recorded_states(self, name: str) -> list[FolderRow]:
        """The rows of a file whose State is recorded."""
        known = []
        for row in self._read(name):
            if row.iso3 in self.names.names:
                known.append(row)
            else:
                message = f"“{row.iso3}” is not the alpha-3 code of a State that is recorded here."
                self._refuse(f"{row.place}, iso3", message)
        return known

    def _states(
        self, participation: list[FolderRow], spoken: Mapping[str, Mapping[str, Cell]]
    ) -> Iterator[FactRow]:
        """The States of participation.csv, with alpha-2, region and language of states.csv (else of the shipped one).

        A file only proposes the language of a new State.

        Args:
            spoken: the language of each recorded State, which stays.
        """
        has_details = (self.folder / "states.csv").exists()
        details = {row.iso3: row for row in self._read("states.csv", self.folder if has_details else SHIPPED)}
        for row in participation:
            country = pycountry.countries.get(alpha_3=row.iso3) if row.iso3.isupper() else None
            if country is None:
                message = f"“{row.iso3}” is not an alpha-3 code of ISO 3166, for example NOR."
                self._refuse(f"{row.place}, iso3", message)
            elif row.iso3 in details:
                columns = {name: name for name in ("iso3", "name", "iso2", "region", "language")}
                proposed = "yes" if details[row.iso3].cells.get("language") else "no"
                spoken_in = spoken.get(row.iso3, {"language_is_proposed": proposed})
                yield FactRow(row, columns, spoken_in, other=details[row.iso3])
            else:
                fixed = {"iso2": country.alpha_2, **spoken.get(row.iso3, {})}
                yield FactRow(row, {"iso3": "iso3", "name": "name"}, fixed)

    def _import(
        self, table: type[ImportTable], parts: Iterable[FactRow], label: str = ""
    ) -> list[tuple[FactRow, Any]]:
        """Checks rows of a table and writes those that are accepted.

        Args:
            label: of the table, in the tally; empty: that of its model.

        Returns:
            the accepted rows, each with its fact.
        """
        parts = list(parts)
        if not parts:
            return []
        cells = [part.cells for part in parts]
        columns = list(dict.fromkeys(name for row in cells for name in row))
        lines = [
            SheetRow(part.row.number, [row.get(name, "") for name in columns])
            for part, row in zip(parts, cells, strict=True)
        ]
        add_only = self.add_only and label != "records"
        resource = table(self.names, today=self.today, add_only=add_only)
        label = label or str(table.model._meta.verbose_name_plural)
        tally = self.tallies.setdefault(label, Tally(label))
        accepted, new, changed = [], [], []
        for part, row in zip(parts, check_rows(resource, Sheet(columns, lines)), strict=True):
            why = row.why
            if row.outcome == RowOutcome.UNCHANGED and not add_only:
                # Unchanged itself, but a file before it may have changed what it depends on.
                why = resource.all_problems(row.fact)
            if why and add_only and table in (Sessions, Agenda):
                continue  # the office may have recorded the session or the report otherwise
            for column, message in why.items():
                self._refuse(part.place(column), message)
            if why:
                continue
            accepted.append((part, row.fact))
            first = self._first.setdefault((label, *resource.key(row.fact)), part.row)
            if first.file != part.row.file:
                message = f"{first.place} is about the same; keep one of the two."
                self._refuse(f"{part.row.place}, iso3", message)
            if row.outcome == RowOutcome.ADDED:
                new.append(row.fact)
            elif row.outcome == RowOutcome.CHANGED:
                changed.append(row.fact)
        write(table.model, new, changed, resource.written_fields(), self.reason)
        tally.added += len(new)
        tally.changed += len(changed)
        tally.unchanged += len(accepted) - len(new) - len(changed)
        return accepted


def _place(file: str, problem: FileProblem) -> str:
    """The place of a problem, as far as it is known."""
    row = f", row {problem.row}" if problem.row else ""
    return f"{file}{row}" + (f", column {problem.column}" if problem.column else "")


def _actions(row: FolderRow) -> Iterator[FactRow]:
    """The signature of the OPSC, and the joining of each treaty."""
    shared = {"state": "iso3", "source": "sources"}
    if row.cells["opsc_signature"]:
        # The note speaks of the joining, where there is one; so does the confidence.
        note: dict[str, Cell] = {"note": "" if row.cells["opsc_action"] else row.cells["note"]}
        yield FactRow(
            row,
            shared | {"date": "opsc_signature"},
            {"treaty": TreatyCode.OPSC.value, "kind": ActionKind.SIGNATURE.value, **note},
        )
    for treaty, prefix, confidence in (
        (TreatyCode.OPSC, "opsc", "confidence"),
        (TreatyCode.CRC, "crc", "crc_confidence"),
    ):
        columns = {
            "kind": f"{prefix}_action",
            "date": f"{prefix}_action_date",
            "effective_on": f"{prefix}_entry_into_force",
        }
        if any(row.cells[name] for name in columns.values()):
            if treaty == TreatyCode.CRC and COMPUTED in text_of(row.cells["sources"]).split(";"):
                del columns["effective_on"]
            yield FactRow(
                row, shared | columns | {"note": "note", "confidence": confidence}, {"treaty": treaty.value}
            )


def _printed(part: FactRow, report: Submission) -> FactRow:
    """The due date that the United Nations printed on the cover of a report."""
    return FactRow(
        part.row,
        {"state": "iso3", "printed": "printed_due", "document": "symbol", "source": "source"},
        {
            "kind": report.kind,
            "cycles": report.cycles,
            "carried_by": report.carried_by,
            "printed_on": report.known_on(),
        },
    )


def _review(row: FolderRow) -> FactRow:
    """Concluding observations under the CRC; the symbol says which reports they are about (CRC/C/ALB/CO/5-6)."""
    columns = ORIGIN | {"document": "symbol", "adopted_on": "adopted_on"}
    return FactRow(
        row, columns, {**UNDER_THE_CRC, "cycles": text_of(row.cells["symbol"]).rpartition("/CO/")[2]}
    )


def _known_by(reviews: list[FolderRow], dates: list[FolderRow]) -> Callable[[FolderRow], Cell]:
    """Finds by when a report under the CRC was known that has no day of its own.

    Concluding observations on it, or on a later one, prove that it had come; else the day of the data does.
    """
    observed: list[tuple[str, int, date]] = []
    for rows, symbol, adopted_on in ((reviews, "symbol", "adopted_on"), (dates, "document", "decided_on")):
        for row in rows:
            about = re.search(r"/CO/(?:\d{1,3}-)?(\d{1,3})\Z", text_of(row.cells[symbol]))
            if about and (on := _day_or_none(row.cells[adopted_on])):
                observed.append((row.iso3, int(about[1]), on))

    def find(row: FolderRow) -> Cell:
        number = re.match(r"\d{1,3}", text_of(row.cells["cycles"]))
        if number is None or row.cells["received_on"] or row.cells["considered_on"]:
            return ""
        days = [on for iso3, last, on in observed if iso3 == row.iso3 and last >= int(number[0])]
        return min([SHIPPED_ON, *days])

    return find


def _day_or_none(cell: Cell) -> date | None:
    """The day in a cell; None where there is none, or one that its own row is refused for."""
    try:
        return day(cell)
    except BadValue:
        return None
