"""Reads a message that came into the mailbox: who writes, and what it says about our mails.

Pure: it knows neither the database nor the mailbox. Returned mail is recognised by the machine-readable delivery status
(RFC 3464) where there is one, and otherwise by who sends it and what it quotes, because many servers write for people
only.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import default
from email.utils import getaddresses, parsedate_to_datetime

from django.utils.html import strip_tags

from tracker.registry.addresses import in_letters
from tracker.reminders.incoming.refusals import refuses_sender
from tracker.reminders.models import Bounce

Kind = Bounce.Kind
MOST_WORDS = 1000  # characters of the server's text
MOST_TEXT = 4000  # characters of what a person reads
MOST_READ = 100_000  # characters of a part in which addresses and Message-IDs are looked for
MOST_HEAD = 32_000  # bytes of the headers; the parser takes seconds for much longer ones
MOST_PARTS = 100  # of a message, and recipients in it; usually there are three and one
MOST_ADDRESSES = 20
# The parser would split a delivery status into messages and lose the lines that are no fields.
_STATUS_TYPE = re.compile(rb"message/(?:global-)?delivery-status", re.IGNORECASE)
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
STATUS = "text/delivery-status"
ENCLOSED = ("message/rfc822", "message/global")
HEADS = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers")
ENCODED = ("base64", "quoted-printable")
WAS_DELIVERED = ("delivered", "relayed", "expanded", "deliverable")
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.])([45])[0-7]\d\b(?!\.\d)")
_ID = re.compile(r"<[^<>\s@]{1,100}@[^<>\s]{1,100}>")
_ID_FIELD = re.compile(r"^[>|\s]{0,6}Message-ID\s*:\s*(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[^\s<>;:,()\[\]{}\"'`“”„«»|=@/\\]{1,64}@[^\s<>;:,()\[\]{}\"'`“”„«»|=@/\\]{1,255}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
_CONTROL_IN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
# The fields of a delivery status; any other line belongs to the field before it.
_FIELD = re.compile(
    r"(Reporting-MTA|Reporting-UA|DSN-Gateway|Received-From-MTA|Arrival-Date|Original-Envelope-Id|"
    r"Original-Recipient|Final-Recipient|Action|Status|Remote-MTA|Diagnostic-Code|Last-Attempt-Date|Final-Log-ID|"
    r"Will-Retry-Until|Localized-[A-Za-z-]+|X-[A-Za-z0-9-]+)\s*:\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
# A copy of our mail in the text begins with its headers.
_HEADER_LINE = re.compile(
    r"[>|\s]{0,6}(?:Return-Path|Received|Message-ID|From|To|Cc|Subject|Date|Reply-To|MIME-Version|Content-[A-Za-z-]+|"
    r"Auto-Submitted|DKIM-Signature|X-[A-Za-z0-9-]+)\s*:",
    re.IGNORECASE,
)
_DAEMON = re.compile(
    r"(?:mailer[-_.]?daemon|mail[-_.]?daemon|post[-_.]?master|postoffice|maildaemon|mail[-_.]?delivery|mda|"
    r"microsoftexchange\w+|bounces?|delivery[-_.]?(?:failure|status)\w*|non[-_.]?delivery\w*|mail[-_.]?system|"
    r"mdaemon|mailer)\b",
    re.IGNORECASE,
)
_RETURNED = re.compile(
    r"undeliver|returned mail|return(?:ed)? to sender|(?:mail|message|delivery).{0,20}fail|fail(?:ure|ed).{0,20}"
    r"(?:deliver|notice|notification)|delivery (?:status|problem|error|report|notification|unsuccessful)|"
    r"could not (?:be delivered|send)|not delivered|non.?deliver|unzustellbar|non remis|"
    r"no se (?:puede|ha podido) entregar|"
    r"недоставл|mail system error|error sending|user unknown|配信|エラー|returned|message .{1,80} delayed",
    re.IGNORECASE,
)
_WAITS = re.compile(
    r"\bwarning\b|\bdelayed\b|still (?:being )?(?:trying|retried)|will (?:keep|continue|be retried)|temporar\w+ "
    r"(?:un|not )deliver|has not yet been delivered|do not need to resend",
    re.IGNORECASE,
)
_GIVES_UP = re.compile(
    r"giv(?:e|ing|en) up|not been delivered|could not be delivered|too (?:long|many)|expired|timed? ?out"
)


@dataclass(frozen=True)
class RecipientStatus:
    """A failure or delay of a mail to one recipient.

    Attributes:
        kind: one of `Bounce.Kind`.
        recipients: the addresses of the recipient in the message, in lower case.
        status: by RFC 3463, such as 5.1.1; empty if there is none.
        server: the server that refused the mail, or the one that reports it; may be empty.
    """

    kind: str
    recipients: tuple[str, ...]
    status: str
    diagnostic: str
    server: str = ""


@dataclass(frozen=True)
class Incoming:
    """A message that came in.

    Attributes:
        key: identifies it, the same each time it is read.
        sent_at: None if it has no usable date.
        sender: the address of its author, in lower case; may be empty.
        text: what a person reads, at most 4,000 characters.
        automatic: written by a program: a mail system, or an answering machine.
        message_ids: possible Message-IDs of our mails that it is about.
        failures: recipients whose mail failed or is delayed; not those it was delivered or relayed to.
        delivered: it only says that a mail was delivered or relayed.
    """

    key: str
    sent_at: datetime | None
    sender: str
    sender_name: str
    subject: str
    text: str
    automatic: bool
    message_ids: tuple[str, ...]
    failures: tuple[RecipientStatus, ...]
    delivered: bool


def read(raw: bytes) -> Incoming:
    """Reads a message of any bytes; it may be cut off, wrongly encoded or lack most of its fields.

    Enclosed messages, for example a notification that somebody forwards, are not opened.

    Raises:
        RecursionError: its parts are nested too deeply.
    """
    end = _END_OF_HEAD.search(raw)
    at = end.start() if end else len(raw)
    raw = raw[: min(at, MOST_HEAD)] + raw[at:]
    message = message_from_bytes(_STATUS_TYPE.sub(STATUS.encode(), raw), policy=default)
    parts = list(_parts(message))
    heads = [head for part in parts if (head := _returned(part)) is not None]
    whole = _text(parts)
    text, quoted = _without_copy(whole)
    name, sender = _author(message)
    groups = [group for part in parts if _type(part) == STATUS for group in _groups(_content(part))]
    if not groups and _is_report(message):
        groups = list(_groups(whole))  # its parts were not kept apart
    is_returned = bool(groups) or _is_returned(message, sender, heads, quoted)
    automatic = is_returned or _is_automatic(message)
    own = {sender, *_addresses([_header(message, "To"), _header(message, "Delivered-To")])}
    addresses = _named_recipients(message, text, heads, quoted, own) if automatic else ()
    failures = tuple(found for group in groups if (found := _recipient_status(group, text)) is not None)
    if not groups and is_returned and addresses:
        failures = (_failure_in_words(addresses, text, _header(message, "Subject")),)
    ids = [_header(head, "Message-ID") for head in heads]
    ids += [_header(message, name) for name in ("In-Reply-To", "References", "X-Original-Message-ID")]
    if automatic:
        copies = [whole, *(_head_in_words(part) for part in parts)]
        ids += [found[1] for words in copies for found in _ID_FIELD.finditer(words)]
    named = tuple(dict.fromkeys(found for words in ids for found in _ID.findall(words)))[:MOST_PARTS]
    # Not by its Message-ID alone, which some answering machines give to every answer.
    what = [*(_header(message, name) for name in ("Message-ID", "Date", "From", "Subject")), text, *named]
    return Incoming(
        key=hashlib.sha256("\n".join(what).encode("utf-8", "replace")).hexdigest(),
        sent_at=_moment(_header(message, "Date")),
        sender=sender,
        sender_name=name,
        subject=_header(message, "Subject")[:MOST_WORDS],
        text=(text if is_returned else whole).strip()[:MOST_TEXT],
        automatic=automatic,
        message_ids=named,
        failures=failures[:MOST_PARTS],
        delivered=bool(groups) and not failures,
    )


# --- whole messages ------------------------------------------------------------------------------


def _is_automatic(message: Message) -> bool:
    """Whether a program wrote it, by its headers (RFC 3834 and older habits)."""
    submitted = _header(message, "Auto-Submitted").lower()
    return (
        bool(submitted and not submitted.startswith("no"))
        or _header(message, "Return-Path") == "<>"
        or any(_header(message, name) for name in ("X-Failed-Recipients", "X-Autoreply", "X-Autorespond"))
        or _header(message, "Precedence").lower() in ("auto_reply", "bulk", "junk")
    )


def _is_returned(message: Message, sender: str, heads: list[Message], quoted: str) -> bool:
    """Whether a message without a delivery status returns a mail: a mail system wrote it, and says so or quotes it."""
    if _header(message, "X-Failed-Recipients"):
        return True
    if _type(message) == "multipart/report" and not _is_report(message):
        return False
    says_so = bool(_RETURNED.search(_header(message, "Subject")))
    copied = bool(heads or quoted)
    # A person may answer with our subject and a copy of our mail below.
    of_system = _is_system(message, sender) and (says_so or copied)
    return _is_report(message) or of_system or (_is_automatic(message) and says_so and copied)


def _is_system(message: Message, sender: str) -> bool:
    """Whether a mail system wrote it, by its address."""
    if _header(message, "Return-Path") == "<>" or _DAEMON.match(sender):
        return True
    return not sender and (not _header(message, "From") or bool(_DAEMON.search(_header(message, "From"))))


def _is_report(message: Message) -> bool:
    """Whether it is a report about delivery; there are others, about spam for example."""
    kind = str(message.get_param("report-type", "delivery-status"))
    return _type(message) == "multipart/report" and kind.lower() == "delivery-status"


def _author(message: Message) -> tuple[str, str]:
    """Name and address of who writes."""
    for name in ("From", "Sender", "Reply-To"):
        for shown, address in getaddresses([_header(message, name)]):
            if _ADDRESS.fullmatch(address):
                return shown, in_letters(address.lower())
    found = _ADDRESS.search(_header(message, "From"))
    return "", in_letters(found[0].lower()) if found else ""


def _named_recipients(
    message: Message, text: str, heads: list[Message], quoted: str, own: set[str]
) -> tuple[str, ...]:
    """The recipients that an automatic message names: in its header, in its text, or else those of the copy."""
    for words in (
        [_header(message, "X-Failed-Recipients")],
        [text],
        [_header(head, name) for head in heads for name in ("To", "X-Original-To", "Cc")],
        [line for line in quoted.splitlines() if line.lower().lstrip("> ").startswith("to:")],
    ):
        found = [one for one in _addresses(words) if one not in own and not _DAEMON.match(one)]
        if found:
            return tuple(found[:MOST_ADDRESSES])
    return ()


def _addresses(texts: Iterable[str]) -> list[str]:
    """The addresses in some texts, in lower case, each once; Message-IDs among them do no harm."""
    found = (one[0].strip(".") for text in texts for one in _ADDRESS.finditer(text[:MOST_READ]))
    return list(dict.fromkeys(in_letters(one.lower()) for one in found if "." in one.rpartition("@")[2]))


def _failure_in_words(addresses: tuple[str, ...], text: str, subject: str) -> RecipientStatus:
    """The failure in a message that is written for people only."""
    start = min((at for one in addresses if (at := text.lower().find(one)) >= 0), default=0)
    words = _one_line(text[start:]) or _one_line(subject)
    status = _STATUS.search(words)
    reply = status or _REPLY.search(words)
    level = reply[1] if reply else ""
    waits = _WAITS.search(subject) or (_WAITS.search(words) and not _GIVES_UP.search(words))
    known = status[0] if status else ""
    kind = Kind.DELAYED if waits and level != "5" else _failed(level, known, words)
    return RecipientStatus(kind, addresses, known, words[:MOST_WORDS])


def _failed(level: str, status: str, words: str) -> Kind:
    """The kind of a failure; one without a reason is taken as permanent."""
    if refuses_sender(status, words):
        return Kind.REFUSED
    return Kind.GIVEN_UP if level == "4" else Kind.FAILED


# --- delivery status -----------------------------------------------------------------------------


def _groups(status: str) -> Iterator[dict[str, str]]:
    """The groups of fields of a delivery status that are about a recipient, with the server of the first group."""
    server = ""
    for group in re.split(r"\n[ \t]*\n", status)[: MOST_PARTS + 1]:
        fields = _fields(group)
        server = server or fields.get("reporting-mta", "")
        if {"final-recipient", "original-recipient", "action"} & fields.keys():
            yield {"reporting-mta": server, **fields}


def _fields(group: str) -> dict[str, str]:
    """The fields of a group, each in one line; the last of a name counts."""
    found: dict[str, str] = {}
    name = ""
    for line in group.splitlines():
        if field := _FIELD.match(line.strip()):
            name = field[1].lower()
            found[name] = field[2]
        elif name:
            found[name] += f" {line.strip()}"
    return {name: _one_line(_readable(value)) for name, value in found.items()}


def _recipient_status(fields: dict[str, str], text: str) -> RecipientStatus | None:
    """The failure in a group of fields, or None if it reports none."""
    recipients = tuple(
        dict.fromkeys(
            in_letters(address[0].lower())
            for name in ("original-recipient", "final-recipient")
            if (address := _ADDRESS.search(fields.get(name, "").rpartition(";")[2]))
        )
    )
    diagnostic = fields.get("diagnostic-code", "")
    _scheme, _, said = diagnostic.partition(";")
    words = (said.strip() or diagnostic) or _one_line(text)
    status = _STATUS.search(fields.get("status", "")) or _STATUS.search(words)
    reply = status or _REPLY.search(words)
    level = reply[1] if reply else ""
    action = fields.get("action", "").lower()
    if action.startswith(WAS_DELIVERED) or (not action and level == "2"):
        return None
    known = status[0] if status else ""
    precise = _STATUS.search(words)
    if action.startswith("delayed") or (not action and level == "4"):
        kind = Kind.DELAYED
    else:
        kind = _failed(level, precise[0] if precise else known, words)
    server = fields.get("remote-mta") or fields.get("reporting-mta", "")
    return RecipientStatus(
        kind, recipients, known, words[:MOST_WORDS], server.rpartition(";")[2].strip().lower()[:255]
    )


# --- parts ---------------------------------------------------------------------------------------


def _parts(message: Message) -> Iterator[Message]:
    """The parts of a message, depth first, at most a hundred; enclosed messages are not opened."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part, seen = waiting.pop(), seen + 1
        yield part
        if _type(part).startswith("multipart/") and isinstance(inner := part.get_payload(), list):
            waiting += [one for one in reversed(inner) if isinstance(one, Message)]


def _type(part: Message) -> str:
    try:
        return part.get_content_type()
    except Exception:  # noqa: BLE001 - the header parser raises undocumented errors
        return ""


def _header(message: Message, name: str) -> str:
    """A header in one line; empty if it is missing or the parser fails on it."""
    try:
        return _one_line(_readable(str(message.get(name, ""))))
    except Exception:  # noqa: BLE001 - as above
        return ""


def _one_line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", _storable(text)).split())


def _storable(text: str) -> str:
    """A text without halves of characters, which some charsets yield and no database takes."""
    return text.encode("utf-8", "ignore").decode()


def _text(parts: list[Message]) -> str:
    """What a person reads in a message: the first plain text, or the first HTML without its marks."""
    for kind in ("text/plain", "text/html"):
        found = [_content(part) for part in parts if _type(part) == kind]
        if written := next((text for text in found if text.strip()), ""):
            return strip_tags(written) if kind == "text/html" else written
    whole = parts[0]  # a boundary that is missing or damaged leaves all parts in one
    return _content(whole) if isinstance(whole.get_payload(), str) else ""


def _without_copy(text: str) -> tuple[str, str]:
    """A text before the copy of our mail in it, and the headers of that copy: three lines of headers or more."""
    lines = text[:MOST_READ].splitlines()
    run = 0
    for at, line in enumerate(lines):
        continues = run and line[:1] in (" ", "\t", ">") and line.strip()
        if _HEADER_LINE.match(line):
            run += 1
        elif not continues:
            run = 0
        if run == 3:
            start = at
            while start and (_HEADER_LINE.match(lines[start - 1]) or lines[start - 1][:1] in (" ", "\t")):
                start -= 1
            return "\n".join(lines[:start]), "\n".join(lines[start : start + MOST_PARTS])
    return "\n".join(lines), ""


def _content(part: Message) -> str:
    """The content of a part as text, decoded in its own charset or in one that fits; at most 100,000 characters."""
    inner = part.get_payload()
    if isinstance(inner, list):  # an enclosed message that is encoded
        flat = Message()
        flat["Content-Transfer-Encoding"] = _header(part, "Content-Transfer-Encoding")
        flat.set_payload("\n\n".join(str(one.get_payload()) for one in inner if isinstance(one, Message)))
        part = flat
    found = part.get_payload(decode=True)
    raw = found if isinstance(found, bytes) else b""
    try:
        charset = part.get_content_charset() or ""
    except Exception:  # noqa: BLE001 - as above
        charset = ""
    text = _decoded(raw[: 4 * MOST_READ], charset).replace("\r\n", "\n")
    return _CONTROL_IN_TEXT.sub(" ", _storable(text))[:MOST_READ]


def _decoded(raw: bytes, charset: str = "") -> str:
    if b"\x1b$" in raw or b"\x1b(" in raw:
        charset = "iso2022_jp"
    for name in (charset, "utf-8"):
        try:
            if name and codecs.lookup(name)._is_text_encoding:
                return raw.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return raw.decode("windows-1252", "replace")


def _readable(text: str) -> str:
    """A text whose bytes were not decoded by the parser, decoded."""
    raw = text.encode("utf-8", "surrogateescape")
    return text if raw.isascii() and b"\x1b" not in raw else _decoded(raw)


def _returned(part: Message) -> Message | None:
    """The headers of the returned mail, which may be enclosed whole or as headers only (RFC 3462)."""
    kind, inner = _type(part), part.get_payload()
    if kind in ENCLOSED and _header(part, "Content-Transfer-Encoding").lower() not in ENCODED:
        return inner[0] if isinstance(inner, list) and inner and isinstance(inner[0], Message) else None
    if kind in (*ENCLOSED, *HEADS):
        return message_from_bytes(_content(part).lstrip().encode("utf-8", "replace"), policy=default)
    return None


def _head_in_words(part: Message) -> str:
    """The headers of our mail where a server attaches them as a plain text."""
    return _content(part) if _type(part) in ("text/plain", "application/octet-stream") else ""


def _moment(written: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(written)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
