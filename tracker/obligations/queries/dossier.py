"""All facts of a State dated up to a day and its obligations, for the State's page and its report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from tracker.languages.writing import in_words
from tracker.obligations.derive import horizon, indicative
from tracker.obligations.models import CarriedBy, ExpectedYear, Kind, one_series
from tracker.obligations.queries.expected import expected_in_words, in_effect
from tracker.obligations.queries.follow_up import requests_on
from tracker.obligations.queries.standings import owed_on
from tracker.registry.models import State, Statement
from tracker.registry.sources import Citation, citations_of
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
            United Nations) and `expected_in` (the year that a calendar of the Committee gives, in words).
        decisions: dates stated by the Committee that count; `waiting` are those that await confirmation.
        requests: rows of `requests_on`.
        expected: the year of the latest calendar, if the date of a report is to be communicated.
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
    expected: ExpectedYear | None = None

    @cached_property
    def statements(self) -> list[Any]:
        """Its declarations, reservations and objections, and the objections of others to them."""
        return statements_of(self.state, self.day)

    @cached_property
    def sources(self) -> list[Citation]:
        """The full citations of the sources that its records name, and of the treaties."""
        records: list[Any] = [*self.actions, *self.submissions, *self.reviews, *self.decisions]
        records += [*self.requests, *self.non_receipts, *self.statements, *filter(None, [self.expected])]
        named = [one.source for one in records]
        return citations_of([*TreatyCode, *named, self.state.records_source])

    @property
    def notifications(self) -> dict[tuple[str, date], str]:
        """The depositary notifications of its actions under the OPSC, by the name of the action and its day."""
        return {
            (str(one.get_kind_display()), one.date): one.reference
            for one in self.actions
            if one.treaty_id == TreatyCode.OPSC
        }

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
    def participation(self) -> str:
        """Whether it is a party to the OPSC, in one sentence."""
        if self.is_party:
            return _("State party to the OPSC.")
        if self.left_on:
            return _(
                "No longer a party to the OPSC since %(on)s: reports that fell due before are still owed."
            ) % {"on": in_words(self.left_on)}
        if self.signed_on:
            return _("Signatory of the OPSC since %(on)s, not a party: it owes no report.") % {
                "on": in_words(self.signed_on)
            }
        return _("Not a party to the OPSC: it owes no report.")

    @property
    def introduction(self) -> str:
        """Its regional group and its participation, in sentences."""
        if not self.state.region:
            return self.participation
        return _("%(group)s.") % {"group": self.state.get_region_display()} + f" {self.participation}"

    @property
    def overdue(self) -> list[Any]:
        """Its overdue obligations."""
        return [row for row in self.obligations if row.status == Status.OVERDUE]

    @property
    def begins_with_initial(self) -> str:
        """A sentence if it owes no periodic report yet, because its initial report has not been received."""
        reported = any(row.kind == Kind.INITIAL and row.answered_on for row in self.obligations)
        if self.opsc is None or not self.in_crc or reported or one_series():
            return ""
        return _(
            "The periodic reports begin with the initial report: information under the OPSC is then a part of each "
            "report under the Convention (art. 12(2))."
        )

    @cached_property
    def reports_that_count(self) -> list[Any]:
        """Its reports that are not withdrawn, those under the Convention since it joined the OPSC; the latest last."""
        there = [one for one in self.submissions if not (one.withdrawn_on and one.withdrawn_on <= self.day)]
        return sorted(
            (one for one in there if self._counts(one, one.known_on())),
            key=lambda one: (one.known_on(), one.pk),
        )

    @cached_property
    def reviews_that_count(self) -> list[Any]:
        """The concluding observations on such reports, the latest last."""
        return sorted(
            (one for one in self.reviews if self._counts(one, one.adopted_on)),
            key=lambda one: (one.adopted_on, one.pk),
        )

    def _counts(self, fact: Any, day: date) -> bool:
        periods = self.facts.memberships(TreatyCode.OPSC)
        return fact.carried_by == CarriedBy.OWN or (bool(periods) and day >= periods[0].joined.day)

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
    expected = _expected(state, obligations, day)
    actions = list(state.actions.order_by("date", "pk"))
    submissions = list(state.submissions.with_observations(day))
    decisions = list(state.committeedates.all())
    confirmed = [one for one in decisions if not one.awaits_confirmation]
    requests = list(requests_on(day, today=today).filter(state=state))
    non_receipts = list(state.non_receipts.all())
    reviews = list(state.reviews.all())
    facts = Facts(
        *(_as_rules(rows) for rows in (actions, confirmed, submissions, requests, non_receipts, reviews))
    )
    return Dossier(
        state=state,
        day=day,
        actions=[one for one in actions if one.date <= day],
        facts=facts.as_of(day),
        obligations=obligations,
        submissions=[one for one in submissions if one.known_on() <= day],
        reviews=[one for one in reviews if one.adopted_on <= day],
        decisions=[one for one in confirmed if one.known_on() <= day],
        waiting=[one for one in decisions if one.awaits_confirmation and one.known_on() <= day],
        requests=requests,
        non_receipts=[one for one in non_receipts if one.not_received_by <= day],
        expected=expected,
    )


def _expected(state: State, obligations: list[Any], day: date) -> ExpectedYear | None:
    """The year expected of a State that has a report whose date is to be communicated; its rows get the words."""
    awaited = any(row.status == Status.TO_BE_COMMUNICATED for row in obligations)
    found = in_effect(day).filter(state=state).first() if awaited else None
    for row in obligations:
        row.expected_in = expected_in_words(row.status, found.year, found.decided_on) if found else ""
    return found


def _as_rules(rows: list[Any]) -> tuple[Any, ...]:
    """Records as the rules read them, in the order of entry, as `facts_of` gives them."""
    return tuple(one.as_rule() for one in sorted(rows, key=lambda one: one.pk))


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
