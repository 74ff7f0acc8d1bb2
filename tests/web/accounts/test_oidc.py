"""Signing in with an organisation's account: who is signed in, who is not, and which answers are rejected."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django_otp.oath import totp

from tests import factories
from tests.web.accounts.openid_provider import CLIENT, SECRET, OpenIdProvider, running
from tests.web.conftest import in_role
from tests.web.pages import links, one_of, read, version_shown, words
from tracker import environment
from tracker.environment import Provider
from tracker.web.accounts import second_factor
from tracker.web.models import ElsewhereAccount, SecurityEvent

pytestmark = pytest.mark.django_db

LEAVE, BACK = "/login/organisation/", "/login/organisation/back/"
Kind = SecurityEvent.Kind


@pytest.fixture
def provider(settings: Any) -> Iterator[OpenIdProvider]:
    with running() as provider:
        settings.OIDC = Provider(provider.issuer, CLIENT, SECRET)
        settings.ADMINISTRATOR_EMAIL = "help@example.org"
        yield provider


@pytest.fixture
def ada(db: None) -> Any:
    person = factories.an_officer("ada", is_superuser=True, email="ada@example.org")
    SecurityEvent.objects.all().delete()
    return person


def sent_back(client: Client, onward: str = "/states/") -> str:
    """Goes to the provider as a browser does; returns the address to which it redirects."""
    left = client.get(LEAVE, {"next": onward})
    assert left.status_code == 302, words(one_of(read(left), "main"))
    answer = requests.get(left.headers["Location"], allow_redirects=False, timeout=5)
    where = answer.headers["Location"]
    assert where.startswith(f"http://testserver{BACK}?")
    return where.removeprefix("http://testserver")


def sign_in(client: Client, onward: str = "/states/") -> Any:
    return client.get(sent_back(client, onward))


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def heading(answer: Any) -> str:
    return words(one_of(read(answer), "h1"))


def lines() -> list[tuple[str, str, str, str]]:
    """Kind, who, whom and detail, the oldest first."""
    return list(SecurityEvent.objects.order_by("pk").values_list("kind", "who", "whom", "detail"))


# --- accepted -------------------------------------------------------------------------------------


def test_a_verified_address_leads_to_its_account_and_links_it(
    provider: OpenIdProvider, ada: Any, client: Client
) -> None:
    answer = sign_in(client, "/states/NOR/?as_of=2009-05-31")
    assert answer.headers["Location"] == "/states/NOR/?as_of=2009-05-31"
    assert client.session["_auth_user_id"] == str(ada.pk)
    assert lines() == [
        ("linked", "ada", "", "ada-7"), ("elsewhere", "ada", "", ""), ("signed_in", "ada", "", ""),
    ]  # fmt: skip
    link = ElsewhereAccount.objects.get()
    assert (link.user, link.issuer, link.subject) == (ada, provider.issuer, "ada-7")
    assert provider.asked == ["/.well-known/openid-configuration", "/authorize", "/token", "/keys"]


def test_once_linked_the_subject_counts_and_not_the_address(provider: OpenIdProvider, ada: Any) -> None:
    assert sign_in(Client()).status_code == 302
    provider.person = {"sub": "ada-7", "email": "lovelace@example.org", "email_verified": False}
    client = Client()
    assert sign_in(client).status_code == 302
    assert client.session["_auth_user_id"] == str(ada.pk)
    # A person who gets her old address is another person.
    provider.person = {"sub": "new-8", "email": "ada@example.org", "email_verified": True}
    stranger = Client()
    assert sign_in(stranger).status_code == 403
    assert not is_in(stranger)
    assert lines()[-1] == ("elsewhere_refused", "", "", "account linked to another subject: new-8")


def test_an_address_that_only_the_other_page_tells_is_asked_for(
    provider: OpenIdProvider, ada: Any, client: Client
) -> None:
    provider.person = {"sub": "ada-7"}
    provider.about = {"email": "Ada@Example.org", "email_verified": True}
    assert sign_in(client).status_code == 302
    assert is_in(client)
    assert provider.asked[-1] == "/about"


def test_what_the_other_page_tells_about_somebody_else_is_not_believed(
    provider: OpenIdProvider, ada: Any, client: Client
) -> None:
    provider.person = {"sub": "eve-1"}
    provider.about = {"sub": "ada-7", "email": "ada@example.org", "email_verified": True}
    assert heading(sign_in(client)) == "The sign-in could not be verified"
    assert not is_in(client)


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ({"email": "grace@example.org"}, "no account with this e-mail address"),
        ({"email": "ada@example.org", "email_verified": False}, "no verified e-mail address"),
        ({"email": "ada@example.org", "email_verified": "true"}, "no verified e-mail address"),
        ({"email": "ada@example.org", "email_verified": None}, "no verified e-mail address"),
        ({"email": ["ada@example.org"]}, "no verified e-mail address"),
        ({"email": ""}, "no verified e-mail address"),
        ({"email": "off@example.org"}, "no account with this e-mail address"),
        ({"email": "two@example.org"}, "several accounts with this e-mail address"),
        ({"email": "lın@example.org"}, "no account with this e-mail address"),
    ],
)
def test_nobody_else_gets_in_and_reads_whom_to_ask(
    person: dict[str, Any], reason: str, provider: OpenIdProvider, ada: Any, client: Client
) -> None:
    factories.an_officer("off", email="off@example.org", is_active=False)
    factories.an_officer("one", email="two@example.org")
    factories.an_officer("two", email="TWO@example.org")
    factories.an_officer("lin", email="lin@example.org")
    SecurityEvent.objects.all().delete()
    people = get_user_model().objects.count()
    provider.person = {"sub": "x-1", "email_verified": True} | person
    answer = sign_in(client)
    page = read(answer)
    assert (answer.status_code, heading(answer)) == (403, "You have no account here")
    assert links(one_of(page, "main")) == {
        "help@example.org": "mailto:help@example.org", "Sign in": "/login/?next=%2Fstates%2F",
    }  # fmt: skip
    assert not is_in(client)
    assert (get_user_model().objects.count(), ElsewhereAccount.objects.count()) == (people, 0)
    assert lines() == [("elsewhere_refused", "", "", f"{reason}: x-1")]


def test_whoever_is_switched_off_does_not_get_in_though_linked(
    provider: OpenIdProvider, ada: Any, client: Client
) -> None:
    ElsewhereAccount.objects.create(user=ada, issuer=provider.issuer, subject="ada-7")
    get_user_model().objects.filter(pk=ada.pk).update(is_active=False)
    assert heading(sign_in(client)) == "You have no account here"
    assert not is_in(client)


def test_a_link_of_another_issuer_is_none(provider: OpenIdProvider, ada: Any, client: Client) -> None:
    ElsewhereAccount.objects.create(user=ada, issuer="https://login.example.org", subject="eve-1")
    provider.person = {"sub": "eve-1"}
    assert sign_in(client).status_code == 403
    assert not is_in(client)


def test_whoever_has_no_role_sees_nothing(provider: OpenIdProvider, client: Client) -> None:
    factories.an_officer("eve", email="ada@example.org")
    assert sign_in(client).status_code == 302
    assert client.get("/states/").status_code == 403


# --- rejected answers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ({"iss": "https://login.example.org"}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": ["another"], "azp": CLIENT}, "aud"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "azp"),
        ({"aud": None}, "aud"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"exp": None}, "exp"),
        ({"exp": 1_700_000_000}, "ExpiredTokenError"),
        ({"iat": 1_900_000_000}, "iat"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "ValueError"),
        ({"sub": 7}, "sub"),
        ({"sub": "x" * 256}, "ValueError"),
        ({"sub": "a\nb"}, "ValueError"),
        ({"at_hash": "another"}, "at_hash"),
        ({"amr": "mfa"}, "amr"),
    ],
    ids=str,
)
def test_a_claim_that_does_not_hold_lets_nobody_in(
    says: dict[str, Any], told: str, provider: OpenIdProvider, ada: Any, client: Client
) -> None:
    provider.says = says
    answer = sign_in(client)
    assert (answer.status_code, heading(answer)) == (400, "The sign-in could not be verified")
    assert not is_in(client)
    ((kind, _, _, detail),) = lines()
    assert kind == "elsewhere_refused"
    assert told in detail


@pytest.mark.parametrize("signs", ["none", "broken", "secret", "stranger"])
def test_a_signature_that_does_not_hold_lets_nobody_in(
    signs: str, provider: OpenIdProvider, ada: Any, client: Client
) -> None:
    provider.signs = signs
    assert heading(sign_in(client)) == "The sign-in could not be verified"
    assert not is_in(client)


def test_a_new_key_of_the_provider_is_known_at_once(provider: OpenIdProvider, ada: Any) -> None:
    assert sign_in(Client()).status_code == 302
    provider.key = 1
    later = Client()
    assert sign_in(later).status_code == 302
    assert is_in(later)
    provider.key, provider.signs = 0, "stranger"  # the old name, with a key that is no longer published
    assert sign_in(Client()).status_code == 400


def test_an_answer_is_good_once(provider: OpenIdProvider, ada: Any, client: Client) -> None:
    back = sent_back(client)
    assert client.get(back).status_code == 302
    client.post("/logout/")
    answer = client.get(back)
    assert (answer.status_code, heading(answer)) == (400, "Please sign in again")
    assert not is_in(client)


def test_an_answer_is_good_only_in_the_browser_that_asked(
    provider: OpenIdProvider, ada: Any, client: Client
) -> None:
    back = sent_back(Client())
    assert heading(client.get(back)) == "Please sign in again"
    sent_back(client)
    assert heading(client.get(back)) == "Please sign in again"
    assert not is_in(client)
    assert lines() == []  # invalid requests of strangers do not fill the log


def test_an_answer_is_good_for_ten_minutes(
    provider: OpenIdProvider, ada: Any, client: Client, clock: Any
) -> None:
    back = sent_back(client)
    clock.shift(timedelta(minutes=10, seconds=1))
    assert heading(client.get(back)) == "Please sign in again"
    assert not is_in(client)


def test_a_code_that_another_has_used_or_made_up_is_not_taken(
    provider: OpenIdProvider, ada: Any, client: Client
) -> None:
    stolen = parse_qs(urlsplit(sent_back(Client())).query)["code"][0]
    state = parse_qs(urlsplit(sent_back(client)).query)["state"][0]
    answer = client.get(BACK, {"code": stolen, "state": state})  # PKCE: requested by another browser
    assert heading(answer) == "The sign-in could not be verified"
    assert lines() == [("elsewhere_refused", "", "", "OAuthError, invalid_grant")]


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        ("access_denied", 403, "Your organisation did not sign you in"),
        ("server_error", 400, "The sign-in could not be verified"),
        ("<script>", 400, "The sign-in could not be verified"),
    ],
)
def test_an_error_of_the_provider_is_told_in_words(
    error: str, status: int, said: str, provider: OpenIdProvider, ada: Any, client: Client
) -> None:
    provider.error = error
    answer = sign_in(client)
    assert (answer.status_code, heading(answer)) == (status, said)
    assert b"<b>no" not in answer.content
    assert b"<script>" not in answer.content
    assert not is_in(client)


@pytest.mark.parametrize(
    "query",
    ["", "?code=x", "?state=x", "?error=access_denied", "?code=x&state=%00", "?state=a&state=b&code=c"],
)
def test_what_was_not_asked_for_is_told_in_words(
    query: str, provider: OpenIdProvider, client: Client
) -> None:
    answer = client.get(f"{BACK}{query}")
    assert (answer.status_code, heading(answer)) == (400, "Please sign in again")
    assert provider.asked == []


# --- the way there and onward ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)", "http:///x"]
)
def test_it_leads_to_no_other_site(wanted: str, provider: OpenIdProvider, ada: Any, client: Client) -> None:
    back = sent_back(client, wanted)
    assert client.get(f"{back}&next=https://example.org/").headers["Location"] == "/"


def test_whoever_has_signed_in_is_led_on_at_once(provider: OpenIdProvider, staff: Client) -> None:
    assert staff.get(LEAVE, {"next": "/states/"}).headers["Location"] == "/states/"
    assert provider.asked == []


def test_the_key_of_the_session_changes_with_signing_in(
    provider: OpenIdProvider, ada: Any, client: Client
) -> None:
    back = sent_back(client)
    before = client.cookies["sessionid"].value
    client.get(back)
    assert client.cookies["sessionid"].value != before
    assert [key for key in client.session.keys() if key.startswith("_state_")] == []  # noqa: SIM118


def test_leaving_again_and_again_keeps_one_in_the_session(provider: OpenIdProvider, client: Client) -> None:
    for _ in range(3):
        client.get(LEAVE)
    assert len(client.session.keys()) == 1
    assert provider.asked == ["/.well-known/openid-configuration"]


@pytest.mark.parametrize("page", ["/login/", "/admin/login/"])
def test_both_pages_for_signing_in_offer_it(page: str, provider: OpenIdProvider, client: Client) -> None:
    offered = links(read(client.get(page, {"next": "/states/?region=WEOG&page=2"})))
    assert offered["Sign in with your organisation’s account"] == (
        f"{LEAVE}?next=%2Fstates%2F%3Fregion%3DWEOG%26page%3D2"
    )
    assert provider.asked == []


def test_without_a_provider_there_is_neither_button_nor_address(client: Client) -> None:
    assert "organisation" not in client.get("/login/").content.decode()
    assert [client.get(address).status_code for address in (LEAVE, BACK)] == [404, 404]


# --- a provider that fails ------------------------------------------------------------------------


def test_a_provider_that_is_away_is_told_and_not_asked_again_at_once(
    provider: OpenIdProvider, ada: Any, client: Client, clock: Any
) -> None:
    provider.answers = False
    for _ in range(3):
        answer = client.get(LEAVE, {"next": "/states/"})
        assert (answer.status_code, heading(answer)) == (503, "Your organisation’s sign-in does not answer")
        assert links(one_of(read(answer), "main"))["Sign in"] == "/login/?next=%2Fstates%2F"
    assert provider.asked == ["/.well-known/openid-configuration"]
    provider.answers = True
    clock.shift(timedelta(seconds=31))
    assert sign_in(client).status_code == 302


def test_a_provider_that_goes_away_half_way_is_told(
    provider: OpenIdProvider, ada: Any, client: Client
) -> None:
    back = sent_back(client)
    provider.answers = False
    answer = client.get(back)
    assert (answer.status_code, heading(answer)) == (503, "Your organisation’s sign-in does not answer")
    assert not is_in(client)


def test_a_provider_that_nobody_listens_for_is_told(settings: Any, client: Client) -> None:
    settings.OIDC = Provider("http://127.0.0.1:9", CLIENT, SECRET)
    assert client.get(LEAVE).status_code == 503
    assert client.get("/login/").status_code == 200


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://login.example.org"},
        {"issuer": None},
        {"token_endpoint": None},
        {"jwks_uri": "ftp://127.0.0.1/keys"},
    ],
    ids=str,
)
def test_a_provider_that_says_what_it_is_not_is_not_taken(
    metadata: dict[str, Any], provider: OpenIdProvider, client: Client
) -> None:
    provider.metadata = metadata
    assert client.get(LEAVE).status_code == 503


def test_a_wrong_secret_is_told_in_words_and_stands_in_no_log(
    provider: OpenIdProvider, ada: Any, client: Client, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    settings.OIDC = Provider(provider.issuer, CLIENT, "another-secret")
    back = sent_back(client)
    assert heading(client.get(back)) == "The sign-in could not be verified"
    assert "invalid_client" in caplog.text
    asked = parse_qs(urlsplit(back).query)
    for secret in ("another-secret", asked["code"][0], asked["state"][0]):
        assert secret not in caplog.text
        assert secret not in str(lines())
    assert "another-secret" not in repr(settings.OIDC)


# --- the second factor ----------------------------------------------------------------------------


def give_a_device(person: Any) -> bytes:
    device = second_factor.begin(person)
    second_factor.confirm(person)
    return bytes(device.bin_key)


@pytest.mark.parametrize(
    ("setting", "says", "asked"),
    [
        ("own", {"amr": ["pwd", "otp", "mfa"]}, True),
        ("trusted", {}, True),
        ("trusted", {"amr": ["pwd"], "acr": "urn:mace:incommon:iap:silver"}, True),
        ("trusted", {"amr": ["pwd", "otp", "mfa"]}, False),
        ("trusted", {"acr": "https://refeds.org/profile/mfa"}, False),
    ],
)
@pytest.mark.parametrize("required", ["optional", "required"])
def test_the_own_second_factor_is_asked_for_unless_another_is_trusted(
    setting: str, says: dict[str, Any], asked: bool, required: str, provider: OpenIdProvider, ada: Any,
    client: Client, settings: Any,
) -> None:  # fmt: skip
    settings.OIDC_SECOND_FACTOR, settings.SECOND_FACTOR = setting, required
    key = give_a_device(ada)
    SecurityEvent.objects.all().delete()
    provider.says = says
    assert sign_in(client, "/help/").headers["Location"] == "/help/"
    answer = client.get("/help/", follow=True)
    assert heading(answer) == ("Enter a code" if asked else "Help")
    assert lines()[-1] == ("asked" if asked else "signed_in", "ada", "", "")
    if asked:
        code = f"{totp(key, t0=0):06d}"
        assert client.post("/login/code/", {"code": code, "next": "/help/"}).headers["Location"] == "/help/"
        assert client.get("/help/").status_code == 200


def test_whoever_has_to_set_a_device_up_does_so_first(
    provider: OpenIdProvider, ada: Any, client: Client, settings: Any
) -> None:
    settings.SECOND_FACTOR = "required"
    assert sign_in(client).status_code == 302
    assert heading(client.get("/states/", follow=True)) == "Second factor"


def test_a_code_that_is_owed_is_still_owed_after_signing_in_elsewhere(
    provider: OpenIdProvider, ada: Any, client: Client
) -> None:
    ada.set_password("the-committee-meets-in-geneva")
    ada.save()
    give_a_device(ada)
    client.post("/login/", {"username": "ada", "password": "the-committee-meets-in-geneva"})
    assert heading(client.get("/states/", follow=True)) == "Enter a code"
    assert sign_in(client).status_code == 302
    assert heading(client.get("/states/", follow=True)) == "Enter a code"


# --- administrators -------------------------------------------------------------------------------


def test_administrators_link_and_unlink_by_hand(provider: OpenIdProvider) -> None:
    grace = factories.an_officer("grace", email="hopper@example.org")
    administrator = in_role("Administrator", "root")
    address = f"/admin/auth/user/{grace.pk}/change/"
    SecurityEvent.objects.all().delete()
    form = {
        "username": "grace", "email": "hopper@example.org", "is_active": "on",
        "elsewhere-TOTAL_FORMS": "1", "elsewhere-INITIAL_FORMS": "0", "elsewhere-0-user": grace.pk,
        "elsewhere-0-issuer": provider.issuer, "elsewhere-0-subject": "ada-7",
    }  # fmt: skip
    sent = form | version_shown(administrator, address)
    assert administrator.post(address, sent).status_code == 302
    client = Client()
    assert sign_in(client).status_code == 302
    assert client.session["_auth_user_id"] == str(grace.pk)
    link = ElsewhereAccount.objects.get()
    form |= {"elsewhere-INITIAL_FORMS": "1", "elsewhere-0-id": link.pk, "elsewhere-0-DELETE": "on"}
    sent = form | version_shown(administrator, address)
    assert administrator.post(address, sent).status_code == 302
    assert not ElsewhereAccount.objects.exists()
    assert [line for line in lines() if "linked" in line[0]] == [
        ("linked", "root", "grace", "ada-7"), ("unlinked", "root", "grace", "ada-7"),
    ]  # fmt: skip


# --- settings -------------------------------------------------------------------------------------

NAMES = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")


def read_settings(monkeypatch: pytest.MonkeyPatch, *values: str) -> Provider | None:
    for name, value in zip(NAMES, values, strict=True):
        monkeypatch.setenv(name, value)
    kinds = (environment.issuer, environment.text, environment.text)
    return environment.provider(
        **{name: environment.read(name, kind) for name, kind in zip(NAMES, kinds, strict=True)}
    )


def test_all_three_settings_name_a_provider_and_none_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read_settings(monkeypatch, "https://login.example.org/realms/office/", "tracker", "s3cret")
    assert found == Provider("https://login.example.org/realms/office/", "tracker", "s3cret")
    assert "s3cret" not in repr(found)
    assert read_settings(monkeypatch, "", " ", "") is None


def test_a_setting_that_is_missing_stops_the_start_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured) as stopped:
        read_settings(monkeypatch, "https://login.example.org", "", "s3cret")
    assert str(stopped.value) == (
        "OIDC_CLIENT_ID not set; set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET together, or none of them."
    )


@pytest.mark.parametrize(
    "issuer",
    ["http://login.example.org", "login.example.org", "https://", "https://a@example.org", "https://a.example.org/?x",
     "https://example.org:x", "https://example.org/#x"],
)  # fmt: skip
def test_an_issuer_that_is_none_stops_the_start(issuer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        ImproperlyConfigured, match="OIDC_ISSUER is not understood; write the provider's issuer"
    ):
        read_settings(monkeypatch, issuer, "tracker", "s3cret")
