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
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import InterfaceError, InternalError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from tracker.reminders import servers
from tracker.reminders.incoming.refusals import refuses_sender
from tracker.reminders.models import ReminderState

log = logging.getLogger(__name__)

Result = TypeVar("Result")
# Locked, full, away, in recovery, or chosen as the victim of a deadlock: the same step may succeed later.
PASSES = (OperationalError, InterfaceError, InternalError)
TRY_AGAIN_AFTER = 1.0  # seconds
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
