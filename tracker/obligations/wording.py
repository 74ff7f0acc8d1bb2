"""Statuses and periods of time in words, for badges, tables and exports."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext, pgettext_lazy

from tracker.languages.cached import said_once
from tracker.languages.known import current
from tracker.languages.writing import in_words, with_semicolons, without_isolates
from tracker.obligations.models import CommitteeDate, PrintedDate, Trust
from tracker.rules import trail
from tracker.rules.dates import whole_months
from tracker.rules.due import DueSource
from tracker.rules.facts import Carrier
from tracker.rules.status import RECEIVED, Band, Status, days_late
from tracker.rules.trail import Step

NAMED = 3  # names listed in a sentence; the others are counted
STATUS_LABELS = {
    Status.OVERDUE: gettext_lazy("overdue"),
    Status.DUE_SOON: gettext_lazy("due within 12 months"),
    Status.NOT_YET_DUE: gettext_lazy("not yet due"),
    Status.ON_TIME: gettext_lazy("received on time"),
    Status.LATE: gettext_lazy("received late"),
    Status.DATE_UNKNOWN: gettext_lazy("received, date unknown"),
    Status.TO_BE_COMMUNICATED: gettext_lazy("to be communicated"),
    Status.NOT_RECORDED: gettext_lazy("date not recorded"),
    Status.NO_RECORD: gettext_lazy("no record"),
    Status.WAIVED: gettext_lazy("waived"),
}
BAND_LABELS = {
    Band.UNDER_1: gettext_lazy("under 1 year"),
    Band.FROM_1_TO_5: gettext_lazy("1 to 5 years"),
    Band.FROM_5_TO_10: gettext_lazy("5 to 10 years"),
    Band.OVER_10: gettext_lazy("over 10 years"),
}
# CSS class of the badge; the style sheet draws the marks.
STATUS_CLASSES = {
    Status.OVERDUE: "overdue",
    Status.DUE_SOON: "due-soon",
    Status.NOT_YET_DUE: "not-yet-due",
    Status.ON_TIME: "on-time",
    Status.LATE: "late",
    Status.DATE_UNKNOWN: "date-unknown",
    Status.TO_BE_COMMUNICATED: "to-be-communicated",
    Status.NOT_RECORDED: "not-recorded",
    Status.NO_RECORD: "no-record",
    Status.WAIVED: "waived",
}


@dataclass(frozen=True)
class Badge:
    """A status with a mark; the title has the exact days."""

    css: str
    text: str
    title: str


def badge(
    status: str,
    *,
    due_on: date | None,
    received_on: date | None,
    day: date,
    year_only: bool = False,
    reviewed_without_on: date | None = None,
) -> Badge:
    """The badge of an obligation on a day.

    Args:
        year_only: only the year of the due date is known; `due_on` is its last day.
        reviewed_without_on: the Committee reviewed the State on this day without the report.
    """
    known = Status(status)
    late = days_late(known, due_on=due_on, received_on=received_on, day=day)
    text, title = "", ""
    if known == Status.OVERDUE and due_on is not None:
        text = _("overdue %(span)s") % {"span": span(due_on, day)}
    elif known in (Status.DUE_SOON, Status.NOT_YET_DUE) and due_on is not None and year_only:
        text = _("due in %(year)d") % {"year": due_on.year}
        title = _("The document prints the year alone; the report is late only after the end of that year.")
    elif known == Status.DUE_SOON and due_on is not None:
        text = _("due today") if due_on == day else _("due in %(span)s") % {"span": span(day, due_on)}
        title = ngettext("%(n)d day from now", "%(n)d days from now", (due_on - day).days) % {
            "n": (due_on - day).days
        }
    elif known == Status.NOT_YET_DUE and due_on is not None:
        text = _("due %(day)s") % {"day": in_words(due_on)}
    elif known == Status.LATE and due_on is not None and received_on is not None:
        text = _("received, %(span)s late") % {"span": span(due_on, received_on)}
    elif known == Status.DATE_UNKNOWN and received_on is not None:
        text = _("received; due date not recorded")
    elif known == Status.TO_BE_COMMUNICATED:
        text = _("date to be communicated")
    elif known == Status.NOT_RECORDED:
        title = _("No document that sets a date is recorded here, so the report is not listed as late.")
    elif known == Status.NO_RECORD:
        title = _("The office's records do not cover this due date, so the report is not listed as late.")
    elif known == Status.WAIVED and reviewed_without_on is not None:
        text = _("reviewed without a report")
        title = _("The Committee reviewed the State on %(day)s; the report was not received.") % {
            "day": in_words(reviewed_without_on)
        }
    if late:
        title = _after_due(late)
    return Badge(STATUS_CLASSES[known], text or _label(known), title)


def badge_of(row: Any, day: date) -> Badge:
    """The badge of a row with the values of a day (`Obligation.as_it_stood`)."""
    return badge(
        row.status,
        due_on=row.due,
        received_on=row.received_on,
        day=day,
        year_only=row.year_only,
        reviewed_without_on=row.reviewed_without_on,
    )


def due_in_words(due_on: date, *, year_only: bool) -> str:
    """A due date as printed in its document: "23 January 2005", or the year alone."""
    return str(due_on.year) if year_only else in_words(due_on)


@dataclass(frozen=True)
class DueCell:
    """A due date in a table.

    Attributes:
        small: smaller text beside it: the computed date that the Committee replaced, or the day of the calendar.
    """

    text: str
    small: str


def due_cell(row: Any) -> DueCell:
    """The due date of a row, as for `badge_of`."""
    if row.due is not None:
        text = due_in_words(row.due, year_only=row.year_only)
    elif row.waived:
        text = _("none")
    elif row.source == DueSource.TREATY_CALENDAR:
        text = _("not recorded")
    else:
        text = _("none yet")
    small = ""
    # For a report received without a recorded date, the next day of the calendar is irrelevant.
    unannounced = row.due is None and row.status in RECEIVED and row.source == DueSource.TREATY_CALENDAR
    if row.due != row.computed_on and not unannounced:
        pattern = (
            _("treaty calendar: %(day)s") if row.carried_by == Carrier.CRC_REPORT else _("by rule %(day)s")
        )
        # The text may wrap, the date may not.
        small = pattern % {"day": in_words(row.computed_on).replace(" ", "\N{NO-BREAK SPACE}")}
    return DueCell(text, small)


def heading(what: str, due_on: date | None, status: str, *, year_only: bool = False) -> str:
    """Report, due date and status: "Initial report, due on 23 January 2005: received late."."""
    names = {"what": capfirst(what), "status": status}
    if due_on is None:
        return _("%(what)s: %(status)s.") % names
    if year_only:
        return _("%(what)s, due in %(year)d: %(status)s.") % (names | {"year": due_on.year})
    return _("%(what)s, due on %(day)s: %(status)s.") % (names | {"day": in_words(due_on)})


def sentence(step: Step) -> str:
    """The sentence of a step of a trail."""
    return step.sentence(_, in_words)


@said_once
def place(source: str) -> str:
    """The article or document of a step, as the language of the reader writes it: OPSC art. 12(2)."""
    return trail.place(source, _)


def cited(step: Step) -> str:
    """A step of a trail: its article or document, and its sentence."""
    return _("%(source)s: %(sentence)s") % {"source": place(step.source), "sentence": sentence(step)}


def in_full(steps: Iterable[Step], translate: Callable[[str], str] = _) -> str:
    """A trail as one text: each sentence after its article or document.

    Args:
        translate: gettext, or a quicker form of it for many trails.
    """
    return trail.in_full(steps, translate, in_words, current().space)


def awaiting_in_words(since: date | None, received_on: date | None) -> str:
    """The day since which a report awaits the Committee's review; empty if it does not.

    If the day of receipt is not known, it was received by that day at the latest.
    """
    if since is None:
        return ""
    if received_on is None:
        return _("awaiting review since %(day)s at the latest") % {"day": in_words(since)}
    return _("awaiting review since %(day)s") % {"day": in_words(since)}


def observations_in_words(document: str, adopted_on: date | None) -> str:
    """The last concluding observations known, for a row whose date is not recorded; empty if there are none."""
    if not document or adopted_on is None:
        return ""
    return _("last observations: %(document)s, %(day)s") % {
        "document": document,
        "day": in_words(adopted_on).replace(" ", "\N{NO-BREAK SPACE}"),
    }


def prints_otherwise(printed: str, due_on: date | None, *, year_only: bool) -> bool:
    """Whether the due date printed by the United Nations differs from ours."""
    return bool(printed) and PrintedDate(printed=printed).differs_from(due_on, year_only=year_only)


def trust_in_words(fact: Any) -> str:
    """How reliable a fact is, if it was not read in its document; else empty.

    For a date to be communicated usually only the standard formula is known, not the clause about the State.
    """
    if fact.confidence not in (Trust.SECONDARY, Trust.MEMORY):
        return ""
    unread = fact.confidence == Trust.MEMORY and getattr(fact, "outcome", "") == (
        CommitteeDate.Outcomes.TO_BE_COMMUNICATED
    )
    if unread:
        return _("clause not read for this State: to be confirmed")
    return str(Trust(fact.confidence).label)


@said_once
def _label(status: Status) -> str:
    return str(STATUS_LABELS[status])


@said_once
def _after_due(days: int) -> str:
    return ngettext("%(n)d day after the due date", "%(n)d days after the due date", days) % {"n": days}


def span(start: date, end: date) -> str:
    """The time between two days, in words: "3 years 2 months", "5 months", "12 days"."""
    months = whole_months(start, end)
    return _in_months(months) if months else _in_days((end - start).days)


@said_once
def _in_days(days: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@said_once
def _in_months(months: int) -> str:
    years, months = divmod(months, 12)
    in_years = ngettext("%(n)d year", "%(n)d years", years) % {"n": years}
    in_months = ngettext("%(n)d month", "%(n)d months", months) % {"n": months}
    if years and months:
        return _("%(years)s %(months)s") % {"years": in_years, "months": in_months}
    return in_years if years else in_months


def in_a_row(names: Iterable[str]) -> str:
    """The first few names, and the number of the others: “Finland; Norway; Sweden; and 4 more”."""
    found = list(names)
    rest = len(found) - NAMED
    more = [ngettext("and %(n)d more", "and %(n)d more", rest) % {"n": rest}] if rest > 0 else []
    return with_semicolons([*found[:NAMED], *more])


def labelled(label: Any, value: Any) -> str:
    """A label and what it says, with the colon of the language: “Norway: 3 reports”."""
    return _("%(label)s: %(value)s") % {"label": label, "value": value}


@said_once
def colon() -> str:
    """The colon of the language, with the space before it that French has."""
    return without_isolates(labelled("", "")).rstrip(" ")


def quoted(text: Any) -> str:
    """A text of somebody's in the quotation marks of the language."""
    return _("“%(text)s”") % {"text": text}


_TWO_STOPS = re.compile(r"(?<!\.)([.!?…][”’\"')]*)\.(?=\s|$)")


def one_full_stop(text: str) -> str:
    """A sentence with one full stop where a value that it names ends with one of its own: “Sent by post.”"""
    return _TWO_STOPS.sub(r"\1", text)


# A language may say the number instead ("report No. 5"): the patterns know both.
OF_REPORTS = (
    pgettext_lazy("ordinal of a report", "first"),
    pgettext_lazy("ordinal of a report", "second"),
    pgettext_lazy("ordinal of a report", "third"),
    pgettext_lazy("ordinal of a report", "fourth"),
    pgettext_lazy("ordinal of a report", "fifth"),
    pgettext_lazy("ordinal of a report", "sixth"),
    pgettext_lazy("ordinal of a report", "seventh"),
    pgettext_lazy("ordinal of a report", "eighth"),
    pgettext_lazy("ordinal of a report", "ninth"),
    pgettext_lazy("ordinal of a report", "tenth"),
)
OF_REMINDERS = (
    pgettext_lazy("ordinal of a reminder", "first"),
    pgettext_lazy("ordinal of a reminder", "second"),
    pgettext_lazy("ordinal of a reminder", "third"),
    pgettext_lazy("ordinal of a reminder", "fourth"),
    pgettext_lazy("ordinal of a reminder", "fifth"),
    pgettext_lazy("ordinal of a reminder", "sixth"),
    pgettext_lazy("ordinal of a reminder", "seventh"),
    pgettext_lazy("ordinal of a reminder", "eighth"),
    pgettext_lazy("ordinal of a reminder", "ninth"),
    pgettext_lazy("ordinal of a reminder", "tenth"),
)


def ordinal(number: int, words: Sequence[Any] = OF_REPORTS) -> str:
    """A number as an ordinal: "first", "tenth", "11th"."""
    if number <= len(words):
        return str(words[number - 1])
    patterns = {
        1: pgettext("ordinal above ten", "%(n)dst"),
        2: pgettext("ordinal above ten", "%(n)dnd"),
        3: pgettext("ordinal above ten", "%(n)drd"),
    }
    usual = pgettext("ordinal above ten", "%(n)dth")
    in_the_teens = number // 10 % 10 == 1
    return (usual if in_the_teens else patterns.get(number % 10, usual)) % {"n": number}


def numbered(first: int, last: int) -> dict[str, Any]:
    """The values of a sentence about reports from one number to another, as ordinals and as numbers."""
    return {
        "which": ordinal(first),
        "number": first,
        "first": ordinal(first),
        "last": ordinal(last),
        "first_number": first,
        "last_number": last,
    }
