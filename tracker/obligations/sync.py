"""Compares the obligations that ought to be with those that are, and applies the difference.

The only writer of Obligation. Nothing is ever deleted: a row that the facts no longer support has
`expected` switched off, so that its identity, its answers and its reminders keep their place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction

from tracker.obligations.derive import facts_of, horizon
from tracker.obligations.models import Obligation, Submission
from tracker.registry.models import State
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.schedule import Carrier, Due, Facts, PeriodicRule, schedule

IDENTITY = ("state_id", "treaty_id", "kind", "carried_by", "cycle")
DERIVED = (
    "article",
    "subject",
    "computed_on",
    "due_on",
    "due_source",
    "waived",
    "decided_on",
    "arises_on",
    "ceases_on",
    "answered_on",
    "received_on",
    "not_received_by",
    "trail",
    "expected",
)


@dataclass(frozen=True)
class Change:
    """An obligation that is to change, with the values it had."""

    obligation: Obligation
    before: dict[str, object]


@dataclass
class Difference:
    """What has to be written so that the obligations follow from the facts."""

    missing: list[Obligation] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    obsolete: list[Obligation] = field(default_factory=list)
    unchanged: int = 0

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.obsolete)


def difference(day: date, states: Iterable[str] | None = None) -> Difference:
    """Ought against is, in a number of queries that does not depend on the number of States."""
    states = None if states is None else list(states)
    found = Difference()
    rows = Obligation.objects.all() if states is None else Obligation.objects.filter(state__in=states)
    # Plain values, because nearly all of them are as they ought to be: only what differs becomes a row.
    present = {
        values[: len(IDENTITY)]: (pk, values[len(IDENTITY) :])
        for pk, *rest in rows.values_list("pk", *IDENTITY, *DERIVED).iterator(chunk_size=2000)
        for values in (tuple(rest),)
    }
    until = horizon(day)
    for state, facts in facts_of(states).items():
        for due in _ought(facts.as_of(day), until):
            identity, values = _identity(state, due), _values(due)
            pk, before = present.pop(identity, (None, None))
            if before is None:
                found.missing.append(_row(identity, values))
            elif before == values:
                found.unchanged += 1
            else:
                old = {
                    name: was for name, was, now in zip(DERIVED, before, values, strict=True) if was != now
                }
                found.changed.append(Change(_row(identity, values, pk), old))
    for identity, (pk, values) in present.items():
        row = _row(identity, values, pk)
        # Beyond the horizon a row is not wrong, only not asked for (the horizon moved back, in a test).
        if row.expected and min(row.due_on or row.computed_on, row.computed_on) <= until:
            row.expected = False
            found.obsolete.append(row)
    return found


def _ought(facts: Facts, until: date) -> list[Due]:
    return schedule(facts, until=until, periodic_rule=settings.PERIODIC_RULE, ended=True)


def _identity(state: str, due: Due) -> tuple[Any, ...]:
    """What an obligation is known by, in the order of IDENTITY."""
    return state, TreatyCode.OPSC.value, str(due.kind), str(due.carried_by), due.cycle


def _values(due: Due) -> tuple[Any, ...]:
    """What the rules derived, in the order of DERIVED."""
    return (
        due.article,
        str(due.subject),
        due.computed_on,
        due.due_on,
        str(due.source),
        due.waived,
        due.decided_on,
        due.arises_on,
        due.ceases_on,
        due.answered_on,
        due.received_on,
        due.not_received_by,
        [step.stored() for step in due.trail],
        True,
    )


def _row(identity: tuple[Any, ...], values: tuple[Any, ...], pk: int | None = None) -> Obligation:
    """The row that keeps what the rules derived."""
    fields = dict(zip((*IDENTITY, *DERIVED), (*identity, *values), strict=True))
    row = Obligation(pk=pk, **fields)
    row._state.adding = pk is None
    return row


def apply(found: Difference) -> None:
    """Writes a difference, set by set."""
    Obligation.objects.bulk_create(found.missing, batch_size=500)
    if found.changed:
        # An upsert of rows that are there: a tenth of the time that bulk_update takes with its CASE for each row.
        Obligation.objects.bulk_create(
            [change.obligation for change in found.changed],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=sorted({name for change in found.changed for name in change.before}),
            batch_size=500,
        )
    Obligation.objects.filter(pk__in=[row.pk for row in found.obsolete]).update(expected=False)


def synchronise(day: date, states: Iterable[str] | None = None) -> Difference:
    """Brings the obligations of some States, or of all, in line with the facts of a day.

    The States' rows are locked, so that two synchronisations wait for each other (SQLite lets one
    writer in at a time anyway).
    """
    states = None if states is None else sorted(states)
    with transaction.atomic():
        lock(states)
        found = difference(day, states)
        apply(found)
    return found


def lock(states: Iterable[str] | None) -> None:
    """Makes whoever else changes or synchronises these States wait until the transaction ends."""
    rows = State.objects.all() if states is None else State.objects.filter(pk__in=states)
    list(rows.order_by("pk").select_for_update().values_list("pk"))


def unmatched(states: Iterable[str] | None = None) -> list[Submission]:
    """Submissions that answer no obligation: they name a cycle that does not exist, or not yet.

    A warning and no error: a report under the CRC may well be recorded before the initial report that
    makes it count is. What can never exist is refused when it is entered (`checks.py`).
    """
    plain = settings.PERIODIC_RULE == PeriodicRule.PLAIN  # one series only, as in the rules
    rows = Obligation.objects.filter(expected=True, answered_on__isnull=False)
    submissions = Submission.objects.order_by("state", "pk")
    if states is not None:
        states = list(states)
        rows, submissions = rows.filter(state__in=states), submissions.filter(state__in=states)
    answered = {
        (state, kind, Carrier.OWN if plain else carried_by, cycle)
        for state, kind, carried_by, cycle in rows.values_list("state_id", "kind", "carried_by", "cycle")
    }
    return [
        submission
        for submission in submissions
        if not any(
            (
                submission.state_id,
                submission.kind,
                Carrier.OWN if plain else submission.carried_by,
                cycle,
            )
            in answered
            for cycle in range(submission.first_cycle, submission.last_cycle + 1)
        )
    ]
