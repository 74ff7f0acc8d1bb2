"""Signing in with a second factor, and being locked out, in a real browser without JavaScript."""

from __future__ import annotations

from base64 import b32decode
from collections.abc import Callable
from typing import Any

import pytest
from django_otp.oath import totp
from playwright.sync_api import Page, expect

from tests.web.browser import PASSWORD, is_the_page


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


def sign_in(page: Page, url: str, name: str, password: str) -> None:
    page.goto(f"{url}/login/?next=/help/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_device_is_set_up_and_asked_for(
    page: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    sign_in(page, site["url"], "ada", PASSWORD)
    page.get_by_role("link", name="Set it up, create new recovery codes, or turn it off").click()
    is_the_page(page, "/second-factor/", "Second factor")
    sound_in_every_look(page)
    page.get_by_role("button", name="Set up").click()
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    picture = page.get_by_role("img", name="QR code of the secret below").locator("svg")
    box = picture.bounding_box()
    assert box is not None
    assert 150 < box["width"] == pytest.approx(box["height"], abs=1)
    sound_in_every_look(page)

    page.get_by_role("textbox", name="Code").fill("000000x")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_contain_text("The code is wrong.")
    sound_in_every_look(page)

    page.wait_for_timeout(1_100)  # after a wrong one
    page.get_by_role("textbox", name="Code").fill(f"{totp(b32decode(secret), t0=0):06d}")
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("h1")).to_have_text("The second factor is set up")
    codes = page.locator("ul.codes code").all_inner_texts()
    assert len(codes) == 10
    sound_in_every_look(page)

    page.get_by_role("button", name="Sign out").click()
    sign_in(page, site["url"], "ada", PASSWORD)
    is_the_page(page, "/login/code/?next=%2Fhelp%2F", "Enter a code")
    sound_in_every_look(page)
    page.get_by_role("textbox", name="Code").fill(codes[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    is_the_page(page, "/help/", "Help")

    page.goto(f"{site['url']}/security-log/")
    is_the_page(page, "/security-log/", "Security log")
    expect(page.locator("main tbody tr").nth(1)).to_contain_text("recovery code used")
    sound_in_every_look(page)

    page.goto(f"{site['url']}/second-factor/")
    page.get_by_role("textbox", name="Code").fill(codes[1])
    page.get_by_role("button", name="Turn off the second factor").click()
    expect(page.locator(".messages")).to_contain_text("The second factor is off.")
    sound_in_every_look(page)


@pytest.mark.more
def test_whoever_is_locked_out_reads_for_how_long(
    page: Page, site: dict[str, Any], complaints: list[str], sound_in_every_look: Callable[[Page], None]
) -> None:
    for _ in range(5):
        sign_in(page, site["url"], "nobody", "wrong")
    is_the_page(page, "/login/?next=/help/", "Sign-in is locked")
    assert all("429" in said for said in complaints)
    complaints.clear()
    expect(page.locator("main")).to_contain_text("Sign-in is locked for 30 more minutes")
    sound_in_every_look(page)


@pytest.mark.more  # the headers are checked for every page in test_addresses.py
def test_the_back_button_shows_no_page_after_signing_out_and_an_empty_form_before(
    page: Page, site: dict[str, Any]
) -> None:
    sign_in(page, site["url"], "ada", PASSWORD)
    page.goto(f"{site['url']}/states/USA/record-submission/")
    page.get_by_label("Symbol").fill("CRC/C/OPSC/USA/9")
    page.goto(f"{site['url']}/help/")
    page.go_back()
    is_the_page(page, "/states/USA/record-submission/", "Record a submission")
    page.get_by_label("Symbol").fill("CRC/C/OPSC/USA/9")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_label("Symbol")).to_have_value("CRC/C/OPSC/USA/9")
    page.goto(f"{site['url']}/states/USA/")
    page.get_by_role("button", name="Sign out").click()
    is_the_page(page, "/login/", "Article 12 tracker")
    page.go_back()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
