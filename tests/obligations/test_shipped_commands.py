"""`status` and `deadlines` on the shipped data: published counts, the exact fields, the three forms."""

import csv
import json
from io import StringIO

import pytest

from tests.obligations.readings import as_json, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped", "today")]

DEADLINE_FIELDS = [
    "state",
    "treaty",
    "article",
    "kind",
    "cycle",
    "computed_on",
    "due_on",
    "due_source",
    "status",
    "received_on",
    "days_late",
    "carried_by",
    "trail",
    "last_cycle",
    "document",
    "printed_due",
    "awaiting_review_since",
]


@pytest.mark.parametrize(
    ("as_of", "signatories", "parties", "waiting"),
    [
        pytest.param("2002-12-24", 105, 46, None, id="105 signatures on 24 December 2002, US fact sheet"),
        pytest.param("2009-05-31", 116, 131, 31, id="131 parties, 31 signatories not parties, May 2009"),
        pytest.param("2019-12-31", 121, 176, None, id="121 signatures, 176 parties, end of 2019"),
        pytest.param("2022-12-31", None, 178, None, id="178 parties, end of 2022"),
        pytest.param("1999-12-31", 0, 0, 0, id="before the OPSC"),
    ],
)
def test_status_gives_the_published_counts(as_of, signatories, parties, waiting):
    found = as_json("status", "--as-of", as_of)
    assert found["as_of"] == as_of
    assert found["parties"] == parties == sum(found["initial"].values())
    assert signatories is None or found["signatories"] == signatories
    assert waiting is None or found["signatories_not_parties"] == waiting


def test_status_has_these_fields_and_no_others():
    found = as_json("status", "--as-of", "2019-12-31")
    assert list(found) == [
        "as_of",
        "signatories",
        "parties",
        "signatories_not_parties",
        "initial",
        "own_periodic",
        "carried",
        "overdue_bands",
    ]
    each = [
        "received_on_time",
        "received_late",
        "received_date_unknown",
        "overdue",
        "no_record",
        "due_within_12_months",
        "not_yet_due",
        "waived",
        "to_be_communicated",
    ]
    assert list(found["initial"]) == list(found["own_periodic"]) == each
    assert list(found["carried"]) == [*each, "date_not_recorded", "awaiting_review"]
    assert list(found["overdue_bands"]) == ["under_1", "from_1_to_5", "from_5_to_10", "over_10"]


def test_status_accuses_only_where_the_records_are_complete():
    # Indonesia and Malaysia: data/README. Both deposited in 2012, so five to ten years late in 2019.
    found = as_json("status", "--as-of", "2019-12-31")
    assert found["initial"]["overdue"] == 2
    assert found["overdue_bands"] == {"under_1": 0, "from_1_to_5": 0, "from_5_to_10": 2, "over_10": 0}


def test_reports_under_the_crc_are_counted_apart_and_none_is_overdue():
    # OHCHR's list of 30 May 2021: 54 reports under the OPSC overdue, all initial, 0 periodic.
    found = as_json("status", "--as-of", "2021-05-30")
    assert (found["own_periodic"]["overdue"], found["carried"]["overdue"]) == (0, 0)
    assert sum(found["overdue_bands"].values()) == found["initial"]["overdue"] == 2
    today = as_json("status")
    assert (today["own_periodic"]["overdue"], today["carried"]["overdue"]) == (0, 0)
    assert sum(today["overdue_bands"].values()) == today["initial"]["overdue"] == 2


def test_status_without_a_day_speaks_of_today():
    assert as_json("status")["as_of"] == "2026-11-22"


def test_status_as_csv_is_one_row_with_nested_names_joined():
    out, _ = run("status", "--as-of", "2009-05-31", "--format", "csv")
    (row,) = csv.DictReader(StringIO(out))
    assert (row["as_of"], row["parties"], row["signatories_not_parties"]) == ("2009-05-31", "131", "31")
    assert row["initial.no_record"] == "75"
    assert row["overdue_bands.over_10"] == "0"


def test_status_as_a_table_is_the_default():
    out, err = run("status", "--as-of", "2009-05-31")
    assert [line.split() for line in out.splitlines()[:4]] == [
        ["as_of", "2009-05-31"],
        ["signatories", "116"],
        ["parties", "131"],
        ["signatories_not_parties", "31"],
    ]
    assert err == ""


def test_deadlines_of_the_usa():
    rows = as_json("deadlines", "USA", "--as-of", "2026-11-22", "--until", "2036-11-22")
    assert [
        (
            row["cycle"],
            row["computed_on"],
            row["due_on"],
            row["due_source"],
            row["status"],
            row["days_late"],
        )
        for row in rows
    ] == [
        (1, "2005-01-23", "2005-01-23", "rule", "received late", 837),
        (2, "2010-01-23", "2010-01-23", "rule", "received late", 2),
        (3, "2015-01-23", "2016-01-23", "committee", "received on time", 0),
        (4, "2020-01-23", "2016-01-23", "committee", "received on time", 0),
        (5, "2025-01-23", "2022-01-23", "committee", "received on time", 0),
        (6, "2030-01-23", "2030-01-23", "rule", "not yet due", None),
        (7, "2035-01-23", "2035-01-23", "rule", "not yet due", None),
    ]
    assert {row["carried_by"] for row in rows} == {"own"}
    assert rows[0]["trail"][1] == {
        "source": "OPSC art. 14(2)",
        "from": "2002-12-23",
        "to": "2003-01-23",
        "text": "In force for the State one month after the deposit, on 23 January 2003.",
    }


def test_deadlines_have_these_fields_and_no_others():
    row = as_json("deadlines", "USA")[0]
    assert list(row) == DEADLINE_FIELDS
    assert all(list(step) == ["source", "from", "to", "text"] for step in row["trail"])
    assert {name: row[name] for name in DEADLINE_FIELDS[:12]} == {
        "state": "USA",
        "treaty": "OPSC",
        "article": "12.1",
        "kind": "initial",
        "cycle": 1,
        "computed_on": "2005-01-23",
        "due_on": "2005-01-23",
        "due_source": "rule",
        "status": "received late",
        "received_on": "2007-05-10",
        "days_late": 837,
        "carried_by": "own",
    }


def test_deadlines_of_a_party_to_the_crc_follow_its_crc_reports():
    rows = as_json("deadlines", "NOR", "--as-of", "2025-12-04", "--until", "2030-12-31")
    assert [(row["cycle"], row["due_on"], row["status"], row["carried_by"]) for row in rows] == [
        (1, "2004-01-18", "received, date unknown", "own"),
        (5, "2016-12-31", "received on time", "CRC report"),
        (8, None, "to be communicated", "CRC report"),
    ]


def test_deadlines_reach_ten_years_ahead_unless_told_otherwise():
    assert as_json("deadlines", "USA", "--as-of", "2020-01-23")[-1]["due_on"] == "2030-01-23"
    assert as_json("deadlines", "USA", "--as-of", "2020-01-22")[-1]["cycle"] == 5
    assert as_json("deadlines", "USA", "--until", "2045-01-23")[-1]["due_on"] == "2045-01-23"
    assert as_json("deadlines", "USA", "--until", "2005-01-23")[-1]["cycle"] == 1


def test_deadlines_without_a_state_are_those_of_every_party():
    rows = as_json("deadlines", "--as-of", "2026-11-22")
    assert len(rows) > 300
    assert len({row["state"] for row in rows}) == 178
    assert [row["state"] for row in rows] == sorted(row["state"] for row in rows)


def test_deadlines_of_several_states_in_any_case():
    rows = as_json("deadlines", "usa", "Nor", "--until", "2006-01-01")
    assert [(row["state"], row["cycle"]) for row in rows] == [("NOR", 1), ("USA", 1)]


def test_deadlines_of_who_never_joined_are_none_and_that_is_told():
    out, err = run("deadlines", "IRL", "--format", "json")
    assert json.loads(out) == []
    assert err == "Nothing is due by that day for these States.\n"


def test_deadlines_as_csv_have_the_same_fields():
    out, _ = run("deadlines", "USA", "--until", "2010-12-31", "--format", "csv")
    rows = list(csv.DictReader(StringIO(out)))
    assert list(rows[0]) == DEADLINE_FIELDS
    assert [(row["cycle"], row["due_on"], row["received_on"]) for row in rows] == [
        ("1", "2005-01-23", "2007-05-10"),
        ("2", "2010-01-23", "2010-01-25"),
    ]
    assert rows[0]["trail"].startswith("Instrument of ratification deposited on 23 December 2002. In force")


def test_deadlines_as_a_table():
    out, _ = run("deadlines", "USA", "--until", "2010-12-31")
    header, first, second = out.splitlines()
    hidden = ("treaty", "trail", "last_cycle")
    assert header.split() == [name for name in DEADLINE_FIELDS if name not in hidden]
    assert " ".join(first.split()) == (
        "USA 12.1 initial 1 2005-01-23 2005-01-23 rule received late 2007-05-10 837 own 2005"
    )
    assert " ".join(second.split()).endswith("received late 2010-01-25 2 own 2010")


def test_deadlines_of_a_report_that_awaits_its_review():
    (row,) = [row for row in as_json("deadlines", "IRN") if row["carried_by"] == "CRC report"]
    told = ("cycle", "last_cycle", "due_on", "document", "printed_due", "awaiting_review_since")
    assert [row[name] for name in told] == [5, 6, "2021-12-31", "CRC/C/IRN/CO/3-4", None, "2023-10-31"]


def test_a_next_report_has_no_number():
    (row,) = [row for row in as_json("deadlines", "GAB") if row["carried_by"] == "CRC report"]
    told = ("cycle", "last_cycle", "computed_on", "due_on", "due_source", "status", "document")
    assert [row[name] for name in told] == [
        None, None, "2021-03-11", None, "treaty calendar", "date not recorded", "CRC/C/GAB/CO/2",
    ]  # fmt: skip
    table, _ = run("deadlines", "GAB")
    assert table.splitlines()[-1].split()[:5] == ["GAB", "12.2", "periodic", "next", "2021-03-11"]
    (csv_row,) = [
        row
        for row in csv.DictReader(StringIO(run("deadlines", "GAB", "--format", "csv")[0]))
        if row["kind"] == "periodic"
    ]
    assert csv_row["cycle"] == ""


def test_the_calendar_of_the_treaty_is_no_deadline():
    rows = as_json("deadlines", "GAB", "--calendar", "--until", "2031-12-31")
    assert [(row["cycle"], row["computed_on"]) for row in rows] == [
        (6, "2021-03-11"), (7, "2026-03-11"), (8, "2031-03-11"),
    ]  # fmt: skip
    for row in rows:
        told = ("due_on", "due_source", "status", "days_late", "received_on", "carried_by")
        assert [row[name] for name in told] == [
            None, "treaty calendar", "date not recorded", None, None, "CRC report",
        ]  # fmt: skip
        assert row["trail"][-1]["source"] == "CRC art. 44(1)"


def test_a_decision_of_the_committee_moves_no_day_of_the_calendar():
    # CRC in force for Norway on 7 February 1991; its initial OPSC report was reviewed on 3 June 2005.
    rows = as_json("deadlines", "NOR", "--calendar", "--until", "2023-02-07")
    assert [row["computed_on"] for row in rows] == ["2008-02-07", "2013-02-07", "2018-02-07", "2023-02-07"]


def test_who_has_no_calendar_is_told():
    out, err = run("deadlines", "USA", "--calendar", "--format", "json")
    assert json.loads(out) == []
    assert err == (
        "The calendar of the Convention is empty: none of its States parties has submitted its "
        "initial report.\n"
    )
