"""What users do with reminders: approve, hold, cancel, resend, void, write to another contact, add a covering note.

The pages check the desks (`tracker.registry.limits`) before they call this.
"""

from __future__ import annotations

import unicodedata
import uuid
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, PositiveSmallIntegerField, Q, QuerySet, When
from django.utils.translation import gettext_noop

from tracker.languages.known import ENGLISH
from tracker.registry.models import Contact
from tracker.registry.stored import StoredText
from tracker.reminders import attention
from tracker.reminders.models import COVERING_MOST, WAITING, OutboxAct, Reminder, ReminderState

What = OutboxAct.What

# From which states each act is possible. A reminder that is being sent or has arrived is in none of them.
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
    What.RESEND: (
        ReminderState.DEAD,
        ReminderState.UNKNOWN,
        ReminderState.FAILED,
        ReminderState.RETURNED,
    ),
    What.COVER: WAITING,
    What.VOID: tuple(state for state in ReminderState if state != ReminderState.CLAIMED),
}
# From which states a reminder can be sent to another contact.
NOT_ARRIVED = (ReminderState.RETURNED, ReminderState.DEAD)
# The outcomes of tasks settled by acts that need a reason.
OUTCOMES: dict[str, StoredText] = {
    What.CANCEL: StoredText(gettext_noop("cancelled: %(reason)s")),
    What.RESEND: StoredText(gettext_noop("planned again: %(reason)s")),
    What.VOID: StoredText(gettext_noop("voided: %(reason)s")),
}
NEEDS_REASON = tuple(OUTCOMES)
# Characters that nobody can see: controls, surrogates, line and paragraph separators other than the line feed, and
# those that change the direction of the text.
UNSEEN = ("Cc", "Cs", "Zl", "Zp")
TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def act(
    what: str,
    reminders: QuerySet[Reminder],
    *,
    by: str,
    reason: str = "",
    words: str = "",
    language: str = "",
) -> list[int]:
    """Applies an act to those reminders whose state allows it; returns their keys.

    It is one conditional UPDATE: a reminder that is being sent at this moment, or was sent, is left alone.

    Args:
        by: the user name.
        reason: at most 200 characters.
        words, language: the covering note, for the act that sets it; see `cover`.

    Raises:
        ValueError: the act needs a reason.
    """
    if what in NEEDS_REASON and not reason:
        raise ValueError(f"{what} needs a reason")
    with transaction.atomic():
        done = OutboxAct.objects.create(what=what, by=by, reason=reason, words=words)
        values = _values(what, by, reason) | (
            {"covering": words, "covering_in": language} if what == What.COVER else {}
        )
        reminders.filter(state__in=FROM[what]).update(last_act=done, **values)
        keys = list(Reminder.objects.filter(last_act=done).order_by("pk").values_list("pk", flat=True))
        if keys:
            done.reminders.set(keys)
            if what in NEEDS_REASON:
                attention.no_longer_stuck(keys, by=by, outcome=OUTCOMES[what](reason=reason))
        else:
            done.delete()
    return keys


def states_of(reminders: QuerySet[Reminder]) -> set[str]:
    """The alpha-3 codes of the States that these reminders are about."""
    return set(reminders.order_by().values_list("obligation__state", flat=True).distinct())


def cover(reminders: QuerySet[Reminder], words: str, *, by: str, language: str = ENGLISH.code) -> list[int]:
    """Sets the covering note of a mail that waits; returns the keys of its reminders that still wait.

    Args:
        reminders: all in the mail; see `send.to_go`.
        words: plain text with line feeds; empty removes the note.
        language: that of the mail for which it was written, as `MailLanguage.code`; the mail stays in it.

    Raises:
        ValueError: the note is longer than `COVERING_MOST`, or contains an invisible character.
    """
    if len(words) > COVERING_MOST or unseen(words) is not None:
        raise ValueError("the note is too long or contains an invisible character")
    return act(What.COVER, reminders, by=by, words=words, language=language if words else "")


def unseen(words: str) -> tuple[int, str] | None:
    """The line number of the first invisible character in a plain text, and the character; None if there is none."""
    for number, line in enumerate(words.split("\n"), 1):
        for character in line:
            if unicodedata.category(character) in UNSEEN or character in TURNS:
                return number, character
    return None


class AlreadyWritten(Exception):
    """The other contact has this reminder already, or another mail about the report lately."""


def send_to_another(reminder: Reminder, contact: Contact, *, by: str, day: date) -> Reminder:
    """Plans a reminder that did not arrive for another contact of the State; it is sent with the next run.

    Args:
        reminder: one that came back or failed permanently; it stays as it is.
        contact: an active one of the same State.
        by: the user name, who approves it with this.

    Raises:
        AlreadyWritten: nobody is written to twice.
    """
    with transaction.atomic():
        Reminder.objects.select_for_update().get(pk=reminder.pk)  # two clicks at once, one after the other
        theirs = Reminder.objects.filter(obligation=reminder.obligation_id, recipient__iexact=contact.email)
        lately = Q(sent_on__gt=day - timedelta(days=settings.REMINDERS_QUIET_DAYS), state=ReminderState.SENT)
        waits = Q(state__in=(*WAITING, ReminderState.CLAIMED, ReminderState.UNKNOWN))
        same = Q(rule=reminder.rule_id, occurrence=reminder.occurrence, due_on=reminder.due_on)
        if theirs.filter(lately | waits | same).exists():
            raise AlreadyWritten
        act = OutboxAct.objects.create(
            what=What.ANOTHER, by=by, reason=f"{reminder.recipient} → {contact.email}"[:200]
        )
        new = Reminder.objects.create(
            obligation_id=reminder.obligation_id,
            rule_id=reminder.rule_id,
            occurrence=reminder.occurrence,
            due_on=reminder.due_on,
            stage_on=reminder.stage_on,
            stage_words=reminder.stage_words,
            recipient=contact.email.lower(),
            recipient_name=contact.name[:150],
            contact=contact,
            state=ReminderState.PLANNED,
            approved_by=by,
            batch=uuid.uuid4(),
            last_act=act,
        )
        act.reminders.set([reminder, new])
    return new


def _values(what: str, by: str, reason: str) -> dict[str, Any]:
    """The columns that an act changes, other than the covering note."""
    if what == What.COVER:
        return {}
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
        # What came back goes as a new mail: its copies and answers must not be taken for those of the first.
        again = Case(
            When(state=ReminderState.RETURNED, then=F("voided") + 1),
            default=F("voided"),
            output_field=PositiveSmallIntegerField(),
        )
        unsent = {"sent_at": None, "sent_on": None}
        return values | unsent | {"state": ReminderState.PLANNED, "approved_by": by, "voided": again}
    # As if it had never been planned, so that it is planned when its day comes.
    never = {"approved_by": "", "cancelled_by": "", "sent_at": None, "sent_on": None, "answer": ""}
    return values | never | {"state": ReminderState.CANCELLED, "voided": F("voided") + 1}
