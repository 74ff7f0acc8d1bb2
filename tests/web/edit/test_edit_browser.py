"""Recording yesterday's report, correcting its date, undoing both: with a mouse, by keyboard alone, without script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import factories
from tests.web.browser import tab_to
from tracker.obligations.models import Submission


class Steps:
    """Does with a page what a person does, and counts it: a click, or a field that is filled in."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.fields = page, 0, 0

    def click(self, role: Any, name: str, *, exact: bool = True) -> None:
        self.page.get_by_role(role, name=name, exact=exact).click()
        self.clicks += 1

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label).fill(text)
        self.fields += 1

    def search(self, text: str) -> None:
        self.page.get_by_role("search").locator("input[name=q]").fill(text)
        self.page.keyboard.press("Enter")
        self.fields += 1


def says(page: Page, text: str) -> None:
    expect(page.locator(".messages li").first).to_contain_text(text)


def record_correct_and_undo(page: Page, url: str) -> None:
    """Each act with its steps; at the end everything is as before."""
    page.goto(url)
    recording = Steps(page)
    recording.search("malaysia")
    recording.click("link", "Record a submission")
    recording.fill("Received on", "yesterday")
    recording.click("button", "Preview")
    expect(page.locator(".effects")).to_contain_text("Initial report is answered.")
    recording.click("button", "Save")
    says(page, "Recorded for Malaysia: the submission CRC/C/OPSC/MYS/1.")
    assert (recording.clicks, recording.fields) == (3, 2)

    correcting = Steps(page)
    correcting.click("link", ": the submission CRC/C/OPSC/MYS/1", exact=False)
    expect(page.get_by_label("Received on")).to_be_focused()
    correcting.fill("Received on", "20 Nov 2026")
    correcting.fill("Reason for the change", "stamp on the cover")
    correcting.click("button", "Preview")
    expect(page.locator(".effects")).to_be_focused()
    correcting.click("button", "Save")
    said = "“Received on” of the submission CRC/C/OPSC/MYS/1 changed from"
    says(page, f"Malaysia: {said} 21 November 2026 to 20 November 2026.")
    expect(page).to_have_url(f"{url}/states/MYS/")
    assert (correcting.clicks, correcting.fields) == (3, 2)

    undoing = Steps(page)
    undoing.click("button", "Undo")
    says(page, f"Undone: {said} 20 November 2026 to 21 November 2026.")
    assert undoing.clicks == 1
    report = Submission.objects.get(state="MYS", symbol="CRC/C/OPSC/MYS/1")
    assert str(report.received_on) == "2026-11-21"
    factories.withdraw_fact(report)


@pytest.mark.more
def test_with_a_mouse(
    signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    record_correct_and_undo(signed, site["url"])
    report = Submission.objects.filter(state="USA").earliest("pk")
    signed.goto(f"{site['url']}/edit/submission/{report.pk}/")
    sound_in_every_look(signed)


def test_undoing_a_recording_is_one_click(signed: Page, site: dict[str, Any]) -> None:
    signed.goto(f"{site['url']}/states/MYS/record-submission/")
    signed.get_by_label("Received on").fill("yesterday")
    signed.keyboard.press("Enter")
    signed.get_by_role("button", name="Save", exact=True).click()
    assert Submission.objects.filter(state="MYS").exists()
    signed.get_by_role("button", name="Undo").click()
    says(signed, "Undone: The submission CRC/C/OPSC/MYS/1 is deleted.")
    expect(signed).to_have_url(f"{site['url']}/states/MYS/")
    assert not Submission.objects.filter(state="MYS").exists()


@pytest.fixture
def scriptless(browser: Browser, site: dict[str, Any]) -> Iterator[Page]:
    """The page of ada in a browser that runs no script."""
    context = browser.new_context(locale="en-GB", java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": site["session"], "url": site["url"]}])
    yield context.new_page()
    context.close()


@pytest.mark.more
def test_without_script(scriptless: Page, site: dict[str, Any]) -> None:
    record_correct_and_undo(scriptless, site["url"])


def test_by_keyboard_alone(signed: Page, site: dict[str, Any]) -> None:
    report = Submission.objects.get(state="USA", symbol="CRC/C/OPSC/USA/1")
    signed.goto(f"{site['url']}/states/USA/")
    press = signed.keyboard.press
    tab_to(signed, "Edit: the submission CRC/C/OPSC/USA/1")
    press("Enter")
    expect(signed.get_by_label("Received on")).to_be_focused()
    press("Control+A")
    signed.keyboard.type("2007-05-12")
    press("Enter")
    # The date needs a reason, and the focus is at its field.
    expect(signed.get_by_label("Reason for the change")).to_be_focused()
    signed.keyboard.type("stamp on the cover")
    press("Enter")
    expect(signed.locator(".effects")).to_be_focused()
    tab_to(signed, "Save", most=1)
    press("Enter")
    says(signed, "changed from 10 May 2007 to 12 May 2007.")
    expect(signed.locator(".messages [tabindex]").first).to_be_focused()
    tab_to(signed, "Undo", most=1)
    press("Enter")
    says(signed, "changed from 12 May 2007 to 10 May 2007.")
    report.refresh_from_db()
    assert str(report.received_on) == "2007-05-10"
