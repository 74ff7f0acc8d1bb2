"""What a changed fact changes in its turn: rehearsed before it is saved, carried out, told in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.obligations.models import Obligation
from tracker.obligations.sync import Difference
from tracker.reminders.models import Reminder
from tracker.reminders.plan import cancel_outdated, plan
from tracker.rules.dates import in_words
from tracker.rules.due import DueSource
from tracker.rules.facts import Carrier

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
    missing, obsolete = list(found.missing), list(found.obsolete)
    closed = [c.obligation for c in found.changed if "ceases_on" in c.before and c.obligation.ceases_on]
    renumbered = _renumbered(missing, [*obsolete, *closed])
    replaced = [old for _new, old in renumbered]
    for change in found.changed:
        if change.obligation not in replaced:
            told += _sentences_of(change.obligation, change.before)
    for new, old in renumbered:
        missing.remove(new)
        if old in obsolete:
            obsolete.remove(old)
        told.append(
            _("%(what)s (before: %(before)s): %(status)s.")
            % {"what": capfirst(new.label), "before": old.label, "status": _due_of(new)}
        )
    told += [
        _("%(what)s due %(day)s.") % {"what": capfirst(row.label), "day": _day(row.due_on, row.year_only)}
        if row.due_on
        else _("%(what)s: %(status)s.") % {"what": capfirst(row.label), "status": _due_of(row)}
        for row in missing
        if row.answered_on is None
    ]
    told += [_is_answered(row) for row in missing if row.answered_on is not None]
    told += [
        ngettext("%(what)s is no longer expected.", "%(what)s are no longer expected.", _number(row))
        % {"what": capfirst(row.label)}
        for row in obsolete
    ]
    if len(told) > MOST:
        rest = len(told) - MOST
        told = [
            *told[:MOST],
            ngettext("%(n)d more date changed.", "%(n)d more dates changed.", rest) % {"n": rest},
        ]
    return told


def _number(row: Obligation) -> int:
    """How many reports a row is about, for the number of the verb."""
    return max(1, row.last_cycle - row.cycle + 1)


def _is_answered(row: Obligation) -> str:
    return ngettext("%(what)s is answered.", "%(what)s are answered.", _number(row)) % {
        "what": capfirst(row.label)
    }


def _sentences_of(row: Obligation, before: dict[str, Any]) -> Iterator[str]:
    """What changed about one obligation; what it is answered by and when it is due may change together."""
    what = capfirst(row.label)
    if "ceases_on" in before and row.ceases_on is None:
        owed = ngettext(
            "%(what)s is owed again: %(status)s.", "%(what)s are owed again: %(status)s.", _number(row)
        )
        yield owed % {"what": what, "status": _due_of(row)}
        return
    if before.get("expected") is False:
        yield _("%(what)s is expected again: %(status)s.") % {"what": what, "status": _due_of(row)}
        return
    was_due, was_year = before.get("due_on", row.due_on), bool(before.get("year_only", row.year_only))
    if row.due_on and was_due and (row.due_on, row.year_only) != (was_due, was_year):
        yield _("%(what)s now due %(now)s, was %(before)s.") % {
            "what": what,
            "now": _day(row.due_on, row.year_only),
            "before": _day(was_due, was_year),
        }
    elif row.due_on != was_due or "due_source" in before or "waived" in before:
        was = _due(
            was_due,
            before.get("due_source", row.due_source),
            waived=before.get("waived", row.waived),
            year_only=was_year,
        )
        if was != _due_of(row):
            yield _("%(what)s now: %(now)s; was: %(before)s.") % {
                "what": what,
                "now": _due_of(row),
                "before": was,
            }
    if "reviewed_without_on" in before and row.reviewed_without_on:
        yield _("%(what)s was reviewed without a report on %(day)s.") % {
            "what": what,
            "day": in_words(row.reviewed_without_on),
        }
    elif "answered_on" in before and (row.answered_on is None or before["answered_on"] is None):
        yield (
            _is_answered(row)
            if row.answered_on
            else ngettext("%(what)s is no longer answered.", "%(what)s are no longer answered.", _number(row))
            % {"what": what}
        )
    elif "awaiting_since" in before:
        yield (
            _("%(what)s: awaiting the Committee’s review.") % {"what": what}
            if row.awaiting_since
            else _("%(what)s: no longer awaiting the Committee’s review.") % {"what": what}
        )
    if "ceases_on" in before:
        yield _("%(what)s is owed no more.") % {"what": what}
    if "not_received_by" in before and (row.not_received_by is None or before["not_received_by"] is None):
        yield (
            _("%(what)s counts as not received.") % {"what": what}
            if row.not_received_by
            else _("%(what)s is no record again.") % {"what": what}
        )


def _renumbered(missing: list[Obligation], obsolete: list[Obligation]) -> list[tuple[Obligation, Obligation]]:
    """The next report under the CRC of a State that has been given its number, or lost it: new and old row."""
    pairs: list[tuple[Obligation, Obligation]] = []
    for old in obsolete:
        new = next(
            (
                one
                for one in missing
                if one.carried_by == old.carried_by == Carrier.CRC_REPORT
                and one.state_id == old.state_id
                and one.answered_on is None
            ),
            None,
        )
        if new is not None and new not in [pair[0] for pair in pairs]:
            pairs.append((new, old))
    return pairs


def _due_of(row: Obligation) -> str:
    return _due(row.due_on, row.due_source, waived=row.waived, year_only=row.year_only)


def _due(due_on: Any, source: Any, *, waived: Any, year_only: bool) -> str:
    """When something is due, or why no day is."""
    if isinstance(due_on, date):
        return _("due %(day)s") % {"day": _day(due_on, year_only)}
    if waived:
        return _("no report asked for")
    return _("date not recorded") if source == DueSource.TREATY_CALENDAR else _("date to be communicated")


def _day(due_on: Any, year_only: bool) -> str:
    """A due date as its document prints it: a day, or a year."""
    return _("in %(year)d") % {"year": due_on.year} if year_only else in_words(due_on)
