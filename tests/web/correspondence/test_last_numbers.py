"""The report that came with a paper, and the numbers of papers after a restore."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from tests.web.conftest import TODAY, in_role
from tests.web.pages import links, messages, one_of, problems, read, words
from tracker.correspondence import numbers, received
from tracker.correspondence.models import Paper, RegisterYear
from tracker.registry.models import Contact

pytestmark = pytest.mark.django_db

NUMBERS = "/correspondence/numbers/"


@pytest.fixture
def answer(mission: Contact) -> Paper:
    """A paper from Denmark."""
    return received.receive(
        mission.state,
        by="ada",
        on=TODAY,
        subject="Note",
        name="Permanent Mission",
        their_reference="CRC/C/OPSC/DNK/1",
    )


def test_a_report_that_came_with_a_paper_is_recorded_with_its_day_and_symbol(
    answer: Paper, staff: Client
) -> None:
    page = read(staff.get(answer.get_absolute_url()))
    form = read(staff.get(links(one_of(page, "main"))["Record it as a report received"]))
    assert one_of(form, "input", name="received_on").attributes["value"] == "2026-11-22"
    assert one_of(form, "input", name="symbol").attributes["value"] == "CRC/C/OPSC/DNK/1"
    assert words(one_of(form, "textarea", name="note")) == (
        "Received with OPSC/2026/IN/0001, CRC/C/OPSC/DNK/1."
    )


# --- after a restore --------------------------------------------------------------------------------------


@pytest.fixture
def restored(note: Paper) -> None:
    """The register of a backup of 21 November."""
    numbers.hold_restored(datetime(2026, 11, 21, 2, tzinfo=UTC), TODAY)


def last_of(direction: str) -> str:
    return f"last_{RegisterYear.objects.get(direction=direction).pk}"


def test_an_approver_enters_the_last_numbers_after_a_restore(restored: None, staff: Client) -> None:
    page = read(staff.get("/correspondence/"))
    assert links(page)["Enter the last numbers"] == NUMBERS
    page = read(staff.get(NUMBERS))
    assert "The last number known here is 1." in words(page)
    assert "No number has been skipped." in words(page)
    page = read(staff.post(NUMBERS, {last_of("out"): "0", last_of("in"): ""}))
    assert problems(page) == ["Enter 1 or a higher number.", "Enter the last number that was used."]
    page = read(staff.post(NUMBERS, {last_of("out"): "4", last_of("in"): "0"}, follow=True))
    assert messages(page) == ["Papers get numbers again."]
    assert links(page)["Skipped numbers"] == NUMBERS
    assert "Enter the last numbers" not in links(page)
    assert (
        "OPSC/2026/0002 to OPSC/2026/0004: may have been used after the backup of 21 November 2026, 02:00 UTC. "
        "Entered by"
    ) in words(read(staff.get(NUMBERS)))


def test_others_see_that_an_approver_has_to(restored: None) -> None:
    editor = in_role("Editor")
    said = words(read(editor.get(NUMBERS)))
    assert (
        "Until an approver has entered the last number that was used, no paper is drafted or entered." in said
    )
    assert "Enter the last numbers" not in links(read(editor.get("/correspondence/")))
    assert editor.post(NUMBERS, {last_of("out"): "4", last_of("in"): "0"}).status_code == 403
    page = read(editor.post("/correspondence/receive/", {"state": "DNK", "on": "2026-11-20", "subject": "Answer",
                                                         "form": "note", "step": "save"}))  # fmt: skip
    assert len(problems(page)) == 1
    assert not Paper.objects.filter(direction="in").exists()
