"""Tasks: listed, shown, settled, reopened; and the other pages that show them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, in_role
from tests.web.pages import all_of, fields_of, links, messages, one_of, problems, read, table, words
from tracker.obligations.models import CommitteeDate, InformationRequest, Obligation
from tracker.reminders import attention
from tracker.reminders.models import Bounce, Mail, Reminder, StaffTask
from tracker.reminders.plan import plan
from tracker.reminders.send import send_due

pytestmark = pytest.mark.django_db

TO = "mission@example.org"


@pytest.fixture
def mail(db: None) -> Mail:
    """A mail to Norway's mission about its initial report."""
    state = factories.a_state("NOR", desk_officer=factories.an_officer("grace"))
    factories.joins(state, on="2025-04-10")
    factories.a_contact(state, TO)
    factories.derive(TODAY.isoformat())
    plan(TODAY)
    send_due(TODAY)
    return Mail.objects.get()


@pytest.fixture
def answer(mail: Mail) -> StaffTask:
    """Its answer that the report was sent on 3 November."""
    rows = mail.reminders.select_related("obligation")
    (task,) = attention.about_answer(
        mail, "1", rows, answer="sent", told_on=factories.day("2026-11-03"), said="by courier"
    )
    return task


def comes_back(mail: Mail, digest: str = "1") -> StaffTask:
    """A later server refuses the mail permanently."""
    bounce = Bounce.objects.create(
        kind="failed", mail=mail, recipient=TO, status="5.1.1", diagnostic="550 no such user",
        digest=digest, received_at=datetime(2026, 11, 22, 8, tzinfo=UTC),
    )  # fmt: skip
    attention.about_bounce(bounce)
    return bounce.tasks.get()


def settled(staff: Client, task: StaffTask, outcome: str = "telephoned", keys: str = "") -> Any:
    return read(staff.post(task.get_absolute_url(), {"outcome": outcome, "keys": keys}, follow=True))


def test_the_list_tells_what_happened_and_leads_on(answer: StaffTask, mail: Mail, staff: Client) -> None:
    row = Reminder.objects.get()
    Reminder.objects.update(state="dead", answer="550 no")
    attention.about_dead(Reminder.objects.all())
    page = read(staff.get("/tasks/"))
    assert table(page) == [
        ["", "Norway NOR", "A reminder failed permanently.550 no", "mail that failed permanently",
         "22 November 2026", TO, "open", "mail: Norway · reminder: Norway"],
        ["", "Norway NOR", "The recipient answers: it was sent on 3 November 2026.by courier", "answer by link",
         "22 November 2026", TO, "open", "mail: Norway"],
    ]  # fmt: skip
    found = links(one_of(page, "main"))
    assert found["mail: Norway"] == mail.get_absolute_url()
    assert found["reminder: Norway"] == f"/reminders/{row.pk}/"
    assert found[TO] == f"/edit/contact/{answer.contact_id}/"
    assert found["Norway"] == "/states/NOR/"


def test_the_list_is_narrowed_and_exported(answer: StaffTask, mail: Mail, staff: Client) -> None:
    attention.settle(comes_back(mail), by="ada", outcome="telephoned")

    def kinds(query: str) -> list[str]:
        return [row["Kind"] for row in staff.get(f"/tasks/?{query}&_export=json").json()]

    assert kinds("") == ["answer by link", "returned mail"]
    assert kinds("standing=open") == ["answer by link"]
    assert kinds("standing=settled") == kinds("kind=bounce") == kinds("q=550") == ["returned mail"]
    assert kinds("of=Norway") == kinds("desk=grace") == ["answer by link", "returned mail"]
    assert kinds("q=nothing like it") == []
    (row,) = staff.get("/tasks/?standing=settled&_export=json").json()
    assert row == {
        "Since": "2026-11-22", "State": "Norway", "Kind": "returned mail",
        "Task": "A mail was returned.", "Message": "550 no such user", "Contact": TO,
        "Outcome": "telephoned", "Settled on": "2026-11-22", "Settled by": "ada",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["since", "state_of", "kind", "contact", "outcome", "settled_on", "settled_by"]
)
def test_every_column_sorts(name: str, answer: StaffTask, mail: Mail, staff: Client) -> None:
    comes_back(mail)
    up = staff.get("/tasks/", {"sort": name, "_export": "json"}).json()
    down = staff.get("/tasks/", {"sort": f"-{name}", "_export": "json"}).json()
    assert up == down[::-1]
    assert len(up) == 2


def test_a_list_without_tasks_says_when_there_are_some(staff: Client) -> None:
    assert words(one_of(read(staff.get("/tasks/")), "div", class_="nothing")).startswith("No tasks yet.")
    page = read(staff.get("/tasks/?standing=open"))
    assert words(one_of(page, "div", class_="nothing")).startswith("No task matches.")


def test_a_task_is_settled_with_an_outcome_and_opened_again(answer: StaffTask, staff: Client) -> None:
    address = answer.get_absolute_url()
    assert problems(read(staff.post(address, {"outcome": " "}))) == ["Enter what was done about it."]
    page = settled(staff, answer)
    assert messages(page) == ["The task is settled. Undo"]
    assert "telephoned (ada, 22 November 2026, 09:00 UTC)" in words(page)
    assert messages(settled(staff, answer)) == ["No change: the task was already settled."]
    undo = one_of(read(staff.get(address)), "form", class_="bar")
    assert undo.attributes["action"] == "/tasks/reopen/"
    page = read(staff.post("/tasks/reopen/", {"keys": answer.pk}, follow=True))
    assert messages(page) == ["1 task is open again."]
    page = read(staff.post("/tasks/reopen/", {"keys": answer.pk}, follow=True))
    assert messages(page) == ["No change: these tasks are already open."]


def test_all_that_came_back_from_an_address_is_settled_at_once(mail: Mail, staff: Client) -> None:
    first, second = comes_back(mail, "1"), comes_back(mail, "2")
    page = read(staff.get(first.get_absolute_url()))
    assert "1 other open task about the same address will be settled too." in words(page)
    keys = one_of(page, "input", name="keys").attributes["value"]
    third = comes_back(mail, "3")  # since the page was opened
    assert messages(settled(staff, first, keys=keys)) == [
        "1 task about the same address has come since you opened the page; it stays open.",
        "2 tasks about the same address are settled. Undo",
    ]
    for task, outcome in ((second, "telephoned"), (third, "")):
        task.refresh_from_db()
        assert task.outcome == outcome


def test_an_answer_leads_to_recording_the_submission_with_what_was_told(
    answer: StaffTask, staff: Client
) -> None:
    page = read(staff.get(answer.get_absolute_url()))
    address = links(page)["Record the submission"]
    form = read(staff.get(address))
    assert words(one_of(form, "textarea", name="note")) == (
        "Sent on 3 November 2026, as the State's contact answered on 22 November 2026."
    )
    assert ["checked" in box.attributes for box in all_of(form, "input", name="reports")] == [True, False]
    assert "value" not in one_of(form, "input", name="received_on").attributes  # it is another day


IN_2028 = {"answer": "date", "told_on": "2028-12-31", "precision": "year", "document": "CRC/C/OPSC/NOR/CO/1"}


@pytest.mark.parametrize(
    ("fields", "link", "due_on", "kind", "note"),
    [
        ({"answer": "more", "told_on": "2028-03-31"}, "Record the Committee’s decision", "2028-03-31", "other decision",
         "On 22 November 2026, the State’s contact asked for more time until 31 March 2028."),
        (IN_2028, "Record the date", "2028", "concluding observations",
         "The State’s contact told us of this date on 22 November 2026."),
        (IN_2028 | {"precision": "month", "document": "CRC/C/NOR/QPR/8"}, "Record the date", "2028-12",
         "list of issues prior to reporting", "The State’s contact told us of this date on 22 November 2026."),
    ],
    ids=["more time", "year", "month"],
)  # fmt: skip
def test_an_answer_about_a_date_leads_to_recording_what_the_committee_states(
    fields: dict[str, str], link: str, due_on: str, kind: str, note: str, answer: StaffTask, staff: Client
) -> None:
    StaffTask.objects.update(**fields)
    form = read(staff.get(links(read(staff.get(answer.get_absolute_url())))[link]))
    assert ["checked" in box.attributes for box in all_of(form, "input", name="reports")] == [True, False]
    filled_in = fields_of(form)
    assert [filled_in[name] for name in ("due_on", "document", "document_kind", "note")] == [
        due_on, fields.get("document", ""), kind, note,
    ]  # fmt: skip
    assert not CommitteeDate.objects.exists()


def test_the_date_of_an_answer_is_recorded_as_the_document_prints_it(
    answer: StaffTask, staff: Client
) -> None:
    StaffTask.objects.update(**IN_2028)
    address = links(read(staff.get(answer.get_absolute_url())))["Record the date"]
    sent = fields_of(read(staff.get(address))) | {"outcome": "date", "decided_on": "2026-09-20"}
    look = staff.post(address, sent | {"step": "look"})
    staff.post(address, fields_of(read(look)) | {"step": "save"})
    (stated,) = CommitteeDate.objects.values_list("due_on", "precision", "document", "first_cycle")
    assert stated == (factories.day("2028-12-31"), "year", "CRC/C/OPSC/NOR/CO/1", 1)


def test_an_answer_about_a_reply_leads_to_the_request_which_holds_its_date(
    answer: StaffTask, staff: Client
) -> None:
    asked = InformationRequest.objects.create(
        state=answer.state, document="CRC/C/OPSC/NOR/Q/1", issued_on="2026-10-01", due_on="2027-02-01"
    )
    factories.derive(TODAY.isoformat())
    StaffTask.objects.update(answer="more", told_on="2027-05-01")
    answer.obligations.set(Obligation.objects.filter(kind="information"))
    offered = links(one_of(read(staff.get(answer.get_absolute_url())), "ul", class_="tasks"))
    assert (
        offered["Edit the request for further information CRC/C/OPSC/NOR/Q/1"] == f"/edit/request/{asked.pk}/"
    )
    assert "Record the Committee’s decision" not in offered


def test_a_request_for_more_time_tells_staff_that_it_changes_no_date(
    answer: StaffTask, staff: Client
) -> None:
    StaffTask.objects.update(answer="more", told_on="2028-03-31")
    assert (
        "It has changed no record. A request alone changes no date: only the Committee extends one. Record its "
        "decision once there is one." in words(read(staff.get(answer.get_absolute_url())))
    )


def test_the_document_of_an_answer_is_a_link_and_is_searched(answer: StaffTask, staff: Client) -> None:
    StaffTask.objects.update(answer="date", told_on="2028-03-31", document="CRC/C/OPSC/NOR/CO/1")
    found = links(read(staff.get(answer.get_absolute_url())))
    assert found["CRC/C/OPSC/NOR/CO/1"] == "https://undocs.org/en/CRC/C/OPSC/NOR/CO/1"
    assert len(staff.get("/tasks/?q=nor/co/1&_export=json").json()) == 1
    assert staff.get("/tasks/?q=nor/co/2&_export=json").json() == []


def test_each_kind_of_task_offers_what_can_be_done_about_it(
    answer: StaffTask, mail: Mail, staff: Client
) -> None:
    def offered(task: StaffTask) -> set[str]:
        return set(links(one_of(read(staff.get(task.get_absolute_url())), "ul", class_="tasks")))

    always = {"Norway", "Edit the contact"}
    assert offered(answer) == always | {"Record the submission"}
    StaffTask.objects.update(answer="coming")
    assert offered(answer) == always | {"Pause reminders: initial report"}
    StaffTask.objects.update(answer="more")
    assert offered(answer) == always | {"Record the Committee’s decision", "Pause reminders: initial report"}
    StaffTask.objects.update(answer="date")
    assert offered(answer) == always | {"Record the date"}
    StaffTask.objects.update(answer="wrong", told_on=None)
    assert offered(answer) == offered(comes_back(mail)) == always | {"Add a contact"}
    Reminder.objects.update(state="dead")
    attention.about_dead(Reminder.objects.all())
    assert offered(StaffTask.objects.get(kind="dead")) == always | {"Send again or cancel"}


def test_a_viewer_reads_a_task_and_is_told_who_settles_it(answer: StaffTask) -> None:
    page = read(in_role("Viewer").get(answer.get_absolute_url()))
    assert "Editors and approvers can settle this task." in words(page)
    assert all_of(one_of(page, "main"), "form") == []


# --- other pages that show them --------------------------------------------------------------------


def test_every_page_leads_to_the_open_tasks_while_there_are_some(
    answer: StaffTask, staff: Client, settings: Any
) -> None:
    settings.WATCH_KEPT_FOR = 30  # pages cache the counts, but not past a change
    assert links(read(staff.get("/states/")))["Tasks (1)"] == "/tasks/?standing=open"
    settled(staff, answer)
    assert "Tasks" not in words(one_of(read(staff.get("/states/")), "nav", aria_label="Main"))


def test_the_state_shows_its_open_tasks_and_which_address_does_not_work(mail: Mail, staff: Client) -> None:
    assert all_of(read(staff.get("/states/NOR/")), "h2", id="h-tasks") == []
    task = comes_back(mail)
    page = read(staff.get("/states/NOR/"))
    section = one_of(page, "section", aria_labelledby="h-tasks")
    assert links(section) == {"A mail was returned.": task.get_absolute_url()}
    told = "Mail to this address has been returned since 22 November 2026: 550 no such user."
    assert words(one_of(one_of(page, "section", aria_labelledby="h-contacts"), "p", class_="warning")) == told
    settled(staff, task)
    assert told not in words(read(staff.get("/states/NOR/")))


def test_the_admin_marks_a_contact_whose_address_does_not_work(mail: Mail, staff: Client) -> None:
    contact = factories.Contact.objects.get()
    comes_back(mail)
    form = f"/admin/registry/contact/{contact.pk}/change/"
    assert "since 22 November 2026: 550 no such user" in words(read(staff.get("/admin/registry/contact/")))
    told = "Mail to this address has been returned since 22 November 2026: 550 no such user."
    assert told in words(read(staff.get(form)))
    factories.Contact.objects.update(email="new@example.org")
    assert "550 no such user" not in words(read(staff.get("/admin/registry/contact/")))
    assert told not in words(read(staff.get(form)))


@pytest.mark.usefixtures("each_page_has_its_own_footer")
def test_the_list_of_contacts_takes_no_query_for_a_row(
    mail: Mail, staff: Client, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        staff.get("/admin/registry/contact/")
    for iso3 in ("SWE", "FIN"):
        factories.a_contact(factories.a_state(iso3), TO)
    comes_back(mail)
    with django_assert_num_queries(len(few)):
        staff.get("/admin/registry/contact/")


def test_the_mail_and_the_proof_of_notice_tell_that_it_came_back(mail: Mail, staff: Client) -> None:
    proof = "/reminders/proof/NOR/"
    assert "returned" not in words(one_of(read(staff.get(proof)), "main"))
    comes_back(mail)
    told = "22 November 2026, 08:00:00, returned: 550 no such user"
    said = words(one_of(read(staff.get(proof)), "main"))
    assert "1 of them was returned by a later mail server." in said
    assert told in said
    assert "returned" not in words(one_of(read(staff.get(f"{proof}?as_of=2026-11-21")), "main"))
    page = words(read(staff.get(mail.get_absolute_url())))
    assert "Returned22 November 2026, 08:00 UTC: 550 no such user TaskA mail was returned." in page
