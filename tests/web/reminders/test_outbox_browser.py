"""The outbox in a real browser: separate, as it needs transactions of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import resolve
from playwright.sync_api import Page, expect

from tests.web.browser import tab_to


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


@pytest.mark.django_db  # the only test here that asks for the database
def test_the_pages_looked_at_are_those_of_the_outbox() -> None:
    addresses = ("/reminders/forecast/", "/reminders/proof/NOR/", "/digest/", "/digest/off/")
    found = [resolve(address).url_name for address in addresses]
    assert found == ["forecast", "report-proof", "digest", "digest-off"]


def test_a_mail_is_read_before_it_goes_and_several_are_cancelled_with_the_keyboard(
    signed: Page, site: dict[str, Any], reminders_wait: None, sound_in_every_look: Callable[[Page], None]
) -> None:
    signed.goto(f"{site['url']}/reminders/?state=held&per_page=25")
    sound_in_every_look(signed)
    signed.get_by_role("link", name="preview").first.click()
    expect(signed.locator("h2").first).to_have_text("Preview of the mail")
    expect(signed.locator("pre.letter")).to_contain_text("Committee on the Rights of the Child")
    signed.get_by_label("Covering note").fill("With thanks\x07")
    signed.get_by_role("button", name="Save the note").click()
    expect(signed.locator(".problem")).to_contain_text("Line 1 contains an invisible character")
    sound_in_every_look(signed)
    signed.get_by_label("Covering note").fill("With thanks for your call.")
    signed.get_by_role("button", name="Save the note").click()
    expect(signed.locator("pre.letter")).to_contain_text("With thanks for your call.")

    signed.goto(f"{site['url']}/reminders/?state=held&per_page=25")
    boxes = signed.locator("input[name=pick]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    signed.get_by_role("button", name="Cancel selected …").click()
    expect(signed.locator("h1")).to_contain_text("Cancel 2 reminders to")
    sound_in_every_look(signed)
    signed.locator("h1").click()
    tab_to(signed, "Cancel reminders")
    signed.keyboard.press("Enter")
    expect(signed.locator(".problem")).to_have_text(
        "Enter a reason. It is recorded with each of these reminders."
    )
    sound_in_every_look(signed)
    signed.get_by_label("Reason").fill("The ministry asked for it")
    signed.keyboard.press("Enter")
    expect(signed.locator("ul.messages")).to_contain_text("cancelled")


def test_all_of_a_page_are_those_that_it_shows_whatever_a_second_browser_does_meanwhile(
    signed: Page, site: dict[str, Any], reminders_wait: None
) -> None:
    assert signed.context.browser is not None
    with signed.context.browser.new_context(storage_state=signed.context.storage_state()) as second:
        address = f"{site['url']}/reminders/?state=held&per_page=25"
        other = second.new_page()
        other.goto(address)
        for box in (0, 1):
            other.locator("input[name=pick]").nth(box).check()
        other.get_by_role("button", name="Approve selected").click()
        expect(other.locator("ul.messages")).to_contain_text("2 reminders to")
        signed.goto(address)
        every = signed.get_by_role("button", name="Approve all")
        expect(every).to_contain_text(re.compile(r"Approve all \d+ waiting"))
        # The two await approval again after the first browser has its page.
        other.get_by_role("button", name="Undo").click()
        expect(other.locator("ul.messages")).to_contain_text("2 reminders to")
        every.click()
        expect(signed.locator("ul.messages")).to_contain_text(
            "were not on your page yet and still await approval"
        )
        signed.goto(address)
        expect(signed.locator("input[name=pick]")).to_have_count(2)


@pytest.mark.more
@pytest.mark.parametrize(
    ("address", "heading", "seen"),
    [
        ("/reminders/forecast/?per_page=25", "Forecast of reminders", "table.rows"),
        ("{proof}", "Proof of notice", "table.rows"),
        ("/digest/", "Weekly digest", "form button[value=off]"),
        ("{off}", "Weekly digest", "form input[value=One-Click] + p button"),
    ],
)
def test_forecast_proof_and_digest_can_be_read_by_everybody(
    address: str,
    heading: str,
    seen: str,
    signed: Page,
    site: dict[str, Any],
    reminders_wait: None,
    sound_in_every_look: Callable[[Page], None],
) -> None:
    signed.goto(f"{site['url']}/reminders/mail/{site['mail']}/")
    proof = signed.get_by_role("link", name="Proof of notice").first.get_attribute("href") or ""
    signed.goto(site["url"] + address.format(proof=proof, off=site["off"]))
    expect(signed.locator("h1")).to_contain_text(heading)
    expect(signed.locator(f"main {seen}").first).to_be_visible()
    sound_in_every_look(signed)
