"""Saves and withdraws facts: checks them, records who changed them and why, and updates the obligations.

Saving (or withdrawing) a fact updates the State's obligations in the same transaction and returns the differences.
The admin, the forms and the commands call this; no signal is involved.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.obligations import sync
from tracker.obligations.models import (
    CommitteeDate,
    InformationRequest,
    NonReceipt,
    PrintedDate,
    Review,
    Submission,
)
from tracker.registry import limits
from tracker.registry.models import State, Statement, TreatyAction

Fact = (
    State
    | TreatyAction
    | Statement
    | CommitteeDate
    | Submission
    | Review
    | PrintedDate
    | InformationRequest
    | NonReceipt
)
CONFIRM = "obligations.confirm_committeedate"


def save_fact(fact: Fact, *, by: Any = None, reason: str = "", on: date | None = None) -> sync.Difference:
    """Saves a fact and synchronises its State.

    If a second person must confirm dates of the Committee (FOUR_EYES), a new date awaits confirmation and changes
    nothing yet; a correction of a date in effect is stored beside it.

    Args:
        by: the user who enters it; None for a command.
        reason: why it changes, kept in the history.
        on: the day of the synchronisation; None for today.

    Raises:
        ValidationError: the fact is not valid; nothing is written.
        NotOnDesk: the State is not on the user's desk; nothing is written.
    """
    return save_facts([fact], by=by, reason=reason, on=on)


def save_facts(
    facts: Iterable[Fact], *, by: Any = None, reason: str = "", on: date | None = None
) -> sync.Difference:
    """Saves several facts, all or none, and synchronises their States once.

    Raises:
        ValidationError: one of them is not valid; nothing is written.
        NotOnDesk: one of the States is not on the user's desk; nothing is written.
    """
    facts = list(facts)
    with transaction.atomic():
        facts += [date for fact in facts if isinstance(fact, Review) for date in _dates_in_step(fact, facts)]
        states = {state for fact in facts for state in _states_of(fact)}
        limits.check(by, states)
        # Before anything is read or written: if two people enter facts of one State at the same time, the
        # second fact is checked against the first.
        sync.lock(states)
        for fact in facts:
            if isinstance(fact, CommitteeDate):
                _keep_for_a_second_person(fact, by)
            fact.full_clean()
            _sign(fact, by, reason)
            fact.save()
        return sync.synchronise(on or timezone.localdate(), states)


def _dates_in_step(review: Review, beside: Iterable[Fact]) -> list[CommitteeDate]:
    """The dates stated in the same observations, updated after a correction of their symbol, day or State.

    A date with a correction that awaits confirmation is left unchanged: the correction will replace it.

    Args:
        beside: the facts saved together with the review; dates among them are not changed here.
    """
    before = Review.objects.filter(pk=review.pk).first() if review.pk else None
    if before is None:
        return []
    if _what_its_dates_repeat(before) == _what_its_dates_repeat(review):
        return []
    named = {fact.pk for fact in beside if isinstance(fact, CommitteeDate) and fact.pk}
    found = []
    for date_ in CommitteeDate.objects.filter(
        state=before.state_id, document=before.document, corrections=None
    ).exclude(pk__in=named):
        date_.state_id, date_.document = review.state_id, review.document
        if date_.decided_on == before.adopted_on:
            date_.decided_on = review.adopted_on
        found.append(date_)
    return found


def _what_its_dates_repeat(review: Review) -> tuple[Any, ...]:
    """The values that a review shares with the dates stated in it."""
    return review.state_id, review.document, review.adopted_on


def withdraw_fact(fact: Fact, *, by: Any = None, reason: str = "", on: date | None = None) -> sync.Difference:
    """Deletes a fact and synchronises its State; the history keeps its values.

    Raises:
        ProtectedError: other records refer to it.
        ValidationError: it is a date of the Committee in effect, which a second person must withdraw.
        NotOnDesk: the State is not on the user's desk.
    """
    with transaction.atomic():
        states = _states_of(fact)
        limits.check(by, states)
        sync.lock(states)
        if isinstance(fact, CommitteeDate) and not fact.awaits_confirmation and four_eyes(by):
            _check_second_person(fact, by)
        _sign(fact, by, reason)
        fact.delete()
        return sync.synchronise(on or timezone.localdate(), states)


def confirm_date(
    waiting: CommitteeDate, *, by: Any, reason: str = "", on: date | None = None
) -> tuple[CommitteeDate, sync.Difference]:
    """Confirms a date stated by the Committee, by a second person.

    A correction is copied into the date that it corrects, whose history then shows both.

    Returns:
        the date now in effect, and the differences.

    Raises:
        ValidationError: the same person entered it, it is confirmed already, or it is no longer valid.
        NotOnDesk: the State is not on the user's desk.
    """
    with transaction.atomic():
        # A correction may be about another State than the date it corrects; both change.
        sync.lock({one.state_id for one in (waiting, waiting.corrects) if one is not None})
        row = (
            CommitteeDate.objects.select_for_update().filter(pk=waiting.pk, awaits_confirmation=True).first()
        )
        if row is None:
            raise ValidationError(
                _("This date no longer awaits confirmation: someone else has confirmed or withdrawn it.")
            )
        states = {one.state_id for one in (row, row.corrects) if one is not None}
        limits.check(by, states)
        _check_second_person(row, by)
        if row.corrects is not None:
            row = _pass_on(row, by)
        row.awaits_confirmation = False
        row.full_clean()
        _sign(row, by, reason or _("confirmed by a second person"))
        row.save()
        return row, sync.synchronise(on or timezone.localdate(), states)


def _pass_on(correction: CommitteeDate, by: Any) -> CommitteeDate:
    """Copies a correction into the date in effect, and deletes the correction."""
    row: Any = correction.corrects
    for field in CommitteeDate._meta.concrete_fields:
        if field.name not in ("id", "corrects", "awaits_confirmation"):
            setattr(row, field.attname, getattr(correction, field.attname))
    _sign(correction, by, _("confirmed by a second person"))
    correction.delete()
    return row


def four_eyes(by: Any) -> bool:
    """Whether a second person must confirm; commands (None) act at once."""
    return settings.FOUR_EYES and by is not None


def _keep_for_a_second_person(fact: CommitteeDate, by: Any) -> None:
    """Turns a date that a user enters or corrects into one that awaits confirmation."""
    if not four_eyes(by):
        return
    in_effect = CommitteeDate.objects.in_effect().filter(pk=fact.pk).exists() if fact.pk else False
    if in_effect:
        fact.corrects_id, fact.pk = fact.pk, None
        fact._state.adding = True
    fact.awaits_confirmation = True
    fact.entered_by = by


def _check_second_person(fact: CommitteeDate, by: Any) -> None:
    if not by.has_perm(CONFIRM):
        raise ValidationError(
            _("Only an approver can confirm or withdraw a date stated by the Committee. Ask an approver.")
        )
    if fact.entered_by_id == by.pk:
        raise ValidationError(_("You entered this date. Someone else must confirm or withdraw it."))


def record_submission(
    *, by: Any = None, reason: str = "", on: date | None = None, **facts: Any
) -> tuple[Submission, sync.Difference]:
    """Records a report received; the fields are those of Submission."""
    submission = Submission(**facts)
    return submission, save_fact(submission, by=by, reason=reason, on=on)


def _states_of(fact: models.Model) -> set[str]:
    """The State of a fact, and the State it was about until now if that differs."""
    if isinstance(fact, State):
        return {fact.pk}
    states = {getattr(fact, "state_id", None)}
    if fact.pk:
        states.update(type(fact).objects.filter(pk=fact.pk).values_list("state_id", flat=True))  # type: ignore[attr-defined]
    return {state for state in states if state}


def _sign(fact: Any, by: Any, reason: str) -> None:
    fact._history_user = by
    fact._change_reason = reason[:100] or None
