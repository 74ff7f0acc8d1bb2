"""The register and its papers in a real browser, with the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.web.browser import tab_to
from tracker.correspondence import runs
from tracker.correspondence.models import PaperRun
from tracker.registry.models import State


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


@pytest.fixture(scope="module")
def algiers(site: dict[str, Any]) -> None:
    """A mission that is written to in Arabic and English."""
    state = State.objects.get(pk="DZA")
    factories.a_contact(
        state, "geneva@example.org", name="Permanent Mission of Algeria", kind="mission", language="ar"
    )


def test_a_paper_is_written_initialled_and_dispatched_with_the_keyboard(
    signed: Page, site: dict[str, Any], algiers: None, sound_in_every_look: Callable[[Page], None]
) -> None:
    signed.goto(f"{site['url']}/correspondence/")
    expect(signed.locator(".nothing")).to_contain_text("No papers yet.")
    tab_to(signed, "Write a paper")
    signed.keyboard.press("Enter")
    signed.get_by_label("State").fill("Algeria")
    signed.keyboard.press("Enter")
    signed.get_by_label("Occasion").select_option(label="words of your own")
    signed.get_by_label("To").select_option(
        label="note verbale: Permanent Mission of Algeria, geneva@example.org"
    )
    signed.get_by_role("button", name="Continue").click()
    signed.get_by_label("About").fill("New address")
    signed.get_by_label("English").fill("The office has moved.")
    signed.get_by_label("العربية").fill("انتقل المكتب.")
    signed.get_by_role("button", name="Preview").click()
    expect(signed.locator("article.paper").first).to_contain_text("انتقل المكتب.")
    sound_in_every_look(signed)
    tab_to(signed, "Save as draft")
    signed.keyboard.press("Enter")
    expect(signed.locator("h1")).to_have_text("OPSC/2026/0001")
    sound_in_every_look(signed)
    signed.get_by_role("link", name="Edit", exact=True).click()
    expect(signed.locator("h2")).to_have_text("Preview")
    sound_in_every_look(signed)
    signed.go_back()
    tab_to(signed, "Initial")
    signed.keyboard.press("Enter")
    expect(signed.locator(".badge")).to_have_text("initialled")

    signed.goto(f"{site['url']}/correspondence/?status=initialled")
    signed.locator("input[name=pick]").check()
    sound_in_every_look(signed)
    tab_to(signed, "Dispatch selected …")
    signed.keyboard.press("Enter")
    expect(signed.locator("h1")).to_have_text("Dispatch 1 paper?")
    signed.get_by_label("courier").check()
    signed.get_by_role("button", name="Dispatch").click()
    expect(signed.locator("ul.messages")).to_contain_text("1 paper dispatched: Algeria.")
    signed.goto(f"{site['url']}/correspondence/receive/?state=DZA")
    expect(signed.locator("h1")).to_have_text("Paper received from Algeria")
    sound_in_every_look(signed)


def test_many_states_are_written_to_and_the_exchange_with_one_is_read(
    signed: Page, site: dict[str, Any], algiers: None, sound_in_every_look: Callable[[Page], None]
) -> None:
    signed.goto(f"{site['url']}/correspondence/runs/")
    expect(signed.locator(".nothing")).to_contain_text("No run yet.")
    tab_to(signed, "New run")
    signed.keyboard.press("Enter")
    signed.get_by_label("About").fill("Next session")
    signed.get_by_label("only the States named below").check()
    signed.get_by_label("States by name").fill("Algeria; Angola")
    signed.get_by_label("Words in English").fill("The session begins in May.")
    signed.get_by_role("button", name="Preview").click()
    expect(signed.locator("#h-preview + p")).to_contain_text("1 paper (note verbale), to 1 State.")
    sound_in_every_look(signed)
    tab_to(signed, "Draft 1 paper")
    signed.keyboard.press("Enter")
    expect(signed.locator("h1")).to_have_text("Next session")
    expect(signed.locator(".progress")).to_contain_text("0 of 1 papers drafted.")
    runs.carry_on(PaperRun.objects.get())
    signed.reload()
    expect(signed.locator("tbody tr")).to_contain_text(["Algeria"])
    sound_in_every_look(signed)
    signed.get_by_role("link", name="Algeria").click()
    expect(signed.locator("h1")).to_have_text("Correspondence with Algeria DZA")
    expect(signed.locator("tbody tr").first).to_contain_text("Algeria: Next session (OPSC)")
    sound_in_every_look(signed)
