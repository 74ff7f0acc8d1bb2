"""What takes longer than a second says that it is under way."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


def test_a_file_that_takes_long_says_so_and_is_saved(signed: Page, site: dict[str, Any]) -> None:
    waiting: list[Route] = []
    signed.route("**/*_export=csv*", lambda route: waiting.append(route))  # noqa: PLW0108 - Playwright takes no method of a list
    signed.goto(f"{site['url']}/obligations/?state=USA")
    bar = signed.locator(".under-way")
    expect(bar).to_be_hidden()
    with signed.expect_download() as download:
        signed.get_by_role("link", name="CSV").click()
        expect(bar.get_by_role("status")).to_have_text("Preparing the file …")
        waiting[0].continue_()
    assert download.value.suggested_filename == "obligations-2026-11-22.csv"
    assert download.value.path().read_bytes().startswith("\ufeffState,Alpha-3,".encode())
    expect(bar).to_be_hidden()


@pytest.mark.more
def test_a_file_can_be_stopped_and_a_quick_one_shows_nothing(signed: Page, site: dict[str, Any]) -> None:
    signed.route("**/*_export=json*", lambda route: None)
    signed.goto(f"{site['url']}/obligations/?state=USA")
    signed.get_by_role("link", name="JSON").click()
    signed.get_by_role("button", name="Stop").click()
    expect(signed.locator(".under-way")).to_be_hidden()
    with signed.expect_download():
        signed.get_by_role("link", name="XLSX").click()
    assert signed.url.endswith("/obligations/?state=USA")


@pytest.mark.more
def test_a_page_that_takes_long_says_so_until_it_comes(signed: Page, site: dict[str, Any]) -> None:
    # With this answer a browser stays where it is; while it waits for another page, Playwright reads none.
    signed.route("**/participation/", lambda route: route.fulfill(status=204))
    signed.goto(f"{site['url']}/obligations/")
    signed.get_by_role("link", name="Participation").click(no_wait_after=True)
    bar = signed.locator(".under-way")
    expect(bar.get_by_role("status")).to_have_text("Working …")
    signed.evaluate("dispatchEvent(new Event('pageshow'))")
    expect(bar).to_be_hidden()
