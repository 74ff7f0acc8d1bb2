"""The list of obligations: its table, its filter and the page that explains a due date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from typing import Any, ClassVar

import django_filters as filters
import django_tables2 as tables
from django.db import models
from django.db.models import Exists, F, Q, QuerySet
from django.db.models.functions import Cast, Left
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from tracker.languages.typed import as_symbol
from tracker.obligations.fact_lines import line_of
from tracker.obligations.models import (
    CarriedBy,
    CommitteeDate,
    InformationRequest,
    Kind,
    Obligation,
    Review,
    Source,
    Submission,
)
from tracker.obligations.queries.expected import expected_in_words, with_expected
from tracker.obligations.queries.standings import owed_on
from tracker.obligations.wording import (
    BAND_LABELS,
    STATUS_LABELS,
    awaiting_in_words,
    badge_of,
    due_cell,
    in_full,
    observations_in_words,
    prints_otherwise,
)
from tracker.registry.sources import citations_of
from tracker.rules.due import DueSource
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.status import Status, days_late
from tracker.web.ui.as_of import day_of
from tracker.web.ui.columns import DayColumn, RegionColumn, code_or_words
from tracker.web.ui.filters import (
    SERIES,
    ChipSet,
    DayFilter,
    DeskFilter,
    RegionFilter,
    SeveralFilter,
    StateChoiceFilter,
    YearsFilter,
    named,
)
from tracker.web.ui.lists import DayListPage
from tracker.web.ui.tables import DayTable, ReportTable, Stood, badge_html

REPORTS = "reports"


class ReviewChoice(models.TextChoices):
    """Whether a report waits for the Committee."""

    AWAITING = "awaiting", gettext_lazy("awaiting review")


class PrintedChoice(models.TextChoices):
    """Whether the United Nations have printed a due date."""

    DIFFERS = "differs", gettext_lazy("differs from the due date")
    SAME = "same", gettext_lazy("same as the due date")
    NONE = "none", gettext_lazy("none recorded")


class ObligationFilter(ChipSet):
    """Obligations by desk, State, group, kind, series, status, dates, time overdue, review, printed date and text."""

    desk = DeskFilter()
    q = filters.CharFilter(label=gettext_lazy("Text"), method="filter_text")
    state = StateChoiceFilter()
    region = RegionFilter()
    kind = SeveralFilter(
        label=gettext_lazy("Kind"),
        choices=[*Kind.choices, (REPORTS, gettext_lazy("initial or periodic"))],
        method="filter_kind",
    )
    carried_by = filters.ChoiceFilter(label=gettext_lazy("Series"), choices=SERIES)
    status = SeveralFilter(
        label=gettext_lazy("Status"),
        choices=[(status.value, label) for status, label in STATUS_LABELS.items()],
        method="filter_status",
    )
    overdue_over = YearsFilter(label=gettext_lazy("Overdue for more than, years"), method="filter_overdue")
    overdue_up_to = YearsFilter(label=gettext_lazy("Overdue for at most, years"), method="filter_overdue")
    band = SeveralFilter(
        label=gettext_lazy("Overdue for"),
        choices=[(band.value, label) for band, label in BAND_LABELS.items()],
        method="filter_band",
    )
    due_from = DayFilter(label=gettext_lazy("Due from"), field_name="due", lookup_expr="gte")
    due_until = DayFilter(label=gettext_lazy("Due until"), field_name="due", lookup_expr="lte")
    received_from = DayFilter(
        label=gettext_lazy("Received from"), field_name="then_received_on", lookup_expr="gte"
    )
    received_until = DayFilter(
        label=gettext_lazy("Received until"), field_name="then_received_on", lookup_expr="lte"
    )
    review = filters.ChoiceFilter(label=gettext_lazy("Review"), choices=ReviewChoice, method="filter_review")
    printed = filters.ChoiceFilter(
        label=gettext_lazy("Printed due date"), choices=PrintedChoice, method="filter_printed"
    )
    phrases: ClassVar[dict[str, Any]] = {
        "status": gettext_lazy("%(values)s"),
        "overdue_over": gettext_lazy("overdue for more than %(values)s"),
        "overdue_up_to": gettext_lazy("overdue for at most %(values)s"),
        "band": gettext_lazy("overdue for %(values)s"),
        "due_from": gettext_lazy("due from %(values)s"),
        "due_until": gettext_lazy("due until %(values)s"),
        "received_from": gettext_lazy("received from %(values)s"),
        "received_until": gettext_lazy("received until %(values)s"),
        "review": gettext_lazy("%(values)s"),
        "kind": gettext_lazy("of the kind %(values)s"),
        "carried_by": gettext_lazy("only %(values)s"),
    }

    def filter_kind(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """Of some kinds, or of both kinds of reports without the replies to requests."""
        kinds = {*value, Kind.INITIAL, Kind.PERIODIC} if REPORTS in value else value
        return queryset.filter(kind__in=kinds)

    def filter_status(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """With one of some statuses on the as-of day."""
        rows: Any = queryset
        return rows.with_any_status(value, day_of(self.request))

    def filter_band(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """Overdue for so long on the as-of day."""
        rows: Any = queryset
        return rows.with_any_band(value, day_of(self.request))

    def filter_overdue(self, queryset: QuerySet[Any], name: str, value: int) -> QuerySet[Any]:
        """Overdue on the as-of day for more than or at most some years."""
        rows: Any = queryset
        return rows.overdue_for(day_of(self.request), **{name.removeprefix("overdue_"): value})

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In the State's name or code, however spelled, or the symbol of a report that answers."""
        reports = Submission.objects.filter(symbol__icontains=as_symbol(value))
        # First whether the State has such a report at all: that is found once for all rows, the answer for each.
        answered = Q(state__in=reports.values("state")) & Exists(reports.answering(day_of(self.request)))
        return queryset.filter(Q(state__in=named(self.request, value)) | answered)

    def filter_review(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Received, and not yet reviewed by the Committee on the as-of day."""
        return queryset.filter(then_awaiting_since__isnull=False)

    def filter_printed(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """By the due date, a year or a day, that the United Nations had printed by the as-of day."""
        if value == PrintedChoice.NONE:
            return queryset.filter(printed="")
        # As `PrintedDate.differs_from`: where our date is a year, the years alone are compared.
        same = Q(due_text__startswith=F("printed")) | Q(
            then_year_only=True, due_text__startswith=Left("printed", 4)
        )
        return (
            queryset.filter(~Q(printed=""), due__isnull=False)
            .annotate(due_text=Cast("due", models.CharField()))
            .filter(same if value == PrintedChoice.SAME else ~same)
        )


class ObligationTable(DayTable, ReportTable):
    """Obligations as of a day (rows of `Obligation.objects.as_of`, with `printed`)."""

    then = ("due", "pk")
    article = tables.Column(gettext_lazy("Article"), visible=False)
    due = DayColumn(gettext_lazy("Due"), order_by=("due", "state__in_order", "pk"), empty_values=())
    # For exports; on screen the date shows it.
    year_only = tables.Column(
        gettext_lazy("Year alone is printed"), accessor="then_year_only", orderable=False, visible=False
    )
    status = tables.Column(gettext_lazy("Status"))
    received_on = DayColumn(gettext_lazy("Received"), accessor="then_received_on")
    days_late = tables.Column(
        gettext_lazy("Days late"),
        empty_values=(),
        orderable=False,
        visible=False,
        attrs={"td": {"class": "number"}, "th": {"class": "number"}},
    )
    # For exports; on screen the status shows it.
    awaiting_since = DayColumn(
        gettext_lazy("Awaiting review since"), accessor="then_awaiting_since", visible=False
    )
    # For exports; on screen the status shows it.
    expected_year = tables.Column(
        gettext_lazy("Expected in"), empty_values=(), orderable=False, visible=False
    )
    source = tables.Column(gettext_lazy("Date from"))
    document = tables.Column(
        gettext_lazy("Document"), accessor="then_document", order_by=("then_document", "pk"), visible=False
    )
    printed = tables.Column(
        gettext_lazy("Due date printed by the UN"),
        order_by=("printed", "state__in_order", "pk"),
        visible=False,
        attrs={"td": {"class": "day"}},
    )
    differs = tables.Column(
        gettext_lazy("The UN prints another date"), empty_values=(), orderable=False, visible=False
    )
    # For exports; on screen the name of the report shows it.
    carried_by = tables.Column(gettext_lazy("Carried by"), visible=False)
    trail = tables.Column(gettext_lazy("Why this date"), accessor="pk", orderable=False)
    region = RegionColumn("due", "pk", visible=False)
    computed_on = DayColumn(
        gettext_lazy("By the rule"),
        accessor="then_computed_on",
        order_by=("then_computed_on", "pk"),
        visible=False,
    )

    # Additional texts in a cell; each becomes a column in a file.
    exported_with: ClassVar[dict[str, tuple[str, ...]]] = {
        **ReportTable.exported_with,
        "what": ("article", "carried_by"),
        "due": ("year_only", "printed", "differs"),
        "status": ("days_late", "awaiting_since", "expected_year"),
        "source": ("document",),
    }

    class Meta:
        sequence = (
            "state", "iso3", "what", "article", "due", "year_only", "status", "received_on", "days_late",
            "awaiting_since", "expected_year", "source", "document", "carried_by", "trail", "region", "computed_on",
            "printed", "differs",
        )  # fmt: skip
        order_by = "due"
        attrs = {"class": "rows wide"}

    def render_what(self, record: Any) -> str:
        return Stood(record).label

    def render_due(self, record: Any) -> str:
        cell = due_cell(Stood(record))
        shown = format_html("{}<small>{}</small>", cell.text, cell.small) if cell.small else cell.text
        if prints_otherwise(record.printed, record.due, year_only=record.then_year_only):
            other = _("the UN prints %(printed)s") % {"printed": record.printed}
            return format_html('{}<small class="differs">{}</small>', shown, other)
        return shown

    def value_due(self, record: Any) -> date | None:
        return record.due

    def value_year_only(self, record: Any) -> str:
        return _("yes") if record.due and record.then_year_only else ""

    def render_status(self, record: Any) -> str:
        stood = Stood(record)
        shown = badge_html(badge_of(stood, self.day))
        waits = awaiting_in_words(stood.awaiting_since, stood.received_on)
        waits = waits or expected_in_words(record.status, record.expected_year, record.expected_since)
        return format_html("{}<small>{}</small>", shown, waits) if waits else shown

    def value_status(self, record: Any) -> str:
        return code_or_words(record.status, STATUS_LABELS[record.status])

    def render_expected_year(self, record: Any) -> str:
        return str(self.value_expected_year(record) or "—")

    def value_expected_year(self, record: Any) -> int | None:
        return record.expected_year if record.status == Status.TO_BE_COMMUNICATED else None

    def render_source(self, record: Any) -> str:
        if record.due is None and record.source == Source.TREATY_CALENDAR:
            told = observations_in_words(record.then_document, record.then_decided_on)
            return format_html("<small>{}</small>", told) if told else "—"
        shown = str(Source(record.source).label)
        return (
            format_html("{}<small>{}</small>", shown, record.then_document) if record.then_document else shown
        )

    def value_source(self, record: Any) -> str:
        return code_or_words(record.source, Source(record.source).label)

    def value_carried_by(self, record: Any) -> str:
        return code_or_words(
            record.carried_by, CarriedBy(record.carried_by).label if record.carried_by else ""
        )

    def render_differs(self, record: Any) -> str:
        return self.value_differs(record) or "—"

    def value_differs(self, record: Any) -> str:
        return (
            _("yes") if prints_otherwise(record.printed, record.due, year_only=record.then_year_only) else ""
        )

    def render_days_late(self, record: Any) -> Any:
        late = self.value_days_late(record)
        return "—" if late is None else late

    def value_days_late(self, record: Any) -> int | None:
        return days_late(record.status, due_on=record.due, received_on=record.then_received_on, day=self.day)

    def render_trail(self, record: Any) -> str:
        # The row heading names the report; the sentences are loaded on request.
        return mark_safe(self.why.replace("/0/", f"/{record.pk}/"))  # noqa: S308 - a number  # nosec B308 B703

    @cached_property
    def why(self) -> str:
        """The link to a trail, with 0 for its key: made once for all rows."""
        address = reverse("why", args=[0])
        return format_html('<a href="{}{}">{}</a>', address, self.as_of_query, _("Why?"))

    def value_trail(self, record: Any) -> str:
        return in_full(record.then_steps, self.translate)

    @cached_property
    def translate(self) -> Callable[[str], str]:
        """gettext that looks each text up once: a file of all rows has a few sentences, a hundred thousand times."""
        return cache(_)


class ObligationList(DayListPage):
    """`/obligations/`: all obligations as of a day."""

    table_class = ObligationTable
    filterset_class = ObligationFilter
    template_name = "web/obligations/obligation_list.html"
    export_name = "obligations"

    def get_queryset(self) -> QuerySet[Any]:
        day = day_of(self.request)
        owed: Any = owed_on(day, today=timezone.localdate(), bands=False)
        rows: QuerySet[Any] = with_expected(owed.with_printed(day), day).select_related("state")
        # The page leads to the trail of each date; only a file holds them all.
        return rows if self.is_export else rows.defer("trail")


# If a document of the Committee is about the date.
STATED = (DueSource.COMMITTEE, DueSource.PRIOR_TO_REPORTING, DueSource.TO_BE_COMMUNICATED)


@require_safe
def why(request: HttpRequest, pk: int) -> HttpResponse:
    """`/obligations/12/why/`: each step with its article and date, as known on the day."""
    day = day_of(request)
    owed: Any = Obligation.objects.as_of(day, today=timezone.localdate()).filter(pk=pk)
    row = get_object_or_404(owed.with_printed(day).select_related("state")).as_it_stood()
    return render(
        request,
        "web/obligations/why.html",
        {
            "row": row,
            "steps": row.steps,
            "sources": citations_of(step.source for step in row.steps),
            "stated": row.source in STATED,
            "facts": [(line_of(fact), fact) for fact in _facts_behind(row, owed, day)],
        },
    )


def _facts_behind(row: Obligation, owed: Any, day: date) -> Iterator[Any]:
    """The records that an obligation and its status rest on, as known on a day; for the links to their forms."""
    yield from row.state.actions.filter(treaty__in=(row.treaty_id, TreatyCode.OPSC), date__lte=day)
    if row.kind == Kind.INFORMATION:
        yield from InformationRequest.objects.filter(state=row.state, number=row.cycle)
    elif row.document:
        stated: Any = Review.objects if row.reviewed_without_on else CommitteeDate.objects.in_effect()
        yield from stated.filter(state=row.state, document=row.document)
    yield from Submission.objects.known_on(day).filter(Exists(owed.answered_by_outer()))
