"""Plans reminders: what is due to be written by now and is not in the ledger yet.

Never "what is due in exactly 30 days": a night that was missed is made up for on the next one, and a
second run finds nothing to do.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.obligations.models import Obligation
from tracker.registry.desks import Desks
from tracker.registry.models import Contact, State
from tracker.reminders.models import WAITING, Reminder, ReminderRule, ReminderState
from tracker.reminders.pauses import not_paused
from tracker.rules.dates import add_months
from tracker.rules.reminding import Stage, newest_stage
from tracker.rules.status import OPEN

BY_HAND = "required"
PAUSED = gettext_lazy("paused; planned anew once the pause is over")
NAME_LENGTH = 150  # a user's full name may be longer than the ledger's column


@dataclass(frozen=True)
class Recipient:
    """Somebody to write to; a desk officer has no contact."""

    email: str
    name: str
    contact: Contact | None


@dataclass
class Plan:
    """What a run planned, and whom it could not write to."""

    planned: list[Reminder] = field(default_factory=list)
    cancelled: int = 0
    without_contact: list[State] = field(default_factory=list)


def plan(day: date, *, dry_run: bool = False, states: Iterable[str] | None = None) -> Plan:
    """Enters into the ledger what has to be written by a day.

    Args:
        states: only about these States; None for all.

    Only the newest stage of each obligation is planned; older ones that still wait are overtaken. Two
    planners at once are harmless: the ledger's unique key lets one of them win.
    """
    found = Plan()
    with transaction.atomic():
        # A second planner waits here, then finds all of it in the ledger (SQLite lets one writer in).
        rules = list(ReminderRule.objects.filter(active=True).order_by("pk").select_for_update(no_key=True))
        about = None if states is None else sorted(states)
        found.cancelled = cancel_outdated(day, None if about is None else _about(about))
        _plan(day, rules, found, about)
        if dry_run:
            transaction.set_rollback(True)
    return found


def _about(states: Iterable[str]) -> QuerySet[Any]:
    """The ledger's rows about some States."""
    return Reminder.objects.filter(obligation__state__in=states)


def still_open(day: date) -> QuerySet[Any]:
    """Obligations that may be written about on a day: dated, unanswered, not "no record"."""
    return Obligation.objects.as_of(day).filter(status__in=OPEN, due__isnull=False)


def cancel_outdated(day: date, reminders: QuerySet | None = None) -> int:
    """Cancels what waits although there is nothing to remind of any more, nobody to be reminded, or a pause.

    Args:
        reminders: only these; None for all.
    """
    waiting = list(
        (Reminder.objects.all() if reminders is None else reminders)
        .filter(state__in=WAITING)
        .select_related("rule", "contact", "obligation__state__desk_officer")
    )
    if not waiting:
        return 0
    about = {row.obligation_id for row in waiting}
    desks = Desks.read()
    free = ExpressionWrapper(not_paused(day), output_field=BooleanField())
    due, paused = {}, set()
    open_now = still_open(day).filter(pk__in=about).annotate(free=free)
    for key, due_on, is_free in open_now.values_list("pk", "due", "free"):
        due[key] = due_on
        if not is_free:
            paused.add(key)
    return (
        _cancel(
            [row for row in waiting if due.get(row.obligation_id) != row.due_on],
            _("answered, or its date has changed"),
        )
        + _cancel([row for row in waiting if not _wanted(row, desks)], _("no longer to be written to"))
        + _cancel([row for row in waiting if row.obligation_id in paused], PAUSED)
    )


def _wanted(row: Reminder, desks: Desks) -> bool:
    """Whether the rule still stands, and its recipient still is the State's contact or desk officer."""
    state = row.obligation.state
    if row.contact is not None:
        person = row.contact.active and row.contact.state_id == state.pk
        email = row.contact.email
    else:
        officer = desks.officer_of(state)
        person = officer is not None and officer.is_active
        email = officer.email if officer is not None else ""
    return row.rule.active and person and email.lower() == row.recipient


def _cancel(reminders: Sequence[Reminder], reason: Any) -> int:
    """Cancels those that still wait when it comes to it: a row claimed meanwhile is its sender's."""
    return Reminder.objects.filter(pk__in=[row.pk for row in reminders], state__in=WAITING).update(
        state=ReminderState.CANCELLED, reason=str(reason)
    )


def _plan(day: date, rules: Sequence[ReminderRule], found: Plan, states: Sequence[str] | None) -> None:
    if not rules:
        return
    # No stage lies further ahead of a due date than the earliest rule. A month's end that was clipped
    # (31 August less six months is 28 February) can take three days more.
    ahead = add_months(day, -min(0, *(rule.months for rule in rules))) + timedelta(
        days=3 - min(0, *(rule.days for rule in rules))
    )
    by_key = {rule.pk: rule for rule in rules}
    stages: dict[Any, Stage] = {}  # by obligation, with the date it is due on that day
    wanted = still_open(day).filter(due__lte=ahead).filter(not_paused(day))
    if states is not None:
        wanted = wanted.filter(state__in=states)
    for obligation in wanted.select_related("state__desk_officer"):
        offsets = [(r.pk, r.as_rule()) for r in rules if r.kind in ("", obligation.kind)]
        stage = newest_stage(obligation.due, offsets, day)
        if stage is not None:
            stages[obligation] = stage
    recipients = recipients_of({obligation.state_id for obligation in stages})
    desks = Desks.read()
    ledger = _ledger(stages)
    batch = uuid.uuid4()
    new: list[Reminder] = []
    revived: list[Reminder] = []
    overtaken: list[int] = []
    lonely: dict[str, State] = {}
    for obligation, stage in stages.items():
        rule = by_key[stage.key]
        contacts = recipients[obligation.state_id]
        people = audience(rule, desks.officer_of(obligation.state), contacts)
        if not people or not (contacts or rule.audience == ReminderRule.Audience.DESK):
            lonely[obligation.state_id] = obligation.state
        for person in people:
            row = Reminder(
                obligation=obligation,
                rule=rule,
                occurrence=stage.occurrence,
                recipient=person.email,
                due_on=obligation.due,
                recipient_name=person.name[:NAME_LENGTH],
                contact=person.contact,
                stage_on=stage.day,
                stage_words=rule.label(stage.occurrence),
                state=_first_state(person),
                batch=batch,
            )
            before = ledger[obligation.pk, person.email]
            same = next((old for old in before if old.key == row.key), None)
            if same is None or _never_left(same):
                if _further(before, row) or _written_lately(before, day):
                    continue  # asked again on the next run, until the quiet days are over
                if same is None:
                    new.append(row)
                else:
                    row.pk = same.pk
                    revived.append(row)
                overtaken += [old.pk for old in before if old is not same and old.state in WAITING]
    Reminder.objects.filter(pk__in=overtaken, state__in=WAITING).update(state=ReminderState.OVERTAKEN)
    Reminder.objects.bulk_create(new, batch_size=500, ignore_conflicts=True)
    for row in revived:
        _revive(row)
    found.planned = list(
        Reminder.objects.filter(batch=batch)
        .select_related("obligation__state", "rule")
        .order_by("obligation__state", "due_on", "recipient")
    )
    found.without_contact = sorted(lonely.values(), key=lambda state: state.name)


def _never_left(reminder: Reminder) -> bool:
    """Cancelled before it was sent, and by no person: if its date is back, so is the reminder."""
    return (
        reminder.state == ReminderState.CANCELLED
        and reminder.handed_over_at is None
        and not reminder.cancelled_by
    )


def _revive(row: Reminder) -> None:
    """Plans a cancelled reminder anew, to the person as recorded now."""
    Reminder.objects.filter(pk=row.pk, state=ReminderState.CANCELLED, cancelled_by="").update(
        state=row.state,
        batch=row.batch,
        reason="",
        stage_words=row.stage_words,
        recipient_name=row.recipient_name,
        contact=row.contact,
        approved_by="",
        next_attempt_at=None,
    )


def _further(before: Sequence[Reminder], row: Reminder) -> bool:
    """Whether a later stage of the same due date has been reached already (a rule was switched off since)."""
    return any(
        old.due_on == row.due_on
        and old.stage_on > row.stage_on
        and (old.state != ReminderState.CANCELLED or old.cancelled_by)
        for old in before
    )


def _written_lately(before: Sequence[Reminder], day: date) -> bool:
    """Whether a mail about the obligation went (or may have gone) to this person within the quiet days."""
    since = day - timedelta(days=settings.REMINDERS_QUIET_DAYS)
    if any(old.state == ReminderState.CLAIMED for old in before):
        return True  # it is going out just now
    for old in before:
        left = old.sent_on if old.state == ReminderState.SENT else None
        # A person may have cancelled one that was not known to have gone: it may have arrived all the same.
        if old.state in (ReminderState.UNKNOWN, ReminderState.CANCELLED) and old.handed_over_at is not None:
            left = old.handed_over_at.date()
        if left is not None and left > since:
            return True
    return False


def _first_state(person: Recipient) -> ReminderState:
    """Mail to a State waits for a person's approval, mail to our own desk does not."""
    by_hand = settings.REMINDERS_APPROVAL == BY_HAND and person.contact is not None
    return ReminderState.HELD if by_hand else ReminderState.PLANNED


def recipients_of(states: Iterable[str]) -> dict[str, list[Contact]]:
    found: dict[str, list[Contact]] = defaultdict(list)
    for contact in Contact.objects.filter(active=True, state__in=states).order_by("copy", "pk"):
        found[contact.state_id].append(contact)
    return found


def audience(rule: ReminderRule, officer: Any | None, contacts: Sequence[Contact]) -> list[Recipient]:
    """The people a rule writes to for a State, each address once: its contacts, its desk officer."""
    people: dict[str, Recipient] = {}
    if rule.audience != ReminderRule.Audience.DESK:
        for contact in contacts:
            email = contact.email.lower()
            people.setdefault(email, Recipient(email, contact.name, contact))
    if (
        rule.audience != ReminderRule.Audience.CONTACTS
        and officer is not None
        and officer.is_active
        and officer.email
    ):
        email = officer.email.lower()
        people.setdefault(email, Recipient(email, officer.get_full_name() or officer.get_username(), None))
    return list(people.values())


def _ledger(stages: Iterable[Obligation]) -> dict[tuple[int, str], list[Reminder]]:
    """What the ledger holds about these obligations, by obligation and recipient."""
    found: dict[tuple[int, str], list[Reminder]] = defaultdict(list)
    for row in Reminder.objects.filter(obligation__in=[obligation.pk for obligation in stages]):
        found[row.obligation_id, row.recipient].append(row)
    return found
