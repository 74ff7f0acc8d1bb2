"""Notices a clock that is or was wrong, and lets no reminder be lost by it.

A scan that is far from the last one may run under a wrong clock, and what it would send would bear a wrong date. So it
raises an alarm. While the alarm is open, new reminders are held, scans send nothing, and nothing is deleted for its
age. A person closes it when the clock is right; what was dated after that day then counts as never planned.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from tracker.obligations import sync
from tracker.registry.stored import StoredText
from tracker.reminders import outbox
from tracker.reminders.ledger import REVIVABLE
from tracker.reminders.models import (
    WAITING,
    ClockAlarm,
    Digest,
    OutboxAct,
    Reminder,
    ReminderRule,
    ReminderState,
    ScanRun,
)
from tracker.rules.dates import CLOCKS_DIFFER

# A shorter outage is made up for without asking anybody.
LONGEST_OUTAGE = timedelta(days=45)
IN_DOUBT = StoredText(gettext_noop("planned while the clock was in doubt, by the scan of %(at)s or later"))
OVERTAKEN_BY_NOBODY = StoredText(gettext_noop("overtaken only by a stage dated after its day"))
WRONG_CLOCK = StoredText(gettext_noop("planned under a wrong clock"))


def is_ahead(at: datetime, now: datetime) -> bool:
    """Whether a recorded moment is in the future."""
    return at > now + CLOCKS_DIFFER


def is_far(last: datetime, now: datetime) -> bool:
    """Whether a scan is so long after the last one, or before it, that a clock may be wrong."""
    return now > last + LONGEST_OUTAGE or is_ahead(last, now)


def open_alarm() -> ClockAlarm | None:
    """The alarm that nobody has closed yet."""
    return ClockAlarm.objects.filter(cleared_at=None).order_by("pk").first()


def check(run: ScanRun) -> ClockAlarm | None:
    """Raises an alarm if a scan is far from the one before; returns the open alarm, if any."""
    alarm = open_alarm()
    before = ScanRun.objects.filter(pk__lt=run.pk).order_by("-pk").first()
    if alarm is None and before is not None and is_far(before.started_at, run.started_at):
        alarm = ClockAlarm.objects.create(
            raised_at=run.started_at,
            last_scan_at=before.started_at,
            reason=IN_DOUBT(at=run.started_at),
        )
    return alarm


def in_doubt(now: datetime) -> bool:
    """Whether an alarm is open, or the next scan would raise one."""
    last = ScanRun.objects.order_by("-pk").first()
    return open_alarm() is not None or (last is not None and is_far(last.started_at, now))


def dated_ahead(now: datetime) -> QuerySet[Reminder]:
    """The reminders of stages after today that count as planned; those being sent at this moment are left out.

    Around midnight the clock of the worker may rightly be in the next day already.
    """
    today = timezone.localdate(now + CLOCKS_DIFFER)
    return Reminder.objects.filter(stage_on__gt=today).exclude(REVIVABLE).exclude(state=ReminderState.CLAIMED)


def held_by_alarm() -> QuerySet[Reminder]:
    """The reminders that wait only because an alarm is open."""
    reasons = ClockAlarm.objects.filter(cleared_at=None).values("reason")
    return Reminder.objects.filter(state=ReminderState.HELD, reason__in=reasons)


@transaction.atomic
def clear(*, by: str, reason: str, today: date, at: datetime) -> tuple[int, int]:
    """Closes the alarm, voids the reminders dated after today, and releases those that the alarm holds.

    A voided reminder is planned again when its day comes, even if it was sent: its mail is kept, and the next one has
    another Message-ID. Released reminders to States still await approval where that is required.

    Args:
        by: the user name.
        reason: how the person knows that the clock is right.
        at: now.

    Returns:
        the numbers of voided and of released reminders.
    """
    # A night or a save under the wrong clock counted the records of another day.
    sync.synchronise(today)
    # A scan that is planning waits, or is waited for: what it holds would stay held.
    list(ReminderRule.objects.filter(active=True).order_by("pk").select_for_update(no_key=True))
    alarms = list(ClockAlarm.objects.filter(cleared_at=None).select_for_update().order_by("pk"))
    # Far from now, it would raise the next alarm, or let a scan under the same wrong clock pass.
    last = ScanRun.objects.order_by("-pk").first()
    if last is not None and is_far(last.started_at, at):
        ScanRun.objects.filter(pk=last.pk).update(started_at=at)
    voided = outbox.act(OutboxAct.What.VOID, dated_ahead(at), by=by, reason=reason)
    if voided:
        _plan_again_what_was_overtaken(today)
    Digest.objects.filter(week__gt=today).delete()

    held = held_by_alarm()
    same = {"obligation": OuterRef("obligation"), "recipient": OuterRef("recipient")}
    later = held.filter(**same, stage_on__gt=OuterRef("stage_on"))
    Reminder.objects.filter(Exists(later), state__in=WAITING).update(state=ReminderState.OVERTAKEN)
    _cancel_what_came_too_late(held, today)
    released = held.count()
    to_approve = Q(contact__isnull=False) if settings.REMINDERS_APPROVAL == "required" else Q(pk__in=[])
    outbox.act(OutboxAct.What.APPROVE, held.exclude(to_approve), by=by, reason=reason)
    held.update(reason="")

    ClockAlarm.objects.filter(pk__in=[alarm.pk for alarm in alarms]).update(
        cleared_at=at, cleared_by=by, outcome=reason
    )
    return len(voided), released


def _plan_again_what_was_overtaken(today: date) -> None:
    """Frees the reminders that were overtaken only by a stage after today."""
    same = Reminder.objects.filter(obligation=OuterRef("obligation"), recipient=OuterRef("recipient"))
    voided = same.filter(stage_on__gt=today)
    rightly = same.filter(stage_on__gt=OuterRef("stage_on"), stage_on__lte=today).exclude(REVIVABLE)
    rows = Reminder.objects.filter(Exists(voided), ~Exists(rightly), stage_on__lte=today)
    rows.filter(state=ReminderState.OVERTAKEN).update(
        state=ReminderState.CANCELLED, reason=OVERTAKEN_BY_NOBODY()
    )


def _cancel_what_came_too_late(held: QuerySet[Reminder], today: date) -> None:
    """Cancels held stages of a clock that was set back: a later one was sent or waits, or a mail went lately."""
    mine = Reminder.objects.filter(obligation=OuterRef("obligation"), recipient=OuterRef("recipient"))
    later = mine.exclude(REVIVABLE).filter(
        due_on=OuterRef("due_on"), stage_on__gt=OuterRef("stage_on"), stage_on__lte=today
    )
    quiet = today - timedelta(days=settings.REMINDERS_QUIET_DAYS)
    lately = mine.filter(state=ReminderState.SENT, sent_on__gt=quiet, sent_on__lte=today)
    rows = Reminder.objects.filter(pk__in=held.filter(Q(Exists(later)) | Q(Exists(lately))).values("pk"))
    rows.update(state=ReminderState.CANCELLED, reason=WRONG_CLOCK())
