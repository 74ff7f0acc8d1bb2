"""`/reminders/clock/`: alarms about the clock, and the reminders that a wrong clock planned."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from tracker.registry import limits
from tracker.registry.un_names import StateOrder
from tracker.reminders import clock, outbox
from tracker.reminders.models import ClockAlarm, ScanRun
from tracker.web.ui.conflicts import fingerprint
from tracker.web.ui.form_fields import PlainForm

MAY = "reminders.change_reminder"
MOST = 200  # rows shown


class ClockForm(PlainForm):
    """The confirmation that the clocks are right, with the reason."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        widget=forms.TextInput(attrs={"size": 60}),
        help_text=gettext_lazy(
            "Recorded with each of these reminders, for example who corrected which clock."
        ),
        error_messages={
            "required": gettext_lazy("Enter a reason. It is recorded with each of these reminders.")
        },
    )
    right = forms.BooleanField(
        label=gettext_lazy("The clocks are right now"),
        help_text=gettext_lazy("Compare the two times above with a clock that you trust."),
        error_messages={
            "required": gettext_lazy("Confirm that the clocks are right, or correct them first.")
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def clock_page(request: HttpRequest) -> HttpResponse:
    """Shows the alarm and the reminders dated after today; closes the one and voids the others."""
    may = request.user.has_perm(MAY)
    if request.method == "POST" and not may:
        raise PermissionDenied
    now, today = timezone.now(), timezone.localdate()
    ahead, held = clock.dated_ahead(now), clock.held_by_alarm()
    alarm = clock.open_alarm()
    about = [
        alarm.pk if alarm else None,
        *(list(rows.order_by("pk").values_list("pk", flat=True)) for rows in (ahead, held)),
    ]
    mark, anything = fingerprint(about), any(about)
    form = ClockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        limits.check(request.user, outbox.states_of(ahead) | outbox.states_of(held))
        if request.POST.get("seen") == mark:
            numbers = clock.clear(
                by=request.user.get_username(), reason=form.cleaned_data["reason"], today=today, at=now
            )
            messages.success(request, _done(*numbers))
            return redirect("clock")
        messages.warning(
            request, _("Nothing was changed: the list has changed meanwhile. Please look again.")
        )
    rows = ahead.select_related("obligation__state", "rule").order_by(StateOrder("obligation__state"), "pk")
    context = {
        "now": now,
        "last_scan": ScanRun.objects.order_by("-pk").first(),
        "alarm": alarm,
        "rows": rows[:MOST],
        "ahead": ahead.count(),
        "held": held.count(),
        "past_alarms": ClockAlarm.objects.exclude(cleared_at=None),
        "form": form if may and anything else None,
        "mark": mark,
    }
    return render(request, "web/reminders/clock.html", context)


def _done(voided: int, released: int) -> str:
    """The message after the act."""
    parts: list[Any] = [_("Confirmed: the clocks are right.")]
    if voided:
        pattern = ngettext("%(n)d reminder was voided.", "%(n)d reminders were voided.", voided)
        parts.append(pattern % {"n": voided})
    if released:
        pattern = ngettext(
            "%(n)d reminder is no longer held because of the clock.",
            "%(n)d reminders are no longer held because of the clock.",
            released,
        )
        parts.append(pattern % {"n": released})
    return " ".join(parts)
