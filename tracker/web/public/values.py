"""The content of the public pages: plain values of the columns that are named here.

No model reaches a template of the public view, and a column that is not named here is not shown. So a column that is
added to a model later stays private until it is named here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, TypeVar

from django.core.paginator import Paginator
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tracker.obligations.counts import CARRIED, ParticipationCounts
from tracker.obligations.queries import late, standings
from tracker.obligations.wording import STATUS_LABELS
from tracker.registry.models import State, TreatyAction
from tracker.registry.un_names import StateOrder
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.status import Status
from tracker.web.participation import participation
from tracker.web.pictures import trend
from tracker.web.today import tiles

LATE_ON_A_PAGE = 200

Named = TypeVar("Named")


def named_values(kind: type[Named], of: Any, **instead: Any) -> Named:
    """Some values of a row or figure: those that a class names, or others in their place."""
    names: Any = fields(kind)  # type: ignore[arg-type]  # each Named is a dataclass
    return kind(
        **{one.name: instead[one.name] if one.name in instead else getattr(of, one.name) for one in names}
    )


# --- participation --------------------------------------------------------------------------------


@dataclass(frozen=True)
class PublicState:
    """A State by code and name, with the day of its action."""

    iso3: str
    name: str
    since: date | None = None


@dataclass(frozen=True)
class PublicOverview:
    """`/public/`: participation, initial reports by status, and the status of every State."""

    counted: ParticipationCounts
    joined: Sequence[Mapping[str, Any]]
    headings: Sequence[Promise]
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
    states = list(State.objects.all())
    alike = standings.by_state_on(day, today=today)
    facts = TreatyAction.objects.facts(treaty=TreatyCode.OPSC, until=day)
    fallen = standings.by_year_on(day, today=today)
    found = participation.overview_of(states, facts, day)
    figures = standings.figures_of(alike, facts, day)
    speakers = standings.speakers_on(alike, day, today=today)
    blocks, legend = tiles.tile_map(states, speakers, facts, day)
    return named_values(
        PublicOverview,
        found,
        groups=found.rows,
        waiting=[PublicState(one.state.iso3, one.state.shown_name, one.signed_on) for one in found.waiting],
        outside=[PublicState(state.iso3, state.shown_name) for state in found.outside],
        initial=_counted(figures[standings.INITIAL]),
        carried=[
            *_counted(figures[standings.CARRIED]),
            *(
                [(_("of these awaiting the review that sets the next date"), waiting)]
                if (waiting := figures["awaiting_review"])
                else []
            ),
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
    """`/public/late/`: the counts in sentences, the bands, and the reports by kind, the longest overdue first.

    Attributes:
        listed: the reports of the page, by section.
        first, last, total: the positions of its first and last report, and the number of all reports.
        before, after: the numbers of the previous and next page; None if there is none.
    """

    says: Sequence[str]
    unknown: str
    sections: Sequence[late.LateSection]
    listed: Sequence[tuple[late.LateSection, Sequence[LateReport]]]
    first: int
    last: int
    total: int
    before: int | None
    after: int | None


def late_on(day: date, number: int, *, today: date) -> PublicLate:
    """Late and non-reporting States on a day; reports without record are only counted.

    Args:
        number: of the page; one that is too high gives the last page.
    """
    rows: Any = late.rows_on(day, today=today)
    sections, unknown, states = late.counted_on(rows)
    overdue = rows.with_status(Status.OVERDUE, day)
    overdue = overdue.order_by("kind", "-carried_by", "due", StateOrder("state"), "pk")
    page = Paginator(overdue, LATE_ON_A_PAGE).get_page(number)
    reports = [(late.section_of(row.kind, row.carried_by), _late(row.as_it_stood())) for row in page]
    return PublicLate(
        says=[
            late.counts_sentence(sections, day),
            *(said for section in sections if (said := late.bands_sentence(section))),
        ],
        unknown=late.unknown_sentence(unknown, states),
        sections=sections,
        listed=[(section, [one for kind, one in reports if kind == section.kind]) for section in sections],
        first=page.start_index(),
        last=page.end_index(),
        total=page.paginator.count,
        before=page.previous_page_number() if page.has_previous() else None,
        after=page.next_page_number() if page.has_next() else None,
    )


def _late(row: Any) -> LateReport:
    return LateReport(
        row.state.iso3,
        row.state.shown_name,
        str(row.state.get_region_display()),
        row.label,
        row.due,
        row.status,
        late.printed_band(row.band),
        row.year_only,
    )
