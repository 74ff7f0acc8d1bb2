"""Reads a message that came in: what a delivery-status notification (RFC 3464) says about our mails.

Pure: it knows neither the database nor the mailbox.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import default
from email.utils import parsedate_to_datetime

from tracker.registry.addresses import in_letters
from tracker.reminders.models import Bounce

Kind = Bounce.Kind
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
