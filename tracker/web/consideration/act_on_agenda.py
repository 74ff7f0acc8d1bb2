"""`/sessions/96/act/`: records that the States selected on a session were heard, or taken off it."""

from __future__ import annotations

from datetime import date

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from tracker import changes
from tracker.languages.writing import in_words, with_commas
from tracker.obligations.models import AgendaItem, CommitteeSession
from tracker.registry import limits
from tracker.web.ui.addresses import WHOLE
from tracker.web.ui.form_fields import DayField
from tracker.web.ui.undo import with_undo

MAY_CHANGE = "obligations.change_agendaitem"
HELD, POSTPONED = "held_on", "postponed_on"
SAID = {
    HELD: gettext_lazy("Held on %(day)s: %(states)s."),
    POSTPONED: gettext_lazy("Postponed on %(day)s, and waiting again: %(states)s."),
}


class AgendaActForm(forms.Form):
    """The day of the act, and which it is."""

    on = DayField(label=gettext_lazy("Day"))
    act = forms.ChoiceField(choices=[(one, one) for one in SAID])


@require_POST
@permission_required(MAY_CHANGE, raise_exception=True)
def act_on_agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """Sets the day in the records as they are stored, all or none; leads back to the session."""
    session = get_object_or_404(CommitteeSession, pk=pk)
    form = AgendaActForm(request.POST)
    picked = [int(key) for key in request.POST.getlist("pick") if WHOLE.fullmatch(key)]
    chosen = AgendaItem.objects.filter(session=session, pk__in=picked).order_by("pk")
    states = set(chosen.values_list("state", flat=True))
    limits.check(request.user, states)
    if not states:
        messages.error(request, _("Nothing was saved: select at least one State."))
    elif not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    else:
        with transaction.atomic():
            changes.lock(states)
            items = list(chosen.select_related("state", "session"))
            _act(request, items, form.cleaned_data["act"], form.cleaned_data["on"])
    return redirect(session)


def _act(request: HttpRequest, items: list[AgendaItem], act: str, on: date) -> None:
    if any(item.held_on or item.postponed_on for item in items):
        messages.error(request, _("Nothing was saved: somebody else saved this record at the same moment."))
        return
    for item in items:
        setattr(item, act, on)
    try:
        changes.save(items, by=request.user)
    except ValidationError as error:
        why = " ".join(error.messages)
        messages.error(request, _("Nothing was saved. %(why)s") % {"why": why})
        return
    said = SAID[act] % {"day": in_words(on), "states": with_commas(item.state.shown_name for item in items)}
    messages.success(request, with_undo(request, str(said), items, items[0].session.get_absolute_url()))
