"""States parties over time, by kind of instrument, with the signatories beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from tracker.registry.models import State
from tracker.rules.entry_into_force import JOINING, ActionKind, TreatyCode
from tracker.rules.facts import Facts
from tracker.web.participation.participation import IN_PLURAL
from tracker.web.pictures.columns import Column, Layer, chart_of
from tracker.web.pictures.page import NumberColumn, PicturePage
from tracker.web.ui.as_of import opsc_on
from tracker.web.ui.filters import ChipSet, RegionFilter
from tracker.web.ui.tables import DayTable

TITLES = {
    ActionKind.RATIFICATION: gettext_lazy("By ratification"),
    ActionKind.ACCESSION: gettext_lazy("By accession"),
    ActionKind.SUCCESSION: gettext_lazy("By succession"),
}
LAYERS = [Layer(kind.value, IN_PLURAL[kind], f"kind-{kind.value}") for kind in JOINING]

TALL, BAR, PITCH = 240, 28, 38  # pixels


@dataclass(frozen=True)
class JoiningYear:
    """Participation at the end of a year, or on the as-of day.

    Attributes:
        until: that day.
        signed, joined: the actions in the year.
        by_kind: the parties by the kind by which they joined.
    """

    year: int
    until: date
    signed: int
    joined: int
    by_kind: Mapping[str, int]
    signatories: int
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def pk(self) -> int:
        """Identifies the row."""
        return self.year

    @property
    def parties(self) -> int:
        """All States parties."""
        return sum(self.by_kind.values())

    @property
    def says(self) -> str:
        """The year in words, for its column."""
        parties = ngettext("%(n)d State party", "%(n)d States parties", self.parties) % {"n": self.parties}
        signed = ngettext("%(n)d signatory", "%(n)d signatories", self.signatories) % {"n": self.signatories}
        return _("%(year)d: %(parties)s, %(signatories)s") % {
            "year": self.year,
            "parties": parties,
            "signatories": signed,
        }


def joining_years(facts: Iterable[Facts], day: date) -> list[JoiningYear]:
    """Each year from the first action on the OPSC to a day; none if nothing was done by then.

    Args:
        facts: those known on the day.
    """
    facts = list(facts)
    signed = [on for one in facts if (on := one.signed_on(TreatyCode.OPSC))]
    periods = [period for one in facts for period in one.memberships(TreatyCode.OPSC)]
    begun = [*signed, *(period.joined.day for period in periods)]
    found = []
    for year in range(min(begun).year, day.year + 1) if begun else ():
        until = min(day, date(year, 12, 31))
        counted = Counter(period.joined.kind for period in periods if period.is_party(until))
        found.append(
            JoiningYear(
                year,
                until,
                sum(on.year == year for on in signed),
                sum(period.joined.day.year == year for period in periods),
                {kind.value: counted[kind] for kind in JOINING},
                sum(on <= until for on in signed),
            )
        )
    return found


class JoiningTable(DayTable):
    """Participation year by year; the latest year comes first."""

    year = tables.Column(gettext_lazy("Year"), order_by=("pk",))
    signed = NumberColumn(gettext_lazy("Signed in the year"), "signed")
    joined = NumberColumn(gettext_lazy("Joined in the year"), "joined")
    vars().update({kind.value: NumberColumn(TITLES[kind], kind.value, within="by_kind") for kind in JOINING})
    parties = NumberColumn(gettext_lazy("States parties"), "parties")
    signatories = NumberColumn(gettext_lazy("Signatories"), "signatories")

    class Meta:
        order_by = "-year"


class JoiningFilter(ChipSet):
    """The States of one regional group."""

    region = RegionFilter(field_name="region")


class PartiesPage(PicturePage):
    """`/pictures/parties/`: a column for each year; its height is the number of States parties at its end."""

    table_class = JoiningTable
    filterset_class = JoiningFilter
    template_name = "web/pictures/parties.html"
    export_name = "parties"

    def get_queryset(self) -> QuerySet[State]:
        return State.objects.only("pk")

    def get_table_data(self) -> list[JoiningYear]:
        chosen = {state.pk for state in self.object_list}
        facts = [one for state, one in opsc_on(self.request).items() if state in chosen]
        self.years = [self._linked(one) for one in joining_years(facts, self.day)]
        return self.years

    def _linked(self, one: JoiningYear) -> JoiningYear:
        def states(participation: str) -> str:
            query = {"participation": participation, "region": self.chosen("region")}
            return self.list_at("states", query, as_of=one.until)

        links = {"parties": states("party"), "signatories": states("signatory")}
        return replace(one, links=links)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        columns = [
            Column(
                str(one.year),
                one.by_kind,
                named=one.year % 5 == 0,
                href=one.links["parties"],
                says=one.says,
                beside=one.signatories,
            )
            for one in self.years
        ]
        last = self.years[-1] if self.years else None
        return context | {
            "chart": chart_of(columns, LAYERS, tall=TALL, bar=BAR, pitch=PITCH),
            "layers": [(one, last.by_kind[one.key]) for one in LAYERS] if last else [],
            "last": last,
        }
