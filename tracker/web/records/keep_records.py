"""`/to-confirm/keep-records/`: the office keeps the records of some States, or of all, from now on.

The shipped data end on a day; later reports may have been received without being recorded. Once the office records
everything received, a later report that is not recorded counts as overdue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from tracker import changes
from tracker.changes import Effects
from tracker.changes.desk_guard import yours
from tracker.obligations.models import Obligation
from tracker.obligations.wording import in_a_row
from tracker.registry.models import Region, State
from tracker.registry.un_names import StateOrder, shown_name
from tracker.rules.status import Status
from tracker.web.ui.form_fields import DayField, NamedStatesField, PlainForm
from tracker.web.ui.two_steps import TwoSteps

ALL, NAMED = "all", "named"


class KeepRecordsForm(PlainForm):
    """The States whose records the office keeps, and the day from which it holds their reports under the CRC."""

    whose = forms.ChoiceField(label=gettext_lazy("Records of"))
    named = NamedStatesField(
        label=gettext_lazy("States"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy(
            "Only for “States named here”: names or alpha-3 codes, for example NOR, Benin."
        ),
    )
    carried_from = DayField(
        label=gettext_lazy("Reports under the CRC complete from"),
        required=False,
        help_text=gettext_lazy(
            "The day from which the records of reports under the CRC are complete. Empty: the recorded day "
            "does not change; without any day, no report under the CRC counts as overdue."
        ),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=100,
        help_text=gettext_lazy(
            "Kept in the history, for example “registry of the office checked on 1 March 2026”."
        ),
        error_messages={"required": gettext_lazy("Enter a reason; it is kept in the history.")},
    )

    def __init__(self, by: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.theirs = yours(by, State.objects.order_by(StateOrder(), "pk"))
        self.fields["named"].theirs = self.theirs
        self.fields["whose"].choices = [
            (ALL, _("all States")),
            *Region.choices,
            (NAMED, _("States named here")),
        ]

    def clean_carried_from(self) -> date | None:
        day: date | None = self.cleaned_data["carried_from"]
        if day and day > timezone.localdate():
            raise ValidationError(
                _("This day is in the future; enter the day from which the records are complete.")
            )
        return day

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        whose = values.get("whose")
        if whose == NAMED:
            values["states"] = values.get("named", [])
            if not values["states"] and "named" not in self.errors:
                self.add_error("named", _("Enter the States, for example NOR, Benin."))
        elif whose and values.get("named"):
            self.add_error("named", _("Leave this empty, or choose “States named here”."))
        elif whose:
            rows = self.theirs if whose == ALL else self.theirs.filter(region=whose)
            values["states"] = sorted(rows.values_list("pk", flat=True))
        if whose and not self.errors and not values.get("states"):
            self.add_error("whose", _("No State that you may change is in this group."))
        return values


def _overdue(states: Iterable[str]) -> dict[int, str]:
    """The reports of some States that are overdue today: the State's name by the key of the obligation."""
    today = timezone.localdate()
    rows = Obligation.objects.filter(state__in=states).standing(Status.OVERDUE, today, today=today)
    names = rows.order_by(StateOrder("state"), "pk").values_list("pk", "state_id", "state__name")
    return {pk: shown_name(iso3, name) for pk, iso3, name in names}


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("registry.change_state", raise_exception=True)
def keep_records(request: HttpRequest) -> HttpResponse:
    """Records that the office keeps the records; shows first which reports become overdue by it."""
    posted = request.POST if request.method == "POST" else None
    form = KeepRecordsForm(request.user, posted, initial={"whose": ALL})
    becoming: dict[int, str] = {}
    changed: list[State] = []

    def save(values: Mapping[str, Any]) -> Effects:
        before = _overdue(values["states"])
        changed[:] = _changed(values["states"], values["carried_from"])
        effects = changes.save(changed, by=request.user, reason=values["reason"])
        becoming.clear()
        becoming.update({k: name for k, name in _overdue(values["states"]).items() if k not in before})
        return replace(effects, notes=_notes(len(changed), becoming, "; ".join))

    steps = TwoSteps(request, form, save, form.cleaned_data.get("states", ()) if form.is_valid() else ())
    if steps.saved():
        messages.success(request, " ".join(_notes(len(changed), becoming, in_a_row)))
        return redirect("to-confirm")
    context = {
        "steps": steps,
        "title": _("This office keeps the records from now on"),
        "back": (reverse("to-confirm"), _("Records to confirm")),
        "until": _until(),
    }
    return render(request, "web/records/keep_records.html", context)


def _changed(states: list[str], carried_from: date | None) -> list[State]:
    """The States whose records change, with their new values."""
    changed = []
    for state in State.objects.filter(pk__in=states).order_by("pk"):
        before = (state.records_until, state.carried_records_from)
        state.records_until = None
        state.carried_records_from = carried_from or state.carried_records_from
        if (state.records_until, state.carried_records_from) != before:
            changed.append(state)
    return changed


def _until() -> date | None:
    """The last day of shipped data of any State; None once the office keeps all records."""
    return (
        State.objects.order_by("-records_until")
        .exclude(records_until=None)
        .values_list("records_until", flat=True)
        .first()
    )


def _notes(changed: int, becoming: Mapping[int, str], listed: Callable[[list[str]], str]) -> list[str]:
    """What changes, in sentences.

    Args:
        becoming: the names of the States whose reports become overdue, by the report.
        listed: joins the names of those States.
    """
    if not changed:
        return [_("No change: the office keeps these records already.")]
    states = ngettext(
        "The office keeps the records of %(n)d State from now on.",
        "The office keeps the records of %(n)d States from now on.",
        changed,
    ) % {"n": changed}
    if not becoming:
        return [states, _("No report becomes overdue.")]
    overdue = ngettext(
        "%(n)d report becomes overdue: %(states)s.",
        "%(n)d reports become overdue: %(states)s.",
        len(becoming),
    ) % {"n": len(becoming), "states": listed(sorted(set(becoming.values())))}
    return [states, overdue]
