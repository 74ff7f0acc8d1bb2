"""Wrong passwords: how many cause a lock-out, for how long, and who ends it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client, RequestFactory

from tests import factories
from tests.web.pages import one_of, read, words
from tracker.web.accounts import throttling

pytestmark = pytest.mark.django_db

RIGHT = "the-committee-meets-in-geneva"
PAGES = ("/login/", "/admin/login/")


@pytest.fixture(autouse=True)
def ada(settings: Any) -> None:
    settings.ADMINISTRATOR_EMAIL = "help@example.org"
    factories.an_officer("ada", password=RIGHT, is_superuser=True, is_staff=True)


def sign_in(password: str, page: str = "/login/", name: str = "ada", address: str = "192.0.2.1") -> Any:
    said = {"username": name, "password": password, "next": "/"}
    return Client().post(page, said, REMOTE_ADDR=address)


@pytest.mark.parametrize("page", PAGES)
def test_the_fifth_wrong_password_locks_out_on_both_pages(page: str) -> None:
    assert [sign_in("wrong", page).status_code for _ in range(4)] == [200] * 4
    answer = sign_in("wrong", page)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1800")
    told = words(one_of(read(answer), "main"))
    assert "Sign-in is locked for 30 more minutes, even with the right password." in told
    assert "help@example.org" in told
    assert [sign_in(RIGHT, other).status_code for other in PAGES] == [429, 429]


def test_the_pause_ends_when_the_page_said(clock: Any) -> None:
    for _ in range(5):
        sign_in("wrong")
    clock.shift(timedelta(minutes=29, seconds=30))
    assert "for 1 more minute," in words(one_of(read(sign_in(RIGHT)), "main"))
    clock.shift(timedelta(seconds=31))
    assert sign_in(RIGHT).status_code == 302


def test_somebody_elsewhere_and_somebody_else_are_not_locked_out() -> None:
    factories.an_officer("grace", password=RIGHT)
    for _ in range(5):
        sign_in("wrong")
    assert sign_in(RIGHT, address="192.0.2.2").status_code == 302
    assert sign_in(RIGHT, name="grace").status_code == 302


def test_an_address_that_tries_many_names_is_locked_out_for_all() -> None:
    for n in range(50):
        assert sign_in("wrong", name=f"nobody{n}").status_code == (429 if n == 49 else 200)
    assert sign_in(RIGHT).status_code == 429
    assert sign_in(RIGHT, address="192.0.2.2").status_code == 302


def test_the_right_password_in_time_begins_the_count_anew() -> None:
    for _ in range(4):
        sign_in("wrong")
    assert sign_in(RIGHT).status_code == 302
    assert [sign_in("wrong").status_code for _ in range(4)] == [200] * 4


def test_no_password_and_no_token_is_kept_with_the_count() -> None:
    sign_in("my-other-secret")
    kept = AccessAttempt.objects.get()
    assert "my-other-secret" not in "".join(str(value) for value in vars(kept).values())


@pytest.mark.parametrize(
    ("proxies", "told", "expected"),
    [(0, "203.0.113.9", "192.0.2.1"), (1, "203.0.113.9", "203.0.113.9"),
     (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"), (2, "203.0.113.9, 198.51.100.1", "203.0.113.9"),
     (2, "203.0.113.9", "192.0.2.1"), (1, "<script>", None)],
)  # fmt: skip
def test_an_address_is_believed_from_our_own_proxies_alone(
    proxies: int, told: str, expected: str | None, settings: Any
) -> None:
    settings.PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": told})
    assert throttling.address_of(request) == expected
