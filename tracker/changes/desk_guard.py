"""Keeps every request to the States that its person may change, however it writes; see `tracker.registry.limits`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet
from django.db.models.signals import pre_delete, pre_save
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tracker.changes.versions import KINDS
from tracker.registry import limits
from tracker.registry.desks import Desks
from tracker.registry.models import Contact, State
from tracker.reminders.models import Mail, Pause

# What people record of States. What follows from it (obligations, reminders) is written for those States only.
GUARDED = (*(kind.model for kind in KINDS.values()), Pause)
MOST_NAMED = 5  # States named one by one where something is refused


class ActingMiddleware:
    """Says on whose behalf a request works, so that what lies below the pages can refuse as well."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with limits.acting(request.user):
            return self.get_response(request)


def guard(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Refuses a row of another's State at the last moment, also on a way in that forgot to ask.

    Raises:
        NotOnDesk: it is about a State that is not on the desk of whoever acts.
    """
    if limits.is_acting_limited():
        limits.check_acting(limits.states_of(instance))


for model in GUARDED:
    for signal in (pre_save, pre_delete):
        signal.connect(guard, sender=model, dispatch_uid=f"limits of desks: {model._meta.label}")


# --- what the pages ask ---------------------------------------------------------------------------


def is_yours(user: Any, fact: Any) -> bool:
    """Whether somebody may change a row, as far as the desks go: a State, or what is about one."""
    return limits.changeable(user) is None or limits.may_change(user, limits.states_of(fact))


def yours(user: Any, states: QuerySet[State]) -> QuerySet[State]:
    """Those of some States of which somebody may change something."""
    mine = limits.changeable(user)
    return states if mine is None else states.filter(pk__in=mine)


def states_of_mail(mail: Mail) -> set[str] | None:
    """The States that a mail is about or, where no reminder names it any more, those of its recipient."""
    about = set(mail.reminders.order_by().values_list("obligation__state", flat=True).distinct())
    theirs = Contact.objects.filter(email__iexact=mail.recipient).order_by()
    return about or set(theirs.values_list("state", flat=True)) or None


def who_may(states: Iterable[str]) -> list[dict[str, Any]]:
    """Some States with the officers who may change them, the first few by name."""
    desks = Desks.read()
    found = State.objects.filter(pk__in=list(states)).select_related("desk_officer").order_by("name")
    return [
        {"state": state, "officers": list(dict.fromkeys(_names(state, desks)))}
        for state in found[:MOST_NAMED]
    ]


def _names(state: State, desks: Desks) -> Iterable[str]:
    for officer in (state.desk_officer, desks.by_region.get(state.region)):
        if officer is not None:
            yield officer.get_full_name() or officer.get_username()


def not_yours(user: Any, state: State) -> str:
    """Why somebody may not change what is recorded of a State, and who may; nothing where he or she may."""
    if limits.may_change(user, {state.pk}):
        return ""
    officers = [name for one in who_may({state.pk}) for name in one["officers"]]
    if not officers:
        return _("%(state)s is on nobody’s desk; ask an administrator.") % {"state": state.name}
    return _("%(state)s is not on your desk; ask %(officers)s, or an administrator.") % {
        "state": state.name,
        "officers": ", ".join(officers),
    }
