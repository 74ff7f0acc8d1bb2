"""Mail that comes back: reads delivery-status notifications (RFC 3464) and keeps what they say of our mails.

Anybody can send a notification, so it is believed in nothing but this: that somebody has to look. It changes no
contact and no record.
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

from tracker.registry.models import Contact
from tracker.reminders import attention, postbox
from tracker.reminders.models import Bounce, Mail, digest_of

log = logging.getLogger(__name__)

Kind = Bounce.Kind
RESULTS = ("read", "failed", "delayed", "known", "left", "unreadable")
# A notification that does not say which mail it is about is held against the mails of so many days.
LOOKS_BACK = timedelta(days=30)
MOST_WORDS = 1000  # characters of what the server said
MOST_PARTS = 100  # of a notification, and recipients in it; an honest one has three and one
STATUSES = ("message/delivery-status", "message/global-delivery-status")
HEADS = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers")
ENCODED = ("base64", "quoted-printable")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY = re.compile(r"\b([245])\d\d\b")
_ID = re.compile(r"<[^<>\s@]{1,100}@[^<>\s]{1,100}>")
_ADDRESS = re.compile(r"[^\s<>;,@]+@[^\s<>;,@]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


# --- what a notification says --------------------------------------------------------------------


@dataclass(frozen=True)
class Delivery:
    """What became of a mail for one recipient.

    Attributes:
        recipients: the addresses by which the notification names the recipient, in small letters.
        status: by RFC 3463, as 5.1.1; empty where there is none.
    """

    kind: str
    recipients: tuple[str, ...]
    status: str
    diagnostic: str


@dataclass(frozen=True)
class Notification:
    """A delivery-status notification.

    Attributes:
        key: tells it from others, the same each time it is read.
        message_ids: by which it may name the mail that it is about.
        deliveries: what failed or is delayed; what was delivered or relayed is left out.
    """

    key: str
    sent_at: datetime | None
    message_ids: tuple[str, ...]
    deliveries: tuple[Delivery, ...]


def read(raw: bytes) -> Notification | None:
    """What a message says as a delivery-status notification; None where it is none, or says of no failure.

    It may be cut off, encoded wrongly or lack most of its fields. What it encloses, for example a notification that
    somebody forwards, says nothing by itself.
    """
    message = message_from_bytes(raw, policy=default)
    parts = list(_parts(message))
    deliveries = tuple(
        found
        for part in parts
        if _type(part) in STATUSES
        for block in _blocks(part)
        if (found := _delivery(block)) is not None
    )
    if not deliveries:
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
        deliveries=deliveries[:MOST_PARTS],
    )


def _header(message: Message, name: str) -> str:
    """A header in one line; nothing for one that is missing or that the parser breaks on."""
    try:
        value = message.get(name, "")
        return " ".join(_CONTROL.sub(" ", str(value)).split())
    except Exception:  # noqa: BLE001 - of any kind: the parser of headers raises what its authors did not think of
        return ""


def _type(part: Message) -> str:
    try:
        return part.get_content_type()
    except Exception:  # noqa: BLE001 - as above
        return ""


def _parts(message: Message) -> Iterator[Message]:
    """The parts of a message but for what its enclosed messages hold, depth first, a hundred at most."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part, seen = waiting.pop(), seen + 1
        yield part
        if _type(part).startswith("multipart/") and isinstance(inner := part.get_payload(), list):
            waiting += [one for one in reversed(inner) if isinstance(one, Message)]


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields of a delivery status: the first about the mail, the others each about a recipient."""
    payload = part.get_payload()
    if _is_encoded(part) or _type(part) != STATUSES[0] or not isinstance(payload, list):
        # The parser knows the groups of the plain kind alone, and nothing of one that is encoded.
        for text in re.split(rb"\r?\n\r?\n", _decoded(part))[: MOST_PARTS + 1]:
            yield message_from_bytes(text.strip() + b"\n\n", policy=default)
    else:
        yield from (one for one in payload[: MOST_PARTS + 1] if isinstance(one, Message))


def _is_encoded(part: Message) -> bool:
    """Whether a part is encoded, which the standard forbids for these, and some do."""
    return _header(part, "Content-Transfer-Encoding").lower() in ENCODED


def _decoded(part: Message) -> bytes:
    """The text of a part, whatever it is encoded as."""
    inner = part.get_payload()
    if isinstance(inner, list):
        inner = "\n\n".join(str(one.get_payload()) for one in inner if isinstance(one, Message))
    flat = Message()
    flat["Content-Transfer-Encoding"] = _header(part, "Content-Transfer-Encoding")
    flat.set_payload(inner)
    found = flat.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _delivery(block: Message) -> Delivery | None:
    """What a group of fields says of a recipient; None where it is of none, or the mail went well."""
    recipients = tuple(
        dict.fromkeys(
            address[0].lower()
            for name in ("Original-Recipient", "Final-Recipient")
            if (address := _ADDRESS.search(_header(block, name).rpartition(";")[2]))
        )
    )
    diagnostic = _header(block, "Diagnostic-Code")
    _scheme, _, said = diagnostic.partition(";")
    words = (said.strip() or diagnostic)[:MOST_WORDS]
    status = _STATUS.search(_header(block, "Status")) or _STATUS.search(words)
    reply = status or _REPLY.search(words)
    action = _header(block, "Action").lower()
    level = reply[1] if reply else ""
    if not (recipients or action):
        return None
    kind = ""
    if action.startswith("failed") or (not action and level == "5"):
        # Without a word why, a failure is one for good.
        kind = Kind.GIVEN_UP if level == "4" else Kind.FAILED
    elif action.startswith("delayed") or (not action and level == "4"):
        kind = Kind.DELAYED
    return Delivery(kind, recipients, status[0] if status else "", words) if kind else None


def _returned(part: Message) -> Message | None:
    """The head of the mail that comes back, whole or its headers alone (RFC 3462)."""
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


# --- what is kept of it --------------------------------------------------------------------------


def collect(where: Mapping[str, Any]) -> Counter[str]:
    """Reads what came back to a mailbox and keeps it; what was dealt with is marked as read.

    What is no notification, or is about no mail of ours, is left unread for people. What cannot be read is named in
    the log, left, and tried again by the next run: one bad message must neither stop the others nor every run.

    Returns:
        how many were read and, of these, told of failures, of delays alone, were known, left alone, unreadable.

    Raises:
        postbox.Unavailable: the mailbox cannot be opened, or the server hung up. What was kept stays kept.
    """
    counts: Counter[str] = Counter()
    with postbox.unread(where) as letters:
        for letter in letters:
            counts["read"] += 1
            counts[_deal_with(letter)] += 1
    return counts


def _deal_with(letter: postbox.Letter) -> str:
    try:
        found = read(letter.read())
    except postbox.LINE_BROKE:
        raise  # about the mailbox, not about this message
    except Exception as error:  # noqa: BLE001 - of any kind: whoever sends mail decides what is in it
        log.warning("message %s cannot be read and is left: %s", letter.name, type(error).__name__)
        return "unreadable"
    outcome = keep(found, timezone.now()) if found else "left"
    if outcome != "left":
        letter.done()
    return outcome


def keep(found: Notification, now: datetime) -> str:
    """Keeps what a notification says of our mails, with a task for staff where a mail did not arrive.

    Returns:
        "failed", "delayed", "known" where all of it was kept before, or "left" where it is about no mail of ours.
    """
    about = _our_mails(found, now)
    if not about:
        return "left"
    new: set[str] = set()
    for mail, told in about:
        with transaction.atomic():
            bounce, made = Bounce.objects.get_or_create(
                digest=digest_of(f"{found.key}\n{mail.pk}"),
                defaults={
                    "kind": told.kind,
                    "mail": mail,
                    "recipient": mail.recipient.lower(),
                    "status": told.status,
                    "diagnostic": told.diagnostic,
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


def _between(written: datetime, told: datetime | None, now: datetime) -> datetime:
    """When a notification was sent, as far as its own word for it can be: after the mail, and not in the future."""
    return told if told and written <= told <= now else now


def _our_mails(found: Notification, now: datetime) -> list[tuple[Mail, Delivery]]:
    """The mails of ours that a notification is about, each with the worst that it says of it."""
    mails = list(Mail.objects.filter(message_id__in=found.message_ids))
    if mails:
        # Each of our mails has one recipient. Another address is one to which theirs forwards.
        return [(mail, _worst(_about(mail, found.deliveries))) for mail in mails]
    by_recipient: dict[int, tuple[Mail, list[Delivery]]] = {}
    for told in found.deliveries:
        if mail := _last_mail(told.recipients, now):
            by_recipient.setdefault(mail.pk, (mail, []))[1].append(told)
    return [(mail, _worst(told)) for mail, told in by_recipient.values()]


def _about(mail: Mail, deliveries: Iterable[Delivery]) -> list[Delivery]:
    everything = list(deliveries)
    return [told for told in everything if mail.recipient.lower() in told.recipients] or everything


def _worst(told: list[Delivery]) -> Delivery:
    return min(told, key=lambda one: list(Kind).index(Kind(one.kind)))


def _last_mail(recipients: tuple[str, ...], now: datetime) -> Mail | None:
    """The last mail within 30 days to the first of some addresses that we wrote to."""
    for address in recipients:
        since = (now - LOOKS_BACK).date()
        if mail := Mail.objects.filter(recipient__iexact=address, sent_on__gte=since).first():
            return mail
    return None


# --- who cannot be reached -----------------------------------------------------------------------


def undeliverable() -> QuerySet[Bounce, str]:
    """The addresses, in small letters, that a mail server refused for good and about which a task is open."""
    return open_failures().order_by().values_list("recipient", flat=True).distinct()


def open_failures() -> QuerySet[Bounce]:
    """Mails refused for good whose tasks nobody has settled yet, the last first."""
    unsettled = attention.open_tasks().filter(bounce=OuterRef("pk"))
    return Bounce.objects.filter(Exists(unsettled), kind=Kind.FAILED)


def open_about(contacts: Iterable[Contact]) -> dict[int, Bounce]:
    """The last open failure of each contact's present address, by the contact's key; in one query."""
    everyone = list(contacts)
    addresses = {contact.email.lower() for contact in everyone}
    last: dict[str, Bounce] = {}
    for bounce in open_failures().filter(recipient__in=addresses) if addresses else ():
        last.setdefault(bounce.recipient, bounce)
    return {one.pk: last[one.email.lower()] for one in everyone if one.email.lower() in last}
