"""Status, days late and bands: literal days on both sides of every boundary."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from tests.factories import day
from tracker.rules.status import Records, Status, band_of, days_late, status_of

DAYS = st.dates(date(2002, 1, 18), date(2060, 12, 31))
SOME_DAY = st.none() | DAYS


def status(today: str, due: str | None = "2005-01-23", source: str = "", **facts: str | bool) -> Status:
    days = {
        name: day(str(facts[name])) if name in facts else None
        for name in ("answered_on", "received_on", "not_received_by")
    }
    if days["received_on"] and not days["answered_on"]:
        days["answered_on"] = days["received_on"]
    return status_of(
        due_on=day(due) if due else None,
        source=source or ("rule" if due else "to be communicated"),
        waived=bool(facts.get("waived")),
        records=records(str(facts.get("records_from", "")), str(facts.get("records_until", ""))),
        day=day(today),
        **days,
    )


def records(since: str = "", until: str = "", *, known: bool = True) -> Records:
    return Records(day(since) if since else None, day(until) if until else None, known)


# The USA's initial report, due 2005-01-23.
@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2003-01-23", "not yet due"),
        ("2004-01-22", "not yet due"),
        ("2004-01-23", "due within 12 months"),
        ("2005-01-22", "due within 12 months"),
        pytest.param("2005-01-23", "due within 12 months", id="the due day itself is not late"),
        pytest.param("2005-01-24", "overdue", id="late from the day after"),
        ("2026-11-22", "overdue"),
    ],
)
def test_an_unanswered_report_becomes_due_then_overdue_the_day_after(today, expected):
    assert status(today) == expected


def test_twelve_months_are_counted_to_the_months_end():
    assert status("2004-02-29", due="2005-02-28") == "due within 12 months"
    assert status("2003-02-28", due="2004-02-29") == "not yet due"


@pytest.mark.parametrize(
    ("received", "expected", "late"),
    [
        ("2005-01-22", "received on time", 0),
        pytest.param("2005-01-23", "received on time", 0, id="received on the due day"),
        pytest.param("2005-01-24", "received late", 1, id="received on the day after"),
        pytest.param("2007-05-10", "received late", 837, id="USA, CRC/C/OPSC/USA/1"),
    ],
)
def test_a_report_received_is_on_time_or_late_by_so_many_days(received, expected, late):
    found = status("2008-01-01", received_on=received)
    assert found == expected
    assert days_late(found, due_on=date(2005, 1, 23), received_on=day(received), day=date(2008, 1, 1)) == late


def test_a_report_counts_from_the_day_of_its_receipt_on():
    assert status("2007-05-09", received_on="2007-05-10") == "overdue"
    assert status("2007-05-10", received_on="2007-05-10") == "received late"


def test_a_report_known_only_from_its_review_counts_from_the_review_on():
    # Norway: due 2004-01-18, reviewed 2005-06-03, receipt unknown.
    assert status("2005-06-02", due="2004-01-18", answered_on="2005-06-03") == "overdue"
    assert status("2005-06-03", due="2004-01-18", answered_on="2005-06-03") == "received, date unknown"


def test_a_confirmation_that_nothing_came_holds_for_every_earlier_day():
    known = {"records_from": "2025-12-04", "not_received_by": "2026-06-30"}
    assert status("2026-06-29", **known) == "overdue"
    assert status("2005-01-24", **known) == "overdue"
    assert status("2005-01-23", **known) == "due within 12 months"


def test_a_report_that_came_counts_whatever_was_confirmed_before():
    known = {"not_received_by": "2026-06-30", "received_on": "2007-05-10"}
    assert status("2026-11-22", **known) == "received late"


def test_a_date_to_be_communicated_is_never_overdue():
    assert status("2050-01-01", due=None) == "to be communicated"


def test_a_waived_report_is_never_overdue():
    assert status("2050-01-01", due=None, waived=True) == "waived"


def test_a_waived_report_that_came_all_the_same_is_received():
    assert status("2050-01-01", due=None, waived=True, received_on="2007-05-10") == "received on time"


@pytest.mark.parametrize(
    ("records_from", "expected"),
    [
        pytest.param("2005-01-23", "overdue", id="records begin on the due day"),
        pytest.param("2005-01-24", "no record", id="records begin after the due day"),
    ],
)
def test_nobody_is_overdue_for_what_fell_due_before_the_records_begin(records_from, expected):
    assert status("2026-11-22", records_from=records_from) == expected


def test_missing_records_do_not_hide_what_is_still_to_fall_due():
    assert status("2004-06-01", records_from="2025-12-04") == "due within 12 months"


def test_missing_records_do_not_hide_a_report_that_is_there():
    assert status("2026-11-22", records_from="2025-12-04", received_on="2007-05-10") == "received late"


@pytest.mark.parametrize(
    ("found", "due", "received", "expected"),
    [
        ("overdue", "2005-01-23", None, 1),
        ("not yet due", "2005-01-23", None, None),
        ("no record", "2005-01-23", None, None),
        ("received, date unknown", "2005-01-23", None, None),
        ("waived", None, None, None),
        ("to be communicated", None, None, None),
        ("received on time", None, "2005-01-01", None),
    ],
)
def test_days_late_are_told_only_of_what_is_late(found, due, received, expected):
    late = days_late(
        found,
        due_on=day(due) if due else None,
        received_on=day(received) if received else None,
        day=date(2005, 1, 24),
    )
    assert late == expected


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ("2026-11-21", "under_1"),
        ("2025-11-23", "under_1"),
        pytest.param("2025-11-22", "from_1_to_5", id="a year to the day"),
        ("2021-11-23", "from_1_to_5"),
        pytest.param("2021-11-22", "from_5_to_10", id="five years to the day"),
        pytest.param("2016-11-22", "from_5_to_10", id="ten years to the day are not over ten"),
        pytest.param("2016-11-21", "over_10", id="ten years and a day"),
        ("2004-01-18", "over_10"),
    ],
)
def test_a_band_tells_how_long_a_report_is_overdue(due, expected):
    assert band_of(day(due), date(2026, 11, 22)) == expected


@pytest.mark.parametrize(
    ("due", "today", "expected"),
    [
        ("2020-02-29", "2021-02-28", "from_1_to_5"),
        ("2020-02-29", "2021-02-27", "under_1"),
        ("2016-02-28", "2026-02-28", "from_5_to_10"),
        ("2016-02-29", "2026-02-28", "from_5_to_10"),
        ("2016-02-29", "2026-03-01", "over_10"),
    ],
)
def test_a_band_counts_29_february_as_the_years_are_counted(due, today, expected):
    assert band_of(day(due), day(today)) == expected


# --- a date that is not recorded, and records that end --------------------------------------------


def test_a_report_of_which_no_date_is_recorded_is_never_overdue_nor_due_soon():
    for today in ("2002-01-18", "2026-11-22", "2050-01-01"):
        assert status(today, due=None, source="treaty calendar") == "date not recorded"


def test_of_a_report_that_came_without_a_recorded_date_no_lateness_is_told():
    came = {"due": None, "source": "treaty calendar", "received_on": "2012-10-31"}
    assert status("2012-10-30", **came) == "date not recorded"
    assert status("2012-10-31", **came) == "received, date unknown"


def test_a_report_that_came_before_its_date_was_communicated_is_on_time():
    assert status("2026-11-22", due=None, received_on="2023-05-10") == "received on time"


def test_a_report_reviewed_without_having_come_is_waived_whatever_its_source():
    assert status("2026-11-22", due=None, source="treaty calendar", waived=True) == "waived"
    assert status("2026-11-22", due="2020-01-01", source="committee", waived=True) == "waived"


@pytest.mark.parametrize(
    ("records_until", "expected"),
    [
        pytest.param("2005-01-22", "no record", id="records end before the due day"),
        pytest.param("2005-01-23", "overdue", id="records end on the due day"),
    ],
)
def test_nobody_is_overdue_for_what_fell_due_after_the_records_end(records_until, expected):
    assert status("2026-11-22", records_until=records_until) == expected


def test_records_are_complete_between_their_days_both_included():
    held = records("2010-01-01", "2015-12-31")
    assert [
        held.complete_for(day(on)) for on in ("2009-12-31", "2010-01-01", "2015-12-31", "2016-01-01")
    ] == [False, True, True, False]


def test_of_records_of_which_nothing_is_known_silence_proves_nothing():
    assert not records(known=False).complete_for(day("2020-01-01"))
    assert not records("2010-01-01", known=False).complete_for(day("2020-01-01"))
    assert records().complete_for(day("2020-01-01"))
    assert Records() == records()


def test_a_confirmation_counts_where_nothing_is_known_of_the_records():
    found = {
        name: status_of(
            due_on=day("2020-01-01"),
            source="committee",
            waived=False,
            answered_on=None,
            received_on=None,
            records=Records(known=False),
            day=day("2026-11-22"),
            not_received_by=day(name) if name else None,
        )
        for name in ("", "2026-01-01")
    }
    assert found == {"": "no record", "2026-01-01": "overdue"}


SOURCES = st.sampled_from(
    ["rule", "committee", "list of issues prior to reporting", "to be communicated", "treaty calendar"]
)


@given(
    due=SOME_DAY,
    source=SOURCES,
    waived=st.booleans(),
    answered=SOME_DAY,
    since=SOME_DAY,
    until=SOME_DAY,
    known=st.booleans(),
    confirmed=SOME_DAY,
    today=DAYS,
)
def test_what_is_overdue_has_passed_and_is_unanswered_and_on_record(
    due, source, waived, answered, since, until, known, confirmed, today
):
    found = status_of(
        due_on=due,
        source=source,
        waived=waived,
        answered_on=answered,
        received_on=answered,
        records=Records(since, until, known),
        day=today,
        not_received_by=confirmed,
    )
    truly_overdue = (
        not waived
        and due is not None
        and due < today
        and (answered is None or answered > today)
        and (
            (confirmed is not None and confirmed > due) or (known and (since or due) <= due <= (until or due))
        )
    )
    assert (found == Status.OVERDUE) == truly_overdue
