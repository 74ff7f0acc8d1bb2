"""`/history/submission/12/restore/`: restores an earlier version of a fact, with a preview of the effects."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy, gettext_noop
from django.views.decorators.http import require_http_methods

from tracker import changes
from tracker.changes import LONGEST_REASON, Effects, versions
from tracker.changes.versions import KINDS, FactKind, FactNames
from tracker.languages.writing import moment
from tracker.registry import limits
from tracker.registry.models import State
from tracker.registry.stored import StoredText
from tracker.web.ui.conflicts import version_of
from tracker.web.ui.form_fields import PlainForm
from tracker.web.ui.two_steps import TwoSteps, tell
from tracker.web.ui.undo import with_undo_of

RESTORED = StoredText(gettext_noop("restored the version of %(day)s: %(reason)s"))

# How far a date has come on its way to a second person; no document says it, so no version brings it back.
NOT_RESTORED = ("awaits_confirmation", "entered_by", "corrects")


class RestoreForm(PlainForm):
    """Why an earlier version is restored.

    Args:
        room: how many characters the history has left for it.
    """

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Kept in the history, for example the document or message that requires it."),
        error_messages={"required": gettext_lazy("Enter a reason; it is kept in the history.")},
    )

    def __init__(self, *args: Any, room: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason: Any = self.fields["reason"]
        reason.max_length = room
        reason.validators.append(self._short_enough(room))
        reason.widget.attrs["maxlength"] = room

    @staticmethod
    def _short_enough(room: int) -> Any:
        def check(value: str) -> None:
            if len(value) > room:
                raise ValidationError(
                    _("Use at most %(room)d characters; these are %(n)d.") % {"room": room, "n": len(value)}
                )

        return check


@dataclass(frozen=True)
class Restoration:
    """A version of a fact, and the fact as it is now.

    Attributes:
        row: the row of the history that holds the version.
        present: the fact; None if it is no longer recorded.
    """

    kind: FactKind
    row: Any
    present: Any | None

    @classmethod
    def of(cls, kind: FactKind, row: Any) -> Restoration:
        """Reads the present fact."""
        key = getattr(row, kind.key)
        return cls(kind, row, kind.model._default_manager.filter(pk=key).first())

    @property
    def version(self) -> Any:
        return self.row.instance

    @property
    def states(self) -> set[str]:
        """The State that it is about, in the version and now."""
        keys = {self.kind.state_of(one) for one in (self.version, self.present) if one is not None}
        return {iso3 for iso3 in keys if iso3}

    @property
    def touches(self) -> set[str] | None:
        """The States whose desks may restore it; None for what concerns the States as a whole."""
        return None if limits.states_of(self.version) is None else self.states

    @property
    def prefix(self) -> str:
        """The beginning of the reason that the history keeps."""
        return RESTORED(day=self.row.history_date.date(), reason="")

    def restored(self) -> Any:
        """The fact as it would be saved; a new object each time, as saving changes it."""
        fact = self.kind.model() if self.present is None else copy.copy(self.present)
        version = self.version
        for one in self.kind.model._meta.concrete_fields:
            generated = self.present is not None and not one.editable  # a number given by us stays with it
            if not generated and one.name not in NOT_RESTORED and not _lost_account(one, version):
                setattr(fact, one.attname, getattr(version, one.attname))
        return fact

    def unlike(self) -> list[Any]:
        """The fields that would change; all of them, if the fact is no longer recorded."""
        if self.present is None:
            return self.kind.fields()
        return versions.differing(self.restored(), self.present)

    def obstacle(self, along: Collection[tuple[Any, Any]] = ()) -> str:
        """Why it cannot be restored at all; empty if it can be tried.

        Args:
            along: facts that are restored before it, by model and key.
        """
        if self.present is None and getattr(self.version, "corrects_id", None):
            return _(
                "It was a correction that awaited a second person, and has been confirmed or deleted. Edit the date "
                "itself instead."
            )
        for one in self.kind.fields():
            key = getattr(self.version, one.attname)
            if (
                not one.is_relation
                or key is None
                or one.name in NOT_RESTORED
                or one.related_model is get_user_model()
                or (one.related_model, key) in along
            ):
                continue
            if not one.related_model._default_manager.filter(pk=key).exists():
                what = FactNames.read([self.version]).of(one.related_model, key)
                return _("%(field)s: %(what)s is no longer recorded; restore that first.") % {
                    "field": versions.label_of(one),
                    "what": what,
                }
        return ""


def _lost_account(one: Any, version: Any) -> bool:
    """Whether a field names a user whose account is deleted; the present value stays then."""
    key = getattr(version, one.attname)
    users = get_user_model()
    return one.related_model is users and key is not None and not users.objects.filter(pk=key).exists()


@require_http_methods(["GET", "HEAD", "POST"])
def restore_page(request: HttpRequest, model: str, pk: int) -> HttpResponse:
    """Compares a version with the present record, shows the effects of restoring it, and restores it."""
    if model not in KINDS:
        raise Http404
    kind = KINDS[model]
    row = get_object_or_404(kind.model.history.select_related("history_user"), history_id=pk)
    restoration = Restoration.of(kind, row)
    if not request.user.has_perm(kind.permission("add" if restoration.present is None else "change")):
        raise PermissionDenied
    limits.check(request.user, restoration.touches)
    form = RestoreForm(
        request.POST if "step" in request.POST else None, room=LONGEST_REASON - len(restoration.prefix)
    )

    current = [restoration]

    def shows() -> str:
        kind.lock(getattr(row, kind.key))
        current[0] = Restoration.of(
            kind, row
        )  # read again: it may have changed before the States were locked
        return "" if current[0].present is None else version_of(current[0].present)

    def save(values: Mapping[str, Any]) -> Effects:
        now = current[0]
        if obstacle := now.obstacle():
            raise ValidationError(obstacle)
        if not now.unlike():
            raise ValidationError(_("Nothing to restore: the record has the same values now."))
        try:
            return changes.save(
                [now.restored()], by=request.user, reason=now.prefix + values.get("reason", "")
            )
        except ValidationError as error:
            raise ValidationError(list(in_sentences(error, kind))) from error

    steps = TwoSteps(
        request,
        form,
        save,
        restoration.states,
        shows=shows,
        reason_only=True,
        save_label=_("Restore this version"),
    )
    if steps.saved():
        return _done(request, restoration, steps.effects)
    context = {"steps": steps, **_shown(current[0])}
    return render(request, "web/records/restore.html", context)


def _shown(restoration: Restoration) -> dict[str, Any]:
    """What the page shows of a version and of the present record."""
    now, version = restoration.present, restoration.version
    differing = restoration.unlike() if now is not None else []
    names = FactNames.read(one for one in (version, now) if one is not None)
    return {
        "restoration": restoration,
        "title": _("Restore %(name)s") % {"name": versions.name_of(version, names)},
        "back": _back(restoration),
        "when": moment(restoration.row.history_date),
        "rows": [
            {
                "label": versions.label_of(one),
                "now": versions.value_of(now, one, names) if now is not None else "",
                "then": versions.value_of(version, one, names),
                "differs": one in differing,
            }
            for one in restoration.kind.fields()
            if one.name not in NOT_RESTORED and (one in differing or not _empty(one, version))
        ],
    }


def _back(restoration: Restoration) -> tuple[str, str]:
    """The address and the title of the page with the history of the fact; of a session that is deleted, the list."""
    iso3 = restoration.kind.state_of(restoration.version)
    if iso3 is None:
        now = restoration.present
        return (reverse("sessions"), _("Sessions")) if now is None else (now.get_absolute_url(), _name(now))
    state = State.objects.filter(pk=iso3).first()
    name = state.shown_name if state else iso3
    return reverse("state-history", args=[iso3]), _("History of %(name)s") % {"name": name}


def _name(fact: Any) -> str:
    return str(capfirst(versions.name_of(fact, FactNames.read([fact]))))


def _empty(one: Any, version: Any) -> bool:
    """Whether a field of a version is empty."""
    return getattr(version, one.attname) in (None, "")


def in_sentences(error: ValidationError, kind: FactKind) -> Iterable[str]:
    """The problems, each in a sentence that names the field."""
    if not hasattr(error, "error_dict"):
        yield from error.messages
        return
    for field, messages_of_field in error.message_dict.items():
        for message in messages_of_field:
            if field == NON_FIELD_ERRORS:
                yield message
            else:
                label = versions.label_of(kind.model._meta.get_field(field))
                yield _("%(field)s: %(message)s") % {"field": label, "message": message}


def _done(request: HttpRequest, restoration: Restoration, effects: Effects | None) -> HttpResponse:
    """Back to the history, with messages on the effects."""
    said = _("%(what)s: restored the version of %(when)s.") % {
        "what": _name(restoration.version),
        "when": moment(restoration.row.history_date),
    }
    key = getattr(restoration.row, restoration.kind.key)
    iso3 = restoration.kind.state_of(restoration.version)
    about = State.objects.get(pk=iso3) if iso3 else restoration.kind.model.objects.get(pk=key)
    back = reverse("state-history", args=[iso3]) if iso3 else about.get_absolute_url()
    messages.success(request, with_undo_of(request, said, [(restoration.kind, key)], back))
    tell(request, about, effects)
    return redirect(back)
