"""Plain facts for the rules, without a database."""

from __future__ import annotations

from tests.factories import day
from tracker.rules.due import Due
from tracker.rules.entry_into_force import ActionFact
from tracker.rules.facts import NEXT, DecisionFact, Facts, NonReceiptFact, ReportFact, RequestFact, ReviewFact
from tracker.rules.schedule import PeriodicRule, history, schedule

CRC = "CRC report"
GRID = PeriodicRule.TREATY_CALENDAR


def action(
    treaty: str, on: str, kind: str = "ratification", *, recorded: str | None = None, weak: bool = False
) -> ActionFact:
    return ActionFact(treaty, kind, day(on), day(recorded) if recorded else None, weak)


def opsc(on: str, kind: str = "ratification", **more) -> ActionFact:
    return action("OPSC", on, kind, **more)


def crc(on: str, kind: str = "ratification", **more) -> ActionFact:
    return action("CRC", on, kind, **more)


def report(
    on: str | None,
    cycles: str = "1",
    *,
    kind: str = "",
    carried_by: str = "own",
    reviewed: str | None = None,
    withdrawn: str | None = None,
    known_by: str | None = None,
) -> ReportFact:
    """A report received; with on=None only its review, or its source, is known.

    Cycle 1 of the own series is the initial report, unless given.
    """
    first, last = _cycles(cycles)
    return ReportFact(
        kind or ("initial" if first == 1 and carried_by == "own" else "periodic"),
        first,
        last,
        carried_by,
        day(on) if on else None,
        day(reviewed) if reviewed else None,
        day(withdrawn) if withdrawn else None,
        day(known_by) if known_by else None,
    )


def crc_report(on: str | None, cycles: str, **more) -> ReportFact:
    """A report under the CRC."""
    return report(on, cycles, carried_by=CRC, **more)


def decision(
    due: str | None,
    on: str | None,
    cycles: str,
    *,
    kind: str = "periodic",
    carried_by: str = "own",
    outcome: str = "date",
    document: str = "CRC/C/OPSC/USA/CO/2",
    precision: str = "day",
    source: str = "concluding observations",
    paragraph: str = "",
) -> DecisionFact:
    """A date stated by the Committee; with cycles="" for the next report, with on=None its day is not known."""
    first, last = _cycles(cycles)
    return DecisionFact(
        kind,
        first,
        last,
        carried_by,
        outcome,
        day(due) if due else None,
        document,
        day(on) if on else None,
        precision,
        source,
        paragraph,
    )


def asks_for(due: str | None, on: str | None, cycles: str, **more) -> DecisionFact:
    """A date that the Committee states for a report under the CRC."""
    return decision(due, on, cycles, **({"carried_by": CRC, "document": "CRC/C/NOR/CO/4"} | more))


def later(on: str, cycles: str = "", **more) -> DecisionFact:
    """The Committee will communicate the date of a report under the CRC, or of the next one."""
    return asks_for(None, on, cycles, outcome="to be communicated", **more)


def review(
    on: str,
    cycles: str = "",
    *,
    document: str = "CRC/C/NOR/CO/4",
    without: bool = False,
    carried_by: str = CRC,
) -> ReviewFact:
    """Concluding observations; with cycles="" the number of the report reviewed is not known."""
    first, last = _cycles(cycles)
    kind = "initial" if first == 1 and carried_by == "own" else "periodic"
    return ReviewFact(kind, first, last, carried_by, document, day(on), without)


def non_receipt(by: str, cycle: int = 1, *, kind: str = "initial", carried_by: str = "own") -> NonReceiptFact:
    """A confirmation that a report had not been received by a day."""
    return NonReceiptFact(kind, cycle, carried_by, day(by))


def request(
    due: str,
    issued: str,
    number: int = 1,
    *,
    kind: str = "list of issues",
    received: str | None = None,
    document: str = "CRC/C/OPSC/USA/Q/2",
) -> RequestFact:
    return RequestFact(kind, number, document, day(issued), day(due), day(received) if received else None)


def facts(
    *found: ActionFact | DecisionFact | ReportFact | RequestFact | NonReceiptFact | ReviewFact,
) -> Facts:
    """Facts of one State, in the order given."""
    kinds = (ActionFact, DecisionFact, ReportFact, RequestFact, NonReceiptFact, ReviewFact)
    return Facts(*(tuple(fact for fact in found if isinstance(fact, kind)) for kind in kinds))


def dues(found: Facts, until: str = "2040-12-31", **options) -> list[Due]:
    return schedule(found, until=day(until), **options)


def carried(found: Facts, on: str | None = None, **options) -> list[Due]:
    """The reports under the CRC that a State owes, counting facts up to a day."""
    known = found.as_of(day(on)) if on else found
    return [row for row in dues(known, **options) if row.carried_by == CRC]


def spans(
    found: Facts, cycle: int, carried_by: str = "own", kind: str = "", until: str = "2040-12-31", **options
) -> list[tuple[str, str | None]]:
    """The history of a report: from when until when with which values, as ISO text."""
    kind = kind or ("initial" if (cycle, carried_by) == (1, "own") else "periodic")
    found_spans = history(found, until=day(until), **options).get((kind, carried_by, cycle), [])
    return [(span.since.isoformat(), span.until and span.until.isoformat()) for span in found_spans]


def told(rows: list[Due]) -> list[tuple[str, int, str, str | None]]:
    """Each row as (series, cycle, computed date, date that counts)."""
    return [
        (
            row.carried_by,
            row.cycle,
            row.computed_on.isoformat(),
            row.due_on.isoformat() if row.due_on else None,
        )
        for row in rows
    ]


def the_row(rows: list[Due], cycle: int, carried_by: str = "own") -> Due:
    (row,) = [row for row in rows if (row.cycle, row.carried_by) == (cycle, carried_by)]
    return row


def steps(row: Due) -> list[tuple[str, str, str | None]]:
    """The trail as (source, from, to)."""
    return [
        (step.source, step.start.isoformat(), step.end.isoformat() if step.end else None)
        for step in row.trail
    ]


def _cycles(text: str) -> tuple[int, int]:
    if not text:
        return NEXT, NEXT
    first, _, last = text.partition("-")
    return int(first), int(last or first)
