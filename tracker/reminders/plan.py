"""Plans reminders: everything that is due by now and not in the ledger yet.

Never "due in exactly 30 days": a run that was missed is made up for by the next one, and a second run finds nothing to
do.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import product
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_noop

from tracker.languages.known import speaking
from tracker.obligations import sync
from tracker.obligations.models import Kind, Obligation, Source, Span
from tracker.registry.desks import Desks
from tracker.registry.models import BY_PLAIN_MAIL, Contact, State
from tracker.registry.stored import StoredText
from tracker.reminders import clock
from tracker.reminders.incoming import bounced
from tracker.reminders.ledger import DealtWith, add
from tracker.reminders.models import WAITING, Reminder, ReminderRule, ReminderState
from tracker.reminders.pauses import not_paused
from tracker.reminders.restored import held_until
from tracker.rules.dates import add_months
from tracker.rules.reminding import Offset, Stage, newest_stage

BY_HAND = "required"
WAITS = Q(state__in=WAITING)
PAUSED = StoredText(gettext_noop("paused; planned again when the pause is over"))
RETURNED = StoredText(gettext_noop("an earlier mail to this address was returned"))
INACTIVE = StoredText(gettext_noop("the reminder rule or the recipient is no longer active"))
NOT_EXPECTED = StoredText(gettext_noop("the report is no longer expected"))
RECEIVED = StoredText(gettext_noop("the report has been received"))
WAIVED = StoredText(gettext_noop("the Committee no longer asks for this report"))
NO_DOCUMENT = StoredText(gettext_noop("no document that states the date of this report is recorded"))
TO_BE_COMMUNICATED = StoredText(gettext_noop("the Committee will communicate the date of this report"))
ANOTHER_DATE = StoredText(gettext_noop("the due date of this report has changed"))
NO_RECORD = StoredText(gettext_noop("our records do not show whether this report has been received"))
NAME_LENGTH = 150  # the ledger's column; a user's full name may be longer


@dataclass(frozen=True)
class Recipient:
    """Somebody to write to.

    Attributes:
        contact: None for a desk officer.
        begins: the state of a new reminder to them.
        reason: why that is not the usual state.
    """

    email: str
    name: str
    contact: Contact | None
    begins: ReminderState = ReminderState.PLANNED
    reason: str = ""


@dataclass
class Plan:
    """The result of a planning run.

    Attributes:
        count: the number of reminders that were planned.
        cancelled: the number of reminders that were cancelled.
        without_contact: States with a reminder due and no contact to send it to.
        batch: the mark of the run in the ledger.
    """

    count: int = 0
    cancelled: int = 0
    without_contact: list[State] = field(default_factory=list)
    batch: uuid.UUID = field(default_factory=uuid.uuid4)

    @cached_property
    def planned(self) -> list[Reminder]:
        """The reminders that were planned, by State and due date."""
        rows = Reminder.objects.filter(batch=self.batch).select_related("obligation__state", "rule")
        return list(rows.order_by("obligation__state", "due_on", "recipient"))


def plan(
    day: date,
    *,
    today: date | None = None,
    dry_run: bool = False,
    states: Iterable[str] | None = None,
    in_doubt: bool = False,
) -> Plan:
    """Plans the reminders that are due by a day, and cancels outdated ones.

    Only the newest stage of each obligation is planned; older ones that still wait are overtaken. If two planners run
    at once, the second waits and finds nothing to do. While an alarm about the clock is open, what is planned is held
    and overtakes nothing.

    Args:
        today: see `still_open`.
        dry_run: roll back at the end.
        states: only about these States; None for all.
        in_doubt: whether the day may be wrong: then nothing is cancelled.
    """
    found = Plan()
    with transaction.atomic():
        # A second planner waits here (on SQLite, at the beginning of its transaction).
        rules = list(ReminderRule.objects.filter(active=True).order_by("pk").select_for_update(no_key=True))
        about = None if states is None else sorted(states)
        if not in_doubt:
            found.cancelled = cancel_outdated(day, None if about is None else _about(about), today=today)
        if rules:
            _plan(day, today, rules, found, about)
        if dry_run:
            list(found.planned)  # read before the rollback
            transaction.set_rollback(True)
    return found


def derive_after_upgrade(today: date) -> None:
    """Synchronises all obligations if some have no spans, because an earlier version derived them.

    Their dates may be outdated, and an upgrade must not cause a mail.
    """
    spans = Span.objects.filter(obligation=OuterRef("pk"))
    if Obligation.objects.filter(~Exists(spans), expected=True).exists():
        sync.synchronise(today)


def _about(states: Iterable[str]) -> QuerySet[Any]:
    """The reminders about some States."""
    return Reminder.objects.filter(obligation__state__in=states)


def still_open(day: date, today: date | None = None) -> QuerySet[Any]:
    """Obligations that reminders may be about on a day: dated, unanswered, not "no record".

    Args:
        today: see `ObligationQuerySet.as_of`; without it any day is possible, but slower.
    """
    return Obligation.objects.still_open(day, today=today)


def cancel_outdated(
    day: date,
    reminders: QuerySet[Any] | None = None,
    *,
    today: date | None = None,
    waiting: Q = WAITS,
) -> int:
    """Cancels reminders that wait although the report is no longer due, the recipient no longer to be written to, or
    a pause has begun; returns how many.

    Each step is one conditional UPDATE, so a reminder that another process has claimed is left alone.

    Args:
        reminders: only these; None for all.
        today: see `still_open`.
        waiting: the condition that they still wait; a sender passes that of the rows it has claimed.
    """
    rows = (Reminder.objects.all() if reminders is None else reminders).filter(waiting)

    def cancel(outdated: QuerySet[Any], reason: Case | Value) -> int:
        # The condition is repeated on the rows themselves: PostgreSQL checks it again on a row for which it had to
        # wait, but not inside a subquery.
        found = Reminder.objects.filter(waiting, pk__in=outdated.order_by().values("pk"))
        return found.update(state=ReminderState.CANCELLED, reason=reason)

    return (
        cancel(rows.exclude(still_due(day, today)), _why_not_due(day))
        + cancel(rows.filter(_unwanted(rows)), Value(INACTIVE()))
        + cancel(rows.filter(paused(day)), Value(PAUSED()))
    )


def still_due(day: date, today: date | None = None) -> Q:
    """The condition that the report of a reminder is still due on the date of the reminder."""
    owed = still_open(day, today).filter(pk=OuterRef("obligation"), due=OuterRef("due_on"))
    return Q(Exists(owed))


def _why_not_due(day: date) -> Case:
    """The reason for the cancellation of a reminder whose report is no longer due on its date."""
    # By subqueries, because an UPDATE cannot join.
    report = Obligation.objects.filter(pk=OuterRef("obligation"))
    undated = report.filter(due_on=None)
    reasons = (
        (report.filter(Q(expected=False) | Q(ceases_on__lte=day)), NOT_EXPECTED),
        (report.filter(answered_on__isnull=False), RECEIVED),
        (report.filter(waived=True), WAIVED),
        (undated.filter(due_source=Source.TREATY_CALENDAR), NO_DOCUMENT),
        (undated, TO_BE_COMMUNICATED),
        (report.exclude(due_on=OuterRef("due_on")), ANOTHER_DATE),
    )
    return Case(
        *(When(Exists(rows), then=Value(reason())) for rows, reason in reasons),
        default=Value(NO_RECORD()),
        output_field=CharField(),
    )


def paused(day: date) -> Q:
    """The condition that a pause covers the report of a reminder."""
    free = Obligation.objects.filter(not_paused(day), pk=OuterRef("obligation"))
    return ~Q(Exists(free))


def _unwanted(waiting: QuerySet[Any]) -> Q:
    """The condition that the rule is no longer active, or the recipient no longer a contact or the desk officer.

    Addresses are compared here and not in the database, which ignores the case of ASCII letters only.
    """
    found = Q(rule__in=ReminderRule.objects.filter(active=False))
    written_to = list(waiting.order_by().values_list("obligation__state", "contact", "recipient").distinct())
    if not written_to:
        return found
    states = State.objects.filter(pk__in={state for state, _contact, _email in written_to})
    desks = Desks.read()
    officers = {state.pk: desks.officer_of(state) for state in states.select_related("desk_officer")}
    contacts = Contact.objects.filter(
        active=True, kind__in=BY_PLAIN_MAIL, pk__in={contact for _state, contact, _email in written_to}
    )
    known: set[tuple[str, int | None, str]] = {(one.state_id, one.pk, one.email.lower()) for one in contacts}
    known |= {
        (state, None, officer.email.lower())
        for state, officer in officers.items()
        if officer is not None and officer.is_active
    }
    for state, contact, email in set(written_to) - known:
        about = Obligation.objects.filter(state=state).values("pk")
        found |= Q(contact=contact, recipient=email, obligation__in=about)
    return found


def _plan(
    day: date,
    today: date | None,
    rules: Sequence[ReminderRule],
    found: Plan,
    about: Sequence[str] | None,
) -> None:
    owed = still_open(day, today).filter(not_paused(day), due__lte=last_due(rules, day))
    states = State.objects.select_related("desk_officer")
    if about is not None:
        owed, states = owed.filter(state__in=about), states.filter(pk__in=about)
    reached = list(_reached(owed, rules, day))
    if not reached:
        return
    recipients, unreachable = _recipients(states, {rule.audience for rule in rules})
    dealt_with = DealtWith(day, min(one.stage.day for one in reached), about)
    until, why = held_until() or (None, "")
    alarm = clock.open_alarm()
    new = []
    for one in reached:
        for recipient in recipients[one.state, one.rule.audience]:
            if dealt_with.includes(one.obligation, recipient.email, one.due, one.stage.day):
                continue
            reminder = _reminder(one, recipient)
            if until is not None and one.stage.day <= until:
                reminder.state, reminder.reason = ReminderState.HELD, why
            elif alarm is not None and not reminder.reason:
                reminder.state, reminder.reason = ReminderState.HELD, alarm.reason
            new.append(reminder)
    if new:
        found.count = add(new, found.batch)
    if new and alarm is None:
        later = Reminder.objects.filter(
            batch=found.batch, obligation=OuterRef("obligation"), recipient=OuterRef("recipient")
        )
        Reminder.objects.filter(Exists(later), state__in=WAITING).exclude(batch=found.batch).update(
            state=ReminderState.OVERTAKEN
        )
    codes = {one.state for one in reached if (one.state, one.rule.audience) in unreachable}
    found.without_contact = (
        [state for state in states.order_by("sort_name", "pk") if state.pk in codes] if codes else []
    )


def last_due(rules: Sequence[ReminderRule], day: date) -> date:
    """The latest due date that can have a stage by a day.

    A clipped end of a month (31 August less six months is 28 February) can add three days.
    """
    months = min([0, *(rule.months for rule in rules)])
    days = min([0, *(rule.days for rule in rules)])
    return add_months(day, -months) + timedelta(days=3 - days)


@lru_cache(maxsize=1 << 15)
def _stage(due: date, offsets: tuple[tuple[int, Offset], ...], day: date) -> Stage | None:
    """`newest_stage`, computed once a day: a worker asks every hour."""
    return newest_stage(due, offsets, day)


class _Reached(NamedTuple):
    """The newest stage that the due date of an obligation has reached."""

    obligation: int
    state: str
    due: date
    rule: ReminderRule
    stage: Stage


def _reached(owed: QuerySet[Any], rules: Sequence[ReminderRule], day: date) -> Iterator[_Reached]:
    """The obligations for which a stage has come, by State and due date."""
    by_key = {rule.pk: rule for rule in rules}
    offsets = {
        kind: tuple((rule.pk, rule.as_rule()) for rule in rules if rule.kind in ("", kind)) for kind in Kind
    }
    rows = owed.order_by("state__sort_name", "due", "pk").values_list("pk", "state", "kind", "due")
    for obligation, state, kind, due in rows:
        stage = _stage(due, offsets[kind], day)
        if stage is not None:
            yield _Reached(obligation, state, due, by_key[stage.key], stage)


def _reminder(reached: _Reached, recipient: Recipient) -> Reminder:
    return Reminder(
        obligation_id=reached.obligation,
        rule=reached.rule,
        occurrence=reached.stage.occurrence,
        recipient=recipient.email,
        due_on=reached.due,
        recipient_name=recipient.name[:NAME_LENGTH],
        contact=recipient.contact,
        stage_on=reached.stage.day,
        stage_words=_in_english(reached.rule, reached.stage.occurrence),
        state=recipient.begins,
        reason=recipient.reason,
    )


def _in_english(rule: ReminderRule, occurrence: int) -> str:
    """The name of a stage, as it is stored."""
    with speaking("en"):
        return rule.label(occurrence)


def _recipients(
    states: QuerySet[State], audiences: Iterable[str]
) -> tuple[dict[tuple[str, str], list[Recipient]], set[tuple[str, str]]]:
    """Who is written to, by State and audience; and those of them with nobody at the State, or nobody at all."""
    every = list(states)
    contacts, desks = recipients_of([state.pk for state in every]), Desks.read()
    returned = set(bounced.undeliverable())
    found: dict[tuple[str, str], list[Recipient]] = {}
    unreachable: set[tuple[str, str]] = set()
    for state, whom in product(every, sorted(audiences)):
        people = audience(whom, desks.officer_of(state), contacts[state.pk])
        # Those who get notes and letters are nobody to remind, and yet the State can be reached.
        if not (people if whom == ReminderRule.Audience.DESK else contacts[state.pk]):
            unreachable.add((state.pk, whom))
        found[state.pk, whom] = [
            _first_state(one, returned) for one in sorted(people, key=lambda one: one.email)
        ]
    return found, unreachable


def _first_state(person: Recipient, returned: Collection[str]) -> Recipient:
    """The recipient with the state in which a new reminder begins.

    Mail to a State awaits a person's approval, mail to our own desk officers does not. No mail goes to an address from
    which an earlier one came back before a person has seen it.
    """
    if person.email in returned:
        return replace(person, begins=ReminderState.HELD, reason=RETURNED())
    by_hand = settings.REMINDERS_APPROVAL == BY_HAND and person.contact is not None
    return replace(person, begins=ReminderState.HELD if by_hand else ReminderState.PLANNED)


def recipients_of(states: Iterable[str]) -> dict[str, list[Contact]]:
    """The active contacts of some States, by State."""
    found: dict[str, list[Contact]] = defaultdict(list)
    for contact in Contact.objects.filter(active=True, state__in=states).order_by("copy", "pk"):
        found[contact.state_id].append(contact)
    return found


def audience(whom: str, officer: Any | None, contacts: Sequence[Contact]) -> list[Recipient]:
    """The recipients of a rule for a State, each address once: its contacts by plain mail, its desk officer."""
    people: dict[str, Recipient] = {}
    if whom != ReminderRule.Audience.DESK:
        for contact in contacts:
            if contact.kind in BY_PLAIN_MAIL:
                email = contact.email.lower()
                people.setdefault(email, Recipient(email, contact.name, contact))
    if whom != ReminderRule.Audience.CONTACTS and officer is not None and officer.is_active and officer.email:
        email = officer.email.lower()
        people.setdefault(email, Recipient(email, officer.get_full_name() or officer.get_username(), None))
    return list(people.values())
