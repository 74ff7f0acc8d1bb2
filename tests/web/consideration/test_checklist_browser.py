"""A checklist in a real browser: by keys alone, in every look, and left with unsaved marks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.consideration.samples import checks
from tests.factories import an_officer
from tests.web.browser import is_the_page
from tracker.consideration.models import Checklist
from tracker.obligations.models import Submission


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


@pytest.fixture
def report(site: dict[str, Any]) -> Iterator[Submission]:
    """Angola's initial report, received on 22 July 2016; nobody has checked it."""
    yield Submission.objects.get(symbol="CRC/C/OPSC/AGO/1")
    for one in Checklist.objects.all():
        one.marks.all().delete()
        one.delete()


@pytest.fixture
def form(signed: Page, site: dict[str, Any], report: Submission) -> Page:
    """The empty checklist."""
    signed.goto(f"{site['url']}/submissions/{report.pk}/check/")
    is_the_page(signed, f"/submissions/{report.pk}/check/", "Checklist")
    return signed


def test_forty_items_are_marked_and_finished_by_keys_alone(
    form: Page, sound: Callable[[Page], None], report: Submission
) -> None:
    pressed = 0

    def press(*keys: str) -> None:
        nonlocal pressed
        for key in keys:
            form.keyboard.press(key)
            pressed += 1

    press("1", "c", "2", "p", "3", "a", "4", "n")  # each mark by either of its keys
    press("k", "1", "k", "k", "0", "j", "j")  # back to correct the eighth, take the seventh away, and on
    expect(form.locator("output[data-marked]")).to_have_text("7 of 40 marked")
    press("k", "k", "4", "j")
    press("2", "k", "Tab", "1", "2", "Tab", "x", "Escape", "j")  # the ninth with pages and a note
    press(*["1"] * 31)
    expect(form.get_by_role("button", name="Save and finish")).to_be_focused()
    press("Enter")
    expect(form.get_by_text("The checklist is finished and counts from today on.")).to_be_visible()
    sound(form)
    assert pressed <= 150
    checklist = Checklist.objects.get(submission=report)
    assert list(checklist.marks.values_list("mark", flat=True)) == [
        "covered", "covered", "partly", "partly", "absent", "absent", "not applicable", "covered", "partly",
        *["covered"] * 31,
    ]  # fmt: skip
    assert checklist.marks.filter(pages="12", note="x").count() == 1


@pytest.mark.more
def test_keys_of_other_pages_rest_while_a_mark_is_given(form: Page) -> None:
    """On other pages c after g leads to the calendar, and n to the next page."""
    form.keyboard.press("n")
    expect(form.locator("output[data-marked]")).to_have_text("1 of 40 marked")
    form.once("dialog", lambda dialog: dialog.accept())
    form.keyboard.press("g")
    form.keyboard.press("c")
    form.wait_for_url("**/calendar/**")


@pytest.mark.more
def test_switched_off_keys_mark_nothing(form: Page) -> None:
    form.evaluate("localStorage.setItem('shortcuts', 'off')")
    form.keyboard.press("1")
    expect(form.locator("output[data-marked]")).to_have_text("0 of 40 marked")


@pytest.mark.more
def test_leaving_with_unsaved_marks_warns(form: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    form.on("dialog", stay)
    form.get_by_role("radio", name="absent").first.check()
    form.get_by_role("link", name="Angola: initial report").click(no_wait_after=True)
    expect(form.locator("output[data-marked]")).to_have_text("1 of 40 marked")
    assert asked == ["beforeunload"]
    form.get_by_role("button", name="Save", exact=True).click()
    expect(form.get_by_text("Saved: 1 of 40 items marked.")).to_be_visible()
    form.get_by_role("link", name="Angola: initial report").click()
    expect(form.locator("h1")).to_contain_text("Angola")
    assert asked == ["beforeunload"]


@pytest.mark.more
@pytest.mark.looks
def test_the_pages_are_sound_in_every_look(
    form: Page, sound_in_every_look: Callable[[Page], None], report: Submission, site: dict[str, Any]
) -> None:
    sound_in_every_look(form)
    checks(report, an_officer("bob", first_name="Bob", last_name="Brown"), absent=["A5"], words=34_200)
    eve = checks(report, an_officer("eve"), partly=["D1"])
    eve.marks.filter(item__code="D1").update(note="No figures by region.\nSee the replies.", pages="12-14")
    for page, heading in (("compare/", "Compare the checklists"), (f"check/?show={eve.pk}", "Checklist")):
        form.goto(f"{site['url']}/submissions/{report.pk}/{page}")
        is_the_page(form, page, heading)
        sound_in_every_look(form)
