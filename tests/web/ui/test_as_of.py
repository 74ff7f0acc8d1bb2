"""The as-of day of every page, and the texts of pages without records."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import factories
from tests.depth import first
from tests.web.conftest import TODAY
from tests.web.pages import all_of, messages, one_of, read, table, words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("day", ["0000-00-00", "9 days", "\0"])
def test_a_day_that_cannot_be_is_told_and_today_shown(day: str, staff: Client) -> None:
    factories.a_state("NOR")
    page = read(staff.get("/", {"as_of": day}))
    assert words(one_of(page, "h1")) == "Today"
    assert messages(page) == [
        (
            f"As of: “{day}” is not a day; write it as 2003-01-23, 23 Jan 2003 or 23/01/2003. "
            "Today is shown instead."
        )
    ]


@pytest.mark.parametrize("day", ["1989-11-19", "2036-11-23"])
@pytest.mark.parametrize(
    "address", first(2, ["/", "/obligations/", "/states/", "/states/NOR/", "/participation/"])
)
def test_a_day_out_of_reach_is_told_and_today_shown(day: str, address: str, staff: Client) -> None:
    factories.a_state("NOR")
    page = read(staff.get(address, {"as_of": day}))
    assert messages(page) == [
        "As of: choose a day from 20 November 1989 to 22 November 2036. Today is shown instead."
    ]
    assert all_of(page, "p", class_="past") == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/obligations/", ("No State owed a report on 22 November 2026: enter ratifications and accessions "
         "under “Enter data”, or load them with manage.py load_registry.")),
        ("/states/", ("No State is recorded yet. Load the shipped data with manage.py load_registry, or enter "
         "States under “Enter data”.")),
        ("/reminders/", ("No reminders yet. The worker plans due reminders every hour; "
         "manage.py plan_reminders does it at once.")),
    ],
)  # fmt: skip
def test_an_empty_list_says_why_and_what_to_do(address: str, said: str, staff: Client) -> None:
    assert words(one_of(read(staff.get(address)), "div", class_="nothing")) == said


@pytest.mark.parametrize(("day", "how", "since"), [
    ("2012-02-28", "accession", "1 March 2006"), ("2012-03-01", "denunciation", "1 March 2012"),
])  # fmt: skip
def test_a_state_that_left_is_shown_as_such(day: str, how: str, since: str, staff: Client) -> None:
    norway = factories.a_state("NOR")
    factories.joins(norway, on="2006-03-01", kind="accession")
    factories.denounces(norway, on="2011-03-01")
    factories.derive(TODAY.isoformat())
    assert table(read(staff.get("/states/", {"as_of": day})))[0][2:4] == [how, since]


def test_the_day_may_be_written_in_any_usual_way(staff: Client) -> None:
    page = read(staff.get("/states/", {"as_of": "31/05/2009"}))
    assert words(one_of(page, "p", **{"class": "past"})).startswith("As of 31 May 2009")


def test_a_typed_day_is_read_back_in_words(staff: Client) -> None:
    """Today is 22 November 2026."""
    answers = [staff.get("/read-day/", {"text": text}) for text in ("23/1/2003", "yesterday", "03/04/2005")]
    assert [answer.content.decode() for answer in answers] == [
        "23 January 2003",
        "21 November 2026",
        "“03/04/2005” could be 3 April 2005 or 4 March 2005; write 2005-04-03.",
    ]


def test_a_day_typed_in_another_language_is_read_back_in_the_language_of_the_page(staff: Client) -> None:
    for text, said in (
        ("hier", "21 November 2026"),
        ("через 3 месяца", "22 February 2027"),
        ("٢٣/١/٢٠٠٣", "23 January 2003"),
    ):
        assert staff.get("/read-day/", {"text": text}).content.decode() == said
    staff.post("/language/", {"language": "fr"})
    assert staff.get("/read-day/", {"text": "昨天"}).content.decode() == "21 novembre 2026"
