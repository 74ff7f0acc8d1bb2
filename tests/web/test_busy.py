"""A database that is busy: the page says so and keeps what was entered."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, DataError, InterfaceError, OperationalError, connection
from django.test import Client

from tests import factories
from tests.web.admin.test_admin import filled_in
from tests.web.pages import Element, all_of, links, one_of, read, words
from tracker import environment
from tracker.registry.models import Contact
from tracker.web.errors import is_busy

CONTACT = "/admin/registry/contact/add/"
NASTY = '\n“Mission” <of>\r\nNorway & "others"'


@contextmanager
def locked() -> Iterator[None]:
    """Another process holds a lock on the contacts; who meets it waits for a moment only."""
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA busy_timeout = 50")
        with closing(sqlite3.connect(str(place["NAME"]), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")
        return
    connection.cursor().execute("SET lock_timeout = '50ms'")
    login = {
        "host": place["HOST"],
        "port": place["PORT"],
        "user": place["USER"],
        "password": place["PASSWORD"],
    }
    with psycopg.connect(dbname=place["NAME"], **login) as other:
        other.execute("LOCK TABLE registry_contact IN EXCLUSIVE MODE")
        yield
        other.rollback()


@contextmanager
def refusing(error: Exception, in_sql: str = "") -> Iterator[None]:
    """The database refuses all statements, or those that contain some words."""

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if in_sql in sql:
            raise error
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def kept(page: Element) -> dict[str, list[str]]:
    """The values in the form of the page; a browser leaves out the first line feed of a field of several lines."""
    values: dict[str, list[str]] = {}
    for one in all_of(one_of(page, "form"), "textarea"):
        text = "".join(map(str, one.children))
        assert text.startswith("\n")
        values.setdefault(one.attributes["name"], []).append(text[1:])
    return values


@pytest.mark.django_db(transaction=True)
def test_a_form_that_meets_a_lock_is_kept_and_sent_again(staff: Client) -> None:
    factories.a_state("NOR", name="Norway")
    values = filled_in(staff.get(CONTACT).context["adminform"].form)
    values |= {"state": "NOR", "name": "Mission", "email": "nor@example.org", "office": "A & B"}
    with locked():
        answer = staff.post(CONTACT, values)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    page = read(answer)
    assert words(one_of(page, "h1")) == "The database is busy"
    assert one_of(page, "form").attributes["action"] == CONTACT
    assert not Contact.objects.exists()
    staff.post(CONTACT, kept(page))
    assert Contact.objects.values_list("state", "name", "email", "office").get() == (
        "NOR", "Mission", "nor@example.org", "A & B",
    )  # fmt: skip


BUSY = OperationalError("database is locked")


@pytest.mark.django_db
def test_each_value_is_kept_as_it_was_entered(staff: Client) -> None:
    sent = {"act": ["cancel"], "pick": ["1", "2"], "reason": [NASTY]}
    with refusing(BUSY, "reminders_reminder"):
        page = read(staff.post("/reminders/act/?x=1&y=2", sent))
    assert one_of(page, "form").attributes["action"] == "/reminders/act/?x=1&y=2"
    assert kept(page) == sent


@pytest.mark.django_db
@pytest.mark.parametrize(
    "secret", [{"password1": "correct horse"}, {"file": SimpleUploadedFile("a.csv", b"state\n")}], ids=str
)
def test_no_password_and_no_file_is_kept(secret: dict[str, Any], staff: Client) -> None:
    with refusing(BUSY, "reminders_reminder"):
        page = read(staff.post("/reminders/act/", {"act": "cancel", "pick": "1"} | secret))
    assert all_of(page, "form") == []
    assert "look whether it is there, and send the form again if it is not." in words(page)


@pytest.mark.django_db
def test_a_page_that_meets_a_lock_can_be_opened_again(staff: Client) -> None:
    with refusing(BUSY, "reminders_reminder"):
        answer = staff.get("/reminders/?state=held")
    assert answer.status_code == 503
    assert links(read(answer))["Try again"] == "/reminders/?state=held"


@pytest.mark.django_db
def test_a_busy_database_says_so_in_the_language_of_the_reader(staff: Client) -> None:
    staff.cookies["language"] = "ar"
    staff.raise_request_exception = False
    for table in ("reminders_reminder", "django_session"):  # in the view, and before the language is known
        with refusing(BUSY, table):
            answer = staff.get("/reminders/", headers={"accept": "text/html"})
        html = one_of(read(answer), "html")
        assert (answer.status_code, html.attributes["lang"], html.attributes["dir"]) == (503, "ar", "rtl")
        assert "The database is busy" not in words(html)


@pytest.mark.django_db
def test_a_lock_outside_a_view_gives_no_form_to_send_again(staff: Client) -> None:
    """The session is stored after the view, which may have saved something."""
    staff.raise_request_exception = False
    with refusing(BUSY, "django_session"):
        answer = staff.post("/reminders/act/", {"act": "cancel", "pick": "1"})
    assert answer.status_code == 503
    assert all_of(read(answer), "form") == []


def caused_by(
    error: DatabaseError | InterfaceError, cause: Exception | None = None, code: int = 0
) -> Exception:
    if cause is not None and code:
        cause.sqlite_errorcode = code  # type: ignore[attr-defined]
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "busy"),
    [
        (
            caused_by(OperationalError(), sqlite3.OperationalError("locked"), sqlite3.SQLITE_BUSY_SNAPSHOT),
            True,
        ),
        (caused_by(OperationalError(), sqlite3.OperationalError("full"), sqlite3.SQLITE_FULL), True),
        (
            caused_by(OperationalError(), sqlite3.OperationalError("no such table"), sqlite3.SQLITE_ERROR),
            False,
        ),
        (caused_by(InterfaceError(), sqlite3.InterfaceError("bad parameter")), False),
        (caused_by(OperationalError(), psycopg.errors.DeadlockDetected()), True),
        (caused_by(InterfaceError(), psycopg.InterfaceError("the connection is closed")), True),
        (caused_by(DataError(), psycopg.DataError()), False),
        (None, False),
    ],
    ids=str,
)
def test_an_error_of_ours_is_not_called_busy(error: Exception | None, busy: bool) -> None:
    assert is_busy(error) is busy


def test_a_commit_to_sqlite_survives_a_power_cut() -> None:
    """In WAL mode NORMAL would leave the last commits in memory; 2 is FULL."""
    options = environment.database.value("DATABASE_URL", "sqlite:///x")["OPTIONS"]
    with closing(sqlite3.connect(":memory:")) as line:
        line.executescript(options["init_command"])
        assert line.execute("PRAGMA synchronous").fetchone() == (2,)
