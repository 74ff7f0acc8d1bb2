"""The recorded facts of one State, as the rules read them: treaty actions, reports, statements of the Committee.

Every fact has the day from which it counts, so that `Facts.as_of` can leave out facts not known on a day.

The *series* of a report is the State's own (art. 12(2), last sentence) or that of its reports under the CRC,
which carry the information. A report under the CRC has its own number; if a document only says "the next report",
the number is `NEXT`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Protocol

from tracker.rules.entry_into_force import (
    JOINING,
    ActionFact,
    ActionKind,
    EntryIntoForce,
    denunciation_effective,
    entry_into_force,
)

NEXT = 0  # the number of "the next report" if its number is not known


class ReportKind(StrEnum):
    """The kind of report owed; each has its paragraph of article 12."""

    INITIAL = "initial"
    PERIODIC = "periodic"
    INFORMATION = "information"


class Carrier(StrEnum):
    """Whether a report is the State's own or part of its report under the CRC."""

    OWN = "own"
    CRC_REPORT = "CRC report"


class DecisionOutcome(StrEnum):
    """The Committee's decision about the cycles it names."""

    DATE = "date"
    TO_BE_COMMUNICATED = "to be communicated"
    WAIVED = "waived"


class DocumentKind(StrEnum):
    """The kind of document in which the Committee states a date."""

    OBSERVATIONS = "concluding observations"
    PRIOR_TO_REPORTING = "list of issues prior to reporting"
    OTHER = "other decision"


class RequestKind(StrEnum):
    """The kind of document in which the Committee requests further information."""

    LIST_OF_ISSUES = "list of issues"
    FOLLOW_UP = "follow-up"
    OTHER = "other"


class DatePrecision(StrEnum):
    """How exactly a document prints a date."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class Numbered(Protocol):
    """Something about one or several reports of a series, by their numbers."""

    @property
    def carried_by(self) -> str: ...
    @property
    def first_cycle(self) -> int: ...
    @property
    def last_cycle(self) -> int: ...


def share_number(one: Numbered, other: Numbered) -> bool:
    """Whether two facts of a State name a report in common, of whatever kind."""
    return (
        one.carried_by == other.carried_by
        and NEXT not in (one.first_cycle, other.first_cycle)
        and one.first_cycle <= other.last_cycle
        and other.first_cycle <= one.last_cycle
    )


@dataclass(frozen=True, slots=True)
class DecisionFact:
    """A statement of the Committee about one or several cycles.

    Attributes:
        first_cycle, last_cycle: both `NEXT` if the document only says "the next report under the CRC".
        due_on: the date requested; None unless the outcome is a date. A year alone is stored as its last day.
        decided_on: the day from which it counts; None if the day of the document is not known: then it counts
            from the date that it states.
        precision: how exactly the document prints the date.
        source: the kind of document.
        paragraph: of the document, which the trail cites.
    """

    kind: str
    first_cycle: int
    last_cycle: int
    carried_by: str
    outcome: str
    due_on: date | None
    document: str
    decided_on: date | None
    precision: str = DatePrecision.DAY
    source: str = DocumentKind.OBSERVATIONS
    paragraph: str = ""

    @property
    def counts_from(self) -> date:
        """The day from which the decision counts."""
        day = self.decided_on or self.due_on
        if day is None:
            raise ValueError("a decision without a date needs the day of its document")
        return day

    @property
    def year_only(self) -> bool:
        """Whether the document prints only a year: the report is late only after the end of that year."""
        return self.precision == DatePrecision.YEAR and self.due_on is not None and ends_a_year(self.due_on)


def ends_a_year(day: date) -> bool:
    """Whether a day is 31 December, which stands for a year alone."""
    return (day.month, day.day) == (12, 31)


@dataclass(frozen=True, slots=True)
class ReportFact:
    """A report received, as far as it matters for obligations.

    Attributes:
        received_on: date of receipt; None if it is not known.
        reviewed_by: the latest possible day of the review.
        withdrawn_on: the day on which the State withdrew it.
        known_by: the day of the source that mentions it, if neither receipt nor review is known.
    """

    kind: str
    first_cycle: int
    last_cycle: int
    carried_by: str
    received_on: date | None
    reviewed_by: date | None
    withdrawn_on: date | None = None
    known_by: date | None = None

    @property
    def counts_from(self) -> date:
        """The day from which the report counts: its receipt, else its review, else the day of its source."""
        day = self.received_on or self.reviewed_by or self.known_by
        if day is None:
            raise ValueError("a report needs a date of receipt, of review, or of its source")
        return day

    def as_of(self, day: date) -> ReportFact:
        """The report as known on a day: without a later review or withdrawal."""
        reviewed = self.reviewed_by is None or self.reviewed_by <= day
        withdrawn = self.withdrawn_on is None or self.withdrawn_on <= day
        if reviewed and withdrawn:
            return self
        return replace(
            self,
            reviewed_by=self.reviewed_by if reviewed else None,
            withdrawn_on=self.withdrawn_on if withdrawn else None,
        )


@dataclass(frozen=True, slots=True)
class ReviewFact:
    """Concluding observations of the Committee on a report, or on a State without a report.

    Attributes:
        first_cycle, last_cycle: the report reviewed; both `NEXT` if its number is not known.
        document: the symbol of the concluding observations.
        without_report: the Committee reviewed the State although it had received no report.
    """

    kind: str
    first_cycle: int
    last_cycle: int
    carried_by: str
    document: str
    adopted_on: date
    without_report: bool = False


@dataclass(frozen=True, slots=True)
class RequestFact:
    """A request of the Committee for further information, and the reply to it.

    Attributes:
        number: of the request within the State, kept for life.
        issued_on: the day from which it counts.
        due_on: the date that the document states.
        received_on: receipt of the reply; None before.
    """

    kind: str
    number: int
    document: str
    issued_on: date
    due_on: date
    received_on: date | None = None

    def as_of(self, day: date) -> RequestFact:
        """The request as known on a day: without a later reply."""
        if self.received_on is None or self.received_on <= day:
            return self
        return replace(self, received_on=None)


@dataclass(frozen=True, slots=True)
class NonReceiptFact:
    """A confirmation that a report had not been received by a day.

    Attributes:
        by: that day, according to the source.
    """

    kind: str
    cycle: int
    carried_by: str
    by: date


@dataclass(frozen=True, slots=True)
class Membership:
    """A period in which a State is a party to a treaty.

    Attributes:
        notice_on: receipt of a denunciation; None if there is none.
        ends_on: the day on which that denunciation takes effect.
    """

    joined: ActionFact
    in_force: EntryIntoForce
    notice_on: date | None = None
    ends_on: date | None = None

    def is_party(self, on: date) -> bool:
        """Whether the State counts as a party: from its deposit until a denunciation takes effect."""
        return self.joined.day <= on and (self.ends_on is None or on < self.ends_on)

    def binds(self, on: date) -> bool:
        """Whether a report due on a day belongs to this period: after its entry into force, up to its end."""
        return self.in_force.day < on and (self.ends_on is None or on <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Facts:
    """All recorded facts of one State that matter for its obligations."""

    actions: tuple[ActionFact, ...] = ()
    decisions: tuple[DecisionFact, ...] = ()
    reports: tuple[ReportFact, ...] = ()
    requests: tuple[RequestFact, ...] = ()
    non_receipts: tuple[NonReceiptFact, ...] = ()
    reviews: tuple[ReviewFact, ...] = ()

    def as_of(self, day: date) -> Facts:
        """The facts dated up to a day: deposits, decisions, receipts, reviews, requests and their replies.

        Confirmations of non-receipt are always kept: a report not received by a day was not received before it.
        """
        return Facts(
            tuple(action for action in self.actions if action.day <= day),
            tuple(decision for decision in self.decisions if decision.counts_from <= day),
            tuple(report.as_of(day) for report in self.reports if report.counts_from <= day),
            tuple(request.as_of(day) for request in self.requests if request.issued_on <= day),
            self.non_receipts,
            tuple(review for review in self.reviews if review.adopted_on <= day),
        )

    def days(self) -> list[date]:
        """The days on which a fact starts to count, in order."""
        found = {action.day for action in self.actions}
        found.update(decision.counts_from for decision in self.decisions)
        found.update(review.adopted_on for review in self.reviews)
        for report in self.reports:
            found.add(report.counts_from)
            found.update(day for day in (report.reviewed_by, report.withdrawn_on) if day is not None)
        for request in self.requests:
            found.add(request.issued_on)
            if request.received_on is not None:
                found.add(request.received_on)
        return sorted(found)

    def signed_on(self, treaty: str) -> date | None:
        """The day of the State's signature, or None."""
        return next(
            (a.day for a in self.actions if a.treaty == treaty and a.kind == ActionKind.SIGNATURE), None
        )

    def memberships(self, treaty: str) -> tuple[Membership, ...]:
        """The State's periods as a party to a treaty, in order; a State may leave and join again."""
        found: list[Membership] = []
        for action in sorted(
            (a for a in self.actions if a.treaty == treaty and a.kind != ActionKind.SIGNATURE), key=_in_order
        ):
            left = bool(found) and found[-1].notice_on is not None
            if action.kind in JOINING and (not found or left):
                found.append(Membership(action, entry_into_force(action)))
            elif action.kind == ActionKind.DENUNCIATION and found and not left:
                found[-1] = replace(found[-1], notice_on=action.day, ends_on=denunciation_effective(action))
        return tuple(found)

    def membership(self, treaty: str) -> Membership | None:
        """The State's latest period as a party to a treaty, or None if it never joined."""
        return next(reversed(self.memberships(treaty)), None)

    def is_party(self, treaty: str, on: date) -> bool:
        """Whether the State counts as a party to a treaty on a day."""
        return any(period.is_party(on) for period in self.memberships(treaty))


def _in_order(action: ActionFact) -> tuple[date, bool]:
    """By day; on the same day a denunciation comes after joining."""
    return action.day, action.kind == ActionKind.DENUNCIATION


def bound(periods: Iterable[Membership], on: date) -> bool:
    """Whether a report due on a day belongs to one of these periods."""
    return any(period.binds(on) for period in periods)
