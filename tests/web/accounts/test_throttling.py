"""Wrong passwords: how many cause a lock-out, for how long, and who ends it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client, RequestFactory

from tests import factories
from tests.web.pages import one_of, read, words
from tracker import proxies
from tracker.web.accounts import throttling
from tracker.web.accounts.roles import VIEWER
from tracker.web.ops.checks import check_proxies

pytestmark = pytest.mark.django_db

RIGHT = "the-committee-meets-in-geneva"
PAGES = ("/login/", "/admin/login/")


@pytest.fixture(autouse=True)
def ada(settings: Any) -> None:
    settings.ADMINISTRATOR_EMAIL = "help@example.org"
    factories.an_officer("ada", password=RIGHT, is_superuser=True, is_staff=True)


def sign_in(
    password: str, page: str = "/login/", name: str = "ada", address: str = "192.0.2.1", **more: Any
) -> Any:
    said = {"username": name, "password": password, "next": "/"}
    return Client().post(page, said, REMOTE_ADDR=address, **more)


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


@pytest.mark.more
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


@pytest.fixture
def state(tmp_path: Path, settings: Any) -> Path:
    """A state folder in which nothing was noted."""
    settings.VAR_DIR = tmp_path
    proxies._store.cache_clear()
    proxies._log_once.cache_clear()
    return tmp_path


def test_wrong_passwords_through_a_proxy_that_is_not_counted_do_not_count_for_its_address(
    state: Path,
) -> None:
    factories.an_officer("grace", password=RIGHT)
    through = {"address": "10.0.0.7", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}
    for n in range(60):
        assert sign_in("wrong", name=f"nobody{n}", **through).status_code == 200
    assert [sign_in("wrong", **through).status_code for _ in range(5)] == [200, 200, 200, 200, 429]
    assert sign_in(RIGHT, name="grace", **through).status_code == 302


def test_a_proxy_that_is_not_counted_is_told_to_administrators_and_in_watch_check_and_log(
    state: Path, settings: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    line = "Requests arrive through a proxy (X-Forwarded-For), but PROXIES is 0"
    grace = factories.an_officer("grace", password=RIGHT)
    grace.groups.add(Group.objects.get(name=VIEWER))
    pages = {name: Client() for name in ("ada", "grace")}
    for name, client in pages.items():
        client.login(request=RequestFactory().post("/login/"), username=name, password=RIGHT)
    assert line not in read_words(pages["ada"])
    assert not check_proxies(None)
    Client().get("/healthz/live", REMOTE_ADDR="203.0.113.5", headers={"X-Forwarded-For": "192.0.2.1"})
    assert not proxies.sentence()  # a stranger wrote the header
    for _ in range(2):
        Client().get("/healthz/live", REMOTE_ADDR="172.17.0.1", headers={"X-Forwarded-For": "192.0.2.1"})
    assert [line in record.getMessage() for record in caplog.records].count(True) == 1
    assert line in read_words(pages["ada"])
    assert line not in read_words(pages["grace"])
    assert line in check_proxies(None)[0].msg
    call_command("watch", format="json")
    assert line in capsys.readouterr().err
    settings.PROXIES = 1
    assert line not in read_words(pages["ada"])


def read_words(client: Client) -> str:
    return words(read(client.get("/")))


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
