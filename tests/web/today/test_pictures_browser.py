"""The pictures in a real browser: the map of tiles, the bars of the years, the timeline of a State."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from playwright.sync_api import Page, expect

from tests.depth import first
from tests.web.browser import is_the_page, overflow

# Each page with its heading, and the shapes that must be in its picture.
PICTURES: dict[str, tuple[str, dict[str, int]]] = {
    "/": ("Today", {".tiles a.tile": 197, ".bar-of-states rect": 9}),
    "/figures/": ("Figures", {".trend svg path[class^=stack-]": 5, ".bands rect": 1}),
    "/states/USA/": ("United States of America USA", {".timeline .flag": 12, ".timeline .due": 7}),
    "/states/NOR/": ("Norway NOR", {".timeline .flag": 9, ".timeline .badge-to-be-communicated": 1}),
    "/states/GAB/": ("Gabon GAB", {".timeline .due": 2, ".timeline .badge-not-recorded .gap": 1}),
    "/states/MYS/": ("Malaysia MYS", {".timeline .due": 1, ".timeline .lateness": 1}),
    "/states/KEN/": ("Kenya KEN", {".timeline .flag": 1, ".timeline .due": 0}),
}
STATES = [address for address in PICTURES if address.startswith("/states/")]
PRINTABLE = (680, 1009)  # of an upright A4 page within its margins, in pixels


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


@pytest.mark.django_db  # the only test here that asks for the database
def test_the_pages_looked_at_are_those_with_pictures() -> None:
    assert {resolve(urlsplit(address).path).url_name for address in PICTURES} == {"home", "figures", "state"}


def look_at(page: Page, address: str, site: dict[str, Any]) -> None:
    """Opens a page and checks that it is the expected one, with all the shapes of its picture."""
    heading, shapes = PICTURES[address]
    page.goto(site["url"] + address)
    is_the_page(page, address, heading)
    for shape, count in shapes.items():
        expect(page.locator(shape)).to_have_count(count)
    assert page.evaluate("[...document.styleSheets].some(one => one.href.endsWith('/css/pictures.css'))")


def turn(page: Page, direction: str) -> None:
    page.evaluate("direction => { document.documentElement.dir = direction }", direction)


@pytest.mark.parametrize("address", first(2, PICTURES))
def test_a_picture_can_be_read_by_everybody(
    address: str, signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    look_at(signed, address, site)
    for closed in signed.locator("main details").all()[:3]:
        closed.evaluate("one => { one.open = true }")
    sound_in_every_look(signed)


@pytest.mark.more
def test_every_tile_is_reached_in_the_order_of_the_map(signed: Page, site: dict[str, Any]) -> None:
    look_at(signed, "/", site)
    # From the box above the map on, each Tab leads to the next tile; a ring shows where one is.
    signed.get_by_label("Show as a list").focus()
    reached = []
    for _ in range(197):
        signed.keyboard.press("Tab")
        reached.append(
            signed.evaluate(
                "[document.activeElement.getAttribute('href'), getComputedStyle(document.activeElement).outlineStyle]"
            )
        )
    assert {outline for _, outline in reached} == {"solid"}
    drawn = signed.locator(".tiles a.tile").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert [href for href, _ in reached] == drawn
    signed.keyboard.press("Enter")
    expect(signed.locator("h1")).to_have_text("United States of America USA")


@pytest.mark.more
def test_all_tiles_are_of_one_size_and_big_enough_to_hit(signed: Page, site: dict[str, Any]) -> None:
    look_at(signed, "/", site)
    sizes = """all => [...new Set(all.map(one => {
        const box = one.getBoundingClientRect(); return `${box.width.toFixed(1)}x${box.height.toFixed(1)}`;
    }))]"""
    for width in (1440, 1024):
        signed.set_viewport_size({"width": width, "height": 900})
        (size,) = signed.locator(".tiles a.tile").evaluate_all(sizes)
        assert min(float(side) for side in size.split("x")) >= 24
    signed.set_viewport_size({"width": 360, "height": 900})
    (size,) = signed.locator(".tiles a.tile").evaluate_all(sizes)
    assert min(float(side) for side in size.split("x")) >= 40


@pytest.mark.more
def test_the_marks_of_the_map_stay_without_colours(signed: Page, site: dict[str, Any]) -> None:
    look_at(signed, "/", site)
    signed.emulate_media(forced_colors="active")
    mark = "one => getComputedStyle(one, '::before')"
    overdue, unknown = (
        signed.locator(".tiles .badge-overdue").first,
        signed.locator(".tiles .badge-no-record").first,
    )
    assert overdue.evaluate(f"one => ({mark})(one).backgroundColor") == "rgb(0, 0, 0)"
    assert "repeating-linear-gradient" in unknown.evaluate(f"one => ({mark})(one).backgroundImage")
    assert overdue.evaluate("one => getComputedStyle(one).borderTopWidth") == "1px"
    # A square that is open at its end, and so neither the dotted one nor the whole one.
    open_ended = signed.locator(".tiles .badge-not-recorded").first
    assert open_ended.evaluate(f"one => ({mark})(one).borderInlineEndColor") == "rgba(0, 0, 0, 0)"
    assert open_ended.evaluate(f"one => ({mark})(one).borderInlineStartColor") == "rgb(0, 0, 0)"
    assert open_ended.evaluate(f"one => ({mark})(one).borderInlineStartStyle") == "solid"


@pytest.mark.more
def test_the_map_prints_on_one_page(signed: Page, site: dict[str, Any]) -> None:
    look_at(signed, "/", site)
    signed.emulate_media(media="print")
    signed.set_viewport_size({"width": PRINTABLE[0], "height": PRINTABLE[1]})
    box = signed.locator("section.map").bounding_box()
    assert box is not None
    assert box["height"] < PRINTABLE[1]
    assert signed.locator("section.map").evaluate("one => getComputedStyle(one).breakInside") == "avoid"
    assert overflow(signed) == 0
    assert signed.locator(".frame .search").is_hidden()
    assert signed.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 2


@pytest.mark.more
def test_the_page_of_a_state_prints_lying_with_nothing_cut_off(signed: Page, site: dict[str, Any]) -> None:
    look_at(signed, "/states/USA/", site)
    signed.emulate_media(media="print")
    signed.set_viewport_size({"width": PRINTABLE[1], "height": PRINTABLE[0]})
    assert overflow(signed) == 0
    assert signed.locator(".neighbours").is_hidden()
    assert b"/MediaBox [0 0 841.91998 594.95996]" in signed.pdf(prefer_css_page_size=True)


@pytest.mark.more
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("address", first(2, STATES))
def test_no_words_of_a_timeline_overlap(
    address: str, direction: str, signed: Page, site: dict[str, Any]
) -> None:
    look_at(signed, address, site)
    turn(signed, direction)
    boxes = signed.locator(".timeline text").evaluate_all(
        """all => all.map(one => {
            const box = one.getBoundingClientRect();
            return [one.textContent, box.left, box.right, box.top + 3, box.bottom - 3];
        })"""
    )
    picture = signed.locator(".timeline").evaluate(
        "one => { const box = one.getBoundingClientRect(); return [box.left, box.right] }"
    )
    for at, (said, left, right, top, bottom) in enumerate(boxes):
        assert picture[0] <= left <= right <= picture[1], said
        for other, its_left, its_right, its_top, its_bottom in boxes[at + 1 :]:
            apart = right <= its_left or its_right <= left or bottom <= its_top or its_bottom <= top
            assert apart, f"“{said}” and “{other}”"


@pytest.mark.more
def test_time_runs_against_the_script_where_one_writes_from_right_to_left(
    signed: Page, site: dict[str, Any]
) -> None:
    look_at(signed, "/states/USA/", site)
    place = "all => all.map(one => one.getBoundingClientRect().left)"
    dots = signed.locator(".timeline .flag circle")
    onward = dots.evaluate_all(place)
    assert onward == sorted(onward)
    turn(signed, "rtl")
    turned = dots.evaluate_all(place)
    assert turned == sorted(turned, reverse=True)
    # The words themselves stay as they are.
    assert (
        signed.locator(".timeline .flag text").first.evaluate(
            "one => new DOMMatrix(getComputedStyle(one).transform).a"
        )
        == -1
    )


@pytest.mark.more
def test_a_wide_timeline_scrolls_in_its_own_region(signed: Page, site: dict[str, Any]) -> None:
    signed.set_viewport_size({"width": 360, "height": 900})
    look_at(signed, "/states/USA/", site)
    region = signed.locator(".time .scroll").first
    assert region.evaluate("one => one.scrollWidth > one.clientWidth")
    region.scroll_into_view_if_needed()
    expect(region.locator(".today-day")).to_be_in_viewport()
    region.focus()
    signed.keyboard.press("ArrowRight")
    expect(region).to_be_focused()
    assert overflow(signed) == 0


@pytest.mark.more
def test_a_due_date_of_the_timeline_leads_to_its_trail(signed: Page, site: dict[str, Any]) -> None:
    look_at(signed, "/states/USA/", site)
    signed.locator(".time summary").click()
    signed.get_by_role("link", name="periodic report 3 due").click()
    row = signed.locator("tr:target")
    expect(row.locator("td").first).to_have_text("periodic report 3")
    row.get_by_role("link", name="Why").click()
    expect(signed.locator(".reasons > ol li").last).to_contain_text("CRC/C/OPSC/USA/CO/2")


@pytest.mark.more
def test_the_twins_of_the_pictures_open_without_a_script(signed: Page, site: dict[str, Any]) -> None:
    look_at(signed, "/", site)
    signed.get_by_label("Show as a list").check()
    first_tile = signed.locator(".tiles a").first
    expect(first_tile).to_have_text("Algeria: initial report, no record", use_inner_text=True)
    look_at(signed, "/figures/", site)
    signed.get_by_text("Show as a table").click()
    expect(signed.locator(".trend-table")).to_be_visible()
    signed.locator(".trend-table a").first.click()
    expect(signed.locator("h1")).to_have_text("Obligations")
    assert "due_from=2004-01-01" in signed.url
