"""What a State owes under article 12 of the OPSC, and by when: facts in, due dates with trails out.

Words: an *initial* report is cycle 1 (art. 12(1)). *Periodic* reports (art. 12(2)) come in one of two
series: the State's *own*, five years apart from the initial due date (States not party to the CRC, last
sentence of the paragraph), or *carried by* its CRC reports, whose own number is then the cycle. *Further
information* (art. 12(3)) is due on the date that a document of the Committee gives; its cycle is the number
of the request within the State.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from tracker.rules.dates import add_years
from tracker.rules.entry_into_force import (
    JOINING,
    Action,
    ActionKind,
    EntryIntoForce,
    TreatyCode,
    denunciation_effective,
    entry_into_force,
)
from tracker.rules.trail import Step, Trail, gettext_noop

INITIAL_AFTER_YEARS = 2  # OPSC art. 12(1), CRC art. 44(1)(a)
PERIODIC_EVERY_YEARS = 5  # OPSC art. 12(2), CRC art. 44(1)(b)


class ReportKind(StrEnum):
    """What is owed: the paragraph of article 12 it rests on is its article."""

    INITIAL = "initial"
    PERIODIC = "periodic"
    INFORMATION = "information"


ARTICLES = {ReportKind.INITIAL: "12.1", ReportKind.PERIODIC: "12.2", ReportKind.INFORMATION: "12.3"}


class Carrier(StrEnum):
    """Whether a report stands alone or is a part of the State's report under the CRC."""

    OWN = "own"
    CRC_REPORT = "CRC report"


class DueSource(StrEnum):
    """Where a due date comes from."""

    RULE = "rule"
    COMMITTEE = "committee"
    TO_BE_COMMUNICATED = "to be communicated"


class PeriodicRule(StrEnum):
    """Which calendar the periodic reports follow in an installation."""

    ARTICLE_12_2 = "article-12-2"
    PLAIN = "plain"


class Outcome(StrEnum):
    """What the Committee decided about the cycles it names."""

    DATE = "date"
    TO_BE_COMMUNICATED = "to be communicated"
    WAIVED = "waived"


class RequestKind(StrEnum):
    """In which kind of document the Committee asks for further information."""

    LIST_OF_ISSUES = "list of issues"
    PRIOR_TO_REPORTING = "list of issues prior to reporting"
    FOLLOW_UP = "follow-up"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the Committee stated about one or several cycles.

    Attributes:
        due_on: the date asked for; None unless the outcome is a date.
        decided_on: counts from this day on.
        inferred: the document prints a year or a month only; the day is ours.
    """

    kind: str
    first_cycle: int
    last_cycle: int
    carried_by: str
    outcome: str
    due_on: date | None
    document: str
    decided_on: date
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A report received, as far as it answers obligations.

    Attributes:
        received_on: date of receipt; None when only the review is known.
        reviewed_by: the latest possible day of the review.
    """

    kind: str
    first_cycle: int
    last_cycle: int
    carried_by: str
    received_on: date | None
    reviewed_by: date | None

    @property
    def counts_from(self) -> date:
        """The day from which the report is known to be there: its receipt, at the latest its review."""
        day = self.received_on or self.reviewed_by
        if day is None:
            raise ValueError("a report needs a date of receipt or of review")
        return day


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the Committee for further information, and the reply to it.

    Attributes:
        number: of the request within the State, kept for life.
        issued_on: counts from this day on.
        due_on: the date that the document gives; no rule computes one.
        received_on: receipt of the reply; None while there is none.
    """

    kind: str
    number: int
    document: str
    issued_on: date
    due_on: date
    received_on: date | None = None

    def as_of(self, day: date) -> Request:
        """The request as it stood on a day: its reply counts from its receipt on."""
        if self.received_on is None or self.received_on <= day:
            return self
        return replace(self, received_on=None)


@dataclass(frozen=True, slots=True)
class NonReceipt:
    """A confirmation that a report had not been received by a day.

    Attributes:
        by: the day that the source speaks of; counts from then on.
    """

    kind: str
    cycle: int
    carried_by: str
    by: date


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is recorded of one State and matters to what it owes."""

    actions: tuple[Action, ...] = ()
    decisions: tuple[Decision, ...] = ()
    reports: tuple[Report, ...] = ()
    requests: tuple[Request, ...] = ()
    non_receipts: tuple[NonReceipt, ...] = ()

    def as_of(self, day: date) -> Facts:
        """Only the facts dated up to a day: deposits, decisions, receipts, requests and their replies."""
        return Facts(
            tuple(action for action in self.actions if action.day <= day),
            tuple(decision for decision in self.decisions if decision.decided_on <= day),
            tuple(report for report in self.reports if report.counts_from <= day),
            tuple(request.as_of(day) for request in self.requests if request.issued_on <= day),
            tuple(one for one in self.non_receipts if one.by <= day),
        )

    def signed_on(self, treaty: str) -> date | None:
        """The day of the State's signature, or None."""
        return next(
            (a.day for a in self.actions if a.treaty == treaty and a.kind == ActionKind.SIGNATURE), None
        )

    def membership(self, treaty: str) -> Membership | None:
        """The State's participation in a treaty, or None where it never joined."""
        joined = next((a for a in self.actions if a.treaty == treaty and a.kind in JOINING), None)
        if joined is None:
            return None
        left = next(
            (a for a in self.actions if a.treaty == treaty and a.kind == ActionKind.DENUNCIATION), None
        )
        return Membership(
            joined,
            entry_into_force(joined),
            left.day if left else None,
            denunciation_effective(left) if left else None,
        )


@dataclass(frozen=True, slots=True)
class Membership:
    """A State's participation in one treaty.

    Attributes:
        notice_on: receipt of a denunciation; None if there is none.
        ends_on: the day on which that denunciation takes effect.
    """

    joined: Action
    in_force: EntryIntoForce
    notice_on: date | None = None
    ends_on: date | None = None

    def is_party(self, on: date) -> bool:
        """Whether the State counts as a party: from its deposit until a denunciation takes effect."""
        return self.joined.day <= on and (self.ends_on is None or on < self.ends_on)


@dataclass(frozen=True, slots=True)
class Due:
    """One thing owed: what, by when, since when known, and why.

    Attributes:
        computed_on: the date that the rule gives.
        due_on: the date that counts; None while the Committee has it to communicate, or has waived it.
        decided_on: the day of the Committee's decision in force, if there is one; of a request, its issue.
        waived: the Committee asks for no report for this cycle.
        arises_on: from this day on the facts make it owed (deposit, or receipt of the initial report).
        ceases_on: from this day on it is known to be owed no more (denunciation, other series).
        answered_on: from this day on a report is known to answer it; None if none does.
        received_on: date of receipt of that report; None if not known.
        subject: which kind of request it replies to; empty for a report.
        not_received_by: it is confirmed that nothing had been received by this day; None if nobody did.
    """

    kind: str
    cycle: int
    carried_by: str
    computed_on: date
    due_on: date | None
    source: str
    arises_on: date
    trail: Trail
    decided_on: date | None = None
    waived: bool = False
    ceases_on: date | None = None
    answered_on: date | None = None
    received_on: date | None = None
    subject: str = ""
    not_received_by: date | None = None

    @property
    def article(self) -> str:
        """The paragraph of article 12: 12.1, 12.2 or 12.3."""
        return ARTICLES[ReportKind(self.kind)]

    @property
    def falls_on(self) -> date:
        """Where it stands in the calendar: the due date, or the computed one while there is none."""
        return self.due_on or self.computed_on


def schedule(
    facts: Facts, *, until: date, periodic_rule: str = PeriodicRule.ARTICLE_12_2, ended: bool = False
) -> list[Due]:
    """All that a State owes up to a day, in the order of falling due.

    Count only facts up to some day with `schedule(facts.as_of(day), ...)`.

    Args:
        until: the last day of the calendar that is wanted.
        ended: also what was once owed by then and no longer is (denounced, passed to the other series, or
            put off beyond the day by the Committee), so that an earlier day can be asked about.
    """
    opsc = facts.membership(TreatyCode.OPSC)
    if opsc is None:
        return []
    plain = periodic_rule == PeriodicRule.PLAIN
    if plain:  # one series only, so that whatever names a cycle can only mean that one
        facts = Facts(
            facts.actions,
            tuple(replace(decision, carried_by=Carrier.OWN) for decision in facts.decisions),
            tuple(replace(report, carried_by=Carrier.OWN) for report in facts.reports),
            facts.requests,
            tuple(replace(one, carried_by=Carrier.OWN) for one in facts.non_receipts),
        )
    initial = _answered(_decided(_initial(opsc), facts.decisions), facts.reports)
    rows = [initial]
    crc = None if plain else facts.membership(TreatyCode.CRC)
    if crc is None or crc.joined.day > opsc.joined.day:
        rows += _series(_own(opsc, crc), facts, Carrier.OWN, until)
    if crc is not None and initial.answered_on is not None:
        opened_on = initial.answered_on
        carried = _carried(opsc, crc, opened_on, known=initial.received_on is not None)
        for row in _series(carried, facts, Carrier.CRC_REPORT, until):
            if row.computed_on > opened_on:
                rows.append(row)
            elif (moved_on := _moved_past(row, opened_on, facts.decisions)) is not None:
                # Computed before the initial report came, moved past it: owed from the Committee's word on.
                rows.append(replace(row, arises_on=max(row.arises_on, moved_on)))
    rows += [_requested(opsc, request) for request in facts.requests]
    if opsc.ends_on is not None and opsc.notice_on is not None:
        rows = [_denounced(row, opsc.notice_on, opsc.ends_on) for row in rows]
    rows = [
        row
        for row in rows
        if (row.falls_on <= until or (ended and row.computed_on <= until))
        and (row.ceases_on is None or (ended and row.ceases_on > row.arises_on))
    ]
    if facts.non_receipts:
        rows = [_not_received(row, facts.non_receipts) for row in rows]
    return sorted(rows, key=lambda row: (row.falls_on, row.kind, row.carried_by, row.cycle))


def _not_received(row: Due, non_receipts: Iterable[NonReceipt]) -> Due:
    """With the first day for which somebody has confirmed that nothing had come."""
    about = (row.kind, row.cycle, row.carried_by)
    days = [one.by for one in non_receipts if (one.kind, one.cycle, one.carried_by) == about]
    return replace(row, not_received_by=min(days)) if days else row


def periodic_numbers(
    facts: Facts, *, on: date, until: date, periodic_rule: str = PeriodicRule.ARTICLE_12_2
) -> dict[str, range]:
    """Which periodic reports of a State a fact of a day can name, by series; none where it owes none.

    By the rules alone and up to a day of the calendar: whatever the Committee states, and whenever the
    initial report comes. A report under the Convention may be there before it, or have fallen due before
    it; whether it then carries anything is for `schedule` to say.

    Args:
        on: the day of the fact: of the receipt, or of the decision.
        until: the last day of the calendar that is believed.
    """
    opsc = facts.membership(TreatyCode.OPSC)
    if opsc is None:
        return {}
    # As if the initial report had come at once, so that all that can be carried is there.
    initial = Report(ReportKind.INITIAL, 1, 1, Carrier.OWN, opsc.joined.day, None)
    supposed = Facts(facts.actions, reports=(initial,))
    rows = schedule(supposed, until=until, periodic_rule=periodic_rule, ended=True)
    since = max(on, opsc.joined.day)
    found: dict[str, range] = {}
    for carried_by, lowest in ((Carrier.OWN, 2), (Carrier.CRC_REPORT, 1)):
        numbers = [
            row.cycle
            for row in rows
            if (row.kind, row.carried_by) == (ReportKind.PERIODIC, carried_by)
            and row.arises_on <= since
            and (row.ceases_on is None or on < row.ceases_on)
        ]
        if numbers:
            found[carried_by] = range(lowest, max(numbers) + 1)
    return found


def _series(rows: Iterator[Due], facts: Facts, carried_by: str, until: date) -> list[Due]:
    """The cycles of a series up to a day and, beyond it, those that the Committee has brought forward."""
    named = max(
        (
            d.last_cycle
            for d in facts.decisions
            if (d.kind, d.carried_by) == (ReportKind.PERIODIC, carried_by)
        ),
        default=0,
    )
    found = []
    for row in rows:
        if row.computed_on > until and row.cycle > named:
            break
        found.append(_answered(_decided(row, facts.decisions), facts.reports))
    return found


def _initial(opsc: Membership) -> Due:
    """OPSC art. 12(1): within two years of the entry into force for the State."""
    due = add_years(opsc.in_force.day, INITIAL_AFTER_YEARS)
    return Due(
        ReportKind.INITIAL,
        1,
        Carrier.OWN,
        due,
        due,
        DueSource.RULE,
        opsc.joined.day,
        (*opsc.in_force.trail, _initial_step(opsc.in_force.day, due)),
    )


def _initial_step(in_force: date, due: date) -> Step:
    return Step(
        "OPSC art. 12(1)",
        in_force,
        due,
        gettext_noop("Initial report within two years of entry into force, by %(end)s."),
    )


def _own(opsc: Membership, crc: Membership | None) -> Iterator[Due]:
    """OPSC art. 12(2), last sentence: every five years from the initial due date.

    A State that joins the CRC later passes to the other series on the day the CRC binds it.
    """
    in_force = opsc.in_force.day
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
        ceases = crc.joined.day if crc is not None and due > crc.in_force.day else None
        yield Due(
            ReportKind.PERIODIC,
            cycle,
            Carrier.OWN,
            due,
            due,
            DueSource.RULE,
            opsc.joined.day,
            (*opsc.in_force.trail, first, step),
            ceases_on=ceases,
        )


def _carried(opsc: Membership, crc: Membership, answered_on: date, *, known: bool) -> Iterator[Due]:
    """OPSC art. 12(2) with CRC art. 44(1)(b): each CRC report due after the initial OPSC report came."""
    in_force = crc.in_force.day
    opened = Step(
        "OPSC art. 12(2)",
        answered_on,
        answered_on,
        gettext_noop(
            "The initial report was received on %(start)s; from then on each report under the Convention "
            "carries the information on the Protocol."
        )
        if known
        else gettext_noop(
            "The initial report was received by %(start)s, the day of its review, at the latest; from then "
            "on each report under the Convention carries the information on the Protocol."
        ),
    )
    cycle = 0
    while True:
        cycle += 1
        years = INITIAL_AFTER_YEARS + PERIODIC_EVERY_YEARS * (cycle - 1)
        due = add_years(in_force, years)
        if crc.ends_on is not None and due > crc.ends_on:
            return
        step = Step(
            "CRC art. 44(1)",
            in_force,
            due,
            gettext_noop(
                "Report %(first)s under the Convention: two years after its entry into force and every five "
                "years from then, here %(years)s years, by %(end)s."
            ),
            first=cycle,
            last=cycle,
            years=years,
        )
        yield Due(
            ReportKind.PERIODIC,
            cycle,
            Carrier.CRC_REPORT,
            due,
            due,
            DueSource.RULE,
            max(opsc.joined.day, crc.joined.day, answered_on),
            (*crc.in_force.trail, opened, step),
        )


ASKED = {
    RequestKind.LIST_OF_ISSUES: gettext_noop(
        "The list of issues of %(start)s asks for a written reply by %(end)s."
    ),
    RequestKind.PRIOR_TO_REPORTING: gettext_noop(
        "The list of issues prior to reporting of %(start)s asks for a written reply by %(end)s."
    ),
    RequestKind.FOLLOW_UP: gettext_noop(
        "The Committee, on %(start)s, asks for information on the follow-up to its recommendations by %(end)s."
    ),
    RequestKind.OTHER: gettext_noop(
        "The Committee, on %(start)s, asks for further information relevant to the implementation of the "
        "Protocol by %(end)s."
    ),
}


def _requested(opsc: Membership, request: Request) -> Due:
    """OPSC art. 12(3): further information, by the date that the document gives."""
    return Due(
        ReportKind.INFORMATION,
        request.number,
        Carrier.OWN,
        request.due_on,
        request.due_on,
        DueSource.COMMITTEE,
        max(opsc.joined.day, request.issued_on),
        (Step(request.document, request.issued_on, request.due_on, ASKED[RequestKind(request.kind)]),),
        decided_on=request.issued_on,
        answered_on=request.received_on,
        received_on=request.received_on,
        subject=request.kind,
    )


def _names(fact: Decision | Report, row: Due) -> bool:
    """Whether a decision or a report is about this row: its kind, its series, its cycle."""
    return (
        fact.first_cycle <= row.cycle <= fact.last_cycle
        and fact.kind == row.kind
        and fact.carried_by == row.carried_by
    )


SAID = {
    # (outcome, several cycles, day inferred)
    (Outcome.DATE, False, False): gettext_noop(
        "The Committee, on %(day)s, asks for report %(first)s by %(end)s instead."
    ),
    (Outcome.DATE, True, False): gettext_noop(
        "The Committee, on %(day)s, asks for reports %(first)s to %(last)s combined by %(end)s instead."
    ),
    (Outcome.DATE, False, True): gettext_noop(
        "The Committee, on %(day)s, asks for report %(first)s by %(end)s instead; the document prints no "
        "exact day, so the day is inferred, to be confirmed."
    ),
    (Outcome.DATE, True, True): gettext_noop(
        "The Committee, on %(day)s, asks for reports %(first)s to %(last)s combined by %(end)s instead; the "
        "document prints no exact day, so the day is inferred, to be confirmed."
    ),
    (Outcome.TO_BE_COMMUNICATED, False, False): gettext_noop(
        "The Committee, on %(day)s, will communicate the date of report %(first)s; until then none is due."
    ),
    (Outcome.TO_BE_COMMUNICATED, True, False): gettext_noop(
        "The Committee, on %(day)s, will communicate the date of reports %(first)s to %(last)s; until then "
        "none is due."
    ),
    (Outcome.WAIVED, False, False): gettext_noop("The Committee, on %(day)s, asks for no report %(first)s."),
    (Outcome.WAIVED, True, False): gettext_noop(
        "The Committee, on %(day)s, asks for no reports %(first)s to %(last)s."
    ),
}


def _decided(row: Due, decisions: Iterable[Decision]) -> Due:
    """The row after what the Committee stated about its cycle; the latest decision stands.

    The computed date stays in `computed_on`, and each decision is a step of the trail.
    """
    about = [decision for decision in decisions if _names(decision, row)]
    for decision in sorted(about, key=lambda d: d.decided_on):
        waived = decision.outcome == Outcome.WAIVED
        due_on = decision.due_on if decision.outcome == Outcome.DATE else None
        several = decision.last_cycle > decision.first_cycle
        inferred = decision.inferred and due_on is not None
        step = Step(
            decision.document,
            row.falls_on,
            due_on,
            SAID[Outcome(decision.outcome), several, inferred],
            day=decision.decided_on,
            first=decision.first_cycle,
            last=decision.last_cycle,
        )
        row = replace(
            row,
            due_on=due_on,
            source=DueSource.COMMITTEE if due_on or waived else DueSource.TO_BE_COMMUNICATED,
            decided_on=decision.decided_on,
            waived=waived,
            trail=(*row.trail, step),
        )
    return row


def _moved_past(row: Due, opened_on: date, decisions: Iterable[Decision]) -> date | None:
    """The day of the first decision that puts a report past the opening of its series, or None.

    A date that is yet to be communicated lies after the decision that says so.
    """
    return min(
        (
            decision.decided_on
            for decision in decisions
            if _names(decision, row)
            and (
                (decision.due_on is not None and decision.due_on > opened_on)
                or (decision.outcome == Outcome.TO_BE_COMMUNICATED and decision.decided_on >= opened_on)
            )
        ),
        default=None,
    )


def _answered(row: Due, reports: Iterable[Report]) -> Due:
    """The row with the first report that answers it; a revision never moves the first receipt."""
    about = [report for report in reports if _names(report, row)]
    if not about:
        return row
    first = min(about, key=lambda report: (report.counts_from, report.received_on is None))
    return replace(row, answered_on=first.counts_from, received_on=first.received_on)


def _denounced(row: Due, notice_on: date, ends_on: date) -> Due:
    """OPSC art. 15: what falls due after a denunciation takes effect is owed no more; the rest stays."""
    if row.falls_on <= ends_on:
        return row
    return replace(row, ceases_on=min(notice_on, row.ceases_on or notice_on))
