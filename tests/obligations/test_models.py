"""Submissions, committee dates and obligations: refused by the database, told on the right field."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.factories import a_state, day, decides, derive, joins, receives, the_obligation
from tracker.obligations.models import CommitteeDate, Obligation, Submission, report_label
from tracker.registry.models import State

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to(date(2026, 11, 22))


@pytest.fixture
def usa() -> State:
    return a_state("USA")


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


def refused(fact) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        fact.full_clean()
    return error.value.message_dict


def saved_against(name: str, fact) -> None:
    """The database itself refuses the row, and the constraint of that name is why."""
    fact.carried_by = fact.carried_by or "own"
    with pytest.raises(IntegrityError), transaction.atomic():
        fact.save_base(force_insert=True)
    constraint = next(c for c in type(fact)._meta.constraints if c.name == name)
    with pytest.raises(ValidationError):
        constraint.validate(type(fact), fact)


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
    joins(usa)
    assert "received_on" in refused(a_submission(usa, kind="periodic", received_on=None))


def test_a_report_comes_after_the_adoption_of_the_opsc(usa):
    a_submission(usa, received_on=day("2000-05-25")).full_clean()
    wrong = a_submission(usa, received_on=day("2000-05-24"))
    assert "The OPSC was adopted on 25 May 2000; a report on it came later." in str(refused(wrong))
    saved_against("submission_not_before_opsc", wrong)


def test_a_report_is_entered_once_it_is_received(usa):
    assert refused(a_submission(usa, received_on=day("2026-11-23"))) == {
        "received_on": ["This day lies in the future; enter the report once it is received."]
    }


def test_a_review_is_entered_once_it_has_taken_place(usa):
    a_submission(usa, reviewed_on=day("2026-11-30")).full_clean()  # this month, its day not known
    assert refused(a_submission(usa, reviewed_on=day("2026-12-01"))) == {
        "reviewed_on": ["This day lies in the future; enter the review once it has taken place."]
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
    assert refused(wrong)["carried_by"] == ["The initial report under the OPSC stands alone."]
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
    report = receives(a_state("NOR"), "2007-05-10")
    assert refused(a_submission(usa, revises=report)) == {
        "revises": ["A report revises an earlier one of the same State."]
    }


@pytest.mark.parametrize(
    ("printed", "good"), [("2004", True), ("2015-09-26", True), ("04", False), ("2004?", False)]
)
def test_a_printed_due_date_is_a_year_or_a_day(usa, printed, good):
    submission = a_submission(usa, printed_due=printed)
    if good:
        submission.full_clean()
    else:
        assert list(refused(submission)) == ["printed_due"]


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
        "The Committee asks for a date after its decision (1 February 2013)."
    ]


def test_a_mistyped_year_of_a_due_date_is_noticed(usa):
    a_committee_date(usa, due_on=day("2033-02-01")).full_clean()
    assert refused(a_committee_date(usa, due_on=day("2106-01-23")))["due_on"] == [
        "This lies more than 20 years after the decision; check the year."
    ]


def test_a_decision_is_entered_once_it_is_adopted(usa):
    wrong = a_committee_date(usa, decided_on=day("2026-11-23"), due_on=day("2030-01-01"))
    assert refused(wrong) == {
        "decided_on": ["This day lies in the future; enter the decision once it is adopted."]
    }


def test_a_document_states_the_date_of_the_same_cycles_once(usa):
    decides(usa, cycles="3-4", document="CRC/C/OPSC/USA/CO/2")
    again = a_committee_date(usa, due_on=day("2017-01-23"))
    assert refused(again) == {"__all__": ["This document's date for these cycles is recorded already."]}
    saved_against("committee_date_once_per_document", again)


def test_a_decision_names_document_and_paragraph_in_the_trail(usa):
    assert decides(usa, document="CRC/C/OPSC/USA/CO/2", paragraph="42").as_rule().document == (
        "CRC/C/OPSC/USA/CO/2, para. 42"
    )
    assert decides(usa, cycles="5", document="CO/5").as_rule().document == "CO/5"


@pytest.mark.parametrize(("precision", "inferred"), [("day", False), ("month", True), ("year", True)])
def test_a_date_that_is_not_printed_to_the_day_is_inferred(usa, precision, inferred):
    assert decides(usa, precision=precision).as_rule().inferred is inferred


# --- Obligation -----------------------------------------------------------------------------------


@pytest.fixture
def initial(usa) -> Obligation:
    joins(usa)
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
