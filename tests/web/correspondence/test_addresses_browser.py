"""The pages about addresses in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import Page, expect

from tests.web.conftest import TODAY
from tracker.correspondence import address_links, addresses
from tracker.correspondence.models import Confirmation, Dispatch
from tracker.registry.models import Contact
from tracker.reminders.models import Mail


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


@pytest.fixture
def link(site: dict[str, Any], django_db_blocker: Any) -> str:
    """The link in the request to a focal point whose data were entered two years ago; others wait for approval."""
    with django_db_blocker.unblock(), override_settings(SITE_URL=site["url"], REMINDERS_APPROVAL="required"):
        Contact.history.update(history_date=datetime(2024, 11, 1, tzinfo=UTC))
        request = addresses.ask_due(TODAY)[0]
        mail = Mail.objects.create(
            recipient=request.recipient, subject="s", text="t", message_id="<ask@example.org>", sent_on=TODAY
        )
        Dispatch.objects.filter(pk=request.pk).update(
            state="sent", mail=mail, sent_at=datetime(2026, 11, 22, tzinfo=UTC)
        )
        return address_links.confirm_link(request, TODAY)


@pytest.mark.more
def test_a_contact_confirms_its_data_and_staff_see_who_has_not(
    page: Page,
    link: str,
    site: dict[str, Any],
    sound_in_every_look: Callable[[Page], None],
    django_db_blocker: Any,
) -> None:
    page.goto(link)
    expect(page.locator("h1")).to_have_text("Your data")
    sound_in_every_look(page)
    page.get_by_role("button", name="Send answer").click()
    expect(page.locator(".problem").last).to_have_text("Choose one of the three answers.")
    page.get_by_label("These data are right").check()
    page.get_by_role("button", name="Send answer").click()
    expect(page.locator("h1")).to_have_text("Thank you")
    with django_db_blocker.unblock():
        assert Confirmation.objects.count() == 1
    page.context.add_cookies([{"name": "sessionid", "value": site["session"], "url": site["url"]}])
    page.goto(f"{site['url']}/correspondence/unreachable/")
    expect(page.locator("h1")).to_have_text("States we cannot reach")
    sound_in_every_look(page)
    page.goto(f"{site['url']}/correspondence/addresses/")
    expect(page.get_by_role("button", name="Approve selected")).to_be_visible()
    sound_in_every_look(page)
    page.get_by_role("link", name="focal-point.").nth(1).click()
    expect(page.locator("pre.letter")).to_contain_text("Dear Focal point")
    sound_in_every_look(page)
