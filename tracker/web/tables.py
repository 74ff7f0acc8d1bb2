"""The tables: every column in one place, in the order in which they stand."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from tracker.obligations.models import Obligation
from tracker.reminders.models import WAITING, Reminder, ReminderState
from tracker.rules.dates import in_words
from tracker.rules.status import Status, days_late
from tracker.rules.trail import in_full
from tracker.web.columns import DayColumn, PickColumn, StateColumn
from tracker.web.words import STATUS_LABELS, badge


def status_badge(status: str, due_on: date | None, received_on: date | None, day: date) -> str:
    """The badge as HTML, as `web/_status_badge.html` writes it."""
    shown = badge(status, due_on=due_on, received_on=received_on, day=day)
    # Why a row is without record is said once, above or below the table, not in each of its rows.
    title = format_html(' title="{}"', shown.title) if shown.title and status != Status.NO_RECORD else ""
    return format_html('<span class="badge badge-{}"{}>{}</span>', shown.css, title, shown.text)


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


class ObligationTable(DayTable):
    """Obligations as they stand on a day (rows of `Obligation.objects.as_of`)."""

    state = StateColumn(order_by=("state__name", "due", "pk"))
    iso3 = tables.Column(_("Alpha-3"), accessor="state_id", order_by=("state_id", "due", "pk"), visible=False)
    what = tables.Column(
        _("Report"),
        accessor="label",
        order_by=("kind", "cycle", "state__name", "pk"),
        attrs={"td": {"class": "what"}},
    )
    article = tables.Column(_("Article"), order_by=("article", "due", "pk"), visible=False)
    due = DayColumn(_("Due"), order_by=("due", "state__name", "pk"), empty_values=())
    status = tables.Column(_("Status"), order_by=("status", "due", "pk"))
    received_on = DayColumn(_("Received"), order_by=("received_on", "due", "pk"))
    days_late = tables.Column(
        _("Days late"),
        empty_values=(),
        orderable=False,
        visible=False,
        attrs={"td": {"class": "number"}, "th": {"class": "number"}},
    )
    source = tables.Column(_("Date from"), order_by=("source", "due", "pk"))
    # For the exports: on screen the report's name says it.
    carried_by = tables.Column(_("Carried by"), order_by=("carried_by", "due", "pk"), visible=False)
    trail = tables.Column(_("Why this date"), accessor="pk", orderable=False)
    region = tables.Column(
        _("Regional group"),
        accessor="state__get_region_display",
        order_by=("state__region", "due", "pk"),
        visible=False,
    )
    computed_on = DayColumn(_("By the rule"), order_by=("computed_on", "pk"), visible=False)

    # What the cell of a column tells besides, each as a column of its own in a file.
    told_along = {"state": ("iso3",), "what": ("article", "carried_by"), "status": ("days_late",)}

    class Meta:
        model = Obligation
        fields = ()
        sequence = (
            "state", "iso3", "what", "article", "due", "status", "received_on", "days_late", "source",
            "carried_by", "trail", "region", "computed_on",
        )  # fmt: skip
        order_by = "due"
        attrs = {"class": "rows wide"}

    def render_due(self, record: Any) -> str:
        if record.due is None:
            return format_html("<span>{}</span>", _g("none yet") if not record.waived else _g("none"))
        shown = in_words(record.due)
        if record.due != record.computed_on:
            rule = in_words(record.computed_on)
            return format_html("{}<small>{} {}</small>", shown, _g("by rule"), rule)
        return shown

    def value_due(self, record: Any) -> date | None:
        return record.due

    def _received(self, record: Any) -> date | None:
        """The date of receipt as far as it is known on the day."""
        return record.received_on if record.received_on and record.received_on <= self.day else None

    def render_status(self, record: Any) -> str:
        return status_badge(record.status, record.due, self._received(record), self.day)

    def value_status(self, record: Any) -> str:
        return str(record.status)

    def render_received_on(self, record: Any) -> str:
        received = self._received(record)
        return in_words(received) if received else "—"

    def value_received_on(self, record: Any) -> date | None:
        return self._received(record)

    def render_days_late(self, record: Any) -> Any:
        late = self.value_days_late(record)
        return "—" if late is None else late

    def value_days_late(self, record: Any) -> int | None:
        return days_late(record.status, due_on=record.due, received_on=self._received(record), day=self.day)

    def value_what(self, record: Any) -> str:
        return str(record.label)

    def render_trail(self, record: Any) -> str:
        # The row's heading says which report; the sentences come when they are asked for.
        return mark_safe(self.why.replace("/0/", f"/{record.pk}/"))  # noqa: S308 - a number  # nosec B308 B703

    @cached_property
    def why(self) -> str:
        """The link to a trail, with 0 for its key: made once for all rows."""
        address = reverse("why", args=[0])
        return format_html('<a class="reason" href="{}{}">{}</a>', address, self.as_of_query, _g("Why?"))

    def value_trail(self, record: Any) -> str:
        return in_full(self._steps(record), _g)

    def _steps(self, record: Any) -> list[Any]:
        """The trail without decisions that are younger than the day."""
        return [step for step in record.steps if step.day is None or step.day <= self.day]


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
