"""Who may change what is recorded of a State, where officers are limited to their desks (DESK_LIMITS).

The one place that decides. A role says what somebody may do at all; this says of which States. Whoever may put
people on desks is not limited, and a command, behind which no user stands, is not either. Reading is never limited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from tracker.registry.models import Amendment, AmendmentPosition, RegionDesk, State

# Administrators have it; whoever could put himself on every desk is not kept to one.
UNLIMITED = "registry.change_regiondesk"

_acting: ContextVar[Any] = ContextVar("acting", default=None)


class NotOnDesk(PermissionDenied):
    """Somebody would change what is recorded of States that are not on his or her desk; nothing is written.

    Attributes:
        states: alpha-3 of those States; none where a change touches the States as a whole.
    """

    def __init__(self, states: Iterable[str] = ()) -> None:
        self.states = sorted(states)
        super().__init__("not on your desk")


def is_limited(user: Any) -> bool:
    """Whether a user may change some States only; nobody is where the setting is off, and no command."""
    return bool(settings.DESK_LIMITS) and user is not None and not user.has_perm(UNLIMITED)


def on_desks_of(user: Any) -> QuerySet[State]:
    """The States that name a user as desk officer, and those of the regions that do.

    A State that has an officer of its own is on the desk of its region too: that one stands in, and is the second
    person where two have to look.
    """
    regions = RegionDesk.objects.filter(officer=user.pk).values("region")
    return State.objects.filter(Q(desk_officer=user.pk) | Q(region__in=regions))


def changeable(user: Any) -> frozenset[str] | None:
    """Alpha-3 of the States of which a user may change something; None for all.

    Read once for each user object, in one query, so that a page of any length asks for it once.
    """
    if not is_limited(user):
        return None
    if not hasattr(user, "_on_desk"):
        user._on_desk = frozenset(on_desks_of(user).order_by().values_list("pk", flat=True))
    known: frozenset[str] = user._on_desk
    return known


def states_of(fact: Any) -> set[str] | None:
    """The States that a row is about, as it is in the database and as it would be saved; None for no State alone.

    An amendment and what States say to it are the treaty's, as a rule or a desk is everybody's.
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
    elif getattr(row, "obligation_id", None):  # a reminder or a pause: about the State that owes
        yield row.obligation.state_id


def may_change(user: Any, states: Iterable[str] | None) -> bool:
    """Whether a user may change something of all these States (alpha-3), as far as the desks go.

    Args:
        states: None for what touches the States as a whole, or no one of them.
    """
    mine = changeable(user)
    return mine is None or (states is not None and mine.issuperset(states))


def check(user: Any, states: Iterable[str] | None) -> None:
    """Lets pass what `may_change` allows.

    Raises:
        NotOnDesk: it does not; it names the States that are another's.
    """
    theirs = None if states is None else set(states)
    if not may_change(user, theirs):
        raise NotOnDesk((theirs or set()) - (changeable(user) or frozenset()))


@contextmanager
def acting(user: Any) -> Iterator[None]:
    """Says for a while on whose behalf this thread works, as each request does."""
    token = _acting.set(user)
    try:
        yield
    finally:
        _acting.reset(token)


def check_acting(states: Iterable[str] | None) -> None:
    """As `check`, for whoever stands behind the request; outside of a request everything passes.

    Raises:
        NotOnDesk: as there.
    """
    check(_acting.get(), states)


def is_acting_limited() -> bool:
    """Whether somebody stands behind this work who may change some States only."""
    return is_limited(_acting.get())
