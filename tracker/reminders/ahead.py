"""The reminders that the planner would plan in the next days if nothing else happened. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.obligations.derive import facts_of, rows_of
from tracker.registry.desks import Desks
from tracker.registry.models import State
from tracker.reminders.forecast import Coming, forecast, held_back, live, written_by_state
from tracker.reminders.models import ReminderRule
from tracker.reminders.plan import Recipient, audience, last_due, recipients_of

DAYS_AHEAD = 90


@dataclass(frozen=True)
class Ahead:
    """A reminder to one person that would be planned."""

    state: State
    coming: Coming
    recipient: Recipient


def ahead(states: Iterable[State], today: date, days: int = DAYS_AHEAD) -> list[Ahead]:
    """The reminders of the next days, earliest first; not those that wait already, which are taken as sent today.

    Args:
        states: with their desk officers.
        days: the length of the period, from today.
    """
    by_code = {state.pk: state for state in states}
    rules = list(ReminderRule.objects.filter(active=True).order_by("pk"))
    contacts, desks, facts = recipients_of(list(by_code)), Desks.read(), facts_of(list(by_code))
    ledger = live().filter(obligation__state__in=list(by_code))
    written, held = written_by_state(ledger, today, waiting=True), held_back(today)
    end = today + timedelta(days=days)
    found: list[Ahead] = []
    for iso3, state in by_code.items():
        if iso3 not in facts:
            continue
        officer = desks.officer_of(state)
        people = {rule.pk: audience(rule.audience, officer, contacts[iso3]) for rule in rules}
        numbers = {key: len(some) for key, some in people.items()}
        rows = rows_of(state, facts[iso3], today, until=last_due(rules, end))
        for coming in forecast(rows, rules, numbers, written[iso3], today, end, held[iso3]):
            found += [Ahead(state, coming, person) for person in people[coming.rule]]
    return sorted(
        found, key=lambda one: (one.coming.day, one.state.name, one.coming.due_on, one.recipient.email)
    )
