"""Tasks for staff: created once for each cause, settled with an outcome. The pages check the desks before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from tracker.obligations.models import Obligation
from tracker.registry.models import Contact, State
from tracker.registry.stored import StoredText
from tracker.reminders.models import Bounce, Mail, ReceivedMessage, Reminder, ReminderState, StaffTask

Kind = StaffTask.Kind
THE_TRACKER = StoredText(gettext_noop("the tracker"))()  # no user has this name: it contains a space


def open_tasks() -> QuerySet[StaffTask]:
    """The tasks that nobody has settled yet."""
    return StaffTask.objects.filter(settled_at=None)


def open_of(state: State) -> list[StaffTask]:
    """The open tasks of a State, newest first, with their bounces."""
    return list(open_tasks().filter(state=state).select_related("bounce"))


# --- creating ------------------------------------------------------------------------------------


def about_stuck(reminders: QuerySet[Reminder]) -> int:
    """Creates the tasks about those of these reminders that only a person can help; returns how many are new."""
    return about_dead(reminders) + about_unknown(reminders)


def about_dead(reminders: QuerySet[Reminder]) -> int:
    """Creates a task for each of these reminders that has failed permanently, once for each failure.

    The cause is the reminder and the claim under which it failed, so a reminder that is sent again and fails again has
    a second task. The number of queries is constant.

    Returns:
        the number of new tasks.
    """
    dead = reminders.filter(state=ReminderState.DEAD).order_by("pk")
    columns = ("pk", "claim", "obligation__state", "contact", "mail", "answer", "reason")
    rows = [
        StaffTask(
            kind=Kind.DEAD,
            cause=f"{pk} {claim.hex if claim else ''}".strip(),
            state_id=state,
            reminder_id=pk,
            contact_id=contact,
            mail_id=mail,
            said=answer or reason,
        )
        for pk, claim, state, contact, mail, answer, reason in dead.values_list(*columns)
    ]
    return create(rows)


def about_unknown(reminders: QuerySet[Reminder]) -> int:
    """Creates a task for each mail of which nobody knows whether it was sent, and each State that it is about.

    The cause is the mail and the claim under which it was handed over, so a mail that is sent again and lost again has
    a second task. The number of queries is constant.

    Returns:
        the number of new tasks.
    """
    unknown = reminders.filter(state=ReminderState.UNKNOWN).order_by("pk")
    columns = ("pk", "claim", "obligation__state", "contact", "mail", "recipient", "answer", "reason")
    rows: dict[tuple[Any, ...], StaffTask] = {}
    for pk, claim, state, contact, mail, recipient, answer, reason in unknown.values_list(*columns):
        rows.setdefault(
            (claim, recipient, state),
            StaffTask(
                kind=Kind.UNKNOWN,
                cause=f"{f'mail {mail}' if mail else pk} {claim.hex if claim else ''}".strip(),
                state_id=state,
                reminder_id=pk,
                contact_id=contact,
                mail_id=mail,
                said=answer or reason,
            ),
        )
    return create(list(rows.values()))


def about_bounce(bounce: Bounce) -> int:
    """Creates a task about a bounced mail for each State that the mail was about; returns how many.

    If no reminder belongs to the mail any more, because it was written again, the States of its recipient are used.
    """
    theirs = Contact.objects.filter(email__iexact=bounce.recipient).order_by("pk")
    contacts = dict(theirs.values_list("state", "pk"))
    about = bounce.mail.reminders.order_by("obligation__state").values_list("obligation__state", flat=True)
    states = list(about.distinct()) or sorted(contacts)
    rows = [
        StaffTask(
            kind=Kind.BOUNCE,
            cause=str(bounce.pk),
            state_id=state,
            bounce=bounce,
            mail_id=bounce.mail_id,
            contact_id=contacts.get(state),
            said=bounce.words,
        )
        for state in states
    ]
    return create(rows)


def about_answer(
    mail: Mail,
    cause: str,
    reminders: Iterable[Reminder],
    **told: Any,
) -> list[StaffTask]:
    """Creates the tasks about an answer by link, one for each State that it is about; changes no record.

    Args:
        cause: identifies the answer; the same one creates its tasks once.
        reminders: those that the answer is about, with their obligations.
        told: the fields of the tasks that say what was answered: `answer`, `told_on`, `said` and others.

    Returns:
        the new tasks; none if the same answer had been given before.
    """
    by_state: dict[str, list[Reminder]] = {}
    for row in reminders:
        by_state.setdefault(row.obligation.state_id, []).append(row)
    made = []
    with transaction.atomic():
        for state, rows in by_state.items():
            task, new = StaffTask.objects.get_or_create(
                kind=Kind.ANSWER,
                cause=cause,
                state_id=state,
                defaults={
                    "mail": mail,
                    "contact_id": rows[0].contact_id,
                    **told,
                },
            )
            if new:
                task.obligations.set(Obligation.objects.filter(pk__in=[row.obligation_id for row in rows]))
                made.append(task)
    return made


def about_message(message: ReceivedMessage) -> int:
    """Creates the tasks about a message that a person has to read; returns how many are new.

    One for each State of the mail that it answers, or of the contacts with the address of its author; one without a
    State if there are none.
    """
    theirs = Contact.objects.filter(email__iexact=message.sender).order_by("pk") if message.sender else ()
    contacts = {contact.state_id: contact.pk for contact in theirs}
    about = Reminder.objects.filter(mail=message.mail_id) if message.mail_id else Reminder.objects.none()
    states = set(about.order_by().values_list("obligation__state", flat=True)) or contacts.keys()
    rows = [
        StaffTask(
            kind=Kind.MESSAGE,
            cause=str(message.pk),
            state_id=state,
            message=message,
            mail_id=message.mail_id,
            contact_id=contacts.get(state or ""),
        )
        for state in (*sorted(states),) or (None,)
    ]
    return create(rows)


def create(rows: Sequence[StaffTask]) -> int:
    """Stores those tasks whose cause has none yet; another process may do the same at this moment.

    Args:
        rows: all of one kind.

    Returns:
        the number of new ones.
    """
    known = StaffTask.objects.filter(kind=rows[0].kind, cause__in=[row.cause for row in rows]) if rows else ()
    have = {(one.cause, one.state_id) for one in known}
    new = [row for row in rows if (row.cause, row.state_id) not in have]
    StaffTask.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


# --- settling ------------------------------------------------------------------------------------


def settle(task: StaffTask, *, by: str, outcome: str, along: Collection[int] = ()) -> list[int]:
    """Settles a task with an outcome; returns the keys of the settled tasks, none if it was settled before.

    Args:
        along: the keys of other tasks to settle with it, if they are about the same address: a decision about a bounced
            mail is a decision about the address.

    Raises:
        ValueError: the outcome is empty.
    """
    return _settled(same_address(task).filter(pk__in=[task.pk, *along]), by=by, outcome=outcome)


def settle_all(tasks: QuerySet[StaffTask], *, by: str, outcome: str) -> list[int]:
    """Settles those of some tasks that are open; returns their keys.

    Raises:
        ValueError: the outcome is empty.
    """
    return _settled(open_tasks().filter(pk__in=tasks.values("pk")), by=by, outcome=outcome)


def same_address(task: StaffTask) -> QuerySet[StaffTask]:
    """The open tasks that can be settled together: the task itself and, for a bounce, all about the same address."""
    together = Q(pk=task.pk)
    if task.bounce is not None:
        together |= Q(bounce__recipient=task.bounce.recipient)
    return open_tasks().filter(together)


def no_longer_stuck(reminders: Collection[int], *, by: str, outcome: str) -> list[int]:
    """Settles the open tasks about reminders that a user has just cancelled or planned again, or that were sent.

    The task about an unknown mail stays open as long as another of its reminders is unknown.
    """
    mails = Reminder.objects.filter(pk__in=reminders, mail__isnull=False).values("mail")
    doubtful = Reminder.objects.filter(
        state=ReminderState.UNKNOWN, mail=OuterRef("mail"), obligation__state=OuterRef("state")
    )
    dead = Q(kind=Kind.DEAD, reminder__in=reminders)
    unknown = Q(kind=Kind.UNKNOWN) & (Q(reminder__in=reminders) | Q(mail__in=mails)) & ~Exists(doubtful)
    return _settled(open_tasks().filter(dead | unknown), by=by, outcome=outcome)


def was_sent(mail: Mail, outcome: str) -> None:
    """Settles the open tasks about a mail of which nobody knew whether it was sent."""
    tasks = open_tasks().filter(kind=Kind.UNKNOWN, mail=mail)
    tasks.update(settled_at=timezone.now(), settled_by=THE_TRACKER, outcome=outcome)


def _settled(tasks: QuerySet[StaffTask], *, by: str, outcome: str) -> list[int]:
    if not outcome:
        raise ValueError("a task is settled with an outcome")
    with transaction.atomic():
        keys = list(tasks.order_by("pk").values_list("pk", flat=True))
        values: dict[str, Any] = {"settled_at": timezone.now(), "settled_by": by, "outcome": outcome[:200]}
        open_tasks().filter(pk__in=keys).update(**values)
    return keys


def reopen(tasks: QuerySet[StaffTask]) -> int:
    """Reopens settled tasks; returns how many."""
    return tasks.filter(settled_at__isnull=False).update(settled_at=None, settled_by="", outcome="")


def states_of(tasks: QuerySet[StaffTask]) -> set[str]:
    """The alpha-3 codes of the States that these tasks are about."""
    return set(tasks.exclude(state=None).order_by().values_list("state", flat=True).distinct())
