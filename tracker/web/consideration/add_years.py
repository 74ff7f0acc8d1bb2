"""`/calendar/years/add/`: one year of a calendar for one State or several, as changes that are undone together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from tracker import changes
from tracker.changes import Effects, FactRefused
from tracker.changes.desk_guard import yours
from tracker.obligations.models import ExpectedYear, Trust
from tracker.obligations.queries.expected import expected_years
from tracker.obligations.wording import in_a_row
from tracker.registry.models import State
from tracker.registry.un_names import StateOrder, names_of_states
from tracker.web.ui.form_fields import DayField, NamedStatesField, put_the_focus
from tracker.web.ui.two_steps import TwoSteps
from tracker.web.ui.undo import with_undo

FIELDS = ("year", "calendar", "document", "decided_on", "source", "confidence", "note")


class ExpectedYearsForm(forms.ModelForm):
    """A year of a calendar, and the States that have it."""

    use_required_attribute = False  # our own messages say more than the browser's
    states = NamedStatesField(
        label=gettext_lazy("States"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Names or alpha-3 codes with commas between them or one a line, for example NOR, Benin."
        ),
        error_messages={"required": gettext_lazy("Enter the States, for example NOR, Benin.")},
    )

    class Meta:
        model = ExpectedYear
        fields = FIELDS
        field_classes = {"decided_on": DayField}

    field_order = ("year", "states", *FIELDS[1:])

    def __init__(self, by: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states: Any = self.fields["states"]
        states.theirs = yours(by, State.objects.order_by(StateOrder(), "pk"))
        confidence: Any = self.fields["confidence"]
        confidence.choices = [("", "—"), *Trust.choices]
        self.fields["note"].widget.attrs["rows"] = 2
        self.fields["year"].widget.attrs["autocomplete"] = "off"

    def facts(self, values: Mapping[str, Any]) -> list[ExpectedYear]:
        """A new fact for each State."""
        common = {name: values[name] for name in FIELDS}
        return [ExpectedYear(state_id=code, **common) for code in values["states"]]


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("obligations.add_expectedyear", raise_exception=True)
def add_years(request: HttpRequest) -> HttpResponse:
    """Shows the form, then which States get the year and what it replaces, and saves what was previewed."""
    form: Any = ExpectedYearsForm(request.user, request.POST if request.method == "POST" else None)
    facts = list[ExpectedYear]()

    def save(values: Mapping[str, Any]) -> Effects:
        facts[:] = form.facts(values)
        notes = _notes(facts)
        try:
            effects = changes.save(facts, by=request.user)
        except FactRefused as error:
            raise _of_the_state(error) from error
        return replace(effects, notes=[*notes, *effects.notes])

    steps = TwoSteps(request, form, save, form.cleaned_data.get("states", ()) if form.is_valid() else ())
    if steps.saved():
        back = reverse("expected-years")
        messages.success(request, with_undo(request, " ".join(_notes(facts)[:1]), facts, back))
        return redirect(back)
    put_the_focus(form)
    context = {
        "steps": steps,
        "form": form,
        "title": _("Enter years of the Committee’s calendar"),
        "says": _(
            "One year for one State or several, with its document. It stands beside “date to be communicated” and is "
            "no due date. You will see the effects before anything is saved."
        ),
        "back": (reverse("expected-years"), _("Calendar of years")),
    }
    return render(request, "web/ui/two_steps.html", context)


def _notes(facts: Sequence[ExpectedYear]) -> list[str]:
    """Which States get the year, and which years it replaces, in sentences."""
    states = names_of_states(State.objects.filter(pk__in=[one.state_id for one in facts]))
    year = facts[0].year
    said = [
        ngettext(
            "%(n)d State is expected in %(year)d: %(states)s.",
            "%(n)d States are expected in %(year)d: %(states)s.",
            len(states),
        )
        % {"n": len(states), "year": year, "states": in_a_row(states.values())}
    ]
    before = expected_years(timezone.localdate(), states)
    ours = {one.pk for one in facts}
    for code, name in states.items():
        other = before.get(code)
        if other is None or other.pk in ours:
            continue
        if other.decided_on > facts[0].decided_on:
            said.append(
                _("%(state)s: a later document, %(document)s, gives %(year)d; that year stays.")
                % {"state": name, "document": other.document, "year": other.year}
            )
        elif other.year != year:
            said.append(
                _("%(state)s: %(year)d replaces %(before)d of %(document)s.")
                % {"state": name, "year": year, "before": other.year, "document": other.document}
            )
    return said


def _of_the_state(error: FactRefused) -> ValidationError:
    """Why the year of a State cannot be saved, with the name of the State where the field does not say it."""
    state: State = error.fact.state
    by_field: dict[str, Iterable[Any]] = dict(
        getattr(error, "message_dict", {NON_FIELD_ERRORS: error.messages})
    )
    general = by_field.pop(NON_FIELD_ERRORS, ())
    about = [_("%(state)s: %(what)s") % {"state": state.shown_name, "what": one} for one in general]
    return ValidationError(by_field | ({"states": about} if about else {}))
