"""What a State owes under article 12 of the OPSC, and by when: computes due dates with trails from facts.

The *initial* report is cycle 1 (art. 12(1)). *Periodic* reports (art. 12(2)) are in one of two series: the State's
*own*, every five years from the initial due date (States not party to the CRC, last sentence of the paragraph), or
*carried by* its reports under the CRC, whose number is the cycle. *Further information* (art. 12(3)) is due on the
date that a document of the Committee states; its cycle is the number of the request within the State.

The Committee sets the dates of carried reports (`carried.py`). The five-year calendar of CRC art. 44(1)(b) counts
only if an installation chooses it (`PeriodicRule.TREATY_CALENDAR`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from tracker.rules.carried import carries_from, next_reports, on_calendar
from tracker.rules.dates import add_years
from tracker.rules.due import INITIAL_AFTER_YEARS, PERIODIC_EVERY_YEARS, Due, DueSource, names, settled
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.facts import (
    Carrier,
    DecisionFact,
    DecisionOutcome,
    Facts,
    Membership,
    NonReceiptFact,
    ReportKind,
    RequestFact,
    RequestKind,
    bound,
)
from tracker.rules.trail import Step, gettext_noop


class PeriodicRule(StrEnum):
    """The rule by which an installation dates periodic reports.

    `ARTICLE_12_2`: carried reports are due when the Committee says. `TREATY_CALENDAR`: they are due every five years
    (CRC art. 44(1)(b)). `PLAIN`: every State has its own five-year series; reports under the CRC do not count.
    """

    ARTICLE_12_2 = "article-12-2"
    TREATY_CALENDAR = "treaty-calendar"
    PLAIN = "plain"

    @property
    def one_series(self) -> bool:
        """Whether every State has only its own series."""
        return self is PeriodicRule.PLAIN


def schedule(facts: Facts, *, until: date, periodic_rule: str = PeriodicRule.ARTICLE_12_2) -> list[Due]:
    """All reports and replies that a State owes up to a day, in order of their dates.

    To count only facts up to a day, pass `facts.as_of(day)`.

    Args:
        until: the last day. Rows without a due date count by their computed date.
    """
    rows = [row for row in _owed(facts, until, periodic_rule) if row.falls_on <= until]
    return sorted(rows, key=lambda row: (row.falls_on, row.kind, row.carried_by, row.cycle))


def _owed(facts: Facts, until: date, periodic_rule: str) -> list[Due]:
    """All rows whose computed or due date is not after a day."""
    opsc = facts.memberships(TreatyCode.OPSC)
    if not opsc:
        return []
    period, initial = _initial_row(opsc, facts)
    crc = () if PeriodicRule(periodic_rule).one_series else facts.memberships(TreatyCode.CRC)
    rows = [initial, *_own_rows(period, opsc, crc, facts, until)]
    if crc and initial.answered_on is not None:
        opened = carries_from(initial.answered_on, known=initial.received_on is not None)
        rows += _carried_rows(opened, opsc, crc, facts, until, periodic_rule)
    rows += [_requested(request) for request in facts.requests]
    rows = [row for row in rows if min(row.falls_on, row.computed_on) <= until and _is_owed(row, opsc)]
    if facts.non_receipts:
        rows = [_not_received(row, facts.non_receipts) for row in rows]
    return rows


@dataclass(frozen=True, slots=True)
class DueSpan:
    """An obligation as it was from one day until a fact changed it.

    Attributes:
        until: the day of that change; None if it still holds.
    """

    due: Due
    since: date
    until: date | None = None


def history(
    facts: Facts, *, until: date, periodic_rule: str = PeriodicRule.ARTICLE_12_2
) -> dict[tuple[str, str, int], list[DueSpan]]:
    """All that a State owes or once owed, by identity: its spans in order.

    For every day it agrees with `schedule(facts.as_of(day), ...)`; rows that the Committee has postponed beyond the
    calendar are kept.

    Args:
        until: as for `schedule`.
    """
    found: dict[tuple[str, str, int], list[DueSpan]] = {}
    current: dict[tuple[str, str, int], Due] = {}
    for day in facts.days():
        rows = {due.identity: due for due in _owed(facts.as_of(day), until, periodic_rule)}
        for identity, due in current.items():
            if rows.get(identity) != due:
                found[identity][-1] = replace(found[identity][-1], until=day)
        for identity, due in rows.items():
            if current.get(identity) != due:
                found.setdefault(identity, []).append(DueSpan(due, day))
        current = rows
    return found


def treaty_calendar(facts: Facts, *, until: date) -> list[Due]:
    """The five-year calendar of CRC art. 44(1)(b) for a State, for information only: no date is a deadline."""
    rows = schedule(facts, until=until, periodic_rule=PeriodicRule.TREATY_CALENDAR)
    return [row for row in rows if row.carried_by == Carrier.CRC_REPORT]


def _is_owed(row: Due, opsc: Iterable[Membership]) -> bool:
    """OPSC art. 15: reports due after a denunciation took effect are not owed; answered ones stay."""
    return row.answered_on is not None or any(
        period.ends_on is None or row.falls_on <= period.ends_on for period in opsc
    )


def _not_received(row: Due, non_receipts: Iterable[NonReceiptFact]) -> Due:
    """The row with the first day for which non-receipt is confirmed."""
    about = (row.kind, row.cycle, row.carried_by)
    days = [one.by for one in non_receipts if (one.kind, one.cycle, one.carried_by) == about]
    return replace(row, not_received_by=min(days)) if days else row


# --- the initial report, and the State's own series ---------------------------------------------------------


def _initial_row(opsc: tuple[Membership, ...], facts: Facts) -> tuple[Membership, Due]:
    """OPSC art. 12(1): the initial report, and the period as a party in which it fell due or was answered.

    A State that left before its initial report was due and joined again owes it from the second time.
    """
    for period in opsc:
        row = settled(_initial(period), facts)
        if _is_owed(row, (period,)):
            break
    return period, row


def _initial(period: Membership) -> Due:
    """OPSC art. 12(1): within two years of the entry into force for the State."""
    due = add_years(period.in_force.day, INITIAL_AFTER_YEARS)
    trail = (*period.in_force.trail, _initial_step(period.in_force.day, due))
    return Due(ReportKind.INITIAL, 1, Carrier.OWN, due, due, DueSource.RULE, trail)


def _initial_step(in_force: date, due: date) -> Step:
    return Step(
        "OPSC art. 12(1)",
        in_force,
        due,
        gettext_noop("Initial report within two years of entry into force, by %(end)s."),
    )


def _own_rows(
    anchor: Membership, opsc: tuple[Membership, ...], crc: tuple[Membership, ...], facts: Facts, until: date
) -> Iterator[Due]:
    """The State's own series: owed while the OPSC binds the State and the CRC does not; answered reports stay.

    It resumes when the State leaves the CRC.

    Args:
        anchor: the period in which the initial report fell due; the series counts from it.
    """
    named = max(
        (d.last_cycle for d in facts.decisions if d.carried_by == Carrier.OWN),
        default=0,
    )
    named = max([named, *(r.last_cycle for r in facts.reports if r.carried_by == Carrier.OWN)])
    if crc and named < 2 and crc[0].ends_on is None and crc[0].in_force.day <= anchor.in_force.day:
        return  # the CRC binds the State all the time
    for computed in _own(anchor):
        if computed.computed_on > until and computed.cycle > named:
            return
        row = settled(computed, facts)
        on = row.falls_on
        binds = any(p.in_force.day <= on and (p.ends_on is None or on <= p.ends_on) for p in opsc)
        if row.answered_on is not None or (binds and not bound(crc, on)):
            yield row


def _own(period: Membership) -> Iterator[Due]:
    """OPSC art. 12(2), last sentence: every five years from the initial due date."""
    in_force = period.in_force.day
    initial_due = add_years(in_force, INITIAL_AFTER_YEARS)
    first = _initial_step(in_force, initial_due)
    cycle = 1
    while True:
        cycle += 1
        years = PERIODIC_EVERY_YEARS * (cycle - 1)
        due = add_years(in_force, INITIAL_AFTER_YEARS + years)
        step = Step(
            "OPSC art. 12(2)",
            initial_due,
            due,
            gettext_noop("Every five years from then: %(years)s years later, report %(first)s by %(end)s."),
            first=cycle,
            last=cycle,
            years=years,
        )
        trail = (*period.in_force.trail, first, step)
        yield Due(ReportKind.PERIODIC, cycle, Carrier.OWN, due, due, DueSource.RULE, trail)


# --- reports carried by those under the CRC ------------------------------------------------------------------


def _carried_rows(
    opened: Step,
    opsc: tuple[Membership, ...],
    crc: tuple[Membership, ...],
    facts: Facts,
    until: date,
    periodic_rule: str,
) -> Iterator[Due]:
    if periodic_rule == PeriodicRule.ARTICLE_12_2:
        leaves = opsc[-1].ends_on is not None or crc[-1].ends_on is not None
        rows: Iterable[Due] = (
            row
            for row in next_reports(facts, crc, opened)
            # A State that leaves owes no report whose date was never set.
            if not leaves or row.due_on is not None or row.answered_on is not None or row.waived
        )
    else:
        rows = _calendar_rows(facts, crc, opened, until)
    for row in rows:
        if row.answered_on is not None or bound(crc, row.falls_on):
            yield row


def _calendar_rows(facts: Facts, crc: tuple[Membership, ...], opened: Step, until: date) -> Iterator[Due]:
    """Each report of the treaty's calendar that carries the information.

    These are the reports computed for a day after the receipt of the initial report, and those computed for an
    earlier day that the Committee moved past it or that were received after it.
    """
    named = max((d.last_cycle for d in facts.decisions if d.carried_by == Carrier.CRC_REPORT), default=0)
    for cycle, due, step in on_calendar(crc[-1]):
        if due > until and cycle > named:
            return
        row = Due(
            ReportKind.PERIODIC,
            cycle,
            Carrier.CRC_REPORT,
            due,
            due,
            DueSource.RULE,
            (*crc[-1].in_force.trail, opened, step),
        )
        row = settled(row, facts)
        came_later = row.answered_on is not None and row.answered_on >= opened.start
        if due > opened.start or came_later or _moved_past(row, opened.start, facts.decisions):
            yield row


def _moved_past(row: Due, opened_on: date, decisions: Iterable[DecisionFact]) -> bool:
    """Whether a decision moves a report past the opening of its series.

    A date to be communicated is later than the decision that says so.
    """
    return any(
        names(decision, row)
        and (
            (decision.due_on is not None and decision.due_on > opened_on)
            or (decision.outcome == DecisionOutcome.TO_BE_COMMUNICATED and decision.counts_from >= opened_on)
        )
        for decision in decisions
    )


# --- further information -------------------------------------------------------------------------------------

ASKED = {
    RequestKind.LIST_OF_ISSUES: gettext_noop(
        "The list of issues of %(start)s asks for a written reply by %(end)s."
    ),
    RequestKind.FOLLOW_UP: gettext_noop(
        "The Committee, on %(start)s, asks for information on the follow-up to its recommendations by %(end)s."
    ),
    RequestKind.OTHER: gettext_noop(
        "The Committee, on %(start)s, asks for further information relevant to the implementation of the "
        "Protocol by %(end)s."
    ),
}


def _requested(request: RequestFact) -> Due:
    """OPSC art. 12(3): further information, by the date that the document states."""
    step = Step(request.document, request.issued_on, request.due_on, ASKED[RequestKind(request.kind)])
    return Due(
        ReportKind.INFORMATION,
        request.number,
        Carrier.OWN,
        request.due_on,
        request.due_on,
        DueSource.COMMITTEE,
        (step,),
        document=request.document,
        decided_on=request.issued_on,
        answered_on=request.received_on,
        received_on=request.received_on,
        subject=request.kind,
    )


# --- which numbers there are ---------------------------------------------------------------------------------


def periodic_numbers(
    facts: Facts, *, on: date, until: date, periodic_rule: str = PeriodicRule.ARTICLE_12_2
) -> dict[str, range]:
    """The numbers of the periodic reports that a fact of a day can name, by series; without series that have none.

    The Committee numbers reports under the CRC as they are received, never faster than the treaty's calendar.

    Args:
        on: the day of the fact: receipt, review or decision.
        until: the last plausible day of the calendar.
    """
    found: dict[str, range] = {}
    opsc, crc = facts.memberships(TreatyCode.OPSC), facts.memberships(TreatyCode.CRC)
    joined = [period for period in crc if period.joined.day <= on]
    if opsc:
        believed = _until_left(opsc, on, until)
        if joined and joined[-1].is_party(on) and not PeriodicRule(periodic_rule).one_series:
            believed = min(believed, joined[-1].in_force.day)
        numbers = _numbers_up_to(believed, opsc[0].in_force.day, skip=1)
        if numbers:
            found[Carrier.OWN] = range(2, numbers + 1)
    if joined:
        numbers = _numbers_up_to(_until_left(joined, on, until), joined[0].in_force.day)
        if numbers:
            found[Carrier.CRC_REPORT] = range(1, numbers + 1)
    return found


def _until_left(periods: Sequence[Membership], on: date, until: date) -> date:
    """The last day on which a report is due, as known on a day: none after a denunciation (art. 15)."""
    last = next((period for period in reversed(periods) if period.joined.day <= on), None)
    if last is None or last.ends_on is None or last.notice_on is None or on < last.notice_on:
        return until
    return min(until, last.ends_on)


def _numbers_up_to(until: date, in_force: date, *, skip: int = 0) -> int:
    """The number of reports of a five-year series due up to a day; 0 if there are no more than those to skip."""
    cycle = 0
    while add_years(in_force, INITIAL_AFTER_YEARS + PERIODIC_EVERY_YEARS * cycle) <= until:
        cycle += 1
    return cycle if cycle > skip else 0
