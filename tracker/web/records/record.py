"""`/record/`: which State, and what is recorded; and the page on which each kind of fact is recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from tracker import changes
from tracker.changes import Effects, FactRefused, versions
from tracker.obligations.wording import one_full_stop
from tracker.registry import limits
from tracker.registry.models import State, TreatyAction
from tracker.rules.entry_into_force import entry_into_force
from tracker.web.records.record_form import RecordForm
from tracker.web.ui.addresses import WHOLE, state_of, way_back
from tracker.web.ui.form_fields import OwnStateForm, put_the_focus, states_to_offer
from tracker.web.ui.two_steps import TwoSteps, tell
from tracker.web.ui.undo import with_undo

LONGEST_NOTE = 500  # characters that an address may begin a note with
LONGEST_SYMBOL = 100
FILLED_IN = ("document", "document_kind", "decided_on", "due_on", "received_on", "symbol", "report")

# --- the page of each kind of fact ------------------------------------------------------------------


def state_to_record(request: HttpRequest, iso3: str) -> State:
    """The State of an address, for somebody who may change what is recorded of it."""
    state = state_of(iso3)
    limits.check(request.user, {state.pk})
    return state


def initial_data(request: HttpRequest) -> dict[str, Any]:
    """The data that were sent or, at first, what the address names: reports, a document, days, a note."""
    if request.method == "POST":
        return {"data": request.POST}
    reports = [key for key in request.GET.getlist("obligation") if WHOLE.fullmatch(key)]
    named = {name: request.GET.get(name, "")[:LONGEST_SYMBOL] for name in FILLED_IN}
    note = request.GET.get("note", "")[:LONGEST_NOTE]
    return {"initial": {"reports": reports, "note": note} | {k: text for k, text in named.items() if text}}


def record_page(request: HttpRequest, form: RecordForm, title: str) -> HttpResponse:
    """Shows the form, then the effects, and saves what was previewed."""
    state, facts = form.state, list[Any]()

    def save(values: Mapping[str, Any], by: Any = request.user) -> Effects:
        facts[:] = form.facts(values)
        try:
            effects = changes.save(facts, by=by, reason=form.reason(values))
        except FactRefused as error:
            raise _at_fields(error, form.field_names(error.fact)) from error
        return replace(effects, notes=[*form.notes(values), *effects.notes])

    steps = TwoSteps(request, form, save, {state.pk})
    if steps.saved():
        messages.success(request, _recorded(request, facts))
        tell(request, state, steps.effects)
        return redirect(way_back(request) or state)
    if form.is_bound or not any(field.use_fieldset and not field.value() for field in form):
        put_the_focus(form)  # else the reports come first: they are still to be selected
    previewed = list(facts) if steps.effects else []
    waiting = any(getattr(fact, "awaits_confirmation", False) for fact in previewed)
    confirmed: Effects | None = None
    if waiting:  # a command acts at once, so it shows the effects of the confirmation
        confirmed = changes.preview(lambda: save(form.cleaned_data, by=None))
    context = {
        "state": state,
        "form": form,
        "title": title,
        "says": _("%(state)s. You will see the effects before anything is saved.")
        % {"state": state.shown_name},
        "back": (state.get_absolute_url(), state.shown_name),
        "steps": steps,
        "note": form.note_for(request.user),
        "entry": _entry(previewed[0]) if previewed else None,
        "waiting": waiting,
        "confirmed": confirmed,
    }
    return render(request, "web/records/record.html", context)


def _recorded(request: HttpRequest, facts: Sequence[Any]) -> str:
    """What was recorded, and of which State, with a button to undo it."""
    what = " ".join(
        _("Recorded for %(state)s: %(what)s.")
        % {"state": fact.state.shown_name, "what": versions.name_of(fact, versions.FactNames())}
        for fact in facts
    )
    return with_undo(request, one_full_stop(what), facts)


def _entry(fact: Any) -> Any:
    """When the treaty enters into force for the State, and why; None for other facts."""
    return entry_into_force(fact.as_rule()) if isinstance(fact, TreatyAction) else None


def _at_fields(error: ValidationError, names: Mapping[str, str]) -> ValidationError:
    """The same error, beside the fields of the page.

    Args:
        names: the fields of the page, by those of the fact that have another name.
    """
    if not hasattr(error, "error_dict"):
        return error
    by_field: dict[str, list[Any]] = {}
    for name, problems in error.error_dict.items():
        by_field.setdefault(names.get(name, name), []).extend(problems)
    return ValidationError(by_field)


# --- of which State ---------------------------------------------------------------------------------

TASKS = (
    ("record-submission", gettext_lazy("a submission"), "obligations.add_submission"),
    ("record-review", gettext_lazy("concluding observations"), "obligations.add_review"),
    (
        "record-prior-to-reporting",
        gettext_lazy("a list of issues prior to reporting"),
        "obligations.add_committeedate",
    ),
    ("record-date", gettext_lazy("another date stated by the Committee"), "obligations.add_committeedate"),
    ("record-withdrawal", gettext_lazy("the withdrawal of a report"), "obligations.change_submission"),
    ("record-deposit", gettext_lazy("an instrument deposited"), "registry.add_treatyaction"),
)


class RecordChoiceForm(OwnStateForm):
    """The State, and what is recorded."""

    # Translators: a verb.
    what = forms.ChoiceField(label=gettext_lazy("Record"))

    def __init__(self, tasks: list[tuple[str, Any]], by: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(by, *args, **kwargs)
        self.fields["what"].choices = tasks


@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """Asks for the State and the kind of fact, and redirects to its page."""
    tasks = [(name, label) for name, label, permission in TASKS if request.user.has_perm(permission)]
    if "state" in request.GET:
        form = RecordChoiceForm(tasks, request.user, request.GET)
        if form.is_valid():
            return redirect(form.cleaned_data["what"], form.cleaned_data["state"].pk)
    else:
        form = RecordChoiceForm(tasks, request.user, initial={"what": request.GET.get("what", "")})
    put_the_focus(form)
    context = {"form": form, "tasks": tasks, "states": states_to_offer(request.user)}
    return render(request, "web/records/record_of.html", context)
