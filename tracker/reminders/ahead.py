"""What the planner would write to everybody in the days to come, if nothing else happened. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.obligations.derive import facts_of, rows_of
from tracker.registry.desks import Desks
from tracker.registry.models import State
from tracker.reminders.forecast import Coming, Written, forecast, held_back, left_on
from tracker.reminders.models import WAITING, Reminder, ReminderRule, ReminderState
from tracker.reminders.plan import Recipient, audience, recipients_of
from tracker.rules.dates import add_months

DAYS_AHEAD = 90


@dataclass(frozen=True)
class Ahead:
    """A reminder that would be planned: to one person, about one report of a State, at one stage."""

    state: State
    coming: Coming
    recipient: Recipient


def ahead(states: Iterable[State], today: date, days: int = DAYS_AHEAD) -> list[Ahead]:
    """The reminders of the next days, the earliest first.

    What waits in the outbox already is not among them, and is taken to go today.

    Args:
        states: those to write to, with their desk officers.
        days: how far ahead, counted from today.
    """
    wanted = {state.pk: state for state in states}
    rules = list(ReminderRule.objects.filter(active=True).order_by("pk"))
    contacts, desks, facts = recipients_of(list(wanted)), Desks.read(), facts_of(list(wanted))
    written, held = _in_ledger(list(wanted), today), held_back(today)
    end = today + timedelta(days=days)
    found: list[Ahead] = []
    for iso3, state in wanted.items():
        if iso3 not in facts:
            continue
        officer = desks.officer_of(state)
        people = {rule.pk: audience(rule.audience, officer, contacts[iso3]) for rule in rules}
        numbers = {key: len(some) for key, some in people.items()}
        rows = rows_of(state, facts[iso3], today, until=_last_due(rules, end))
        for coming in forecast(rows, rules, numbers, written[iso3], today, end, held[iso3]):
            found += [Ahead(state, coming, person) for person in people[coming.rule]]
    return sorted(
        found, key=lambda one: (one.coming.day, one.state.name, one.coming.due_on, one.recipient.email)
    )


def _last_due(rules: Sequence[ReminderRule], end: date) -> date:
    """The last due date with a stage up to a day; a month's end that was clipped can take three days more."""
    months, days = min(0, *(rule.months for rule in rules), 0), min(0, *(rule.days for rule in rules), 0)
    return add_months(end, -months) + timedelta(days=3 - days)


def _in_ledger(states: Sequence[str], today: date) -> dict[str, list[Written]]:
    """What the ledger has done with or is about to send, by State; what was cancelled may come back."""
    rows = (
        Reminder.objects.filter(obligation__state__in=states)
        .exclude(state=ReminderState.CANCELLED, handed_over_at=None, cancelled_by="")
        .select_related("obligation")
        .defer("obligation__trail", "answer")
    )
    found: dict[str, list[Written]] = defaultdict(list)
    for row in rows:
        about = (row.obligation.kind, row.obligation.carried_by, row.obligation.cycle)
        left = today if row.state in WAITING else left_on(row, today)
        found[row.obligation.state_id].append(Written(about, row.due_on, row.stage_on, left))
    return found
