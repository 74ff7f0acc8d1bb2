"""The tasks for staff: returned mail, answers, messages and failed reminders."""

from __future__ import annotations

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from tracker.changes.desk_guard import states_of_mail
from tracker.changes.versions import FactNames, name_of
from tracker.languages.typed import as_symbol
from tracker.languages.writing import in_words
from tracker.obligations.models import Document, InformationRequest, Kind, Precision
from tracker.registry import limits
from tracker.registry.stored import translated
from tracker.reminders import attention
from tracker.reminders.models import Mail, StaffTask
from tracker.web.ui.addresses import WHOLE
from tracker.web.ui.columns import DayColumn, StateColumn
from tracker.web.ui.filters import ChipSet, DeskFilter, MomentFilter, StateChoiceFilter, named
from tracker.web.ui.form_fields import PlainForm
from tracker.web.ui.lists import ListPage
from tracker.web.ui.tables import ListTable
from tracker.web.ui.undo import keys_sent, with_undo_at_once

MAY = "reminders.change_stafftask"
MOST_SHOWN = 300  # characters of a message in the list
OPEN, SETTLED = "open", "settled"
ABOUT_DATES = (StaffTask.Answer.MORE_TIME, StaffTask.Answer.NEW_DATE)
PAUSING = (StaffTask.Answer.COMING, StaffTask.Answer.MORE_TIME)  # staff may pause the reminders meanwhile


# --- the list -------------------------------------------------------------------------------------


class TaskPick(tables.Column):
    """A checkbox for an open task that the user may settle."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Select"), orderable=False, exclude_from_export=True, empty_values=())

    def render(self, record: Any, table: tables.Table) -> str:
        if record.settled_at is not None or not limits.may_change(table.request.user, record.about_states):
            return ""
        label = _("Select: %(task)s") % {"task": record.heading}
        box = '<input type="checkbox" name="keys" value="{}" form="settle" aria-label="{}">'
        return format_html(box, record.pk, label)


class TaskTable(ListTable):
    """Tasks: open ones first, then the newest."""

    pick = TaskPick()
    state_of = StateColumn(accessor="state", order_by=("state__in_order", "-created_at", "pk"))
    what = tables.Column(
        gettext_lazy("Task"), accessor="title", orderable=False, attrs={"td": {"class": "wrap"}}
    )
    # For exports; on screen the cell “Task” shows it.
    said = tables.Column(
        gettext_lazy("Message"), orderable=False, visible=False, attrs={"td": {"class": "wrap"}}
    )
    kind = tables.Column(gettext_lazy("Kind"), order_by=("kind", "-created_at", "pk"))
    since = DayColumn(verbose_name=gettext_lazy("Since"), accessor="created_at")
    contact = tables.Column(gettext_lazy("Contact"), accessor="contact__email", empty_values=())
    outcome = tables.Column(gettext_lazy("Outcome"), empty_values=(), attrs={"td": {"class": "wrap"}})
    settled_on = DayColumn(verbose_name=gettext_lazy("Settled on"), accessor="settled_at", visible=False)
    settled_by = tables.Column(gettext_lazy("Settled by"), visible=False)
    see = tables.Column(
        gettext_lazy("Links"),
        accessor="pk",
        orderable=False,
        exclude_from_export=True,
        attrs={"td": {"class": "what"}},
    )
    exported_with = {"what": ("said",), "outcome": ("settled_on", "settled_by")}

    def render_what(self, record: Any) -> str:
        shown = format_html('<a href="{}">{}</a>', record.get_absolute_url(), record.title)
        said = record.message.text if record.message is not None else translated(record.said)
        return format_html("{}<small>{}</small>", shown, Truncator(said).chars(MOST_SHOWN)) if said else shown

    def value_what(self, record: Any) -> str:
        return str(record.title)

    def render_contact(self, record: Any) -> str:
        if record.contact is None:
            return "—"
        return format_html('<a href="{}">{}</a>', contact_page(record), record.contact.email)

    def value_contact(self, record: Any) -> str | None:
        return str(record.contact.email) if record.contact else None

    def render_see(self, record: Any) -> str:
        links = [(record.message_id and reverse("message", args=[record.message_id]), _("message"))]
        links.append((record.mail_id and reverse("mail", args=[record.mail_id]), _("mail")))
        links.append((record.reminder_id and reverse("reminder", args=[record.reminder_id]), _("reminder")))
        about = record.state.shown_name if record.state is not None else record.title
        shown = [
            format_html('<a href="{}">{}<span class="unseen">: {}</span></a>', address, word, about)
            for address, word in links
            if address
        ]
        return format_html(" · ".join(["{}"] * len(shown)), *shown) if shown else "—"

    def render_outcome(self, record: Any) -> str:
        if record.settled_at is None:
            return format_html('<span class="ledger ledger-held">{}</span>', _("open"))
        by = _("%(who)s, %(day)s") % {
            "who": translated(record.settled_by),
            "day": in_words(timezone.localdate(record.settled_at)),
        }
        return format_html("{}<small>{}</small>", translated(record.outcome), by)

    def value_outcome(self, record: Any) -> str:
        return translated(record.outcome)


def contact_page(task: StaffTask) -> str:
    """The address of the page that edits a task's contact."""
    return reverse("edit", args=["contact", task.contact_id])


class TaskFilter(ChipSet):
    """Filters tasks by desk, status, kind, State and text."""

    desk = DeskFilter()
    q = filters.CharFilter(label=gettext_lazy("Text"), method="filter_text")
    standing = filters.ChoiceFilter(
        label=gettext_lazy("Status"),
        choices=[(OPEN, gettext_lazy("open")), (SETTLED, gettext_lazy("settled"))],
        method="filter_standing",
    )
    kind = filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=StaffTask.Kind)
    since = MomentFilter(label=gettext_lazy("Since"), field_name="created_at", lookup_expr="gte")
    of = StateChoiceFilter(field_name="state")

    def filter_standing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Open or settled tasks."""
        return queryset.filter(settled_at__isnull=value == OPEN)

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Searches the State's name or code, in any spelling, the contact's address, the message and the outcome."""
        said = (
            Q(said__icontains=value)
            | Q(message__text__icontains=value)
            | Q(message__subject__icontains=value)
        )
        said |= Q(outcome__icontains=value) | Q(contact__email__icontains=value)
        said |= Q(document__icontains=as_symbol(value))
        return queryset.filter(Q(state__in=named(self.request, value)) | said)


class TaskList(ListPage):
    """`/tasks/`: the tasks for staff and their outcomes."""

    table_class = TaskTable
    filterset_class = TaskFilter
    template_name = "web/reminders/task_list.html"
    export_name = "tasks"

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"exclude": () if self.request.user.has_perm(MAY) else ("pick",)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"form": SettleForm()}

    def get_queryset(self) -> QuerySet[Any]:
        rows = StaffTask.objects.select_related("state", "contact", "bounce", "message")
        return rows.order_by(F("settled_at").desc(nulls_first=True), "-created_at", "-pk")


# --- one task -------------------------------------------------------------------------------------


class SettleForm(PlainForm):
    """The outcome of a task."""

    outcome = forms.CharField(
        label=gettext_lazy("Outcome"),
        max_length=200,
        widget=forms.TextInput(attrs={"size": 60}),
        help_text=gettext_lazy(
            "What was done about it, for example “new address entered” or “called the permanent mission”."
        ),
        error_messages={"required": gettext_lazy("Enter what was done about it.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def task_page(request: HttpRequest, pk: int) -> HttpResponse:
    """`/tasks/12/`: a task, the possible actions, and the form that settles it."""
    wanted = StaffTask.objects.select_related(
        "state", "contact", "bounce", "message", "mail", "reminder__obligation", "reminder__rule"
    )
    task = get_object_or_404(wanted, pk=pk)
    if request.method == "POST":
        return _settle(request, task)
    return _show(request, task, SettleForm())


@permission_required(MAY, raise_exception=True)
def _settle(request: HttpRequest, task: StaffTask) -> HttpResponse:
    limits.check(request.user, settled_along(task))
    form = SettleForm(request.POST)
    if not form.is_valid():
        return _show(request, task, form)
    along = keys_sent(request)
    outcome = form.cleaned_data["outcome"]
    keys = attention.settle(task, by=request.user.get_username(), outcome=outcome, along=along)
    if keys and (since := attention.same_address(task).count()):
        said = ngettext(
            "%(n)d task about the same address has come since you opened the page; it stays open.",
            "%(n)d tasks about the same address have come since you opened the page; they stay open.",
            since,
        )
        messages.warning(request, said % {"n": since})
    if keys:
        said = ngettext(
            "The task is settled.", "%(n)d tasks about the same address are settled.", len(keys)
        ) % {"n": len(keys)}
        messages.success(request, with_undo_at_once(request, said, reverse("reopen-tasks"), keys))
    else:
        messages.info(request, _("No change: the task was already settled."))
    return redirect(task)


def settled_along(task: StaffTask) -> set[str]:
    """The alpha-3 codes of the States whose tasks are settled or reopened together with a task."""
    return attention.states_of(attention.same_address(task)) | task.about_states


def _show(request: HttpRequest, task: StaffTask, form: SettleForm) -> HttpResponse:
    reports = list(task.obligations.order_by(F("due_on").asc(nulls_last=True), "pk"))
    beside = list(attention.same_address(task).exclude(pk=task.pk).values_list("pk", flat=True))
    context = {
        "task": task,
        "form": form,
        "reports": reports,
        "beside": len(beside),
        "beside_keys": ",".join(map(str, beside)),
        "to_record": _to_record(task, reports),
        "to_record_date": _to_record_date(task, reports),
        "to_edit": _to_edit(task, reports),
        "to_pause": reports if task.told_on and task.answer in PAUSING else [],
        "yours": limits.may_change(request.user, task.about_states),
        "may_settle": request.user.has_perm(MAY)
        and (not limits.is_limited(request.user) or limits.may_change(request.user, settled_along(task))),
    }
    return render(request, "web/reminders/task_detail.html", context)


def _to_record(task: StaffTask, reports: list[Any]) -> str:
    """The address of the submission form, filled in from an answer that says that the report was sent.

    The day goes into the note, because the day of sending is not the day of receipt.
    """
    if task.answer != StaffTask.Answer.SENT or task.told_on is None:
        return ""
    note = _("Sent on %(sent)s, as the State's contact answered on %(told)s.") % {
        "sent": in_words(task.told_on),
        "told": in_words(timezone.localdate(task.created_at)),
    }
    query = {"obligation": [row.pk for row in reports], "note": note}
    return reverse("record-submission", args=[task.state_id], query=query)


def _to_record_date(task: StaffTask, reports: list[Any]) -> str:
    """The address of the form for a date of the Committee, filled in from an answer about one."""
    keys = [row.pk for row in reports if row.kind != Kind.INFORMATION]
    if task.answer not in ABOUT_DATES or task.told_on is None or not keys:
        return ""
    asked = task.answer == StaffTask.Answer.MORE_TIME
    in_symbol = {"/CO/": Document.OBSERVATIONS, "/QPR/": Document.PRIOR_TO_REPORTING}
    kind = next((one for part, one in in_symbol.items() if part in task.document), Document.OTHER)
    exact = {Precision.YEAR: len("2018"), Precision.MONTH: len("2018-05")}.get(Precision(task.precision))
    pattern = (
        _("On %(told)s, the State’s contact asked for more time until %(day)s.")
        if asked
        else _("The State’s contact told us of this date on %(told)s.")
    )
    told = {"told": in_words(timezone.localdate(task.created_at)), "day": in_words(task.told_on)}
    query = {
        "obligation": keys,
        "due_on": task.told_on.isoformat()[:exact],
        "document_kind": kind.value,
        "document": task.document,
        "note": pattern % told,
    }
    return reverse("record-date", args=[task.state_id], query=query)


def _to_edit(task: StaffTask, reports: list[Any]) -> list[tuple[str, str]]:
    """The requests for information that an answer about a date names, for they hold their date: address and name."""
    numbers = [row.cycle for row in reports if row.kind == Kind.INFORMATION]
    if task.answer not in ABOUT_DATES or not numbers:
        return []
    found = InformationRequest.objects.filter(state=task.state_id, number__in=numbers)
    return [(reverse("edit", args=["request", one.pk]), name_of(one, FactNames())) for one in found]


@require_POST
@permission_required(MAY, raise_exception=True)
def settle_selected(request: HttpRequest) -> HttpResponse:
    """Settles the selected tasks with one outcome, with a button that undoes it."""
    keys = [int(raw) for raw in request.POST.getlist("keys") if WHOLE.fullmatch(raw)]
    tasks = StaffTask.objects.filter(pk__in=keys)
    limits.check(request.user, attention.states_of(tasks))
    form = SettleForm(request.POST)
    if not keys:
        messages.warning(request, _("Nothing was settled. Select at least one open task."))
    elif not form.is_valid():
        messages.warning(request, _("Nothing was settled. Enter what was done about these tasks."))
    else:
        by, outcome = request.user.get_username(), form.cleaned_data["outcome"]
        settled = attention.settle_all(tasks, by=by, outcome=outcome)
        if settled:
            said = ngettext("%(n)d task is settled.", "%(n)d tasks are settled.", len(settled))
            said %= {"n": len(settled)}
            messages.success(request, with_undo_at_once(request, said, reverse("reopen-tasks"), settled))
        if left := len(set(keys)) - len(settled):
            said = ngettext(
                "%(n)d task was left unchanged: somebody else had settled it.",
                "%(n)d tasks were left unchanged: somebody else had settled them.",
                left,
            )
            messages.warning(request, said % {"n": left})
    return redirect(reverse("tasks", query=QueryDict(request.POST.get("list", ""))))


@require_POST
@permission_required(MAY, raise_exception=True)
def reopen(request: HttpRequest) -> HttpResponse:
    """Reopens settled tasks."""
    tasks = StaffTask.objects.filter(pk__in=keys_sent(request))
    limits.check(request.user, attention.states_of(tasks))
    if count := attention.reopen(tasks):
        said = ngettext("%(n)d task is open again.", "%(n)d tasks are open again.", count) % {"n": count}
        messages.success(request, said)
    else:
        messages.warning(request, _("No change: these tasks are already open."))
    return redirect(reverse("tasks", query={"standing": OPEN}))


# --- the link for answers -------------------------------------------------------------------------


@require_POST
@permission_required(MAY, raise_exception=True)
def close_answers(request: HttpRequest, pk: int) -> HttpResponse:
    """Closes the answer link of a mail, or opens it again (`open`)."""
    mail = get_object_or_404(Mail.objects.only("pk", "recipient"), pk=pk)
    limits.check(request.user, states_of_mail(mail))
    opens = "open" in request.POST
    mine = Mail.objects.filter(pk=mail.pk, answers_closed_at__isnull=not opens)
    if not mine.update(answers_closed_at=None if opens else timezone.now()):
        messages.info(request, _("No change."))
    elif opens:
        messages.success(request, _("The answer link of this mail is open again."))
    else:
        messages.success(request, _("The answer link of this mail is closed."))
    return redirect(mail)
