"""Forms in two steps: the person sees the effects, then saves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest
from django.utils.html import format_html

from tracker.changes import cautions
from tracker.changes.effects import Act, Effects, carry_out, rehearse
from tracker.registry.models import State

EFFECT = "effect"  # tag of a message that says what followed from a change
FORM_CAN_TAKE = 500  # rows settled at once


@dataclass
class Settling:
    """A question with a form, answered in two steps: look at what follows, then save.

    Attributes:
        act: what saving does, given a form that is filled in rightly.
        states: whose reminders it may touch.
    """

    request: HttpRequest
    form: forms.Form
    act: Callable[[dict[str, Any]], Act]
    states: Iterable[str]
    effects: Effects | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def seen(self) -> str:
        """A mark of what the form says: what is saved is what was looked at."""
        told = json.dumps(self.form.cleaned_data, default=str, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def answer(self) -> bool:
        """Looks, or saves what was looked at; whether it is saved."""
        if self.request.method != "POST" or "step" not in self.request.POST or not self.form.is_valid():
            return False
        act = self.act(self.form.cleaned_data)
        save = self.request.POST.get("step") == "save" and self.request.POST.get("seen") == self.seen
        try:
            self.effects = (carry_out if save else rehearse)(act, self.states)
        except ValidationError as error:
            self._refuse(error)
            return False
        return save

    def _refuse(self, error: ValidationError) -> None:
        """Puts what the facts refuse beside the field that it is about."""
        by_field = getattr(error, "message_dict", {NON_FIELD_ERRORS: error.messages})
        for name, found in by_field.items():
            if name in self.form.fields:
                self.form.add_error(name, found)
            else:
                self.problems += found


def _told(effects: Effects | None, done: str) -> str:
    """What was saved, and what followed."""
    return " ".join([done, *(effects.told if effects else [])])


def tell(request: HttpRequest, state: State, told: Sequence[str]) -> None:
    """What followed for a State, with a link to its page, and which of its submissions to look at again."""
    if told:
        link = format_html('<a href="{}">{}</a>', state.get_absolute_url(), state.name)
        messages.info(request, format_html("{}: {}", link, " ".join(told)))
    for caution in cautions.about_submissions(state.pk):
        messages.warning(request, caution)
