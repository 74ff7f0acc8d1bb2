"""Timeliness by regional group: small pictures side by side, on one scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Count, Max, QuerySet
from django.db.models.functions import ExtractYear
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.obligations.models import Kind
from tracker.obligations.queries.standings import Label, StandingRow, owed_on
from tracker.registry.models import Region
from tracker.rules.status import Status
from tracker.web.pictures.columns import Chart, chart_of
from tracker.web.pictures.page import NumberColumn, PicturePage
from tracker.web.pictures.trend import OUTCOMES, Year, columns_of, years_of
from tracker.web.ui.filters import SERIES, ChipSet
from tracker.web.ui.tables import DayTable

GROUPS: dict[str, Label] = {
    **{region.value: region.label for region in Region},
    "": _("No regional group recorded"),
}
TALL, BAR, PITCH = 110, 9, 12  # pixels; narrow enough for a phone


@dataclass(frozen=True)
class RegionYear:
    """The reports of a regional group that fell due in a year, by outcome."""

    region: str
    label: Label
    year: int
    counts: Mapping[str, int]
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def pk(self) -> str:
        """Identifies the row."""
        return f"{self.region} {self.year}"

    @property
    def total(self) -> int:
        """All that fell due in the year."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class RegionPicture:
    """A group's columns, and its list.

    Attributes:
        due: the reports that fell due.
        on_time: those of them received on time.
    """

    label: Label
    href: str
    due: int
    on_time: int
    chart: Chart


class OutcomeColumn(NumberColumn):
    """A count of one outcome."""

    def __init__(self, status: Status) -> None:
        label = next(one.label for one in OUTCOMES if one.key == status)
        super().__init__(label, status.value, within="counts")


class RegionTable(DayTable):
    """Outcomes by regional group and year."""

    region = tables.Column(_("Regional group"), accessor="label", order_by=("region", "year", "pk"))
    year = tables.Column(_("Due in"), order_by=("year", "region", "pk"))
    on_time = OutcomeColumn(Status.ON_TIME)
    late = OutcomeColumn(Status.LATE)
    date_unknown = OutcomeColumn(Status.DATE_UNKNOWN)
    overdue = OutcomeColumn(Status.OVERDUE)
    no_record = OutcomeColumn(Status.NO_RECORD)
    total = NumberColumn(_("All"), "total")

    class Meta:
        order_by = "region"


class RegionYearFilter(ChipSet):
    """Reports of a kind or series."""

    kind = filters.ChoiceFilter(
        label=_("Kind"), choices=[one for one in Kind.choices if one[0] != Kind.INFORMATION]
    )
    carried_by = filters.ChoiceFilter(label=_("Series"), choices=SERIES)


class RegionsPage(PicturePage):
    """`/pictures/regions/`: what became of the reports that fell due, group beside group."""

    table_class = RegionTable
    filterset_class = RegionYearFilter
    template_name = "web/pictures/regions.html"
    export_name = "regions"
    rows_on_a_page = 50

    def get_queryset(self) -> QuerySet[Any]:
        due = owed_on(self.day, today=timezone.localdate(), bands=False).filter(due__lte=self.day)
        return due.exclude(kind=Kind.INFORMATION)

    def get_table_data(self) -> list[RegionYear]:
        self.years = years_by_region(self.object_list, self.day)
        return [
            RegionYear(region, label, one.year, one.counts, self._links(region, one))
            for region, label in GROUPS.items()
            for one in self.years.get(region, ())
        ]

    def _links(self, region: str, one: Year) -> dict[str, str]:
        """The lists of a group's year by outcome; there is no list of the States without a group."""
        if not region:
            return {}
        within = {"due_from": one.since.isoformat(), "due_until": one.until.isoformat()}
        return {
            layer.key: self._obligations(region, status=layer.key, **within)
            for layer in OUTCOMES
            if one.counts[layer.key]
        }

    def _obligations(self, region: str, **query: str) -> str:
        kind = self.chosen("kind") or "reports"
        carried_by = self.chosen("carried_by")
        return self.list_at("obligations", {"region": region, "kind": kind, "carried_by": carried_by} | query)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        most = max((year.total for years in self.years.values() for year in years), default=0)
        found = [
            RegionPicture(
                label,
                self._obligations(region, due_until=self.day.isoformat()) if region else "",
                sum(one.total for one in years),
                sum(one.counts[Status.ON_TIME] for one in years),
                chart_of(columns_of(years), OUTCOMES, most=most, tall=TALL, bar=BAR, pitch=PITCH),
            )
            for region, label in GROUPS.items()
            if (years := self.years.get(region))
        ]
        due, on_time = (sum(getattr(one, name) for one in found) for name in ("due", "on_time"))
        return context | {"regions": found, "outcomes": OUTCOMES, "due": due, "on_time": on_time}


def years_by_region(rows: QuerySet[Any], day: date) -> dict[str, list[Year]]:
    """The outcomes of each regional group by year, for every group from the first year of all to the last."""
    counted = rows.order_by().values_list("state__region", "kind", "status", ExtractYear("due"))
    by_region: dict[str, list[StandingRow]] = {}
    for region, kind, status, _year, last, number in counted.annotate(Max("due"), Count("pk")):
        row = StandingRow("", kind, 0, "", "", last, status, None, number=number)
        by_region.setdefault(region, []).append(row)
    together = years_of([row for rows in by_region.values() for row in rows], day)
    if not together:
        return {}
    found = {}
    for region, some in by_region.items():
        years = {one.year: one for one in years_of(some, day)}
        if years:
            found[region] = [
                years.get(one.year, Year(one.year, dict.fromkeys(one.counts, 0), one.until))
                for one in together
            ]
    return found
