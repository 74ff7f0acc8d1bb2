"""Today and the page of what one follows, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser import tab_to


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


def test_the_first_screen_has_a_picture_and_what_to_do_first(signed: Page, site: dict[str, Any]) -> None:
    for width, height in ((1440, 900), (390, 844)):
        signed.set_viewport_size({"width": width, "height": height})
        signed.goto(site["url"])
        expect(signed.locator(".bar-of-states")).to_be_in_viewport(ratio=1)
        expect(signed.get_by_role("heading", name="What to do first")).to_be_in_viewport(ratio=1)
    signed.set_viewport_size({"width": 1440, "height": 900})
    expect(signed.locator(".tiles").first).to_be_in_viewport(ratio=1)


def test_a_tile_says_its_name_when_the_keyboard_or_the_pointer_is_on_it(
    signed: Page, site: dict[str, Any]
) -> None:
    signed.goto(site["url"])
    said, other = (signed.locator(f"a.tile[href='/states/{code}/'] > span") for code in ("DZA", "AGO"))
    seen = "one => one.getBoundingClientRect().width > 100"
    assert not said.evaluate(seen)
    signed.get_by_label("Show as a list").focus()
    signed.keyboard.press("Tab")
    assert said.evaluate(seen)
    signed.locator("a.tile[href='/states/AGO/']").hover()
    assert other.evaluate(seen)
    # Nothing lies over it, and it covers no other tile.
    assert signed.evaluate(
        """() => {
            const box = document.querySelector("a.tile:hover > span").getBoundingClientRect();
            const top = document.querySelector(".blocks h3").getBoundingClientRect().top;
            return box.bottom <= top;
        }"""
    )


def test_whoever_follows_nothing_chooses_by_keyboard_and_sees_it_at_once(
    signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    signed.goto(site["url"])
    tab_to(signed, "choose regions or States")
    signed.keyboard.press("Enter")
    expect(signed.locator("h1")).to_have_text("What you follow")
    tab_to(signed, "Eastern European States (23 States)")
    signed.keyboard.press("Space")
    tab_to(signed, "African States")
    signed.keyboard.press("Enter")
    tab_to(signed, "Algeria")
    signed.keyboard.press("Space")
    sound_in_every_look(signed)
    signed.get_by_role("button", name="Save").press("Enter")
    expect(signed.locator(".messages")).to_have_text("You follow 24 States.")
    expect(signed.locator(".tiles a.tile")).to_have_count(24)
    sound_in_every_look(signed)
    signed.goto(f"{site['url']}/follow/")
    signed.locator("input:checked").evaluate_all("all => all.forEach(one => one.click())")
    signed.get_by_role("button", name="Save").click()
    expect(signed.get_by_text("You follow no desk yet:")).to_be_visible()
