"""Sends planned reminders: one mail per recipient and run, delivered as `delivery.py` describes."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from django.core.mail import EmailMessage
from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from tracker.languages import texts
from tracker.obligations.models import Obligation
from tracker.reminders import attention, delivery, messages, outbox, servers
from tracker.reminders.delivery import (
    EVERYTHING,
    PROCESS_ENDED,
    STUCK,
    ClaimLost,
    Delivery,
    DeliveryOutcome,
    sendable,
    until_written,
)
from tracker.reminders.models import WAITING, Mail, OutboxAct, Reminder, ReminderState
from tracker.reminders.plan import cancel_outdated
from tracker.reminders.servers import ServerFailed
from tracker.reminders.text.language import MailLanguage

log = logging.getLogger(__name__)

What = OutboxAct.What
# Recipients claimed at once: enough to share the queries, few enough to finish within the lease.
TOGETHER = 20
# Rows checked longer ago than this are checked again before sending.
FRESH = timedelta(seconds=1)
RESULTS = ("sent", "failed", "dead", "held", "cancelled")


def send_due(day: date, *, at: datetime | None = None, today: date | None = None) -> dict[str, int]:
    """Sends all reminders that are planned and approved, one mail per recipient, on one connection.

    If the mail server itself fails, the run ends: what was not sent stays planned and counts no attempt. Later runs
    try the server again, with growing pauses.

    Args:
        at: the time in UTC, to respect the days and hours of sending; what may not go now stays planned. None, if a
            person starts the run: everything may go, and a server that failed is tried at once.
        today: see `plan.still_open`.

    Returns:
        the number of reminders that were sent, failed (and will be tried again), are dead, await approval, were
        cancelled.
    """
    texts.refresh()  # people may have corrected words since the last run
    free_expired_claims(timezone.now())
    checked_at = timezone.now()
    counts = Counter(cancelled=cancel_outdated(day, today=today))
    # A stage after the day was planned under a wrong clock.
    may_go = within_window(at) & Q(stage_on__lte=day)

    def send(connection: Any) -> None:
        run = _Run(day, today, connection, may_go, checked_at, counts)
        run.send_to(servers.in_turn(_recipients(timezone.now(), may_go)))

    delivery.run(send, at, counts)
    counts["held"] = Reminder.objects.filter(state=ReminderState.HELD).count()
    return {name: counts[name] for name in RESULTS}


def free_expired_claims(now: datetime) -> None:
    """Ends the claims of processes that are presumed dead."""
    delivery.free_expired_claims(Reminder.objects.all(), now, reason=PROCESS_ENDED())


def within_window(at: datetime | None) -> Q:
    """The condition that the days and hours of sending allow a reminder to go at a time; see `delivery`."""

    def to_states(codes: Collection[str]) -> Q:
        # Desk officers have the usual week, whatever State the mail is about.
        theirs = Obligation.objects.filter(state__in=codes).values("pk")
        return Q(contact__isnull=False, obligation__in=theirs)

    return delivery.within_window(at, to_states)


def _recipients(now: datetime, may_go: Q) -> list[str]:
    rows = Reminder.objects.filter(sendable(now), may_go).order_by("recipient")
    return list(rows.values_list("recipient", flat=True).distinct())


def claim(recipients: Sequence[str], now: datetime, may_go: Q = EVERYTHING) -> list[Reminder]:
    """Claims all sendable reminders to some recipients, ordered by recipient; empty if another process has them."""
    claimed = Delivery.of(Reminder.objects.filter(sendable(now), may_go, recipient__in=recipients), now)
    return list(for_mails(claimed.rows).order_by("recipient", "pk")) if claimed else []


def for_mails(rows: QuerySet[Reminder]) -> QuerySet[Reminder]:
    """Reminders with everything that mails need to be written."""
    return rows.select_related("obligation__state__desk_officer", "rule", "contact")


def to_go(reminder: Reminder, day: date) -> list[Reminder]:
    """The reminders in the mail that this one would be sent in if it were sent by the next run.

    These are all that may go to its recipient by now, and itself, even if it awaits approval or its next attempt.
    Reads only: what a run would cancel before sending is cancelled in a transaction that is rolled back.

    Args:
        day: today; nothing recorded is later.

    Returns:
        the reminders, see `for_mails`; empty if the reminder itself would not be sent.
    """
    mine = Reminder.objects.filter(recipient=reminder.recipient, stage_on__lte=day)
    with transaction.atomic():
        cancel_outdated(day, mine, today=day)
        waits = Q(pk=reminder.pk, state__in=WAITING)
        rows = list(for_mails(mine.filter(sendable(timezone.now()) | waits)))
        transaction.set_rollback(True)
    return rows if reminder in rows else []


def written(
    rows: list[Reminder],
    day: date,
    known: messages.MailFacts | None = None,
    language: MailLanguage | None = None,
) -> tuple[EmailMessage, Mail]:
    """The mail about some reminders to one recipient, and the record of it to store.

    Args:
        known, language: see `messages.reminder`.

    Raises:
        Exception: of any kind, if the mail cannot be written: an incomplete trail, an invalid header.
    """
    known = known or messages.MailFacts.about(rows, day)
    language = language or known.language_of(rows)
    message = messages.reminder(rows, day, known, language)
    mail = delivery.mail_of(message, rows[0].recipient, day, language.code)
    mail.calendar = messages.calendar_of(message)
    return message, mail


@dataclass(frozen=True)
class _PreparedMail:
    """A mail that is stored and ready to go, and the reminders that it is about."""

    rows: list[Reminder]
    message: EmailMessage
    mail: Mail


@dataclass(frozen=True)
class _Run:
    """One run through the recipients, some at a time: these share the queries and the claim.

    Attributes:
        checked_at: when outdated reminders were last cancelled in the whole ledger. If a mail goes later than a second
            after that, the claimed rows are checked again: a report may have come in the meantime.
        counts: the number of reminders by result.
    """

    day: date
    today: date | None
    connection: Any
    may_go: Q
    checked_at: datetime
    counts: Counter[str]

    def send_to(self, recipients: Sequence[str]) -> None:
        """Sends to all of them.

        Raises:
            ServerFailed: the mail server failed; those that were left are planned as before.
        """
        waiting, again = deque(recipients), set[str]()
        while waiting:
            some = [waiting.popleft() for _ in range(min(TOGETHER, len(waiting)))]
            given_back = self._send_some(some)
            # Their mails have changed, so they are written again: once in this run, then by the next one.
            waiting.extendleft(recipient for recipient in given_back if recipient not in again)
            again.update(given_back)

    def _send_some(self, recipients: Sequence[str]) -> list[str]:
        """Claims, writes and sends the mails to some recipients; returns those whose rows were given back."""
        texts.refresh_if_due()  # a run may take hours
        rows = claim(recipients, timezone.now(), self.may_go)
        rows.sort(key=lambda row: recipients.index(row.recipient))
        checked_at, given_back = self.checked_at, list[str]()
        for prepared in self._prepare(rows):
            every = Delivery(Reminder.objects.all(), rows[0].claim)
            if timezone.now() - checked_at > FRESH:
                checked_at = timezone.now()
                check = partial(cancel_outdated, self.day, every.rows, today=self.today)
                self.counts["cancelled"] += until_written(partial(check, waiting=every.not_handed_over))
            ours, mail = _of_one_mail(prepared.rows), prepared.mail
            begin = partial(ours.begin, len(prepared.rows), mail=mail)
            try:
                outcome = delivery.hand_over(prepared.message, self.connection, begin)
            except ClaimLost:
                ours.give_back()
                given_back.append(mail.recipient)
                continue
            if outcome.state != ReminderState.PLANNED:
                self.counts.update(_record(prepared.rows, outcome, mail, self.day))
            if outcome.fault:
                every.give_back()
                raise ServerFailed(outcome.fault, outcome.answer, mail.recipient)
        return given_back

    def _prepare(self, rows: Sequence[Reminder]) -> list[_PreparedMail]:
        """Writes and stores the mails about some reminders; one that cannot be written does not stop the others."""
        prepared: list[_PreparedMail] = []
        known = messages.MailFacts.about(rows, self.day)

        def failed(about: list[Reminder], error: Exception) -> None:
            self.counts.update(_record(about, DeliveryOutcome.not_written(error), None, self.day))

        for recipient, own in groupby(rows, key=lambda row: row.recipient):
            about = list(own)
            try:
                prepared.append(_PreparedMail(about, *written(about, self.day, known)))
            except Exception as error:  # one bad row must not stop the mails to all others
                log.exception("the mail to %s could not be written", recipient)
                failed(about, error)
        try:
            until_written(partial(delivery.store, [one.mail for one in prepared]))
        except (ValueError, DatabaseError):  # because of one of them: store the others
            for one in list(prepared):
                try:
                    until_written(partial(delivery.store, [one.mail]))
                except (ValueError, DatabaseError) as error:
                    log.exception("the mail to %s could not be stored", one.mail.recipient)
                    prepared.remove(one)
                    failed(one.rows, error)
        return prepared


def _of_one_mail(rows: Sequence[Reminder]) -> Delivery:
    return Delivery(Reminder.objects.filter(recipient=rows[0].recipient), rows[0].claim)


def _record(rows: list[Reminder], outcome: DeliveryOutcome, mail: Mail | None, day: date) -> Counter[str]:
    """Records the outcome of one mail; returns the number of reminders by result."""
    state, values = delivery.to_record(outcome, max(row.attempts for row in rows))
    if state == ReminderState.SENT:
        values["sent_on"] = day

    def write() -> int:
        ours = _of_one_mail(rows)
        recorded = ours.record(DeliveryOutcome(state, outcome.answer), mail=mail, **values)
        delivery.record_of_mail(mail, outcome)
        if state in STUCK:
            attention.about_stuck(ours.rows)
        return recorded

    recorded = until_written(write)
    if state in STUCK:
        log.warning("the mail to %s is %s: %s", rows[0].recipient, state.value, outcome.answer)
    return Counter({state.value: recorded})


def approve(reminders: Any, by: str) -> int:
    """Approves reminders that await approval; returns how many."""
    return len(outbox.act(What.APPROVE, reminders, by=by))


def hold_again(reminders: Any, by: str) -> int:
    """Withdraws the approval of reminders that no run has claimed yet; returns how many."""
    return len(outbox.act(What.HOLD, reminders.exclude(approved_by=""), by=by))
