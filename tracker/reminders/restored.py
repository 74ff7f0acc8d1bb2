"""What a restored ledger must not do: send again what went out after the backup was taken.

A restored ledger has forgotten all that went since. So whatever it takes to be still to send is held, and so is
what it plans anew for a stage that was reached by then: a person looks whether it went, and lets it go or cancels it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Concat, Left
from django.utils.translation import gettext as _

from tracker.reminders.models import WAITING, OutboxAct, Reminder, ReminderState
from tracker.rules.dates import in_words

# No user has such a name: it has a space in it.
BY = "manage.py restore"
AT_ONCE = 5000


def words(taken_at: datetime) -> str:
    """Why a reminder is held.

    Args:
        taken_at: when the backup was taken, in UTC.
    """
    when = {"day": in_words(taken_at.date()), "time": f"{taken_at:%H:%M}"}
    return _("restored from a backup of %(day)s, %(time)s UTC; may already have been sent") % when


def hold_what_waits(ledger: Any, taken_at: datetime) -> None:
    """Holds all that a restored ledger takes to be still to send; what was just going out is not known to have gone.

    Args:
        ledger: the model of the ledger, of today or as it was when the backup was taken.
    """
    why, rows = words(taken_at), ledger.objects.order_by()
    rows.filter(state=ReminderState.CLAIMED, handed_over_at__isnull=False).update(
        state=ReminderState.UNKNOWN, reason=why
    )
    held: dict[str, Any] = {
        "state": ReminderState.HELD,
        "approved_by": "",
        "claim": None,
        "claimed_at": None,
        "next_attempt_at": None,
    }
    waiting = rows.filter(Q(state__in=WAITING) | Q(state=ReminderState.CLAIMED))
    # First those with a reason of their own, which is kept as far as there is room.
    waiting.exclude(reason="").update(reason=Left(Concat(Value(f"{why}; "), "reason"), 200), **held)
    waiting.filter(reason="").update(reason=why, **held)


def remember(taken_at: datetime, at: datetime) -> None:
    """Writes down that it was restored, for the planner and for whoever opens the outbox; see `held_until`.

    Args:
        at: now.
    """
    with transaction.atomic():
        act = OutboxAct.objects.create(what=OutboxAct.What.HOLD, by=BY, at=at, reason=words(taken_at))
        held = Reminder.objects.filter(state=ReminderState.HELD)
        held.update(last_act=act)
        through = OutboxAct.reminders.through
        through.objects.bulk_create(
            (
                through(outboxact_id=act.pk, reminder_id=key)
                for key in held.order_by("pk").values_list("pk", flat=True)
            ),
            batch_size=AT_ONCE,
        )


def held_until() -> tuple[date, str] | None:
    """Up to which stage the planner holds what it plans, and why; None if nothing was ever restored.

    That is the day of the restore, and the quiet days after it, as a mail may have gone just before.
    """
    found = OutboxAct.objects.filter(by=BY).order_by("-at").values_list("at", "reason").first()
    if found is None:
        return None
    at, why = found
    return at.date() + timedelta(days=settings.REMINDERS_QUIET_DAYS), why
