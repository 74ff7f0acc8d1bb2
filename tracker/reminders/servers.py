"""Records whether the mail server and the mailbox work, and which servers refuse our mail; `watch.py` reads it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from tracker.reminders.incoming import postbox
from tracker.reminders.models import MailServer, SenderRefusal

Use, Cause = MailServer.Use, MailServer.Cause
# Until the mail server is tried again, for as long as it takes. A little less than whole hours: scans come every hour.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 50, 110, 230))
# A server that has refused nothing in this period is taken to accept our mail again.
REFUSAL_LASTS = timedelta(days=7)
MENDED: dict[str, Any] = {
    "failing_since": None,
    "failures": 0,
    "cause": "",
    "error": "",
    "next_try_at": None,
}
MOST_WORDS = 500  # characters of an error


class ServerFailed(Exception):
    """The mail server cannot be used now; it is the fault of no recipient.

    Attributes:
        cause: one of `MailServer.Cause`.
        answer: of the server, or the error.
        recipient: whose mail was going when it failed; empty if none was.
    """

    def __init__(self, cause: str, answer: str, recipient: str = "") -> None:
        super().__init__(answer)
        self.cause, self.answer, self.recipient = cause, answer, recipient


def cause_of(error: Exception) -> MailServer.Cause:
    """The cause of an error in the dialogue with the mail server, before it knows the recipient."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Cause.CERTIFICATE
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Cause.LOGIN
    if isinstance(error, smtplib.SMTPSenderRefused) and 500 <= error.smtp_code < 600:
        return Cause.SENDER
    if isinstance(error, (smtplib.SMTPResponseException, smtplib.SMTPNotSupportedError, ssl.SSLError)):
        return Cause.OTHER
    return Cause.UNREACHABLE


def answer_of(error: Exception) -> str:
    """The answer of the server, or the error, in one line."""
    if not isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__}: {error}"
    words = error.smtp_error
    return f"{error.smtp_code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"


# --- sending ---------------------------------------------------------------------------------------


def is_ready(connection: Any, at: datetime | None) -> bool:
    """Whether a run may send: the mail server worked the last time, or it is time to try again and it works now.

    Args:
        connection: one of `backends.py`.
        at: see `send.send_due`; None: a person started the run, so the server is tried at once.

    Raises:
        ServerFailed: it was tried and still fails.
    """
    row = MailServer.objects.filter(use=Use.SENDING, failing_since__isnull=False).first()
    if row is None:
        return True
    now = timezone.now()
    # A later attempt than any pause allows was set under a wrong clock.
    if at is not None and row.next_try_at is not None and now < row.next_try_at <= now + PAUSES[-1]:
        return False
    try:
        if hasattr(connection, "check"):  # a folder has no such trouble
            connection.check()
    except (smtplib.SMTPException, OSError) as error:
        raise ServerFailed(cause_of(error), answer_of(error)) from error
    return True


def in_turn(recipients: Sequence[str]) -> list[str]:
    """Recipients in the order in which to write to them: first those after the one at whom the last run ended."""
    row = MailServer.objects.filter(use=Use.SENDING).first()
    stopped_at = row.stopped_at if row else ""
    return sorted(recipients, key=lambda recipient: (recipient <= stopped_at, recipient))


def sending_worked() -> None:
    """Records that the mail server took all mail of a run, or works while there is none."""
    MailServer.objects.filter(use=Use.SENDING, failing_since__isnull=False).update(**MENDED)


def sending_failed(fault: ServerFailed, *, sent_before: bool) -> None:
    """Records that a run was ended by the mail server.

    Args:
        sent_before: whether the server had taken mail in the same run, so that it is failing only since then.
    """
    if sent_before:
        sending_worked()
    _failed(Use.SENDING, fault.cause, fault.answer, stopped_at=fault.recipient)


# --- the mailbox -----------------------------------------------------------------------------------


@contextmanager
def reading_mailbox() -> Iterator[None]:
    """Records whether the mailbox of BOUNCES_URL could be read by the code inside."""
    try:
        yield
    except postbox.Unavailable as error:
        read = {"read_at": timezone.now()} if isinstance(error, postbox.Full) else {}
        _failed(Use.MAILBOX, error.cause, str(error), **read)
        raise
    MailServer.objects.update_or_create(use=Use.MAILBOX, defaults={"read_at": timezone.now()} | MENDED)


# --- both ------------------------------------------------------------------------------------------


def _failed(use: MailServer.Use, cause: str, error: str, **values: Any) -> None:
    now = timezone.now()
    row, _new = MailServer.objects.get_or_create(use=use)
    pause = PAUSES[min(row.failures, len(PAUSES) - 1)]
    MailServer.objects.filter(pk=row.pk).update(
        failing_since=row.failing_since or now,
        failures=F("failures") + 1,
        cause=cause,
        error=" ".join(error.replace("\0", "").split())[:MOST_WORDS],
        next_try_at=now + pause if use == Use.SENDING else None,  # the mailbox is read every hour
        **values,
    )


# --- refusals --------------------------------------------------------------------------------------


def refused_by(server: str, at: datetime) -> None:
    """Records that a mail server refused our mail because of its sender.

    Args:
        server: its host name; may be empty.
    """
    row, new = SenderRefusal.objects.get_or_create(
        server=server[:255].lower(), defaults={"since": at, "last_at": at}
    )
    if not new and at > row.last_at:
        row.since = at if at - row.last_at > REFUSAL_LASTS else row.since
        row.last_at = at
        row.save()
