"""Error pages: what happened, what to do, and a way on."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from tests import factories
from tests.web.conftest import signed_in
from tests.web.pages import all_of, links, one_of, read, words
from tracker import environment

pytestmark = pytest.mark.django_db


def said(answer: Any) -> str:
    return words(one_of(read(answer), "main"))


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("/states/norway/", {"Norway": "/states/NOR/"}),
        ("/states/Cote-d'Ivoire/", {"Côte d'Ivoire": "/states/CIV/"}),
        ("/states/no/history/", {"Norway": "/states/NOR/"}),
        ("/NORWAY", {"Norway": "/states/NOR/"}),
        ("/states/norwey/", {"Norway": "/states/NOR/"}),
        ("/states/XXX/", {}),
        ("/states/%00/", {}),
        ("/states/%FF%FE/", {}),
        ("/" + "x" * 500, {}),
    ],
)
def test_an_address_that_names_a_state_leads_to_it(
    address: str, found: dict[str, str], staff: Client
) -> None:
    factories.a_state("NOR")
    factories.a_state("CIV")
    answer = staff.get(address)
    main = one_of(read(answer), "main")
    assert answer.status_code == 404
    assert {label: to for label, to in links(main).items() if len(to) == len("/states/NOR/")} == found


def test_what_the_address_says_can_be_looked_for(staff: Client) -> None:
    field = one_of(read(staff.get("/states/nor-way/history/")), "input", id="sought")
    assert field.attributes["value"] == "nor way"


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


def test_a_stranger_learns_of_no_state(client: Client) -> None:
    factories.a_state("NOR")
    answer = client.get("/norway")
    assert answer.status_code == 404
    assert "Norway" not in said(answer)
    assert not all_of(read(answer), "form")


def test_too_long_a_paste_is_explained(staff: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
    answer = staff.post("/reminders/approve/", "pick=" + "1" * 2_200_000, "application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert said(answer).startswith(
        "This is too much data for one form A form may hold 2.0 MB of text. Nothing was saved. Go back"
    )


class Unread(io.BytesIO):
    """The body of a request that must not be read."""

    def read(self, *of: Any) -> bytes:
        raise AssertionError("it was read")


def test_a_file_of_a_paper_may_be_larger(client: Client) -> None:
    answer = client.generic(
        "POST", "/correspondence/receive/", content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": "11000001", "wsgi.input": Unread()},
    )  # fmt: skip
    assert answer.status_code == 413
    assert said(answer).startswith("This file is too large A file may have 10 MB. Nothing was saved.")


@pytest.mark.parametrize("length", ["6000001", "9" * 5000])
def test_an_upload_larger_than_any_file_is_refused_by_its_length_before_it_is_read(
    length: str, client: Client
) -> None:
    for address in ("/imports/upload/", "/login/", "/api/v1/states/"):
        answer = client.generic(
            "POST", address, content_type="multipart/form-data; boundary=x",
            **{"CONTENT_LENGTH": length, "wsgi.input": Unread()},
        )  # fmt: skip
        assert answer.status_code == 413
        assert answer.headers["X-Request-ID"]
        if not address.startswith("/api/"):
            assert said(answer).startswith(
                "This file is too large A file may have 5 MB. Nothing was saved. Go back and split it"
            )


def test_too_many_ticks_are_explained(staff: Client) -> None:
    answer = staff.post("/reminders/approve/", {"pick": [str(n) for n in range(1001)]})
    assert answer.status_code == 400
    assert said(answer).startswith(
        "This is too much data for one form A form may hold 1000 fields or selected rows."
    )


def test_a_host_that_is_not_ours_is_not_understood(client: Client) -> None:
    answer = client.get("/", headers={"host": "elsewhere.example.org"})
    assert answer.status_code == 400
    assert said(answer).startswith("The request was not understood")
    number = answer.headers["X-Request-ID"]
    assert f"Number of this request, for the administrator: {number}" in said(answer)


def test_an_address_that_only_takes_forms_says_so_to_people(staff: Client) -> None:
    answer = staff.get("/reminders/approve/", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert said(answer).startswith("There is nothing to show here")
    assert links(one_of(read(answer), "main")) == {"Today": "/", "Help": "/help/"}
    assert staff.get("/reminders/approve/").content == b""  # for a program the status code is enough


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (
            "",
            "If the problem continues, write to your administrator. Say what you were doing and when, and give",
        ),
        (
            "desk@example.org",
            "If the problem continues, write to desk@example.org. Say what you were doing and when, and give",
        ),
    ],
)
def test_a_failure_is_told_without_asking_the_database(
    address: str, told: str, settings: Any, monkeypatch: Any, django_assert_num_queries: Any
) -> None:
    settings.ADMINISTRATOR_EMAIL = address
    client = signed_in(is_superuser=True)
    client.raise_request_exception = False

    def fail(*args: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("django.contrib.sessions.middleware.SessionMiddleware.process_request", fail)
    with django_assert_num_queries(0):
        answer = client.get("/")
    assert answer.status_code == 500
    assert f"{told} the number of this request: {answer.headers['X-Request-ID']}." in said(answer)


def test_whoever_may_not_is_told_whom_to_ask(settings: Any) -> None:
    settings.ADMINISTRATOR_EMAIL = "desk@example.org"
    answer = signed_in("nobody").get("/")
    assert answer.status_code == 403
    assert links(one_of(read(answer), "main")) == {"desk@example.org": "mailto:desk@example.org"}


def test_the_administrator_s_address_is_checked_at_the_start(monkeypatch: Any) -> None:
    monkeypatch.setenv("ADMINISTRATOR_EMAIL", "desk@example.org")
    assert environment.read("ADMINISTRATOR_EMAIL", environment.mailbox) == "desk@example.org"
    monkeypatch.setenv("ADMINISTRATOR_EMAIL", "the desk")
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.read("ADMINISTRATOR_EMAIL", environment.mailbox)
    assert str(refused.value) == (
        "ADMINISTRATOR_EMAIL is not understood; write an e-mail address such as desk@example.org."
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://tracker.example.org/", "https://tracker.example.org"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("", ""),
    ],
)
def test_the_address_of_the_site_is_read_without_a_slash_at_its_end(
    monkeypatch: Any, written: str, meant: str
) -> None:
    monkeypatch.setenv("SITE_URL", written)
    assert environment.read("SITE_URL", environment.site) == meant


@pytest.mark.parametrize(
    "written",
    ["tracker.example.org", "ftp://tracker.example.org", "https://me:secret@tracker.example.org",
     "https://tracker.example.org/a/", "https://tracker.example.org?a=b", "https://tracker.example.org:port"],
)  # fmt: skip
def test_an_address_of_the_site_that_leads_nowhere_is_refused(monkeypatch: Any, written: str) -> None:
    monkeypatch.setenv("SITE_URL", written)
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.read("SITE_URL", environment.site)
    assert (
        str(refused.value)
        == "SITE_URL is not understood; write an address such as https://tracker.example.org."
    )


# --- in the language of the reader ----------------------------------------------------------------

RUSSIAN = {"accept": "text/html", "accept-language": "ru"}


def test_an_error_before_the_language_is_known_is_in_that_of_the_browser(client: Client) -> None:
    answer = client.get("/", headers={**RUSSIAN, "host": "elsewhere.example.org"})
    assert answer.status_code == 400
    html = one_of(read(answer), "html")
    assert html.attributes["lang"] == "ru"
    assert "The request was not understood" not in words(html)


def test_a_page_of_an_error_has_the_direction_of_its_language(client: Client) -> None:
    client.cookies["language"] = "ar"
    strict = Client(enforce_csrf_checks=True)
    strict.cookies["language"] = "ar"
    for answer, status in (
        (client.get("/states/XXX/", follow=True), 200),  # the sign-in
        (client.get("/nowhere/", headers={"accept": "text/html"}), 404),
        (strict.post("/login/", {}, headers={"accept": "text/html"}), 403),
    ):
        html = one_of(read(answer), "html")
        assert answer.status_code == status
        assert (html.attributes["lang"], html.attributes["dir"]) == ("ar", "rtl")


def test_programs_read_english_errors_whatever_a_browser_has_chosen(client: Client) -> None:
    client.cookies["language"] = "fr"
    for headers in (RUSSIAN, {**RUSSIAN, "host": "elsewhere.example.org"}):
        answer = client.get("/api/v1/states", headers=headers)
        assert answer.json()["detail"].startswith(("The token", "This request cannot be read", "Send"))
