"""Requests for further information: entered in the admin, shown on the State's page as of a day."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY
from tests.web.pages import all_of, one_of, read, words
from tracker.obligations.models import InformationRequest
from tracker.registry.models import State

pytestmark = pytest.mark.django_db

ADD = "/admin/obligations/informationrequest/add/"
FILLED = {
    "state": "NOR",
    "kind": "list of issues",
    "document": "CRC/C/OPSC/NOR/Q/2",
    "issued_on": "2025-11-01",
    "due_on": "2026-06-15",
    "received_on": "",
    "source": "",
    "note": "",
    "reason": "",
}


@pytest.fixture
def norway() -> State:
    state = factories.a_state("NOR")
    factories.joins(state, on="2001-10-02")
    factories.derive(TODAY.isoformat())
    return state


def test_a_request_that_is_entered_says_what_is_due(norway: State, staff: Client) -> None:
    page = staff.post(ADD, FILLED, follow=True)
    assert "Reply to the list of issues due 15 June 2026." in page.content.decode()
    assert InformationRequest.objects.get().number == 1


def test_a_request_that_cannot_be_is_told_on_its_field(norway: State, staff: Client) -> None:
    page = staff.post(ADD, FILLED | {"due_on": "2025-10-31"})
    assert page.status_code == 200
    assert page.context["adminform"].form.errors == {
        "due_on": ["The reply must be due after the day of the document (1 November 2025)."]
    }
    assert not InformationRequest.objects.exists()


@pytest.mark.parametrize(
    ("on", "received"),
    [
        ("2026-01-09", "—"),
        ("2026-01-10", "10 January 2026"),
    ],
)
def test_the_state_page_shows_requests_and_replies_up_to_the_day(
    norway: State, staff: Client, on: str, received: str
) -> None:
    factories.asks(
        norway, "2026-06-15", "2025-11-01", received_on="2026-01-10", document="CRC/C/OPSC/NOR/Q/2"
    )
    page = read(staff.get(f"/states/NOR/?as_of={on}"))
    section = one_of(page, "section", aria_labelledby="h-requests")
    assert [words(cell) for cell in all_of(section, "td")] == [
        "CRC/C/OPSC/NOR/Q/2",
        "list of issues",
        "1 November 2025",
        "15 June 2026",
        received,
        "—",
        "—",
        "Edit: the request for further information CRC/C/OPSC/NOR/Q/2",
    ]


def test_the_state_page_shows_no_request_before_it_is_issued(norway: State, staff: Client) -> None:
    factories.asks(norway, "2026-06-15", "2025-11-01")
    assert "h-requests" not in staff.get("/states/NOR/?as_of=2025-10-31").content.decode()
