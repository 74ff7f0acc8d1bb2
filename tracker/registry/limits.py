"""Who may change the records of a State when officers are limited to their desks (DESK_LIMITS).

The one place that decides this. A role says what a user may do; this says for which States. Users who may assign
desks are not limited, nor are commands, which have no user. Reading is never limited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from tracker.registry.models import Amendment, AmendmentPosition, RegionDesk, State

# Administrators have this permission; they could assign every desk to themselves anyway.
UNLIMITED = "registry.change_regiondesk"


class NotOnDesk(PermissionDenied):
    """A user tried to change records of States that are not on the user's desk; nothing is written.

    Attributes:
        states: alpha-3 of those States; empty if the change is not about single States.
    """

    def __init__(self, states: Iterable[str] = ()) -> None:
        self.states = sorted(states)
        super().__init__("not on your desk")


def is_limited(user: Any) -> bool:
    """Whether a user may change only some States; False if the setting is off, and for commands (None)."""
    return bool(settings.DESK_LIMITS) and user is not None and not user.has_perm(UNLIMITED)


def on_desks_of(user: Any) -> QuerySet[State]:
    """The States whose desk officer a user is, and those of the regions whose officer the user is.

    A State with an officer of its own is on the desk of its region too: the officer of the region is the deputy, and
    the second person where a second one must confirm.
    """
    regions = RegionDesk.objects.filter(officer=user.pk).values("region")
    return State.objects.filter(Q(desk_officer=user.pk) | Q(region__in=regions))


def changeable(user: Any) -> frozenset[str] | None:
    """Alpha-3 of the States whose records a user may change; None for all.

    Read in one query and kept on the user object, so that a page reads it once.
    """
    if not is_limited(user):
        return None
    if not hasattr(user, "_on_desk"):
        user._on_desk = frozenset(on_desks_of(user).order_by().values_list("pk", flat=True))
    known: frozenset[str] = user._on_desk
    return known


def states_of(fact: Any) -> set[str] | None:
    """The States that a row is about, as stored and as it would be saved; None if it is not about single States.

    Amendments and the positions on them belong to the treaty, not to a State.
    """
    if isinstance(fact, State):
        return {fact.pk}
    if isinstance(fact, Amendment | AmendmentPosition):
        return None
    rows = [fact]
    if fact.pk is not None and not fact._state.adding:
        rows += type(fact)._base_manager.filter(pk=fact.pk)
    return {state for row in rows for state in _named_by(row)} or None


def _named_by(row: Any) -> Iterator[str]:
    if state := getattr(row, "state_id", None):
        yield state
    elif getattr(row, "obligation_id", None):  # a reminder or a pause
        yield row.obligation.state_id


def may_change(user: Any, states: Iterable[str] | None) -> bool:
    """Whether the desks allow a user to change records of all these States (alpha-3).

    Args:
        states: None for a change that is not about single States.
    """
    mine = changeable(user)
    return mine is None or (states is not None and mine.issuperset(states))


def check(user: Any, states: Iterable[str] | None) -> None:
    """Raises an error unless `may_change` allows the change.

    Raises:
        NotOnDesk: it names the States that are not on the user's desk.
    """
    theirs = None if states is None else set(states)
    if not may_change(user, theirs):
        raise NotOnDesk((theirs or set()) - (changeable(user) or frozenset()))
