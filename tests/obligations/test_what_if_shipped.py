"""`what_if` on the shipped data: the rows of `deadlines`, the other changes, and that nothing is written."""

import csv
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import day
from tests.obligations.readings import as_json, changed, facts, run, supposing
from tracker.obligations import what_if
from tracker.obligations.models import Submission
from tracker.registry.models import State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped", "today")]


# --- the command -----------------------------------------------------------------------------


@pytest.fixture
def kenya(shipped: Any) -> State:
    """Signed on 8 September 2000, never ratified; party to the CRC."""
    return State.objects.get(pk="KEN")


def test_kenya_deposits_in_march_2027(kenya):
    (row,) = as_json("what_if", "KEN", "--deposit", "2027-03-01")
    assert row == {
        "state": "KEN",
        "treaty": "OPSC",
        "article": "12.1",
        "kind": "initial",
        "cycle": 1,
        "computed_on": "2029-04-01",
        "due_on": "2029-04-01",
        "due_source": "rule",
        "status": "not yet due",
        "received_on": None,
        "days_late": None,
        "carried_by": "own",
        "trail": [
            {
                "source": "Depositary",
                "from": "2027-03-01",
                "to": "2027-03-01",
                "text": "Instrument of ratification deposited on 1 March 2027.",
            },
            {
                "source": "OPSC art. 14(2)",
                "from": "2027-03-01",
                "to": "2027-04-01",
                "text": "In force for the State one month after the deposit, on 1 April 2027.",
            },
            {
                "source": "OPSC art. 12(1)",
                "from": "2027-04-01",
                "to": "2029-04-01",
                "text": "Initial report within two years of entry into force, by 1 April 2029.",
            },
        ],
        "last_cycle": 1,
        "document": None,
        "printed_due": None,
        "awaiting_review_since": None,
    }


def test_what_else_would_change_is_told_beside_it(kenya):
    out, err = run("what_if", "KEN", "--deposit", "2027-03-01", "--format", "json")
    assert len(json.loads(out)) == 1
    assert err.splitlines() == [
        "Supposed: Kenya, ratification, on 1 March 2027.",
        "As of 1 March 2027:",
        "- initial report: would be added, due 1 April 2029, not yet due.",
        "- parties: 178, would be 179.",
        "- signatories_not_parties: 8, would be 7.",
        "- initial.not_yet_due: 0, would be 1.",
        "- reminders from 1 March 2027 to 29 February 2028: 0 would be added, 0 would be removed.",
        "Nothing was written.",
    ]


def test_a_deposit_in_the_past_is_told_as_of_today(kenya):
    out, err = run("what_if", "ken", "--deposit", "2005-01-31", "--kind", "ratification", "--format", "csv")
    (row,) = csv.DictReader(StringIO(out))
    assert (row["due_on"], row["status"], row["days_late"]) == ("2007-02-28", "overdue", "7207")
    assert "As of 22 November 2026:" in err


def test_an_accession_after_a_signature_is_not_refused(kenya):
    (row,) = as_json("what_if", "KEN", "--deposit", "2027-03-01", "--kind", "accession")
    assert row["trail"][0]["text"] == "Instrument of accession deposited on 1 March 2027."


def test_a_state_that_never_signed_accedes(shipped):
    (row,) = as_json("what_if", "TON", "--deposit", "2026-11-01")
    assert row["trail"][0]["text"] == "Instrument of accession deposited on 1 November 2026."
    assert row["due_on"] == "2028-12-01"


def test_as_a_table_it_has_the_columns_of_deadlines(kenya):
    header, row = run("what_if", "KEN", "--deposit", "2027-03-01")[0].splitlines()
    assert header.split()[:5] == ["state", "article", "kind", "cycle", "computed_on"]
    assert " ".join(row.split()) == "KEN 12.1 initial 1 2029-04-01 2029-04-01 rule not yet due own"


def test_a_state_party_deposits_instead_of_what_is_recorded(shipped):
    out, err = run("what_if", "USA", "--deposit", "2004-12-31", "--format", "json")
    rows = json.loads(out)
    assert [(row["cycle"], row["computed_on"], row["due_on"], row["carried_by"]) for row in rows] == [
        (1, "2007-01-31", "2007-01-31", "own"),
        (2, "2012-01-31", "2012-01-31", "own"),
        (3, "2017-01-31", "2016-01-23", "own"),
        (4, "2022-01-31", "2016-01-23", "own"),
        (5, "2027-01-31", "2022-01-23", "own"),
        (6, "2032-01-31", "2032-01-31", "own"),
    ]
    assert err.splitlines()[0] == (
        "Supposed: United States of America, ratification, on 31 December 2004. It replaces the ratification "
        "recorded on 23 December 2002."
    )
    assert "- periodic report 7: would be removed, due 23 January 2035, not yet due.\n" not in err
    assert "- periodic report 7: due 23 January 2035, not yet due; would be due 31 January 2037" in err


def test_the_committee_states_another_date_for_report_5(shipped):
    out, err = run(
        "what_if", "USA", "--stated", "5", "2024-01-23", "--decided-on", "2017-06-02", "--format", "json"
    )
    assert [row["due_on"] for row in json.loads(out)] == [
        "2005-01-23", "2010-01-23", "2016-01-23", "2016-01-23", "2024-01-23", "2030-01-23", "2035-01-23",
    ]  # fmt: skip
    assert err.splitlines()[0] == (
        "Supposed: United States of America, the Committee asks on 2 June 2017 for periodic report 5 "
        "by 23 January 2024. It replaces the date recorded for that day: CRC/C/OPSC/USA/CO/3-4."
    )
    assert "- parties" not in err


def test_the_committee_will_communicate_a_date(shipped):
    rows = as_json("what_if", "USA", "--stated", "6", "tbc")
    assert [(row["due_on"], row["status"]) for row in rows if row["cycle"] == 6] == [
        (None, "to be communicated")
    ]


def test_norways_submission_is_withdrawn(shipped):
    out, err = run("what_if", "NOR", "--withdraw", "CRC/C/OPSA/NOR/1", "--format", "json")
    assert [(row["due_on"], row["status"]) for row in json.loads(out)] == [("2004-01-18", "no record")]
    assert "- report 8 under the CRC: would be removed, to be communicated.\n" in err
    assert "- reports 5-6 under the CRC: would be removed, due 31 December 2016, received on time.\n" in err
    assert "- initial.no_record: 59, would be 60.\n" in err


def test_a_report_is_received(shipped):
    rows = as_json("what_if", "IDN", "--receive", "1", "2026-12-24")
    assert [(row["cycle"], row["due_on"], row["status"], row["days_late"]) for row in rows] == [
        (1, "2014-10-24", "received late", 4444),
        (7, None, "to be communicated", None),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("KEN", "--deposit", "2027-03-01"),
        ("USA", "--deposit", "2004-12-31"),
        ("USA", "--stated", "5", "2024-01-23", "--decided-on", "2017-06-02"),
        ("NOR", "--withdraw", "CRC/C/OPSA/NOR/1"),
        ("IDN", "--receive", "1", "2026-12-24"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_nothing_is_written(shipped, arguments):
    with CaptureQueriesContext(connection) as asked:
        run("what_if", *arguments)
    assert {query["sql"].split()[0] for query in asked} <= {"SELECT", "SAVEPOINT", "RELEASE"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ("KEN", "--deposit", "2000-09-07"),
            "The signature (8 September 2000) cannot come after the deposit (7 September 2000).",
        ),
        (
            ("KEN", "--deposit", "2027-02-29"),
            "“2027-02-29” is not a calendar date; write it as YYYY-MM-DD, for example 2005-01-23.",
        ),
        (
            ("XXX", "--deposit", "2027-03-01"),
            "“XXX” is not the alpha-3 code of a State that is recorded here.",
        ),
        (
            ("NOR", "--withdraw", "CRC/C/OPSA/NOR/2"),
            "“CRC/C/OPSA/NOR/2” is not the symbol of a submission of Norway.",
        ),
        (
            ("USA", "--stated", "four", "2027-01-01"),
            "“four” is not a cycle; write 3, or 3-4 for the third and fourth combined.",
        ),
        (("USA", "--deposit", "2004-12-31", "--decided-on", "2017-06-02"), "--decided-on goes with --stated."),
        (("USA", "--stated", "6", "tbc", "--kind", "accession"), "--kind goes with --deposit."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_line(shipped, arguments, says):
    with pytest.raises(CommandError) as refused:
        run("what_if", *arguments)
    assert str(refused.value) == says


@pytest.mark.parametrize(
    "arguments",
    [("KEN",), ("KEN", "--deposit", "2027-03-01", "--kind", "denunciation"), ("KEN", "--deposit", "2027-03-01",
     "--withdraw", "X"), ("--deposit", "2027-03-01")],
)  # fmt: skip
def test_half_a_question_is_refused(shipped, arguments):
    with pytest.raises(CommandError, match=r"\AError: [^\n]+\Z"):
        run("what_if", *arguments)


def test_an_overdue_report_that_comes_leaves_its_band(shipped):
    indonesia = State.objects.get(pk="IDN")
    report = Submission(
        state=indonesia, kind="initial", first_cycle=1, last_cycle=1, received_on=day("2026-11-20")
    )
    found = supposing(indonesia, what_if.receipt(facts(indonesia), report))
    assert found.changed_counts == [
        ("initial.received_late", 79, 80),
        ("initial.overdue", 2, 1),
        ("carried.to_be_communicated", 62, 63),
        ("overdue_bands.over_10", 2, 1),
    ]


def test_as_of_an_earlier_day_only_what_was_known_then_is_supposing(shipped):
    usa = State.objects.get(pk="USA")
    supposed = what_if.withdrawal(facts(usa), Submission.objects.get(symbol="CRC/C/OPSC/USA/5"))
    assert changed(supposing(usa, supposed, day("2020-01-01"))) == {}
    assert changed(supposing(usa, supposed)) == {"periodic report 5": ["status", "received_on"]}
