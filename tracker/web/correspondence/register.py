"""The register of papers: its table, its filter, the tabs of what waits; and its last numbers after a restore."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

import django_filters as filters
import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from tracker.correspondence import numbers
from tracker.correspondence.exchange import number_of
from tracker.correspondence.models import (
    GONE,
    TYPED,
    VOID,
    Direction,
    Letterhead,
    Means,
    Occasion,
    Paper,
    PaperForm,
    PaperStatus,
    RegisterYear,
)
from tracker.languages.known import ENGLISH
from tracker.registry.models import Language
from tracker.web.correspondence.acts import MAY_CHANGE, MAY_DISPATCH
from tracker.web.ui.columns import DayColumn, PickColumn, StateColumn, code_or_words
from tracker.web.ui.filters import (
    ChipSet,
    DayFilter,
    DeskFilter,
    RegionFilter,
    SeveralFilter,
    StateChoiceFilter,
    named,
)
from tracker.web.ui.form_fields import PlainForm, put_the_focus
from tracker.web.ui.lists import ListPage
from tracker.web.ui.tables import ListTable

WAITING, ANSWERED = "waiting", "answered"
MOST_SKIPPED = 100_000  # more is a mistake in typing
# Say something and ask for nothing.
NEED_NO_ANSWER = (Occasion.RECEIPT, Occasion.OBSERVATIONS, Occasion.NEXT_DATE)


def answers() -> QuerySet[Paper]:
    """The answers to a paper of an outer query that were not withdrawn."""
    return Paper.objects.filter(answers=OuterRef("pk")).exclude(status__in=VOID)


def unanswered() -> QuerySet[Paper]:
    """The papers that were dispatched, ask for an answer, and have none."""
    gone = Paper.objects.filter(status__in=GONE).exclude(occasion__in=NEED_NO_ANSWER)
    return gone.filter(~Exists(answers()))


class YearFilter(filters.Filter):
    """The papers of a year of the register."""

    field_class = forms.RegexField


class PaperFilter(ChipSet):
    """Filters papers by desk, text, State, direction, status, occasion, form, language, day and year."""

    desk = DeskFilter()
    q = filters.CharFilter(label=gettext_lazy("Text"), method="filter_text")
    of = StateChoiceFilter(field_name="state")
    direction = filters.ChoiceFilter(label=gettext_lazy("Direction"), choices=Direction)
    year = YearFilter(
        label=gettext_lazy("Year of the register"),
        regex=r"[12][0-9]{3}",
        error_messages={"invalid": gettext_lazy("Write the year as 2026.")},
    )
    dated_from = DayFilter(label=gettext_lazy("Dated from"), field_name="dated", lookup_expr="gte")
    dated_until = DayFilter(label=gettext_lazy("Dated until"), field_name="dated", lookup_expr="lte")
    answer = filters.ChoiceFilter(
        label=gettext_lazy("Answer"),
        choices=[
            (WAITING, gettext_lazy("waiting for an answer")),
            (ANSWERED, gettext_lazy("answered")),
        ],
        method="filter_answer",
    )
    status = SeveralFilter(label=gettext_lazy("Status"), choices=PaperStatus)
    occasion = SeveralFilter(label=gettext_lazy("Occasion"), choices=Occasion)
    form = SeveralFilter(label=gettext_lazy("Form"), choices=PaperForm)
    means = SeveralFilter(label=gettext_lazy("Sent by"), choices=Means)
    language = SeveralFilter(label=gettext_lazy("Language"), choices=Language, method="filter_language")
    region = RegionFilter()
    phrases: ClassVar[dict[str, Any]] = {
        "direction": gettext_lazy("%(values)s"),
        "status": gettext_lazy("%(values)s"),
        "answer": gettext_lazy("%(values)s"),
        "form": gettext_lazy("in the form: %(values)s"),
        "occasion": gettext_lazy("on the occasion: %(values)s"),
        "means": gettext_lazy("sent by %(values)s"),
        "language": gettext_lazy("written in %(values)s"),
        "year": gettext_lazy("of the year %(values)s"),
        "dated_from": gettext_lazy("dated from %(values)s"),
        "dated_until": gettext_lazy("dated until %(values)s"),
    }

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Searches references, subject, text and names, and the State's name or code in any spelling."""
        found = Q(state__in=named(self.request, value))
        for field in ("reference", "their_reference", "subject", "summary", "name", "office", "email"):
            found |= Q(**{f"{field}__icontains": value})
        # As JSON has it: SQLite stores letters beyond ASCII by their numbers.
        for written in {json.dumps(value, ensure_ascii=False)[1:-1], json.dumps(value)[1:-1]}:
            found |= Q(text__icontains=written)
        return queryset.alias(text=Cast("content", TextField())).filter(found)

    def filter_answer(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Papers that wait for an answer, or have one."""
        if value == WAITING:
            return queryset.filter(pk__in=unanswered().values("pk"))
        return queryset.filter(Exists(answers()))

    def filter_language(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """Papers in one of some languages, alone or before the English."""
        codes = [*value, *(f"{code}+{ENGLISH.code}" for code in value)]
        return queryset.filter(language__in=codes) if value else queryset


class PaperTable(ListTable):
    """The papers, newest first."""

    pick = PickColumn(template_name="web/correspondence/_pick.html", about="state")
    state_of = StateColumn(accessor="state", order_by=("state__in_order", "pk"))
    reference = tables.Column(
        gettext_lazy("Reference"),
        order_by=("year", "direction", "number", "pk"),
        attrs={"td": {"class": "what"}},
    )
    occasion = tables.Column(gettext_lazy("Occasion"), attrs={"td": {"class": "wrap"}})
    form = tables.Column(gettext_lazy("Form"))
    to = tables.Column(gettext_lazy("To or from"), accessor="name", empty_values=())
    dated = DayColumn(gettext_lazy("Date"))
    status = tables.Column(gettext_lazy("Status"))
    means = tables.Column(gettext_lazy("Sent by"))
    direction = tables.Column(gettext_lazy("Direction"), visible=False)
    subject = tables.Column(gettext_lazy("Subject"), visible=False, attrs={"td": {"class": "wrap"}})
    language = tables.Column(gettext_lazy("Language"), visible=False)
    email = tables.Column(gettext_lazy("E-mail"), visible=False)
    dispatched_on = DayColumn(verbose_name=gettext_lazy("Dispatched on"), visible=False)
    acknowledged_on = DayColumn(verbose_name=gettext_lazy("Acknowledged on"), visible=False)
    their_reference = tables.Column(gettext_lazy("Their reference"), visible=False)
    exported_with = {"to": ("email",), "status": ("dispatched_on", "acknowledged_on")}

    def render_reference(self, record: Any) -> str:
        return format_html('<a href="{}">{}</a>', record.get_absolute_url(), record.reference)

    def value_reference(self, record: Any) -> str:
        return str(record.reference)

    def render_occasion(self, record: Any) -> str:
        if record.is_received or record.occasion in TYPED:
            return format_html("<bdi>{}</bdi>", record.subject)
        return str(Occasion(record.occasion).label)

    def value_occasion(self, record: Any) -> str:
        return code_or_words(record.occasion, Occasion(record.occasion).label)

    def render_form(self, record: Any) -> str:
        return str(PaperForm(record.form).label)

    def value_form(self, record: Any) -> str:
        return code_or_words(record.form, PaperForm(record.form).label)

    def render_to(self, record: Any) -> str:
        name = record.name or record.office or "—"
        return format_html("<bdi>{}</bdi><small>{}</small>", name, record.email)

    def value_to(self, record: Any) -> str:
        return str(record.name or record.office)

    def render_status(self, record: Any) -> str:
        return status_of(record)

    def value_status(self, record: Any) -> str:
        return code_or_words(record.status, PaperStatus(record.status).label)

    def render_means(self, record: Any) -> str:
        label = Means(record.means).label
        state = record.dispatch.get_state_display() if hasattr(record, "dispatch") else ""
        if record.means == Means.MAIL and state:
            return format_html("{}<small>{}</small>", label, state)
        return str(label)

    def value_means(self, record: Any) -> str:
        return code_or_words(record.means, Means(record.means).label)

    def value_direction(self, record: Any) -> str:
        return code_or_words(record.direction, Direction(record.direction).label)


def status_of(paper: Paper) -> str:
    """The status as a word with a mark."""
    return format_html(
        '<span class="badge badge-{}">{}</span>', paper.status, PaperStatus(paper.status).label
    )


class PaperList(PermissionRequiredMixin, ListPage):
    """`/correspondence/`: all papers, in and out, and what waits for whom."""

    permission_required = "correspondence.view_paper"
    raise_exception = True
    table_class = PaperTable
    filterset_class = PaperFilter
    template_name = "web/correspondence/register.html"
    export_name = "correspondence"

    def get_queryset(self) -> QuerySet[Paper]:
        # Long, and not in the table.
        return Paper.objects.select_related("state", "dispatch").defer("content", "summary")

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"exclude": () if self.request.user.has_perm(MAY_DISPATCH) else ("pick",)}

    @cached_property
    def years(self) -> list[Any]:
        """The years of the register, each with the number of papers that wait by the name of the tab; in one query."""
        papers = Paper.objects.order_by()
        waiting = {
            PaperStatus.DRAFT.value: papers.filter(status=PaperStatus.DRAFT),
            PaperStatus.INITIALLED.value: papers.filter(status=PaperStatus.INITIALLED),
            WAITING: unanswered().order_by(),
        }
        return list(RegisterYear.objects.annotate(**{tab: number_of(rows) for tab, rows in waiting.items()}))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.is_export:
            return context
        may = self.request.user.has_perm
        years = self.years
        return context | {
            "backup": next((row.restored_from for row in years if row.restored_from), None),
            "skipped": any(row.skipped for row in years),
            "tabs": self._tabs(),
            "may_write": may("correspondence.add_paper"),
            "may_change": may(MAY_CHANGE),
            "may_dispatch": may(MAY_DISPATCH),
        }

    def _tabs(self) -> list[tuple[str, str]]:
        """Label and address of each list of papers that wait; none for a list without papers."""
        at = reverse("correspondence")
        counted = vars(self.years[0]) if self.years else {}
        found = [
            (_("To initial (%(n)d)"), PaperStatus.DRAFT.value, "status"),
            (_("To dispatch (%(n)d)"), PaperStatus.INITIALLED.value, "status"),
            (_("Waiting for an answer (%(n)d)"), WAITING, "answer"),
        ]
        return [
            (label % {"n": counted[value]}, f"{at}?{name}={value}")
            for label, value, name in found
            if counted.get(value)
        ]


# --- after a restore ------------------------------------------------------------------------------------


class LastNumbersForm(PlainForm):
    """The last number of each year and direction that awaits it."""

    def __init__(self, held: Iterable[RegisterYear], data: Any = None) -> None:
        super().__init__(data)
        self.years = {f"last_{row.pk}": row for row in held}
        for name, row in self.years.items():
            label = (
                _("Last number of the papers sent in %(year)d")
                if row.direction == Direction.OUT
                else _("Last number of the papers received in %(year)d")
            )
            self.fields[name] = forms.IntegerField(
                label=label % {"year": row.year},
                min_value=row.last,
                max_value=row.last + MOST_SKIPPED,
                help_text=_("The last number known here is %(number)d.") % {"number": row.last},
                error_messages={
                    "required": gettext_lazy("Enter the last number that was used."),
                    "min_value": _("Enter %(number)d or a higher number.") % {"number": row.last},
                },
            )


@require_http_methods(["GET", "HEAD", "POST"])
def last_numbers(request: HttpRequest) -> HttpResponse:
    """`/correspondence/numbers/`: asks for the last numbers after a restore, and names those that were skipped.

    They belong to no State, so that limits of desks do not matter.
    """
    may = request.user.has_perm(MAY_DISPATCH)
    if request.method == "POST" and not may:
        raise PermissionDenied
    years = list(RegisterYear.objects.order_by("year", "-direction"))
    held = [row for row in years if row.restored_from is not None]
    form = LastNumbersForm(held, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        for name, row in form.years.items():
            numbers.confirm_last(row, form.cleaned_data[name], by=request.user.get_username())
        messages.success(request, _("Papers get numbers again."))
        return redirect("correspondence")
    if held and may:
        put_the_focus(form)
    context = {
        "form": form if held and may else None,
        "backup": held[0].restored_from if held else None,
        "skipped": skipped_numbers(years),
    }
    return render(request, "web/correspondence/last_numbers.html", context)


def skipped_numbers(years: Iterable[RegisterYear]) -> list[dict[str, Any]]:
    """The ranges that were skipped, as references, with who entered them and when."""
    head, found = Letterhead.get(), []
    for row in years:
        pattern = head.pattern if row.direction == Direction.OUT else head.pattern_received
        found += [
            one
            | {name: numbers.reference_of(pattern, row.year, one[name]) for name in ("first", "last")}
            | {name: datetime.fromisoformat(one[name]) for name in ("at", "backup")}
            for one in row.skipped
        ]
    return found
