"""`/follow-up/`: the Committee's requests for further information, the replies, and how the Committee finds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext_lazy

from tracker.consideration.coverage import length_in_words
from tracker.languages.typed import as_symbol
from tracker.languages.writing import in_words
from tracker.obligations.models import Assessment, RequestDocument
from tracker.obligations.queries.follow_up import (
    STATUSES,
    FollowUp,
    Reply,
    Statistics,
    reply_of,
    requests_on,
    statistics_of,
)
from tracker.obligations.wording import STATUS_LABELS, labelled
from tracker.registry.models import Region
from tracker.rules.entry_into_force import OPSC_IN_FORCE
from tracker.rules.status import Status, days_late
from tracker.web.pictures.columns import Chart, Column, Layer, chart_of
from tracker.web.ui.as_of import day_of
from tracker.web.ui.columns import DayColumn, EditColumn, RegionColumn, StateColumn, code_or_words
from tracker.web.ui.documents import document
from tracker.web.ui.filters import (
    ChipSet,
    DayFilter,
    DeskFilter,
    RegionFilter,
    SeveralFilter,
    StateChoiceFilter,
    named,
)
from tracker.web.ui.lists import DayListPage
from tracker.web.ui.tables import DayTable, status_badge

REPLIES = {
    Reply.ON_TIME: STATUS_LABELS[Status.ON_TIME],
    Reply.LATE: STATUS_LABELS[Status.LATE],
    Reply.OVERDUE: pgettext_lazy("a reply", "none, overdue"),
    Reply.NOT_DUE: pgettext_lazy("a reply", "none yet, not due"),
    Reply.NO_RECORD: STATUS_LABELS[Status.NO_RECORD],
    Reply.NOT_OWED: pgettext_lazy("a reply", "not owed any more"),
}
# From below; neighbours differ in lightness or pattern, not only in colour.
LAYERS = (
    Layer(Reply.ON_TIME.value, REPLIES[Reply.ON_TIME], "stack-on-time"),
    Layer(Reply.LATE.value, REPLIES[Reply.LATE], "stack-late"),
    Layer(Reply.NOT_DUE.value, REPLIES[Reply.NOT_DUE], "stack-unknown", "dots"),
    Layer(Reply.OVERDUE.value, REPLIES[Reply.OVERDUE], "stack-overdue"),
    Layer(Reply.NO_RECORD.value, REPLIES[Reply.NO_RECORD], "stack-no-record", "hatch"),
)
NOT_ASSESSED = "none"
MOST_NAMED = 12  # columns of a picture that all have their names


def _years() -> list[tuple[str, str]]:
    """The years in which requests can have been issued, the latest first."""
    return [(str(year), str(year)) for year in range(timezone.localdate().year, OPSC_IN_FORCE.year - 1, -1)]


class FollowUpFilter(ChipSet):
    """Requests by desk, State, group, kind, year of issue, reply, assessment and text."""

    desk = DeskFilter()
    q = filters.CharFilter(label=gettext_lazy("Text"), method="filter_text")
    state = StateChoiceFilter()
    region = RegionFilter()
    kind = SeveralFilter(label=gettext_lazy("Kind"), choices=RequestDocument)
    year = filters.ChoiceFilter(label=gettext_lazy("Issued in"), choices=_years, method="filter_year")
    reply = SeveralFilter(
        label=gettext_lazy("Reply"),
        choices=[(reply.value, label) for reply, label in REPLIES.items()],
        method="filter_reply",
    )
    replied_from = DayFilter(label=gettext_lazy("Reply received from"), field_name="reply", lookup_expr="gte")
    assessment = SeveralFilter(
        label=gettext_lazy("Assessment"),
        choices=[*Assessment.choices, (NOT_ASSESSED, pgettext_lazy("a reply", "not assessed"))],
        method="filter_assessment",
    )
    phrases: ClassVar[dict[str, Any]] = {
        "kind": gettext_lazy("of the kind %(values)s"),
        "year": gettext_lazy("issued in %(values)s"),
        "reply": gettext_lazy("with the reply %(values)s"),
        "replied_from": gettext_lazy("with a reply received from %(values)s"),
        "assessment": gettext_lazy("with the reply found %(values)s"),
    }

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In the State's name or code, however spelled, or the symbol of the document."""
        return queryset.filter(
            Q(state__in=named(self.request, value)) | Q(document__icontains=as_symbol(value))
        )

    def filter_year(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Issued in a year."""
        return queryset.filter(issued_on__year=int(value))

    def filter_reply(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """With one of some replies on the as-of day."""
        found = Q(status__in=[status for one in value for status in STATUSES[Reply(one)]])
        return queryset.filter(found | Q(status=None) if Reply.NOT_OWED in value else found)

    def filter_assessment(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """With one of some assessments known on the as-of day; a reply without one is not assessed."""
        found = Q(found__in=value)
        return queryset.filter(found | Q(found="", reply__isnull=False) if NOT_ASSESSED in value else found)


class FollowUpTable(DayTable):
    """Requests as known on a day (rows of `requests_on`)."""

    then = ("state__in_order", "pk")
    state = StateColumn(order_by=("state__in_order", "issued_on", "pk"))
    iso3 = tables.Column(
        gettext_lazy("Alpha-3"), accessor="state_id", order_by=("state_id", "issued_on", "pk"), visible=False
    )
    region = RegionColumn("issued_on", "pk", visible=False)
    kind = tables.Column(
        gettext_lazy("Kind"), order_by=("kind", "issued_on", "pk"), attrs={"td": {"class": "what"}}
    )
    document = tables.Column(
        gettext_lazy("Document"), order_by=("document", "pk"), attrs={"td": {"class": "what"}}
    )
    issued_on = DayColumn(gettext_lazy("Issued"))
    due_on = DayColumn(gettext_lazy("Reply due"))
    reply = DayColumn(gettext_lazy("Reply received"))
    # For exports; on screen the reply shows them.
    reply_words = tables.Column(
        gettext_lazy("Words of the reply"), empty_values=(), orderable=False, visible=False
    )
    status = tables.Column(gettext_lazy("Reply"), empty_values=(), order_by=("status", "due_on", "pk"))
    # For exports; on screen the status shows it.
    days_late = tables.Column(gettext_lazy("Days late"), empty_values=(), orderable=False, visible=False)
    found = tables.Column(
        gettext_lazy("Assessment"), order_by=("found", "due_on", "pk"), attrs={"td": {"class": "wraps"}}
    )
    # For exports; on screen the assessment shows both.
    assessed_on = DayColumn(gettext_lazy("Assessed on"), empty_values=(), orderable=False, visible=False)
    words = tables.Column(
        gettext_lazy("In the Committee’s words"),
        accessor="assessment_words",
        empty_values=(),
        orderable=False,
        visible=False,
        attrs={"td": {"class": "wrap"}},
    )
    source = tables.Column(gettext_lazy("Source"), orderable=False, visible=False)
    edit = EditColumn()

    exported_with: ClassVar[dict[str, tuple[str, ...]]] = {
        "state": ("iso3",),
        "reply": ("reply_words",),
        "status": ("days_late",),
        "found": ("assessed_on", "words"),
    }

    class Meta:
        order_by = "-issued_on"
        attrs = {"class": "rows wide"}

    def value_kind(self, record: Any) -> str:
        return code_or_words(record.kind, record.get_kind_display())

    def render_document(self, value: str) -> str:
        return document(value)

    def value_document(self, value: str) -> str:
        return value

    def render_reply(self, record: Any, value: date) -> str:
        length = length_in_words(record.reply_words, record.word_limit)
        if not length or self.columns["reply_words"].visible:
            return in_words(value)
        return format_html("{}<small>{}</small>", in_words(value), length)

    def value_reply(self, value: date) -> date:
        return value

    def render_reply_words(self, record: Any) -> str:
        return length_in_words(self.value_reply_words(record), record.word_limit) or "—"

    # What is recorded later than the day was not known on it.
    def value_reply_words(self, record: Any) -> int | None:
        return record.reply_words if record.reply else None

    def render_status(self, record: Any) -> str:
        if not record.status:
            return str(REPLIES[Reply.NOT_OWED])
        return status_badge(record.status, record.due_on, record.reply, self.day)

    def value_status(self, record: Any) -> str:
        reply = reply_of(record.status)
        return code_or_words(reply.value, REPLIES[reply])

    def render_days_late(self, record: Any) -> Any:
        late = self.value_days_late(record)
        return "—" if late is None else late

    def value_days_late(self, record: Any) -> int | None:
        return days_late(record.status or "", due_on=record.due_on, received_on=record.reply, day=self.day)

    def render_found(self, record: Any) -> str:
        return str(record.assessed_by(self.day))

    def value_found(self, value: str) -> str:
        return code_or_words(value, Assessment(value).label)

    def render_assessed_on(self, record: Any) -> str:
        return in_words(record.assessed_on) if record.found else "—"

    def value_assessed_on(self, record: Any) -> date | None:
        return record.assessed_on if record.found else None

    def render_words(self, record: Any) -> str:
        return self.value_words(record) or "—"

    def value_words(self, record: Any) -> str:
        return record.assessment_words if record.found else ""


@dataclass(frozen=True)
class CountedRequests:
    """A row of the statistics.

    Attributes:
        cells: the number of all requests, of each reply and of each assessment, each with the list that it counts.
    """

    label: Any
    cells: Sequence[tuple[int, str]]


class FollowUpList(DayListPage):
    """The requests known on the day, with statistics of those that match the filters."""

    table_class = FollowUpTable
    filterset_class = FollowUpFilter
    template_name = "web/consideration/follow_up.html"
    export_name = "follow-up"

    def get_queryset(self) -> QuerySet[Any]:
        return requests_on(day_of(self.request), today=timezone.localdate()).select_related("state")

    @cached_property
    def counted(self) -> Statistics:
        """The statistics of the rows that match the filters."""
        return statistics_of(self.object_list)

    def get_table_kwargs(self) -> dict[str, Any]:
        may_edit = self.request.user.has_perm("obligations.change_informationrequest")
        return super().get_table_kwargs() | {
            "exclude": () if may_edit else ("edit",),
            "total": self.counted.together.asked,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        counted = self.counted
        if self.is_export or not counted.together.asked:
            return context
        groups = {**{one.value: one.label for one in Region}, "": gettext("No regional group recorded")}
        by_region = [
            self._row(label, counted.regions[region], **({"region": region} if region else {}))
            if region
            else CountedRequests(
                label, [(n, "") for n, _to in self._row(label, counted.regions[region]).cells]
            )
            for region, label in groups.items()
            if region in counted.regions
        ]
        by_year = [self._row(str(year), one, year=str(year)) for year, one in counted.years.items()]
        return context | {
            "says": _in_sentences(counted.together),
            "headings": [*REPLIES.values(), *(one.label for one in Assessment)],
            "by_region": by_region,
            "by_year": by_year,
            "together": self._row(gettext("All"), counted.together),
            "layers": LAYERS,
            "chart": self._chart(counted),
        }

    def _row(self, label: Any, one: FollowUp, **narrower: str) -> CountedRequests:
        counts: list[tuple[int, dict[str, str]]] = [(one.asked, {})]
        counts += [(one.replies[reply], {"reply": reply.value}) for reply in REPLIES]
        counts += [(one.assessed[found.value], {"assessment": found.value}) for found in Assessment]
        return CountedRequests(
            label, [(n, self._list(**narrower, **more) if n else "") for n, more in counts]
        )

    def _list(self, **narrower: str) -> str:
        """The address of this list with further filters, on the same desk and the same day."""
        query = self.request.GET.copy()
        for name in ("page", "sort", *narrower):
            query.pop(name, None)
        for name, value in narrower.items():
            query[name] = value
        return f"?{query.urlencode()}#rows"

    def _chart(self, counted: Statistics) -> Chart:
        """The requests by the year of issue, by what became of them."""
        few = len(counted.years) <= MOST_NAMED
        columns = [
            Column(
                str(year),
                {layer.key: one.replies[Reply(layer.key)] for layer in LAYERS},
                few or year % 5 == 0,
                self._list(year=str(year)) if one.asked else "",
                labelled(
                    year,
                    ngettext("%(n)d request", "%(n)d requests", one.asked) % {"n": one.asked},
                ),
            )
            for year, one in counted.years.items()
        ]
        return chart_of(columns, LAYERS)


def _in_sentences(one: FollowUp) -> list[str]:
    """The figures in sentences."""
    received = one.replies[Reply.ON_TIME] + one.replies[Reply.LATE]
    said = [
        ngettext(
            "%(n)d reply was received, %(late)d of them late.",
            "%(n)d replies were received, %(late)d of them late.",
            received,
        )
        % {"n": received, "late": one.replies[Reply.LATE]}
    ]
    if n := one.replies[Reply.OVERDUE]:
        said.append(ngettext("%(n)d reply is overdue.", "%(n)d replies are overdue.", n) % {"n": n})
    if n := sum(one.assessed.values()):
        said.append(
            ngettext(
                "The Committee’s assessment of %(n)d reply is recorded.",
                "The Committee’s assessment of %(n)d replies is recorded.",
                n,
            )
            % {"n": n}
        )
    return said
