"""Several facts of one State saved as one change: all or none, and told as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from tracker.obligations import sync
from tracker.obligations.actions import save_fact, withdraw_fact
from tracker.obligations.models import Obligation
from tracker.registry.models import Contact, State
from tracker.web.admin.facts import Refused, to_be_removed


def in_all(state: State, act: Callable[[], object]) -> sync.Difference:
    """What the obligations of a State become through several changes: as they were first against as they end.

    A date that moves twice on the way is one change, and one that comes back is none.
    """
    sync.lock({state.pk})
    before = {row.pk: _derived(row) for row in Obligation.objects.filter(state=state)}
    act()
    found = sync.Difference()
    for row in Obligation.objects.filter(state=state):
        old = before.get(row.pk, {"expected": False})
        changes = {name: value for name, value in old.items() if value != getattr(row, name)}
        if not changes:
            found.unchanged += 1
        elif not row.expected:
            found.obsolete += [row] if old["expected"] else []
        elif row.pk not in before:
            found.missing.append(row)
        else:
            found.changed.append(sync.ObligationChange(row, changes))
    return found


def _derived(row: Obligation) -> dict[str, Any]:
    return {name: getattr(row, name) for name in sync.DERIVED}


def changed_rows(formsets: Iterable[Any]) -> Iterator[Any]:
    """The rows of a page that say something new; those that go come first, to make room for the others."""
    rows = [row for formset in formsets for row in formset.forms if row.has_changed() or to_be_removed(row)]
    yield from (row for row in rows if to_be_removed(row) and row.instance.pk)
    yield from (row for row in rows if not to_be_removed(row))


def save_rows(state: State | None, rows: Iterable[Any], by: Any, reason: str) -> None:
    """Saves a State, if it has changed, and rows of its page.

    Raises:
        Refused: one of them cannot be beside the others; it says which.
    """
    try:
        if state is not None:
            save_fact(state, by=by, reason=reason)
    except ValidationError as error:
        raise Refused(error) from error
    for row in rows:
        removing = to_be_removed(row)
        try:
            _save(row, by, reason, removing=removing)
        except ValidationError as error:
            raise Refused(error, row.prefix, removing=removing) from error
        except ProtectedError as error:
            resting = ValidationError(_("It is kept: something else has come to rest on it."))
            raise Refused(resting, row.prefix, removing=removing) from error


def _save(row: Any, by: Any, reason: str, *, removing: bool) -> None:
    fact: Any = row.instance
    if isinstance(row.instance, Contact):  # nothing is derived from it
        fact._history_user, fact._change_reason = by, reason or None
        if removing:
            fact.delete()
        else:
            fact.full_clean()
            fact.save()
    elif removing:
        withdraw_fact(fact, by=by, reason=reason)
    else:
        save_fact(fact, by=by, reason=reason)
