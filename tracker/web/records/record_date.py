"""`/states/NOR/record-date/` and `/record-prior-to-reporting/`: dates stated by the Committee."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from tracker.obligations.models import CommitteeDate, Document, Kind, Precision
from tracker.rules.facts import DecisionOutcome
from tracker.web.records.record import initial_data, record_page, state_to_record
from tracker.web.records.record_form import (
    NAMED,
    RecordForm,
    ReportsForm,
    confidence_field,
    note_field,
    numbers_field,
    source_field,
    symbol_field,
    text_field,
)
from tracker.web.ui.form_fields import DayField, PrintedDayField


class StatedDateForm(ReportsForm):
    """A date that the Committee states."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("The Committee states"), choices=CommitteeDate.Outcomes.choices
    )
    due_on = PrintedDayField(
        label=gettext_lazy("Due date"),
        required=False,
        help_text=gettext_lazy("As the document prints it; empty if the Committee states none."),
    )
    document_kind = forms.ChoiceField(label=gettext_lazy("Kind of document"), choices=Document.choices)
    document = symbol_field(
        gettext_lazy("Document"), 100, gettext_lazy("Symbol, for example CRC/C/OPSC/USA/CO/2."), required=True
    )
    paragraph = text_field(gettext_lazy("Paragraph"), 20)
    decided_on = DayField(
        label=gettext_lazy("Decided on"),
        required=False,
        help_text=gettext_lazy(
            "Day of adoption, or the last day of the session; the date counts from then on."
        ),
    )
    source = source_field()
    confidence = confidence_field()
    note = note_field()

    def may_be_unnumbered(self, values: Mapping[str, Any]) -> bool:
        return bool(values.get("outcome") == DecisionOutcome.TO_BE_COMMUNICATED)

    def facts(self, values: Mapping[str, Any]) -> list[Any]:
        precision = self.fields["due_on"].precision or Precision.DAY.value
        return [CommitteeDate(state=self.state, precision=precision, **self.named(values))]


class PriorToReportingForm(RecordForm):
    """A list of issues prior to reporting: it asks for the next report itself, by a date."""

    numbers = numbers_field(
        gettext_lazy("It asks for report"),
        gettext_lazy("The number that the list gives, for example 7, or 7-8."),
        required=True,
    )
    due_on = PrintedDayField(
        label=pgettext_lazy("by a day", "By"), help_text=gettext_lazy("As the list prints it.")
    )
    document = symbol_field(
        gettext_lazy("Document"), 100, gettext_lazy("Symbol, for example CRC/C/GAB/QPR/3-4."), required=True
    )
    paragraph = text_field(gettext_lazy("Paragraph"), 20)
    decided_on = DayField(
        label=gettext_lazy("Issued on"),
        required=False,
        help_text=gettext_lazy(
            "Day of the list, or of its arrival if it gives none; the date counts from then on."
        ),
    )
    source = source_field()
    confidence = confidence_field()
    note = note_field()

    def facts(self, values: Mapping[str, Any]) -> list[Any]:
        first, last = values["numbers"]
        return [
            CommitteeDate(
                state=self.state,
                kind=Kind.PERIODIC.value,
                first_cycle=first,
                last_cycle=last,
                precision=self.fields["due_on"].precision,
                document_kind=Document.PRIOR_TO_REPORTING.value,
                **{name: value for name, value in values.items() if name != "numbers"},
            )
        ]

    def field_names(self, fact: Any) -> dict[str, str]:
        return dict.fromkeys(NAMED, "numbers")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("obligations.add_committeedate", raise_exception=True)
def record_date(request: HttpRequest, iso3: str) -> HttpResponse:
    """Records a date that the Committee states for one or several reports."""
    state = state_to_record(request, iso3)
    form = StatedDateForm(state, **initial_data(request))
    return record_page(request, form, _("Record a date stated by the Committee"))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("obligations.add_committeedate", raise_exception=True)
def record_prior_to_reporting(request: HttpRequest, iso3: str) -> HttpResponse:
    """Records a list of issues prior to reporting, which asks for a report by a date."""
    state = state_to_record(request, iso3)
    form = PriorToReportingForm(state, **initial_data(request))
    return record_page(request, form, _("Record a list of issues prior to reporting"))
