"""The cache of the public view: what, for how long, and how many queries a page takes; with States of its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY
from tests.web.pages import one_of, read, table, words
from tracker.obligations.actions import save_fact
from tracker.obligations.models import Submission

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on(settings: Any) -> None:
    """The public view is on."""
    settings.PUBLIC_VIEW = True


def test_a_changed_fact_shows_at_once_and_a_page_is_drawn_once(
    client: Client, django_assert_num_queries: Any
) -> None:
    sweden = factories.a_state("SWE", region="WEOG")
    factories.joins(sweden, "CRC", "1991-01-08")
    factories.joins(sweden, on="2002-01-18")
    factories.derive(TODAY.isoformat())
    assert "Sweden" in client.get("/public/late/").content.decode()
    with django_assert_num_queries(1):
        kept = client.get("/public/late/")
    report = Submission(state=sweden, kind="initial", first_cycle=1, last_cycle=1, received_on=TODAY)
    save_fact(report)
    page = client.get("/public/late/")
    assert "Sweden" not in page.content.decode()
    assert page.headers["ETag"] != kept.headers["ETag"]


def test_a_page_of_yesterday_is_not_shown_today(client: Client, clock: Any) -> None:
    norway = factories.a_state("NOR")
    factories.joins(norway, on="2024-10-22")
    factories.derive(TODAY.isoformat())
    assert "due today" in client.get("/public/states/NOR/").content.decode()
    clock.shift(24 * 3600)
    assert "overdue 1 day" in client.get("/public/states/NOR/").content.decode()


QUERIES = {
    "/public/": 6,
    "/public/late/": 3,
    "/public/states/NOR/": 9,
    "/public/states/NOR/?as_of=2025-05-31": 9,
    "/public/data/": 1,
    "/public/data/states.csv": 3,
    "/public/data/obligations.json": 3,
}


@pytest.mark.parametrize("states", [1, 3], ids=["one State", "three States"])
@pytest.mark.parametrize("address", QUERIES)
def test_a_page_takes_so_many_queries_and_one_when_it_is_kept(
    address: str, states: int, client: Client, django_assert_num_queries: Any
) -> None:
    for iso3 in ("NOR", "SWE", "FIN")[:states]:
        state = factories.a_state(iso3, region="WEOG")
        factories.joins(state, "CRC", "1991-01-08")
        factories.joins(state, on="2001-10-02")
        factories.receives(state, "2005-06-03")
        factories.decides(state, "2027-09-01", "2025-02-01", cycles="8-9")
    factories.derive(TODAY.isoformat())
    with django_assert_num_queries(QUERIES[address]):
        assert client.get(address).status_code == 200
    with django_assert_num_queries(1):
        assert client.get(address).status_code == 200


def test_no_state_is_called_late_without_a_record(client: Client) -> None:
    state = factories.a_state("FIN", region="WEOG", records_from="2025-12-04")
    factories.joins(state, "CRC", "1991-01-08")
    factories.joins(state, on="2001-10-02")
    factories.derive(TODAY.isoformat())
    page = read(client.get("/public/late/"))
    assert table(page) == []
    assert "1 report that the office’s records do not cover" in words(one_of(page, "main"))
    assert "overdue" not in words(one_of(read(client.get("/public/states/FIN/")), "main"))
