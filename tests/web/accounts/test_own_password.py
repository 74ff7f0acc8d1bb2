"""A person's own password: changed with the present one, recorded, and the end of all other sessions."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.web.conftest import in_role, signed_in
from tests.web.pages import links, messages, problems, read, words
from tracker.web.models import SecurityEvent

pytestmark = pytest.mark.django_db

RIGHT, NEW = "the-committee-meets-in-geneva", "and-again-in-january-2027"


@pytest.fixture
def ada() -> Client:
    """A Viewer who signed in with a password."""
    in_role("Viewer", "ada")
    person = get_user_model().objects.get(username="ada")
    person.set_password(RIGHT)
    person.save()
    return somewhere()


def somewhere(password: str = RIGHT) -> Client:
    client = Client()
    client.post("/login/", {"username": "ada", "password": password})
    return client


def change(client: Client, old: str = RIGHT, new: str = NEW, again: str = NEW) -> Any:
    form = {"old_password": old, "new_password1": new, "new_password2": again}
    return client.post("/password/", form, follow=True)


def test_everybody_changes_their_own_password_and_other_sessions_end(ada: Client) -> None:
    elsewhere = somewhere()
    assert elsewhere.get("/").status_code == 200
    SecurityEvent.objects.all().delete()
    answer = change(ada)
    assert messages(read(answer)) == [
        "Your password is changed. Elsewhere you are signed out; this session goes on."
    ]
    assert ada.get("/").status_code == 200
    assert elsewhere.get("/").headers["Location"].startswith("/login/")
    assert somewhere(RIGHT).get("/").status_code == 302
    assert somewhere(NEW).get("/").status_code == 200
    first = SecurityEvent.objects.earliest("pk")
    assert (first.kind, first.who, first.whom) == ("password_changed", "ada", "")


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"old": "wrong"}, "This is not your present password."),
        ({"again": "another"}, "The two password fields didn’t match."),
        ({"new": "short", "again": "short"},
         "This password is too short. It must contain at least 12 characters."),
    ],
)  # fmt: skip
def test_a_wrong_or_weak_password_changes_nothing(form: dict[str, str], problem: str, ada: Client) -> None:
    assert problems(read(change(ada, **form))) == [problem]
    assert somewhere(RIGHT).get("/").status_code == 200


def test_wrong_present_passwords_are_counted_like_those_at_signing_in(ada: Client, settings: Any) -> None:
    for _attempt in range(settings.AXES_FAILURE_LIMIT):
        change(ada, old="wrong")
    assert change(ada).status_code == 429
    assert SecurityEvent.objects.filter(kind="failed", who="ada").count() == settings.AXES_FAILURE_LIMIT - 1
    assert SecurityEvent.objects.filter(kind="locked_out", who="ada").count() == 1
    assert SecurityEvent.objects.filter(kind="password_changed", whom="").count() == 0


def test_an_account_of_an_organisation_has_no_password_here_and_is_told_so() -> None:
    client = signed_in("olga", is_superuser=True)
    person = get_user_model().objects.get(username="olga")
    person.set_unusable_password()
    person.save()
    client.force_login(person)
    page = read(client.get("/password/"))
    assert "you sign in with your organisation’s account" in words(page)
    change(client)
    person.refresh_from_db()
    assert not person.has_usable_password()


def test_the_admin_has_no_second_page_for_it(ada: Client) -> None:
    administrator = in_role("Administrator")
    assert administrator.get("/admin/password_change/").headers["Location"] == "/password/"
    assert links(read(ada.get("/help/")))["Change your password"] == "/password/"
