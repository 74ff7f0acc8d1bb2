"""Generated requests: any address, method, query, form, path and header, as any user.

GENERATED_REQUESTS sets the number; `make faults` sends ten thousand. No response may be a server error, or contain
private data for a stranger, another State's contact, or another user's view.
"""

from __future__ import annotations

import os
from copy import deepcopy
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st

from tests import factories
from tests.audit.addresses import (
    BY_BEARER,
    BY_BROWSER,
    BY_TOKEN,
    IF_OFFERED,
    MATRIX,
    MODELS,
    NOWHERE,
    OPEN,
    PUBLIC,
    PUBLIC_ONWARD,
    VIEWS,
)
from tests.audit.test_attacks import LISTS
from tests.depth import examples
from tests.web.conftest import Browser, in_role, signed_in
from tracker import proxies
from tracker.registry.models import Contact, State
from tracker.web.correspondence import register
from tracker.web.models import SavedView

pytestmark = pytest.mark.django_db

HOW_MANY = int(os.environ.get("GENERATED_REQUESTS") or examples(800))
SOMEBODY_ELSES_VIEW = "Olgas-own-view-7f3a"
ANOTHER_STATES_CONTACT = "contact-of-finland-7f3a@example.org"

FILTERS: tuple[Any, ...] = (*LISTS.values(), register.PaperFilter)
NAMES = sorted(
    {name for one in FILTERS for name in one.base_filters}
    | {"as_of", "until", "sort", "page", "per_page", "column", "_export", "columns", "desk", "year", "month", "day"}
    | {"state", "kind", "limit", "after", "next", "ids", "row", "reason", "file", "table", "deposit", "token", "by"}
    | {"_changelist_filters", "_popup", "_to_field", "o", "p", "q", "e", "all", "date", "confirm", "act", "view"}
)  # fmt: skip
ODD = [
    *(b"", b" ", b"0", b"-1", b"1", b"2147483648", b"9223372036854775808", b"1e9", b"NaN", b"\xc2\xb2", b"\xd9\xa3"),
    *(b"0000-00-00", b"0001-01-01", b"9999-12-31", b"2026-02-30", b"2026-11-22", b"22.11.2026", b"03/04/2005"),
    *(b"NOR", b"nor", b"XXX", b"on", b"csv", b"xlsx", b"-due_on", b"state__contacts__email", b"pk__in", b"password"),
    *(b"\x00", b"\xff", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xe2\x80\xae", b"'", b'"', b"%", b"%zz", b"{{7*7}}"),
    *(b"../../etc/passwd", b"//example.org/", b"=1+1", b"\r\nX-A: b", b"a" * 5000, b"[]", b"{}", b"null", b"1,2,x"),
]  # fmt: skip
VALUES = st.one_of(st.sampled_from(ODD), st.binary(max_size=30))
PAIRS = st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), st.text(max_size=6)), VALUES), max_size=5)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            *("HTTP_HOST", "HTTP_COOKIE", "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_IF_NONE_MATCH", "HTTP_ORIGIN"),
            *("HTTP_IF_MODIFIED_SINCE", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_AUTHORIZATION"),
            *("HTTP_REFERER", "HTTP_X_REQUEST_ID", "HTTP_RANGE", "HTTP_USER_AGENT", "CONTENT_TYPE", "REMOTE_ADDR"),
        ]
    ),
    # As a WSGI server passes it: octets as latin-1.
    st.one_of(
        st.sampled_from(
            [
                *("", "*", "a" * 8000, "evil.example.org", "localhost:99999", "[::1", "Bearer ", "Bearer \xff", "=;="),
                *("multipart/form-data", "multipart/form-data; boundary=", "application/json", 'W/"', "bytes=9-1"),
                *("sessionid=", "Thu, 99 Foo 0000", "::1", "999.0.0.1", "de-CH-1996;q=9", "\xff\xfe", "http://["),
            ]
        ),
        st.binary(max_size=20).map(lambda octets: octets.decode("latin-1")),
    ),
    max_size=2,
)  # fmt: skip


@dataclass
class Asked:
    """A generated request."""

    address: str
    method: str
    query: list[tuple[str, bytes]] = field(default_factory=list)
    form: list[tuple[str, bytes]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def octets(self, pairs: list[tuple[str, bytes]]) -> str:
        return "&".join(
            f"{quote_from_bytes(name.encode())}={quote_from_bytes(value)}" for name, value in pairs
        )


@pytest.fixture
def addresses(keys: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address of the site, the admin's included."""
    monkeypatch.setattr(proxies, "_store", lambda hour: None)  # other tests would see the notice
    places = keys | {
        "state_type": ContentType.objects.get_for_model(State).pk,
        "user": factories.an_officer("mary").pk,
    }
    ours = [address for address, *_ in MATRIX.values()]
    open_to_all = [
        *OPEN.values(),
        *PUBLIC.values(),
        *PUBLIC_ONWARD.values(),
        "/public/ar/states/NOR/",
        *BY_TOKEN.values(),
        *BY_BEARER.values(),
        *BY_BROWSER.values(),
        *NOWHERE.values(),
        *IF_OFFERED.values(),
    ]
    admin = []
    for model in MODELS:
        for view in VIEWS:
            for key in ([], ["NOR"], [str(keys["action"])], [str(keys["action"]), str(keys["version"])]):
                try:
                    admin.append(reverse(f"admin:{model}_{view}", args=key))
                except NoReverseMatch:
                    continue
    # A user who signs out sends no more requests.
    found = {one.format(**places) for one in (*ours, *open_to_all, *admin, "/admin/", "/nowhere/")} - {
        "/logout/"
    }
    return sorted(found)


@pytest.fixture
def people(keys: dict[str, Any], settings: Any) -> dict[str, Client]:
    """A user of each kind, and what none of them may see. The public view is on."""
    settings.PUBLIC_VIEW = True
    in_role("Viewer", "olga2")
    SavedView.objects.create(
        owner=get_user_model().objects.get(username="olga2"),
        page="obligations",
        name=SOMEBODY_ELSES_VIEW,
        query="status=overdue",
    )
    Contact.objects.filter(state_id="FIN").delete()
    factories.a_contact(State.objects.get(pk="FIN"), email=ANOTHER_STATES_CONTACT)
    return {
        "a stranger": Browser(),
        "a viewer": in_role("Viewer", "vera"),
        "an editor": in_role("Editor", "edith"),
        "an approver": in_role("Approver", "anna"),
        "a superuser": signed_in("sue", is_superuser=True, is_staff=True),
    }


def about_norway_alone(address: str) -> bool:
    """Whether a page is about one State that is not the one whose contact must stay hidden."""
    return "/NOR" in address and not address.startswith("/admin/")


@pytest.mark.hypothesis
def test_no_request_breaks_a_page_or_shows_what_is_private(
    addresses: list[str], people: dict[str, Client]
) -> None:
    seen: set[int] = set()

    def path(data: st.DataObject) -> str:
        address = data.draw(st.sampled_from(addresses))
        if data.draw(st.integers(0, 4)):
            return address
        parts = address.split("/")
        place = data.draw(st.integers(1, max(1, len(parts) - 1)))
        parts[min(place, len(parts) - 1)] = quote_from_bytes(data.draw(VALUES), safe="")
        return "/".join(parts)

    def made_up(data: st.DataObject) -> Asked:
        method = data.draw(st.sampled_from(["GET", "GET", "GET", "POST", "POST", "HEAD", "OPTIONS", "PUT"]))
        return Asked(
            path(data),
            method,
            query=data.draw(PAIRS),
            form=data.draw(PAIRS) if method == "POST" else [],
            headers=data.draw(st.one_of(st.just({}), HEADERS)),
        )

    @hypothesis_settings(
        max_examples=HOW_MANY, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(data=st.data())
    def ask(data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(sorted(people)))
        request = made_up(data)
        client = people[who]
        cookies = deepcopy(client.cookies)
        try:
            with transaction.atomic():
                answer = sent(client, request)
                transaction.set_rollback(True)
        finally:
            client.cookies = cookies
        seen.add(answer.status_code)
        assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, (who, request)
        told = (answer.content + repr(answer.headers).encode()).decode(errors="replace")
        if who != "a superuser":
            assert SOMEBODY_ELSES_VIEW not in told, (who, request)
        if (
            who == "a stranger"
            or about_norway_alone(request.address)
            or request.address.startswith("/public/")
        ):
            assert ANOTHER_STATES_CONTACT not in told, (who, request)

    ask()
    # Otherwise all requests were refused in the same way.
    assert {200, 302, 400, 403, 404, 405} <= seen


def sent(client: Client, request: Asked) -> Any:
    """The response; a server error is raised, as Django's test client does."""
    headers: dict[str, Any] = dict(request.headers)
    form_type = headers.pop("CONTENT_TYPE", "application/x-www-form-urlencoded")
    return client.generic(
        request.method,
        request.address,
        request.octets(request.form).encode(),
        content_type=form_type,
        QUERY_STRING=request.octets(request.query),
        **headers,
    )


def test_what_must_not_be_seen_is_there_to_be_seen(people: dict[str, Client]) -> None:
    assert ANOTHER_STATES_CONTACT in people["an editor"].get("/states/FIN/").content.decode()
    owner = Browser()
    owner.force_login(SavedView.objects.get(name=SOMEBODY_ELSES_VIEW).owner)
    assert SOMEBODY_ELSES_VIEW in owner.get("/obligations/").content.decode()


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/login/code/?next=0", 302),
        ("/admin/registry/amendment/NOR/history/", 404),
        ("/admin/registry/state/NOR/change/?_to_field=", 200),
        ("/admin/auth/group/{group}/change/?_to_field=", 200),
        ("/admin/registry/state/%00/history/", 404),
        ("/admin/registry/amendment/1/history/" + "9" * 5000 + "/", 404),
    ],
)
def test_what_once_broke_a_page_is_answered(address: str, status: int, people: dict[str, Client]) -> None:
    group = Group.objects.get(name="Editor").pk
    assert people["a superuser"].get(address.format(group=group)).status_code == status
