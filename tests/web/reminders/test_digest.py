"""The page of the weekly digest, and the address that turns it off without signing in."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, in_role
from tests.web.pages import all_of, links, messages, one_of, read, table, words
from tracker.reminders import digest
from tracker.reminders.models import Digest, DigestOff

pytestmark = pytest.mark.django_db

PAGE = "/digest/"


def desk_of(username: str = "ada") -> Any:
    """Norway's report became due last week, and a user follows Norway."""
    officer = get_user_model().objects.get(username=username)
    norway = factories.a_state("NOR", desk_officer=officer)
    factories.joins(norway, on="2024-10-12")
    factories.derive(TODAY.isoformat(), norway)
    return officer


def off_address(officer: Any) -> str:
    return f"/digest/off/?token={digest.SIGNER.sign(str(officer.pk))}"


def test_a_person_reads_the_digest_as_it_would_be_now(staff: Client, django_assert_num_queries: Any) -> None:
    desk_of()
    with django_assert_num_queries(12):
        page = read(staff.get(PAGE))
    text = words(one_of(page, "pre", class_="letter"))
    assert (
        "Reports that became due from 9 November 2026 to 15 November 2026 * Norway: initial report, due on"
        in text
    )
    assert "Your digest is sent to ada@example.org and covers the 1 State on your desk." in words(
        one_of(page, "main")
    )
    html = staff.get(links(page)["The HTML part of this mail"]).content.decode()
    assert "<h2>Reports that became due from 9 November 2026 to 15 November 2026</h2>" in html


def test_who_follows_no_state_is_told_so(staff: Client) -> None:
    said = words(one_of(read(staff.get(PAGE)), "main"))
    assert "You have no States on your desk, so you get no digest." in said
    assert "There is nothing to say now, so no digest would be sent." in said


def test_a_person_switches_the_own_digest_off_and_on(staff: Client) -> None:
    desk_of()
    page = read(staff.post(PAGE, {"step": "off"}, follow=True))
    assert messages(page) == ["Your weekly digest is off."]
    assert "You turned your digest off on 22 November 2026, 09:00 UTC." in words(one_of(page, "main"))
    assert DigestOff.objects.get().user.get_username() == "ada"
    page = read(staff.post(PAGE, {"step": "on"}, follow=True))
    assert messages(page) == ["Your weekly digest is on."]
    assert not DigestOff.objects.exists()


@pytest.mark.parametrize("step", ["", "x"])
def test_a_form_that_says_neither_changes_nothing(step: str, staff: Client) -> None:
    assert messages(read(staff.post(PAGE, {"step": step}, follow=True))) == []
    assert not DigestOff.objects.exists()


def test_the_last_digests_are_listed_with_what_became_of_them(staff: Client) -> None:
    officer = desk_of()
    Digest.objects.create(
        officer=officer, week=TODAY, recipient="ada@example.org", state="dead", answer="550 no"
    )
    Digest.objects.create(officer=factories.an_officer("grace"), week=TODAY, recipient="g@example.org")
    assert table(read(staff.get(PAGE)), "h-sent") == [
        ["22 November 2026", "refused by the mail server", "—", "ada@example.org", "550 no"]
    ]


def test_the_help_leads_to_the_digest(staff: Client) -> None:
    assert links(read(staff.get("/help/")))["Read yours, turn it off or on"] == PAGE


# --- without signing in ---------------------------------------------------------------------------


def test_looking_at_the_address_changes_nothing_and_its_button_switches_off() -> None:
    in_role("Viewer", "ada")
    officer = desk_of()
    stranger = Client(enforce_csrf_checks=True)
    page = read(stranger.get(off_address(officer)))
    assert stranger.head(off_address(officer)).status_code == 200
    assert not DigestOff.objects.exists()
    assert "Turn off the weekly digest to ada@example.org?" in words(one_of(page, "main"))
    form = one_of(one_of(page, "main"), "form")
    sent = {one.attributes["name"]: one.attributes["value"] for one in all_of(form, "input")}
    assert sent == {"List-Unsubscribe": "One-Click"}
    answer = stranger.post(form.attributes["action"], sent)
    assert words(one_of(read(answer), "p", role="status")) == ("The weekly digest to ada@example.org is off.")
    assert DigestOff.objects.get().user == officer


def test_a_mail_program_switches_it_off_with_one_click() -> None:
    officer = factories.an_officer()
    program = Client(enforce_csrf_checks=True)
    for _twice in range(2):
        answer = program.post(
            off_address(officer), "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"
        )
        assert answer.status_code == 200  # RFC 8058 forbids a redirect
    assert DigestOff.objects.count() == 1


def test_what_is_no_one_click_form_changes_nothing() -> None:
    officer = factories.an_officer()
    assert Client().post(off_address(officer), {"List-Unsubscribe": "x"}).status_code == 200
    assert not DigestOff.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "1~x", "%00"])
def test_a_token_that_nobody_signed_has_no_page(token: str, client: Client) -> None:
    factories.an_officer()
    for answer in (
        client.get(f"/digest/off/?token={token}"),
        client.post(f"/digest/off/?token={token}", {"List-Unsubscribe": "One-Click"}),
    ):
        assert answer.status_code == 404
    assert not DigestOff.objects.exists()
