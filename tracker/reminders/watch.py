"""Checks that scans run and mail goes out, and reports what is stuck.

Nothing here uses the broker, so that it works when the worker has stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import Case, Count, F, Q, QuerySet, Subquery, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.registry.models import State, Treaty
from tracker.reminders.models import Alarm, Reminder, ReminderState, ScanRun
from tracker.reminders.send import within_window
from tracker.rules.dates import in_words

# There is a scan every hour. One may be missed because of a restart, but not two in a row.
SCANS_OLDER_THAN = timedelta(hours=2)
# The next scan is less than an hour away, and sending many mails takes a while: one hour more.
UNSENT_FOR = timedelta(hours=1) + timedelta(hours=1)
# By the fourth attempt a mail server that was restarted, or that delays unknown senders, has accepted the mail.
ATTEMPTS = 4
# At most one mail in this period about the same problem.
MAILED_EVERY = timedelta(days=1)


# The kinds of problems.
KINDS = ("no scan", "scan broken off", "unsent", "failing", "dead", "unknown")


@dataclass(frozen=True)
class Watched:
    """The state of scans and mail at a moment; None for what does not exist.

    Attributes:
        first_state: when the first State was recorded; before that there is nothing to scan.
        scan_began: when the latest scan began, finished or not.
        scan_error: the error that stopped it.
        scan_ended: when the latest finished scan ended.
        last_sent: when a mail server last accepted a reminder.
        oldest_unsent: since when the oldest reminder that is late could have been sent.
        unsent_state: its state.
        failing, dead, unknown: the number of reminders that failed several times and will be tried again, failed
            permanently, may or may not have been sent.
    """

    first_state: datetime | None = None
    scan_began: datetime | None = None
    scan_error: str | None = None
    scan_ended: datetime | None = None
    last_sent: datetime | None = None
    oldest_unsent: datetime | None = None
    unsent_state: str | None = None
    failing: int | None = None
    dead: int | None = None
    unknown: int | None = None


@dataclass(frozen=True)
class WatchProblem:
    """Something that is stuck.

    Attributes:
        kind: one of `KINDS`.
        text: a sentence.
        state: of the reminders that it is about; empty if it is about none.
    """

    kind: str
    text: str
    state: str = ""


def look(now: datetime) -> Watched:
    """The current state, in one query."""
    return watched_in(Treaty.objects.annotate(**figures(now)).order_by("pk").values(*figures(now)).first())


def figures(now: datetime) -> dict[str, Subquery]:
    """The fields of `Watched` as columns that can be added to any query."""
    unsent = _unsent(now)
    ended = ScanRun.objects.filter(finished_at__isnull=False).order_by("-finished_at")
    return {
        "first_state": Subquery(State.history.order_by("history_date").values("history_date")[:1]),
        "scan_began": Subquery(ScanRun.objects.order_by("-started_at").values("started_at")[:1]),
        "scan_error": Subquery(ScanRun.objects.order_by("-started_at").values("error")[:1]),
        "scan_ended": Subquery(ended.values("finished_at")[:1]),
        "last_sent": Subquery(
            Reminder.objects.filter(sent_at__isnull=False).order_by("-sent_at").values("sent_at")[:1]
        ),
        "oldest_unsent": Subquery(unsent.values("may_go_from")[:1]),
        "unsent_state": Subquery(unsent.values("state")[:1]),
        "failing": _count(Q(state=ReminderState.FAILED, attempts__gte=ATTEMPTS)),
        "dead": _count(Q(state=ReminderState.DEAD)),
        "unknown": _count(Q(state=ReminderState.UNKNOWN)),
    }


def watched_in(row: Mapping[str, Any] | None) -> Watched:
    """Reads the columns of `figures` from a row; other columns are ignored."""
    return Watched(**{name: (row or {}).get(name) for name in Watched.__dataclass_fields__})


def _unsent(now: datetime) -> QuerySet[Any]:
    """Reminders that should have been sent already, oldest first.

    Approved reminders are left out: the ledger does not record when they were approved, and a missing scan is a problem
    of its own. Reminders that have to wait for a day or hour of sending are not late.
    """
    free = within_window(now) & within_window(now - UNSENT_FOR)
    waiting = Q(state=ReminderState.PLANNED, approved_by="") | Q(
        state__in=(ReminderState.FAILED, ReminderState.CLAIMED)
    )
    may_go_from = Case(
        When(state=ReminderState.FAILED, then=F("next_attempt_at")),
        When(state=ReminderState.CLAIMED, then=F("claimed_at")),
        default=F("planned_at"),
    )
    rows = (
        Reminder.objects.filter(waiting)
        .filter(free | Q(state=ReminderState.CLAIMED))
        .annotate(may_go_from=may_go_from)
    )
    return rows.filter(may_go_from__lt=now - UNSENT_FOR).order_by("may_go_from", "pk")


def _count(which: Q) -> Subquery:
    rows = Reminder.objects.filter(which).order_by().values("state")
    return Subquery(rows.annotate(n=Count("pk")).values("n"))


def problems(watched: Watched, now: datetime) -> list[WatchProblem]:
    """What is stuck, scans first; empty if all is well or there is nothing to scan yet."""
    found: list[WatchProblem] = []
    last = watched.scan_ended or watched.first_state
    if last is not None and last < now - SCANS_OLDER_THAN:
        pattern = (
            _(
                "The last scan ended on %(at)s; there should be one every hour. Are the worker and beat running?"
            )
            if watched.scan_ended
            else _(
                "No scan has ended since the first State was recorded on %(at)s. Are the worker and beat running?"
            )
        )
        found.append(WatchProblem("no scan", pattern % {"at": moment(last)}))
    if watched.scan_began and watched.scan_error:
        pattern = _("The scan of %(at)s was stopped by an error. See the log of the worker.")
        found.append(WatchProblem("scan broken off", pattern % {"at": moment(watched.scan_began)}))
    if watched.oldest_unsent:
        pattern = _("Some reminders should have been sent already; the oldest has been waiting since %(at)s.")
        at = {"at": moment(watched.oldest_unsent)}
        found.append(WatchProblem("unsent", pattern % at, watched.unsent_state or ""))
    if n := watched.failing:
        pattern = ngettext(
            "%(n)d reminder has failed several times and will be tried again. Check the mail server.",
            "%(n)d reminders have failed several times and will be tried again. Check the mail server.",
            n,
        )
        found.append(WatchProblem("failing", pattern % {"n": n}, ReminderState.FAILED))
    if n := watched.dead:
        pattern = ngettext(
            "%(n)d reminder has failed permanently. Staff must act.",
            "%(n)d reminders have failed permanently. Staff must act.",
            n,
        )
        found.append(WatchProblem("dead", pattern % {"n": n}, ReminderState.DEAD))
    if n := watched.unknown:
        pattern = ngettext(
            "It is not known whether %(n)d reminder was sent. Staff must decide.",
            "It is not known whether %(n)d reminders were sent. Staff must decide.",
            n,
        )
        found.append(WatchProblem("unknown", pattern % {"n": n}, ReminderState.UNKNOWN))
    return found


def moment(at: datetime) -> str:
    """22 November 2026, 09:00 UTC."""
    at = at.astimezone(UTC)
    return f"{in_words(at.date())}, {at:%H:%M} UTC"


def mail_administrators(found: Iterable[WatchProblem], now: datetime) -> list[WatchProblem]:
    """Sends the administrators a mail about problems about which they received none within a day.

    It is recorded only when the server has accepted it; otherwise the next run tries again.

    Returns:
        the problems in the mail; empty if none was sent.

    Raises:
        OSError, smtplib.SMTPException: the mail server did not accept it.
    """
    lately = set(Alarm.objects.filter(mailed_at__gt=now - MAILED_EVERY).values_list("kind", flat=True))
    new = [problem for problem in found if problem.kind not in lately]
    if new:
        text = "\n".join(f"- {problem.text}" for problem in new)
        message = EmailMessage(
            _("Article 12 tracker: the reminders need attention"),
            _("As of %(at)s:") % {"at": moment(now)}
            + f"\n\n{text}\n\n"
            + _("“manage.py watch” shows more. You receive at most one mail a day about the same problem."),
            to=settings.WATCH_EMAILS,
        )
        with get_connection() as connection:
            message.connection = connection
            message.send()
        for problem in new:
            Alarm.objects.update_or_create(kind=problem.kind, defaults={"mailed_at": now})
    return new
