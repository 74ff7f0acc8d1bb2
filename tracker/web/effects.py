"""What a changed fact changes in its turn: rehearsed before it is saved, carried out, told in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.obligations.sync import Difference
from tracker.reminders.models import Reminder
from tracker.reminders.plan import cancel_outdated, plan
from tracker.rules.dates import in_words
from tracker.rules.due import DueSource

MOST = 4  # sentences told one by one; the rest is counted
Act = Callable[[], Difference | Iterable[Difference] | None]


@dataclass(frozen=True)
class Effects:
    """What follows from a change of facts.

    Attributes:
        sentences: each changed obligation in a sentence.
        cancelled: reminders that wait and have lost their object.
        planned: reminders that are to be written by now.
    """

    sentences: list[str] = field(default_factory=list)
    cancelled: int = 0
    planned: int = 0

    @property
    def told(self) -> list[str]:
        """All of it in sentences; empty if nothing follows."""
        told = list(self.sentences)
        if self.cancelled:
            told.append(
                ngettext("%(n)d reminder cancelled.", "%(n)d reminders cancelled.", self.cancelled)
                % {"n": self.cancelled}
            )
        if self.planned:
            told.append(
                ngettext("%(n)d reminder planned.", "%(n)d reminders planned.", self.planned)
                % {"n": self.planned}
            )
        return told


def carry_out(act: Act, states: Iterable[str]) -> Effects:
    """Does something to the facts of some States, and to their reminders what follows from it.

    Args:
        act: writes through `actions`, and returns what the obligations became.
        states: alpha-3 codes; reminders of other States are left alone.

    Raises:
        what `act` raises; nothing is written then.
    """
    today, about = timezone.localdate(), sorted(states)
    with transaction.atomic():
        done = act()
        found = [] if done is None else [done] if isinstance(done, Difference) else list(done)
        cancelled = cancel_outdated(today, Reminder.objects.filter(obligation__state__in=about), today=today)
        written = plan(today, today=today, states=about).planned
    # What the hourly run had still to plan for these States is planned along, but does not follow from this.
    moved = {
        row.pk for one in found for row in (*one.missing, *(change.obligation for change in one.changed))
    }
    planned = sum(done is None or row.obligation_id in moved for row in written)
    return Effects([sentence for one in found for sentence in sentences(one)], cancelled, planned)


def rehearse(act: Act, states: Iterable[str]) -> Effects:
    """What `carry_out` would do, shown before anything is saved: all of it is taken back."""
    with transaction.atomic():
        effects = carry_out(act, states)
        transaction.set_rollback(True)
    return effects


def sentences(found: Difference) -> list[str]:
    """Each changed obligation in a sentence, the most telling first."""
    told: list[str] = []
    for change in found.changed:
        row, before = change.obligation, change.before
        what = _capitalised(row.label)
        if "due_on" in before:
            told.append(
                _("%(what)s now due %(now)s, was %(before)s.")
                % {
                    "what": what,
                    "now": _day(row.due_on, row.due_source),
                    "before": _day(before["due_on"], before.get("due_source", row.due_source)),
                }
            )
        elif "answered_on" in before:
            told.append(
                _("%(what)s is answered.") % {"what": what}
                if row.answered_on
                else _("%(what)s is no longer answered.") % {"what": what}
            )
        elif "ceases_on" in before:
            told.append(
                _("%(what)s is owed no more.") % {"what": what}
                if row.ceases_on
                else _("%(what)s is owed again.") % {"what": what}
            )
        elif "not_received_by" in before:
            told.append(
                _("%(what)s counts as not received.") % {"what": what}
                if row.not_received_by
                else _("%(what)s is no record again.") % {"what": what}
            )
        elif before.get("expected") is False:
            told.append(_("%(what)s is expected again.") % {"what": what})
    told += [
        _("%(what)s is answered.") % {"what": _capitalised(row.label)}
        if row.answered_on
        else _("%(what)s due %(day)s.")
        % {"what": _capitalised(row.label), "day": _day(row.due_on, row.due_source)}
        for row in found.missing
        if row.ceases_on is None
    ]
    told += [
        _("%(what)s is no longer expected.") % {"what": _capitalised(row.label)} for row in found.obsolete
    ]
    if len(told) > MOST:
        rest = len(told) - MOST
        told = [
            *told[:MOST],
            ngettext("%(n)d more date changed.", "%(n)d more dates changed.", rest) % {"n": rest},
        ]
    return told


def _day(value: Any, source: Any) -> str:
    if isinstance(value, date):
        return in_words(value)
    return (
        _("on a date that is not recorded")
        if source == DueSource.TREATY_CALENDAR
        else _("to be communicated")
    )


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
