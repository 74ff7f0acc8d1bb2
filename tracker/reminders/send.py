"""Sends what is planned: claims the rows of a recipient, writes one mail, hands it over, records the answer.

A claim is one conditional UPDATE with a lease. The mail goes out outside any transaction. A process
that dies before handing over gives its rows back; one that dies after it leaves them "unknown", for
staff to decide: nothing is ever sent twice in silence.
"""

from __future__ import annotations

import logging
import smtplib
import uuid
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import DatabaseError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.obligations.models import Obligation
from tracker.reminders import attention, messages, outbox
from tracker.reminders.models import WAITING, Mail, OutboxAct, Reminder, ReminderState
from tracker.reminders.plan import cancel_outdated, paused, still_due
from tracker.rules.reminding import Window

log = logging.getLogger(__name__)

# Pauses before the next attempt; after the last the row is dead and staff must act.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 240, 720, 1440, 2880))
What = OutboxAct.What
EVERYTHING = Q()
# So many recipients are claimed at once: enough to spread the cost of the questions, few enough for the lease.
TOGETHER = 20
# What was asked about longer ago is asked about anew before it is handed over.
FRESH = timedelta(seconds=1)
RESULTS = ("sent", "failed", "dead", "held", "cancelled")


@dataclass(frozen=True)
class Outcome:
    """What became of one mail."""

    state: ReminderState
    answer: str


def send_due(day: date, *, at: datetime | None = None, today: date | None = None) -> dict[str, int]:
    """Sends all that is planned and approved, one mail per recipient, on one line to the mail server.

    Args:
        at: the time in UTC, to keep to the days and hours of sending: what may not go now stays planned for a
            later run. None where a person sends by hand: at once.
        today: see `plan.still_open`.

    Returns:
        how many reminders were sent, failed (to be tried again), are dead, await approval, were cancelled.
    """
    free_expired_claims(timezone.now())
    counts = Counter(cancelled=cancel_outdated(day, today=today))
    connection = get_connection()
    run = _Run(day, today, connection, within_window(at))
    try:
        counts.update(run.through(_recipients(timezone.now(), run.may_go)))
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


def within_window(at: datetime | None) -> Q:
    """The condition on rows that the days and hours of sending let them go at a time; None: any time."""
    if at is None:
        return EVERYTHING
    window = Window(settings.REMINDERS_DAYS, settings.REMINDERS_DAYS_OF, settings.REMINDERS_HOURS)
    if not window.is_open(at):
        return Q(pk__in=[])
    # A desk officer keeps the usual week, whatever State the mail is about. A subquery and no join: a claim that
    # waited for another's has to look at its own row again, which PostgreSQL does for plain conditions only.
    theirs = Obligation.objects.filter(state__in=window.exceptions(at.date())).values("pk")
    other_week = Q(contact__isnull=False, obligation__in=theirs)
    return ~other_week if window.is_working_day(at.date()) else other_week


def _recipients(now: datetime, may_go: Q) -> list[str]:
    rows = Reminder.objects.filter(_sendable(now), may_go).order_by("recipient")
    return list(rows.values_list("recipient", flat=True).distinct())


def claim(recipients: Sequence[str], now: datetime, may_go: Q = EVERYTHING) -> list[Reminder]:
    """Takes all that is to be sent to some recipients, by recipient; empty if another worker has it."""
    token = uuid.uuid4()
    taken = Reminder.objects.filter(_sendable(now), may_go, recipient__in=recipients).update(
        state=ReminderState.CLAIMED, claim=token, claimed_at=now, handed_over_at=None
    )
    if not taken:
        return []
    return list(with_all_told(Reminder.objects.filter(claim=token)).order_by("recipient", "pk"))


def with_all_told(rows: QuerySet[Reminder]) -> QuerySet[Reminder]:
    """Rows with all that a mail tells of them."""
    return rows.select_related("obligation__state__desk_officer", "rule", "contact")


def to_go(reminder: Reminder, day: date) -> list[Reminder]:
    """The rows of the very mail that a reminder would go in if it went by the next run.

    That is all that may go to its recipient by now, and itself, also if it awaits approval or its next attempt.
    Reads only: what a run would cancel before it sends is cancelled in a transaction that is taken back.

    Args:
        day: today; nothing that is recorded is younger.

    Returns:
        the rows with all that a mail tells of them; none where the reminder itself would not go.
    """
    mine = Reminder.objects.filter(recipient=reminder.recipient)
    with transaction.atomic():
        cancel_outdated(day, mine, today=day)
        waits = Q(pk=reminder.pk, state__in=WAITING)
        rows = list(with_all_told(mine.filter(_sendable(timezone.now()) | waits)))
        transaction.set_rollback(True)
    return rows if reminder in rows else []


def written(
    rows: list[Reminder], day: date, known: messages.Known | None = None
) -> tuple[EmailMessage, Mail]:
    """The mail about some rows to one recipient, and the same as it would be kept.

    Args:
        known: see `messages.reminder`.

    Raises:
        Exception: of any kind, where the mail cannot be written: a trail that is half a step, a header that
            no server would take.
    """
    message = messages.reminder(rows, day, known)
    message.message()  # a header that no server would take shows here
    html = next((part.content for part in message.alternatives), "")  # type: ignore[attr-defined]  # a pair, say the stubs
    mail = Mail(
        message_id=message.extra_headers["Message-ID"],
        recipient=rows[0].recipient,
        subject=str(message.subject),
        text=str(message.body),
        html=html,
        calendar=messages.calendar_of(message),
        sent_on=day,
    )
    return message, mail


@dataclass(frozen=True)
class _Run:
    """One run through the recipients, a few at a time.

    A few share the questions to the database and the claim. Where their mails take longer than a second, they are
    asked about again in between: a report may have come while the mails before this one went out.
    """

    day: date
    today: date | None
    connection: Any
    may_go: Q

    def through(self, recipients: Sequence[str]) -> Counter[str]:
        """Sends to all of them; says how many reminders became what."""
        counts: Counter[str] = Counter()
        waiting, again = deque(recipients), set[str]()
        while waiting:
            some = [waiting.popleft() for _ in range(min(TOGETHER, len(waiting)))]
            left_over = self._send_to(some, counts)
            # What changed under way is asked about anew, once; if it goes on changing, by the next run.
            waiting.extendleft(recipient for recipient in left_over if recipient not in again)
            again.update(left_over)
        return counts

    def _send_to(self, recipients: Sequence[str], counts: Counter[str]) -> list[str]:
        """Claims, writes and sends the mails to some recipients; gives those whose rows were given back."""
        mine = Reminder.objects.filter(recipient__in=recipients)
        counts["cancelled"] += cancel_outdated(self.day, mine, today=self.today)
        rows = claim(recipients, timezone.now(), self.may_go)
        asked_at, left_over = timezone.now(), list[str]()
        for letter in self._written(rows, counts):
            if timezone.now() - asked_at > FRESH:
                self._give_back_what_is_outdated(rows[0].claim)
                asked_at = timezone.now()
            if _may_be_handed_over(letter):
                outcome = hand_over(letter.message, self.connection)
                counts += _record(letter.rows, outcome, letter.mail, self.day)
            else:
                _give_back(_mine(letter.rows))
                left_over.append(letter.mail.recipient)
        return left_over

    def _written(self, rows: Sequence[Reminder], counts: Counter[str]) -> list[_Letter]:
        """The mails about some rows, kept; one that cannot be written does not stop the others."""
        letters: list[_Letter] = []
        known = messages.Known.about(rows, self.day)

        def failed(about: list[Reminder], error: Exception) -> None:
            outcome = Outcome(ReminderState.FAILED, f"not written: {type(error).__name__}: {error}")
            counts.update(_record(about, outcome, None, self.day))

        for recipient, own in groupby(rows, key=lambda row: row.recipient):
            about = list(own)
            try:
                letters.append(_Letter(about, *written(about, self.day, known)))
            except Exception as error:  # one bad row must not stop the mails to all others
                log.exception("the mail to %s could not be written", recipient)
                failed(about, error)
        try:
            _keep(letters)
        except (ValueError, DatabaseError):  # one of them, and not the others
            for letter in list(letters):
                try:
                    _keep([letter])
                except (ValueError, DatabaseError) as error:
                    log.exception("the mail to %s could not be kept", letter.mail.recipient)
                    letters.remove(letter)
                    failed(letter.rows, error)
        return letters

    def _give_back_what_is_outdated(self, token: uuid.UUID | None) -> None:
        """Asks anew about what is claimed and not handed over: a report may have come meanwhile."""
        waiting = Reminder.objects.filter(claim=token, state=ReminderState.CLAIMED, handed_over_at=None)
        good = waiting.filter(still_due(self.day, self.today)).filter(~paused(self.day))
        _give_back(waiting.exclude(pk__in=list(good.values_list("pk", flat=True))))


@dataclass(frozen=True)
class _Letter:
    """A mail that is kept and ready to go, and the rows it is about."""

    rows: list[Reminder]
    message: EmailMessage
    mail: Mail


def _mine(rows: Sequence[Reminder]) -> QuerySet[Reminder]:
    """The rows of a mail, as far as nobody else has decided on them."""
    return Reminder.objects.filter(
        claim=rows[0].claim, recipient=rows[0].recipient, state=ReminderState.CLAIMED
    )


def _may_be_handed_over(letter: _Letter) -> bool:
    """Notes that the server may have the mail from here on, if it still is ours to send as it was written."""
    went = _mine(letter.rows).update(handed_over_at=timezone.now(), mail=letter.mail)
    return bool(went == len(letter.rows))


def _give_back(claimed: QuerySet[Reminder]) -> None:
    """Lets go of what was claimed and is not going to be handed over."""
    claimed.update(state=ReminderState.PLANNED, claim=None, claimed_at=None, handed_over_at=None)


def _keep(letters: Sequence[_Letter]) -> None:
    """Stores mails as they go, before they go, all or none; one whose attempt failed is stored over."""
    told = ("recipient", "subject", "text", "html", "calendar", "sent_on")
    mails = [letter.mail for letter in letters]
    with transaction.atomic():
        Mail.objects.bulk_create(
            mails, update_conflicts=True, unique_fields=["message_id"], update_fields=told
        )


def hand_over(message: EmailMessage, connection: Any) -> Outcome:
    """Gives a mail to the server and says what became of it.

    A recipient or a text refused for good (5xx) is dead; refused for now (4xx), a server that does not
    want to talk to us, or none at all, is failed. If the line breaks while the text is under way nobody
    knows, and the outcome says so.
    """
    try:
        message.connection = connection
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        outcome = Outcome(_verdict(code, connection), _said(code, words))
    except smtplib.SMTPDataError as error:
        outcome = Outcome(_verdict(error.smtp_code, connection), _said(error.smtp_code, error.smtp_error))
    except smtplib.SMTPResponseException as error:  # about us, not about this mail: greeting, login, sender
        outcome = Outcome(_broken(connection), _said(error.smtp_code, error.smtp_error))
    except (smtplib.SMTPException, OSError) as error:
        outcome = Outcome(_broken(connection), f"{type(error).__name__}: {error}")
    except Exception as error:  # whatever it is, it must not stop the mails to all others
        log.exception("the mail to %s could not be handed over", ", ".join(message.to))
        outcome = Outcome(_broken(connection), f"{type(error).__name__}: {error}")
    else:
        return Outcome(ReminderState.SENT, getattr(connection, "answer", ""))
    _close(connection)  # the next mail begins on a new line
    return outcome


def _verdict(code: int, connection: Any) -> ReminderState:
    """What the answer to a recipient or a text means."""
    if 500 <= code < 600:
        return ReminderState.DEAD
    return ReminderState.FAILED if 400 <= code < 500 else _broken(connection)


def _broken(connection: Any) -> ReminderState:
    under_way = getattr(connection, "handing_over", False)
    return ReminderState.UNKNOWN if under_way else ReminderState.FAILED


def _said(code: int, words: bytes | str) -> str:
    return f"{code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"


def _close(connection: Any) -> None:
    try:
        connection.close()
    except (smtplib.SMTPException, OSError):
        log.info("the mail server had closed the line already")


def _record(rows: list[Reminder], outcome: Outcome, mail: Mail | None, day: date) -> Counter[str]:
    """Writes down what became of the rows of a mail.

    Also where the lease ran out meanwhile: what we know is better than "unknown".
    """
    now = timezone.now()
    mine = Reminder.objects.filter(
        claim=rows[0].claim,
        recipient=rows[0].recipient,
        state__in=(ReminderState.CLAIMED, ReminderState.UNKNOWN),
    )
    answer = outcome.answer.replace("\0", "")  # PostgreSQL keeps no such character
    values: dict[str, Any] = {
        "state": outcome.state,
        "answer": answer,
        "mail": mail,
        "reason": "",
        "attempts": F("attempts") + 1,
        "next_attempt_at": None,
    }
    if outcome.state == ReminderState.SENT:
        values |= {"sent_at": now, "sent_on": day}
    elif outcome.state == ReminderState.UNKNOWN:
        values |= {"reason": _("the line broke while the text was under way")}
    elif outcome.state == ReminderState.FAILED:
        attempts = max(row.attempts for row in rows)
        if attempts >= len(PAUSES):
            values["state"] = ReminderState.DEAD
        else:
            values |= {"next_attempt_at": now + PAUSES[attempts], "handed_over_at": None}
    with transaction.atomic():
        written = mine.update(**values)
        if mail is not None:
            Mail.objects.filter(pk=mail.pk).update(answer=answer)
        if values["state"] == ReminderState.DEAD:
            attention.about_dead(Reminder.objects.filter(claim=rows[0].claim, recipient=rows[0].recipient))
    if values["state"] in (ReminderState.DEAD, ReminderState.UNKNOWN):
        log.warning("the mail to %s is %s: %s", rows[0].recipient, values["state"].value, answer)
    return Counter({str(values["state"]): written})


def approve(reminders: Any, by: str) -> int:
    """Releases mails that await approval; says how many."""
    return len(outbox.act(What.APPROVE, reminders, by=by))


def hold_again(reminders: Any, by: str) -> int:
    """Takes an approval back from mails that no run has taken yet; says how many."""
    return len(outbox.act(What.HOLD, reminders.exclude(approved_by=""), by=by))
