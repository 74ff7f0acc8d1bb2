"""`/states/NOR/correspondence/`: everything that passed between the office and a State, on one page."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any, ClassVar

import django_filters as filters
import django_tables2 as tables
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _, gettext_lazy

from tracker.correspondence.addresses import doubt_of, with_confirmations
from tracker.correspondence.exchange import Exchange, Exchanged, occasion_in_words
from tracker.correspondence.models import Direction, Paper, PaperFile
from tracker.registry import limits
from tracker.registry.models import State
from tracker.reminders.incoming import bounced
from tracker.reminders.models import ReminderState
from tracker.web.correspondence.register import status_of
from tracker.web.models import SavedView
from tracker.web.ui.addresses import ALPHA_3
from tracker.web.ui.as_of import day_of
from tracker.web.ui.columns import DayColumn
from tracker.web.ui.filters import ChipSet, SeveralFilter
from tracker.web.ui.lists import Choice, DayListPage
from tracker.web.ui.tables import DayTable

# Such a mail is marked itself; else the status of the paper is, as in the register.
NOT_DELIVERED = (ReminderState.FAILED, ReminderState.DEAD, ReminderState.UNKNOWN, ReminderState.RETURNED)
MAY_READ = ("correspondence.view_paper", "reminders.view_mail")


class ExchangeTable(DayTable):
    """What went out and came in, newest first."""

    then = ("day",)
    day = DayColumn(gettext_lazy("Day"), order_by=("day",))
    direction = tables.Column(
        gettext_lazy("Sent or received"), accessor="direction_in_words", order_by=("direction", "day")
    )
    form = tables.Column(gettext_lazy("What"), attrs={"td": {"class": "wrap"}})
    person = tables.Column(gettext_lazy("To or from"), attrs={"td": {"class": "wrap"}})
    subject = tables.Column(gettext_lazy("Reference and subject"), attrs={"td": {"class": "wrap"}})
    reference = tables.Column(gettext_lazy("Reference"), visible=False)
    status = tables.Column(gettext_lazy("Status"))
    beside = tables.Column(gettext_lazy("Details"), visible=False)
    files = tables.Column(
        gettext_lazy("Files"),
        orderable=False,
        exclude_from_export=True,
        empty_values=([],),
        attrs={"td": {"class": "wrap"}},
    )

    exported_with: ClassVar[dict[str, tuple[str, ...]]] = {"subject": ("reference",), "status": ("beside",)}

    def render_subject(self, record: Exchanged) -> str:
        title = record.reference or record.subject
        head = (
            format_html('<a href="{}">{}</a>', f"{record.address}{self._query(record)}", title)
            if record.address
            else title
        )
        if not record.reference:
            return head
        return format_html("{}<small><bdi>{}</bdi></small>", head, record.subject)

    def value_subject(self, record: Exchanged) -> str:
        return record.subject

    def _query(self, record: Exchanged) -> str:
        return "" if "#" in record.address else self.as_of_query

    def render_status(self, record: Exchanged) -> str:
        said: str = format_html('<span class="ledger ledger-{}">{}</span>', record.mark, record.status)
        paper = record.row if isinstance(record.row, Paper) else None
        if (
            paper is not None
            and record.status == paper.get_status_display()
            and record.mark not in NOT_DELIVERED
        ):
            said = status_of(paper)
        return format_html("{}<small>{}</small>", said, record.beside) if record.beside else said

    def value_status(self, record: Exchanged) -> str:
        return record.status

    def render_files(self, value: list[Any]) -> str:
        return format_html_join(
            " · ",
            '<a href="{}" download>{}</a>',
            ((one.get_absolute_url(), file_in_words(one)) for one in value),
        )


def file_in_words(file: PaperFile) -> str:
    """The name of a file, and that it was attached by mistake."""
    return _("%(name)s (attached by mistake)") % {"name": file.name} if file.mistake else file.name


class ExchangeFilter(ChipSet):
    """Filters by text, direction, occasion and year; applied to rows that have been read."""

    q = filters.CharFilter(label=gettext_lazy("Text"), method="unchanged")
    direction = filters.ChoiceFilter(
        label=gettext_lazy("Sent or received"), choices=Direction, method="unchanged"
    )
    year = filters.ChoiceFilter(label=gettext_lazy("Year"), method="unchanged")
    occasion = SeveralFilter(label=gettext_lazy("Occasion"), method="unchanged")

    phrases: ClassVar[dict[str, Any]] = {"direction": "%(values)s", "occasion": "%(values)s"}

    def __init__(self, *args: Any, rows: list[Exchanged], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        years = sorted({one.day.year for one in rows}, reverse=True)
        self.filters["year"].extra["choices"] = [(str(year), str(year)) for year in years]
        occasions = Counter(one.occasion for one in rows)
        self.filters["occasion"].extra["choices"] = [
            (one, occasion_in_words(one)) for one, _number in occasions.most_common()
        ]

    @property
    def qs(self) -> Any:
        """The rows that the filters let through."""
        if not self.form.is_valid():
            return self.rows
        chosen = self.form.cleaned_data
        words = (chosen["q"] or "").casefold().split()
        return [
            one
            for one in self.rows
            if one.mentions(words)
            and chosen["direction"] in ("", one.direction)
            and chosen["year"] in ("", str(one.day.year))
            and (not chosen["occasion"] or one.occasion in chosen["occasion"])
        ]


class ExchangePage(PermissionRequiredMixin, DayListPage):
    """The exchange with a State as a list."""

    permission_required = MAY_READ
    raise_exception = True
    table_class = ExchangeTable
    filterset_class = ExchangeFilter
    template_name = "web/correspondence/exchange.html"
    export_name = "correspondence"
    views: ClassVar[list[SavedView]] = []  # a view is saved for a list, not for each State

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        iso3 = self.kwargs["iso3"]
        if not ALPHA_3.fullmatch(iso3):
            raise Http404
        if iso3 != iso3.upper():
            address = reverse("state-correspondence", args=[iso3.upper()], query=request.GET)
            return redirect(address, permanent=True)
        answer: HttpResponseBase = super().get(request, *args, **kwargs)
        return answer

    @cached_property
    def state(self) -> State:
        """The State of the address."""
        return get_object_or_404(State, pk=self.kwargs["iso3"])

    def get_queryset(self) -> QuerySet[Any]:
        # The rows are of several tables: the filter has them.
        return Paper.objects.none()

    def get_filterset_kwargs(self, filterset_class: Any) -> dict[str, Any]:
        rows = Exchange(self.state, day_of(self.request)).read()
        return super().get_filterset_kwargs(filterset_class) | {"rows": rows}

    @property
    def export_title(self) -> str:
        """What the rows are."""
        return _("Correspondence with %(state)s") % {"state": self.state.shown_name}

    def get_export_filename(self, export_format: str) -> str:
        name = super().get_export_filename(export_format)
        return f"{self.state.pk}-{name}"

    def choices(self) -> list[Choice]:
        # The page has the same columns for everybody.
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.is_export:
            return context
        user = self.request.user
        drafts = user.has_perm("correspondence.add_paper") and limits.may_change(user, {self.state.pk})
        return context | {
            "state": self.state,
            "contacts": self._contacts() if user.has_perm("registry.view_contact") else None,
            "all": len(self.filterset.rows),
            "may_write": drafts,
        }

    def _contacts(self) -> list[Any]:
        """The contacts with kind, language, last confirmation and doubts."""
        day = day_of(self.request)
        rows = with_confirmations(self.state.contacts.all(), day)
        contacts: list[Any] = list(rows.order_by("-active", "copy", "name", "pk"))
        returned = bounced.open_about(contacts)
        for one in contacts:
            one.doubt = doubt_of(one, day)
            one.returned = returned.get(one.pk)
            one.spoken = one.get_language_display() or self.state.get_language_display()
        return contacts
