"""My desk: the filter with which lists start for users who follow States, and which they can remove."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.web.conftest import TODAY, in_role
from tests.web.pages import all_of, links, one_of, read, table, words
from tracker.registry.models import RegionDesk, State

pytestmark = pytest.mark.django_db

LISTS = ["/obligations/", "/submissions/", "/states/", "/reminders/", "/to-confirm/"]


@pytest.fixture
def ada(db: None) -> Client:
    """Follows the Western States, but for Sweden, which grace follows."""
    client = in_role("Editor", "ada")
    grace = factories.an_officer("grace", first_name="Grace", last_name="Hopper")
    RegionDesk.objects.create(region="WEOG", officer=get_user_model().objects.get(username="ada"))
    for iso3, region, officer in (("NOR", "WEOG", None), ("SWE", "WEOG", grace), ("BEN", "AFR", None)):
        state = factories.a_state(iso3, region=region, desk_officer=officer)
        factories.joins(state, on="2002-12-23")
    factories.derive(TODAY.isoformat())
    return client


def states(client: Client, address: str) -> set[str]:
    return {row[0] for row in table(read(client.get(address, follow=True)))}


@pytest.mark.parametrize("address", LISTS)
def test_a_list_begins_with_ones_own_desk(address: str, ada: Client) -> None:
    assert ada.get(address).headers["Location"] == f"{address}?desk=ada"
    assert (
        ada.get(f"{address}?as_of=2020-01-01").headers["Location"] == f"{address}?as_of=2020-01-01&desk=ada"
    )


def test_only_the_states_of_the_desk_are_listed(ada: Client) -> None:
    assert states(ada, "/obligations/") == {"Norway NOR"}
    assert states(ada, "/states/") == {"Norway NOR"}
    assert states(ada, "/obligations/?desk=grace") == {"Sweden SWE"}


def test_the_desk_can_be_taken_off(ada: Client) -> None:
    page = read(ada.get("/obligations/?desk=ada&kind=initial"))
    chips = links(one_of(page, "ul", class_="chosen"))
    assert chips["ada ×, remove this filter"] == "?kind=initial&desk=all"
    assert states(ada, "/obligations/?kind=initial&desk=all") == {"Norway NOR", "Sweden SWE", "Benin BEN"}
    without = read(ada.get("/obligations/?kind=initial&desk=all"))
    assert [words(chip) for chip in all_of(one_of(without, "ul", class_="chosen"), "li")] == [
        "Of the kind initial ×, remove this filter."
    ]


def test_a_link_that_asks_for_something_is_answered_as_it_stands(ada: Client) -> None:
    assert states(ada, "/obligations/?kind=initial") == {"Norway NOR", "Sweden SWE", "Benin BEN"}


def test_somebody_without_a_desk_sees_everything(ada: Client) -> None:
    mary = in_role("Viewer", "mary")
    assert mary.get("/obligations/").status_code == 200
    assert states(mary, "/states/") == {"Norway NOR", "Sweden SWE", "Benin BEN"}


def test_a_desk_that_nobody_has_is_told(ada: Client) -> None:
    page = read(ada.get("/obligations/?desk=nobody"))
    assert words(one_of(page, "p", class_="problem")) == (
        "Select a valid choice. nobody is not one of the available choices."
    )


def test_an_export_of_everything_is_not_narrowed_unseen(ada: Client) -> None:
    # The address of an export carries the desk, as that of the page does.
    answer = ada.get("/states/?desk=all&_export=csv")
    assert len(answer.content.decode().splitlines()) == 1 + State.objects.count()


def test_the_page_of_a_state_names_who_follows_it(ada: Client) -> None:
    contacts = one_of(read(ada.get("/states/NOR/")), "section", aria_labelledby="h-contacts")
    assert words(all_of(contacts, "p")[-1]) == "Desk officer: ada."


@pytest.mark.usefixtures("each_page_has_its_own_footer")
@pytest.mark.parametrize("address", ["/obligations/?desk=ada", "/reminders/?desk=ada", "/late/?desk=ada"])
def test_a_desk_takes_no_query_more(address: str, ada: Client, django_assert_num_queries: Any) -> None:
    with CaptureQueriesContext(connection) as on_every_desk:
        ada.get(address.replace("desk=ada", "desk=all"))
    with django_assert_num_queries(len(on_every_desk)):
        assert ada.get(address).status_code == 200
