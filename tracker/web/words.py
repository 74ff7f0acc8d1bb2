"""How statuses and spans of time are said on screen: one place for badge, table and export."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker.registry.languages import said_once
from tracker.rules.dates import in_words, whole_months
from tracker.rules.status import Band, Status, days_late

NAMED = 3  # things named one by one in a sentence; the others are counted
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
# The class of the badge; the marks are drawn by the style sheet.
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
    """A status as a word with a mark; the title tells the exact days."""

    css: str
    text: str
    title: str


def badge(status: str, *, due_on: date | None, received_on: date | None, day: date) -> Badge:
    """The badge of an obligation on a day."""
    known = Status(status)
    late = days_late(known, due_on=due_on, received_on=received_on, day=day)
    text, title = "", ""
    if known == Status.OVERDUE and due_on is not None:
        text = _("overdue %(span)s") % {"span": span(due_on, day)}
    elif known == Status.DUE_SOON and due_on is not None:
        text = _("due today") if due_on == day else _("due in %(span)s") % {"span": span(day, due_on)}
        title = ngettext("%(n)d day from now", "%(n)d days from now", (due_on - day).days) % {
            "n": (due_on - day).days
        }
    elif known == Status.NOT_YET_DUE and due_on is not None:
        text = _("due %(day)s") % {"day": in_words(due_on)}
    elif known == Status.LATE and due_on is not None and received_on is not None:
        text = _("received, %(span)s late") % {"span": span(due_on, received_on)}
    elif known == Status.TO_BE_COMMUNICATED:
        text = _("date to be communicated")
    elif known == Status.NO_RECORD:
        title = _("The office's records do not reach back to this due date; nobody is accused on that.")
    if late:
        title = _after_due(late)
    return Badge(STATUS_CLASSES[known], text or _label(known), title)


@said_once
def _label(status: Status) -> str:
    return str(STATUS_LABELS[status])


@said_once
def _after_due(days: int) -> str:
    return ngettext("%(n)d day after the due date", "%(n)d days after the due date", days) % {"n": days}


def span(start: date, end: date) -> str:
    """The time between two days in words: "3 years 2 months", "5 months", "12 days"."""
    months = whole_months(start, end)
    return _in_months(months) if months else _in_days((end - start).days)


@said_once
def _in_days(days: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@said_once
def _in_months(months: int) -> str:
    years, months = divmod(months, 12)
    parts = []
    if years:
        parts.append(ngettext("%(n)d year", "%(n)d years", years) % {"n": years})
    if months:
        parts.append(ngettext("%(n)d month", "%(n)d months", months) % {"n": months})
    return " ".join(parts)


def in_a_row(names: Iterable[str]) -> str:
    """The first few of some names, and how many more there are: “Finland; Norway; Sweden; and 4 more”."""
    found = list(names)
    rest = len(found) - NAMED
    more = [ngettext("and %(n)d more", "and %(n)d more", rest) % {"n": rest}] if rest > 0 else []
    return "; ".join([*found[:NAMED], *more])
