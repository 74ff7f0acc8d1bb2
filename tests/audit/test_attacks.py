"""Attacks by users who want more than they may have. Each attack once, on the parts that pages share."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.depth import first
from tests.web.conftest import TODAY, in_role
from tests.web.pages import links, one_of, read, words
from tracker.changes import import_jobs
from tracker.registry.models import State
from tracker.reminders.models import CalendarToken, DigestOff, Mail, StaffTask
from tracker.reminders.plan import plan
from tracker.web.accounts import security_log
from tracker.web.consideration import expected_years, follow_up, matrix
from tracker.web.models import ApiToken, SavedView, SecurityEvent
from tracker.web.obligations import late, obligation_list, submissions
from tracker.web.records import to_confirm
from tracker.web.reminders import ledger, tasks
from tracker.web.states import state_list

pytestmark = pytest.mark.django_db

LISTS: dict[str, Any] = {
    "/obligations/": obligation_list.ObligationFilter,
    "/states/": state_list.StateFilter,
    "/reminders/": ledger.ReminderFilter,
    "/submissions/": submissions.SubmissionList.filterset_class,
    "/coverage/": matrix.CoverageFilter,
    "/calendar/years/": expected_years.ExpectedYearFilter,
    "/follow-up/": follow_up.FollowUpFilter,
    "/late/": late.LateList.filterset_class,
    "/to-confirm/": to_confirm.RecordsToConfirm.filterset_class,
    "/tasks/": tasks.TaskFilter,
    "/security-log/": security_log.SecurityFilter,
}
SQL = "x' OR '1'='1' UNION SELECT password FROM auth_user; DROP TABLE registry_state; --"
TEMPLATE = "{{ settings.SECRET_KEY }}{% debug %}<script>alert(7*7)</script>"


@pytest.fixture
def norway(db: None) -> State:
    """A State that owes a report, and a contact to write to."""
    state = factories.a_state("NOR", region="WEOG")
    factories.joins(state, on="2003-10-22")
    factories.a_contact(state)
    factories.derive(TODAY.isoformat())
    return state


@pytest.mark.parametrize("address", first(3, LISTS))
def test_no_filter_and_no_order_reaches_the_database_as_sql(
    address: str, norway: State, staff: Client
) -> None:
    officer = factories.an_officer("mary", password="the-committee-meets-in-geneva")
    State.objects.update(desk_officer=officer)
    names = [*LISTS[address].base_filters, "sort", "page", "per_page", "column", "as_of", "_export"]
    for name in names:
        orders = (f"-{SQL}", "desk_officer__password", "-state__desk_officer__password")
        for value in (SQL, *(orders if name == "sort" else ())):
            answer = staff.get(address, {name: value})
            told = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert answer.status_code in (200, 302, 400), f"{name}={value}"
            assert officer.password not in told.decode(errors="replace"), f"{name}={value}"
    assert State.objects.count() == 1


def test_what_people_enter_is_never_read_as_a_template_or_a_script(norway: State, staff: Client) -> None:
    State.objects.filter(pk="NOR").update(name=TEMPLATE)
    norway.actions.update(note=TEMPLATE, reference=TEMPLATE)
    norway.contacts.update(name=TEMPLATE, office=TEMPLATE)
    SecurityEvent.objects.create(kind="failed", who=TEMPLATE, detail=TEMPLATE)
    plan(TODAY)
    (mail,) = {f"/reminders/{one.pk}/" for one in norway.obligations.get(cycle=1).reminders.all()[:1]}
    pages = ("/states/NOR/", "/states/", "/obligations/", "/states/NOR/history/", "/security-log/", mail)
    for address in (*pages, f"{mail}html/", "/reports/dossier/NOR/", "/admin/registry/state/NOR/change/"):
        told = staff.get(address).content.decode()
        assert "<script>alert" not in told, address
        assert "&lt;script&gt;alert(7*7)" in told, address
        assert "{{ settings.SECRET_KEY }}" in told, address


def test_what_a_stranger_said_by_link_is_text_in_a_sheet(norway: State, staff: Client) -> None:
    mail = Mail.objects.create(recipient="a@example.org", message_id="<1@example.org>", sent_on=TODAY)
    said = {"answer": "wrong", "said": '=HYPERLINK("//x")'}
    StaffTask.objects.create(kind="answer", cause="1", state=norway, mail=mail, **said)
    told = staff.get("/tasks/?_export=csv").content.decode()
    assert "'=HYPERLINK" in told
    assert not re.search(r"(?m)(?:^|,)\"?=", told)


@pytest.mark.parametrize(
    "elsewhere",
    ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)", "http:///x"],
)
def test_no_form_leads_to_another_site(elsewhere: str, norway: State, client: Client) -> None:
    factories.an_officer("ada", password="the-committee-meets-in-geneva", is_superuser=True, is_staff=True)
    right = {"username": "ada", "password": "the-committee-meets-in-geneva", "next": elsewhere}
    for page in ("/login/", "/admin/login/"):
        assert client.post(page, right).headers["Location"] == "/"
    for page, sent in {
        "/help/": {"theme": "dark", "next": elsewhere},
        "/login/code/": {"next": elsewhere},
        "/reminders/approve/": {"all": "1", "list": elsewhere},
        "/reminders/act/": {"what": "hold", "pick": "0", "list": elsewhere},
        "/views/columns/": {"page": elsewhere, "query": elsewhere},
        "/tasks/reopen/": {"keys": "0", "list": elsewhere},
    }.items():
        answer = client.post(page, sent)
        where = answer.headers.get("Location", "/")
        assert re.fullmatch(r"/(?![/\\])[^\\]*", where), f"{page} leads to {where}"
        if answer.status_code == 200:
            assert elsewhere not in links(read(answer)).values()


def test_another_host_is_not_answered_and_never_named(client: Client, staff: Client) -> None:
    assert client.get("/login/", HTTP_HOST="evil.example.org").status_code == 400
    told = staff.get("/calendar/feeds/", HTTP_X_FORWARDED_HOST="evil.example.org")
    assert (told.status_code, "evil.example.org" in told.content.decode()) == (200, False)


def test_nobody_reaches_what_is_anothers(client: Client) -> None:
    ada, grace = in_role("Viewer", "ada"), in_role("Viewer", "grace")
    ada.post("/calendar/feeds/", {"step": "make", "seen": ""})
    kept = list(CalendarToken.objects.values())
    assert len(kept) == 1
    owner = factories.get_user_model().objects.get(username="ada")
    view = SavedView.objects.create(owner=owner, page="obligations", name="Mine", query="status=overdue")
    assert grace.get(reverse("saved-view", args=[view.key])).status_code == 404
    assert grace.post(reverse("delete-view", args=[view.key])).status_code == 404
    ada.post("/second-factor/", {"act": "begin"})
    secret = words(one_of(read(ada.get("/second-factor/")), "code", class_="secret"))
    assert secret not in grace.get("/second-factor/").content.decode()
    grace.post("/second-factor/", {"act": "begin", "user": owner.pk, "person": "ada"})
    assert words(one_of(read(ada.get("/second-factor/")), "code", class_="secret")) == secret
    grace.post("/calendar/feeds/", {"step": "off", "user": owner.pk})
    assert list(CalendarToken.objects.filter(user=owner).values()) == kept
    assert SavedView.objects.filter(pk=view.pk).exists()


def test_nobody_switches_off_what_is_anothers() -> None:
    ada, grace = in_role("Viewer", "ada"), in_role("Viewer", "grace")
    owner = factories.get_user_model().objects.get(username="ada")
    ada.post("/api/", {"step": "make", "seen": "", "scope": ApiToken.Scope.values[0]})
    kept = list(ApiToken.objects.values())
    assert len(kept) == 1
    named = {"user": owner.pk, "officer": owner.pk, "person": "ada", "pk": kept[0]["id"]}
    grace.post("/api/", {"step": "off"} | named)
    grace.post("/digest/", {"step": "off"} | named)
    assert list(ApiToken.objects.values()) == kept
    assert list(DigestOff.objects.values_list("user__username", flat=True)) == ["grace"]


def test_a_file_handed_in_is_seen_and_saved_by_nobody_who_may_not_enter_it(norway: State) -> None:
    rows = b"state,name,email\nNOR,Mission,new@example.org\n"
    row = import_jobs.upload("contacts", "contacts.csv", rows, by=factories.an_officer("ada"))
    for role in ("Viewer", "Approver"):
        other = in_role(role, role.lower())
        assert other.get(f"/imports/{row.pk}/").status_code == 403
        for asked in ("save", "check", "choose"):
            assert other.post(f"/imports/{row.pk}/act/", {"do": asked}).status_code == 403
    row.refresh_from_db()
    assert (row.state, norway.contacts.count()) == ("checked", 1)


@pytest.mark.parametrize("address", ["/login/", "/second-factor/", "/help/"])
def test_a_form_of_another_site_is_refused(address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.an_officer("ada", is_superuser=True))
    assert client.post(address, {"act": "begin"}).status_code == 403
