"""The list of reminders: its table, its filter, and approving."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

import django_filters as filters
import django_tables2 as tables
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_POST

from tracker.languages.known import ENGLISH
from tracker.obligations.models import Obligation
from tracker.obligations.wording import in_a_row
from tracker.registry import limits
from tracker.registry.models import Contact, Language, State
from tracker.registry.stored import translated
from tracker.registry.un_names import names_of_states
from tracker.reminders import outbox, send
from tracker.reminders.models import WAITING, Reminder, ReminderState
from tracker.reminders.outbox import FROM, What
from tracker.web.reminders.shown import ShownReminders, next_run
from tracker.web.ui.addresses import WHOLE
from tracker.web.ui.columns import DayColumn, MomentColumn, PickColumn, ReportColumn, StateColumn
from tracker.web.ui.filters import (
    ChipSet,
    DayFilter,
    DeskFilter,
    RegionFilter,
    SeveralFilter,
    StateChoiceFilter,
    named,
)
from tracker.web.ui.lists import ListPage
from tracker.web.ui.tables import ListTable
from tracker.web.ui.undo import keys_sent, with_undo_at_once


class ReminderFilter(ChipSet):
    """Filters reminders by desk, status, State, group, recipient and dates."""

    desk = DeskFilter(to_state="obligation__state")
    q = filters.CharFilter(label=gettext_lazy("Text"), method="filter_text")
    of = StateChoiceFilter(field_name="obligation__state")
    due_from = DayFilter(label=gettext_lazy("Due from"), field_name="due_on", lookup_expr="gte")
    due_until = DayFilter(label=gettext_lazy("Due until"), field_name="due_on", lookup_expr="lte")
    sent_from = DayFilter(label=gettext_lazy("Sent from"), field_name="sent_on", lookup_expr="gte")
    sent_until = DayFilter(label=gettext_lazy("Sent until"), field_name="sent_on", lookup_expr="lte")
    state = SeveralFilter(label=gettext_lazy("Status"), choices=ReminderState)
    region = RegionFilter(field_name="obligation__state__region")
    language = SeveralFilter(
        label=gettext_lazy("Language of the mail"), choices=Language, method="filter_language"
    )
    phrases: ClassVar[dict[str, Any]] = {
        "state": gettext_lazy("%(values)s"),
        "language": gettext_lazy("sent in %(values)s"),
        "due_from": gettext_lazy("about reports due from %(values)s"),
        "due_until": gettext_lazy("about reports due until %(values)s"),
        "sent_from": gettext_lazy("sent from %(values)s"),
        "sent_until": gettext_lazy("sent until %(values)s"),
    }

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Searches the State's name or code, in any spelling, and the recipient's address."""
        states = named(self.request, value)
        return queryset.filter(Q(obligation__state__in=states) | Q(recipient__icontains=value))

    def filter_language(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """Keeps the reminders whose mail has one of some languages, alone or before the English."""
        codes = [*value, *(f"{code}+{ENGLISH.code}" for code in value)]
        return queryset.filter(mail__language__in=codes) if value else queryset


GONE_WRONG = (ReminderState.FAILED, ReminderState.DEAD, ReminderState.UNKNOWN)


class ReminderTable(ListTable):
    """The reminders, newest first."""

    pick = PickColumn(template_name="web/reminders/_pick.html", about="obligation__state")
    state_of = StateColumn(accessor="obligation__state", order_by=("obligation__state__in_order", "pk"))
    what = ReportColumn(accessor="obligation__label", orderable=False)
    due_on = DayColumn(gettext_lazy("Due"))
    stage = tables.Column(gettext_lazy("Stage"), order_by=("stage_on", "pk"), attrs={"td": {"class": "what"}})
    recipient = tables.Column(gettext_lazy("Recipient"))
    state = tables.Column(gettext_lazy("Status"))
    sent_at = MomentColumn(gettext_lazy("Sent, UTC"))
    # For exports; on screen the status cell shows it if sending failed.
    answer = tables.Column(gettext_lazy("Answer"), orderable=False, visible=False)
    mail = tables.Column(gettext_lazy("Mail"), orderable=False, empty_values=())
    exported_with = {"state": ("answer",)}

    def render_state(self, record: Any) -> str:
        shown = format_html(
            '<span class="ledger ledger-{}">{}</span>', record.state, ReminderState(record.state).label
        )
        why = translated(record.reason) or (record.answer if record.state in GONE_WRONG else "")
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
                _("preview"),
                record.obligation.state.shown_name,
                record.recipient,
            )
        if record.mail is None:
            return "—"
        return format_html(
            '<a href="{}">{}<span class="unseen">: {}</span></a>',
            record.mail.get_absolute_url(),
            pgettext("link to a mail", "read"),
            record.mail.subject,
        )

    def value_mail(self, record: Any) -> str | None:
        return str(record.mail.message_id) if record.mail else None

    def _page_of(self, record: Any) -> str:
        """The address of a reminder's page."""
        return self.pages.replace("/0/", f"/{record.pk}/")

    @cached_property
    def pages(self) -> str:
        """The address of a reminder's page with key 0, resolved once for all rows."""
        return reverse("reminder", args=[0])


class ReminderList(ListPage):
    """`/reminders/`: all reminders, those awaiting approval, and States without a contact."""

    table_class = ReminderTable
    filterset_class = ReminderFilter
    template_name = "web/reminders/reminder_list.html"
    export_name = "reminders"

    def get_queryset(self) -> QuerySet[Reminder]:
        rows = Reminder.objects.select_related("obligation__state", "rule", "mail", "last_act")
        # Long, and not in the table.
        return rows.defer("obligation__trail", "mail__text", "mail__html", "mail__calendar", "mail__answer")

    def get_table_kwargs(self) -> dict[str, Any]:
        may_approve = self.request.user.has_perm("reminders.change_reminder")
        return {"exclude": () if may_approve else ("pick",)}

    @cached_property
    def counted(self) -> dict[str, int]:
        """The number of reminders by status."""
        # All rows and not a column of them, so that PostgreSQL counts in the index of states alone.
        return dict(Reminder.objects.order_by().values_list("state").annotate(n=Count("*")))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counted = self.counted
        today = timezone.localdate()
        reachable = Contact.objects.filter(active=True).values("state")
        expecting = Obligation.objects.still_open(today, today=today)
        context = super().get_context_data(**kwargs)
        if self.is_export:
            return context
        held = self._to_approve()
        shown = [row.record for row in context["table"].page.object_list]
        return context | {
            "states": [
                {"state": state.value, "label": state.label, "count": counted[state.value]}
                for state in ReminderState
                if counted.get(state.value)
            ],
            "shown": ShownReminders.of(shown, held),
            "held": len(held),
            "limited": limits.is_limited(self.request.user),
            "acts": [
                what for what in (What.HOLD, What.CANCEL, What.RESEND) if counted.keys() & set(FROM[what])
            ],
            "without_contact": State.objects.filter(pk__in=expecting.values("state")).exclude(
                pk__in=reachable
            ),
            "approval": settings.REMINDERS_APPROVAL,
            "proof_of": self._one_state(),
        }

    def _to_approve(self) -> QuerySet[Any]:
        """Key, state and last act of the reminders that this user can approve."""
        held = Reminder.objects.none()
        if self.counted.get(ReminderState.HELD.value) and self.request.user.has_perm(
            "reminders.change_reminder"
        ):
            held = on_desk_of(self.request.user, Reminder.objects.filter(state=ReminderState.HELD))
        return held.values_list("pk", "state", "last_act")

    def _one_state(self) -> str:
        """The State that the list is filtered by, if any."""
        chosen = self.filterset
        found = chosen.form.cleaned_data["of"] if chosen.is_bound and chosen.is_valid() else []
        return found[0] if len(found) == 1 else ""


@require_POST
@permission_required("reminders.change_reminder", raise_exception=True)
def approve_reminders(request: HttpRequest) -> HttpResponse:
    """Approves the selected reminders, or all that await approval."""
    shown, every = ShownReminders.sent(request), "all" in request.POST
    every_held = Reminder.objects.filter(state=ReminderState.HELD)
    if every:
        there = Reminder.objects.filter(pk__in=shown.in_state(ReminderState.HELD) if shown else ())
        asked = set(on_desk_of(request.user, there).values_list("pk", flat=True))
        held = every_held.filter(pk__in=asked)
    else:
        asked = {int(raw) for raw in request.POST.getlist("pick") if WHOLE.fullmatch(raw)}
        held = every_held.filter(pk__in=asked)
        limits.check(request.user, outbox.states_of(held))
        asked &= shown.in_state(ReminderState.HELD) if shown else asked
    keys = outbox.act(What.APPROVE, shown.unchanged(held) if shown else held, by=request.user.get_username())
    rows = Reminder.objects.filter(pk__in=keys)
    if count := len(keys):
        said = ngettext(
            "%(n)d reminder to %(whom)s approved; it will be sent with the next run, at %(time)s UTC.",
            "%(n)d reminders to %(whom)s approved; they will be sent with the next run, at %(time)s UTC.",
            count,
        ) % {"n": count, "whom": whom(rows), "time": next_run()}
        messages.success(request, with_undo_at_once(request, said, reverse("undo-approval"), keys))
    else:
        messages.warning(
            request, _("Nothing was approved. Select at least one reminder that awaits approval.")
        )
    if shown:
        warn_of_changed(request, asked - set(keys))
    if every:
        _warn_of_new(request, on_desk_of(request.user, every_held).exclude(pk__in=asked))
    return back_to_the_ledger(request)


def on_desk_of(user: Any, rows: QuerySet[Reminder]) -> QuerySet[Reminder]:
    """Those of some reminders that a user may change."""
    mine = limits.changeable(user)
    return rows if mine is None else rows.filter(obligation__state__in=mine)


def warn_of_changed(request: HttpRequest, keys: Collection[int]) -> None:
    """Adds a message that names reminders which were asked for and left, because they were no longer as shown."""
    left = Reminder.objects.filter(pk__in=keys)
    if count := left.count():
        said = ngettext(
            "%(n)d reminder to %(whom)s had changed in the meantime and was left unchanged.",
            "%(n)d reminders to %(whom)s had changed in the meantime and were left unchanged.",
            count,
        )
        messages.warning(request, said % {"n": count, "whom": whom(left)})


def _warn_of_new(request: HttpRequest, new: QuerySet[Reminder]) -> None:
    """Adds a message that names the reminders that a page had not shown yet when it was asked to approve all."""
    if count := new.count():
        said = ngettext(
            "%(n)d reminder to %(whom)s was not on your page yet and still awaits approval.",
            "%(n)d reminders to %(whom)s were not on your page yet and still await approval.",
            count,
        )
        messages.warning(request, said % {"n": count, "whom": whom(new)})


@require_POST
@permission_required("reminders.change_reminder", raise_exception=True)
def undo_approval(request: HttpRequest) -> HttpResponse:
    """Undoes an approval, for reminders that have not been sent."""
    waiting = Reminder.objects.filter(pk__in=keys_sent(request))
    limits.check(request.user, outbox.states_of(waiting))
    # Another act since then is not undone, for example another person's approval.
    own = waiting.filter(last_act__what=What.APPROVE, last_act__by=request.user.get_username())
    count = send.hold_again(
        Reminder.objects.filter(pk__in=list(own.values_list("pk", flat=True))),
        by=request.user.get_username(),
    )
    if count:
        again = waiting.filter(state=ReminderState.HELD)
        said = ngettext(
            "%(n)d reminder to %(whom)s awaits approval again.",
            "%(n)d reminders to %(whom)s await approval again.",
            count,
        ) % {"n": count, "whom": whom(again)}
        messages.success(request, said)
    if gone := waiting.exclude(state=ReminderState.HELD).count():
        said = ngettext(
            "%(n)d reminder cannot be held again: it was sent, is being sent, or was changed by someone else.",
            "%(n)d reminders cannot be held again: they were sent, are being sent, or were changed by someone else.",
            gone,
        )
        messages.warning(request, said % {"n": gone})
    elif not count:
        messages.warning(request, _("Nothing was undone: these reminders are no longer approved."))
    return back_to_the_ledger(request)


def whom(rows: QuerySet[Reminder]) -> str:
    """The States of some reminders in words, the first few by name."""
    found = State.objects.filter(pk__in=rows.order_by().values("obligation__state"))
    return in_a_row(names_of_states(found).values())


def back_to_the_ledger(request: HttpRequest) -> HttpResponse:
    """Redirects to the list of reminders with the user's filters."""
    return redirect(reverse("reminders", query=QueryDict(request.POST.get("list", ""))))
