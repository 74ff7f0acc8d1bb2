"""After a restore: nothing that went out since the backup is sent again.

A restored ledger does not know what was sent after the backup. So everything that it has still to send is held, and so
is every reminder planned later for a stage reached by then. A person checks whether it was sent, and approves or
cancels it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Concat, Left
from django.utils import timezone
from django.utils.translation import gettext_noop

from tracker.registry.stored import StoredText
from tracker.reminders.models import WAITING, OutboxAct, Reminder, ReminderState

# No user has this name: it contains a space.
BY = "manage.py restore"
BATCH = 5000
RESTORED_WITH = StoredText(
    gettext_noop("restored from a backup of %(day)s, %(time)s UTC; may already have been sent; %(reason)s")
)
RESTORED = StoredText(
    gettext_noop("restored from a backup of %(day)s, %(time)s UTC; may already have been sent")
)


def reason_of(taken_at: datetime) -> str:
    """Why a reminder is held.

    Args:
        taken_at: the time of the backup, in UTC.
    """
    return RESTORED(day=taken_at.date(), time=f"{taken_at:%H:%M}")


@transaction.atomic
def hold(taken_at: datetime, at: datetime) -> None:
    """Holds every reminder that the restored ledger has still to send, and records the act; see `held_until`.

    A reminder that was being handed to the mail server becomes "unknown".

    Args:
        taken_at: the time of the backup, in UTC.
        at: now, in UTC.
    """
    reason, rows = reason_of(taken_at), Reminder.objects.order_by()
    rows.filter(state=ReminderState.CLAIMED, handed_over_at__isnull=False).update(
        state=ReminderState.UNKNOWN, reason=reason
    )
    values: dict[str, Any] = {
        "state": ReminderState.HELD,
        "approved_by": "",
        "claim": None,
        "claimed_at": None,
        "next_attempt_at": None,
    }
    waiting = rows.filter(Q(state__in=WAITING) | Q(state=ReminderState.CLAIMED))
    # First those that have a reason, which is kept as far as there is room.
    before = RESTORED_WITH(day=taken_at.date(), time=f"{taken_at:%H:%M}", reason="")
    waiting.exclude(reason="").update(reason=Left(Concat(Value(before), "reason"), 200), **values)
    waiting.filter(reason="").update(reason=reason, **values)

    act = OutboxAct.objects.create(what=OutboxAct.What.HOLD, by=BY, at=at, reason=reason)
    held = rows.filter(state=ReminderState.HELD)
    held.update(last_act=act)
    through = OutboxAct.reminders.through
    through.objects.bulk_create(
        (through(outboxact_id=act.pk, reminder_id=key) for key in held.values_list("pk", flat=True)),
        batch_size=BATCH,
    )


def held_until() -> tuple[date, str] | None:
    """The last stage for which the planner holds new reminders, and why; None if nothing was ever restored.

    It is the day of the restore plus the quiet days, because a mail may have been sent just before.
    """
    found = OutboxAct.objects.filter(by=BY).order_by("-at").values_list("at", "reason").first()
    if found is None:
        return None
    at, reason = found
    return timezone.localdate(at) + timedelta(days=settings.REMINDERS_QUIET_DAYS), reason
