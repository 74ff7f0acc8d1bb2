"""The public view in a real browser: alone, as it needs transactions of its own."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import override_settings
from django.urls import resolve
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.audit.addresses import PUBLIC
from tests.depth import first
from tests.web.browser import OPPOSITE, overflow, tab_to
from tests.web.obligations.test_late_browser import words_of
from tracker.languages.known import ENGLISH, LANGUAGES

SHOWN = {
    "/public/": ("Participation and reports", 5 + 8),
    "/public/late/?as_of=2014-06-01": ("Late and non-reporting States", 1),
    "/public/states/USA/": ("United States of America USA", None),
    "/public/data/": ("Data", None),
}


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


@pytest.fixture(scope="module", autouse=True)
def switched_on() -> Iterator[None]:
    """The public view is on in this process, and so on the server in it."""
    with override_settings(PUBLIC_VIEW=True):
        yield


@pytest.mark.django_db  # the only test here that asks for the database
def test_the_pages_looked_at_are_all_public_pages() -> None:
    found = {resolve(address.partition("?")[0]).url_name for address in SHOWN}
    assert found == PUBLIC.keys() - {"public-data-file"}


@pytest.mark.parametrize("address", first(2, SHOWN))
def test_a_public_page_can_be_read_by_everybody(
    address: str, page: Page, site: dict[str, Any], sound_in_every_look: Callable[..., None]
) -> None:
    heading, rows = SHOWN[address]
    answer = page.goto(site["url"] + address)
    assert answer is not None
    assert answer.status == 200
    expect(page.locator("h1")).to_have_text(heading)
    for closed in page.locator("details").all():
        closed.evaluate("one => { one.open = true }")
    if rows is not None:
        expect(page.locator("main table.rows tbody tr")).to_have_count(rows)
    # That of a State has all that the others are made of, but the tiles, which the staff's first page has.
    looks = [] if "/states/" in address else [OPPOSITE]
    sound_in_every_look(page, *looks)
    assert page.context.cookies() == []


@pytest.mark.more
@pytest.mark.parametrize("code", [one.code for one in LANGUAGES if one != ENGLISH])
def test_a_public_page_fits_in_each_language(
    code: str, page: Page, site: dict[str, Any], sound: Callable[[Page], None]
) -> None:
    wide = []
    for address in SHOWN:
        page.goto(site["url"] + address.replace("/public/", f"/public/{code}/"))
        for width in (360, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            if (wider := overflow(page)) > 0:
                wide.append(f"{address} at {width} px: {wider} px wider than the window")
        if code in ("ar", "zh"):  # the one from right to left, the one with the narrowest words
            sound(page)
    assert wide == []
    page.get_by_role("link", name="English", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.context.cookies() == []


@pytest.mark.more
def test_what_cannot_be_told_is_said_readably(
    page: Page, site: dict[str, Any], complaints: list[str], sound: Callable[[Page], None]
) -> None:
    page.goto(site["url"] + "/public/?as_of=soon")
    expect(page.locator("h1")).to_have_text("Invalid day")
    assert [one.partition(" ")[0] for one in complaints if one[0].isdigit()] == ["400"]
    complaints.clear()
    sound(page)


@pytest.mark.more
def test_the_reasons_of_a_date_are_reached_with_the_keyboard(page: Page, site: dict[str, Any]) -> None:
    page.goto(site["url"] + "/public/late/?as_of=2014-06-01")
    tab_to(page, "Malaysia")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Malaysia MYS")
    assert page.url.endswith("/public/states/MYS/?as_of=2014-06-01")
    tab_to(page, "Why? initial report")
    page.keyboard.press("Enter")
    expect(page.locator("#owed-1 li").first).to_be_visible()
    expect(page.locator("#owed-1 li").last).to_contain_text("OPSC art. 12(1)")


@pytest.mark.more
def test_whose_reckoning_it_is_stands_on_paper_too(page: Page, site: dict[str, Any]) -> None:
    page.goto(site["url"] + "/public/states/USA/?as_of=2014-06-01")
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    text = " ".join(words_of(one) for one in printed.pages)
    assert text.startswith("Article 12 tracker As of 1 June 2014")
    assert "They are not a statement or a judgement of the Committee on the Rights of the Child." in text
    assert "Back to today" not in text
