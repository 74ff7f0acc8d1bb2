"""The second factor: set up, required after the password everywhere, and removed."""

from __future__ import annotations

import re
from base64 import b32decode
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests import factories
from tests.web.conftest import in_role, signed_in
from tests.web.pages import all_of, links, messages, one_of, problems, read, words
from tracker.web.models import SecurityEvent

pytestmark = pytest.mark.django_db

RIGHT = "the-committee-meets-in-geneva"
Kind = SecurityEvent.Kind


def number(key: bytes) -> str:
    """The code that the app shows now."""
    return f"{totp(key, t0=0):06d}"


def events(*kinds: Kind) -> list[tuple[str, str]]:
    """Event and users of the lines of the log, the oldest first."""
    return list(SecurityEvent.objects.filter(kind__in=kinds).order_by("pk").values_list("who", "whom"))


class Ada:
    """A user with a device."""

    def __init__(self, clock: Any) -> None:
        self.user = factories.an_officer("ada", password=RIGHT, is_superuser=True, is_staff=True)
        self.clock = clock
        client = Client()
        client.force_login(self.user)
        client.post("/second-factor/", {"act": "begin"})
        self.page = read(client.get("/second-factor/"))
        secret = words(one_of(self.page, "code", class_="secret")).replace(" ", "")
        self.key = b32decode(secret + "=" * (-len(secret) % 8))
        self.confirmed = client.post("/second-factor/", {"act": "confirm", "code": number(self.key)})
        self.codes = [
            words(one) for one in all_of(one_of(read(self.confirmed), "ul", class_="codes"), "code")
        ]
        self.client = client
        self.later()

    def later(self) -> None:
        """Advances the clock to the next code: each works once."""
        self.clock.shift(timedelta(minutes=1))

    def gives_the_password(self, page: str = "/login/", onward: str = "/states/NOR/") -> Client:
        client = Client()
        client.post(page, {"username": "ada", "password": RIGHT, "next": onward})
        return client


@pytest.fixture
def ada(clock: Any) -> Ada:
    return Ada(clock)


def test_a_device_is_set_up_with_a_picture_or_a_secret_and_a_code(ada: Ada) -> None:
    assert len(all_of(ada.page, "svg")) == 1
    assert len(ada.key) == 20
    assert ada.confirmed.headers["Cache-Control"].count("no-store") == 1
    assert len(set(ada.codes)) == 10
    assert all(re.fullmatch(r"[a-z2-9]{5}-[a-z2-9]{5}", code) for code in ada.codes)
    assert events(Kind.FACTOR_ON) == [("ada", "")]


def test_the_recovery_codes_are_shown_once_and_kept_as_digests(ada: Ada) -> None:
    again = ada.client.post("/second-factor/", {"act": "confirm", "code": number(ada.key)})
    assert all_of(read(again), "ul", class_="codes") == []
    assert "10 recovery codes are left." in words(one_of(read(again), "main"))
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert len(kept) == 10
    assert not kept & {code.replace("-", "") for code in ada.codes}


def test_a_wrong_code_sets_nothing_up(clock: Any) -> None:
    client = signed_in("grace", is_superuser=True)
    client.post("/second-factor/", {"act": "begin"})
    key = TOTPDevice.objects.get().bin_key
    wrong = f"{(int(number(key)) + 1) % 1_000_000:06d}"
    (told,) = problems(read(client.post("/second-factor/", {"act": "confirm", "code": wrong})))
    assert told.startswith("The code is wrong. Enter the six digits that your app shows now")
    assert not TOTPDevice.objects.filter(confirmed=True).exists()
    assert events(Kind.CODE_FAILED) == [("grace", "")]


@pytest.mark.parametrize("page", ["/login/", "/admin/login/"])
def test_the_password_alone_opens_nothing_whichever_page_took_it(page: str, ada: Ada) -> None:
    client = ada.gives_the_password(page, "/admin/")
    for address in (
        "/",
        "/states/NOR/",
        "/help/",
        "/second-factor/",
        "/admin/",
        "/nowhere/",
        "/calendar/feeds/",
    ):
        answer = client.get(address, follow=True)
        assert "Sign out" not in answer.content.decode()
        assert answer.status_code == (404 if address == "/nowhere/" else 200)
        if address != "/nowhere/":
            assert words(one_of(read(answer), "h1")) == "Enter a code"
    client.post("/second-factor/", {"act": "off", "code": number(ada.key)})
    client.post("/second-factor/", {"act": "begin"})
    assert TOTPDevice.objects.get().confirmed
    assert client.get("/admin/password_change/").status_code == 302


@pytest.mark.parametrize("page", ["/login/", "/admin/login/"])
def test_the_code_leads_to_where_one_wanted_to_go(page: str, ada: Ada) -> None:
    client = ada.gives_the_password(page)
    asked = client.get("/states/NOR/", follow=True)
    assert asked.redirect_chain[-1][0] == "/login/code/?next=%2Fstates%2FNOR%2F"
    before = client.cookies["sessionid"].value
    answer = client.post("/login/code/", {"code": number(ada.key), "next": "/states/"})
    assert answer.headers["Location"] == "/states/"
    assert client.get("/states/").status_code == 200
    assert client.cookies["sessionid"].value != before
    assert events(Kind.ASKED, Kind.SIGNED_IN)[-2:] == [("ada", ""), ("ada", "")]


def test_the_second_step_leads_to_no_other_site(ada: Ada) -> None:
    client = ada.gives_the_password()
    answer = client.post("/login/code/", {"code": number(ada.key), "next": "//example.org/"})
    assert answer.headers["Location"] == "/"


def test_a_code_is_good_once(ada: Ada) -> None:
    code = number(ada.key)
    assert ada.gives_the_password().post("/login/code/", {"code": code}).status_code == 302
    assert ada.gives_the_password().post("/login/code/", {"code": code}).status_code == 200


def test_a_recovery_code_is_good_once_however_it_is_written(ada: Ada) -> None:
    written = f" {ada.codes[0].replace('-', ' ').upper()} "
    client = ada.gives_the_password()
    assert client.post("/login/code/", {"code": written}).headers["Location"] == "/"
    assert messages(read(client.get("/help/"))) == [
        "You signed in with a recovery code; 9 are left. You can create new ones under Help, “Second factor”."
    ]
    assert ada.gives_the_password().post("/login/code/", {"code": ada.codes[0]}).status_code == 200
    assert events(Kind.RECOVERY_USED) == [("ada", "")]


def test_guessing_takes_longer_with_each_wrong_code(ada: Ada) -> None:
    client = ada.gives_the_password()
    wrong = f"{(int(number(ada.key)) + 500_000) % 1_000_000:06d}"
    for seconds in (0, 1, 2, 4, 8):
        ada.clock.shift(seconds)
        assert client.post("/login/code/", {"code": wrong}).status_code == 200
    # Neither a session of the same user nor the right password resets the count.
    answer = ada.gives_the_password().post("/login/code/", {"code": number(ada.key)})
    assert answer.status_code == 429
    assert problems(read(answer)) == [
        "Too many wrong codes; this one was not checked. Try again in 16 seconds."
    ]
    assert events(Kind.CODE_FAILED) == [("ada", "")] * 5
    ada.clock.shift(17)
    assert ada.gives_the_password().post("/login/code/", {"code": number(ada.key)}).status_code == 302


def test_it_is_switched_off_with_a_code_alone(ada: Ada) -> None:
    ada.client.post("/second-factor/", {"act": "off"})
    ada.client.post("/second-factor/", {"act": "off", "code": "wrong-wrong"})
    assert TOTPDevice.objects.count() == 1
    answer = ada.client.post("/second-factor/", {"act": "off", "code": number(ada.key)}, follow=True)
    assert messages(read(answer)) == ["The second factor is off. You now sign in with your password alone."]
    assert ada.gives_the_password().get("/help/").status_code == 200
    assert events(Kind.FACTOR_OFF) == [("ada", "")]


def test_new_recovery_codes_end_the_old_ones(ada: Ada) -> None:
    renewed = read(ada.client.post("/second-factor/", {"act": "renew", "code": number(ada.key)}))
    assert len(all_of(one_of(renewed, "ul", class_="codes"), "code")) == 10
    assert ada.gives_the_password().post("/login/code/", {"code": ada.codes[0]}).status_code == 200


def test_where_it_is_required_everybody_sets_it_up_first(settings: Any, clock: Any) -> None:
    client = in_role("Viewer", "vera")
    assert client.get("/states/").status_code == 200
    settings.SECOND_FACTOR = "required"
    asked = client.get("/states/", follow=True)
    assert asked.redirect_chain[-1][0] == "/second-factor/?next=%2Fstates%2F"
    assert "This site requires a second factor." in words(one_of(read(asked), "main"))
    client.post("/second-factor/", {"act": "begin"})
    key = TOTPDevice.objects.get().bin_key
    done = client.post("/second-factor/", {"act": "confirm", "code": number(key), "next": "/states/"})
    assert links(one_of(read(done), "main")) == {"I have saved them, continue": "/states/"}
    assert client.get("/states/").status_code == 200


def test_whoever_waits_can_sign_out(ada: Ada) -> None:
    client = ada.gives_the_password()
    assert client.post("/logout/").headers["Location"] == "/login/"
    assert client.get("/login/code/").headers["Location"] == "/login/?next=/login/code/"


def test_an_administrator_removes_the_device_of_somebody_else(ada: Ada) -> None:
    root = signed_in("root", is_superuser=True, is_staff=True)
    waiting = ada.gives_the_password()
    picked = {"action": "remove_second_factor", "_selected_action": [str(ada.user.pk)]}
    answer = root.post("/admin/auth/user/", picked, follow=True)
    assert messages(read(answer))[0].startswith("1 second factor removed.")
    assert events(Kind.FACTOR_REMOVED) == [("root", "ada")]
    assert not TOTPDevice.objects.exists()
    assert waiting.get("/help/", follow=True).redirect_chain[-1][0] == "/help/"


def test_nobody_removes_the_own_device_without_a_code(ada: Ada) -> None:
    picked = {"action": "remove_second_factor", "_selected_action": [str(ada.user.pk)]}
    ada.client.post("/admin/auth/user/", picked)
    assert TOTPDevice.objects.count() == 1


def test_a_command_lets_in_whoever_lost_everything(ada: Ada, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(5):
        Client().post("/login/", {"username": "ada", "password": "wrong"})
    assert Client().post("/login/", {"username": "ada", "password": RIGHT}).status_code == 429
    call_command("unlock", "ada", "--second-factor", "--format", "csv")
    assert capsys.readouterr().out.splitlines() == ["username,counts,second_factor_removed", "ada,1,True"]
    assert ada.gives_the_password().get("/help/").status_code == 200
    assert events(Kind.UNLOCKED, Kind.FACTOR_REMOVED) == [("", "ada"), ("", "ada")]
    with pytest.raises(CommandError, match="There is no account “nobody”"):
        call_command("unlock", "nobody")


def test_the_admin_shows_no_secret(ada: Ada) -> None:
    assert ada.client.get("/admin/otp_totp/totpdevice/").status_code == 404
    assert ada.key.hex() not in ada.client.get(f"/admin/auth/user/{ada.user.pk}/change/").content.decode()


# --- how long a session lasts ---------------------------------------------------------------------


def test_a_session_ends_when_nothing_was_asked_for_two_hours(clock: Any) -> None:
    client = signed_in("grace", is_superuser=True)
    for _ in range(3):
        clock.shift(timedelta(minutes=100))
        assert client.get("/help/").status_code == 200
    clock.shift(timedelta(hours=2))
    assert client.get("/help/").headers["Location"] == "/login/?next=/help/"
    assert events(Kind.SESSION_ENDED) == [("grace", "")]


def test_a_session_ends_after_twelve_hours_whatever_is_done(clock: Any) -> None:
    client = signed_in("grace", is_superuser=True)
    for _ in range(7):
        clock.shift(timedelta(minutes=100))
        assert client.get("/help/").status_code == 200
    clock.shift(timedelta(minutes=20))
    assert client.get("/help/").status_code == 302


def test_another_password_ends_the_sessions_that_were_begun_with_the_old_one(client: Client) -> None:
    grace = factories.an_officer("grace", password=RIGHT, is_superuser=True, is_staff=True)
    elsewhere = Client()
    elsewhere.force_login(grace)
    client.force_login(grace)
    new = {
        "old_password": RIGHT,
        "new_password1": "a-day-by-the-lake-7",
        "new_password2": "a-day-by-the-lake-7",
    }
    assert client.post("/password/", new).status_code == 302
    assert (client.get("/help/").status_code, elsewhere.get("/help/").status_code) == (200, 302)
    assert events(Kind.PASSWORD_CHANGED) == [("grace", "")]


def test_a_password_has_twelve_characters() -> None:
    grace = factories.an_officer("grace", password=RIGHT, is_superuser=True, is_staff=True)
    client = Client()
    client.force_login(grace)
    short = {"old_password": RIGHT, "new_password1": "lake-in-may", "new_password2": "lake-in-may"}
    assert "at least 12 characters" in client.post("/password/", short).content.decode()
