"""Records what came into the mailbox: bounces of our mails, and messages that a person has to read.

Anybody can send a message, so it creates a task for staff and changes no contact and no record of a State. It marks
reminders as come back only if it names the Message-ID of their mail.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import DataError, transaction
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_noop

from tracker.registry.stored import StoredText
from tracker.reminders import attention, servers
from tracker.reminders.incoming import postbox
from tracker.reminders.incoming.reading import Incoming, RecipientStatus, read
from tracker.reminders.models import Bounce, Mail, ReceivedMessage, ReminderState, digest_of

log = logging.getLogger(__name__)

# Sent with `mail` and `bounce` when a mail came back; a room to the left marks what it sent with it.
mail_returned = Signal()
CAME_BACK = StoredText(gettext_noop("The mail was sent, and came back."))

Kind, Message = Bounce.Kind, ReceivedMessage.Kind
BY_GRAVITY = [kind.value for kind in Kind].index
OF_FAILURES: dict[str, str] = {
    Kind.FAILED.value: Message.RETURNED,
    Kind.GIVEN_UP.value: Message.RETURNED,
    Kind.REFUSED.value: Message.REFUSED,
    Kind.DELAYED.value: Message.DELAYED,
}
# Also returned mail that names no mail of ours: it may have been forwarded before it failed.
FOR_A_PERSON = (Message.LETTER, Message.AUTOMATIC, Message.RETURNED, Message.REFUSED)
OUTCOMES: dict[str, str] = {
    Message.RETURNED: "failed",
    Message.REFUSED: "refused",
    Message.DELAYED: "delayed",
    Message.DELIVERED: "delivered",
}
RESULTS = ("read", "failed", "delayed", "known", "unreadable", "refused", "delivered", "messages")
# A notification that does not name its mail is compared with the mails of this period.
LOOKS_BACK = timedelta(days=30)


def collect(where: Mapping[str, Any]) -> Counter[str]:
    """Reads the new messages in a mailbox, records each once and marks it as read; it stays in the mailbox.

    A message that cannot be read is named in the log and tried again by the next run; it stops neither the others nor
    later runs.

    Returns:
        the number of messages that were read and, of these, reported failures, only delays, were known, unreadable,
        reported that a server refuses our mail, only deliveries, and those that wait for a person.

    Raises:
        postbox.Unavailable: the mailbox cannot be opened, or the server closed the connection. What was recorded
            stays recorded.
    """
    counts: Counter[str] = Counter()
    with postbox.unread(where) as messages:
        for message in messages:
            counts["read"] += 1
            counts[_process(message)] += 1
    return counts


def _process(message: postbox.UnreadMessage) -> str:
    try:
        found = read(message.read())
    except postbox.CONNECTION_BROKE:
        raise  # it concerns the mailbox, not this message
    except Exception as error:  # noqa: BLE001 - of any kind: anybody can send anything
        log.warning("message %s cannot be read and is left: %s", message.name, type(error).__name__)
        return "unreadable"
    try:
        outcome = record(found, timezone.now())
    except (ValueError, DataError) as error:  # the database does not take it
        log.warning("message %s cannot be recorded and is left: %s", message.name, type(error).__name__)
        return "unreadable"
    message.done()
    return outcome


def record(found: Incoming, now: datetime) -> str:
    """Records a message: the bounces of our mails in it, or a task for the person who has to read it.

    Returns:
        one of `RESULTS`.
    """
    about = _our_mails(found, now)
    mail = about[0][0] if about else _answered(found)
    kind = _kind(found, [failure.kind for _mail, failure in about])
    with transaction.atomic():
        message, is_new = ReceivedMessage.objects.get_or_create(
            digest=digest_of(found.key),
            defaults={
                "kind": kind,
                "sender": found.sender[:320],
                "sender_name": found.sender_name[:320],
                "subject": found.subject,
                "text": found.text,
                "mail": mail,
                "received_at": _between(mail.created_at if mail else None, found.sent_at, now),
            },
        )
        if not is_new:
            return "known"
        for returned, failure in about:
            _record_bounce(message, returned, failure, is_named=returned.message_id in found.message_ids)
        if not about and kind in FOR_A_PERSON:
            attention.about_message(message)
    return "messages" if not about and kind in FOR_A_PERSON else OUTCOMES[kind]


def _kind(found: Incoming, failures: list[str]) -> str:
    """What a message is; `failures` are those of our mails."""
    kinds = failures or [failure.kind for failure in found.failures]
    if kinds:
        return OF_FAILURES[min(kinds, key=BY_GRAVITY)]
    if found.delivered:
        return Message.DELIVERED
    return Message.AUTOMATIC if found.automatic else Message.LETTER


def _answered(found: Incoming) -> Mail | None:
    """The latest of our mails that a message names."""
    return Mail.objects.filter(message_id__in=found.message_ids).order_by("-pk").first()


def _record_bounce(message: ReceivedMessage, mail: Mail, failure: RecipientStatus, *, is_named: bool) -> None:
    bounce = Bounce.objects.create(
        digest=digest_of(f"{message.digest}\n{mail.pk}"),
        message=message,
        kind=failure.kind,
        mail=mail,
        recipient=mail.recipient.lower(),
        status=failure.status,
        diagnostic=failure.diagnostic,
        server=failure.server,
        received_at=message.received_at,
    )
    # Anybody can guess an address; who names the Message-ID has had the mail.
    if bounce.kind != Kind.DELAYED and is_named:
        _mark_as_returned(mail, bounce)
    if bounce.kind in (Kind.FAILED, Kind.GIVEN_UP):
        attention.about_bounce(bounce)
    if bounce.kind == Kind.REFUSED:
        servers.refused_by(bounce.server, bounce.received_at)


def _mark_as_returned(mail: Mail, bounce: Bounce) -> None:
    """Marks the reminders in a mail that came back, also those whose sender has not recorded yet that it went."""
    handed_over = Q(state__in=(ReminderState.CLAIMED, ReminderState.UNKNOWN), handed_over_at__isnull=False)
    mail.reminders.filter(Q(state=ReminderState.SENT) | handed_over).update(
        state=ReminderState.RETURNED,
        reason=bounce.words[:200],
        sent_at=Coalesce("sent_at", "handed_over_at"),
        sent_on=Coalesce("sent_on", Value(mail.sent_on)),
    )
    mail_returned.send(sender=Mail, mail=mail, bounce=bounce)
    attention.was_sent(mail, CAME_BACK())


def _between(written: datetime | None, sent: datetime | None, now: datetime) -> datetime:
    """When a message was sent, if that is plausible: after our mail and not in the future; otherwise now."""
    return sent if sent and sent <= now and (written is None or written <= sent) else now


def _our_mails(found: Incoming, now: datetime) -> list[tuple[Mail, RecipientStatus]]:
    """Our mails that did not arrive, or not yet, each with the worst status in the message."""
    if not found.failures:
        return []
    if mail := _answered(found):
        # Each of our mails has one recipient. Any other address is one that it was forwarded to. Earlier mails may be
        # named too, because ours name those of the same thread.
        return [(mail, _worst(_about(mail, found.failures)))]
    by_recipient: dict[int, tuple[Mail, list[RecipientStatus]]] = {}
    for failure in found.failures:
        if mail := _last_mail(failure.recipients, found.sent_at or now):
            by_recipient.setdefault(mail.pk, (mail, []))[1].append(failure)
    return [(mail, _worst(failures)) for mail, failures in by_recipient.values()]


def _about(mail: Mail, failures: Iterable[RecipientStatus]) -> list[RecipientStatus]:
    everything = list(failures)
    return [failure for failure in everything if mail.recipient.lower() in failure.recipients] or everything


def _worst(failures: list[RecipientStatus]) -> RecipientStatus:
    return min(failures, key=lambda one: BY_GRAVITY(one.kind))


def _last_mail(recipients: tuple[str, ...], before: datetime) -> Mail | None:
    """The last mail of the 30 days before a moment to the first of these addresses that we wrote to."""
    for address in recipients:
        since = (before - LOOKS_BACK).date()
        if mail := Mail.objects.filter(
            recipient__iexact=address, sent_on__gte=since, created_at__lte=before
        ).first():
            return mail
    return None
