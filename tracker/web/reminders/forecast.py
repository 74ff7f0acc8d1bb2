"""The forecast of reminders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

import django_filters as filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.registry.models import State
from tracker.reminders.ahead import DAYS_AHEAD, Ahead, ahead
from tracker.web.ui.columns import DayColumn, ReportColumn, StateColumn
from tracker.web.ui.filters import ChipSet, DeskFilter, RegionFilter, StateChoiceFilter, named
from tracker.web.ui.lists import ListPage
from tracker.web.ui.tables import ListTable


class ForecastTable(ListTable):
    """The reminders that would be planned (rows of `ahead`), earliest first."""

    then = ()
    day = DayColumn(verbose_name=_("Planned on"), accessor="coming__day")
    state_of = StateColumn(accessor="state", order_by=("state__in_order", "coming__day"))
    what = ReportColumn(accessor="coming__label")
    due_on = DayColumn(verbose_name=_("Due"), accessor="coming__due_on")
    stage = tables.Column(
        _("Stage"), accessor="coming__stage", order_by="coming__stage_on", attrs={"td": {"class": "what"}}
    )
    recipient = tables.Column(_("Recipient"), accessor="recipient__email")
    name = tables.Column(_("Name"), accessor="recipient__name", visible=False)

    class Meta:
        order_by = "day"


PERIODS = {
    str(DAYS_AHEAD): _("90 days"),
    "365": _("1 year"),
    "730": _("2 years"),
}


class ForecastFilter(ChipSet):
    """Filters the States by desk, name and regional group, and says how far the forecast reaches."""

    days = filters.ChoiceFilter(
        label=_("Period"), choices=list(PERIODS.items()), empty_label=None, method="unchanged"
    )
    desk = DeskFilter(to_state="")
    state = StateChoiceFilter(field_name="pk")
    q = filters.CharFilter(label=_("Text"), method="filter_text")
    region = RegionFilter(field_name="region")

    phrases: ClassVar[dict[str, Any]] = {"days": _("within %(values)s")}

    @property
    def period(self) -> int:
        """The number of days of the forecast."""
        chosen = self.form.cleaned_data.get("days") if self.is_bound and self.is_valid() else None
        return int(chosen or DAYS_AHEAD)

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Searches the State's name in any spelling, or its whole code."""
        return queryset.filter(pk__in=named(self.request, value))


class ForecastList(ListPage):
    """`/reminders/forecast/`: the reminders of the next 90 days, or of up to two years, if no record changes."""

    table_class = ForecastTable
    filterset_class = ForecastFilter
    template_name = "web/reminders/forecast.html"
    export_name = "forecast"

    def get_queryset(self) -> QuerySet[Any]:
        return State.objects.select_related("desk_officer")

    def get_table_data(self) -> list[Ahead]:
        return ahead(self.object_list, timezone.localdate(), self.filterset.period)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        until = timezone.localdate() + timedelta(days=self.filterset.period)
        return super().get_context_data(**kwargs) | {"until": until}
