"""The exchange with a State on one page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from tests import factories
from tests.web.conftest import MORNING, TODAY, a_world, in_role, signed_in
from tests.web.correspondence.exchanged import a_note, exchange_with_norway
from tests.web.pages import links, one_of, read, table, words
from tracker.correspondence import files, received
from tracker.correspondence.exchange import Exchange
from tracker.correspondence.models import Confirmation, Dispatch, Paper
from tracker.registry.models import Contact, State
from tracker.reminders.models import Bounce, Mail, Reminder

pytestmark = pytest.mark.django_db

PAGE = "/states/NOR/correspondence/"
REMINDER = "Norway: initial report, due 10 May 2027 (OPSC)"


@pytest.fixture(scope="module")
def norway(django_db_setup: None, django_db_blocker: Any) -> Iterator[State]:
    yield from a_world(django_db_blocker, exchange_with_norway)


def rows(client: Client, **query: Any) -> list[list[str]]:
    """Each row: day, direction, what, person, reference and subject, status, files."""
    return table(read(client.get(PAGE, query)))


def subjects(client: Client, **query: Any) -> list[str]:
    return [row[4] for row in rows(client, **query)]


def test_everything_is_listed_newest_first(norway: State, staff: Client) -> None:
    note = "note verbale"
    answered = "The recipient answers: it will be sent by 31 January 2027."
    waits, none = "waits for a person", "—"
    assert rows(staff) == [
        ["21 November 2026", "to be sent", note, "Permanent Mission",
         "OPSC/2026/0002Norway: Next meeting (OPSC)", "draft", none],
        ["20 November 2026", "received", "confirmation of an address", "Permanent Mission",
         "mission@example.org", "by telephoneMs Dahl", none],
        ["19 November 2026", "received", note, "Permanent Mission of Norway",
         "OPSC/2026/IN/0001, 26/1234Thanks for the new address", "received", "answer.pdf"],
        ["16 November 2026", "sent", note, "Permanent Mission",
         "OPSC/2026/0001Norway: New address (OPSC)", "acknowledgedcourier, DHL 123", "OPSC-2026-0001.pdf"],
        ["13 November 2026", "received", "message", "focal@example.org", "Re: Norway", waits, none],
        ["12 November 2026", "received", "answer by link", "Focal point", answered, waits, none],
        ["11 November 2026", "received", "notification of a mail server", "mx.example.org", REMINDER,
         "returned550 No such user", none],
        ["10 November 2026", "sent", "reminder by mail", "Focal point, focal@example.org", REMINDER, "sent", none],
    ]  # fmt: skip


def test_each_row_leads_to_its_page_and_files_are_downloaded(norway: State, staff: Client) -> None:
    found = links(one_of(read(staff.get(PAGE)), "tbody"))
    note = Paper.objects.get(reference="OPSC/2026/0001")
    assert found["OPSC/2026/0001"] == f"/correspondence/{note.pk}/"
    assert found["OPSC-2026-0001.pdf"] == f"/correspondence/{note.pk}/files/{note.files.get().pk}/"
    assert found[REMINDER].startswith("/reminders/mail/")
    assert found["mission@example.org"] == "/states/NOR/#h-contacts"


def test_the_register_is_opened_with_the_papers_of_the_state_alone(norway: State, staff: Client) -> None:
    received.receive(factories.a_state("FIN"), by="ada", on=TODAY, subject="A paper of Finland")
    register = links(one_of(read(staff.get(PAGE)), "main"))["Papers in the register"]
    shown = links(one_of(read(staff.get(register)), "tbody"))
    assert shown.keys() >= {"OPSC/2026/0001", "OPSC/2026/0002", "OPSC/2026/IN/0001"}
    assert "OPSC/2026/IN/0002" not in shown


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"direction": "out"}, 3),
        ({"direction": "in"}, 5),
        ({"occasion": "reminder"}, 4),
        ({"occasion": ["circular", "address"]}, 3),
        ({"year": "2026"}, 8),
        ({"q": "dhl"}, 1),
        ({"q": "OSLO noted"}, 1),
        ({"q": "submitted"}, 1),
        ({"q": "opsc/2026/00"}, 2),
        ({"q": "nothing of the kind"}, 0),
    ],
)
def test_rows_are_filtered(query: dict[str, Any], found: int, norway: State, staff: Client) -> None:
    page = read(staff.get(PAGE, query))
    assert len(table(page)) == found
    assert ("Nothing matches. Remove a filter" in words(one_of(page, "main"))) == (found == 0)


def test_a_year_without_correspondence_is_refused_in_words(norway: State, staff: Client) -> None:
    said = words(one_of(read(staff.get(PAGE, {"year": "1999"})), "main"))
    assert "1999 is not one of the available choices" in said


def test_on_an_earlier_day_only_what_was_there_then_is_shown(norway: State, staff: Client) -> None:
    assert [row[0] for row in rows(staff, as_of="2026-11-12")] == [
        "12 November 2026", "11 November 2026", "10 November 2026",
    ]  # fmt: skip
    # Dispatched, and acknowledged two days later.
    assert rows(staff, as_of="2026-11-17")[0][5] == "dispatchedcourier, DHL 123"
    said = words(one_of(read(staff.get(PAGE, {"as_of": "2026-11-01"})), "main"))
    assert "Nothing had been sent or received up to 1 November 2026." in said


def test_a_mail_that_the_server_refused_says_so(norway: State, staff: Client) -> None:
    note = Paper.objects.get(reference="OPSC/2026/0001")
    Paper.objects.filter(pk=note.pk).update(
        status="dispatched", means="mail", acknowledged_on=None, delivery_note=""
    )
    Dispatch.objects.filter(paper=note).update(means="mail", state="dead", recipient="mission@example.org")
    (row,) = rows(staff, q="new address", direction="out")
    assert row[5] == "dispatchede-mail, failed, staff must act"


def test_a_request_to_confirm_an_address_is_listed_with_its_bounce(norway: State, staff: Client) -> None:
    mail = Mail.objects.get()
    mail.pk, mail.message_id, mail.subject = None, "<confirm@example.org>", "Please confirm your address"
    mail.save()
    Dispatch.objects.create(
        what="confirm",
        key="confirm|1",
        contact=Contact.objects.get(email="mission@example.org"),
        recipient="mission@example.org",
        recipient_name="Permanent Mission",
        planned_on=TODAY,
        state="returned",
        sent_at=MORNING,
        mail=mail,
    )
    Bounce.objects.create(
        kind="failed",
        mail=mail,
        recipient="mission@example.org",
        status="5.1.1",
        digest="9",
        received_at=MORNING,
    )
    assert [row[1:6] for row in rows(staff, q="please confirm")] == [
        ["sent", "a request to confirm an address", "Permanent Mission, mission@example.org",
         "Please confirm your address", "came back"],
        ["received", "notification of a mail server", "mission@example.org", "Please confirm your address",
         "returnedstatus 5.1.1"],
    ]  # fmt: skip
    assert len(rows(staff, occasion="address")) == 3
    assert Exchange(norway, TODAY).count() == 10


def test_contacts_show_kind_language_confirmation_and_doubt(norway: State, staff: Client) -> None:
    said = words(one_of(read(staff.get(PAGE)), "section", aria_labelledby="h-contacts"))
    assert "Focal point focal point" in said
    assert "focal@example.org · English · never confirmed" in said
    assert "Permanent Mission Permanent Mission" in said
    assert "mission@example.org · French · confirmed on 20 November 2026 · Confirm: Permanent Mission" in said
    before = words(
        one_of(read(staff.get(PAGE, {"as_of": "2026-11-19"})), "section", aria_labelledby="h-contacts")
    )
    assert "confirmed on" not in before


def test_the_page_of_the_state_leads_here_with_the_number_of_rows(norway: State, staff: Client) -> None:
    assert links(read(staff.get("/states/NOR/")))["Correspondence (8)"] == PAGE
    assert "Correspondence (3)" in links(read(staff.get("/states/NOR/", {"as_of": "2026-11-12"})))


@pytest.mark.parametrize("day", [date(2026, 11, 1), date(2026, 11, 12), date(2026, 11, 17), TODAY])
def test_the_number_is_that_of_the_rows(day: date, norway: State) -> None:
    exchange = Exchange(norway, day)
    assert exchange.count() == len(exchange.read())


def test_a_mail_about_two_reports_is_one_row(norway: State) -> None:
    row = Reminder.objects.get()
    row.pk, row.due_on = None, date(2032, 5, 10)
    row.save()
    exchange = Exchange(norway, TODAY)
    assert exchange.count() == len(exchange.read()) == 8


def test_a_former_contact_is_remembered_and_a_desk_officer_left_out(norway: State) -> None:
    Contact.objects.filter(name="Focal point").delete()
    assert Exchange(norway, TODAY).count() == 8
    Reminder.objects.update(recipient="grace@example.org", contact=None)
    # Neither the mail nor its bounce.
    assert Exchange(norway, TODAY).count() == 6


@pytest.mark.usefixtures("each_page_has_its_own_footer")
def test_more_rows_take_no_more_queries(norway: State, staff: Client, django_assert_num_queries: Any) -> None:
    contact = Contact.objects.get(email="mission@example.org")
    with django_assert_num_queries(13):
        staff.get(PAGE)
    for number in range(5):
        paper = a_note(contact, f"Note {number}", TODAY)
        files.keep(paper, "note.pdf", files.PDF, bytes(number), by="")
        Confirmation.objects.create(contact=contact, email=contact.email, on=TODAY, how="phone")
    with django_assert_num_queries(13):
        assert len(rows(staff)) == 18


def test_rows_are_exported_with_the_reference_in_a_column_of_its_own(norway: State, staff: Client) -> None:
    answer = staff.get(PAGE, {"_export": "json", "q": "26/1234"})
    assert json.loads(answer.content) == [
        {
            "Day": "2026-11-19",
            "Sent or received": "received",
            "What": "note verbale",
            "To or from": "Permanent Mission of Norway",
            "Reference and subject": "Thanks for the new address",
            "Reference": "OPSC/2026/IN/0001, 26/1234",
            "Status": "received",
            "Details": None,
        }
    ]
    assert 'filename="NOR-correspondence-2026-11-22.json"' in answer["Content-Disposition"]


def test_a_state_without_correspondence_has_an_empty_page(norway: State, staff: Client) -> None:
    factories.a_state("FIN", name="Finland")
    said = words(one_of(read(staff.get("/states/FIN/correspondence/")), "main"))
    assert "Nothing had been sent or received up to 22 November 2026." in said
    assert "No contact is recorded." in said


@pytest.mark.parametrize("address", ["/states/XXX/correspondence/", "/states/NORWAY/correspondence/"])
def test_an_unknown_state_has_no_page(address: str, staff: Client) -> None:
    assert staff.get(address).status_code == 404


def test_small_letters_lead_to_the_address(norway: State, staff: Client) -> None:
    answer = staff.get("/states/nor/correspondence/?q=dhl")
    assert (answer.status_code, answer["Location"]) == (301, "/states/NOR/correspondence/?q=dhl")


def test_without_permission_there_is_neither_page_nor_link(norway: State) -> None:
    client = signed_in("pat")
    get_user_model().objects.get(username="pat").user_permissions.add(
        Permission.objects.get(codename="view_state")
    )
    assert client.get(PAGE).status_code == 403
    assert PAGE not in links(read(client.get("/states/NOR/"))).values()


def test_a_viewer_reads_all_and_writes_nothing(norway: State) -> None:
    found = links(one_of(read(in_role("Viewer").get(PAGE)), "main"))
    assert not {"Write a paper", "Enter a paper received"} & found.keys()
