"""The pages of staff about addresses: mails to approve, confirmations to enter, States that cannot be reached."""

from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from tests.web.conftest import TODAY, in_role
from tests.web.pages import all_of, focus_of, one_of, problems, read, table, words
from tracker.correspondence.models import Confirmation, Dispatch
from tracker.obligations.models import Import
from tracker.registry.models import Contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact(db: None) -> Contact:
    norway = factories.a_state("NOR")
    factories.joins(norway, on="2001-10-02")
    return factories.a_contact(norway, "lie@example.org", name="Ms Lie")


@pytest.fixture
def request_(contact: Contact) -> Dispatch:
    return Dispatch.objects.create(
        what="confirm",
        key="confirm|1",
        contact=contact,
        recipient=contact.email,
        planned_on=TODAY,
        state="held",
    )


def test_an_approver_approves_and_undoes_it(request_: Dispatch) -> None:
    approver = in_role("Approver")
    page = read(approver.get("/correspondence/addresses/"))
    assert [row[1:4] for row in table(page)] == [
        ["Norway NOR", "lie@example.orgMs Lie", "a request to confirm an address"]
    ]
    answer = approver.post(
        "/correspondence/addresses/act/", {"do": "approve", "pick": request_.pk}, follow=True
    )
    assert "1 mail is approved; it will be sent with the next run." in words(read(answer))
    request_.refresh_from_db()
    assert request_.state == "planned"
    approver.post("/correspondence/addresses/act/?do=hold", {"keys": request_.pk})
    request_.refresh_from_db()
    assert request_.state == "held"


def test_the_mail_is_previewed_before_it_is_approved(request_: Dispatch) -> None:
    page = read(in_role("Approver").get(f"/correspondence/dispatches/{request_.pk}/"))
    assert "Dear Ms Lie," in words(one_of(page, "pre"))
    assert [words(one) for one in all_of(one_of(page, "main"), "button")] == ["Approve", "Cancel it"]
    page = read(in_role("Viewer", "vera").get(f"/correspondence/dispatches/{request_.pk}/"))
    assert all_of(one_of(page, "main"), "button") == []


def test_a_mail_that_failed_is_sent_again_with_a_reason(request_: Dispatch) -> None:
    Dispatch.objects.update(state="dead", answer="550 No such user")
    approver = in_role("Approver")
    form = {"do": "again", "pick": request_.pk}
    answer = approver.post("/correspondence/addresses/act/", form, follow=True)
    assert "Enter a reason; the task about this mail keeps it." in words(read(answer))
    approver.post("/correspondence/addresses/act/", form | {"reason": "The server was misconfigured"})
    request_.refresh_from_db()
    assert request_.state == "planned"


def test_an_officer_acts_for_the_own_states_alone(request_: Dispatch, settings: Any) -> None:
    settings.DESK_LIMITS = True
    answer = in_role("Approver").post(
        "/correspondence/addresses/act/", {"do": "approve", "pick": request_.pk}
    )
    assert answer.status_code == 403
    answer = in_role("Editor", "ed").post(
        f"/correspondence/contacts/{request_.contact_id}/confirm/",
        {"how": "phone", "on": "2026-11-20", "source": "Ms Lie"},
    )
    assert answer.status_code == 403
    request_.refresh_from_db()
    assert (request_.state, Confirmation.objects.count()) == ("held", 0)


def test_staff_enter_a_confirmation_with_its_source_and_undo_it(contact: Contact) -> None:
    editor = in_role("Editor")
    address = f"/correspondence/contacts/{contact.pk}/confirm/"
    page = read(editor.post(address, {"how": "phone", "on": "2026-11-23", "source": ""}))
    assert problems(page) == [
        "This day is in the future. Enter the day on which it was confirmed.",
        "Enter who said so, or which document.",
    ]
    assert focus_of(page) == ["on"]
    answer = editor.post(
        address, {"how": "phone", "on": "2026-11-20", "source": "Ms Lie herself"}, follow=True
    )
    said = "Ms Lie: the address lie@example.org is confirmed as of 20 November 2026."
    assert said in words(read(answer))
    row = Confirmation.objects.get()
    assert (row.how, row.on.isoformat(), row.source) == ("phone", "2026-11-20", "Ms Lie herself")
    editor.post("/correspondence/contacts/undo/", {"keys": row.pk})
    assert not Confirmation.objects.exists()


def test_nobody_undoes_the_entry_of_another(contact: Contact) -> None:
    row = Confirmation.objects.create(contact=contact, email=contact.email, on=TODAY, how="phone", by="mary")
    in_role("Editor").post("/correspondence/contacts/undo/", {"keys": row.pk})
    assert Confirmation.objects.count() == 1


def test_states_we_cannot_reach_are_listed_with_what_to_do(contact: Contact) -> None:
    factories.joins(factories.a_state("SWE"), on="2007-01-19")
    editor = in_role("Editor")
    page = read(editor.get("/correspondence/unreachable/"))
    assert [[row[0], row[2], row[3]] for row in table(page)] == [
        ["Sweden SWE", "no active contact", "0"],
        ["Norway NOR", "no Permanent Mission or ministry for notes verbales", "1"],
    ]
    assert "2 States that have joined the OPSC" in words(one_of(page, "p", class_="says"))
    page = read(editor.get("/correspondence/unreachable/?gap=no+contact"))
    assert [row[0] for row in table(page)] == ["Sweden SWE"]
    rows = editor.get("/correspondence/unreachable/?_export=csv").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 3


def a_directory(rows: str) -> Import:
    return Import.objects.create(
        table="contacts",
        file_name="missions.csv",
        content=f"state,name,email\n{rows}".encode(),
        state="saved",
    )


def test_a_directory_confirms_what_it_has_and_deactivates_only_what_was_ticked(contact: Contact) -> None:
    closed, other = (
        factories.a_contact(contact.state, f"{name}@example.org", name=name) for name in ("closed", "other")
    )
    file = a_directory("NOR,Ms Lie,lie@example.org\nNOR,Mr Dahl,dahl@example.org\n")
    editor = in_role("Editor")
    address = f"/correspondence/directory/{file.pk}/"
    page = read(editor.get(address))
    assert words(one_of(page, "p", class_="says")) == (
        "1 contact is recorded as the directory has it. 1 row of the file is not recorded so and confirms nothing."
    )
    assert [words(one) for one in all_of(one_of(page, "ul", class_="choice"), "li")] == [
        "Norway: closed, closed@example.org",
        "Norway: other, other@example.org",
    ]
    editor.post(address, {"source": "Missions in Geneva, November 2026", "gone": [closed.pk, contact.pk]})
    row = Confirmation.objects.get()
    assert (row.contact, row.how, row.source) == (contact, "directory", "Missions in Geneva, November 2026")
    active = Contact.objects.filter(active=True).values_list("name", flat=True)
    assert sorted(active) == ["Ms Lie", "other"]
    assert other.history.count() == 1


def test_a_directory_without_a_name_confirms_nothing(contact: Contact) -> None:
    file = a_directory("NOR,Ms Lie,lie@example.org\n")
    answer = in_role("Editor").post(f"/correspondence/directory/{file.pk}/", {"source": " "})
    assert problems(read(answer)) == ["Enter the name of the directory."]
    assert not Confirmation.objects.exists()
