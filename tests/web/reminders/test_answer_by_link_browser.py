"""The answer page and the tasks in a real browser: separate, as they need transactions of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import Page, expect

from tests.web.browser import tab_to
from tests.web.conftest import TODAY
from tracker.reminders import links
from tracker.reminders.models import Mail, Reminder, StaffTask


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


@pytest.mark.django_db  # the only test here that asks for the database
def test_nobody_has_answered_yet() -> None:
    assert not StaffTask.objects.exists()


@pytest.fixture
def link(site: dict[str, Any], django_db_blocker: Any) -> str:
    """The link in the mail that was sent first."""
    with django_db_blocker.unblock(), override_settings(SITE_URL=site["url"]):
        mail = Mail.objects.get(pk=site["mail"])
        rows = list(Reminder.objects.filter(mail=mail).select_related("contact"))
        return links.answer_link(mail.message_id, rows, TODAY)


@pytest.mark.more
def test_a_contact_answers_with_the_keyboard_and_staff_settle_the_task(
    page: Page,
    link: str,
    site: dict[str, Any],
    complaints: list[str],
    sound_in_every_look: Callable[[Page], None],
) -> None:
    referers: list[str] = []
    page.on("request", lambda asked: referers.append(asked.all_headers().get("referer", "")))
    page.goto(link)
    expect(page.locator("h1")).to_have_text("Answer to our mail")
    sound_in_every_look(page)
    tab_to(page, "It was sent on the day below")
    page.keyboard.press("Space")
    tab_to(page, "Send answer")
    page.keyboard.press("Enter")
    expect(page.locator(".problem").last).to_contain_text("the day on which it was sent.")
    sound_in_every_look(page)
    page.get_by_label("Day:", exact=True).fill("3 Nov 2026")
    page.get_by_label("Remark").fill("By courier")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Thank you")
    sound_in_every_look(page)
    # The address with the secret was not sent to any other page.
    assert not [one for one in referers if "/answer/" in one]

    page.context.add_cookies([{"name": "sessionid", "value": site["session"], "url": site["url"]}])
    page.goto(f"{site['url']}/states/")
    page.get_by_role("link", name="Tasks (1)").click()
    expect(page.locator("main tbody tr")).to_have_count(1)
    sound_in_every_look(page)
    page.get_by_role("link", name="it was sent on 3 November 2026.").click()
    expect(page.locator("h1")).to_contain_text("it was sent on 3 November 2026.")
    sound_in_every_look(page)
    page.get_by_label("Outcome").fill("Recorded")
    page.get_by_role("button", name="Settle the task").click()
    expect(page.locator("ul.messages")).to_contain_text("The task is settled.")
    sound_in_every_look(page)
    assert complaints == []
