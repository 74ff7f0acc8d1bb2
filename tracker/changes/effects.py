"""The effects of a changed fact on obligations and reminders, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _, ngettext

from tracker.languages.writing import in_words
from tracker.obligations.models import Obligation
from tracker.obligations.sync import Difference
from tracker.obligations.wording import in_a_row
from tracker.registry.models import State
from tracker.registry.un_names import names_of_states
from tracker.rules.due import DueSource
from tracker.rules.facts import Carrier

MOST = 4  # changed obligations named one by one; the rest is counted


@dataclass(frozen=True)
class Effects:
    """The effects of a change of facts on obligations and reminders.

    Attributes:
        differences: how the obligations changed.
        cancelled: reminders that waited and have lost their purpose.
        planned: reminders that have to be written by now.
        notes: sentences on other changes, said before the obligations.
        cautions: warnings about the facts as saved.
    """

    differences: Sequence[Difference] = ()
    cancelled: int = 0
    planned: int = 0
    notes: Sequence[str] = ()
    cautions: Sequence[str] = ()

    @property
    def sentences(self) -> list[str]:
        """All effects in sentences; empty if there is none."""
        return [*self.notes, *self.obligations, *self.reminders]

    @property
    def obligations(self) -> list[str]:
        """Each changed obligation in a sentence, with its State if there are several."""
        names = names_of(row.state_id for one in self.differences for row in _rows(one))
        return [
            sentence
            for one in self.differences
            for sentence in sentences(one, names if len(names) > 1 else None)
        ]

    @property
    def reminders(self) -> list[str]:
        """How many reminders are cancelled and planned."""
        said = []
        if self.cancelled:
            said.append(
                ngettext("%(n)d reminder cancelled.", "%(n)d reminders cancelled.", self.cancelled)
                % {"n": self.cancelled}
            )
        if self.planned:
            said.append(
                ngettext("%(n)d reminder planned.", "%(n)d reminders planned.", self.planned)
                % {"n": self.planned}
            )
        return said


def names_of(states: Iterable[str]) -> dict[str, str]:
    """The names of some States by alpha-3 code, in their order."""
    return names_of_states(State.objects.filter(pk__in=set(states)))


def _rows(difference: Difference) -> list[Obligation]:
    """All obligations that changed."""
    return [*difference.missing, *(change.obligation for change in difference.changed), *difference.obsolete]


def sentences(difference: Difference, names: Mapping[str, str] | None = None) -> list[str]:
    """Each changed obligation in a sentence: changed dates first, then new ones, then those no longer owed.

    Args:
        names: of the States by alpha-3 code, if the sentences must say which State they are about.
    """
    said = list(_sentences(difference))
    shown = [
        text if names is None else _("%(state)s: %(what)s") % {"state": names[state], "what": text}
        for state, text in said[:MOST]
    ]
    if (rest := len(said) - MOST) > 0:
        more = ngettext("%(n)d more date changed.", "%(n)d more dates changed.", rest)
        if names is not None:
            more = ngettext(
                "%(n)d more date changed: %(states)s.", "%(n)d more dates changed: %(states)s.", rest
            )
        left = {state for state, _text in said[MOST:]}
        whose = in_a_row(name for state, name in (names or {}).items() if state in left)
        shown.append(more % {"n": rest, "states": whose})
    return shown


def _sentences(difference: Difference) -> Iterator[tuple[str, str]]:
    """The sentences, each with the alpha-3 code of its State."""
    missing, obsolete = list(difference.missing), list(difference.obsolete)
    closed = [c.obligation for c in difference.changed if "ceases_on" in c.before and c.obligation.ceases_on]
    renumbered = _renumbered(missing, [*obsolete, *closed])
    replaced = [old for _new, old in renumbered]
    for change in difference.changed:
        if change.obligation not in replaced:
            for text in _sentences_of(change.obligation, change.before):
                yield change.obligation.state_id, text
    for new, old in renumbered:
        missing.remove(new)
        if old in obsolete:
            obsolete.remove(old)
        yield (
            new.state_id,
            _("%(what)s (before: %(before)s): %(status)s.")
            % {"what": capfirst(new.label), "before": old.label, "status": _due_of(new)},
        )
    for row in missing:
        if row.answered_on is None:
            yield row.state_id, _arises(row)
    for row in missing:
        if row.answered_on is not None:
            yield row.state_id, _is_answered(row)
    for row in obsolete:
        gone = ngettext("%(what)s is no longer expected.", "%(what)s are no longer expected.", _number(row))
        yield row.state_id, gone % {"what": capfirst(row.label)}


def _arises(row: Obligation) -> str:
    if row.due_on:
        return _("%(what)s due %(day)s.") % {
            "what": capfirst(row.label),
            "day": _day(row.due_on, row.year_only),
        }
    return _("%(what)s: %(status)s.") % {"what": capfirst(row.label), "status": _due_of(row)}


def _number(row: Obligation) -> int:
    """How many reports a row is about: the verb is in the singular or the plural."""
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
    if "ceases_on" in before and before["ceases_on"] is None:
        yield _("%(what)s is no longer owed.") % {"what": what}
    elif "ceases_on" in before and row.ceases_on is not None:
        yield _("%(what)s: owed until %(now)s, was %(before)s.") % {
            "what": what,
            "now": in_words(row.ceases_on),
            "before": in_words(before["ceases_on"]),
        }
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
