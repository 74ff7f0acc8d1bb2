"""The desk officer who gets mail: the State's own or, if none is named, that of its regional group."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import a_contact, a_state, an_officer, day, derive, joins
from tracker.registry.desks import Desks, on_desk_of
from tracker.registry.models import RegionDesk, State
from tracker.reminders.models import Reminder, ReminderRule
from tracker.reminders.plan import plan

pytestmark = pytest.mark.django_db

TODAY = day("2026-11-22")


def a_party(iso3: str, region: str, officer: Any = None) -> State:
    """A State whose initial report has been overdue since 23 January 2005."""
    state = a_state(iso3, region=region, desk_officer=officer)
    joins(state, on="2002-12-23")
    derive("2026-11-22", state)
    return state


def desk(region: str, officer: Any) -> None:
    RegionDesk.objects.create(region=region, officer=officer)


def followed_by(user: Any) -> list[str]:
    return list(State.objects.filter(on_desk_of(user.get_username())).values_list("pk", flat=True))


def test_a_region_is_followed_by_its_officer_but_for_states_with_one_of_their_own() -> None:
    ada, grace = an_officer("ada"), an_officer("grace")
    desk("WEOG", ada)
    norway, sweden = a_party("NOR", "WEOG"), a_party("SWE", "WEOG", grace)
    a_party("BEN", "AFR")
    assert (followed_by(ada), followed_by(grace)) == (["NOR"], ["SWE"])
    desks = Desks.read()
    assert [desks.officer_of(state) for state in (norway, sweden)] == [ada, grace]
    assert desks.officer_of(State.objects.get(pk="BEN")) is None


def test_a_region_that_changes_hands_is_written_to_the_new_officer() -> None:
    desk("WEOG", an_officer("ada"))
    a_party("NOR", "WEOG")
    ReminderRule.objects.update(audience="desk")
    plan(TODAY)
    RegionDesk.objects.update(officer=an_officer("grace"))
    assert {row.recipient for row in plan(TODAY).planned} == {"grace@example.org"}
    cancelled = Reminder.objects.filter(state="cancelled")
    assert {row.recipient for row in cancelled} == {"ada@example.org"}


def test_a_plan_for_one_state_leaves_the_others_alone() -> None:
    for iso3 in ("NOR", "SWE"):
        a_contact(a_party(iso3, "WEOG"), f"{iso3.lower()}@example.org")
    assert {row.recipient for row in plan(TODAY, states=["NOR"]).planned} == {"nor@example.org"}
    assert {row.recipient for row in plan(TODAY).planned} == {"swe@example.org"}
