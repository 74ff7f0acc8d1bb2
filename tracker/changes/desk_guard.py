"""Which States a person may change, for pages: what they offer, and whom to ask; see `tracker.registry.limits`.

`tracker.changes.door` refuses what is not on the desk.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tracker.languages.writing import with_commas
from tracker.registry import limits
from tracker.registry.desks import Desks
from tracker.registry.models import Contact, State
from tracker.registry.un_names import StateOrder
from tracker.reminders.models import Mail

MOST_NAMED = 5  # States named one by one in a refusal


def is_yours(user: Any, fact: Any) -> bool:
    """Whether a row, a State or a fact about one, is on the desk of a person."""
    return limits.changeable(user) is None or limits.may_change(user, limits.states_of(fact))


def yours(user: Any, states: QuerySet[State]) -> QuerySet[State]:
    """The States that are on the desk of a person, of some."""
    mine = limits.changeable(user)
    return states if mine is None else states.filter(pk__in=mine)


def states_of_mail(mail: Mail) -> set[str] | None:
    """The States that a mail is about; if it has no reminders any more, those of its recipient."""
    about = set(mail.reminders.order_by().values_list("obligation__state", flat=True).distinct())
    theirs = Contact.objects.filter(email__iexact=mail.recipient).order_by()
    return about or set(theirs.values_list("state", flat=True)) or None


def who_may(states: Iterable[str]) -> list[dict[str, Any]]:
    """The first few of some States, by name, with the officers who may change them."""
    desks = Desks.read()
    rows = (
        State.objects.filter(pk__in=list(states)).select_related("desk_officer").order_by(StateOrder(), "pk")
    )
    return [
        {"state": state, "officers": list(dict.fromkeys(_names(state, desks)))} for state in rows[:MOST_NAMED]
    ]


def _names(state: State, desks: Desks) -> Iterable[str]:
    for officer in (state.desk_officer, desks.by_region.get(state.region)):
        if officer is not None:
            yield officer.get_full_name() or officer.get_username()


def not_yours(user: Any, state: State) -> str:
    """Why a person may not change the records of a State, and who may; empty if the person may."""
    if limits.may_change(user, {state.pk}):
        return ""
    officers = [name for one in who_may({state.pk}) for name in one["officers"]]
    if not officers:
        return _("%(state)s has no desk officer; ask an Administrator.") % {"state": state.shown_name}
    return _("%(state)s is not on your desk; ask %(officers)s, or an Administrator.") % {
        "state": state.shown_name,
        "officers": with_commas(officers),
    }
