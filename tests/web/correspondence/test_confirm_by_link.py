"""The page on which a contact confirms its data by link: what it shows, what it records, and when the link ends."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, Browser, in_role
from tests.web.pages import all_of, one_of, problems, read, words
from tracker.correspondence import address_links
from tracker.correspondence.models import Confirmation, Dispatch
from tracker.languages.known import ENGLISH
from tracker.registry.models import Contact
from tracker.reminders.models import Mail, StaffTask
from tracker.web.correspondence import confirm_by_link
from tracker.web.languages import link_pages

pytestmark = pytest.mark.django_db

AS_RECORDED = {
    "name": "Ms Lie",
    "office": "Permanent Mission",
    "email": "lie@example.org",
    "language": "en",
    "remark": "",
}


@pytest.fixture(autouse=True)
def english_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (confirm_by_link, link_pages):
        monkeypatch.setattr(module, "ready", lambda: [ENGLISH])


@pytest.fixture
def contact(settings: Any, db: None) -> Contact:
    settings.SITE_URL = "https://tracker.example.org"
    norway = factories.a_state("NOR")
    return factories.a_contact(
        norway, "lie@example.org", name="Ms Lie", office="Permanent Mission", note="secret"
    )


@pytest.fixture
def link(contact: Contact) -> str:
    mail = Mail.objects.create(
        recipient=contact.email, subject="s", text="t", message_id="<1@example.org>", sent_on=TODAY
    )
    request = Dispatch.objects.create(
        what="confirm",
        key="confirm|1",
        contact=contact,
        recipient=contact.email,
        planned_on=TODAY,
        state="sent",
        sent_at="2026-11-22T09:00Z",
        mail=mail,
    )
    return address_links.confirm_link(request, TODAY).removeprefix("https://tracker.example.org")


def counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_opening_the_page_changes_nothing_and_nobody_stores_it(link: str, client: Client) -> None:
    before = counts()
    for look in (client.get, client.head, client.get):
        answer = look(link)
    assert counts() == before
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert set(client.cookies) == {"csrftoken"}


def test_the_page_shows_the_data_of_the_contact_alone(link: str, contact: Contact, client: Client) -> None:
    factories.a_contact(contact.state, "other@example.org", name="Somebody Else")
    page = read(client.get(link))
    assert [words(one) for one in all_of(one_of(page, "ul"), "li")] == [
        "Name: Ms Lie",
        "Office: Permanent Mission",
        "E-mail: lie@example.org",
        "Language of our mails: English",
    ]
    said = words(page)
    assert not [word for word in ("secret", "Somebody", "Sign out", "Obligations") if word in said]
    assert all_of(page, "script") == []


def test_right_data_are_confirmed_once(link: str, contact: Contact, client: Client) -> None:
    for _twice in range(2):
        assert client.post(link, {"what": "right"}).headers["Location"] == "/answer/thanks/"
    row = Confirmation.objects.get()
    assert (row.contact, row.email, row.on, row.how, row.by) == (
        contact,
        "lie@example.org",
        TODAY,
        "link",
        "",
    )
    assert not StaffTask.objects.exists()


def test_a_change_becomes_a_task_with_what_differs_and_changes_no_contact(
    link: str, contact: Contact, client: Client
) -> None:
    sent = AS_RECORDED | {
        "what": "change",
        "email": "new@example.org",
        "language": "fr",
        "remark": "From May.",
    }
    for _twice in range(2):
        assert client.post(link, sent).status_code == 302
    task = StaffTask.objects.get()
    assert (task.title, task.state_id, task.contact) == (
        "The recipient answers: please change our data.",
        "NOR",
        contact,
    )
    assert task.proposed == {"email": "new@example.org", "language": "fr"}
    assert task.said == "E-mail: new@example.org\nLanguage: French\n\nFrom May."
    contact.refresh_from_db()
    assert contact.email == "lie@example.org"
    assert not Confirmation.objects.exists()


def test_the_form_of_the_contact_is_filled_in_from_the_answer(
    link: str, contact: Contact, client: Client
) -> None:
    editor = in_role("Editor")
    client.post(link, AS_RECORDED | {"what": "change", "email": "new@example.org"})
    task = StaffTask.objects.get()
    page = read(editor.get(f"/edit/contact/{contact.pk}/?task={task.pk}"))
    assert one_of(page, "input", name="email").attributes["value"] == "new@example.org"
    assert one_of(page, "input", name="name").attributes["value"] == "Ms Lie"
    other = factories.a_contact(contact.state, "other@example.org")
    page = read(editor.get(f"/edit/contact/{other.pk}/?task={task.pk}"))
    assert one_of(page, "input", name="email").attributes["value"] == "other@example.org"


def test_somebody_else_fills_in_the_form_of_a_new_contact(link: str, client: Client) -> None:
    editor = in_role("Editor")
    sent = AS_RECORDED | {
        "what": "other",
        "name": "Mr Dahl",
        "office": "Ministry",
        "email": "dahl@example.org",
    }
    client.post(link, sent)
    task = StaffTask.objects.get()
    assert task.title == "The recipient answers: I am the wrong contact."
    page = read(editor.get(f"/admin/registry/contact/add/?state=NOR&task={task.pk}"))
    shown = [one_of(page, "input", name=name).attributes["value"] for name in ("name", "office", "email")]
    assert shown == ["Mr Dahl", "Ministry", "dahl@example.org"]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose one of the three answers."),
        ({"what": "change"}, "You have changed nothing below. Change a field, or confirm the data."),
        ({"what": "change", "name": " "}, "Enter the name of a person or an office."),
        ({"what": "change", "email": "lie"}, "Enter an e-mail address in the form of name@ministry.example."),
        ({"what": "other"}, "This is the present address. Enter the one of the other person."),
    ],
)
def test_what_cannot_be_taken_says_what_to_do(
    sent: dict[str, str], said: str, link: str, client: Client
) -> None:
    answer = client.post(link, AS_RECORDED | sent)
    assert said in problems(read(answer))
    assert not StaffTask.objects.exists()


def test_after_five_answers_in_a_day_no_more_are_taken(link: str, client: Client) -> None:
    for number in range(5):
        sent = AS_RECORDED | {"what": "change", "remark": f"Remark {number}"}
        assert client.post(link, sent).status_code == 302
    answer = client.post(link, AS_RECORDED | {"what": "change", "remark": "Remark 6"})
    assert (answer.status_code, StaffTask.objects.count()) == (429, 5)


@pytest.mark.parametrize("change", [{"email": "new@example.org"}, {"active": False}])
def test_the_link_ends_when_the_contact_changes(
    change: dict[str, Any], link: str, contact: Contact, client: Client
) -> None:
    Contact.objects.filter(pk=contact.pk).update(**change)
    assert client.post(link, {"what": "right"}).status_code == 410
    assert not Confirmation.objects.exists()


def test_the_link_ends_after_180_days_and_when_staff_close_it(link: str) -> None:
    token = link.split("/")[2]
    open_, late = (address_links.find(token, day) for day in (date(2027, 5, 21), date(2027, 5, 22)))
    assert open_ is not None
    assert open_.contact is not None
    assert late is not None
    assert late.contact is None
    Mail.objects.update(answers_closed_at="2026-11-22T09:00Z")
    closed = address_links.find(token, TODAY)
    assert closed is not None
    assert closed.contact is None


def test_a_link_that_was_changed_or_never_sent_leads_nowhere(link: str, client: Client) -> None:
    assert client.get(f"{link[:-3]}xx/").status_code == 404
    Dispatch.objects.update(state="held", mail=None)
    assert client.get(link).status_code == 404


def test_staff_see_the_same_page_without_the_frame(link: str, client: Client, staff: Browser) -> None:
    main = [words(one_of(read(one.get(link)), "main")) for one in (client, staff)]
    assert main[0] == main[1]
