"""What falls due in the 24 months from a day, as a strip of months."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import django_tables2 as tables
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from tracker.languages.writing import short_month
from tracker.obligations.models import Kind
from tracker.obligations.queries.standings import CARRIED, INITIAL, OWN_PERIODIC, owed_on, series_of
from tracker.rules.dates import add_months, end_of_month
from tracker.web.obligations.calendar import month_in_words
from tracker.web.pictures.columns import Column, Layer, chart_of
from tracker.web.pictures.page import NumberColumn, OwedFilter, PicturePage
from tracker.web.ui.tables import DayTable

MONTHS_AHEAD = 24
ANSWERED = "answered"
LAYERS = (
    Layer(INITIAL, gettext_lazy("initial reports"), "ahead-initial"),
    Layer(OWN_PERIODIC, gettext_lazy("periodic reports"), "ahead-periodic"),
    Layer(CARRIED, gettext_lazy("reports under the Convention"), "ahead-carried", "dots"),
    Layer(Kind.INFORMATION.value, gettext_lazy("replies to requests"), "ahead-information"),
    Layer(ANSWERED, gettext_lazy("no longer awaited"), "ahead-answered", "hatch"),
)


@dataclass(frozen=True)
class MonthAhead:
    """A month, or the part of it from the as-of day on, with what falls due in it.

    Attributes:
        counts: by the keys of the layers.
    """

    since: date
    until: date
    counts: Mapping[str, int]
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def pk(self) -> date:
        """Identifies the row."""
        return self.since

    @property
    def total(self) -> int:
        """All that falls due in the month."""
        return sum(self.counts.values())

    @property
    def says(self) -> str:
        """The month in words, for its column."""
        due = ngettext("%(n)d report due", "%(n)d reports due", self.total) % {"n": self.total}
        return _("%(month)s: %(due)s") % {"month": month_in_words(self.since), "due": due}


def months_ahead(counted: Iterable[tuple[date, str, int]], day: date) -> list[MonthAhead]:
    """The 24 months from a day on; the first begins with the day, each other with its first.

    Args:
        counted: due date, layer and number of the reports that fall due in them.
    """
    by_month: dict[tuple[int, int], Counter[str]] = {}
    for due, key, number in counted:
        by_month.setdefault((due.year, due.month), Counter())[key] += number
    found = []
    for at in range(MONTHS_AHEAD):
        first = add_months(day.replace(day=1), at)
        counts = by_month.get((first.year, first.month), Counter())
        found.append(
            MonthAhead(
                max(first, day),
                end_of_month(first.year, first.month),
                {layer.key: counts[layer.key] for layer in LAYERS},
            )
        )
    return found


class AheadTable(DayTable):
    """The months with what falls due in them."""

    month = tables.Column(gettext_lazy("Month"), accessor="since", order_by=("pk",))
    initial, periodic, carried, information, answered = (
        NumberColumn(layer.label, layer.key, within="counts") for layer in LAYERS
    )
    total = NumberColumn(gettext_lazy("All"), "total")

    class Meta:
        order_by = "month"

    def render_month(self, value: date) -> str:
        return month_in_words(value)

    def value_month(self, value: date) -> str:
        return f"{value:%Y-%m}"


class AheadPage(PicturePage):
    """`/pictures/ahead/`: a column for each of the next 24 months, which leads to the list of the month."""

    table_class = AheadTable
    filterset_class = OwedFilter
    template_name = "web/pictures/ahead.html"
    export_name = "ahead"

    @cached_property
    def until(self) -> date:
        """The last day of the last month."""
        last = add_months(self.day.replace(day=1), MONTHS_AHEAD - 1)
        return end_of_month(last.year, last.month)

    def get_queryset(self) -> QuerySet[Any]:
        owed = owed_on(self.day, today=timezone.localdate(), bands=False)
        return owed.filter(due__range=(self.day, self.until))

    def get_table_data(self) -> list[MonthAhead]:
        awaited = {"then_answered_on": None, "then_waived": False}
        by_day = self.object_list.order_by().values_list("due", "kind", "carried_by")
        counted = [
            (due, key or series_of(kind, carried_by), number)
            for key, rows in (("", by_day.filter(**awaited)), (ANSWERED, by_day.exclude(**awaited)))
            for due, kind, carried_by, number in rows.annotate(Count("pk"))
        ]
        self.months = [self._linked(one) for one in months_ahead(counted, self.day)] if counted else []
        return self.months

    def _linked(self, one: MonthAhead) -> MonthAhead:
        chosen = {name: self.chosen(name) for name in ("desk", "region")}
        within = {"due_from": one.since.isoformat(), "due_until": one.until.isoformat(), "sort": "due"}
        return replace(one, links={"total": self.list_at("obligations", within | chosen)})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        columns = [
            Column(
                short_month(one.since),
                one.counts,
                named=at % 3 == 0,
                href=one.links["total"],
                says=one.says,
            )
            for at, one in enumerate(self.months)
        ]
        return context | {
            "chart": chart_of(columns, LAYERS),
            "layers": [one for one in LAYERS if any(month.counts[one.key] for month in self.months)],
            "due": sum(month.total - month.counts[ANSWERED] for month in self.months),
            "answered": sum(month.counts[ANSWERED] for month in self.months),
            "last_day": self.until,
        }
