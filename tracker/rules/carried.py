"""The next report under the CRC, which carries the information on the OPSC (art. 12(2)), and its date.

The Committee numbers reports as it receives them and sets their dates itself, in concluding observations, in lists
of issues prior to reporting, or in other decisions. So a State has at most one open carried report, the *next* one:

* its date is the date in a document, or is to be communicated;
* if no document is recorded, it has no date: the row shows the last concluding observations known, and for
  information the day in the five-year calendar of the treaty;
* after a report that is received and not yet reviewed, no report is open: the State waits for the Committee;
* a statement of the Committee about a report closes the reports before it.

The facts are read in order of their days, so that the result for a day depends on no later fact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from tracker.rules.dates import add_years
from tracker.rules.due import (
    INITIAL_AFTER_YEARS,
    PERIODIC_EVERY_YEARS,
    Due,
    DueSource,
    in_order,
    source_of,
    stated,
    withdrawals,
)
from tracker.rules.facts import (
    NEXT,
    Carrier,
    DecisionFact,
    DecisionOutcome,
    Facts,
    Membership,
    ReportFact,
    ReportKind,
    ReviewFact,
)
from tracker.rules.trail import PRACTICE, Step, gettext_noop


def on_calendar(crc: Membership) -> Iterator[tuple[int, date, Step]]:
    """The endless five-year calendar of the Convention: number, day and step of each report."""
    in_force = crc.in_force.day
    cycle = 0
    while True:
        cycle += 1
        years = INITIAL_AFTER_YEARS + PERIODIC_EVERY_YEARS * (cycle - 1)
        due = add_years(in_force, years)
        yield (
            cycle,
            due,
            Step(
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
            ),
        )


def after(day: date, crc: Membership) -> date:
    """The first day of the five-year calendar after a day."""
    in_force = crc.in_force.day
    first = add_years(in_force, INITIAL_AFTER_YEARS)
    periods = max(0, (day.year - first.year) // PERIODIC_EVERY_YEARS - 1)
    while (found := add_years(in_force, INITIAL_AFTER_YEARS + PERIODIC_EVERY_YEARS * periods)) <= day:
        periods += 1
    return found


def carries_from(opened_on: date, *, known: bool) -> Step:
    """The step that opens the series: the receipt of the initial report.

    Args:
        known: the day of receipt is known; otherwise it is the day of the review.
    """
    text = (
        gettext_noop(
            "The initial report was received on %(start)s; from then on each report under the Convention "
            "carries the information on the Protocol."
        )
        if known
        else gettext_noop(
            "The initial report was received by %(start)s, the day of its review, at the latest; from then "
            "on each report under the Convention carries the information on the Protocol."
        )
    )
    return Step("OPSC art. 12(2)", opened_on, opened_on, text)


@dataclass(slots=True, eq=False)
class _Entry:
    """A report under the CRC while the facts are read, with the facts about it so far.

    Attributes:
        since: the day from which it was the next report; for an unannounced one, its receipt.
        observed: the last concluding observations before it.
        closed_on: the day from which it is no longer expected, although it was not received.
    """

    first: int
    last: int
    since: date
    observed: ReviewFact | None
    decisions: list[DecisionFact] = field(default_factory=list)
    answer: ReportFact | None = None
    answered_on: date | None = None
    reviewed_without: ReviewFact | None = None
    closed_on: date | None = None

    def overlaps(self, fact: DecisionFact | ReportFact | ReviewFact) -> bool:
        """Whether a fact names one of its numbers."""
        return self.first != NEXT and fact.first_cycle <= self.last and self.first <= fact.last_cycle

    @property
    def decision(self) -> DecisionFact | None:
        """The last decision on it, which counts."""
        return self.decisions[-1] if self.decisions else None


class _Reading:
    """Reads the facts about a State's reports under the CRC in order of their days.

    Attributes:
        entries: the reports that were expected or received.
        open: the next report; None while a report awaits its review.
        highest: the highest number received, reviewed or waived.
    """

    def __init__(self, in_force: date) -> None:
        self.entries: list[_Entry] = []
        self.observed: ReviewFact | None = None
        self.highest = 0
        self.waiting: _Entry | None = None
        self.open: _Entry | None = _Entry(NEXT, NEXT, in_force, None)

    def named(self, fact: DecisionFact | ReportFact | ReviewFact) -> _Entry | None:
        """The entry that a fact is about, or None."""
        entries = [*self.entries, *([self.open] if self.open else [])]
        return next((one for one in entries if one.overlaps(fact)), None)

    def receive(self, report: ReportFact) -> None:
        """Reads a report received: it answers the numbers it names; the next report waits for the Committee."""
        day = report.counts_from
        entry = self.open if self.is_next(report) else None
        if entry is not None:
            first = report.first_cycle if entry.first == NEXT else min(entry.first, report.first_cycle)
            # Combined with a report already received or no longer expected, it is named by the remaining numbers.
            entry.first, entry.last = max(first, self.highest + 1), max(entry.last, report.last_cycle)
        elif self.named(report) is None:
            since = self.open.since if self.open else day
            # The report may be known only later than its own review: those observations do not precede it.
            before = self.observed
            if before is not None and before.last_cycle >= report.first_cycle:
                before = None
            entry = _Entry(report.first_cycle, report.last_cycle, since, before)
        if entry is not None:
            self.entries.append(entry)
        for one in self.entries:
            # A revision never moves the first receipt.
            if one.answered_on is None and one.overlaps(report):
                one.answer, one.answered_on = report, day
        if entry is not None and entry.last > self.highest:
            self.highest = entry.last
            # If the receipt is not known, the number tells whether it is older than the report requested.
            if report.received_on is None and self.open is not None and entry.last < self.open.first:
                return
            self.open, self.waiting = None, entry

    def is_next(self, report: ReportFact) -> bool:
        """Whether a report is the one expected next: by its number, or as the first after the highest."""
        if self.open is None:
            return False
        return self.open.overlaps(report) or (self.open.first == NEXT and report.last_cycle > self.highest)

    def review(self, review: ReviewFact) -> None:
        """Reads concluding observations: the report they are about is closed, and another one is next."""
        day, numbered = review.adopted_on, review.first_cycle != NEXT
        if self.waiting is not None and not (numbered and review.last_cycle < self.waiting.first):
            self.waiting = None
        self.observed = review if review.document else self.observed
        if self.waiting is not None:
            return
        if self.open is None:
            self.begin(day)
        elif review.document and self.open.decision and self.open.decision.document == review.document:
            pass  # the same document, entered twice with different days
        elif self.open.first != NEXT:
            if not numbered or self.open.first <= review.last_cycle:
                self.conclude(self.open, review)
                self.begin(day)
        elif review.without_report and numbered and review.last_cycle > self.highest:
            self.open.first, self.open.last = max(review.first_cycle, self.highest + 1), review.last_cycle
            self.conclude(self.open, review)
            self.begin(day)
        elif self.open.decision is None or review.document:
            self.begin(day)
        self.highest = max(self.highest, review.last_cycle)

    def conclude(self, entry: _Entry, review: ReviewFact) -> None:
        """Closes the next report after its review: it was received on an unknown day, or not at all."""
        if review.without_report:
            entry.reviewed_without = review
            entry.closed_on = review.adopted_on
        else:
            entry.answered_on = review.adopted_on
        self.highest = max(self.highest, entry.last)
        self.entries.append(entry)

    def begin(self, day: date) -> _Entry:
        """Opens a next report about which nothing is known yet."""
        self.open = _Entry(NEXT, NEXT, day, self.observed)
        return self.open

    def decide(self, decision: DecisionFact) -> None:
        """Reads a decision about the date of a report, which becomes the next one."""
        day = decision.counts_from
        entry = None if decision.first_cycle == NEXT else self.named(decision)
        if entry is not None and entry is not self.open:
            if entry.answered_on is not None:
                entry.decisions.append(decision)  # about a report already received
                return
            # It was closed without being received, and is requested again.
            self.entries.remove(entry)
            self.highest = min(self.highest, decision.first_cycle - 1)
            entry.since, entry.observed, entry.closed_on = day, self.observed, None
            self.open = entry
        if decision.first_cycle != NEXT and entry is None and decision.first_cycle <= self.highest:
            return  # about a closed report
        expected = self.open
        if expected is None:
            self.waiting = None  # the Committee has gone on to the next one
            expected = self.begin(day)
        if entry is not None:
            entry.first, entry.last = decision.first_cycle, decision.last_cycle
        elif decision.first_cycle != NEXT:
            # A different report than the one named before, which the decision closes.
            before = expected.decisions if expected.first == NEXT else []
            first, last = decision.first_cycle, decision.last_cycle
            expected = self.open = _Entry(first, last, expected.since, self.observed, list(before))
        expected.decisions.append(decision)
        if decision.outcome == DecisionOutcome.WAIVED:
            expected.closed_on = day
            self.highest = max(self.highest, expected.last)
            self.entries.append(expected)
            self.begin(day)


RECEIPT, REVIEW, DECISION = range(3)  # in this order on one day


def _read(facts: Facts, in_force: date) -> _Reading:
    """Reads all facts about the State's reports under the CRC in order."""
    events: list[tuple[tuple[date, int, str, int, int], ReportFact | ReviewFact | DecisionFact]] = []
    for report in facts.reports:
        if report.carried_by == Carrier.CRC_REPORT and report.withdrawn_on is None:
            where = ("", report.first_cycle, report.received_on is None)
            events.append(((report.counts_from, RECEIPT, *where), report))
            if report.reviewed_by is not None:
                reviewed = ReviewFact(
                    report.kind,
                    report.first_cycle,
                    report.last_cycle,
                    report.carried_by,
                    "",
                    report.reviewed_by,
                )
                events.append(((report.reviewed_by, REVIEW, "", report.first_cycle, 0), reviewed))
    events += [
        ((one.adopted_on, REVIEW, one.document, one.first_cycle, one.last_cycle), one)
        for one in facts.reviews
        if one.carried_by == Carrier.CRC_REPORT
    ]
    for decision in facts.decisions:
        if decision.carried_by == Carrier.CRC_REPORT:
            day, document, first, last = in_order(decision)
            events.append(((day, DECISION, document, first, last), decision))
    reading = _Reading(in_force)
    for _when, fact in sorted(events, key=lambda event: event[0]):
        if isinstance(fact, ReportFact):
            reading.receive(fact)
        elif isinstance(fact, ReviewFact):
            reading.review(fact)
        else:
            reading.decide(fact)
    return reading


def next_reports(facts: Facts, crc: tuple[Membership, ...], opened: Step) -> Iterator[Due]:
    """The reports under the CRC that have carried the information, and the next one.

    Every report received on or after the day of the initial report carries it, whenever its number was due.

    Args:
        opened: the step that opens the series, which starts on the day of the initial report.
    """
    reading = _read(facts, crc[0].in_force.day)
    for entry in reading.entries:
        ended_on = entry.answered_on or entry.closed_on
        if ended_on is not None and ended_on >= opened.start:
            waits = entry is reading.waiting
            yield _due(entry, facts, crc[-1], opened, waits=waits)
    if reading.open is not None:
        yield _due(reading.open, facts, crc[-1], opened, waits=False)


OBSERVED = gettext_noop("The last concluding observations known here were adopted on %(end)s.")
NOT_RECORDED = gettext_noop(
    "No document with the date of the next report is recorded here, so no date counts. The five-year calendar of "
    "article 44(1)(b) alone would give %(end)s."
)
CAME_UNANNOUNCED = gettext_noop(
    "No document with the date of this report is recorded here. The five-year calendar of article 44(1)(b) alone "
    "would give %(end)s."
)
AWAITING = gettext_noop(
    "The report was received on %(start)s and awaits the Committee's review; no later report is due until the "
    "Committee sets its date."
)
AWAITING_SINCE_BEFORE = gettext_noop(
    "The report was received by %(start)s at the latest and awaits the Committee's review; no later report is "
    "due until "
    "the Committee sets its date."
)
WITHOUT_REPORT = gettext_noop(
    "The Committee reviewed the State on %(end)s without a report. The report was not received; the next date is "
    "the one that the concluding observations state."
)


def _due(entry: _Entry, facts: Facts, crc: Membership, opened: Step, *, waits: bool) -> Due:
    """The row of a report, with its trail."""
    computed = after(max(entry.since, opened.start), crc)
    decision, observed = entry.decision, entry.observed
    trail = [*crc.in_force.trail, opened]
    if observed is not None:
        trail.append(Step(observed.document, observed.adopted_on, observed.adopted_on, OBSERVED))
    due_on: date | None = None
    without = entry.reviewed_without
    for one in entry.decisions:
        if without is not None and without.adopted_on <= one.counts_from:
            trail.append(Step(without.document, due_on or computed, without.adopted_on, WITHOUT_REPORT))
            without = None
        trail.append(stated(one, due_on or computed))
        due_on = one.due_on
    if decision is None:
        text = NOT_RECORDED if entry.answered_on is None else CAME_UNANNOUNCED
        trail.append(Step("CRC art. 44(1)(b)", crc.in_force.day, computed, text))
    trail += withdrawals(
        report
        for report in facts.reports
        if report.carried_by == Carrier.CRC_REPORT and entry.overlaps(report)
    )
    if waits and entry.answered_on is not None:
        known = entry.answer is not None and entry.answer.received_on is not None
        text = AWAITING if known else AWAITING_SINCE_BEFORE
        trail.append(Step(PRACTICE, entry.answered_on, None, text))
    if without is not None:
        trail.append(Step(without.document, due_on or computed, without.adopted_on, WITHOUT_REPORT))
    document = decision.document if decision else observed.document if observed else ""
    decided_on = decision.counts_from if decision else observed.adopted_on if observed else None
    return Due(
        ReportKind.PERIODIC,
        entry.first,
        Carrier.CRC_REPORT,
        computed,
        due_on,
        source_of(decision) if decision else DueSource.TREATY_CALENDAR,
        tuple(trail),
        last_cycle=entry.last,
        document=without.document if without else document,
        decided_on=without.adopted_on if without else decided_on,
        year_only=decision.year_only if decision else False,
        waived=entry.closed_on is not None
        or (decision is not None and decision.outcome == DecisionOutcome.WAIVED),
        reviewed_without_on=without.adopted_on if without else None,
        answered_on=entry.answered_on,
        received_on=entry.answer.received_on if entry.answer else None,
        awaiting_since=entry.answered_on if waits else None,
    )
