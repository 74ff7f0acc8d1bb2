"""The figures of the annual report: counts that are known, and the waiting time of the shipped data."""

from __future__ import annotations

import statistics
from datetime import date
from typing import Any

import pytest

from tests.factories import a_state, day, receives, reviews
from tests.obligations.conftest import shipped
from tracker.consideration.figures import (
    Consideration,
    ConsideredBy,
    CountedReport,
    counted_reports,
    figure_table,
    first_of_the_month,
    times_by_year,
    times_of,
)
from tracker.obligations.models import AgendaItem, CommitteeSession
from tracker.rules.waiting_times import WaitingTimes

__all__ = ["shipped"]  # a fixture

TODAY = day("2026-11-22")
DATA = day("2025-12-04")  # of the shipped data
CRC: dict[str, Any] = {"kind": "periodic", "carried_by": "CRC report"}


def counted(on: date = TODAY) -> list[CountedReport]:
    return counted_reports(on, today=TODAY)


def only(on: date = TODAY) -> CountedReport:
    [found] = counted(on)
    return found


# --- a few reports ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_report_is_waiting_then_considered() -> None:
    receives(a_state("NOR"), "2022-03-01", reviewed_on="2024-05-13")
    assert counted(day("2022-02-28")) == []
    before, after = only(day("2024-05-12")), only(day("2024-05-13"))
    assert (before.status, before.considered, before.days) == (Consideration.WAITING, None, None)
    assert (after.status, after.by, after.days) == (Consideration.CONSIDERED, ConsideredBy.DIALOGUE, 804)


@pytest.mark.django_db
def test_a_month_counts_with_its_last_day() -> None:
    receives(a_state("NOR"), "2022-03-01", reviewed_on="2024-05-31", review_precision="month")
    assert only(day("2024-05-30")).status == Consideration.WAITING
    known = only()
    assert (known.by, known.considered, known.days) == (ConsideredBy.MONTH, day("2024-05-31"), 822)
    assert first_of_the_month(known).days == 792


@pytest.mark.django_db
def test_the_first_of_the_month_is_never_before_the_receipt() -> None:
    receives(a_state("NOR"), "2024-05-20", reviewed_on="2024-05-31", review_precision="month")
    assert first_of_the_month(only()).days == 0


@pytest.mark.django_db
def test_the_day_of_the_dialogue_counts_or_else_the_first_by_which_it_had_taken_place() -> None:
    norway = a_state("NOR")
    report = receives(norway, "2022-03-01", reviewed_on="2024-05-31", review_precision="month")
    session = CommitteeSession.objects.create(
        number=96, starts_on=day("2024-05-06"), ends_on=day("2024-05-24"), status="held"
    )
    item = AgendaItem.objects.create(session=session, state=norway, submission=report)

    def found(on: date = TODAY) -> tuple[ConsideredBy | None, str]:
        known = only(on)
        return known.by, str(known.considered)

    assert only(day("2024-05-23")).status == Consideration.WAITING
    assert found(day("2024-05-24")) == found() == (ConsideredBy.SESSION, "2024-05-24")
    reviews(norway, "2024-05-23", cycles="1", kind="initial")
    assert found(day("2024-05-23")) == found() == (ConsideredBy.OBSERVATIONS, "2024-05-23")
    item.held_on = day("2024-05-13")
    item.save()
    assert found() == (ConsideredBy.DIALOGUE, "2024-05-13")
    report.reviewed_on, report.review_precision = day("2024-05-14"), "day"
    report.save()
    assert found() == (ConsideredBy.DIALOGUE, "2024-05-14")


@pytest.mark.django_db
def test_a_report_counts_as_considered_where_its_revision_was() -> None:
    norway = a_state("NOR")
    report = receives(norway, "2022-03-01")
    receives(norway, "2023-01-10", revises=report, reviewed_on="2024-05-13")
    known = only()
    assert (known.pk, known.status, known.days) == (report.pk, Consideration.CONSIDERED, 804)
    assert only(day("2024-05-12")).status == Consideration.WAITING


@pytest.mark.django_db
def test_a_report_overtaken_by_observations_of_the_other_treaty_is_not_called_waiting() -> None:
    norway = a_state("NOR")
    receives(norway, "2019-03-01")
    reviews(norway, "2024-06-01", **CRC, cycles="5-6")
    assert only(day("2024-05-31")).status == Consideration.WAITING
    assert only().status == Consideration.NOT_RECORDED
    table = figure_table(counted(), None, TODAY)
    assert (table.all.received, table.all.considered, table.all.waiting, table.all.not_recorded) == (
        1,
        0,
        0,
        1,
    )


@pytest.mark.django_db
def test_a_withdrawn_report_was_received_and_waits_no_more_and_a_revision_is_none_of_its_own() -> None:
    norway = a_state("NOR")
    receives(norway, "2022-03-01", withdrawn_on="2023-01-01")
    assert only(day("2022-12-31")).status == Consideration.WAITING
    assert only().status == Consideration.WITHDRAWN
    chile = a_state("CHL")
    receives(chile, "2023-06-01", revises=receives(chile, "2023-05-01"))
    table = figure_table(counted(), day("2022-01-01"), TODAY)
    assert (table.all.received, table.all.waiting, table.all.not_recorded) == (2, 1, 0)


@pytest.mark.django_db
def test_no_report_gives_no_time_and_one_report_no_quartiles() -> None:
    empty = figure_table([], day("2024-01-01"), TODAY)
    assert (empty.by_series, empty.by_region, empty.all.times) == ([], [], WaitingTimes(0))
    assert times_by_year([]) == []
    receives(a_state("NOR"), "2022-03-01", reviewed_on="2024-05-13")
    table = figure_table(counted(), day("2024-01-01"), TODAY)
    assert table.all.times == WaitingTimes(1, 804)
    # Nothing was considered in the year after.
    assert figure_table(counted(), day("2025-01-01"), TODAY).all.times == WaitingTimes(0)


@pytest.mark.django_db
def test_the_first_and_the_last_day_belong_to_a_period() -> None:
    receives(a_state("NOR"), "2024-01-01", reviewed_on="2024-12-31")

    def counts(since: str, until: str) -> tuple[int, int]:
        found = figure_table(counted(), day(since), day(until)).all
        return found.received, found.considered

    assert counts("2024-01-01", "2024-12-31") == (1, 1)
    assert counts("2024-01-02", "2024-12-31") == (0, 1)
    assert counts("2024-01-01", "2024-12-30") == (1, 0)


@pytest.mark.django_db
def test_the_figures_take_four_queries(django_assert_num_queries: Any) -> None:
    for code in ("NOR", "CHL", "FRA"):
        receives(a_state(code), "2022-03-01")
    with django_assert_num_queries(4):
        assert [one.state_id for one in counted()] == ["CHL", "FRA", "NOR"]


# --- the shipped data ------------------------------------------------------------------------------


def initial(on: date) -> list[CountedReport]:
    return [one for one in counted(on) if one.series == "initial"]


def test_77_initial_reports_waited_700_days_in_the_median(shipped: None, db: None) -> None:
    assert times_of(initial(TODAY)) == WaitingTimes(77, 700, 451, 1061)


def test_76_reports_and_670_days_come_from_months_that_begin_and_the_lower_middle(
    shipped: None, db: None
) -> None:
    """The figure once published of these data: as of their day, with the first day of a month that is known alone.

    It is the lower one of the two in the middle; their mean, the median, is 685. With the last day of the month, which
    counts here, it is 689.
    """
    reports = initial(DATA)
    days = sorted(one.days for one in map(first_of_the_month, reports) if one.days is not None)
    assert (len(days), statistics.median_low(days), statistics.median_high(days)) == (76, 670, 700)
    assert times_of(map(first_of_the_month, reports)).median == 685
    assert times_of(reports) == WaitingTimes(76, 689, 444, 1058)


@pytest.mark.parametrize(
    ("code", "waits", "considered", "days", "by"),
    [
        ("PAN", "2024-05-12", "2024-05-13", 1804, ConsideredBy.DIALOGUE),
        ("BHR", "2024-09-12", "2024-09-13", 1423, ConsideredBy.SESSION),
        ("BRA", "2025-05-29", "2025-05-30", 1871, ConsideredBy.SESSION),
        ("PAK", "2026-01-29", "2026-01-30", 2527, ConsideredBy.SESSION),
    ],
)
def test_the_reports_of_four_states(
    code: str, waits: str, considered: str, days: int, by: ConsideredBy, shipped: None, db: None
) -> None:
    [before] = [one for one in initial(day(waits)) if one.state_id == code]
    [after] = [one for one in initial(day(considered)) if one.state_id == code]
    assert (before.status, before.days) == (Consideration.WAITING, None)
    assert (after.status, after.by, after.days) == (Consideration.CONSIDERED, by, days)


def test_every_report_of_the_shipped_data_is_counted_once(shipped: None, db: None) -> None:
    table = figure_table(counted(), None, TODAY)
    found = {
        row.key: (row.received, row.considered, row.waiting, row.not_recorded, row.times.number)
        for row in (*table.by_series, table.all)
    }
    assert found == {
        "initial": (117, 112, 2, 3, 77),
        "own_periodic": (3, 2, 1, 0, 2),
        "carried": (95, 67, 14, 14, 59),
        "": (215, 181, 17, 17, 138),
    }
    for row in (*table.by_series, *table.by_region, table.all):
        assert row.received == row.considered + row.waiting + row.not_recorded
    assert sum(row.received for row in table.by_region) == 215
