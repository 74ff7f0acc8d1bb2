"""Reads what the ledger has dealt with, and adds what has to be written.

A row that was cancelled because the facts had changed is revived if they change back: the key is unique, and a row is
never deleted.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from tracker.reminders.models import Reminder, ReminderState

# Cancelled because the facts changed, not by a person, and before it was sent.
REVIVABLE = Q(state=ReminderState.CANCELLED, handed_over_at=None, cancelled_by="")
KEY = ("obligation_id", "rule_id", "occurrence", "recipient", "due_on")
# The columns of a revived row that depend on its stage and recipient, and those that do not.
OF_THE_STAGE = ("state", "reason", "stage_words", "recipient_name", "contact")
RESET: dict[str, Any] = {"covering": "", "covering_in": "", "approved_by": "", "next_attempt_at": None}
AT_ONCE = 1000


class DealtWith:
    """The reminders that need not be planned, of the stages since a day.

    Args:
        day: the day of planning.
        since: the earliest stage to read.
        states: only about these States; None for all.
    """

    def __init__(self, day: date, since: date, states: Sequence[str] | None = None) -> None:
        quiet = day - timedelta(days=settings.REMINDERS_QUIET_DAYS)
        # If nobody knows whether a mail was sent, we assume that it was, even if a person cancelled it.
        doubtful = Q(state__in=(ReminderState.UNKNOWN, ReminderState.CANCELLED)) & Q(
            handed_over_at__gte=midnight(quiet + timedelta(days=1)),
            handed_over_at__lt=midnight(day + timedelta(days=1)),
        )
        sent = Q(state=ReminderState.SENT, sent_on__gt=quiet, sent_on__lte=day)
        lately = Q(state=ReminderState.CLAIMED) | sent | doubtful
        rows = Reminder.objects.order_by()
        if states is not None:
            rows = rows.filter(obligation__state__in=states)
        # What was dated later, under a wrong clock, keeps nobody from being written to.
        stages = rows.exclude(REVIVABLE).filter(stage_on__gte=since, stage_on__lte=day)
        self.lately = set(rows.filter(lately).values_list("obligation", "recipient"))
        self.latest: dict[tuple[int, str, date], date] = {}
        for obligation, recipient, due_on, stage_on in stages.values_list(
            "obligation", "recipient", "due_on", "stage_on"
        ):
            key = (obligation, recipient, due_on)
            self.latest[key] = max(stage_on, self.latest.get(key, stage_on))

    def includes(self, obligation: int, recipient: str, due_on: date, stage_on: date) -> bool:
        """Whether this stage or a later one is in the ledger, or a mail about the report has just been sent."""
        latest = self.latest.get((obligation, recipient, due_on))
        return (obligation, recipient) in self.lately or (latest is not None and latest >= stage_on)


def midnight(day: date) -> datetime:
    """When a day begins for the office."""
    return timezone.make_aware(datetime.combine(day, time()))


def add(new: Sequence[Reminder], batch: uuid.UUID) -> int:
    """Adds reminders in their order, or revives them; returns how many.

    If another planner adds the same at the same moment, the unique key lets one of them win.
    """
    for one in new:
        one.batch = batch
    cancelled = Reminder.objects.filter(REVIVABLE)
    known = {
        tuple(values): pk
        for pk, *values in cancelled.filter(obligation__in={one.obligation_id for one in new}).values_list(
            "pk", *KEY
        )
    }
    revived: dict[int, Reminder] = {}
    added: list[Reminder] = []
    for one in new:
        pk = known.get(tuple(getattr(one, name) for name in KEY))
        if pk is None:
            added.append(one)
        else:
            revived[pk] = one
    Reminder.objects.bulk_create(added, ignore_conflicts=True, batch_size=AT_ONCE)
    if revived:
        cancelled.filter(pk__in=revived).update(batch=batch, **RESET)
        # Ours alone until the transaction ends. An INSERT that meets each of them is 20 times as fast as `bulk_update`.
        ours = cancelled.filter(batch=batch).values_list("pk", flat=True)
        Reminder.objects.bulk_create(
            [revived[pk] for pk in ours],
            update_conflicts=True,
            unique_fields=KEY,
            update_fields=OF_THE_STAGE,
            batch_size=AT_ONCE,
        )
    return Reminder.objects.filter(batch=batch).count()
