"""Papers in the search and on Today, and nothing of them in the public view."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from tests.web.conftest import a_world, in_role, signed_in
from tests.web.correspondence.exchanged import exchange_with_norway
from tests.web.pages import all_of, links, one_of, read, words
from tracker.correspondence import papers
from tracker.correspondence.models import Paper
from tracker.registry.models import State

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def norway(django_db_setup: None, django_db_blocker: Any) -> Iterator[State]:
    yield from a_world(django_db_blocker, exchange_with_norway)


def found(client: Client, text: str) -> list[str]:
    page = read(client.get("/search/", {"q": text}))
    groups = all_of(page, "section", aria_labelledby="found-papers")
    return [words(one) for group in groups for one in all_of(group, "li")]


FIRST = "OPSC/2026/0001 NOR Norway: New address (OPSC), 16 November 2026, acknowledged"
THEIRS = "OPSC/2026/IN/0001 NOR 26/1234 · Thanks for the new address, 19 November 2026, received"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("opsc/2026/0001", [FIRST]),
        ("2026/00", 3),
        ("26/1234", [THEIRS]),
        ("new ADDRESS", [THEIRS, FIRST]),
        ("nothing of the kind", []),
    ],
)
def test_papers_are_found_by_references_and_subjects(
    text: str, expected: list[str] | int, norway: State, staff: Client
) -> None:
    hits = found(staff, text)
    assert (len(hits) if isinstance(expected, int) else hits) == expected


def test_a_reference_in_full_is_opened(norway: State, staff: Client) -> None:
    paper = Paper.objects.get(reference="OPSC/2026/0001")
    assert staff.get("/search/", {"q": "opsc/2026/0001", "go": "1"})["Location"] == paper.get_absolute_url()


def test_papers_are_found_only_by_those_who_may_see_them(norway: State) -> None:
    client = signed_in("pat")
    allowed = Permission.objects.filter(codename="view_state")
    get_user_model().objects.get(username="pat").user_permissions.set(allowed)
    assert found(client, "opsc/2026/0001") == []


def test_today_counts_what_waits_for_an_approver(norway: State) -> None:
    approver = in_role("Approver", "ann")
    found = links(one_of(read(approver.get("/")), "section", aria_labelledby="h-todo"))
    assert found["1 paper to initial"] == "/correspondence/?status=draft"
    assert "paper to dispatch" not in str(found)
    papers.initial(Paper.objects.get(status="draft"), by="bob")
    found = links(one_of(read(approver.get("/")), "section", aria_labelledby="h-todo"))
    assert found["1 paper to dispatch"] == "/correspondence/?status=initialled"
    assert "paper to initial" not in str(found)
    # No line for those who could do nothing.
    assert "to dispatch" not in words(one_of(read(in_role("Editor", "eve").get("/")), "main"))


def test_the_public_view_and_the_calendar_show_nothing_of_it(norway: State, settings: Any) -> None:
    settings.PUBLIC_VIEW = True
    public = Client()
    for address in ("/public/", "/public/late/", "/public/states/NOR/", "/public/data/obligations.json"):
        answer = public.get(address)
        assert answer.status_code == 200
        said = (b"".join(answer) if answer.streaming else answer.content).decode()
        for secret in ("OPSC/2026", "New address", "mission@example.org", "orrespondence"):
            assert secret not in said
    assert public.get("/states/NOR/correspondence/").status_code in (302, 403)
