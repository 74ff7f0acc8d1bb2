"""The exchange with a State on one page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, a_world, in_role, signed_in
from tests.web.correspondence.exchanged import a_note, exchange_with_norway
from tests.web.pages import all_of, links, one_of, read, table, words
from tracker.correspondence.exchange import Exchange
from tracker.correspondence.models import Paper
from tracker.registry.models import Contact, State

pytestmark = pytest.mark.django_db

PAGE = "/states/NOR/correspondence/"


@pytest.fixture(scope="module")
def exchanged(django_db_setup: None, django_db_blocker: Any) -> Iterator[State]:
    yield from a_world(django_db_blocker, exchange_with_norway)


def rows(client: Client, query: str = "") -> list[list[str]]:
    """Day, what, and delivery of each row."""
    page = read(client.get(PAGE + query))
    return [[row[1], row[3], row[6]] for row in table(page)[1:]] if all_of(page, "table") else []


def test_everything_is_listed_newest_first(exchanged: State, staff: Client) -> None:
    assert rows(staff) == []
