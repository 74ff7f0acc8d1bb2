"""The reminders that the planner would plan if nothing else happened: of the next days, or the next of a State.

Reads only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _, ngettext

from tracker.languages.writing import in_words
from tracker.obligations.derive import DueRow, facts_of, rows_of
from tracker.obligations.wording import in_a_row
from tracker.registry.desks import Desks
from tracker.registry.models import State
from tracker.reminders.forecast import Coming, Held, forecast, held_back, held_by, live, written_by_state
from tracker.reminders.models import WAITING, Pause, Reminder, ReminderRule
from tracker.reminders.plan import Recipient, audience, last_due, recipients_of
from tracker.rules.dates import add_years
from tracker.rules.status import OPEN, Status

DAYS_AHEAD = 90
YEARS_AHEAD = (1, 3, 10)  # where the next reminder of a State is looked for, the nearest first


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
        found, key=lambda one: (one.coming.day, one.state.in_order, one.coming.due_on, one.recipient.email)
    )


def next_in_words(
    state: State,
    owed: Iterable[Any],
    reminders: Iterable[Reminder],
    *,
    contacts: Sequence[Any],
    officer: Any | None,
    pauses: Iterable[Pause],
    today: date,
) -> str:
    """When the next reminder goes to whom about what; or why none does.

    Args:
        owed: the obligations of the State with their values today.
        reminders: its reminders, among them those that wait; the newest first.
        contacts: all of the State; those that are not active get no mail.
        officer: the desk officer of the State.
        pauses: those in force, of the State and of its obligations.
    """
    waiting = [one for one in reminders if one.state in WAITING]
    if waiting:
        return _waiting_in_words(waiting)
    owed = list(owed)
    awaited = [row for row in owed if row.status in OPEN and row.due]
    if not awaited:
        return _why_none(owed)
    active = [one for one in contacts if one.active]
    rules = list(ReminderRule.objects.filter(active=True).order_by("pk"))
    people = {rule.pk: audience(rule.audience, officer, active) for rule in rules}
    held = [held_by(row) for row in pauses]
    coming = _first_coming(
        state, awaited, rules, {key: len(some) for key, some in people.items()}, held, today
    )
    if not coming:
        return _("None: no reminder rule applies to the reports that are awaited.")
    first = coming[0]
    whom = sorted({person.email for one in coming for person in people[one.rule]})
    if not whom:
        return _("None: nobody is recorded to whom it could go. It would be due on %(on)s.") % {
            "on": in_words(first.day)
        }
    said = _("On %(on)s, to %(whom)s: %(what)s, stage “%(stage)s”.") % {
        "on": in_words(first.day),
        "whom": in_a_row(whom),
        "what": first.label,
        "stage": first.stage,
    }
    paused = any(one.until == first.day and one.about in (None, first.about) for one in held)
    notes = (
        _("Reminders are paused until then.") if paused else "",
        _("No contact of the State is recorded.") if not active else "",
    )
    return " ".join(filter(None, (said, *notes)))


def _waiting_in_words(waiting: Sequence[Reminder]) -> str:
    """The reminders in the outbox: the first that was planned, and the number of the others."""
    first = waiting[-1]
    said = _("In the outbox, to %(whom)s: %(what)s, stage “%(stage)s”; %(status)s.") % {
        "whom": first.recipient,
        "what": first.obligation.label,
        "stage": first.stage,
        "status": first.get_state_display(),
    }
    more = len(waiting) - 1
    if not more:
        return said
    rest = ngettext("%(n)d more waits there.", "%(n)d more wait there.", more) % {"n": more}
    return f"{said} {rest}"


def _why_none(owed: Iterable[Any]) -> str:
    """Why no report can be reminded of."""
    statuses = {row.status for row in owed}
    if Status.NO_RECORD in statuses:
        return _("None: it is not known whether the report was received.")
    if statuses & {Status.TO_BE_COMMUNICATED, Status.NOT_RECORDED}:
        return _("None: the report has no due date yet.")
    return _("None: no report is awaited.")


def _first_coming(
    state: State,
    awaited: Sequence[Any],
    rules: Sequence[ReminderRule],
    people: dict[int, int],
    held: Sequence[Held],
    today: date,
) -> list[Coming]:
    """The reminders of the next day on which somebody would be written to; else those of the next day at all."""
    rows = [DueRow(state, row, Status(row.status), None) for row in awaited]
    # By the keys of the reports, which an index begins with; a filter by State would read the whole ledger.
    ledger = live().filter(obligation__in=[row.pk for row in awaited])
    written = written_by_state(ledger, today, waiting=True)[state.pk]
    nearest: Coming | None = None
    for years in YEARS_AHEAD:
        found = forecast(rows, rules, people, written, today, add_years(today, years), held)
        nearest = next((one for one in found if one.people), nearest or next(iter(found), None))
        if nearest and nearest.people:
            break
    return [
        one
        for one in found
        if nearest and one.day == nearest.day and bool(one.people) == bool(nearest.people)
    ]
