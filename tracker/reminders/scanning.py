"""The scan: plans and sends what is due, and records that it ran.

Without that record a quiet hour would look like a stopped clock; `watch.py` reads it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from django.db import DatabaseError, transaction
from django.utils import timezone

from tracker.reminders import attention, clock
from tracker.reminders.delivery import until_written
from tracker.reminders.models import Reminder, ReminderRule, ScanRun
from tracker.reminders.plan import Plan, derive_after_upgrade, plan
from tracker.reminders.send import RESULTS, send_due


@dataclass(frozen=True)
class Scan:
    """The result of a scan: what was planned, and the counts of `send.send_due`."""

    plan: Plan
    sent: dict[str, int]


def scan(day: date, *, at: datetime | None = None) -> Scan:
    """Plans and sends for a day, and records it as a `ScanRun`; sends nothing while the clock is in doubt.

    If it fails, the error is recorded if possible, and raised again. The run then has no end.

    Args:
        day: today; nothing recorded is later.
        at: the time in UTC, to respect the days and hours of sending; see `send.send_due`.
    """
    with transaction.atomic():
        # One after the other: of two that begin together each would be near the other, and neither in doubt.
        list(ReminderRule.objects.order_by("pk").select_for_update(no_key=True))
        run = ScanRun.objects.create(started_at=timezone.now())
        in_doubt = clock.check(run) is not None
    mine = ScanRun.objects.filter(pk=run.pk)
    try:
        derive_after_upgrade(day)
        found = plan(day, today=day, in_doubt=in_doubt)
        sent = dict.fromkeys(RESULTS, 0) if in_doubt else send_due(day, at=at, today=day)
        until_written(lambda: attention.about_stuck(Reminder.objects.all()))
    except Exception as error:
        with suppress(DatabaseError):  # the database itself may have failed
            mine.update(error=f"{type(error).__name__}: {error}".replace("\0", ""))
        raise
    counted = {name: sent[name] for name in ("sent", "failed", "dead")}
    until_written(lambda: mine.update(finished_at=timezone.now(), planned=found.count, **counted))
    return Scan(found, sent)
