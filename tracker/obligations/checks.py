"""Checks a fact against the treaty actions and reports of its State; returns the errors by field.

Used by forms (`clean` of each model) and by imported files.

An *error* is what no other fact could ever make valid: a State that owes nothing, a number that the calendar does not
have, a day before the treaty bound the State, a review before its report. What depends on a fact that may still be
entered or corrected is only a warning (`sync.unmatched`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tracker.languages.writing import in_words
from tracker.rules.dates import add_years
from tracker.rules.due import PERIODIC_EVERY_YEARS
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.facts import (
    NEXT,
    Carrier,
    DecisionFact,
    Facts,
    Membership,
    ReportFact,
    ReportKind,
    RequestFact,
    ReviewFact,
    share_number,
)
from tracker.rules.schedule import periodic_numbers

Errors = dict[str, Any]

REPORTED_TOO_EARLY = _(
    "The OPSC entered into force for the State on %(day)s; no report under it was received before. Check the "
    "day."
)
ASKED_TOO_EARLY = _(
    "The OPSC entered into force for the State on %(day)s; nothing was asked of it before. Check the day."
)
CRC_REPORTED_TOO_EARLY = _(
    "The State joined the CRC on %(day)s; no report under it was received before. Check the day."
)
CRC_DUE_TOO_EARLY = _(
    "The CRC entered into force for the State on %(day)s; nothing was due before. Check the date."
)
DUE_TOO_EARLY = _(
    "The OPSC entered into force for the State on %(day)s; nothing was due before. Check the date."
)


def of_report(report: ReportFact, facts: Facts, today: date) -> Errors:
    """What is wrong with a report received, by field of Submission.

    Args:
        facts: of its State; only the treaty actions are used.
    """
    name = "received_on" if report.received_on else "reviewed_on" if report.reviewed_by else "known_by"
    if errors := of_party(report.carried_by, facts):
        return errors
    if report.carried_by == Carrier.CRC_REPORT:
        crc = facts.memberships(TreatyCode.CRC)[0]
        if report.counts_from < crc.joined.day:
            return {name: _before(crc.joined.day, CRC_REPORTED_TOO_EARLY)}
    else:
        opsc = facts.memberships(TreatyCode.OPSC)[0]
        if report.counts_from < opsc.in_force.day:
            return {name: _before(opsc.in_force.day, REPORTED_TOO_EARLY)}
    return _of_cycles(report, report.counts_from, facts, _horizon(today))


def of_decision(decision: DecisionFact, facts: Facts, today: date) -> Errors:
    """What is wrong with a date that the Committee states, by field of CommitteeDate.

    Args:
        facts: of its State; the treaty actions and the reports are used.
    """
    if errors := of_party(decision.carried_by, facts):
        return errors
    carried = decision.carried_by == Carrier.CRC_REPORT
    treaty = TreatyCode.CRC if carried else TreatyCode.OPSC
    period = facts.memberships(treaty)[0]
    if decision.counts_from < period.joined.day:
        return {
            "decided_on": _(
                "The State joined the %(treaty)s on %(joined)s; the Committee decided nothing about its reports "
                "before. Check the day."
            )
            % {"treaty": treaty.value, "joined": in_words(period.joined.day)}
        }
    if decision.due_on and decision.due_on <= period.in_force.day:
        return {"due_on": _before(period.in_force.day, CRC_DUE_TOO_EARLY if carried else DUE_TOO_EARLY)}
    if carried and not facts.is_party(TreatyCode.CRC, decision.counts_from):
        return {
            "decided_on": _(
                "The State was not a party to the CRC on %(day)s. Check the day, or the State's treaty actions."
            )
            % {"day": in_words(decision.counts_from)}
        }
    if (came := _came_before(decision, facts)) is not None:
        return {"first_cycle": came}
    until = _horizon(today)
    if decision.due_on:
        # Combined reports may be computed for a later day than the date stated for them.
        until = max(until, add_years(decision.due_on, PERIODIC_EVERY_YEARS))
    return _of_cycles(decision, decision.counts_from, facts, until)


def of_review(review: ReviewFact, facts: Facts, today: date) -> Errors:
    """What is wrong with a review, by field of Review.

    Args:
        facts: of its State; the treaty actions and the reports are used.
    """
    if errors := of_party(review.carried_by, facts):
        return errors
    treaty = TreatyCode.CRC if review.carried_by == Carrier.CRC_REPORT else TreatyCode.OPSC
    period = facts.memberships(treaty)[0]
    if review.adopted_on <= period.in_force.day:
        return {
            "adopted_on": _(
                "The %(treaty)s entered into force for the State on %(day)s; nothing was reviewed before. Check "
                "the day."
            )
            % {"treaty": treaty.value, "day": in_words(period.in_force.day)}
        }
    about = [
        report
        for report in facts.reports
        if report.kind == review.kind
        and share_number(report, review)
        and (report.withdrawn_on is None or report.withdrawn_on > review.adopted_on)
    ]
    later = [r for r in about if r.received_on is not None and r.received_on > review.adopted_on]
    if about and len(later) == len(about) and not review.without_report:
        return {
            "adopted_on": _(
                "The report was received on %(day)s, after this review. Check the two days, or select “without "
                "a report”."
            )
            % {"day": in_words(min(report.counts_from for report in later))}
        }
    earlier = [report for report in about if report.counts_from <= review.adopted_on]
    if review.without_report and earlier:
        return {
            "without_report": _(
                "The report was received on %(day)s, before this review. Clear “without a report”, "
                "or correct the number."
            )
            % {"day": in_words(min(report.counts_from for report in earlier))}
        }
    return _of_cycles(review, review.adopted_on, facts, _horizon(today))


def _came_before(decision: DecisionFact, facts: Facts) -> Any:
    """Why the Committee cannot request a report already received, or an earlier one; None if it can."""
    if decision.decided_on is None or decision.first_cycle == NEXT:
        return None  # the day or the number is not known
    carried = decision.carried_by == Carrier.CRC_REPORT
    came = [
        report
        for report in facts.reports
        if report.withdrawn_on is None
        and (report.kind, report.carried_by) == (decision.kind, decision.carried_by)
        and decision.first_cycle <= report.last_cycle
        and (carried or report.first_cycle <= decision.last_cycle)
        and report.counts_from < decision.decided_on
    ]
    if not came:
        return None
    last = max(came, key=lambda report: (report.last_cycle, report.counts_from))
    day = in_words(last.counts_from)
    if decision.kind == ReportKind.INITIAL:
        return _("The initial report was received by %(day)s, before this decision.") % {"day": day}
    if last.first_cycle == last.last_cycle:
        return _(
            "Report %(number)d was received by %(day)s, before this decision. Enter the number of "
            "the next report."
        ) % {"number": last.first_cycle, "day": day}
    return _(
        "Reports %(first)d to %(last)d were received by %(day)s, before this decision. Enter the "
        "number of the next report."
    ) % {"first": last.first_cycle, "last": last.last_cycle, "day": day}


def of_request(request: RequestFact, facts: Facts) -> Errors:
    """What is wrong with a request for further information, by field of InformationRequest."""
    periods = facts.memberships(TreatyCode.OPSC)
    if not periods:
        return {
            "state": _(
                "This State is not a party to the OPSC, so the Committee cannot request information "
                "from it. Enter its ratification, accession or succession first."
            )
        }
    opsc = max((p for p in periods if p.joined.day <= request.issued_on), key=_begins, default=periods[0])
    errors: Errors = {}
    if request.issued_on < opsc.in_force.day:
        errors["issued_on"] = _before(opsc.in_force.day, ASKED_TOO_EARLY)
    if request.due_on <= opsc.in_force.day:
        errors["due_on"] = _before(opsc.in_force.day, DUE_TOO_EARLY)
    elif (
        opsc.ends_on is not None
        and opsc.notice_on is not None
        and opsc.notice_on <= request.issued_on
        and opsc.ends_on < request.due_on
    ):
        errors["due_on"] = _(
            "The State's denunciation of the OPSC took effect on %(ended)s; what falls due later is not owed "
            "(art. 15). Check the date."
        ) % {"ended": in_words(opsc.ends_on)}
    return errors


def _begins(period: Membership) -> date:
    return period.joined.day


def _of_cycles(named: DecisionFact | ReportFact | ReviewFact, on: date, facts: Facts, until: date) -> Errors:
    """What is wrong with the cycles that a fact of a day names."""
    if named.kind != ReportKind.PERIODIC or named.first_cycle == NEXT:
        return {}
    numbers = periodic_numbers(facts, on=on, until=until, periodic_rule=settings.PERIODIC_RULE)
    series = Carrier(named.carried_by)
    if series not in numbers:
        return {"carried_by": _other_series(series, numbers)}
    known = numbers[series]
    if series == Carrier.OWN and named.first_cycle < known.start:
        return {
            "first_cycle": _(
                "The first report is the initial one: choose “initial” for it, also where it is combined with the "
                "second (1-2), and count the periodic reports from 2."
            )
        }
    for name, cycle in (("first_cycle", named.first_cycle), ("last_cycle", named.last_cycle)):
        if cycle not in known:
            return {name: _unknown(series, cycle, known, numbers, until)}
    return {}


def of_party(carried_by: str, facts: Facts) -> Errors:
    """What is wrong if a State is not a party to the treaty under which it would owe the report."""
    if carried_by == Carrier.CRC_REPORT:
        if facts.memberships(TreatyCode.CRC):
            return {}
        return {
            "carried_by": _(
                "This State is not a party to the CRC, so it owes no report under it: choose “own”. Or enter its "
                "ratification, accession or succession to the CRC first."
            )
        }
    return {} if facts.memberships(TreatyCode.OPSC) else {"state": _owes_nothing()}


def _other_series(series: str, numbers: dict[str, range]) -> Any:
    """The error if the State has no reports of this series on that day."""
    if not numbers:
        return _("The State owes no periodic report: check its treaty actions, and the day.")
    if series == Carrier.OWN:
        return _(
            "This State is party to the CRC, so the information is a part of its reports under the CRC: "
            "choose “report under the CRC”, and enter the number of that report."
        )
    return _(
        "This State was not party to the CRC on that day, so no report under the CRC is owed: choose “own”, "
        "and count from the initial report, which is 1."
    )


def _unknown(series: str, cycle: int, known: range, numbers: dict[str, range], until: date) -> Any:
    if series == Carrier.OWN and Carrier.CRC_REPORT in numbers:
        return _other_series(series, numbers)  # it joined the CRC, which ended its own series
    pattern = (
        _(
            "The State owes no report %(cycle)d under the CRC: up to %(until)s they are numbered %(first)d to "
            "%(last)d. Correct the number."
        )
        if series == Carrier.CRC_REPORT
        else _(
            "The State owes no periodic report %(cycle)d: up to %(until)s they are numbered %(first)d to "
            "%(last)d. Correct the number."
        )
    )
    return pattern % {"cycle": cycle, "until": in_words(until), "first": known.start, "last": known.stop - 1}


def _owes_nothing() -> Any:
    return _(
        "This State is not a party to the OPSC, so it owes no report. Enter its ratification, accession or "
        "succession first."
    )


def _before(day: date, pattern: Any) -> Any:
    return pattern % {"day": in_words(day)}


def _horizon(today: date) -> date:
    """The last day up to which obligations are derived."""
    return add_years(today, settings.HORIZON_YEARS)
