"""Late and non-reporting States, as the United Nations prints them: initial and periodic reports apart.

Reports under the CRC, in which art. 12(2) asks for information, are a section of their own: the United Nations count
them under the CRC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker.obligations.models import CarriedBy, Kind, Obligation
from tracker.obligations.wording import BAND_LABELS, due_in_words, span
from tracker.registry.models import Region
from tracker.rules.dates import in_words
from tracker.rules.status import Band, Status
from tracker.web.columns import DayColumn, StateColumn
from tracker.web.days import day_of
from tracker.web.filters import ChipSet, DeskFilter, named
from tracker.web.lists import DayListPage
from tracker.web.tables import DayTable, Stood, status_badge

Label = str | Promise

# The bands of the reports to the General Assembly, longest first, and the finer ones inside them.
PRINTED: tuple[tuple[Label, tuple[Band, ...]], ...] = (
    (BAND_LABELS[Band.OVER_10], (Band.OVER_10,)),
    (BAND_LABELS[Band.FROM_5_TO_10], (Band.FROM_5_TO_10,)),
    (gettext_lazy("under 5 years"), (Band.FROM_1_TO_5, Band.UNDER_1)),
)
CARRIED = "carried"
SECTIONS: tuple[tuple[str, Label], ...] = (
    (Kind.INITIAL.value, gettext_lazy("Initial reports")),
    (Kind.PERIODIC.value, gettext_lazy("Periodic reports")),
    (CARRIED, gettext_lazy("Reports under the Convention")),
)


# --- counts ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BandCount:
    """How many reports of a kind are overdue for so long.

    Attributes:
        bands: our own bands that the printed one spans.
        finer: those with their counts; empty where the printed band is one of ours.
    """

    label: Label
    bands: tuple[Band, ...]
    count: int
    finer: Sequence[tuple[Band, Label, int]]


@dataclass(frozen=True)
class Section:
    """The overdue reports of one kind, by how long.

    Attributes:
        kind: initial, periodic (a State's own), or `CARRIED`.
    """

    kind: str
    label: Label
    count: int
    bands: list[BandCount]

    @property
    def says(self) -> str:
        """What the reports of the section are, where their name does not say it; else nothing."""
        if self.kind != CARRIED or not self.count:
            return ""
        return _(
            "These are States’ reports under the Convention (CRC art. 44), in which OPSC art. 12(2) asks for "
            "information. The United Nations count them under the Convention, not under the OPSC."
        )


def section_of(kind: str, carried_by: str) -> str:
    """In which section a report is counted."""
    return CARRIED if carried_by == CarriedBy.CRC_REPORT else kind


def rows_on(day: date, *, today: date | None = None) -> QuerySet[Any]:
    """The reports that are overdue on a day, and those without record, which are counted and never listed.

    Args:
        today: makes them quick to find on that day and later, see `as_of`.
    """
    return (
        Obligation.objects.as_of(day, today=today)
        .past_due(day)
        .exclude(kind=Kind.INFORMATION)
        .select_related("state")
        .defer("trail")
    )


def sections_of(counted: Mapping[tuple[str, str], int]) -> list[Section]:
    """The counts by kind and printed band.

    Args:
        counted: the overdue reports by section and by our own band.
    """
    found = []
    for kind, label in SECTIONS:
        bands = []
        for name, ours in PRINTED:
            counts = [(band, BAND_LABELS[band], counted.get((kind, band.value), 0)) for band in ours]
            finer = counts if len(ours) > 1 else []
            bands.append(BandCount(name, ours, sum(count for _band, _name, count in counts), finer))
        found.append(Section(kind, label, sum(band.count for band in bands), bands))
    return found


def counts_sentence(sections: Sequence[Section], day: date) -> str:
    """The two numbers, as the United Nations prints them, and the reports under the Convention apart."""
    initial, periodic, carried = (section.count for section in sections)
    said = _("As at %(on)s, %(initial)s and %(periodic)s were overdue under article 12 of the OPSC.") % {
        "initial": ngettext("%(n)d initial report", "%(n)d initial reports", initial) % {"n": initial},
        "periodic": ngettext("%(n)d periodic report", "%(n)d periodic reports", periodic) % {"n": periodic},
        "on": in_words(day),
    }
    if not carried:
        return said
    apart = ngettext(
        "Besides, %(n)d report under the Convention (CRC art. 44) was overdue, in which article 12(2) asks for "
        "information.",
        "Besides, %(n)d reports under the Convention (CRC art. 44) were overdue, in which article 12(2) asks for "
        "information.",
        carried,
    ) % {"n": carried}
    return f"{said} {apart}"


def bands_sentence(section: Section) -> str:
    """The reports of a kind by how long they are overdue; nothing where none is."""
    if not section.count:
        return ""
    pattern = {
        Kind.INITIAL.value: _(
            "Of the initial reports, %(over)d were overdue for more than ten years, %(middle)d for five to ten "
            "years and %(under)d for less than five years."
        ),
        Kind.PERIODIC.value: _(
            "Of the periodic reports, %(over)d were overdue for more than ten years, %(middle)d for five to ten "
            "years and %(under)d for less than five years."
        ),
        CARRIED: _(
            "Of the reports under the Convention, %(over)d were overdue for more than ten years, %(middle)d for five "
            "to ten years and %(under)d for less than five years."
        ),
    }[section.kind]
    over, middle, under = (band.count for band in section.bands)
    return pattern % {"over": over, "middle": middle, "under": under}


def unknown_sentence(reports: int, states: int) -> str:
    """What is not listed because nothing is known of it; nothing where there is no such report."""
    if not reports:
        return ""
    return ngettext(
        "%(n)d report that the office’s records do not cover (States concerned: %(states)d) is not listed here: a "
        "State is not listed as late when our own records are incomplete.",
        "%(n)d reports that the office’s records do not cover (States concerned: %(states)d) are not listed here: a "
        "State is not listed as late when our own records are incomplete.",
        reports,
    ) % {"n": reports, "states": states}


def printed_band(band: str) -> str:
    """The printed band in which one of ours lies."""
    return next(str(label) for label, bands in PRINTED if band in bands)


# --- the list -------------------------------------------------------------------------------------


class LateTable(DayTable):
    """Overdue reports with their bands."""

    state = StateColumn(order_by=("state__name", "due", "pk"))
    iso3 = tables.Column(
        gettext_lazy("Alpha-3"), accessor="state_id", order_by=("state_id", "due", "pk"), visible=False
    )
    region = tables.Column(
        gettext_lazy("Regional group"),
        accessor="state__get_region_display",
        order_by=("state__region", "state__name", "due", "pk"),
    )
    # Initial, then own periodic, then carried reports: “own” comes after “CRC report”.
    kind = tables.Column(
        gettext_lazy("Kind"), order_by=("kind", "-carried_by", "due", "state__name", "pk"), visible=False
    )
    what = tables.Column(
        gettext_lazy("Report"),
        accessor="kind",
        order_by=("kind", "carried_by", "cycle", "state__name", "pk"),
        attrs={"td": {"class": "what"}},
    )
    due = DayColumn(gettext_lazy("Due"), order_by=("due", "state__name", "pk"))
    # The longer overdue, the earlier due: “upwards” begins with the shortest.
    overdue_for = tables.Column(
        gettext_lazy("Overdue for"), accessor="due", order_by=("-due", "state__name", "pk")
    )
    band = tables.Column(gettext_lazy("Band"), order_by=("-due", "state__name", "pk"))
    finer_band = tables.Column(
        gettext_lazy("Finer band"), accessor="band", order_by=("-due", "state__name", "pk"), visible=False
    )

    told_along = {"state": ("iso3",), "what": ("kind",), "band": ("finer_band",)}

    class Meta:
        order_by = ("kind", "due")
        attrs = {"class": "rows"}

    def render_what(self, record: Any) -> str:
        return Stood(record).label

    def value_what(self, record: Any) -> str:
        return Stood(record).label

    def value_kind(self, record: Any) -> str:
        return section_of(record.kind, record.carried_by)

    def render_due(self, record: Any) -> str:
        return due_in_words(record.due, year_only=record.then_year_only)

    def value_due(self, value: date) -> date:
        return value

    def render_overdue_for(self, record: Any) -> str:
        return status_badge(record.status, record.due, None, self.day)

    def value_overdue_for(self, value: date) -> str:
        return span(value, self.day)

    def render_band(self, value: str) -> str:
        return printed_band(value)

    def value_band(self, value: str) -> str:
        return printed_band(value)

    def value_finer_band(self, value: str) -> str:
        return str(BAND_LABELS[Band(value)])


class LateFilter(ChipSet):
    """Overdue reports by desk, State, group, kind and band."""

    desk = DeskFilter()
    q = filters.CharFilter(label=gettext_lazy("Text"), method="filter_text")
    region = filters.ChoiceFilter(
        label=gettext_lazy("Regional group"), field_name="state__region", choices=Region
    )
    kind = filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=SECTIONS, method="filter_kind")
    band = filters.ChoiceFilter(
        label=gettext_lazy("Overdue for"),
        choices=[(band.value, label) for band, label in BAND_LABELS.items()],
        method="filter_band",
    )

    class Meta:
        model = Obligation
        fields: list[str] = []

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In the State's name or code, however it is spelled."""
        return queryset.filter(state__in=named(self.request, value))

    def filter_kind(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Of one section."""
        if value == CARRIED:
            return queryset.filter(carried_by=CarriedBy.CRC_REPORT)
        return queryset.filter(kind=value, carried_by=CarriedBy.OWN)

    def filter_band(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Overdue for so long. What is without record is in no band, and stays counted."""
        return queryset.filter(Q(band=value) | Q(status=Status.NO_RECORD))


class LateList(DayListPage):
    """`/late/`: who is late on a day, the two counts and the bands, of all or of what the filters leave."""

    table_class = LateTable
    filterset_class = LateFilter
    template_name = "web/late.html"
    export_name = "late"

    def get_queryset(self) -> QuerySet[Any]:
        return rows_on(day_of(self.request), today=timezone.localdate())

    def get_table_data(self) -> QuerySet[Any]:
        # Missing data accuses nobody: what is without record is counted apart, and never listed.
        return self.object_list.with_status(Status.OVERDUE, day_of(self.request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # One row for each State, series and band, so that the States concerned can be counted once.
        columns = ("state", "kind", "carried_by", "band")
        by_state = self.object_list.order_by().values_list(*columns).annotate(Count("pk"))
        counted: Counter[tuple[str, str]] = Counter()
        unknown: Counter[str] = Counter()
        for state, kind, carried_by, band, count in by_state:
            if band is None:
                unknown[state] += count
            else:
                counted[section_of(kind, carried_by), band] += count
        sections = sections_of(counted)
        chosen = self.request.GET.get("region", "")
        return super().get_context_data(**kwargs) | {
            "sections": sections,
            "counts": counts_sentence(sections, day_of(self.request)),
            "by_band": [said for section in sections if (said := bands_sentence(section))],
            "unknown": unknown_sentence(unknown.total(), len(unknown)),
            "region": chosen if chosen in Region.values else "",
        }
