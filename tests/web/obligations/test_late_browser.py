"""Late States and the reports in a real browser, on screen and on paper: alone, as it needs transactions of its own."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.depth import first
from tests.web.browser import overflow

SHOWN = {
    "/late/": ("Late and non-reporting States", 2),
    "/late/?kind=initial&as_of=2014-06-01": ("Late and non-reporting States", 1),
    "/reports/late/": ("Late and non-reporting States", 2),
    "/reports/participation/?as_of=2002-06-30": ("Participation", 34),
    "/reports/dossier/USA/": ("Dossier: United States of America (USA)", 7),
    "/reports/note/USA/": ("United States of America: reports under the Optional Protocol", 4),
}


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


@pytest.mark.django_db  # the only test here that asks for the database
def test_the_pages_looked_at_are_the_list_and_the_reports() -> None:
    found = {resolve(urlsplit(address).path).url_name for address in SHOWN}
    assert found == {"late", "report-late", "report-participation", "report-dossier", "report-note"}


@pytest.mark.parametrize("address", first(1, SHOWN))
def test_a_page_can_be_read_by_everybody(
    address: str, signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    heading, rows = SHOWN[address]
    signed.goto(site["url"] + address)
    expect(signed.locator("h1")).to_have_text(heading)
    assert rows in [
        table.locator("tbody tr:not(.group)").count() for table in signed.locator("table.rows").all()
    ]
    sound_in_every_look(signed)


def words_of(page: Any) -> str:
    """The words of a printed page, letter by letter: Chromium joins some of them."""
    return " ".join(unicodedata.normalize("NFKC", page.extract_text()).split())


# What is printed, and what is not.
PRINTED = {
    "/?as_of=2014-06-01": ("Without record: 71 initial reports", "Every State"),
    "/late/?as_of=2014-06-01&kind=initial": ("Malaysia", "Of the kind Initial reports"),
    "/states/USA/?as_of=2014-06-01": ("Timeline", "Treaty actions"),
    "/reports/late/?as_of=2014-06-01": ("In figures", "Overdue under 5 years: 1"),
    "/reports/participation/?as_of=2014-06-01": ("States parties", "Neither signatory nor party"),
    "/reports/dossier/USA/?as_of=2014-06-01": ("Why these dates", "/states/USA/history/)"),
}


@pytest.mark.more
@pytest.mark.parametrize("address", first(1, PRINTED))
def test_a_page_is_printed_without_its_frame_with_product_day_and_page_number(
    address: str, signed: Page, site: dict[str, Any]
) -> None:
    signed.goto(site["url"] + address)
    printed = PdfReader(io.BytesIO(signed.pdf(prefer_css_page_size=True)))
    pages = [words_of(page) for page in printed.pages]
    for number, text in enumerate(pages, 1):
        assert text.startswith("Article 12 tracker As of 1 June 2014")
        assert f"{number} / {len(pages)}" in text
    whole = " ".join(pages)
    assert all(words in whole for words in PRINTED[address])
    assert not any(words in whole for words in ("Obligations", "Search", "Sign out", "XLSX", "Back to today"))


@pytest.mark.more
def test_nothing_is_cut_off_on_paper_and_headers_stand_on_each_page(
    signed: Page, site: dict[str, Any]
) -> None:
    signed.goto(f"{site['url']}/reports/participation/")
    signed.emulate_media(media="print")
    signed.set_viewport_size({"width": 680, "height": 900})  # the width of A4 within its margins
    assert overflow(signed) <= 0
    scrolled = "[...document.querySelectorAll('.scroll')].filter(one => getComputedStyle(one).overflowX != 'visible')"
    assert signed.evaluate(f"{scrolled}.length") == 0
    printed = PdfReader(io.BytesIO(signed.pdf(prefer_css_page_size=True)))
    assert len(printed.pages) >= 4
    texts = [words_of(page) for page in printed.pages]
    assert all("State Code Signature Instrument Deposit In force Note" in text for text in texts[1:4])
