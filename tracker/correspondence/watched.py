"""The mails of correspondence that are stuck, for `tracker.reminders.watch`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, Subquery
from django.utils import timezone
from django.utils.translation import ngettext

from tracker.correspondence.exchange import number_of
from tracker.correspondence.models import Dispatch, Means
from tracker.correspondence.sending import within_window
from tracker.reminders.models import ReminderState
from tracker.reminders.watch import OTHERS, UNSENT_FOR, OtherMails, WatchProblem

TASKS = "/tasks/?standing=open&kind="


def figures(now: datetime) -> dict[str, Any]:
    """How many mails are late, dead and unknown."""
    before = now - UNSENT_FOR
    free = within_window(now) & within_window(before)
    late = Q(state=ReminderState.CLAIMED, claimed_at__lt=before) | free & (
        Q(state=ReminderState.PLANNED, planned_on__lt=timezone.localdate(now))
        | Q(state=ReminderState.FAILED, next_attempt_at__lt=before)
    )
    return {
        "dispatches_unsent": _count(late),
        "dispatches_dead": _count(Q(state=ReminderState.DEAD)),
        "dispatches_unknown": _count(Q(state=ReminderState.UNKNOWN)),
    }


def _count(which: Q) -> Subquery:
    return number_of(Dispatch.objects.filter(which, means=Means.MAIL))


def problems(seen: Mapping[str, Any]) -> list[WatchProblem]:
    """What is stuck."""
    found = []
    if n := seen.get("dispatches_unsent"):
        pattern = ngettext(
            "%(n)d mail of correspondence should have been sent already.",
            "%(n)d mails of correspondence should have been sent already.",
            n,
        )
        found.append(WatchProblem("papers unsent", pattern % {"n": n}))
    if n := seen.get("dispatches_dead"):
        pattern = ngettext(
            "%(n)d mail of correspondence failed permanently. Staff must act.",
            "%(n)d mails of correspondence failed permanently. Staff must act.",
            n,
        )
        found.append(WatchProblem("papers dead", pattern % {"n": n}, page=f"{TASKS}dead"))
    if n := seen.get("dispatches_unknown"):
        pattern = ngettext(
            "It is not known whether %(n)d mail of correspondence was sent. Staff must decide.",
            "It is not known whether %(n)d mails of correspondence were sent. Staff must decide.",
            n,
        )
        found.append(WatchProblem("papers unknown", pattern % {"n": n}, page=f"{TASKS}unknown"))
    return found


def begin() -> None:
    """Has these mails watched."""
    OTHERS.append(
        OtherMails(
            ("papers unsent", "papers dead", "papers unknown"),
            ("dispatches_unsent", "dispatches_dead", "dispatches_unknown"),
            figures,
            problems,
        )
    )
