"""The pages of a mail: its text, its HTML and its calendar file."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from tracker.changes.desk_guard import states_of_mail
from tracker.registry import limits
from tracker.registry.un_names import StateOrder
from tracker.reminders.messages import calendar_name
from tracker.reminders.models import Mail, Reminder, StaffTask
from tracker.reminders.text.language import in_words
from tracker.web.ui.documents import as_download


@require_safe
def mail_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A mail as it was sent."""
    reminders = Reminder.objects.select_related("obligation__state", "rule").order_by(
        StateOrder("obligation__state"), "due_on", "pk"
    )
    told = (
        Prefetch("reminders", reminders),
        "bounces",
        Prefetch("tasks", StaffTask.objects.select_related("bounce")),
    )
    mail = get_object_or_404(Mail.objects.select_related("dispatch__paper").prefetch_related(*told), pk=pk)
    has_link = "/answer/" in mail.text or "/confirm/" in mail.text
    about = [reminder.obligation.state_id for reminder in mail.reminders.all()]
    may_close = request.user.has_perm("reminders.change_stafftask") and (
        not limits.is_limited(request.user) or limits.may_change(request.user, states_of_mail(mail))
    )
    context = {
        "mail": mail,
        "languages_of_mail": in_words(mail.language),
        "has_link": has_link,
        "may_close": may_close,
        "calendar_name": calendar_name(about),
    }
    return render(request, "web/reminders/mail_detail.html", context)


@require_safe
def mail_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part of a mail."""
    return HttpResponse(get_object_or_404(Mail, pk=pk).html)


@require_safe
def mail_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """The calendar file that was attached to a mail."""
    mail = get_object_or_404(Mail.objects.exclude(calendar=""), pk=pk)
    name = calendar_name(mail.reminders.values_list("obligation__state", flat=True))
    return as_download(name, "text/calendar", mail.calendar)
