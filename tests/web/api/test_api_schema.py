"""The API compared with its own description, by requests that schemathesis generates from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.contrib.auth import get_user_model
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, assume, given, settings, strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.depth import examples, first
from tests.web.conftest import in_role
from tracker.web.models import ApiToken
from tracker.wsgi import application

pytestmark = pytest.mark.django_db

WHAT = ("states", "actions", "obligations", "submissions", "reviews", "status")
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
# The database is that of the test, read only but for the count of requests.
FEW = settings(
    max_examples=examples(25), deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture
def headers(shipped: None, settings: Any) -> dict[str, str]:
    """Those of a program without a limit of requests."""
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    in_role("Viewer", "vera")
    secret = ApiToken.renew(get_user_model().objects.get(username="vera"), "read")
    return {"Authorization": f"Bearer {secret}", "Host": "localhost"}


@pytest.fixture
def described(headers: dict[str, str]) -> Iterator[Any]:
    """The description as the API returns it.

    A server closes its database connection after each request; here it is that of the test, which must stay open, as
    with Django's test client.
    """
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    found = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    found.validate()
    yield found
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.mark.hypothesis
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fits", "does not"])
@pytest.mark.parametrize("what", first(2, WHAT))
def test_answers_are_as_described(
    what: str, mode: GenerationMode, described: Any, headers: dict[str, str]
) -> None:
    answered = set()

    @FEW
    @given(case=described[f"/{what}"]["GET"].as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        # An empty list adds nothing to the address, so the invalid value would not be sent.
        assume(
            mode is GenerationMode.POSITIVE or all(value != [] for value in dict(case.query or {}).values())
        )
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS, headers=headers)
        answered.add(response.status_code)

    ask()
    # Otherwise the checks have tested nothing.
    assert (200 if mode is GenerationMode.POSITIVE else 400) in answered


def test_every_address_that_is_described_is_asked_here(described: Any) -> None:
    assert {f"/{what}" for what in WHAT} == set(described.raw_schema["paths"])


NAMES = st.sampled_from(["as_of", "until", "state", "kind", "status", "limit", "after", "sort", "", "é"])
VALUES = st.one_of(
    st.sampled_from(
        [b"2009-05-31", b"0000-00-00", b"9999-12-31", b"NOR", b"1", b"-1", b"1e9", b"\x00", b"\xff"]
    ),
    st.binary(max_size=40),
)


@pytest.mark.hypothesis
@pytest.mark.parametrize("what", WHAT)
def test_no_octets_in_a_query_break_it(what: str, headers: dict[str, str]) -> None:
    client = Client(headers=headers)

    @FEW
    @given(st.lists(st.tuples(NAMES, VALUES), max_size=4))
    def ask(query: list[tuple[str, bytes]]) -> None:
        given = "&".join(f"{name}={''.join(f'%{octet:02x}' for octet in value)}" for name, value in query)
        assert client.get(f"/api/v1/{what}?{given}").status_code in (200, 400)

    ask()
