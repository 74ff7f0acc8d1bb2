"""Proof of notice: mails to a State's contacts, as page, workbook and PDF."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from tests import factories
from tests.reminders.helpers import a_state_reporting
from tests.web.conftest import TODAY, signed_in
from tests.web.pages import all_of, links, one_of, read, words
from tests.web.reports.test_reports import (
    HOSTILE,
    book_of,
    in_the_book,
    pdf_of,
    rows_of,
    sections_of,
    squeezed,
    text_of,
)
from tracker.reminders.models import Mail, Reminder, ReminderRule
from tracker.reminders.plan import plan
from tracker.reminders.send import send_due

pytestmark = pytest.mark.django_db

PROOF = "/reminders/proof/NOR/"


@pytest.fixture
def sent(db: None) -> Mail:
    """A mail that went to Norway's mission, and one to its desk officer."""
    state = factories.a_state("NOR", desk_officer=factories.an_officer("grace"))
    factories.joins(state, on="2025-04-10")
    factories.a_contact(state)
    factories.derive(TODAY.isoformat())
    ReminderRule.objects.update(audience="both")
    plan(TODAY)
    send_due(TODAY)
    Reminder.objects.update(sent_at=datetime(2026, 11, 22, 9, 0, 5, tzinfo=UTC))
    Mail.objects.update(answer="250 2.0.0 kept as 42")
    return Mail.objects.get(recipient="mission@example.org")


def particulars(staff: Client, address: str = PROOF) -> list[list[str]]:
    return rows_of(sections_of(read(staff.get(address)))["Details of each reminder"])


def test_a_mail_is_proved_with_all_that_is_kept_of_it(sent: Mail, staff: Client) -> None:
    rule = Reminder.objects.get(mail=sent).rule_id
    assert particulars(staff) == [
        ["What", "As recorded"],
        ["Mail 1"],
        ["Sent, UTC", "22 November 2026, 09:00:05"],
        ["To", "Permanent Mission, mission@example.org"],
        ["Subject", "Norway: initial report, due 10 May 2027 (OPSC)"],
        ["Language", "English"],
        ["Reports", f"initial report, due on 10 May 2027: 6 months before (rule {rule})"],
        ["Message-ID", sent.message_id],
        ["Answer of the server", "250 2.0.0 kept as 42"],
        ["SHA-256 of the text", hashlib.sha256(sent.text.encode()).hexdigest()],
        ["Calendar file, SHA-256", hashlib.sha256(sent.calendar.encode()).hexdigest()],
    ]


def test_a_mail_about_a_report_under_the_crc_is_proved_as_such(staff: Client) -> None:
    a_state_reporting("JPN", "2026-12-31", "mission@example.org", precision="year")
    plan(TODAY)
    send_due(TODAY)
    rule = Reminder.objects.get().rule_id
    rows = particulars(staff, "/reminders/proof/JPN/")
    name = "combined sixth and seventh reports under article 44 of the CRC"
    assert ["Subject", f"Japan: {name}, due in 2026 (OPSC)"] in rows
    assert ["Reports", f"{name}, due in 2026: 3 months before (rule {rule})"] in rows


def test_page_workbook_and_pdf_prove_the_same(sent: Mail, staff: Client) -> None:
    page = read(staff.get(PROOF))
    book, document = book_of(staff, PROOF), text_of(pdf_of(staff, PROOF))
    says = words(one_of(page, "div", class_="says"))
    assert (
        says
        == "1 mail with reminders to the contacts of the State was accepted by the mail server up to 22 November 2026."
    )
    assert squeezed(says) in document
    for heading, section in sections_of(page).items():
        there = [[in_the_book(cell.value) for cell in row] for row in book[heading].iter_rows(min_row=4)]
        rows = rows_of(section)
        assert len(rows) > 1
        for row, cells in zip(rows, there, strict=False):
            assert cells[: len(row)] == row
            assert squeezed("".join(row)) in document


def test_words_that_command_command_nothing(sent: Mail, staff: Client) -> None:
    Mail.objects.update(answer=HOSTILE, subject=HOSTILE)
    assert squeezed(HOSTILE) in text_of(pdf_of(staff, PROOF))
    assert ["Answer of the server", " ".join(HOSTILE.split())] in particulars(staff)


def test_a_mail_stays_proved_when_its_contact_is_deleted_and_its_rule_edited(
    sent: Mail, staff: Client
) -> None:
    before = particulars(staff)
    factories.Contact.objects.all().delete()
    ReminderRule.objects.update(days=3)
    assert particulars(staff) == before


def test_nothing_is_proved_that_went_later_or_is_not_known(sent: Mail, staff: Client) -> None:
    def said(address: str) -> str:
        return words(one_of(read(staff.get(address)), "div", class_="says"))

    none = "No mail with reminders to the contacts of the State had been accepted by the mail server up to "
    assert said(f"{PROOF}?as_of=2026-11-21") == f"{none}21 November 2026."
    Reminder.objects.update(state="unknown")
    assert said(PROOF) == (
        f"{none}22 November 2026. Of 1 further mail it is not known whether it was sent; it is not listed."
    )
    assert all_of(read(staff.get(PROOF)), "table") == []


def test_state_and_mail_lead_to_the_proof(sent: Mail, staff: Client) -> None:
    found = links(read(staff.get("/states/NOR/")))
    assert (found["proof of notice"], found["proof as PDF"]) == (PROOF, "/reminders/proof/NOR.pdf")
    assert links(read(staff.get("/reminders/?of=Norway")))["Proof of notice: NOR"] == PROOF
    assert "Proof of notice: NOR" not in links(read(staff.get("/reminders/")))
    page = read(staff.get(sent.get_absolute_url()))
    assert links(page)["Proof of notice: Norway"] == PROOF
    assert sent.fingerprint in words(one_of(page, "main"))


@pytest.mark.parametrize(
    "address", ["/reminders/proof/XXX/", "/reminders/proof/NORWAY/", "/reminders/proof/NOR.doc"]
)
def test_an_unknown_proof_is_no_page(address: str, sent: Mail, staff: Client) -> None:
    assert staff.get(address).status_code == 404


def test_whoever_may_not_see_reminders_gets_no_proof(sent: Mail) -> None:
    somebody: Any = signed_in("pat")
    get_user_model().objects.get(username="pat").user_permissions.add(
        Permission.objects.get(codename="view_state")
    )
    assert somebody.get(PROOF).status_code == 403
    assert "proof of notice" not in links(read(somebody.get("/states/NOR/")))
