"""What a State owes: whole States worked out by hand.

The reports that those under the CRC carry follow the five-year calendar here (`GRID`), which an installation can
choose. That the Committee sets their dates is proved in test_carried.py.
"""

from dataclasses import replace
from datetime import date

import pytest

from tests.factories import day
from tests.rules.build import CRC, GRID, crc, decision, dues, facts, opsc, report, spans, steps, the_row, told
from tracker.rules.schedule import PeriodicRule

# United States of America: party to the OPSC (signed 2000-07-05, deposit 2002-12-23), not to the CRC.
# Receipts from CRC/C/OPSC/USA/1, /2, /3-4, /5; the Committee's dates from the covers of the last two.
USA = facts(
    opsc("2000-07-05", "signature"),
    opsc("2002-12-23", recorded="2003-01-23"),
    report("2007-05-10"),
    report("2010-01-25", "2"),
    report("2016-01-22", "3-4"),
    report("2022-01-23", "5"),
    decision("2016-01-23", "2013-02-01", "3-4", precision="year"),
    decision("2022-01-23", "2017-06-02", "5", document="CRC/C/OPSC/USA/CO/3-4", precision="year"),
)
# Norway: OPSC ratified 2001-10-02, CRC 1991-01-08 (in force 1991-02-07); initial report reviewed 2005-06-03.
NORWAY = facts(
    opsc("2000-06-13", "signature"),
    opsc("2001-10-02"),
    crc("1991-01-08"),
    report(None, reviewed="2005-06-03"),
)
# Belize: OPSC 2003-12-01 (in force 2004-01-01), CRC 1990-05-02; no report is known.
BELIZE = facts(opsc("2000-09-06", "signature"), opsc("2003-12-01", recorded="2004-01-01"), crc("1990-05-02"))


# --- the United States: a series of its own -----------------------------------------------------


def test_usa_owes_every_five_years_unless_the_committee_says_otherwise():
    assert told(dues(USA, until="2036-11-22")) == [
        ("own", 1, "2005-01-23", "2005-01-23"),
        ("own", 2, "2010-01-23", "2010-01-23"),
        ("own", 3, "2015-01-23", "2016-01-23"),
        ("own", 4, "2020-01-23", "2016-01-23"),
        ("own", 5, "2025-01-23", "2022-01-23"),
        ("own", 6, "2030-01-23", "2030-01-23"),
        ("own", 7, "2035-01-23", "2035-01-23"),
    ]


def test_usa_answers_stand_with_the_cycles_that_they_name():
    answers = {row.cycle: row.received_on for row in dues(USA, until="2030-12-31")}
    assert answers == {
        1: date(2007, 5, 10),
        2: date(2010, 1, 25),
        3: date(2016, 1, 22),
        4: date(2016, 1, 22),
        5: date(2022, 1, 23),
        6: None,
    }


def test_usa_trail_of_the_third_report_names_every_step():
    assert steps(the_row(dues(USA), 3)) == [
        ("Depositary", "2002-12-23", "2002-12-23"),
        ("OPSC art. 14(2)", "2002-12-23", "2003-01-23"),
        ("OPSC art. 12(1)", "2003-01-23", "2005-01-23"),
        ("OPSC art. 12(2)", "2005-01-23", "2015-01-23"),
        ("CRC/C/OPSC/USA/CO/2", "2015-01-23", "2016-01-23"),
    ]


def test_usa_trail_tells_what_the_committee_asked_and_what_is_inferred():
    assert [step.sentence() for step in the_row(dues(USA), 4).trail] == [
        "Instrument of ratification deposited on 23 December 2002.",
        "In force for the State one month after the deposit, on 23 January 2003.",
        "Initial report within two years of entry into force, by 23 January 2005.",
        "Every five years from then: 15 years later, report 4 by 23 January 2020.",
        (
            "The Committee, on 1 February 2013, asks for reports 3 to 4 combined by 23 January 2016; the "
            "document prints no exact day, so the day is inferred, to be confirmed."
        ),
    ]


def test_usa_sources_and_articles():
    rows = dues(USA, until="2030-12-31")
    assert [(row.cycle, row.article, row.kind, row.source) for row in rows] == [
        (1, "12.1", "initial", "rule"),
        (2, "12.2", "periodic", "rule"),
        (3, "12.2", "periodic", "committee"),
        (4, "12.2", "periodic", "committee"),
        (5, "12.2", "periodic", "committee"),
        (6, "12.2", "periodic", "rule"),
    ]


def test_a_late_initial_report_does_not_move_the_later_dates_of_the_own_series():
    early, late, never = (
        facts(opsc("2002-12-23"), *reports)
        for reports in ((report("2004-01-01"),), (report("2009-12-31"),), ())
    )
    assert told(dues(late)) == told(dues(early)) == told(dues(never))
    assert [row[3] for row in told(dues(late))][:3] == ["2005-01-23", "2010-01-23", "2015-01-23"]


def test_29_february_keeps_the_whole_own_series():
    rows = dues(facts(opsc("2004-01-29", recorded="2004-02-29")), until="2026-12-31")
    assert [row.due_on for row in rows] == [
        date(2006, 2, 28),
        date(2011, 2, 28),
        date(2016, 2, 29),
        date(2021, 2, 28),
        date(2026, 2, 28),
    ]


# --- Norway, Belize: carried by the reports under the Convention ---------------------------------


def test_norway_reports_within_its_crc_reports_from_the_first_due_after_the_review():
    assert told(dues(NORWAY, until="2025-12-31", periodic_rule=GRID)) == [
        ("own", 1, "2004-01-18", "2004-01-18"),
        (CRC, 4, "2008-02-07", "2008-02-07"),
        (CRC, 5, "2013-02-07", "2013-02-07"),
        (CRC, 6, "2018-02-07", "2018-02-07"),
        (CRC, 7, "2023-02-07", "2023-02-07"),
    ]


def test_norway_receipt_is_unknown_and_the_review_counts_as_its_latest_day():
    row = the_row(dues(NORWAY), 1)
    assert (row.answered_on, row.received_on) == (date(2005, 6, 3), None)
    assert spans(NORWAY, 4, CRC, periodic_rule=GRID) == [("2005-06-03", None)]


def test_norway_trail_starts_from_the_convention():
    row = the_row(dues(NORWAY, periodic_rule=GRID), 4, CRC)
    assert steps(row) == [
        ("Depositary", "1991-01-08", "1991-01-08"),
        ("CRC art. 49(2)", "1991-01-08", "1991-02-07"),
        ("OPSC art. 12(2)", "2005-06-03", "2005-06-03"),
        ("CRC art. 44(1)", "1991-02-07", "2008-02-07"),
    ]
    assert row.trail[2].sentence() == (
        "The initial report was received by 3 June 2005, the day of its review, at the latest; from then on "
        "each report under the Convention carries the information on the Protocol."
    )
    assert (row.trail[3].first, row.trail[3].last, row.trail[3].years) == (4, 4, 17)
    assert row.trail[3].sentence() == (
        "Report 4 under the Convention: two years after its entry into force and every five years from then, "
        "here 17 years, by 7 February 2008."
    )


def test_belize_owes_nothing_periodic_until_its_initial_report_comes():
    assert told(dues(BELIZE, until="2045-12-31")) == [("own", 1, "2006-01-01", "2006-01-01")]


def test_belize_crc_reports_carry_the_information_once_the_initial_report_is_received():
    received = replace(BELIZE, reports=(report("2012-09-01"),))
    assert told(dues(received, until="2022-12-31", periodic_rule=GRID)) == [
        ("own", 1, "2006-01-01", "2006-01-01"),
        (CRC, 5, "2012-09-02", "2012-09-02"),
        (CRC, 6, "2017-09-02", "2017-09-02"),
        (CRC, 7, "2022-09-02", "2022-09-02"),
    ]
    assert (
        the_row(dues(received, periodic_rule=GRID), 5, CRC)
        .trail[2]
        .sentence()
        .startswith("The initial report was received on 1 September 2012;")
    )


def test_a_crc_report_due_on_the_day_of_receipt_itself_carries_nothing_yet():
    received = replace(BELIZE, reports=(report("2012-09-02"),))
    assert told(dues(received, until="2018-12-31", periodic_rule=GRID))[1:] == [
        (CRC, 6, "2017-09-02", "2017-09-02")
    ]


def test_the_cycle_is_the_number_of_the_crc_report():
    # CRC in force 2015-02-22 (South Sudan): the second report is due seven years after it.
    young = facts(opsc("2018-09-27"), crc("2015-01-23"), report("2020-10-26"))
    assert told(dues(young, until="2027-12-31", periodic_rule=GRID))[1:] == [
        (CRC, 2, "2022-02-22", "2022-02-22"),
        (CRC, 3, "2027-02-22", "2027-02-22"),
    ]


def test_the_first_crc_report_carries_too_if_it_falls_due_after_the_initial_opsc_report():
    young = facts(opsc("2014-01-10"), crc("2013-06-01"), report("2014-12-01"))
    assert told(dues(young, until="2016-12-31", periodic_rule=GRID)) == [
        (CRC, 1, "2015-07-01", "2015-07-01"),
        ("own", 1, "2016-02-10", "2016-02-10"),
    ]


def test_the_plain_rule_gives_every_state_its_own_series():
    rows = dues(NORWAY, until="2020-12-31", periodic_rule=PeriodicRule.PLAIN)
    assert told(rows) == [
        ("own", 1, "2004-01-18", "2004-01-18"),
        ("own", 2, "2009-01-18", "2009-01-18"),
        ("own", 3, "2014-01-18", "2014-01-18"),
        ("own", 4, "2019-01-18", "2019-01-18"),
    ]


def test_the_plain_rule_leaves_out_all_that_is_recorded_of_reports_under_the_crc():
    found = facts(
        *NORWAY.actions,
        report("2012-01-01", "3", carried_by=CRC),
        decision("2021-02-07", "2018-06-01", "4", carried_by=CRC),
    )
    without = facts(*NORWAY.actions)
    assert dues(found, periodic_rule=PeriodicRule.PLAIN) == dues(without, periodic_rule=PeriodicRule.PLAIN)


def test_the_plain_rule_counts_answers_and_decisions_of_the_own_series_of_a_party_to_the_crc():
    found = facts(*NORWAY.actions, report("2012-01-01", "3"), decision("2021-02-07", "2018-06-01", "4"))
    rows = dues(found, until="2020-12-31", periodic_rule=PeriodicRule.PLAIN)
    assert the_row(rows, 3).received_on == date(2012, 1, 1)
    assert [row.cycle for row in rows] == [1, 2, 3]  # the fourth was put off beyond the calendar asked for
    assert the_row(dues(found, periodic_rule=PeriodicRule.PLAIN), 4).due_on == date(2021, 2, 7)


# --- what the Committee states --------------------------------------------------------------------


def test_a_date_to_be_communicated_leaves_the_computed_one_visible():
    asked = decision(None, "2013-02-01", "3", outcome="to be communicated")
    row = the_row(dues(facts(opsc("2002-12-23"), asked)), 3)
    assert (row.due_on, row.computed_on, row.source, row.waived) == (
        None,
        date(2015, 1, 23),
        "to be communicated",
        False,
    )
    assert row.trail[-1].sentence() == (
        "The Committee, on 1 February 2013, will communicate the date of report 3; until then none is due."
    )


def test_a_waived_report_has_no_date():
    asked = decision(None, "2013-02-01", "3-4", outcome="waived")
    rows = dues(facts(opsc("2002-12-23"), asked))
    for cycle in (3, 4):
        row = the_row(rows, cycle)
        assert (row.due_on, row.source, row.waived) == (None, "committee", True)
        assert row.trail[-1].sentence() == "The Committee, on 1 February 2013, asks for no reports 3 to 4."
    assert the_row(rows, 5).due_on == date(2025, 1, 23)


def test_a_year_alone_is_marked_in_the_own_series_too():
    found = facts(opsc("2002-12-23"), decision("2016-12-31", "2013-02-01", "3", precision="year"))
    assert the_row(dues(found), 3).year_only is True


def test_the_later_decision_stands_and_the_earlier_stays_in_the_trail():
    decisions = [
        decision(None, "2013-02-01", "3", outcome="to be communicated", document="CO/2"),
        decision("2016-03-01", "2014-02-01", "3", document="LOIPR/3"),
    ]
    row = the_row(dues(facts(opsc("2002-12-23"), *decisions)), 3)
    assert (row.due_on, row.source, row.decided_on) == (date(2016, 3, 1), "committee", date(2014, 2, 1))
    assert (row.document, row.year_only) == ("LOIPR/3", False)
    assert steps(row)[-3:] == [
        ("OPSC art. 12(2)", "2005-01-23", "2015-01-23"),
        ("CO/2", "2015-01-23", None),
        ("LOIPR/3", "2015-01-23", "2016-03-01"),
    ]


def test_a_decision_about_another_series_or_kind_changes_nothing():
    base = facts(opsc("2002-12-23"))
    for other in (
        decision("2016-03-01", "2013-02-01", "3", carried_by=CRC),
        decision("2016-03-01", "2013-02-01", "1", kind="periodic"),
    ):
        assert told(dues(replace(base, decisions=(other,)))) == told(dues(base))


def test_the_committee_can_set_the_date_of_the_initial_report():
    asked = decision("2006-07-01", "2004-10-01", "1", kind="initial", document="CRC/C/15/Add.1")
    row = the_row(dues(facts(opsc("2002-12-23"), asked)), 1)
    assert (row.computed_on, row.due_on, row.source) == (date(2005, 1, 23), date(2006, 7, 1), "committee")


def test_a_cycle_brought_forward_shows_although_its_computed_date_lies_beyond_the_calendar():
    asked = decision("2016-01-23", "2013-02-01", "3-4")
    assert told(dues(facts(opsc("2002-12-23"), asked), until="2016-12-31"))[2:] == [
        ("own", 3, "2015-01-23", "2016-01-23"),
        ("own", 4, "2020-01-23", "2016-01-23"),
    ]


def test_a_crc_report_moved_past_the_receipt_of_the_initial_report_carries_the_information():
    # Norway's third CRC report fell due on 2003-02-07, before the OPSC report was known (2005-06-03).
    asked = decision("2006-02-07", "2005-09-30", "3", carried_by=CRC, document="CRC/C/15/Add.262")
    found = replace(NORWAY, decisions=(asked,))
    row = the_row(dues(found, periodic_rule=GRID), 3, CRC)
    assert (row.computed_on, row.due_on) == (date(2003, 2, 7), date(2006, 2, 7))
    assert spans(found, 3, CRC, periodic_rule=GRID) == [("2005-09-30", None)]


def test_a_moved_crc_report_arises_with_the_first_decision_that_moves_it():
    asked = (
        decision("2006-02-07", "2005-09-30", "3", carried_by=CRC),
        decision("2007-02-07", "2006-01-27", "3", carried_by=CRC),
    )
    found = replace(NORWAY, decisions=asked)
    assert the_row(dues(found, periodic_rule=GRID), 3, CRC).due_on == date(2007, 2, 7)
    assert spans(found, 3, CRC, periodic_rule=GRID) == [("2005-09-30", "2006-01-27"), ("2006-01-27", None)]


def test_a_moved_crc_report_stays_when_its_new_date_becomes_one_to_be_communicated():
    asked = (
        decision("2006-02-07", "2005-09-30", "3", carried_by=CRC),
        decision(None, "2006-01-27", "3", carried_by=CRC, outcome="to be communicated"),
    )
    row = the_row(dues(replace(NORWAY, decisions=asked), periodic_rule=GRID), 3, CRC)
    assert (row.due_on, row.source) == (None, "to be communicated")


def test_a_date_to_be_communicated_after_the_initial_report_lies_after_it():
    asked = decision(None, "2005-06-03", "3", carried_by=CRC, outcome="to be communicated")
    found = replace(NORWAY, decisions=(asked,))
    assert the_row(dues(found, periodic_rule=GRID), 3, CRC).due_on is None
    assert spans(found, 3, CRC, periodic_rule=GRID) == [("2005-06-03", None)]


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(
            decision("2005-06-01", "2004-01-30", "3", carried_by=CRC), id="moved, but not past the receipt"
        ),
        pytest.param(
            decision(None, "2004-01-30", "3", carried_by=CRC, outcome="to be communicated"),
            id="to be communicated, said before the initial report came",
        ),
        pytest.param(
            decision(None, "2006-01-27", "3", carried_by=CRC, outcome="waived"), id="waived: nothing to carry"
        ),
    ],
)
def test_a_crc_report_not_moved_past_the_initial_report_carries_nothing(asked):
    moved = replace(NORWAY, decisions=(asked,))
    assert told(dues(moved, periodic_rule=GRID)) == told(dues(NORWAY, periodic_rule=GRID))


# --- receipts and revisions -----------------------------------------------------------------------


def test_a_revision_never_moves_the_first_date_of_receipt():
    found = facts(opsc("2002-12-23"), report("2008-03-01"), report("2007-05-10"))
    assert the_row(dues(found), 1).received_on == date(2007, 5, 10)


def test_a_report_of_the_own_series_that_is_withdrawn_answers_nothing_from_then_on():
    found = facts(opsc("2002-12-23"), report("2009-05-10", "2", withdrawn="2009-11-01"))
    assert the_row(dues(found.as_of(day("2009-10-31"))), 2).received_on == date(2009, 5, 10)
    row = the_row(dues(found), 2)
    assert (row.answered_on, row.received_on) == (None, None)
    assert steps(row)[-1] == ("Practice of the Committee", "2009-05-10", "2009-11-01")
    assert row.trail[-1].sentence() == (
        "The report received by 10 May 2009 was withdrawn by the State on 1 November 2009."
    )


def test_a_report_that_is_sent_again_after_a_withdrawal_answers_by_its_own_receipt():
    found = facts(
        opsc("2002-12-23"),
        report("2009-05-10", "2", withdrawn="2009-11-01"),
        report("2010-02-01", "2"),
    )
    row = the_row(dues(found), 2)
    assert row.received_on == date(2010, 2, 1)
    assert [step.start for step in row.trail if step.source == "Practice of the Committee"] == [
        date(2009, 5, 10)
    ]


def test_a_known_receipt_counts_before_a_review_on_the_same_day():
    found = facts(opsc("2002-12-23"), report(None, reviewed="2007-05-10"), report("2007-05-10"))
    assert the_row(dues(found), 1).received_on == date(2007, 5, 10)


def test_a_report_answers_only_its_own_series_kind_and_cycles():
    found = facts(
        opsc("2002-12-23"),
        report("2009-01-01", "2", carried_by=CRC),
        report("2009-01-01", "1", kind="periodic"),
        report("2009-01-01", "3-4"),
    )
    assert [(row.cycle, row.answered_on) for row in dues(found, until="2025-12-31")] == [
        (1, None),
        (2, None),
        (3, date(2009, 1, 1)),
        (4, date(2009, 1, 1)),
        (5, None),
    ]


def test_a_report_needs_a_day():
    with pytest.raises(ValueError, match="date of receipt, of review, or of its source"):
        _ = report(None).counts_from


# --- joining, leaving, succeeding -----------------------------------------------------------------


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(facts(), id="nothing known"),
        pytest.param(facts(opsc("2000-07-05", "signature")), id="a signatory"),
        pytest.param(facts(crc("1991-01-08"), report("2005-01-01")), id="party to the CRC alone"),
    ],
)
def test_who_has_not_joined_owes_nothing(found):
    assert dues(found) == []


def test_a_state_that_joins_the_crc_later_passes_to_its_calendar():
    # Suppose the USA deposits the CRC on 2016-06-01: in force 2016-07-01, first report due 2018-07-01.
    found = replace(USA, actions=(*USA.actions, crc("2016-06-01")))
    assert told(dues(found, until="2024-12-31", periodic_rule=GRID)) == [
        ("own", 1, "2005-01-23", "2005-01-23"),
        ("own", 2, "2010-01-23", "2010-01-23"),
        ("own", 3, "2015-01-23", "2016-01-23"),
        ("own", 4, "2020-01-23", "2016-01-23"),
        (CRC, 1, "2018-07-01", "2018-07-01"),
        ("own", 5, "2025-01-23", "2022-01-23"),
        (CRC, 2, "2023-07-01", "2023-07-01"),
    ]


@pytest.mark.parametrize(
    ("deposited", "own_cycles"),
    [
        pytest.param("2014-12-24", [2, 3], id="the CRC binds on 2015-01-23, the day report 3 falls due"),
        pytest.param("2014-12-23", [2], id="the CRC binds on the day before"),
    ],
)
def test_a_report_due_by_the_day_the_crc_binds_stays_in_the_own_series(deposited, own_cycles):
    found = facts(opsc("2002-12-23"), crc(deposited))
    assert [row.cycle for row in dues(found) if row.kind == "periodic"] == own_cycles


def test_what_was_owed_in_the_own_series_before_joining_the_crc_can_be_asked_about():
    found = replace(USA, actions=(*USA.actions, crc("2016-06-01")), decisions=())
    # Report 4, due 2020-01-23, came with report 3 before the day on which the State joined.
    assert spans(found, 4) == [("2002-12-23", "2016-01-22"), ("2016-01-22", None)]
    assert spans(found, 6) == [("2002-12-23", "2016-06-01")]
    assert spans(found, 1, CRC, periodic_rule=GRID) == [("2016-06-01", None)]


def test_a_state_that_joins_both_treaties_on_one_day_has_no_series_of_its_own():
    # Montenegro succeeded to both on 2006-10-23; its initial report came on 2010-05-25.
    montenegro = facts(
        opsc("2006-10-23", "succession"), crc("2006-10-23", "succession"), report("2010-05-25")
    )
    assert told(dues(montenegro, until="2018-12-31", periodic_rule=GRID)) == [
        ("own", 1, "2008-10-23", "2008-10-23"),
        (CRC, 2, "2013-10-23", "2013-10-23"),
        (CRC, 3, "2018-10-23", "2018-10-23"),
    ]


def test_a_recorded_day_of_succession_moves_all_that_follows():
    montenegro = facts(
        opsc("2006-10-23", "succession", recorded="2006-06-03"),
        crc("2006-10-23", "succession", recorded="2006-06-03"),
        report("2010-05-25"),
    )
    assert [row.due_on for row in dues(montenegro, until="2014-12-31", periodic_rule=GRID)] == [
        date(2008, 6, 3),
        date(2013, 6, 3),
    ]


def test_what_fell_due_before_a_denunciation_took_effect_stays_owed():
    # Notice 2009-01-23: effective 2010-01-23, the very day on which report 2 falls due.
    found = facts(opsc("2002-12-23"), opsc("2009-01-23", "denunciation"))
    assert told(dues(found)) == [
        ("own", 1, "2005-01-23", "2005-01-23"),
        ("own", 2, "2010-01-23", "2010-01-23"),
    ]


def test_what_falls_due_after_a_denunciation_took_effect_ceases_with_the_notice():
    found = facts(opsc("2002-12-23"), opsc("2009-01-22", "denunciation"))
    assert [row.cycle for row in dues(found)] == [1]
    assert spans(found, 2) == [("2002-12-23", "2009-01-22")]


def test_a_denunciation_ends_the_carried_reports_too():
    found = replace(NORWAY, actions=(*NORWAY.actions, opsc("2012-02-06", "denunciation")))
    assert [(row.carried_by, row.cycle) for row in dues(found, periodic_rule=GRID)] == [("own", 1), (CRC, 4)]


def test_a_state_is_a_party_from_its_deposit_until_its_denunciation_takes_effect():
    membership = facts(opsc("2002-12-23"), opsc("2009-01-22", "denunciation")).membership("OPSC")
    assert [
        membership.is_party(day(on)) for on in ("2002-12-22", "2002-12-23", "2010-01-21", "2010-01-22")
    ] == [False, True, True, False]


# --- facts of a day -------------------------------------------------------------------------------


def test_facts_dated_after_the_day_do_not_count():
    assert USA.as_of(date(2002, 12, 22)) == facts(opsc("2000-07-05", "signature"))
    assert USA.as_of(date(2000, 7, 4)) == facts()
    on_the_day = USA.as_of(date(2013, 2, 1))
    assert [(d.first_cycle, d.last_cycle) for d in on_the_day.decisions] == [(3, 4)]
    assert [r.received_on for r in on_the_day.reports] == [date(2007, 5, 10), date(2010, 1, 25)]


def test_a_report_known_from_its_review_counts_from_the_review():
    assert NORWAY.as_of(date(2005, 6, 2)).reports == ()
    assert len(NORWAY.as_of(date(2005, 6, 3)).reports) == 1


def test_a_signature_is_found_with_its_treaty():
    assert USA.signed_on("OPSC") == date(2000, 7, 5)
    assert USA.signed_on("CRC") is None
