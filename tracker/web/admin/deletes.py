"""Deletes facts in two steps: the page shows the facts and the effects and asks for a reason, then deletes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.utils import model_ngettext, unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from simple_history.admin import SimpleHistoryAdmin

from tracker import changes
from tracker.changes import Effects, versions
from tracker.changes.effects import sentences
from tracker.changes.versions import FactKind, FactNames, kind_of, stored_values
from tracker.languages.writing import in_words
from tracker.obligations.models import CommitteeDate, Review
from tracker.obligations.wording import in_a_row
from tracker.registry import limits
from tracker.registry.models import Amendment, Contact, State
from tracker.reminders.models import WAITING, Reminder
from tracker.web.ui.form_fields import PlainForm
from tracker.web.ui.two_steps import TwoSteps, tell, warn
from tracker.web.ui.undo import with_undo_of

DIGITS = 19  # of the largest number that the database takes as a key


class DeleteForm(PlainForm):
    """Why something is deleted."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=100,
        widget=forms.TextInput(attrs={"size": "60", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "Kept in the history: why it is wrong, and which document or message says so."
        ),
        error_messages={
            "required": gettext_lazy("Enter a reason; it is kept in the history."),
            "max_length": gettext_lazy("Use at most 100 characters."),
        },
    )


def _goes_along(fact: Any) -> list[str]:
    """What else is deleted or affected, each in a sentence."""
    if isinstance(fact, CommitteeDate):
        return [
            _("Its correction, which awaits a second person, is deleted too.")
            for _one in fact.corrections.all()
        ]
    if isinstance(fact, Review):
        stated = CommitteeDate.objects.filter(state=fact.state_id, document=fact.document).count()
        said = ngettext(
            "The date stated in these observations is not deleted; delete it too if they do not exist.",
            "The %(n)d dates stated in these observations are not deleted; delete them too if they do not exist.",
            stated,
        )
        return [said % {"n": stated}] if stated else []
    if isinstance(fact, Amendment) and (count := fact.positions.count()):
        said = ngettext(
            "%(n)d position of a State on it is deleted too.",
            "%(n)d positions of States on it are deleted too.",
            count,
        )
        return [said % {"n": count}]
    if isinstance(fact, Contact):
        waiting = Reminder.objects.filter(contact=fact, state__in=WAITING).select_related(
            "obligation", "rule"
        )
        return [
            _("Waiting reminder: %(stage)s, about the %(report)s due %(day)s.")
            % {"stage": one.stage, "report": one.obligation.label, "day": in_words(one.due_on)}
            for one in waiting.order_by("due_on", "pk")
        ]
    return []


# --- the two steps ---------------------------------------------------------------------------


class TwoStepDeletes(SimpleHistoryAdmin):
    """Shows the effects before anything is deleted, one fact or several."""

    delete_confirmation_template = "admin/delete_facts.html"

    @property
    def list_address(self) -> str:
        """The address of the list of these facts."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        fact = self.get_object(request, unquote(object_id))
        if fact is not None and self.has_delete_permission(request):
            limits.check(request.user, limits.states_of(fact))
        if not self.has_delete_permission(request, fact):
            raise PermissionDenied
        if fact is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        name, key, changed = str(fact), fact.pk, _restored_by_undo([fact])
        answer = self.delete_in_two_steps(request, [fact])
        request.changed_facts = changed  # type: ignore[attr-defined]  # for the message
        return answer or self.response_delete(request, name, key)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        if "delete_selected" in actions:
            _one_step, name, description = actions["delete_selected"]
            actions["delete_selected"] = (delete_selected, name, description)
        return actions

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Ignores what cannot be a key before the database is asked for it."""
        sent = request.POST.copy()
        keys = sent.getlist(helpers.ACTION_CHECKBOX_NAME)
        sent.setlist(helpers.ACTION_CHECKBOX_NAME, [key for key in keys if self._may_be_key(key)])
        request.POST = sent  # type: ignore[assignment]  # the stubs know only the frozen kind
        return super().response_action(request, queryset)

    def _may_be_key(self, key: str) -> bool:
        """Whether a text that a form sent can be the key of a fact."""
        if isinstance(self.opts.pk, models.IntegerField):
            return key.isascii() and key.isdigit() and len(key) < DIGITS
        return key.isascii() and key.isalnum()

    def delete_in_two_steps(self, request: HttpRequest, facts: Sequence[Any]) -> HttpResponse | None:
        """The page that asks for a reason, or None once the facts are deleted."""
        states = State.objects.in_bulk({kind_of(fact).state_of(fact) for fact in facts})
        along: list[list[str]] = []

        def delete(values: Mapping[str, Any]) -> Effects:
            along[:] = [_goes_along(fact) for fact in facts]
            self.log_deletions(request, facts)
            effects = changes.delete(facts, by=request.user, reason=values.get("reason", ""))
            return replace(effects, notes=[sentence for of_one in along for sentence in of_one])

        steps = TwoSteps(
            request,
            DeleteForm(request.POST if "step" in request.POST else None),
            delete,
            states,
            shows=lambda: [stored_values(fact) for fact in facts],
            reason_only=True,
            save_label=_delete_label(len(facts)),
        )
        if steps.saved() and steps.effects:
            _tell(request, facts, states, replace(steps.effects, notes=()))
            return None
        context = self._shown(request, facts, along, steps)
        return TemplateResponse(request, self.delete_confirmation_template, context)

    def _shown(
        self, request: HttpRequest, facts: Sequence[Any], along: Sequence[list[str]], steps: TwoSteps
    ) -> dict[str, Any]:
        """What the page shows before anything is deleted."""
        effects, names = steps.effects, FactNames.read(facts)
        title = _("Delete %(name)s") if effects else _("Cannot delete %(name)s")
        several = len(facts) > 1
        return {
            **self.admin_site.each_context(request),
            "title": title % {"name": str(model_ngettext(self.opts, len(facts)))},
            "opts": self.opts,
            "media": self.media,
            "steps": steps,
            "effects_in_table": several,
            "several": several,
            "object": facts[0],
            "facts": [
                {
                    "pk": fact.pk,
                    "name": capfirst(versions.name_of(fact, names)),
                    "says": versions.said_by(fact, names),
                    "sentence": versions.in_one_sentence(fact, names),
                    "sentences": [*along[at], *sentences(effects.differences[at])] if effects else [],
                }
                for at, fact in enumerate(facts)
            ],
            "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        }


def _delete_label(n: int) -> str:
    if n == 1:
        return _("Delete")
    return ngettext("Delete %(n)d record", "Delete %(n)d records", n) % {"n": n}


@admin.action(permissions=["delete"])
def delete_selected(modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
    """Deletes several facts in the same two steps, all of them or none."""
    facts = list(queryset)
    if not facts:
        messages.warning(request, _("Nothing was deleted: what you selected is no longer recorded."))
        return None
    if limits.is_limited(request.user):
        about = [limits.states_of(fact) for fact in facts]
        limits.check(request.user, None if None in about else {state for of in about for state in of or ()})
    if not all(modeladmin.has_delete_permission(request, fact) for fact in facts):
        raise PermissionDenied
    changed = _restored_by_undo(facts)
    names = in_a_row(str(fact) for fact in facts)
    answer: HttpResponse | None = modeladmin.delete_in_two_steps(request, facts)
    if answer is None:
        said = ngettext(
            "%(n)d %(what)s deleted: %(names)s.", "%(n)d %(what)s deleted: %(names)s.", len(facts)
        )
        what = model_ngettext(modeladmin.opts, len(facts))
        messages.success(
            request,
            with_undo_of(
                request,
                said % {"n": len(facts), "what": what, "names": names},
                changed,
                modeladmin.list_address,
            ),
        )
    return answer


def _restored_by_undo(facts: Sequence[Any]) -> list[tuple[FactKind, Any]]:
    """Facts that are to be deleted, by kind and key, with the positions deleted along with an amendment.

    A correction that goes along with its date stays deleted: the date itself is corrected again instead.
    """
    along = [one for fact in facts if isinstance(fact, Amendment) for one in fact.positions.all()]
    return [(kind_of(fact), fact.pk) for fact in (*facts, *along)]


def _tell(request: HttpRequest, facts: Sequence[Any], states: Mapping[str, State], effects: Effects) -> None:
    """Adds messages on the effects, State by State; of several States the reminders are counted together."""
    if len(states) == 1:
        tell(request, next(iter(states.values())), effects)
        return
    for key, state in states.items():
        of_state = [
            difference
            for fact, difference in zip(facts, effects.differences, strict=True)
            if kind_of(fact).state_of(fact) == key
        ]
        tell(request, state, Effects(of_state))
    for sentence in effects.reminders:
        messages.info(request, sentence)
    warn(request, effects)
