"""The form of a session: `/sessions/new/`, and `/sessions/96/edit/`, which moves and cancels it too.

`/sessions/96/held/` records that a session that has ended was held, which needs no form.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tracker import changes
from tracker.changes import LONGEST_REASON, Effects, versions
from tracker.changes.versions import FactNames, stored_values
from tracker.obligations.models import CommitteeSession, SessionStatus, Trust
from tracker.obligations.queries.sessions import WITHOUT_OUTCOME
from tracker.registry import limits
from tracker.web.ui.addresses import way_back
from tracker.web.ui.form_fields import DayField, put_the_focus
from tracker.web.ui.two_steps import TwoSteps, with_effects
from tracker.web.ui.undo import with_undo

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


def may_say_outcome(user: Any, session: CommitteeSession) -> bool:
    """Whether a person may record what became of a session, and nobody has yet."""
    return session.status in WITHOUT_OUTCOME and limits.may_change(user, None) and user.has_perm(MAY_CHANGE)


@require_POST
@permission_required(MAY_CHANGE, raise_exception=True)
def hold_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Records that a session that has ended was held; leads back to where the button was."""
    limits.check(request.user, None)
    with transaction.atomic():
        session = get_object_or_404(CommitteeSession.objects.select_for_update(), pk=pk)
        back = way_back(request) or session.get_absolute_url()
        if session.status in WITHOUT_OUTCOME:
            session.status = SessionStatus.HELD
            _save_held(request, session, back)
        else:
            said = _("Nothing was saved: somebody else saved this record at the same moment.")
            messages.error(request, said)
    return redirect(back)


def _save_held(request: HttpRequest, session: CommitteeSession, back: str) -> None:
    try:
        changes.save([session], by=request.user)
    except ValidationError as error:
        why = " ".join(error.messages)
        messages.error(request, _("Nothing was saved. %(why)s") % {"why": why})
        return
    said = capfirst(_("%(session)s was held from %(first)s to %(last)s.") % session.in_days())
    messages.success(request, with_undo(request, said, [session], back))


def _page(request: HttpRequest, session: CommitteeSession) -> HttpResponse:
    limits.check(request.user, None)
    is_new = session.pk is None
    data = request.POST if request.method == "POST" else None
    form: Any = SessionForm(data, instance=copy.copy(session), initial=_outcome(request, session))
    form.fields["confidence"].choices = [("", "—"), *Trust.choices]
    # What a cancelled session still lacks is the day on which that became known.
    put_the_focus(form, "number" if is_new else "status_on" if _is_cancelled(form) else "")
    said, saved = list[str](), list[CommitteeSession]()

    def stored() -> list[Any]:
        """The session as it is stored, which nobody else changes meanwhile."""
        return stored_values(CommitteeSession.objects.select_for_update().get(pk=session.pk))

    def save(values: Mapping[str, Any]) -> Effects:
        now = copy.copy(session)
        for name in FIELDS:
            setattr(now, name, values[name])
        said[:] = [] if is_new else versions.differences(now, session, FactNames())
        if not is_new and not said:
            raise ValidationError(_("Nothing to save: you have changed no field."))
        saved[:] = [now]
        effects = changes.save(saved, by=request.user, reason=values["reason"])
        none = [_("Nothing changes for the States on it.")]
        return effects if is_new or effects.sentences else replace(effects, notes=none)

    steps = (
        TwoSteps(request, form, save, (), at_once=True)
        if is_new
        else TwoSteps(request, form, save, (), shows=stored, edits=(session,))
    )
    if steps.saved():
        (now,) = saved
        done = " ".join(said) or _("%(what)s is saved.") % {"what": capfirst(str(now))}
        # Undoing deletes a new one.
        back = reverse("sessions") if is_new else now.get_absolute_url()
        messages.success(request, with_undo(request, with_effects(done, steps.effects), saved, back))
        return redirect(now)
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


def _outcome(request: HttpRequest, session: CommitteeSession) -> dict[str, Any]:
    """What a link to the form has filled in: that the session was cancelled, or moved from its day."""
    status = request.GET.get("status")
    if status == SessionStatus.MOVED:
        return {"status": status, "moved_from": session.moved_from or session.day}
    return {"status": status} if status == SessionStatus.CANCELLED else {}


def _is_cancelled(form: SessionForm) -> bool:
    return bool(form["status"].value() == SessionStatus.CANCELLED)


def _says(is_new: bool) -> str:
    if is_new:
        return _("A session of the Committee, or of its pre-sessional working group.")
    return _("You will see what follows for the States on it before anything is saved.")
