"""A date stated by the Committee takes effect when a second person has confirmed it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError

from tests.factories import a_state, an_officer, day, decides, derive, joins, the_obligation, withdraw_fact
from tracker.obligations.actions import confirm_date, save_fact
from tracker.obligations.models import CommitteeDate, Obligation
from tracker.registry.models import State

pytestmark = pytest.mark.django_db

TODAY = day("2026-11-22")


@pytest.fixture(autouse=True)
def four_eyes(settings: Any) -> None:
    settings.FOUR_EYES = True


@pytest.fixture
def usa() -> State:
    """Not party to the CRC; periodic report 3 is computed for 23 January 2015."""
    state = a_state("USA")
    joins(state, on="2002-12-23")
    derive("2026-11-22", state)
    return state


def an_approver(username: str = "grace") -> Any:
    approver = an_officer(username)
    approver.user_permissions.add(Permission.objects.get(codename="confirm_committeedate"))
    return approver


def the_date(state: State, due: str = "2016-01-23") -> CommitteeDate:
    return CommitteeDate(
        state=state, kind="periodic", first_cycle=3, last_cycle=4, due_on=day(due),
        document="CRC/C/OPSC/USA/CO/2", decided_on=day("2013-02-01"),
    )  # fmt: skip


def enter(fact: CommitteeDate, by: Any) -> CommitteeDate:
    save_fact(fact, by=by, on=TODAY)
    return fact


def due(state: State, cycle: int = 3) -> str:
    return the_obligation(state, cycle).due_on.isoformat()


def as_it_stood(state: State) -> str:
    row = Obligation.objects.as_of(day("2015-06-01")).get(state=state, kind="periodic", cycle=3)
    return row.due.isoformat()


def test_a_date_that_one_person_enters_changes_nothing_yet(usa: State) -> None:
    date = enter(the_date(usa), an_officer("ada"))
    assert (date.awaits_confirmation, date.entered_by.username) == (True, "ada")
    assert (due(usa), as_it_stood(usa)) == ("2015-01-23", "2015-01-23")


def test_a_second_person_lets_it_take_effect(usa: State) -> None:
    date = enter(the_date(usa), an_officer("ada"))
    in_effect, found = confirm_date(date, by=an_approver(), on=TODAY)
    assert not in_effect.awaits_confirmation
    assert len(found.changed) == 2  # reports 3 and 4
    assert (due(usa), due(usa, 4), as_it_stood(usa)) == ("2016-01-23", "2016-01-23", "2016-01-23")
    latest = in_effect.history.first()
    assert (latest.history_user.username, latest.history_change_reason) == (
        "grace",
        "confirmed by a second person",
    )


def test_the_same_person_cannot_confirm_it(usa: State) -> None:
    grace = an_approver()
    date = enter(the_date(usa), grace)
    with pytest.raises(ValidationError, match="You entered this date"):
        confirm_date(date, by=grace, on=TODAY)
    assert due(usa) == "2015-01-23"


def test_only_an_approver_confirms_it(usa: State) -> None:
    date = enter(the_date(usa), an_officer("ada"))
    with pytest.raises(ValidationError, match="Only an approver"):
        confirm_date(date, by=an_officer("mary"), on=TODAY)
    assert due(usa) == "2015-01-23"


def test_it_is_confirmed_once(usa: State) -> None:
    date = enter(the_date(usa), an_officer("ada"))
    grace = an_approver()
    confirm_date(date, by=grace, on=TODAY)
    with pytest.raises(ValidationError, match="someone else"):
        confirm_date(date, by=grace, on=TODAY)


def test_a_correction_waits_beside_the_date_in_effect(usa: State) -> None:
    date = decides(usa, "2016-01-23")
    derive("2026-11-22", usa)
    date.due_on = day("2016-06-23")
    waiting = enter(date, an_officer("ada"))
    assert (waiting.corrects.due_on, due(usa)) == (day("2016-01-23"), "2016-01-23")
    in_effect, _ = confirm_date(waiting, by=an_approver(), on=TODAY)
    assert CommitteeDate.objects.get() == in_effect == waiting.corrects
    assert due(usa) == "2016-06-23"
    assert [version.due_on.isoformat() for version in in_effect.history.all()] == ["2016-06-23", "2016-01-23"]


def test_a_date_has_one_correction_at_a_time(usa: State) -> None:
    decides(usa, "2016-01-23")
    for month in ("05", "06"):
        date = CommitteeDate.objects.in_effect().get()
        date.due_on = day(f"2016-{month}-23")
        if month == "05":
            enter(date, an_officer("ada"))
    with pytest.raises(ValidationError, match="A correction of this date awaits confirmation already"):
        enter(date, an_officer("mary"))


def test_whoever_changes_what_waits_has_entered_it(usa: State) -> None:
    ada, grace = an_officer("ada"), an_approver()
    waiting = enter(the_date(usa), ada)
    waiting.due_on = day("2016-06-23")
    enter(waiting, grace)
    with pytest.raises(ValidationError, match="You entered this date"):
        confirm_date(waiting, by=grace, on=TODAY)
    assert CommitteeDate.objects.count() == 1


def test_nobody_who_has_ever_edited_it_confirms_it(usa: State) -> None:
    ada, grace = an_officer("ada"), an_approver()
    waiting = enter(the_date(usa), ada)
    waiting.due_on = day("2019-12-31")
    enter(waiting, grace)
    waiting.due_on = day("2016-06-23")
    enter(waiting, ada)
    with pytest.raises(ValidationError, match="You have edited this date"):
        confirm_date(waiting, by=grace, on=TODAY)
    assert due(usa) == "2015-01-23"
    confirm_date(waiting, by=an_approver("mary"), on=TODAY)
    assert due(usa) == "2016-06-23"


def test_a_date_in_effect_is_withdrawn_by_a_second_person_only(usa: State) -> None:
    ada, grace = an_officer("ada"), an_approver()
    date, _ = confirm_date(enter(the_date(usa), ada), by=grace, on=TODAY)
    with pytest.raises(ValidationError, match="Only an approver"):
        withdraw_fact(date, by=ada, on=TODAY)
    withdraw_fact(date, by=grace, on=TODAY)
    assert due(usa) == "2015-01-23"


def test_what_waits_is_withdrawn_by_whoever_entered_it(usa: State) -> None:
    ada = an_officer("ada")
    withdraw_fact(enter(the_date(usa), ada), by=ada, on=TODAY)
    assert not CommitteeDate.objects.exists()


def test_what_was_confirmed_meanwhile_is_not_withdrawn_by_whoever_entered_it(usa: State) -> None:
    ada = an_officer("ada")
    read_before = CommitteeDate.objects.get(pk=enter(the_date(usa), ada).pk)
    confirm_date(read_before, by=an_approver(), on=TODAY)
    assert read_before.awaits_confirmation
    with pytest.raises(ValidationError, match="Only an approver"):
        withdraw_fact(read_before, by=ada, on=TODAY)
    assert due(usa) == "2016-01-23"


def test_a_command_enters_at_once(usa: State) -> None:
    save_fact(the_date(usa), on=TODAY)
    assert due(usa) == "2016-01-23"


def test_one_pair_of_eyes_is_enough_where_the_setting_says_so(usa: State, settings: Any) -> None:
    settings.FOUR_EYES = False
    assert not enter(the_date(usa), an_officer("ada")).awaits_confirmation
    assert due(usa) == "2016-01-23"
