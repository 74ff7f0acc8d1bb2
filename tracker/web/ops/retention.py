"""Retention: what is deleted, and when. Everything else is kept: facts and their history, reminders, mails, tasks.

Each kind is one query with an age from the settings; docs/operations.md has the table with the reasons. Rows are
deleted in batches, each in its own transaction, so that no page waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from tracker.obligations.models import Import
from tracker.reminders.digest import monday_of
from tracker.reminders.models import Bounce, Digest, ReceivedMessage, ScanRun, StaffTask
from tracker.rules.dates import CLOCKS_DIFFER
from tracker.web.models import SecurityEvent

BATCH = 1000
# Not among them: a file that a worker is processing, and a saved file, which is the source of its facts.
NEVER_SAVED = (Import.State.CHECKED, Import.State.REFUSED, Import.State.STALE, Import.State.FAILED)


@dataclass(frozen=True)
class Expired:
    """Rows that have passed their retention time, of one kind.

    Attributes:
        name: for the log and the output of the command.
        setting: the setting with the retention time.
        before: rows older than this are deleted.
        rows: the rows to delete.
        blanked: the field to empty instead of deleting the row; empty to delete the row.
    """

    name: str
    setting: str
    before: datetime
    rows: QuerySet[Any]
    blanked: str = ""

    def forget(self) -> int:
        """Deletes the rows in batches and returns their number."""
        done = 0
        while keys := list(self.rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
            # The condition applies again, so that rows changed meanwhile stay.
            batch = self.rows.filter(pk__in=keys)
            if self.blanked:
                found = batch.update(**{self.blanked: ""})
            else:
                found = batch.delete()[1].get(self.rows.model._meta.label, 0)
            done += found
            if not found:
                break
        return done


def kinds(now: datetime) -> Iterator[Expired]:
    """All kinds of rows to delete at a moment."""

    def aged(
        name: str, setting: str, rows: Callable[[datetime], QuerySet[Any]], blanked: str = ""
    ) -> Expired:
        before = now - timedelta(days=getattr(settings, setting))
        return Expired(name, setting, before, rows(before), blanked)

    yield Expired("sessions", "SESSION_HOURS", now, Session.objects.filter(expire_date__lt=now))
    paused = now - settings.AXES_COOLOFF_TIME
    failures = AccessAttempt.objects.exclude(attempt_time__range=(paused, now + CLOCKS_DIFFER))
    yield Expired("failed sign-ins", "SIGN_IN_PAUSE_MINUTES", paused, failures)
    yield aged(
        "security log", "SECURITY_LOG_DAYS", lambda before: SecurityEvent.objects.filter(at__lt=before)
    )
    yield aged(
        "files never saved",
        "UPLOADS_DAYS",
        lambda before: Import.objects.filter(state__in=NEVER_SAVED, touched_at__lt=before),
    )
    yield aged(
        "texts of settled tasks",
        "ANSWERS_DAYS",
        lambda before: StaffTask.objects.filter(settled_at__lt=before).exclude(said=""),
        blanked="said",
    )
    yield aged(
        "texts of mail servers",
        "ANSWERS_DAYS",
        lambda before: (
            Bounce.objects.filter(received_at__lt=before)
            .exclude(diagnostic="")
            .exclude(pk__in=StaffTask.objects.filter(settled_at=None, bounce__isnull=False).values("bounce"))
        ),
        blanked="diagnostic",
    )
    unsettled = StaffTask.objects.filter(settled_at=None)
    yield aged(
        "texts of messages",
        "ANSWERS_DAYS",
        lambda before: (
            ReceivedMessage.objects.filter(received_at__lt=before)
            .exclude(text="")
            .exclude(pk__in=unsettled.filter(message__isnull=False).values("message"))
            .exclude(bounces__in=unsettled.filter(bounce__isnull=False).values("bounce"))
        ),
        blanked="text",
    )
    yield aged("scans", "MACHINERY_DAYS", _scans)
    # This week's digests stay: without its row, a digest would be sent again.
    this_week = monday_of(timezone.localdate(now))
    yield aged(
        "weekly digests",
        "MACHINERY_DAYS",
        lambda before: Digest.objects.filter(week__lt=min(before.date(), this_week)),
    )


def _scans(before: datetime) -> QuerySet[Any]:
    """Old scans, except the last that started and the last that ended: `watch` needs both."""
    last = ScanRun.objects.order_by("-pk").values("pk")[:1]
    ended = ScanRun.objects.filter(finished_at__isnull=False).order_by("-pk").values("pk")[:1]
    kept = {row["pk"] for row in (*last, *ended)}
    return ScanRun.objects.filter(started_at__lt=before).exclude(pk__in=kept)


def forget(now: datetime) -> dict[str, int]:
    """Deletes everything that is too old.

    Returns:
        The number of rows of each kind.
    """
    return {kind.name: kind.forget() for kind in kinds(now)}
