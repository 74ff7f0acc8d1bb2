"""Is the machinery alive? Reads what the scans and the ledger say, and tells what is stuck.

Nothing here goes through the broker: what is to tell of a worker that has stopped cannot wait for it.
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

# Beat asks for a scan every hour. One that was missed may be a restart; a second one in a row is not.
SCANS_OLDER_THAN = timedelta(hours=2)
# What may go is taken by the next scan, which is less than an hour away, and has a grace of one hour there: a scan
# with many mails sends for a while.
UNSENT_FOR = timedelta(hours=1) + timedelta(hours=1)
# After the fourth attempt the pauses are longer than an hour; a mail server that was only restarted, or that puts
# off whoever it does not know, has taken the mail by then.
ATTEMPTS = 4
# At most one mail in so long about the same trouble.
MAILED_EVERY = timedelta(days=1)


# What can be stuck, as `problems` names it.
KINDS = ("no scan", "scan broken off", "unsent", "failing", "dead", "unknown")


@dataclass(frozen=True)
class Watched:
    """What can be seen of the machinery at a moment; None where there is no such thing.

    Attributes:
        first_state: when the first State was recorded; before it there is nothing to scan.
        scan_began: the beginning of the scan that began last, whatever became of it.
        scan_error: what broke that one off.
        scan_ended: the end of the last scan that came to its end.
        last_sent: when a mail server last took a reminder.
        oldest_unsent: since when the oldest reminder may go that is past its time.
        unsent_state: where that one stands.
        failing, dead, unknown: how many reminders failed often and will be tried again, failed for good, may or
            may not have been sent.
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
class Problem:
    """Something that is stuck.

    Attributes:
        text: a sentence.
        state: where the reminders stand that it is about; empty where it is about none.
    """

    kind: str
    text: str
    state: str = ""


def look(now: datetime) -> Watched:
    """The machinery as it is, in one query."""
    return watched_in(Treaty.objects.annotate(**figures(now)).order_by("pk").values(*figures(now)).first())


def figures(now: datetime) -> dict[str, Subquery]:
    """What `Watched` holds, as columns that any query may carry along."""
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
    """The figures out of a row that carries them; other columns do not matter."""
    return Watched(**{name: (row or {}).get(name) for name in Watched.__dataclass_fields__})


def _unsent(now: datetime) -> QuerySet[Any]:
    """Reminders past their time, the oldest first.

    What a person approved has no time of its own in the ledger: it goes with the next scan, and a missing scan is
    told by itself. What waits for its day or hour of sending is not stuck: it must have been free to go all the time.
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


def problems(watched: Watched, now: datetime) -> list[Problem]:
    """What is stuck, the machinery first; nothing where all is well or there is nothing to scan yet."""
    found: list[Problem] = []
    last = watched.scan_ended or watched.first_state
    if last is not None and last < now - SCANS_OLDER_THAN:
        told = (
            _("The last scan ended on %(at)s; there should be one every hour. Do worker and beat run?")
            if watched.scan_ended
            else _("No scan has ended since the first State was recorded on %(at)s. Do worker and beat run?")
        )
        found.append(Problem("no scan", told % {"at": moment(last)}))
    if watched.scan_began and watched.scan_error:
        told = _("The scan of %(at)s was broken off by an error. The log of the worker says which.")
        found.append(Problem("scan broken off", told % {"at": moment(watched.scan_began)}))
    if watched.oldest_unsent:
        told = _("Reminders are unsent past their time, the oldest since %(at)s.")
        at = {"at": moment(watched.oldest_unsent)}
        found.append(Problem("unsent", told % at, watched.unsent_state or ""))
    if n := watched.failing:
        told = ngettext(
            "%(n)d reminder has failed several times and will be tried again. Does the mail server answer?",
            "%(n)d reminders have failed several times and will be tried again. Does the mail server answer?",
            n,
        )
        found.append(Problem("failing", told % {"n": n}, ReminderState.FAILED))
    if n := watched.dead:
        told = ngettext(
            "%(n)d reminder has failed for good. Staff must act.",
            "%(n)d reminders have failed for good. Staff must act.",
            n,
        )
        found.append(Problem("dead", told % {"n": n}, ReminderState.DEAD))
    if n := watched.unknown:
        told = ngettext(
            "Of %(n)d reminder it is not known whether it was sent. Staff must decide.",
            "Of %(n)d reminders it is not known whether they were sent. Staff must decide.",
            n,
        )
        found.append(Problem("unknown", told % {"n": n}, ReminderState.UNKNOWN))
    return found


def moment(at: datetime) -> str:
    """22 November 2026, 09:00 UTC."""
    at = at.astimezone(UTC)
    return f"{in_words(at.date())}, {at:%H:%M} UTC"


def mail_administrators(found: Iterable[Problem], now: datetime) -> list[Problem]:
    """Writes to the administrators about what they were not written to within a day.

    The mail goes straight to the mail server of the settings. It is taken down as written only once the server
    has it, so that the next run tries again.

    Returns:
        what the mail told; nothing where there was nothing to tell.

    Raises:
        OSError, smtplib.SMTPException: the mail server did not take it.
    """
    lately = set(Alarm.objects.filter(mailed_at__gt=now - MAILED_EVERY).values_list("kind", flat=True))
    new = [problem for problem in found if problem.kind not in lately]
    if new:
        text = "\n".join(f"- {problem.text}" for problem in new)
        letter = EmailMessage(
            _("Article 12 tracker: the reminders need attention"),
            _("As of %(at)s:") % {"at": moment(now)}
            + f"\n\n{text}\n\n"
            + _("“manage.py watch” says more. You are written to about the same trouble once a day at most."),
            to=settings.WATCH_EMAILS,
        )
        with get_connection() as line:
            letter.connection = line
            letter.send()
        for problem in new:
            Alarm.objects.update_or_create(kind=problem.kind, defaults={"mailed_at": now})
    return new
