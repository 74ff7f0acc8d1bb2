"""`/queue/`: in which session each State that waits is likely to be considered, and what would change that.

The address has the whole question. Nothing is saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import django_tables2 as tables
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.template.loader import get_template
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_safe

from tracker.consideration.forecast import (
    Measured,
    as_queue,
    measured,
    outlooks,
    recorded_ahead,
    replayed,
    sessions_on,
)
from tracker.consideration.queue import (
    CONFIRM_AFTER,
    Waiting,
    WaitingState,
    considerations,
    waiting_on,
)
from tracker.languages.writing import in_words, month_in_words, short_month, with_commas, with_semicolons
from tracker.obligations.wording import labelled, span
from tracker.rules.queue import Assumptions, Outlook, SessionAhead, changed, sessions_ahead
from tracker.web.ui import exports
from tracker.web.ui.as_of import day_of
from tracker.web.ui.columns import DayColumn, StateColumn
from tracker.web.ui.form_fields import PlainForm
from tracker.web.ui.tables import DayTable

SLOTS_A_WEEK = 2  # a session of three weeks considers six or seven States
SESSIONS_OFFERED = 9
ROWS_ON_A_PAGE = 50  # each has one or two pictures
BAR_WIDE = 190


# --- the question ---------------------------------------------------------------------------------


class NumberField(forms.IntegerField):
    """A whole number within limits, which every error names."""

    def __init__(self, label: Any, help_text: Any, least: int, most: int) -> None:
        super().__init__(label=label, help_text=help_text, required=False)
        self.least, self.most = least, most
        self.widget.attrs.update({"min": least, "max": most, "inputmode": "numeric"})

    def clean(self, value: Any) -> int | None:
        sentence = _("Enter a whole number from %(least)d to %(most)d.") % {
            "least": self.least,
            "most": self.most,
        }
        try:
            number: int | None = super().clean(value)
        except ValidationError:
            raise ValidationError(sentence) from None
        if number is not None and not self.least <= number <= self.most:
            raise ValidationError(sentence)
        return number


class AssumptionForm(PlainForm):
    """What the forecast assumes; an empty field has its default. The names are those of `Assumptions`."""

    sessions = NumberField(
        gettext_lazy("Sessions a year"), gettext_lazy("After the sessions that are recorded."), 1, 6
    )
    slots = NumberField(
        gettext_lazy("States considered in a session"),
        gettext_lazy("Median of the last nine sessions held."),
        1,
        40,
    )
    lost = NumberField(
        gettext_lazy("Sessions not held, per cent"),
        gettext_lazy("Measured from the last nine sessions; three a year are usual."),
        0,
        90,
    )
    unsure = NumberField(
        gettext_lazy("Uncertainty of the pace, per cent"),
        gettext_lazy("How much faster or slower the Committee may be. Chosen by the test below."),
        0,
        100,
    )
    least_months = NumberField(
        gettext_lazy("Months from receipt to session, at least"),
        gettext_lazy("Nineteen of twenty waits of the last five years were longer."),
        0,
        120,
    )
    spread_months = NumberField(
        gettext_lazy("Departure from the order of receipt, months"),
        gettext_lazy("Measured from the waits of the last five years. 0 keeps strictly to the order."),
        0,
        120,
    )
    others = NumberField(
        gettext_lazy("Reports waiting that are not recorded here"),
        gettext_lazy(
            "The Committee counted 41 waiting reports on 14 January 2019. Since then, 21 a year are supposed to have "
            "come, and those considered are taken off. Enter 0 once all waiting reports are recorded."
        ),
        0,
        300,
    )
    arrivals = NumberField(
        gettext_lazy("Reports that will come in a year"),
        gettext_lazy("As many as the Committee considered in 2019."),
        0,
        60,
    )
    confirm_after = NumberField(
        gettext_lazy("To be confirmed after, years"),
        gettext_lazy("A report received longer ago was probably reviewed; it is left out."),
        1,
        30,
    )

    def show_defaults(self, usual: Assumptions) -> None:
        """Shows the defaults in empty fields."""
        for name, field in self.fields.items():
            field.widget.attrs["placeholder"] = getattr(usual, name, CONFIRM_AFTER)

    def assumed(self, usual: Assumptions) -> Assumptions:
        """The assumptions: what was entered, and the defaults; valid forms only."""
        entered = {name: value for name, value in self.cleaned_data.items() if value is not None}
        entered.pop("confirm_after", None)
        return replace(usual, **entered)


class ChangeForm(PlainForm):
    """What is changed, to compare.

    Args:
        sessions: those that can be cancelled or made longer.
    """

    cancel = forms.ChoiceField(label=gettext_lazy("Cancel a session"), required=False)
    longer = forms.ChoiceField(label=gettext_lazy("Make a session longer"), required=False)
    weeks = NumberField(
        gettext_lazy("By weeks"), gettext_lazy("One if empty; two States are considered in a week."), 1, 6
    )
    arrive = NumberField(
        gettext_lazy("Overdue reports that arrive now"), gettext_lazy("For example 10."), 0, 200
    )

    def __init__(self, data: Any, sessions: Sequence[SessionAhead]) -> None:
        super().__init__(data)
        choices = [("", "—"), *((one.key, session_in_words(one)) for one in sessions[:SESSIONS_OFFERED])]
        for name in ("cancel", "longer"):
            field: Any = self.fields[name]
            field.choices = choices
            field.error_messages["invalid_choice"] = _("Choose one of the sessions ahead.")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("cancel") and values["cancel"] == values.get("longer"):
            self.add_error("longer", _("This session is cancelled. Choose another one."))
        if values.get("weeks") and "longer" in values and not values["longer"]:
            self.add_error("longer", _("Choose the session that is to be longer."))
        return values

    def in_words(self) -> str:
        """What is changed; of a valid form."""
        sessions = dict(self.fields["cancel"].choices)
        return with_semicolons(
            labelled(self.fields[name].label, sessions.get(value, value))
            for name, value in self.cleaned_data.items()
            if value
        )


# --- the answer -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class QueueRow:
    """A State that waits, with its outlook.

    Attributes:
        before: None if the day of receipt is not recorded.
        after: with the change; None without one.
    """

    day: date
    waiting: WaitingState
    before: Outlook | None = None
    after: Outlook | None = None

    @property
    def state(self) -> Any:
        return self.waiting.state

    @property
    def iso3(self) -> str:
        return str(self.waiting.state.pk)

    @property
    def reports(self) -> str:
        """The names of its reports."""
        return with_commas(dict.fromkeys(one.label for one in self.waiting.reports))

    @property
    def since(self) -> date:
        return self.waiting.since

    @property
    def in_words(self) -> str:
        """When the State is likely to be considered, in a sentence."""
        if self.before is None:
            return _(
                "There is no forecast for %(state)s, because the day of receipt of its report is not recorded."
            ) % {"state": self.state.shown_name}
        return _("%(state)s: likely %(session)s (range: %(range)s).") % {
            "state": self.state.shown_name,
            "session": session_in_words(self.before.likely),
            "range": range_in_words(self.before),
        }

    @property
    def moved(self) -> int | None:
        """By how many months the likely session is later with the change; None if one of the two is not known."""
        first, then = (one.likely if one else None for one in (self.before, self.after))
        if not (first and then):
            return None
        return 12 * (then.on.year - first.on.year) + then.on.month - first.on.month


@dataclass(frozen=True)
class Queue:
    """The queue of a day with its forecast.

    Attributes:
        years: a report received longer ago is to be confirmed.
        sessions: those ahead, without the change.
        is_changed: whether something was changed, to compare.
    """

    day: date
    waiting: Waiting
    years: int
    measured: Measured
    assumed: Assumptions
    sessions: tuple[SessionAhead, ...]
    rows: tuple[QueueRow, ...]
    is_changed: bool


def ask(request: HttpRequest) -> tuple[AssumptionForm, ChangeForm, Queue | None]:
    """The forms of a request, and the answer; None if a field has an error."""
    day = day_of(request)
    form = AssumptionForm(request.GET)
    good = form.is_valid()
    years = (form.cleaned_data["confirm_after"] if good else None) or CONFIRM_AFTER
    considered = considerations(until=day)
    waiting = waiting_on(day, today=timezone.localdate(), years=years)
    recorded = sessions_on(day)
    usual = measured(day, recorded, considered, waiting)
    form.show_defaults(usual.assumed)
    assumed = form.assumed(usual.assumed) if good else usual.assumed
    agenda = {one.session.number for one in waiting.states if one.session}
    sessions = sessions_ahead(day, recorded_ahead(day, recorded, assumed.slots, agenda), assumed)
    change = ChangeForm(request.GET, sessions)
    if not (change.is_valid() and good):
        return form, change, None
    asked = change.cleaned_data
    queue = as_queue(waiting.states)
    before = outlooks(day, queue, assumed, sessions)
    more = SLOTS_A_WEEK * (asked["weeks"] or 1)
    other = changed(sessions, cancel=asked["cancel"], longer=asked["longer"], more=more)
    is_changed = other != sessions or bool(asked["arrive"])
    after = outlooks(day, queue, assumed, other, asked["arrive"] or 0) if is_changed else {}
    rows = tuple(
        QueueRow(day, one, before.get(one.state.pk), after.get(one.state.pk)) for one in waiting.states
    )
    return form, change, Queue(day, waiting, years, usual, assumed, sessions, rows, is_changed)


def session_in_words(one: SessionAhead | None) -> str:
    """“session 101, January 2027”, or the month alone of a session that is only expected."""
    if one is None:
        return _("later")
    if not one.recorded:
        return month_in_words(one.on)
    return _("session %(number)s, %(month)s") % {"number": one.key, "month": month_in_words(one.on)}


def range_in_words(outlook: Outlook) -> str:
    """The range of an outlook."""
    early, late = outlook.early, outlook.late
    if early is None:
        return _("later than the years of this forecast")
    if late is None:
        return _("not before %(early)s") % {"early": short_month(early.on)}
    if early == late:
        return short_month(early.on)
    return _("%(early)s to %(late)s") % {"early": short_month(early.on), "late": short_month(late.on)}


def moved_in_words(months: int | None) -> str:
    """How a change moves the likely session."""
    if months is None:
        return ""
    if not months:
        return _("no change")
    if months > 0:
        return ngettext("%(n)d month later", "%(n)d months later", months) % {"n": months}
    return ngettext("%(n)d month earlier", "%(n)d months earlier", -months) % {"n": -months}


class OutlookColumn(tables.Column):
    """A session in words; in exports its first day.

    Args:
        of: which outlook of a row, and which session of it.
    """

    def __init__(self, label: Any, of: tuple[str, str], **kwargs: Any) -> None:
        super().__init__(label, empty_values=(), accessor="waiting", **kwargs)
        self.of = of

    def session(self, record: QueueRow) -> SessionAhead | None:
        outlook = getattr(record, self.of[0])
        return getattr(outlook, self.of[1]) if outlook else None

    def render(self, record: QueueRow) -> str:
        if getattr(record, self.of[0]) is None:
            return _("the day of receipt is not recorded") if self.of[0] == "before" else "—"
        return session_in_words(self.session(record))

    def value(self, record: QueueRow) -> date | str:
        one = self.session(record)
        return one.on if one else ""


class RangeColumn(tables.Column):
    """The range of an outlook in words and as a bar; exports have its two ends as columns.

    Args:
        of: which outlook of a row.
    """

    def __init__(self, label: Any, of: str) -> None:
        super().__init__(
            label,
            empty_values=(),
            accessor="waiting",
            exclude_from_export=True,
            attrs={"td": {"class": "span"}},
        )
        self.of = of

    def render(self, record: QueueRow, table: Any) -> str:
        outlook = getattr(record, self.of)
        return table.draw(outlook) if outlook else ""


class QueueTable(DayTable):
    """The States that wait, the longest first.

    Args:
        last: the day with which the bars end.
    """

    state = StateColumn()
    iso3 = tables.Column(gettext_lazy("Alpha-3"), visible=False)
    reports = tables.Column(gettext_lazy("Reports"), attrs={"td": {"class": "what"}})
    since = DayColumn(gettext_lazy("Waiting since"))
    waited = tables.Column(pgettext_lazy("a time", "For"), accessor="since")
    likely = OutlookColumn(gettext_lazy("Likely session"), ("before", "likely"))
    early = OutlookColumn(gettext_lazy("Early"), ("before", "early"), visible=False)
    late = OutlookColumn(gettext_lazy("Late"), ("before", "late"), visible=False)
    range = RangeColumn(gettext_lazy("Range"), "before")
    likely_then = OutlookColumn(gettext_lazy("Likely then"), ("after", "likely"))
    early_then = OutlookColumn(gettext_lazy("Early then"), ("after", "early"), visible=False)
    late_then = OutlookColumn(gettext_lazy("Late then"), ("after", "late"), visible=False)
    range_then = RangeColumn(gettext_lazy("Range then"), "after")
    moved = tables.Column(gettext_lazy("Difference"), empty_values=(None,))

    class Meta:
        orderable = False

    CHANGED = ("likely_then", "early_then", "late_then", "range_then", "moved")

    def __init__(self, asked: Queue, **kwargs: Any) -> None:
        # A comparison needs the room.
        left_out = ("waited",) if asked.is_changed else self.CHANGED
        super().__init__(asked.rows, day=asked.day, exclude=left_out, **kwargs)
        ends = [one.late.on for row in asked.rows for one in (row.before, row.after) if one and one.late]
        self.last = date(max([asked.day, *ends]).year + 1, 1, 1)
        self._bar = get_template("web/consideration/_outlook.html")

    def render_since(self, record: QueueRow) -> str:
        if record.waiting.has_receipt:
            return in_words(record.since)
        return _("by %(day)s") % {"day": in_words(record.since)}

    def value_since(self, record: QueueRow) -> date | str:
        return record.since if record.waiting.has_receipt else ""

    def render_waited(self, record: QueueRow) -> str:
        return span(record.since, self.day)

    def render_moved(self, value: int) -> str:
        return moved_in_words(value)

    def value_moved(self, value: int) -> int:
        return value

    def draw(self, outlook: Outlook) -> str:
        """The range in words, with a bar below."""
        begin, end = self.at(outlook.early), self.at(outlook.late)
        bar = {
            "from": begin,
            "wide": round(max(end - begin, 4.0), 1),
            "likely": self.at(outlook.likely),
            "open": outlook.late is None,
            "years": [self.at_day(date(year, 1, 1)) for year in range(self.day.year + 1, self.last.year + 1)],
        }
        return str(self._bar.render({"words": range_in_words(outlook), "bar": bar, "width": BAR_WIDE}))

    def at(self, one: SessionAhead | None) -> float:
        """The place of a session on the line; its end if it lies beyond."""
        return self.at_day(one.on) if one else float(BAR_WIDE)

    def at_day(self, day: date) -> float:
        first = date(self.day.year, 1, 1)
        return round(BAR_WIDE * min(1.0, (day - first).days / (self.last - first).days), 1)


@require_safe
def queue(request: HttpRequest) -> HttpResponseBase:
    """The page, or its rows as a file."""
    form, change, asked = ask(request)
    wanted = request.GET.get("_export", "")
    if asked and exports.is_wanted(wanted):
        with exports.in_its_language(request):
            title = _("Forecast of the queue as of %(day)s") % {"day": in_words(asked.day)}
            lines = [
                title,
                assumptions_in_words(asked.assumed),
                *([change.in_words()] if asked.is_changed else []),
            ]
            about = {"title": "queue", "about": lines}
            table = QueueTable(asked)
            answer = exports.Export(wanted, table, dataset_kwargs=about)
            return answer.response(f"queue-{asked.day.isoformat()}.{wanted}")
    context: dict[str, Any] = {"form": form, "change": change, "asked": asked, "replayed": replayed()}
    if asked:
        query = "" if asked.day == timezone.localdate() else f"?as_of={asked.day.isoformat()}"
        table = QueueTable(asked, as_of_query=query)
        tables.RequestConfig(request, paginate={"per_page": ROWS_ON_A_PAGE}).configure(table)
        context |= {
            "about": next((row for row in asked.rows if row.iso3 == request.GET.get("about")), None),
            "table": table,
            "total": len(asked.rows),
            "usual_age": asked.years == CONFIRM_AFTER,
            "moved": [row for row in asked.rows if row.moved],
            "ahead": asked.sessions[:SESSIONS_OFFERED],
            "is_usual": asked.assumed == asked.measured.assumed,
        }
    return render(request, "web/consideration/queue.html", context)


def assumptions_in_words(assumed: Assumptions) -> str:
    """What a forecast assumes, for the first lines of a workbook."""
    fields = AssumptionForm.base_fields.items()
    return with_semicolons(
        labelled(field.label, getattr(assumed, name)) for name, field in fields if hasattr(assumed, name)
    )
