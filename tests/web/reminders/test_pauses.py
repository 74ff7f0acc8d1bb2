"""Reminders are paused and resumed from the page of a State."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.reminders.helpers import a_state_reporting
from tests.web.conftest import TODAY, in_role
from tests.web.pages import Element, all_of, links, messages, one_of, problems, read, table, words
from tracker.registry.models import State
from tracker.reminders.models import Pause, Reminder
from tracker.reminders.plan import plan

pytestmark = pytest.mark.django_db

STOP = "/states/NOR/pause/"


@pytest.fixture
def norway(db: None) -> State:
    """Its initial report falls due on 22 December 2026; one reminder about it waits."""
    state = factories.a_state("NOR")
    factories.joins(state, on="2024-11-22")
    factories.a_contact(state)
    factories.derive(TODAY.isoformat(), state)
    plan(TODAY)
    return state


def pause_of(state: State) -> str:
    return f"/obligations/{factories.the_obligation(state).pk}/pause/"


def the_page(client: Client, as_of: str = "") -> Element:
    return read(client.get("/states/NOR/", {"as_of": as_of} if as_of else {}))


def answers(**values: str) -> dict[str, str]:
    return {"until": "1 Mar 2027", "reason": "Letter of 20 November"} | values


def mails() -> list[tuple[str, str]]:
    return list(Reminder.objects.order_by("pk").values_list("state", "reason"))


def test_reminders_to_a_state_are_stopped_until_a_day_and_undone(norway: State, staff: Client) -> None:
    assert links(the_page(staff))["Pause reminders to this State"] == STOP
    page = read(staff.post(STOP, answers(), follow=True))
    assert messages(page) == ["Reminders to Norway are paused until 1 March 2027. 1 reminder cancelled. Undo"]
    assert table(page, "h-pauses") == [
        ["all reports", "22 November 2026", "1 March 2027", "Letter of 20 November", "ada",
         "in force End: all reports"],
    ]  # fmt: skip
    assert "reminders paused until 1 March 2027" in table(page, "h-owed")[0][3]
    assert mails() == [("cancelled", "paused; planned again when the pause is over")]
    undo = one_of(one_of(page, "ul", class_="messages"), "form").attributes["action"]
    page = read(staff.post(undo, follow=True))
    assert messages(page) == ["The pause has ended. Reminders are sent again. 1 reminder planned."]
    assert table(page, "h-pauses")[0][5] == "ended early, on 22 November 2026"
    assert mails() == [("planned", "")]
    assert Pause.objects.get().history.count() == 2


def test_a_report_is_paused(norway: State, staff: Client) -> None:
    assert links(the_page(staff))["Pause reminders: initial report"] == pause_of(norway)
    page = read(staff.get(pause_of(norway)))
    assert words(one_of(page, "h1")) == "Pause reminders: Norway, initial report"
    page = read(staff.post(pause_of(norway), answers(), follow=True))
    assert messages(page) == [
        "Reminders to Norway about the initial report are paused until 1 March 2027. 1 reminder cancelled. Undo"
    ]
    assert "Pause reminders: initial report" not in links(page)
    assert "Pause reminders to this State" in links(page)


@pytest.mark.parametrize(
    ("precision", "said"),
    [("year", "Due in 2026. No reminder"), ("day", "Due on 31 December 2026. No reminder")],
)
def test_a_report_under_the_crc_is_paused_by_its_year_or_its_day(
    precision: str, said: str, staff: Client
) -> None:
    state = a_state_reporting("JPN", "2026-12-31", precision=precision)
    obligation = factories.the_obligation(state, 6, "CRC report")
    assert said in words(one_of(read(staff.get(f"/obligations/{obligation.pk}/pause/")), "main"))


def test_what_has_no_date_cannot_be_paused(staff: Client) -> None:
    state = a_state_reporting("GAB", None, name="Gabon")
    obligation = factories.the_obligation(state, 0, "CRC report")
    page = read(staff.get(f"/obligations/{obligation.pk}/pause/", follow=True))
    assert messages(page) == [
        "Gabon: no reminders are sent about the next report under the CRC, so there is nothing to pause."
    ]


def test_the_page_as_of_an_earlier_day_knows_no_pause(norway: State, staff: Client) -> None:
    staff.post(STOP, answers())
    page = the_page(staff, "2026-11-21")
    assert all_of(page, "h2", id="h-pauses") == []
    assert "reminders paused" not in words(one_of(page, "main"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"until": "22 Nov 2026"}, "Enter a day after 22 November 2026: a pause must end in the future."),
        ({"reason": " "}, "Enter why reminders are paused."),
        ({"until": ""}, "Enter the day on which reminders start again."),
    ],
    ids=["today", "no reason", "no day"],
)
def test_what_cannot_be_is_told_and_nothing_is_paused(
    values: dict[str, str], message: str, norway: State, staff: Client
) -> None:
    found = problems(read(staff.post(STOP, answers(**values))))
    assert found == [message]
    assert mails() == [("planned", "")]
    assert not Pause.objects.exists()


def test_ending_what_is_over_changes_nothing(norway: State, staff: Client) -> None:
    staff.post(STOP, answers())
    address = f"/pauses/{Pause.objects.get().pk}/end/"
    staff.post(address)
    page = read(staff.post(address, follow=True))
    assert messages(page)[-1] == "No change: the pause was already over."


def test_an_editor_sees_pauses_and_makes_none(norway: State, staff: Client) -> None:
    staff.post(STOP, answers())
    editor: Any = in_role("Editor")
    page = the_page(editor)
    assert table(page, "h-pauses")[0][5] == "in force"
    assert not {"Pause reminders to this State", "Pause reminders: initial report"} & set(links(page))


def test_what_if_tells_the_pauses_that_hold_reminders_back(norway: State, staff: Client) -> None:
    staff.post(STOP, answers())
    staff.post(pause_of(norway), answers(until="1 Apr 2027"))
    received = {"kind": "initial", "first_cycle": "1", "last_cycle": "1", "received_on": "2026-11-20"}
    page = read(staff.get("/what-if/", {"suppose": "receipt", "state": "NOR"} | received))
    section = one_of(page, "section", aria_labelledby="h-reminders")
    assert sorted(words(one) for one in all_of(section, "p", class_="note")) == [
        "Reminders about the initial report are paused until 1 April 2027.",
        "Reminders to the State are paused until 1 March 2027.",
    ]
