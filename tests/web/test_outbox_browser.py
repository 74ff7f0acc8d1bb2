"""The outbox in a real browser: alone, as it needs transactions of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import resolve
from playwright.sync_api import Page, expect

from tests.web.browser import tab_to


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Made before the browser: while one is open, Django takes this thread for another one's."""


@pytest.mark.django_db  # the others take no database by the mark; without one, none would be made
def test_the_pages_looked_at_are_those_of_the_outbox() -> None:
    found = [resolve(address).url_name for address in ("/reminders/forecast/", "/reminders/proof/NOR/")]
    assert found == ["forecast", "report-proof"]


def test_a_mail_is_read_before_it_goes_and_several_are_cancelled_with_the_keyboard(
    signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    signed.goto(f"{site['url']}/reminders/?state=held&per_page=25")
    sound_in_every_look(signed)
    signed.get_by_role("link", name="preview").first.click()
    expect(signed.locator("h2").first).to_have_text("The mail as it will go")
    expect(signed.locator("pre.letter")).to_contain_text("Committee on the Rights of the Child")
    sound_in_every_look(signed)

    signed.go_back()
    boxes = signed.locator("input[name=pick]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    signed.get_by_role("button", name="Cancel the ticked …").click()
    expect(signed.locator("h1")).to_contain_text("Cancel 2 reminders to")
    sound_in_every_look(signed)
    signed.locator("h1").click()
    tab_to(signed, "Cancel the reminders")
    signed.keyboard.press("Enter")
    expect(signed.locator(".problem")).to_have_text("Say why; it is kept with each of these reminders.")
    sound_in_every_look(signed)
    signed.get_by_label("Reason").fill("The ministry asked for it")
    signed.keyboard.press("Enter")
    expect(signed.locator("ul.messages")).to_contain_text("cancelled")


@pytest.mark.parametrize(
    ("address", "heading"),
    [("/reminders/forecast/?per_page=25", "Reminders ahead"), ("{proof}", "Proof of notice")],
)
def test_forecast_and_proof_can_be_read_by_everybody(
    address: str,
    heading: str,
    signed: Page,
    site: dict[str, Any],
    sound_in_every_look: Callable[[Page], None],
) -> None:
    signed.goto(f"{site['url']}/reminders/mail/{site['mail']}/")
    proof = signed.get_by_role("link", name="Proof of notice").first.get_attribute("href") or ""
    signed.goto(site["url"] + address.format(proof=proof))
    expect(signed.locator("h1")).to_contain_text(heading)
    expect(signed.locator("table.rows").first).to_be_visible()
    sound_in_every_look(signed)
