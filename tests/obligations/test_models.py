"""Submissions, committee dates and obligations: errors on the right field, and refusals by the database."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from tests.factories import (
    a_state,
    asks,
    day,
    decides,
    denounces,
    derive,
    joins,
    receives,
    signs,
    the_obligation,
    the_request,
)
from tests.registry.test_models import refused, saved_against as refused_by_the_database
from tracker.obligations.models import (
    CommitteeDate,
    InformationRequest,
    Obligation,
    PrintedDate,
    Review,
    Submission,
    report_label,
)
from tracker.registry.models import State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def a_submission(state: State, **fields) -> Submission:
    return Submission(**({"state": state, "kind": "initial", "received_on": day("2007-05-10")} | fields))


def a_committee_date(state: State, **fields) -> CommitteeDate:
    return CommitteeDate(
        **(
            {
                "state": state,
                "first_cycle": 3,
                "last_cycle": 4,
                "due_on": day("2016-01-23"),
                "document": "CRC/C/OPSC/USA/CO/2",
                "decided_on": day("2013-02-01"),
            }
            | fields
        )
    )


def saved_against(name: str, fact) -> None:
    """The database itself refuses the row, with what saving fills in."""
    if isinstance(fact, InformationRequest):
        fact.number = fact.number or 9
    else:
        fact.carried_by = fact.carried_by or "own"
    refused_by_the_database(name, fact)


# --- Submission -----------------------------------------------------------------------------------


def test_an_initial_report_needs_only_state_and_a_day(usa):
    submission = a_submission(usa)
    submission.full_clean()
    submission.save()
    assert (submission.carried_by, submission.cycles) == ("own", "1")


def test_a_review_alone_is_enough(usa):
    a_submission(usa, received_on=None, reviewed_on=day("2008-05-22")).full_clean()


def test_a_report_without_any_day_is_refused(usa):
    wrong = a_submission(usa, received_on=None)
    assert refused(wrong)["received_on"] == [
        "Enter the date of receipt or, if it is not known, that of the review."
    ]
    saved_against("submission_has_a_day", wrong)


def test_a_periodic_report_without_any_day_is_told_so_and_no_crash(usa):
    assert "received_on" in refused(a_submission(usa, kind="periodic", received_on=None))


def test_a_report_comes_after_the_adoption_of_the_opsc(usa):
    wrong = a_submission(usa, received_on=day("2000-05-24"))
    assert "The OPSC was adopted on 25 May 2000; no report on it was received before." in str(refused(wrong))
    saved_against("submission_not_before_treaty", wrong)


def test_a_report_is_entered_once_it_is_received(usa):
    assert refused(a_submission(usa, received_on=day("2026-11-23"))) == {
        "received_on": ["This day is in the future; enter the report once it is received."]
    }


def test_a_review_is_entered_once_it_has_taken_place(usa):
    a_submission(usa, reviewed_on=day("2026-11-30")).full_clean()  # this month, its day not known
    assert refused(a_submission(usa, reviewed_on=day("2026-12-01"))) == {
        "reviewed_on": ["This day is in the future; enter the review once it has taken place."]
    }


def test_a_report_is_reviewed_after_its_receipt(usa):
    a_submission(usa, reviewed_on=day("2007-05-10")).full_clean()
    wrong = a_submission(usa, reviewed_on=day("2007-05-09"))
    assert "A report is reviewed after its receipt; check the two days." in str(refused(wrong))
    saved_against("submission_reviewed_after_receipt", wrong)


def test_cycles_are_named_in_order(usa):
    wrong = a_submission(usa, kind="periodic", first_cycle=4, last_cycle=3)
    assert refused(wrong)["last_cycle"] == ["The last cycle cannot come before the first."]
    saved_against("submission_cycles_in_order", wrong)


@pytest.mark.parametrize(("first", "last", "field"), [(0, 1, "first_cycle"), (1, 100, "last_cycle")])
def test_cycles_lie_between_1_and_99(usa, first, last, field):
    wrong = a_submission(usa, kind="periodic", first_cycle=first, last_cycle=last)
    assert field in refused(wrong)
    saved_against("submission_cycles_in_order", wrong)


def test_the_initial_report_is_cycle_1(usa):
    wrong = a_submission(usa, first_cycle=2, last_cycle=2)
    assert refused(wrong)["first_cycle"] == ["The initial report is cycle 1; choose periodic for later ones."]
    saved_against("submission_initial_is_cycle_1", wrong)


def test_the_initial_report_stands_alone(usa):
    wrong = a_submission(usa, carried_by="CRC report")
    assert refused(wrong)["carried_by"] == [
        "The initial report is never part of a report under the CRC. Choose “own”."
    ]
    saved_against("submission_initial_is_cycle_1", wrong)


def test_a_second_report_for_the_same_cycles_is_refused_unless_it_revises_the_first(usa):
    first = receives(usa, "2007-05-10")
    second = a_submission(usa, received_on=day("2008-01-01"))
    assert refused(second) == {
        "__all__": [
            "A report for these cycles is recorded already; correct it, or enter this one as its revision."
        ]
    }
    saved_against("submission_once_per_cycles", second)
    second.revises = first
    second.full_clean()
    second.save()


def test_a_report_does_not_revise_itself(usa):
    report = receives(usa, "2007-05-10")
    report.revises = report
    assert refused(report) == {"revises": ["A report cannot revise itself."]}


def test_a_report_revises_one_of_the_same_state(usa):
    report = receives(a_state("SWE"), "2007-05-10")
    assert refused(a_submission(usa, revises=report)) == {
        "revises": ["A report revises an earlier one of the same State."]
    }


@pytest.mark.parametrize(
    ("printed", "good"), [("2004", True), ("2015-09-26", True), ("04", False), ("2004?", False)]
)
def test_a_printed_due_date_is_a_year_or_a_day(usa, printed, good):
    fact = PrintedDate(state=usa, kind="initial", printed=printed, printed_on=day("2007-05-10"))
    if good:
        fact.full_clean()
    else:
        assert list(refused(fact)) == ["printed"]


def test_a_printed_day_is_a_day_of_the_calendar_and_was_printed_by_now(usa):
    fact = PrintedDate(state=usa, kind="initial", printed="2015-02-29", printed_on=day("2026-11-23"))
    assert refused(fact) == {
        "printed": ["There is no such day; enter a year, or a day such as 2015-09-26."],
        "printed_on": ["This day is in the future; enter the date once it is printed."],
    }


@pytest.mark.parametrize(
    ("printed", "due", "differs"),
    [
        # Denmark is printed 2004 where the rule gives 2005-08-24.
        ("2004", "2005-08-24", True),
        ("2005", "2005-08-24", False),
        ("2005-08-24", "2005-08-24", False),
        ("2005-08-23", "2005-08-24", True),
        ("2004", None, False),
    ],
)
def test_a_printed_date_is_held_against_the_one_that_counts(printed, due, differs):
    assert PrintedDate(printed=printed).differs_from(day(due) if due else None) is differs


def test_a_submission_is_named_by_its_symbol(usa):
    assert str(a_submission(usa, symbol="CRC/C/OPSC/USA/1")) == "CRC/C/OPSC/USA/1"
    assert str(a_submission(usa, kind="periodic", first_cycle=3, last_cycle=4)) == "USA periodic 3-4"


# --- the series that a periodic report stands in --------------------------------------------------


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        pytest.param("2015-01-22", "own", id="the day before the State joins the CRC"),
        pytest.param("2015-01-23", "CRC report", id="the day on which it joins"),
    ],
)
def test_an_empty_series_follows_from_the_day(usa, received, expected):
    joins(usa, "CRC", on="2015-01-23", kind="accession")
    submission = a_submission(usa, kind="periodic", first_cycle=2, last_cycle=2, received_on=day(received))
    submission.full_clean()
    assert submission.carried_by == expected


def test_the_plain_rule_knows_one_series(usa, settings):
    settings.PERIODIC_RULE = "plain"
    joins(usa, "CRC", on="1991-01-08")
    assert receives(usa, "2015-01-23", "periodic", "2").carried_by == "own"


def test_a_series_that_was_entered_stays(usa):
    assert receives(usa, "2015-01-23", "periodic", "2", carried_by="CRC report").carried_by == "CRC report"


# --- CommitteeDate --------------------------------------------------------------------------------


def test_a_committee_date_needs_cycles_date_document_and_day(usa):
    asked = a_committee_date(usa)
    asked.full_clean()
    asked.save()
    assert (asked.kind, asked.carried_by, asked.outcome, asked.cycles) == ("periodic", "own", "date", "3-4")
    assert str(asked) == "USA periodic 3-4: CRC/C/OPSC/USA/CO/2"


def test_a_date_is_needed_where_the_committee_states_one(usa):
    wrong = a_committee_date(usa, due_on=None)
    assert refused(wrong)["due_on"] == ["Enter the due date, or choose another statement of the Committee."]
    saved_against("committee_date_has_date", wrong)


@pytest.mark.parametrize("outcome", ["to be communicated", "waived"])
def test_no_date_stands_beside_another_statement(usa, outcome):
    a_committee_date(usa, outcome=outcome, due_on=None).full_clean()
    wrong = a_committee_date(usa, outcome=outcome)
    assert refused(wrong)["due_on"] == ["Leave the date empty: the Committee states none."]
    saved_against("committee_date_has_date", wrong)


def test_nothing_was_due_before_the_opsc_was_in_force(usa):
    wrong = a_committee_date(usa, due_on=day("2002-01-18"), decided_on=day("2001-01-01"))
    assert "The OPSC entered into force on 18 January 2002; nothing was due before." in str(refused(wrong))
    saved_against("committee_date_after_entry_into_force", wrong)


def test_the_committee_asks_for_a_date_after_its_decision(usa):
    assert refused(a_committee_date(usa, due_on=day("2013-02-01")))["due_on"] == [
        "The due date must be after the decision (1 February 2013)."
    ]


def test_a_mistyped_year_of_a_due_date_is_noticed(usa):
    a_committee_date(usa, due_on=day("2033-02-01")).full_clean()
    assert refused(a_committee_date(usa, due_on=day("2106-01-23")))["due_on"] == [
        "This is more than 20 years after the decision; check the year."
    ]


def test_a_decision_is_entered_once_it_is_adopted(usa):
    wrong = a_committee_date(usa, decided_on=day("2026-11-23"), due_on=day("2030-01-01"))
    assert refused(wrong) == {
        "decided_on": ["This day is in the future; enter the decision once it is adopted."]
    }


def test_a_document_states_the_date_of_the_same_cycles_once(usa):
    decides(usa, cycles="3-4", document="CRC/C/OPSC/USA/CO/2")
    again = a_committee_date(usa, due_on=day("2017-01-23"))
    assert refused(again) == {"__all__": ["This document's date for these cycles is recorded already."]}
    saved_against("committee_date_once_per_document", again)


def test_a_decision_names_document_and_paragraph_in_the_trail(usa):
    decides(usa, document="CRC/C/OPSC/USA/CO/2", paragraph="42")
    decides(usa, cycles="5", document="CO/5")
    derive("2026-11-22")
    cited = {cycle: the_obligation(usa, cycle).steps[-1].source for cycle in (3, 5)}
    assert cited == {3: "CRC/C/OPSC/USA/CO/2, para. 42", 5: "CO/5"}
    assert the_obligation(usa, 3).document == "CRC/C/OPSC/USA/CO/2"


@pytest.mark.parametrize(
    ("precision", "due", "year_only"),
    [
        ("day", "2016-12-31", False),
        ("month", "2016-12-31", False),
        ("year", "2016-12-31", True),
        ("year", "2016-01-23", False),  # the day is known from elsewhere
    ],
)
def test_a_year_alone_is_written_as_its_last_day(usa, precision, due, year_only):
    assert decides(usa, due, precision=precision).as_rule().year_only is year_only


# --- what the State has joined ------------------------------------------------------------------------

NOT_A_PARTY = (
    "This State is not a party to the OPSC, so it owes no report. Enter its ratification, accession or "
    "succession first."
)
UNDER_THE_CRC = (
    "This State is party to the CRC, so the information is a part of its reports under the CRC: choose “report "
    "under the CRC”, and enter the number of that report."
)
NEVER_UNDER_THE_CRC = (
    "This State is not a party to the CRC, so it owes no report under it: choose “own”. Or enter its ratification, "
    "accession or succession to the CRC first."
)
INITIAL_IS_1 = (
    "The first report is the initial one: choose “initial” for it, also where it is combined with the second "
    "(1-2), and count the periodic reports from 2."
)


def no_report(cycle: int, until: str = "22 November 2036", last: int = 7) -> str:
    return (
        f"The State owes no periodic report {cycle}: up to {until} they are numbered 2 to {last}. Correct the "
        "number."
    )


def no_crc_report(cycle: int, until: str = "22 November 2036", last: int = 9) -> str:
    return (
        f"The State owes no report {cycle} under the CRC: up to {until} they are numbered 1 to {last}. Correct "
        "the number."
    )


def periodic(state: State, cycles: str, **fields) -> Submission:
    first, _, last = cycles.partition("-")
    named = {"kind": "periodic", "first_cycle": int(first), "last_cycle": int(last or first)}
    return a_submission(state, **({"received_on": day("2016-01-22")} | named | fields))


def a_date_for(state: State, cycles: str, **fields) -> CommitteeDate:
    first, _, last = cycles.partition("-")
    return a_committee_date(state, **({"first_cycle": int(first), "last_cycle": int(last or first)} | fields))


@pytest.mark.parametrize("treaty", ["", "signature", "CRC"])
def test_a_state_that_is_not_a_party_owes_no_report(treaty):
    ireland = a_state("IRL")
    if treaty == "signature":
        signs(ireland)
    if treaty == "CRC":
        joins(ireland, "CRC", on="1992-09-28")
    own = {"carried_by": "own"}
    for fact in (a_submission(ireland), periodic(ireland, "2", **own), a_date_for(ireland, "2", **own)):
        assert refused(fact) == {"state": [NOT_A_PARTY]}


def test_a_party_to_the_crc_alone_has_reports_under_it():
    ireland = a_state("IRL")
    joins(ireland, "CRC", on="1992-09-28")
    for fact in (periodic(ireland, "2"), a_date_for(ireland, "2")):
        fact.full_clean()
        assert fact.carried_by == "CRC report"


def test_a_report_comes_after_the_entry_into_force_for_its_state(usa):
    a_submission(usa, received_on=day("2003-01-23")).full_clean()
    early = (
        "The OPSC entered into force for the State on 23 January 2003; no report under it was received before. "
        "Check the day."
    )
    assert refused(a_submission(usa, received_on=day("2003-01-22"))) == {"received_on": [early]}
    assert refused(a_submission(usa, received_on=None, reviewed_on=day("2003-01-22"))) == {
        "reviewed_on": [early]
    }


def test_a_recorded_entry_into_force_is_what_counts():
    montenegro = a_state("MNE")  # the succession took effect before it was notified
    joins(montenegro, on="2006-10-23", kind="succession", effective_on="2006-06-03")
    a_submission(montenegro, received_on=day("2006-06-03")).full_clean()
    assert list(refused(a_submission(montenegro, received_on=day("2006-06-02")))) == ["received_on"]


def test_nothing_was_due_before_the_entry_into_force_for_the_state(usa):
    decided = {"cycles": "2", "decided_on": day("2002-12-23")}
    a_date_for(usa, **decided, due_on=day("2003-01-24")).full_clean()
    assert refused(a_date_for(usa, **decided, due_on=day("2003-01-23"))) == {
        "due_on": [
            "The OPSC entered into force for the State on 23 January 2003; nothing was due before. Check the date."
        ]
    }


def test_the_committee_decides_about_a_state_once_it_has_joined(usa):
    assert refused(a_date_for(usa, "2", decided_on=day("2002-12-22"))) == {
        "decided_on": [
            (
                "The State joined the OPSC on 23 December 2002; the Committee decided nothing about its reports "
                "before. Check the day."
            )
        ]
    }


@pytest.mark.parametrize(
    ("cycles", "errors"),
    [
        ("2", None),
        ("7", None),
        ("1", {"first_cycle": [INITIAL_IS_1]}),
        ("1-2", {"first_cycle": [INITIAL_IS_1]}),
        ("8", {"first_cycle": [no_report(8)]}),
        ("6-8", {"last_cycle": [no_report(8)]}),
    ],
)
def test_a_report_names_one_of_the_states_own_cycles(usa, cycles, errors):
    if errors is None:
        periodic(usa, cycles).full_clean()
    else:
        assert refused(periodic(usa, cycles)) == errors


@pytest.mark.parametrize(
    ("cycles", "errors"),
    [
        ("3-4", None),
        ("1", {"first_cycle": [INITIAL_IS_1]}),
        ("8", {"first_cycle": [no_report(8)]}),
        ("7-40", {"last_cycle": [no_report(40)]}),
    ],
)
def test_a_decision_names_one_of_the_states_own_cycles(usa, cycles, errors):
    if errors is None:
        a_date_for(usa, cycles).full_clean()
    else:
        assert refused(a_date_for(usa, cycles)) == errors


def test_a_date_far_ahead_may_name_what_is_computed_up_to_five_years_after_it(usa):
    far = {"decided_on": day("2026-06-05"), "due_on": day("2036-01-23")}
    a_date_for(usa, "7-8", **far).full_clean()  # computed for 2035 and 2040
    assert refused(a_date_for(usa, "7-9", **far)) == {"last_cycle": [no_report(9, "23 January 2041", 8)]}


@pytest.mark.parametrize("outcome", ["to be communicated", "waived"])
def test_a_decision_without_a_date_names_a_cycle_that_exists_too(usa, outcome):
    a_date_for(usa, "7", outcome=outcome, due_on=None).full_clean()
    assert list(refused(a_date_for(usa, "8", outcome=outcome, due_on=None))) == ["first_cycle"]


def test_a_party_to_the_crc_owes_no_reports_of_its_own(norway):
    assert refused(periodic(norway, "4", carried_by="own")) == {"carried_by": [UNDER_THE_CRC]}
    assert refused(a_date_for(norway, "4", carried_by="own")) == {"carried_by": [UNDER_THE_CRC]}


def test_a_state_outside_the_crc_owes_no_crc_report(usa):
    assert refused(periodic(usa, "2", carried_by="CRC report")) == {"carried_by": [NEVER_UNDER_THE_CRC]}
    assert refused(a_date_for(usa, "2", carried_by="CRC report")) == {"carried_by": [NEVER_UNDER_THE_CRC]}


def test_a_state_that_joins_the_crc_passes_to_the_other_series_on_that_day(usa):
    joins(usa, "CRC", on="2015-01-23", kind="accession")  # in force 2015-02-22; own report 4 is due in 2020
    periodic(usa, "4", received_on=day("2015-01-22"), carried_by="own").full_clean()
    periodic(usa, "3", received_on=day("2015-01-23"), carried_by="own").full_clean()  # due 2015-01-23, late
    assert refused(periodic(usa, "4", received_on=day("2015-01-23"), carried_by="own")) == {
        "first_cycle": [UNDER_THE_CRC]
    }
    assert refused(periodic(usa, "1", received_on=day("2015-01-22"), carried_by="CRC report")) == {
        "received_on": [
            "The State joined the CRC on 23 January 2015; no report under it was received before. Check the day."
        ]
    }
    periodic(usa, "1", received_on=day("2015-01-23"), carried_by="CRC report").full_clean()


@pytest.mark.parametrize("cycles", ["4", "1", "3-5"])
def test_a_crc_report_may_come_before_the_initial_report_does_or_have_been_due_before(norway, cycles):
    periodic(norway, cycles).full_clean()  # `sync.unmatched` lists reports that answer no obligation


def test_a_crc_report_has_a_number_that_the_calendar_knows(norway):
    periodic(norway, "9").full_clean()  # due on 2033-02-07
    assert refused(periodic(norway, "10")) == {"first_cycle": [no_crc_report(10)]}
    assert refused(a_date_for(norway, "4-10")) == {"last_cycle": [no_crc_report(10)]}


def test_after_a_denunciation_no_later_cycle_can_be_named(usa):
    denounces(usa, on="2011-05-15")  # effective 2012-05-15: cycles 1 and 2 stay owed
    periodic(usa, "2").full_clean()
    assert refused(periodic(usa, "3")) == {"first_cycle": [no_report(3, last=2)]}


def test_a_state_that_left_before_its_first_periodic_report_owes_none(usa):
    denounces(usa, on="2005-05-15")
    a_submission(usa).full_clean()
    assert refused(periodic(usa, "2")) == {
        "carried_by": ["The State owes no periodic report: check its treaty actions, and the day."]
    }


def test_the_plain_rule_asks_for_no_series(norway, settings):
    settings.PERIODIC_RULE = "plain"
    for series in ("", "own"):
        periodic(norway, "2", carried_by=series).full_clean()
        assert list(refused(periodic(norway, "1", carried_by=series))) == ["first_cycle"]
    periodic(norway, "1", carried_by="CRC report").full_clean()  # recorded, without effect


@pytest.mark.parametrize("fact", [a_submission, a_committee_date])
def test_a_reply_to_a_request_is_entered_with_the_request(usa, fact):
    assert refused(fact(usa, kind="information"))["kind"] == [
        "Choose initial or periodic; a reply to a request for further information is entered with that request."
    ]


# --- revisions ------------------------------------------------------------------------------------


def test_a_revision_names_what_it_revises(usa):
    first = receives(usa, "2016-01-22", "periodic", "3-4")
    later = {"received_on": day("2016-05-01"), "revises": first}
    periodic(usa, "3-4", **later).full_clean()
    for other in (periodic(usa, "3", **later), periodic(usa, "5", **later), a_submission(usa, **later)):
        assert refused(other) == {
            "revises": [
                (
                    "That is a different report (periodic, cycle 3-4); a revision has the same kind, "
                    "series and cycles. Correct them, or leave this field empty if this report is "
                    "not a revision."
                )
            ]
        }


def test_a_revision_comes_after_what_it_revises(usa):
    first = receives(usa, "2007-05-10")
    a_submission(usa, revises=first).full_clean()  # the same day
    assert refused(a_submission(usa, revises=first, received_on=day("2007-05-09"))) == {
        "revises": [
            (
                "That report was received later, on 10 May 2007; a revision is received after the "
                "report that it revises. Check the two days."
            )
        ]
    }


def test_a_report_known_by_its_review_alone_can_be_revised(usa):
    first = receives(usa, None, reviewed_on="2008-05-22")
    a_submission(usa, revises=first).full_clean()


def test_a_revision_of_a_report_that_is_not_recorded_is_refused(usa):
    assert refused(a_submission(usa, revises_id=4711)) == {
        "revises": ["The report that this one revises is not recorded; enter that one first."]
    }


def test_two_reports_do_not_revise_each_other(usa):
    first = receives(usa, "2007-05-10")
    second = receives(usa, "2007-05-10", revises=first)
    third = receives(usa, "2007-05-10", revises=second)
    first.revises = third
    assert refused(first) == {
        "revises": ["That report is itself a revision of this one; leave the field empty in one of the two."]
    }


# --- InformationRequest ---------------------------------------------------------------------------


def a_request(state: State, **fields) -> InformationRequest:
    return InformationRequest(
        **(
            {
                "state": state,
                "kind": "list of issues",
                "document": "CRC/C/OPSC/USA/Q/2",
                "issued_on": day("2012-07-10"),
                "due_on": day("2012-11-15"),
            }
            | fields
        )
    )


def test_a_request_needs_a_document_and_two_days(usa):
    asked = a_request(usa)
    asked.full_clean()
    asked.save()
    assert (asked.number, str(asked)) == (1, "USA list of issues: CRC/C/OPSC/USA/Q/2")
    assert list(refused(InformationRequest(state=usa))) == ["document", "issued_on", "due_on"]


def test_a_request_without_a_state_is_told_so_and_no_crash():
    assert list(refused(a_request(None))) == ["state"]


def test_requests_are_numbered_within_their_state(usa, norway):
    assert [asks(usa, document=document).number for document in ("A", "B")] == [1, 2]
    assert asks(norway, document="A").number == 1
    third = a_request(usa)
    third.full_clean()
    assert third.number == 3


def test_a_number_stays_when_the_request_is_corrected(usa):
    first, _ = asks(usa, document="A"), asks(usa, document="B")
    first.kind, first.due_on = "follow-up", day("2013-01-01")
    first.full_clean()
    first.save()
    assert first.number == 1


def test_a_request_that_moves_to_another_state_takes_its_next_number(usa, norway):
    asks(usa, document="A")
    moved = asks(norway, document="B")
    moved.state = usa
    moved.full_clean()
    moved.save()
    assert moved.number == 2


def test_a_number_stands_once_in_a_state(usa):
    asks(usa, document="A")
    with pytest.raises(IntegrityError), transaction.atomic():
        a_request(usa, number=1).save()


def test_a_document_asks_once(usa):
    asks(usa, document="CRC/C/OPSC/USA/Q/2")
    a_request(usa, kind="follow-up").full_clean()
    again = a_request(usa)
    assert refused(again) == {"__all__": ["This document's request is recorded already; correct it there."]}
    saved_against("request_once_per_document", again)


@pytest.mark.parametrize(
    ("wrong", "field", "message", "constraint"),
    [
        (
            {"issued_on": date(2026, 11, 23), "due_on": date(2027, 3, 1)},
            "issued_on",
            "This day is in the future; enter the request once it is issued.",
            "",
        ),
        (
            {"received_on": date(2026, 11, 23)},
            "received_on",
            "This day is in the future; enter the reply once it is received.",
            "",
        ),
        (
            {"received_on": date(2012, 7, 9)},
            "received_on",
            "The reply cannot be received before the day of the document (10 July 2012). Check the two days.",
            "request_reply_after_issue",
        ),
        (
            {"due_on": date(2012, 7, 10)},
            "due_on",
            "The reply must be due after the day of the document (10 July 2012).",
            "request_due_after_issue",
        ),
        (
            {"due_on": date(2032, 7, 11)},
            "due_on",
            "This is more than 20 years after the document; check the year.",
            "",
        ),
        (
            {"issued_on": date(2003, 1, 22)},
            "issued_on",
            (
                "The OPSC entered into force for the State on 23 January 2003; nothing was asked of it before. Check "
                "the day."
            ),
            "",
        ),
    ],
)
def test_a_request_that_cannot_be_is_refused_on_its_field(usa, wrong, field, message, constraint):
    asked = a_request(usa, **wrong)
    assert refused(asked) == {field: [message]}
    if constraint:
        saved_against(constraint, asked)


def test_a_reply_may_come_on_the_day_of_the_request(usa):
    a_request(usa, received_on=day("2012-07-10")).full_clean()


def test_nothing_is_asked_with_a_date_before_the_entry_into_force_for_the_state(usa):
    wrong = a_request(usa, issued_on=day("2002-12-23"), due_on=day("2003-01-23"))
    assert refused(wrong) == {
        "issued_on": [
            (
                "The OPSC entered into force for the State on 23 January 2003; nothing was asked of it before. Check "
                "the day."
            )
        ],
        "due_on": [
            "The OPSC entered into force for the State on 23 January 2003; nothing was due before. Check the date."
        ],
    }


def test_nothing_was_asked_before_the_opsc_was_in_force(usa):
    wrong = a_request(usa, issued_on=day("2002-01-17"), due_on=day("2003-06-01"))
    assert list(refused(wrong)) == ["issued_on"]
    saved_against("request_after_entry_into_force", wrong)


def test_a_state_that_is_not_a_party_is_asked_nothing():
    assert refused(a_request(a_state("IRL"))) == {
        "state": [
            (
                "This State is not a party to the OPSC, so the Committee cannot request information "
                "from it. Enter its ratification, accession or succession first."
            )
        ]
    }


def test_nothing_is_asked_for_after_a_denunciation_took_effect(usa):
    denounces(usa, on="2012-05-15")
    a_request(usa, due_on=day("2013-05-15")).full_clean()
    a_request(usa, issued_on=day("2012-05-14"), due_on=day("2013-05-16")).full_clean()
    assert refused(a_request(usa, due_on=day("2013-05-16"))) == {
        "due_on": [
            (
                "The State's denunciation of the OPSC took effect on 15 May 2013; what falls due later is not owed "
                "(art. 15). Check the date."
            )
        ]
    }


def test_a_request_of_an_unknown_kind_is_refused(usa):
    assert list(refused(a_request(usa, kind="letter"))) == ["kind"]
    saved_against("request_kind_known", a_request(usa, kind="letter"))


# --- Obligation -----------------------------------------------------------------------------------


@pytest.fixture
def initial(usa) -> Obligation:
    derive("2026-11-22")
    return the_obligation(usa)


def test_an_obligation_stands_once(initial):
    initial.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        initial.save(force_insert=True)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"due_on": None}, id="undated without the Committee"),
        pytest.param({"received_on": date(2007, 5, 10)}, id="received, yet not answered"),
        pytest.param(
            {"received_on": date(2007, 5, 10), "answered_on": date(2008, 5, 10)}, id="answered on another day"
        ),
    ],
)
def test_the_database_refuses_an_obligation_that_cannot_be(initial, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Obligation.objects.filter(pk=initial.pk).update(**wrong)


@pytest.mark.parametrize(
    "good",
    [
        {"due_on": None, "waived": True},
        {"due_on": None, "due_source": "to be communicated"},
        {"answered_on": date(2008, 5, 22), "received_on": None},
        {"answered_on": date(2007, 5, 10), "received_on": date(2007, 5, 10)},
    ],
)
def test_the_database_takes_an_obligation_that_can_be(initial, good):
    assert Obligation.objects.filter(pk=initial.pk).update(**good) == 1


@pytest.mark.parametrize(
    ("kind", "cycle", "carried_by", "expected"),
    [
        ("initial", 1, "own", "initial report"),
        ("periodic", 3, "own", "periodic report 3"),
        ("periodic", 7, "CRC report", "report 7 under the CRC"),
        ("information", 1, "own", "further information"),
    ],
)
def test_a_report_is_called_by_its_kind_and_cycle(kind, cycle, carried_by, expected):
    assert report_label(kind, cycle, carried_by) == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("list of issues", "reply to the list of issues"),
        ("follow-up", "follow-up"),
        ("other", "further information"),
    ],
)
def test_a_reply_is_called_by_what_it_replies_to(usa, subject, expected):
    asks(usa, kind=subject)
    derive("2026-11-22")
    assert the_request(usa).label == expected


@pytest.mark.parametrize(
    ("model", "kind", "first", "last", "carried_by", "label"),
    [
        (Submission, "initial", 1, 1, "own", "initial report"),
        (Submission, "initial", 1, 2, "own", "initial and periodic reports 1-2"),
        (CommitteeDate, "periodic", 3, 4, "own", "periodic reports 3-4"),
        (CommitteeDate, "periodic", 5, 5, "CRC report", "report 5 under the CRC"),
        (CommitteeDate, "periodic", 0, 0, "CRC report", "next report under the CRC"),
        (Review, "periodic", 0, 0, "CRC report", "report under the CRC, number not known"),
        (Review, "periodic", 5, 6, "CRC report", "reports 5-6 under the CRC"),
    ],
)
def test_a_fact_is_labelled_by_the_reports_it_names(model, kind, first, last, carried_by, label):
    fact = model(kind=kind, first_cycle=first, last_cycle=last, carried_by=carried_by)
    assert fact.label == label
