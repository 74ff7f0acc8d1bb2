"""The list of reminders: approval, mails sent, and States without a contact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, override_settings

from tests import factories
from tests.web.conftest import TODAY, a_world, in_role
from tests.web.pages import all_of, column, links, messages, one_of, read, table, words
from tracker.reminders import outbox
from tracker.reminders.models import Mail, Reminder
from tracker.reminders.plan import plan
from tracker.reminders.send import send_due

pytestmark = pytest.mark.django_db


def planned() -> list[int]:
    for iso3 in ("NOR", "SWE", "FIN", "DNK"):
        state = factories.a_state(iso3)
        factories.joins(state, on="2025-04-10")
        if iso3 != "DNK":
            factories.a_contact(state, f"{iso3.lower()}@example.org")
    factories.derive(TODAY.isoformat())
    with override_settings(REMINDERS_APPROVAL="required"):
        plan(TODAY)
    return list(Reminder.objects.order_by("recipient").values_list("pk", flat=True))


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[int]]:
    yield from a_world(django_db_blocker, planned)


@pytest.fixture
def held(world: list[int], settings: Any) -> list[int]:
    """Three States with a report due in six months, their mails awaiting approval; Denmark has no contact."""
    settings.REMINDERS_APPROVAL = "required"
    return world


def shown(staff: Client) -> dict[str, str]:
    """What the form on the page sends along: the reminders that it shows."""
    form = one_of(read(staff.get("/reminders/")), "form", id="approve")
    return {"shown": str(one_of(form, "input", name="shown").attributes["value"])}


def later(iso3: str) -> None:
    """Another State's mail comes to await approval."""
    state = factories.a_state(iso3)
    factories.joins(state, on="2025-04-10")
    factories.a_contact(state, f"{iso3.lower()}@example.org")
    factories.derive(TODAY.isoformat())
    plan(TODAY)


def standing() -> dict[str, str]:
    return dict(Reminder.objects.order_by("recipient").values_list("recipient", "state"))


def test_what_awaits_approval_can_be_ticked(held: list[int], staff: Client) -> None:
    page = read(staff.get("/reminders/"))
    assert words(one_of(page, "p", class_="says")) == (
        "3 reminders, newest first. Mail to States must be approved before it is sent."
    )
    ticks = all_of(page, "input", type="checkbox", name="pick")
    assert [tick.attributes["aria-label"] for tick in ticks] == [
        "Select Sweden, swe@example.org",
        "Select Norway, nor@example.org",
        "Select Finland, fin@example.org",
    ]
    assert [words(one) for one in all_of(one_of(page, "form", id="approve"), "button")] == [
        "Approve selected",
        "Approve all 3 waiting",
        "Cancel selected …",
    ]


def test_the_ticked_are_approved(held: list[int], staff: Client) -> None:
    answer = staff.post("/reminders/approve/", {"pick": held[:1]}, follow=True)
    assert messages(read(answer)) == [
        "1 reminder to Finland approved; it will be sent with the next run, at 09:15 UTC. Undo"
    ]
    assert standing() == {"fin@example.org": "planned", "nor@example.org": "held", "swe@example.org": "held"}
    assert Reminder.objects.get(pk=held[0]).approved_by == "ada"


def test_all_that_wait_are_approved(held: list[int], staff: Client) -> None:
    answer = staff.post("/reminders/approve/", {"all": "1"} | shown(staff), follow=True)
    assert messages(read(answer)) == [
        "3 reminders to Finland; Norway; Sweden approved; they will be sent with the next run, at 09:15 UTC. Undo"
    ]
    assert set(standing().values()) == {"planned"}
    buttons = all_of(one_of(read(answer), "form", id="approve"), "button")
    assert [words(one) for one in buttons] == ["Hold selected …", "Cancel selected …"]


def test_what_came_since_is_named_and_left(held: list[int], staff: Client) -> None:
    page = shown(staff)
    for iso3 in ("ISL", "EST"):
        later(iso3)
    answer = staff.post("/reminders/approve/", {"all": "1"} | page, follow=True)
    assert messages(read(answer)) == [
        "3 reminders to Finland; Norway; Sweden approved; they will be sent with the next run, at 09:15 UTC. Undo",
        "2 reminders to Estonia; Iceland were not on your page yet and still await approval.",
    ]
    assert {at for at, state in standing().items() if state == "held"} == {
        "est@example.org",
        "isl@example.org",
    }


@pytest.mark.parametrize("asked", [{"all": "1"}, {}], ids=["all", "ticked"])
def test_what_another_person_has_changed_since_is_named_and_left(
    asked: dict[str, str], held: list[int], staff: Client
) -> None:
    page = shown(staff)
    norway = Reminder.objects.filter(pk=held[1])
    for what in ("approve", "hold"):  # and so it awaits approval again
        outbox.act(what, norway, by="grace", reason="asked the desk")
    outbox.act("cancel", Reminder.objects.filter(pk=held[2]), by="grace", reason="by letter")
    answer = staff.post("/reminders/approve/", {"pick": held} | page | asked, follow=True)
    assert messages(read(answer)) == [
        "1 reminder to Finland approved; it will be sent with the next run, at 09:15 UTC. Undo",
        "2 reminders to Norway; Sweden had changed in the meantime and were left unchanged.",
    ]
    assert list(standing().values()) == ["planned", "held", "cancelled"]


@pytest.mark.parametrize("sent", [{}, {"shown": "x"}, {"shown": "0;held:1-999999999"}], ids=str)
def test_all_of_a_page_that_does_not_say_what_it_shows_is_nothing(
    sent: dict[str, str], held: list[int], staff: Client
) -> None:
    staff.post("/reminders/approve/", {"all": "1"} | sent)
    assert set(standing().values()) == {"held"}


def test_an_undo_leaves_what_another_person_has_approved(held: list[int], staff: Client) -> None:
    staff.post("/reminders/approve/", {"pick": held})
    norway = Reminder.objects.filter(pk=held[1])
    for what in ("hold", "approve"):
        outbox.act(what, norway, by="grace")
    undone = staff.post("/reminders/approve/undo/", {"keys": ",".join(map(str, held))}, follow=True)
    assert messages(read(undone))[1:] == [
        "2 reminders to Finland; Sweden await approval again.",
        "1 reminder cannot be held again: it was sent, is being sent, or was changed by someone else.",
    ]


def test_what_a_page_shows_is_sent_in_few_letters(held: list[int], staff: Client) -> None:
    Reminder.objects.filter(pk=held[1]).update(state="dead")
    text = shown(staff)["shown"]
    first, last = sorted(set(held) - {held[1]})
    assert text in (
        f"0;held:{first},{last};dead:{held[1]}",
        f"0;held:{first}-{last};dead:{held[1]}",
        f"0;dead:{held[1]};held:{first},{last}",
    )


@pytest.mark.parametrize("picked", [[], ["9" * 30], ["\0"]])
def test_nothing_ticked_approves_nothing(picked: list[str], held: list[int], staff: Client) -> None:
    answer = staff.post("/reminders/approve/", {"pick": picked}, follow=True)
    assert messages(read(answer)) == [
        "Nothing was approved. Select at least one reminder that awaits approval."
    ]
    assert set(standing().values()) == {"held"}


def test_approval_needs_the_permission(held: list[int]) -> None:
    grace = in_role("Editor")
    answer = grace.post("/reminders/approve/", {"all": "1"})
    assert answer.status_code == 403
    assert words(one_of(read(answer), "h1")) == "You do not have permission for this page"
    assert set(standing().values()) == {"held"}
    page = read(grace.get("/reminders/"))
    assert all_of(page, "form", id="approve") == []
    assert all_of(page, "input", type="checkbox", name="pick") == []


def test_an_approved_mail_can_be_read_as_it_went(held: list[int], staff: Client) -> None:
    staff.post("/reminders/approve/", {"pick": held[1:2]})
    send_due(TODAY)
    mail = Mail.objects.get()
    assert table(read(staff.get("/reminders/?state=sent")))[0][1:] == [
        "Norway NOR", "initial report", "10 May 2027", "6 months before", "nor@example.org", "sentapproved by ada",
        "22 November 2026, 09:00", "read: Norway: initial report, due 10 May 2027 (OPSC)",
    ]  # fmt: skip
    page = read(staff.get(f"/reminders/mail/{mail.pk}/"))
    assert words(one_of(page, "h1")) == "Norway: initial report, due 10 May 2027 (OPSC)"
    assert "".join(map(str, one_of(page, "pre", class_="letter").children)) == mail.text
    assert [words(one) for one in all_of(page, "dd")][:3] == [
        "nor@example.org",
        "English",
        "22 November 2026, 09:00 UTC",
    ]
    html = staff.get(links(page)["The HTML part of this mail"])
    assert html.content.decode() == mail.html
    assert "Norway" in mail.html


def test_a_failure_is_told_with_the_server_s_answer(held: list[int], staff: Client) -> None:
    Reminder.objects.filter(pk=held[0]).update(state="dead", answer="550 no such mailbox")
    (row,) = table(read(staff.get("/reminders/?state=dead")))
    assert row[6] == "failed, staff must act550 no such mailbox"


def test_states_with_nobody_to_write_to_are_listed(held: list[int], staff: Client) -> None:
    aside = one_of(read(staff.get("/reminders/")), "details", class_="aside")
    assert words(all_of(aside, "summary")[0]) == "1 State without a contact"
    assert links(aside) == {
        "Denmark": "/states/DNK/",
        "add a contact: Denmark": "/admin/registry/contact/add/?state=DNK",
    }


def test_a_state_with_a_contact_is_not_listed(held: list[int], staff: Client) -> None:
    factories.a_contact(factories.State.objects.get(pk="DNK"))
    assert all_of(read(staff.get("/reminders/")), "details", class_="aside") == []


def test_the_newest_stand_first_and_the_chips_count(held: list[int], staff: Client) -> None:
    staff.post("/reminders/approve/", {"pick": held[:1]})
    page = read(staff.get("/reminders/"))
    assert column(page, 1) == ["Sweden SWE", "Norway NOR", "Finland FIN"]
    assert links(one_of(page, "ul", aria_label="Status")) == {
        "planned: 1": "?state=planned",
        "awaits approval: 2": "?state=held",
    }


def test_the_ledger_does_not_depend_on_the_day(held: list[int], staff: Client) -> None:
    page = read(staff.get("/reminders/?as_of=2009-05-31"))
    assert len(table(page)) == 3
    assert words(one_of(page, "p", class_="past")) == (
        "As of 31 May 2009 Reminders do not depend on the as-of day: this page shows today’s status. "
        "Back to today"
    )
