"""Proof of notice: the print of a State's correspondence, with the particulars of its papers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from tests.web.conftest import a_world, signed_in
from tests.web.correspondence.exchanged import exchange_with_norway
from tests.web.pages import links, one_of, read, words
from tests.web.reports.test_reports import book_of, pdf_of, rows_of, sections_of, squeezed, text_of
from tracker.correspondence import files
from tracker.correspondence.models import Dispatch, FileContent, Paper, PaperFile
from tracker.registry.models import State
from tracker.reminders.models import Mail

pytestmark = pytest.mark.django_db

PROOF = "/reminders/proof/NOR/"
REMINDER = "Norway: initial report, due 10 May 2027 (OPSC)"


@pytest.fixture(scope="module")
def norway(django_db_setup: None, django_db_blocker: Any) -> Iterator[State]:
    yield from a_world(django_db_blocker, exchange_with_norway)


def section(staff: Client, heading: str, as_of: str = "2026-11-22") -> list[list[str]]:
    return rows_of(sections_of(read(staff.get(PROOF, {"as_of": as_of})))[heading])


def test_everything_that_went_out_or_came_in_is_listed_without_working_notes(
    norway: State, staff: Client
) -> None:
    assert section(staff, "Correspondence") == [
        ["No.", "Day", "Sent or received", "What", "To or from", "Reference and subject", "Status"],
        ["1", "10 November 2026", "sent", "reminder by mail", "Focal point, focal@example.org", REMINDER, "sent"],
        ["2", "11 November 2026", "received", "notification of a mail server", "mx.example.org", REMINDER,
         "returned; 550 No such user"],
        ["3", "12 November 2026", "received", "answer by link", "Focal point",
         "The recipient answers: it will be sent by 31 January 2027.", "received"],
        ["4", "13 November 2026", "received", "message", "focal@example.org", "Re: Norway", "received"],
        ["5", "16 November 2026", "sent", "note verbale", "Permanent Mission",
         "OPSC/2026/0001; Norway: New address (OPSC)", "acknowledged; courier, DHL 123"],
        ["6", "19 November 2026", "received", "note verbale", "Permanent Mission of Norway",
         "OPSC/2026/IN/0001, 26/1234; Thanks for the new address", "received"],
        ["7", "20 November 2026", "received", "confirmation of an address", "Permanent Mission",
         "mission@example.org", "by telephone; Ms Dahl"],
    ]  # fmt: skip


def test_a_paper_is_proved_with_all_that_is_kept_of_it(norway: State, staff: Client) -> None:
    note = Paper.objects.get(reference="OPSC/2026/0001")
    filed = note.files.get()
    digest = hashlib.sha256(bytes(FileContent.objects.get(pk=filed.content_id).data)).hexdigest()
    assert section(staff, "Details of each paper") == [
        ["What", "As recorded"],
        ["Paper OPSC/2026/0001"],
        ["Form", "note verbale"],
        ["Occasion", "note to several States"],
        ["Subject", "Norway: New address (OPSC)"],
        ["To", "Permanent Mission, mission@example.org"],
        ["Language", f"English (texts of version {note.words})"],
        ["Initialled by", "bob"],
        ["Dispatched", "16 November 2026, entered by bob"],
        ["Delivery", "courier, DHL 123"],
        ["Acknowledged", "18 November 2026; stamped receipt"],
        ["File, SHA-256", f"OPSC-2026-0001.pdf ({filed.size:,} bytes): {digest}"],
        ["Paper OPSC/2026/IN/0001"],
        ["Form", "note verbale"],
        ["Occasion", "other"],
        ["Subject", "Thanks for the new address"],
        ["From", "Permanent Mission of Norway"],
        ["Their reference", "26/1234"],
        ["Received", "19 November 2026, entered by ada"],
        ["File, SHA-256", f"answer.pdf (8 bytes): {hashlib.sha256(b'%PDF-1.7').hexdigest()}"],
    ]


def test_sentences_count_papers_and_mails(norway: State, staff: Client) -> None:
    assert words(one_of(read(staff.get(PROOF)), "div", class_="says")) == (
        "1 paper was dispatched to the State up to 22 November 2026. The receipt of 1 of them was acknowledged. "
        "1 mail with reminders to the contacts of the State was accepted by the mail server up to 22 November 2026. "
        "1 of them was returned by a later mail server."
    )


def test_what_came_later_is_not_proved(norway: State, staff: Client) -> None:
    rows = section(staff, "Details of each paper", as_of="2026-11-17")
    assert ["Delivery", "courier, DHL 123"] in rows
    assert not {"Acknowledged", "Paper OPSC/2026/IN/0001"} & {row[0] for row in rows}
    early = sections_of(read(staff.get(PROOF, {"as_of": "2026-11-15"})))
    assert list(early) == ["Correspondence", "Reminders by mail", "Details of each reminder"]


def test_each_version_of_a_file_is_named(norway: State, staff: Client) -> None:
    note = Paper.objects.get(reference="OPSC/2026/0001")
    first = files.keep(note, "OPSC-2026-0001.pdf", files.PDF, b"an earlier version", by="")
    PaperFile.objects.filter(pk=first.pk).update(added_at=datetime(2026, 11, 16, 8, tzinfo=UTC))
    named = [row for row in section(staff, "Details of each paper") if row[0] == "File, SHA-256"]
    assert len(named) == 3
    assert hashlib.sha256(b"an earlier version").hexdigest() in str(named)
    assert named[1][1].endswith(note.filed)


def test_a_note_by_mail_is_proved_with_its_mail(norway: State, staff: Client) -> None:
    mail = Mail.objects.get()
    mail.pk, mail.message_id, mail.answer, mail.text = None, "<note@example.org>", "250 kept", "The note"
    mail.save()
    Dispatch.objects.update(means="mail", recipient="mission@example.org", mail=mail)
    Paper.objects.filter(reference="OPSC/2026/0001").update(means="mail", delivery_note="")
    rows = section(staff, "Details of each paper")
    assert ["Delivery", "e-mail"] in rows
    assert ["Message-ID", "<note@example.org>"] in rows
    assert ["SHA-256 of the text", hashlib.sha256(b"The note").hexdigest()] in rows


@pytest.mark.parametrize("state", ["planned", "failed", "dead"])
def test_a_note_whose_mail_has_not_gone_is_not_proved(state: str, norway: State, staff: Client) -> None:
    Dispatch.objects.update(means="mail", recipient="mission@example.org", state=state)
    Paper.objects.filter(reference="OPSC/2026/0001").update(
        means="mail", status="dispatched", acknowledged_on=None
    )
    page = read(staff.get(PROOF))
    assert "dispatched to the State" not in words(one_of(page, "div", class_="says"))
    assert "OPSC/2026/0001" not in words(one_of(page, "main"))


def test_page_workbook_and_pdf_prove_the_same(norway: State, staff: Client) -> None:
    book, document = book_of(staff, PROOF), text_of(pdf_of(staff, PROOF))
    for heading in ("Correspondence", "Details of each paper"):
        for row in section(staff, heading):
            assert squeezed("".join(row)) in document
        assert heading in book


def test_whoever_may_not_see_papers_gets_the_mails_alone(norway: State) -> None:
    client = signed_in("pat")
    allowed = Permission.objects.filter(codename__in=("view_state", "view_reminder"))
    get_user_model().objects.get(username="pat").user_permissions.set(allowed)
    assert list(sections_of(read(client.get(PROOF)))) == [
        "Reminders by mail",
        "Details of each reminder",
    ]


def test_the_way_back_is_the_correspondence(norway: State, staff: Client) -> None:
    assert links(read(staff.get(PROOF)))["Back"] == "/states/NOR/correspondence/"
