"""“What if” asked and answered in a real browser: alone, as it needs transactions of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories
from tests.web.conftest import load_shipped_facts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [1440, 360])
def test_asked_and_answered_in_a_browser(
    width: int, page: Page, axe: Callable[[Page], None], live_server: LiveServer
) -> None:
    load_shipped_facts()
    factories.an_officer("ada", password="the-committee-meets-in-geneva", is_superuser=True)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/login/?next=/what-if/")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill("the-committee-meets-in-geneva")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("What if")
    axe(page)

    page.get_by_label("State", exact=False).last.select_option("NOR")
    page.get_by_role("link", name="Submission withdrawn").click()
    page.locator("#id_state").select_option("NOR")
    page.get_by_role("button", name="Show").last.click()
    expect(page.locator("#id_submission_error")).to_have_text("Choose one of the State’s submissions.")
    axe(page)
    page.locator("#id_submission").select_option(index=1)
    page.get_by_role("button", name="Show").last.click()
    expect(page.locator("[aria-labelledby=h-dates] tbody tr")).to_have_count(7)
    page.get_by_text("Why?").first.click()
    expect(page.locator("details[open] li").last).to_have_text(
        "OPSC art. 12(1): Initial report within two years of entry into force, by 18 January 2004."
    )
    axe(page)
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wider) <= 0
