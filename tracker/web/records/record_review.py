"""`/states/NOR/record-review/`: concluding observations, the report reviewed, and the date of the next report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from tracker.changes import versions
from tracker.languages.writing import in_words
from tracker.obligations.models import (
    NEXT,
    CarriedBy,
    CommitteeDate,
    Document,
    Kind,
    Precision,
    Review,
    Submission,
    has_crc_series,
    series_on,
)
from tracker.obligations.second_person import four_eyes
from tracker.obligations.what_if import REPEATED, repeats, submission_label
from tracker.registry.models import State, TreatyAction
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.facts import DecisionOutcome
from tracker.web.records.record import initial_data, record_page, state_to_record
from tracker.web.records.record_form import (
    NAMED,
    RecordForm,
    confidence_field,
    note_field,
    numbers_field,
    source_field,
    symbol_field,
    text_field,
)
from tracker.web.ui.form_fields import DayField, NumbersField, PrintedDayField


class RecordReviewForm(RecordForm):
    """Concluding observations: the report reviewed, and the date of the next report. One document, one form."""

    BY_NUMBER, UNNUMBERED, WITHOUT = "numbers", "unnumbered", "without"
    INITIAL, OWN, CRC = "initial", "own", "crc"
    NOT_STATED = "not stated"

    document = symbol_field(
        gettext_lazy("Symbol"),
        60,
        gettext_lazy("Of the concluding observations, for example CRC/C/OPSC/USA/CO/2."),
        required=True,
    )
    adopted_on = DayField(
        label=gettext_lazy("Adopted on"),
        help_text=gettext_lazy("Day of adoption, or the last day of the session."),
    )
    session = forms.IntegerField(
        label=gettext_lazy("Session"),
        required=False,
        min_value=1,
        max_value=999,
        help_text=gettext_lazy("Number of the Committee’s session, for example 94."),
    )
    report = forms.ChoiceField(
        label=gettext_lazy("Report reviewed"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose the report reviewed."),
            "invalid_choice": gettext_lazy("This report has since been reviewed or withdrawn; choose again."),
        },
    )
    series = forms.ChoiceField(
        label=gettext_lazy("Reviewed under"),
        required=False,
        help_text=gettext_lazy("Only if none of the received reports is chosen above."),
    )
    numbers = numbers_field(
        gettext_lazy("Numbers of the report reviewed"),
        gettext_lazy("Only if none of the received reports is chosen above, for example 5-6."),
    )
    next_is = forms.ChoiceField(
        label=gettext_lazy("Date of the next report"),
        widget=forms.RadioSelect,
        choices=[
            (DecisionOutcome.DATE.value, gettext_lazy("The observations state a date")),
            (
                DecisionOutcome.TO_BE_COMMUNICATED.value,
                gettext_lazy("To be communicated: the Committee will set it later"),
            ),
            (NOT_STATED, gettext_lazy("Not stated, or not read")),
        ],
        error_messages={"required": gettext_lazy("Choose what the observations say about the next report.")},
    )
    next_numbers = numbers_field(
        gettext_lazy("Numbers of the next report"),
        gettext_lazy(
            "For example 7, or 7-8. Empty if its date is to be communicated and no number is given."
        ),
    )
    next_due = PrintedDayField(label=gettext_lazy("Due by"), required=False)
    paragraph = text_field(
        gettext_lazy("Paragraph"),
        20,
        gettext_lazy("The one that states the date, usually the last: “Next report”."),
    )
    source = source_field()
    confidence = confidence_field()
    note = note_field()

    def __init__(self, state: State, *args: Any, **kwargs: Any) -> None:
        super().__init__(state, *args, **kwargs)
        self.actions = TreatyAction.objects.facts_of(state.pk)
        today = timezone.localdate()
        received = (
            Submission.objects.with_observations(today)
            .filter(state=state, observed_on=None, withdrawn_on=None, revises=None)
            .order_by("-received_on", "pk")
        )
        self.received = {f"received-{one.pk}": one for one in received}
        report: Any = self.fields["report"]
        report.choices = [
            *((key, capfirst(submission_label(one))) for key, one in self.received.items()),
            (self.BY_NUMBER, _("Another report: enter its number below")),
            (self.UNNUMBERED, _("A report under the CRC whose number is not known here")),
            (self.WITHOUT, _("None: the Committee reviewed the State without a report")),
        ]
        series: Any = self.fields["series"]
        series.choices = [
            (self.CRC, _("the CRC")),
            (self.INITIAL, _("the OPSC: initial report")),
            (self.OWN, _("the OPSC: periodic report")),
        ]
        if not has_crc_series(self.actions):
            series.choices = series.choices[1:]
            report.choices = [one for one in report.choices if one[0] != self.UNNUMBERED]

    @property
    def missing(self) -> str:
        if self.actions.memberships(TreatyCode.OPSC) or self.actions.memberships(TreatyCode.CRC):
            return ""
        return _(
            "This State is a party to neither treaty, so the Committee has reviewed none of its reports."
        )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        chosen, numbers = values.get("report"), values.get("numbers")
        if (
            chosen == self.BY_NUMBER
            and not numbers
            and "numbers" in values
            and values["series"] != self.INITIAL
        ):
            self.add_error("numbers", NumbersField.default_error_messages["required"])
        elif chosen == self.WITHOUT and not numbers and "numbers" in values and values["series"] == self.OWN:
            self.add_error(
                "numbers", _("Enter the number of the report that was not received, for example 3.")
            )
        elif numbers and (chosen in self.received or chosen == self.UNNUMBERED):
            self.add_error("numbers", _("Leave this empty, or choose “another report” above."))
        self._clean_next(values)
        return values

    def _clean_next(self, values: dict[str, Any]) -> None:
        """Checks that the fields about the next report are complete, and filled in only as chosen."""
        next_is = values.get("next_is")
        if next_is == DecisionOutcome.DATE:
            if "next_due" in values and not values["next_due"]:
                self.add_error(
                    "next_due", _("Enter the day or the year that the observations print, for example 2027.")
                )
            if "next_numbers" in values and not values["next_numbers"]:
                self.add_error("next_numbers", NumbersField.default_error_messages["required"])
        elif next_is:
            if values.get("next_due"):
                self.add_error("next_due", _("Leave the date empty, or choose “state a date” above."))
            if next_is == self.NOT_STATED and values.get("next_numbers"):
                self.add_error(
                    "next_numbers", _("Leave the numbers empty: nothing is stated about the next report.")
                )

    def facts(self, values: Mapping[str, Any]) -> list[Any]:
        known = {name: values[name] for name in ("document", "source", "confidence", "note")}
        review = Review(
            state=self.state,
            adopted_on=values["adopted_on"],
            session=values["session"],
            without_report=values["report"] == self.WITHOUT,
            **known,
            **self._reviewed(values),
        )
        if values["next_is"] == self.NOT_STATED:
            return [review]
        series = series_on(self.actions, Kind.PERIODIC.value, values["adopted_on"])
        first, last = values["next_numbers"] or (NEXT, NEXT)
        date = CommitteeDate(
            state=self.state,
            kind=Kind.PERIODIC.value,
            carried_by=series,
            first_cycle=first,
            last_cycle=last,
            outcome=values["next_is"],
            due_on=values["next_due"],
            precision=self.fields["next_due"].precision or Precision.DAY.value,
            document_kind=Document.OBSERVATIONS.value,
            paragraph=values["paragraph"],
            decided_on=values["adopted_on"],
            **known,
        )
        if repeats(review, date):
            raise ValidationError({"next_numbers": REPEATED})
        return [review, date]

    def _reviewed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The report reviewed, as fields of the model."""
        if report := self.received.get(values["report"]):
            return {name: getattr(report, name) for name in NAMED}
        if values["report"] == self.UNNUMBERED:
            return _cycles_of(Kind.PERIODIC, CarriedBy.CRC_REPORT, (NEXT, NEXT))
        numbers = values["numbers"]
        if values["series"] == self.INITIAL:
            return _cycles_of(Kind.INITIAL, CarriedBy.OWN, numbers or (1, 1))
        series = CarriedBy.CRC_REPORT if values["series"] == self.CRC else CarriedBy.OWN
        return _cycles_of(Kind.PERIODIC, series, numbers or (NEXT, NEXT))

    def note_for(self, by: Any) -> str:
        if not four_eyes(by):
            return ""
        return _(
            "The review counts at once. The date of the next report counts once a second person has confirmed it; "
            "until then it shows as “date not recorded”."
        )

    def field_names(self, fact: Any) -> dict[str, str]:
        if isinstance(fact, CommitteeDate):
            return {
                "first_cycle": "next_numbers", "last_cycle": "next_numbers", "due_on": "next_due",
                "precision": "next_due", "decided_on": "adopted_on", "kind": "next_is", "carried_by": "next_is",
                "outcome": "next_is",
            }  # fmt: skip
        if self.cleaned_data["report"] in self.received:
            return dict.fromkeys((*NAMED, "without_report"), "report")
        return {
            "first_cycle": "numbers", "last_cycle": "numbers", "kind": "series", "carried_by": "series",
            "without_report": "report",
        }  # fmt: skip

    def notes(self, values: Mapping[str, Any]) -> list[str]:
        if report := self.received.get(values["report"]):
            what = versions.name_of(report, versions.FactNames())
            return [
                _("%(what)s: reviewed, with the concluding observations %(document)s of %(day)s.")
                % {
                    "what": capfirst(what),
                    "document": values["document"],
                    "day": in_words(values["adopted_on"]),
                }
            ]
        return []


def _cycles_of(kind: Kind, carried_by: CarriedBy, numbers: tuple[int, int]) -> dict[str, Any]:
    return {
        "kind": kind.value,
        "carried_by": carried_by.value,
        "first_cycle": numbers[0],
        "last_cycle": numbers[1],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(("obligations.add_review", "obligations.add_committeedate"), raise_exception=True)
def record_review(request: HttpRequest, iso3: str) -> HttpResponse:
    """Records concluding observations: the report reviewed, and the date of the next report."""
    state = state_to_record(request, iso3)
    form = RecordReviewForm(state, **initial_data(request))
    return record_page(request, form, _("Record concluding observations"))
