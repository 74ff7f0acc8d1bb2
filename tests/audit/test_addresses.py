"""Every address with every role and with none: who may view and send, and what every page contains."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin import site
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from tests.audit.addresses import (
    ADMIN,
    ALL,
    BY_BEARER,
    BY_BROWSER,
    BY_TOKEN,
    FRAMELESS,
    IF_OFFERED,
    MATRIX,
    MODELS,
    NOWHERE,
    ONWARD,
    OPEN,
    OTHERWISE,
    PUBLIC,
    PUBLIC_ONWARD,
    ROLES,
    SENT_BY_ALL,
    VIEWS,
)
from tests.depth import first
from tests.web.conftest import in_role, signed_in
from tests.web.pages import Element, all_of, links, one_of, read, words
from tracker.obligations.models import Obligation
from tracker.reminders.models import Mail, Reminder

pytestmark = pytest.mark.django_db

FRAME = ["Today", "Obligations", "States", "Sessions", "Reminders", "Participation"]


def every_name() -> set[str]:
    """The names of all addresses, the admin's with "admin:" before them."""

    def walk(patterns: list[Any], room: str) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                inner = f"{pattern.namespace}:" if pattern.namespace else ""
                yield from walk(pattern.url_patterns, room + inner)
            elif isinstance(pattern, URLPattern) and pattern.name:
                yield f"{room}{pattern.name}"

    return set(walk(get_resolver().url_patterns, ""))


def test_every_address_has_been_decided_on() -> None:
    of_models = {f"admin:{model}_{view}" for model in MODELS for view in VIEWS}
    admin = {f"admin:{name}" for name in (*ADMIN, "login", "logout")}
    found = every_name()
    open_to_some = {*BY_TOKEN, *BY_BROWSER, *BY_BEARER, *NOWHERE, *IF_OFFERED, *PUBLIC, *PUBLIC_ONWARD}
    decided = {*MATRIX, *OPEN, *SENT_BY_ALL, *open_to_some, *admin}
    assert found - of_models == decided, "say in tests/audit/addresses.py who may view it and send to it"
    # Rules, desks, people and roles keep no history of versions.
    without = {
        "registry_regiondesk", "reminders_reminderrule", "correspondence_confirmationrule", "auth_user", "auth_group",
    }  # fmt: skip
    assert of_models - found == {f"admin:{model}_simple_history" for model in without}


def outcome(answer: Any) -> str:
    """The result of a request: sign in first, no, method not accepted, or yes."""
    where = answer.headers.get("Location", "")
    if where.startswith(("/login/?next=", "/admin/login/?next=")):
        return "sign in"
    return {403: "no", 405: "takes nothing"}.get(answer.status_code, "yes")


def received(client: Client, method: str, address: str) -> str:
    return outcome(getattr(client, method)(address))


def expected(letters: str, letter: str, *, admin: bool) -> str:
    if letter in letters:
        return "yes"
    return "sign in" if admin and letter == "V" else "no"


# --- the pages ------------------------------------------------------------------------------------


def test_each_role_has_all_permissions_of_a_viewer(people: dict[str, Client]) -> None:
    of_role = {
        letter: set(Group.objects.get(name=role).permissions.values_list("pk"))
        for letter, role in ROLES.items()
    }
    assert [letter for letter, found in of_role.items() if found >= of_role["V"]] == [*ROLES]


# So where everybody may look, a viewer looks here, and in `make test-more` each of the others.
@pytest.mark.parametrize("name", MATRIX)
def test_an_address_lets_in_whom_it_is_for(
    name: str, places: dict[str, Any], everybody: dict[str, Client], client: Client
) -> None:
    address, look, send = MATRIX[name]
    address = address.format(**places)
    # A superuser gets each page below, so whoever looks here where everybody may asks for its head.
    for method, letters in (("head" if look == ALL else "get", look), ("post", send)):
        assert getattr(client, method)(address).headers["Location"] == f"/login/?next={address}"
        # Nobody may send what cannot be sent, and whoever may look is told so.
        for letter in "V" if letters == ALL or (look, letters) == (ALL, "-") else ROLES:
            found = received(everybody[letter], method, address)
            if letters == "-":
                # Users without access may get that answer first.
                assert found in ("takes nothing", "no"), f"{method} {letter}"
            else:
                assert found == expected(letters, letter, admin=False), f"{method} {letter}"


@pytest.mark.more
@pytest.mark.parametrize("name", [name for name, (_, *letters) in MATRIX.items() if ALL in letters])
def test_each_role_may_do_what_all_may(
    name: str, places: dict[str, Any], everybody: dict[str, Client]
) -> None:
    address, look, send = MATRIX[name]
    for method, letters in (("get", look), ("post", send)):
        for letter, somebody in everybody.items() if letters == ALL else ():
            assert received(somebody, method, address.format(**places)) == "yes", f"{method} {letter}"


@pytest.mark.parametrize("name", MATRIX)
def test_a_page_has_the_frame_and_takes_nothing_that_it_has_no_form_for(
    name: str, places: dict[str, Any], superuser: Client
) -> None:
    address, look, send = MATRIX[name]
    address = address.format(**places)
    if send == "-":
        assert superuser.post(address).status_code == 405
    answer = superuser.get(address)
    assert "no-store" in answer.headers["Cache-Control"]
    if name in ONWARD:
        assert answer.status_code == 302
    elif look == "-":
        assert answer.status_code == 405
    else:
        assert answer.status_code == 200
        assert look == ALL or superuser.head(address).status_code == 200
        assert send == "-" or superuser.put(address).status_code == 405
        if name not in FRAMELESS:
            has_the_frame(read(answer))


def has_the_frame(page: Element) -> None:
    assert list(links(one_of(page, "nav", aria_label="Main"))) == [*FRAME, "Tasks (1)"]
    assert len(all_of(page, "h1")) == 1
    # The first one: shapes of a picture have titles too.
    assert words(all_of(page, "title")[0]).endswith("· Article 12 tracker")
    assert inline(page) == []


def inline(page: Element) -> list[str]:
    """Styles and scripts in the page itself, which the content security policy forbids."""
    found = []
    for one in page:
        if one.name == "style" or (one.name == "script" and "src" not in one.attributes):
            found.append(f"<{one.name}>")
        found += [
            f"<{one.name} {name}>" for name in one.attributes if name == "style" or name.startswith("on")
        ]
    return found


@pytest.mark.parametrize("address", OTHERWISE.values(), ids=OTHERWISE)
def test_a_file_comes_in_its_other_form_too(address: str, places: dict[str, Any], superuser: Client) -> None:
    assert superuser.get(address).status_code == 200


@pytest.mark.parametrize("address", ["/login/", "/nowhere/", "/admin/login/"])
def test_no_page_for_strangers_holds_a_style_or_a_script(address: str, client: Client) -> None:
    assert inline(read(client.get(address))) == []


def test_every_answer_forbids_inline_code(superuser: Client) -> None:
    policy = superuser.get("/").headers["Content-Security-Policy"]
    assert sorted(policy.split("; ")) == [
        "base-uri 'none'", "default-src 'self'", "form-action 'self'", "frame-ancestors 'none'",
        "object-src 'none'", "report-to csp", "report-uri /csp-report/",
    ]  # fmt: skip


def test_an_account_without_a_role_is_let_in_nowhere(places: dict[str, Any]) -> None:
    nobody = signed_in("nobody", is_staff=True)
    for name, (address, look, send) in (MATRIX | ADMIN).items():
        # What nobody may send is refused to all others too.
        for method in [method for method, letters in (("get", look), ("post", send)) if letters != "-"]:
            found = received(nobody, method, address.format(**places))
            if name == "logout":
                assert found == "yes"
                nobody.force_login(get_user_model().objects.get(username="nobody"))
            elif name == "own-password":
                assert found == "yes"
            else:
                assert found == "no", f"{method} {address}"


# --- for everybody, or with a secret ---------------------------------------------------------------


@pytest.mark.parametrize("name", OPEN)
def test_an_open_address_is_for_everybody(name: str, people: dict[str, Client]) -> None:
    assert people["stranger"].get(OPEN[name]).status_code == 200
    for somebody in people.values():
        assert received(somebody, "get", OPEN[name]) == "yes"


@pytest.mark.parametrize("name", SENT_BY_ALL)
def test_everybody_may_send_the_form_and_is_led_back(name: str, people: dict[str, Client]) -> None:
    for somebody in people.values():
        assert somebody.get(SENT_BY_ALL[name]).status_code == 405
        answer = somebody.post(SENT_BY_ALL[name], headers={"Referer": "http://testserver/login/"})
        assert answer.headers["Location"] == "/login/"


@pytest.mark.parametrize("name", [*PUBLIC, "public-nowhere"])
def test_a_public_address_is_there_for_everybody_or_for_nobody(
    name: str, people: dict[str, Client], settings: Any
) -> None:
    address = (PUBLIC | NOWHERE)[name]
    for settings.PUBLIC_VIEW, found in ((False, (404, 404, 404)), (True, (200, 200, 405))):
        wanted = (404, 404, found[2]) if name in NOWHERE else found
        for who in people.values():
            assert tuple(ask(address).status_code for ask in (who.get, who.head, who.post)) == wanted


@pytest.mark.parametrize("address", BY_TOKEN.values(), ids=BY_TOKEN)
def test_an_address_with_a_secret_is_for_nobody_without_it(address: str, people: dict[str, Client]) -> None:
    for who in people.values():
        assert [who.get(address).status_code, who.head(address).status_code] == [404, 404]
    assert people["stranger"].post(address).status_code in (404, 405)


@pytest.mark.parametrize("address", IF_OFFERED.values(), ids=IF_OFFERED)
def test_an_address_that_is_not_offered_is_for_nobody(address: str, people: dict[str, Client]) -> None:
    for who in people.values():
        assert [who.get(address).status_code, who.post(address).status_code] == [404, 405]


@pytest.mark.parametrize("name", [*BY_BEARER, "api-nowhere"])
def test_an_address_for_programs_is_for_nobody_without_a_token(name: str, people: dict[str, Client]) -> None:
    address, refused = (BY_BEARER | NOWHERE)[name], 404 if name in NOWHERE else 401
    for who in people.values():
        assert [ask(address).status_code for ask in (who.get, who.head, who.post)] == [refused, refused, 405]


# --- the admin ------------------------------------------------------------------------------------


def test_the_admin_sends_a_stranger_to_its_own_sign_in(client: Client) -> None:
    assert client.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"
    assert client.get("/admin/login/").status_code == 200


@pytest.mark.parametrize("address", ["/admin/", "/admin/registry/", "/admin/registry/state/"])
def test_somebody_without_rights_enters_nothing(address: str) -> None:
    signed = in_role("Viewer")
    assert signed.get(address).headers["Location"] == f"/admin/login/?next={address}"


@pytest.mark.parametrize("name", ADMIN)
def test_the_admin_is_for_those_who_enter_or_decide(
    name: str, places: dict[str, Any], everybody: dict[str, Client], client: Client
) -> None:
    address, look, send = ADMIN[name]
    address = address.format(**places)
    for method, letters in (("get", look), ("post", send)):
        assert received(client, method, address) in ("sign in", "takes nothing")
        for letter, somebody in everybody.items():
            found = received(somebody, method, address)
            if letters == "-":
                assert found in ("takes nothing", "sign in"), f"{method} {letter}"
            else:
                assert found == expected(letters, letter, admin=True), f"{method} {letter}"


def test_every_model_of_the_admin_has_a_row_here(rows: dict[type, Any]) -> None:
    assert set(site._registry) == set(rows)


def test_ledger_and_obligations_are_not_entered_by_hand() -> None:
    assert not {Obligation, Reminder, Mail} & set(site._registry)


def model_of(name: str) -> Any:
    return next(one for one in site._registry if one._meta.label_lower == name.replace("_", ".", 1))


@pytest.mark.parametrize("letter", ROLES)
def test_a_role_has_the_rights_of_the_table(letter: str, rows: dict[type, Any], rf: RequestFactory) -> None:
    request = rf.get("/admin/")
    request.user = get_user_model().objects.get(username=ROLES[letter].lower())
    found = {}
    for model in MODELS:
        admin, row = site.get_model_admin(model_of(model)), rows[model_of(model)]
        asked = (admin.has_view_permission, admin.has_change_permission, admin.has_delete_permission)
        look, change, delete = (may(request, row) for may in asked)
        found[model] = (look, admin.has_add_permission(request), change, delete)
    if letter == "V":  # a viewer has the permission to view records, but cannot open the admin
        assert not site.has_permission(request)
        found = dict.fromkeys(MODELS, (False,) * 4)
    assert found == {model: tuple(letter in letters for letters in MODELS[model]) for model in MODELS}


# One model for each combination of rights, and in `make test-more` the others that have the same.
FIRST = {rights: model for model, rights in reversed(MODELS.items())}


@pytest.mark.parametrize(
    "model",
    [pytest.param(one, marks=[] if one in FIRST.values() else pytest.mark.more) for one in MODELS],
)
def test_a_model_of_the_admin_lets_do_what_the_role_may(
    model: str, rows: dict[type, Any], everybody: dict[str, Client], client: Client
) -> None:
    look, add, change, delete = MODELS[model]
    row = rows[model_of(model)]
    base = f"/admin/{model.replace('_', '/', 1)}/"
    asked = {
        (f"{base}", "get"): look,
        (f"{base}add/", "get"): add,
        (f"{base}add/", "post"): add,
        (f"{base}{row.pk}/change/", "get"): look,
        (f"{base}{row.pk}/change/", "post"): change,
        (f"{base}{row.pk}/delete/", "get"): delete,
        (f"{base}{row.pk}/delete/", "post"): delete,
        (f"{base}{row.pk}/history/", "get"): look,
    }
    for (address, method), letters in asked.items():
        assert received(client, method, address) == "sign in", address
        for letter, somebody in everybody.items():
            found = received(somebody, method, address)
            assert found == expected(letters, letter, admin=True), f"{method} {address} {letter}"
    if hasattr(
        row, "history"
    ):  # the package's own page for restoring a version changes nothing, for any user
        version, rows_then = row.history.first().pk, model_of(model)._default_manager.order_by("pk").values()
        before = list(rows_then.all())
        for somebody in (client, *everybody.values()):
            somebody.post(f"{base}{row.pk}/history/{version}/")
        assert list(rows_then.all()) == before


@pytest.mark.parametrize("model", first(4, MODELS))
def test_every_page_of_a_model_opens_for_a_superuser(
    model: str, rows: dict[type, Any], superuser: Client
) -> None:
    base, key = f"/admin/{model.replace('_', '/', 1)}/", rows[model_of(model)].pk
    for page in ("", "add/", f"{key}/change/", f"{key}/history/", f"{key}/delete/"):
        answer = superuser.get(base + page)
        # Users are deactivated, not deleted; the letterhead is one row.
        refused = model == "auth_user" and page.endswith("delete/")
        refused |= model == "correspondence_letterhead" and page.endswith(("add/", "delete/"))
        assert answer.status_code == (403 if refused else 200), page
        html = answer.content.decode()
        assert re.findall(r"<style|\sstyle\s*=|<script(?![^>]*\ssrc=)|\son\w+\s*=\s*\"", html) == [], page
        if page == "":
            assert answer.context["cl"].result_count >= 1
    assert superuser.get(base, {"q": "nothing like it"}).context["cl"].result_count == 0
