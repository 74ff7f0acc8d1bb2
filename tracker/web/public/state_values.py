"""What the public page of a State shows: plain values of the columns that are named here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.obligations.queries.answer import awaited_in_words
from tracker.obligations.queries.dossier import Dossier, dossier_of, warning_of
from tracker.obligations.queries.received import information_in_words, known_day
from tracker.obligations.wording import trust_in_words
from tracker.registry.models import State
from tracker.rules.due import Due
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.trail import Step
from tracker.web.public.typed_texts import WHERE, printed_of, reference_of, step_of, symbol_of
from tracker.web.public.values import named_values
from tracker.web.states import timeline, timeline_picture


@dataclass(frozen=True)
class PublicObligation:
    """An obligation, with the reasons for its date.

    Attributes:
        pk: its number on the page, by which the table next to the picture links to it.
    """

    pk: int
    kind: str
    label: str
    article: str
    carried_by: str
    status: str
    due: date | None
    source: str
    year_only: bool
    waived: bool
    reviewed_without_on: date | None
    computed_on: date
    answered_on: date | None
    received_on: date | None
    awaiting_since: date | None
    document: str
    decided_on: date | None
    printed: str
    steps: Sequence[Step]
    expected_in: str


@dataclass(frozen=True)
class PublicAction:
    """A treaty action."""

    treaty: str
    label: str
    on: date
    effective_on: date | None
    to_be_confirmed: bool
    reference: str


@dataclass(frozen=True)
class Entry:
    """When a treaty entered into force for the State, and why then."""

    treaty: str
    on: date
    ends_on: date | None
    steps: Sequence[Step]
    warning: str


@dataclass(frozen=True)
class PublicReport:
    """A report received, and its review as far as it is known."""

    kind: str
    label: str
    first_cycle: int
    last_cycle: int
    carried_by: str
    cycles: str
    received_on: date | None
    reviewed_on: date | None
    review_precision: str
    reviewed: str
    symbol: str
    observations: str
    revises_id: int | None
    withdrawn_on: date | None
    information: str
    trust: str


@dataclass(frozen=True)
class PublicReview:
    """Concluding observations of the Committee."""

    label: str
    carried_by: str
    document: str
    adopted_on: date
    session: int | None
    without_report: bool
    confidence: str
    trust: str


@dataclass(frozen=True)
class PublicDecision:
    """A date that the Committee stated."""

    kind: str
    first_cycle: int
    last_cycle: int
    carried_by: str
    cycles: str
    document: str
    due_on: date | None
    precision: str
    label: str
    decided_on: date | None
    outcome: str
    trust: str

    def get_outcome_display(self) -> str:
        """The outcome in words, as on a model."""
        return self.outcome


@dataclass(frozen=True)
class PublicRequest:
    """A request of the Committee for further information."""

    label: str
    document: str
    issued_on: date
    due_on: date
    received_on: date | None

    def get_kind_display(self) -> str:
        """Its kind in words, as on a model."""
        return self.label


@dataclass(frozen=True)
class PublicNonReceipt:
    """A confirmed non-receipt, without the office's source."""

    kind: str
    label: str
    cycle: int
    carried_by: str
    not_received_by: date
    source: str = ""


@dataclass(frozen=True)
class StatePage:
    """`/public/states/USA/`: participation and obligations of a State, with the reason for each date."""

    iso3: str
    name: str
    says: str
    next: str
    rule: str
    records: Sequence[str]
    begins_with_initial: str
    owed: Sequence[PublicObligation]
    calendar: Sequence[Due]
    actions: Sequence[PublicAction]
    entries: Sequence[Entry]
    reports: Sequence[PublicReport]
    reviews: Sequence[PublicReview]
    decisions: Sequence[PublicDecision]
    requests: Sequence[PublicRequest]
    non_receipts: Sequence[PublicNonReceipt]
    picture: timeline_picture.Picture | None
    lines: Sequence[timeline.TimelineLine]


def state_on(state: State, day: date, *, today: date) -> StatePage:
    """A State on a day."""
    known = dossier_of(state, day, today=today)
    owed = [_owed(row, number) for number, row in enumerate(known.obligations, 1)]
    reports = [_report(one, day) for one in known.submissions]
    reviews = [_review(one) for one in known.reviews]
    decisions = [_decision(one) for one in known.decisions]
    requests = [_request(one, day) for one in known.requests]
    missing = [_non_receipt(one) for one in known.non_receipts]
    actions = [_action(one) for one in known.actions]
    notified = {(one.label, one.on): one.reference for one in actions if one.treaty == TreatyCode.OPSC}
    happened = timeline.happenings(known.facts, reports, decisions, requests, missing, reviews, day, notified)
    on_line = timeline.owed_of(owed, day)
    return named_values(
        StatePage,
        known,
        iso3=state.iso3,
        name=state.shown_name,
        says=known.introduction,
        next=awaited_in_words(owed, known.facts, day) if known.opsc else "",
        owed=owed,
        actions=actions,
        entries=_entries(known),
        reports=reports,
        reviews=reviews,
        decisions=decisions,
        requests=requests,
        non_receipts=missing,
        picture=timeline_picture.picture_of(happened, on_line, day),
        lines=timeline.lines_of(happened, on_line),
    )


def _owed(row: Any, number: int) -> PublicObligation:
    return named_values(
        PublicObligation,
        row,
        pk=number,
        document=symbol_of(row.document),
        printed=printed_of(row.printed),
        steps=[step_of(step) for step in row.steps],
    )


def _action(row: Any) -> PublicAction:
    return PublicAction(
        row.treaty_id,
        str(row.get_kind_display()),
        row.date,
        row.effective_on,
        row.to_be_confirmed,
        reference_of(row.reference),
    )


def _entries(known: Dossier) -> list[Entry]:
    return [
        Entry(
            treaty,
            one.in_force.day,
            one.ends_on,
            [step_of(step) for step in one.in_force.trail],
            warning_of(one.in_force),
        )
        for treaty, one in known.memberships
    ]


def _report(row: Any, day: date) -> PublicReport:
    reviewed_on = _known(row.reviewed_on, day)
    return named_values(
        PublicReport,
        row,
        received_on=_known(row.received_on, day),
        reviewed_on=reviewed_on,
        reviewed=known_day(reviewed_on, row.review_precision) if reviewed_on else "",
        symbol=symbol_of(row.symbol),
        observations=symbol_of(row.observations),
        withdrawn_on=_known(row.withdrawn_on, day),
        information=_information(row),
        trust=trust_in_words(row),
    )


def _known(on: date | None, day: date) -> date | None:
    """A day on which something happened, if it was not after the as-of day."""
    return on if on and on <= day else None


def _information(row: Any) -> str:
    """Whether a report gives information on the OPSC, and in which paragraphs; other text is not published."""
    where = row.information_where if WHERE.fullmatch(row.information_where) else ""
    return information_in_words(row, where)


def _review(row: Any) -> PublicReview:
    return named_values(PublicReview, row, document=symbol_of(row.document), trust=trust_in_words(row))


def _decision(row: Any) -> PublicDecision:
    return named_values(
        PublicDecision,
        row,
        document=symbol_of(row.document),
        outcome=str(row.get_outcome_display()),
        trust=trust_in_words(row),
    )


def _request(row: Any, day: date) -> PublicRequest:
    return named_values(
        PublicRequest,
        row,
        label=str(row.get_kind_display()),
        document=symbol_of(row.document),
        received_on=_known(row.received_on, day),
    )


def _non_receipt(row: Any) -> PublicNonReceipt:
    return named_values(PublicNonReceipt, row, label=str(row.get_kind_display()), source="")
