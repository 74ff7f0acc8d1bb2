"""Every address: who is let in, how it is asked, and what it says where nothing is."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin import site
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.web.conftest import an_amendment, in_role
from tests.web.pages import all_of, links, one_of, read, words
from tracker.obligations.models import (
    CommitteeDate,
    InformationRequest,
    NonReceipt,
    Obligation,
    PrintedDate,
    Review,
    Submission,
)
from tracker.registry.models import (
    Amendment,
    AmendmentPosition,
    Contact,
    RegionDesk,
    State,
    Statement,
    TreatyAction,
)
from tracker.reminders.models import Mail, Reminder, ReminderRule
from tracker.web.urls import urlpatterns

pytestmark = pytest.mark.django_db

# Every name of tracker/web/urls.py with its address.
PAGES = {
    "home": "/",
    "obligations": "/obligations/",
    "why": "/obligations/{obligation}/why/",
    "submissions": "/submissions/",
    "states": "/states/",
    "state": "/states/NOR/",
    "state-history": "/states/NOR/history/",
    "record": "/record/",
    "reminders": "/reminders/",
    "forecast": "/reminders/forecast/",
    "reminder": "/reminders/{reminder}/",
    "reminder-html": "/reminders/{reminder}/html/",
    "reminder-calendar": "/reminders/{reminder}/calendar.ics",
    "report-proof": "/reminders/proof/NOR/",
    "report-proof-file": "/reminders/proof/NOR.pdf",
    "mail": "/reminders/mail/{mail}/",
    "mail-html": "/reminders/mail/{mail}/html/",
    "mail-calendar": "/reminders/mail/{mail}/calendar.ics",
    "tasks": "/tasks/",
    "participation": "/participation/",
    "amendments": "/amendments/",
    "amendment": "/amendments/{amendment}/",
    "imports": "/imports/",
    "import": "/imports/{import}/",
    "import-template": "/imports/template/submissions.csv",
    "import-export": "/imports/export/submissions.xlsx",
    "late": "/late/",
    "report-late": "/reports/late/",
    "report-late-file": "/reports/late.pdf",
    "report-participation": "/reports/participation/",
    "report-participation-file": "/reports/participation.pdf",
    "report-dossier": "/reports/dossier/NOR/",
    "report-dossier-file": "/reports/dossier/NOR.xlsx",
    "calendar": "/calendar/",
    "state-calendar": "/states/NOR/calendar.ics",
    "what-if": "/what-if/",
    "to-confirm": "/to-confirm/",
    "settle-state": "/to-confirm/states/NOR/",
    "days-to-confirm": "/to-confirm/days/",
    "dates-to-confirm": "/to-confirm/dates/",
    "digest-html": "/digest/html/",
    "security-log": "/security-log/",
}
# Pages with a form that they take back themselves.
FORMS = {
    "settle-action": "/to-confirm/days/action/{action}/",
    "settle-date": "/to-confirm/days/date/{date}/",
    "settle-fact": "/to-confirm/fact/review/{review}/",
    "keep-records": "/to-confirm/keep-records/",
    "record-review": "/states/NOR/record-review/",
    "record-prior-to-reporting": "/states/NOR/record-prior-to-reporting/",
    "record-withdrawal": "/states/NOR/record-withdrawal/",
    "second-look": "/to-confirm/dates/{waiting}/",
    "restore": "/history/state/{version}/restore/",
    "calendar-feeds": "/calendar/feeds/",
    "positions": "/amendments/{amendment}/positions/",
    "reconciliation": "/reconciliation/",
    "record-submission": "/states/NOR/record-submission/",
    "record-date": "/states/NOR/record-date/",
    "record-deposit": "/states/NOR/record-deposit/",
    "stop-reminders": "/states/NOR/stop-reminders/",
    "snooze": "/obligations/{obligation}/snooze/",
    "digest": "/digest/",
    "task": "/tasks/{task}/",
    "help": "/help/",
    "api": "/api/",
    "second-factor": "/second-factor/",
}
BY_POST = {
    "approve-reminders": "/reminders/approve/",
    "undo-approval": "/reminders/approve/undo/",
    "outbox-act": "/reminders/act/",
    "outbox-undo": "/reminders/act/undo/",
    "covering": "/reminders/{reminder}/covering/",
    "confirm-non-receipt": "/to-confirm/non-receipt/",
    "end-pause": "/pauses/{pause}/end/",
    "import-upload": "/imports/upload/",
    "import-act": "/imports/{import}/act/",
    "save-view": "/views/",
    "keep-columns": "/views/columns/",
    "delete-view": "/views/{view}/delete/",
    "reopen-tasks": "/tasks/reopen/",
    "close-answers": "/reminders/mail/{mail}/close-answers/",
    "logout": "/logout/",
}
# Pages that only lead on to another.
ONWARD = {"settle-next": "/to-confirm/next/", "saved-view": "/views/{view}/", "second-step": "/login/code/"}
OPEN = {
    "login": "/login/",
    "healthz": "/healthz",
    "healthz-live": "/healthz/live",
    "healthz-ready": "/healthz/ready",
    "answer-thanks": "/answer/thanks/",
    "api-openapi": "/api/v1/openapi.json",
    "robots": "/robots.txt",
}
# For everybody where the public view is switched on, and else for nobody (test_public.py).
PUBLIC = {
    "public": "/public/",
    "public-late": "/public/late/",
    "public-state": "/public/states/NOR/",
    "public-data": "/public/data/",
    "public-data-file": "/public/data/states.csv",
}
NOT_PUBLIC = {"public-nowhere": "/public/nowhere/"}
# For programs, in JSON; what they answer is in test_api.py.
BY_BEARER = {
    **{
        f"api-{what}": f"/api/v1/{what}"
        for what in ("states", "actions", "obligations", "submissions", "reviews", "status")
    },
    "api-nowhere": "/api/v1/nowhere",
}
# Whoever holds the link; what it answers is in test_answering.py.
BY_LINK = {"answer": "/answer/nothing-of-ours/"}
# Whoever holds the secret; what they answer is in test_calendar.py and test_digests.py.
BY_TOKEN = {"calendar-feed": "/calendar.ics", "digest-off": "/digest/off/"}
# For browsers, which send what they refused to load (test_headers.py).
BY_BROWSER = {"csp-report": "/csp-report/"}
# For a program with the token of the settings (test_metrics.py).
BY_SETTING = {"metrics": "/metrics"}
# Only where OIDC_ISSUER names where people sign in elsewhere (test_elsewhere.py).
IF_OFFERED = {"sign-in-elsewhere": "/login/organisation/", "back-from-elsewhere": "/login/organisation/back/"}
FRAMELESS = {
    *("mail-calendar", "reminder-calendar", "digest-html"),
    *("mail-html", "reminder-html", "import-template", "import-export", "state-calendar"),
    *("report-late-file", "report-participation-file", "report-dossier-file", "report-proof-file"),
}
FRAME = ["Today", "Obligations", "States", "Reminders", "Participation"]


def test_every_address_is_listed_here() -> None:
    assert {pattern.name for pattern in urlpatterns} == {
        *PAGES, *FORMS, *BY_POST, *ONWARD, *OPEN, *BY_TOKEN, *BY_LINK, *BY_BEARER, *BY_BROWSER, *BY_SETTING,
        *IF_OFFERED, *PUBLIC, *NOT_PUBLIC,
    }  # fmt: skip


@pytest.mark.parametrize("name", [*PAGES, *FORMS, *BY_POST, *ONWARD])
def test_a_page_sends_a_stranger_to_sign_in(name: str, keys: dict[str, int], client: Client) -> None:
    address = (PAGES | FORMS | BY_POST | ONWARD)[name].format(**keys)
    assert client.get(address).headers["Location"] == f"/login/?next={address}"
    assert client.post(address).headers["Location"] == f"/login/?next={address}"


@pytest.mark.parametrize("address", OPEN.values(), ids=OPEN)
def test_an_open_address_answers_a_stranger(address: str, client: Client) -> None:
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("name", [*PUBLIC, *NOT_PUBLIC])
def test_a_public_address_is_there_for_everybody_or_for_nobody(
    name: str, keys: dict[str, int], client: Client, staff: Client, settings: Any
) -> None:
    address = (PUBLIC | NOT_PUBLIC)[name]
    for settings.PUBLIC_VIEW, found in ((False, (404, 404, 404)), (True, (200, 200, 405))):
        expected = (404, 404, found[2]) if name in NOT_PUBLIC else found
        for who in (client, staff):
            assert tuple(ask(address).status_code for ask in (who.get, who.head, who.post)) == expected


@pytest.mark.parametrize("address", BY_TOKEN.values(), ids=BY_TOKEN)
def test_an_address_with_a_secret_does_not_exist_without_it(
    address: str, client: Client, staff: Client
) -> None:
    assert [who.get(address).status_code for who in (client, staff)] == [404, 404]
    assert client.post(address).status_code in (404, 405)


@pytest.mark.parametrize("address", IF_OFFERED.values(), ids=IF_OFFERED)
def test_an_address_that_is_not_offered_does_not_exist(address: str, client: Client, staff: Client) -> None:
    assert [who.get(address).status_code for who in (client, staff)] == [404, 404]


def test_an_address_with_a_link_does_not_exist_without_it(client: Client, staff: Client) -> None:
    (address,) = BY_LINK.values()
    asked = [ask(address) for who in (client, staff) for ask in (who.get, who.head, who.post)]
    assert [answer.status_code for answer in asked] == [404] * 6


@pytest.mark.parametrize("name", BY_BEARER)
def test_an_address_for_programs_tells_a_browser_nothing(name: str, client: Client, staff: Client) -> None:
    refused = 404 if name == "api-nowhere" else 401
    for who in (client, staff):
        assert [ask(BY_BEARER[name]).status_code for ask in (who.get, who.head, who.post)] == [
            refused, refused, 405,
        ]  # fmt: skip


def test_the_admin_sends_a_stranger_to_its_own_sign_in(client: Client) -> None:
    assert client.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"
    assert client.get("/admin/login/").status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_for_staff(name: str, keys: dict[str, int], staff: Client) -> None:
    address = PAGES[name].format(**keys)
    assert staff.get(address).status_code == 200
    assert staff.head(address).status_code == 200
    assert staff.post(address).status_code == 405


@pytest.mark.parametrize("name", FORMS)
def test_a_form_opens_for_staff_and_changes_nothing_by_being_looked_at(
    name: str, keys: dict[str, int], staff: Client
) -> None:
    address = FORMS[name].format(**keys)
    assert staff.get(address).status_code == 200
    assert staff.head(address).status_code == 200
    assert staff.put(address).status_code == 405


@pytest.mark.parametrize("name", sorted((PAGES | FORMS).keys() - FRAMELESS))
def test_a_page_has_the_frame(name: str, keys: dict[str, int], staff: Client) -> None:
    page = read(staff.get((PAGES | FORMS)[name].format(**keys)))
    assert list(links(one_of(page, "nav", aria_label="Main"))) == [*FRAME, "Tasks (1)"]
    assert len(all_of(page, "h1")) == 1
    # The first one: shapes of a picture have titles too.
    assert words(all_of(page, "title")[0]).endswith("· Article 12 tracker")


@pytest.mark.parametrize("address", BY_POST.values(), ids=BY_POST)
def test_what_changes_something_is_not_done_by_looking(
    address: str, keys: dict[str, int], staff: Client
) -> None:
    assert staff.get(address.format(**keys)).status_code == 405


def test_signing_out_leads_to_the_sign_in(staff: Client) -> None:
    assert staff.post("/logout/").headers["Location"] == "/login/"
    assert staff.get("/").status_code == 302


def test_signing_in_leads_to_the_page_that_was_asked_for(client: Client) -> None:
    factories.an_officer("ada", password="a-long-password-12")
    right = {"username": "ada", "password": "a-long-password-12", "next": "/states/NOR/?as_of=2009-05-31"}
    assert client.post("/login/", right).headers["Location"] == "/states/NOR/?as_of=2009-05-31"


def test_signing_in_leads_to_no_other_site(client: Client) -> None:
    factories.an_officer("ada", password="a-long-password-12")
    right = {"username": "ada", "password": "a-long-password-12", "next": "https://example.org/"}
    assert client.post("/login/", right).headers["Location"] == "/"


def test_a_wrong_password_is_told(client: Client) -> None:
    factories.an_officer("ada", password="a-long-password-12")
    page = read(client.post("/login/", {"username": "ada", "password": "wrong"}))
    assert words(one_of(page, "p", role="alert")) == (
        "Wrong user name or password. Check capital and small letters."
    )


def test_a_small_code_leads_to_the_state_on_the_same_day(staff: Client) -> None:
    answer = staff.get("/states/nor/?as_of=2009-05-31")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/states/NOR/?as_of=2009-05-31")


@pytest.mark.parametrize(
    "address",
    ["/states/XXX/", "/states/NORWAY/", "/states/%00/", "/states/É/", "/nowhere/", "/reminders/mail/1/",
     "/reminders/mail/99999999999999999999999/", "/reminders/mail/1/html/"],
)  # fmt: skip
def test_an_unknown_address_gives_a_page_that_helps(address: str, staff: Client) -> None:
    answer = staff.get(address)
    page = read(answer)
    assert answer.status_code == 404
    assert words(one_of(page, "h1")) == "Page not found"
    assert links(one_of(page, "main"))["All States"] == "/states/"


def test_a_form_that_was_open_too_long_is_explained() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/login/", {"username": "ada", "password": "x"})
    assert answer.status_code == 403
    assert words(one_of(read(answer), "h1")) == "Please send the form again"


def test_health_tells_which_part_does_not_answer(client: Client, settings: Any) -> None:
    never = {"last_scan": None, "last_send": None}
    assert client.get("/healthz").json() == {"database": "ok", "broker": "ok"} | never
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/broker.sock"
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"database": "ok", "broker": "no answer"} | never)


# --- the admin ------------------------------------------------------------------------------------


def rows_of_every_model() -> dict[type, Any]:
    """A row of each model of the admin that nothing rests on."""
    norway, grace = factories.a_state("NOR"), factories.an_officer("grace")
    return {
        State: factories.a_state("SWE"),
        TreatyAction: factories.joins(norway, on="2001-10-02"),
        Contact: factories.a_contact(norway),
        Amendment: an_amendment(norway),
        AmendmentPosition: factories.answers(factories.proposes(norway), norway, "2025-05-01"),
        Statement: factories.declares(norway),
        Submission: factories.receives(norway, "2005-06-03"),
        CommitteeDate: factories.decides(norway),
        Review: factories.reviews(norway),
        PrintedDate: PrintedDate.objects.create(
            state=norway, kind="initial", printed="2004", printed_on=factories.day("2005-06-03")
        ),
        InformationRequest: factories.asks(norway),
        ReminderRule: ReminderRule.objects.create(months=-9),
        RegionDesk: RegionDesk.objects.create(region="AFR", officer=grace),
        NonReceipt: NonReceipt.objects.create(
            state=norway, not_received_by=factories.day("2026-06-30"), source="a list"
        ),
        get_user_model(): grace,
        Group: Group.objects.create(name="Desk"),
    }


def test_every_model_of_the_admin_is_listed_here() -> None:
    assert set(site._registry) == set(rows_of_every_model())


@pytest.mark.parametrize("model", site._registry, ids=lambda model: model.__name__)
@pytest.mark.parametrize("view", ["changelist", "add", "change", "history", "delete"])
def test_every_page_of_the_admin_opens(model: Any, view: str, staff: Client) -> None:
    row = rows_of_every_model()[model]
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}"
    address = reverse(name, args=[] if view in ("changelist", "add") else [row.pk])
    kept = (model, view) == (get_user_model(), "delete")  # people are switched off, not deleted
    assert staff.get(address).status_code == (403 if kept else 200)


@pytest.mark.parametrize("model", site._registry, ids=lambda model: model.__name__)
def test_every_list_of_the_admin_can_be_searched(model: Any, staff: Client) -> None:
    rows_of_every_model()
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    assert staff.get(address, {"q": "nothing like it"}).context["cl"].result_count == 0
    assert staff.get(address).context["cl"].result_count >= 1


@pytest.mark.parametrize("address", ["/admin/", "/admin/registry/", "/admin/registry/state/"])
def test_somebody_without_rights_enters_nothing(address: str) -> None:
    signed = in_role("Viewer")
    assert signed.get(address).headers["Location"] == f"/admin/login/?next={address}"


def test_ledger_and_obligations_are_not_entered_by_hand() -> None:
    assert not {Obligation, Reminder, Mail} & set(site._registry)
