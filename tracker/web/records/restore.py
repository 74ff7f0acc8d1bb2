"""`/history/submission/12/restore/`: an earlier version of a fact brought back, its effects shown first."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tracker.changes import cautions, versions
from tracker.changes.effects import Effects, carry_out, rehearse
from tracker.changes.versions import KINDS, REMOVED, Kind, Names
from tracker.obligations import sync
from tracker.obligations.actions import save_fact
from tracker.obligations.models import CommitteeDate
from tracker.registry import limits
from tracker.registry.models import State
from tracker.rules.dates import in_words
from tracker.web.records.history import moment
from tracker.web.ui.two_steps import tell
from tracker.web.ui.undo import linked, way_back

REASON_LENGTH = 100  # characters that the history keeps
# How far a date has come on its way to a second person; no document says it, so no version brings it back.
KEPT = ("awaits_confirmation", "entered_by", "corrects")


class Moved(Exception):
    """The fact has changed since the page was opened."""


class RestoreForm(forms.Form):
    """Why an earlier version is brought back; `room` is what the history has left for it."""

    use_required_attribute = False  # the sentence below says more than the browser's own
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Kept in the history: which document or message it rests on."),
        error_messages={"required": gettext_lazy("Say why it is restored; the history keeps it.")},
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
                    _("The history has room for %(room)d characters here, and these are %(n)d; shorten it.")
                    % {"room": room, "n": len(value)}
                )

        return check


@dataclass(frozen=True)
class Restoration:
    """A version of a fact, and the fact as it is now.

    Attributes:
        row: the row of the history that holds the version.
        present: the fact; None if it is not recorded any more.
    """

    kind: Kind
    row: Any
    present: Any | None

    @classmethod
    def of(cls, kind: Kind, row: Any) -> Restoration:
        """Reads what the fact says now."""
        key = getattr(row, kind.key)
        return cls(kind, row, kind.model._default_manager.filter(pk=key).first())

    @property
    def version(self) -> Any:
        return self.row.instance

    @property
    def states(self) -> set[str]:
        """The State that it is about then, and now."""
        found = {getattr(one, self.kind.about) for one in (self.version, self.present) if one is not None}
        return {iso3 for iso3 in found if iso3}

    @property
    def touches(self) -> set[str] | None:
        """The States of whose records it is a part, then and now; None for what is the treaty's."""
        return None if limits.states_of(self.version) is None else self.states

    @property
    def fingerprint(self) -> str:
        """A mark of what the fact says now, so that a change by somebody else is noticed."""
        if self.present is None:
            return "removed"
        values = [str(getattr(self.present, one.attname)) for one in self.kind.model._meta.concrete_fields]
        return hashlib.sha256(repr(values).encode()).hexdigest()

    @property
    def prefix(self) -> str:
        """How the reason begins that the history keeps."""
        return _("restored the version of %(day)s: ") % {"day": in_words(self.row.history_date.date())}

    def restored(self) -> Any:
        """The fact as it would be saved; made anew each time, as saving changes it."""
        fact = self.kind.model() if self.present is None else copy.copy(self.present)
        version = self.version
        for one in self.kind.model._meta.concrete_fields:
            own = self.present is not None and not one.editable  # a number given by us stays with it
            if not own and one.name not in KEPT and not _lost_account(one, version):
                setattr(fact, one.attname, getattr(version, one.attname))
        return fact

    def unlike(self) -> list[Any]:
        """The fields that would change; all that it says, if it is not recorded any more."""
        if self.present is None:
            return self.kind.fields()
        return versions.differing(self.restored(), self.present)

    def obstacle(self) -> str:
        """Why it cannot be brought back before anything is tried, or nothing."""
        if self.present is None and getattr(self.version, "corrects_id", None):
            return _(
                "It was a correction that waited for a second person, and has been confirmed or withdrawn. "
                "Change the date itself instead."
            )
        for one in self.kind.fields():
            key = getattr(self.version, one.attname)
            if (
                not one.is_relation
                or key is None
                or one.name in KEPT
                or one.related_model is get_user_model()
            ):
                continue
            if not one.related_model._default_manager.filter(pk=key).exists():
                what = Names.read([self.version]).of(one.related_model, key)
                return _("%(field)s: %(what)s is not recorded any more; restore that first.") % {
                    "field": versions.label_of(one),
                    "what": what,
                }
        return ""

    def save(self, *, by: Any, reason: str) -> sync.Difference | None:
        """Brings the version back.

        Raises:
            ValidationError: it cannot be beside what is recorded now.
            Moved: what is recorded now is not what this object has read.
        """
        sync.lock(self.states)
        if Restoration.of(self.kind, self.row).fingerprint != self.fingerprint:
            raise Moved
        fact = self.restored()
        if self.kind.derives:
            return save_fact(fact, by=by, reason=self.prefix + reason)
        fact.full_clean()
        fact._history_user, fact._change_reason = by, (self.prefix + reason)[:REASON_LENGTH]
        fact.save()
        return None


def _lost_account(one: Any, version: Any) -> bool:
    """Whether a field names a user whose account is gone; what is there now stays then."""
    key = getattr(version, one.attname)
    users = get_user_model()
    return one.related_model is users and key is not None and not users.objects.filter(pk=key).exists()


@require_http_methods(["GET", "HEAD", "POST"])
def restore_page(request: HttpRequest, model: str, pk: int) -> HttpResponse:
    """What a version says, beside what is recorded now, and what would follow; restored on request."""
    if model not in KINDS:
        raise Http404
    kind = KINDS[model]
    row = get_object_or_404(kind.model.history.select_related("history_user"), history_id=pk)
    found = Restoration.of(kind, row)
    if not request.user.has_perm(kind.permission("add" if found.present is None else "change")):
        raise PermissionDenied
    limits.check(request.user, found.touches)
    room = REASON_LENGTH - len(found.prefix)
    sent = request.POST if request.method == "POST" else None
    form = RestoreForm(sent, room=room, initial={"seen": found.fingerprint})
    moved = False
    if form.is_valid():
        moved = form.cleaned_data["seen"] != found.fingerprint
        if not moved and not found.obstacle() and found.unlike():
            try:
                effects = carry_out(
                    lambda: found.save(by=request.user, reason=form.cleaned_data["reason"]), found.states
                )
            except Moved:
                moved = True
                found = Restoration.of(kind, row)
            except ValidationError:
                pass  # told on the page, which tries again without keeping it
            else:
                return _done(request, found, effects)
    if moved:
        values = {"seen": found.fingerprint, "reason": form.cleaned_data["reason"]}
        form = RestoreForm(room=room, initial=values)
    return render(request, "web/records/restore.html", _shown(request, found, form, moved))


def _shown(request: HttpRequest, found: Restoration, form: RestoreForm, moved: bool) -> dict[str, Any]:
    """What the page says."""
    unlike, problems, told = found.unlike(), [], []
    differing = unlike if found.present is not None else []
    if obstacle := found.obstacle():
        problems = [obstacle]
    elif unlike:
        try:
            told = rehearse(lambda: found.save(by=request.user, reason=""), found.states).told
        except ValidationError as error:
            problems = list(in_sentences(error, found.kind))
        except Moved:
            problems = [_("Somebody is changing the record at this moment; open this page again.")]
    now = found.present if found.present is not None else None
    names = Names.read(one for one in (found.version, now) if one is not None)
    state = State.objects.filter(pk=getattr(found.version, found.kind.about)).first()
    return {
        "form": form,
        "found": found,
        "name": versions.name_of(found.version, names),
        "when": moment(found.row.history_date),
        "was_removal": found.row.history_type == REMOVED,
        "rows": [
            {
                "label": versions.label_of(one),
                "now": versions.value_of(now, one, names) if now is not None else "",
                "then": versions.value_of(found.version, one, names),
                "differs": one in differing,
            }
            for one in found.kind.fields()
            if one.name not in KEPT and (one in differing or not _empty(one, found.version))
        ],
        "unlike": unlike,
        "problems": problems,
        "told": told,
        "moved": moved,
        "waits": isinstance(found.version, CommitteeDate) and settings.FOUR_EYES,
        "state": state,
        "iso3": getattr(found.version, found.kind.about),
    }


def _empty(one: Any, version: Any) -> bool:
    """Whether a version says nothing in a field."""
    return getattr(version, one.attname) in (None, "")


def in_sentences(error: ValidationError, kind: Kind) -> Iterable[str]:
    """What is wrong, field by field, each in a sentence."""
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


def _done(request: HttpRequest, found: Restoration, effects: Effects) -> HttpResponse:
    """Back to the State's history, where it is told what followed."""
    what = versions.name_of(found.version, Names.read([found.version]))
    said = _("%(what)s: restored the version of %(when)s.") % {
        "what": capfirst(what),
        "when": moment(found.row.history_date),
    }
    waits = isinstance(found.version, CommitteeDate) and settings.FOUR_EYES
    if waits:
        said += " " + _("It takes effect once a second person has confirmed it.")
    back = way_back(request.user, found.kind, getattr(found.row, found.kind.key))
    messages.success(request, linked(said, back))
    iso3 = getattr(found.version, found.kind.about)
    tell(request, State.objects.get(pk=iso3), effects.told)
    if not waits:
        for caution in cautions.about(Restoration.of(found.kind, found.row).present):
            messages.warning(request, caution)
    return redirect("state-history", iso3)
