"""Answers by the link in a mail: they create tasks for staff and change no record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from tracker.obligations.models import Precision
from tracker.registry.desks import Desks
from tracker.reminders import attention, links
from tracker.reminders.messages import desk_mailbox
from tracker.reminders.models import Mail, Reminder, StaffTask, digest_of

# A person answers a mail once and may correct the answer once or twice; a program that found a link does not stop.
MOST_FOR_A_MAIL = 5
COUNTED_FOR = timedelta(days=1)


class TooMany(Exception):
    """A mail was answered too often within a day."""


@dataclass(frozen=True)
class Answerable:
    """The mail that a link belongs to.

    Attributes:
        is_open: whether it can still be answered.
        reminders: those that can be answered, earliest due date first; none if it is not open.
    """

    mail: Mail
    is_open: bool
    reminders: Sequence[Reminder]


@dataclass(frozen=True)
class ContactAnswer:
    """The answer of a contact.

    Attributes:
        answer: one of `StaffTask.Answer`.
        told_on: the day on which the report was sent or by which it will be, until which more time is asked for, or
            that the Committee gave.
        said: a remark, as plain text.
        precision: how exactly that day is meant; one of `Precision`.
        document: the symbol of the document in which the Committee gave the day.
        proposed: whom to write to instead, as values for the form of a contact.
    """

    answer: str
    told_on: date | None
    said: str
    precision: str = Precision.DAY
    document: str = ""
    proposed: dict[str, str] = field(default_factory=dict)


def find(token: str, day: date) -> Answerable | None:
    """The mail that a token belongs to, or None if we did not sign it or the mail was never handed over.

    A link is closed after its last day, when staff have closed the mail for answers, and when the contact was deleted,
    is no longer active or has another address, because somebody else may read the mailbox then.
    """
    link = links.read(token)
    if link is None:
        return None
    mail = Mail.objects.filter(message_id__startswith=f"<{link.mail}@").defer("text", "html").first()
    if mail is None:
        return None
    rows: list[Reminder] = []
    if day <= link.last_day and mail.answers_closed_at is None:
        known = mail.reminders.select_related("obligation__state__desk_officer", "contact")
        rows = [row for row in known.order_by("due_on", "pk") if _is_still_theirs(row)]
    return Answerable(mail, bool(rows), rows)


def _is_still_theirs(row: Reminder) -> bool:
    contact = row.contact
    return contact is not None and contact.active and contact.email.lower() == row.recipient.lower()


def take(mail: Mail, reminders: Iterable[Reminder], answer: ContactAnswer) -> list[StaffTask]:
    """Creates the tasks for an answer; the same answer on the same day creates them once.

    Returns:
        the new tasks; none if the same answer had been given before.

    Raises:
        TooMany: there were five answers to the mail within a day. Each mail has its own limit, so that nobody can use
            up the limit of others.
    """
    rows = list(reminders)
    now = timezone.now()
    keys = sorted(row.pk for row in rows)
    cause = digest_of(f"{mail.pk} {keys} {answer} {timezone.localdate(now)}")
    with transaction.atomic():
        is_new(mail, cause, now)
        return attention.about_answer(mail, cause, rows, **asdict(answer))


def is_new(mail: Mail, cause: str, now: datetime) -> bool:
    """Whether an answer to a mail was not given within the last day; in a transaction.

    Raises:
        TooMany: it is new, and the mail was answered too often within a day.
    """
    # Two answers at once are counted one after the other.
    Mail.objects.select_for_update().only("pk").get(pk=mail.pk)
    lately = StaffTask.objects.filter(
        kind=StaffTask.Kind.ANSWER, mail=mail, created_at__range=(now - COUNTED_FOR, now)
    )
    recent = set(lately.values_list("cause", flat=True))
    if cause not in recent and len(recent) >= MOST_FOR_A_MAIL:
        raise TooMany
    return cause not in recent


def desk_addresses(rows: Iterable[Reminder]) -> list[str]:
    """The addresses that the recipient of some reminders can write to: the desk officers, as named in the mail."""
    desks = Desks.read()
    officers = [desks.officer_of(row.obligation.state) for row in rows]
    found = [one.email for one in officers if one is not None and one.is_active and one.email]
    return list(dict.fromkeys(found)) or [desk_mailbox()[1]]
