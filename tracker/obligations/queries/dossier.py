"""All facts of a State dated up to a day and its obligations, for the State's page and its report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from tracker.obligations.derive import facts_of, horizon, indicative
from tracker.obligations.models import CarriedBy, Kind, one_series
from tracker.obligations.queries.standings import owed_on
from tracker.registry.models import State, Statement
from tracker.rules.dates import in_words
from tracker.rules.due import Due
from tracker.rules.entry_into_force import EntryIntoForce, TreatyCode
from tracker.rules.facts import Facts, Membership
from tracker.rules.schedule import PeriodicRule
from tracker.rules.status import Status


@dataclass(frozen=True)
class Dossier:
    """A State as known on a day.

    Attributes:
        facts: its actions, reports, decisions and requests up to the day, as the rules read them.
        obligations: the earliest first, with their values on the day and `printed` (the due date as printed by the
            United Nations).
        decisions: dates stated by the Committee that count; `waiting` are those that await confirmation.
    """

    state: State
    day: date
    actions: list[Any]
    facts: Facts
    obligations: list[Any]
    submissions: list[Any]
    reviews: list[Any]
    decisions: list[Any]
    waiting: list[Any]
    requests: list[Any]
    non_receipts: list[Any]

    @cached_property
    def statements(self) -> list[Any]:
        """Its declarations, reservations and objections, and the objections of others to them."""
        return statements_of(self.state, self.day)

    @property
    def opsc(self) -> Membership | None:
        """Its latest period as a party to the OPSC."""
        return self.facts.membership(TreatyCode.OPSC)

    @property
    def memberships(self) -> list[tuple[str, Membership]]:
        """Each treaty that it joined, with each of its periods as a party."""
        return [
            (code.value, one)
            for code in (TreatyCode.OPSC, TreatyCode.CRC)
            for one in self.facts.memberships(code)
        ]

    @property
    def is_party(self) -> bool:
        """Whether it is a party to the OPSC."""
        return self.facts.is_party(TreatyCode.OPSC, self.day)

    @property
    def in_crc(self) -> bool:
        """Whether it is a party to the Convention."""
        return self.facts.is_party(TreatyCode.CRC, self.day)

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
        """Its overdue obligations."""
        return [row for row in self.obligations if row.status == Status.OVERDUE]

    @property
    def begins_with_initial(self) -> bool:
        """Whether it owes no periodic report yet, because its initial report has not been received."""
        reported = any(row.kind == Kind.INITIAL and row.answered_on for row in self.obligations)
        return self.opsc is not None and self.in_crc and not reported and not one_series()

    @property
    def rule(self) -> str:
        """The rule for the dates of its periodic reports, in one or two sentences; empty if it owes nothing."""
        if not self.obligations:
            return ""
        if one_series():
            return _(
                "Every State has a five-year series of its own here (rule “plain”); reports under the Convention do "
                "not count."
            )
        if not self.in_crc:
            return _(
                "The State is not a party to the Convention, so its periodic reports are due every five years (OPSC "
                "art. 12(2), last sentence)."
            )
        if settings.PERIODIC_RULE == PeriodicRule.TREATY_CALENDAR:
            return _(
                "Every date of the five-year calendar of CRC art. 44(1)(b) counts here (rule “treaty-calendar”), "
                "unless the Committee has stated another."
            )
        return _(
            "The State is a party to the Convention, so the information is a part of its reports under the Convention "
            "(OPSC art. 12(2)), and the Committee sets their dates (rule “article-12-2”). At most one report is open: "
            "the next one."
        )

    @property
    def records(self) -> list[str]:
        """The period for which the office's records of the State are complete, in sentences."""
        state, found = self.state, []
        if state.records_from and state.records_from == state.records_until:
            found.append(
                _(
                    "The data end on %(on)s and are not complete; a report that is not recorded "
                    "shows as “no record” until the office keeps the records itself."
                )
                % {"on": in_words(state.records_from)}
            )
        elif state.records_from:
            found.append(
                _(
                    "The office has every report received from %(on)s on; a report due earlier that "
                    "is not recorded shows as “no record”."
                )
                % {"on": in_words(state.records_from)}
            )
        if state.records_until and state.records_until != state.records_from:
            found.append(
                _(
                    "The records end on %(on)s; a report due later that is not recorded shows as “no "
                    "record” until the office keeps the records itself."
                )
                % {"on": in_words(state.records_until)}
            )
        if any(row.carried_by == CarriedBy.CRC_REPORT for row in self.obligations):
            found.append(
                _("The office has every report under the Convention received from %(on)s on.")
                % {"on": in_words(state.carried_records_from)}
                if state.carried_records_from
                else _(
                    "It is not known how complete the records of reports under the Convention are, "
                    "so none of these reports counts as overdue."
                )
            )
        return found

    @property
    def calendar(self) -> list[Due]:
        """The five-year calendar of the treaty, for information only; empty if its dates are deadlines."""
        if settings.PERIODIC_RULE != PeriodicRule.ARTICLE_12_2 or not self.in_crc:
            return []
        return indicative(self.facts, until=horizon(self.day))


def dossier_of(state: State, day: date, *, today: date | None = None) -> Dossier:
    """Reads what is known of a State on a day; the number of queries is constant.

    Args:
        today: see `as_of`.
    """
    owed: Any = owed_on(day, today=today, bands=False)
    obligations = [row.as_it_stood() for row in owed.with_printed(day).filter(state=state).order_by("pk")]
    obligations.sort(key=_in_time)
    submissions = [one for one in state.submissions.with_observations(day) if one.known_on() <= day]
    decisions = [one for one in state.committeedates.all() if one.known_on() <= day]
    return Dossier(
        state=state,
        day=day,
        actions=list(state.actions.filter(date__lte=day).order_by("date", "pk")),
        facts=facts_of([state.pk]).get(state.pk, Facts()).as_of(day),
        obligations=obligations,
        submissions=submissions,
        reviews=list(state.reviews.filter(adopted_on__lte=day)),
        decisions=[one for one in decisions if not one.awaits_confirmation],
        waiting=[one for one in decisions if one.awaits_confirmation],
        requests=list(state.information_requests.filter(issued_on__lte=day)),
        non_receipts=list(state.non_receipts.filter(not_received_by__lte=day)),
    )


def _in_time(row: Any) -> tuple[date, date, int]:
    """Sort key: the due date, else the receipt; rows with neither at the end."""
    return row.due or row.answered_on or date.max, row.computed_on, row.pk


def statements_of(state: State, day: date) -> list[Any]:
    """The statements of a State and the objections to them, up to a day, the earliest first.

    Each row has `withdrawn_shown`: the day of its withdrawal, if known on the day.
    """
    rows = Statement.objects.filter(Q(state=state) | Q(about=state), date__lte=day)
    found: list[Any] = list(rows.select_related("state", "about").order_by("date", "pk"))
    for row in found:
        row.withdrawn_shown = row.withdrawn_on if row.is_withdrawn(day) else None
    return found


def warning_of(entry: EntryIntoForce) -> str:
    """A warning about an entry into force, or empty."""
    if entry.differs:
        return _("The recorded day differs from the one that the treaty gives; both are shown.")
    return _("To be confirmed.") if entry.to_be_confirmed else ""
