"""The row of a paper in the ledger of deliveries: one for each, however often it is dispatched."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import F
from django.utils import timezone

from tracker.correspondence.later import soon
from tracker.correspondence.models import Dispatch, Means, Paper
from tracker.languages.known import speaking
from tracker.obligations.wording import labelled
from tracker.registry.stored import recognised_by
from tracker.reminders.models import ReminderState

# The columns of a dispatch that nobody has tried to send yet.
UNSENT: dict[str, Any] = {
    "reason": "",
    "attempts": 0,
    "next_attempt_at": None,
    "claim": None,
    "claimed_at": None,
    "handed_over_at": None,
    "sent_at": None,
    "answer": "",
}
# A mail in these states was sent, or may have been.
MAY_HAVE_ARRIVED = (ReminderState.HELD, ReminderState.UNKNOWN, ReminderState.RETURNED)
MAY_BE_THERE = (ReminderState.SENT, *MAY_HAVE_ARRIVED)


def plan(paper: Paper, day: date) -> None:
    """Enters the delivery of a paper that is dispatched: a mail is sent within seconds, another is recorded as sent.

    A delivery that was given up before is dispatched again, by the same means or another.
    """
    by_mail = paper.means == Means.MAIL
    values = UNSENT | {
        "what": Dispatch.What.PAPER,
        "paper": paper,
        "contact": paper.contact,
        "means": paper.means,
        "recipient": paper.email if by_mail else "",
        "recipient_name": paper.name or paper.office,
        "planned_on": day,
        "state": ReminderState.PLANNED if by_mail else ReminderState.SENT,
        "sent_at": None if by_mail else timezone.now(),
    }
    # Again as a new mail: the paper or its address may be another now.
    again = values | {"renewed": F("renewed") + 1, "mail": None}
    Dispatch.objects.update_or_create(key=f"paper|{paper.pk}", defaults=again, create_defaults=values)
    if by_mail:
        soon("send")


def note_of(means: str, typed: str) -> str:
    """The note about a dispatch in the history of its paper: the means, and what was typed about the delivery."""
    with speaking("en"):
        label = str(Means(means).label)
    return f"{label}: {typed}" if typed else label


@recognised_by
def _note_in_words(text: str) -> str | None:
    said, _colon, typed = text.partition(": ")
    with speaking("en"):
        means = next((one for one in Means if str(one.label) == said), None)
    if means is None:
        return None
    return labelled(means.label, typed) if typed else str(means.label)
