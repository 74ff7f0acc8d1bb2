"""Loads submissions and the dates that the Committee stated, and derives what follows.

The whole of a folder is one transaction: nothing is written unless every value is understood, and can be
beside what the States have joined (by the folder's own participation.csv and what is recorded already).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from tracker.obligations import checks, sync
from tracker.obligations.derive import facts_of
from tracker.obligations.models import MOST_CYCLES, MOST_YEARS_AHEAD, CommitteeDate, Precision, Submission
from tracker.registry import load as registry
from tracker.registry.csvfile import BadFile, BadValue, Problems, Row, calendar_date, one_of
from tracker.registry.load import Tally, known_state, named_once, table, upsert
from tracker.registry.models import State
from tracker.rules.dates import add_years, end_of_month
from tracker.rules.entry_into_force import OPSC_ADOPTED, TreatyCode
from tracker.rules.schedule import Carrier, Facts, Outcome, ReportKind

SUBMISSIONS = (
    "iso3",
    "kind",
    "cycles",
    "received_on",
    "considered_on",
    "symbol",
    "printed_due",
    "source",
    "note",
)
COMMITTEE_DATES = (
    "iso3",
    "kind",
    "cycles",
    "due_on",
    "precision",
    "document",
    "paragraph",
    "decided_on",
    "source",
    "note",
)
FILES = ("participation.csv", "records.csv", "submissions.csv", "committee_dates.csv")
NO_DAY: tuple[date | None, str] = (None, Precision.DAY.value)
NO_DATE: tuple[str, date | None] = (Outcome.DATE.value, None)
KINDS = (ReportKind.INITIAL.value, ReportKind.PERIODIC.value)
# The columns that speak of a field, where they are called otherwise.
COLUMNS = {
    "state": "iso3",
    "first_cycle": "cycles",
    "last_cycle": "cycles",
    "carried_by": "cycles",
    "reviewed_on": "considered_on",
}


@dataclass(frozen=True)
class Loaded:
    """What loading a folder did, or would do."""

    tallies: list[Tally]
    difference: sync.Difference
    unmatched: list[Submission]


def load_folder(folder: Path, *, today: date, reason: str, dry_run: bool = False) -> Loaded:
    """Loads a folder of CSV files into the registry and synchronises the obligations.

    Raises:
        BadFile: a value is not understood; nothing was written.
    """
    if not folder.is_dir():
        raise BadFile([f"{folder}: there is no such folder."])
    if not any((folder / name).exists() for name in FILES):
        raise BadFile([f"{folder}: holds none of the files {', '.join(FILES)}."])
    with transaction.atomic():
        problems = Problems()
        tallies = registry.load(folder, problems, reason, today)
        known = set(State.objects.values_list("pk", flat=True))
        facts = facts_of()  # read after the registry was loaded: what the folder itself says is in there
        submissions = _submissions(folder, known, facts, problems, today)
        dates = _committee_dates(folder, known, facts, problems, today)
        problems.check()
        if submissions:
            tallies.append(upsert(Submission, submissions, _present(Submission, _submission_key), reason))
        if dates:
            tallies.append(upsert(CommitteeDate, dates, _present(CommitteeDate, _date_key), reason))
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


def _carried_by(row: Row, facts: dict[str, Facts], day: date | None) -> str:
    """The series that a shipped row speaks of: the State's own until it joined the CRC."""
    crc = facts[row["iso3"]].membership(TreatyCode.CRC) if row["iso3"] in facts else None
    if row["kind"] == ReportKind.PERIODIC and crc and day and crc.joined.day <= day:
        return Carrier.CRC_REPORT.value
    return Carrier.OWN.value


def _told(row: Row, errors: checks.Errors, problems: Problems) -> None:
    """Notes what is wrong with the fields of a fact in the columns that speak of them."""
    for name, message in errors.items():
        problems.add(row, COLUMNS.get(name, name), str(message))


def _present(model: Any, key: Callable[[Any], tuple]) -> dict[tuple, Any]:
    return {key(row): row for row in model.objects.all() if not getattr(row, "revises_id", None)}


def _submission_key(row: Any) -> tuple:
    return (row.state_id, row.kind, row.carried_by, row.first_cycle, row.last_cycle)


def _date_key(row: Any) -> tuple:
    return (row.state_id, row.kind, row.first_cycle, row.last_cycle, row.document)


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
    if re.fullmatch(r"\d{4}", raw):
        return raw
    return calendar_date(raw).isoformat()


def _named(row: Row, problems: Problems) -> tuple[str, int, int]:
    """Kind and cycles of a row."""
    kind = row.read("kind", one_of(KINDS), "")
    first, last = row.read("cycles", cycles, (0, 0))
    for name in ("kind", "cycles"):
        if not row[name]:
            problems.add(row, name, "the cell is empty; say which report it is.")
    if kind == ReportKind.INITIAL and first and (first, last) != (1, 1):
        problems.add(row, "cycles", "the initial report is cycle 1.")
    return kind, first, last


def _not_future(row: Row, name: str, day: date | None, today: date, problems: Problems) -> None:
    if day and day > today:
        problems.add(row, name, f"{day} lies in the future.")


def _submissions(
    folder: Path, known: set[str], facts: dict[str, Facts], problems: Problems, today: date
) -> dict[tuple, dict[str, Any]]:
    rows = table(folder, "submissions.csv", SUBMISSIONS, problems)
    named_once(rows, problems, "iso3", "kind", "cycles")
    wanted: dict[tuple, dict[str, Any]] = {}
    for row in rows:
        if not known_state(row, known, problems):
            continue
        before = len(problems.found)
        kind, first, last = _named(row, problems)
        received = row.day("received_on")
        reviewed, precision = row.read("considered_on", day_or_month, NO_DAY)
        _not_future(row, "received_on", received, today, problems)
        if precision == Precision.DAY:
            _not_future(row, "considered_on", reviewed, today, problems)
        if not row["received_on"] and not row["considered_on"]:
            problems.add(row, "received_on", "neither the date of receipt nor that of the review is given.")
        if received and received < OPSC_ADOPTED:
            problems.add(
                row, "received_on", f"{received} lies before the adoption of the OPSC (25 May 2000)."
            )
        if received and reviewed and reviewed < received:
            problems.add(
                row, "considered_on", f"{row['considered_on']} lies before the receipt of {received}."
            )
        values = {
            "state_id": row["iso3"],
            "kind": kind,
            "first_cycle": first,
            "last_cycle": last,
            "carried_by": _carried_by(row, facts, received or reviewed),
            "received_on": received,
            "reviewed_on": reviewed,
            "review_precision": precision,
            "symbol": row.text("symbol", 60),
            "printed_due": row.read("printed_due", printed_due, ""),
            "source": row.text("source", 200),
            "note": row["note"],
        }
        if len(problems.found) == before:  # only what is understood can be held against the rules
            report = Submission(**values).as_rule()
            _told(row, checks.of_report(report, facts.get(row["iso3"], Facts()), today), problems)
        wanted[row["iso3"], kind, values["carried_by"], first, last] = values
    return wanted


def _committee_dates(
    folder: Path, known: set[str], facts: dict[str, Facts], problems: Problems, today: date
) -> dict[tuple, dict[str, Any]]:
    rows = table(folder, "committee_dates.csv", COMMITTEE_DATES, problems)
    named_once(rows, problems, "iso3", "kind", "cycles", "document")
    wanted: dict[tuple, dict[str, Any]] = {}
    for row in rows:
        if not known_state(row, known, problems):
            continue
        before = len(problems.found)
        kind, first, last = _named(row, problems)
        outcome, due = row.read("due_on", _due, NO_DATE)
        decided = row.day("decided_on")
        for name, advice in (
            ("due_on", f"enter the date, “{Outcome.TO_BE_COMMUNICATED}” or “{Outcome.WAIVED}”."),
            ("document", "enter the symbol of the document that states the date."),
            ("decided_on", "enter the day of adoption, or the close of the session."),
        ):
            if not row[name]:
                problems.add(row, name, f"the cell is empty; {advice}")
        _not_future(row, "decided_on", decided, today, problems)
        if due and decided and due <= decided:
            problems.add(row, "due_on", f"{due} does not lie after the decision of {decided}.")
        if due and decided and due > add_years(decided, MOST_YEARS_AHEAD):
            problems.add(
                row,
                "due_on",
                f"{due} lies more than {MOST_YEARS_AHEAD} years after the decision of {decided}; check the year.",
            )
        values = {
            "state_id": row["iso3"],
            "kind": kind,
            "first_cycle": first,
            "last_cycle": last,
            "carried_by": _carried_by(row, facts, decided),
            "outcome": outcome,
            "due_on": due,
            "precision": row.read("precision", one_of(Precision.values), Precision.DAY.value),
            "document": row.text("document", 100),
            "paragraph": row.text("paragraph", 20),
            "decided_on": decided,
            "source": row.text("source", 200),
            "note": row["note"],
        }
        if len(problems.found) == before:
            decision = CommitteeDate(**values).as_rule()
            _told(row, checks.of_decision(decision, facts.get(row["iso3"], Facts()), today), problems)
        wanted[row["iso3"], kind, first, last, row["document"]] = values
    return wanted


def _due(raw: str) -> tuple[str, date | None]:
    if raw in (Outcome.TO_BE_COMMUNICATED, Outcome.WAIVED):
        return raw, None
    return Outcome.DATE.value, calendar_date(raw)
