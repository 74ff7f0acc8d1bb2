"""`/to-confirm/keep-records/`: the office keeps the records of some States, or of all, from now on.

Shipped data end on a day, and silence after it proves nothing. Once the office holds everything received since then,
what fell due later and is not here was not received, and counts as overdue.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from tracker.changes.desk_guard import yours
from tracker.changes.effects import Act
from tracker.obligations.actions import save_facts
from tracker.obligations.models import Obligation
from tracker.obligations.wording import in_a_row
from tracker.registry.models import Region, State
from tracker.registry.names import StateNames
from tracker.rules.status import Status
from tracker.web.ui.form_fields import DayField, recognised
from tracker.web.ui.two_steps import Settling

ALL, NAMED = "all", "named"


class KeepingForm(forms.Form):
    """Of which States the office keeps the records, and since when it holds their reports under the CRC."""

    use_required_attribute = False
    label_suffix = ""
    whose = forms.ChoiceField(label=gettext_lazy("Of which States"))
    named = forms.CharField(
        label=gettext_lazy("States"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy(
            "Only for “States named here”: names or alpha-3 codes, for example NOR, Benin."
        ),
    )
    carried_from = DayField(
        label=gettext_lazy("Reports under the CRC held from"),
        required=False,
        help_text=gettext_lazy(
            "From this day on the office holds every report under the CRC. Empty: what is recorded of this stays as "
            "it is; where nothing is, no such report counts as overdue."
        ),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=100,
        help_text=gettext_lazy(
            "Kept in the history, for example “registry of the office checked on 1 March 2026”."
        ),
        error_messages={"required": gettext_lazy("Say from where it is known; the history keeps it.")},
    )

    def __init__(self, by: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.theirs = yours(by, State.objects.order_by("name"))
        whose: Any = self.fields["whose"]
        whose.choices = [
            (ALL, _("all States")),
            *Region.choices,
            (NAMED, _("States named here")),
        ]

    def clean_carried_from(self) -> date | None:
        day: date | None = self.cleaned_data["carried_from"]
        if day and day > timezone.localdate():
            raise ValidationError(
                _("This day lies in the future; enter the day from which reports are held.")
            )
        return day

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        whose = values.get("whose")
        if whose == NAMED:
            values["states"] = self._named(values.get("named", ""))
        elif whose and values.get("named"):
            self.add_error("named", _("Leave this empty, or choose “States named here”."))
        elif whose:
            rows = self.theirs if whose == ALL else self.theirs.filter(region=whose)
            values["states"] = sorted(rows.values_list("pk", flat=True))
        if whose and not self.errors and not values.get("states"):
            self.add_error("whose", _("No State that you may change is in this group."))
        return values

    def _named(self, text: str) -> list[str]:
        """The alpha-3 codes of the States that somebody wrote."""
        names, codes = StateNames.recorded(), []
        mine = set(self.theirs.values_list("pk", flat=True))
        for part in filter(None, (one.strip() for one in text.replace(";", ",").split(","))):
            try:
                code = recognised(part, names)
            except ValidationError as error:
                self.add_error("named", error)
                continue
            if code not in mine:
                self.add_error(
                    "named", _("%(state)s is not on your desk; leave it out.") % {"state": names.names[code]}
                )
            codes.append(code)
        if not codes and "named" not in self.errors:
            self.add_error("named", _("Enter the States, for example NOR, Benin."))
        return sorted(set(codes))


def _overdue(states: Iterable[str]) -> dict[int, str]:
    """What is overdue of some States today: the State's name by the key of the row."""
    today = timezone.localdate()
    rows = Obligation.objects.filter(state__in=states).standing(Status.OVERDUE, today, today=today)
    return dict(rows.order_by("state__name", "pk").values_list("pk", "state__name"))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("registry.change_state", raise_exception=True)
def keep_records(request: HttpRequest) -> HttpResponse:
    """Says that the office keeps the records, and first which reports become overdue by it."""
    posted = request.POST if request.method == "POST" else None
    form = KeepingForm(request.user, posted, initial={"whose": ALL})
    becoming: dict[int, str] = {}
    changed: list[State] = []

    def act(values: dict[str, Any]) -> Act:
        def save() -> None:
            before = _overdue(values["states"])
            changed[:] = _changed(values["states"], values["carried_from"])
            save_facts(changed, by=request.user, reason=values["reason"])
            now = _overdue(values["states"])
            becoming.clear()
            becoming.update({key: name for key, name in now.items() if key not in before})
            # No obligation changes, only how it counts; so every reminder that is planned now follows from it.

        return save

    settling = Settling(request, form, act, form.cleaned_data.get("states", ()) if form.is_valid() else ())
    if settling.answer():
        messages.success(request, _told(len(changed), becoming))
        return redirect("to-confirm")
    names = sorted(set(becoming.values()))
    context = {
        "form": form,
        "settling": settling,
        "told": _preview(len(changed), becoming) if settling.effects else [],
        "names": names,
        "until": _until(),
    }
    return render(request, "web/records/keep_records.html", context)


def _changed(states: list[str], carried_from: date | None) -> list[State]:
    """The States of which something changes, as they would be."""
    found = []
    for state in State.objects.filter(pk__in=states).order_by("pk"):
        before = (state.records_until, state.carried_records_from)
        state.records_until = None
        state.carried_records_from = carried_from or state.carried_records_from
        if (state.records_until, state.carried_records_from) != before:
            found.append(state)
    return found


def _until() -> date | None:
    """The last day of shipped data of any State; None once the office keeps all records."""
    return (
        State.objects.order_by("-records_until")
        .exclude(records_until=None)
        .values_list("records_until", flat=True)
        .first()
    )


def _preview(changed: int, becoming: dict[int, str]) -> list[str]:
    if not changed:
        return [_("Nothing changes: the office keeps these records already.")]
    return [_changes(changed), _becomes(becoming)]


def _told(changed: int, becoming: dict[int, str]) -> str:
    """What was saved, and what became overdue by it."""
    names = sorted(set(becoming.values()))
    return " ".join([*_preview(changed, becoming), *([in_a_row(names) + "."] if names else [])])


def _changes(changed: int) -> str:
    return ngettext(
        "The office keeps the records of %(n)d State from now on.",
        "The office keeps the records of %(n)d States from now on.",
        changed,
    ) % {"n": changed}


def _becomes(becoming: dict[int, str]) -> str:
    if not becoming:
        return _("No report becomes overdue.")
    return ngettext("%(n)d report becomes overdue:", "%(n)d reports become overdue:", len(becoming)) % {
        "n": len(becoming)
    }
