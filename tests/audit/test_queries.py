"""How many queries a page takes, for one State and for three; `test_lists.py` asks the same of all."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.web import committee
from tests.web.conftest import TODAY, a_paper, a_world, in_role
from tracker.obligations.models import Obligation, Submission
from tracker.registry.models import State, TreatyAction
from tracker.reminders import attention
from tracker.reminders.models import Mail, ReceivedMessage, Reminder, ReminderRule
from tracker.reminders.plan import plan
from tracker.reminders.send import send_due

pytestmark = pytest.mark.django_db

# The number of queries of each page, whatever its number of rows. Two find the user and one is for the footer; a list
# also reads the desks and the user's saved views. Permissions of a role take one more.
QUERIES = {
    "/": 14,
    "/figures/": 8,
    "/follow/": 6,
    "/obligations/?per_page=1000": 7,
    "/obligations/?per_page=1000&as_of=2025-05-31": 7,
    "/obligations/?per_page=1000&q=o": 8,
    "/search/?q=norway": 8,
    "/search/suggest/?q=norway": 7,
    "/submissions/?per_page=1000": 12,
    "/submissions/?per_page=1000&as_of=2025-05-31": 12,
    "/submissions/?per_page=1000&q=o": 13,
    "/coverage/?per_page=1000": 7,
    "/states/?per_page=1000": 8,
    "/states/?per_page=1000&participation=party": 8,
    "/reminders/?per_page=1000": 8,
    "/reminders/forecast/?per_page=1000": 17,
    "/reminders/proof/NOR/": 11,
    "/states/NOR/correspondence/?per_page=1000": 13,
    "/tasks/?per_page=1000": 6,
    "/messages/?per_page=1000": 5,
    "/correspondence/?per_page=1000": 8,
    "/correspondence/unreachable/?per_page=1000": 7,
    "/correspondence/addresses/?per_page=1000": 6,
    "/participation/": 6,
    "/states/NOR/": 26,
    "/late/?per_page=1000": 6,
    "/calendar/years/?per_page=1000": 7,
    "/follow-up/?per_page=1000": 6,
    "/sessions/?per_page=1000": 6,
    "/sessions/?per_page=1000&as_of=2025-05-31": 6,
    "/reports/late/": 4,
    "/reports/late.xlsx": 3,
    "/reports/participation/": 5,
    "/reports/dossier/NOR/": 16,
    "/reports/note/NOR/": 11,
    "/annual-report/": 7,
    "/annual-report.xlsx": 6,
    "/pictures/": 3,
    "/pictures/parties/": 6,
    "/pictures/initial-reports/": 7,
    "/pictures/lateness/": 7,
    "/pictures/regions/": 5,
    "/pictures/ahead/?as_of=2004-01-01": 7,
    "/queue/": 8,
    "/calendar/?on=2030-01": 5,
    "/calendar/?view=year&on=2030": 5,
    "/calendar/feeds/": 4,
    "/digest/": 8,
    "/help/": 4,
    "/languages/": 4,
    "/languages/fr/?status=all": 4,
    "/api/": 4,
    "/states/NOR/calendar.ics": 13,
}


LISTS = (
    "/obligations/",
    "/submissions/",
    "/coverage/",
    "/states/",
    "/reminders/",
    "/late/",
    "/calendar/years/",
    "/follow-up/",
    "/sessions/",
    "/tasks/",
    "/messages/",
    "/correspondence/",
    "/correspondence/unreachable/",
    "/correspondence/addresses/",
)


def test_no_list_takes_more_than_eight_queries() -> None:
    taken = {address: number for address, number in QUERIES.items() if address.startswith(LISTS)}
    # The forecast reads all facts, in five queries.
    beneath = {
        "/states/NOR/", "/states/NOR/calendar.ics", "/states/NOR/correspondence/", "/reminders/proof/NOR/",
        "/reminders/forecast/",
    }  # fmt: skip
    found = {urlsplit(address).path for address in taken} - beneath
    assert found == {*LISTS}, "a list is in QUERIES and LISTS, a page below one in beneath"
    # What reports wait for is read from five tables, as the database does not know it.
    beneath.add("/submissions/")
    assert [taken[one] for one in taken if urlsplit(one).path not in beneath and taken[one] > 8] == []


def test_no_picture_takes_more_than_eight_queries() -> None:
    assert max(number for address, number in QUERIES.items() if address.startswith("/pictures/")) <= 8


@pytest.fixture(scope="module")
def few(django_db_setup: None, django_db_blocker: Any, request: Any) -> Iterator[None]:
    """A number of States, each with all that belongs to a State, and a mail."""
    yield from a_world(django_db_blocker, lambda: make_states(request.param))


def make_states(number: int) -> None:
    for iso3 in ("NOR", "SWE", "FIN")[:number]:
        state = factories.a_state(iso3, region="WEOG")
        factories.joins(state, "CRC", "1991-01-08")
        factories.joins(state, on="2001-10-02")
        factories.declares(state)
        factories.receives(state, "2005-06-03")
        committee.prints(state, "2004")
        committee.reviews(state, f"CRC/C/{iso3}/CO/7", "2025-02-01", "7", "periodic", carried_by="CRC report")
        factories.decides(state, "2030-01-01", "2025-02-01", cycles="8-9", document=f"CRC/C/{iso3}/CO/7")
        a_paper(factories.a_contact(state, f"{iso3}@example.org"))
    factories.derive(TODAY.isoformat())
    plan(TODAY)
    send_due(TODAY)
    for mail in Mail.objects.prefetch_related("reminders__obligation"):
        rows = list(mail.reminders.all())
        attention.about_answer(mail, "1", rows, answer="wrong", told_on=None, said="I have moved")
        message = ReceivedMessage.objects.create(
            kind="letter", digest=str(mail.pk), mail=mail, received_at=mail.created_at
        )
        attention.about_message(message)


# All States of the shipped data: test_lists.py.
FEW = [pytest.param(1, marks=pytest.mark.more, id="one State"), pytest.param(3, id="three States")]


@pytest.mark.parametrize("few", FEW, indirect=True)
@pytest.mark.parametrize("address", QUERIES)
def test_a_page_of_few_rows_takes_so_many_queries(
    address: str, few: None, staff: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(QUERIES[address]):
        assert staff.get(address).status_code == 200


# The additional queries for an officer limited to a desk who sees rows of others too: one finds the officer's own
# States.
MORE_IF_LIMITED = {
    "/reminders/?per_page=1000&desk=all": 1,
    "/to-confirm/?desk=all": 1,
    "/to-confirm/days/": 1,
    "/tasks/?per_page=1000&desk=all": 0,
    "/states/NOR/": 1,
    "/states/NOR/history/": 1,
}


@pytest.mark.parametrize("few", FEW, indirect=True)
@pytest.mark.parametrize("address", MORE_IF_LIMITED)
def test_a_page_for_a_limited_officer_takes_so_many_more(address: str, few: None, settings: Any) -> None:
    client, taken = in_role("Editor"), []
    officer = Group.objects.get(name="Approver").user_set
    officer.set(get_user_model().objects.filter(username="rolf"))
    State.objects.update(records_from="2015-01-01")
    Submission.objects.all().delete()  # the initial report, due in 2004, is then without record
    State.objects.filter(pk="NOR").update(desk_officer=officer.get())
    TreatyAction.objects.update(confidence="memory")
    factories.derive(TODAY.isoformat())
    Reminder.objects.create(
        obligation=Obligation.objects.earliest("pk"), rule=ReminderRule.objects.earliest("pk"),
        recipient="a@example.org", due_on=TODAY, stage_on=TODAY, state="held", batch=uuid.uuid4(),
    )  # fmt: skip
    client.get(address)
    for settings.DESK_LIMITS in (False, True):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        taken.append(len(queries))
    assert taken[1] - taken[0] == MORE_IF_LIMITED[address]
