"""The pages of messages: all that came in, and what became of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.reminders.notifications import OURS, POSTFIX, TO
from tests.reminders.test_bounces import a_mail, collected
from tests.reminders.test_received import LEFT_THE_OFFICE, REFUSED, REPLY, STRANGER
from tests.web.conftest import in_role
from tests.web.pages import read, table, words
from tracker.reminders.models import ReceivedMessage, StaffTask

pytestmark = pytest.mark.django_db


@pytest.fixture
def came_in(tmp_path: Path) -> None:
    """A returned mail, an automatic answer, a reply, a refusal of the sender, and a letter of a stranger."""
    a_mail("NOR", TO, OURS)
    collected(tmp_path, POSTFIX, LEFT_THE_OFFICE, REPLY, REFUSED, STRANGER)


def test_the_list_says_what_became_of_each_message(came_in: None, staff: Client) -> None:
    rows = table(read(staff.get("/messages/")))
    assert {(row[2], row[3], row[5]) for row in rows} == {
        ("Undelivered Mail Returned to Sender", "returned mail", "waits for a person (Norway)"),
        ("Automatic reply", "automatic answer", "waits for a person (Norway)"),
        ("Re: Norway: initial report", "written by a person", "waits for a person (Norway)"),
        (
            "Undeliverable",
            "mail refused because of the sender",
            "Recorded: a mail server refuses our mail. No contact is to blame.",
        ),
        ("Hello", "written by a person", "waits for a person (no State)"),
    }


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("standing=waiting", 4),
        ("standing=done", 1),
        ("kind=letter", 2),
        ("q=submitted", 1),
        ("q=norvege", 3),
        ("q=nobody@", 1),
        ("q=nowhere", 0),
    ],
)
def test_the_list_is_filtered(query: str, count: int, came_in: None, staff: Client) -> None:
    assert len(table(read(staff.get(f"/messages/?{query}")))) == count


def test_an_empty_list_says_where_messages_come_from(staff: Client) -> None:
    assert "If the setting BOUNCES_URL names the mailbox" in words(read(staff.get("/messages/")))


def test_a_message_is_shown_as_text_and_leads_to_its_task(came_in: None, staff: Client) -> None:
    ReceivedMessage.objects.update(text="<script>alert(1)</script> We submitted.")
    message = ReceivedMessage.objects.get(subject="Re: Norway: initial report")
    answer = staff.get(message.get_absolute_url())
    assert "&lt;script&gt;alert(1)&lt;/script&gt; We submitted." in answer.content.decode()
    assert f'href="/tasks/{message.tasks.get().pk}/"' in answer.content.decode()


def test_a_task_about_a_message_is_settled_and_the_message_is_done(came_in: None) -> None:
    editor = in_role("Editor")
    task = StaffTask.objects.get(message__subject="Re: Norway: initial report")
    page = words(read(editor.get(f"/tasks/{task.pk}/")))
    assert "We submitted last week." in page
    assert "Record a submission" in page
    editor.post(f"/tasks/{task.pk}/", {"outcome": "recorded"})
    page = words(read(editor.get(task.message.get_absolute_url() if task.message else "")))
    assert "recorded (Norway)" in page


def test_a_task_without_a_state_can_be_settled(came_in: None) -> None:
    editor = in_role("Editor")
    task = StaffTask.objects.get(state=None)
    assert "none: the message answers no mail of ours" in words(read(editor.get(f"/tasks/{task.pk}/")))
    editor.post(f"/tasks/{task.pk}/", {"outcome": "answered"})
    task.refresh_from_db()
    assert (task.settled_by, task.outcome) == ("rolf", "answered")
    rows = table(read(editor.get("/tasks/?standing=settled")))
    assert rows[0][2].startswith("Nobody writes: Hello")


def test_the_export_has_every_column(came_in: None, staff: Client) -> None:
    lines: Any = staff.get("/messages/?_export=csv&sort=author").getvalue().decode("utf-8-sig").splitlines()
    assert lines[0] == "Received,From,Subject,Kind,About our mail,Outcome"
    assert len(lines) == 6
