"""Loads reports, reviews and the dates that the Committee stated, and derives what follows.

The whole of a folder is one transaction: nothing is written unless every value is understood, and can be
beside what the States have joined and sent (by the folder's own files and what is recorded already).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from tracker.obligations import sync
from tracker.obligations.derive import facts_of
from tracker.obligations.models import (
    MOST_CYCLES,
    NEXT,
    CommitteeDate,
    Document,
    Precision,
    PrintedDate,
    Review,
    Submission,
    Trust,
    series_on,
)
from tracker.registry import load as registry
from tracker.registry.csvfile import BadFile, BadValue, Problems, Row, calendar_date, one_of
from tracker.registry.load import Tally, known_state, named_once, table, upsert
from tracker.registry.models import State
from tracker.rules.dates import end_of_month
from tracker.rules.entry_into_force import OPSC_IN_FORCE, TreatyCode
from tracker.rules.facts import Carrier, DecisionOutcome, Facts, ReportFact, ReportKind

REPORT = ("iso3", "cycles", "received_on", "considered_on", "symbol", "printed_due", "source", "note")
STATED = ("iso3", "cycles", "due_on", "precision", "document", "paragraph", "decided_on", "source", "note")
# The files that have a column for the kind of report, and those of reports under the CRC, which have none.
SUBMISSIONS = {"submissions.csv": (*REPORT, "kind"), "reports_crc.csv": REPORT}
COMMITTEE_DATES = {"committee_dates.csv": (*STATED, "kind"), "committee_dates_crc.csv": STATED}
REVIEWS = {"reviews_crc.csv": ("iso3", "symbol", "adopted_on", "source", "note")}
CONFIDENCE = ("confidence",)
FILES = ("participation.csv", "records.csv", *SUBMISSIONS, *COMMITTEE_DATES, *REVIEWS)
# The day of which the shipped data are: a report without any day of its own was known by then.
SHIPPED_ON = date(2025, 12, 4)
PRIOR_TO_REPORTING = "/QPR/"  # stands in the symbols of lists of issues prior to reporting
NO_DAY: tuple[date | None, str] = (None, Precision.DAY.value)
NO_DATE: tuple[str, date | None] = (DecisionOutcome.DATE.value, None)
YEAR = re.compile(r"\d{4}")
# The columns that speak of a field, where they are called otherwise; the first one that the file has.
COLUMNS = {
    "state": ("iso3",),
    "first_cycle": ("cycles", "symbol"),
    "last_cycle": ("cycles", "symbol"),
    "carried_by": ("cycles", "symbol"),
    "reviewed_on": ("considered_on",),
    "known_by": ("received_on",),
}
CYCLES = ("state_id", "kind", "first_cycle", "last_cycle", "carried_by")
Values = dict[str, Any]
Read = list[tuple[Row, Values]]


@dataclass(frozen=True)
class Loaded:
    """What loading a folder did, or would do."""

    tallies: list[Tally]
    difference: sync.Difference
    unmatched: list[Submission]


def load_folder(
    folder: Path, *, today: date, reason: str, dry_run: bool = False, add_only: bool = False
) -> Loaded:
    """Loads a folder of CSV files into the registry and synchronises the obligations.

    Args:
        add_only: whether what is recorded stays as it is, so that only what is not there is taken.

    Raises:
        BadFile: a value is not understood; nothing was written.
    """
    if not folder.is_dir():
        raise BadFile([f"{folder}: there is no such folder."])
    if not any((folder / name).exists() for name in FILES):
        raise BadFile([f"{folder}: holds none of the files {', '.join(FILES)}."])
    with transaction.atomic():
        problems = Problems()
        tallies = registry.load(folder, problems, reason, today, add_only=add_only)
        wanted = _Folder(folder, problems, today).read()
        problems.check()
        tallies += [
            upsert(model, rows, _recorded(model), reason, add_only=add_only)
            for model, rows in wanted.items()
            if rows
        ]
        found = sync.synchronise(today)
        tallies.append(
            Tally(
                "obligations",
                len(found.missing),
                len(found.changed) + len(found.obsolete),
                found.unchanged,
            )
        )
        loaded = Loaded(tallies, found, sync.unmatched())
        if dry_run:
            transaction.set_rollback(True)
    return loaded


# --- what tells rows apart --------------------------------------------------------------------------


def _cycles_key(fact: Any) -> tuple[Any, ...]:
    return fact.state_id, fact.kind, fact.carried_by, fact.first_cycle, fact.last_cycle


KEYS: dict[type[Any], Callable[[Any], tuple[Any, ...]]] = {
    Submission: _cycles_key,
    PrintedDate: _cycles_key,
    Review: lambda fact: (fact.state_id, fact.document),
    CommitteeDate: lambda fact: (*_cycles_key(fact), fact.document),
}


def _recorded(model: type[Any]) -> dict[tuple[Any, ...], Any]:
    """What is recorded, by key; files say nothing of revisions, nor of corrections that await a second person."""
    rows = model.objects.order_by("pk")
    if model is CommitteeDate:
        rows = rows.filter(corrects=None)
    if model is Submission:
        # The last one counts: of reports with the same numbers the one that the State has not withdrawn.
        rows = sorted(rows.filter(revises=None), key=lambda report: report.withdrawn_on is None)
    return {KEYS[model](row): row for row in rows}


# --- values -----------------------------------------------------------------------------------------


def cycles(raw: str) -> tuple[int, int]:
    """The cycles that a document names: "3", or "3-4" for the third and fourth combined."""
    match = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", raw)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= first <= last <= MOST_CYCLES:
        raise BadValue(f"“{raw}” names no cycle; write 3, or 3-4 for the third and fourth combined.")
    return first, last


def day_or_month(raw: str) -> tuple[date | None, str]:
    """A day, or a month whose last day then stands for it (the latest possible one)."""
    if match := re.fullmatch(r"(\d{4})-(\d\d)", raw):
        year, month = int(match[1]), int(match[2])
        if year < 1 or not 1 <= month <= 12:
            raise BadValue(f"“{raw}” is no month; write it as YYYY-MM, for example 2018-05.")
        return end_of_month(year, month), Precision.MONTH.value
    return calendar_date(raw), Precision.DAY.value


def printed_due(raw: str) -> str:
    """The year or the day that the UN printed."""
    return raw if YEAR.fullmatch(raw) else calendar_date(raw).isoformat()


def _stated(raw: str) -> tuple[str, date | None]:
    """What the Committee states: the outcome, and the date; of a year alone its last day."""
    if raw in (DecisionOutcome.TO_BE_COMMUNICATED, DecisionOutcome.WAIVED):
        return raw, None
    return DecisionOutcome.DATE.value, calendar_date(f"{raw}-12-31" if YEAR.fullmatch(raw) else raw)


def _reviewed(raw: str) -> tuple[int, int]:
    """The reports that concluding observations are about: CRC/C/ALB/CO/5-6 are about the fifth and sixth."""
    try:
        return cycles(raw.rpartition("/CO/")[2])
    except BadValue:
        raise BadValue(
            f"“{raw}” is no symbol of concluding observations, for example CRC/C/ALB/CO/5-6."
        ) from None


# --- files ------------------------------------------------------------------------------------------


class _Folder:
    """Reads the files of a folder, and compares their rows with each other and with what is recorded."""

    def __init__(self, path: Path, problems: Problems, today: date) -> None:
        self.path, self.problems, self.today = path, problems, today
        self.states = set(State.objects.values_list("pk", flat=True))
        # Read after the registry was loaded, so that what the folder itself says is in there.
        self.facts = facts_of()
        self.refused: set[tuple[str, int]] = set()  # rows that cannot be beside the State's other facts

    def read(self) -> dict[type[Any], dict[tuple[Any, ...], Values]]:
        """The wanted values by table and key."""
        reviews = list(self._understood(REVIEWS, self._review))
        reports = list(self._understood(SUBMISSIONS, self._report))
        dates = list(self._understood(COMMITTEE_DATES, self._date))
        _settle_known_by(reports, reviews, dates)
        printed = _printed(reports)
        submissions = self._checked(Submission, reports)
        # Only those that can be: of what is wrong with one nothing else is to be said.
        self._add_reports(reports, self.refused)
        return {
            Submission: submissions,
            PrintedDate: printed,
            Review: self._checked(Review, reviews),
            CommitteeDate: self._checked(CommitteeDate, dates),
        }

    def _understood(
        self, files: Mapping[str, tuple[str, ...]], read: Callable[[Row], Values]
    ) -> Iterator[tuple[Row, Values]]:
        """The rows of some files whose values are understood; what is wrong with the others is noted."""
        for name, columns in files.items():
            rows = table(self.path, name, columns, self.problems, CONFIDENCE)
            about = ("iso3", "kind", "cycles", "document") if "cycles" in columns else ("iso3", "symbol")
            named_once(rows, self.problems, *(one for one in about if one in columns))
            for row in rows:
                before = len(self.problems.found)
                if not known_state(row, self.states, self.problems):
                    continue
                values = read(row)
                if len(self.problems.found) == before:
                    yield row, values

    def _checked(self, model: type[Any], read: Iterable[tuple[Row, Values]]) -> dict[tuple[Any, ...], Values]:
        """The values by key; what cannot be beside the State's other facts is noted."""
        wanted: dict[tuple[Any, ...], Values] = {}
        first: dict[tuple[Any, ...], Row] = {}
        for row, values in read:
            fact = model(**values)
            key = KEYS[model](fact)
            if (other := first.setdefault(key, row)).file != row.file:
                self.problems.add(row, "iso3", f"{other.place} is about the same; keep one of the two.")
            if values["carried_by"] == Carrier.CRC_REPORT and not self._joined_crc(row):
                self.problems.add(
                    row,
                    "iso3",
                    "the State is not a party to the CRC, so it owes no report under it; enter its crc_action in "
                    "participation.csv first.",
                )
                continue
            facts = self.facts.get(row["iso3"], Facts())
            errors = fact.problems_of_cycles() or fact.problems(lambda known=facts: known, self.today)
            if errors:
                self.refused.add((row.file, row.number))
            for name, message in errors.items():
                columns = COLUMNS.get(name, (name,))
                self.problems.add(row, next(filter(row.has, columns), columns[0]), str(message))
            wanted[key] = values
        return wanted

    def _joined_crc(self, row: Row) -> bool:
        return bool(self.facts.get(row["iso3"], Facts()).memberships(TreatyCode.CRC))

    def _add_reports(self, reports: Read, refused: set[tuple[str, int]]) -> None:
        """Lets the reports of the folder take their place among the facts that other rows are compared with."""
        for row, values in reports:
            fact = Submission(**values)
            if fact.known_on() is None or (row.file, row.number) in refused:
                continue  # noted as a problem
            report = fact.as_rule()
            before = self.facts.get(values["state_id"], Facts())
            others = tuple(one for one in before.reports if _numbers(one) != _numbers(report))
            self.facts[values["state_id"]] = replace(before, reports=(*others, report))

    # --- a row of each table ---

    def _about(self, row: Row, day: date | None, *, unnumbered: bool = False) -> Values:
        """State, kind, cycles and series of a row.

        Args:
            day: of the fact; it decides the series.
            unnumbered: whether the cell of the cycles may be empty, for the next report.
        """
        kind = ReportKind.PERIODIC.value
        if row.has("kind"):
            kind = row.read("kind", one_of((ReportKind.INITIAL.value, kind)), "")
        first, last = row.read("cycles", cycles, (NEXT, NEXT))
        for name in ("kind", "cycles"):
            if row.has(name) and not row[name] and not (name == "cycles" and unnumbered):
                self.problems.add(row, name, "the cell is empty; say which report it is.")
        series = Carrier.CRC_REPORT.value
        if row.has("kind"):
            facts = self.facts.get(row["iso3"], Facts())
            series = series_on(facts, kind, day) if day else Carrier.OWN.value
        return {
            "state_id": row["iso3"],
            "kind": kind,
            "first_cycle": first,
            "last_cycle": last,
            "carried_by": series,
        }

    def _report(self, row: Row) -> Values:
        received = row.day("received_on")
        reviewed, precision = row.read("considered_on", day_or_month, NO_DAY)
        if reviewed and reviewed > self.today and precision == Precision.DAY:
            self.problems.add(row, "considered_on", f"{reviewed} lies in the future.")
        if received and reviewed and reviewed < received:
            told = f"{row['considered_on']} lies before the receipt of {received}."
            self.problems.add(row, "considered_on", told)
        return self._about(row, received or reviewed) | {
            "received_on": received,
            "reviewed_on": reviewed,
            "review_precision": precision,
            "symbol": row.text("symbol", 60),
            "printed": row.read("printed_due", printed_due, ""),
            **_origin(row),
        }

    def _date(self, row: Row) -> Values:
        """What the Committee states."""
        outcome, due = row.read("due_on", _stated, NO_DATE)
        unnumbered = not row.has("kind") and outcome == DecisionOutcome.TO_BE_COMMUNICATED
        if not row["due_on"]:
            others = f"“{DecisionOutcome.TO_BE_COMMUNICATED}” or “{DecisionOutcome.WAIVED}”"
            told = f"the cell is empty; enter the date, {others}."
            self.problems.add(row, "due_on", told)
        if not row["document"] and not unnumbered:
            told = "the cell is empty; enter the symbol of the document that states the date."
            self.problems.add(row, "document", told)
        if due and due <= OPSC_IN_FORCE:
            told = (
                f"{due} is not after the entry into force of the OPSC (18 January 2002); leave the row out."
            )
            self.problems.add(row, "due_on", told)
        precision = row.read("precision", one_of(Precision.values), Precision.DAY.value)
        if YEAR.fullmatch(row["due_on"]) and precision != Precision.YEAR:
            self.problems.add(row, "precision", "due_on gives a year alone; write “year” here.")
        decided = row.day("decided_on")
        prior = PRIOR_TO_REPORTING in row["document"]
        return self._about(row, decided or due, unnumbered=unnumbered) | {
            "outcome": outcome,
            "due_on": due,
            "precision": precision,
            "document_kind": (Document.PRIOR_TO_REPORTING if prior else Document.OBSERVATIONS).value,
            "document": row.text("document", 100),
            "paragraph": row.text("paragraph", 20),
            "decided_on": decided,
            **_origin(row),
        }

    def _review(self, row: Row) -> Values:
        """Concluding observations under the CRC; the symbol says which report they are about."""
        for name in ("symbol", "adopted_on"):
            if not row[name]:
                told = "the cell is empty; enter that of the concluding observations."
                self.problems.add(row, name, told)
        first, last = row.read("symbol", _reviewed, (NEXT, NEXT))
        return {
            "state_id": row["iso3"],
            "kind": ReportKind.PERIODIC.value,
            "first_cycle": first,
            "last_cycle": last,
            "carried_by": Carrier.CRC_REPORT.value,
            "document": row.text("symbol", 60),
            "adopted_on": row.day("adopted_on"),
            **_origin(row),
        }


def _origin(row: Row) -> Values:
    """Where a row is from and, where the file has a column for it, how far it was read."""
    values: Values = {"source": row.text("source", 200), "note": row["note"]}
    if row.has("confidence"):
        values["confidence"] = row.read("confidence", one_of(Trust.values), "")
    return values


def _numbers(report: ReportFact) -> tuple[Any, ...]:
    return report.kind, report.carried_by, report.first_cycle, report.last_cycle


def _settle_known_by(reports: Read, reviews: Read, dates: Read) -> None:
    """Says by when a report under the CRC was known of which neither receipt nor dialogue is.

    Concluding observations on it, or on a later one, prove that it was there; else the day of the data does.
    """
    observed = [
        (values["state_id"], _observed(values["document"]), values[day])
        for read, day in ((reviews, "adopted_on"), (dates, "decided_on"))
        for _row, values in read
        if values[day]
    ]
    for row, values in reports:
        known_by = None
        if not (row.has("kind") or values["received_on"] or values["reviewed_on"]):
            state, first = values["state_id"], values["first_cycle"]
            known_by = min(
                [SHIPPED_ON, *(on for of, number, on in observed if of == state and number >= first)]
            )
        values["known_by"] = known_by


def _observed(symbol: str) -> int:
    """The last report that concluding observations are about, by their symbol; 0 for another document."""
    try:
        return _reviewed(symbol)[1]
    except BadValue:
        return 0


def _printed(reports: Read) -> dict[tuple[Any, ...], Values]:
    """The due dates that the United Nations printed on the covers of reports; taken out of their values."""
    wanted: dict[tuple[Any, ...], Values] = {}
    for _row, report in reports:
        printed = {name: report[name] for name in CYCLES} | {
            "printed": report.pop("printed"),
            "document": report["symbol"],
            "printed_on": report["received_on"] or report["reviewed_on"] or report["known_by"],
            "source": report["source"],
        }
        if printed["printed"]:
            wanted[KEYS[PrintedDate](PrintedDate(**printed))] = printed
    return wanted
