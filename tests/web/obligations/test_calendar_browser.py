"""The calendar and its feeds in a real browser: the page itself, then axe, on a wide window and a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from playwright.sync_api import Page, expect

from tests import factories
from tests.depth import first
from tests.web.browser import is_the_page, tab_to, turn
from tests.web.conftest import TODAY
from tracker.registry.models import State
from tracker.web.obligations.urls import urlpatterns

MONTH = "/calendar/?view=month&on=2027-09"
YEAR = "/calendar/?view=year&on=2027"
CROWDED = "/calendar/?view=month&on=2004-01"
EMPTY = "/calendar/?view=month&on=1999-05"
FEEDS = "/calendar/feeds/"
HEADINGS = {
    MONTH: "Due dates in September 2027",
    YEAR: "Due dates in 2027",
    CROWDED: "Due dates in January 2004",
    EMPTY: "Due dates in May 1999",
    FEEDS: "Calendar feeds",
}
# Where a report has no date of its own yet, one that the Committee states is the only one.
UNDATED = ("treaty calendar", "to be communicated")
# Weeks of the table (weeks of the month), and reports listed.
ROWS = {MONTH: (5, 24), YEAR: (0, 41), CROWDED: (5, 16), EMPTY: (0, 0), FEEDS: (0, 0)}


@pytest.fixture(scope="module")
def site(site: dict[str, Any]) -> dict[str, Any]:
    """The server after a busy session: 24 reports asked for in September 2027, and 17 in the rest of that year."""
    undated = State.objects.filter(obligations__carried_by="CRC report", obligations__due_source__in=UNDATED)
    states = [State.objects.get(pk="PER"), *undated.exclude(pk="PER").order_by("pk").distinct()[:40]]
    rest = [f"2027-{month:02d}-01" for month in (10, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12)]
    busy = [f"2027-09-{at:02d}" for at in (2, 7, 13, 15, 20, 22, 27, 30)]
    for state, due in zip(states, [*rest, *rest[1:7], *busy * 3], strict=True):
        document = f"CRC/C/{state.pk}/CO/10"
        factories.decides(
            state, due, "2026-02-01", cycles="11-12", document=document, carried_by="CRC report"
        )
    factories.derive(TODAY.isoformat())
    return site


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


@pytest.mark.django_db  # the only test here that asks for the database
def test_the_pages_looked_at_are_all_those_of_the_calendar() -> None:
    found = {pattern.name for pattern in urlpatterns if str(pattern.pattern).startswith("calendar/")}
    assert {resolve(urlsplit(address).path).url_name for address in HEADINGS} == found


@pytest.mark.parametrize("address", first(1, HEADINGS))
def test_a_page_of_the_calendar(
    address: str, signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    signed.goto(site["url"] + address)
    weeks, reports = ROWS[address]
    is_the_page(signed, address, HEADINGS[address], weeks)
    expect(signed.locator("main .due")).to_have_count(reports)
    sound_in_every_look(signed)


@pytest.mark.more
def test_the_days_of_a_month_run_against_the_script_where_one_writes_from_right_to_left(
    signed: Page, site: dict[str, Any]
) -> None:
    signed.goto(site["url"] + MONTH)
    is_the_page(signed, MONTH, HEADINGS[MONTH])
    turn(signed, "light", "rtl", 1440)
    monday, sunday = (signed.locator("table.month th").nth(at).bounding_box() for at in (0, 6))
    assert monday["x"] > sunday["x"]  # type: ignore[index]


@pytest.mark.more
def test_on_a_phone_a_month_is_a_list_of_its_days(signed: Page, site: dict[str, Any]) -> None:
    signed.set_viewport_size({"width": 360, "height": 900})
    signed.goto(site["url"] + MONTH)
    expect(signed.locator("table.month td time:visible").first).to_have_text("Thursday 2 September 2027")
    expect(signed.locator("table.month td:visible")).to_have_count(8)
    expect(signed.locator("table.month th:visible")).to_have_count(0)


def test_the_calendar_is_turned_and_opened_with_the_keyboard(signed: Page, site: dict[str, Any]) -> None:
    signed.goto(site["url"] + MONTH)
    tab_to(signed, "October 2027, later")
    signed.keyboard.press("Enter")
    expect(signed.locator("h1")).to_have_text("Due dates in October 2027")
    tab_to(signed, "Peru")
    signed.keyboard.press("Enter")
    expect(signed.locator("h1")).to_have_text("Peru PER")


@pytest.mark.more
def test_the_addresses_are_made_and_answer(
    signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    signed.goto(site["url"] + FEEDS)
    signed.get_by_role("button", name="Create my addresses").click()
    expect(signed.get_by_role("heading", name="Your addresses")).to_be_visible()
    address = signed.get_by_label("All States").input_value()
    assert signed.request.get(address).headers["content-type"] == "text/calendar; charset=utf-8"
    sound_in_every_look(signed)
    signed.get_by_role("button", name="Disable the feeds").click()
    expect(signed.get_by_text("You have no addresses yet.")).to_be_visible()
    assert signed.request.get(address).status == 404


@pytest.mark.more
@pytest.mark.parametrize("address", first(1, [MONTH, YEAR]))
def test_the_calendar_prints_without_its_handles(address: str, signed: Page, site: dict[str, Any]) -> None:
    signed.goto(site["url"] + address)
    signed.emulate_media(media="print")
    for handle in ("nav[aria-label=Main]", ".turn", "details.filters"):
        assert signed.locator(handle).is_hidden(), handle
    expect(signed.locator("main .due").first).to_be_visible()


@pytest.mark.more
def test_a_full_month_prints_as_a_list_on_two_pages(signed: Page, site: dict[str, Any]) -> None:
    signed.goto(site["url"] + MONTH)
    assert re.findall(rb"/Count ([0-9]+)", signed.pdf(prefer_css_page_size=True)) == [b"2"]
