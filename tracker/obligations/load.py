"""Loads reports, reviews and the dates that the Committee stated, and derives what follows.

The whole of a folder is one transaction: nothing is written unless every value is understood, and can be
beside what the States have joined (by the folder's own participation.csv and what is recorded already).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from tracker.obligations import checks, sync
from tracker.obligations.derive import facts_of
from tracker.obligations.models import (
    MOST_CYCLES,
    MOST_YEARS_AHEAD,
    NEXT,
    CommitteeDate,
    Document,
    Precision,
    PrintedDate,
    Review,
    Submission,
    Trust,
)
from tracker.registry import load as registry
from tracker.registry.csvfile import BadFile, BadValue, Problems, Row, calendar_date, one_of
from tracker.registry.load import Tally, known_state, named_once, table, upsert
from tracker.registry.models import State
from tracker.rules.dates import add_years, end_of_month
from tracker.rules.entry_into_force import OPSC_ADOPTED, TreatyCode
from tracker.rules.facts import Carrier, Facts, Outcome, ReportKind

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
    "known_by": "received_on",
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
        submissions, printed = _submissions(folder, known, facts, problems, today)
        _with_reports(facts, submissions)
        dates = _committee_dates(folder, known, facts, problems, today)
        reviews = _reviews(folder, known, facts, problems, today)
        problems.check()
        wanted: tuple[tuple[Any, dict[tuple, dict[str, Any]], Callable[[Any], tuple]], ...] = (
            (Submission, submissions, _cycles_key),
            (PrintedDate, printed, _cycles_key),
            (Review, reviews, _review_key),
            (CommitteeDate, dates, _date_key),
        )
        tallies += [upsert(model, rows, _present(model, key), reason) for model, rows, key in wanted if rows]
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


def _carried_by(row: Row, kind: str, facts: dict[str, Facts], day: date | None) -> str:
    """The series that a shipped row speaks of: the State's own while the CRC does not bind it."""
    if not row.has("kind"):
        return Carrier.CRC_REPORT.value
    of_state = facts.get(row["iso3"], Facts())
    if kind == ReportKind.PERIODIC and day and of_state.is_party(TreatyCode.CRC, day):
        return Carrier.CRC_REPORT.value
    return Carrier.OWN.value


def _with_reports(facts: dict[str, Facts], submissions: dict[tuple, dict[str, Any]]) -> None:
    """Adds the reports of the folder to the facts that dates and reviews are compared with."""
    for values in submissions.values():
        state = values["state_id"]
        if values["received_on"] or values["reviewed_on"] or values["known_by"]:
            report = Submission(**values).as_rule()
            before = facts.get(state, Facts())
            facts[state] = replace(before, reports=(*before.reports, report))


def _told(row: Row, errors: checks.Errors, problems: Problems) -> None:
    """Notes what is wrong with the fields of a fact in the columns that speak of them."""
    for name, message in errors.items():
        problems.add(row, COLUMNS.get(name, name), str(message))


def _present(model: Any, key: Callable[[Any], tuple]) -> dict[tuple, Any]:
    return {
        key(row): row
        for row in model.objects.all()
        if not (getattr(row, "revises_id", None) or getattr(row, "withdrawn_on", None))
    }


def _cycles_key(row: Any) -> tuple:
    return (row.state_id, row.kind, row.carried_by, row.first_cycle, row.last_cycle)


def _review_key(row: Any) -> tuple:
    return (row.state_id, row.document)


def _date_key(row: Any) -> tuple:
    return (row.state_id, row.kind, row.carried_by, row.first_cycle, row.last_cycle, row.document)


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


def _named(row: Row, problems: Problems, *, unnumbered: bool = False) -> tuple[str, int, int]:
    """Kind and cycles of a row; a file of reports under the CRC names no kind.

    Args:
        unnumbered: whether the cell of the cycles may be empty, for the next report.
    """
    has_kind = row.has("kind")
    kind = row.read("kind", one_of(KINDS), "") if has_kind else ReportKind.PERIODIC.value
    first, last = row.read("cycles", cycles, (NEXT, NEXT))
    for name in ("kind", "cycles"):
        if row.has(name) and not row[name] and not (name == "cycles" and unnumbered):
            problems.add(row, name, "the cell is empty; say which report it is.")
    if kind == ReportKind.INITIAL and first > 1:
        problems.add(row, "cycles", "the initial report is cycle 1.")
    return kind, first, last


def _read_files(folder: Path, files: Mapping[str, tuple[str, ...]], problems: Problems) -> list[Row]:
    """The rows of the files of one kind, each report of a State named once."""
    rows: list[Row] = []
    for name, columns in files.items():
        found = table(folder, name, columns, problems, CONFIDENCE)
        once = [one for one in ("iso3", "kind", "cycles", "document", "symbol") if one in columns]
        if "cycles" in columns and "symbol" in once:
            once.remove("symbol")
        named_once(found, problems, *once)
        rows += found
    return rows


def _trust(row: Row) -> dict[str, str]:
    """How far the row says that it was read, where the file has a column for it."""
    return {"confidence": row.read("confidence", one_of(Trust.values), "")} if row.has("confidence") else {}


def _not_future(row: Row, name: str, day: date | None, today: date, problems: Problems) -> None:
    if day and day > today:
        problems.add(row, name, f"{day} lies in the future.")


def _submissions(
    folder: Path, known: set[str], facts: dict[str, Facts], problems: Problems, today: date
) -> tuple[dict[tuple, dict[str, Any]], dict[tuple, dict[str, Any]]]:
    """The reports received, and the due dates that the UN printed on their covers."""
    wanted: dict[tuple, dict[str, Any]] = {}
    printed: dict[tuple, dict[str, Any]] = {}
    for row in _read_files(folder, SUBMISSIONS, problems):
        if not known_state(row, known, problems):
            continue
        before = len(problems.found)
        kind, first, last = _named(row, problems)
        received = row.day("received_on")
        reviewed, precision = row.read("considered_on", day_or_month, NO_DAY)
        _not_future(row, "received_on", received, today, problems)
        if precision == Precision.DAY:
            _not_future(row, "considered_on", reviewed, today, problems)
        of_crc = not row.has("kind")
        if not row["received_on"] and not row["considered_on"] and not of_crc:
            problems.add(row, "received_on", "neither the date of receipt nor that of the review is given.")
        if received and received < OPSC_ADOPTED and not of_crc:
            problems.add(
                row, "received_on", f"{received} lies before the adoption of the OPSC (25 May 2000)."
            )
        if received and reviewed and reviewed < received:
            problems.add(
                row, "considered_on", f"{row['considered_on']} lies before the receipt of {received}."
            )
        carried_by = _carried_by(row, kind, facts, received or reviewed)
        about = {
            "state_id": row["iso3"],
            "kind": kind,
            "first_cycle": first,
            "last_cycle": last,
            "carried_by": carried_by,
        }
        values = about | {
            "received_on": received,
            "reviewed_on": reviewed,
            "review_precision": precision,
            "known_by": None if received or reviewed or not of_crc else SHIPPED_ON,
            "symbol": row.text("symbol", 60),
            "source": row.text("source", 200),
            "note": row["note"],
            **_trust(row),
        }
        date_printed = row.read("printed_due", printed_due, "")
        if len(problems.found) == before:  # only what is understood can be compared with the rules
            report = Submission(**values).as_rule()
            _told(row, checks.of_report(report, facts.get(row["iso3"], Facts()), today), problems)
            if date_printed:
                printed[row["iso3"], kind, carried_by, first, last] = about | {
                    "printed": date_printed,
                    "document": row["symbol"],
                    "printed_on": report.counts_from,
                    "source": row["source"],
                }
        wanted[row["iso3"], kind, carried_by, first, last] = values
    return wanted, printed


def _committee_dates(
    folder: Path, known: set[str], facts: dict[str, Facts], problems: Problems, today: date
) -> dict[tuple, dict[str, Any]]:
    wanted: dict[tuple, dict[str, Any]] = {}
    for row in _read_files(folder, COMMITTEE_DATES, problems):
        if not known_state(row, known, problems):
            continue
        before = len(problems.found)
        outcome, due = row.read("due_on", _due, NO_DATE)
        of_crc = not row.has("kind")
        unnumbered = of_crc and outcome == Outcome.TO_BE_COMMUNICATED
        kind, first, last = _named(row, problems, unnumbered=unnumbered)
        decided = row.day("decided_on")
        advice = {"due_on": f"enter the date, “{Outcome.TO_BE_COMMUNICATED}” or “{Outcome.WAIVED}”."}
        if not unnumbered:
            advice["document"] = "enter the symbol of the document that states the date."
        if not (of_crc and due):
            advice["decided_on"] = "enter the day of adoption, or the close of the session."
        for name, what in advice.items():
            if not row[name]:
                problems.add(row, name, f"the cell is empty; {what}")
        _not_future(row, "decided_on", decided, today, problems)
        if due and decided and due <= decided:
            problems.add(row, "due_on", f"{due} does not lie after the decision of {decided}.")
        if due and decided and due > add_years(decided, MOST_YEARS_AHEAD):
            problems.add(
                row,
                "due_on",
                f"{due} lies more than {MOST_YEARS_AHEAD} years after the decision of {decided}; check the year.",
            )
        precision = row.read("precision", one_of(Precision.values), Precision.DAY.value)
        if YEAR.fullmatch(row["due_on"]) and precision != Precision.YEAR:
            problems.add(row, "precision", "due_on gives a year alone; write “year” here.")
        values = {
            "state_id": row["iso3"],
            "kind": kind,
            "first_cycle": first,
            "last_cycle": last,
            "carried_by": _carried_by(row, kind, facts, decided),
            "outcome": outcome,
            "due_on": due,
            "precision": precision,
            "document_kind": (
                Document.PRIOR_TO_REPORTING if "/QPR/" in row["document"] else Document.OBSERVATIONS
            ).value,
            "document": row.text("document", 100),
            "paragraph": row.text("paragraph", 20),
            "decided_on": decided,
            "source": row.text("source", 200),
            "note": row["note"],
            **_trust(row),
        }
        if len(problems.found) == before:
            decision = CommitteeDate(**values).as_rule()
            _told(row, checks.of_decision(decision, facts.get(row["iso3"], Facts()), today), problems)
        wanted[row["iso3"], kind, values["carried_by"], first, last, row["document"]] = values
    return wanted


def _reviews(
    folder: Path, known: set[str], facts: dict[str, Facts], problems: Problems, today: date
) -> dict[tuple, dict[str, Any]]:
    """Concluding observations under the CRC; the symbol says which report they are about."""
    wanted: dict[tuple, dict[str, Any]] = {}
    for row in _read_files(folder, REVIEWS, problems):
        if not known_state(row, known, problems):
            continue
        before = len(problems.found)
        first, last = row.read("symbol", _reviewed, (NEXT, NEXT))
        adopted = row.day("adopted_on")
        for name in ("symbol", "adopted_on"):
            if not row[name]:
                problems.add(row, name, "the cell is empty; enter that of the concluding observations.")
        _not_future(row, "adopted_on", adopted, today, problems)
        values = {
            "state_id": row["iso3"],
            "kind": ReportKind.PERIODIC.value,
            "first_cycle": first,
            "last_cycle": last,
            "carried_by": Carrier.CRC_REPORT.value,
            "document": row.text("symbol", 60),
            "adopted_on": adopted,
            "source": row.text("source", 200),
            "note": row["note"],
            **_trust(row),
        }
        if len(problems.found) == before:
            review = Review(**values).as_rule()
            _told(row, checks.of_review(review, facts.get(row["iso3"], Facts()), today), problems)
        wanted[row["iso3"], row["symbol"]] = values
    return wanted


YEAR = re.compile(r"\d{4}")


def _due(raw: str) -> tuple[str, date | None]:
    if raw in (Outcome.TO_BE_COMMUNICATED, Outcome.WAIVED):
        return raw, None
    if YEAR.fullmatch(raw):
        return Outcome.DATE.value, calendar_date(f"{raw}-12-31")  # late only after the year has ended
    return Outcome.DATE.value, calendar_date(raw)


def _reviewed(raw: str) -> tuple[int, int]:
    """The reports that concluding observations are about: CRC/C/ALB/CO/5-6 are about the fifth and sixth."""
    try:
        return cycles(raw.rpartition("/CO/")[2])
    except BadValue:
        raise BadValue(
            f"“{raw}” is no symbol of concluding observations, for example CRC/C/ALB/CO/5-6."
        ) from None
