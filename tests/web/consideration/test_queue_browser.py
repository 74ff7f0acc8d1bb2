"""The forecast of the queue in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser import is_the_page, tab_to


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


@pytest.mark.more
def test_a_session_is_cancelled_with_the_keyboard_alone(
    signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    signed.goto(f"{site['url']}/queue/")
    is_the_page(signed, "/queue/", "Forecast of the queue")
    expect(signed.locator("#rows tbody tr")).to_have_count(16)
    sound_in_every_look(signed)

    tab_to(signed, "Cancel a session")
    signed.keyboard.press("ArrowDown")
    tab_to(signed, "Show")
    signed.keyboard.press("Enter")
    expect(signed.get_by_role("columnheader", name="Likely then")).to_be_visible()
    expect(signed.locator("#id_cancel")).to_have_value("2027-01")
    sound_in_every_look(signed)

    signed.goto(f"{site['url']}/queue/?slots=0")
    expect(signed.locator("#id_slots_error")).to_have_text("Enter a whole number from 1 to 40.")
    sound_in_every_look(signed)
