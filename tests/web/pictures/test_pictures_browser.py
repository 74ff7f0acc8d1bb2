"""The pictures in a real browser: read by everybody, mirrored, by keyboard, on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.depth import first
from tests.web.browser import is_the_page, overflow, tab_to
from tests.web.pictures.reading import ADDRESSES

pytestmark = pytest.mark.looks
HEADINGS = {
    "/pictures/parties/": "States parties over time",
    "/pictures/initial-reports/": "From deposit to initial report",
    "/pictures/lateness/": "From due date to receipt",
    "/pictures/regions/": "Timeliness by regional group",
    "/pictures/ahead/?as_of=2009-05-31": "The next 24 months",
}


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


def look_at(page: Page, address: str, site: dict[str, Any]) -> None:
    page.goto(site["url"] + address)
    is_the_page(page, address, HEADINGS[address])
    expect(page.locator("main svg.picture").first).to_be_visible()


def test_every_picture_is_looked_at() -> None:
    assert [address.split("/")[2] for address in HEADINGS] == ADDRESSES


@pytest.mark.parametrize("address", first(2, HEADINGS))
def test_a_picture_can_be_read_by_everybody(
    address: str, signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    look_at(signed, address, site)
    sound_in_every_look(signed)


@pytest.mark.more
def test_time_runs_from_right_to_left_where_one_writes_so(signed: Page, site: dict[str, Any]) -> None:
    place = "all => all.map(one => one.getBoundingClientRect().left)"
    look_at(signed, "/pictures/parties/", site)
    columns, names = signed.locator(".picture a rect"), signed.locator(".picture text.middle")
    assert columns.evaluate_all(place) == sorted(columns.evaluate_all(place))
    signed.evaluate("document.documentElement.dir = 'rtl'")
    assert columns.evaluate_all(place) == sorted(columns.evaluate_all(place), reverse=True)
    # The numbers themselves are not mirrored.
    assert names.first.evaluate("one => new DOMMatrix(getComputedStyle(one).transform).a") == -1


@pytest.mark.more
def test_a_mark_is_reached_by_keyboard_and_leads_to_its_state(signed: Page, site: dict[str, Any]) -> None:
    look_at(signed, "/pictures/initial-reports/", site)
    signed.locator(".picture a").last.focus()
    mark = signed.locator(".picture a:focus > path")
    assert mark.evaluate("one => getComputedStyle(one).strokeWidth") == "3px"
    signed.keyboard.press("Enter")
    expect(signed.locator("h1")).to_have_text("Indonesia IDN")


@pytest.mark.more
def test_the_table_is_one_skip_away(signed: Page, site: dict[str, Any]) -> None:
    look_at(signed, "/pictures/initial-reports/", site)
    tab_to(signed, "Skip to the table")
    signed.keyboard.press("Enter")
    assert signed.url.endswith("#rows")


@pytest.mark.more
@pytest.mark.parametrize("address", HEADINGS)
def test_nothing_of_a_picture_is_cut_off_on_paper(address: str, signed: Page, site: dict[str, Any]) -> None:
    look_at(signed, address, site)
    signed.emulate_media(media="print")
    lying = signed.locator("table.wide").count() > 0
    signed.set_viewport_size({"width": 1009 if lying else 680, "height": 680 if lying else 1009})
    assert overflow(signed) == 0
    expect(signed.locator("main .neighbours")).to_be_hidden()
