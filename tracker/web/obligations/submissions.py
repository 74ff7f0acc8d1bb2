"""All reports received: when, how late, and the concluding observations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet, TextChoices
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy

from tracker.consideration.life import lives_of
from tracker.consideration.life_in_words import NEXT_LABELS, next_in_words, who_and_since, whose_in_words
from tracker.languages.typed import as_symbol
from tracker.languages.writing import in_words
from tracker.obligations.models import CarriedBy, Information, Kind, Submission
from tracker.obligations.queries.received import (
    OnProtocol,
    information_in_words,
    known_day,
    receipt_status,
    received_by,
    recorded_since,
)
from tracker.obligations.wording import STATUS_LABELS
from tracker.registry.models import Language
from tracker.rules.life import Life
from tracker.rules.status import days_late, over_limit
from tracker.web.obligations.considered import ConsideredFilter
from tracker.web.ui.as_of import day_of
from tracker.web.ui.columns import DayColumn, EditColumn, ReportColumn, StateColumn, code_or_words
from tracker.web.ui.documents import document
from tracker.web.ui.filters import (
    SERIES,
    DayFilter,
    DeskFilter,
    MomentFilter,
    RegionFilter,
    SeveralFilter,
    StateChoiceFilter,
    YearsFilter,
    named,
)
from tracker.web.ui.lists import DayListPage
from tracker.web.ui.tables import DayTable, ReportTable, status_badge


class Receipt(TextChoices):
    """Whether the day of receipt is recorded."""

    KNOWN = "known", gettext_lazy("known")
    UNKNOWN = "unknown", gettext_lazy("unknown")


class Observations(TextChoices):
    """Whether the symbol of the concluding observations is recorded."""

    WITH = "with", gettext_lazy("recorded")
    WITHOUT = "without", gettext_lazy("not recorded")


class SubmissionFilter(ConsideredFilter):
    """Reports by desk, State, group, kind, series, language, receipt, review and text."""

    desk = DeskFilter()
    q = filters.CharFilter(label=gettext_lazy("Text"), method="filter_text")
    state = StateChoiceFilter()
    region = RegionFilter()
    kind = SeveralFilter(
        label=gettext_lazy("Kind"), choices=[one for one in Kind.choices if one[0] != Kind.INFORMATION]
    )
    carried_by = filters.ChoiceFilter(label=gettext_lazy("Series"), choices=SERIES)
    language = SeveralFilter(label=gettext_lazy("Language"), choices=Language)
    received_from = DayFilter(
        label=gettext_lazy("Received from"),
        field_name="received_on",
        lookup_expr="gte",
    )
    received_until = DayFilter(
        label=gettext_lazy("Received until"),
        field_name="received_on",
        lookup_expr="lte",
    )
    recorded_from = MomentFilter(label=gettext_lazy("Recorded since"), method="filter_recorded")
    receipt = filters.ChoiceFilter(
        label=gettext_lazy("Date of receipt"), choices=Receipt, method="filter_receipt"
    )
    observations = filters.ChoiceFilter(
        label=gettext_lazy("Concluding observations"), choices=Observations, method="filter_observations"
    )
    information = SeveralFilter(
        label=gettext_lazy("Information on the OPSC"), choices=OnProtocol, method="filter_information"
    )
    next = SeveralFilter(
        label=gettext_lazy("Next step"),
        choices=[(stage.value, label) for stage, label in NEXT_LABELS.items()],
        method="filter_next",
    )
    waiting_over = YearsFilter(
        label=gettext_lazy("Waiting for a session for more than, years"), method="filter_waiting"
    )
    phrases: ClassVar[dict[str, Any]] = ConsideredFilter.considered_phrases | {
        "kind": gettext_lazy("of the kind %(values)s"),
        "carried_by": gettext_lazy("only %(values)s"),
        "received_from": gettext_lazy("received from %(values)s"),
        "received_until": gettext_lazy("received until %(values)s"),
        "receipt": gettext_lazy("with the date of receipt %(values)s"),
        "observations": gettext_lazy("with the concluding observations %(values)s"),
        "language": gettext_lazy("in the language %(values)s"),
        "next": gettext_lazy("with the next step %(values)s"),
        "waiting_over": gettext_lazy("waiting for a session for more than %(values)s"),
    }

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In the State's name or code, however spelled, the report's symbol or its title."""
        return queryset.filter(
            Q(state__in=named(self.request, value))
            | Q(symbol__icontains=as_symbol(value))
            | Q(title__icontains=value)
        )

    def filter_recorded(self, queryset: QuerySet[Any], name: str, value: datetime) -> QuerySet[Any]:
        """Entered in this tracker from a moment on."""
        return queryset.filter(recorded_since(value))

    def filter_receipt(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """With a date of receipt, or with that of the review alone."""
        return queryset.filter(received_on__isnull=value == Receipt.UNKNOWN)

    def filter_observations(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """With concluding observations known on the as-of day, or without."""
        if value == Observations.WITH:
            return queryset.exclude(observations="")
        return queryset.filter(observations="")

    def filter_information(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """Reports under the CRC by whether the information is in them."""
        values = [*value, ""] if Information.NOT_LOOKED_AT in value else value
        return queryset.filter(carried_by=CarriedBy.CRC_REPORT, information__in=values)

    def filter_next(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """Reports that wait for one of some steps."""
        return queryset.filter(pk__in=[pk for pk, life in self.lives.items() if life.next_stage in value])

    def filter_waiting(self, queryset: QuerySet[Any], name: str, value: int) -> QuerySet[Any]:
        """Reports on no session, received more than some years ago."""
        limit = over_limit(day_of(self.request), value)
        waits = [pk for pk, life in self.lives.items() if life.waits_since and life.waits_since <= limit]
        return queryset.filter(pk__in=waits)

    @cached_property
    def lives(self) -> dict[int, Life]:
        """The lives of all reports: the database does not know them."""
        day = day_of(self.request)
        return lives_of(Submission.objects.known_on(day), day, today=timezone.localdate())


class SubmissionTable(DayTable, ReportTable):
    """Reports received up to a day (rows of `received_by`)."""

    then = ("state__in_order", "pk")
    state = StateColumn(order_by=("state__in_order", "known", "pk"))
    what = ReportColumn(
        accessor="pk",
        order_by=("kind", "carried_by", "first_cycle", "last_cycle", "state__in_order", "pk"),
        attrs={"td": {"class": "what wraps"}},
    )
    # For exports; on screen the name of the report shows it.
    cycles = tables.Column(gettext_lazy("Cycles"), orderable=False, visible=False)
    carried_by = tables.Column(gettext_lazy("Carried by"), visible=False)
    symbol = tables.Column(
        gettext_lazy("Symbol"), empty_values=(), order_by=("symbol", "pk"), attrs={"td": {"class": "what"}}
    )
    link = tables.Column(gettext_lazy("Link"), orderable=False, visible=False)
    received_on = DayColumn(
        gettext_lazy("Received"), empty_values=(), order_by=("known", "state__in_order", "pk")
    )
    status = tables.Column(
        gettext_lazy("Status"), empty_values=(), order_by=("late", "known", "state__in_order", "pk")
    )
    # For exports; on screen the status shows it in words.
    days_late = tables.Column(gettext_lazy("Days late"), empty_values=(), orderable=False, visible=False)
    reviewed = DayColumn(gettext_lazy("Reviewed"))
    review_precision = tables.Column(gettext_lazy("Review known to the"), orderable=False, visible=False)
    # For exports; on screen the review shows them.
    observations = tables.Column(
        gettext_lazy("Concluding observations"), attrs={"td": {"class": "what"}}, visible=False
    )
    next = tables.Column(
        gettext_lazy("Next step"), empty_values=(), orderable=False, attrs={"td": {"class": "what wraps"}}
    )
    # For exports; on screen the next step shows them.
    whose = tables.Column(gettext_lazy("Waits for"), empty_values=(), orderable=False, visible=False)
    since = DayColumn(gettext_lazy("Waits since"), empty_values=(), orderable=False, visible=False)
    information = tables.Column(gettext_lazy("Information on the OPSC"), empty_values=(), visible=False)
    # For exports; on screen the name of the report shows it.
    withdrawn = DayColumn(gettext_lazy("Withdrawn"), order_by=("withdrawn", "pk"), visible=False)
    confidence = tables.Column(gettext_lazy("Confidence"), order_by=("confidence", "pk"), visible=False)
    language = tables.Column(gettext_lazy("Language"), visible=False)
    title = tables.Column(gettext_lazy("Title"), attrs={"td": {"class": "wrap"}}, visible=False)
    printed_due = tables.Column(gettext_lazy("Due date printed by the UN"), accessor="printed", visible=False)
    source = tables.Column(gettext_lazy("Source"), orderable=False, visible=False)
    note = tables.Column(gettext_lazy("Note"), orderable=False, visible=False)
    revises = tables.Column(gettext_lazy("Revises"), orderable=False, visible=False)
    edit = EditColumn()
    exported_with: ClassVar[dict[str, tuple[str, ...]]] = {
        **ReportTable.exported_with,
        "what": ("cycles", "carried_by", "withdrawn"),
        "symbol": ("link",),
        "status": ("days_late",),
        "reviewed": ("review_precision", "observations"),
        "next": ("whose", "since"),
    }

    class Meta:
        sequence = (
            "state", "iso3", "what", "cycles", "carried_by", "symbol", "link", "received_on", "due", "status",
            "days_late", "reviewed", "review_precision", "observations", "next", "whose", "since", "language",
            "title", "printed_due", "source", "note", "revises", "information", "withdrawn", "confidence", "edit",
        )  # fmt: skip
        order_by = "-received_on"
        attrs = {"class": "rows broad"}

    @cached_property
    def lives(self) -> dict[int, Life]:
        """The lives of the reports on the page; of all rows for a file."""
        records = [row.record for row in self.paginated_rows]
        return lives_of(records, self.day, today=timezone.localdate())

    @cached_property
    def page_link(self) -> str:
        """The link to a report's page, with places for its key and name; made once for all rows."""
        address = reverse("report-life", args=[0]).replace("0", "{}") + self.as_of_query
        return f'<a href="{address}">{{}}</a>'

    def render_what(self, record: Any) -> str:
        shown = format_html(self.page_link, record.pk, record.label)
        if record.withdrawn:
            said = _("withdrawn by the State on %(day)s") % {"day": in_words(record.withdrawn)}
            return format_html("{}<small>{}</small>", shown, said)
        return format_html("{}<small>{}</small>", shown, _("revision")) if record.revises_id else shown

    def value_what(self, record: Any) -> str:
        return record.label

    def render_symbol(self, record: Any) -> str:
        return document(record.symbol, record.link)

    def value_symbol(self, record: Any) -> str:
        return str(record.symbol)

    def render_received_on(self, record: Any) -> str:
        if record.received_on is None:
            return _("not known")
        return in_words(record.received_on)

    def value_received_on(self, record: Any) -> date | None:
        return record.received_on

    def render_status(self, record: Any) -> str:
        status = receipt_status(record)
        return status_badge(status, record.due, record.received_on, self.day) if status else "—"

    def value_status(self, record: Any) -> str:
        status = receipt_status(record)
        return code_or_words(status, STATUS_LABELS[status]) if status else ""

    def value_days_late(self, record: Any) -> int | None:
        return days_late(
            receipt_status(record) or "", due_on=record.due, received_on=record.received_on, day=self.day
        )

    def render_reviewed(self, record: Any) -> str:
        day = known_day(record.reviewed, record.review_precision)
        if not record.observations or self.columns["observations"].visible:
            return day
        return format_html("{}<small>{}</small>", day, document(record.observations))

    def value_reviewed(self, record: Any) -> date | None:
        return record.reviewed

    def render_next(self, record: Any) -> str:
        life = self.lives[record.pk]
        if life.next_stage is None:
            return "—"
        return format_html("{}<small>{}</small>", next_in_words(life), who_and_since(life, self.day))

    def value_next(self, record: Any) -> str:
        life = self.lives[record.pk]
        return code_or_words(life.next_stage, next_in_words(life)) if life.next_stage else ""

    def render_whose(self, record: Any) -> str:
        return whose_in_words(self.lives[record.pk]) or "—"

    def value_whose(self, record: Any) -> str:
        life = self.lives[record.pk]
        return code_or_words(life.whose, whose_in_words(life)) if life.whose else ""

    def render_since(self, record: Any) -> str:
        since = self.lives[record.pk].since
        return in_words(since) if since else "—"

    def value_since(self, record: Any) -> date | None:
        return self.lives[record.pk].since

    def render_information(self, record: Any) -> str:
        return information_in_words(record, record.information_where) or "—"

    def value_information(self, record: Any) -> str:
        return information_in_words(record, record.information_where)

    def value_confidence(self, record: Any) -> str:
        return code_or_words(record.confidence, record.get_confidence_display())

    def render_observations(self, value: str) -> str:
        return document(value)

    def value_observations(self, value: str) -> str:
        return value


class SubmissionList(DayListPage):
    """`/submissions/`: every report received, as it was known on a day."""

    table_class = SubmissionTable
    filterset_class = SubmissionFilter
    template_name = "web/obligations/submission_list.html"
    export_name = "submissions"

    def get_table_kwargs(self) -> dict[str, Any]:
        may_edit = self.request.user.has_perm("obligations.change_submission")
        return super().get_table_kwargs() | {"exclude": () if may_edit else ("edit",)}

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        # A filter by the next step has read them all.
        if "lives" in vars(self.filterset):
            table.lives = self.filterset.lives
        return table

    def get_queryset(self) -> QuerySet[Any]:
        rows = received_by(day_of(self.request), today=timezone.localdate())
        return rows.select_related("state", "revises")
