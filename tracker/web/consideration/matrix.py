"""`/coverage/`: what each report covers, article by article of the Protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet, TextChoices
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy

from tracker.consideration.matrix import COLUMNS, ArticleMark, MarkedReport, marks_of, reports_checked
from tracker.consideration.models import GuidelineItem, Marked
from tracker.languages.typed import as_symbol
from tracker.languages.writing import in_words
from tracker.obligations.models import Kind
from tracker.rules.coverage import ItemMark
from tracker.web.ui.as_of import day_of
from tracker.web.ui.columns import DayColumn, ReportColumn, StateColumn, code_or_words
from tracker.web.ui.filters import (
    SERIES,
    ChipSet,
    DayFilter,
    DeskFilter,
    RegionFilter,
    SeveralFilter,
    StateChoiceFilter,
    named,
)
from tracker.web.ui.lists import DayListPage
from tracker.web.ui.tables import DayTable, ReportTable

SIGNS = {
    ItemMark.COVERED: "✓",
    ItemMark.PARTLY: "◐",
    ItemMark.ABSENT: "✗",
    ItemMark.NOT_APPLICABLE: "–",
}
UNCHECKED = "·"
NOT_CHECKED = "not checked"  # in files for programs


class Checked(TextChoices):
    """Whether somebody has checked a report."""

    YES = "yes", gettext_lazy("checked")
    NO = "no", gettext_lazy("not checked")


class CoverageFilter(ChipSet):
    """Reports by desk, State, group, kind, series, receipt, check, and the mark of an article."""

    desk = DeskFilter()
    q = filters.CharFilter(label=gettext_lazy("Text"), method="filter_text")
    state = StateChoiceFilter()
    region = RegionFilter()
    kind = SeveralFilter(
        label=gettext_lazy("Kind"), choices=[one for one in Kind.choices if one[0] != Kind.INFORMATION]
    )
    carried_by = filters.ChoiceFilter(label=gettext_lazy("Series"), choices=SERIES)
    received_from = DayFilter(
        label=gettext_lazy("Received from"), field_name="received_on", lookup_expr="gte"
    )
    received_until = DayFilter(
        label=gettext_lazy("Received until"), field_name="received_on", lookup_expr="lte"
    )
    checked = filters.ChoiceFilter(label=gettext_lazy("Checklist"), choices=Checked, method="filter_checked")
    # The two are applied together: an article with a mark.
    article = SeveralFilter(
        label=gettext_lazy("Article or section"), choices=list(COLUMNS.items()), method="unchanged"
    )
    mark = SeveralFilter(label=gettext_lazy("Mark"), choices=Marked, method="unchanged")
    phrases: ClassVar[dict[str, Any]] = {
        "kind": gettext_lazy("of the kind %(values)s"),
        "carried_by": gettext_lazy("only %(values)s"),
        "received_from": gettext_lazy("received from %(values)s"),
        "received_until": gettext_lazy("received until %(values)s"),
        "checked": gettext_lazy("%(values)s"),
        "mark": gettext_lazy("marked %(values)s"),
        "article": gettext_lazy("in %(values)s"),
    }

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In the State's name or code, however spelled, or the report's symbol."""
        return queryset.filter(
            Q(state__in=named(self.request, value)) | Q(symbol__icontains=as_symbol(value))
        )

    def filter_checked(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """With or without a checklist that counts on the as-of day."""
        return queryset.filter(checklist__isnull=value == Checked.NO)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """With one of the marks in one of the articles, or in any if none is chosen."""
        found, chosen = super().filter_queryset(queryset), self.form.cleaned_data
        if not (chosen["article"] or chosen["mark"]):
            return found
        columns, marks = chosen["article"] or list(COLUMNS), chosen["mark"] or list(ItemMark)
        checked = marks_of(found.exclude(checklist=None).order_by().values("checklist"))
        fitting = [
            key
            for key, report in checked.items()
            if any((one := report.at(column)) and one.mark in marks for column in columns)
        ]
        return found.filter(checklist__in=fitting)


class MarkColumn(tables.Column):
    """The marks of a report for an article or section: a sign and, where items differ, how many are covered."""

    def __init__(self, name: str) -> None:
        self.of = name
        # Its cells are those without a class, as a page has hundreds of them.
        super().__init__(COLUMNS[name], accessor="pk", orderable=False, attrs={"th": {"class": "cover"}})

    def render(self, record: Any, table: CoverageTable) -> str:
        one = table.mark(record, self.of)
        if one is None:
            return UNCHECKED
        sign = SIGNS[one.mark] if one.mark else UNCHECKED
        if one.mark in (ItemMark.PARTLY, None) and one.of > 1:
            sign = format_html("{} <bdi>{}/{}</bdi>", sign, one.covered, one.of)
        label = Marked(one.mark).label if one.mark else Checked.NO.label
        css = (one.mark or NOT_CHECKED).replace(" ", "-")
        return format_html('<b class="{}">{} <i>{}</i></b>', css, sign, label)

    def value(self, record: Any, table: CoverageTable) -> str:
        one = table.mark(record, self.of)
        return _mark_in_file(one.mark if one else None, record, asked=one is not None)


class ItemColumn(tables.Column):
    """The mark of an item, in files."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code, accessor="pk", orderable=False)

    def value(self, record: Any, table: CoverageTable) -> str:
        report = table.marked.get(record.checklist)
        mark = report.items.get(self.code) if report else None
        return _mark_in_file(mark, record, asked=mark is not None)


def _mark_in_file(mark: str | None, record: Any, *, asked: bool) -> str:
    """A mark; empty for what the guidelines do not ask of such a report."""
    if mark:
        return code_or_words(mark, Marked(mark).label)
    return code_or_words(NOT_CHECKED, Checked.NO.label) if asked or record.checklist is None else ""


class CoverageTable(DayTable, ReportTable):
    """Reports received up to a day (rows of `reports_checked`)."""

    state = StateColumn(order_by=("state__in_order", "known", "pk"))
    iso3 = tables.Column(
        gettext_lazy("Alpha-3"), accessor="state_id", order_by=("state_id", "known", "pk"), visible=False
    )
    what = ReportColumn(
        accessor="pk",
        order_by=("kind", "carried_by", "first_cycle", "last_cycle", "state__in_order", "pk"),
        attrs={"td": {"class": "what wraps"}},
    )
    symbol = tables.Column(gettext_lazy("Symbol"), visible=False)
    received_on = DayColumn(
        gettext_lazy("Received"), empty_values=(), order_by=("known", "state__in_order", "pk")
    )
    checked_on = DayColumn(
        gettext_lazy("Checked"), empty_values=(), order_by=("checked_on", "known", "state__in_order", "pk")
    )
    covered = tables.Column(
        gettext_lazy("Covered"),
        accessor="gaps",
        order_by=("gaps", "state__in_order", "pk"),
        attrs={"td": {"class": "number"}, "th": {"class": "number"}},
    )
    process = MarkColumn("process")
    data = MarkColumn("data")
    general = MarkColumn("general")
    article_1 = MarkColumn("article_1")
    article_2 = MarkColumn("article_2")
    article_3 = MarkColumn("article_3")
    article_4 = MarkColumn("article_4")
    article_5 = MarkColumn("article_5")
    article_6 = MarkColumn("article_6")
    article_7 = MarkColumn("article_7")
    article_8 = MarkColumn("article_8")
    article_9 = MarkColumn("article_9")
    article_10 = MarkColumn("article_10")
    article_11 = MarkColumn("article_11")
    exported_with: ClassVar[dict[str, tuple[str, ...]]] = {**ReportTable.exported_with, "what": ("symbol",)}

    class Meta:
        exclude = ("due",)
        sequence = ("state", "iso3", "what", "symbol", "received_on", "checked_on", "covered", *COLUMNS)
        order_by = "-checked_on"
        attrs = {"class": "rows broad coverage"}

    @cached_property
    def marked(self) -> Mapping[int, MarkedReport]:
        """The marks by checklist: of the rows of the page or, in a file, of all."""
        rows = [row.record for row in self.paginated_rows] if hasattr(self, "page") else list(self.data)
        return marks_of({row.checklist for row in rows if row.checklist})

    def mark(self, record: Any, column: str) -> ArticleMark | None:
        """The marks of a report in a column; None if there is none."""
        report = self.marked.get(record.checklist)
        return report.at(column) if report else None

    def render_what(self, record: Any) -> str:
        address = reverse("report-life", args=[record.pk]) + self.as_of_query
        shown = format_html('<a href="{}">{}</a>', address, record.label)
        if record.withdrawn:
            said = _("withdrawn by the State on %(day)s") % {"day": in_words(record.withdrawn)}
            return format_html("{}<small>{}</small>", shown, said)
        return format_html("{}<small>{}</small>", shown, _("revision")) if record.revises_id else shown

    def value_what(self, record: Any) -> str:
        return record.label

    def render_received_on(self, record: Any) -> str:
        return _("not known") if record.received_on is None else in_words(record.received_on)

    def value_received_on(self, record: Any) -> Any:
        return record.received_on

    def render_checked_on(self, record: Any) -> str:
        return str(Checked.NO.label) if record.checked_on is None else in_words(record.checked_on)

    def value_checked_on(self, record: Any) -> Any:
        return record.checked_on

    def render_covered(self, record: Any) -> str:
        said = self.value_covered(record)
        if not record.gaps:
            return said
        address = reverse("draft-issues", args=[record.pk]) + self.as_of_query
        return format_html('<a href="{}">{}</a>', address, said)

    def value_covered(self, record: Any) -> str:
        n, of = self.marked[record.checklist].covered
        return _("%(n)d of %(of)d") % {"n": n, "of": of}


def with_items() -> type[CoverageTable]:
    """The table with a column for each item of the guidelines, for files."""
    codes = GuidelineItem.objects.order_by("guidelines__valid_from", "position").values_list(
        "code", flat=True
    )
    columns = {f"item_{at}": ItemColumn(code) for at, code in enumerate(dict.fromkeys(codes))}
    sequence = (*CoverageTable.Meta.sequence, *columns)
    return type(
        "CoverageFile",
        (CoverageTable,),
        columns
        | {
            "Meta": type("Meta", (CoverageTable.Meta,), {"sequence": sequence}),
            "exported_with": CoverageTable.exported_with | {"covered": tuple(columns)},
        },
    )


class CoverageList(DayListPage):
    """Every report received, with what it covers; those checked last come first."""

    table_class = CoverageTable
    filterset_class = CoverageFilter
    template_name = "web/consideration/coverage.html"
    export_name = "coverage"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Adds the columns of items to a file."""
        super().setup(request, *args, **kwargs)
        if self.is_export:
            self.table_class = with_items()

    def get_queryset(self) -> QuerySet[Any]:
        return reports_checked(day_of(self.request)).select_related("state")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        signs = [(SIGNS[ItemMark(mark)], label) for mark, label in Marked.choices]
        if self.is_export:
            return context
        rows = context["table"].page.object_list
        begun = bool(self.filterset.chips) or any(row.record.checklist for row in rows)
        return context | {"signs": [*signs, (UNCHECKED, Checked.NO.label)], "nobody_began": not begun}
