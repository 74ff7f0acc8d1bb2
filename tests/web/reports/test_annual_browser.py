"""The figures for the annual report in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser import is_the_page, overflow

pytestmark = [pytest.mark.looks, pytest.mark.more]
ADDRESS = "/annual-report/?since=2024-01-01&until=2024-12-31"


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


def test_the_figures_can_be_read_by_everybody(
    signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    signed.goto(site["url"] + ADDRESS)
    is_the_page(signed, ADDRESS, "Figures for the annual report")
    expect(signed.locator("main svg.picture")).to_be_visible()
    sound_in_every_look(signed)


def test_another_period_is_chosen_by_keys_and_nothing_is_cut_off_on_a_phone(
    signed: Page, site: dict[str, Any]
) -> None:
    signed.set_viewport_size({"width": 390, "height": 800})
    signed.goto(site["url"] + ADDRESS)
    assert overflow(signed) == 0
    signed.get_by_text("Another period").focus()
    signed.keyboard.press("Enter")
    signed.get_by_role("textbox", name="From:").fill("2022-01-01")
    signed.get_by_role("textbox", name="From:").press("Enter")
    expect(signed.locator("#h-period")).to_have_text("1 January 2022 to 31 December 2024")
