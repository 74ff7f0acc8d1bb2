"""Plans reminders: what is due to be written by now and is not in the ledger yet.

Never "what is due in exactly 30 days": a night that was missed is made up for on the next one, and a
second run finds nothing to do.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import product
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.obligations import sync
from tracker.obligations.models import Kind, Obligation, Source, Span
from tracker.registry.desks import Desks
from tracker.registry.models import Contact, State
from tracker.reminders import bounces
from tracker.reminders.ledger import Missing, Person, Reached
from tracker.reminders.models import WAITING, Reminder, ReminderRule, ReminderState
from tracker.reminders.pauses import not_paused
from tracker.reminders.restored import held_until
from tracker.rules.dates import add_months
from tracker.rules.reminding import Offset, Stage, newest_stage

BY_HAND = "required"
WAITS = Q(state__in=WAITING)
PAUSED = gettext_lazy("paused; planned anew once the pause is over")
RETURNED = gettext_lazy("an earlier mail to this address came back")
NAME_LENGTH = 150  # a user's full name may be longer than the ledger's column


@dataclass(frozen=True)
class Recipient:
    """Somebody to write to; a desk officer has no contact."""

    email: str
    name: str
    contact: Contact | None


@dataclass
class Plan:
    """What a run planned, and whom it could not write to.

    Attributes:
        count: how many reminders were planned.
        batch: by which the ledger knows them.
    """

    count: int = 0
    cancelled: int = 0
    without_contact: list[State] = field(default_factory=list)
    batch: uuid.UUID = field(default_factory=uuid.uuid4)

    @cached_property
    def planned(self) -> list[Reminder]:
        """The reminders themselves, by State and due date."""
        rows = Reminder.objects.filter(batch=self.batch).select_related("obligation__state", "rule")
        return list(rows.order_by("obligation__state", "due_on", "recipient"))


def plan(
    day: date, *, today: date | None = None, dry_run: bool = False, states: Iterable[str] | None = None
) -> Plan:
    """Enters into the ledger what has to be written by a day.

    Args:
        today: see `still_open`.
        states: only about these States; None for all.

    Only the newest stage of each obligation is planned; older ones that still wait are overtaken. Two
    planners at once are harmless: the ledger's unique key lets one of them win.
    """
    found = Plan()
    with transaction.atomic():
        # A second planner waits here, then finds all of it in the ledger (SQLite lets one writer in).
        rules = list(ReminderRule.objects.filter(active=True).order_by("pk").select_for_update(no_key=True))
        about = None if states is None else sorted(states)
        found.cancelled = cancel_outdated(day, None if about is None else _about(about), today=today)
        if rules:
            _plan(day, today, rules, found, about)
        if dry_run:
            list(found.planned)  # read while the rows are there
            transaction.set_rollback(True)
    return found


def derive_after_upgrade(today: date) -> None:
    """Synchronises all obligations if some still are as the program before an upgrade derived them: they have no spans.

    Their dates may no longer count, and nobody is written to because of a release.
    """
    spans = Span.objects.filter(obligation=OuterRef("pk"))
    if Obligation.objects.filter(~Exists(spans), expected=True).exists():
        sync.synchronise(today)


def _about(states: Iterable[str]) -> QuerySet[Any]:
    """The ledger's rows about some States."""
    return Reminder.objects.filter(obligation__state__in=states)


def still_open(day: date, today: date | None = None) -> QuerySet[Any]:
    """Obligations that may be written about on a day: dated, unanswered, not "no record".

    Args:
        today: see `ObligationQuerySet.as_of`; without it any day is answered, slower.
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
        + cancel(rows.filter(_unwanted(rows)), Value(_("no longer to be written to")))
        + cancel(rows.filter(paused(day)), Value(str(PAUSED)))
    )


def still_due(day: date, today: date | None = None) -> Q:
    """The condition on reminders that the report they speak of is still expected by that date."""
    owed = still_open(day, today).filter(pk=OuterRef("obligation"), due=OuterRef("due_on"))
    return Q(Exists(owed))


def _why_not_due(day: date) -> Case:
    """Why a report is not reminded of any more by a date: the reason kept with a cancelled reminder, in words."""
    # Asked of the obligation by its key: an UPDATE cannot join.
    report = Obligation.objects.filter(pk=OuterRef("obligation"))
    undated = report.filter(due_on=None)
    reasons = (
        (report.filter(Q(expected=False) | Q(ceases_on__lte=day)), _("the report is no longer expected")),
        (report.filter(answered_on__isnull=False), _("the report is recorded as received")),
        (report.filter(waived=True), _("no report is asked for any more")),
        (
            undated.filter(due_source=Source.TREATY_CALENDAR),
            _("no document with a date of this report is recorded, so its date no longer counts"),
        ),
        (undated, _("the Committee will communicate the date of this report")),
        (report.exclude(due_on=OuterRef("due_on")), _("the due date of this report has changed")),
    )
    return Case(
        *(When(Exists(rows), then=Value(reason)) for rows, reason in reasons),
        default=Value(_("our records do not tell whether this report has been received")),
        output_field=CharField(),
    )


def paused(day: date) -> Q:
    free = Obligation.objects.filter(not_paused(day), pk=OuterRef("obligation"))
    return ~Q(Exists(free))


def _unwanted(waiting: QuerySet[Any]) -> Q:
    """Those whose rule no longer stands, or whose recipient is not the State's contact or desk officer any more.

    Who they are is looked up here and not in the database, which knows the capitals of ASCII only.
    """
    found = Q(rule__in=ReminderRule.objects.filter(active=False))
    written_to = list(waiting.order_by().values_list("obligation__state", "contact", "recipient").distinct())
    if not written_to:
        return found
    states = State.objects.filter(pk__in={state for state, _contact, _email in written_to})
    desks = Desks.read()
    officers = {state.pk: desks.officer_of(state) for state in states.select_related("desk_officer")}
    contacts = Contact.objects.filter(active=True, pk__in={contact for _state, contact, _email in written_to})
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
    # No stage lies further ahead of a due date than the earliest rule. A month's end that was clipped
    # (31 August less six months is 28 February) can take three days more.
    ahead = add_months(day, -min(0, *(rule.months for rule in rules))) + timedelta(
        days=3 - min(0, *(rule.days for rule in rules))
    )
    owed = still_open(day, today).filter(due__lte=ahead).filter(not_paused(day))
    dated = Obligation.objects.unanswered(day, today=today).filter(due__lte=ahead)  # more, and found sooner
    states = State.objects.select_related("desk_officer")
    if about is not None:
        owed, dated, states = (
            owed.filter(state__in=about),
            dated.filter(state__in=about),
            states.filter(pk__in=about),
        )
    reached = list(_reached(dated, rules, day))
    if not reached:
        return
    people, lonely = _people(states, {rule.audience for rule in rules})
    found.count = Missing(owed, reached, people, day, every=about is None).enter(found.batch)
    if found.count:
        later = Reminder.objects.filter(
            batch=found.batch, obligation=OuterRef("obligation"), recipient=OuterRef("recipient")
        )
        Reminder.objects.filter(Exists(later), state__in=WAITING).exclude(batch=found.batch).update(
            state=ReminderState.OVERTAKEN
        )
    if lonely:
        stages = {(stage.kind, stage.due): stage.audience for stage in reached}
        rows = owed.filter(state__in={state for state, _audience in lonely})
        codes = {
            state
            for state, kind, due in rows.order_by().values_list("state", "kind", "due").distinct()
            if (state, stages.get((kind, due))) in lonely
        }
        found.without_contact = list(State.objects.filter(pk__in=codes).order_by("name"))


@lru_cache(maxsize=1 << 15)
def _stage(due: date, offsets: tuple[tuple[int, Offset], ...], day: date) -> Stage | None:
    """`newest_stage`, reckoned once a day: most rules are for all kinds of reports, and a worker asks every hour."""
    return newest_stage(due, offsets, day)


def _reached(dated: QuerySet[Any], rules: Sequence[ReminderRule], day: date) -> Iterator[Reached]:
    """The newest stage of each kind and due date, where one has come; held if it may have gone before a restore."""
    words: dict[tuple[int, int], str] = {}
    by_key = {rule.pk: rule for rule in rules}
    of_kind = {kind: [rule.pk for rule in rules if rule.kind in ("", kind)] for kind in Kind}
    offsets = {kind: tuple((key, by_key[key].as_rule()) for key in keys) for kind, keys in of_kind.items()}
    until, why = held_until() or (None, "")
    for kind, due in dated.order_by().values_list("kind", "due").distinct():
        stage = _stage(due, offsets[kind], day)
        if stage is None:
            continue
        rule, which = by_key[stage.key], (stage.key, stage.occurrence)
        if which not in words:
            words[which] = rule.label(stage.occurrence)
        held = until is not None and stage.day <= until
        yield Reached(
            kind, due, rule.pk, stage.occurrence, stage.day, words[which], rule.audience, why if held else ""
        )


def _people(
    states: QuerySet[State], audiences: Iterable[str]
) -> tuple[list[Person], set[tuple[str, str | None]]]:
    """Who is written to for each State and audience; and for which of them nobody at the State, or nobody at all."""
    every = list(states)
    contacts, desks = recipients_of([state.pk for state in every]), Desks.read()
    returned = set(bounces.undeliverable())
    found: list[Person] = []
    lonely: set[tuple[str, str | None]] = set()
    for state, whom in product(every, sorted(audiences)):
        people = audience(whom, desks.officer_of(state), contacts[state.pk])
        if not people or not (contacts[state.pk] or whom == ReminderRule.Audience.DESK):
            lonely.add((state.pk, whom))
        for one in people:
            contact = one.contact.pk if one.contact else None
            begins, reason = _first_state(one, returned)
            name = one.name[:NAME_LENGTH]
            found.append(Person(state.pk, whom, one.email, name, contact, begins, reason))
    return found, lonely


def _first_state(person: Recipient, returned: Collection[str]) -> tuple[ReminderState, str]:
    """Where a reminder begins, and why if that is unusual.

    Mail to a State waits for a person's approval, mail to our own desk does not; and nothing is sent in silence to
    an address from which an earlier mail came back.
    """
    if person.email in returned:
        return ReminderState.HELD, str(RETURNED)
    by_hand = settings.REMINDERS_APPROVAL == BY_HAND and person.contact is not None
    return (ReminderState.HELD if by_hand else ReminderState.PLANNED), ""


def recipients_of(states: Iterable[str]) -> dict[str, list[Contact]]:
    found: dict[str, list[Contact]] = defaultdict(list)
    for contact in Contact.objects.filter(active=True, state__in=states).order_by("copy", "pk"):
        found[contact.state_id].append(contact)
    return found


def audience(whom: str, officer: Any | None, contacts: Sequence[Contact]) -> list[Recipient]:
    """The people that a rule's audience is for a State, each address once: its contacts, its desk officer."""
    people: dict[str, Recipient] = {}
    if whom != ReminderRule.Audience.DESK:
        for contact in contacts:
            email = contact.email.lower()
            people.setdefault(email, Recipient(email, contact.name, contact))
    if whom != ReminderRule.Audience.CONTACTS and officer is not None and officer.is_active and officer.email:
        email = officer.email.lower()
        people.setdefault(email, Recipient(email, officer.get_full_name() or officer.get_username(), None))
    return list(people.values())
