"""`/what-if/`: the effects of a supposed record. The address has the whole question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from tracker.languages.writing import with_commas
from tracker.obligations import what_if
from tracker.obligations.counts import CARRIED
from tracker.obligations.derive import facts_of
from tracker.obligations.models import (
    MOST_CYCLES,
    NEXT,
    CarriedBy,
    CommitteeDate,
    Kind,
    Precision,
    Review,
    Submission,
    series_on,
)
from tracker.obligations.wording import BAND_LABELS, STATUS_LABELS
from tracker.registry.commands import FIRST_YEAR, LAST_YEAR
from tracker.registry.models import State, TreatyAction
from tracker.registry.un_names import names_of_states
from tracker.reminders import forecast
from tracker.rules.entry_into_force import JOINING
from tracker.rules.facts import DecisionOutcome, Facts
from tracker.rules.status import Band
from tracker.web.ui.as_of import day_of
from tracker.web.ui.form_fields import DayField, NumbersField, PlainForm

KINDS = [(kind.value, TreatyAction.Kind(kind).label) for kind in JOINING]
REPORTS = [(kind.value, kind.label) for kind in (Kind.PERIODIC, Kind.INITIAL)]


# --- the supposed record ---------------------------------------------------------------------


class WhatIfDayField(DayField):
    """A day in the years that the commands accept too."""

    default_error_messages = {"required": gettext_lazy("Enter a day, for example 2027-03-01.")}

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(
                _("Choose a day from %(first)d to %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
            )
        return day


class DueField(WhatIfDayField):
    """A due date, or a year alone, which means its last day.

    Attributes:
        precision: how it was written.
    """

    precision = Precision.DAY.value

    def to_python(self, value: Any) -> date | None:
        text = str(value or "").strip()
        year = len(text) == len("2027") and text.isascii() and text.isdigit()
        self.precision = (Precision.YEAR if year else Precision.DAY).value
        return super().to_python(f"{text}-12-31" if year else value)


def _cycle(label: Any, help_text: Any, *, required: bool = True) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=required,
        help_text=help_text,
        min_value=1,
        max_value=MOST_CYCLES,
        error_messages=_always(gettext_lazy("Enter a number from 1 to 99.")),
    )


def _always(sentence: Any) -> dict[str, Any]:
    """One error message for every error of a field."""
    return dict.fromkeys(("required", "invalid", "invalid_choice", "min_value", "max_value"), sentence)


class WhatIfQuestion(PlainForm):
    """The State of a supposed record; each subclass adds the record."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        error_messages=_always(gettext_lazy("Choose a State.")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", "—"), *names_of_states(State.objects.all()).items()]
        self.supposed: what_if.Supposition | None = None
        self.about: State | None = None

    def ask(self, facts: Mapping[str, Facts]) -> None:
        """Builds the supposed facts; errors are shown at their fields."""
        if not self.is_valid():
            return
        self.about = State.objects.select_related("desk_officer").get(pk=self.cleaned_data["state"])
        try:
            self.supposed = self.suppose(self.about, facts.get(self.about.pk, Facts()))
        except what_if.Impossible as error:
            self.add_error(error.field if error.field in self.fields else None, str(error))

    def suppose(self, state: State, facts: Facts) -> what_if.Supposition:
        """The supposed facts of the State."""
        raise NotImplementedError  # each of the four questions has its own


class WhatIfDepositForm(WhatIfQuestion):
    """An instrument deposited."""

    day = WhatIfDayField(
        label=gettext_lazy("Deposited on"),
        help_text=gettext_lazy("It may be in the future, for example 2027-03-01."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Instrument"),
        choices=[("", gettext_lazy("automatic")), *KINDS],
        required=False,
        help_text=gettext_lazy("A State that has signed ratifies; others accede."),
        error_messages=_always(gettext_lazy("Choose one of the instruments.")),
    )

    def suppose(self, state: State, facts: Facts) -> what_if.Supposition:
        return what_if.deposit(state, facts, self.cleaned_data["day"], self.cleaned_data["kind"])


class CyclesForm(WhatIfQuestion):
    """Shared by decisions and reports: the cycles."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Report"),
        choices=REPORTS,
        error_messages=_always(gettext_lazy("Choose which report it is.")),
    )
    first_cycle = _cycle(
        gettext_lazy("First cycle"), gettext_lazy("3 for “third and fourth” as well as for “third”.")
    )
    last_cycle = _cycle(gettext_lazy("Last cycle"), gettext_lazy("4 for “third and fourth”."))

    def cycles(self) -> dict[str, Any]:
        """The fields of the model that they are."""
        return {name: self.cleaned_data[name] for name in ("kind", "first_cycle", "last_cycle")}


class CommitteeDateForm(CyclesForm):
    """A date that the Committee states."""

    first_cycle = _cycle(
        gettext_lazy("First cycle"),
        gettext_lazy(
            "3 for “third and fourth” as well as for “third”. Empty: the next report under the CRC, if its date is to "
            "be communicated."
        ),
        required=False,
    )
    last_cycle = _cycle(gettext_lazy("Last cycle"), gettext_lazy("4 for “third and fourth”."), required=False)
    outcome = forms.ChoiceField(
        label=gettext_lazy("The Committee states"),
        choices=CommitteeDate.Outcomes.choices,
        error_messages=_always(gettext_lazy("Choose what the Committee states.")),
    )
    due_on = DueField(
        label=gettext_lazy("Due date"),
        required=False,
        help_text=gettext_lazy("A day, or a year alone. Empty if the Committee states none."),
    )
    decided_on = WhatIfDayField(
        label=gettext_lazy("Decided on"),
        help_text=gettext_lazy(
            "The day of a recorded decision about these cycles replaces that one; a later day adds to it."
        ),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for name in ("first_cycle", "last_cycle"):
            if name in values and values[name] is None:
                if values.get("outcome") == DecisionOutcome.TO_BE_COMMUNICATED:
                    values[name] = NEXT
                else:
                    self.add_error(name, _("Enter a number from 1 to 99."))
        return values

    def suppose(self, state: State, facts: Facts) -> what_if.Supposition:
        named = {name: self.cleaned_data[name] for name in ("outcome", "due_on", "decided_on")}
        stated = CommitteeDate(
            state=state, precision=self.fields["due_on"].precision, **named, **self.cycles()
        )
        return what_if.committee_date(facts, stated)


class WhatIfReviewForm(WhatIfQuestion):
    """Concluding observations, and the date of the next report that they state."""

    report = forms.ChoiceField(
        label=gettext_lazy("Report reviewed"),
        choices=[
            ("next", gettext_lazy("the last one under the CRC")),
            ("numbers", gettext_lazy("the one with these numbers")),
            ("initial", gettext_lazy("the initial report")),
            ("without", gettext_lazy("none: reviewed without a report")),
        ],
        error_messages=_always(gettext_lazy("Choose which report it is.")),
    )
    numbers = NumbersField(
        label=gettext_lazy("Numbers"),
        required=False,
        help_text=gettext_lazy(
            "Of the report reviewed, or of the one that was not received, for example 5-6."
        ),
    )
    adopted_on = WhatIfDayField(
        label=gettext_lazy("Adopted on"),
        help_text=gettext_lazy("It may be in the future, for example 2027-03-01."),
    )
    next_is = forms.ChoiceField(
        label=gettext_lazy("Date of the next report"),
        choices=[
            ("", gettext_lazy("not stated")),
            (DecisionOutcome.DATE.value, gettext_lazy("a date")),
            (DecisionOutcome.TO_BE_COMMUNICATED.value, gettext_lazy("to be communicated")),
        ],
        required=False,
        error_messages=_always(gettext_lazy("Choose what the Committee states.")),
    )
    next_numbers = NumbersField(
        label=gettext_lazy("Numbers of the next report"),
        required=False,
        help_text=gettext_lazy("For example 7."),
    )
    next_due_on = DueField(
        label=gettext_lazy("Due date of the next report"),
        required=False,
        help_text=gettext_lazy("A day, or a year alone."),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("report") == "numbers" and "numbers" in values and not values["numbers"]:
            self.add_error("numbers", NumbersField.default_error_messages["required"])
        dated = values.get("next_is") == DecisionOutcome.DATE
        if dated and "next_numbers" in values and not values["next_numbers"]:
            self.add_error("next_numbers", NumbersField.default_error_messages["required"])
        if dated and "next_due_on" in values and not values["next_due_on"]:
            self.add_error("next_due_on", _("Enter a day or a year, for example 2027."))
        return values

    def suppose(self, state: State, facts: Facts) -> what_if.Supposition:
        values = self.cleaned_data
        series = series_on(TreatyAction.objects.facts_of(state.pk), Kind.PERIODIC.value, values["adopted_on"])
        first, last = values["numbers"] or (NEXT, NEXT)
        about: dict[str, Any] = {
            "kind": Kind.PERIODIC,
            "carried_by": series,
            "first_cycle": first,
            "last_cycle": last,
        }
        if values["report"] == "initial":
            about = {"kind": Kind.INITIAL, "carried_by": CarriedBy.OWN}
        reviewed = Review(
            state=state,
            adopted_on=values["adopted_on"],
            without_report=values["report"] == "without",
            **about,
        )
        try:
            return what_if.review(facts, reviewed, self._stated(state, series))
        except what_if.Impossible as error:
            raise what_if.Impossible(error, ASKED_AS.get(error.field, error.field)) from None

    def _stated(self, state: State, series: str) -> CommitteeDate | None:
        """The date of the next report, if one is stated."""
        values = self.cleaned_data
        if not values["next_is"]:
            return None
        first, last = values["next_numbers"] or (NEXT, NEXT)
        return CommitteeDate(
            state=state,
            kind=Kind.PERIODIC,
            carried_by=series,
            first_cycle=first,
            last_cycle=last,
            outcome=values["next_is"],
            due_on=values["next_due_on"],
            precision=self.fields["next_due_on"].precision,
            decided_on=values["adopted_on"],
        )


# The fields of that form, by those of the facts.
ASKED_AS = {
    "first_cycle": "numbers", "last_cycle": "numbers", "without_report": "report", "carried_by": "report",
    "next_first_cycle": "next_numbers", "next_last_cycle": "next_numbers", "next_decided_on": "adopted_on",
    "next_carried_by": "next_is",
}  # fmt: skip


class ReceiptForm(CyclesForm):
    """A report received."""

    received_on = WhatIfDayField(
        label=gettext_lazy("Received on"),
        help_text=gettext_lazy("It may be in the future, for example 2027-03-01."),
    )

    def suppose(self, state: State, facts: Facts) -> what_if.Supposition:
        received_on = self.cleaned_data["received_on"]
        return what_if.receipt(facts, Submission(state=state, received_on=received_on, **self.cycles()))


class WhatIfWithdrawalForm(WhatIfQuestion):
    """A submission that is withdrawn; only those of the State can be chosen."""

    submission = forms.ChoiceField(
        label=gettext_lazy("Submission"),
        error_messages=_always(gettext_lazy("Choose one of the State’s submissions.")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.data.get("state") or self.initial.get("state")
        known = {iso3 for iso3, _name in self.fields["state"].choices}
        self.submissions = (
            {str(one.pk): one for one in Submission.objects.filter(state=chosen).select_related("state")}
            if chosen and chosen in known
            else {}
        )
        field: Any = self.fields["submission"]
        field.choices = [
            ("", "—"),
            *((pk, what_if.submission_label(one)) for pk, one in self.submissions.items()),
        ]
        if not chosen:
            field.help_text = _("Choose the State and press “Show”; then its submissions can be chosen here.")
        elif not self.submissions:
            field.help_text = _("No submission of this State is recorded.")

    def suppose(self, state: State, facts: Facts) -> what_if.Supposition:
        return what_if.withdrawal(facts, self.submissions[self.cleaned_data["submission"]])


QUESTIONS: dict[str, tuple[Any, type[WhatIfQuestion]]] = {
    "deposit": (gettext_lazy("Deposit of an instrument"), WhatIfDepositForm),
    "committee-date": (gettext_lazy("Date stated by the Committee"), CommitteeDateForm),
    "review": (gettext_lazy("Concluding observations"), WhatIfReviewForm),
    "withdrawal": (gettext_lazy("Submission withdrawn"), WhatIfWithdrawalForm),
    "receipt": (gettext_lazy("Report received"), ReceiptForm),
}


# --- effects ---------------------------------------------------------------------------------


CHANGED = {
    "due_on": gettext_lazy("due date"),
    "status": gettext_lazy("status"),
    "received_on": gettext_lazy("receipt"),
    "computed_on": gettext_lazy("date by rule"),
    "trail": gettext_lazy("reason"),
}


@dataclass(frozen=True)
class ShownRow:
    """An obligation before and after, and the change in words."""

    pair: what_if.Pair
    verdict: str


def shown_rows(found: what_if.WhatIfResult) -> list[ShownRow]:
    """Every obligation with its change in words."""
    return [ShownRow(pair, _verdict(pair)) for pair in found.pairs]


def _verdict(pair: what_if.Pair) -> str:
    if pair.before is None:
        return _("would be added")
    if pair.after is None:
        return _("would be removed")
    if pair.is_same:
        return _("does not change")
    # The reason changes with any other change; it is shown only where nothing else changes.
    names = [name for name in pair.changes if name != "trail"] or ["trail"]
    return _("would change: %(what)s") % {"what": with_commas(str(CHANGED[name]) for name in names)}


def shown_counts(found: what_if.WhatIfResult) -> list[dict[str, Any]]:
    """The figures that would change, named as on the first page."""
    return [
        {"label": _count_label(name), "before": before, "after": after}
        for name, before, after in found.changed_counts
    ]


def _count_label(name: str) -> str:
    group, _point, inner = name.partition(".")
    if inner == "awaiting_review":
        return _("reports under the CRC: awaiting review")
    if group in GROUPS:
        return GROUPS[group] % {"status": STATUS_LABELS[CARRIED[inner]]}
    if group == "overdue_bands":
        return _("all overdue: %(span)s") % {"span": BAND_LABELS[Band(inner)]}
    labels = {
        "parties": _("States parties"),
        "signatories": _("signatories"),
        "signatories_not_parties": _("signatories not parties"),
    }
    return labels.get(name, name)


GROUPS = {
    "initial": gettext_lazy("initial reports: %(status)s"),
    "own_periodic": gettext_lazy("periodic reports of a State’s own: %(status)s"),
    "carried": gettext_lazy("reports under the CRC: %(status)s"),
}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The question and, once it is complete, its effects. Nothing is saved."""
    day, today = day_of(request), timezone.localdate()
    chosen = request.GET.get("suppose", "")
    chosen = chosen if chosen in QUESTIONS else "deposit"
    form_class = QUESTIONS[chosen][1]
    own_fields = form_class.base_fields.keys() - {"state"}
    asked = any(name in request.GET for name in own_fields)
    form = form_class(request.GET) if asked else form_class(initial={"state": request.GET.get("state", "")})
    context: dict[str, Any] = {}
    if asked:
        facts = facts_of()
        form.ask(facts)
        if form.about is not None and form.supposed is not None:
            found = what_if.compare(form.about, facts, form.supposed, day)
            recorded = facts.get(form.about.pk, Facts())
            coming = forecast.change(form.about, recorded, form.supposed.facts, day=found.day, today=today)
            context = {
                "found": found,
                "later": found.day > day,
                "rows": shown_rows(found),
                "counts": shown_counts(found),
                "coming": coming,
                "nobody": not any(one.people for one in (*coming.added, *coming.gone)),
            }
    return render(
        request,
        "web/obligations/what_if.html",
        context
        | {
            "form": form,
            "chosen": chosen,
            "questions": [{"name": name, "label": label} for name, (label, _form) in QUESTIONS.items()],
            "about": request.GET.get("state", ""),
        },
    )
