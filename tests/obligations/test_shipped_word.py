"""The Committee's dates in the shipped data, for States whose documents were read."""

from datetime import date

import pytest
from django.db.models import Exists

from tests.factories import day
from tracker.obligations.models import Obligation, Submission
from tracker.registry.models import State
from tracker.rules.status import Status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

TODAY = day("2026-11-22")  # the day on which `shipped` derives


def carried(on: date = TODAY):
    return (
        Obligation.objects.as_of(on, today=TODAY).filter(carried_by="CRC report").order_by("state", "cycle")
    )


def of(iso3: str) -> list[tuple]:
    """A State's reports under the CRC that are still open or ahead: number, last number, status, document, its day."""
    rows = carried().filter(state=iso3)
    return [
        (row.cycle, row.last_cycle, row.status, row.document, str(row.decided_on))
        for row in rows
        if row.awaiting_since or (row.answered_on is None and not row.waived)
    ]


@pytest.mark.parametrize(
    ("iso3", "number", "document", "decided_on"),
    [
        ("GEO", 7, "CRC/C/GEO/CO/5-6", "2024-05-24"),
        ("IRQ", 7, "CRC/C/IRQ/CO/5-6", "2025-05-30"),
        ("KGZ", 7, "CRC/C/KGZ/CO/5-6", "2023-09-22"),
        ("LUX", 7, "CRC/C/LUX/CO/5-6", "2021-06-04"),
        ("UZB", 6, "CRC/C/UZB/CO/5", "2022-09-23"),
    ],
)
def test_the_date_is_to_be_communicated(iso3, number, document, decided_on):
    assert of(iso3) == [(number, number, "to be communicated", document, decided_on)]


@pytest.mark.parametrize(
    ("iso3", "numbers", "since", "status", "due"),
    [
        ("IRN", (5, 6), "2023-10-31", "received late", "2021-12-31"),
        ("BFA", (5, 6), "2021-06-11", "received late", "2017-12-31"),
        ("SLV", (7, 7), "2023-09-02", "received on time", "2023-12-31"),
        # Day of receipt not found: known from the list of issues of 6 November 2025, so by the day of the data.
        ("KAZ", (5, 6), "2025-12-04", "received, date unknown", "None"),
    ],
)
def test_the_report_awaits_its_review_and_nothing_else_is_owed(iso3, numbers, since, status, due):
    (row,) = [row for row in carried().filter(state=iso3) if row.awaiting_since]
    assert (row.cycle, row.last_cycle) == numbers
    assert (str(row.awaiting_since), row.status, str(row.due)) == (since, status, due)
    assert len(of(iso3)) == 1


def test_gabon_has_no_recorded_date_and_its_last_observations_are_shown():
    assert of("GAB") == [(0, 0, "date not recorded", "CRC/C/GAB/CO/2", "2016-06-03")]


@pytest.mark.parametrize(
    "on", ["2009-05-31", "2013-01-31", "2016-01-22", "2019-12-31", "2021-05-30", "2026-11-22"]
)
def test_no_carried_report_is_overdue_or_due_soon_without_a_document(on):
    rows = list(carried(day(on)).filter(status__in=[Status.OVERDUE, Status.DUE_SOON, Status.NOT_YET_DUE]))
    for row in rows:
        row.as_it_stood()
        assert row.due_source in ("committee", "list of issues prior to reporting"), row
        assert row.document.startswith("CRC/C/"), row
    assert not [row for row in rows if row.status == Status.OVERDUE]


@pytest.mark.parametrize("on", ["2009-05-31", "2021-05-30", "2026-11-22"])
def test_each_state_waits_or_is_waited_for_once(on):
    rows = list(carried(day(on)))
    still_open = [row.state_id for row in rows if row.then_answered_on is None and not row.then_waived]
    waiting = [row.state_id for row in rows if row.then_awaiting_since]
    assert len(set(still_open)) == len(still_open)
    assert len(set(waiting)) == len(waiting)
    assert not set(still_open) & set(waiting)


def test_every_party_to_both_whose_initial_report_came_waits_or_is_waited_for():
    came = Obligation.objects.as_of(TODAY, today=TODAY).filter(kind="initial", answered_on__isnull=False)
    states = set(came.values_list("state", flat=True)) - {"USA"}
    assert {
        row.state_id
        for row in carried()
        if row.awaiting_since or (row.answered_on is None and not row.waived)
    } == states


# --- printed dates: of its own series, and known on the day ------------------------------------------


def printed(iso3: str, on: str, **which) -> list[str]:
    return list(
        Obligation.objects.as_of(day(on), today=TODAY)
        .filter(state=iso3, **which)
        .with_printed(day(on))
        .values_list("printed", flat=True)
    )


def test_the_printed_date_is_that_of_the_report_itself_and_of_no_other_series():
    # CRC/C/OPSC/ALB/1: due 2010; CRC/C/ALB/2-4 (2009) and CRC/C/ALB/5-6 (2017) are reports under the CRC.
    assert printed("ALB", "2026-11-22", kind="initial") == ["2010"]
    assert printed("ALB", "2026-11-22", carried_by="CRC report", cycle=5) == ["2017"]
    assert printed("ALB", "2026-11-22", carried_by="CRC report", cycle=7) == [""]


def test_a_printed_date_is_not_known_before_it_was_printed():
    # CRC/C/OPSC/ALB/1 came on 2010-06-29.
    assert printed("ALB", "2010-06-28", kind="initial") == [""]
    assert printed("ALB", "2010-06-29", kind="initial") == ["2010"]


def test_what_each_submission_answers_is_the_same_in_sql_as_by_the_rules():
    """Each answered row has the submission behind it, and each submission that came with or after the initial one
    has its row."""
    rows = Obligation.objects.as_of(TODAY, today=TODAY).filter(then_answered_on__isnull=False)
    behind = Submission.objects.annotate(has_row=Exists(rows.answered_by_outer()))
    opened = dict(rows.filter(kind="initial").values_list("state", "answered_on"))
    for report in behind:
        came = report.received_on or report.reviewed_on or report.known_by
        carries = report.state_id in opened and came >= opened[report.state_id]
        assert report.has_row == (report.carried_by == "own" or carries), report
    assert State.objects.count() == 197
