"""Forms in two steps: first a preview of the effects, then saving exactly what was previewed.

Two flows work otherwise: an import is previewed and saved by workers, so its fingerprint is stored with the file; an
act on reminders has no effects to preview, and leaves out by itself each reminder that has changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tracker import changes
from tracker.changes import Effects
from tracker.registry.models import State
from tracker.web.ui.conflicts import (
    VERSION,
    Conflict,
    compare,
    fingerprint,
    last_change,
    once_more,
    version_of,
)

EFFECT = "effect"  # the tag of a message about effects
FORM_CAN_TAKE = 500  # rows changed at once

Act = Callable[[Mapping[str, Any]], Effects]


@dataclass
class TwoSteps:
    """A form in two steps: a preview of what saving would change, then saving exactly that.

    The preview is the very act of saving, rolled back. It carries a mark, a fingerprint of all that was shown: the
    form, the records and the effects. If the mark differs when the form is sent to be saved, nothing is saved and the
    new preview is shown.

    Attributes:
        act: saves, through `tracker.changes`, given the cleaned values of the form.
        states: alpha-3 of the States whose facts it may change; nobody else changes them meanwhile.
        shows: returns the records that the page shows in addition to the effects.
        edits: the facts that the form shows and changes, as they are stored. A form opened before somebody else changed
            them is not even previewed: the person first chooses the version to save.
        at_once: whether it is saved without a preview, because it has no effects.
        reason_only: whether the form asks for a reason at most, so that the preview needs no form filled in.
        save_label: the words of the button that saves; “Save” if empty.
        effects: of the preview, or of what was saved; None where there is no preview.
        problems: why it cannot be saved.
        outdated: whether the form or the records have changed since the preview.
        conflict: a change by somebody else after the form was opened.
    """

    request: HttpRequest
    form: forms.Form
    act: Act
    states: Iterable[str]
    shows: Callable[[], Any] = lambda: None
    edits: Sequence[Any] = ()
    at_once: bool = False
    reason_only: bool = False
    save_label: str = ""
    effects: Effects | None = None
    problems: list[str] = field(default_factory=list)
    outdated: bool = False
    conflict: Conflict | None = None
    mark: str = ""

    @property
    def sent(self) -> bool:
        """Whether the form was sent, and not just opened by a button of another page."""
        return self.request.method == "POST" and "step" in self.request.POST

    def saved(self) -> bool:
        """Makes the preview, or saves what was previewed; returns whether it is saved."""
        if self.sent and self.edits:
            self._compare()
        valid = self.sent and self.form.is_valid()
        if self.conflict is not None:
            self.form.add_error(None, self.conflict.said)
            return False
        if not valid and not self.reason_only:
            return False
        values = self.form.cleaned_data if valid else {}
        saving = valid and self.request.POST["step"] == "save"
        try:
            saved: bool = once_more(lambda: self._try(values, saving))
        except ValidationError as error:
            self._refuse(error)
            return False
        except ObjectDoesNotExist:
            self.problems.append(_("Nothing was saved: somebody else has deleted this record meanwhile."))
            return False
        self.outdated = saving and not saved
        return saved

    @property
    def version(self) -> str:
        """Of the facts that the form shows; empty if it shows none."""
        return self.form.data.get(VERSION, "") if self.sent else self._stored

    @property
    def _stored(self) -> str:
        return version_of(*self.edits) if self.edits else ""

    def _compare(self) -> None:
        """Compares the facts that the form was opened with to the stored ones."""
        stored: dict[str, Any] = {}
        for fact in reversed(self.edits):  # of a field that several have, the first one's
            stored |= {name: getattr(fact, name) for name in self.form.fields if hasattr(fact, name)}
        self.conflict = compare(self.form, self._stored, stored, self._last_change)

    def _last_change(self) -> tuple[str, Any]:
        return max((last_change(fact) for fact in self.edits), key=lambda change: str(change[1] or ""))

    def _try(self, values: Mapping[str, Any], saving: bool) -> bool:
        """Makes the change, within a transaction; returns whether it stays."""
        changes.lock(self.states)
        shown = self.shows()
        self.effects = self.act(values)
        self.mark = fingerprint([{} if self.reason_only else values, shown, self.effects.sentences])
        stays = saving and (self.at_once or self.request.POST.get("seen") == self.mark)
        if not stays:
            transaction.set_rollback(True)
        return stays

    def _refuse(self, error: ValidationError) -> None:
        """Puts why the facts cannot be saved beside the field that it is about."""
        by_field = getattr(error, "message_dict", {NON_FIELD_ERRORS: error.messages})
        for name, problems in by_field.items():
            if name in self.form.fields and self.form.is_bound:
                self.form.add_error(name, problems)
            else:
                self.problems += problems


def with_effects(said: str, effects: Effects | None) -> str:
    """A message that something was saved, with the effects."""
    return " ".join([said, *(effects.sentences if effects else [])])


def tell(request: HttpRequest, about: Any, effects: Effects | None) -> None:
    """Adds a message on the effects for a State or a session, with a link to its page, and one for each warning."""
    if effects is None:
        return
    if effects.sentences:
        messages.info(request, format_html("{}: {}", link_to(about), " ".join(effects.sentences)))
    warn(request, effects)


def warn(request: HttpRequest, effects: Effects) -> None:
    """Adds a message for each warning."""
    for caution in effects.cautions:
        messages.warning(request, caution)


def link_to(about: Any) -> SafeString:
    """The name of a State or a session as a link to its page."""
    name = about.shown_name if isinstance(about, State) else capfirst(str(about))
    return format_html('<a href="{}">{}</a>', about.get_absolute_url(), name)
