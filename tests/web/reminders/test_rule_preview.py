"""The preview of a changed rule shows its effect on the next 90 days."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, in_role
from tests.web.pages import all_of, one_of, read, version_shown, words
from tracker.reminders.models import Reminder, ReminderRule

pytestmark = pytest.mark.django_db

ADD = "/admin/reminders/reminderrule/add/"


@pytest.fixture
def norway(db: None) -> None:
    """Its initial report falls due on 22 January 2027: reminders at once, on 22 December and on the day."""
    state = factories.a_state("NOR")
    factories.joins(state, on="2024-12-22")
    factories.a_contact(state)
    factories.derive(TODAY.isoformat(), state)


def change(months: int) -> str:
    return f"/admin/reminders/reminderrule/{ReminderRule.objects.get(months=months).pk}/change/"


def answers(months: int, **values: str) -> dict[str, str]:
    usual = {"months": str(months), "days": "0", "repeats": "0", "active": "on", "audience": "contacts"}
    return {name: text for name, text in (usual | values | {"_preview": "1"}).items() if text}


def told(answer: Any) -> list[str]:
    """The two counts, and their texts."""
    section = one_of(read(answer), "section", class_="effects")
    return [words(one) for one in (*all_of(section, "dd"), all_of(section, "p")[0])]


SPAN = "From 22 November 2026 to 20 February 2027, if nothing else changes. Nothing is saved yet."


def test_a_new_rule_is_counted_and_not_saved(norway: None, staff: Client) -> None:
    answer = staff.post(ADD, answers(0, days="-14"))
    assert told(answer) == ["3", "4", SPAN]
    assert ReminderRule.objects.count() == 10
    # The form still has what was entered.
    assert one_of(read(answer), "input", name="days").attributes["value"] == "-14"
    assert not Reminder.objects.exists()


def test_a_rule_switched_off_is_counted_out(norway: None, staff: Client) -> None:
    sent = answers(-1, active="") | version_shown(staff, change(-1))
    answer = staff.post(change(-1), sent)
    assert told(answer) == ["3", "2", SPAN]
    assert ReminderRule.objects.get(months=-1).active


def test_a_rule_that_is_moved_keeps_its_name_until_it_is_saved(norway: None, staff: Client) -> None:
    page = read(staff.post(change(-1), answers(2) | version_shown(staff, change(-1))))
    assert "1 month before" in words(one_of(page, "div", class_="breadcrumbs"))


def test_what_cannot_be_is_told_instead(norway: None, staff: Client) -> None:
    answer = staff.post(ADD, answers(-6))
    assert all_of(read(answer), "section", class_="effects") == []
    assert "There is already a rule for this day and kind." in words(one_of(read(answer), "main"))
    assert ReminderRule.objects.count() == 10


def test_who_may_not_change_a_rule_is_not_shown_the_button(norway: None) -> None:
    editor: Any = in_role("Editor")
    assert all_of(read(editor.get(change(-1))), "button", name="_preview") == []
    assert editor.post(change(-1), answers(-1)).status_code == 403
