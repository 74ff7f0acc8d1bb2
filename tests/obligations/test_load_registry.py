"""Loading CSV files: all or nothing, repeatable, and each bad value named by file, row and column."""

import csv
import json
import shutil
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import a_contact, a_state, denounces, derive, joins, receives, signs
from tracker.obligations.models import CommitteeDate, Obligation, Submission
from tracker.registry.load import SHIPPED
from tracker.registry.models import Contact, State, TreatyAction

pytestmark = pytest.mark.django_db

FILES = ("states.csv", "participation.csv", "records.csv", "submissions.csv", "committee_dates.csv")
FEW = ("AFG", "AGO", "ALB", "BEN", "CIV", "IRL", "IRQ", "NOR", "SWE", "USA")
TABLES = (State, TreatyAction, Submission, CommitteeDate, Obligation)


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to(date(2026, 11, 22))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped files, to be broken."""
    for name in FILES:
        shutil.copy(SHIPPED / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def few(folder: Path) -> Path:
    """The same files with a few States only."""
    for name in FILES:
        header, *rows = read(folder / name)
        write(folder / name, [header, *(row for row in rows if row[0] in FEW)])
    return folder


def load(*arguments: object) -> tuple[str, str]:
    """Runs the command; gives what it printed and what it told."""
    out, err = StringIO(), StringIO()
    call_command("load_registry", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def counts(*arguments: object) -> dict[str, tuple[int, int, int]]:
    """Added, changed and unchanged by table, as the command prints them."""
    out, _ = load(*arguments, "--format", "json")
    return {row["table"]: (row["added"], row["changed"], row["unchanged"]) for row in json.loads(out)}


def in_tables() -> list[int]:
    return [table.objects.count() for table in TABLES]


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def change(folder: Path, name: str, iso3: str, column: str, value: str) -> int:
    """Changes a cell of a State's first row; gives the row's number as a spreadsheet shows it."""
    rows = read(folder / name)
    at = next(number for number, row in enumerate(rows) if row[0] == iso3)
    rows[at][rows[0].index(column)] = value
    write(folder / name, rows)
    return at + 1


def refused(folder: Path) -> str:
    """The one message of a load that is refused, after which nothing is written."""
    before = in_tables()
    with pytest.raises(CommandError) as error:
        load(folder)
    assert error.value.returncode != 0
    assert in_tables() == before
    message = str(error.value)
    assert "\n" not in message
    assert message.endswith(" Nothing was written.")
    return message.removesuffix(" Nothing was written.")


# --- what is loaded -------------------------------------------------------------------------------


def test_the_shipped_data_load():
    assert counts() == {
        "States": (197, 0, 0),
        "treaty actions": (496, 0, 0),
        "records": (0, 178, 0),
        "submissions": (120, 0, 0),
        "dates stated by the Committee": (2, 0, 0),
        "obligations": (757, 0, 0),
    }
    assert in_tables() == [197, 496, 120, 2, 757]


def test_loading_twice_changes_nothing():
    load()
    before = [list(table.objects.order_by("pk").values()) for table in TABLES]
    histories = [State.history.count(), TreatyAction.history.count(), Submission.history.count()]
    assert counts() == {
        "States": (0, 0, 197),
        "treaty actions": (0, 0, 496),
        "records": (0, 0, 178),
        "submissions": (0, 0, 120),
        "dates stated by the Committee": (0, 0, 2),
        "obligations": (0, 0, 757),
    }
    assert [list(table.objects.order_by("pk").values()) for table in TABLES] == before
    assert [State.history.count(), TreatyAction.history.count(), Submission.history.count()] == histories


def test_a_dry_run_tells_all_and_writes_nothing():
    out, err = load("--dry-run", "--format", "json")
    assert [(row["table"], row["added"]) for row in json.loads(out)] == [
        ("States", 197),
        ("treaty actions", 496),
        ("records", 0),
        ("submissions", 120),
        ("dates stated by the Committee", 2),
        ("obligations", 757),
    ]
    assert err == "Dry run: nothing was written.\n"
    assert in_tables() == [0, 0, 0, 0, 0]
    assert not State.history.exists()


def test_a_changed_cell_changes_one_row_and_what_follows_from_it(folder):
    load()
    change(folder, "participation.csv", "NOR", "opsc_action_date", "2002-03-31")
    found = counts(folder)
    assert found["treaty actions"] == (0, 1, 495)
    # The initial report moves; the reports under the CRC keep their dates, but arise from another deposit.
    assert found["obligations"][0] == 0
    assert found["obligations"][1] >= 1
    initial = Obligation.objects.get(state="NOR", kind="initial")
    assert initial.due_on == date(2004, 4, 30)


def test_loading_is_remembered_with_its_reason(folder):
    load()
    change(folder, "participation.csv", "NOR", "opsc_action_date", "2001-10-03")
    load(folder)
    history = TreatyAction.history.filter(state="NOR", treaty="OPSC", kind="ratification")
    assert list(history.order_by("history_id").values_list("date", "history_change_reason")) == [
        (date(2001, 10, 2), "loaded from the shipped data"),
        (date(2001, 10, 3), f"loaded from {folder.name}"),
    ]


def test_a_corrected_kind_of_joining_takes_the_place_of_the_earlier_one(folder):
    load()
    change(folder, "participation.csv", "AFG", "opsc_action", "ratification")
    assert counts(folder)["treaty actions"] == (0, 1, 495)
    assert list(TreatyAction.objects.filter(state="AFG", treaty="OPSC").values_list("kind", flat=True)) == [
        "ratification"
    ]


def test_what_staff_entered_beside_the_files_stays():
    load()
    norway = State.objects.get(pk="NOR")
    a_contact(norway)
    receives(norway, "2008-02-01", "periodic", "4")
    load()
    assert Contact.objects.count() == 1
    assert Submission.objects.count() == 121
    assert Obligation.objects.get(state="NOR", cycle=4).received_on == date(2008, 2, 1)


def test_one_file_alone_is_enough(tmp_path):
    shutil.copy(SHIPPED / "participation.csv", tmp_path)
    found = counts(tmp_path)
    assert found["States"] == (197, 0, 0)
    assert State.objects.get(pk="NOR").region == "WEOG"  # from the shipped states.csv
    assert "submissions" not in found


def test_columns_may_stand_in_any_order_and_the_file_may_begin_with_a_mark(folder):
    rows = read(folder / "records.csv")
    write(folder / "records.csv", [list(reversed(row)) for row in rows])
    text = (folder / "participation.csv").read_bytes()
    (folder / "participation.csv").write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert counts(folder)["records"] == (0, 178, 0)


def test_empty_rows_are_passed_over(folder):
    with (folder / "submissions.csv").open("a", encoding="utf-8") as file:
        file.write("\n,,,,,,,,\n")
    assert counts(folder)["submissions"] == (120, 0, 0)


def test_a_month_of_review_counts_to_its_last_day():
    load()
    angola = Submission.objects.get(state="AGO")  # considered_on is printed as 2018-05
    assert (angola.reviewed_on, angola.review_precision) == (date(2018, 5, 31), "month")


def test_a_date_to_be_communicated_and_a_waiver_can_be_loaded(folder):
    rows = read(folder / "committee_dates.csv")
    rows[1][rows[0].index("due_on")] = "to be communicated"
    rows[2][rows[0].index("due_on")] = "waived"
    write(folder / "committee_dates.csv", rows)
    load(folder)
    found = CommitteeDate.objects.order_by("first_cycle").values_list("outcome", "due_on")
    assert list(found) == [("to be communicated", None), ("waived", None)]
    assert Obligation.objects.get(state="USA", cycle=3).due_source == "to be communicated"
    assert Obligation.objects.get(state="USA", cycle=5).waived


def test_a_submission_that_answers_nothing_is_told_and_kept(folder):
    change(folder, "submissions.csv", "AGO", "kind", "periodic")
    change(folder, "submissions.csv", "AGO", "cycles", "2")
    _, err = load(folder)
    assert err == "AGO: CRC/C/OPSC/AGO/1 (periodic, cycle 2) answers no obligation; check its cycle.\n"
    assert Submission.objects.count() == 120


def test_every_state_without_contact_is_loaded_and_none_is_skipped():
    load()
    assert not Contact.objects.exists()
    assert State.objects.filter(contacts=None).count() == 197
    assert Obligation.objects.filter(kind="initial").values("state").distinct().count() == 178


# --- what is refused ------------------------------------------------------------------------------

NOT_A_DATE = "“{}” is not a calendar date; write it as YYYY-MM-DD, for example 2005-01-23."

# Of each case: file, State, column, the value put there, and what is told.
BAD_CELLS = [
    pytest.param(
        *("participation.csv", "NOR", "opsc_action_date", "2001-02-30", NOT_A_DATE.format("2001-02-30")),
        id="impossible date",
    ),
    pytest.param(
        *("participation.csv", "NOR", "opsc_action_date", "02/10/2001", NOT_A_DATE.format("02/10/2001")),
        id="date that could be two days",
    ),
    pytest.param(
        *("participation.csv", "NOR", "opsc_action_date", "20011002", NOT_A_DATE.format("20011002")),
        id="date without hyphens",
    ),
    pytest.param(
        *("participation.csv", "NOR", "opsc_signature", "2000-13-01", NOT_A_DATE.format("2000-13-01")),
        id="impossible month of a signature",
    ),
    pytest.param(
        *("participation.csv", "NOR", "opsc_action", "accession"),
        "accession after a signature (2000-06-13): a State that signed ratifies.",
        id="accession after a signature",
    ),
    pytest.param(
        *("participation.csv", "NOR", "opsc_action", "ratification, ratification"),
        "“ratification, ratification” is not known; write one of ratification, accession, succession.",
        id="two ratifications in one cell",
    ),
    pytest.param(
        *("participation.csv", "NOR", "opsc_signature", "2000-05-24"),
        "2000-05-24 lies before the adoption of the OPSC (25 May 2000).",
        id="signature before 25 May 2000",
    ),
    pytest.param(
        *("participation.csv", "IRQ", "opsc_action_date", "2000-05-24"),
        "2000-05-24 lies before the adoption of the OPSC (25 May 2000).",
        id="accession before 25 May 2000",
    ),
    pytest.param(
        *("participation.csv", "NOR", "crc_action_date", "1989-11-19"),
        "1989-11-19 lies before the adoption of the CRC (20 November 1989).",
        id="CRC before its adoption",
    ),
    pytest.param(
        *("participation.csv", "NOR", "opsc_action_date", "2026-11-23"),
        "2026-11-23 lies in the future.",
        id="tomorrow",
    ),
    pytest.param(
        *("participation.csv", "NOR", "opsc_action_date", ""), "the ratification has no date.", id="no date"
    ),
    pytest.param(
        *("participation.csv", "NOR", "opsc_action", ""),
        "there is a date, but no action; say which it was.",
        id="no action",
    ),
    pytest.param(
        *("participation.csv", "NOR", "opsc_action_date", "2000-06-12"),
        "The signature (13 June 2000) cannot come after the deposit (12 June 2000).",
        id="deposit before the signature",
    ),
    pytest.param(
        *("participation.csv", "USA", "opsc_entry_into_force", "2002-12-22"),
        "2002-12-22 lies before the ratification of 2002-12-23; a treaty enters into force after it.",
        id="in force before the deposit",
    ),
    pytest.param(
        *("participation.csv", "USA", "opsc_entry_into_force", "2030-01-23"),
        "2030-01-23 lies more than two years after the ratification of 2002-12-23; check the year.",
        id="mistyped year of entry into force",
    ),
    pytest.param(
        *("participation.csv", "NOR", "confidence", "certain"),
        "“certain” is not known; write one of two-sources, one-source, memory.",
        id="unknown confidence",
    ),
    pytest.param(
        *("participation.csv", "NOR", "name", ""),
        "the State has no name; enter it as the United Nations names it.",
        id="no name",
    ),
    pytest.param(
        *("states.csv", "NOR", "region", "EU"),
        "“EU” is not known; write one of AFR, APS, EES, GRULAC, WEOG.",
        id="unknown region",
    ),
    pytest.param(
        *("records.csv", "NOR", "records_from", "2025"), NOT_A_DATE.format("2025"), id="records from a year"
    ),
    pytest.param(
        *("submissions.csv", "AGO", "received_on", "2016-07-32"),
        NOT_A_DATE.format("2016-07-32"),
        id="impossible receipt",
    ),
    pytest.param(
        *("submissions.csv", "ALB", "received_on", "2026-11-23"),
        "2026-11-23 lies in the future.",
        id="receipt in the future",
    ),
    pytest.param(
        *("submissions.csv", "NOR", "considered_on", "2026-11-23"),
        "2026-11-23 lies in the future.",
        id="review in the future",
    ),
    pytest.param(
        *("submissions.csv", "ALB", "received_on", ""),
        "neither the date of receipt nor that of the review is given.",
        id="neither receipt nor review",
    ),
    pytest.param(
        *("submissions.csv", "AGO", "received_on", "2000-01-01"),
        "2000-01-01 lies before the adoption of the OPSC (25 May 2000).",
        id="receipt before the OPSC",
    ),
    pytest.param(
        *("submissions.csv", "AGO", "considered_on", "2018-13"),
        "“2018-13” is no month; write it as YYYY-MM, for example 2018-05.",
        id="impossible month of review",
    ),
    pytest.param(
        *("submissions.csv", "AGO", "considered_on", "2016-07-21"),
        "2016-07-21 lies before the receipt of 2016-07-22.",
        id="review before receipt",
    ),
    pytest.param(
        *("submissions.csv", "AGO", "kind", "final"),
        "“final” is not known; write one of initial, periodic.",
        id="unknown kind",
    ),
    pytest.param(
        *("submissions.csv", "AGO", "kind", ""), "the cell is empty; say which report it is.", id="no kind"
    ),
    pytest.param(
        *("submissions.csv", "AGO", "cycles", "4-3"),
        "“4-3” names no cycle; write 3, or 3-4 for the third and fourth combined.",
        id="cycles in the wrong order",
    ),
    pytest.param(
        *("submissions.csv", "AGO", "cycles", "2"), "the initial report is cycle 1.", id="initial, cycle 2"
    ),
    pytest.param(
        *("submissions.csv", "AGO", "printed_due", "07"),
        NOT_A_DATE.format("07"),
        id="printed due of 2 digits",
    ),
    pytest.param(
        *("submissions.csv", "AGO", "iso3", "AGX"),
        "“AGX” is not the alpha-3 code of a State that is recorded here.",
        id="submission of an unknown State",
    ),
    pytest.param(*("committee_dates.csv", "USA", "due_on", "soon"), NOT_A_DATE.format("soon"), id="due soon"),
    pytest.param(
        *("committee_dates.csv", "USA", "due_on", ""),
        "the cell is empty; enter the date, “to be communicated” or “waived”.",
        id="no due date",
    ),
    pytest.param(
        *("committee_dates.csv", "USA", "due_on", "2013-02-01"),
        "2013-02-01 does not lie after the decision of 2013-02-01.",
        id="due before the decision",
    ),
    pytest.param(
        *("committee_dates.csv", "USA", "due_on", "2106-01-23"),
        "2106-01-23 lies more than 20 years after the decision of 2013-02-01; check the year.",
        id="mistyped due year",
    ),
    pytest.param(
        *("committee_dates.csv", "USA", "decided_on", "2026-11-23"),
        "2026-11-23 lies in the future. (1 more problem in the files.)",  # it lies after the due date too
        id="decided in the future",
    ),
    pytest.param(
        *("committee_dates.csv", "USA", "document", ""),
        "the cell is empty; enter the symbol of the document that states the date.",
        id="no document",
    ),
    pytest.param(
        *("committee_dates.csv", "USA", "precision", "decade"),
        "“decade” is not known; write one of day, month, year.",
        id="unknown precision",
    ),
    pytest.param(
        *("participation.csv", "NOR", "name", "N" * 121),
        "the text has 121 characters; 120 are kept at most.",
        id="name too long",
    ),
    pytest.param(
        *("submissions.csv", "NOR", "symbol", "S" * 61),
        "the text has 61 characters; 60 are kept at most.",
        id="symbol too long",
    ),
]


@pytest.mark.parametrize(("name", "iso3", "column", "value", "message"), BAD_CELLS)
def test_a_bad_value_is_named_by_file_row_and_column(few, name, iso3, column, value, message):
    row = change(few, name, iso3, column, value)
    told = refused(few)
    state = value if column == "iso3" else iso3
    assert told == f"{name}, row {row} ({state}), {column}: {message}"


def added(folder: Path, name: str, *cells: str) -> int:
    """Puts a row at the end of a file; gives its number."""
    rows = read(folder / name)
    write(folder / name, [*rows, [*cells, *[""] * (len(rows[0]) - len(cells))]])
    return len(rows) + 1


# What cannot be beside what a State has joined: the row that is added, the column, and what is told. Of the
# few, the USA is in from 2003-01-23 on and not party to the CRC, Norway from 2002-01-18 on and party to the
# CRC (in force 1991-02-07), Ireland has signed only.
NOT_A_PARTY = (
    "This State is not a party to the OPSC, so it owes no report. Enter its ratification, accession or "
    "succession first."
)
SUBMITTED = [
    pytest.param("IRL initial 1 2007-05-10", "iso3", NOT_A_PARTY, id="initial of a signatory"),
    pytest.param("IRL periodic 2 2007-05-10", "iso3", NOT_A_PARTY, id="periodic of a signatory"),
    pytest.param(
        "USA periodic 6 2003-01-22",
        "received_on",
        "The OPSC entered into force for the State on 23 January 2003; no report under it was received before. "
        "Check the day.",
        id="received before the State was bound",
    ),
    pytest.param(
        "NOR periodic 4 - 2002-01-17",
        "considered_on",
        "The OPSC entered into force for the State on 18 January 2002; no report under it was received before. "
        "Check the day.",
        id="reviewed before the State was bound",
    ),
    pytest.param(
        "USA periodic 1 2016-01-22",
        "cycles",
        "The first report is the initial one: choose “initial” for it, and count the periodic reports from 2.",
        id="cycle 1 as a periodic report",
    ),
    pytest.param(
        "USA periodic 8 2016-01-22",
        "cycles",
        "The State owes no periodic report 8: up to 22 November 2036 they are numbered 2 to 7. Correct the number.",
        id="own cycle that does not exist",
    ),
    pytest.param(
        "USA periodic 6-40 2016-01-22",
        "cycles",
        "The State owes no periodic report 40: up to 22 November 2036 they are numbered 2 to 7. Correct the number.",
        id="last cycle that does not exist",
    ),
    pytest.param(
        "NOR periodic 10 2016-01-22",
        "cycles",
        "The State owes no report 10 under the CRC: up to 22 November 2036 they are numbered 1 to 9. Correct the "
        "number.",
        id="CRC report that does not exist",
    ),
]


@pytest.mark.parametrize(("cells", "column", "message"), SUBMITTED)
def test_a_submission_that_cannot_be_is_named_by_row_and_column(few, cells, column, message):
    row = added(few, "submissions.csv", *("" if cell == "-" else cell for cell in cells.split()))
    assert refused(few) == f"submissions.csv, row {row} ({cells[:3]}), {column}: {message}"


STATED = [
    pytest.param("IRL 2 2016-01-23 2013-02-01", "iso3", NOT_A_PARTY, id="for a signatory"),
    pytest.param(
        "USA 2 2003-01-23 2003-01-10",
        "due_on",
        "The OPSC entered into force for the State on 23 January 2003; nothing was due before. Check the date.",
        id="due before the entry into force",
    ),
    pytest.param(
        "USA 2 2010-06-01 2002-12-22",
        "decided_on",
        "The State joined the OPSC on 23 December 2002; the Committee decided nothing about its reports before. "
        "Check the day.",
        id="decided before the deposit",
    ),
    pytest.param(
        "USA 9 2026-01-23 2024-02-01",
        "cycles",
        "The State owes no periodic report 9: up to 22 November 2036 they are numbered 2 to 7. Correct the number.",
        id="own cycle that does not exist",
    ),
    pytest.param(
        "NOR 4-10 2026-01-23 2024-02-01",
        "cycles",
        "The State owes no report 10 under the CRC: up to 22 November 2036 they are numbered 1 to 9. Correct the "
        "number.",
        id="CRC report that does not exist",
    ),
]


@pytest.mark.parametrize(("cells", "column", "message"), STATED)
def test_a_committee_date_that_cannot_be_is_named_by_row_and_column(few, cells, column, message):
    iso3, cycles, due, decided = cells.split()
    row = added(few, "committee_dates.csv", iso3, "periodic", cycles, due, "day", "CO/9", "", decided)
    assert refused(few) == f"committee_dates.csv, row {row} ({iso3}), {column}: {message}"


def test_submissions_are_held_against_what_the_same_folder_says(few):
    change(few, "participation.csv", "NOR", "opsc_action_date", "2006-10-02")
    change(few, "participation.csv", "NOR", "opsc_entry_into_force", "")
    row = next(at for at, cells in enumerate(read(few / "submissions.csv"), 1) if cells[0] == "NOR")
    assert refused(few) == (
        f"submissions.csv, row {row} (NOR), considered_on: The OPSC entered into force for the State on 2 November "
        "2006; no report under it was received before. Check the day."
    )


def test_submissions_alone_are_held_against_what_is_recorded(few):
    load(few)
    for name in ("participation.csv", "records.csv", "states.csv", "committee_dates.csv"):
        (few / name).unlink()
    added(few, "submissions.csv", "USA", "periodic", "6", "2026-01-22")
    assert counts(few)["submissions"][0] == 1
    row = added(few, "submissions.csv", "USA", "periodic", "8", "2026-01-22")
    assert refused(few).startswith(
        f"submissions.csv, row {row} (USA), cycles: The State owes no periodic report 8"
    )


def test_a_joining_after_a_recorded_denunciation_is_refused(few):
    norway = a_state("NOR")
    joins(norway, on="2001-10-02")
    denounces(norway, on="2003-05-01")
    row = change(few, "participation.csv", "NOR", "opsc_action_date", "2003-05-02")
    assert refused(few) == (
        f"participation.csv, row {row} (NOR), opsc_action_date: Only a State party can denounce the treaty; enter "
        "its ratification, accession or succession first."
    )


def test_a_crc_report_without_its_initial_report_is_told_and_kept(few):
    added(few, "submissions.csv", "BEN", "periodic", "5", "2016-01-22", "", "CRC/C/BEN/5")
    rows = read(few / "submissions.csv")
    write(few / "submissions.csv", [row for row in rows if row[:2] != ["BEN", "initial"]])
    _, err = load(few)
    assert err == "BEN: CRC/C/BEN/5 (periodic, cycle 5) answers no obligation; check its cycle.\n"
    assert Submission.objects.get(state="BEN").carried_by == "CRC report"


def test_reading_takes_as_many_queries_for_few_rows_as_for_all(few):
    def queries(folder: Path) -> int:
        with CaptureQueriesContext(connection) as found:
            load(folder, "--dry-run")
        return sum(query["sql"].startswith("SELECT") for query in found)

    load()
    assert queries(few) == queries(SHIPPED)


def test_two_states_do_not_bear_one_name(few):
    row = change(few, "participation.csv", "NOR", "name", "Sweden")
    sweden = next(at for at, cells in enumerate(read(few / "participation.csv"), 1) if cells[0] == "SWE")
    assert refused(few) == (
        f"participation.csv, row {sweden} (SWE), name: Sweden stands in row {row} already; keep one of the two."
    )


def test_an_unknown_alpha_3_code_is_named(few):
    row = change(few, "participation.csv", "NOR", "iso3", "NRO")
    assert refused(few) == (
        f"participation.csv, row {row} (NRO), iso3: “NRO” is not an alpha-3 code of ISO 3166, for example NOR."
    )


@pytest.mark.parametrize("code", ["nor", "NO", "", "ZZZ", "N0R"])
def test_only_capital_alpha_3_codes_are_taken(few, code):
    change(few, "participation.csv", "NOR", "iso3", code)
    assert f"iso3: “{code}” is not an alpha-3 code of ISO 3166" in refused(few)


def test_a_second_ratification_in_a_second_row_is_refused(few):
    rows = read(few / "participation.csv")
    number = next(at for at, row in enumerate(rows) if row[0] == "NOR") + 1
    again = list(rows[number - 1])
    again[1] = "Norway (again)"
    write(few / "participation.csv", [*rows, again])
    assert refused(few) == (
        f"participation.csv, row {len(rows) + 1} (NOR), iso3: NOR stands in row {number} already; keep one of "
        "the two."
    )


@pytest.mark.parametrize(
    ("name", "key"),
    [("records.csv", "AFG"), ("submissions.csv", "AGO initial 1")],
)
def test_a_row_that_stands_there_twice_is_refused(few, name, key):
    rows = read(few / name)
    at = next(at for at, row in enumerate(rows) if " ".join(row).startswith(key))
    write(few / name, [*rows, rows[at]])
    assert refused(few) == (
        f"{name}, row {len(rows) + 1} ({key[:3]}), iso3: {key} stands in row {at + 1} already; keep one of the "
        "two."
    )


def test_a_file_cut_short_in_a_row_is_refused(folder):
    path = folder / "participation.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]) + ",".join(lines[-1].split(",")[:4]), encoding="utf-8")
    assert refused(folder) == (
        "participation.csv, row 198, opsc_action_date: the row has 4 cells where the header has 12; it is cut "
        "short or a comma is not quoted."
    )


def test_a_file_cut_short_within_quotation_marks_is_refused(folder):
    path = folder / "participation.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index('"deposited after the tenth deposit') + 20], encoding="utf-8")
    assert refused(folder) == (
        "participation.csv, row 49: a quotation mark is not closed or stands in a wrong place; the file may be "
        "cut short."
    )


def test_a_comma_that_is_not_quoted_is_refused(few):
    path = few / "records.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("AFG,2025-12-04,,,", "AFG,2025-12-04,,,,a"), "utf-8"
    )
    assert refused(few) == (
        "records.csv, row 2, the last column: the row has 6 cells where the header has 5; it is cut short or a "
        "comma is not quoted."
    )


def test_an_empty_file_is_refused(few):
    (few / "participation.csv").write_text("")
    assert refused(few) == "participation.csv: the file is empty; its first row names the columns."


def test_a_file_in_another_encoding_is_refused(few):
    path = few / "participation.csv"
    text = path.read_text(encoding="utf-8")
    number = next(n for n, line in enumerate(text.splitlines(), 1) if "Côte" in line)
    path.write_bytes(text.encode("cp1252", errors="replace"))
    assert refused(few) == (
        f"participation.csv, row {number}: not UTF-8 (byte 0xf4); save the file as “CSV UTF-8” and load it "
        "again."
    )


def test_a_file_in_utf_16_is_refused(few):
    path = few / "participation.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))
    assert refused(few).startswith("participation.csv, row 1: not UTF-8 (byte 0xff);")


def test_a_null_byte_is_refused(few):
    path = few / "records.csv"
    path.write_bytes(path.read_bytes().replace(b"AFG", b"A\0G"))
    assert refused(few) == "records.csv, row 2: contains a null byte; save the file as CSV again."


@pytest.mark.parametrize(
    ("breaking", "message"),
    [
        pytest.param(
            lambda header: [*header[:-1], "remark"],
            "unknown column “remark”; the columns are iso3, records_from, evidence_on, source, note. (1 more "
            "problem in the files.)",
            id="renamed",
        ),
        pytest.param(lambda header: header[:-1], "the column “note” is missing.", id="missing"),
        pytest.param(lambda header: [*header, "note"], "the column “note” stands there twice.", id="doubled"),
    ],
)
def test_a_file_with_other_columns_is_refused(few, breaking: Callable[[list[str]], list[str]], message):
    rows = read(few / "records.csv")
    write(few / "records.csv", [breaking(rows[0]), *rows[1:]])
    assert refused(few) == f"records.csv, row 1: {message}"


def test_all_problems_are_counted_and_the_first_is_told(few):
    change(few, "participation.csv", "NOR", "opsc_action_date", "2001-02-30")
    row = change(few, "participation.csv", "BEN", "opsc_action_date", "2005-01-32")
    change(few, "participation.csv", "USA", "confidence", "none")
    assert refused(few).startswith(
        f"participation.csv, row {row} (BEN), opsc_action_date: “2005-01-32” is not a calendar date;"
    )
    assert refused(few).endswith(" (2 more problems in the files.)")


def test_problems_of_submissions_and_committee_dates_are_told_together(few):
    change(few, "submissions.csv", "AGO", "cycles", "x")
    change(few, "committee_dates.csv", "USA", "cycles", "y")
    told = refused(few)
    assert told.startswith("submissions.csv, row 2 (AGO), cycles: “x” names no cycle;")
    assert told.endswith(" (1 more problem in the files.)")


def test_a_bad_last_file_takes_back_all_that_came_before(folder):
    load()
    change(folder, "participation.csv", "NOR", "opsc_action_date", "2001-10-03")
    change(folder, "committee_dates.csv", "USA", "due_on", "soon")
    refused(folder)
    assert TreatyAction.objects.get(state="NOR", treaty="OPSC", kind="ratification").date == date(2001, 10, 2)


@pytest.mark.parametrize("arguments", [[], ["--dry-run"]])
def test_a_dry_run_refuses_what_a_load_refuses(few, arguments):
    change(few, "participation.csv", "NOR", "opsc_action_date", "2001-02-30")
    with pytest.raises(CommandError, match="2001-02-30"):
        load(few, *arguments)


def test_an_accession_is_refused_beside_a_signature_that_staff_entered(few):
    signs(a_state("AFG"), on="2001-01-01")
    row = next(at for at, cells in enumerate(read(few / "participation.csv"), 1) if cells[0] == "AFG")
    assert refused(few) == (
        f"participation.csv, row {row} (AFG), opsc_action: accession after a signature (2001-01-01): a State "
        "that signed ratifies."
    )


def test_a_signature_is_refused_beside_an_accession_that_staff_entered(few):
    joins(a_state("IRL"), on="2001-01-01", kind="accession")  # the file has only Ireland's signature
    row = next(at for at, cells in enumerate(read(few / "participation.csv"), 1) if cells[0] == "IRL")
    assert refused(few) == (
        f"participation.csv, row {row} (IRL), opsc_signature: accession after a signature (2000-09-07): a "
        "State that signed ratifies."
    )


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CommandError) as error:
        load(tmp_path / "nowhere")
    assert str(error.value) == f"{tmp_path / 'nowhere'}: there is no such folder. Nothing was written."


def test_a_folder_without_files_is_refused(tmp_path):
    with pytest.raises(CommandError) as error:
        load(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: holds none of the files participation.csv, records.csv, submissions.csv, "
        "committee_dates.csv. Nothing was written."
    )


def test_a_file_that_is_a_folder_is_refused(tmp_path):
    (tmp_path / "participation.csv").mkdir()
    assert refused(tmp_path) == "participation.csv: the file cannot be read (Is a directory)."


def test_submissions_without_any_state_are_refused(tmp_path):
    shutil.copy(SHIPPED / "submissions.csv", tmp_path)
    assert refused(tmp_path).startswith(
        "submissions.csv, row 2 (AGO), iso3: “AGO” is not the alpha-3 code of a State that is recorded here."
    )


def test_rows_derived_by_hand_survive_a_refused_load(few):
    joins(a_state("NOR"), on="2001-10-02")
    derive("2026-11-22")
    before = list(Obligation.objects.order_by("pk").values())
    change(few, "submissions.csv", "AGO", "cycles", "x")
    refused(few)
    assert list(Obligation.objects.order_by("pk").values()) == before
