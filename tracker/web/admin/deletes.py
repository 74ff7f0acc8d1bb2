"""Deleting a fact in two steps: what is lost and what follows is shown, a reason asked for, then it is done."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.utils import model_ngettext, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import ProtectedError, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from simple_history.admin import SimpleHistoryAdmin

from tracker.changes import versions
from tracker.changes.effects import Effects, carry_out, rehearse, sentences
from tracker.changes.versions import Names, kind_of
from tracker.obligations.actions import withdraw_fact
from tracker.obligations.models import CommitteeDate, Review
from tracker.obligations.sync import Difference
from tracker.obligations.wording import in_a_row
from tracker.registry import limits
from tracker.registry.models import Amendment, Contact, State
from tracker.reminders.models import WAITING, Reminder
from tracker.rules.dates import in_words
from tracker.web.ui.two_steps import tell
from tracker.web.ui.undo import linked, way_back

NAMED = 3  # facts named one by one where they keep another from being deleted; more are told by their kind


DIGITS = 19  # of the largest number that the database takes as a key


class Kept(Exception):
    """Something cannot be deleted; the text says what, and what to do."""


class DeleteForm(forms.Form):
    """Why something is deleted."""

    use_required_attribute = False  # the sentence below says more than the browser's own
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=100,
        widget=forms.TextInput(attrs={"size": "60", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "Kept in the history: why it is wrong, and which document or message says so."
        ),
        error_messages={
            "required": gettext_lazy("Say why it is deleted; the history keeps it."),
            "max_length": gettext_lazy("The history has room for 100 characters; shorten the reason."),
        },
    )


# --- what is deleted -------------------------------------------------------------------------


@dataclass
class Removal:
    """Facts of one kind that are to be deleted together, or not at all.

    Attributes:
        found: what became of the obligations with each of them, in the order of `facts`; filled by `act`.
    """

    facts: Sequence[Any]
    found: dict[int, Difference | None] = field(default_factory=dict)

    @property
    def states(self) -> dict[str, State]:
        """The States that they are about."""
        keys = {getattr(fact, kind_of(fact).about) for fact in self.facts}
        return State.objects.in_bulk(keys)

    def act(self, by: Any, reason: str) -> list[Difference]:
        """Deletes them, those first on which others rest.

        Raises:
            Kept: one of them has to stay; nothing is deleted then.
        """
        left = dict(enumerate(self.facts))
        self.found = {}
        with transaction.atomic():
            while left:
                kept: dict[int, ProtectedError] = {}
                for at, fact in left.items():
                    try:
                        # A copy, because a deleted object has lost its key, and this may be a rehearsal.
                        self.found[at] = _withdraw(copy.copy(fact), by, reason)
                    except ProtectedError as error:
                        kept[at] = error
                    except ValidationError as error:
                        raise Kept(_said(fact, " ".join(error.messages))) from error
                if len(kept) == len(left):
                    raise Kept(" ".join(_resting(self.facts[at], error) for at, error in kept.items()))
                left = {at: self.facts[at] for at in kept}
        return [one for one in self.found.values() if one is not None]

    def follows(self, at: int) -> list[str]:
        """What followed from one of them, in sentences, reminders apart."""
        found = self.found.get(at)
        return [] if found is None else sentences(found)


def _withdraw(fact: Any, by: Any, reason: str) -> Difference | None:
    """Deletes one fact; from a contact or an amendment nothing is derived."""
    if kind_of(fact).derives:
        if isinstance(fact, CommitteeDate):
            for correction in fact.corrections.all():
                withdraw_fact(correction, by=by, reason=reason)
        return withdraw_fact(fact, by=by, reason=reason)
    with transaction.atomic():
        for one in (*(fact.positions.all() if isinstance(fact, Amendment) else ()), fact):
            one._history_user, one._change_reason = by, reason
            one.delete()
    return None


def _resting(fact: Any, error: ProtectedError) -> str:
    """That a fact is kept, and what rests on it."""
    others = sorted(error.protected_objects, key=lambda one: (one._meta.label, one.pk))
    if len(others) <= NAMED and all(hasattr(one, "history") for one in others):
        names = Names.read(others)
        resting = [versions.name_of(one, names) for one in others]
    else:
        resting = list(dict.fromkeys(str(one._meta.verbose_name_plural) for one in others))
    return _("%(what)s is kept, because other records rest on it: %(others)s.") % {
        "what": capfirst(versions.name_of(fact, Names.read([fact]))),
        "others": ", ".join(resting),
    }


def _said(fact: Any, why: str) -> str:
    """Why a fact is kept."""
    what = capfirst(versions.name_of(fact, Names.read([fact])))
    return _("%(what)s is kept. %(why)s") % {"what": what, "why": why}


def _goes_along(fact: Any) -> list[str]:
    """What else goes with a fact, or loses its object: each in a sentence."""
    if isinstance(fact, CommitteeDate):
        return [
            _("Its correction, which awaits a second person, goes with it.")
            for _one in fact.corrections.all()
        ]
    if isinstance(fact, Review):
        stated = CommitteeDate.objects.filter(state=fact.state_id, document=fact.document).count()
        said = ngettext(
            "The date that these observations state stays; delete it too if they do not exist.",
            "The %(n)d dates that these observations state stay; delete them too if they do not exist.",
            stated,
        )
        return [said % {"n": stated}] if stated else []
    if isinstance(fact, Amendment) and (count := fact.positions.count()):
        said = ngettext(
            "%(n)d position of a State on it goes with it.",
            "%(n)d positions of States on it go with it.",
            count,
        )
        return [said % {"n": count}]
    if isinstance(fact, Contact):
        waiting = Reminder.objects.filter(contact=fact, state__in=WAITING).select_related(
            "obligation", "rule"
        )
        return [
            _("Waits: %(stage)s, about the %(report)s due %(day)s.")
            % {"stage": one.stage, "report": one.obligation.label, "day": in_words(one.due_on)}
            for one in waiting.order_by("due_on", "pk")
        ]
    return []


# --- the two steps ---------------------------------------------------------------------------


class TwoStepDeletes(SimpleHistoryAdmin):
    """Shows what is lost and what follows before anything is deleted, one fact or several."""

    delete_confirmation_template = "admin/delete_facts.html"

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        fact = self.get_object(request, unquote(object_id))
        if fact is not None and self.has_delete_permission(request):
            limits.check(request.user, limits.states_of(fact))
        if not self.has_delete_permission(request, fact):
            raise PermissionDenied
        if fact is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        shown, key = str(fact), fact.pk
        answer = self._two_steps(request, [fact], sent=request.method == "POST")
        request.changed_fact = (kind_of(fact), key)  # type: ignore[attr-defined]  # for the message
        return answer or self.response_delete(request, shown, key)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        if "delete_selected" in actions:
            _one_step, name, description = actions["delete_selected"]
            actions["delete_selected"] = (delete_selected, name, description)
        return actions

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Leaves out what cannot be a key before the list asks the database for it."""
        chosen = request.POST.copy()
        keys = chosen.getlist(helpers.ACTION_CHECKBOX_NAME)
        chosen.setlist(helpers.ACTION_CHECKBOX_NAME, [key for key in keys if self._may_be_key(key)])
        request.POST = chosen  # type: ignore[assignment]  # the stubs know only the frozen kind
        return super().response_action(request, queryset)

    def _may_be_key(self, key: str) -> bool:
        """Whether a text that a form sent can be the key of a fact."""
        if isinstance(self.opts.pk, models.IntegerField):
            return key.isascii() and key.isdigit() and len(key) < DIGITS
        return key.isascii() and key.isalnum()

    def _two_steps(self, request: HttpRequest, facts: Sequence[Any], *, sent: bool) -> HttpResponse | None:
        """The page that asks, or None once they are deleted."""
        form = DeleteForm(request.POST if sent else None)
        removal = Removal(facts)
        if sent and form.is_valid():
            reason = form.cleaned_data["reason"]
            states = removal.states
            try:
                with transaction.atomic():
                    self.log_deletions(request, facts)
                    effects = carry_out(lambda: removal.act(request.user, reason), states)
            except Kept:
                pass  # the page says so, from its own rehearsal
            else:
                _tell(request, removal, states, effects)
                return None
        return TemplateResponse(
            request, self.delete_confirmation_template, self._asked(request, removal, form)
        )

    def _asked(self, request: HttpRequest, removal: Removal, form: DeleteForm) -> dict[str, Any]:
        """What the page says before anything is deleted."""
        effects, problem = Effects(), ""
        try:
            effects = rehearse(lambda: removal.act(request.user, ""), removal.states)
        except Kept as kept:
            problem = str(kept)
        facts, names = removal.facts, Names.read(removal.facts)
        objects = str(model_ngettext(self.opts, len(facts)))
        several = len(facts) > 1
        return {
            **self.admin_site.each_context(request),
            "title": (_("Cannot delete %(name)s") if problem else _("Delete %(name)s")) % {"name": objects},
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "problem": problem,
            "several": several,
            "object": facts[0],
            "facts": [
                {
                    "pk": fact.pk,
                    "name": capfirst(versions.name_of(fact, names)),
                    "says": versions.said_by(fact, names),
                    "sentence": versions.in_one_sentence(fact, names),
                    "along": _goes_along(fact),
                    "follows": removal.follows(at) if several else effects.told,
                }
                for at, fact in enumerate(facts)
            ],
            "together": Effects([], effects.cancelled, effects.planned).told,
            "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        }


@admin.action(permissions=["delete"])
def delete_selected(modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
    """Deletes several facts in the same two steps, all of them or none."""
    facts = list(queryset)
    if limits.is_limited(request.user):
        about = [limits.states_of(fact) for fact in facts]
        limits.check(request.user, None if None in about else {state for of in about for state in of or ()})
    if not all(modeladmin.has_delete_permission(request, fact) for fact in facts):
        raise PermissionDenied
    keys = [(getattr(fact, kind_of(fact).about), fact.pk) for fact in facts]
    names = in_a_row(str(fact) for fact in facts)
    answer: HttpResponse | None = modeladmin._two_steps(request, facts, sent="post" in request.POST)
    if answer is None:
        said = ngettext(
            "%(n)d %(what)s deleted: %(names)s.", "%(n)d %(what)s deleted: %(names)s.", len(facts)
        )
        what = model_ngettext(modeladmin.opts, len(facts))
        messages.success(
            request,
            linked(said % {"n": len(facts), "what": what, "names": names}, *_back(request.user, facts, keys)),
        )
    return answer


def _back(user: Any, facts: Sequence[Any], keys: Sequence[tuple[str, Any]]) -> tuple[str, str]:
    """Where facts that were just deleted are restored: one on its page, those of one State in its history."""
    if len(keys) == 1:
        return way_back(user, kind_of(facts[0]), keys[0][1]), ""
    states = {state for state, _key in keys}
    if len(states) > 1 or not user.has_perm(kind_of(facts[0]).permission("add")):
        return "", ""
    return reverse("state-history", args=list(states)), _("Undo in the history …")


def _tell(request: HttpRequest, removal: Removal, states: dict[str, State], effects: Effects) -> None:
    """What followed, State by State; of several States the reminders are told together."""
    if len(states) == 1:
        tell(request, next(iter(states.values())), effects.told)
    else:
        for key, state in states.items():
            tell(request, state, list(_follows_for(removal, key)))
        for sentence in Effects([], effects.cancelled, effects.planned).told:
            messages.info(request, sentence)


def _follows_for(removal: Removal, state: str) -> Iterable[str]:
    """What followed for one State."""
    for at, fact in enumerate(removal.facts):
        if getattr(fact, kind_of(fact).about) == state:
            yield from removal.follows(at)
