"""The forms on which facts of a State are recorded: their common fields, and the reports that are selected or typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from tracker.languages.writing import in_words
from tracker.obligations.models import NEXT, CarriedBy, Kind, Obligation, Trust, has_crc_series
from tracker.obligations.wording import badge, labelled, numbered, ordinal
from tracker.registry.models import State, TreatyAction
from tracker.rules.status import RECEIVED, Status
from tracker.web.ui.form_fields import NumbersField, PlainForm

ANOTHER = "another"  # a report under the CRC that is not among the open ones
# The fields of the models that a form has under other names.
NAMED = ("kind", "first_cycle", "last_cycle", "carried_by")

# --- the form and its common fields -----------------------------------------------------------------


class RecordForm(PlainForm):
    """The form of a page that records facts of a State."""

    def __init__(self, state: State, *args: Any, **kwargs: Any) -> None:
        self.state = state
        super().__init__(*args, **kwargs)

    def facts(self, values: Mapping[str, Any]) -> list[Any]:
        """The facts to save, as new objects for each attempt; the main one first."""
        raise NotImplementedError  # each page has its own

    def field_names(self, fact: Any) -> dict[str, str]:
        """The names of the fields of this page, by those fields of a fact that have another name."""
        return {}

    def reason(self, values: Mapping[str, Any]) -> str:
        """The reason that the history keeps."""
        return ""

    def notes(self, values: Mapping[str, Any]) -> list[str]:
        """The effects on other records, each in a sentence."""
        return []

    def note_for(self, by: Any) -> str:
        """What a person should know before saving."""
        return ""

    @property
    def missing(self) -> str:
        """Why there is nothing to record; empty if there is."""
        return ""

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Its fields in their order, in groups: a choice of several is alone, others are side by side."""
        groups: list[dict[str, Any]] = []
        for field in self.visible_fields():
            if field.use_fieldset:
                groups.append({"choice": field})
            elif groups and "fields" in groups[-1]:
                groups[-1]["fields"].append(field)
            else:
                groups.append({"fields": [field]})
        return groups


def text_field(label: Any, longest: int, help_text: Any = "", *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, help_text=help_text, required=required)


def symbol_field(label: Any, longest: int, help_text: Any = "", *, required: bool = False) -> forms.CharField:
    """The symbol of a document; the keyboard of a phone offers capitals for it and corrects nothing."""
    field = text_field(label, longest, help_text, required=required)
    field.widget.attrs |= {"autocapitalize": "characters", "spellcheck": "false"}
    return field


def note_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("What was inferred, and from which source."),
    )


def source_field() -> forms.CharField:
    return text_field(gettext_lazy("Source"), 200, gettext_lazy("Where the document was read."))


def confidence_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("Confidence"),
        choices=Trust.choices,
        initial=Trust.DOCUMENT.value,
        required=False,
        help_text=gettext_lazy(
            "Records that were not read in the document itself are listed under “Records to confirm”."
        ),
    )


def numbers_field(label: Any, help_text: Any, *, required: bool = False) -> NumbersField:
    return NumbersField(label=label, help_text=help_text, required=required)


# --- the reports that a fact is about ---------------------------------------------------------------


def open_reports(state: State) -> QuerySet[Any]:
    """The reports of a State that are not received, in their order; replies to requests are recorded elsewhere."""
    today = timezone.localdate()
    rows = (
        Obligation.objects.as_of(today, today=today, bands=False)
        .filter(state=state)
        .exclude(kind=Kind.INFORMATION)
    )
    return rows.exclude(status__in=RECEIVED).order_by("computed_on", "pk")


def combined(reports: Sequence[Any]) -> dict[str, Any]:
    """The cycles of some reports that are combined in one, as fields of the model.

    An initial report may be combined with the periodic ones of the State's own series that follow it ("1-2").

    Raises:
        ValidationError: they cannot be combined.
    """
    if len({one.carried_by for one in reports}) > 1:
        raise ValidationError(
            _(
                "The State’s own reports and reports under the CRC cannot be combined. Select reports of one kind."
            )
        )
    cycles = sorted(one.cycle for one in reports)
    last = max(one.last_cycle for one in reports)
    missing = sorted(set(range(cycles[0], cycles[-1] + 1)) - set(cycles))
    if missing:
        raise ValidationError(
            _(
                "Only consecutive reports can be combined: between the %(first)s and the %(last)s "
                "is the %(missing)s. Select it too, or record the reports one by one."
            )
            % {
                **numbered(cycles[0], cycles[-1]),
                "missing": ordinal(missing[0]),
                "missing_number": missing[0],
            }
        )
    kinds = {one.kind for one in reports}
    return {
        "kind": Kind.INITIAL.value if Kind.INITIAL in kinds else reports[0].kind,
        "carried_by": reports[0].carried_by,
        "first_cycle": cycles[0],
        "last_cycle": last,
    }


class ReportsForm(RecordForm):
    """A form about reports: open ones are selected, and other numbers are typed."""

    reports = forms.MultipleChoiceField(
        label=gettext_lazy("Reports"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Select the report, or the reports that are combined in one."),
            "invalid_choice": gettext_lazy("One of the reports is no longer open; select again."),
        },
    )
    numbers = numbers_field(
        gettext_lazy("Numbers"),
        gettext_lazy(
            "As the document gives them, for example 7, or 5-6. Empty: the numbers of the selected reports."
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
                (key, _label_of(row, badge(row.status, due_on=row.due, received_on=None, day=today).text))
                for key, row in self.open.items()
            ),
            *_another(state),
        ]
        if not self.open:  # one choice is no choice
            self.initial["reports"] = [key for key, _label in field.choices]
        self.cycles: dict[str, Any] = {}

    @property
    def missing(self) -> str:
        if self.fields["reports"].choices:
            return ""
        return _("This State has no open report: it owes none, or each is answered.")

    def may_be_unnumbered(self, values: Mapping[str, Any]) -> bool:
        """Whether the next report under the CRC may be meant without its number."""
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
        """The cycles selected or typed; without a number, those of the next report."""
        if ANOTHER in chosen and len(chosen) > 1:
            raise ValidationError(_("Select either “another report” or reports above it."))
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

    def field_names(self, fact: Any) -> dict[str, str]:
        return dict.fromkeys(NAMED, "numbers" if self.cleaned_data.get("numbers") else "reports")

    def named(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values that are fields of the fact."""
        return self.cycles | {k: value for k, value in values.items() if k not in ("reports", "numbers")}


def _another(state: State) -> list[tuple[str, str]]:
    """The choice of another report under the CRC, for a State that has joined it."""
    if not has_crc_series(TreatyAction.objects.facts_of(state.pk)):
        return []
    return [(ANOTHER, _("Another report under the CRC: enter its numbers below"))]


def _label_of(row: Any, status: str) -> str:
    """The label of an open report: its name, due date and status."""
    what = capfirst(row.label)
    if row.due is None or row.status == Status.NOT_YET_DUE:  # the status includes the day
        return labelled(what, status)
    return _("%(what)s, due %(day)s: %(status)s") % {
        "what": what,
        "day": in_words(row.due),
        "status": status,
    }
