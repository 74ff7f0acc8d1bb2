"""The names of reports in mails, digests, calendars and on the page for answers, and sentences about due dates.

A report under the CRC is named as such: the State's report under CRC article 44, in which article 12(2) of the OPSC
asks for information on the Protocol.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Protocol

from django.utils.translation import gettext as _, gettext_lazy, ngettext

from tracker.languages.writing import in_words
from tracker.obligations.models import PrintedDate, Source, report_label
from tracker.obligations.wording import numbered
from tracker.rules.carried import OBSERVED
from tracker.rules.facts import NEXT, Carrier
from tracker.rules.trail import Trail


class NamedReport(Protocol):
    """The fields of an obligation, stored or derived, that its name depends on."""

    kind: Any
    carried_by: Any
    cycle: Any
    last_cycle: Any
    subject: Any


# --- names -------------------------------------------------------------------------------------------


def is_carried(report: NamedReport) -> bool:
    """Whether it is a report under the CRC that has to include information on the OPSC."""
    return bool(report.carried_by == Carrier.CRC_REPORT)


def name(report: NamedReport) -> str:
    """The full name: "initial report", "combined fifth and sixth reports under article 44 of the CRC"."""
    if not is_carried(report):
        return report_label(report.kind, report.cycle, report.carried_by, report.subject, report.last_cycle)
    first, last = report.cycle, report.last_cycle
    if first == NEXT:
        return _("next report under article 44 of the CRC")
    if last <= first:
        return _("%(which)s report under article 44 of the CRC") % numbered(first, first)
    pattern = (
        _("combined %(first)s and %(last)s reports under article 44 of the CRC")
        if last == first + 1
        else _("combined %(first)s to %(last)s reports under article 44 of the CRC")
    )
    return pattern % numbered(first, last)


def opening(reports: Iterable[NamedReport], *, to_state: bool) -> str:
    """The first sentences of a mail about some reports: the articles they are due under."""
    carried = [is_carried(one) for one in reports]
    n = len(carried)
    if not any(carried):
        return _opening_of_own(n, to_state=to_state)
    if all(carried):
        return _opening_of_carried(n, to_state=to_state)
    if to_state:
        return _(
            "We have the honour to remind you of the following reports under article 12 of the Optional Protocol to "
            "the Convention on the Rights of the Child on the sale of children, child prostitution and child "
            "pornography (OPSC) and under article 44 of the Convention (CRC). In the reports under the Convention, "
            "article 12(2) of the OPSC asks for information on the Protocol."
        )
    return _(
        "The following reports under article 12 of the OPSC and article 44 of the CRC have reached a stage at which "
        "we write. In the reports under the CRC, article 12(2) of the OPSC asks for information on the Protocol."
    )


def _opening_of_own(n: int, *, to_state: bool) -> str:
    if to_state:
        return ngettext(
            "We have the honour to remind you of the following report under article 12 of the Optional Protocol to "
            "the Convention on the Rights of the Child on the sale of children, child prostitution and child "
            "pornography (OPSC).",
            "We have the honour to remind you of the following reports under article 12 of the Optional Protocol to "
            "the Convention on the Rights of the Child on the sale of children, child prostitution and child "
            "pornography (OPSC).",
            n,
        ) % {"n": n}
    return ngettext(
        "A reminder is due about the following report under article 12 of the OPSC.",
        "Reminders are due about the following reports under article 12 of the OPSC.",
        n,
    ) % {"n": n}


def _opening_of_carried(n: int, *, to_state: bool) -> str:
    if to_state:
        return ngettext(
            "We have the honour to remind you of the following report of the State party under article 44 of the "
            "Convention on the Rights of the Child (CRC). In this report, article 12(2) of the Optional Protocol on "
            "the sale of children, child prostitution and child pornography (OPSC) asks for information on the "
            "implementation of the Protocol.",
            "We have the honour to remind you of the following reports under article 44 of the Convention on the "
            "Rights of the Child (CRC). In these reports, article 12(2) of the Optional Protocol on the sale of "
            "children, child prostitution and child pornography (OPSC) asks for information on the implementation "
            "of the Protocol.",
            n,
        ) % {"n": n}
    return ngettext(
        "The following report under article 44 of the CRC, in which article 12(2) of the OPSC asks for information "
        "on the Protocol, has reached a stage at which we write.",
        "The following reports under article 44 of the CRC, in which article 12(2) of the OPSC asks for information "
        "on the Protocol, have reached a stage at which we write.",
        n,
    ) % {"n": n}


def answered_for(reports: Iterable[NamedReport]) -> str:
    """The first sentence of the page for answers: which reports our mail was about."""
    carried = [is_carried(one) for one in reports]
    if not any(carried):
        return ngettext(
            "We wrote to you about this report under the Optional Protocol to the Convention on the Rights of the "
            "Child on the sale of children, child prostitution and child pornography (OPSC):",
            "We wrote to you about %(n)d reports under the Optional Protocol to the Convention on the Rights of the "
            "Child on the sale of children, child prostitution and child pornography (OPSC).",
            len(carried),
        ) % {"n": len(carried)}
    if all(carried):
        return ngettext(
            "We wrote to you about this report under article 44 of the Convention on the Rights of the Child (CRC), "
            "in which article 12(2) of its Optional Protocol on the sale of children, child prostitution and child "
            "pornography (OPSC) asks for information:",
            "We wrote to you about %(n)d reports under article 44 of the Convention on the Rights of the Child "
            "(CRC), in which article 12(2) of its Optional Protocol on the sale of children, child prostitution and "
            "child pornography (OPSC) asks for information.",
            len(carried),
        ) % {"n": len(carried)}
    return _(
        "We wrote to you about %(n)d reports under the Convention on the Rights of the Child (CRC) and its Optional "
        "Protocol on the sale of children, child prostitution and child pornography (OPSC)."
    ) % {"n": len(carried)}


# --- due dates ---------------------------------------------------------------------------------------


def in_year_alone(obligation: Any, due_on: date) -> bool:
    """Whether a due date means its whole year, because the document states only a year.

    Args:
        due_on: the date in question; the obligation may have another one by now.
    """
    return bool(obligation.year_only and obligation.due_on == due_on)


def line(state: str, obligation: Any, due_on: date) -> str:
    """A report of a State with its due date: "Norway: initial report, due on 23 January 2028"."""
    pattern = (
        _("%(state)s: %(what)s, due in %(year)d")
        if in_year_alone(obligation, due_on)
        else _("%(state)s: %(what)s, due on %(day)s")
    )
    return pattern % {
        "state": state,
        "what": name(obligation),
        "day": in_words(due_on),
        "year": due_on.year,
    }


# By: overdue, only the year is known, stated in a document.
DUE = {
    (False, False, False): gettext_lazy("Due on %(day)s."),
    (False, False, True): gettext_lazy("Due on %(day)s, as stated in %(document)s."),
    (False, True, False): gettext_lazy("Due in %(year)d."),
    (False, True, True): gettext_lazy("Due in %(year)d, as stated in %(document)s."),
    (True, False, False): gettext_lazy("Was due on %(day)s. We have no record of having received it."),
    (True, False, True): gettext_lazy(
        "Was due on %(day)s, as stated in %(document)s. We have no record of having received it."
    ),
    (True, True, False): gettext_lazy("Was due in %(year)d. We have no record of having received it."),
    (True, True, True): gettext_lazy(
        "Was due in %(year)d, as stated in %(document)s. We have no record of having received it."
    ),
}


def due(obligation: Any, due_on: date, day: date) -> str:
    """A sentence: when a report is or was due, and the document that states it."""
    document = stated_in(obligation, due_on)
    pattern = DUE[due_on < day, in_year_alone(obligation, due_on), bool(document)]
    return str(pattern) % {"day": in_words(due_on), "year": due_on.year, "document": document}


def stated_in(obligation: Any, due_on: date) -> str:
    """The document in which the Committee states a due date; empty if a rule gives it."""
    if obligation.due_on != due_on:
        return ""
    if obligation.due_source == Source.PRIOR_TO_REPORTING:
        return (
            _("the list of issues prior to reporting %(symbol)s") % {"symbol": obligation.document}
            if obligation.document
            else _("the list of issues prior to reporting")
        )
    return str(obligation.document) if obligation.due_source == Source.COMMITTEE else ""


def reasons(obligation: Any) -> Trail:
    """The trail of a due date without the steps that are of no use outside the office."""
    return tuple(step for step in obligation.steps if step.text != OBSERVED)


def printed_otherwise(printed: str, obligation: Any, due_on: date) -> str:
    """A sentence about the due date in UN documents if it differs from ours; else empty.

    Args:
        printed: a year, or a day as 2015-09-26; empty if none is recorded.
    """
    if not printed:
        return ""
    year_only = in_year_alone(obligation, due_on)
    if not PrintedDate(printed=printed).differs_from(due_on, year_only=year_only):
        return ""
    shown = in_words(date.fromisoformat(printed)) if len(printed) > len("2015") else printed
    return _("United Nations documents give a different due date: %(printed)s.") % {"printed": shown}
