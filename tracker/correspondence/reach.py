"""States that the office cannot reach, or not in every form, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from tracker.correspondence.addresses import is_doubtful, with_confirmations
from tracker.correspondence.models import MAY_GET_NOTES
from tracker.registry.models import Contact, State, TreatyAction
from tracker.reminders.incoming import bounced
from tracker.rules.entry_into_force import JOINING, TreatyCode


class Gap(models.TextChoices):
    """Why a State cannot be reached, the worst first."""

    NO_CONTACT = "no contact", _("no active contact")
    RETURNED = "returned", _("mail to every address is returned")
    UNCONFIRMED = "unconfirmed", _("no address confirmed for long")
    NO_MISSION = "no mission", _("no Permanent Mission or ministry for notes verbales")


@dataclass(frozen=True)
class UnreachableState:
    """A State that cannot be reached, and the worst reason.

    Attributes:
        contacts: the number of its active contacts.
    """

    state: State
    gap: Gap
    contacts: int

    @property
    def pk(self) -> str:
        return str(self.state.pk)


def reporting() -> QuerySet[State]:
    """The States that have joined the OPSC; one that left still owes what fell due before."""
    joined = TreatyAction.objects.filter(
        state=OuterRef("pk"), treaty=TreatyCode.OPSC, kind__in=[kind.value for kind in JOINING]
    )
    return State.objects.filter(Exists(joined))


def unreachable(states: Iterable[State], day: date) -> list[UnreachableState]:
    """Those of some States that cannot be reached, in their order; in one query."""
    those = list(states)
    returned = bounced.open_failures().filter(recipient=Lower(OuterRef("email")))
    active = with_confirmations(Contact.objects.filter(active=True, state__in=those), day)
    contacts: dict[str, list[Any]] = defaultdict(list)
    for one in active.annotate(is_returned=Exists(returned)) if those else ():
        contacts[one.state_id].append(one)
    found = []
    for state in those:
        mine = contacts[state.pk]
        if (gap := _gap_of(mine, day)) is not None:
            found.append(UnreachableState(state, gap, len(mine)))
    return found


def _gap_of(contacts: list[Any], day: date) -> Gap | None:
    if not contacts:
        return Gap.NO_CONTACT
    reached = [one for one in contacts if not one.is_returned]
    if not reached:
        return Gap.RETURNED
    if all(is_doubtful(one, day) for one in reached):
        return Gap.UNCONFIRMED
    if not any(one.kind in MAY_GET_NOTES and one.copy == Contact.Copy.TO for one in reached):
        return Gap.NO_MISSION
    return None
