"""The forecast: what would be planned in the next 90 days."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY
from tests.web.pages import one_of, problems, read, table, words
from tracker.reminders.pauses import pause
from tracker.reminders.plan import plan
from tracker.reminders.send import send_due

pytestmark = pytest.mark.django_db

FORECAST = "/reminders/forecast/"


@pytest.fixture(autouse=True)
def states() -> None:
    """Norway, with two contacts, and Finland reach a stage before 20 February 2027; Sweden does not."""
    for iso3, on in (("NOR", "2025-04-10"), ("FIN", "2025-01-05"), ("SWE", "2026-10-10")):
        state = factories.a_state(iso3, region="WEOG" if iso3 != "FIN" else "EES")
        factories.joins(state, on=on)
        factories.a_contact(state, f"{iso3.lower()}@example.org")
    factories.a_contact(factories.State.objects.get(pk="NOR"), "ministry@example.org", name="Ministry")
    factories.derive(TODAY.isoformat())


def test_the_forecast_tells_day_state_report_stage_and_recipient(staff: Client) -> None:
    page = read(staff.get(FORECAST))
    assert table(page) == [
        ["22 November 2026", "Finland FIN", "initial report", "5 February 2027", "3 months before",
         "fin@example.org"],
        ["22 November 2026", "Norway NOR", "initial report", "10 May 2027", "6 months before",
         "ministry@example.org"],
        ["22 November 2026", "Norway NOR", "initial report", "10 May 2027", "6 months before",
         "nor@example.org"],
        ["5 January 2027", "Finland FIN", "initial report", "5 February 2027", "1 month before",
         "fin@example.org"],
        ["5 February 2027", "Finland FIN", "initial report", "5 February 2027", "on the day",
         "fin@example.org"],
        ["10 February 2027", "Norway NOR", "initial report", "10 May 2027", "3 months before",
         "ministry@example.org"],
        ["10 February 2027", "Norway NOR", "initial report", "10 May 2027", "3 months before",
         "nor@example.org"],
    ]  # fmt: skip
    assert words(one_of(page, "p", class_="says")) == (
        "7 reminders will be planned up to 20 February 2027 if no record changes. "
        "Reminders that are already planned are not included."
    )


def test_a_pause_holds_back_what_would_come_until_it_is_over(staff: Client) -> None:
    finland = factories.State.objects.get(pk="FIN")
    ada = factories.an_officer("olga")
    pause(finland, until=factories.day("2027-01-20"), reason="A letter says when", by=ada, on=TODAY)
    found = [row[:1] + row[4:5] for row in table(read(staff.get(FORECAST))) if row[1] == "Finland FIN"]
    assert found == [["20 January 2027", "1 month before"], ["5 February 2027", "on the day"]]


def test_what_waits_already_is_not_ahead(staff: Client) -> None:
    plan(TODAY)
    assert [row[0] for row in table(read(staff.get(FORECAST)))] == [
        "5 January 2027",
        "5 February 2027",
        "10 February 2027",
        "10 February 2027",
    ]


@pytest.mark.more
def test_the_planner_does_what_was_forecast(staff: Client) -> None:
    rows = staff.get(f"{FORECAST}?_export=json").json()
    expected = [(row["Planned on"], row["Recipient"], row["Stage"]) for row in rows]
    done = []
    for number in range(91):
        on = TODAY + timedelta(days=number)
        done += [(on.isoformat(), row.recipient, row.stage) for row in plan(on).planned]
        send_due(on)
    assert sorted(done) == sorted(expected)
    assert len(done) == 7


def test_the_forecast_can_be_narrowed(staff: Client) -> None:
    assert {row[1] for row in table(read(staff.get(f"{FORECAST}?region=EES")))} == {"Finland FIN"}
    assert {row[1] for row in table(read(staff.get(f"{FORECAST}?q=Norv")))} == set()
    assert {row[1] for row in table(read(staff.get(f"{FORECAST}?q=norway&sort=-day")))} == {"Norway NOR"}
    nothing = one_of(read(staff.get(f"{FORECAST}?q=Sweden")), "div", class_="nothing")
    assert words(nothing) == (
        "No reminder is due up to 20 February 2027. Remove a filter, or choose a longer period, to see more."
    )


@pytest.mark.parametrize("column", ["day", "state_of", "what", "due_on", "stage", "recipient", "name"])
def test_every_column_sorts_both_ways(column: str, staff: Client) -> None:
    up = table(read(staff.get(f"{FORECAST}?sort={column}&column={column}&column=day")))
    down = table(read(staff.get(f"{FORECAST}?sort=-{column}&column={column}&column=day")))
    assert len(up) == 7
    assert sorted(up) == sorted(down)


def test_the_forecast_reaches_two_years_of_one_state(staff: Client) -> None:
    page = read(staff.get(f"{FORECAST}?days=730&state=Sweden"))
    assert [[row[0], row[4]] for row in table(page)] == [
        ["10 November 2027", "12 months before"],
        ["10 May 2028", "6 months before"],
        ["10 August 2028", "3 months before"],
        ["10 October 2028", "1 month before"],
        ["10 November 2028", "on the day"],
    ]
    assert "up to 21 November 2028" in words(one_of(page, "p", class_="says"))
    filters = words(one_of(page, "ul", aria_label="Filters in use"))
    assert filters.replace(" ×, remove this filter", "") == "Within 2 years, of Sweden."
    assert len(table(read(staff.get(f"{FORECAST}?days=365&per_page=1000")))) > 7
    assert table(read(staff.get(f"{FORECAST}?days=365&state=SWE"))) == [
        ["10 November 2027", "Sweden SWE", "initial report", "10 November 2028", "12 months before",
         "swe@example.org"],
    ]  # fmt: skip


@pytest.mark.parametrize("days", ["0", "731", "many"])
def test_a_period_that_is_not_offered_is_told(days: str, staff: Client) -> None:
    page = read(staff.get(f"{FORECAST}?days={days}"))
    assert problems(page) == [f"Select a valid choice. {days} is not one of the available choices."]
    assert table(page) == []
