"""Form fields for a day or a State; they accept common spellings and never guess."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import SimpleLazyObject
from django.utils.text import format_lazy
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from tracker.changes.desk_guard import not_yours
from tracker.languages.typed import closed_figures, figures
from tracker.languages.writing import in_words, with_commas
from tracker.obligations.models import MOST_CYCLES, Precision
from tracker.registry import limits
from tracker.registry.commands import FIRST_YEAR, LAST_YEAR
from tracker.registry.models import State
from tracker.registry.names import StateNames, Unknown
from tracker.registry.un_names import names_of_states
from tracker.registry.values import BadValue, written_day
from tracker.rules.coverage import MOST_WORDS
from tracker.rules.dates import end_of_month

HOW_TO_WRITE_A_DAY = gettext_lazy("Write it as 2003-01-23, 23 Jan 2003, 23/01/2003 or yesterday.")
_YEAR_OR_MONTH = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?")
_CHOSEN = re.compile(r"([A-Za-z]{3})(?: - (.*))?")


class PlainForm(forms.Form):
    """A form that the browser does not stop when a field is empty: our own messages say more."""

    use_required_attribute = False
    fields: dict[str, Any]  # each has attributes of its own kind


class DayInput(forms.DateInput):
    """A text field, because the browser's own date field accepts one format, in the order of the browser's country.

    `days.js` shows the day in words beside it, and adds a button that opens the browser's calendar.
    """

    def __init__(self) -> None:
        attrs = {"size": "14", "autocomplete": "off", "placeholder": "2003-01-23", "class": "day-input"}
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day in any usual format, or counted from today; if it could mean two days the error shows both."""

    widget = DayInput

    def __init__(self, *, help_text: Any = "", **kwargs: Any) -> None:
        text = format_lazy("{} {}", help_text, HOW_TO_WRITE_A_DAY) if help_text else HOW_TO_WRITE_A_DAY
        kwargs.pop("widget", None)
        super().__init__(help_text=text, **kwargs)

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values or isinstance(value, date):
            return super().to_python(value)
        try:
            return written_day(str(value).strip(), timezone.localdate())
        except BadValue as error:
            raise ValidationError(str(error), code="invalid") from None


def put_the_focus(form: Any, at: str = "") -> None:
    """Opens the form at the field that is filled in most; once it is sent, at the first error.

    Args:
        at: the name of that field; without one that the form has, its first day.
    """
    # One element alone may have the focus, so no group of boxes.
    fields = {name: field for name, field in form.fields.items() if not field.widget.use_fieldset}
    if form.is_bound:
        first = [field for name, field in fields.items() if name in form.errors]
    else:
        days = [field for field in fields.values() if isinstance(field, DayField)]
        first = [fields[at]] if at in fields else days or [*fields.values()]
    for field in first[:1]:
        field.widget.attrs["autofocus"] = True


class MomentField(DayField):
    """A day in any usual format, or a moment in UTC as “2026-11-21 17:05”; a day means its beginning in the office."""

    widget = forms.TextInput(attrs={"size": "18", "autocomplete": "off"})  # type: ignore[assignment]  # no day alone

    def to_python(self, value: Any) -> datetime | None:
        try:
            text = figures(value).strip() if isinstance(value, str) else ""
            moment = parse_datetime(text) if ":" in text else None
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is None and FIRST_YEAR <= moment.year <= LAST_YEAR:
            return moment.replace(tzinfo=UTC)
        day = super().to_python(value)
        return timezone.make_aware(datetime.combine(day, time.min)) if day else None


@require_safe
def read_day(request: HttpRequest) -> HttpResponse:
    """`/read-day/?text=23/1/2003`: the day in words, or what to write instead."""
    try:
        words = in_words(written_day(request.GET.get("text", "").strip(), timezone.localdate()))
    except BadValue as error:
        words = str(error)
    return HttpResponse(words, content_type="text/plain; charset=utf-8")


class PrintedDayField(DayField):
    """A day, or a month or a year alone, as a document prints it; its last day is used.

    Attributes:
        precision: of the entered value; empty until then.
    """

    def __init__(self, *, help_text: Any = "", **kwargs: Any) -> None:
        text = gettext_lazy("If only a year or a month is printed, write 2027 or 2027-03.")
        super().__init__(help_text=format_lazy("{} {}", help_text, text) if help_text else text, **kwargs)
        self.precision = ""

    def to_python(self, value: Any) -> date | None:
        written = _YEAR_OR_MONTH.fullmatch(figures(value).strip()) if isinstance(value, str) else None
        self.precision = ""
        if written is None:
            found = super().to_python(value)
            self.precision = Precision.DAY.value if found else ""
            return found
        year, month = int(written[1]), int(written[2] or 12)
        if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
            raise ValidationError(
                _("There is no such year or month; write it as 2027 or 2027-03."), code="invalid"
            )
        self.precision = Precision.MONTH.value if written[2] else Precision.YEAR.value
        return end_of_month(year, month)


class NumbersField(forms.CharField):
    """The numbers of a report as documents print them: "7", or "5-6"; None if the field is empty."""

    default_error_messages = {
        "required": gettext_lazy("Enter the number of the report, for example 7, or 5-6.")
    }
    pattern = re.compile(r"([0-9]{1,3})(?:\s*(?:-|–|/|to|and|&)\s*([0-9]{1,3}))?", re.IGNORECASE)

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"size": "8", "autocomplete": "off"}
        super().__init__(max_length=20, widget=forms.TextInput(attrs=attrs), **kwargs)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        found = self.pattern.fullmatch(figures(text))
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= first <= last <= MOST_CYCLES:
            raise ValidationError(
                _(
                    "“%(text)s” is not the number of a report. Enter for example 7, or 5-6 for reports combined in one."
                )
                % {"text": text}
            )
        return first, last


class WordCountField(forms.IntegerField):
    """A number of words as people write it: 31800, 31,800 or 31 800."""

    default_error_messages = {
        "invalid": gettext_lazy("Enter the number of words in figures, for example 31,800.")
    }

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "size": "10", "autocomplete": "off"})
        super().__init__(**kwargs | {"widget": widget, "max_value": MOST_WORDS})

    def to_python(self, value: Any) -> int | None:
        return super().to_python(closed_figures(value) if isinstance(value, str) else value)


class StateInput(forms.TextInput):
    """A text field with suggestions of States; the page has their list once, from `web/ui/_states.html`."""

    def __init__(self) -> None:
        super().__init__(
            attrs={"list": "states", "size": "40", "autocomplete": "off", "class": "state-input"}
        )


class StateField(forms.ModelChoiceField):
    """A State by its alpha-3, its name, or both as the suggestions have them: "NOR - Norway"."""

    widget = StateInput
    default_error_messages = {
        "required": gettext_lazy("Enter a State, by its name or its alpha-3 code, for example NOR."),
    }

    def __init__(self, **kwargs: Any) -> None:
        for name in ("widget", "empty_label", "limit_choices_to", "blank"):
            kwargs.pop(name, None)
        usual: dict[str, Any] = {"queryset": State.objects.all(), "label": gettext_lazy("State")}
        super().__init__(**usual | kwargs)
        # Read once for all rows of a form: copies of the field share it.
        self.names: Any = SimpleLazyObject(StateNames.recorded)

    def prepare_value(self, value: Any) -> Any:
        known = value.pk if isinstance(value, State) else value
        if isinstance(known, str) and known in self.names.names:
            return f"{known} - {self.names.names[known]}"
        return known

    def to_python(self, value: Any) -> State | None:
        if value in self.empty_values or isinstance(value, State):
            return value or None
        return State.objects.get(pk=recognised(str(value), self.names))

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = initial.pk if isinstance(initial, State) else initial
        try:
            return (before or None) != (recognised(data, self.names) if data else None)
        except ValidationError:
            return True


class OwnStateForm(PlainForm):
    """A State that the person may change."""

    state = StateField(help_text=gettext_lazy("Name or alpha-3 code, for example Norway or NOR."))

    def __init__(self, by: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        state: Any = self.fields["state"]
        state.names = SimpleLazyObject(StateNames.recorded)  # else those read for the first form would stay

    def clean_state(self) -> State:
        return on_desk(self.by, self.cleaned_data["state"])


def on_desk(by: Any, state: State) -> State:
    """A State that a user may change.

    Raises:
        ValidationError: it is on another desk.
    """
    if said := not_yours(by, state):
        raise ValidationError(said)
    return state


def recognised(text: str, names: StateNames) -> str:
    """The alpha-3 code of the State in a text, in any form that the field accepts.

    Raises:
        ValidationError: it is not a recorded State; the message suggests similar ones.
    """
    text = text.strip()
    if chosen := _CHOSEN.fullmatch(text):
        name = names.names.get(chosen[1].upper())
        if name is not None and (chosen[2] in (None, name) or names.in_full(chosen[2]) == chosen[1].upper()):
            return chosen[1].upper()
    found = names.recognise(text)
    if not isinstance(found, Unknown):
        return found.iso3
    near = with_commas(f"{name} ({iso3})" for iso3, name in found.suggestions)
    if near:
        raise ValidationError(
            _("“%(text)s” is not a recorded State. Did you mean one of these: %(near)s? Enter its code.")
            % {"text": text[:60], "near": near},
            code="invalid_choice",
        )
    raise ValidationError(
        _("“%(text)s” is not a recorded State. Enter its name or its alpha-3 code, for example NOR.")
        % {"text": text[:60]},
        code="invalid_choice",
    )


class NamedStatesField(forms.CharField):
    """States by name or alpha-3 code, one after the other; their codes, in their order.

    Attributes:
        theirs: the States that the person may change; the form sets it.
    """

    between = re.compile(r"[,;،؛，；、\n]")  # names, in any of the languages
    theirs: Any = State.objects.none()

    def clean(self, value: Any) -> list[str]:
        names, mine = StateNames.recorded(), set(self.theirs.values_list("pk", flat=True))
        codes, problems = list[str](), list[Any]()
        for text in filter(None, (one.strip() for one in self.between.split(super().clean(value)))):
            try:
                codes.append(code := recognised(text, names))
            except ValidationError as error:
                problems.append(error)
                continue
            if code not in mine:
                problems.append(
                    _("%(state)s is not on your desk; leave it out.") % {"state": names.names[code]}
                )
        if problems:
            raise ValidationError(problems)
        return sorted(set(codes))


def states_to_offer(changed_by: Any = None) -> list[tuple[str, str]]:
    """Alpha-3 and name of every State, or of those that a user may change, for `web/ui/_states.html`."""
    mine = limits.changeable(changed_by)
    rows = State.objects.all() if mine is None else State.objects.filter(pk__in=mine)
    return list(names_of_states(rows).items())
