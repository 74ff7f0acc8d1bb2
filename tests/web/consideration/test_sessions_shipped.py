"""The sessions that come with the program: the list, and session 96 on some days."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.web.consideration.sessions import rows_of
from tests.web.pages import all_of, one_of, read, words
from tracker.obligations.models import CommitteeSession

pytestmark = pytest.mark.django_db


def test_panama_was_considered_at_session_96(shipped: None, staff: Client) -> None:
    session = CommitteeSession.objects.get(kind="session", number=96)
    page = read(staff.get(session.get_absolute_url()))
    assert words(one_of(page, "p", class_="says")) == "Held from 6 May 2024 to 24 May 2024, with 8 States."
    rows = rows_of(page)
    assert rows["Panama PAN"][:3] == ["dialogue", "initial reportCRC/C/OPSC/PAN/1", "held"]
    assert rows["Egypt EGY"][2:6] == [
        "held on 13 May 2024", "—", "CRC/C/EGY/CO/5-624 May 2024", "to be communicated",
    ]  # fmt: skip


def test_on_the_eve_of_a_session_nobody_knows_that_it_was_held(shipped: None, staff: Client) -> None:
    session = CommitteeSession.objects.get(kind="session", number=96)
    page = read(staff.get(session.get_absolute_url(), {"as_of": "2024-05-05"}))
    assert words(one_of(page, "p", class_="says")) == "Planned from 6 May 2024 to 24 May 2024, with 0 States."
    assert "8 CRC, 1 OPSC only (Panama)" not in words(page)
    during = read(staff.get(session.get_absolute_url(), {"as_of": "2024-05-13"}))
    assert {name: rows_of(during)[name][2:5] for name in ("Egypt EGY", "Estonia EST", "Panama PAN")} == {
        "Egypt EGY": ["held on 13 May 2024", "—", "—"],
        "Estonia EST": ["planned", "—", "—"],
        "Panama PAN": ["planned", "—", "—"],
    }


def test_the_list_shows_statuses_as_of_a_day_and_exports_them(shipped: None, staff: Client) -> None:
    page = read(staff.get("/sessions/?status=cancelled"))
    assert [words(one) for one in all_of(one_of(page, "table"), "a") if "session 98" in words(one)] == [
        "Pre-sessional working group for session 98"
    ]
    before = read(staff.get("/sessions/?status=cancelled&as_of=2024-04-09"))
    assert "Nothing matches." in words(before)
    export = staff.get("/sessions/?year=2020&as_of=2020-04-01&_export=csv")
    lines = b"".join(export).decode("utf-8-sig").splitlines()  # type: ignore[call-overload]  # it streams
    assert lines[0].startswith("Session,Number,Kind,Status,First day,Last day,Weeks,Dialogues,States")
    assert [line.split(",")[:6] for line in lines[1:]] == [
        ["session 85", "85", "session", "planned", "2020-05-11", ""],
        ["session 84", "84", "session", "held", "2020-03-02", "2020-03-06"],
        ["session 83", "83", "session", "held", "2020-01-20", "2020-02-07"],
    ]


@pytest.mark.parametrize("address", ["/sessions/", "96", "85"])
def test_the_pages_take_few_queries_and_are_small(
    address: str, shipped: None, staff: Client, django_assert_max_num_queries: Any
) -> None:
    if address.isdecimal():
        address = CommitteeSession.objects.get(kind="session", number=int(address)).get_absolute_url()
    with django_assert_max_num_queries(8):
        answer = staff.get(address)
    assert len(answer.content) < 100_000
