"""The scan: what is to be written by now is planned and sent, and a row says that it was done.

Without that row nobody could tell a quiet hour from a clock that has stopped; `watch.py` reads it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from django.db import DatabaseError
from django.utils import timezone

from tracker.reminders import attention
from tracker.reminders.models import Reminder, ScanRun
from tracker.reminders.plan import Plan, derive_after_upgrade, plan
from tracker.reminders.send import send_due


@dataclass(frozen=True)
class Scan:
    """What a scan planned, and what became of the mails: `send.send_due`."""

    plan: Plan
    sent: dict[str, int]


def scan(day: date, *, at: datetime | None = None) -> Scan:
    """Plans and sends for a day, with a row of its own in the list of scans.

    Args:
        day: today; nothing that is recorded is younger.
        at: the time in UTC, to keep to the days and hours of sending; see `send.send_due`.

    A scan that is broken off leaves its row unfinished: with the error, where there is still somebody to write
    it down. What it raises goes on to the caller.
    """
    run = ScanRun.objects.create(started_at=timezone.now())
    mine = ScanRun.objects.filter(pk=run.pk)
    try:
        derive_after_upgrade(day)
        found = plan(day, today=day)
        sent = send_due(day, at=at, today=day)
        attention.about_dead(Reminder.objects.all())
    except Exception as error:
        with suppress(DatabaseError):  # it may be the database that broke it off
            mine.update(error=f"{type(error).__name__}: {error}".replace("\0", ""))
        raise
    counted = {name: sent[name] for name in ("sent", "failed", "dead")}
    mine.update(finished_at=timezone.now(), planned=found.count, **counted)
    return Scan(found, sent)
