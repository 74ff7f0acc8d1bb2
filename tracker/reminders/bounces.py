"""Bounces: reads delivery-status notifications (RFC 3464) and records what they say about our mails.

Anybody can send a notification, so it only creates a task for staff. It changes no contact and no record.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import default
from email.utils import parsedate_to_datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from tracker.registry.addresses import in_letters
from tracker.registry.models import Contact
from tracker.reminders import attention, postbox
from tracker.reminders.models import Bounce, Mail, digest_of

log = logging.getLogger(__name__)

Kind = Bounce.Kind
RESULTS = ("read", "failed", "delayed", "known", "left", "unreadable")
# A notification that does not name its mail is compared with the mails of this period.
LOOKS_BACK = timedelta(days=30)
MOST_WORDS = 1000  # characters of the server's text
MOST_PARTS = 100  # of a notification, and recipients in it; usually there are three and one
STATUSES = ("message/delivery-status", "message/global-delivery-status")
HEADS = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers")
ENCODED = ("base64", "quoted-printable")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY = re.compile(r"\b([245])\d\d\b")
_ID = re.compile(r"<[^<>\s@]{1,100}@[^<>\s]{1,100}>")
_ADDRESS = re.compile(r"[^\s<>;,@]+@[^\s<>;,@]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


# --- reading a notification ----------------------------------------------------------------------


@dataclass(frozen=True)
class RecipientStatus:
    """A failure or delay of a mail to one recipient.

    Attributes:
        recipients: the addresses of the recipient in the notification, in lower case.
        status: by RFC 3463, such as 5.1.1; empty if there is none.
    """

    kind: str
    recipients: tuple[str, ...]
    status: str
    diagnostic: str


@dataclass(frozen=True)
class Notification:
    """A delivery-status notification.

    Attributes:
        key: identifies it, the same each time it is read.
        message_ids: possible Message-IDs of the mail that it is about.
        failures: recipients whose mail failed or is delayed; not those it was delivered or relayed to.
    """

    key: str
    sent_at: datetime | None
    message_ids: tuple[str, ...]
    failures: tuple[RecipientStatus, ...]


def read(raw: bytes) -> Notification | None:
    """Reads a message; returns None if it is not a delivery-status notification, or reports no failure.

    It may be cut off, wrongly encoded or lack most of its fields. Enclosed messages, for example a notification that
    somebody forwards, are ignored.
    """
    message = message_from_bytes(raw, policy=default)
    parts = list(_parts(message))
    failures = tuple(
        found
        for part in parts
        if _type(part) in STATUSES
        for block in _blocks(part)
        if (found := _recipient_status(block)) is not None
    )
    if not failures:
        return None
    heads = [head for part in parts if (head := _returned(part)) is not None]
    named = " ".join(_header(head, "Message-ID") for head in heads)
    if not _ID.search(named):
        named = f"{_header(message, 'In-Reply-To')} {_header(message, 'References')}"
    own = _ID.search(_header(message, "Message-ID"))
    return Notification(
        key=own[0] if own else hashlib.sha256(raw).hexdigest(),
        sent_at=_moment(_header(message, "Date")),
        message_ids=tuple(dict.fromkeys(_ID.findall(named)))[:MOST_PARTS],
        failures=failures[:MOST_PARTS],
    )


def _header(message: Message, name: str) -> str:
    """A header in one line; empty if it is missing or the parser fails on it."""
    try:
        value = message.get(name, "")
        return " ".join(_CONTROL.sub(" ", str(value)).split())
    except Exception:  # noqa: BLE001 - the header parser raises undocumented errors
        return ""


def _type(part: Message) -> str:
    try:
        return part.get_content_type()
    except Exception:  # noqa: BLE001 - as above
        return ""


def _parts(message: Message) -> Iterator[Message]:
    """The parts of a message, depth first, at most a hundred; enclosed messages are not opened."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part, seen = waiting.pop(), seen + 1
        yield part
        if _type(part).startswith("multipart/") and isinstance(inner := part.get_payload(), list):
            waiting += [one for one in reversed(inner) if isinstance(one, Message)]


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields of a delivery status: the first is about the mail, each other one about a recipient."""
    payload = part.get_payload()
    if _is_encoded(part) or _type(part) != STATUSES[0] or not isinstance(payload, list):
        # The parser splits groups of the plain type only, and none that is encoded.
        for text in re.split(rb"\r?\n\r?\n", _decoded(part))[: MOST_PARTS + 1]:
            yield message_from_bytes(text.strip() + b"\n\n", policy=default)
    else:
        yield from (one for one in payload[: MOST_PARTS + 1] if isinstance(one, Message))


def _is_encoded(part: Message) -> bool:
    """Whether a part is encoded; the standard forbids it here, but some servers do it."""
    return _header(part, "Content-Transfer-Encoding").lower() in ENCODED


def _decoded(part: Message) -> bytes:
    """The content of a part, decoded."""
    inner = part.get_payload()
    if isinstance(inner, list):
        inner = "\n\n".join(str(one.get_payload()) for one in inner if isinstance(one, Message))
    flat = Message()
    flat["Content-Transfer-Encoding"] = _header(part, "Content-Transfer-Encoding")
    flat.set_payload(inner)
    found = flat.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _recipient_status(block: Message) -> RecipientStatus | None:
    """The failure in a group of fields, or None if there is no recipient or no failure in it."""
    recipients = tuple(
        dict.fromkeys(
            in_letters(address[0].lower())
            for name in ("Original-Recipient", "Final-Recipient")
            if (address := _ADDRESS.search(_header(block, name).rpartition(";")[2]))
        )
    )
    diagnostic = _header(block, "Diagnostic-Code")
    _scheme, _, text = diagnostic.partition(";")
    words = (text.strip() or diagnostic)[:MOST_WORDS]
    status = _STATUS.search(_header(block, "Status")) or _STATUS.search(words)
    reply = status or _REPLY.search(words)
    action = _header(block, "Action").lower()
    level = reply[1] if reply else ""
    if not (recipients or action):
        return None
    kind = ""
    if action.startswith("failed") or (not action and level == "5"):
        # A failure without a reason is taken as permanent.
        kind = Kind.GIVEN_UP if level == "4" else Kind.FAILED
    elif action.startswith("delayed") or (not action and level == "4"):
        kind = Kind.DELAYED
    return RecipientStatus(kind, recipients, status[0] if status else "", words) if kind else None


def _returned(part: Message) -> Message | None:
    """The headers of the returned mail, which may be enclosed whole or as headers only (RFC 3462)."""
    kind, inner = _type(part), part.get_payload()
    if kind in ("message/rfc822", "message/global") and not _is_encoded(part):
        return inner[0] if isinstance(inner, list) and inner and isinstance(inner[0], Message) else None
    if kind in ("message/rfc822", "message/global", *HEADS):
        return message_from_bytes(_decoded(part).lstrip(), policy=default)
    return None


def _moment(written: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(written)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


# --- recording it --------------------------------------------------------------------------------


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


# --- addresses that bounce -----------------------------------------------------------------------


def undeliverable() -> QuerySet[Bounce, str]:
    """The addresses, in lower case, that a mail server refused permanently and that have an open task."""
    return open_failures().order_by().values_list("recipient", flat=True).distinct()


def open_failures() -> QuerySet[Bounce]:
    """Permanent failures with an open task, the latest first."""
    unsettled = attention.open_tasks().filter(bounce=OuterRef("pk"))
    return Bounce.objects.filter(Exists(unsettled), kind=Kind.FAILED)


def open_about(contacts: Iterable[Contact]) -> dict[int, Bounce]:
    """The latest open failure of each contact's current address, by the contact's key; in one query."""
    everyone = list(contacts)
    addresses = {contact.email.lower() for contact in everyone}
    last: dict[str, Bounce] = {}
    for bounce in open_failures().filter(recipient__in=addresses) if addresses else ():
        last.setdefault(bounce.recipient, bounce)
    return {one.pk: last[one.email.lower()] for one in everyone if one.email.lower() in last}
