"""What came back reads so everywhere, and is sent to another contact; tasks are settled together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.reminders.notifications import DATE, OURS, POSTFIX, TO
from tests.reminders.test_bounces import a_mail, collected
from tests.reminders.test_received import REFUSED, STRANGER
from tests.web.conftest import TODAY, in_role, signed_in
from tests.web.pages import messages, one_of, read, table, words
from tracker.registry.models import Contact, State
from tracker.reminders import digest
from tracker.reminders.models import Mail, OutboxAct, Reminder, StaffTask
from tracker.reminders.send import send_due

pytestmark = pytest.mark.django_db
WHY = f"550 5.1.1 <{TO}>: Recipient address rejected: User unknown"


@pytest.fixture
def reminder(tmp_path: Path) -> Reminder:
    """A reminder to Norway that was sent and came back."""
    mail = a_mail("NOR", TO, OURS)
    Reminder.objects.update(state="sent", sent_at="2026-03-16T06:00Z", sent_on="2026-03-16", mail=mail)
    collected(tmp_path, POSTFIX)
    return Reminder.objects.get()


def test_a_returned_mail_is_no_longer_counted_as_sent(reminder: Reminder, staff: Client) -> None:
    assert (reminder.state, reminder.reason) == ("returned", WHY)
    page = read(staff.get("/reminders/"))
    assert "came back: 1" in words(one_of(page, "main"))
    assert "sent: 1" not in words(one_of(page, "main"))
    (row,) = table(page)
    assert any("came back" in cell and WHY in cell for cell in row)
    assert table(read(staff.get("/reminders/?state=sent"))) == []
    assert len(table(read(staff.get("/reminders/?state=returned")))) == 1


def test_the_export_and_the_state_page_say_so_too(reminder: Reminder, staff: Client) -> None:
    lines: Any = staff.get("/reminders/?_export=csv").getvalue().decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]  # streamed
    assert ",returned," in lines[1]
    page = words(read(staff.get("/states/NOR/")))
    assert f"came back{WHY} Send to another contact: {TO}" in page


def test_the_proof_of_notice_keeps_the_mail_and_says_that_it_came_back(
    reminder: Reminder, staff: Client
) -> None:
    page = words(read(staff.get("/reminders/proof/NOR/")))
    assert "1 mail with reminders to the contacts of the State was accepted by the mail server" in page
    assert "1 of them was returned by a later mail server." in page


def test_a_refusal_of_the_sender_came_back_without_a_task(tmp_path: Path) -> None:
    mail = a_mail("NOR", TO, OURS)
    Reminder.objects.update(state="sent", sent_at="2026-03-16T06:00Z", sent_on="2026-03-16", mail=mail)
    collected(tmp_path, REFUSED)
    assert Reminder.objects.get().state == "returned"
    assert not StaffTask.objects.exists()


def test_a_delay_is_still_sent(tmp_path: Path) -> None:
    mail = a_mail("NOR", TO, OURS)
    Reminder.objects.update(state="sent", sent_at="2026-03-16T06:00Z", sent_on="2026-03-16", mail=mail)
    collected(tmp_path, POSTFIX.replace("Action: failed", "Action: delayed"))
    assert Reminder.objects.get().state == "sent"


def test_a_mail_that_comes_back_before_its_sender_has_recorded_it_came_back(tmp_path: Path) -> None:
    mail = a_mail("NOR", TO, OURS)
    claimed = {"claim": Reminder.objects.get().batch, "claimed_at": "2026-03-16T06:00Z"}
    Reminder.objects.update(state="claimed", handed_over_at="2026-03-16T06:00Z", mail=mail, **claimed)
    collected(tmp_path, POSTFIX.replace(DATE, ""))
    row = Reminder.objects.get()
    assert (row.state, row.sent_on) == ("returned", mail.sent_on)


def test_it_is_sent_to_another_contact_with_one_form(reminder: Reminder) -> None:
    other = factories.a_contact(State.objects.get(), name="Ministry", email="ministry@example.org")
    approver = in_role("Approver")
    page = read(approver.get(f"/reminders/{reminder.pk}/"))
    assert "Ministry, ministry@example.org" in words(one_of(page, "select", id="contact"))
    answer = approver.post(f"/reminders/{reminder.pk}/another/", {"contact": other.pk}, follow=True)
    assert (
        "The reminder will be sent to ministry@example.org with the next run, at 09:15 UTC."
        in messages(read(answer))[0]
    )
    new = Reminder.objects.get(recipient="ministry@example.org")
    assert (new.state, new.approved_by, new.contact) == ("planned", "rolf", other)
    assert OutboxAct.objects.get().reason == f"{TO} → ministry@example.org"
    send_due(TODAY)
    new.refresh_from_db()
    assert new.state == "sent"
    reminder.refresh_from_db()
    assert reminder.state == "returned"


def test_a_second_click_writes_to_nobody_twice(reminder: Reminder) -> None:
    other = factories.a_contact(State.objects.get(), name="Ministry", email="ministry@example.org")
    approver = in_role("Approver")
    for _ in range(2):
        answer = approver.post(f"/reminders/{reminder.pk}/another/", {"contact": other.pk}, follow=True)
    assert "has this reminder, or another mail about this report, already" in messages(read(answer))[0]
    assert Reminder.objects.count() == 2


@pytest.mark.parametrize("contact", ["", "0", "x", "same"])
def test_only_another_active_contact_of_the_state_can_be_chosen(contact: str, reminder: Reminder) -> None:
    chosen = str(Contact.objects.get().pk) if contact == "same" else contact
    in_role("Approver").post(f"/reminders/{reminder.pk}/another/", {"contact": chosen})
    assert Reminder.objects.count() == 1


def test_without_another_contact_the_page_says_so(reminder: Reminder) -> None:
    page = words(read(in_role("Approver").get(f"/reminders/{reminder.pk}/")))
    assert "has no other active contact." in page


def test_another_contact_of_a_state_on_another_desk_is_refused(reminder: Reminder, settings: Any) -> None:
    settings.DESK_LIMITS = True
    other = factories.a_contact(State.objects.get(), name="Ministry", email="ministry@example.org")
    answer = in_role("Approver").post(f"/reminders/{reminder.pk}/another/", {"contact": other.pk})
    assert answer.status_code == 403
    assert Reminder.objects.count() == 1


def test_it_is_sent_again_as_a_new_mail(reminder: Reminder) -> None:
    """Copies and answers of the first mail must not be taken for those of the second."""
    approver = in_role("Approver")
    form = {"act": "resend", "pick": reminder.pk, "reason": "the address works again", "step": "do"}
    approver.post("/reminders/act/", form)
    send_due(TODAY)
    reminder.refresh_from_db()
    assert reminder.state == "sent"
    assert Mail.objects.count() == 2


def test_the_digest_has_what_came_back_and_the_open_tasks(reminder: Reminder) -> None:
    officer = factories.an_officer("olaf")
    State.objects.update(desk_officer=officer)
    sections = digest.content_for(officer, TODAY).sections
    assert [line.text for line in sections[-1].lines] == ["Norway: A mail was returned."]


# --- tasks together --------------------------------------------------------------------------------


@pytest.fixture
def tasks(tmp_path: Path) -> list[int]:
    """A returned mail, and two letters of a stranger."""
    a_mail("NOR", TO, OURS)
    collected(tmp_path, POSTFIX, STRANGER, STRANGER.replace("Hello", "Buy now"))
    return list(StaffTask.objects.order_by("pk").values_list("pk", flat=True))


def test_selected_tasks_are_settled_together_and_reopened_at_once(tasks: list[int]) -> None:
    editor = in_role("Editor")
    assert "Settle selected" in words(read(editor.get("/tasks/")))
    editor.post("/tasks/settle/", {"keys": tasks[1:], "outcome": "advertising"})
    settled = StaffTask.objects.filter(settled_by="rolf", outcome="advertising")
    assert list(settled.order_by("pk").values_list("pk", flat=True)) == tasks[1:]
    editor.post("/tasks/reopen/", {"keys": ",".join(map(str, tasks[1:]))})
    assert not StaffTask.objects.exclude(settled_at=None).exists()


def test_a_task_that_somebody_else_has_settled_keeps_its_outcome(tasks: list[int]) -> None:
    StaffTask.objects.filter(pk=tasks[1]).update(
        settled_at="2026-11-22T08:00Z", settled_by="ada", outcome="answered"
    )
    answer = in_role("Editor").post("/tasks/settle/", {"keys": tasks, "outcome": "seen"}, follow=True)
    assert "1 task was left unchanged" in " ".join(messages(read(answer)))
    assert StaffTask.objects.get(pk=tasks[1]).outcome == "answered"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"outcome": "seen"}, "Select at least one open task."),
        ({"keys": "1", "outcome": ""}, "Enter what was done about these tasks."),
    ],
)
def test_what_is_missing_is_said(form: dict[str, str], said: str, tasks: list[int]) -> None:
    answer = in_role("Editor").post("/tasks/settle/", form, follow=True)
    assert said in messages(read(answer))[0]
    assert not StaffTask.objects.exclude(settled_at=None).exists()


def test_tasks_of_another_desk_are_refused_whole_and_those_without_a_state_are_everybody_s(
    tasks: list[int], settings: Any
) -> None:
    settings.DESK_LIMITS = True
    editor = in_role("Editor")
    assert editor.post("/tasks/settle/", {"keys": tasks, "outcome": "seen"}).status_code == 403
    editor.post("/tasks/settle/", {"keys": tasks[1:], "outcome": "seen"})
    assert StaffTask.objects.exclude(settled_at=None).count() == 2


def test_a_viewer_sees_no_boxes(tasks: list[int]) -> None:
    assert "Settle selected" not in words(read(signed_in("vera2").get("/tasks/")))
    assert "Settle selected" not in words(read(in_role("Viewer").get("/tasks/")))
