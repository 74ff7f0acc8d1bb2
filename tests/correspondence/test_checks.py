"""What a paper does not allow any more once its contact, the records or its initials are others."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import factories
from tests.correspondence.conftest import TODAY
from tests.correspondence.test_papers import a_note
from tracker.correspondence import due, files, numbers, papers, received, sending
from tracker.correspondence.checks import NotPossible
from tracker.correspondence.models import Dispatch, Means, Occasion, Paper, PaperStatus
from tracker.correspondence.papers import NewPaper
from tracker.correspondence.text.subject import PaperSubject
from tracker.registry.models import Contact, ContactKind
from tracker.reminders.models import StaffTask

pytestmark = pytest.mark.django_db


def overdue(mission: Contact) -> Paper:
    (paper,) = due.draft_due(TODAY)
    return paper


def the_paper() -> Paper:
    return Paper.objects.select_related("dispatch").get()


def observations_for(mission: Contact) -> Paper:
    """The initialled note that transmits observations, which it names as enclosed."""
    subject = PaperSubject(mission.state, review=factories.reviews(mission.state))
    paper = papers.draft(NewPaper(Occasion.OBSERVATIONS, "note", mission, subject), by="ada", day=TODAY)
    assert paper is not None
    return papers.initial(paper, by="bob")


def change(contact: Contact, **values: Any) -> None:
    Contact.objects.filter(pk=contact.pk).update(**values)


# --- the contact ---------------------------------------------------------------------------------------


def test_a_mission_that_turns_out_to_be_an_organization_gets_no_note(mission: Contact) -> None:
    draft, initialled = a_note(mission, key="one"), papers.initial(a_note(mission, key="two"), by="bob")
    change(mission, kind=ContactKind.OTHER)
    for means in (Means.MAIL, Means.COURIER):
        with pytest.raises(NotPossible, match="Choose a letter or plain mail"):
            papers.dispatch(initialled, means, by="bob", day=TODAY)
    with pytest.raises(NotPossible, match="Choose a letter or plain mail"):
        papers.initial(draft, by="bob")


@pytest.mark.parametrize("changed", ["kind", "state"])
def test_a_mail_that_waits_does_not_go_to_what_is_another_contact_now(
    changed: str, mission: Contact, mailoutbox: Any
) -> None:
    papers.dispatch(papers.initial(a_note(mission), by="bob"), Means.MAIL, by="bob", day=TODAY)
    change(mission, **{changed: factories.a_state("SWE") if changed == "state" else ContactKind.OTHER})
    sending.send_due(TODAY)
    paper = the_paper()
    assert (mailoutbox, paper.status, paper.dispatch.reason) == (
        [],
        PaperStatus.INITIALLED,
        "the contact has changed since",
    )


def test_a_paper_about_a_state_is_not_mailed_to_a_contact_of_another(mission: Contact) -> None:
    paper = papers.initial(a_note(mission), by="bob")
    change(mission, state=factories.a_state("SWE"))
    with pytest.raises(NotPossible, match="no longer active"):
        papers.dispatch(paper, Means.MAIL, by="bob", day=TODAY)


def test_a_paper_rewritten_goes_to_the_contact_as_it_is_now(mission: Contact, mailoutbox: Any) -> None:
    paper = papers.initial(overdue(mission), by="bob")
    change(mission, email="new.dnk@example.org", name="Mission of Denmark", kind=ContactKind.MINISTRY)
    with pytest.raises(NotPossible, match="Return the paper to draft and rewrite it"):
        papers.dispatch(paper, Means.MAIL, by="bob", day=TODAY)
    paper = papers.rewrite(papers.return_to_draft(paper, by="bob"), by="bob", day=TODAY)
    papers.dispatch(papers.initial(paper, by="bob"), Means.MAIL, by="bob", day=TODAY)
    sending.send_due(TODAY)
    assert mailoutbox[0].to == ["Mission of Denmark <new.dnk@example.org>"]
    assert "to the competent ministry of the Kingdom of Denmark" in mailoutbox[0].body


def test_typed_words_go_to_the_new_address_once_the_paper_was_returned(mission: Contact) -> None:
    paper = papers.initial(a_note(mission), by="bob")
    change(mission, email="new.dnk@example.org")
    paper = papers.initial(papers.return_to_draft(paper, by="bob"), by="bob")
    papers.dispatch(paper, Means.MAIL, by="bob", day=TODAY)
    assert the_paper().dispatch.recipient == "new.dnk@example.org"


# --- the records ---------------------------------------------------------------------------------------


def test_a_mail_that_waits_does_not_go_once_the_report_has_come(mission: Contact, mailoutbox: Any) -> None:
    papers.dispatch(papers.initial(overdue(mission), by="bob"), Means.MAIL, by="bob", day=TODAY)
    factories.receives(mission.state, "2026-11-20")
    factories.derive(str(TODAY))
    assert sending.send_due(TODAY)["cancelled"] == 1
    assert mailoutbox == []
    assert the_paper().status == PaperStatus.INITIALLED
    assert StaffTask.objects.get().said == "the records have changed since the paper was written"
    due.cancel_outdated(TODAY)
    assert the_paper().cancelled_because == "the report is no longer due on this date"


def test_no_paper_left_before_the_date_it_bears(mission: Contact) -> None:
    paper = papers.initial(a_note(mission), by="bob")
    with pytest.raises(NotPossible, match="dated later than this day"):
        papers.dispatch(paper, Means.COURIER, by="bob", day=date(2026, 11, 29))


def test_a_mail_takes_the_enclosures_along_that_its_paper_names(mission: Contact, mailoutbox: Any) -> None:
    paper = observations_for(mission)
    wrong = files.accept(paper, SimpleUploadedFile("wrong.txt", b"Of another State"), by="ada")
    files.remove(wrong, by="ada", reason="of another State")
    with pytest.raises(NotPossible, match="Attach the enclosures first"):
        papers.dispatch(paper, Means.MAIL, by="bob", day=TODAY)
    files.accept(paper, SimpleUploadedFile("CO.txt", b"Concluding observations"), by="ada")
    paper = papers.dispatch(paper, Means.MAIL, by="bob", day=TODAY)
    files.accept(paper, SimpleUploadedFile("stamped.txt", b"A copy for us"), by="ada")
    sending.send_due(TODAY)
    names = [name for name, _data, _type in mailoutbox[0].attachments]
    assert names == ["OPSC-2026-0001.pdf", "CO.txt"]


def test_a_mail_whose_enclosures_were_removed_after_the_dispatch_does_not_go(
    mission: Contact, mailoutbox: Any
) -> None:
    paper = observations_for(mission)
    wrong = files.accept(paper, SimpleUploadedFile("CO.txt", b"Of another State"), by="ada")
    papers.dispatch(paper, Means.MAIL, by="bob", day=TODAY)
    files.remove(wrong, by="ada", reason="of another State")
    sending.send_due(TODAY)
    assert mailoutbox == []
    paper.refresh_from_db()
    assert (paper.status, paper.steps.last().note) == (
        PaperStatus.INITIALLED,
        "the enclosures that the paper names were removed",
    )
    assert StaffTask.objects.get().page == paper.dispatch.get_absolute_url()


def test_what_was_not_sent_as_a_mistake_is_no_file_of_the_mail_afterwards(
    mission: Contact, mailoutbox: Any
) -> None:
    paper = observations_for(mission)
    files.accept(paper, SimpleUploadedFile("CO.txt", b"Concluding observations"), by="ada")
    wrong = files.accept(paper, SimpleUploadedFile("wrong.txt", b"Of another State"), by="ada")
    papers.dispatch(paper, Means.MAIL, by="bob", day=TODAY)
    files.remove(wrong, by="ada", reason="of another State")
    marked = paper.steps.last()
    sending.send_due(TODAY)
    assert [name for name, _data, _type in mailoutbox[0].attachments] == ["OPSC-2026-0001.pdf", "CO.txt"]
    with pytest.raises(NotPossible, match="Somebody has changed this paper since"):
        files.undo(marked, by="ada")


# --- initials ------------------------------------------------------------------------------------------


def test_nobody_changes_what_the_first_of_two_has_initialled(mission: Contact) -> None:
    report = factories.the_obligation(mission.state)
    subject = PaperSubject(mission.state, report, report.due_on, decision="CRC/C/103/2")
    notice = papers.draft(NewPaper(Occasion.REVIEW_NOTICE, "note", mission, subject), by="ada", day=TODAY)
    assert notice is not None
    notice = papers.initial(notice, by="ann")
    with pytest.raises(NotPossible, match="Return the paper to draft first"):
        papers.edit(notice, {"en": ["Other words."]}, by="ben", seen=notice.changed_at)
    with pytest.raises(NotPossible, match="Return the paper to draft first"):
        papers.decide(notice, "CRC/C/104/2", by="ben")
    with pytest.raises(NotPossible, match="Return the paper to draft first"):
        papers.rewrite(notice, by="ben", day=TODAY)
    notice = papers.initial(notice, by="ben")
    assert (notice.status, notice.decision) == (PaperStatus.INITIALLED, "CRC/C/103/2")


# --- the mail and the receipt --------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["planned", "failed", "dead"])
def test_a_receipt_is_not_confirmed_of_a_mail_that_was_not_sent(state: str, mission: Contact) -> None:
    paper = papers.dispatch(papers.initial(a_note(mission), by="bob"), Means.MAIL, by="bob", day=TODAY)
    Dispatch.objects.update(state=state)
    with pytest.raises(NotPossible, match="has not been sent"):
        papers.acknowledge(paper, by="bob", on=TODAY)


# --- references ----------------------------------------------------------------------------------------


def test_a_pattern_must_not_give_a_reference_of_the_register_again(mission: Contact) -> None:
    received.receive(mission.state, by="ada", on=TODAY, subject="Answer")
    a_note(mission)
    assert numbers.taken("OPSC/{year}/IN/{number}", "out") == "OPSC/2026/IN/0001"
    assert numbers.taken("OPSC/{year}/{number}", "in") == "OPSC/2026/0001"
    assert numbers.taken("OPSC/{year}/{number}", "out") == ""
    assert numbers.taken("OPSC.{year}.{number}", "in") == ""
