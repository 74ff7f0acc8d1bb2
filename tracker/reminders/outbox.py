"""What users do with reminders: approve, hold, cancel, resend, void, add a covering note; with who, when and why.

The pages check the desks (`tracker.registry.limits`) before they call this.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from tracker.reminders import attention
from tracker.reminders.models import COVERING_MOST, WAITING, OutboxAct, Reminder, ReminderState

What = OutboxAct.What

# From which states each act is possible. A reminder that is being sent or was sent is in none of them.
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
    What.COVER: WAITING,
    What.VOID: tuple(state for state in ReminderState if state != ReminderState.CLAIMED),
}
# Acts that need a reason.
NEEDS_REASON = (What.CANCEL, What.RESEND, What.VOID)
# Characters that nobody can see: controls, surrogates, line and paragraph separators other than the line feed, and
# those that change the direction of the text.
UNSEEN = ("Cc", "Cs", "Zl", "Zp")
TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def act(what: str, reminders: QuerySet[Reminder], *, by: str, reason: str = "", words: str = "") -> list[int]:
    """Applies an act to those reminders whose state allows it; returns their keys.

    It is one conditional UPDATE: a reminder that is being sent at this moment, or was sent, is left alone.

    Args:
        by: the user name.
        reason: at most 200 characters.
        words: the covering note, for the act that sets them; see `cover`.

    Raises:
        ValueError: the act needs a reason.
    """
    if what in NEEDS_REASON and not reason:
        raise ValueError(f"{what} needs a reason")
    with transaction.atomic():
        done = OutboxAct.objects.create(what=what, by=by, reason=reason, words=words)
        reminders.filter(state__in=FROM[what]).update(last_act=done, **_values(what, by, reason, words))
        keys = list(Reminder.objects.filter(last_act=done).order_by("pk").values_list("pk", flat=True))
        if keys:
            done.reminders.set(keys)
            if what in NEEDS_REASON:
                outcome = f"{done.get_what_display()}: {reason}"
                attention.no_longer_stuck(keys, by=by, outcome=outcome)
        else:
            done.delete()
    return keys


def states_of(reminders: QuerySet[Reminder]) -> set[str]:
    """The alpha-3 codes of the States that these reminders are about."""
    return set(reminders.order_by().values_list("obligation__state", flat=True).distinct())


def cover(reminders: QuerySet[Reminder], words: str, *, by: str) -> list[int]:
    """Sets the covering note of a mail that waits; returns the keys of its reminders that still wait.

    Args:
        reminders: all in the mail; see `send.to_go`.
        words: plain text with line feeds; empty removes the note.

    Raises:
        ValueError: the note is longer than `COVERING_MOST`, or contains an invisible character.
    """
    if len(words) > COVERING_MOST or unseen(words) is not None:
        raise ValueError("the note is too long or contains an invisible character")
    return act(What.COVER, reminders, by=by, words=words)


def unseen(words: str) -> tuple[int, str] | None:
    """The line number of the first invisible character in a plain text, and the character; None if there is none."""
    for number, line in enumerate(words.split("\n"), 1):
        for character in line:
            if unicodedata.category(character) in UNSEEN or character in TURNS:
                return number, character
    return None


def _values(what: str, by: str, reason: str, words: str) -> dict[str, Any]:
    """The columns that an act changes."""
    if what == What.COVER:
        return {"covering": words}
    if what == What.APPROVE:
        return {"state": ReminderState.PLANNED, "approved_by": by, "reason": ""}
    if what == What.HOLD:
        return {"state": ReminderState.HELD, "approved_by": "", "reason": reason}
    if what == What.CANCEL:
        return {"state": ReminderState.CANCELLED, "cancelled_by": by, "reason": reason}
    values = {
        "reason": reason,
        "attempts": 0,
        "next_attempt_at": None,
        "claim": None,
        "claimed_at": None,
        "handed_over_at": None,
    }
    if what == What.RESEND:
        return values | {"state": ReminderState.PLANNED, "approved_by": by}
    # As if it had never been planned, so that it is planned when its day comes.
    never = {"approved_by": "", "cancelled_by": "", "sent_at": None, "sent_on": None, "answer": ""}
    return values | never | {"state": ReminderState.CANCELLED, "voided": F("voided") + 1}
