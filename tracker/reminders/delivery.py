"""Delivers mail once: a process claims rows of a ledger, hands their mail to the server, records the answer.

A claim is one conditional UPDATE with a lease. The mail goes out outside any transaction. The hand-over begins when
the server has accepted the recipient and is about to get the text. If a process dies before that, its rows are sent by
a later run; if it dies after it, they become "unknown" and staff decide. So nothing is ever sent twice unless a person
asks for it.

A database that is locked, full or away for a while stops nothing: each step is tried again until it is written.
"""

from __future__ import annotations

import logging
import re
import smtplib
import time
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import InterfaceError, InternalError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from tracker.languages.known import ENGLISH
from tracker.languages.readiness import version_of
from tracker.registry.stored import StoredText
from tracker.reminders import attention, servers
from tracker.reminders.incoming.refusals import refuses_sender
from tracker.reminders.models import Mail, ReminderState
from tracker.reminders.servers import ServerFailed
from tracker.reminders.text.language import first_of
from tracker.rules.reminding import Window

log = logging.getLogger(__name__)

Result = TypeVar("Result")
# Locked, full, away, in recovery, or chosen as the victim of a deadlock: the same step may succeed later.
PASSES = (OperationalError, InterfaceError, InternalError)
TRY_AGAIN_AFTER = 1.0  # seconds
# Time until the next attempt at a mail. After the last one it is dead and staff must act.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 240, 720, 1440, 2880))
STUCK = (ReminderState.DEAD, ReminderState.UNKNOWN)
EVERYTHING = Q()
PROCESS_ENDED = StoredText(gettext_noop("the sending process ended before it could record the outcome"))
CONNECTION_BROKE = StoredText(gettext_noop("the connection broke while the text was being sent"))
SENT_AFTER_ALL = StoredText(
    gettext_noop("The answer of the mail server was recorded later: the mail was sent.")
)
CLOSING = 421  # the server closes the connection, whatever it was asked
TOO_BIG = 552  # an answer to MAIL FROM that is about this mail: it names its size
_STATUS = re.compile(r"\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b")


def until_written(step: Callable[[], Result]) -> Result:
    """Carries out a step in a transaction, again while the database cannot take it, for as long as a lease.

    Args:
        step: what it writes must be right to write twice, because the answer to a commit can be lost.

    Raises:
        OperationalError, InterfaceError, InternalError: the database did not take it in all that time.
    """
    deadline = time.monotonic() + settings.REMINDERS_LEASE_SECONDS
    while True:
        try:
            with transaction.atomic():
                return step()
        except PASSES as error:
            if time.monotonic() >= deadline:
                raise
            log.warning("the database cannot be written to, trying again: %s", error)
        time.sleep(TRY_AGAIN_AFTER)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()  # the next attempt opens a new one


class ClaimLost(Exception):
    """Some rows of a mail are no longer claimed by this process; the mail must not be handed over."""


@dataclass(frozen=True)
class DeliveryOutcome:
    """The result of handing a mail to the server.

    Attributes:
        state: sent, failed (may be tried again), dead (refused for good) or unknown; planned: the server failed
            before it had the mail, which does not count as an attempt.
        answer: of the server, or the error; without the one character that PostgreSQL cannot store.
        fault: what is wrong with the server itself, one of `MailServer.Cause`, so that no other mail should be tried;
            empty if it is about this mail only.
        refuses_us: the server refused the mail because of its sender.
    """

    state: ReminderState
    answer: str
    fault: str = ""
    refuses_us: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "answer", self.answer.replace("\0", ""))

    @classmethod
    def not_written(cls, error: Exception) -> DeliveryOutcome:
        """For a mail that could not be written or stored."""
        return cls(ReminderState.FAILED, f"not written: {type(error).__name__}: {error}")


@dataclass(frozen=True)
class Delivery:
    """Rows that this process has claimed in a ledger of mails: reminders or weekly digests.

    Attributes:
        ledger: the rows; what another process has taken over in the meantime is left alone.
        claim: the mark of this process in them.
    """

    ledger: QuerySet[Any]
    claim: uuid.UUID | None

    @classmethod
    def of(cls, sendable: QuerySet[Any], now: datetime, **values: Any) -> Delivery | None:
        """Claims rows, or returns None if other processes have claimed all of them.

        Args:
            values: other columns to write with the claim.
        """
        claim = uuid.uuid4()
        mark = {"state": ReminderState.CLAIMED, "claim": claim, "claimed_at": now, "handed_over_at": None}
        taken = until_written(lambda: sendable.update(**mark, **values))
        return cls(sendable.model._default_manager.all(), claim) if taken else None

    @property
    def rows(self) -> QuerySet[Any]:
        """Those that bear the claim."""
        return self.ledger.filter(claim=self.claim)

    @property
    def not_handed_over(self) -> Q:
        """The condition that the server cannot have the mail of a row yet."""
        return Q(claim=self.claim, state=ReminderState.CLAIMED, handed_over_at=None)

    def begin(self, number: int, **values: Any) -> None:
        """Records that the server may have the mail from now on; `hand_over` calls it before the text goes.

        Args:
            number: how many rows the mail is about.
            values: other columns to write.

        Raises:
            ClaimLost: not all of them are claimed any more.
        """
        mine = self.rows.filter(state=ReminderState.CLAIMED)
        if until_written(lambda: mine.update(handed_over_at=timezone.now(), **values)) != number:
            raise ClaimLost

    def give_back(self) -> None:
        """Releases rows that will not be handed over in this run."""
        mine = self.rows.filter(state=ReminderState.CLAIMED)
        released = {"state": ReminderState.PLANNED, "claim": None, "claimed_at": None, "handed_over_at": None}
        until_written(lambda: mine.update(**released))

    def record(self, outcome: DeliveryOutcome, **values: Any) -> int:
        """Records the outcome, also if the lease has expired meanwhile: what we know is better than "unknown".

        Args:
            values: other columns to write.

        Returns:
            the number of rows.
        """
        recorded: dict[str, Any] = {
            "state": outcome.state,
            "answer": outcome.answer,
            "attempts": F("attempts") + 1,
        }
        if outcome.state == ReminderState.SENT:
            recorded["sent_at"] = timezone.now()
        ours = self.rows.filter(state__in=(ReminderState.CLAIMED, ReminderState.UNKNOWN))
        return int(ours.update(**recorded | values))


# --- runs ------------------------------------------------------------------------------------------


def sendable(now: datetime) -> Q:
    """The condition that a row waits, or that it is time for its next attempt."""
    # A later attempt than any pause allows was set under a wrong clock.
    again = Q(next_attempt_at__lte=now) | Q(next_attempt_at__gt=now + PAUSES[-1])
    return Q(state=ReminderState.PLANNED) | Q(state=ReminderState.FAILED) & again


def within_window(at: datetime | None, to_states: Callable[[Collection[str]], Q]) -> Q:
    """The condition that the days and hours of sending allow a mail to go at a time; None: at any time.

    Args:
        to_states: the condition that a mail goes to one of some States, by their alpha-3 codes. A subquery, not a join:
            a claim that had to wait for another one checks its own row again, which PostgreSQL does for plain
            conditions only.
    """
    if at is None:
        return EVERYTHING
    window = Window(settings.REMINDERS_DAYS, settings.REMINDERS_DAYS_OF, settings.REMINDERS_HOURS)
    at = timezone.localtime(at)
    if not window.is_open(at):
        return Q(pk__in=[])
    other_week = to_states(window.exceptions(at.date()))
    return ~other_week if window.is_working_day(at.date()) else other_week


def run(send: Callable[[Any], object], at: datetime | None, counts: Counter[str]) -> None:
    """Sends on one connection if the mail server is ready, and records whether the server works.

    Args:
        send: sends what waits, given the connection; it may raise ServerFailed, and the rest waits.
        at: see `send.send_due`.
        counts: the number of rows by their new state, in this run.
    """
    connection = get_connection()
    try:
        if servers.is_ready(connection, at):
            send(connection)
            until_written(servers.sending_worked)
    except ServerFailed as fault:
        log.error("the mail server failed, and the run ended: %s", fault)  # noqa: TRY400 - the text says it all
        sent_before = bool(counts["sent"] or counts["dead"])
        until_written(partial(servers.sending_failed, fault, sent_before=sent_before))
    finally:
        close(connection)


def free_expired_claims(ledger: QuerySet[Any], now: datetime, **unknown: Any) -> None:
    """Ends the claims of processes that are presumed dead.

    Args:
        unknown: other columns to write into rows that may have been sent.
    """
    lease = timedelta(seconds=settings.REMINDERS_LEASE_SECONDS)
    # Also a claim made under a clock that was ahead, which would never expire.
    old = Q(claimed_at__lt=now - lease) | Q(claimed_at__gt=now + lease)
    expired = ledger.filter(old, state=ReminderState.CLAIMED)
    expired.filter(handed_over_at=None).update(state=ReminderState.PLANNED, claim=None, claimed_at=None)
    expired.filter(handed_over_at__isnull=False).update(state=ReminderState.UNKNOWN, **unknown)


# --- one mail --------------------------------------------------------------------------------------


def mail_of(message: EmailMessage, recipient: str, day: date, language: str) -> Mail:
    """The record of a mail, to be stored before it goes.

    Args:
        language: the codes of its languages in their order, such as "fr+en".

    Raises:
        Exception: of any kind, if the mail cannot be written, because of an invalid header for example.
    """
    message.message()
    return Mail(
        message_id=message.extra_headers["Message-ID"],
        recipient=recipient,
        subject=str(message.subject),
        text=str(message.body),
        html=next((part.content for part in message.alternatives), ""),  # type: ignore[attr-defined]  # a pair, say the stubs
        sent_on=day,
        language=language,
        words="" if language == ENGLISH.code else version_of(first_of(language)),
    )


def store(mails: Sequence[Mail]) -> None:
    """Stores mails before they go, all or none. A mail whose earlier attempt failed is overwritten."""
    columns = ("recipient", "subject", "text", "html", "calendar", "sent_on", "language", "words")
    with transaction.atomic():
        Mail.objects.bulk_create(
            mails, update_conflicts=True, unique_fields=["message_id"], update_fields=columns
        )


def to_record(outcome: DeliveryOutcome, attempts: int) -> tuple[ReminderState, dict[str, Any]]:
    """The state to record for a mail that was tried, and other columns: a failed one is tried again after a pause.

    Args:
        attempts: how often it was tried before.
    """
    values: dict[str, Any] = {"reason": "", "next_attempt_at": None}
    if outcome.state == ReminderState.UNKNOWN:
        values["reason"] = CONNECTION_BROKE()
    if outcome.state != ReminderState.FAILED:
        return outcome.state, values
    if attempts >= len(PAUSES):
        return ReminderState.DEAD, values
    return outcome.state, values | {
        "next_attempt_at": timezone.now() + PAUSES[attempts],
        "handed_over_at": None,
    }


def record_of_mail(mail: Mail | None, outcome: DeliveryOutcome) -> None:
    """Records the outcome of a mail beside its rows: the answer of the server, or that it refuses us."""
    if mail is not None:
        Mail.objects.filter(pk=mail.pk).update(answer=outcome.answer)
        if outcome.state == ReminderState.SENT:
            attention.was_sent(mail, SENT_AFTER_ALL())
    if outcome.refuses_us:
        servers.refused_by(settings.EMAIL_HOST, timezone.now())


def hand_over(message: EmailMessage, connection: Any, begin: Callable[[], object]) -> DeliveryOutcome:
    """Hands a mail to the server.

    A permanent refusal of the recipient or of the text (5xx) makes it dead, a temporary one (4xx) failed. If the
    connection breaks while the text is being sent, nobody can know, and it is unknown. If the server itself fails
    (connection, encryption, login, sender, 421), the mail stays planned.

    Args:
        connection: one of `backends.py`.
        begin: records that the server may have the mail from now on; see `Delivery.begin`.

    Raises:
        ClaimLost: by `begin`; the server has not got the mail.
    """
    try:
        message.connection = connection
        if hasattr(connection, "before_text"):
            connection.before_text = begin
        else:
            begin()  # of another backend nobody knows when the server gets the text
        message.send()
    except ClaimLost:
        close(connection)
        raise
    except smtplib.SMTPRecipientsRefused as error:
        outcome = _failure(smtplib.SMTPResponseException(*next(iter(error.recipients.values()))), connection)
    except (smtplib.SMTPException, OSError) as error:
        outcome = _failure(error, connection)
    except Exception as error:  # whatever it is, it must not stop the mails to all others
        log.exception("the mail to %s could not be handed over", ", ".join(message.to))
        outcome = DeliveryOutcome(_broken(connection), f"{type(error).__name__}: {error}")
    else:
        return DeliveryOutcome(ReminderState.SENT, getattr(connection, "answer", ""))
    close(connection)  # the next mail needs a new connection
    return outcome


def close(connection: Any) -> None:
    """Closes the connection to the mail server, which may have closed it already."""
    try:
        connection.close()
    except (smtplib.SMTPException, OSError):
        log.info("the mail server had already closed the connection")


def _failure(error: Exception, connection: Any) -> DeliveryOutcome:
    """The outcome of a mail that the server refused, or whose connection broke."""
    answer, code = servers.answer_of(error), getattr(error, "smtp_code", 0)
    if not 400 <= code < 600 and getattr(connection, "handing_over", False):
        return DeliveryOutcome(ReminderState.UNKNOWN, answer, fault=servers.cause_of(error))
    # Of another backend, such as a folder, nobody knows whether it fails for all mails.
    before_recipient = not getattr(connection, "recipient_named", True)
    if code == CLOSING or (before_recipient and code != TOO_BIG):
        return DeliveryOutcome(ReminderState.PLANNED, answer, fault=servers.cause_of(error))
    if not 500 <= code < 600:
        return DeliveryOutcome(ReminderState.FAILED, answer)
    status = _STATUS.match(answer)
    if refuses_sender(status[1] if status else "", answer):
        return DeliveryOutcome(ReminderState.FAILED, answer, refuses_us=True)
    return DeliveryOutcome(ReminderState.DEAD, answer)


def _broken(connection: Any) -> ReminderState:
    handing_over = getattr(connection, "handing_over", False)
    return ReminderState.UNKNOWN if handing_over else ReminderState.FAILED
