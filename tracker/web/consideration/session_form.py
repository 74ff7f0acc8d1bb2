"""The form of a session: `/sessions/new/`, and `/sessions/96/edit/`, which moves and cancels it too."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from tracker.changes import LONGEST_REASON, Effects
from tracker.languages.writing import in_words, with_commas
from tracker.obligations.models import CommitteeSession, SessionStatus, Trust
from tracker.obligations.queries.sessions import waiting_again
from tracker.registry import limits
from tracker.web.ui.form_fields import DayField, put_the_focus
from tracker.web.ui.two_steps import TwoSteps, with_effects

MAY_ADD = "obligations.add_committeesession"
MAY_CHANGE = "obligations.change_committeesession"
FIELDS = (
    "kind", "number", "status", "starts_on", "ends_on", "status_on", "moved_from", "dialogues", "document", "source",
    "confidence", "note",
)  # fmt: skip


class SessionForm(forms.ModelForm):
    """A session, and why it is changed."""

    use_required_attribute = False  # our own messages say more than the browser's

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_REASON,
        required=False,
        help_text=gettext_lazy("Kept in the history; may stay empty."),
    )

    class Meta:
        model = CommitteeSession
        fields = FIELDS
        field_classes = dict.fromkeys(("starts_on", "ends_on", "status_on", "moved_from"), DayField)
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_ADD, raise_exception=True)
def new_session(request: HttpRequest) -> HttpResponse:
    """The form of a new session."""
    return _page(request, CommitteeSession())


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_CHANGE, raise_exception=True)
def edit_session(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a session, with what follows for the States on it."""
    return _page(request, get_object_or_404(CommitteeSession, pk=pk))


def _page(request: HttpRequest, session: CommitteeSession) -> HttpResponse:
    limits.check(request.user, None)
    is_new = session.pk is None
    form: Any = SessionForm(request.POST if request.method == "POST" else None, instance=copy.copy(session))
    form.fields["confidence"].choices = [("", "—"), *Trust.choices]
    put_the_focus(form)
    saved: list[CommitteeSession] = []

    def save(values: Mapping[str, Any]) -> Effects:
        now = (
            copy.copy(session) if is_new else CommitteeSession.objects.select_for_update().get(pk=session.pk)
        )
        before = copy.copy(now)
        for name in FIELDS:
            setattr(now, name, values[name])
        if not is_new and all(getattr(now, name) == getattr(before, name) for name in FIELDS):
            raise ValidationError(_("Nothing to save: you have changed no field."))
        now.full_clean()
        now._change_reason = values["reason"] or None  # type: ignore[attr-defined]  # kept in the history
        now.save()
        saved[:] = [now]
        return Effects(notes=list(_effects(before, now)) if not is_new else ())

    steps = TwoSteps(request, form, save, (), edits=() if is_new else (session,), at_once=is_new)
    if steps.saved():
        said = _("%(what)s is saved.") % {"what": capfirst(str(saved[0]))}
        messages.success(request, with_effects(said, steps.effects))
        return redirect(saved[0])
    title = _("New session") if is_new else _("Edit %(what)s") % {"what": session}
    context = {
        "steps": steps,
        "cancel": reverse("sessions") if is_new else session.get_absolute_url(),
        "title": title,
        "says": _says(is_new),
        "back": (reverse("sessions"), _("Sessions"))
        if is_new
        else (session.get_absolute_url(), capfirst(str(session))),
    }
    return render(request, "web/ui/two_steps.html", context)


def _says(is_new: bool) -> str:
    if is_new:
        return _("A session of the Committee, or of its pre-sessional working group.")
    return _("You will see what follows for the States on it before anything is saved.")


def _effects(before: CommitteeSession, now: CommitteeSession) -> Sequence[str]:
    """What a change of a session means for the States on it, in sentences."""
    states = [item.state.shown_name for item in waiting_again(now).select_related("state")]
    names = {"n": len(states), "states": with_commas(states)}
    was, is_now = (one.status == SessionStatus.CANCELLED for one in (before, now))
    found = []
    if states and is_now and not was:
        found.append(
            ngettext(
                "%(n)d State waits again: %(states)s.", "%(n)d States wait again: %(states)s.", len(states)
            )
            % names
        )
    if states and was and not is_now:
        found.append(
            ngettext(
                "%(n)d State is on the session again: %(states)s.",
                "%(n)d States are on the session again: %(states)s.",
                len(states),
            )
            % names
        )
    if before.day != now.day:
        found.append(
            _("The first day moves from %(before)s to %(now)s.")
            % {"before": in_words(before.day), "now": in_words(now.day)}
        )
        if states and not is_now:
            found.append(
                ngettext(
                    "%(n)d State moves with it: %(states)s.",
                    "%(n)d States move with it: %(states)s.",
                    len(states),
                )
                % names
            )
    return found or [_("Nothing changes for the States on it.")]
