"""All that is recorded of a State and dated up to a day, and what follows from it: read once for page and report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from tracker.obligations.derive import facts_of
from tracker.obligations.models import CommitteeDate, Kind
from tracker.registry.models import State, Statement
from tracker.rules.entry_into_force import EntryIntoForce, TreatyCode
from tracker.rules.facts import Facts, Membership
from tracker.rules.schedule import PeriodicRule
from tracker.rules.status import Status
from tracker.web.overview import owed_on


@dataclass(frozen=True)
class Dossier:
    """A State as the records of a day know it.

    Attributes:
        facts: its actions, reports, decisions and requests up to the day, as the rules take them.
        obligations: what it owes, the earliest first; each row has besides `steps` (its trail up to the
            day), `received_on` (its receipt, if known by then) and `printed` (its due date as the United
            Nations printed it).
        decisions: dates stated by the Committee that count; `waiting` are those that await a second person.
    """

    state: State
    day: date
    actions: list[Any]
    facts: Facts
    obligations: list[Any]
    submissions: list[Any]
    decisions: list[Any]
    waiting: list[Any]
    requests: list[Any]
    non_receipts: list[Any]

    @cached_property
    def statements(self) -> list[Any]:
        """Its declarations, reservations and objections, and those of others to them; read where they are shown."""
        return statements_of(self.state, self.day)

    @property
    def opsc(self) -> Membership | None:
        """Its participation in the OPSC."""
        return self.facts.membership(TreatyCode.OPSC)

    @property
    def memberships(self) -> list[tuple[str, Membership]]:
        """Each treaty that it has joined, with its participation."""
        found = ((code, self.facts.membership(code)) for code in (TreatyCode.OPSC, TreatyCode.CRC))
        return [(code.value, one) for code, one in found if one]

    @property
    def is_party(self) -> bool:
        """Whether it is a party to the OPSC."""
        return self.opsc is not None and self.opsc.is_party(self.day)

    @property
    def left_on(self) -> date | None:
        """The day on which its denunciation of the OPSC took effect."""
        return self.opsc.ends_on if self.opsc and not self.is_party else None

    @property
    def signed_on(self) -> date | None:
        """The day of its signature of the OPSC."""
        return self.facts.signed_on(TreatyCode.OPSC)

    @property
    def overdue(self) -> list[Any]:
        """What is overdue of what it owes."""
        return [row for row in self.obligations if row.status == Status.OVERDUE]

    @property
    def begins_with_initial(self) -> bool:
        """Whether it owes no periodic report yet, because its initial report has not been received."""
        reported = any(
            row.kind == Kind.INITIAL and row.answered_on and row.answered_on <= self.day
            for row in self.obligations
        )
        joined = self.opsc is not None and self.facts.membership(TreatyCode.CRC) is not None
        return joined and not reported and not _one_series()


def dossier_of(state: State, day: date, *, today: date | None = None) -> Dossier:
    """What is known of a State on a day, in a constant number of queries.

    Args:
        today: makes it quick on that day and later, see `as_of`.
    """
    owed: Any = owed_on(day, today=today, bands=False)
    obligations = [
        row.as_it_stood()
        for row in owed.with_printed(day).filter(state=state).order_by("due", "then_computed_on", "pk")
    ]
    submissions = [one for one in state.submissions.with_observations(day) if one.known_on() <= day]
    return Dossier(
        state=state,
        day=day,
        actions=list(state.actions.filter(date__lte=day).order_by("date", "pk")),
        facts=facts_of([state.pk]).get(state.pk, Facts()).as_of(day),
        obligations=obligations,
        submissions=submissions,
        decisions=list(CommitteeDate.objects.in_effect().filter(state=state, decided_on__lte=day)),
        waiting=list(state.committeedates.filter(awaits_confirmation=True, decided_on__lte=day)),
        requests=list(state.information_requests.filter(issued_on__lte=day)),
        non_receipts=list(state.non_receipts.filter(not_received_by__lte=day)),
    )


def statements_of(state: State, day: date) -> list[Any]:
    """What a State declared and what others objected to in it, up to a day, the earliest first.

    Each row has besides `withdrawn_shown`, the day of a withdrawal that is known on the day.
    """
    rows = Statement.objects.filter(Q(state=state) | Q(about=state), date__lte=day)
    found: list[Any] = list(rows.select_related("state", "about").order_by("date", "pk"))
    for row in found:
        row.withdrawn_shown = row.withdrawn_on if row.is_withdrawn(day) else None
    return found


def _one_series() -> bool:
    return bool(settings.PERIODIC_RULE == PeriodicRule.PLAIN)


def warning_of(entry: EntryIntoForce) -> str:
    """What staff should know about an entry into force, or nothing."""
    if entry.differs:
        return _("The recorded day differs from the one that the treaty gives; both are shown.")
    return _("To be confirmed.") if entry.to_be_confirmed else ""
