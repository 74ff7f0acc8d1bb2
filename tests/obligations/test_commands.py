"""`status` and `deadlines` on made-up records, or on none; an error is one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError

from tests.depth import first
from tests.factories import a_state, decides, joins, receives
from tests.obligations.readings import as_json, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

ROOT = Path(__file__).resolve().parents[2]


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
            ["explain", "NOR", "--as-of", "1/2/2003"],
            "“1/2/2003” is not a calendar date; write it as YYYY-MM-DD, for example 2005-01-23.",
            id="another order of day and month",
        ),
        pytest.param(
            ["explain", "XXX"],
            "“XXX” is not the alpha-3 code of a State that is recorded here.",
            id="unknown State to explain",
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
    assert err.startswith("Nothing is due by that day")


def test_status_bands_count_periodic_reports_too():
    usa = a_state("USA")
    joins(usa, on="2002-12-23")
    receives(usa, "2007-05-10")
    found = as_json("status", "--as-of", "2026-11-22")
    # Overdue: 2010-01-23 and 2015-01-23 over ten, 2020-01-23 from five to ten, 2025-01-23 from one to five.
    assert found["overdue_bands"] == {"under_1": 0, "from_1_to_5": 1, "from_5_to_10": 1, "over_10": 2}
    assert found["initial"]["overdue"] == 0


def test_a_date_to_be_communicated_is_printed_as_absent():
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


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    first(
        1,
        [
            pytest.param(
                ["deadlines", "USA"],
                1,
                "CommandError: The database answered: no such table: registry_state. Run manage.py migrate first.",
                id="nothing migrated yet",
            ),
            pytest.param(
                ["status", "--format", "xml"],
                2,
                "manage.py status: error: argument --format: invalid choice: 'xml' (choose from",
                id="unknown form",
            ),
            pytest.param(
                ["load_registry", "nowhere"],
                1,
                "CommandError: nowhere: this folder does not exist. Nothing was written.",
                id="no such folder",
            ),
        ],
    ),
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
    assert (done.returncode, done.stdout) == (code, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(message)
