"""`/states/NOR/record-submission/` and `/record-withdrawal/`: a report received, and one that the State withdraws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy, gettext_noop
from django.views.decorators.http import require_http_methods

from tracker.obligations.models import CarriedBy, Information, Kind, Submission
from tracker.obligations.what_if import submission_label
from tracker.obligations.wording import numbered
from tracker.registry.models import Language, State
from tracker.registry.stored import StoredText
from tracker.rules.status import Status
from tracker.web.records.record import initial_data, record_page, state_to_record
from tracker.web.records.record_form import (
    RecordForm,
    ReportsForm,
    note_field,
    source_field,
    symbol_field,
    text_field,
)
from tracker.web.ui.form_fields import DayField

WITHDRAWN = StoredText(gettext_noop("withdrawn by the State: %(source)s"))

# If one report alone has one of these statuses, it is the one that arrives, and is selected.
DUE = (Status.OVERDUE, Status.NO_RECORD, Status.DUE_SOON)

# --- a report received ------------------------------------------------------------------------------


class SubmissionForm(ReportsForm):
    """A report received."""

    received_on = DayField(
        label=gettext_lazy("Received on"), help_text=gettext_lazy("Date of receipt printed on the cover.")
    )
    information = forms.ChoiceField(
        label=gettext_lazy("OPSC information in it?"),
        choices=[("", "—"), *Information.choices],
        required=False,
        help_text=gettext_lazy("For a report under the CRC, in which article 12(2) asks for it."),
    )
    information_where = text_field(
        gettext_lazy("Where"), 100, gettext_lazy("Paragraphs or pages, for example paras. 210-244.")
    )
    title = text_field(gettext_lazy("Title"), 200, gettext_lazy("As on the cover; suggested if left empty."))
    symbol = symbol_field(
        gettext_lazy("Symbol"), 60, gettext_lazy("As on the cover; suggested if left empty.")
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("", "—"), *Language.choices],
        required=False,
        help_text=gettext_lazy("The language in which the State wrote it."),
    )
    source = source_field()
    note = note_field()

    def __init__(self, state: State, *args: Any, **kwargs: Any) -> None:
        super().__init__(state, *args, **kwargs)
        due = [key for key, row in self.open.items() if row.status in DUE]
        if len(due) == 1 and not self.initial.get("reports"):
            self.initial["reports"] = due

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        carried = self.cycles.get("carried_by") == CarriedBy.CRC_REPORT
        if carried and "information" in values and not values["information"]:
            self.add_error(
                "information",
                _(
                    "Choose “yes” or “no”, or “not looked at” until somebody has checked the report for information on "
                    "the OPSC."
                ),
            )
        elif values.get("information_where") and values.get("information") != Information.YES:
            self.add_error("information", _("Choose “yes”, or leave “where” empty."))
        if self.cycles and "seen" not in self.data:  # after the preview, an empty field is meant to be empty
            data: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict, which cannot be changed
            self.data = data
            suggested = {
                "title": suggested_title(self.cycles),
                "symbol": suggested_symbol(self.state, self.cycles),
            }
            for name, text in suggested.items():
                if name in values and not values[name]:
                    data[name] = values[name] = text
        return values

    def facts(self, values: Mapping[str, Any]) -> list[Any]:
        return [Submission(state=self.state, **self.named(values))]


def suggested_title(cycles: dict[str, Any]) -> str:
    """As printed on covers: "Combined third and fourth periodic reports"."""
    first, last = cycles["first_cycle"], cycles["last_cycle"]
    if cycles["kind"] == Kind.INITIAL:
        return _("Combined initial and second periodic reports") if last > first else _("Initial report")
    if first == last:
        return str(capfirst(_("%(which)s periodic report") % numbered(first, first)))
    pattern = (
        _("Combined %(first)s and %(last)s periodic reports")
        if last == first + 1
        else _("Combined %(first)s to %(last)s periodic reports")
    )
    return pattern % numbered(first, last)


def suggested_symbol(state: State, cycles: dict[str, Any]) -> str:
    """By the pattern of UN symbols: CRC/C/OPSC/USA/3-4; for a report under the CRC without “OPSC”."""
    first, last = cycles["first_cycle"], cycles["last_cycle"]
    body = "CRC/C" if cycles["carried_by"] == CarriedBy.CRC_REPORT else "CRC/C/OPSC"
    return f"{body}/{state.pk}/{first}" + (f"-{last}" if last != first else "")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("obligations.add_submission", raise_exception=True)
def record_submission(request: HttpRequest, iso3: str) -> HttpResponse:
    """Records a report received: which open reports it answers, and when it was received."""
    state = state_to_record(request, iso3)
    form = SubmissionForm(state, **initial_data(request))
    return record_page(request, form, _("Record a submission"))


# --- a report withdrawn -----------------------------------------------------------------------------


class RecordWithdrawalForm(RecordForm):
    """A report withdrawn by the State: it stays recorded, and answers no obligation from that day on."""

    submission = forms.ChoiceField(
        label=gettext_lazy("Submission"),
        error_messages={
            "required": gettext_lazy("Choose the report that the State has withdrawn."),
            "invalid_choice": gettext_lazy(
                "This report is no longer recorded, or is withdrawn; choose again."
            ),
        },
    )
    withdrawn_on = DayField(
        label=gettext_lazy("Withdrawn by the State on"), help_text=gettext_lazy("Day of its note or letter.")
    )
    source = text_field(
        gettext_lazy("Source"), 70, gettext_lazy("For example the note verbale."), required=True
    )

    def __init__(self, state: State, *args: Any, **kwargs: Any) -> None:
        super().__init__(state, *args, **kwargs)
        rows = Submission.objects.filter(state=state, withdrawn_on=None).order_by("-received_on", "pk")
        self.submissions = {str(one.pk): one for one in rows}
        field: Any = self.fields["submission"]
        field.choices = [("", "—"), *((key, submission_label(one)) for key, one in self.submissions.items())]

    @property
    def missing(self) -> str:
        return "" if self.submissions else _("No report of this State is recorded.")

    def facts(self, values: Mapping[str, Any]) -> list[Any]:
        fact = Submission.objects.select_related("state").get(pk=values["submission"])
        fact.withdrawn_on = values["withdrawn_on"]
        return [fact]

    def reason(self, values: Mapping[str, Any]) -> str:
        return WITHDRAWN(source=values["source"])


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("obligations.change_submission", raise_exception=True)
def record_withdrawal(request: HttpRequest, iso3: str) -> HttpResponse:
    """Records that a State has withdrawn a report."""
    state = state_to_record(request, iso3)
    chosen = request.GET.get("submission", "")
    data = {"data": request.POST} if request.method == "POST" else {"initial": {"submission": chosen}}
    return record_page(request, RecordWithdrawalForm(state, **data), _("Record the withdrawal of a report"))
