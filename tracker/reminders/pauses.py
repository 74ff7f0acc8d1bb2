"""Pauses: no reminders about an obligation, or to a State, until a day.

Reminders that wait are cancelled. When the pause is over, the planner plans the newest stage, once, as after an outage.
So a pause needs no ledger of its own, and nothing can be lost or sent twice.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _, gettext_noop

from tracker.languages.writing import in_words
from tracker.obligations import sync
from tracker.obligations.models import Obligation
from tracker.registry import limits
from tracker.registry.models import State
from tracker.registry.stored import StoredText
from tracker.reminders.models import Pause

ENDED_EARLY = StoredText(gettext_noop("ended early"))


def not_paused(day: date) -> Q:
    """The condition that no pause covers an obligation on a day.

    Two conditions without an "or", because PostgreSQL then reads the pauses once, not once for each obligation.
    """
    pauses = Pause.objects.in_force(day)
    of_itself, of_its_state = pauses.filter(obligation=OuterRef("pk")), pauses.filter(state=OuterRef("state"))
    return Q(~Exists(of_itself)) & Q(~Exists(of_its_state))


def pause(about: State | Obligation, *, until: date, reason: str, by: Any, on: date) -> Pause:
    """Pauses the reminders about an obligation, or to a State.

    Reminders that wait are cancelled by the next `plan.cancel_outdated`.

    Args:
        until: the first day on which reminders are planned again.
        by: the user who decides; recorded in the history.
        on: the first day, today.

    Raises:
        ValidationError: there is a pause already, or the days or the reason are not valid; nothing is saved.
        NotOnDesk: the State is not on the user's desk.
    """
    made = Pause(made_on=on, until=until, reason=reason.strip(), made_by=by)
    if isinstance(about, State):
        made.state = about
    else:
        made.obligation = about
    with transaction.atomic():
        limits.check(by, {made.whose.pk})
        # Two users who pause the same at the same moment wait for each other; the second gets the error.
        sync.lock({made.whose.pk})
        made.full_clean()
        earlier = Pause.objects.in_force(on).filter(state=made.state, obligation=made.obligation).first()
        if earlier is not None:
            raise ValidationError(
                _("There is already a pause until %(day)s; end it first.") % {"day": in_words(earlier.until)}
            )
        _save(made, by, made.reason)
    return made


def end(pause: Pause, *, by: Any, on: date) -> bool:
    """Ends a pause early; returns whether it was still in force.

    Raises:
        NotOnDesk: the State is not on the user's desk.
    """
    limits.check(by, {pause.whose.pk})
    with transaction.atomic():
        row = Pause.objects.in_force(on).select_for_update(of=("self",)).filter(pk=pause.pk).first()
        if row is None:
            return False
        row.ended_on = on
        _save(row, by, ENDED_EARLY())
    return True


def _save(row: Any, by: Any, reason: str) -> None:
    row._history_user = by
    row._change_reason = reason
    row.save()
