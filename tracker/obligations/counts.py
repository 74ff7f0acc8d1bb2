"""The figures of a day: participation, reports by status, and how long reports have been overdue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.obligations.derive import facts_of, rows_of
from tracker.registry.models import State
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.facts import Carrier, Facts, ReportKind
from tracker.rules.status import Band, Status, band_of

# The names of the counts in the `status` command.
COUNTED = {
    "received_on_time": Status.ON_TIME,
    "received_late": Status.LATE,
    "received_date_unknown": Status.DATE_UNKNOWN,
    "overdue": Status.OVERDUE,
    "no_record": Status.NO_RECORD,
    "due_within_12_months": Status.DUE_SOON,
    "not_yet_due": Status.NOT_YET_DUE,
    "waived": Status.WAIVED,
    "to_be_communicated": Status.TO_BE_COMMUNICATED,
}
CARRIED = COUNTED | {"date_not_recorded": Status.NOT_RECORDED}


@dataclass(frozen=True)
class ParticipationCounts:
    """How many States had signed and joined the OPSC by a day."""

    signatories: int
    parties: int
    signatories_not_parties: int


def participation(facts: Iterable[Facts], day: date) -> ParticipationCounts:
    """Counts as the UN does: a State is a party from the day of its deposit."""
    signed = joined = waiting = 0
    for one in facts:
        signed_on = one.signed_on(TreatyCode.OPSC)
        has_signed = signed_on is not None and signed_on <= day
        is_party = one.is_party(TreatyCode.OPSC, day)
        signed += has_signed
        joined += is_party
        waiting += has_signed and not is_party
    return ParticipationCounts(signed, joined, waiting)


def status_counts(day: date) -> dict[str, Any]:
    """All figures of a day, from the facts dated up to it."""
    facts = facts_of()
    return counts_of(State.objects.filter(pk__in=facts), facts, day)


def counts_of(states: Iterable[State], facts: Mapping[str, Facts], day: date) -> dict[str, Any]:
    """All figures of a day from facts by State (recorded or supposed).

    Reports under the OPSC (`initial`, `own_periodic`) and carried reports are counted separately, as the United
    Nations counts them. `overdue_bands` counts only the former. `awaiting_review` counts the carried reports that
    were received and await the Committee's review; they are also counted as received.
    """
    rows = [row for state in states if state.pk in facts for row in rows_of(state, facts[state.pk], day)]
    counted = Counter((row.due.kind, row.due.carried_by, row.status) for row in rows)
    bands = Counter(
        band_of(row.due.due_on, day)
        for row in rows
        if row.status == Status.OVERDUE
        and row.due.due_on is not None
        and row.due.kind != ReportKind.INFORMATION
        and row.due.carried_by == Carrier.OWN
    )
    own, carried = Carrier.OWN, Carrier.CRC_REPORT
    return {
        "as_of": day,
        **vars(participation(facts.values(), day)),
        "initial": {n: counted[ReportKind.INITIAL, own, status] for n, status in COUNTED.items()},
        "own_periodic": {n: counted[ReportKind.PERIODIC, own, status] for n, status in COUNTED.items()},
        "carried": {n: counted[ReportKind.PERIODIC, carried, status] for n, status in CARRIED.items()}
        | {"awaiting_review": sum(row.due.awaiting_since is not None for row in rows)},
        "overdue_bands": {band.value: bands[band] for band in Band},
    }
