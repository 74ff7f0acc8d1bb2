"""`status` and `deadlines`: published counts, the exact fields, the three forms, errors in one line."""

import csv
import json
import os
import subprocess
import sys
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from tests.factories import a_state, joins, receives
from tracker.obligations.management.commands import status as status_module

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to(date(2026, 11, 22))


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def as_json(*arguments: str):
    return json.loads(run(*arguments, "--format", "json")[0])


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
]


@pytest.mark.usefixtures("shipped")
class TestWithTheShippedData:
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
    def test_status_gives_the_published_counts(self, as_of, signatories, parties, waiting):
        found = as_json("status", "--as-of", as_of)
        assert found["as_of"] == as_of
        assert found["parties"] == parties
        assert signatories is None or found["signatories"] == signatories
        assert waiting is None or found["signatories_not_parties"] == waiting

    def test_status_has_these_fields_and_no_others(self):
        found = as_json("status", "--as-of", "2019-12-31")
        assert list(found) == [
            "as_of",
            "signatories",
            "parties",
            "signatories_not_parties",
            "initial",
            "overdue_bands",
        ]
        assert sorted(found["initial"]) == [
            "due_within_12_months",
            "no_record",
            "not_yet_due",
            "overdue",
            "received_date_unknown",
            "received_late",
            "received_on_time",
        ]
        assert list(found["overdue_bands"]) == ["under_1", "from_1_to_5", "from_5_to_10", "over_10"]

    @pytest.mark.parametrize("as_of", ["2003-01-01", "2009-05-31", "2019-12-31", "2026-11-22"])
    def test_status_counts_the_initial_report_of_each_party_once(self, as_of):
        found = as_json("status", "--as-of", as_of)
        assert sum(found["initial"].values()) == found["parties"]

    def test_status_accuses_only_where_the_records_are_complete(self):
        # Indonesia and Malaysia: data/README. Both deposited in 2012, so five to ten years late in 2019.
        found = as_json("status", "--as-of", "2019-12-31")
        assert found["initial"]["overdue"] == 2
        assert found["overdue_bands"] == {"under_1": 0, "from_1_to_5": 0, "from_5_to_10": 2, "over_10": 0}

    def test_status_without_a_day_speaks_of_today(self):
        assert as_json("status")["as_of"] == "2026-11-22"

    def test_status_as_csv_is_one_row_with_nested_names_joined(self):
        out, _ = run("status", "--as-of", "2009-05-31", "--format", "csv")
        (row,) = csv.DictReader(StringIO(out))
        assert (row["as_of"], row["parties"], row["signatories_not_parties"]) == ("2009-05-31", "131", "31")
        assert row["initial.no_record"] == "75"
        assert row["overdue_bands.over_10"] == "0"

    def test_status_as_a_table_is_the_default(self):
        out, err = run("status", "--as-of", "2009-05-31")
        assert out.splitlines()[:4] == [
            "as_of                          2009-05-31",
            "signatories                    116",
            "parties                        131",
            "signatories_not_parties        31",
        ]
        assert err == ""

    def test_deadlines_of_the_usa(self):
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

    def test_deadlines_have_these_fields_and_no_others(self):
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

    def test_deadlines_of_a_party_to_the_crc_follow_its_crc_reports(self):
        rows = as_json("deadlines", "NOR", "--as-of", "2025-12-04", "--until", "2030-12-31")
        assert [(row["cycle"], row["due_on"], row["status"], row["carried_by"]) for row in rows] == [
            (1, "2004-01-18", "received, date unknown", "own"),
            (4, "2008-02-07", "no record", "CRC report"),
            (5, "2013-02-07", "no record", "CRC report"),
            (6, "2018-02-07", "no record", "CRC report"),
            (7, "2023-02-07", "no record", "CRC report"),
            (8, "2028-02-07", "not yet due", "CRC report"),
        ]

    def test_deadlines_count_only_facts_up_to_the_day(self):
        rows = as_json("deadlines", "USA", "--as-of", "2013-01-31", "--until", "2020-12-31")
        assert [(row["cycle"], row["due_on"], row["due_source"], row["status"]) for row in rows] == [
            (1, "2005-01-23", "rule", "received late"),
            (2, "2010-01-23", "rule", "received late"),
            (3, "2015-01-23", "rule", "not yet due"),
            (4, "2020-01-23", "rule", "not yet due"),
        ]

    def test_deadlines_reach_ten_years_ahead_unless_told_otherwise(self):
        assert as_json("deadlines", "USA", "--as-of", "2020-01-23")[-1]["due_on"] == "2030-01-23"
        assert as_json("deadlines", "USA", "--as-of", "2020-01-22")[-1]["cycle"] == 5
        assert as_json("deadlines", "USA", "--until", "2045-01-23")[-1]["due_on"] == "2045-01-23"
        assert as_json("deadlines", "USA", "--until", "2005-01-23")[-1]["cycle"] == 1

    def test_deadlines_without_a_state_are_those_of_every_party(self):
        rows = as_json("deadlines", "--as-of", "2026-11-22")
        assert len(rows) == 757
        assert len({row["state"] for row in rows}) == 178
        assert [row["state"] for row in rows] == sorted(row["state"] for row in rows)

    def test_deadlines_of_several_states_in_any_case(self):
        rows = as_json("deadlines", "usa", "Nor", "--until", "2006-01-01")
        assert [(row["state"], row["cycle"]) for row in rows] == [("NOR", 1), ("USA", 1)]

    def test_deadlines_of_who_never_joined_are_none_and_that_is_told(self):
        out, err = run("deadlines", "IRL", "--format", "json")
        assert json.loads(out) == []
        assert err == "Nothing is owed by then: no State that was asked for had joined the OPSC.\n"

    def test_deadlines_as_csv_have_the_same_fields(self):
        out, _ = run("deadlines", "USA", "--until", "2010-12-31", "--format", "csv")
        rows = list(csv.DictReader(StringIO(out)))
        assert list(rows[0]) == DEADLINE_FIELDS
        assert [(row["cycle"], row["due_on"], row["received_on"]) for row in rows] == [
            ("1", "2005-01-23", "2007-05-10"),
            ("2", "2010-01-23", "2010-01-25"),
        ]
        assert rows[0]["trail"].startswith(
            "Instrument of ratification deposited on 23 December 2002. In force"
        )

    def test_deadlines_as_a_table(self):
        out, _ = run("deadlines", "USA", "--until", "2010-12-31")
        header, first, second = out.splitlines()
        assert header.split() == [name for name in DEADLINE_FIELDS if name not in ("treaty", "trail")]
        assert (
            first.split()
            == "USA 12.1 initial 1 2005-01-23 2005-01-23 rule received late 2007-05-10 837 own".split()
        )
        assert len(second) <= len(header) + 20


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            ["status", "--as-of", "2009-02-30"],
            "“2009-02-30” is not a calendar date; write it as YYYY-MM-DD, for example 2005-01-23.",
            id="no such day",
        ),
        pytest.param(
            ["status", "--as-of", "9999-12-31"],
            "“9999-12-31” is out of reach; choose a day from 1900 to 2200.",
            id="beyond the calendar",
        ),
        pytest.param(
            ["deadlines", "--until", "0001-01-01"],
            "“0001-01-01” is out of reach; choose a day from 1900 to 2200.",
            id="before the calendar",
        ),
        pytest.param(
            ["deadlines", "--until", "31/12/2030"],
            "“31/12/2030” is not a calendar date; write it as YYYY-MM-DD, for example 2005-01-23.",
            id="another order of day and month",
        ),
        pytest.param(
            ["deadlines", "XXX"],
            "“XXX” is not the alpha-3 code of a State that is recorded here.",
            id="unknown State",
        ),
        pytest.param(
            ["deadlines", "NOR", "Norway"],
            "“Norway” is not the alpha-3 code of a State that is recorded here.",
            id="a name instead of a code",
        ),
    ],
)
def test_bad_input_is_refused_in_one_sentence(arguments, message):
    a_state("NOR")
    with pytest.raises(CommandError) as error:
        run(*arguments)
    assert str(error.value) == message
    assert error.value.returncode == 1


@pytest.mark.parametrize("as_of", ["1900-01-01", "2200-12-31"])
def test_the_ends_of_the_calendar_can_be_asked_about(as_of):
    joins(a_state("NOR"), on="2001-10-02")
    assert as_json("status", "--as-of", as_of)["as_of"] == as_of
    as_json("deadlines", "--as-of", as_of, "--until", "2200-12-31")


def test_an_empty_database_has_figures_of_nought():
    found = as_json("status", "--as-of", "2026-11-22")
    assert (found["signatories"], found["parties"], found["signatories_not_parties"]) == (0, 0, 0)
    assert set(found["initial"].values()) == set(found["overdue_bands"].values()) == {0}


@pytest.mark.parametrize(("form", "printed"), [("json", "[]"), ("csv", ""), ("table", "")])
def test_an_empty_database_owes_nothing_and_says_so(form, printed):
    out, err = run("deadlines", "--format", form)
    assert "".join(out.split()) == printed
    assert err.startswith("Nothing is owed by then")


def test_status_bands_count_periodic_reports_too():
    usa = a_state("USA")
    joins(usa, on="2002-12-23")
    receives(usa, "2007-05-10")
    found = as_json("status", "--as-of", "2026-11-22")
    # Overdue: 2010-01-23 and 2015-01-23 over ten, 2020-01-23 from five to ten, 2025-01-23 from one to five.
    assert found["overdue_bands"] == {"under_1": 0, "from_1_to_5": 1, "from_5_to_10": 1, "over_10": 2}
    assert found["initial"]["overdue"] == 0


def test_a_date_to_be_communicated_is_printed_as_absent():
    from tests.factories import decides

    usa = a_state("USA")
    joins(usa, on="2002-12-23")
    decides(usa, None, on="2013-02-01", cycles="3", outcome="to be communicated", document="CO/2")
    row = as_json("deadlines", "USA", "--until", "2015-12-31")[-1]
    assert (row["computed_on"], row["due_on"], row["due_source"], row["status"], row["days_late"]) == (
        "2015-01-23",
        None,
        "to be communicated",
        "to be communicated",
        None,
    )
    assert row["trail"][-1]["to"] is None


def test_what_the_database_answers_is_told_in_one_line(monkeypatch):
    def broken(day: date) -> None:
        raise DatabaseError('relation "registry_state" does not exist\nLINE 1: SELECT')

    monkeypatch.setattr(status_module, "status_counts", broken)
    with pytest.raises(CommandError) as error:
        run("status")
    assert str(error.value) == (
        'The database answered: relation "registry_state" does not exist. Run manage.py migrate first.'
    )


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        pytest.param(
            ["deadlines", "USA"],
            1,
            "CommandError: The database answered: no such table: registry_state. Run manage.py migrate first.",
            id="nothing migrated yet",
        ),
        pytest.param(
            ["status", "--as-of", "2009-02-30"],
            1,
            "CommandError: “2009-02-30” is not a calendar date; write it as YYYY-MM-DD, for example 2005-01-23.",
            id="no such day",
        ),
        pytest.param(
            ["status", "--format", "xml"],
            2,
            "manage.py status: error: argument --format: invalid choice: 'xml' (choose from 'table', 'json', "
            "'csv')",
            id="unknown form",
        ),
        pytest.param(
            ["load_registry", "nowhere"],
            1,
            "CommandError: nowhere: there is no such folder. Nothing was written.",
            id="no such folder",
        ),
    ],
)
def test_an_error_is_one_line_on_standard_error_and_the_exit_code_tells(tmp_path, arguments, code, message):
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", *arguments],
        env=os.environ
        | {"DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3", "VAR_DIR": str(tmp_path), "NO_COLOR": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.splitlines()) == (code, "", [message])
