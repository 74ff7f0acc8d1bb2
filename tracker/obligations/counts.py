"""The figures of a day: participation, where the initial reports stand, how late the late ones are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.obligations.derive import facts_of, rows_of
from tracker.registry.models import State
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.schedule import Facts, ReportKind
from tracker.rules.status import Band, Status, band_of

# The names that the `status` command gives to what it counts.
INITIAL = {
    "received_on_time": Status.ON_TIME,
    "received_late": Status.LATE,
    "received_date_unknown": Status.DATE_UNKNOWN,
    "overdue": Status.OVERDUE,
    "no_record": Status.NO_RECORD,
    "due_within_12_months": Status.DUE_SOON,
    "not_yet_due": Status.NOT_YET_DUE,
}


@dataclass(frozen=True)
class Participation:
    """How many States had signed and joined the OPSC by a day."""

    signatories: int
    parties: int
    signatories_not_parties: int


def participation(facts: Iterable[Facts], day: date) -> Participation:
    """Counts as the UN does: a State is a party from the day of its deposit."""
    signed = joined = waiting = 0
    for one in facts:
        signed_on = one.signed_on(TreatyCode.OPSC)
        membership = one.membership(TreatyCode.OPSC)
        has_signed = signed_on is not None and signed_on <= day
        is_party = membership is not None and membership.is_party(day)
        signed += has_signed
        joined += is_party
        waiting += has_signed and not is_party
    return Participation(signed, joined, waiting)


def status_counts(day: date) -> dict[str, Any]:
    """All figures of a day, from the facts dated up to it."""
    facts = facts_of()
    return counts_of(State.objects.filter(pk__in=facts), facts, day)


def counts_of(states: Iterable[State], facts: Mapping[str, Facts], day: date) -> dict[str, Any]:
    """All figures of a day, given these facts by State (recorded, or only supposed).

    `initial` counts the initial reports; `overdue_bands` all that is overdue, periodic reports too.
    """
    rows = [row for state in states if state.pk in facts for row in rows_of(state, facts[state.pk], day)]
    initial = Counter(row.status for row in rows if row.due.kind == ReportKind.INITIAL)
    bands = Counter(
        band_of(row.due.due_on, day)
        for row in rows
        if row.status == Status.OVERDUE and row.due.due_on is not None
    )
    return {
        "as_of": day,
        **vars(participation(facts.values(), day)),
        "initial": {name: initial[status] for name, status in INITIAL.items()},
        "overdue_bands": {band.value: bands[band] for band in Band},
    }
