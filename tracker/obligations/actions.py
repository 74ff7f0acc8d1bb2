"""Saves and deletes facts from which obligations follow, and brings the obligations of their States in line.

Pages, imports and the admin call `tracker.changes`, which adds the check of the desks, the reminders and the warnings;
only that room and the commands of obligations import this module.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_noop

from tracker.obligations import sync
from tracker.obligations.models import (
    CommitteeDate,
    InformationRequest,
    NonReceipt,
    PrintedDate,
    Review,
    Submission,
)
from tracker.obligations.second_person import check_second_person, four_eyes
from tracker.registry import limits
from tracker.registry.models import State, Statement, TreatyAction
from tracker.registry.stored import StoredText

CONFIRMED = StoredText(gettext_noop("confirmed by a second person"))

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
LONGEST_REASON = 100  # characters that the history keeps


class FactRefused(ValidationError):
    """A fact cannot be saved or deleted beside the others; nothing is written.

    Attributes:
        fact: which one.
    """

    def __init__(self, error: ValidationError, fact: Any) -> None:
        super().__init__(error)
        self.fact = fact


class FactInUse(ProtectedError):
    """A fact cannot be deleted because other records refer to it; nothing is written.

    Attributes:
        fact: which one.
    """

    def __init__(self, error: ProtectedError, fact: Any) -> None:
        super().__init__(error.args[0], error.protected_objects)
        self.fact = fact


def save_fact(fact: Fact, *, by: Any = None, reason: str = "", on: date | None = None) -> sync.Difference:
    """Saves a fact and synchronises its State.

    If a second person must confirm dates of the Committee (FOUR_EYES), a new date awaits confirmation and changes
    nothing yet; a correction of a date in effect is stored beside it.

    Args:
        by: the user who enters it; None for a command.
        reason: why it changes, kept in the history.
        on: the day of the synchronisation; None for today.

    Raises:
        FactRefused: the fact is not valid; nothing is written.
    """
    return save_facts([fact], by=by, reason=reason, on=on)


def save_facts(
    facts: Iterable[Fact],
    *,
    delete: Iterable[Fact] = (),
    by: Any = None,
    reason: str = "",
    on: date | None = None,
) -> sync.Difference:
    """Deletes some facts, then saves others, all or none, and synchronises their States once.

    Raises:
        FactRefused: one of them is not valid, or the person may not delete it; nothing is written.
        FactInUse: other records refer to one that is to be deleted; nothing is written.
    """
    facts, gone = list(facts), list(delete)
    with transaction.atomic():
        facts += [date for fact in facts if isinstance(fact, Review) for date in _dates_in_step(fact, facts)]
        states = {state for fact in (*facts, *gone) for state in limits.states_of(fact) or ()}
        # Before anything is read or written: if two people enter facts of one State at the same time, the
        # second fact is checked against the first.
        sync.lock(states)
        for fact in gone:
            try:
                _delete(fact, by, reason)
            except ValidationError as error:
                raise FactRefused(error, fact) from error
            except ProtectedError as error:
                raise FactInUse(error, fact) from error
        for fact in facts:
            try:
                _save(fact, by, reason)
            except ValidationError as error:
                raise FactRefused(error, fact) from error
        return sync.synchronise(on or timezone.localdate(), states)


def _save(fact: Any, by: Any, reason: str) -> None:
    if isinstance(fact, CommitteeDate):
        _keep_for_a_second_person(fact, by)
    fact.full_clean()
    sign(fact, by, reason)
    fact.save()


def _delete(fact: Any, by: Any, reason: str) -> None:
    # As it is stored: it may have been confirmed since it was read.
    if isinstance(fact, CommitteeDate) and four_eyes(by):
        for in_effect in CommitteeDate.objects.in_effect().filter(pk=fact.pk):
            check_second_person(in_effect, by)
    sign(fact, by, reason)
    fact.delete()


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
    dates = []
    for date_ in CommitteeDate.objects.filter(
        state=before.state_id, document=before.document, corrections=None
    ).exclude(pk__in=named):
        date_.state_id, date_.document = review.state_id, review.document
        if date_.decided_on == before.adopted_on:
            date_.decided_on = review.adopted_on
        dates.append(date_)
    return dates


def _what_its_dates_repeat(review: Review) -> tuple[Any, ...]:
    """The values that a review shares with the dates stated in it."""
    return review.state_id, review.document, review.adopted_on


def confirm_date(
    waiting: CommitteeDate, *, by: Any, reason: str = "", on: date | None = None
) -> tuple[CommitteeDate, sync.Difference]:
    """Confirms a date stated by the Committee, by a second person.

    A correction is copied into the date that it corrects, whose history then shows both.

    Returns:
        the date now in effect, and the obligations that changed.

    Raises:
        ValidationError: the same person has ever entered or edited it, it is confirmed already, or it is not valid
            any more.
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
        check_second_person(row, by)
        if row.history.filter(history_user=by).exists():
            raise ValidationError(_("You have edited this date. Someone else must confirm it."))
        if row.corrects is not None:
            row = _pass_on(row, by)
        row.awaits_confirmation = False
        row.full_clean()
        sign(row, by, reason or CONFIRMED())
        row.save()
        return row, sync.synchronise(on or timezone.localdate(), states)


def _pass_on(correction: CommitteeDate, by: Any) -> CommitteeDate:
    """Copies a correction into the date in effect, and deletes the correction."""
    row: Any = correction.corrects
    for field in CommitteeDate._meta.concrete_fields:
        if field.name not in ("id", "corrects", "awaits_confirmation"):
            setattr(row, field.attname, getattr(correction, field.attname))
    sign(correction, by, _("confirmed by a second person"))
    correction.delete()
    return row


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


def sign(fact: Any, by: Any, reason: str) -> None:
    """Has the history keep who changes a fact, and why."""
    fact._history_user = by
    fact._change_reason = reason[:LONGEST_REASON] or None
