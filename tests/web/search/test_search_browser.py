"""The search of the header in a real browser: with the mouse, by keyboard alone, and without a script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import overflow


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


def test_suggestions_are_used_by_mouse_and_by_keyboard(
    signed: Page, site: dict[str, Any], sound: Callable[[Page], None]
) -> None:
    signed.goto(f"{site['url']}/participation/?as_of=2009-05-31")
    signed.wait_for_load_state()
    signed.keyboard.press("/")
    field = signed.get_by_role("combobox", name="Search")
    expect(field).to_be_focused()
    signed.keyboard.type("opsc/usa")
    options = signed.get_by_role("option")
    expect(options).to_have_count(5)
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(signed.locator("form.search output")).to_have_text("4 suggestions")
    signed.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", "suggestion-documents-1")
    sound(signed)
    signed.set_viewport_size({"width": 360, "height": 800})
    assert overflow(signed) <= 0
    signed.set_viewport_size({"width": 1280, "height": 800})
    signed.keyboard.press("ArrowUp")  # back in the field, then to the last one
    expect(field).not_to_have_attribute("aria-activedescendant", "suggestion-documents-1")
    signed.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    signed.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(field).to_have_value("opsc/usa")
    signed.keyboard.press("ArrowDown")
    signed.keyboard.press("ArrowDown")
    signed.keyboard.press("Enter")
    signed.wait_for_url("**/states/USA/?as_of=2009-05-31#h-reports")

    field.fill("kyrgystan")
    signed.get_by_role("option", name="Kyrgyzstan").click()
    signed.wait_for_url("**/states/KGZ/?as_of=2009-05-31")
    field.fill("norw")
    expect(options.first).to_be_visible()
    signed.locator("footer").click()  # elsewhere: they close
    expect(options).to_have_count(0)


def test_a_symbol_and_enter_lead_to_the_report_without_a_script(
    site: dict[str, Any], browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": site["session"], "url": site["url"]}])
    page = context.new_page()
    page.goto(f"{site['url']}/participation/")
    page.get_by_role("searchbox", name="Search").fill("crc/c/opsc/usa/1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/states/USA/#h-reports")
    page.get_by_role("searchbox", name="Search").fill("focal")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=focal&go=1")
    page.get_by_text("Show 40 more").click()
    expect(page.get_by_role("link", name="Focal point, Cuba")).to_be_visible()
    context.close()


@pytest.mark.looks
def test_the_results_are_accessible_in_every_look(
    signed: Page, site: dict[str, Any], sound_in_every_look: Callable[..., None]
) -> None:
    signed.goto(f"{site['url']}/search/?q=focal")
    expect(signed.get_by_role("heading", level=2).first).to_have_text("Contacts more than 50")
    sound_in_every_look(signed)
