"""The one door through which a person's fact is saved: checked, kept with who and why, followed up.

Saving (or withdrawing) a fact brings the State's obligations in line at once, in one transaction, and
says what changed. The admin, the forms and the commands call this; nothing hangs on a signal.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from tracker.obligations import sync
from tracker.obligations.models import CommitteeDate, InformationRequest, Submission
from tracker.registry.models import State, TreatyAction

Fact = State | TreatyAction | CommitteeDate | Submission | InformationRequest


def save_fact(fact: Fact, *, by: Any = None, reason: str = "", on: date | None = None) -> sync.Difference:
    """Saves a fact and synchronises its State.

    Args:
        by: the user who enters it; None for a command.
        reason: why it changes, kept in the history.
        on: the day of the synchronisation; None for today.

    Raises:
        ValidationError: the fact cannot be; nothing is written.
    """
    with transaction.atomic():
        states = _states_of(fact)
        # Before anything is read or written, so that two people who enter facts of one State at the same
        # moment wait for each other: the second is then checked beside what the first has entered.
        sync.lock(states)
        fact.full_clean()
        _sign(fact, by, reason)
        fact.save()
        return sync.synchronise(on or timezone.localdate(), states | _states_of(fact))


def withdraw_fact(fact: Fact, *, by: Any = None, reason: str = "", on: date | None = None) -> sync.Difference:
    """Deletes a fact and synchronises its State; the history keeps what it said.

    Raises:
        ProtectedError: something else rests on it.
    """
    with transaction.atomic():
        states = _states_of(fact)
        sync.lock(states)
        _sign(fact, by, reason)
        fact.delete()
        return sync.synchronise(on or timezone.localdate(), states)


def record_submission(
    *, by: Any = None, reason: str = "", on: date | None = None, **facts: Any
) -> tuple[Submission, sync.Difference]:
    """Records a report received; the fields are those of Submission."""
    submission = Submission(**facts)
    return submission, save_fact(submission, by=by, reason=reason, on=on)


def _states_of(fact: models.Model) -> set[str]:
    """The State it is about and, where it was about another one until now, that one too."""
    if isinstance(fact, State):
        return {fact.pk}
    states = {getattr(fact, "state_id", None)}
    if fact.pk:
        states.update(type(fact).objects.filter(pk=fact.pk).values_list("state_id", flat=True))  # type: ignore[attr-defined]
    return {state for state in states if state}


def _sign(fact: Any, by: Any, reason: str) -> None:
    fact._history_user = by
    fact._change_reason = reason[:100] or None
