"""Participation in the OPSC on a day: by regional group and by instrument, and the States that are not parties."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from tracker.obligations.counts import ParticipationCounts, participation
from tracker.registry.models import Region, State, Statement, TreatyAction
from tracker.registry.un_names import StateOrder
from tracker.rules.entry_into_force import JOINING, ActionKind, TreatyCode
from tracker.rules.facts import Facts, Membership
from tracker.web.ui.as_of import day_of, facts_on

KINDS = (ActionKind.SIGNATURE, *JOINING)  # the order in which a regional group's actions are counted
IN_PLURAL = {
    ActionKind.SIGNATURE: gettext_lazy("Signatures"),
    ActionKind.RATIFICATION: gettext_lazy("Ratifications"),
    ActionKind.ACCESSION: gettext_lazy("Accessions"),
    ActionKind.SUCCESSION: gettext_lazy("Successions"),
}
HEADINGS = [IN_PLURAL[kind] for kind in KINDS]  # a kind without heading stops the program


@dataclass(frozen=True)
class GroupCounts:
    """The counts of a regional group.

    Attributes:
        counts: their actions by kind, in the order of `KINDS`.
    """

    label: str | Promise
    counts: list[int]
    parties: int
    states: int


@dataclass(frozen=True)
class Party:
    """A State party on the as-of day."""

    state: State
    signed_on: date | None
    membership: Membership


@dataclass(frozen=True)
class Signatory:
    """A State that has signed but not joined."""

    state: State
    signed_on: date


@dataclass(frozen=True)
class Overview:
    """Participation on a day.

    Attributes:
        joined: the parties by kind of instrument, without States that have left.
        waiting: signatories that have never joined, longest waiting first.
        outside: States that have neither signed nor joined.
    """

    counted: ParticipationCounts
    rows: list[GroupCounts]
    joined: list[dict[str, Any]]
    parties: list[Party]
    waiting: list[Signatory]
    outside: list[State]

    @property
    def headings(self) -> Sequence[Promise]:
        """The columns of `GroupCounts.counts`."""
        return HEADINGS

    @property
    def totals(self) -> list[int]:
        """The actions of all groups by kind."""
        return [sum(row.counts[at] for row in self.rows) for at in range(len(KINDS))]

    @property
    def total_parties(self) -> int:
        """The parties of all groups."""
        return sum(row.parties for row in self.rows)

    @property
    def total_states(self) -> int:
        """The States of all groups."""
        return sum(row.states for row in self.rows)


def overview_of(states: Sequence[State], facts: Mapping[str, Facts], day: date) -> Overview:
    """Participation from the facts known on a day.

    Args:
        states: the States to count, in the order of the lists.
        facts: by State, as known on the day.
    """
    opsc = TreatyCode.OPSC
    known = [(state, facts[state.pk]) for state in states if state.pk in facts]
    parties = [
        Party(state, one.signed_on(opsc), membership)
        for state, one in known
        if (membership := one.membership(opsc)) and one.is_party(opsc, day)
    ]
    waiting = [
        Signatory(state, signed)
        for state, one in known
        if (signed := one.signed_on(opsc)) and one.membership(opsc) is None
    ]
    acted = {state.pk for state, one in known if one.signed_on(opsc) or one.membership(opsc)}
    by_kind = Counter(party.membership.joined.kind for party in parties)
    return Overview(
        counted=participation(facts.values(), day),
        rows=_groups(states, facts, day),
        joined=[{"label": TreatyAction.Kind(kind).label, "count": by_kind[kind]} for kind in JOINING],
        parties=parties,
        waiting=sorted(waiting, key=lambda one: one.signed_on),
        outside=[state for state in states if state.pk not in acted],
    )


def _groups(states: Sequence[State], facts: Mapping[str, Facts], day: date) -> list[GroupCounts]:
    rows = []
    for region in (*Region, None):
        members = [s for s in states if s.region == (region.value if region else "")]
        if not members:
            continue
        of_members = [facts[state.pk] for state in members if state.pk in facts]
        done = [
            action.kind for one in of_members for action in one.actions if action.treaty == TreatyCode.OPSC
        ]
        rows.append(
            GroupCounts(
                region.label if region else _("No regional group recorded"),
                [done.count(kind) for kind in KINDS],
                participation(of_members, day).parties,
                len(members),
            )
        )
    return rows


@require_safe
def participation_page(request: HttpRequest) -> HttpResponse:
    """`/participation/`: signatures, ratifications, accessions and successions by regional group."""
    found = overview_of(list(State.objects.all()), facts_on(request), day_of(request))
    return render(
        request,
        "web/participation/participation.html",
        {"found": found, "statements": statements_on(day_of(request))},
    )


def statements_on(day: date) -> dict[str, Any]:
    """The declarations, reservations, objections and territorial applications made by a day.

    Counts those in effect by kind and treaty, and lists all of them without their text.
    """
    rows: list[Any] = list(
        Statement.objects.filter(date__lte=day)
        .select_related("state", "about")
        .defer("text", "note")
        .order_by(StateOrder("state"), "date", "pk")
    )
    in_effect = Counter((row.kind, row.treaty_id) for row in rows if not row.is_withdrawn(day))
    for row in rows:
        row.withdrawn_shown = row.withdrawn_on if row.is_withdrawn(day) else None
    return {
        "rows": rows,
        "in_effect": sum(in_effect.values()),
        "kinds": [
            {"label": kind.label, "counts": [in_effect[kind.value, treaty.value] for treaty in TreatyCode]}
            for kind in Statement.Kind
        ],
    }
