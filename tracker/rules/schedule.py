"""What a State owes under article 12 of the OPSC, and by when: facts in, due dates with trails out.

Words: an *initial* report is cycle 1 (art. 12(1)). *Periodic* reports (art. 12(2)) come in one of two
series: the State's *own*, five years apart from the initial due date (States not party to the CRC, last
sentence of the paragraph), or *carried by* its CRC reports, whose own number is then the cycle. *Further
information* (art. 12(3)) is due on the date that a document of the Committee gives; its cycle is the number
of the request within the State.

When a carried report is due is the Committee's word (`carried.py`). The five-year calendar of CRC art. 44(1)(b)
counts only where an installation chooses it (`PeriodicRule.TREATY_CALENDAR`).
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
    """By which rule an installation dates periodic reports.

    `ARTICLE_12_2`: the reports that the CRC's carry are due when the Committee says so. `TREATY_CALENDAR`: they are
    due every five years, as CRC art. 44(1)(b) has it. `PLAIN`: every State has a five-year series of its own, and
    nothing that is recorded of reports under the CRC counts.
    """

    ARTICLE_12_2 = "article-12-2"
    TREATY_CALENDAR = "treaty-calendar"
    PLAIN = "plain"

    @property
    def one_series(self) -> bool:
        """Whether every State has its own series alone."""
        return self is PeriodicRule.PLAIN


def schedule(facts: Facts, *, until: date, periodic_rule: str = PeriodicRule.ARTICLE_12_2) -> list[Due]:
    """All that a State owes up to a day, in the order of falling due.

    Count only facts up to some day with `schedule(facts.as_of(day), ...)`.

    Args:
        until: the last day of the calendar that is wanted. What has no date of its own counts by its computed one.
    """
    rows = [row for row in _owed(facts, until, periodic_rule) if row.falls_on <= until]
    return sorted(rows, key=lambda row: (row.falls_on, row.kind, row.carried_by, row.cycle))


def _owed(facts: Facts, until: date, periodic_rule: str) -> list[Due]:
    """All that a State owes: what is computed for a day up to this one, and what falls due up to it."""
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
    """How one thing owed stood from a day until the next on which a fact changed it.

    Attributes:
        until: from this day on it stood otherwise, or was owed no more; None while it stands.
    """

    due: Due
    since: date
    until: date | None = None


def history(
    facts: Facts, *, until: date, periodic_rule: str = PeriodicRule.ARTICLE_12_2
) -> dict[tuple[str, str, int], list[DueSpan]]:
    """All that a State owes, or once owed, by identity: how it stood over time, the latest span last.

    Says of every day the same as `schedule(facts.as_of(day), ...)`, and keeps what the Committee has put off beyond
    the calendar.

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
    """The five-year calendar of CRC art. 44(1)(b) for a State, for information alone: none of it is a deadline."""
    rows = schedule(facts, until=until, periodic_rule=PeriodicRule.TREATY_CALENDAR)
    return [row for row in rows if row.carried_by == Carrier.CRC_REPORT]


def _is_owed(row: Due, opsc: Iterable[Membership]) -> bool:
    """OPSC art. 15: what falls due after a denunciation took effect is not owed; what was answered stays."""
    return row.answered_on is not None or any(
        period.ends_on is None or row.falls_on <= period.ends_on for period in opsc
    )


def _not_received(row: Due, non_receipts: Iterable[NonReceiptFact]) -> Due:
    """With the first day for which somebody has confirmed that nothing had come."""
    about = (row.kind, row.cycle, row.carried_by)
    days = [one.by for one in non_receipts if (one.kind, one.cycle, one.carried_by) == about]
    return replace(row, not_received_by=min(days)) if days else row


# --- the initial report, and the State's own series ---------------------------------------------------------


def _initial_row(opsc: tuple[Membership, ...], facts: Facts) -> tuple[Membership, Due]:
    """OPSC art. 12(1): the initial report, and the period of participation in which it fell due or was answered.

    A State that left before its initial report was due, and joined again, owes it from the second time on.
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
    """The State's own series: owed for the days on which the OPSC binds the State and the CRC does not.

    So it resumes when the State leaves the CRC. What was answered stays.

    Args:
        anchor: the period in which the initial report fell due; the series is counted from it.
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
            # Of a State that leaves, nothing is asked any more of which no date was set.
            if not leaves or row.due_on is not None or row.answered_on is not None or row.waived
        )
    else:
        rows = _calendar_rows(facts, crc, opened, until)
    for row in rows:
        if row.answered_on is not None or bound(crc, row.falls_on):
            yield row


def _calendar_rows(facts: Facts, crc: tuple[Membership, ...], opened: Step, until: date) -> Iterator[Due]:
    """Each report of the treaty's calendar that carries the information.

    Those computed for a day after the initial report came; and those that the Committee has moved past it, or that
    came after it, although they were computed for an earlier day.
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
    """Whether a decision puts a report past the opening of its series.

    A date that is yet to be communicated lies after the decision that says so.
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
    """OPSC art. 12(3): further information, by the date that the document gives."""
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
    """Which periodic reports of a State a fact of a day can name, by series; none where it has none.

    The Committee numbers reports under the CRC as they come, never faster than the treaty's calendar.

    Args:
        on: the day of the fact: of the receipt, the review or the decision.
        until: the last day of the calendar that is believed.
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
    """The last day on which a report falls due as far as is known on a day: none after a denunciation (art. 15)."""
    last = next((period for period in reversed(periods) if period.joined.day <= on), None)
    if last is None or last.ends_on is None or last.notice_on is None or on < last.notice_on:
        return until
    return min(until, last.ends_on)


def _numbers_up_to(until: date, in_force: date, *, skip: int = 0) -> int:
    """How many reports of a five-year series fall due up to a day; 0 where it has none beyond those to skip."""
    cycle = 0
    while add_years(in_force, INITIAL_AFTER_YEARS + PERIODIC_EVERY_YEARS * cycle) <= until:
        cycle += 1
    return cycle if cycle > skip else 0
