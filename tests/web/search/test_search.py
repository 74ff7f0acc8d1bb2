"""The search over everything: what it finds, for whom, and where it leads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from tests import factories
from tests.audit.addresses import ROLES
from tests.web.conftest import MORNING, TODAY, a_world, in_role, signed_in
from tests.web.pages import all_of, links, one_of, problems, read, words
from tracker.registry.models import State
from tracker.reminders.models import Mail, ReceivedMessage, Reminder, ReminderRule

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The United States and Norway with documents, a contact, mails and a message."""
    yield from a_world(django_db_blocker, make_world)


def make_world() -> None:
    usa = factories.a_state("USA", name="United States of America")
    factories.joins(usa, on="2002-12-23", reference="C.N.1438.2002.TREATIES-52")
    factories.receives(usa, "2007-05-10", symbol="CRC/C/OPSC/USA/1", title="Premier, Été")
    factories.receives(usa, "2010-01-25", "periodic", "2", symbol="CRC/C/OPSC/USA/2")
    factories.reviews(usa, "2008-06-25", "initial", "1", document="CRC/C/OPSC/USA/CO/1")
    factories.decides(usa, "2010-01-23", "2008-06-25", cycles="2", document="CRC/C/OPSC/USA/CO/1")
    factories.asks(usa, document="CRC/C/OPSC/USA/Q/1")
    norway = factories.a_state("NOR")
    factories.joins(norway, on="2001-10-02")
    factories.proposes(norway, "2025-01-15", title="Amendment to article 12", document="C.N.7.2025")
    for iso3 in ("KGZ", "NLD", "CIV", "SRB"):
        factories.a_state(iso3)
    contact = factories.a_contact(
        norway, "jose.perez@example.org", name="José Pérez", office="Mission in Geneva"
    )
    factories.derive(TODAY.isoformat(), norway)
    for number, subject in enumerate(
        ("Norway: initial report, due 2 November 2003 (OPSC)", "Norway: 2 reports")
    ):
        Mail.objects.create(
            recipient="mission@example.org", subject=subject, text="the hidden word is heliotrope", html="",
            message_id=f"<{number}@example.org>", sent_on=TODAY,
        )  # fmt: skip
    Reminder.objects.create(
        obligation=norway.obligations.earliest("pk"), rule=ReminderRule.objects.earliest("pk"), contact=contact,
        recipient=contact.email, recipient_name=contact.name, due_on=TODAY, stage_on=TODAY,
        batch="7f3a0000-0000-4000-8000-000000000012",
    )  # fmt: skip
    ReceivedMessage.objects.create(
        kind="letter", digest="1", sender="legal@example.org", sender_name="Legal affairs",
        subject="Report follows", received_at=MORNING - timedelta(days=3),
    )  # fmt: skip


def found(client: Client, text: str, **values: str) -> dict[str, list[str]]:
    """The titles on the page of results, by group."""
    page = read(client.get("/search/", {"q": text, **values}))
    return {
        words(one_of(group, "h2")): [words(one) for one in all_of(group, "li")]
        for group in all_of(page, "section", class_="found")
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("norway", "Norway NOR"),
        ("NO", "Norway NOR"),
        ("Kyrgystan", "Kyrgyzstan KGZ similar name"),
        ("Holland", "Netherlands NLD “Holland”"),
        ("ivory coast", "Côte d'Ivoire CIV “Ivory Coast”"),
        ("Estados Unidos de América", "United States of America USA “Estados Unidos de América”"),
        ("Yugoslavia", "Serbia (formerly Yugoslavia) SRB"),
    ],
)
def test_a_state_is_found_by_its_spellings(text: str, shown: str, world: None, staff: Client) -> None:
    assert found(staff, text)["States 1"] == [shown]


@pytest.mark.parametrize(
    "text",
    [
        "CRC/C/OPSC/USA/1", "crc/c/opsc/usa/1", " CRC C OPSC USA 1", "CRC/C/ OPSC/USA/1",
        "СRС/С/ОРSС/USА/1", "ＣＲＣ／Ｃ／ＯＰＳＣ／ＵＳＡ／１", "CRC/C/OPSC/USA/١",
    ],
)  # fmt: skip
def test_a_symbol_leads_straight_to_its_report(text: str, world: None, staff: Client) -> None:
    answer = staff.get("/search/", {"q": text, "go": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/states/USA/#h-reports")


@pytest.mark.parametrize(
    ("text", "leads_to"),
    [
        ("CRC/C/OPSC/USA/CO/1", "/states/USA/#h-reviews"),
        ("CRC/C/OPSC/USA/Q/1", "/states/USA/#h-requests"),
        ("C.N.1438.2002.TREATIES-52", "/states/USA/#h-actions"),
        ("USA", "/states/USA/"),
        ("Ivory Coast", "/states/CIV/"),
    ],
)
def test_what_is_named_in_full_is_opened_on_the_same_day(
    text: str, leads_to: str, world: None, staff: Client
) -> None:
    address, _, place = leads_to.partition("#")
    expected = f"{address}?as_of=2009-05-31{'#' if place else ''}{place}"
    answer = staff.get("/search/", {"q": text, "go": "1", "as_of": "2009-05-31"})
    assert (answer.status_code, answer.headers["Location"]) == (302, expected)
    assert staff.get("/search/", {"q": text}).status_code == 200  # without `go` the results are shown


@pytest.mark.parametrize("text", ["Norwa", "Kyrgystan", "opsc/usa", "no", "jose", "", "\0"])
def test_what_is_not_named_in_full_is_never_guessed(text: str, world: None, staff: Client) -> None:
    assert staff.get("/search/", {"q": text, "go": "1"}).status_code == 200


def test_a_document_is_found_by_a_part_of_its_symbol_once_with_its_date(world: None, staff: Client) -> None:
    assert found(staff, "opsc usa")["Reports and documents 4"] == [
        "CRC/C/OPSC/USA/1 United States of America: initial report, date of receipt 10 May 2007 · Premier, Été",
        "CRC/C/OPSC/USA/2 United States of America: periodic report 2, date of receipt 25 January 2010",
        "CRC/C/OPSC/USA/Q/1 United States of America: list of issues, 10 July 2012",
        "CRC/C/OPSC/USA/CO/1 United States of America: concluding observations on the initial report, 25 June 2008",
    ]
    for text, of in (
        ("été premier", "CRC/C/OPSC/USA/1"),
        ("article 12", "C.N.7.2025"),
        ("c.n. 1438", "C.N.1438"),
    ):
        assert [one.startswith(of) for one in found(staff, text)["Reports and documents 1"]] == [True]


@pytest.mark.parametrize("text", ["perez", "José", "geneva mission", "jose.perez@ex", "norway pérez"])
def test_a_contact_is_found_by_name_office_address_and_state(text: str, world: None, staff: Client) -> None:
    assert found(staff, text)["Contacts 1"] == ["José Pérez Norway: jose.perez@example.org"]


def test_mails_reminders_and_messages_are_found_by_subject_and_person_newest_first(
    world: None, staff: Client
) -> None:
    assert found(staff, "norway report")["Mails and messages 2"] == [
        "Norway: 2 reports mail to mission@example.org, 22 November 2026",
        "Norway: initial report, due 2 November 2003 (OPSC) mail to mission@example.org, 22 November 2026",
    ]
    assert found(staff, "perez")["Mails and messages 1"] == [
        "Reminder to jose.perez@example.org not yet sent, planned on 22 November 2026"
    ]
    assert found(staff, "legal affairs") == {
        "Mails and messages 1": ["Report follows message from legal@example.org, 19 November 2026"]
    }
    assert len(found(staff, "example.org")["Mails and messages 4"]) == 4
    assert found(staff, "heliotrope") == {}  # the texts of mails are not searched


def test_contacts_and_mails_are_found_only_by_those_who_may_see_them(world: None, staff: Client) -> None:
    assert list(found(staff, "perez")) == ["Contacts 1", "Mails and messages 1"]
    for role in ROLES.values():
        assert list(found(in_role(role, role), "perez")) == ["Contacts 1", "Mails and messages 1"]
    reader = signed_in("reader")
    permission = Permission.objects.get(codename="view_state")
    get_user_model().objects.get(username="reader").user_permissions.add(permission)
    assert list(found(reader, "norway")) == ["States 1"]
    assert found(reader, "perez") == {}


def test_a_search_without_result_says_what_can_be_searched(staff: Client) -> None:
    page = read(staff.get("/search/?q=zzzz"))
    assert "Nothing was found for “zzzz”." in words(one_of(page, "main"))
    assert links(one_of(page, "main")) == {
        "All States": "/states/",
        "All submissions": "/submissions/",
        "Help": "/help/",
    }
    assert "Nothing was found" not in words(one_of(read(staff.get("/search/")), "main"))


@pytest.mark.parametrize("length", [201, 10_000])
def test_a_text_that_is_too_long_is_refused_with_its_limit(length: int, staff: Client) -> None:
    page = read(staff.get("/search/", {"q": "n" * length, "go": "1"}))
    assert problems(page) == ["Enter at most 200 characters."]
    assert staff.get("/search/suggest/", {"q": "n" * length}).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "q=%00", "q=nor%00way", "q=%ED%A0%80", "q=%FF%FE", "q=%25", "q=_", "q=%5C", "q=%27%22%3B--", "q=a+b+c+d+e+f+g",
        "q=%E2%80%AE%E2%80%8Bnor", "q=%F0%9F%87%B3%F0%9F%87%B4", "q=(((", "q=norway&q=sweden", "q=n&go=&as_of=x", "Q=1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("address", ["/search/", "/search/suggest/"])
def test_no_text_breaks_the_search(address: str, query: str, world: None, staff: Client) -> None:
    assert staff.get(f"{address}?{query}").status_code == 200


def test_what_cannot_be_seen_in_a_text_is_ignored(world: None, staff: Client) -> None:
    assert staff.get("/search/?q=%E2%80%8Bnor%00way+&go=1").headers["Location"] == "/states/NOR/"


def test_suggestions_are_options_in_groups_with_the_best_of_each(world: None, staff: Client) -> None:
    part = read(staff.get("/search/suggest/?q=opsc+us&as_of=2009-05-31"))
    options = {words(one): one.attributes for one in all_of(part, "a", role="option")}
    assert [one["id"] for one in options.values()] == [
        *(f"suggestion-documents-{number}" for number in (1, 2, 3, 4)),
        "suggestion-all",
    ]
    assert options["All results for “opsc us”"]["href"] == "/search/?q=opsc+us&as_of=2009-05-31"
    assert {one["href"].partition("#")[0] for one in list(options.values())[:4]} == {
        "/states/USA/?as_of=2009-05-31"
    }
    (group,) = all_of(part, "div", role="group")
    assert words(one_of(part, "div", id=group.attributes["aria-labelledby"])) == "Reports and documents 4"
    assert words(one_of(part, "output")) == "4 suggestions"
    (none,) = all_of(read(staff.get("/search/suggest/?q=zzzz")), "a")
    assert words(none) == "Nothing was found for “zzzz”. What can be searched"


def test_more_results_than_are_shown_are_folded_and_counted_up_to_fifty(world: None, staff: Client) -> None:
    for cycle in range(2, 54):
        factories.receives(
            State.objects.get(pk="CIV"), "2020-01-01", "periodic", str(cycle),
            symbol=f"CRC/C/CIV/{cycle}", carried_by="own",
        )  # fmt: skip
    page = read(staff.get("/search/?q=crc/c/civ"))
    (group,) = all_of(page, "section", class_="found")
    assert words(one_of(group, "h2")) == "Reports and documents more than 50"
    assert [len(all_of(one, "li")) for one in all_of(group, "ul")] == [10, 40]
    assert words(one_of(group, "summary")) == "Show 40 more"
    assert "Add a word to find fewer." in words(group)


def test_the_search_of_the_header_and_of_a_missing_page_lead_here(world: None, staff: Client) -> None:
    for address in ("/participation/?as_of=2009-05-31", "/nowhere/"):
        page = read(staff.get(address))
        assert {one.attributes["action"] for one in all_of(page, "form", role="search")} == {"/search/"}
    form = one_of(read(staff.get("/participation/?as_of=2009-05-31")), "form", class_="search")
    hidden = {one.attributes["name"]: one.attributes["value"] for one in all_of(form, "input", type="hidden")}
    assert hidden == {"go": "1", "as_of": "2009-05-31"}
