"""Late and non-reporting States in a real browser: alone, as it needs transactions of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories
from tests.web.conftest import load_shipped_facts

PASSWORD = "the-committee-meets-in-geneva"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1440, 360])
def test_the_page_in_a_browser(
    width: int, page: Page, axe: Callable[[Page], None], live_server: LiveServer
) -> None:
    load_shipped_facts()
    factories.an_officer("ada", password=PASSWORD, is_superuser=True)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/login/?next=/late/")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Late and non-reporting States")
    for address, rows in (
        ("/late/", 23),
        ("/late/?as_of=2012-05-31", None),
        ("/late/?region=EES", None),
        ("/participation/", None),
    ):
        page.goto(live_server.url + address)
        if rows:
            expect(page.locator("main tbody tr")).to_have_count(rows)
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wider) <= 0
        axe(page)
    page.goto(f"{live_server.url}/late/")
    page.emulate_media(media="print")
    assert page.locator("nav[aria-label=Main]").is_hidden()
    repeated = "getComputedStyle(document.querySelector('table.rows thead')).display"
    assert page.evaluate(repeated) == "table-header-group"
