"""The pages on which facts are recorded: a submission, a review, a date or a list of the Committee, a deposit.

Each page shows the effects before anything is saved. Reports are ticked; a number is typed only where it is not known
here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tracker.changes import cautions, versions
from tracker.changes.desk_guard import not_yours
from tracker.changes.effects import Act, Effects, rehearse
from tracker.obligations import sync
from tracker.obligations.actions import four_eyes, save_facts
from tracker.obligations.models import (
    NEXT,
    CarriedBy,
    CommitteeDate,
    Document,
    Information,
    Kind,
    Obligation,
    Precision,
    Review,
    Submission,
    Trust,
    has_crc_series,
    series_on,
)
from tracker.obligations.what_if import REPEATED, repeats, submission_label
from tracker.obligations.wording import badge, ordinal
from tracker.registry import limits
from tracker.registry.models import Language, State, Treaty, TreatyAction
from tracker.rules.dates import in_words
from tracker.rules.entry_into_force import JOINING, ActionKind, TreatyCode, entry_into_force
from tracker.rules.facts import DecisionOutcome
from tracker.rules.status import RECEIVED, Status
from tracker.web.ui.addresses import ALPHA_3, WHOLE
from tracker.web.ui.form_fields import DayField, NumbersField, PrintedDayField, StateField, states_to_offer
from tracker.web.ui.two_steps import Settling, tell
from tracker.web.ui.undo import linked, with_undo

LONGEST_NOTE = 500  # characters that an address may begin a note with
LONGEST_SYMBOL = 100
ANOTHER = "another"  # a report under the CRC that is not among the open ones
# The fields of the models that the page asks for in another way.
NAMED = ("kind", "first_cycle", "last_cycle", "carried_by")


# --- which reports -------------------------------------------------------------------------------


def open_reports(state: State) -> QuerySet[Any]:
    """The reports of a State that nothing answers, in their order; replies to requests are entered with those."""
    today = timezone.localdate()
    rows = (
        Obligation.objects.as_of(today, today=today, bands=False)
        .filter(state=state)
        .exclude(kind=Kind.INFORMATION)
    )
    return rows.exclude(status__in=RECEIVED).order_by("computed_on", "pk")


def combined(reports: Sequence[Any]) -> dict[str, Any]:
    """The cycles that some reports stand for together, as fields of the model.

    An initial report may be combined with the periodic ones of the State's own series that follow it ("1-2").

    Raises:
        ValidationError: they cannot be one report.
    """
    if len({one.carried_by for one in reports}) > 1:
        raise ValidationError(
            _(
                "Reports of the State's own and reports under the CRC cannot be combined. Tick those of one kind."
            )
        )
    cycles = sorted(one.cycle for one in reports)
    last = max(one.last_cycle for one in reports)
    missing = sorted(set(range(cycles[0], cycles[-1] + 1)) - set(cycles))
    if missing:
        raise ValidationError(
            _(
                "Only reports that follow one another can be combined: between the %(first)s and the %(last)s "
                "lies the %(missing)s. Tick it too, or record the reports one by one."
            )
            % {"first": ordinal(cycles[0]), "last": ordinal(cycles[-1]), "missing": ordinal(missing[0])}
        )
    kinds = {one.kind for one in reports}
    return {
        "kind": Kind.INITIAL.value if Kind.INITIAL in kinds else reports[0].kind,
        "carried_by": reports[0].carried_by,
        "first_cycle": cycles[0],
        "last_cycle": last,
    }


def suggested_title(cycles: dict[str, Any]) -> str:
    """As covers print it: "Combined third and fourth periodic reports"."""
    first, last = cycles["first_cycle"], cycles["last_cycle"]
    if cycles["kind"] == Kind.INITIAL:
        return _("Combined initial and second periodic reports") if last > first else _("Initial report")
    if first == last:
        return _("%(ordinal)s periodic report") % {"ordinal": capfirst(ordinal(first))}
    pattern = (
        _("Combined %(first)s and %(last)s periodic reports")
        if last == first + 1
        else _("Combined %(first)s to %(last)s periodic reports")
    )
    return pattern % {"first": ordinal(first), "last": ordinal(last)}


def suggested_symbol(state: State, cycles: dict[str, Any]) -> str:
    """By the pattern of UN symbols: CRC/C/OPSC/USA/3-4; a report under the CRC has no protocol in its own."""
    first, last = cycles["first_cycle"], cycles["last_cycle"]
    body = "CRC/C" if cycles["carried_by"] == CarriedBy.CRC_REPORT else "CRC/C/OPSC"
    return f"{body}/{state.pk}/{first}" + (f"-{last}" if last != first else "")


# --- the forms -----------------------------------------------------------------------------------


class RecordForm(forms.Form):
    """The form of a page that records facts of a State; `facts` returns new objects for each attempt."""

    use_required_attribute = False  # the browser would stop a half-filled form before we can help
    label_suffix = ""

    def __init__(self, state: State, *args: Any, **kwargs: Any) -> None:
        self.state = state
        super().__init__(*args, **kwargs)

    def facts(self, values: dict[str, Any]) -> list[Any]:
        """The facts that are to be saved, the one that the page is about first."""
        raise NotImplementedError  # each page has its own

    def asked_as(self, fact: Any) -> dict[str, str]:
        """The fields of this page for fields of a fact that have another name there."""
        return {}

    def reason(self, values: dict[str, Any]) -> str:
        """What the history keeps as the reason."""
        return ""

    def says(self, values: dict[str, Any]) -> list[str]:
        """The effects on other records, each in a sentence."""
        return []

    @property
    def missing(self) -> str:
        """Why the page has nothing to record, or nothing."""
        return ""

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Its fields in their order: a choice of several stands alone, others side by side."""
        groups: list[dict[str, Any]] = []
        for field in self.visible_fields():
            if field.use_fieldset:
                groups.append({"choice": field})
            elif groups and "fields" in groups[-1]:
                groups[-1]["fields"].append(field)
            else:
                groups.append({"fields": [field]})
        return groups


def _text(label: Any, longest: int, help_text: Any = "", *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, help_text=help_text, required=required)


def _note() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("What had to be inferred, and from what."),
    )


def _source() -> forms.CharField:
    return _text(gettext_lazy("Source"), 200, gettext_lazy("Where the document was read."))


def _confidence() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("Confidence"),
        choices=Trust.choices,
        initial=Trust.DOCUMENT.value,
        required=False,
        help_text=gettext_lazy(
            "What was not read in the document itself is listed under “Records to confirm”."
        ),
    )


def _numbers(label: Any, help_text: Any, *, required: bool = False) -> NumbersField:
    return NumbersField(label=label, help_text=help_text, required=required)


class ReportsForm(RecordForm):
    """What names reports: they are ticked among those that are open; numbers not known here are typed."""

    reports = forms.MultipleChoiceField(
        label=gettext_lazy("Reports"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Tick the report, or the reports that are combined in one."),
            "invalid_choice": gettext_lazy("One of the reports is not open any more; tick them again."),
        },
    )
    numbers = _numbers(
        gettext_lazy("Numbers"),
        gettext_lazy(
            "As the document gives them, for example 7, or 5-6. Empty: the numbers of what is ticked."
        ),
    )

    def __init__(self, state: State, *args: Any, **kwargs: Any) -> None:
        super().__init__(state, *args, **kwargs)
        today = timezone.localdate()
        rows = sorted(open_reports(state), key=lambda row: row.carried_by != CarriedBy.CRC_REPORT)
        self.open = {str(row.pk): row for row in rows}
        field: Any = self.fields["reports"]
        field.choices = [
            *(
                (key, _offered(row, badge(row.status, due_on=row.due, received_on=None, day=today).text))
                for key, row in self.open.items()
            ),
            *_another(state),
        ]
        if not self.open:  # one choice is no choice
            self.initial["reports"] = [key for key, _label in field.choices]
        self.cycles: dict[str, Any] = {}

    @property
    def missing(self) -> str:
        field: Any = self.fields["reports"]
        if field.choices:
            return ""
        return _("No report of this State is open: it owes none, or each is answered.")

    def may_be_unnumbered(self, values: dict[str, Any]) -> bool:
        """Whether what is recorded may speak of the next report under the CRC without its number."""
        return False

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if "reports" not in values or "numbers" not in values:
            return values
        try:
            self.cycles = self._named(values["reports"], values["numbers"])
        except ValidationError as error:
            self.add_error("reports", error)
            return values
        if self.cycles["kind"] == Kind.INITIAL and self.cycles["first_cycle"] != 1:
            self.cycles = {}
            self.add_error(
                "numbers", _("The initial report is number 1, or 1-2 where it is combined with the second.")
            )
        elif not self.cycles["first_cycle"] and not self.may_be_unnumbered(values):
            self.cycles = {}
            self.add_error("numbers", NumbersField.default_error_messages["required"])
        return values

    def _named(self, chosen: list[str], numbers: tuple[int, int] | None) -> dict[str, Any]:
        """The cycles that are meant; without a number, those of the next report."""
        if ANOTHER in chosen and len(chosen) > 1:
            raise ValidationError(_("Tick either “another report” or those above it."))
        cycles = (
            {
                "kind": Kind.PERIODIC.value,
                "carried_by": CarriedBy.CRC_REPORT.value,
                "first_cycle": NEXT,
                "last_cycle": NEXT,
            }
            if ANOTHER in chosen
            else combined([self.open[key] for key in chosen])
        )
        if numbers:
            cycles |= {"first_cycle": numbers[0], "last_cycle": numbers[1]}
        return cycles

    def asked_as(self, fact: Any) -> dict[str, str]:
        return dict.fromkeys(NAMED, "numbers" if self.cleaned_data.get("numbers") else "reports")

    def named(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values that are fields of the fact."""
        return self.cycles | {k: value for k, value in values.items() if k not in ("reports", "numbers")}


def _another(state: State) -> list[tuple[str, str]]:
    """The choice of a report under the CRC that is not among the open ones, for a State that joined it."""
    if not has_crc_series(TreatyAction.objects.facts_of(state.pk)):
        return []
    return [(ANOTHER, _("Another report under the CRC: enter its numbers below"))]


def _offered(row: Any, status: str) -> str:
    """An open report as it is offered: what it is, when it is due, its status."""
    what = capfirst(row.label)
    if row.due is None or row.status == Status.NOT_YET_DUE:  # the status itself tells the day then
        return f"{what}: {status}"
    return _("%(what)s, due %(day)s: %(status)s") % {
        "what": what,
        "day": in_words(row.due),
        "status": status,
    }


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
    information_where = _text(
        gettext_lazy("Where"), 100, gettext_lazy("Paragraphs or pages, for example paras. 210-244.")
    )
    title = _text(gettext_lazy("Title"), 200, gettext_lazy("As on the cover; suggested if left empty."))
    symbol = _text(gettext_lazy("Symbol"), 60, gettext_lazy("As on the cover; suggested if left empty."))
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("", "—"), *Language.choices],
        required=False,
        help_text=gettext_lazy("The language in which the State wrote it."),
    )
    source = _source()
    note = _note()

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        carried = self.cycles.get("carried_by") == CarriedBy.CRC_REPORT
        if carried and "information" in values and not values["information"]:
            self.add_error(
                "information",
                _(
                    "Choose “yes” or “no”, or “not looked at” until somebody has read the report for information on "
                    "the OPSC."
                ),
            )
        elif values.get("information_where") and values.get("information") != Information.YES:
            self.add_error("information", _("Choose “yes”, or leave “where” empty."))
        if self.cycles and "seen" not in self.data:  # afterwards an empty field is meant to be empty
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

    def facts(self, values: dict[str, Any]) -> list[Any]:
        return [Submission(state=self.state, **self.named(values))]


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
    document = _text(
        gettext_lazy("Document"), 100, gettext_lazy("Symbol, for example CRC/C/OPSC/USA/CO/2."), required=True
    )
    paragraph = _text(gettext_lazy("Paragraph"), 20)
    decided_on = DayField(
        label=gettext_lazy("Decided on"),
        required=False,
        help_text=gettext_lazy("Day of adoption, or the close of the session; the date counts from then on."),
    )
    source = _source()
    confidence = _confidence()
    note = _note()

    def may_be_unnumbered(self, values: dict[str, Any]) -> bool:
        return bool(values.get("outcome") == DecisionOutcome.TO_BE_COMMUNICATED)

    def facts(self, values: dict[str, Any]) -> list[Any]:
        due_on: Any = self.fields["due_on"]
        precision = due_on.precision or Precision.DAY.value
        return [CommitteeDate(state=self.state, precision=precision, **self.named(values))]


class PriorToReportingForm(RecordForm):
    """A list of issues prior to reporting: it asks for the next report itself, by a date."""

    numbers = _numbers(
        gettext_lazy("It asks for report"),
        gettext_lazy("The number that the list gives, for example 7, or 7-8."),
        required=True,
    )
    due_on = PrintedDayField(label=gettext_lazy("By"), help_text=gettext_lazy("As the list prints it."))
    document = _text(
        gettext_lazy("Document"), 100, gettext_lazy("Symbol, for example CRC/C/GAB/QPR/3-4."), required=True
    )
    paragraph = _text(gettext_lazy("Paragraph"), 20)
    decided_on = DayField(
        label=gettext_lazy("Issued on"),
        required=False,
        help_text=gettext_lazy(
            "Day of the list, or of its arrival if it gives none; the date counts from then on."
        ),
    )
    source = _source()
    confidence = _confidence()
    note = _note()

    def facts(self, values: dict[str, Any]) -> list[Any]:
        due_on: Any = self.fields["due_on"]
        first, last = values["numbers"]
        return [
            CommitteeDate(
                state=self.state,
                kind=Kind.PERIODIC.value,
                first_cycle=first,
                last_cycle=last,
                precision=due_on.precision,
                document_kind=Document.PRIOR_TO_REPORTING.value,
                **{name: value for name, value in values.items() if name != "numbers"},
            )
        ]

    def asked_as(self, fact: Any) -> dict[str, str]:
        return dict.fromkeys(NAMED, "numbers")


class ReviewForm(RecordForm):
    """Concluding observations: about which report, and what they say of the next date. One document, one form."""

    BY_NUMBER, UNNUMBERED, WITHOUT = "numbers", "unnumbered", "without"
    INITIAL, OWN, CRC = "initial", "own", "crc"
    NOT_STATED = "not stated"

    document = _text(
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
            "required": gettext_lazy("Choose the report that the observations are about."),
            "invalid_choice": gettext_lazy("This report has been reviewed or withdrawn since; choose again."),
        },
    )
    series = forms.ChoiceField(
        label=gettext_lazy("Reviewed under"),
        required=False,
        help_text=gettext_lazy("Only if none of the received reports is chosen above."),
    )
    numbers = _numbers(
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
        error_messages={"required": gettext_lazy("Choose what the observations say of the next report.")},
    )
    next_numbers = _numbers(
        gettext_lazy("Numbers of the next report"),
        gettext_lazy(
            "For example 7, or 7-8. Empty if its date is to be communicated and no number is given."
        ),
    )
    next_due = PrintedDayField(label=gettext_lazy("Due by"), required=False)
    paragraph = _text(
        gettext_lazy("Paragraph"), 20, gettext_lazy("That states the date, usually the last: “Next report”.")
    )
    source = _source()
    confidence = _confidence()
    note = _note()

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
        return _("This State is party to neither treaty, so the Committee has reviewed no report of it.")

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
            self.add_error("numbers", _("Enter the number of the report that had not come, for example 3."))
        elif numbers and (chosen in self.received or chosen == self.UNNUMBERED):
            self.add_error("numbers", _("Leave this empty, or choose “another report” above."))
        self._clean_next(values)
        return values

    def _clean_next(self, values: dict[str, Any]) -> None:
        """What the observations say of the next report must be complete, and no more than is chosen."""
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
                    "next_numbers", _("Leave the numbers empty: nothing is stated of the next report.")
                )

    def facts(self, values: dict[str, Any]) -> list[Any]:
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
        next_due: Any = self.fields["next_due"]
        date = CommitteeDate(
            state=self.state,
            kind=Kind.PERIODIC.value,
            carried_by=series,
            first_cycle=first,
            last_cycle=last,
            outcome=values["next_is"],
            due_on=values["next_due"],
            precision=next_due.precision or Precision.DAY.value,
            document_kind=Document.OBSERVATIONS.value,
            paragraph=values["paragraph"],
            decided_on=values["adopted_on"],
            **known,
        )
        if repeats(review, date):
            raise ValidationError({"next_numbers": REPEATED})
        return [review, date]

    def _reviewed(self, values: dict[str, Any]) -> dict[str, Any]:
        """The report that the observations are about, as fields of the model."""
        if report := self.received.get(values["report"]):
            return {name: getattr(report, name) for name in NAMED}
        if values["report"] == self.UNNUMBERED:
            return _cycles_of(Kind.PERIODIC, CarriedBy.CRC_REPORT, (NEXT, NEXT))
        numbers = values["numbers"]
        if values["series"] == self.INITIAL:
            return _cycles_of(Kind.INITIAL, CarriedBy.OWN, numbers or (1, 1))
        series = CarriedBy.CRC_REPORT if values["series"] == self.CRC else CarriedBy.OWN
        return _cycles_of(Kind.PERIODIC, series, numbers or (NEXT, NEXT))

    def asked_as(self, fact: Any) -> dict[str, str]:
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

    def says(self, values: dict[str, Any]) -> list[str]:
        if report := self.received.get(values["report"]):
            what = versions.name_of(report, versions.Names())
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


class WithdrawalForm(RecordForm):
    """A report that the State has taken back: it stays on record, and answers nothing from that day on."""

    submission = forms.ChoiceField(
        label=gettext_lazy("Submission"),
        error_messages={
            "required": gettext_lazy("Choose the report that the State has withdrawn."),
            "invalid_choice": gettext_lazy(
                "This report is not recorded any more, or is withdrawn; choose again."
            ),
        },
    )
    withdrawn_on = DayField(
        label=gettext_lazy("Withdrawn by the State on"), help_text=gettext_lazy("Day of its note or letter.")
    )
    source = _text(
        gettext_lazy("Source"), 70, gettext_lazy("For example the note verbale that says so."), required=True
    )

    def __init__(self, state: State, *args: Any, **kwargs: Any) -> None:
        super().__init__(state, *args, **kwargs)
        rows = Submission.objects.filter(state=state, withdrawn_on=None).order_by("-received_on", "pk")
        self.submissions = {str(one.pk): one for one in rows}
        field: Any = self.fields["submission"]
        field.choices = [("", "—"), *((key, submission_label(one)) for key, one in self.submissions.items())]

    @property
    def missing(self) -> str:
        return "" if self.submissions else _("No report of this State is recorded that it could withdraw.")

    def facts(self, values: dict[str, Any]) -> list[Any]:
        fact = Submission.objects.select_related("state").get(pk=values["submission"])
        fact.withdrawn_on = values["withdrawn_on"]
        return [fact]

    def reason(self, values: dict[str, Any]) -> str:
        return _("withdrawn by the State: %(source)s") % {"source": values["source"]}


class DepositForm(RecordForm):
    """An instrument deposited."""

    treaty = forms.ModelChoiceField(
        label=gettext_lazy("Treaty"), queryset=Treaty.objects.order_by("-code"), empty_label=None
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Instrument"),
        choices=[(kind.value, TreatyAction.Kind(kind).label) for kind in JOINING],
        help_text=gettext_lazy("A State that signed ratifies, another one accedes."),
    )
    date = DayField(
        label=gettext_lazy("Deposited on"),
        help_text=gettext_lazy("Day of deposit, as in the depositary notification."),
    )
    effective_on = DayField(
        label=gettext_lazy("Recorded effective date"),
        required=False,
        help_text=gettext_lazy("Only if the depositary states it; empty: computed from the treaty."),
    )
    reference = _text(gettext_lazy("Reference"), 100, gettext_lazy("Depositary notification, C.N. number."))
    source = _text(gettext_lazy("Source"), 200, gettext_lazy("Document or site where the day was read."))
    note = _note()

    def facts(self, values: dict[str, Any]) -> list[Any]:
        return [TreatyAction(state=self.state, **values)]


def _suggested_deposit(state: State) -> dict[str, Any]:
    """The treaty that the State has not joined yet, and the instrument that its signature calls for."""
    done = set(state.actions.values_list("treaty", "kind"))
    joined = {treaty for treaty, kind in done if kind in JOINING}
    treaty = next((code.value for code in TreatyCode if code.value not in joined), TreatyCode.OPSC.value)
    signed = (treaty, ActionKind.SIGNATURE.value) in done
    return {"treaty": treaty, "kind": ActionKind.RATIFICATION.value if signed else ActionKind.ACCESSION.value}


# --- the pages -----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("obligations.add_submission", raise_exception=True)
def record_submission(request: HttpRequest, iso3: str) -> HttpResponse:
    """Records a report received: which of the open ones it answers, and when it came."""
    state = _state(request, iso3)
    form = SubmissionForm(state, **_data(request))
    return _record(request, form, _("Record a submission"))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("obligations.add_committeedate", raise_exception=True)
def record_date(request: HttpRequest, iso3: str) -> HttpResponse:
    """Records a date that the Committee states for one or several reports."""
    state = _state(request, iso3)
    form = StatedDateForm(state, **_data(request))
    return _record(request, form, _("Record a date stated by the Committee"))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(("obligations.add_review", "obligations.add_committeedate"), raise_exception=True)
def record_review(request: HttpRequest, iso3: str) -> HttpResponse:
    """Records concluding observations: the report reviewed, and what they say of the next date."""
    state = _state(request, iso3)
    form = ReviewForm(state, **_data(request))
    return _record(request, form, _("Record concluding observations"))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("obligations.add_committeedate", raise_exception=True)
def record_prior_to_reporting(request: HttpRequest, iso3: str) -> HttpResponse:
    """Records a list of issues prior to reporting, which asks for a report by a date."""
    state = _state(request, iso3)
    form = PriorToReportingForm(state, **_data(request))
    return _record(request, form, _("Record a list of issues prior to reporting"))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("obligations.change_submission", raise_exception=True)
def record_withdrawal(request: HttpRequest, iso3: str) -> HttpResponse:
    """Records that a State has withdrawn a report."""
    state = _state(request, iso3)
    chosen = request.GET.get("submission", "")
    data = {"data": request.POST} if request.method == "POST" else {"initial": {"submission": chosen}}
    return _record(request, WithdrawalForm(state, **data), _("Record the withdrawal of a report"))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("registry.add_treatyaction", raise_exception=True)
def record_deposit(request: HttpRequest, iso3: str) -> HttpResponse:
    """Records an instrument deposited, and shows when it enters into force."""
    state = _state(request, iso3)
    data = {"data": request.POST} if request.method == "POST" else {"initial": _suggested_deposit(state)}
    return _record(request, DepositForm(state, **data), _("Record an instrument deposited"))


def _state(request: HttpRequest, iso3: str) -> State:
    """The State of an address, for somebody who may change what is recorded of it."""
    if not ALPHA_3.fullmatch(iso3):
        raise Http404
    found: State = get_object_or_404(State, pk=iso3)
    limits.check(request.user, {found.pk})
    return found


def _data(request: HttpRequest) -> dict[str, Any]:
    """What was sent or, at first, what the address names: reports, a document and its day, a note."""
    if request.method == "POST":
        return {"data": request.POST}
    reports = [key for key in request.GET.getlist("obligation") if WHOLE.fullmatch(key)]
    named = {name: request.GET.get(name, "")[:LONGEST_SYMBOL] for name in ("document", "decided_on")}
    note = request.GET.get("note", "")[:LONGEST_NOTE]
    return {"initial": {"reports": reports, "note": note} | {k: text for k, text in named.items() if text}}


def _record(request: HttpRequest, form: RecordForm, title: str) -> HttpResponse:
    """Shows the form, then the effects, and saves what was looked at."""
    state, remarks, saved = form.state, list[str](), list[Any]()

    def act(values: dict[str, Any], by: Any = request.user) -> Act:
        def save() -> sync.Difference:
            facts = form.facts(values)
            for fact in facts:  # one by one, so that what is wrong is said at the field of this page
                try:
                    fact.full_clean()
                except ValidationError as error:
                    raise _as_asked(error, form.asked_as(fact)) from error
            try:
                found = save_facts(facts, by=by, reason=form.reason(values))
            except ValidationError as error:
                raise _as_asked(error, form.asked_as(facts[0])) from error
            saved[:] = facts
            remarks[:] = [remark for fact in facts for remark in _remarks(fact)]
            return found

        return save

    settling = Settling(request, form, act, {state.pk})
    if settling.answer():
        messages.success(request, _recorded(request, saved))
        told = [*form.says(form.cleaned_data), *(settling.effects.told if settling.effects else [])]
        tell(request, state, told)
        for remark in remarks:
            messages.warning(request, remark)
        return redirect("state", state.pk)
    waiting = any(getattr(fact, "awaits_confirmation", False) for fact in saved) and settling.effects
    then: Effects | None = None
    if waiting:  # a command acts at once, so it shows what the confirmation will bring
        then = rehearse(act(form.cleaned_data, by=None), {state.pk})
    if settling.effects:
        sentences = [*form.says(form.cleaned_data), *settling.effects.sentences]
        settling.effects = replace(settling.effects, sentences=sentences)
    return render(
        request,
        "web/records/record.html",
        {
            "state": state,
            "form": form,
            "title": title,
            "settling": settling,
            "remarks": remarks if settling.effects and not waiting else [],
            "entry": _entry(saved[0]) if settling.effects and saved else None,
            "waiting": bool(waiting),
            "then": then,
            "reviewed": isinstance(form, ReviewForm),
            "by_two": isinstance(form, ReviewForm) and four_eyes(request.user),
        },
    )


def _recorded(request: HttpRequest, facts: Sequence[Any]) -> str:
    """What was recorded, and of which State, with the way back."""
    what = " ".join(
        _("Recorded for %(state)s: %(what)s.")
        % {"state": fact.state.name, "what": versions.name_of(fact, versions.Names())}
        for fact in facts
    )
    if len(facts) == 1:
        return with_undo(request, what, facts[0])
    return linked(what, reverse("state-history", args=[facts[0].state_id]), _("Undo in the history …"))


def _remarks(fact: Any) -> list[str]:
    """What to look at again, of this fact alone."""
    if isinstance(fact, Submission):
        unmatched = {one.pk for one in sync.unmatched([fact.state_id])}
        return [cautions.about_unmatched(fact)] if fact.pk in unmatched else []
    return cautions.about(fact)


def _entry(fact: Any) -> Any:
    """When the treaty enters into force for the State, and why; None for other facts."""
    return entry_into_force(fact.as_rule()) if isinstance(fact, TreatyAction) else None


def _as_asked(error: ValidationError, names: dict[str, str]) -> ValidationError:
    """The same error, beside the fields that this page has.

    Args:
        names: the fields of the page, by those of the fact that have another name.
    """
    if not hasattr(error, "error_dict"):
        return error
    found: dict[str, list[Any]] = {}
    for name, problems in error.error_dict.items():
        found.setdefault(names.get(name, name), []).extend(problems)
    return ValidationError(found)


# --- of which State ------------------------------------------------------------------------------

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


class TaskForm(forms.Form):
    """What is recorded, and of which State."""

    use_required_attribute = False
    label_suffix = ""
    state = StateField(help_text=gettext_lazy("Name or alpha-3 code, for example Norway or NOR."))
    what = forms.ChoiceField(label=gettext_lazy("What is recorded"))

    def __init__(self, tasks: list[tuple[str, Any]], by: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        what: Any = self.fields["what"]
        what.choices = tasks

    def clean_state(self) -> State:
        state: State = self.cleaned_data["state"]
        if said := not_yours(self.by, state):
            raise ValidationError(said)
        return state


@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """Asks of which State something is recorded, and leads to the page for it."""
    tasks = [(name, label) for name, label, permission in TASKS if request.user.has_perm(permission)]
    if "state" in request.GET:
        form = TaskForm(tasks, request.user, request.GET)
        if form.is_valid():
            return redirect(form.cleaned_data["what"], form.cleaned_data["state"].pk)
    else:
        form = TaskForm(tasks, request.user, initial={"what": request.GET.get("what", "")})
    context = {"form": form, "tasks": tasks, "states": states_to_offer(request.user)}
    return render(request, "web/records/record_of.html", context)
