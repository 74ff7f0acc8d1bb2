"""Whether a fact can be, held against what its State has joined: what is wrong, by field, in words.

One place for the person typing (`clean` of each model) and for files (`load.py`, by row and column).

*Refused* is what no other fact could ever make right: a State that owes nothing, a number that the
calendar does not have, a day before the treaty bound the State. *Not* refused, and told by
`sync.unmatched` as a warning, is what only depends on a fact that may still be entered or corrected: a
report under the CRC whose State has no initial report here yet, or that fell due before that one came.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tracker.rules.dates import add_years, in_words
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.schedule import (
    PERIODIC_EVERY_YEARS,
    Carrier,
    Decision,
    Facts,
    Membership,
    PeriodicRule,
    Report,
    ReportKind,
    Request,
    periodic_numbers,
)

Errors = dict[str, Any]

REPORTED_TOO_EARLY = _(
    "The OPSC entered into force for the State on %(day)s; no report under it was received before. Check the "
    "day."
)
ASKED_TOO_EARLY = _(
    "The OPSC entered into force for the State on %(day)s; nothing was asked of it before. Check the day."
)
DUE_TOO_EARLY = _(
    "The OPSC entered into force for the State on %(day)s; nothing was due before. Check the date."
)


def of_report(report: Report, facts: Facts, today: date) -> Errors:
    """What is wrong with a report received, by field of Submission.

    Args:
        facts: of its State; only the treaty actions matter.
    """
    opsc = facts.membership(TreatyCode.OPSC)
    if opsc is None:
        return {"state": _owes_nothing()}
    if report.counts_from < opsc.in_force.day:
        name = "received_on" if report.received_on else "reviewed_on"
        return {name: _before(opsc, REPORTED_TOO_EARLY)}
    return _of_cycles(report, report.counts_from, facts, _horizon(today))


def of_decision(decision: Decision, facts: Facts, today: date) -> Errors:
    """What is wrong with a date that the Committee states, by field of CommitteeDate."""
    opsc = facts.membership(TreatyCode.OPSC)
    if opsc is None:
        return {"state": _owes_nothing()}
    if decision.decided_on < opsc.joined.day:
        return {
            "decided_on": _(
                "The State joined the OPSC on %(joined)s; the Committee decided nothing about its reports "
                "before. Check the day."
            )
            % {"joined": in_words(opsc.joined.day)}
        }
    if decision.due_on and decision.due_on <= opsc.in_force.day:
        return {"due_on": _before(opsc, DUE_TOO_EARLY)}
    until = _horizon(today)
    if decision.due_on:
        # Reports that are combined may be computed for later than the date that is stated for them.
        until = max(until, add_years(decision.due_on, PERIODIC_EVERY_YEARS))
    return _of_cycles(decision, decision.decided_on, facts, until)


def of_request(request: Request, facts: Facts) -> Errors:
    """What is wrong with a request for further information, by field of InformationRequest."""
    opsc = facts.membership(TreatyCode.OPSC)
    if opsc is None:
        return {
            "state": _(
                "This State is not a party to the OPSC, so nothing can be asked of it. Enter its "
                "ratification, accession or succession first."
            )
        }
    errors: Errors = {}
    if request.issued_on < opsc.in_force.day:
        errors["issued_on"] = _before(opsc, ASKED_TOO_EARLY)
    if request.due_on <= opsc.in_force.day:
        errors["due_on"] = _before(opsc, DUE_TOO_EARLY)
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


def _of_cycles(named: Decision | Report, on: date, facts: Facts, until: date) -> Errors:
    """What is wrong with the cycles that a fact of a day names."""
    if named.kind != ReportKind.PERIODIC:
        return {}  # the initial report: the database keeps it to cycle 1
    rule = settings.PERIODIC_RULE
    numbers = periodic_numbers(facts, on=on, until=until, periodic_rule=rule)
    series = Carrier.OWN if rule == PeriodicRule.PLAIN else Carrier(named.carried_by)
    if series not in numbers:
        return {"carried_by": _other_series(series, numbers)}
    known = numbers[series]
    if series == Carrier.OWN and named.first_cycle < known.start:
        return {
            "first_cycle": _(
                "The first report is the initial one: choose “initial” for it, and count the periodic "
                "reports from 2."
            )
        }
    for name, cycle in (("first_cycle", named.first_cycle), ("last_cycle", named.last_cycle)):
        if cycle not in known:
            return {name: _unknown(series, cycle, known, numbers, until)}
    return {}


def _other_series(series: str, numbers: dict[str, range]) -> Any:
    """What to say where the State has no reports of this series on that day."""
    if not numbers:
        return _("The State owes no periodic report: check its treaty actions, and the day.")
    if series == Carrier.OWN:
        return _(
            "This State is party to the CRC, so the information is a part of its reports under the CRC: "
            "choose “CRC report”, and enter the number of that report."
        )
    return _(
        "This State was not party to the CRC on that day, so no report under the CRC is owed: choose “own”, "
        "and count from the initial report, which is 1."
    )


def _unknown(series: str, cycle: int, known: range, numbers: dict[str, range], until: date) -> Any:
    if series == Carrier.OWN and Carrier.CRC_REPORT in numbers:
        return _other_series(series, numbers)  # it joined the CRC, and its own series came to an end
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


def _before(opsc: Membership, pattern: Any) -> Any:
    return pattern % {"day": in_words(opsc.in_force.day)}


def _horizon(today: date) -> date:
    """Up to this day obligations are derived; what lies beyond is not on anybody's screen."""
    return add_years(today, settings.HORIZON_YEARS)
