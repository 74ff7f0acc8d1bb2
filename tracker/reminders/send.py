"""Sends what is planned: claims the rows of a recipient, writes one mail, hands it over, records the answer.

A claim is one conditional UPDATE with a lease. The mail goes out outside any transaction. A process
that dies before handing over gives its rows back; one that dies after it leaves them "unknown", for
staff to decide: nothing is ever sent twice in silence.
"""

from __future__ import annotations

import logging
import smtplib
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.reminders import messages
from tracker.reminders.models import Mail, Reminder, ReminderState
from tracker.reminders.plan import cancel_outdated

log = logging.getLogger(__name__)

# Pauses before the next attempt; after the last the row is dead and staff must act.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 240, 720, 1440, 2880))
RESULTS = ("sent", "failed", "dead", "held", "cancelled")


@dataclass(frozen=True)
class Outcome:
    """What became of one mail."""

    state: ReminderState
    answer: str


def send_due(day: date) -> dict[str, int]:
    """Sends all that is planned and approved, one mail per recipient.

    Returns:
        how many reminders were sent, failed (to be tried again), are dead, await approval, were cancelled.
    """
    free_expired_claims(timezone.now())
    counts: Counter[str] = Counter()
    counts["cancelled"] += cancel_outdated(day)
    connection = get_connection()
    try:
        for recipient in _recipients(timezone.now()):
            counts.update(_send_to(recipient, day, connection))
    finally:
        _close(connection)
    counts["held"] = Reminder.objects.filter(state=ReminderState.HELD).count()
    return {name: counts[name] for name in RESULTS}


def free_expired_claims(now: datetime) -> None:
    """Deals with claims whose process is taken for dead."""
    expired = Reminder.objects.filter(
        state=ReminderState.CLAIMED,
        claimed_at__lt=now - timedelta(seconds=settings.REMINDERS_LEASE_SECONDS),
    )
    expired.filter(handed_over_at=None).update(state=ReminderState.PLANNED, claim=None, claimed_at=None)
    expired.filter(handed_over_at__isnull=False).update(
        state=ReminderState.UNKNOWN, reason=_("the sending process ended before it could record the outcome")
    )


def _sendable(now: datetime) -> Q:
    return Q(state=ReminderState.PLANNED) | Q(state=ReminderState.FAILED, next_attempt_at__lte=now)


def _recipients(now: datetime) -> list[str]:
    rows = Reminder.objects.filter(_sendable(now)).order_by("recipient")
    return list(rows.values_list("recipient", flat=True).distinct())


def claim(recipient: str, now: datetime) -> list[Reminder]:
    """Takes all that is to be sent to a recipient; empty if another worker has it."""
    token = uuid.uuid4()
    taken = Reminder.objects.filter(_sendable(now), recipient=recipient).update(
        state=ReminderState.CLAIMED, claim=token, claimed_at=now, handed_over_at=None
    )
    if not taken:
        return []
    rows = Reminder.objects.filter(claim=token).select_related(
        "obligation__state__desk_officer", "rule", "contact"
    )
    return list(rows)


def _send_to(recipient: str, day: date, connection: Any) -> Counter[str]:
    """Claims, writes and sends the one mail to a recipient."""
    now = timezone.now()
    rows = claim(recipient, now)
    if not rows:
        return Counter()
    mine = Reminder.objects.filter(claim=rows[0].claim, state=ReminderState.CLAIMED)
    try:
        message = messages.reminder(rows, day)
        mail = _keep(message, recipient, day)
    except Exception as error:  # one bad row must not stop the mails to all others
        log.exception("the mail to %s could not be written", recipient)
        return _record(mine, rows, Outcome(ReminderState.FAILED, f"not written: {error}"), None, day)
    # From here on the server may have it: a process that dies now leaves the rows "unknown".
    if mine.update(handed_over_at=timezone.now()) != len(rows):
        return Counter()  # the lease ran out and somebody else decided
    outcome = hand_over(message, connection)
    return _record(mine, rows, outcome, mail, day)


def _keep(message: EmailMessage, recipient: str, day: date) -> Mail:
    """Stores the mail as it goes, before it goes; an attempt that failed is stored over."""
    html = next((part.content for part in message.alternatives), "")  # type: ignore[attr-defined]
    mail, _created = Mail.objects.update_or_create(
        message_id=message.extra_headers["Message-ID"],
        defaults={
            "recipient": recipient,
            "subject": str(message.subject),
            "text": str(message.body),
            "html": html,
            "sent_on": day,
        },
    )
    return mail


def hand_over(message: EmailMessage, connection: Any) -> Outcome:
    """Gives a mail to the server and says what became of it.

    Refused for good (5xx) is dead, refused for now (4xx) or unreachable is failed. If the line breaks
    while the text is under way nobody knows, and the outcome says so.
    """
    try:
        message.connection = connection
        message.send()
    except smtplib.SMTPAuthenticationError as error:
        _close(connection)
        return Outcome(ReminderState.FAILED, _answer_of(error))
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        state = ReminderState.DEAD if code >= 500 else ReminderState.FAILED
        return Outcome(state, f"{code} {words.decode('utf-8', 'replace')}")
    except smtplib.SMTPServerDisconnected as error:
        return _broken(connection, error)
    except smtplib.SMTPResponseException as error:
        _close(connection)
        state = ReminderState.DEAD if error.smtp_code >= 500 else ReminderState.FAILED
        return Outcome(state, _answer_of(error))
    except (smtplib.SMTPException, OSError) as error:
        return _broken(connection, error)
    except ValueError as error:  # an address or header that no server would take
        return Outcome(ReminderState.DEAD, str(error))
    return Outcome(ReminderState.SENT, getattr(connection, "answer", ""))


def _broken(connection: Any, error: Exception) -> Outcome:
    under_way = getattr(connection, "handing_over", False)
    _close(connection)
    state = ReminderState.UNKNOWN if under_way else ReminderState.FAILED
    return Outcome(state, f"{type(error).__name__}: {error}")


def _answer_of(error: smtplib.SMTPResponseException) -> str:
    words = error.smtp_error
    return f"{error.smtp_code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"


def _close(connection: Any) -> None:
    try:
        connection.close()
    except (smtplib.SMTPException, OSError):
        log.info("the mail connection was closed by the other side")


def _record(mine: Any, rows: list[Reminder], outcome: Outcome, mail: Mail | None, day: date) -> Counter[str]:
    """Writes down what became of the rows of a mail."""
    now = timezone.now()
    values: dict[str, Any] = {
        "state": outcome.state,
        "answer": outcome.answer,
        "mail": mail,
        "attempts": F("attempts") + 1,
        "next_attempt_at": None,
    }
    if outcome.state == ReminderState.SENT:
        values |= {"sent_at": now, "sent_on": day}
    elif outcome.state == ReminderState.FAILED:
        attempts = max(row.attempts for row in rows)
        if attempts >= len(PAUSES):
            values["state"] = ReminderState.DEAD
        else:
            values |= {"next_attempt_at": now + PAUSES[attempts], "handed_over_at": None}
    with transaction.atomic():
        written = mine.update(**values)
        if mail is not None:
            Mail.objects.filter(pk=mail.pk).update(answer=outcome.answer)
    return Counter({str(values["state"]): written})


def approve(reminders: Any, by: str) -> int:
    """Releases mails that await approval; says how many."""
    return reminders.filter(state=ReminderState.HELD).update(state=ReminderState.PLANNED, approved_by=by)
