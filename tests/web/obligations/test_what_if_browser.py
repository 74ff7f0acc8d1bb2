"""“What if” in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser import is_the_page


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


@pytest.mark.more
def test_asked_and_answered_in_a_browser(
    signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    signed.goto(f"{site['url']}/what-if/")
    is_the_page(signed, "/what-if/", "What if")
    sound_in_every_look(signed)

    signed.get_by_label("State", exact=False).last.select_option("NOR")
    signed.get_by_role("link", name="Submission withdrawn").click()
    signed.locator("#id_state").select_option("NOR")
    signed.get_by_role("button", name="Show").last.click()
    expect(signed.locator("#id_submission_error")).to_have_text("Choose one of the State’s submissions.")
    sound_in_every_look(signed)
    signed.locator("#id_submission").select_option(index=1)
    signed.get_by_role("button", name="Show").last.click()
    expect(signed.locator("[aria-labelledby=h-dates] tbody tr")).to_have_count(3)
    signed.get_by_text("Why?").first.click()
    expect(signed.locator("details[open] li").last).to_have_text(
        "OPSC art. 12(1): Initial report within two years of entry into force, by 18 January 2004."
    )
    sound_in_every_look(signed)
