"""Saving a fact: checked, signed, derived from, all or nothing."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from tests.factories import (
    a_contact,
    a_state,
    an_officer,
    asks,
    day,
    derive,
    joins,
    receives,
    signs,
    the_obligation,
    the_request,
    withdraw_fact,
)
from tracker.obligations import actions
from tracker.obligations.models import InformationRequest, Obligation, Submission
from tracker.registry.models import State, TreatyAction

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

ON = date(2026, 11, 22)


@pytest.fixture
def usa():
    return a_state("USA")


def a_ratification(state: State, **fields) -> TreatyAction:
    return TreatyAction(
        **({"state": state, "treaty_id": "OPSC", "kind": "ratification", "date": day("2002-12-23")} | fields)
    )


def test_saving_a_ratification_derives_what_the_state_owes(usa):
    found = actions.save_fact(a_ratification(usa), on=ON)
    assert len(found.missing) == 7
    assert the_obligation(usa).due_on == date(2005, 1, 23)


def test_saving_without_a_day_synchronises_today(usa):
    actions.save_fact(a_ratification(usa))
    assert max(Obligation.objects.values_list("due_on", flat=True)) == date(2035, 1, 23)


def test_saving_keeps_who_and_why(usa):
    ada = an_officer("ada")
    fact = a_ratification(usa)
    actions.save_fact(fact, by=ada, reason="C.N.1332.2002", on=ON)
    entry = fact.history.get()
    assert (entry.history_user, entry.history_change_reason, entry.history_type) == (
        ada,
        "C.N.1332.2002",
        "+",
    )


def test_correcting_a_fact_keeps_both_versions(usa):
    fact = a_ratification(usa, date=day("2002-12-24"))
    actions.save_fact(fact, reason="first reading", on=ON)
    fact.date = day("2002-12-23")
    found = actions.save_fact(fact, reason="second reading", on=ON)
    assert [(h.date, h.history_change_reason) for h in fact.history.order_by("history_id")] == [
        (date(2002, 12, 24), "first reading"),
        (date(2002, 12, 23), "second reading"),
    ]
    assert len(found.changed) == 7
    assert the_obligation(usa).due_on == date(2005, 1, 23)


def test_a_long_reason_is_cut_and_no_error(usa):
    fact = a_ratification(usa)
    actions.save_fact(fact, reason="x" * 150, on=ON)
    assert fact.history.get().history_change_reason == "x" * 100


def test_a_fact_that_cannot_be_is_refused_and_nothing_is_written(usa):
    with pytest.raises(ValidationError) as refused:
        actions.save_fact(a_ratification(usa, date=day("1999-01-01")), on=ON)
    assert list(refused.value.message_dict) == ["date"]
    assert not TreatyAction.objects.exists()
    assert not Obligation.objects.exists()
    assert not TreatyAction.history.exists()


def test_recording_a_submission_answers_the_obligation(usa):
    joins(usa)
    derive("2026-11-22")
    received = Submission(state=usa, kind="initial", received_on=day("2007-05-10"), symbol="CRC/C/OPSC/USA/1")
    found = actions.save_fact(received, on=ON)
    assert Submission.objects.get() == received
    assert [(change.obligation.cycle, change.before["received_on"]) for change in found.changed] == [
        (1, None)
    ]
    assert the_obligation(usa).received_on == date(2007, 5, 10)


def test_a_request_for_information_is_a_fact_like_any_other(usa):
    joins(usa)
    derive("2026-11-22")
    asked = InformationRequest(
        state=usa, document="CRC/C/OPSC/USA/Q/2", issued_on=day("2012-07-10"), due_on=day("2012-11-15")
    )
    ada = an_officer("ada")
    found = actions.save_fact(asked, by=ada, reason="list of issues", on=ON)
    assert [(row.label, row.due_on) for row in found.missing] == [
        ("reply to the list of issues", date(2012, 11, 15))
    ]
    entry = asked.history.get()
    assert (entry.number, entry.history_user, entry.history_change_reason) == (1, ada, "list of issues")
    asked.received_on = day("2012-11-15")
    actions.save_fact(asked, on=ON)
    assert Obligation.objects.as_of(ON).get(kind="information").status == "received on time"
    withdraw_fact(asked, reason="entered twice", on=ON)
    assert not the_request(usa).expected


def test_a_request_that_moves_to_another_state_follows_up_both(usa):
    benin = a_state("BEN")
    for state in (usa, benin):
        joins(state, on="2005-01-31")
    asks(benin, document="A")
    moved = asks(usa, document="B")
    derive("2026-11-22")
    moved.state = benin
    actions.save_fact(moved, on=ON)
    assert not the_request(usa).expected
    assert the_request(benin, 2).expected


def test_withdrawing_a_submission_opens_the_obligation_and_the_history_remembers_it(usa):
    joins(usa)
    received = receives(usa, "2007-05-10", symbol="CRC/C/OPSC/USA/1")
    derive("2026-11-22")
    ada = an_officer("ada")
    found = withdraw_fact(received, by=ada, reason="entered for the wrong State", on=ON)
    assert len(found.changed) == 1
    assert the_obligation(usa).answered_on is None
    assert not Submission.objects.exists()
    last = Submission.history.latest()
    assert (last.history_type, last.history_user, last.history_change_reason, last.symbol) == (
        "-",
        ada,
        "entered for the wrong State",
        "CRC/C/OPSC/USA/1",
    )


def test_a_report_that_has_a_revision_cannot_be_withdrawn(usa):
    joins(usa)
    first = receives(usa, "2007-05-10")
    receives(usa, "2008-01-01", revises=first)
    with pytest.raises(ProtectedError):
        withdraw_fact(first, on=ON)
    assert Submission.objects.count() == 2


def test_a_fact_moved_to_another_state_follows_up_both(usa):
    benin = a_state("BEN")
    fact = joins(usa, on="2005-01-31")
    derive("2026-11-22")
    fact.state = benin
    actions.save_fact(fact, on=ON)
    assert not Obligation.objects.filter(state=usa, expected=True).exists()
    assert the_obligation(benin).due_on == date(2007, 2, 28)


def test_only_the_states_concerned_are_followed_up(usa):
    benin = a_state("BEN")
    joins(benin, on="2005-01-31")
    actions.save_fact(a_ratification(usa), on=ON)
    assert set(Obligation.objects.values_list("state", flat=True)) == {"USA"}


def test_saving_a_state_is_a_fact_too(usa):
    joins(usa)
    usa.records_from = day("2025-12-04")
    actions.save_fact(usa, reason="records begin", on=ON)
    assert Obligation.objects.as_of(ON).get(kind="initial").status == "no record"
    assert usa.history.latest().history_change_reason == "records begin"


def test_a_state_with_facts_or_contacts_cannot_be_deleted(usa):
    signs(usa)
    with pytest.raises(ProtectedError):
        withdraw_fact(usa, on=ON)
    norway = a_state("NOR")
    a_contact(norway)
    with pytest.raises(ProtectedError):
        withdraw_fact(norway, on=ON)
    assert State.objects.count() == 2


def test_a_state_with_nothing_can_be_deleted():
    withdraw_fact(a_state("SMR"), on=ON)
    assert not State.objects.exists()
