"""Late and non-reporting States, as the United Nations prints them: initial and periodic reports apart.

Reports under the CRC, in which art. 12(2) asks for information, are a section of their own: the United Nations count
them under the CRC.
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from tracker.obligations.models import CarriedBy
from tracker.obligations.queries.late import (
    CARRIED,
    SECTIONS,
    LateSection,
    bands_sentence,
    counted_on,
    counts_sentence,
    printed_band,
    rows_on,
    section_of,
    unknown_sentence,
)
from tracker.obligations.wording import BAND_LABELS, due_in_words, span
from tracker.registry.models import Region
from tracker.rules.status import Band, Status, over_limit
from tracker.web.ui.as_of import day_of
from tracker.web.ui.columns import RegionColumn, ReportColumn
from tracker.web.ui.filters import (
    ChipSet,
    DeskFilter,
    RegionFilter,
    SeveralFilter,
    YearsFilter,
    named,
    values_sent,
)
from tracker.web.ui.lists import DayListPage
from tracker.web.ui.tables import DayTable, ReportTable, Stood, status_badge


class LateTable(DayTable, ReportTable):
    """Overdue reports with their bands."""

    region = RegionColumn("state__in_order", "due", "pk")
    # Initial, then own periodic, then carried reports: “own” comes after “CRC report”.
    kind = tables.Column(
        _("Kind"), order_by=("kind", "-carried_by", "due", "state__in_order", "pk"), visible=False
    )
    what = ReportColumn(accessor="pk", order_by=("kind", "carried_by", "cycle", "state__in_order", "pk"))
    # The longer overdue, the earlier due: “ascending” begins with the shortest.
    overdue_for = tables.Column(_("Overdue for"), accessor="due", order_by=("-due", "state__in_order", "pk"))
    band = tables.Column(_("Band"), order_by=("-due", "state__in_order", "pk"))
    finer_band = tables.Column(
        _("Finer band"), accessor="band", order_by=("-due", "state__in_order", "pk"), visible=False
    )

    exported_with = ReportTable.exported_with | {"what": ("kind",), "band": ("finer_band",)}

    class Meta:
        sequence = (
            "state", "iso3", "region", "kind", "what", "due", "overdue_for", "band", "finer_band",
        )  # fmt: skip
        order_by = ("kind", "due")

    def render_what(self, record: Any) -> str:
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

    def value_finer_band(self, value: str) -> str:
        return str(BAND_LABELS[Band(value)])


class LateFilter(ChipSet):
    """Overdue reports by desk, State, group, kind and band."""

    desk = DeskFilter()
    q = filters.CharFilter(label=_("Text"), method="filter_text")
    region = RegionFilter()
    kind = SeveralFilter(label=_("Kind"), choices=SECTIONS, method="filter_kind")
    overdue_over = YearsFilter(label=_("Overdue for more than, years"), method="filter_overdue")
    overdue_up_to = YearsFilter(label=_("Overdue for at most, years"), method="filter_overdue")
    band = SeveralFilter(
        label=_("Overdue for"),
        choices=[(band.value, label) for band, label in BAND_LABELS.items()],
        method="filter_band",
    )
    phrases: ClassVar[dict[str, Any]] = {
        "kind": _("of the kind %(values)s"),
        "overdue_over": _("overdue for more than %(values)s"),
        "overdue_up_to": _("overdue for at most %(values)s"),
        "band": _("overdue for %(values)s"),
    }

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In the State's name or code, however it is spelled."""
        return queryset.filter(state__in=named(self.request, value))

    def filter_kind(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """Of some sections."""
        own = Q(kind__in=value, carried_by=CarriedBy.OWN)
        return queryset.filter(own | Q(carried_by=CarriedBy.CRC_REPORT) if CARRIED in value else own)

    def filter_band(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """Overdue for some bands. Reports without record have no band, and stay counted."""
        return queryset.filter(Q(band__in=value) | Q(status=Status.NO_RECORD))

    def filter_overdue(self, queryset: QuerySet[Any], name: str, value: int) -> QuerySet[Any]:
        """Overdue for more than or at most some years. Reports without record stay counted, as with a band."""
        limit = over_limit(day_of(self.request), value)
        due = Q(due__lte=limit) if name == "overdue_over" else Q(due__gt=limit)
        return queryset.filter(due | Q(status=Status.NO_RECORD))


class LateList(DayListPage):
    """`/late/`: who is late on a day, with counts and bands, for all rows or those that match the filters."""

    table_class = LateTable
    filterset_class = LateFilter
    template_name = "web/obligations/late.html"
    export_name = "late"

    def get_queryset(self) -> QuerySet[Any]:
        return rows_on(day_of(self.request), today=timezone.localdate())

    def get_table_data(self) -> QuerySet[Any]:
        # A State is not listed as late when our own records are incomplete: "no record" is only counted.
        return self.object_list.with_status(Status.OVERDUE, day_of(self.request))

    @cached_property
    def counted(self) -> tuple[list[LateSection], int, int]:
        """The rows by section, those without record, and the States of the latter."""
        return counted_on(self.object_list)

    def get_table_kwargs(self) -> dict[str, Any]:
        sections, _unknown, _states = self.counted
        return super().get_table_kwargs() | {"total": sum(section.count for section in sections)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sections, unknown, states = self.counted
        chosen = values_sent(self.request.GET, "region")
        return super().get_context_data(**kwargs) | {
            "sections": sections,
            "counts": counts_sentence(sections, day_of(self.request)),
            "by_band": [said for section in sections if (said := bands_sentence(section))],
            "unknown": unknown_sentence(unknown, states),
            # The printable report is about one regional group, or about all.
            "region": chosen[0] if len(chosen) == 1 and chosen[0] in Region.values else "",
        }
