"""Requests for further information (art. 12(3)), and which periodic reports a fact can name."""

from datetime import date

import pytest

from tests.factories import day
from tests.rules.build import CRC, crc, decision, dues, facts, opsc, report, request, spans
from tracker.rules.due import Due
from tracker.rules.facts import Facts
from tracker.rules.schedule import PeriodicRule, periodic_numbers
from tracker.rules.trail import Step

USA = opsc("2002-12-23", recorded="2003-01-23")


def asked(*found, until: str = "2040-12-31", **options) -> list[Due]:
    """The rows that answer requests, of a State with these facts."""
    return [row for row in dues(facts(*found), until, **options) if row.kind == "information"]


# --- requests ---------------------------------------------------------------------------------


def test_a_request_is_due_on_the_date_that_its_document_gives():
    (row,) = asked(USA, request("2012-11-15", "2012-07-10"))
    assert row == Due(
        kind="information",
        cycle=1,
        carried_by="own",
        computed_on=date(2012, 11, 15),
        due_on=date(2012, 11, 15),
        source="committee",
        trail=(
            Step(
                "CRC/C/OPSC/USA/Q/2",
                date(2012, 7, 10),
                date(2012, 11, 15),
                "The list of issues of %(start)s asks for a written reply by %(end)s.",
            ),
        ),
        document="CRC/C/OPSC/USA/Q/2",
        decided_on=date(2012, 7, 10),
        subject="list of issues",
    )
    assert row.article == "12.3"


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (
            "list of issues",
            "The list of issues of 10 July 2012 asks for a written reply by 15 November 2012.",
        ),
        (
            "follow-up",
            (
                "The Committee, on 10 July 2012, asks for information on the follow-up to its recommendations by "
                "15 November 2012."
            ),
        ),
        (
            "other",
            (
                "The Committee, on 10 July 2012, asks for further information relevant to the implementation of "
                "the Protocol by 15 November 2012."
            ),
        ),
    ],
)
def test_each_kind_of_request_has_its_sentence(kind, sentence):
    (row,) = asked(USA, request("2012-11-15", "2012-07-10", kind=kind))
    assert [step.sentence() for step in row.trail] == [sentence]
    assert row.subject == kind


def test_each_request_is_a_row_of_its_own_under_its_own_number():
    rows = asked(
        USA,
        request("2012-11-15", "2012-07-10", 2),
        request("2011-03-01", "2010-10-01", 1, kind="follow-up"),
        request("2012-11-15", "2012-07-11", 4, kind="other"),
    )
    assert [(row.cycle, row.due_on, row.subject) for row in rows] == [
        (1, date(2011, 3, 1), "follow-up"),
        (2, date(2012, 11, 15), "list of issues"),
        (4, date(2012, 11, 15), "other"),
    ]


def test_a_reply_answers_from_its_receipt_on():
    found = facts(USA, request("2012-11-15", "2012-07-10", received="2012-12-01"))

    def the_reply(on: str) -> tuple:
        (row,) = [row for row in dues(found.as_of(day(on))) if row.kind == "information"]
        return row.answered_on, row.received_on

    assert the_reply("2012-11-30") == (None, None)
    assert the_reply("2012-12-01") == (date(2012, 12, 1), date(2012, 12, 1))


def test_a_request_counts_from_its_issue_on():
    found = facts(USA, request("2012-11-15", "2012-07-10"))
    assert found.as_of(date(2012, 7, 9)).requests == ()
    assert found.as_of(date(2012, 7, 10)).requests == found.requests


def test_a_request_answers_no_report_and_moves_none():
    with_request = facts(USA, report("2007-05-10"), request("2010-01-23", "2009-07-10", 2))
    without = facts(USA, report("2007-05-10"))
    assert [row for row in dues(with_request) if row.kind != "information"] == dues(without)


def test_neither_decisions_nor_reports_of_the_same_number_touch_a_request():
    alone = asked(USA, request("2012-11-15", "2012-07-10", 3))
    found = asked(
        USA,
        request("2012-11-15", "2012-07-10", 3),
        decision("2016-01-23", "2013-02-01", "3"),
        report("2016-01-01", "3"),
    )
    assert found == alone


def test_a_state_that_never_joined_is_asked_nothing():
    assert asked(opsc("2000-07-05", "signature"), request("2012-11-15", "2012-07-10")) == []


def test_a_request_before_the_deposit_arises_with_the_deposit():
    found = facts(USA, request("2004-01-01", "2002-12-22"))
    assert spans(found, 1, kind="information") == [("2002-12-23", None)]


@pytest.mark.parametrize(
    ("due", "owed"),
    [
        pytest.param("2013-05-15", True, id="on the day on which the denunciation takes effect"),
        pytest.param("2013-05-16", False, id="the day after"),
    ],
)
def test_what_falls_due_after_a_denunciation_took_effect_is_owed_no_more(due, owed):
    found = asked(USA, opsc("2012-05-15", "denunciation"), request(due, "2012-01-10"))
    assert [row.due_on for row in found] == ([day(due)] if owed else [])
    left = facts(USA, opsc("2012-05-15", "denunciation"), request(due, "2012-01-10"))
    assert spans(left, 1, kind="information") == [("2012-01-10", None if owed else "2012-05-15")]


def test_a_request_issued_after_the_notice_and_due_after_its_effect_was_never_owed():
    left = (USA, opsc("2012-05-15", "denunciation"))
    after = facts(*left, request("2013-05-16", "2012-05-15"))
    by_then = facts(*left, request("2013-05-15", "2012-05-15"))
    assert spans(after, 1, kind="information") == []
    assert spans(by_then, 1, kind="information") == [("2012-05-15", None)]


def test_a_request_due_after_the_calendar_asked_for_is_not_in_it():
    assert asked(USA, request("2012-11-15", "2012-07-10"), until="2012-11-14") == []
    assert len(asked(USA, request("2012-11-15", "2012-07-10"), until="2012-11-15")) == 1


def test_the_plain_rule_keeps_requests():
    assert len(asked(USA, request("2012-11-15", "2012-07-10"), periodic_rule=PeriodicRule.PLAIN)) == 1


def test_facts_without_requests_need_not_mention_them():
    assert Facts((USA,), (), ()).requests == ()


# --- which periodic reports can be named ------------------------------------------------------


def numbers(*found, on: str, until: str = "2036-11-22", rule: str = "article-12-2") -> dict[str, range]:
    return periodic_numbers(facts(*found), on=day(on), until=day(until), periodic_rule=rule)


def test_a_state_outside_the_crc_has_its_own_reports_from_2():
    # 2005-01-23 is the initial one; 2035-01-23 the seventh.
    assert numbers(USA, on="2013-02-01") == {"own": range(2, 8)}
    assert numbers(USA, on="2013-02-01", until="2035-01-22") == {"own": range(2, 7)}


def test_a_party_to_the_crc_has_its_crc_reports_whenever_the_initial_report_comes():
    norway = (opsc("2001-10-02"), crc("1991-01-08"))  # CRC in force 1991-02-07; report 9 in 2033
    assert numbers(*norway, on="2008-01-01") == {CRC: range(1, 10)}
    assert numbers(*norway, report("2030-01-01"), on="2008-01-01") == {CRC: range(1, 10)}


def test_a_state_that_joins_the_crc_later_passes_from_one_series_to_the_other_on_that_day():
    # OPSC in force 2005-02-28, own reports from 2012-02-28; CRC joined 2015-01-23, in force 2015-02-22.
    sudan = (opsc("2005-01-31"), crc("2015-01-23", "accession"))
    assert numbers(*sudan, on="2015-01-22") == {"own": range(2, 7)}
    assert numbers(*sudan, on="2015-01-23") == {"own": range(2, 3), CRC: range(1, 5)}


def test_what_the_committee_states_makes_no_report_exist():
    assert numbers(USA, decision("2030-01-01", "2025-01-01", "40"), on="2025-01-01") == {"own": range(2, 8)}


def test_a_denunciation_ends_the_numbers_from_its_notice_on():
    left = (USA, opsc("2012-05-15", "denunciation"))  # effective 2013-05-15
    assert numbers(*left, on="2012-05-14") == {"own": range(2, 8)}
    assert numbers(*left, on="2012-05-15") == {"own": range(2, 3)}


def test_a_state_that_leaves_the_crc_has_reports_until_then():
    left = (opsc("2001-10-02"), crc("1991-01-08"), crc("2007-06-01", "denunciation"))
    assert numbers(*left, on="2007-05-31") == {CRC: range(1, 10)}
    assert numbers(*left, on="2007-06-01") == {CRC: range(1, 5)}  # report 4 fell due on 2008-02-07


def test_a_state_that_left_the_crc_and_joined_it_again_has_all_its_reports():
    again = (crc("1991-01-08"), crc("2007-06-01", "denunciation"), crc("2010-01-01", "accession"))
    assert numbers(*again, on="2011-01-01") == {CRC: range(1, 10)}


def test_a_state_that_left_the_crc_has_its_own_reports_again():
    # OPSC in force 2002-01-18, own report 7 due 2034-01-18.
    left = (opsc("2001-10-02"), crc("1991-01-08"), crc("2007-06-01", "denunciation"))  # effective 2008-06-01
    assert numbers(*left, on="2008-05-31") == {CRC: range(1, 5)}
    assert numbers(*left, on="2008-06-01") == {"own": range(2, 8), CRC: range(1, 5)}


def test_a_state_outside_the_opsc_has_those_under_the_crc_alone():
    assert numbers(crc("1991-01-08"), on="2008-01-01") == {CRC: range(1, 10)}
    assert numbers(crc("1991-01-08"), on="1991-01-07") == {}
    assert numbers(on="2008-01-01") == {}


def test_a_state_that_joined_too_late_for_the_calendar_has_none():
    # In force 2035-02-01 and 2035-01-31: the first reports fall due after the calendar.
    assert numbers(opsc("2035-01-01"), crc("2035-01-01"), on="2035-06-01") == {}


def test_under_the_plain_rule_reports_under_the_crc_can_be_named_beside_the_own_ones():
    norway = (opsc("2001-10-02"), crc("1991-01-08"))
    assert numbers(*norway, on="2008-01-01", rule="plain") == {"own": range(2, 8), CRC: range(1, 10)}
