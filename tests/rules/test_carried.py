"""The next report under the CRC: its date is the Committee's word (docs/concepts.md, "whose date is it?").

Facts are those of the shipped data (reports_crc.csv, reviews_crc.csv, committee_dates_crc.csv) where a State is named.
"""

from datetime import date

import pytest

from tests.factories import day
from tests.rules.build import (
    CRC,
    GRID,
    asks_for,
    carried,
    crc,
    crc_report,
    dues,
    facts,
    later,
    non_receipt,
    opsc,
    report,
    review,
    spans,
    steps,
    the_row,
)
from tracker.rules.due import Due
from tracker.rules.schedule import PeriodicRule, treaty_calendar
from tracker.rules.status import Records, status_of

COMPLETE = Records(day("1990-01-01"))
PRIOR = "list of issues prior to reporting"

# Gabon: OPSC ratified 2007-10-01, CRC 1994-02-09 (in force 1994-03-11); initial report reviewed 2016-05-27.
GABON = (
    opsc("2007-10-01"),
    crc("1994-02-09"),
    report(None, reviewed="2016-05-27"),
    crc_report("2013-03-15", "2", reviewed="2016-06-03"),
    review("2016-06-03", "2", document="CRC/C/GAB/CO/2"),
)
# Iran: OPSC accession 2007-09-26, CRC 1994-07-13; the initial report of 2021-08-03 is not reviewed.
IRAN = (
    opsc("2007-09-26", "accession"),
    crc("1994-07-13"),
    report("2021-08-03"),
    review("2016-01-29", "3-4", document="CRC/C/IRN/CO/3-4"),
    asks_for("2021-12-31", "2016-01-29", "5-6", document="CRC/C/IRN/CO/3-4", precision="year"),
    crc_report("2023-10-31", "5-6"),
)
# Uzbekistan: OPSC accession 2008-12-23, CRC 1994-06-29; initial report 2011-02-17.
UZBEKISTAN = (
    opsc("2008-12-23", "accession"),
    crc("1994-06-29", "accession"),
    report("2011-02-17", reviewed="2013-06-05"),
    crc_report("2019-04-03", "5"),
    review("2022-09-23", "5", document="CRC/C/UZB/CO/5"),
    later("2022-09-23", "6", document="CRC/C/UZB/CO/5"),
)
# Poland: CRC 1991-06-07, OPSC 2005-02-04; list of issues prior to reporting of 2018-11-21, due 2019-10-30.
POLAND = (
    opsc("2005-02-04"),
    crc("1991-06-07"),
    report("2007-06-01"),
    asks_for("2019-10-30", "2018-11-21", "5-6", document="CRC/C/POL/QPR/5-6", source=PRIOR),
)
# Germany-like: in force 1992-04-05, initial report before; nothing is recorded of its reports under the CRC.
SILENT = (opsc("2004-01-15"), crc("1992-03-06"), report("2007-06-01"))


def said(rows: list[Due]) -> list[tuple]:
    """Each row as (number, last number, due date, source)."""
    return [
        (row.cycle, row.last_cycle, row.due_on.isoformat() if row.due_on else None, str(row.source))
        for row in rows
    ]


def status(row: Due, on: str, records: Records = COMPLETE) -> str:
    return status_of(
        due_on=row.due_on,
        source=row.source,
        waived=row.waived,
        answered_on=row.answered_on,
        received_on=row.received_on,
        records=records,
        day=day(on),
        not_received_by=row.not_received_by,
    )


def open_on(found, on: str) -> list[tuple]:
    """What is open on a day: (number, last number, due date, source)."""
    return said([row for row in carried(found, on) if row.answered_on is None and not row.waived])


# --- 1. one open carried report: the next one ------------------------------------------------------


def test_the_next_report_has_the_number_that_the_committee_gives_it():
    # Between 2011 and 2022 thirty years of the grid would have asked for reports 4, 5 and 6.
    assert said(carried(facts(*UZBEKISTAN))) == [
        (5, 5, None, "treaty calendar"),
        (6, 6, None, "to be communicated"),
    ]


def test_where_its_number_is_not_known_it_is_the_next_report():
    assert said(carried(facts(*SILENT))) == [(0, 0, None, "treaty calendar")]


def test_before_the_initial_report_there_is_none():
    assert carried(facts(*GABON), "2016-05-26") == []
    assert open_on(facts(*GABON), "2016-05-27") == []  # report 2, received 2013, awaits its review
    assert open_on(facts(*GABON), "2016-06-03") == [(0, 0, None, "treaty calendar")]


def test_reports_that_are_combined_are_one_row_with_two_numbers():
    (row,) = [row for row in carried(facts(*IRAN)) if row.cycle == 5]
    assert (row.last_cycle, row.identity) == (6, ("periodic", CRC, 5))


def test_a_list_that_gives_the_next_report_its_number_takes_the_place_of_the_row_without_one():
    found = facts(
        *SILENT,
        review("2012-06-15", document="CRC/C/15/Add.1"),
        later("2012-06-15"),
        asks_for("2018-03-01", "2017-03-01", "5"),
    )
    assert open_on(found, "2017-02-28") == [(0, 0, None, "to be communicated")]
    assert open_on(found, "2017-03-01") == [(5, 5, "2018-03-01", "committee")]
    assert spans(found, 0, CRC) == [("2007-06-01", "2012-06-15"), ("2012-06-15", "2017-03-01")]
    # Its earlier steps stay in the trail.
    (row,) = carried(found)
    assert [step.end for step in row.trail[-2:]] == [None, date(2018, 3, 1)]


# --- 2. its date is what a document says ------------------------------------------------------------


def test_the_date_is_that_of_the_concluding_observations():
    found = facts(*SILENT, asks_for("2016-04-15", "2011-06-17", "5", document="CRC/C/DEU/CO/3-4"))
    (row,) = carried(found)
    assert (row.due_on, row.source, row.document, row.decided_on) == (
        date(2016, 4, 15),
        "committee",
        "CRC/C/DEU/CO/3-4",
        date(2011, 6, 17),
    )
    assert status(row, "2016-04-15") == "due within 12 months"
    assert status(row, "2016-04-16") == "overdue"


def test_an_extension_takes_the_place_of_the_date_before_it():
    found = facts(
        *SILENT,
        asks_for("2016-04-15", "2011-06-17", "5"),
        asks_for("2017-04-15", "2016-01-10", "5", document="letter"),
    )
    (row,) = carried(found)
    assert (row.due_on, row.document) == (date(2017, 4, 15), "letter")
    assert steps(row)[-2:] == [
        ("CRC/C/NOR/CO/4", row.computed_on.isoformat(), "2016-04-15"),
        ("letter", "2016-04-15", "2017-04-15"),
    ]


def test_to_be_communicated_is_no_date():
    row = the_row(carried(facts(*UZBEKISTAN)), 6, CRC)
    assert (row.due_on, row.source, row.document) == (None, "to be communicated", "CRC/C/UZB/CO/5")
    for on in ("2022-09-23", "2026-11-29", "2060-01-01"):
        assert status(row, on) == "to be communicated"
    assert row.trail[-1].sentence() == (
        "The Committee, on 23 September 2022, will communicate the date of report 6; until then none is due."
    )


def test_to_be_communicated_may_speak_of_the_next_report_without_a_number():
    # Twelve rows of committee_dates_crc.csv have no numbers.
    (row,) = carried(facts(*SILENT, later("2022-09-23", document="CRC/C/DEU/CO/5")))
    assert said([row]) == [(0, 0, None, "to be communicated")]
    assert row.trail[-1].sentence() == (
        "The Committee, on 23 September 2022, will communicate the date of the next report under the Convention; "
        "until then none is due."
    )


def test_the_report_that_comes_then_is_that_next_report():
    found = facts(*SILENT, later("2022-09-23", document="CRC/C/DEU/CO/5"), crc_report("2026-03-01", "7"))
    (row,) = carried(found)
    assert (row.cycle, row.received_on, row.document, row.source) == (
        7,
        date(2026, 3, 1),
        "CRC/C/DEU/CO/5",
        "to be communicated",
    )
    assert status(row, "2026-11-29") == "received on time"
    assert row.awaiting_since == date(2026, 3, 1)


def test_a_year_alone_is_late_only_after_the_year():
    # Burkina Faso, cover of CRC/C/BFA/5-6: "due in 2017".
    found = facts(
        opsc("2006-03-31", recorded="2006-04-30"),
        crc("1990-08-31"),
        report(None, reviewed="2013-01-21"),
        asks_for("2017-12-31", "2010-01-29", "5-6", document="CRC/C/BFA/CO/3-4", precision="year"),
    )
    (row,) = carried(found)
    assert (row.due_on, row.year_only) == (date(2017, 12, 31), True)
    assert [status(row, on) for on in ("2017-01-01", "2017-12-31", "2018-01-01")] == [
        "due within 12 months",
        "due within 12 months",
        "overdue",
    ]
    assert row.trail[-1].sentence() == (
        "The Committee, on 29 January 2010, asks for reports 5 to 6 combined in the year that ends on 31 December "
        "2017; the document prints the year alone, so the report is late only after that day."
    )


def test_a_day_that_is_inferred_from_a_year_is_no_year_alone():
    # The USA: the year 2016 is printed, the day is inferred.
    found = facts(*SILENT, asks_for("2016-01-23", "2013-02-01", "5", precision="year"))
    (row,) = carried(found)
    assert row.year_only is False
    assert "the document prints no exact day, so the day is inferred" in row.trail[-1].sentence()


# --- 3. the Committee's word closes the grid behind it ------------------------------------------------


def test_nothing_beyond_what_the_committee_names_is_owed():
    found = facts(*SILENT, asks_for("2012-04-15", "2008-06-17", "5-6"))
    assert open_on(found, "2026-11-29") == [(5, 6, "2012-04-15", "committee")]
    # Under the calendar 5, 6, 7 and 8 would be owed by then, and more later.
    assert [row.cycle for row in carried(found, until="2029-12-31", periodic_rule=GRID)] == [4, 5, 6, 7, 8]


def test_asking_for_a_later_report_closes_the_one_asked_for_before():
    found = facts(
        *SILENT, asks_for("2012-04-15", "2008-06-17", "4"), asks_for("2018-04-15", "2016-06-17", "5-6")
    )
    assert open_on(found, "2016-06-16") == [(4, 4, "2012-04-15", "committee")]
    assert said(carried(found)) == [(5, 6, "2018-04-15", "committee")]
    assert [step.end for step in carried(found)[0].trail[-2:]] == [date(2007, 6, 1), date(2018, 4, 15)]
    assert spans(found, 4, CRC) == [("2008-06-17", "2016-06-17")]


# --- 4. a report received and not yet reviewed closes everything after it ----------------------------


def test_iran_awaits_the_review_of_its_report():
    (row,) = carried(facts(*IRAN))
    assert said([row]) == [(5, 6, "2021-12-31", "committee")]
    assert row.awaiting_since == row.received_on == date(2023, 10, 31)
    assert steps(row)[-2:] == [
        ("CRC/C/IRN/CO/3-4", row.computed_on.isoformat(), "2021-12-31"),
        ("Practice of the Committee", "2023-10-31", None),
    ]
    assert status(row, "2026-11-29") == "received late"
    assert row.trail[-1].sentence() == (
        "The report was received on 31 October 2023 and awaits the Committee's review; no later report is due "
        "until the Committee sets its date."
    )
    assert open_on(facts(*IRAN), "2026-11-29") == []


def test_with_its_review_the_wait_ends_and_the_next_report_is_open():
    found = facts(*IRAN, review("2027-02-05", "5-6", document="CRC/C/IRN/CO/5-6"))
    reviewed, following = carried(found)
    assert reviewed.awaiting_since is None
    assert "awaits the Committee's review" not in reviewed.trail[-1].sentence()
    assert said([following]) == [(0, 0, None, "treaty calendar")]
    assert (following.document, following.decided_on) == ("CRC/C/IRN/CO/5-6", date(2027, 2, 5))
    assert carried(found, "2027-02-04") == carried(facts(*IRAN))


def test_a_review_without_a_number_ends_the_wait_too():
    found = facts(*IRAN, review("2027-02-05", document="CRC/C/15/Add.9"))
    assert [row.awaiting_since for row in carried(found)] == [None, None]


def test_a_review_of_an_earlier_report_does_not_end_the_wait():
    found = facts(*IRAN, review("2024-02-05", "3-4", document="CRC/C/IRN/CO/3-4/Add.1"))
    assert [row.awaiting_since for row in carried(found)] == [date(2023, 10, 31)]


def test_the_review_of_the_report_itself_ends_the_wait():
    # Kazakhstan: report 4 received 2011-11-09, reviewed 2015-10-02.
    found = facts(*SILENT, crc_report("2011-11-09", "4", reviewed="2015-10-02"))
    assert [row.awaiting_since for row in carried(found, "2015-10-01")] == [date(2011, 11, 9)]
    assert open_on(found, "2015-10-02") == [(0, 0, None, "treaty calendar")]


def test_a_report_of_which_only_the_source_is_known_waits_from_that_day_at_the_latest():
    # Kazakhstan, CRC/C/KAZ/5-6: known from the list of issues of 2025-11-06; day of receipt not found.
    (row,) = carried(facts(*SILENT, crc_report(None, "5-6", known_by="2025-11-06")))
    assert (row.received_on, row.awaiting_since) == (None, date(2025, 11, 6))
    assert status(row, "2025-11-06") == "received, date unknown"


def test_an_older_report_that_is_known_late_does_not_close_the_next_one():
    # Its receipt is not known, and the Committee has asked for the one after it meanwhile.
    found = facts(
        *SILENT, asks_for("2029-03-01", "2021-06-04", "7"), crc_report(None, "5-6", known_by="2025-12-04")
    )
    assert open_on(found, "2026-11-29") == [(7, 7, "2029-03-01", "committee")]
    assert [row.awaiting_since for row in carried(found)] == [None, None]


def test_a_report_that_is_known_after_its_review_names_no_observations_of_its_own():
    # Luxembourg: CRC/C/LUX/CO/5-6 of 2021-06-04; report 5-6 is known from there alone.
    observed = (
        review("2011-06-04", "3-4", document="CRC/C/LUX/CO/3-4"),
        review("2021-06-04", "5-6", document="CRC/C/LUX/CO/5-6"),
    )
    found = facts(*SILENT, *observed, crc_report(None, "5-6", known_by="2025-12-04"))
    assert the_row(carried(found), 5, CRC).document == ""
    assert the_row(carried(found), 0, CRC).document == "CRC/C/LUX/CO/5-6"


def test_a_report_that_comes_although_another_was_asked_for_awaits_its_review():
    found = facts(*SILENT, asks_for("2029-03-01", "2021-06-04", "7"), crc_report("2025-12-04", "6"))
    assert open_on(found, "2026-11-29") == []
    assert [(row.cycle, row.awaiting_since) for row in carried(found)] == [(6, date(2025, 12, 4))]


def test_the_committee_may_ask_for_the_next_report_before_the_review():
    found = facts(*IRAN, asks_for("2030-03-01", "2026-06-04", "7", document="CRC/C/IRN/QPR/7", source=PRIOR))
    assert open_on(found, "2026-11-29") == [(7, 7, "2030-03-01", PRIOR)]
    assert the_row(carried(found), 5, CRC).awaiting_since is None


def test_a_further_report_that_comes_meanwhile_is_the_one_that_waits():
    found = facts(*IRAN, crc_report("2028-10-31", "7"))
    assert [(row.cycle, row.document, row.awaiting_since) for row in carried(found)] == [
        (5, "CRC/C/IRN/CO/3-4", None),
        (7, "CRC/C/IRN/CO/3-4", date(2028, 10, 31)),
    ]
    # No document states its date: the calendar alone would give the first day after its receipt.
    assert carried(found)[1].computed_on == date(2031, 8, 12)


def test_the_first_report_under_the_crc_can_be_the_one_that_waits():
    young = facts(opsc("2014-01-10"), crc("2013-06-01"), report("2014-12-01"), crc_report("2015-06-01", "1"))
    assert [(row.cycle, row.awaiting_since) for row in carried(young)] == [(1, date(2015, 6, 1))]


def test_a_part_of_the_reports_that_are_asked_for_answers_the_row_that_asks_for_them():
    found = facts(*SILENT, asks_for("2016-04-15", "2011-06-17", "5-6"), crc_report("2016-04-01", "6"))
    assert [(row.cycle, row.last_cycle, row.received_on) for row in carried(found)] == [
        (5, 6, date(2016, 4, 1))
    ]


def test_a_review_of_the_report_before_does_not_conclude_the_next_one():
    found = facts(
        *SILENT, asks_for("2016-04-15", "2011-06-17", "5"), review("2012-02-03", "4", document="CO/4")
    )
    assert open_on(found, "2026-11-29") == [(5, 5, "2016-04-15", "committee")]


def test_the_day_of_a_dialogue_known_to_the_month_takes_back_nothing_that_was_said():
    # The month's last day stands for the dialogue, and lies after the observations.
    found = facts(
        *SILENT,
        crc_report("2014-03-01", "3-4", reviewed="2016-06-30"),
        review("2016-06-03", "3-4", document="CO/3-4"),
        later("2016-06-03", document="CO/3-4"),
    )
    row = the_row(carried(found), 0, CRC)
    assert (row.source, row.document) == ("to be communicated", "CO/3-4")
    undecided = facts(*found.actions, *found.reports, *found.reviews)
    assert the_row(carried(undecided), 0, CRC).document == "CO/3-4"


def test_a_date_for_a_report_that_is_behind_the_state_opens_nothing():
    behind = (*SILENT, review("2016-06-03", "5-6", document="CO/5-6"))
    for numbers in ("5", "6"):
        found = facts(*behind, asks_for("2020-01-01", "2017-01-01", numbers))
        assert open_on(found, "2026-11-29") == [(0, 0, None, "treaty calendar")]
    found = facts(*behind, asks_for("2020-01-01", "2017-01-01", "7"))
    assert open_on(found, "2026-11-29") == [(7, 7, "2020-01-01", "committee")]
    assert steps(carried(found)[0])[3] == ("CO/5-6", "2016-06-03", "2016-06-03")


def test_a_date_set_for_a_report_that_has_come_opens_nothing():
    found = facts(*IRAN, asks_for("2023-12-31", "2024-01-31", "5-6", document="CRC/C/IRN/CO/3-4/Corr.1"))
    (row,) = carried(found)
    assert (row.due_on, row.awaiting_since) == (date(2023, 12, 31), date(2023, 10, 31))
    assert status(row, "2026-11-29") == "received on time"


# --- 5. no document: date not recorded ---------------------------------------------------------------


def test_gabon_has_no_recorded_date_and_shows_its_last_observations():
    row = the_row(carried(facts(*GABON)), 0, CRC)
    assert (row.due_on, row.source) == (None, "treaty calendar")
    assert (row.document, row.decided_on) == ("CRC/C/GAB/CO/2", date(2016, 6, 3))
    # The calendar alone: 1996-03-11 and every five years; the first after the review is 2021-03-11.
    assert (row.computed_on, row.year_only) == (date(2021, 3, 11), False)
    assert steps(row) == [
        ("Depositary", "1994-02-09", "1994-02-09"),
        ("CRC art. 49(2)", "1994-02-09", "1994-03-11"),
        ("OPSC art. 12(2)", "2016-05-27", "2016-05-27"),
        ("CRC/C/GAB/CO/2", "2016-06-03", "2016-06-03"),
        ("CRC art. 44(1)(b)", "1994-03-11", "2021-03-11"),
    ]
    assert [step.sentence() for step in row.trail[-2:]] == [
        "The last concluding observations known here were adopted on 3 June 2016.",
        (
            "No document with the date of the next report is recorded here, so no date counts. The five-year "
            "calendar of article 44(1)(b) alone would give 11 March 2021."
        ),
    ]


@pytest.mark.parametrize(
    "on", ["2016-06-03", "2020-03-11", "2021-03-11", "2021-03-12", "2026-11-29", "2060-01-01"]
)
def test_it_is_never_overdue_and_never_due_soon(on):
    row = the_row(carried(facts(*GABON)), 0, CRC)
    assert status(row, on) == "date not recorded"
    assert status(row, on, Records(known=False)) == "date not recorded"


def test_not_even_somebody_who_confirms_that_nothing_came_makes_it_overdue():
    found = facts(*GABON, non_receipt("2026-01-01", 0, kind="periodic", carried_by=CRC))
    assert status(the_row(carried(found), 0, CRC), "2026-11-29") == "date not recorded"


def test_no_lateness_is_told_of_a_report_that_came_without_a_recorded_date():
    found = facts(*SILENT, crc_report("2012-10-31", "3-4"))
    (row,) = carried(found)
    assert (row.received_on, row.source, status(row, "2026-11-29")) == (
        date(2012, 10, 31),
        "treaty calendar",
        "received, date unknown",
    )
    assert any(
        "No document with the date of this report is recorded here." in step.sentence() for step in row.trail
    )


@pytest.mark.parametrize(
    ("reviewed", "computed"),
    [
        # CRC in force 1992-04-05: first report due 1994-04-05, then every five years.
        pytest.param("2014-04-04", "2014-04-05", id="the day before a date of the calendar"),
        pytest.param("2014-04-05", "2019-04-05", id="the day itself: the next one lies after it"),
    ],
)
def test_the_day_of_the_calendar_lies_after_the_last_observations(reviewed, computed):
    found = facts(*SILENT, review(reviewed))
    (row,) = carried(found)
    assert row.computed_on.isoformat() == computed


def test_before_any_observations_the_calendar_counts_from_the_initial_report():
    (row,) = carried(facts(*SILENT))  # received 2007-06-01
    assert (row.computed_on, row.document, row.decided_on) == (date(2009, 4, 5), "", None)


def test_the_whole_calendar_of_the_treaty_stays_to_be_seen():
    found = facts(*GABON)
    calendar = treaty_calendar(found, until=day("2036-12-31"))
    assert [(row.cycle, row.due_on.isoformat()) for row in calendar if row.due_on] == [
        (6, "2021-03-11"),
        (7, "2026-03-11"),
        (8, "2031-03-11"),
        (9, "2036-03-11"),
    ]
    assert {row.carried_by for row in calendar} == {CRC}


# --- 6. reports received on or after the day of the initial report carry the information ---------------


def test_a_report_whose_numbers_fell_due_before_carries_the_information_all_the_same():
    # By the calendar report 3 fell due on 2004-04-05; it came after the initial report of 2007-06-01.
    assert [row.cycle for row in carried(facts(*SILENT, crc_report("2008-10-31", "3")))] == [3]


@pytest.mark.parametrize(
    ("received", "carries"),
    [
        pytest.param("2007-05-31", False, id="the day before the initial report"),
        pytest.param("2007-06-01", True, id="its day"),
        pytest.param("2007-06-02", True, id="the day after"),
    ],
)
def test_the_day_of_the_initial_report_decides(received, carries):
    found = facts(*SILENT, crc_report(received, "3"), review("2009-06-12", "3"))
    assert [row.cycle for row in carried(found)] == ([3, 0] if carries else [0])


# --- a list of issues prior to reporting -----------------------------------------------------------------


def test_a_report_two_weeks_before_the_date_of_the_list_is_on_time_and_there_is_one_row():
    found = facts(*POLAND, crc_report("2019-10-16", "5-6"))
    (row,) = [row for row in dues(found) if row.kind != "initial"]
    assert (row.cycle, row.last_cycle, row.due_on, row.source) == (5, 6, date(2019, 10, 30), PRIOR)
    assert (row.document, row.received_on) == ("CRC/C/POL/QPR/5-6", date(2019, 10, 16))
    assert status(row, "2026-11-29") == "received on time"


def test_until_then_its_date_is_that_of_the_report():
    (row,) = carried(facts(*POLAND))
    assert [status(row, on) for on in ("2019-10-30", "2019-10-31")] == ["due within 12 months", "overdue"]


def test_a_list_takes_the_place_of_the_date_in_the_observations():
    found = facts(
        *SILENT,
        asks_for("2018-04-15", "2014-06-13", "5-6"),
        asks_for("2019-10-30", "2018-11-21", "5-6", document="QPR", source=PRIOR),
    )
    assert said(carried(found)) == [(5, 6, "2019-10-30", PRIOR)]


def test_a_list_without_a_day_counts_from_the_date_that_it_states():
    # Hungary: CRC/C/HUN/QPR/6, due 2019-06-15; its own day is not known.
    asked = asks_for("2019-06-15", None, "6", document="CRC/C/HUN/QPR/6", source=PRIOR)
    found = facts(*SILENT, asked)
    assert open_on(found, "2019-06-14") == [(0, 0, None, "treaty calendar")]
    assert open_on(found, "2019-06-15") == [(6, 6, "2019-06-15", PRIOR)]
    (row,) = carried(found)
    assert row.trail[-1].sentence() == (
        "The Committee, on a day that is not recorded here, asks for report 6 by 15 June 2019."
    )
    assert status(row, "2019-06-16") == "overdue"


def test_a_report_that_came_before_a_list_without_a_day_counts_is_on_time():
    # Hungary's report came before the date: the list is then about a report that has come.
    asked = asks_for("2019-06-15", None, "6", document="CRC/C/HUN/QPR/6", source=PRIOR)
    (row,) = carried(facts(*SILENT, asked, crc_report("2019-06-01", "6")))
    assert (row.cycle, row.due_on, row.source) == (6, date(2019, 6, 15), PRIOR)
    assert (status(row, "2026-11-29"), row.awaiting_since) == ("received on time", date(2019, 6, 1))


# --- records ----------------------------------------------------------------------------------------------

# Papua New Guinea: party to the CRC (deposit 1993-03-02), not to the OPSC. Suppose it had joined on 2004-03-01.
PAPUA = (crc("1993-03-02"), opsc("2004-03-01"), report("2005-05-10"))


def test_papua_new_guinea_with_an_old_initial_report_owes_nothing_by_our_ignorance():
    rows = dues(facts(*PAPUA))
    assert said(rows) == [(1, 1, "2006-04-01", "rule"), (0, 0, None, "treaty calendar")]
    assert [status(row, "2026-11-29") for row in rows] == ["received on time", "date not recorded"]


def test_a_date_of_the_committee_accuses_nobody_where_nothing_is_known_of_the_records():
    (row,) = carried(facts(*PAPUA, asks_for("2010-04-01", "2008-01-31", "4")))
    assert status(row, "2026-11-29", Records(known=False)) == "no record"
    assert status(row, "2026-11-29", Records(day("2005-01-01"))) == "overdue"
    assert status(row, "2026-11-29", Records(day("2005-01-01"), day("2010-03-31"))) == "no record"


# --- a review without a report ------------------------------------------------------------------------

ASKED = (*SILENT, asks_for("2016-04-15", "2011-06-17", "5"))


def test_a_review_without_a_report_leaves_it_not_received_and_expects_it_no_more():
    found = facts(*ASKED, review("2019-02-01", "5", document="CRC/C/DEU/CO/5", without=True))
    reviewed, following = carried(found)
    assert (reviewed.cycle, reviewed.answered_on, reviewed.waived) == (5, None, True)
    assert reviewed.reviewed_without_on == reviewed.decided_on == date(2019, 2, 1)
    assert (reviewed.due_on, reviewed.document) == (date(2016, 4, 15), "CRC/C/DEU/CO/5")
    assert status(reviewed, "2026-11-29") == "waived"
    assert said([following]) == [(0, 0, None, "treaty calendar")]
    assert steps(reviewed)[-1] == ("CRC/C/DEU/CO/5", "2016-04-15", "2019-02-01")
    assert reviewed.trail[-1].sentence() == (
        "The Committee reviewed the State on 1 February 2019 without a report. The report was not received; the "
        "next date is the one that the concluding observations state."
    )
    assert status(*carried(found, "2019-01-31"), "2019-01-31") == "overdue"


def test_a_combined_review_without_a_report_is_called_by_the_numbers_that_are_left():
    found = facts(
        *SILENT,
        review("2012-06-15", "4", document="CO/4"),
        review("2019-02-01", "4-5", document="CO/4-5", without=True),
    )
    assert [(row.cycle, row.last_cycle, row.waived) for row in carried(found)] == [
        (5, 5, True),
        (0, 0, False),
    ]
    again = facts(
        *found.actions,
        *found.reports,
        *found.reviews,
        review("2020-02-01", "5", document="CO/5", without=True),
    )
    assert [row.cycle for row in carried(again)] == [5, 0]


def test_the_next_date_is_the_one_in_those_observations():
    found = facts(
        *ASKED,
        review("2019-02-01", "5", document="CRC/C/DEU/CO/5", without=True),
        asks_for("2024-03-01", "2019-02-01", "6", document="CRC/C/DEU/CO/5"),
    )
    assert [(row.cycle, row.waived) for row in carried(found)] == [(5, True), (6, False)]
    assert open_on(found, "2026-11-29") == [(6, 6, "2024-03-01", "committee")]


def test_the_committee_may_ask_for_the_same_report_again():
    found = facts(
        *ASKED,
        review("2019-02-01", "5", document="CRC/C/DEU/CO/5", without=True),
        asks_for("2021-03-01", "2019-02-01", "5", document="CRC/C/DEU/CO/5"),
    )
    (row,) = carried(found)
    assert (row.cycle, row.due_on, row.waived, row.reviewed_without_on) == (5, date(2021, 3, 1), False, None)
    assert status(row, "2021-03-02") == "overdue"
    assert "without a report" in row.trail[-2].sentence()
    assert steps(row)[-3:] == [
        ("CRC/C/NOR/CO/4", row.computed_on.isoformat(), "2016-04-15"),
        ("CRC/C/DEU/CO/5", "2016-04-15", "2019-02-01"),
        ("CRC/C/DEU/CO/5", "2016-04-15", "2021-03-01"),
    ]
    (answered,) = carried(
        facts(*found.actions, *found.reports, *found.decisions, *found.reviews, crc_report("2021-02-01", "5"))
    )
    assert (status(answered, "2026-11-29"), answered.awaiting_since) == ("received on time", date(2021, 2, 1))


def test_a_report_that_comes_after_all_answers_it_and_opens_no_wait():
    found = facts(
        *ASKED,
        review("2019-02-01", "5", document="CRC/C/DEU/CO/5", without=True),
        asks_for("2024-03-01", "2019-02-01", "6", document="CRC/C/DEU/CO/5"),
        crc_report("2019-07-01", "5"),
    )
    came = the_row(carried(found), 5, CRC)
    assert (came.received_on, status(came, "2026-11-29")) == (date(2019, 7, 1), "received late")
    assert came.awaiting_since is None
    assert open_on(found, "2026-11-29") == [(6, 6, "2024-03-01", "committee")]


def test_a_report_combined_with_it_answers_both():
    found = facts(
        *ASKED,
        review("2019-02-01", "5", document="CRC/C/DEU/CO/5", without=True),
        asks_for("2024-03-01", "2019-02-01", "6", document="CRC/C/DEU/CO/5"),
        crc_report("2024-02-01", "5-6"),
    )
    assert [(row.cycle, row.last_cycle, status(row, "2026-11-29")) for row in carried(found)] == [
        (5, 5, "received late"),
        (6, 6, "received on time"),
    ]


def test_a_review_without_a_report_of_which_no_date_is_recorded_is_told_as_well():
    found = facts(*SILENT, review("2019-02-01", "5", document="CRC/C/DEU/CO/5", without=True))
    assert [(row.cycle, row.waived, row.reviewed_without_on) for row in carried(found)] == [
        (5, True, date(2019, 2, 1)),
        (0, False, None),
    ]


def test_a_review_of_a_report_that_is_not_recorded_here_says_that_it_had_come():
    found = facts(*ASKED, review("2019-02-01", "5", document="CRC/C/DEU/CO/5"))
    came, following = carried(found)
    assert (came.answered_on, came.received_on, came.waived) == (date(2019, 2, 1), None, False)
    assert status(came, "2026-11-29") == "received, date unknown"
    assert said([following]) == [(0, 0, None, "treaty calendar")]


@pytest.mark.parametrize("paragraph", ["", "92"])
@pytest.mark.parametrize("cycles", ["6-7", ""])
def test_observations_review_no_report_that_they_ask_for_themselves(cycles, paragraph):
    # Their day is entered twice, once as that of the session's end: the decision comes first.
    outcome = later if not cycles else lambda on, cycles, **more: asks_for("2022-01-14", on, cycles, **more)
    found = facts(
        *SILENT,
        outcome("2016-06-03", cycles, document="CRC/C/GBR/CO/5", paragraph=paragraph),
        review("2016-06-10", document="CRC/C/GBR/CO/5"),
    )
    (row,) = carried(found)
    assert (row.answered_on, row.document) == (None, "CRC/C/GBR/CO/5")
    cited = "CRC/C/GBR/CO/5, para. 92" if paragraph else "CRC/C/GBR/CO/5"
    assert row.trail[-1].source == cited


def test_a_later_review_ends_what_an_earlier_one_had_to_be_communicated():
    found = facts(*SILENT, later("2016-06-03", document="CO/5"), review("2024-06-03", document="CO/7"))
    (row,) = carried(found)
    assert (row.source, row.document) == ("treaty calendar", "CO/7")


# --- withdrawal, waiver, revision ------------------------------------------------------------------------


def test_a_report_that_the_state_withdraws_answers_nothing_from_then_on():
    found = facts(*ASKED, crc_report("2016-04-01", "5", withdrawn="2017-05-01"))
    (before,), (after,) = carried(found, "2017-04-30"), carried(found, "2017-05-01")
    assert (before.received_on, before.awaiting_since) == (date(2016, 4, 1), date(2016, 4, 1))
    assert (after.received_on, after.awaiting_since) == (None, None)
    assert status(before, "2017-04-30") == "received on time"
    assert status(after, "2017-05-01") == "overdue"
    assert after.trail[-1].sentence() == (
        "The report received by 1 April 2016 was withdrawn by the State on 1 May 2017."
    )
    assert spans(found, 5, CRC) == [
        ("2011-06-17", "2016-04-01"),
        ("2016-04-01", "2017-05-01"),
        ("2017-05-01", None),
    ]


def test_the_trail_tells_of_no_withdrawal_of_another_report():
    found = facts(
        *ASKED,
        crc_report("2013-04-01", "4", withdrawn="2014-05-01"),
        report("2015-04-01", "5", withdrawn="2017-05-01"),
    )
    (row,) = [row for row in carried(found) if row.cycle == 5]
    assert [step.source for step in row.trail] == [
        "Depositary",
        "CRC art. 49(2)",
        "OPSC art. 12(2)",
        "CRC/C/NOR/CO/4",
    ]


def test_a_report_that_the_committee_asks_for_no_more_is_waived():
    found = facts(*ASKED, asks_for(None, "2015-01-30", "5", outcome="waived", document="letter"))
    waived, following = carried(found)
    assert (waived.cycle, waived.due_on, waived.waived, waived.reviewed_without_on) == (5, None, True, None)
    assert status(waived, "2026-11-29") == "waived"
    assert said([following]) == [(0, 0, None, "treaty calendar")]


def test_the_committee_may_ask_for_it_all_the_same():
    found = facts(
        *ASKED,
        asks_for(None, "2015-01-30", "5", outcome="waived", document="letter"),
        asks_for("2018-01-30", "2016-01-30", "5", document="letter 2"),
    )
    assert said(carried(found)) == [(5, 5, "2018-01-30", "committee")]


def test_a_waived_report_that_came_all_the_same_is_received():
    found = facts(*ASKED, asks_for(None, "2015-01-30", "5", outcome="waived"), crc_report("2016-04-01", "5"))
    assert status(carried(found)[0], "2026-11-29") == "received on time"


def test_a_report_that_is_waived_after_it_came_has_no_date_and_says_why():
    found = facts(*ASKED, crc_report("2016-04-01", "5"), asks_for(None, "2017-01-30", "5", outcome="waived"))
    (row,) = carried(found)
    assert (row.due_on, row.waived, row.source) == (None, True, "committee")
    assert status(row, "2026-11-29") == "received on time"


def test_a_revision_moves_no_receipt_and_opens_no_second_wait():
    found = facts(
        *ASKED,
        crc_report("2016-04-01", "5"),
        review("2018-02-02", "5"),
        crc_report("2018-09-01", "5"),
    )
    assert [(row.cycle, row.received_on, row.awaiting_since) for row in carried(found)] == [
        (5, date(2016, 4, 1), None),
        (0, None, None),
    ]


def test_an_older_report_that_comes_after_a_younger_one_opens_no_wait():
    found = facts(
        *ASKED, crc_report("2016-04-01", "5"), review("2018-02-02", "5"), crc_report("2018-09-01", "4")
    )
    assert [(row.cycle, row.awaiting_since) for row in carried(found)] == [(5, None), (0, None), (4, None)]


# --- joining and leaving ------------------------------------------------------------------------------------


def test_if_the_usa_joined_the_crc_its_received_fifth_report_stays():
    usa = (
        opsc("2002-12-23", recorded="2003-01-23"),
        report("2007-05-10"),
        report("2010-01-25", "2"),
        report("2016-01-22", "3-4"),
        report("2022-01-23", "5"),
    )
    rows = dues(facts(*usa, crc("2026-11-30")))  # in force 2026-12-30
    assert [(row.carried_by, row.cycle, row.received_on) for row in rows] == [
        ("own", 1, date(2007, 5, 10)),
        ("own", 2, date(2010, 1, 25)),
        ("own", 3, date(2016, 1, 22)),
        ("own", 4, date(2016, 1, 22)),
        ("own", 5, date(2022, 1, 23)),
        (CRC, 0, None),
    ]


# Norway's days: OPSC in force 2002-01-18, CRC in force 1991-02-07; own reports 2009-01-18, 2014-01-18, …
LEFT = (opsc("2001-10-02"), crc("1991-01-08"), report("2004-02-02"), crc("2009-06-01", "denunciation"))


def test_the_own_series_resumes_when_a_state_leaves_the_crc():
    # Effective 2010-06-01: report 2, due 2009-01-18, was the Convention's; report 3 is the State's own.
    found = facts(*LEFT)
    assert [(row.carried_by, row.cycle) for row in dues(found, until="2020-12-31")] == [
        ("own", 1),
        ("own", 3),
        ("own", 4),
    ]
    assert [row.cycle for row in carried(found, "2009-05-31")] == [0]
    assert spans(found, 3) == [("2009-06-01", None)]


def test_a_report_that_was_asked_for_by_a_day_before_a_state_left_stays_owed():
    asked = asks_for("2010-06-01", "2008-06-01", "5")  # the day on which the denunciation takes effect
    assert open_on(facts(*LEFT, asked), "2026-11-29") == [(5, 5, "2010-06-01", "committee")]
    asked = asks_for("2010-06-02", "2008-06-01", "5")
    assert open_on(facts(*LEFT, asked), "2026-11-29") == []


def test_a_state_that_leaves_the_opsc_is_asked_for_no_next_report():
    found = facts(*SILENT, opsc("2015-03-01", "denunciation"))
    assert [row.cycle for row in carried(found, "2015-02-28")] == [0]
    assert carried(found, "2015-03-01") == []
    reviewed = facts(
        *ASKED, review("2014-02-01", "5", document="CO/5", without=True), opsc("2018-03-01", "denunciation")
    )
    assert [(row.cycle, row.waived) for row in carried(reviewed)] == [(5, True)]


def test_what_was_answered_under_the_crc_stays_when_a_state_leaves_it():
    found = facts(*LEFT, crc_report("2006-03-01", "4"))
    assert [(row.cycle, row.received_on) for row in carried(found)] == [(4, date(2006, 3, 1))]


def test_a_state_that_joins_the_crc_again_owes_its_next_report_again():
    found = facts(*LEFT, crc("2015-03-01", "accession"))  # in force 2015-03-31
    rows = dues(found, until="2030-12-31")
    assert [(row.carried_by, row.cycle, row.due_on) for row in rows] == [
        ("own", 1, date(2004, 1, 18)),
        ("own", 3, date(2014, 1, 18)),
        (CRC, 0, None),
    ]
    # Two years after the second entry into force.
    assert rows[-1].computed_on == date(2017, 3, 31)


def test_a_state_that_joins_the_opsc_again_keeps_its_answers():
    found = facts(
        opsc("2002-12-23"),
        report("2004-05-10"),
        opsc("2009-01-22", "denunciation"),
        opsc("2012-03-01", "accession"),
    )
    # The series is counted from the first entry into force, 2003-01-23; report 2 fell due outside.
    assert [(row.cycle, row.due_on) for row in dues(found, until="2020-12-31")] == [
        (1, date(2005, 1, 23)),
        (3, date(2015, 1, 23)),
        (4, date(2020, 1, 23)),
    ]


def test_a_state_that_left_before_its_initial_report_fell_due_owes_it_from_the_second_time_on():
    found = facts(opsc("2002-12-23"), opsc("2003-06-01", "denunciation"), opsc("2010-03-01", "accession"))
    assert [(row.cycle, row.due_on) for row in dues(found, until="2018-12-31")] == [
        (1, date(2012, 4, 1)),
        (2, date(2017, 4, 1)),
    ]


def test_the_first_and_second_report_in_one_answer_both():
    found = facts(opsc("2002-12-23"), report("2011-05-10", "1-2"))
    assert [(row.kind, row.cycle, row.received_on) for row in dues(found, until="2015-12-31")] == [
        ("initial", 1, date(2011, 5, 10)),
        ("periodic", 2, date(2011, 5, 10)),
        ("periodic", 3, None),
    ]


def test_a_second_report_that_was_answered_stays_when_the_state_was_party_to_the_crc_all_the_time():
    found = facts(opsc("2001-10-02"), crc("1991-01-08"), report("2011-05-10", "1-2"))
    assert [(row.carried_by, row.cycle, row.received_on) for row in dues(found)] == [
        ("own", 1, date(2011, 5, 10)),
        ("own", 2, date(2011, 5, 10)),
        (CRC, 0, None),
    ]


# --- the other rules ---------------------------------------------------------------------------------------


def test_the_words_of_the_committee_count_in_the_calendar_too():
    found = facts(*POLAND, crc_report("2019-10-16", "5-6"))
    rows = carried(found, until="2022-12-31", periodic_rule=PeriodicRule.TREATY_CALENDAR)
    assert [(row.cycle, row.due_on, row.received_on) for row in rows] == [
        (4, date(2008, 7, 7), None),
        (5, date(2019, 10, 30), date(2019, 10, 16)),
        (6, date(2019, 10, 30), date(2019, 10, 16)),
    ]


def test_under_the_plain_rule_there_is_no_carried_report():
    assert carried(facts(*IRAN), periodic_rule=PeriodicRule.PLAIN) == []
