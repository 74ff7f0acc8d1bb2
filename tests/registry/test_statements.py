"""Declarations, reservations, objections and territorial applications: errors on the right field."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from tests.factories import a_state, an_officer, day, declares, derive, signs, withdraw_fact
from tests.registry.test_models import refused, saved_against
from tracker.obligations.actions import save_fact
from tracker.obligations.models import Obligation
from tracker.registry.models import State, Statement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def a_statement(state: State, on: str = "2001-10-02", kind: str = "declaration", **fields) -> Statement:
    said = {"treaty_id": "OPSC", "text": "The Government declares …", "source": "C.N.1.2001"}
    days = {name: day(value) for name, value in fields.items() if name.endswith("_on")}
    return Statement(state=state, kind=kind, date=day(on), **(said | fields | days))


# --- in effect ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["declaration", "reservation", "territorial application"])
def test_a_statement_has_a_day_a_text_and_a_source(norway, kind):
    statement = a_statement(norway, kind=kind)
    save_fact(statement)
    assert str(statement) == f"NOR OPSC {kind} 2001-10-02"
    assert statement.label == kind


def test_an_objection_names_the_state_objected_to(norway):
    objection = a_statement(norway, "2002-05-01", "objection", about=a_state("SWE"))
    save_fact(objection)
    assert objection.label == "objection to the statement of Sweden"


def test_a_statement_is_withdrawn_from_its_day_on(norway):
    statement = a_statement(norway, withdrawn_on="2010-03-01", withdrawal_source="C.N.9.2010")
    save_fact(statement)
    assert [statement.is_withdrawn(on) for on in (date(2010, 2, 28), date(2010, 3, 1))] == [False, True]
    assert not a_statement(norway).is_withdrawn(date(2026, 11, 22))


def test_a_statement_is_made_with_the_signature_too(norway):
    somalia = a_state("SOM")
    signs(somalia, on="2005-05-09")
    a_statement(somalia, "2005-05-09").full_clean()


def test_one_kind_a_day_and_treaty_and_an_objection_to_each_state(norway):
    sweden, finland = a_state("SWE"), a_state("FIN")
    for fact in (
        a_statement(norway),
        a_statement(norway, kind="reservation"),
        a_statement(norway, "2002-05-01"),
        a_statement(norway, "2002-05-01", "objection", about=sweden),
        a_statement(norway, "2002-05-01", "objection", about=finland),
    ):
        save_fact(fact)
    again = a_statement(norway)
    assert refused(again) == {
        "__all__": [
            (
                "A statement of this kind and day is recorded for this State and treaty already; add the text to that "
                "one."
            )
        ]
    }
    saved_against("statement_once_a_day", again)
    twice = a_statement(norway, "2002-05-01", "objection", about=sweden)
    assert refused(twice) == {
        "__all__": [
            "An objection of this day to the same State is recorded already; add the text to that one."
        ]
    }
    saved_against("statement_objection_once_a_day", twice)


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("constraint", "wrong", "field", "message"),
    [
        (
            "statement_not_before_opsc",
            {"on": "2000-05-24"},
            "date",
            "The OPSC was adopted on 25 May 2000; enter a day from then on.",
        ),
        (
            "statement_not_before_crc",
            {"on": "1989-11-19", "treaty_id": "CRC"},
            "date",
            "The CRC was adopted on 20 November 1989; enter a day from then on.",
        ),
        (
            "statement_objection_names_a_state",
            {"kind": "objection"},
            "about",
            "Enter the State whose declaration or reservation this objection answers.",
        ),
        (
            "statement_objection_names_a_state",
            {"about_id": "SWE"},
            "about",
            "Only an objection names another State; leave this empty, or choose objection.",
        ),
        (
            "statement_objects_to_another",
            {"kind": "objection", "about_id": "NOR"},
            "about",
            "A State does not object to its own statement; enter the State objected to.",
        ),
        (
            "statement_withdrawn_after_made",
            {"withdrawn_on": "2001-10-01", "withdrawal_source": "C.N.2"},
            "withdrawn_on",
            "The statement was made on 2 October 2001; enter a day from then on.",
        ),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_by_the_database(
    norway, constraint, wrong, field, message
):
    a_state("SWE")
    assert refused(a_statement(norway, **wrong)) == {field: [message]}
    saved_against(constraint, a_statement(norway, **wrong))


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        (
            {"on": "2026-11-23"},
            "date",
            "This day is in the future; enter a statement once it has been made.",
        ),
        (
            {"on": "2001-10-01"},
            "date",
            (
                "By this day the State had neither signed nor joined the OPSC. Check the State and the day, or enter "
                "its treaty action first."
            ),
        ),
        (
            {"withdrawn_on": "2026-11-23", "withdrawal_source": "C.N.2"},
            "withdrawn_on",
            "This day is in the future; enter a withdrawal once it has been received.",
        ),
        ({"withdrawn_on": "2010-03-01"}, "withdrawal_source", "Enter where the withdrawal was read."),
        (
            {"withdrawal_source": "C.N.2"},
            "withdrawn_on",
            "A source of the withdrawal is given; enter the day of withdrawal.",
        ),
        ({"text": ""}, "text", "This field cannot be blank."),
        ({"source": ""}, "source", "This field cannot be blank."),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(norway, wrong, field, message):
    assert refused(a_statement(norway, **wrong)) == {field: [message]}
    assert not Statement.objects.exists()


def test_a_kind_that_nobody_knows_is_refused(norway):
    wrong = a_statement(norway, kind="understanding")
    assert "kind" in refused(wrong)
    saved_against("statement_kind_known", wrong)


def test_a_statement_that_is_empty_asks_for_what_it_needs():
    with pytest.raises(ValidationError) as error:
        Statement().full_clean()
    assert set(error.value.message_dict) == {"state", "treaty", "kind", "date", "text", "source"}


# --- no effects on obligations --------------------------------------------------------------------


def test_no_deadline_moves_with_a_statement(norway):
    derive("2026-11-22", norway)
    before = list(Obligation.objects.order_by("pk").values())
    assert len(before) > 0
    statement = a_statement(norway, kind="reservation", text="Article 12 does not apply.")
    assert not save_fact(statement)
    assert not withdraw_fact(statement)
    assert list(Obligation.objects.order_by("pk").values()) == before


def test_the_history_says_who_and_why(norway):
    statement = a_statement(norway)
    save_fact(statement, by=an_officer(), reason="C.N.1.2001")
    statement.note = "Read again."
    save_fact(statement, by=an_officer("grace"), reason="second source")
    withdraw_fact(statement, by=an_officer("mary"), reason="it was another State")
    rows = Statement.history.order_by("history_id")
    assert list(rows.values_list("history_type", "history_user__username", "history_change_reason")) == [
        ("+", "ada", "C.N.1.2001"),
        ("~", "grace", "second source"),
        ("-", "mary", "it was another State"),
    ]


def test_the_states_of_an_objection_are_kept(norway):
    sweden = a_state("SWE")
    declares(norway, "objection", "2002-05-01", about=sweden)
    with pytest.raises(ProtectedError):
        sweden.delete()
