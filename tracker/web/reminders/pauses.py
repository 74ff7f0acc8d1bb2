"""Pauses of reminders, created and ended on the page of a State: until a date, with a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tracker.changes import carry_out
from tracker.languages.writing import in_words
from tracker.obligations.models import Obligation
from tracker.registry import limits
from tracker.registry.models import State
from tracker.reminders import pauses, wording
from tracker.reminders.models import Pause
from tracker.reminders.plan import still_open
from tracker.rules.status import OPEN
from tracker.web.ui.addresses import state_of
from tracker.web.ui.form_fields import DayField, PlainForm
from tracker.web.ui.undo import with_undo_at_once


class PauseForm(PlainForm):
    """The end and the reason of a pause."""

    until = DayField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy("The first day on which reminders are sent again."),
        error_messages={"required": gettext_lazy("Enter the day on which reminders start again.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("For example the letter in which the State asked for it."),
        error_messages={"required": gettext_lazy("Enter why reminders are paused.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("reminders.add_pause", raise_exception=True)
def pause_state(request: HttpRequest, iso3: str) -> HttpResponse:
    """Pauses all reminders to a State until a date."""
    state = state_of(iso3)
    limits.check(request.user, {state.pk})
    title = _("Pause reminders to %(state)s") % {"state": state.shown_name}
    says = _(
        "Until that day, no reminder about %(state)s is sent to its contacts or its desk officer. Due dates and "
        "statuses do not change."
    ) % {"state": state.shown_name}

    def done(until: date) -> str:
        return _("Reminders to %(state)s are paused until %(day)s.") % {
            "state": state.shown_name,
            "day": in_words(until),
        }

    return _pause(request, state, state, title, says, done)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("reminders.add_pause", raise_exception=True)
def pause_report(request: HttpRequest, pk: int) -> HttpResponse:
    """Pauses the reminders about one obligation until a date."""
    obligation = get_object_or_404(Obligation.objects.select_related("state"), pk=pk)
    limits.check(request.user, {obligation.state_id})
    state, what = obligation.state, {"state": obligation.state.shown_name, "what": obligation.label}
    today = timezone.localdate()
    due_on = still_open(today, today=today).filter(pk=pk).values_list("due", flat=True).first()
    if due_on is None:
        said = _("%(state)s: no reminders are sent about the %(what)s, so there is nothing to pause.") % what
        messages.info(request, said)
        return redirect(state)
    title = _("Pause reminders: %(state)s, %(what)s") % what
    pattern = (
        _("Due in %(year)d. No reminder about it is sent until the day that you enter.")
        if wording.in_year_alone(obligation, due_on)
        else _("Due on %(day)s. No reminder about it is sent until the day that you enter.")
    )
    says = pattern % {"day": in_words(due_on), "year": due_on.year}

    def done(until: date) -> str:
        return _("Reminders to %(state)s about the %(what)s are paused until %(day)s.") % (
            what | {"day": in_words(until)}
        )

    return _pause(request, state, obligation, title, says, done)


def _pause(
    request: HttpRequest,
    state: State,
    about: State | Obligation,
    title: str,
    says: str,
    done: Callable[[date], str],
) -> HttpResponse:
    form = PauseForm(request.POST) if request.method == "POST" else PauseForm()
    if request.method == "POST" and form.is_valid():
        made: list[Pause] = []
        today = timezone.localdate()

        def act() -> None:
            made.append(pauses.pause(about, **form.cleaned_data, by=request.user, on=today))

        try:
            effects = carry_out(act, {state.pk})
        except ValidationError as error:
            _refuse(form, error)
        else:
            said = " ".join([done(made[0].until), *effects.sentences])
            undo = reverse("end-pause", args=[made[0].pk])
            messages.success(request, with_undo_at_once(request, said, undo, [made[0].pk]))
            return redirect(state)
    context = {"form": form, "state": state, "title": title, "says": says}
    return render(request, "web/reminders/pause.html", context)


def _refuse(form: forms.Form, error: ValidationError) -> None:
    """Shows each error at its field."""
    by_field = getattr(error, "message_dict", {NON_FIELD_ERRORS: error.messages})
    for name, found in by_field.items():
        form.add_error(name if name in form.fields else None, found)


@require_POST
@permission_required("reminders.change_pause", raise_exception=True)
def end_pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a pause early; reminders that are due by now are planned at once."""
    pause = get_object_or_404(Pause.objects.select_related("state", "obligation__state"), pk=pk)
    state = pause.whose
    limits.check(request.user, {state.pk})
    ended: list[bool] = []

    def act() -> None:
        ended.append(pauses.end(pause, by=request.user, on=timezone.localdate()))

    effects = carry_out(act, {state.pk})
    if ended[0]:
        said = _("The pause has ended. Reminders are sent again.")
        messages.success(request, " ".join([said, *effects.sentences]))
    else:
        messages.info(request, _("No change: the pause was already over."))
    return redirect(state)


# --- on the page of a State -----------------------------------------------------------------------


def pauses_of(state: State, owed: Sequence[Any], day: date) -> dict[str, Any]:
    """The pauses of a State on a day, and the obligations that can be paused, for the State's page.

    Each pause gets `holds`, whether it is in force; each open obligation gets `paused_until`.
    """
    pauses_made: list[Any] = list(
        Pause.objects.about(state.pk).filter(made_on__lte=day).select_related("obligation", "made_by")
    )
    for row in pauses_made:
        row.holds = row.is_in_force(day)
    in_force = {row.obligation_id: row.until for row in pauses_made if row.holds}
    awaited = [one for one in owed if one.due and one.status in OPEN]
    for one in awaited:
        one.paused_until = max(filter(None, (in_force.get(one.pk), in_force.get(None))), default=None)
    return {
        "pauses": pauses_made,
        "stopped_until": in_force.get(None),
        "to_pause": [one for one in awaited if one.pk not in in_force],
    }
