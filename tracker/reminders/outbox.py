"""What a person does to reminders: approve, hold, cancel, send again, word. Who did it, when and why is kept."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from tracker.registry import limits
from tracker.reminders import attention
from tracker.reminders.models import COVERING_MOST, WAITING, OutboxAct, Reminder, ReminderState

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
    What.COVER: WAITING,
}
# What cannot be done without a word why.
NEEDS_REASON = (What.CANCEL, What.RESEND)
# Characters that are no letters and would not be seen: controls, halves of a character, separators of lines and
# paragraphs besides the line feed, and those that turn the direction of what follows.
UNSEEN = ("Cc", "Cs", "Zl", "Zp")
TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def act(what: str, reminders: QuerySet[Reminder], *, by: str, reason: str = "", words: str = "") -> list[int]:
    """Does one thing to all of some reminders that still stand where it can be done; gives the keys of these.

    One conditional UPDATE, as a claim is: what is being sent at this moment, or has gone, is left alone.

    Args:
        by: who does it, by user name.
        reason: why, in at most 200 characters.
        words: what is put before the mail, for the act that does it; see `cover`.

    Raises:
        ValueError: no reason where one is due.
        NotOnDesk: one is about a State that is not on the desk of whoever acts; nothing is done to any.
    """
    if what in NEEDS_REASON and not reason:
        raise ValueError(f"{what} needs a reason")
    if limits.is_acting_limited():
        limits.check_acting(states_of(reminders))
    with transaction.atomic():
        done = OutboxAct.objects.create(what=what, by=by, reason=reason, words=words)
        reminders.filter(state__in=FROM[what]).update(last_act=done, **_values(what, by, reason, words))
        keys = list(Reminder.objects.filter(last_act=done).order_by("pk").values_list("pk", flat=True))
        if keys:
            done.reminders.set(keys)
            if what in NEEDS_REASON:
                said = f"{done.get_what_display()}: {reason}"
                attention.no_longer_dead(keys, by=by, outcome=said)
        else:
            done.delete()
    return keys


def states_of(reminders: QuerySet[Reminder]) -> set[str]:
    """Alpha-3 of the States that some reminders are about."""
    return set(reminders.order_by().values_list("obligation__state", flat=True).distinct())


def cover(reminders: QuerySet[Reminder], words: str, *, by: str) -> list[int]:
    """Puts a person's words before the mail that some reminders wait to go in; gives the keys of those that do.

    Args:
        reminders: all that the mail speaks of; see `send.to_go`.
        words: plain text, its lines ended by line feeds; empty takes out what stood there.

    Raises:
        ValueError: the words are longer than `COVERING_MOST`, or hold a character that nobody could see.
    """
    if len(words) > COVERING_MOST or unseen(words) is not None:
        raise ValueError("the words are too long, or hold a character that cannot be seen")
    return act(What.COVER, reminders, by=by, words=words)


def unseen(words: str) -> tuple[int, str] | None:
    """The first character that nobody could see in a plain text, with the number of its line; None if all can."""
    for number, line in enumerate(words.split("\n"), 1):
        for character in line:
            if unicodedata.category(character) in UNSEEN or character in TURNS:
                return number, character
    return None


def _values(what: str, by: str, reason: str, words: str) -> dict[str, Any]:
    """What the act writes into the rows."""
    if what == What.COVER:
        return {"covering": words}
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
