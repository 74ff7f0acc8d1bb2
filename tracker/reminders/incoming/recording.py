"""Records what came into the mailbox: bounces of our mails, with tasks for staff.

Anybody can send a notification, so it only creates a task for staff. It changes no contact and no record.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from tracker.reminders import attention
from tracker.reminders.incoming import postbox
from tracker.reminders.incoming.reading import Notification, RecipientStatus, read
from tracker.reminders.models import Bounce, Mail, digest_of

log = logging.getLogger(__name__)

Kind = Bounce.Kind
RESULTS = ("read", "failed", "delayed", "known", "left", "unreadable")
# A notification that does not name its mail is compared with the mails of this period.
LOOKS_BACK = timedelta(days=30)


def collect(where: Mapping[str, Any]) -> Counter[str]:
    """Reads the notifications in a mailbox, records them and marks them as read.

    Messages that are no notifications, or are about no mail of ours, stay unread for people. A message that cannot be
    read is named in the log and tried again by the next run; it stops neither the others nor later runs.

    Returns:
        the number of messages that were read and, of these, reported failures, only delays, were known, left alone,
        unreadable.

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
    outcome = keep(found, timezone.now()) if found else "left"
    if outcome != "left":
        message.done()
    return outcome


def keep(found: Notification, now: datetime) -> str:
    """Records what a notification says about our mails, with a task for staff if a mail did not arrive.

    Returns:
        "failed", "delayed", "known" if all of it was recorded before, or "left" if it is about no mail of ours.
    """
    about = _our_mails(found, now)
    if not about:
        return "left"
    new: set[str] = set()
    for mail, failure in about:
        with transaction.atomic():
            bounce, made = Bounce.objects.get_or_create(
                digest=digest_of(f"{found.key}\n{mail.pk}"),
                defaults={
                    "kind": failure.kind,
                    "mail": mail,
                    "recipient": mail.recipient.lower(),
                    "status": failure.status,
                    "diagnostic": failure.diagnostic,
                    "received_at": _between(mail.created_at, found.sent_at, now),
                },
            )
            if made and bounce.kind != Kind.DELAYED:
                attention.about_bounce(bounce)
        if made:
            new.add(bounce.kind)
    if not new:
        return "known"
    return "delayed" if new == {Kind.DELAYED} else "failed"


def _between(written: datetime, sent: datetime | None, now: datetime) -> datetime:
    """When a notification was sent, if that is plausible: after the mail and not in the future; otherwise now."""
    return sent if sent and written <= sent <= now else now


def _our_mails(found: Notification, now: datetime) -> list[tuple[Mail, RecipientStatus]]:
    """Our mails that a notification is about, each with the worst status in it."""
    mails = list(Mail.objects.filter(message_id__in=found.message_ids))
    if mails:
        # Each of our mails has one recipient. Any other address is one that it was forwarded to.
        return [(mail, _worst(_about(mail, found.failures))) for mail in mails]
    by_recipient: dict[int, tuple[Mail, list[RecipientStatus]]] = {}
    for failure in found.failures:
        if mail := _last_mail(failure.recipients, now):
            by_recipient.setdefault(mail.pk, (mail, []))[1].append(failure)
    return [(mail, _worst(failures)) for mail, failures in by_recipient.values()]


def _about(mail: Mail, failures: Iterable[RecipientStatus]) -> list[RecipientStatus]:
    everything = list(failures)
    return [failure for failure in everything if mail.recipient.lower() in failure.recipients] or everything


def _worst(failures: list[RecipientStatus]) -> RecipientStatus:
    return min(failures, key=lambda one: list(Kind).index(Kind(one.kind)))


def _last_mail(recipients: tuple[str, ...], now: datetime) -> Mail | None:
    """The last mail of the past 30 days to the first of these addresses that we wrote to."""
    for address in recipients:
        since = (now - LOOKS_BACK).date()
        if mail := Mail.objects.filter(recipient__iexact=address, sent_on__gte=since).first():
            return mail
    return None
