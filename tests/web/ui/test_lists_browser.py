"""A list in a real browser: updated in place, its address kept, and the same without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import is_the_page

MARK = "window.stillTheSamePage = true"
SAME = "window.stillTheSamePage === true"


@pytest.fixture(autouse=True)
def database(db: None) -> None:
    """Each test has a database, also when it runs alone."""


@pytest.fixture
def here(signed: Page, site: dict[str, Any]) -> Page:
    """The list of obligations, marked so that a reload would show."""
    signed.goto(f"{site['url']}/obligations/?per_page=25")
    is_the_page(signed, "/obligations/?per_page=25", "Obligations", 25)
    signed.evaluate(MARK)
    return signed


@pytest.fixture
def without_script(browser: Browser, site: dict[str, Any]) -> Iterator[Page]:
    """A signed-in user whose browser runs no JavaScript."""
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": site["session"], "url": site["url"]}])
    yield context.new_page()
    context.close()


def header(page: Page, text: str) -> Any:
    """The link in a column's header."""
    return page.locator("table.rows thead a").get_by_text(text)


def first_state(page: Page) -> Any:
    return page.locator("table.rows tbody th a").first


def test_sorting_exchanges_the_table_and_keeps_the_focus(here: Page) -> None:
    header(here, "State").press("Enter")
    expect(first_state(here)).to_have_text("Afghanistan")
    assert here.evaluate(SAME)
    assert here.url.endswith("/obligations/?per_page=25&sort=state")
    expect(header(here, "State")).to_be_focused()
    expect(here.locator("th[aria-sort=ascending]")).to_contain_text("State")
    expect(here.locator("#told")).to_have_text("364 reports under article 12, status on 22 November 2026.")


def test_filtering_goes_back_and_forth_with_the_browser(here: Page) -> None:
    here.get_by_text("Filter", exact=True).click()
    here.get_by_label("overdue", exact=True).check()
    here.get_by_role("button", name="Apply").click()
    expect(here.locator("p.says")).to_have_text("2 reports under article 12, status on 22 November 2026.")
    # Fields left empty stay away; no desk is every desk.
    assert here.url.endswith("/obligations/?desk=&status=overdue&per_page=25")
    assert here.title().startswith("Obligations")
    here.locator(".chosen a").click()
    expect(here.locator("p.says")).to_contain_text("364 reports")
    here.go_back()
    expect(here.locator("p.says")).to_contain_text("2 reports")
    here.go_back()
    expect(here.locator("p.says")).to_contain_text("364 reports")
    assert here.evaluate(SAME)
    here.go_forward()
    expect(here.locator("p.says")).to_contain_text("2 reports")


@pytest.mark.more
def test_a_page_further_on_begins_at_its_top(here: Page) -> None:
    here.get_by_role("link", name="Next").click()
    expect(here.locator("p.range")).to_have_text("Rows 26 to 50 of 364")
    expect(here.locator("table.rows tbody td.no").first).to_have_text("26")
    assert here.evaluate(SAME)
    assert here.evaluate("document.getElementById('list').getBoundingClientRect().top >= -1")


@pytest.mark.more
def test_columns_move_by_their_arrows_while_the_choice_stays_open(here: Page) -> None:
    here.get_by_text("Columns", exact=True).click()
    here.get_by_role("link", name="Due: one place earlier").click()
    expect(here.locator("table.rows thead th").nth(2)).to_contain_text("Due")
    expect(here.get_by_role("link", name="Due: one place earlier")).to_be_focused()
    assert here.evaluate(SAME)


@pytest.mark.more
def test_the_reasons_of_a_date_open_below_its_row_and_close(here: Page) -> None:
    why = here.get_by_role("link", name="Why?").first
    why.press("Enter")
    expect(here.locator("tr.reasons-row li").first).to_contain_text("deposited on")
    expect(why).to_have_attribute("aria-expanded", "true")
    expect(why).to_be_focused()
    why.press("Enter")
    expect(here.locator("tr.reasons-row")).to_have_count(0)
    assert here.evaluate(SAME)


@pytest.mark.more
def test_filter_columns_views_and_reasons_can_be_read_by_everybody(
    here: Page, sound_in_every_look: Callable[[Page], None]
) -> None:
    here.get_by_role("link", name="Why?").first.click()
    expect(here.locator("tr.reasons-row")).to_have_count(1)
    here.evaluate("document.querySelectorAll('details[data-key]').forEach(one => { one.open = true })")
    sound_in_every_look(here)


def test_why_a_date_is_that_date_can_be_read_by_everybody(
    here: Page, sound_in_every_look: Callable[[Page], None]
) -> None:
    here.goto(here.get_by_role("link", name="Why?").first.evaluate("one => one.href"))
    expect(here.locator("h1")).to_contain_text("why this date")
    expect(here.locator(".reasons li").nth(2)).to_be_visible()
    sound_in_every_look(here)


@pytest.mark.more
def test_a_link_to_a_state_leaves_the_list(here: Page) -> None:
    first_state(here).click()
    expect(here.locator("h1")).not_to_have_text("Obligations")
    assert not here.evaluate(SAME)


@pytest.mark.more
def test_a_list_that_cannot_be_fetched_is_gone_to(here: Page, site: dict[str, Any]) -> None:
    here.context.clear_cookies()  # the session ended in the meantime
    header(here, "State").click()
    expect(here.get_by_label("User name")).to_be_visible()
    assert "/login/?next=/obligations/" in here.url


@pytest.mark.more
def test_a_view_is_kept_and_opened_again(here: Page, site: dict[str, Any]) -> None:
    here.goto(f"{site['url']}/obligations/?status=overdue&sort=-due")
    here.get_by_text("Views", exact=True).click()
    here.get_by_label("Name", exact=True).fill("Overdue, latest first")
    here.get_by_role("button", name="Save view").click()
    expect(here.locator(".messages")).to_have_text("View “Overdue, latest first” saved.")
    here.goto(f"{site['url']}/obligations/")
    here.get_by_text("Views (1)", exact=True).click()
    here.get_by_role("link", name="Overdue, latest first").click()
    expect(here.locator("p.says")).to_contain_text("2 reports")


def test_all_of_it_works_without_script(without_script: Page, site: dict[str, Any]) -> None:
    page = without_script
    page.goto(f"{site['url']}/obligations/?per_page=25")
    header(page, "State").click()
    expect(first_state(page)).to_have_text("Afghanistan")
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("overdue", exact=True).check()
    page.get_by_label("waived").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".chosen a")).to_have_count(2)
    expect(page.locator("table.rows tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Why?").first.click()
    expect(page.locator("h1")).to_contain_text("why this date")
    expect(page.locator(".reasons li").first).to_contain_text("deposited on")
