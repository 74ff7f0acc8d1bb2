"""What is forgotten, and when. Whatever is not named here is kept: facts and their history, ledger, mails, tasks.

Each kind is one question to the database with an age from the settings; docs/operations.md has the table with the
reasons. Rows go in batches, each a transaction of its own, so that nobody waits for a night's work.
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

from tracker.obligations.models import Import
from tracker.reminders.digest import monday_of
from tracker.reminders.models import Bounce, Digest, ScanRun, StaffTask
from tracker.web.models import SecurityEvent

BATCH = 1000
# A file that is being checked or saved belongs to a worker, and one that was saved is the source of what it brought.
NEVER_SAVED = (Import.State.CHECKED, Import.State.REFUSED, Import.State.STALE, Import.State.FAILED)


@dataclass(frozen=True)
class Kind:
    """Rows that may be forgotten.

    Attributes:
        name: in the log and in what the command prints.
        setting: which says how long they are kept; of some, they end by themselves.
        before: older ones go.
        rows: which they are; those that have been forgotten are no longer among them.
        blanked: the field that is emptied while the row stays; empty where the row goes.
    """

    name: str
    setting: str
    before: datetime
    rows: QuerySet[Any]
    blanked: str = ""

    def forget(self) -> int:
        """Forgets all of them, a batch at a time; gives how many."""
        done = 0
        while keys := list(self.rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
            # Asked anew with the rule: what has changed since it was looked up stays.
            batch = self.rows.filter(pk__in=keys)
            if self.blanked:
                found = batch.update(**{self.blanked: ""})
            else:
                found = batch.delete()[1].get(self.rows.model._meta.label, 0)
            done += found
            if not found:
                break
        return done


def kinds(now: datetime) -> Iterator[Kind]:
    """All that may be forgotten at a moment."""

    def aged(name: str, setting: str, rows: Callable[[datetime], QuerySet[Any]], blanked: str = "") -> Kind:
        before = now - timedelta(days=getattr(settings, setting))
        return Kind(name, setting, before, rows(before), blanked)

    yield Kind("sessions", "SESSION_HOURS", now, Session.objects.filter(expire_date__lt=now))
    paused = now - settings.AXES_COOLOFF_TIME
    failures = AccessAttempt.objects.filter(attempt_time__lt=paused)
    yield Kind("failed sign-ins", "SIGN_IN_PAUSE_MINUTES", paused, failures)
    yield aged(
        "security log", "SECURITY_LOG_DAYS", lambda before: SecurityEvent.objects.filter(at__lt=before)
    )
    yield aged(
        "files never saved",
        "UPLOADS_DAYS",
        lambda before: Import.objects.filter(state__in=NEVER_SAVED, touched_at__lt=before),
    )
    yield aged(
        "words of settled tasks",
        "ANSWERS_DAYS",
        lambda before: StaffTask.objects.filter(settled_at__lt=before).exclude(said=""),
        blanked="said",
    )
    yield aged(
        "words of mail servers",
        "ANSWERS_DAYS",
        lambda before: (
            Bounce.objects.filter(received_at__lt=before)
            .exclude(diagnostic="")
            .exclude(pk__in=StaffTask.objects.filter(settled_at=None, bounce__isnull=False).values("bounce"))
        ),
        blanked="diagnostic",
    )
    yield aged("scans", "MACHINERY_DAYS", _scans)
    # That of this week stays, whatever the setting: without its row it would be sent again.
    this_week = monday_of(now.date())
    yield aged(
        "weekly digests",
        "MACHINERY_DAYS",
        lambda before: Digest.objects.filter(week__lt=min(before.date(), this_week)),
    )


def _scans(before: datetime) -> QuerySet[Any]:
    """The last one that began and the last one that ended stay: they say that the clock stands."""
    last = ScanRun.objects.order_by("-started_at").values("pk")[:1]
    ended = ScanRun.objects.filter(finished_at__isnull=False).order_by("-finished_at").values("pk")[:1]
    kept = {row["pk"] for row in (*last, *ended)}
    return ScanRun.objects.filter(started_at__lt=before).exclude(pk__in=kept)


def forget(now: datetime) -> dict[str, int]:
    """Forgets whatever is too old.

    Returns:
        How many rows of each kind.
    """
    return {kind.name: kind.forget() for kind in kinds(now)}
