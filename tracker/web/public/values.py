"""What the public pages show: plain values, copied one by one from columns that are named here.

No record reaches a template of the public view. A column that is not named here is not shown, so that one that is
added to a record later stays private until somebody names it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tracker.obligations.counts import CARRIED, ParticipationCounts
from tracker.obligations.queries import late, standings
from tracker.obligations.queries.dossier import Dossier, dossier_of, warning_of
from tracker.obligations.queries.received import SHORTENED, information_in_words
from tracker.obligations.wording import STATUS_LABELS, trust_in_words
from tracker.registry.models import State, TreatyAction
from tracker.registry.names import unadorned
from tracker.rules.dates import in_words
from tracker.rules.due import NO_SYMBOL, PRACTICE, Due
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.status import Status
from tracker.rules.trail import Step
from tracker.web.participation import participation
from tracker.web.reports.dossier import in_sentences
from tracker.web.states import timeline
from tracker.web.today import tiles, trend
from tracker.web.ui.documents import address_of

# Bodies whose documents everybody can read: the Committee, the General Assembly, the treaty bodies together.
PUBLIC_BODIES = ("CRC/", "A/", "HRI/")
ARTICLE = re.compile(r"(?:OPSC|CRC) art\. [0-9]+(?:\([0-9a-z]+\))*|Depositary")
PARAGRAPH = re.compile(r", para\. [0-9]{1,4}(?:\([a-z]\))?(?:[-–][0-9]{1,4})?")
NOTIFICATION = re.compile(r"C\.N\.[0-9]{1,5}\.[0-9]{4}\.(?:TREATIES|Reissued)[A-Za-z0-9.-]{0,20}")
PRINTED = re.compile(r"[0-9]{4}(?:-[0-9]{2}-[0-9]{2})?")

WHERE = re.compile(r"(?:paras?|pages?|pp?)\.? [0-9]{1,4}(?:(?:[-–]|, | and )[0-9]{1,4}){0,9}")
# Sources of trails that are not articles: the rules name them themselves.
OF_THE_RULES = (PRACTICE, NO_SYMBOL)

# --- texts that somebody has typed ----------------------------------------------------------------


def symbol_of(text: str) -> str:
    """The text if it is the symbol of a public document, else nothing: staff may have typed anything."""
    return text if text.startswith(PUBLIC_BODIES) and address_of(text) else ""


def reference_of(text: str) -> str:
    """The text if it is the number of a depositary notification, else nothing."""
    return text if NOTIFICATION.fullmatch(text) else ""


def printed_of(text: str) -> str:
    """The text if it is a year or a day, as the United Nations print a due date; else nothing."""
    return text if PRINTED.fullmatch(text) else ""


def source_of(text: str) -> str:
    """What a step of a trail rests on: an article, the depositary, or a public document with its paragraph.

    Another document is not named: it may be a letter.
    """
    if text in OF_THE_RULES:
        return _(text)
    if ARTICLE.fullmatch(text):
        return text
    symbol, mark, rest = text.partition(", ")
    if symbol_of(symbol):
        return text if mark and PARAGRAPH.fullmatch(f"{mark}{rest}") else symbol
    return _("A document of the Committee")


def step_of(step: Step) -> Step:
    """A step of a trail, resting on what may be named."""
    return replace(step, source=source_of(step.source))


# --- participation --------------------------------------------------------------------------------


@dataclass(frozen=True)
class PublicState:
    """A State by code and name, and since when."""

    iso3: str
    name: str
    since: date | None = None


@dataclass(frozen=True)
class PublicOverview:
    """`/public/`: participation, where the initial reports stand, and how every State stands."""

    counted: ParticipationCounts
    joined: Sequence[Mapping[str, Any]]
    groups: Sequence[participation.GroupCounts]
    totals: Sequence[int]
    total_parties: int
    total_states: int
    waiting: Sequence[PublicState]
    outside: Sequence[PublicState]
    initial: Sequence[tuple[Any, int]]
    carried: Sequence[tuple[Any, int]]
    bands: Sequence[Mapping[str, Any]]
    overdue: int
    blocks: Sequence[tiles.Block]
    legend: Sequence[tiles.Key]


def overview_on(day: date, *, today: date) -> PublicOverview:
    """The figures of the first page and of the page on participation, on a day."""
    states = sorted(State.objects.all(), key=lambda state: unadorned(state.name))
    alike = standings.by_state_on(day, today=today)
    facts = TreatyAction.objects.facts(treaty=TreatyCode.OPSC, until=day)
    fallen = standings.by_year_on(day, today=today)
    found = participation.overview_of(states, facts, day)
    figures = standings.figures_of(alike, facts, day)
    speakers = standings.speakers_on(alike, day, today=today)
    blocks, legend = tiles.tile_map(states, speakers, facts, day)
    return PublicOverview(
        counted=found.counted,
        joined=found.joined,
        groups=found.rows,
        totals=found.totals,
        total_parties=found.total_parties,
        total_states=found.total_states,
        waiting=[PublicState(one.state.iso3, one.state.name, one.signed_on) for one in found.waiting],
        outside=[PublicState(state.iso3, state.name) for state in found.outside],
        initial=_counted(figures[standings.INITIAL]),
        carried=[
            *_counted(figures[standings.CARRIED]),
            *([(_("of these awaiting review"), waiting)] if (waiting := figures["awaiting_review"]) else []),
        ],
        bands=trend.bands_of(fallen),
        overdue=sum(figures[one][Status.OVERDUE] for one in (standings.INITIAL, standings.OWN_PERIODIC)),
        blocks=blocks,
        legend=legend,
    )


def _counted(by_status: Mapping[str, int]) -> list[tuple[Any, int]]:
    """The reports of a series by status; a status that none has is left out."""
    return [(STATUS_LABELS[one], by_status[one]) for one in CARRIED.values() if by_status[one]]


# --- late States ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class LateReport:
    """A report that is overdue."""

    iso3: str
    name: str
    region: str
    label: str
    due: date
    status: str
    band: str
    year_only: bool
    received_on: date | None = None
    reviewed_without_on: date | None = None


@dataclass(frozen=True)
class PublicLate:
    """`/public/late/`: the counts in sentences, the bands, and the reports by kind, the longest overdue first."""

    says: Sequence[str]
    unknown: str
    sections: Sequence[tuple[late.LateSection, Sequence[LateReport]]]


def late_on(day: date, *, today: date) -> PublicLate:
    """Late and non-reporting States on a day; what is without record is counted apart, and never listed."""
    rows = list(late.rows_on(day, today=today).order_by("due", "state__name", "pk"))
    overdue = [row for row in rows if row.status == Status.OVERDUE]
    unknown = [row for row in rows if row.status == Status.NO_RECORD]
    for row in rows:
        row.as_it_stood()
    sections = late.sections_of(
        Counter((late.section_of(row.kind, row.carried_by), row.band) for row in overdue)
    )
    return PublicLate(
        says=[
            late.counts_sentence(sections, day),
            *(said for section in sections if (said := late.bands_sentence(section))),
        ],
        unknown=late.unknown_sentence(len(unknown), len({row.state_id for row in unknown})),
        sections=[
            (
                section,
                [_late(row) for row in overdue if late.section_of(row.kind, row.carried_by) == section.kind],
            )
            for section in sections
        ],
    )


def _late(row: Any) -> LateReport:
    return LateReport(
        row.state.iso3,
        row.state.name,
        str(row.state.get_region_display()),
        row.label,
        row.due,
        row.status,
        late.printed_band(row.band),
        row.year_only,
    )


# --- a State --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PublicObligation:
    """Something owed, with the reasons for its date.

    Attributes:
        pk: its number on the page, by which the table beside the picture points to it.
    """

    pk: int
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
        """What the Committee states, where the page asks a record for it."""
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
        """Its kind, where the timeline asks a record for it."""
        return self.label


@dataclass(frozen=True)
class PublicNonReceipt:
    """A report that was found not to have been received; what the office rests that on stays with it."""

    kind: str
    label: str
    cycle: int
    carried_by: str
    not_received_by: date
    source: str = ""


@dataclass(frozen=True)
class StatePage:
    """`/public/states/USA/`: what a State has done and owes, and why each date is that date."""

    iso3: str
    name: str
    says: str
    next: str
    rule: str
    records: Sequence[str]
    begins_with_initial: bool
    owed: Sequence[PublicObligation]
    calendar: Sequence[Due]
    actions: Sequence[PublicAction]
    entries: Sequence[Entry]
    reports: Sequence[PublicReport]
    reviews: Sequence[PublicReview]
    decisions: Sequence[PublicDecision]
    requests: Sequence[PublicRequest]
    non_receipts: Sequence[PublicNonReceipt]
    picture: timeline.Picture | None
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
    happened = timeline.happenings(known.facts, reports, decisions, requests, missing, reviews, day)
    on_line = timeline.owed_of(owed, day)
    return StatePage(
        iso3=state.iso3,
        name=state.name,
        says=" ".join(in_sentences(known)),
        next=timeline.next_step(on_line, day),
        rule=known.rule,
        records=known.records,
        begins_with_initial=known.begins_with_initial,
        owed=owed,
        calendar=known.calendar,
        actions=[_action(one) for one in known.actions],
        entries=_entries(known),
        reports=reports,
        reviews=reviews,
        decisions=decisions,
        requests=requests,
        non_receipts=missing,
        picture=timeline.picture_of(happened, on_line, day),
        lines=timeline.lines_of(happened, on_line),
    )


def _owed(row: Any, number: int) -> PublicObligation:
    return PublicObligation(
        number,
        row.label,
        row.article,
        row.carried_by,
        row.status,
        row.due,
        row.source,
        row.year_only,
        row.waived,
        row.reviewed_without_on,
        row.computed_on,
        row.answered_on,
        row.received_on,
        row.awaiting_since,
        symbol_of(row.document),
        row.decided_on,
        printed_of(row.printed),
        [step_of(step) for step in row.steps],
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
    reviewed_on = row.reviewed_on if row.reviewed_on and row.reviewed_on <= day else None
    shortened = SHORTENED.get(row.review_precision)
    said = (
        (date_format(reviewed_on, shortened) if shortened else in_words(reviewed_on)) if reviewed_on else ""
    )
    return PublicReport(
        row.kind,
        row.label,
        row.first_cycle,
        row.last_cycle,
        row.carried_by,
        row.cycles,
        row.received_on if row.received_on and row.received_on <= day else None,
        reviewed_on,
        row.review_precision,
        said,
        symbol_of(row.symbol),
        symbol_of(row.observations),
        row.revises_id,
        row.withdrawn_on if row.withdrawn_on and row.withdrawn_on <= day else None,
        _information(row),
        trust_in_words(row),
    )


def _information(row: Any) -> str:
    """Whether a report gives information on the OPSC, and in which paragraphs; other words may be anything."""
    where = row.information_where if WHERE.fullmatch(row.information_where) else ""
    return information_in_words(row, where)


def _review(row: Any) -> PublicReview:
    return PublicReview(
        timeline.reports_label(row),
        row.carried_by,
        symbol_of(row.document),
        row.adopted_on,
        row.session,
        row.without_report,
        row.confidence,
        trust_in_words(row),
    )


def _decision(row: Any) -> PublicDecision:
    return PublicDecision(
        row.kind,
        row.first_cycle,
        row.last_cycle,
        row.carried_by,
        row.cycles,
        symbol_of(row.document),
        row.due_on,
        row.precision,
        row.label,
        row.decided_on,
        str(row.get_outcome_display()),
        trust_in_words(row),
    )


def _request(row: Any, day: date) -> PublicRequest:
    received_on = row.received_on if row.received_on and row.received_on <= day else None
    return PublicRequest(
        str(row.get_kind_display()), symbol_of(row.document), row.issued_on, row.due_on, received_on
    )


def _non_receipt(row: Any) -> PublicNonReceipt:
    return PublicNonReceipt(
        row.kind, str(row.get_kind_display()), row.cycle, row.carried_by, row.not_received_by
    )
