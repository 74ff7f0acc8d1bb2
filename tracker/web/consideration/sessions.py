"""`/sessions/`: the sessions of the Committee and of its working group, as they were known on a day."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy as _

from tracker.obligations.models import CommitteeSession, SessionKind, SessionStatus, Trust
from tracker.obligations.queries.sessions import sessions_by
from tracker.obligations.wording import trust_in_words
from tracker.web.consideration.session_form import may_say_outcome
from tracker.web.ui.as_of import day_of
from tracker.web.ui.columns import DayColumn, code_or_words
from tracker.web.ui.filters import ChipSet, SeveralFilter
from tracker.web.ui.lists import DayListPage
from tracker.web.ui.tables import DayTable


def _years() -> list[tuple[str, str]]:
    """The years in which a session begins, ends or was to begin, the latest first."""
    days = CommitteeSession.objects.values_list("starts_on", "ends_on", "moved_from")
    years = sorted({str(day.year) for each in days for day in each if day}, reverse=True)
    return [(year, year) for year in years]


class SessionFilter(ChipSet):
    """Sessions by kind, status and year."""

    kind = SeveralFilter(label=_("Kind"), choices=SessionKind)
    status = SeveralFilter(label=_("Status"), choices=SessionStatus, field_name="status_then")
    outcome = filters.ChoiceFilter(
        label=_("Outcome"), choices=[("open", _("not recorded"))], method="filter_outcome"
    )
    year = filters.ChoiceFilter(label=_("Year"), choices=_years, method="filter_year")
    phrases: ClassVar[dict[str, Any]] = {
        "kind": _("of the kind %(values)s"),
        "status": _("with the status %(values)s"),
        "outcome": _("with the outcome %(values)s"),
        "year": _("in %(values)s"),
    }

    def filter_outcome(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Sessions that had ended, and of which it was not known whether they were held."""
        return queryset.filter(awaits=True)

    def filter_year(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Sessions with a day in a year, as they were planned on the as-of day."""
        return queryset.filter(
            Q(last_then__year__gte=int(value)) | Q(last_then=None, first_then__year__gte=int(value)),
            first_then__year__lte=int(value),
        )


class SessionTable(DayTable):
    """Sessions (rows of `sessions_by`)."""

    then = ("kind", "pk")
    session = tables.Column(_("Session"), accessor="number")
    number = tables.Column(_("Number"), visible=False)
    kind = tables.Column(_("Kind"), order_by=("kind", "number", "pk"), visible=False)
    status = tables.Column(_("Status"), accessor="status_then", order_by=("status_then", "first", "pk"))
    first = DayColumn(_("First day"), accessor="first_then")
    last = DayColumn(_("Last day"), accessor="last_then")
    weeks = tables.Column(
        _("Weeks"), orderable=False, attrs={"td": {"class": "number"}, "th": {"class": "number"}}
    )
    dialogues = tables.Column(
        _("Dialogues"),
        order_by=("dialogues", "first", "pk"),
        attrs={"td": {"class": "number"}, "th": {"class": "number"}},
    )
    states = tables.Column(
        _("States"),
        order_by=("states", "first", "pk"),
        attrs={"td": {"class": "number"}, "th": {"class": "number"}},
    )
    confidence = tables.Column(_("Confidence"), order_by=("confidence", "first", "pk"), visible=False)
    source = tables.Column(_("Source"), orderable=False, visible=False, attrs={"td": {"class": "wrap"}})
    note = tables.Column(_("Note"), orderable=False, visible=False, attrs={"td": {"class": "wrap"}})
    exported_with: ClassVar[dict[str, tuple[str, ...]]] = {"session": ("number", "kind")}

    def render_session(self, record: Any) -> str:
        address = record.get_absolute_url() + self.as_of_query
        return format_html('<a href="{}">{}</a>', address, capfirst(str(record)))

    def value_session(self, record: Any) -> str:
        return str(record)

    def render_kind(self, record: Any) -> str:
        return str(record.get_kind_display())

    def value_kind(self, record: Any) -> str:
        return code_or_words(record.kind, record.get_kind_display())

    def render_status(self, record: Any) -> str:
        said, doubt = SessionStatus(record.status_then).label, trust_in_words(record)
        more = format_html("<small>{}</small>", doubt) if doubt else ""
        asked = format_html("<small>{}</small>", gettext("Was it held?")) if record.awaits else ""
        acts = self._outcomes(record) if record.awaits else ""
        return format_html('<span class="ledger">{}</span>{}{}{}', said, more, asked, acts)

    def _outcomes(self, record: Any) -> str:
        """What somebody who may change the session can say; the form of the page sends it."""
        if not may_say_outcome(self.request.user, record):
            return ""
        edit = reverse("edit-session", args=[record.pk])
        what = format_html('<span class="unseen">: {}</span>', record)
        return format_html(
            '<span class="acts"><button class="plain" form="outcome" formaction="{}">{}{what}</button> '
            '<a href="{}?status=cancelled">{}{what}</a> <a href="{}?status=moved">{}{what}</a></span>',
            reverse("session-held", args=[record.pk]),
            capfirst(SessionStatus.HELD.label),
            edit,
            capfirst(SessionStatus.CANCELLED.label),
            edit,
            gettext("Moved"),
            what=what,
        )

    def value_status(self, record: Any) -> str:
        return code_or_words(record.status_then, SessionStatus(record.status_then).label)

    def render_weeks(self, record: Any) -> int | str:
        return record.weeks if record.last_then else "—"

    def value_weeks(self, record: Any) -> int | None:
        return record.weeks if record.last_then else None

    def render_note(self, record: Any) -> str:
        return str(record.note if record.is_written_by(self.day) else "")

    def render_confidence(self, record: Any) -> str:
        return str(Trust(record.confidence).label)

    def value_confidence(self, record: Any) -> str:
        return code_or_words(record.confidence, Trust(record.confidence).label)


class SessionList(DayListPage):
    """`/sessions/`: every session, those to come first."""

    table_class = SessionTable
    filterset_class = SessionFilter
    template_name = "web/consideration/session_list.html"
    export_name = "sessions"

    def get_queryset(self) -> QuerySet[Any]:
        return sessions_by(day_of(self.request), timezone.localdate())
