"""The answer to “Why is my State listed?”: what is awaited and on what ground, what came last, what would end it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _, ngettext

from tracker.languages.writing import in_words, together
from tracker.obligations.models import CarriedBy, Kind
from tracker.obligations.queries.dossier import Dossier
from tracker.obligations.queries.standings import COUNTED, DONE, standing_of
from tracker.obligations.wording import (
    awaiting_in_words,
    badge_of,
    cited,
    due_in_words,
    heading,
    in_a_row,
    span,
)
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.facts import Facts
from tracker.rules.status import OPEN, Status
from tracker.rules.trail import Step


@dataclass(frozen=True)
class Answer:
    """The answer for a State on a day; each line is one or more whole sentences, or empty.

    Attributes:
        report: the obligation that it is about; None if no report is awaited.
        awaited: what is awaited, since when or until when.
        ground: the article or document that sets the date, with its sentence.
        received: the last report and the last concluding observations.
        ends: what would change the status.
    """

    report: Any | None
    awaited: str
    ground: str
    received: str
    ends: str


def answer_of(known: Dossier) -> Answer:
    """The answer for a State as known on a day."""
    report = awaited_of(known.obligations, known.facts, known.day)
    return Answer(
        report,
        awaited_in_words(known.obligations, known.facts, known.day),
        ground_of(report),
        _received(known),
        _ends(known, report),
    )


def awaited_of(rows: Iterable[Any], facts: Facts, day: date) -> Any | None:
    """The obligation that determines the status of a State; None if no report is awaited.

    Where the status is that of a report received, and that one was reviewed, a later report may have been asked for of
    which there is no record: it is not said that none is awaited.

    Args:
        rows: its obligations with their values on the day, the earliest first.
        facts: those known on the day.
    """
    rows = list(rows)
    standing = standing_of(rows, facts, day)
    alike = [row for row in rows if row.status == standing and standing not in DONE]
    if standing in DONE and not any(row.awaiting_since for row in rows):
        alike = [row for row in rows if row.status == Status.NO_RECORD]
    if standing == Status.NO_RECORD:
        alike.sort(key=lambda row: row.kind != Kind.INITIAL)
    return next(iter(alike), None)


def ground_of(report: Any | None) -> str:
    """The step of the trail that gives the date of a report, or says why there is none."""
    if report is None or not report.steps:
        return ""
    step: Step = next((one for one in reversed(report.steps) if one.end == report.due), report.steps[-1])
    return cited(step)


# --- what is awaited -------------------------------------------------------------------------------


def awaited_in_words(rows: Sequence[Any], facts: Facts, day: date) -> str:
    """What is awaited, in sentences; without a report, why none is."""
    report = awaited_of(rows, facts, day)
    if report is None:
        if not facts.memberships(TreatyCode.OPSC):
            return _("No report: only States parties owe one.")
        return _nothing_awaited(rows)
    more = [row for row in rows if row.status == report.status and row is not report]
    return together((_awaited(report, day), _and_more(report.status, more)))


def _awaited(report: Any, day: date) -> str:
    """The report, its date and its status; where our own records are incomplete, also that."""
    shown = badge_of(report, day)
    if report.status not in (Status.DUE_SOON, Status.NOT_YET_DUE):
        why = shown.title if report.status == Status.NO_RECORD else ""
        return together((_headed(report, shown.text), why))
    if report.year_only:
        return _headed(report, _("not yet due"))
    if report.due == day:
        return _headed(report, _("today"))
    return _headed(report, _("in %(span)s") % {"span": span(day, report.due)})


def _headed(report: Any, status: str) -> str:
    return heading(report.label, report.due, status, year_only=report.year_only)


def _and_more(status: str, rows: Sequence[Any]) -> str:
    """A sentence that names the first few other reports of the same status."""
    if not rows or status not in COUNTED:
        return ""
    patterns = {
        Status.OVERDUE: ngettext(
            "%(n)d more is overdue: %(names)s.", "%(n)d more are overdue: %(names)s.", len(rows)
        ),
        Status.NO_RECORD: ngettext(
            "%(n)d more has no record: %(names)s.", "%(n)d more have no record: %(names)s.", len(rows)
        ),
        Status.DUE_SOON: ngettext(
            "%(n)d more is due within 12 months: %(names)s.",
            "%(n)d more are due within 12 months: %(names)s.",
            len(rows),
        ),
    }
    return patterns[Status(status)] % {"n": len(rows), "names": in_a_row(map(_with_day, rows))}


def _with_day(row: Any) -> str:
    """A report with its due date, because several replies have the same name."""
    return _("%(what)s (%(day)s)") % {
        "what": row.label,
        "day": due_in_words(row.due, year_only=row.year_only),
    }


def _nothing_awaited(rows: Sequence[Any]) -> str:
    if waits := next((row for row in reversed(rows) if row.awaiting_since), None):
        return _("No report is awaited. %(what)s: %(waits)s.") % {
            "what": capfirst(waits.label),
            "waits": awaiting_in_words(waits.awaiting_since, waits.received_on),
        }
    last = rows[-1] if rows else None
    if last and last.status == Status.WAIVED:
        return _("No report is awaited. The Committee does not ask for the %(what)s.") % {"what": last.label}
    return _("No report is awaited.")


# --- what came last --------------------------------------------------------------------------------


def _received(known: Dossier) -> str:
    """The last report, under the Protocol or under the Convention, and the last concluding observations."""
    there = known.reports_that_count
    if known.opsc is None and not there:
        return ""
    own = [one for one in there if one.carried_by == CarriedBy.OWN]
    sentences = [] if own else [_("No report under the OPSC is recorded here.")]
    if there:
        sentences.append(_report(there[-1], known.day))
    if known.reviews_that_count:
        last = known.reviews_that_count[-1]
        sentences.append(
            _("Last concluding observations: %(document)s of %(on)s.")
            % {"document": last.document, "on": in_words(last.adopted_on)}
        )
    return together(sentences)


def _report(one: Any, day: date) -> str:
    """A report with its symbol and the day of its receipt, as far as they are known."""
    what = {"what": capfirst(one.label), "symbol": one.symbol}
    if one.received_on and one.received_on <= day:
        pattern = (
            _("%(what)s, %(symbol)s, received on %(on)s.")
            if one.symbol
            else _("%(what)s, received on %(on)s.")
        )
        return pattern % (what | {"on": in_words(one.received_on)})
    pattern = (
        _("%(what)s, %(symbol)s, received by %(on)s; the day of receipt is not recorded.")
        if one.symbol
        else _("%(what)s, received by %(on)s; the day of receipt is not recorded.")
    )
    return pattern % (what | {"on": in_words(one.known_on())})


# --- what would end it -----------------------------------------------------------------------------


def _ends(known: Dossier, report: Any | None) -> str:
    if report is None:
        return _ends_of_none(known)
    if report.status in OPEN:
        return _ends_of_open(known, report)
    if report.status == Status.TO_BE_COMMUNICATED:
        return _("A document of the Committee that states the date. Until then the report is not overdue.")
    if report.status == Status.NOT_RECORDED:
        return _(
            "The receipt of the report, or a record of the document that states its date. Until then the report is not "
            "listed as late."
        )
    return _(
        "A record of its receipt, or a source that says that it was not received. Until then the State is not "
        "listed as late."
    )


def _ends_of_open(known: Dossier, report: Any) -> str:
    if report.kind == Kind.INFORMATION:
        return _("The receipt of the reply.")
    if report.carried_by == CarriedBy.CRC_REPORT:
        return _(
            "The receipt of the report. The Committee may also state another date, or review the State without the "
            "report."
        )
    if report.kind == Kind.INITIAL and known.in_crc:
        return _(
            "The receipt of the initial report; a report under the Convention does not replace it. The Committee may "
            "also state another date."
        )
    return _("The receipt of the report. The Committee may also state another date.")


def _ends_of_none(known: Dossier) -> str:
    if not known.opsc:
        return _(
            "The first report would fall due two years after the Protocol enters into force for the State (OPSC art. "
            "12(1))."
        )
    if not known.is_party:
        return ""
    if any(row.awaiting_since for row in known.obligations):
        return _(
            "The Committee’s concluding observations: they set the date of the next report, or say when it follows."
        )
    return _("A document of the Committee that asks for a report.")
