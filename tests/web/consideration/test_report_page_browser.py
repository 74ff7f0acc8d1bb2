"""The page of a report, and its line on the page of the State, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser import tab_to

pytestmark = pytest.mark.more


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


def test_a_report_can_be_read_by_everybody_and_reached_by_keyboard(
    signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    signed.goto(f"{site['url']}/states/USA/")
    tab_to(signed, "Periodic report 5", most=90)
    signed.keyboard.press("Enter")
    expect(signed.locator("h1")).to_have_text("United States of America: periodic report 5")
    expect(signed.locator(".life [aria-current=step]")).to_have_text("List of issues next step")
    sound_in_every_look(signed)


def test_the_line_lies_on_a_wide_screen_and_stands_on_a_phone(signed: Page, site: dict[str, Any]) -> None:
    signed.goto(f"{site['url']}/states/USA/")

    def places(width: int) -> tuple[int, int]:
        """In how many columns and rows the eight steps are."""
        signed.set_viewport_size({"width": width, "height": 900})
        boxes = [one.bounding_box() for one in signed.locator(".life li").all()]
        found = [(round(one["x"]), round(one["y"])) for one in boxes if one]
        return len({x for x, _ in found}), len({y for _, y in found})

    assert (places(1440), places(800), places(390)) == ((8, 1), (4, 2), (1, 8))
