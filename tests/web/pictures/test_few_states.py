"""The pictures of no State, and of one: what a mark, a bar, a column says as time goes by."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY
from tests.web.pages import Element, all_of, links, one_of, read, words
from tests.web.pictures.reading import ADDRESSES, marks, rows_of
from tracker.obligations.models import Obligation
from tracker.rules.status import Status
from tracker.web.pictures import ahead, initial_reports, parties
from tracker.web.pictures.page import PICTURES

pytestmark = pytest.mark.django_db


def test_the_contents_lead_to_every_picture(staff: Client) -> None:
    page = read(staff.get("/pictures/?as_of=2009-05-31"))
    found = links(one_of(page, "dl"))
    assert found == {
        str(one.title): f"/pictures/{address}/?as_of=2009-05-31"
        for one, address in zip(PICTURES, ADDRESSES, strict=True)
    }


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_picture_of_nothing_says_so(address: str, staff: Client) -> None:
    page = read(staff.get(f"/pictures/{address}/"))
    assert all_of(page, "table") == []
    assert words(one_of(page, "div", class_="nothing")) == (
        "See the reports whose date is to be communicated or not recorded."
        if address == "ahead"
        else "Nothing is recorded up to 22 November 2026 that this picture could show. Choose a later day."
    )


def test_a_party_that_left_is_not_in_the_columns_after_it() -> None:
    norway = factories.a_state("NOR")
    factories.joins(norway, on="2001-10-02")
    factories.denounces(norway, on="2010-03-01")
    facts = factories.TreatyAction.objects.facts(treaty="OPSC").values()
    found = {one.year: one.parties for one in parties.joining_years(facts, date(2012, 5, 1))}
    assert (found[2001], found[2010], found[2011], found[2012]) == (1, 1, 0, 0)


def test_a_mark_is_open_until_the_report_comes(usa: Any, staff: Client) -> None:
    def mark(as_of: str) -> tuple[str, str]:
        drawn = marks(read(staff.get(f"/pictures/initial-reports/?as_of={as_of}")))
        ((said, one),) = drawn.items()
        return said, next(child.name for child in one if isinstance(child, Element) and child.name != "title")

    name = "United States of America"
    assert mark("2004-06-01") == (f"{name}: due in 7 months", "path")
    assert mark("2006-01-23") == (f"{name}: overdue 1 year", "path")
    assert mark("2007-05-10") == (f"{name}: received, 2 years 3 months late", "circle")


def test_a_state_without_record_has_neither_mark_nor_bar(staff: Client) -> None:
    norway = factories.a_state("NOR", records_from=date(2015, 1, 1))
    factories.joins(norway, on="2001-10-02")
    factories.derive(TODAY.isoformat(), norway)
    page = read(staff.get("/pictures/initial-reports/"))
    assert marks(page) == {}
    assert "No receipt of an initial report is known" in words(page)
    drawn = one_of(read(staff.get("/pictures/lateness/")), "svg", role="img")
    assert drawn.attributes["aria-label"] == "Norway: no record"
    assert all_of(drawn, "rect") == []
    assert rows_of(staff, "lateness/")[0]["After the due date"] is None


def test_the_places_of_marks_follow_from_the_days() -> None:
    def a_report(joined: str, until: str, status: Status) -> initial_reports.InitialReport:
        state = factories.State(iso3="NOR", name="Norway")
        due = date(2004, 1, 18)
        return initial_reports.InitialReport(
            state, date.fromisoformat(joined), due, None, status, date.fromisoformat(until), None
        )

    scatter = initial_reports.scatter_of(
        [a_report("2002-01-01", "2010-01-01", Status.OVERDUE)], date(2010, 1, 1)
    )
    assert scatter is not None
    ((group,), years) = scatter.groups, scatter.years
    assert (group.css, group.received) == ("overdue", False)
    # Eight years on a scale of nine, 380 pixels high.
    assert (group.marks[0].x, group.marks[0].y) == (years.at(date(2002, 1, 1)), 66.2)


def test_a_report_that_came_early_is_early_in_words() -> None:
    due = date(2020, 6, 1)
    assert initial_reports.after_due(-31, due, date(2020, 5, 1)) == "1 month early"
    assert initial_reports.after_due(0, due, due) == "on the day"
    assert initial_reports.after_due(30, due, date(2020, 7, 1)) == "1 month late"


def test_the_first_month_begins_with_the_day_and_the_last_ends_two_years_on() -> None:
    months = ahead.months_ahead([(date(2027, 1, 5), "initial", 2)], date(2026, 12, 31))
    assert (months[0].since, months[0].until) == (date(2026, 12, 31), date(2026, 12, 31))
    assert months[1].counts["initial"] == months[1].total == 2
    assert (months[-1].since, months[-1].until, len(months)) == (date(2028, 11, 1), date(2028, 11, 30), 24)


def test_what_came_before_its_due_date_is_no_longer_awaited(staff: Client) -> None:
    norway = factories.a_state("NOR")
    factories.joins(norway, on="2025-10-22")
    factories.receives(norway, "2026-10-01")
    factories.derive(TODAY.isoformat(), norway)
    assert Obligation.objects.get(kind="initial").due_on == date(2027, 11, 22)
    row = next(one for one in rows_of(staff, "ahead/") if one["Month"] == "2027-11")
    assert (row["initial reports"], row["no longer awaited"], row["All"]) == (0, 1, 1)
    assert "1 more with a due date in this time is no longer awaited." in words(
        read(staff.get("/pictures/ahead/"))
    )
