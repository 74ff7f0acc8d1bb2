"""`/calendar/years/`: in which year the Committee's calendar expects the report of each State."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
import django_tables2 as tables
from django.db.models import Count, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from tracker.obligations.models import ExpectedYear, Trust
from tracker.obligations.queries.expected import in_effect
from tracker.web.ui.as_of import day_of
from tracker.web.ui.columns import DayColumn, EditColumn, RegionColumn, StateColumn, code_or_words
from tracker.web.ui.filters import ChipSet, DeskFilter, RegionFilter, SeveralFilter, StateChoiceFilter, named
from tracker.web.ui.lists import DayListPage
from tracker.web.ui.tables import DayTable


def _years() -> list[tuple[str, str]]:
    """The years that any calendar names."""
    years = ExpectedYear.objects.order_by("year").values_list("year", flat=True).distinct()
    return [(str(year), str(year)) for year in years]


class ExpectedYearFilter(ChipSet):
    """Years by desk, State, group, year, confidence and text."""

    desk = DeskFilter()
    q = filters.CharFilter(label=_("Text"), method="filter_text")
    state = StateChoiceFilter()
    region = RegionFilter()
    year = SeveralFilter(label=_("Year"), choices=_years)
    confidence = SeveralFilter(label=_("Confidence"), choices=Trust)
    phrases: ClassVar[dict[str, Any]] = {
        "year": _("expected in %(values)s"),
        "confidence": _("with the confidence %(values)s"),
    }

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In the State's name or code, however it is spelled."""
        return queryset.filter(state__in=named(self.request, value))


class ExpectedYearTable(DayTable):
    """The years that count on a day (rows of `in_effect`)."""

    then = ("state__in_order", "pk")
    year = tables.Column(_("Year"))
    state = StateColumn(order_by=("state__in_order", "pk"))
    iso3 = tables.Column(_("Alpha-3"), accessor="state_id", order_by=("state_id", "pk"), visible=False)
    region = RegionColumn("year", "state__in_order", "pk")
    calendar = tables.Column(
        _("Calendar"),
        order_by=("calendar", "year", "state__in_order", "pk"),
        attrs={"td": {"class": "what"}},
    )
    document = tables.Column(_("Document"), attrs={"td": {"class": "what"}})
    decided_on = DayColumn(_("Published on"))
    confidence = tables.Column(_("Confidence"))
    source = tables.Column(_("Source"), order_by=("source", "pk"), visible=False)
    note = tables.Column(_("Note"), orderable=False, visible=False)
    edit = EditColumn()

    exported_with: ClassVar[dict[str, tuple[str, ...]]] = {"state": ("iso3",)}

    class Meta:
        order_by = "year"

    def value_confidence(self, record: Any) -> str:
        return code_or_words(record.confidence, record.get_confidence_display())


class ExpectedYearList(DayListPage):
    """The years that count on the day, with how many States each year has."""

    table_class = ExpectedYearTable
    filterset_class = ExpectedYearFilter
    template_name = "web/consideration/expected_years.html"
    export_name = "expected-years"

    def get_queryset(self) -> QuerySet[Any]:
        return in_effect(day_of(self.request)).select_related("state")

    def get_table_kwargs(self) -> dict[str, Any]:
        may_edit = self.request.user.has_perm("obligations.change_expectedyear")
        return super().get_table_kwargs() | {
            "exclude": () if may_edit else ("edit",),
            "total": sum(number for _year, number in self.by_year),
        }

    @cached_property
    def by_year(self) -> list[tuple[int, int]]:
        """Each year, and how many of the States that match the filters it has."""
        return list(self.object_list.order_by("year").values_list("year").annotate(Count("pk")))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"by_year": self.by_year}
