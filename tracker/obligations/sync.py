"""Compares the obligations that ought to be with those that are, and applies the difference.

The only writer of Obligation. Nothing is ever deleted: a row that the facts no longer support has
`expected` switched off, so that its identity, its answers and its reminders keep their place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

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
    present = {tuple(getattr(row, name) for name in IDENTITY): row for row in rows}
    until = horizon(day)
    for state, facts in facts_of(states).items():
        for ought in _ought(state, facts.as_of(day), until):
            row = present.pop(tuple(getattr(ought, name) for name in IDENTITY), None)
            if row is None:
                found.missing.append(ought)
                continue
            new = {name: value for name in DERIVED if (value := getattr(ought, name)) != getattr(row, name)}
            if new:
                before = {name: getattr(row, name) for name in new}
                for name, value in new.items():
                    setattr(row, name, value)
                found.changed.append(Change(row, before))
            else:
                found.unchanged += 1
    for row in present.values():
        # Beyond the horizon a row is not wrong, only not asked for (the horizon moved back, in a test).
        if row.expected and min(row.due_on or row.computed_on, row.computed_on) <= until:
            row.expected = False
            found.obsolete.append(row)
    return found


def _ought(state: str, facts: Facts, until: date) -> Iterable[Obligation]:
    dues = schedule(facts, until=until, periodic_rule=settings.PERIODIC_RULE, ended=True)
    return (as_obligation(state, due) for due in dues)


def as_obligation(state: str, due: Due) -> Obligation:
    """The row that keeps what the rules derived."""
    return Obligation(
        state_id=state,
        treaty_id=TreatyCode.OPSC.value,
        article=due.article,
        kind=str(due.kind),
        subject=str(due.subject),
        carried_by=str(due.carried_by),
        cycle=due.cycle,
        computed_on=due.computed_on,
        due_on=due.due_on,
        due_source=str(due.source),
        waived=due.waived,
        decided_on=due.decided_on,
        arises_on=due.arises_on,
        ceases_on=due.ceases_on,
        answered_on=due.answered_on,
        received_on=due.received_on,
        not_received_by=due.not_received_by,
        trail=[step.stored() for step in due.trail],
        expected=True,
    )


def apply(found: Difference) -> None:
    """Writes a difference, set by set."""
    Obligation.objects.bulk_create(found.missing, batch_size=500)
    rows = [change.obligation for change in found.changed]
    Obligation.objects.bulk_update(rows, DERIVED, batch_size=100)
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
    answered = {
        (state, kind, Carrier.OWN if plain else carried_by, cycle)
        for state, kind, carried_by, cycle in Obligation.objects.filter(
            expected=True, answered_on__isnull=False
        ).values_list("state_id", "kind", "carried_by", "cycle")
    }
    submissions = Submission.objects.order_by("state", "pk")
    if states is not None:
        submissions = submissions.filter(state__in=states)
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
