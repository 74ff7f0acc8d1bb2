"""Checks that scans run and mail goes out, and reports what is stuck.

Nothing here uses the broker, so that it works when the worker has stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.db.models import Aggregate, Case, Count, F, Min, Q, QuerySet, Subquery, TextField, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from tracker.languages.writing import moment
from tracker.registry.models import State, Treaty
from tracker.reminders import clock
from tracker.reminders.models import (
    Alarm,
    ClockAlarm,
    MailServer,
    Reminder,
    ReminderState,
    ScanRun,
    SenderRefusal,
)
from tracker.reminders.outgoing import AutomaticMail
from tracker.reminders.send import within_window
from tracker.reminders.servers import REFUSAL_LASTS
from tracker.rules.dates import CLOCKS_DIFFER

Cause = MailServer.Cause
# There is a scan every hour. One may be missed because of a restart, but not two in a row.
SCANS_OLDER_THAN = timedelta(hours=2)
# The next scan is less than an hour away, and sending many mails takes a while: one hour more.
UNSENT_FOR = timedelta(hours=1) + timedelta(hours=1)
# By the fourth attempt a mail server that was restarted, or that delays unknown senders, has accepted the mail.
ATTEMPTS = 4
# At most one mail in this period about the same problem.
MAILED_EVERY = timedelta(days=1)


# The mailbox is read every hour, as scans come.
READ_OLDER_THAN = SCANS_OLDER_THAN
# The kinds of problems.
MAIL_SERVER = "mail server"
KINDS = (
    "no scan",
    "scan broken off",
    "clock",
    "scan in the future",
    "dated ahead",
    MAIL_SERVER,
    "mail refused",
    "mailbox",
    "unsent",
    "failing",
    "dead",
    "unknown",
)
CLOCK_PAGE = "/reminders/clock/"


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
        alarm_raised, alarm_last_scan: the scan that raised the open alarm about the clock, and the one before.
        dated_ahead: the number of reminders of stages after today.
        sending_since: since when the mail server has failed.
        sending_cause, sending_error, sending_failures, sending_next: of its last failure, see `MailServer`.
        mailbox_since, mailbox_cause, mailbox_error: the same of the mailbox.
        mailbox_read: when it was last read.
        refused_by, refused_since: the servers that refuse our mail, by name, and since when the first one does.
        others: the figures of `OTHERS`, by name.
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
    alarm_raised: datetime | None = None
    alarm_last_scan: datetime | None = None
    dated_ahead: int | None = None
    sending_since: datetime | None = None
    sending_cause: str | None = None
    sending_error: str | None = None
    sending_failures: int | None = None
    sending_next: datetime | None = None
    mailbox_since: datetime | None = None
    mailbox_cause: str | None = None
    mailbox_error: str | None = None
    mailbox_read: datetime | None = None
    refused_by: str | None = None
    refused_since: datetime | None = None
    others: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class WatchProblem:
    """Something that is stuck.

    Attributes:
        kind: one of `KINDS`.
        text: a sentence.
        state: of the reminders that it is about; empty if it is about none.
        page: the address of the page where a person settles it; empty if there is none.
    """

    kind: str
    text: str
    state: str = ""
    page: str = ""


@dataclass(frozen=True)
class OtherMails:
    """The mails of another room, which are watched too.

    Attributes:
        kinds: those of its problems.
        names: of its figures.
        figures: these as columns, see `figures`.
        problems: what is stuck, by the values of its figures.
    """

    kinds: tuple[str, ...]
    names: tuple[str, ...]
    figures: Callable[[datetime], dict[str, Any]]
    problems: Callable[[Mapping[str, Any]], list[WatchProblem]]


# A room adds its own when the program starts.
OTHERS: list[OtherMails] = []


def all_kinds() -> list[str]:
    """The kinds of all problems."""
    return [*KINDS, *(kind for other in OTHERS for kind in other.kinds)]


def look(now: datetime) -> Watched:
    """The current state, in one query."""
    return watched_in(Treaty.objects.annotate(**figures(now)).order_by("pk").values(*figures(now)).first())


def figures(now: datetime) -> dict[str, Any]:
    """The fields of `Watched` as columns that can be added to any query."""
    unsent = _unsent(now)
    # By their keys: one under a clock that was ahead must not stay the last one for years.
    begun = ScanRun.objects.order_by("-pk")
    ended = begun.filter(finished_at__isnull=False)
    alarm = ClockAlarm.objects.filter(cleared_at=None).order_by("pk")
    sending = MailServer.objects.filter(use=MailServer.Use.SENDING)
    mailbox = MailServer.objects.filter(use=MailServer.Use.MAILBOX)
    refusing = SenderRefusal.objects.filter(last_at__gt=now - REFUSAL_LASTS).order_by()
    refusals = refusing.annotate(one=Value(1)).values("one")
    return {
        "first_state": Subquery(State.history.order_by("history_date").values("history_date")[:1]),
        "scan_began": Subquery(begun.values("started_at")[:1]),
        "scan_error": Subquery(begun.values("error")[:1]),
        "scan_ended": Subquery(ended.values("finished_at")[:1]),
        "last_sent": Subquery(
            Reminder.objects.filter(sent_at__lte=now + CLOCKS_DIFFER)
            .order_by("-sent_at")
            .values("sent_at")[:1]
        ),
        "oldest_unsent": Subquery(unsent.values("may_go_from")[:1]),
        "unsent_state": Subquery(unsent.values("state")[:1]),
        "failing": _count(Q(state=ReminderState.FAILED, attempts__gte=ATTEMPTS)),
        "dead": _count(Q(state=ReminderState.DEAD)),
        "unknown": _count(Q(state=ReminderState.UNKNOWN)),
        "alarm_raised": Subquery(alarm.values("raised_at")[:1]),
        "alarm_last_scan": Subquery(alarm.values("last_scan_at")[:1]),
        "dated_ahead": Subquery(
            clock.dated_ahead(now)
            .order_by()
            .annotate(one=Value(1))
            .values("one")
            .annotate(n=Count("pk"))
            .values("n")
        ),
        "sending_since": Subquery(sending.values("failing_since")),
        "sending_cause": Subquery(sending.values("cause")),
        "sending_error": Subquery(sending.values("error")),
        "sending_failures": Subquery(sending.values("failures")),
        "sending_next": Subquery(sending.values("next_try_at")),
        "mailbox_since": Subquery(mailbox.values("failing_since")),
        "mailbox_cause": Subquery(mailbox.values("cause")),
        "mailbox_error": Subquery(mailbox.values("error")),
        "mailbox_read": Subquery(mailbox.values("read_at")),
        "refused_by": Subquery(refusals.annotate(names=_Joined("server")).values("names")),
        "refused_since": Subquery(refusals.annotate(at=Min("since")).values("at")),
        **{name: column for other in OTHERS for name, column in other.figures(now).items()},
    }


class _Joined(Aggregate):
    """Texts with spaces between them; host names contain none."""

    function = "string_agg"
    template = "%(function)s(%(expressions)s, ' ')"
    output_field = TextField()

    def as_sqlite(self, *args: Any, **kwargs: Any) -> Any:
        return super().as_sql(*args, function="group_concat", **kwargs)


def watched_in(row: Mapping[str, Any] | None) -> Watched:
    """Reads the columns of `figures` from a row; other columns are ignored."""
    row = row or {}
    own = {name: row.get(name) for name in Watched.__dataclass_fields__ if name != "others"}
    return Watched(**own, others={name: row.get(name) for other in OTHERS for name in other.names})


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
        Reminder.objects.filter(waiting, stage_on__lte=timezone.localdate(now))
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
    if watched.alarm_raised and watched.alarm_last_scan:
        pattern = _(
            "The scan of %(at)s was far from the one before, of %(before)s: a clock may be wrong. New reminders are "
            "held and nothing is sent until an approver has confirmed that the clocks are right, under Reminders, "
            "Clock (%(page)s)."
        )
        at = {"at": moment(watched.alarm_raised), "before": moment(watched.alarm_last_scan)}
        found.append(WatchProblem("clock", pattern % (at | {"page": CLOCK_PAGE}), page=CLOCK_PAGE))
    if (begun := watched.scan_began) and clock.is_ahead(begun, now):
        pattern = _(
            "The last scan is dated %(at)s, in the future. Check the clocks of this machine and the worker."
        )
        found.append(WatchProblem("scan in the future", pattern % {"at": moment(begun)}, page=CLOCK_PAGE))
    if n := watched.dated_ahead:
        pattern = ngettext(
            "%(n)d reminder is dated after today. An approver can void it under Reminders, Clock (%(page)s).",
            "%(n)d reminders are dated after today. An approver can void them under Reminders, Clock (%(page)s).",
            n,
        )
        text = pattern % {"n": n, "page": CLOCK_PAGE}
        found.append(WatchProblem("dated ahead", text, page=CLOCK_PAGE))
    found += _of_mail(watched, now)
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
    return found + [problem for other in OTHERS for problem in other.problems(watched.others)]


# What mends each cause of a failure.
MEND_SENDING: dict[str, Any] = {
    Cause.UNREACHABLE: gettext_lazy("Check that the server runs and that EMAIL_URL names its host and port."),
    Cause.CERTIFICATE: gettext_lazy(
        "Check the server's certificate; if an authority of your own has signed it, name its file in MAIL_CA."
    ),
    Cause.LOGIN: gettext_lazy("Check user and password in EMAIL_URL."),
    Cause.SENDER: gettext_lazy("Let the server accept the address in DEFAULT_FROM_EMAIL from this user."),
    Cause.OTHER: gettext_lazy("Check port and encryption in EMAIL_URL, and the log of the server."),
}
MEND_MAILBOX: dict[str, Any] = MEND_SENDING | {
    Cause.UNREACHABLE: gettext_lazy(
        "Check that the server runs and that BOUNCES_URL names its host and port."
    ),
    Cause.LOGIN: gettext_lazy("Check user and password in BOUNCES_URL."),
    Cause.FULL: gettext_lazy(
        "Delete or move old messages, or raise the quota: a full mailbox takes no new ones."
    ),
    Cause.OTHER: gettext_lazy(
        "Check port, encryption and name of the mailbox in BOUNCES_URL, and the log of the server."
    ),
}


def _of_mail(watched: Watched, now: datetime) -> list[WatchProblem]:
    """What is wrong with the mail server, the servers of recipients, and the mailbox."""
    found: list[WatchProblem] = []
    if watched.sending_since:
        pattern = ngettext(
            "The mail server has failed since %(at)s (%(n)d attempt): %(error)s. %(mend)s No reminder is lost: they "
            "wait and go once the server works; it is tried again after %(next)s. Mail to administrators may "
            "wait with them.",
            "The mail server has failed since %(at)s (%(n)d attempts): %(error)s. %(mend)s No reminder is lost: they "
            "wait and go once the server works; it is tried again after %(next)s. Mail to administrators may "
            "wait with them.",
            watched.sending_failures or 0,
        )
        about = {
            "at": moment(watched.sending_since),
            "n": watched.sending_failures or 0,
            "error": (watched.sending_error or "").rstrip("."),
            "mend": MEND_SENDING.get(watched.sending_cause or "", MEND_SENDING[Cause.OTHER]),
            "next": moment(watched.sending_next or now),
        }
        found.append(WatchProblem(MAIL_SERVER, pattern % about))
    if watched.refused_since:
        names = sorted((watched.refused_by or "").split())
        pattern = _(
            "Mail servers refuse our mail because of its sender since %(at)s: %(servers)s. Check SPF, DKIM and DMARC "
            "of our domain and whether our server is on a block list. This ends seven days after the last refusal."
        )
        about = {"at": moment(watched.refused_since), "servers": ", ".join(names) or _("without a name")}
        found.append(WatchProblem("mail refused", pattern % about))
    if not settings.BOUNCES:
        return found
    if watched.mailbox_since and watched.mailbox_cause == Cause.FULL:
        pattern = _("The mailbox for returned mail is full since %(at)s: %(error)s. %(mend)s")
    elif watched.mailbox_since:
        pattern = _("The mailbox for returned mail cannot be read since %(at)s: %(error)s. %(mend)s")
    elif (last := watched.mailbox_read or watched.first_state) and last < now - READ_OLDER_THAN:
        pattern = (
            _(
                "The mailbox for returned mail was last read on %(at)s; it should be every hour. Are the worker and "
                "beat running, with BOUNCES_URL?"
            )
            if watched.mailbox_read
            else _(
                "The mailbox for returned mail has never been read. Are the worker and beat running, with "
                "BOUNCES_URL? “manage.py read_bounces” reads it at once."
            )
        )
        return [*found, WatchProblem("mailbox", pattern % {"at": moment(last)})]
    else:
        return found
    about = {
        "at": moment(watched.mailbox_since),
        "error": (watched.mailbox_error or "").rstrip("."),
        "mend": MEND_MAILBOX.get(watched.mailbox_cause or "", MEND_MAILBOX[Cause.OTHER]),
    }
    return [*found, WatchProblem("mailbox", pattern % about)]


def mail_administrators(found: Iterable[WatchProblem], now: datetime) -> list[WatchProblem]:
    """Sends the administrators a mail about problems about which they received none within a day.

    It is recorded only when the server has accepted it; otherwise the next run tries again.

    Returns:
        the problems in the mail; empty if none was sent.

    Raises:
        OSError, smtplib.SMTPException: the mail server did not accept it.
    """
    lately = set(
        Alarm.objects.filter(mailed_at__range=(now - MAILED_EVERY, now)).values_list("kind", flat=True)
    )
    new = [problem for problem in found if problem.kind not in lately]
    if new:
        text = "\n".join(f"- {problem.text}" for problem in new)
        message = AutomaticMail(
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
