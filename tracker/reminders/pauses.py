"""Pauses: no reminders about an obligation, or to a State, until a day.

What waits about something paused is cancelled with that reason, and once the pause is over the planner asks
again what is due to be written: the newest stage comes, once, as after an outage. So there is no second
ledger of what was held back, and nothing that a pause could double or lose.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from tracker.obligations import sync
from tracker.obligations.models import Obligation
from tracker.registry import limits
from tracker.registry.models import State
from tracker.reminders.models import Pause
from tracker.rules.dates import in_words


def not_paused(day: date) -> Q:
    """The condition on obligations that no pause holds reminders about them back on a day.

    Two conditions and no "or": PostgreSQL then looks through the pauses once, not once for each obligation.
    """
    pauses = Pause.objects.in_force(day)
    of_itself, of_its_state = pauses.filter(obligation=OuterRef("pk")), pauses.filter(state=OuterRef("state"))
    return Q(~Exists(of_itself)) & Q(~Exists(of_its_state))


def pause(about: State | Obligation, *, until: date, reason: str, by: Any, on: date) -> Pause:
    """Writes no reminders about an obligation, or to a State, from a day on until another.

    What waits already is cancelled by the next look at the ledger (`plan.cancel_outdated`).

    Args:
        until: the first day on which reminders are written again.
        by: the user who decides; kept in the history.
        on: the day from which it counts, today.

    Raises:
        ValidationError: there is a pause already, or the days or the reason cannot be; nothing is written.
        NotOnDesk: the State is not on the person's desk.
    """
    made = Pause(made_on=on, until=until, reason=reason.strip(), made_by=by)
    if isinstance(about, State):
        made.state = about
    else:
        made.obligation = about
    with transaction.atomic():
        limits.check(by, {made.whose.pk})
        # Two people who pause the same at the same moment wait for each other; the second is told.
        sync.lock({made.whose.pk})
        made.full_clean()
        earlier = Pause.objects.in_force(on).filter(state=made.state, obligation=made.obligation).first()
        if earlier is not None:
            raise ValidationError(
                _("There is a pause until %(day)s already; end that one first.")
                % {"day": in_words(earlier.until)}
            )
        _keep(made, by, made.reason)
    return made


def end(pause: Pause, *, by: Any, on: date) -> bool:
    """Ends a pause before its day; whether there was still something to end.

    Raises:
        NotOnDesk: the State is not on the person's desk.
    """
    limits.check(by, {pause.whose.pk})
    with transaction.atomic():
        row = Pause.objects.in_force(on).select_for_update(of=("self",)).filter(pk=pause.pk).first()
        if row is None:
            return False
        row.ended_on = on
        _keep(row, by, _("ended early"))
    return True


def _keep(row: Any, by: Any, reason: str) -> None:
    row._history_user = by
    row._change_reason = reason
    row.save()
