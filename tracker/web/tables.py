"""The tables: every column in one place, in the order in which they stand."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_tables2 as tables
from django.db import connection
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from tracker.obligations.models import Obligation, Source, report_label
from tracker.obligations.querysets import STOOD
from tracker.obligations.wording import (
    STATUS_CLASSES,
    STATUS_LABELS,
    Badge,
    awaiting_in_words,
    badge,
    badge_of,
    due_cell,
    observations_in_words,
    prints_otherwise,
)
from tracker.reminders.models import WAITING, Reminder, ReminderState
from tracker.rules.dates import in_words
from tracker.rules.status import Status, days_late
from tracker.rules.trail import in_full
from tracker.web.columns import DayColumn, PickColumn, StateColumn


def status_badge(status: str, due_on: date | None, received_on: date | None, day: date) -> str:
    """The badge as HTML, as `web/_status_badge.html` writes it."""
    return _as_html(badge(status, due_on=due_on, received_on=received_on, day=day))


def _as_html(shown: Badge) -> str:
    # Why a row is without record or date is said once, above or below the table, not in each of its rows.
    title = format_html(' title="{}"', shown.title) if shown.title and shown.css not in SAID_ONCE else ""
    return format_html('<span class="badge badge-{}"{}>{}</span>', shown.css, title, shown.text)


SAID_ONCE = (STATUS_CLASSES[Status.NO_RECORD], STATUS_CLASSES[Status.NOT_RECORDED])


class DayTable(tables.Table):
    """A table that speaks of a day.

    Args:
        day: the as-of day.
        as_of_query: the query that carries it to other pages; empty for today.
    """

    def __init__(self, *args: Any, day: date, as_of_query: str = "", **kwargs: Any) -> None:
        self.day = day
        self.as_of_query = as_of_query
        super().__init__(*args, **kwargs)


class Stood:
    """A row of `Obligation.objects.as_of` with its columns as they were on the day, as words take them.

    The row itself stays as it is: a page of rows costs no copies.
    """

    def __init__(self, row: Any) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, f"then_{name}" if name in STOOD else name)

    @property
    def label(self) -> str:
        """What it is, in words."""
        return report_label(self.kind, self.cycle, self.carried_by, self.subject, self.last_cycle)


class ObligationTable(DayTable):
    """Obligations as they stand on a day (rows of `Obligation.objects.as_of`, with `printed`)."""

    state = StateColumn(order_by=("state__name", "due", "pk"))
    iso3 = tables.Column(_("Alpha-3"), accessor="state_id", order_by=("state_id", "due", "pk"), visible=False)
    what = tables.Column(
        _("Report"),
        accessor="kind",
        order_by=("kind", "cycle", "state__name", "pk"),
        attrs={"td": {"class": "what"}},
    )
    article = tables.Column(_("Article"), order_by=("article", "due", "pk"), visible=False)
    due = DayColumn(_("Due"), order_by=("due", "state__name", "pk"), empty_values=())
    # For the exports: on screen the date itself says it.
    year_only = tables.Column(
        _("Year alone is printed"), accessor="then_year_only", orderable=False, visible=False
    )
    status = tables.Column(_("Status"), order_by=("status", "due", "pk"))
    received_on = DayColumn(
        _("Received"), accessor="then_received_on", order_by=("then_received_on", "due", "pk")
    )
    days_late = tables.Column(
        _("Days late"),
        empty_values=(),
        orderable=False,
        visible=False,
        attrs={"td": {"class": "number"}, "th": {"class": "number"}},
    )
    # For the exports: on screen the status says it.
    awaiting_since = DayColumn(
        _("Awaiting review since"),
        accessor="then_awaiting_since",
        order_by=("then_awaiting_since", "due", "pk"),
        visible=False,
    )
    source = tables.Column(_("Date from"), order_by=("source", "due", "pk"))
    document = tables.Column(
        _("Document"), accessor="then_document", order_by=("then_document", "pk"), visible=False
    )
    printed = tables.Column(
        _("Due, as the UN printed it"),
        order_by=("printed", "state__name", "pk"),
        visible=False,
        attrs={"td": {"class": "day"}},
    )
    differs = tables.Column(_("The UN prints another date"), empty_values=(), orderable=False, visible=False)
    # For the exports: on screen the report's name says it.
    carried_by = tables.Column(_("Carried by"), order_by=("carried_by", "due", "pk"), visible=False)
    trail = tables.Column(_("Why this date"), accessor="pk", orderable=False)
    region = tables.Column(
        _("Regional group"),
        accessor="state__get_region_display",
        order_by=("state__region", "due", "pk"),
        visible=False,
    )
    computed_on = DayColumn(
        _("By the rule"), accessor="then_computed_on", order_by=("then_computed_on", "pk"), visible=False
    )

    # What the cell of a column tells besides, each as a column of its own in a file.
    told_along = {
        "state": ("iso3",),
        "what": ("article", "carried_by"),
        "due": ("year_only", "printed", "differs"),
        "status": ("days_late", "awaiting_since"),
        "source": ("document",),
    }

    class Meta:
        model = Obligation
        fields = ()
        sequence = (
            "state", "iso3", "what", "article", "due", "year_only", "status", "received_on", "days_late",
            "awaiting_since", "source", "document", "carried_by", "trail", "region", "computed_on", "printed",
            "differs",
        )  # fmt: skip
        order_by = "due"
        attrs = {"class": "rows wide"}

    def render_what(self, record: Any) -> str:
        return Stood(record).label

    def value_what(self, record: Any) -> str:
        return Stood(record).label

    def render_due(self, record: Any) -> str:
        cell = due_cell(Stood(record))
        shown = format_html("{}<small>{}</small>", cell.text, cell.small) if cell.small else cell.text
        if prints_otherwise(record.printed, record.due, year_only=record.then_year_only):
            other = _g("the UN prints %(printed)s") % {"printed": record.printed}
            return format_html('{}<small class="differs">{}</small>', shown, other)
        return shown

    def order_due(self, queryset: QuerySet[Any], is_descending: bool) -> tuple[QuerySet[Any], bool]:
        """Soonest first, then what has no date, as PostgreSQL has it: SQLite would begin with that."""
        if not connection.features.order_by_nulls_first:
            return queryset, False
        if is_descending:
            return queryset.order_by(F("due").desc(nulls_first=True), "-state__name", "-pk"), True
        return queryset.order_by(F("due").asc(nulls_last=True), "state__name", "pk"), True

    def value_due(self, record: Any) -> date | None:
        return record.due

    def value_year_only(self, record: Any) -> str:
        return _g("yes") if record.due and record.then_year_only else ""

    def render_status(self, record: Any) -> str:
        stood = Stood(record)
        shown = _as_html(badge_of(stood, self.day))
        waits = awaiting_in_words(stood.awaiting_since, stood.received_on)
        return format_html("{}<small>{}</small>", shown, waits) if waits else shown

    def value_status(self, record: Any) -> str:
        return str(record.status)

    def render_source(self, record: Any) -> str:
        if record.due is None and record.source == Source.TREATY_CALENDAR:
            told = observations_in_words(record.then_document, record.then_decided_on)
            return format_html("<small>{}</small>", told) if told else "—"
        shown = str(Source(record.source).label)
        return (
            format_html("{}<small>{}</small>", shown, record.then_document) if record.then_document else shown
        )

    def value_source(self, record: Any) -> str:
        return str(record.source)

    def render_differs(self, record: Any) -> str:
        return self.value_differs(record) or "—"

    def value_differs(self, record: Any) -> str:
        return (
            _g("yes") if prints_otherwise(record.printed, record.due, year_only=record.then_year_only) else ""
        )

    def render_days_late(self, record: Any) -> Any:
        late = self.value_days_late(record)
        return "—" if late is None else late

    def value_days_late(self, record: Any) -> int | None:
        return days_late(record.status, due_on=record.due, received_on=record.then_received_on, day=self.day)

    def render_trail(self, record: Any) -> str:
        # The row's heading says which report; the sentences come when they are asked for.
        return mark_safe(self.why.replace("/0/", f"/{record.pk}/"))  # noqa: S308 - a number  # nosec B308 B703

    @cached_property
    def why(self) -> str:
        """The link to a trail, with 0 for its key: made once for all rows."""
        address = reverse("why", args=[0])
        return format_html('<a class="reason" href="{}{}">{}</a>', address, self.as_of_query, _g("Why?"))

    def value_trail(self, record: Any) -> str:
        return in_full(record.then_steps, _g)


class StateTable(DayTable):
    """States with their participation and what comes next."""

    state = StateColumn(order_by=("state__name", "state__pk"))
    iso3 = tables.Column(_("Alpha-3"), accessor="state__pk", order_by=("state__pk",), visible=False)
    region = tables.Column(
        _("Regional group"), accessor="state__get_region_display", order_by=("state__region", "state__name")
    )
    joined_how = tables.Column(_("Participation"), order_by=("joined_how", "state__name"))
    joined_on = DayColumn(_("Since"), order_by=("joined_on", "state__name"))
    in_force = DayColumn(_("In force"), order_by=("in_force", "state__name"))
    next_due = DayColumn(_("Next due"), order_by=("next_due", "state__name"))
    overdue = tables.Column(
        _("Overdue"),
        order_by=("overdue", "state__name"),
        attrs={"td": {"class": "number"}, "th": {"class": "number"}},
    )
    worst = tables.Column(
        _("Initial report"),
        accessor="initial",
        order_by=("initial__status", "initial__due", "state__name"),
    )
    told_along = {"state": ("iso3",)}

    class Meta:
        order_by = "state"
        attrs = {"class": "rows"}

    def render_in_force(self, value: date, record: Any) -> str:
        shown = in_words(value)
        notes = []
        if record.differs:
            notes.append(_g("differs from the rule"))
        if record.to_be_confirmed:
            notes.append(_g("to be confirmed"))
        return format_html("{}<small>{}</small>", shown, ", ".join(notes)) if notes else shown

    def value_in_force(self, value: date) -> date:
        return value

    def render_overdue(self, value: int) -> Any:
        return value or "—"

    def value_overdue(self, value: int) -> int:
        return value

    def render_worst(self, value: Any) -> str:
        return status_badge(value.status, value.due, value.received_on, self.day)

    def value_worst(self, value: Any) -> str:
        return str(STATUS_LABELS[value.status])


GONE_WRONG = (ReminderState.FAILED, ReminderState.DEAD, ReminderState.UNKNOWN)


class ReminderTable(tables.Table):
    """The ledger, newest first."""

    pick = PickColumn(template_name="web/_pick.html", about="obligation__state")
    state_of = StateColumn(accessor="obligation__state", order_by=("obligation__state__name", "pk"))
    what = tables.Column(
        _("Report"), accessor="obligation__label", orderable=False, attrs={"td": {"class": "what"}}
    )
    due_on = DayColumn(_("Due"), order_by=("due_on", "pk"))
    stage = tables.Column(_("Stage"), order_by=("stage_on", "pk"), attrs={"td": {"class": "what"}})
    recipient = tables.Column(_("Recipient"), order_by=("recipient", "pk"))
    state = tables.Column(_("Stands"), order_by=("state", "pk"))
    sent_at = tables.DateTimeColumn(
        verbose_name=_("Sent, UTC"),
        format="j F Y, H:i",
        order_by=("sent_at", "pk"),
        attrs={"td": {"class": "day"}, "th": {"class": "day"}},
    )
    # For the exports: on screen it stands under the state, where it tells what went wrong.
    answer = tables.Column(_("Answer"), orderable=False, visible=False)
    mail = tables.Column(_("Mail"), orderable=False, empty_values=())
    told_along = {"state": ("answer",)}

    class Meta:
        model = Reminder
        fields = ()
        sequence = (
            "pick", "state_of", "what", "due_on", "stage", "recipient", "state", "sent_at", "answer", "mail",
        )  # fmt: skip
        attrs = {"class": "rows"}

    def render_state(self, record: Any) -> str:
        shown = format_html(
            '<span class="ledger ledger-{}">{}</span>', record.state, record.get_state_display()
        )
        why = record.reason or (record.answer if record.state in GONE_WRONG else "")
        if why:
            shown = format_html("{}<small>{}</small>", shown, why)
        if record.last_act is None:
            return shown
        return format_html(
            '{}<small><a href="{}">{}</a></small>', shown, self._page_of(record), record.last_act
        )

    def value_state(self, record: Any) -> str:
        return str(record.state)

    def render_mail(self, record: Any) -> str:
        if record.state in WAITING:
            return format_html(
                '<a href="{}">{}<span class="unseen">: {}, {}</span></a>',
                self._page_of(record),
                _g("preview"),
                record.obligation.state.name,
                record.recipient,
            )
        if record.mail is None:
            return "—"
        return format_html(
            '<a href="{}">{}<span class="unseen">: {}</span></a>',
            record.mail.get_absolute_url(),
            _g("read"),
            record.mail.subject,
        )

    def value_mail(self, record: Any) -> str | None:
        return str(record.mail.message_id) if record.mail else None

    def _page_of(self, record: Any) -> str:
        """The page of a reminder, its address looked up once for all rows."""
        return self.pages.replace("/0/", f"/{record.pk}/")

    @cached_property
    def pages(self) -> str:
        """The address of a reminder's page, with 0 for its key."""
        return reverse("reminder", args=[0])
