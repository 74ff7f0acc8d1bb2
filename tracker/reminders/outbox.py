"""What a person does to reminders: approve, hold, cancel, send again. Who did it, when and why is kept."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from tracker.reminders.models import OutboxAct, Reminder, ReminderState

What = OutboxAct.What

# The states in which a reminder may be acted upon. One that is being sent, or was, is in none of them.
FROM: dict[str, tuple[ReminderState, ...]] = {
    What.APPROVE: (ReminderState.HELD,),
    What.HOLD: (ReminderState.PLANNED,),
    What.CANCEL: (
        ReminderState.PLANNED,
        ReminderState.HELD,
        ReminderState.FAILED,
        ReminderState.DEAD,
        ReminderState.UNKNOWN,
    ),
    What.RESEND: (ReminderState.DEAD, ReminderState.UNKNOWN, ReminderState.FAILED),
}
# What cannot be done without a word why.
NEEDS_REASON = (What.CANCEL, What.RESEND)


def act(what: str, reminders: QuerySet[Reminder], *, by: str, reason: str = "") -> list[int]:
    """Does one thing to all of some reminders that still stand where it can be done; gives the keys of these.

    One conditional UPDATE, as a claim is: what is being sent at this moment, or has gone, is left alone.

    Args:
        by: who does it, by user name.
        reason: why, in at most 200 characters.

    Raises:
        ValueError: no reason where one is due.
    """
    if what in NEEDS_REASON and not reason:
        raise ValueError(f"{what} needs a reason")
    with transaction.atomic():
        done = OutboxAct.objects.create(what=what, by=by, reason=reason)
        reminders.filter(state__in=FROM[what]).update(last_act=done, **_values(what, by, reason))
        keys = list(Reminder.objects.filter(last_act=done).order_by("pk").values_list("pk", flat=True))
        if keys:
            done.reminders.set(keys)
        else:
            done.delete()
    return keys


def _values(what: str, by: str, reason: str) -> dict[str, Any]:
    """What the act writes into the rows."""
    if what == What.APPROVE:
        return {"state": ReminderState.PLANNED, "approved_by": by, "reason": ""}
    if what == What.HOLD:
        return {"state": ReminderState.HELD, "approved_by": "", "reason": reason}
    if what == What.CANCEL:
        return {"state": ReminderState.CANCELLED, "cancelled_by": by, "reason": reason}
    return {
        "state": ReminderState.PLANNED,
        "approved_by": by,
        "reason": reason,
        "attempts": 0,
        "next_attempt_at": None,
        "claim": None,
        "claimed_at": None,
        "handed_over_at": None,
    }
