"""The matrix and the draft list of issues in a browser: accessible, in each look, and usable on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from tests.consideration.samples import checks
from tests.web.browser import LOOKS
from tracker.obligations.models import Submission

pytestmark = [pytest.mark.django_db, pytest.mark.more]


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


@pytest.fixture(scope="module")
def checked(site: dict[str, Any], django_db_blocker: Any) -> int:
    """The key of a report with gaps; the server sees it."""
    with django_db_blocker.unblock():
        report = Submission.objects.filter(state="PAN", received_on__isnull=False).latest("received_on")
        ada = get_user_model().objects.get(username="ada")
        checks(report, ada, absent=["A9.4", "A5"], partly=["A1", "G4"], not_applicable=["A11"])
        return report.pk


def test_the_matrix_is_sound_in_every_look(
    signed: Page, site: dict[str, Any], checked: int, sound_in_every_look: Callable[..., None]
) -> None:
    signed.goto(f"{site['url']}/coverage/")
    expect(signed.locator("tbody tr").first).to_contain_text("Panama")
    sound_in_every_look(signed, LOOKS)


def test_a_phone_shows_the_word_beside_each_sign(signed: Page, site: dict[str, Any], checked: int) -> None:
    signed.set_viewport_size({"width": 390, "height": 844})
    signed.goto(f"{site['url']}/coverage/?checked=yes")
    marks = signed.locator("tbody tr").first.locator("td b")
    assert marks.all_inner_texts()[-4:] == [
        "✓ covered",
        "◐ 4/5 partly covered",
        "✓ covered",
        "– not applicable",
    ]
    assert marks.last.locator("i").bounding_box()["width"] > 40  # type: ignore[index]  # it is there


def test_a_draft_is_edited_and_downloaded_by_keys(
    signed: Page, site: dict[str, Any], checked: int, sound_in_every_look: Callable[..., None]
) -> None:
    signed.goto(f"{site['url']}/submissions/{checked}/issues/?language=en&language=ar")
    expect(signed.locator("textarea")).to_have_count(8)
    sound_in_every_look(signed, LOOKS)
    signed.locator("textarea").first.focus()
    signed.keyboard.press("Control+A")
    signed.keyboard.type("Which budget?")
    signed.get_by_role("button", name="Download to edit (DOCX)").focus()
    with signed.expect_download() as download:
        signed.keyboard.press("Enter")
    assert download.value.suggested_filename == f"issues-PAN-{checked}-draft.docx"
    expect(signed.locator("textarea").first).to_have_value("Which budget?")
