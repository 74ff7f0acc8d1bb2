"""The effects of a supposed record: the comparison, and what is refused."""

from datetime import date
from typing import Any

import pytest

from tests import factories
from tests.factories import day
from tests.obligations.readings import changed, facts, supposing
from tracker.obligations import what_if
from tracker.obligations.models import CommitteeDate, Submission
from tracker.registry.models import State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
TODAY = date(2026, 11, 22)


@pytest.fixture
def sweden() -> State:
    state = factories.a_state("SWE")
    factories.joins(state, on="2005-01-10")
    return state


def stated(state: State, due: str | None, on: str, first: int, last: int, **fields: Any) -> CommitteeDate:
    """A date stated by the Committee, not saved."""
    return CommitteeDate(
        state=state,
        kind=fields.pop("kind", "periodic"),
        first_cycle=first,
        last_cycle=last,
        due_on=day(due) if due else None,
        decided_on=day(on),
        outcome="date" if due else "to be communicated",
        **fields,
    )


def test_what_moves_beyond_the_horizon_is_changed_and_not_gone():
    sweden = factories.a_state("SWE")
    factories.joins(sweden, on="2020-01-10")
    supposed = what_if.committee_date(facts(sweden), stated(sweden, "2040-02-10", "2026-11-01", 3, 3))
    found = supposing(sweden, supposed)
    assert changed(found) == {"periodic report 3": ["due_on", "trail"]}
    assert [row.due.cycle for row in found.rows] == [1, 2]


def test_a_later_decision_is_added_and_a_changed_one_replaced(sweden):
    factories.decides(sweden, "2024-01-10", "2020-01-10", cycles="3-4")
    (recorded,) = facts(sweden).decisions
    added = what_if.committee_date(facts(sweden), stated(sweden, "2029-01-10", "2026-01-10", 3, 4))
    assert (len(added.facts.decisions), added.note) == (2, "")
    replaced = what_if.committee_date(facts(sweden), stated(sweden, None, "2020-01-10", 3, 4))
    assert (recorded in replaced.facts.decisions, len(replaced.facts.decisions)) == (False, 1)
    assert replaced.note == "It replaces the date recorded for that day: CRC/C/OPSC/SWE/CO/1."
    assert replaced.said == (
        "Supposed: Sweden, the Committee says on 10 January 2020 that it will communicate the date of "
        "periodic reports 3-4."
    )


def test_a_decision_yet_to_come_is_held_against_the_calendar_too(sweden):
    ahead = stated(sweden, "2029-01-10", "2027-02-01", 5, 5)
    assert supposing(sweden, what_if.committee_date(facts(sweden), ahead)).day == day("2027-02-01")
    with pytest.raises(what_if.Impossible, match="The State owes no periodic report 90") as refused:
        what_if.committee_date(facts(sweden), stated(sweden, "2029-01-10", "2027-02-01", 90, 90))
    assert refused.value.field == "first_cycle"


def test_a_report_recorded_already_cannot_be_received_again(sweden):
    factories.receives(sweden, "2007-01-10")
    again = Submission(state=sweden, kind="initial", first_cycle=1, last_cycle=1, received_on=TODAY)
    with pytest.raises(what_if.Impossible, match="A report for these cycles is recorded already"):
        what_if.receipt(facts(sweden), again)


def test_a_report_that_a_revision_rests_on_is_not_withdrawn(sweden):
    first = factories.receives(sweden, "2007-01-10")
    factories.receives(sweden, "2008-01-10", revises=first)
    with pytest.raises(what_if.Impossible, match="A revision of this report is recorded") as refused:
        what_if.withdrawal(facts(sweden), first)
    assert refused.value.field == "submission"


def test_a_deposit_before_a_denunciation_takes_effect_is_refused(sweden):
    factories.denounces(sweden, on="2010-03-01")
    with pytest.raises(
        what_if.Impossible, match="takes effect on 1 March 2011; it can join again"
    ) as refused:
        what_if.deposit(sweden, facts(sweden), day("2011-01-01"))
    assert refused.value.field == "day"
