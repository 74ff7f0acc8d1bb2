"""Derives what States owe from the recorded facts; writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from tracker.obligations.models import CommitteeDate, InformationRequest, NonReceipt, Review, Submission
from tracker.registry.models import State, TreatyAction, as_rules_by_state
from tracker.rules.dates import add_years
from tracker.rules.due import Due, DueSource
from tracker.rules.facts import Facts
from tracker.rules.schedule import schedule, treaty_calendar
from tracker.rules.status import Status, days_late, status_of


@dataclass(frozen=True)
class DueRow:
    """An obligation of a State with its status on a day."""

    state: State
    due: Due
    status: Status
    days_late: int | None


def facts_of(states: Iterable[str] | None = None) -> dict[str, Facts]:
    """All recorded facts by State, in six queries for any number of States.

    A date of the Committee that awaits confirmation does not count yet.

    Args:
        states: alpha-3 codes; None for all. States without any fact are left out.
    """
    recorded: dict[str, QuerySet[Any]] = {
        "actions": TreatyAction.objects.all(),
        "decisions": CommitteeDate.objects.in_effect(),
        "reports": Submission.objects.all(),
        "requests": InformationRequest.objects.all(),
        "non_receipts": NonReceipt.objects.all(),
        "reviews": Review.objects.all(),
    }
    codes = None if states is None else list(states)
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for name, rows in recorded.items():
        of_states = rows if codes is None else rows.filter(state__in=codes)
        for state, facts in as_rules_by_state(of_states).items():
            found[state][name] = facts
    return {state: Facts(**facts) for state, facts in found.items()}


def horizon(day: date) -> date:
    """The last day up to which obligations are derived on a day."""
    return add_years(day, settings.HORIZON_YEARS)


def rows_on(day: date, *, until: date | None = None, states: Iterable[str] | None = None) -> Iterator[DueRow]:
    """What is owed on a day, by State and date; only facts dated up to that day count.

    Args:
        until: the last due date; None for ten years after the day.
        states: alpha-3 codes; None for all.
    """
    wanted = State.objects.order_by("pk")
    if states is not None:
        wanted = wanted.filter(pk__in=states)
    facts = facts_of(states)
    for state in wanted:
        if state.pk in facts:
            yield from rows_of(state, facts[state.pk], day, until=until)


def indicative(facts: Facts, *, until: date) -> list[Due]:
    """The five-year calendar of the treaty for a State, without decisions of the Committee; no date is a deadline.

    The rows have no due date; `computed_on` is the day in the calendar.
    """
    return [
        replace(row, due_on=None, source=DueSource.TREATY_CALENDAR, answered_on=None, received_on=None)
        for row in treaty_calendar(replace(facts, decisions=()), until=until)
    ]


def status_on(state: State, due: Due, day: date) -> Status:
    """The status of what a State owes on a day."""
    return status_of(
        due_on=due.due_on,
        source=due.source,
        waived=due.waived,
        answered_on=due.answered_on,
        received_on=due.received_on,
        records=state.records(due.carried_by),
        day=day,
        not_received_by=due.not_received_by,
    )


def rows_of(state: State, facts: Facts, day: date, *, until: date | None = None) -> Iterator[DueRow]:
    """What one State owes on a day, from these facts (recorded or supposed)."""
    for due in schedule(facts.as_of(day), until=until or horizon(day), periodic_rule=settings.PERIODIC_RULE):
        status = status_on(state, due, day)
        late = days_late(status, due_on=due.due_on, received_on=due.received_on, day=day)
        yield DueRow(state, due, status, late)
