"""What an approver does on the page of a paper whose mail did not go, or may not have."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.web.conftest import in_role
from tracker.correspondence import papers, sending
from tracker.correspondence.checks import NotPossible
from tracker.correspondence.models import Dispatch, Means, Paper
from tracker.reminders.models import Mail, StaffTask

pytestmark = pytest.mark.django_db


@pytest.fixture
def dead(note: Paper) -> Paper:
    """A note whose mail the server refused."""
    paper = papers.dispatch(papers.initial(note, by="bob"), Means.MAIL, by="bob", day=note.dated)
    Dispatch.objects.update(state="dead", answer="550 5.1.1 unknown", attempts=1)
    return paper


def act(client: Client, paper: Paper, **data: str) -> str:
    """Presses a button and returns the text of the page that follows."""
    paper.refresh_from_db()
    seen = {"seen": paper.changed_at.isoformat()}
    answer = client.post(f"/correspondence/{paper.pk}/act/", seen | data, follow=True)
    return str(answer.content.decode())


def test_a_dead_mail_is_sent_again_with_a_reason(dead: Paper) -> None:
    approver = in_role("Approver")
    assert "Enter a reason" in act(approver, dead, act="again")
    assert "The mail with OPSC/2026/0001 is sent again." in act(
        approver, dead, act="again", reason="the mailbox is open again"
    )
    assert Dispatch.objects.get().state == "planned"


def test_a_dead_mail_is_taken_back_and_goes_by_courier(dead: Paper) -> None:
    approver = in_role("Approver")
    assert "is taken back" in act(approver, dead, act="recall", reason="wrong address")
    act(approver, dead, act="dispatch", means="courier")
    assert list(Dispatch.objects.values_list("state", "means")) == [("sent", "courier")]


def test_a_courier_recorded_by_mistake_is_taken_back_until_the_receipt_is_confirmed(note: Paper) -> None:
    approver = in_role("Approver")
    paper = papers.dispatch(papers.initial(note, by="bob"), Means.COURIER, by="bob", day=note.dated)
    assert "Enter a reason" in act(approver, paper, act="recall")
    assert "The dispatch of OPSC/2026/0001 is taken back." in act(
        approver, paper, act="recall", reason="no courier"
    )
    assert list(Dispatch.objects.values_list("state", "means")) == [("cancelled", "courier")]
    act(approver, paper, act="dispatch", means="hand")
    assert list(Dispatch.objects.values_list("state", "means")) == [("sent", "hand")]
    act(approver, paper, act="acknowledge", on=str(note.dated))
    assert "Nothing was done" in act(approver, paper, act="recall", reason="no courier")
    with pytest.raises(
        NotPossible, match=r"was dispatched on 22 November 2026, and its receipt is confirmed\."
    ):
        sending.take_back(Dispatch.objects.get(), by="bob", reason="no courier")
    assert Dispatch.objects.get().state == "sent"
    act(approver, paper, act="unconfirm", reason="of another paper")
    assert "is taken back" in act(approver, paper, act="recall", reason="no courier")


def test_a_dead_mail_cannot_be_said_to_have_arrived(dead: Paper) -> None:
    assert "Nothing was done" in act(in_role("Approver"), dead, act="arrived", reason="x")
    assert Dispatch.objects.get().state == "dead"


def test_a_confirmed_receipt_settles_what_is_not_known_of_a_mail(dead: Paper) -> None:
    approver = in_role("Approver")
    assert "Nothing was done" in act(approver, dead, act="acknowledge", on="2026-11-22")
    Dispatch.objects.update(state="unknown", handed_over_at="2026-11-22T09:00Z")
    assert "is recorded" in act(approver, dead, act="acknowledge", on="2026-11-22")
    assert "has arrived" in act(approver, dead, act="arrived", reason="the receipt is confirmed")
    assert Dispatch.objects.get().state == "sent"
    assert Paper.objects.get().status == "acknowledged"


def test_an_editor_decides_nothing_about_a_mail(dead: Paper) -> None:
    editor = in_role("Editor")
    page = editor.get(f"/correspondence/{dead.pk}/").content.decode()
    assert "Send again" not in page
    assert "Nothing was done" in act(editor, dead, act="again", reason="x")
    assert Dispatch.objects.get().state == "dead"


def test_the_page_of_the_mail_names_the_paper(note: Paper, staff: Client) -> None:
    papers.dispatch(papers.initial(note, by="bob"), Means.MAIL, by="bob", day=note.dated)
    sending.send_due(note.dated)
    mail = Mail.objects.get()
    page = staff.get(mail.get_absolute_url()).content.decode()
    (row,) = Dispatch.objects.all()
    assert f'<a href="/correspondence/dispatches/{row.pk}/">OPSC/2026/0001</a> (sent)' in page
    assert staff.get(row.get_absolute_url()).url == note.get_absolute_url()


def test_the_task_about_a_dead_mail_leads_to_its_paper(dead: Paper, staff: Client) -> None:
    sending.about_stuck(Dispatch.objects.all())
    task = StaffTask.objects.get()
    page = staff.get(task.get_absolute_url()).content.decode()
    assert "A mail was not sent." in page
    assert f'<a href="{Dispatch.objects.get().get_absolute_url()}">' in page
