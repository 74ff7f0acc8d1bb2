"""Each action of `make load` once, over real connections and with little data, so that it keeps working."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from bench import load
from tests import factories
from tests.web.conftest import TODAY
from tracker.obligations.models import Obligation, Submission

pytestmark = [pytest.mark.more, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(live_server: LiveServer) -> list[load.Person]:
    """An editor and a viewer, both signed in."""
    port = int(live_server.url.rsplit(":", 1)[1])
    found = []
    for role in ("Editor", "Viewer"):
        user = factories.an_officer(role.lower(), is_staff=False)
        user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        found.append(load.Person(port, client.cookies["sessionid"].value, role == "Editor", seed=1))
    return found


@pytest.fixture
def known() -> load.Known:
    state = factories.a_state("NOR", region="WEOG")
    factories.joins(state, on="2001-10-02")
    factories.derive(TODAY.isoformat())
    return load.Known(["NOR"], ["NOR"], [Obligation.objects.earliest("pk").pk], 2)


def test_everything_that_people_do_is_answered_and_a_submission_recorded(
    people: list[load.Person], known: load.Known, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "THINKING", (0.0, 0.01))
    found = load.Measured()
    for who in people:
        for _weight, act in load.WORK:
            for name, step in act(who, known):
                found.take(name, step)
    assert found.wrong == []
    assert {"home", "State", "export", "record: save"} <= found.times.keys()
    assert [one.received_on for one in Submission.objects.all()] == [TODAY]
    pages, static = load.at_work(people, known, 1, "/static/css/base.css")
    assert pages.wrong + static.wrong == []
    assert min(len(pages.all), len(static.all)) > 2


def test_what_is_not_there_and_who_is_not_signed_in_counts_as_wrong(
    people: list[load.Person], known: load.Known
) -> None:
    found = load.Measured()
    people[1].cookies["sessionid"] = "somebody-else"
    for who, address in ((people[0], "/states/XXX/"), (people[1], "/participation/")):
        for name, step in load.look("page", address)(who, known):
            assert not found.take(name, step)
    assert found.wrong == ["page: 404 /states/XXX/", "page: 200 /login/?next=/participation/"]
    assert load.at(50, [1.0, 3.0]) == 2.0
