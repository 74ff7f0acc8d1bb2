"""The page about the clock: the alarm, the rows dated after today, and the one act that settles both."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, in_role
from tests.web.pages import all_of, messages, one_of, problems, read, words
from tracker.reminders.models import ClockAlarm, OutboxAct, Reminder
from tracker.reminders.plan import plan
from tracker.reminders.tasks import scan

pytestmark = pytest.mark.django_db

PAGE = "/reminders/clock/"
THREE_YEARS = timedelta(days=1096)


@pytest.fixture
def jumped(clock: Any) -> None:
    """One scan three years ahead, and one after the clock was set right."""
    state = factories.a_state("NOR")
    factories.joins(state, on="2025-04-10")
    factories.a_contact(state, "nor@example.org")
    factories.derive(TODAY.isoformat())
    scan()
    clock.shift(THREE_YEARS)
    scan()
    clock.shift(timedelta(hours=1) - THREE_YEARS)
    scan()


def seen(client: Client) -> str:
    return str(one_of(read(client.get(PAGE)), "input", name="seen").attributes["value"])


def sent(client: Client, **more: str) -> Any:
    said = {"reason": "The worker's clock was set right.", "right": "on", "seen": seen(client)} | more
    return read(client.post(PAGE, said, follow=True))


@pytest.mark.usefixtures("each_page_has_its_own_footer")
def test_the_page_shows_the_alarm_and_the_rows_and_every_page_leads_to_it(
    jumped: None, staff: Client
) -> None:
    page = read(staff.get(PAGE))
    text = words(one_of(page, "main"))
    assert "The clock of this server shows 22 November 2026, 10:00 UTC." in text
    assert (
        "The scan of 22 November 2029, 09:00 UTC was far from the one before, of 22 November 2026, 09:00 UTC."
        in text
    )
    assert "1 reminder is dated after today." in text
    assert len(all_of(one_of(page, "tbody"), "tr")) == 1
    notice = one_of(read(staff.get("/reminders/")), "div", class_="stuck")
    assert {link.attributes["href"] for link in all_of(notice, "a")} == {PAGE}


@pytest.mark.usefixtures("each_page_has_its_own_footer")
def test_an_approver_confirms_with_a_reason_and_both_are_settled(jumped: None) -> None:
    client = in_role("Approver")
    assert messages(sent(client)) == ["Confirmed: the clocks are right. 1 reminder was voided."]
    alarm = ClockAlarm.objects.get()
    assert (alarm.cleared_by, alarm.outcome) == ("rolf", "The worker's clock was set right.")
    act = OutboxAct.objects.get(what="void")
    assert (act.by, act.reason, act.reminders.count()) == ("rolf", "The worker's clock was set right.", 1)
    text = words(one_of(read(client.get(PAGE)), "main"))
    assert "No alarm is open, and no reminder is dated after today." in text
    assert "confirmed by rolf on 22 November 2026, 10:00 UTC: The worker's clock was set right." in text
    assert not all_of(read(client.get("/")), "div", class_="stuck")


def test_without_a_reason_or_the_confirmation_nothing_changes(jumped: None, staff: Client) -> None:
    assert problems(sent(staff, reason="", right="")) == [
        "Enter a reason. It is recorded with each of these reminders.",
        "Confirm that the clocks are right, or correct them first.",
    ]
    assert ClockAlarm.objects.filter(cleared_at=None).exists()


def test_a_list_that_changed_meanwhile_is_shown_again(jumped: None, staff: Client) -> None:
    mark = seen(staff)
    plan(TODAY + 2 * THREE_YEARS, today=TODAY)
    (said,) = messages(sent(staff, seen=mark))
    assert said.startswith("Nothing was changed: the list has changed meanwhile.")
    assert not OutboxAct.objects.exists()


def test_others_only_read(jumped: None) -> None:
    editor = in_role("Editor")
    page = read(editor.get(PAGE))
    assert not all_of(page, "input", name="reason")
    assert "An approver can confirm that the clocks are right." in words(one_of(page, "main"))
    assert editor.post(PAGE, {"reason": "x", "right": "on"}).status_code == 403
    assert Reminder.objects.filter(stage_on__gt=TODAY).exclude(state="cancelled").exists()


def test_an_approver_of_another_desk_settles_nothing(jumped: None, settings: Any) -> None:
    settings.DESK_LIMITS = True
    client = in_role("Approver")
    said = {"reason": "x", "right": "on", "seen": seen(client)}
    assert client.post(PAGE, said).status_code == 403
