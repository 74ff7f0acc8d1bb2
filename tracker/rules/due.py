"""One report or reply that a State owes, and the sentences about the Committee's statements on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from tracker.rules.facts import (
    NEXT,
    DatePrecision,
    DecisionFact,
    DecisionOutcome,
    DocumentKind,
    Facts,
    ReportFact,
    ReportKind,
    share_number,
)
from tracker.rules.trail import NO_SYMBOL, PRACTICE, Step, Trail, gettext_noop

INITIAL_AFTER_YEARS = 2  # OPSC art. 12(1), CRC art. 44(1)(a)
PERIODIC_EVERY_YEARS = 5  # OPSC art. 12(2), CRC art. 44(1)(b)
ARTICLES = {ReportKind.INITIAL: "12.1", ReportKind.PERIODIC: "12.2", ReportKind.INFORMATION: "12.3"}


class DueSource(StrEnum):
    """Where a due date comes from; a day of the treaty calendar is only indicative."""

    RULE = "rule"
    COMMITTEE = "committee"
    PRIOR_TO_REPORTING = "list of issues prior to reporting"
    TO_BE_COMMUNICATED = "to be communicated"
    TREATY_CALENDAR = "treaty calendar"


@dataclass(frozen=True, slots=True)
class Due:
    """One report or reply owed: what, by when, and why.

    Attributes:
        cycle: the number of the report; `NEXT` for the next report under the CRC if its number is not known.
        last_cycle: the last number of a combined report; else the same as `cycle`.
        computed_on: the date that the rule gives; for the next report under the CRC, the day in the five-year
            calendar of the treaty.
        due_on: the date that counts; None if the Committee has yet to communicate it or has waived the report,
            and if no date is recorded.
        document: the document that states the date; if there is none, the last concluding observations known.
        decided_on: the day of that document; for a request, the day of issue.
        year_only: the document prints only a year; `due_on` is its last day.
        waived: no report is requested (any more).
        reviewed_without_on: the day on which the Committee reviewed the State without the report.
        answered_on: the day from which a report is known to answer it; None if none does.
        received_on: date of receipt of that report; None if not known.
        awaiting_since: the day from which that report awaits the Committee's review.
        subject: the kind of request that it replies to; empty for a report.
        not_received_by: the day by which it is confirmed that nothing had been received; None without
            confirmation.
    """

    kind: str
    cycle: int
    carried_by: str
    computed_on: date
    due_on: date | None
    source: str
    trail: Trail
    last_cycle: int = 0
    document: str = ""
    decided_on: date | None = None
    year_only: bool = False
    waived: bool = False
    reviewed_without_on: date | None = None
    answered_on: date | None = None
    received_on: date | None = None
    awaiting_since: date | None = None
    subject: str = ""
    not_received_by: date | None = None

    def __post_init__(self) -> None:
        if self.last_cycle < self.cycle:
            object.__setattr__(self, "last_cycle", self.cycle)

    @property
    def article(self) -> str:
        """The paragraph of article 12: 12.1, 12.2 or 12.3."""
        return ARTICLES[ReportKind(self.kind)]

    @property
    def first_cycle(self) -> int:
        """The first number of the report, as facts call it."""
        return self.cycle

    @property
    def falls_on(self) -> date:
        """Its day in the calendar: the due date, else the computed date."""
        return self.due_on or self.computed_on

    @property
    def identity(self) -> tuple[str, str, int]:
        """Kind, series and cycle: unique among the obligations of a State."""
        return str(self.kind), str(self.carried_by), self.cycle


def names(fact: DecisionFact | ReportFact, row: Due) -> bool:
    """Whether a decision or a report is about this row: same kind and series, and a number in common.

    An initial report combined with the second ("1-2") is about both. `SubmissionQuerySet.answering` is the same
    rule in SQL.
    """
    combined = fact.kind == ReportKind.INITIAL and row.kind == ReportKind.PERIODIC
    return share_number(fact, row) and (fact.kind == row.kind or combined)


YEAR, INFERRED, EXACT = "year", "inferred", "exact"
STATED = {
    # (outcome, several cycles, how the date is printed)
    (DecisionOutcome.DATE, False, EXACT): gettext_noop(
        "The Committee, on %(day)s, asks for report %(first)s by %(end)s."
    ),
    (DecisionOutcome.DATE, True, EXACT): gettext_noop(
        "The Committee, on %(day)s, asks for reports %(first)s to %(last)s combined by %(end)s."
    ),
    (DecisionOutcome.DATE, False, INFERRED): gettext_noop(
        "The Committee, on %(day)s, asks for report %(first)s by %(end)s; the document prints no "
        "exact day, so the day is inferred, to be confirmed."
    ),
    (DecisionOutcome.DATE, True, INFERRED): gettext_noop(
        "The Committee, on %(day)s, asks for reports %(first)s to %(last)s combined by %(end)s; the "
        "document prints no exact day, so the day is inferred, to be confirmed."
    ),
    (DecisionOutcome.DATE, False, YEAR): gettext_noop(
        "The Committee, on %(day)s, asks for report %(first)s in the year that ends on %(end)s; the document "
        "prints the year alone, so the report is late only after that day."
    ),
    (DecisionOutcome.DATE, True, YEAR): gettext_noop(
        "The Committee, on %(day)s, asks for reports %(first)s to %(last)s combined in the year that ends on "
        "%(end)s; the document prints the year alone, so the report is late only after that day."
    ),
    (DecisionOutcome.TO_BE_COMMUNICATED, False, EXACT): gettext_noop(
        "The Committee, on %(day)s, will communicate the date of report %(first)s; until then none is due."
    ),
    (DecisionOutcome.TO_BE_COMMUNICATED, True, EXACT): gettext_noop(
        "The Committee, on %(day)s, will communicate the date of reports %(first)s to %(last)s; until then "
        "none is due."
    ),
    (DecisionOutcome.WAIVED, False, EXACT): gettext_noop(
        "The Committee, on %(day)s, asks for no report %(first)s."
    ),
    (DecisionOutcome.WAIVED, True, EXACT): gettext_noop(
        "The Committee, on %(day)s, asks for no reports %(first)s to %(last)s."
    ),
}
NEXT_TO_BE_COMMUNICATED = gettext_noop(
    "The Committee, on %(day)s, will communicate the date of the next report under the Convention; until then "
    "none is due."
)


def stated(decision: DecisionFact, before: date) -> Step:
    """The step that a decision adds to a trail.

    Args:
        before: the date that the decision replaces.
    """
    if decision.first_cycle == NEXT:
        text = NEXT_TO_BE_COMMUNICATED
    else:
        printed = EXACT
        if decision.due_on is not None and decision.precision != DatePrecision.DAY:
            printed = YEAR if decision.year_only else INFERRED
        several = decision.last_cycle > decision.first_cycle
        text = STATED[DecisionOutcome(decision.outcome), several, printed]
    cited = f"{decision.document}, para. {decision.paragraph}" if decision.paragraph else decision.document
    return Step(
        cited or NO_SYMBOL,
        before,
        decision.due_on,
        text,
        day=decision.decided_on,
        first=decision.first_cycle,
        last=decision.last_cycle,
    )


def source_of(decision: DecisionFact) -> DueSource:
    """The source of a row's date after this decision."""
    if decision.outcome == DecisionOutcome.TO_BE_COMMUNICATED:
        return DueSource.TO_BE_COMMUNICATED
    if decision.source == DocumentKind.PRIOR_TO_REPORTING and decision.outcome == DecisionOutcome.DATE:
        return DueSource.PRIOR_TO_REPORTING
    return DueSource.COMMITTEE


def in_order(decision: DecisionFact) -> tuple[date, str, int, int]:
    """Sort key of decisions: by day; on the same day a corrigendum comes after its document."""
    return decision.counts_from, decision.document, decision.first_cycle, decision.last_cycle


def settled(row: Due, facts: Facts) -> Due:
    """The row with the Committee's decisions about it applied, and with the report that answers it.

    The latest decision counts; the computed date stays in `computed_on`, and each decision is a step of the trail.
    The first report received answers, so a revision never changes the date of receipt. A withdrawn report answers
    nothing; the trail shows the withdrawal.
    """
    changes: dict[str, Any] = {}
    steps: list[Step] = []
    before = row.falls_on
    for decision in sorted((one for one in facts.decisions if names(one, row)), key=in_order):
        steps.append(stated(decision, before))
        before = decision.due_on or row.computed_on
        changes = {
            "due_on": decision.due_on,
            "source": source_of(decision),
            "document": decision.document,
            "decided_on": decision.counts_from,
            "year_only": decision.year_only,
            "waived": decision.outcome == DecisionOutcome.WAIVED,
        }
    about = [report for report in facts.reports if names(report, row)]
    steps += withdrawals(about)
    if there := [report for report in about if report.withdrawn_on is None]:
        first = min(there, key=first_known)
        changes |= {"answered_on": first.counts_from, "received_on": first.received_on}
    if steps:
        changes["trail"] = (*row.trail, *steps)
    return replace(row, **changes) if changes else row


def first_known(report: ReportFact) -> tuple[date, bool]:
    """Sort key of reports: by the day from which they count; on the same day a known receipt comes first."""
    return report.counts_from, report.received_on is None


def withdrawals(reports: Iterable[ReportFact]) -> list[Step]:
    """The steps about withdrawn reports, in order of withdrawal."""
    days = [
        (report.withdrawn_on, report.counts_from) for report in reports if report.withdrawn_on is not None
    ]
    return [Step(PRACTICE, came_on, gone_on, WITHDRAWN) for gone_on, came_on in sorted(days)]


WITHDRAWN = gettext_noop("The report received by %(start)s was withdrawn by the State on %(end)s.")
