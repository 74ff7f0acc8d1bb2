"""Plain facts for the rules, without a database."""

from __future__ import annotations

from datetime import date

from tests.factories import day
from tracker.rules.due import Due
from tracker.rules.entry_into_force import Action
from tracker.rules.facts import Decision, Facts, Report, Request
from tracker.rules.schedule import schedule

LATE_ENOUGH = date(2040, 12, 31)


def action(
    treaty: str, on: str, kind: str = "ratification", *, recorded: str | None = None, weak: bool = False
) -> Action:
    return Action(treaty, kind, day(on), day(recorded) if recorded else None, weak)


def opsc(on: str, kind: str = "ratification", **more) -> Action:
    return action("OPSC", on, kind, **more)


def crc(on: str, kind: str = "ratification", **more) -> Action:
    return action("CRC", on, kind, **more)


def report(
    on: str | None, cycles: str = "1", *, kind: str = "", carried_by: str = "own", reviewed: str | None = None
) -> Report:
    """A report received; with on=None only its review is known. Cycle 1 is the initial, unless said."""
    first, last = _cycles(cycles)
    return Report(
        kind or ("initial" if cycles == "1" else "periodic"),
        first,
        last,
        carried_by,
        day(on) if on else None,
        day(reviewed) if reviewed else None,
    )


def decision(
    due: str | None,
    on: str,
    cycles: str,
    *,
    kind: str = "periodic",
    carried_by: str = "own",
    outcome: str = "date",
    document: str = "CRC/C/OPSC/USA/CO/2",
    inferred: bool = False,
) -> Decision:
    first, last = _cycles(cycles)
    return Decision(
        kind, first, last, carried_by, outcome, day(due) if due else None, document, day(on), inferred
    )


def request(
    due: str,
    issued: str,
    number: int = 1,
    *,
    kind: str = "list of issues",
    received: str | None = None,
    document: str = "CRC/C/OPSC/USA/Q/2",
) -> Request:
    return Request(kind, number, document, day(issued), day(due), day(received) if received else None)


def facts(*found: Action | Decision | Report | Request) -> Facts:
    """Facts of one State, in the order given."""
    return Facts(
        tuple(fact for fact in found if isinstance(fact, Action)),
        tuple(fact for fact in found if isinstance(fact, Decision)),
        tuple(fact for fact in found if isinstance(fact, Report)),
        tuple(fact for fact in found if isinstance(fact, Request)),
    )


def dues(found: Facts, until: str = "2040-12-31", **options) -> list[Due]:
    return schedule(found, until=day(until), **options)


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
    first, _, last = text.partition("-")
    return int(first), int(last or first)
