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

from tests.factories import a_contact, a_state, denounces, joins, receives, signs
from tracker.obligations.load import BadFolder, load_folder
from tracker.obligations.models import (
    AgendaItem,
    CommitteeDate,
    CommitteeSession,
    Obligation,
    PrintedDate,
    Review,
    Submission,
)
from tracker.registry.models import Contact, State, TreatyAction
from tracker.registry.shipped import SHIPPED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

OWN = ("states.csv", "participation.csv", "records.csv", "submissions.csv", "committee_dates.csv")
OF_THE_CRC = ("reports_crc.csv", "reviews_crc.csv", "committee_dates_crc.csv")
OF_SESSIONS = ("sessions.csv", "agenda.csv")
FILES = (*OWN, *OF_THE_CRC, *OF_SESSIONS)
FEW = ("AFG", "AGO", "ALB", "BEN", "CIV", "IRL", "IRQ", "NOR", "SWE", "USA")
TABLES = (
    State, TreatyAction, Submission, PrintedDate, Review, CommitteeDate, CommitteeSession, AgendaItem, Obligation,
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped files that tests can break."""
    for name in FILES:
        shutil.copy(SHIPPED / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def few(folder: Path) -> Path:
    """The same files with a few States only."""
    for name in FILES:
        header, *rows = read(folder / name)
        write(folder / name, [header, *(row for row in rows if row[0] in (*FEW, "session", "pre-session"))])
    return folder


def load(*arguments: object) -> tuple[str, str]:
    """Runs the command; returns its standard output and standard error."""
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
    """Changes a cell of a State's first row; returns the row's number in a spreadsheet."""
    rows = read(folder / name)
    at = next(number for number, row in enumerate(rows) if row[0] == iso3)
    rows[at][rows[0].index(column)] = value
    write(folder / name, rows)
    return at + 1


def refused(folder: Path) -> str:
    """The one message of a refused load; nothing was written."""
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


def test_the_shipped_data_load_and_loading_twice_changes_nothing():
    assert counts() == {
        "States": (197, 0, 0),
        "treaty actions": (496, 0, 0),
        "records": (0, 178, 0),
        "submissions": (215, 0, 0),
        "printed due dates": (114, 0, 0),
        "reviews": (176, 0, 0),
        "dates stated by the Committee": (128, 0, 0),
        "sessions": (22, 0, 0),
        "States on sessions": (106, 0, 0),
        "obligations": (430, 0, 0),
    }
    assert in_tables() == [197, 496, 215, 114, 176, 128, 22, 106, 430]
    before = [list(table.objects.order_by("pk").values()) for table in TABLES]
    histories = [State.history.count(), TreatyAction.history.count(), Submission.history.count()]
    assert counts() == {
        "States": (0, 0, 197),
        "treaty actions": (0, 0, 496),
        "records": (0, 0, 178),
        "submissions": (0, 0, 215),
        "printed due dates": (0, 0, 114),
        "reviews": (0, 0, 176),
        "dates stated by the Committee": (0, 0, 128),
        "sessions": (0, 0, 22),
        "States on sessions": (0, 0, 106),
        "obligations": (0, 0, 430),
    }
    assert [list(table.objects.order_by("pk").values()) for table in TABLES] == before
    assert [State.history.count(), TreatyAction.history.count(), Submission.history.count()] == histories


def test_a_dry_run_tells_all_and_writes_nothing(few):
    out, err = load(few, "--dry-run", "--format", "json")
    told = {row["table"]: row["added"] for row in json.loads(out)}
    assert (told["States"], told["submissions"], len(told)) == (10, 15, 10)
    assert told["obligations"] > 0
    assert err == "Dry run: nothing was written.\n"
    assert in_tables() == [0] * len(TABLES)
    assert not State.history.exists()


@pytest.mark.more
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


@pytest.mark.more
def test_loading_is_remembered_with_its_reason(folder):
    load()
    change(folder, "participation.csv", "NOR", "opsc_action_date", "2001-10-03")
    load(folder)
    history = TreatyAction.history.filter(state="NOR", treaty="OPSC", kind="ratification")
    assert list(history.order_by("history_id").values_list("date", "history_change_reason")) == [
        (date(2001, 10, 2), "loaded from the shipped data"),
        (date(2001, 10, 3), f"loaded from {folder.name}"),
    ]


@pytest.mark.more
def test_a_corrected_kind_of_joining_takes_the_place_of_the_earlier_one(folder):
    load()
    change(folder, "participation.csv", "AFG", "opsc_action", "ratification")
    assert counts(folder)["treaty actions"] == (0, 1, 495)
    assert list(TreatyAction.objects.filter(state="AFG", treaty="OPSC").values_list("kind", flat=True)) == [
        "ratification"
    ]


@pytest.mark.more
def test_what_staff_entered_beside_the_files_stays():
    load()
    norway = State.objects.get(pk="NOR")
    a_contact(norway)
    receives(norway, "2008-02-01", "periodic", "4")
    load()
    assert Contact.objects.count() == 1
    assert Submission.objects.count() == 216
    assert Obligation.objects.get(state="NOR", cycle=4).received_on == date(2008, 2, 1)


def test_one_file_alone_is_enough(tmp_path):
    shutil.copy(SHIPPED / "participation.csv", tmp_path)
    found = counts(tmp_path)
    assert found["States"] == (197, 0, 0)
    assert State.objects.get(pk="NOR").region == "WEOG"  # from the shipped states.csv
    assert "submissions" not in found


def test_a_new_state_gets_a_language_to_be_confirmed_and_a_recorded_one_keeps_its_own(few):
    load(few)

    def languages() -> dict[str, tuple[str, bool]]:
        rows = State.objects.values_list("pk", "language", "language_is_proposed")
        return {iso3: (language, proposed) for iso3, language, proposed in rows}

    shipped = {"BEN": "fr", "CIV": "fr", "IRQ": "ar", **dict.fromkeys(("AFG", "AGO", "ALB"), "en")}
    shipped |= dict.fromkeys(("IRL", "NOR", "SWE", "USA"), "en")
    assert languages() == {iso3: (language, True) for iso3, language in shipped.items()}
    State.objects.filter(pk="BEN").update(language="en", language_is_proposed=False)
    State.objects.filter(pk="SWE").update(language="fr")
    assert counts(few)["States"] == (0, 0, 10)
    assert (languages()["BEN"], languages()["SWE"]) == (("en", False), ("fr", True))


def test_without_a_column_of_languages_english_is_not_a_proposal(few):
    rows = read(few / "states.csv")
    at = rows[0].index("language")
    write(few / "states.csv", [row[:at] + row[at + 1 :] for row in rows])
    load(few)
    assert set(State.objects.values_list("language", "language_is_proposed")) == {("en", False)}


def test_columns_may_stand_in_any_order_and_the_file_may_begin_with_a_mark(folder):
    rows = read(folder / "records.csv")
    write(folder / "records.csv", [list(reversed(row)) for row in rows])
    text = (folder / "participation.csv").read_bytes()
    (folder / "participation.csv").write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert counts(folder)["records"] == (0, 178, 0)


def test_empty_rows_are_passed_over(few):
    with (few / "submissions.csv").open("a", encoding="utf-8") as file:
        file.write("\n,,,,,,,,\n")
    assert counts(few)["submissions"] == (15, 0, 0)  # own ones and those under the CRC


def test_a_month_of_review_counts_to_its_last_day(few):
    load(few)
    angola = Submission.objects.get(state="AGO")  # considered_on is printed as 2018-05
    assert (angola.reviewed_on, angola.review_precision) == (date(2018, 5, 31), "month")


def test_a_date_to_be_communicated_and_a_waiver_can_be_loaded(few):
    rows = read(few / "committee_dates.csv")
    rows[1][rows[0].index("due_on")] = "to be communicated"
    rows[2][rows[0].index("due_on")] = "waived"
    write(few / "committee_dates.csv", rows)
    load(few)
    found = CommitteeDate.objects.filter(state="USA").order_by("first_cycle").values_list("outcome", "due_on")
    assert list(found) == [("to be communicated", None), ("waived", None)]
    assert Obligation.objects.get(state="USA", cycle=3).due_source == "to be communicated"
    assert Obligation.objects.get(state="USA", cycle=5).waived


def test_a_submission_that_answers_nothing_is_told_and_kept(few):
    receives(a_state("IRL"), symbol="CRC/C/OPSC/IRL/1")  # which has only signed, by the file
    _, err = load(few)
    assert err == "IRL: CRC/C/OPSC/IRL/1 (initial, cycle 1) answers no obligation; check its cycle.\n"
    assert Submission.objects.filter(state="IRL").exists()


def test_a_folder_of_an_earlier_release_loads_as_it_is(folder):
    for name in (*OF_THE_CRC, *OF_SESSIONS):
        (folder / name).unlink()
    for name, column in (("records.csv", "records_until"), ("participation.csv", "crc_confidence")):
        header, *rows = read(folder / name)
        at = header.index(column)
        write(folder / name, [row[:at] + row[at + 1 :] for row in (header, *rows)])
    found = counts(folder)
    assert (found["submissions"], found["dates stated by the Committee"]) == ((120, 0, 0), (2, 0, 0))
    assert "reviews" not in found
    assert not State.objects.exclude(records_until=None).exists()


@pytest.mark.more
def test_an_earlier_folder_leaves_alone_what_its_files_do_not_speak_of(folder):
    load()
    for name in (*OF_THE_CRC, *OF_SESSIONS):
        (folder / name).unlink()
    header, *rows = read(folder / "records.csv")
    write(folder / "records.csv", [header[:-1], *(row[:-1] for row in rows)])
    assert counts(folder)["obligations"] == (0, 0, 430)
    assert State.objects.get(pk="NOR").records_until == date(2025, 12, 4)


def test_a_year_alone_is_its_last_day_and_late_only_after_it(few):
    added(few, "committee_dates_crc.csv", "NOR", "9", "2027", "year", "CRC/C/NOR/QPR/9", "", "2026-02-01")
    load(few)
    stated = CommitteeDate.objects.get(state="NOR", first_cycle=9)
    assert (stated.due_on, stated.precision) == (date(2027, 12, 31), "year")
    assert stated.document_kind == "list of issues prior to reporting"
    owed = Obligation.objects.get(state="NOR", cycle=9)
    assert (owed.due_on, owed.year_only, owed.due_source) == (
        date(2027, 12, 31),
        True,
        "list of issues prior to reporting",
    )


def test_the_next_report_may_have_no_number(few):
    name = "committee_dates_crc.csv"
    rows = [row for row in read(few / name) if row[0] != "NOR"]
    write(
        few / name,
        [*rows, ["NOR", "", "to be communicated", "", "", "", "2025-05-30", "press", "", "secondary"]],
    )
    load(few)
    stated = CommitteeDate.objects.get(state="NOR", carried_by="CRC report")
    assert (stated.cycles, stated.document, stated.confidence) == ("", "", "secondary")
    owed = Obligation.objects.get(state="NOR", cycle=0)
    assert (owed.due_on, owed.due_source) == (None, "to be communicated")


def test_adding_alone_leaves_alone_what_people_have_recorded(few):
    for name in (*OF_THE_CRC, *OF_SESSIONS):
        (few / name).rename(few / f"{name}.later")
    load(few)  # as an earlier release shipped it
    State.objects.filter(pk="NOR").update(records_from=None, records_until=None)
    sweden = TreatyAction.objects.get(state="SWE", treaty="OPSC", kind="ratification")
    sweden.date, sweden.confidence = date(2021, 3, 2), "two-sources"
    sweden.save()
    receives(State.objects.get(pk="NOR"), "2016-10-07", "periodic", "5-6", note="by post")
    for name in (*OF_THE_CRC, *OF_SESSIONS):
        (few / f"{name}.later").rename(few / name)
    found = counts(few, "--add-only")
    assert (found["treaty actions"][:2], found["submissions"][:2]) == ((0, 0), (4, 0))
    assert (found["reviews"], found["dates stated by the Committee"]) == ((9, 0, 0), (8, 0, 2))
    norway = State.objects.get(pk="NOR")
    assert (norway.records_from, norway.records_until) == (None, None)
    sweden.refresh_from_db()
    assert (sweden.date, sweden.confidence) == (date(2021, 3, 2), "two-sources")
    report = Submission.objects.get(state="NOR", first_cycle=5)
    assert (report.received_on, report.note) == (date(2016, 10, 7), "by post")
    again = counts(few, "--add-only")
    assert all((added, changed) == (0, 0) for added, changed, _ in again.values())


def test_adding_alone_leaves_out_a_state_on_a_session_whose_report_the_office_has_not(few):
    (few / "agenda.csv").rename(few / "later")
    load(few)
    (few / "later").rename(few / "agenda.csv")
    (few / "reviews_crc.csv").unlink()
    Review.objects.get(state="NOR", document="CRC/C/NOR/CO/7").delete()
    assert "(NOR), iso3: No report and no observations of the State fall into session 99" in refused(few)
    assert counts(few, "--add-only")["States on sessions"] == (5, 0, 0)
    assert not AgendaItem.objects.filter(state="NOR").exists()


def test_a_report_that_the_state_has_withdrawn_is_not_added_again(few):
    load(few)
    Submission.objects.filter(state="NOR", first_cycle=5).update(withdrawn_on=date(2026, 1, 5))
    assert counts(few)["submissions"][:2] == (0, 0)
    assert Submission.objects.get(state="NOR", first_cycle=5).withdrawn_on == date(2026, 1, 5)
    Submission.objects.filter(state="NOR", first_cycle=5).update(symbol="CRC/C/NOR/5-6/Corr.1")
    assert counts(few, "--add-only")["submissions"][:2] == (0, 0)
    assert Submission.objects.get(state="NOR", first_cycle=5).symbol == "CRC/C/NOR/5-6/Corr.1"


def test_a_correction_that_awaits_a_second_person_stays_beside_what_it_corrects(few):
    load(few)
    stated = CommitteeDate.objects.get(state="NOR", first_cycle=5)
    CommitteeDate.objects.create(
        **{
            name: getattr(stated, name)
            for name in ("state", "kind", "first_cycle", "last_cycle", "carried_by", "document", "decided_on")
        },
        due_on=date(2017, 12, 31),
        awaits_confirmation=True,
        corrects=stated,
    )
    assert counts(few)["dates stated by the Committee"][:2] == (0, 0)
    assert CommitteeDate.objects.get(corrects=stated).due_on == date(2017, 12, 31)


def test_a_corrected_report_takes_the_place_of_the_recorded_one_when_dates_are_compared(few):
    load(few)
    change(few, "reports_crc.csv", "NOR", "received_on", "2017-10-06")
    # Asked for after the day of receipt that is recorded, and before the one that the file has.
    added(few, "committee_dates_crc.csv", "NOR", "5-6", "2017-12-31", "day", "CRC/C/NOR/X", "", "2017-01-06")
    assert counts(few)["submissions"][1] == 1


# --- what is refused ------------------------------------------------------------------------------
#
# Which values and facts are possible, the importer and the models say, and their tests prove. Here: each cell of
# each file reaches its column, each file is compared with those before it, and a message names the cell.


def problems(folder: Path) -> list[str]:
    """All problems of a folder; nothing was written."""
    before = in_tables()
    with pytest.raises(BadFolder) as error:
        load_folder(folder, today=date(2026, 11, 22), reason="")
    assert in_tables() == before
    return list(error.value.problems)


# Of each case: file, State, column, the value put there (“121 x” for 121 characters), and how the message begins.
# Those of a stage are told together.
BAD_CELLS = {
    "States": """
        participation.csv | AFG | name   |       | The cell is empty
        participation.csv | NOR | name   | 121 x | The text has 121 characters; the limit is 120.
        participation.csv | USA | iso3   | usa   | “usa” is not an alpha-3 code of ISO 3166, for example NOR.
        states.csv        | SWE | region | EU    | “EU” is not known; write one of: AFR
        states.csv        | SWE | language | de  | “de” is not known; write one of: ar, zh, en, fr, ru, es.
        states.csv        | SWE | iso2   | 3 x   | The text has 3 characters
    """,
    "treaty actions": """
        participation.csv | NOR | opsc_signature        | 2000-13-01 | “2000-13-01” is not a day
        participation.csv | NOR | opsc_action           | join       | “join” is not known; write one of: signature
        participation.csv | NOR | opsc_action_date      | 02/10/2001 | “02/10/2001” could be 2 October 2001 or 10 F
        participation.csv | NOR | opsc_entry_into_force | 2002       | “2002” is not a day
        participation.csv | NOR | confidence            | certain    | “certain” is not known; write one of: two-so
        participation.csv | NOR | crc_action            |            | The cell is empty
        participation.csv | NOR | crc_action_date       | 1989-11-31 | “1989-11-31” is not a day
        participation.csv | NOR | crc_confidence        | sure       | “sure” is not known; write one of: two-sourc
        participation.csv | SWE | opsc_action_date      |            | The cell is empty
        participation.csv | SWE | crc_action_date       | 1989-11-19 | The CRC was adopted on 20 November 1989
        participation.csv | IRQ | opsc_action_date      | 2026-11-23 | This day is in the future
        participation.csv | BEN | opsc_entry_into_force | 2030-01-23 | This is more than two years after the
        participation.csv | ALB | opsc_entry_into_force | 2001-01-01 | An effective date lies on or after the day o
        participation.csv | AFG | sources               | 201 x      | The text has 201 characters; the limit is 200.
    """,
    "records": """
        records.csv | AFG | iso3          | AFX        | “AFX” is not the alpha-3 code of a State that is recorded here.
        records.csv | NOR | records_from  | 2025       | “2025” is not a day
        records.csv | NOR | records_until | 20251204   | “20251204” is not a day
        records.csv | USA | evidence_on   | 2005-02-29 | “2005-02-29” is not a day
        records.csv | USA | source        | 201 x      | The text has 201 characters; the limit is 200.
    """,
    "reports": """
        submissions.csv | AGO | iso3          | AGX        | “AGX” is not the alpha-3 code of a State that is record
        submissions.csv | ALB | kind          | final      | “final” is not known; write one of: initial, periodic.
        submissions.csv | ALB | cycles        | 4-3        | “4-3” is not a cycle; write 3, or 3-4
        submissions.csv | ALB | received_on   | 2016-07-32 | “2016-07-32” is not a day
        submissions.csv | ALB | considered_on | 2018-13    | “2018-13” is not a month; write it as YYYY-MM
        submissions.csv | ALB | symbol        | 61 x       | The text has 61 characters; the limit is 60.
        submissions.csv | NOR | considered_on | 2026-12-01 | This day is in the future; enter the review
        submissions.csv | SWE | printed_due   | 07         | “07” is neither a year nor a day
        submissions.csv | USA | cycles        | 2          | The initial report is cycle 1
        reports_crc.csv | ALB | cycles        |            | The cell is empty
        reports_crc.csv | ALB | confidence    | hearsay    | “hearsay” is not known; write one of: document
        reports_crc.csv | IRQ | considered_on | 2000-01-01 | A report is reviewed after its receipt
        reports_crc.csv | NOR | received_on   | 1990-09-01 | The CRC entered into force on 2 September 1990
        reviews_crc.csv | AGO | symbol        | AGO/4      | “AGO/4” is not a cycle
        reviews_crc.csv | ALB | adopted_on    |            | The cell is empty
        reviews_crc.csv | NOR | adopted_on    | 1991-02-07 | The CRC entered into force for the State on 7 February
        reviews_crc.csv | SWE | confidence    | hearsay    | “hearsay” is not known; write one of: document
        committee_dates.csv     | USA | due_on      | soon       | “soon” is not a day
        committee_dates.csv     | USA | precision   | decade     | “decade” is not known; write one of: day, month, year
        committee_dates_crc.csv | ALB | decided_on  |            | Enter the day of the document, or the due date
        committee_dates_crc.csv | IRL | due_on      | 2027       | This is a year alone: write “year” in the column
        committee_dates_crc.csv | IRQ | due_on      |            | The cell is empty
        committee_dates_crc.csv | IRQ | paragraph   | 21 x       | The text has 21 characters; the limit is 20.
        committee_dates_crc.csv | NOR | document    | 101 x      | The text has 101 characters; the limit is 100.
        committee_dates_crc.csv | SWE | decided_on  | 2026-11-31 | “2026-11-31” is not a day
    """,
}


def cases(table: str) -> list[list[str]]:
    """The cells of a table in a text."""
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


@pytest.mark.parametrize("stage", BAD_CELLS)
def test_a_bad_value_is_named_by_file_row_and_column(few, stage):
    expected = []
    for name, iso3, column, value, message in cases(BAD_CELLS[stage]):
        text = "x" * int(value.split()[0]) if value.endswith(" x") else value
        row = change(few, name, iso3, column, text)
        expected.append(f"{name}, row {row} ({text if column == 'iso3' else iso3}), {column}: {message}")
    told(few, expected)


def told(folder: Path, expected: list[str]) -> None:
    """The problems of a folder begin with these texts, and there are no others."""
    found = problems(folder)
    assert [one for one in expected if not any(this.startswith(one) for this in found)] == [], found
    assert len(found) == len(expected), found


def test_the_signature_and_the_joining_of_a_row_are_compared_with_each_other(few):
    row = change(few, "participation.csv", "NOR", "opsc_signature", "2001-10-03")
    message = "The signature (3 October 2001) cannot come after the deposit (2 October 2001)."
    place = f"participation.csv, row {row} (NOR)"
    assert problems(few) == [f"{place}, opsc_signature: {message}", f"{place}, opsc_action_date: {message}"]
    change(few, "participation.csv", "NOR", "opsc_action_date", "2001-10-04")
    load(few)


def added(folder: Path, name: str, *cells: str) -> int:
    """Adds a row at the end of a file; returns its number."""
    rows = read(folder / name)
    write(folder / name, [*rows, [*cells, *[""] * (len(rows[0]) - len(cells))]])
    return len(rows) + 1


# What cannot be beside what a State has joined and sent: the row that is added, the column, and how the message begins.
# The USA is in the OPSC from 2003-01-23 on and not in the CRC, Norway in both, Ireland has signed only.
IMPOSSIBLE = """
    submissions.csv | IRL initial 1 2007-05-10    | iso3          | This State is not a party to the OPSC, so it owes n
    submissions.csv | USA periodic 6 2003-01-22   | received_on   | The OPSC entered into force for the State on 23 Jan
    submissions.csv | USA periodic 7 - 2003-01-22 | considered_on | The OPSC entered into force for the State on 23 Jan
    submissions.csv | USA periodic 1 2016-01-22   | cycles        | The first report is the initial one: choose “initia
    submissions.csv | USA periodic 8 2016-01-22   | cycles        | The State owes no periodic report 8: up to 22 Novem
    submissions.csv | NOR periodic 10 2016-01-22  | cycles        | The State owes no report 10 under the CRC: up to 22
    reports_crc.csv | USA 1 2010-01-15            | cycles        | This State is not a party to the CRC, so it owes no
    reports_crc.csv | NOR 4 1991-01-07            | received_on   | The State joined the CRC on 8 January 1991; no repo
    reviews_crc.csv | USA CRC/C/USA/CO/1 2010-01-29  | symbol     | This State is not a party to the CRC, so it owes no
    reviews_crc.csv | NOR CRC/C/NOR/CO/5 2016-10-05  | adopted_on | The report was received on 6 October 2016, after th
    reviews_crc.csv | NOR CRC/C/NOR/CO/10 2026-01-30 | symbol     | The State owes no report 10 under the CRC: up to 22
    committee_dates.csv     | USA periodic 2 2003-01-23 day CO/9 - 2003-01-10 | due_on     | The OPSC entered into force
    committee_dates.csv     | USA periodic 2 2010-06-01 day CO/8 - 2002-12-22 | decided_on | The State joined the OPSC o
    committee_dates.csv     | USA periodic 9 2026-01-23 day CO/7 - 2024-02-01 | cycles     | The State owes no periodic
    committee_dates_crc.csv | USA 2 2020-01-01 day CRC/C/USA/CO/1 - 2010-01-29 | cycles    | This State is not a party
    committee_dates_crc.csv | NOR 5-6 2018-01-01 day CO/5-6 - 2016-10-07       | cycles    | Reports 5 to 6 were receiv
    committee_dates_crc.csv | NOR 9 2026-01-01 day QPR/9 - 2026-02-01          | due_on    | The due date must be after
    committee_dates_crc.csv | NOR - 2027 year QPR/8 - 2026-02-01               | cycles    | Enter the number of the
    committee_dates_crc.csv | NOR 2 2001-01-01 day CO/1 - 1994-04-25           | due_on    | The OPSC entered into force
"""


def test_what_cannot_be_beside_the_facts_of_the_folder_is_named_by_file_row_and_column(few):
    expected = []
    for name, cells, column, message in cases(IMPOSSIBLE):
        row = added(few, name, *("" if cell == "-" else cell for cell in cells.split()))
        expected.append(f"{name}, row {row} ({cells[:3]}), {column}: {message}")
    told(few, expected)


def test_the_first_problem_is_told_with_the_number_of_the_others(few):
    row = change(few, "participation.csv", "BEN", "opsc_action_date", "2005-01-32")
    change(few, "participation.csv", "NOR", "opsc_action_date", "2001-02-30")
    change(few, "participation.csv", "USA", "confidence", "none")
    message = refused(few)
    assert message.startswith(
        f"participation.csv, row {row} (BEN), opsc_action_date: “2005-01-32” is not a day;"
    )
    assert message.endswith(" (2 more problems in the files.)")


def test_a_report_that_two_files_name_is_refused(few):
    row = added(few, "reports_crc.csv", "NOR", "4", "2009-05-11")
    again = added(few, "submissions.csv", "NOR", "periodic", "4", "2009-05-12")
    assert refused(few) == (
        f"reports_crc.csv, row {row} (NOR), iso3: submissions.csv, row {again} (NOR) is about the same; keep one of "
        "the two."
    )


@pytest.mark.parametrize("column", ["carried_records_from", "records_from"])
def test_records_that_end_before_they_begin_are_refused(few, column):
    header, *rows = read(few / "records.csv")
    write(few / "records.csv", [[*header, "carried_records_from"], *([*row, ""] for row in rows)])
    row = change(few, "records.csv", "NOR", column, "2025-12-05")
    assert refused(few) == (
        f"records.csv, row {row} (NOR), records_until: The records end before they begin. Empty “records until” if "
        "the office keeps them now."
    )


def test_records_without_their_end_are_compared_with_the_end_that_is_recorded(few):
    load(few)
    header, *rows = read(few / "records.csv")
    write(few / "records.csv", [header[:-1], *(row[:-1] for row in rows)])
    row = change(few, "records.csv", "NOR", "records_from", "2025-12-05")
    assert refused(few) == (
        f"records.csv, row {row} (NOR), records_from: The records end before they begin. Empty “records until” if "
        "the office keeps them now."
    )


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
        f"participation.csv, row {row} (NOR), opsc_action_date: The State's denunciation takes effect on 1 May 2004; "
        "it can join again from that day on."
    )


def test_a_crc_report_without_its_initial_report_is_kept_and_carries_nothing(few):
    added(few, "submissions.csv", "BEN", "periodic", "5", "2016-01-22", "", "CRC/C/BEN/5")
    rows = read(few / "submissions.csv")
    write(few / "submissions.csv", [row for row in rows if row[:2] != ["BEN", "initial"]])
    _, err = load(few)
    assert err == ""
    assert Submission.objects.get(state="BEN", first_cycle=5).carried_by == "CRC report"
    assert list(Obligation.objects.filter(state="BEN").values_list("kind", flat=True)) == ["initial"]


@pytest.mark.more
def test_reading_takes_as_many_queries_for_few_rows_as_for_all(few):
    def queries(folder: Path) -> int:
        with CaptureQueriesContext(connection) as found:
            load(folder, "--dry-run")
        return sum(query["sql"].startswith("SELECT") for query in found)

    load()
    assert queries(few) == queries(SHIPPED)


def test_two_states_do_not_have_one_name(few):
    row = change(few, "participation.csv", "NOR", "name", "Sweden")
    sweden = next(at for at, cells in enumerate(read(few / "participation.csv"), 1) if cells[0] == "SWE")
    message = "NOR and SWE have the same name; correct one of the two."
    assert problems(few) == [
        f"participation.csv, row {row} (NOR), name: {message}",
        f"participation.csv, row {sweden} (SWE), name: {message}",
    ]


@pytest.mark.parametrize("code", ["nor", "NO", "", "ZZZ", "N0R"])
def test_only_capital_alpha_3_codes_are_taken(few, code):
    change(few, "participation.csv", "NOR", "iso3", code)
    assert f"iso3: “{code}” is not an alpha-3 code of ISO 3166" in refused(few)


@pytest.mark.parametrize(
    ("name", "iso3", "what"),
    [
        ("participation.csv", "NOR", "State"),
        ("records.csv", "AFG", "State"),
        ("submissions.csv", "AGO", "report"),
        ("reports_crc.csv", "NOR", "report"),
        ("reviews_crc.csv", "NOR", "review"),
        ("committee_dates.csv", "USA", "date"),
    ],
)
def test_a_row_that_stands_there_twice_is_refused(few, name, iso3, what):
    rows = read(few / name)
    at = next(at for at, row in enumerate(rows) if row[0] == iso3)
    write(few / name, [*rows, rows[at]])
    assert refused(few) == (
        f"{name}, row {len(rows) + 1} ({iso3}), iso3: Row {at + 1} is about the same {what}; keep one of the two."
    )


def test_a_row_that_is_cut_short_is_refused(folder):
    path = folder / "participation.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]) + ",".join(lines[-1].split(",")[:4]), encoding="utf-8")
    assert refused(folder) == (
        "participation.csv, row 198, column opsc_action_date: The row ends before this column: it has 4 cells where the"
        " header has 13."
    )


# The tests of the importer prove that each is found; this one that the message names the file.
@pytest.mark.parametrize(
    ("breaking", "message"),
    [
        pytest.param(lambda data: b"", ": The file is empty; its first row names the columns.", id="empty"),
        pytest.param(
            lambda data: data.replace(b"note,", b"remark,", 1),
            ", row 1, column E: Unknown column “remark”.",
            id="column",
        ),
        pytest.param(
            lambda data: data.replace(b"note,", b"carried_records_from,", 1),
            ", row 1, column note: The column is missing.",
            id="missing column",
        ),
        pytest.param(
            lambda data: data.replace(b"AFG", b"\xf4"),
            ", row 2, column A: The file is not UTF-8",
            id="encoding",
        ),
        pytest.param(
            lambda data: data + b'NOR,"', ", row 11, column A: A quotation mark is not closed", id="quotation"
        ),
        pytest.param(
            lambda data: data.replace(b"AFG,", b"AFG,,"),
            ", row 2, column G: There is a cell beyond",
            id="comma",
        ),
        pytest.param(
            lambda data: data.replace(b"AFG,2025", b"AFG,2\x00025"),
            ", row 2 (AFG), records_from: The cell contains a null byte",
            id="null byte",
        ),
    ],
)
def test_a_damaged_file_is_named(few, breaking: Callable[[bytes], bytes], message):
    path = few / "records.csv"
    path.write_bytes(breaking(path.read_bytes()))
    (told,) = problems(few)
    assert told.startswith(f"records.csv{message}"), told


def test_a_file_with_other_columns_is_told_which_it_should_have(few):
    rows = read(few / "records.csv")
    write(few / "records.csv", [[*rows[0], "note"], *rows[1:]])
    assert refused(few) == (
        "records.csv, row 1, column G: The column “note” appears twice; keep one of the two. The columns are: "
        "iso3, records_from, evidence_on, source, note, carried_records_from, records_until."
    )


def test_a_bad_last_file_takes_back_all_that_came_before(few):
    load(few)
    change(few, "participation.csv", "NOR", "opsc_action_date", "2001-10-03")
    change(few, "committee_dates.csv", "USA", "due_on", "soon")
    refused(few)
    assert TreatyAction.objects.get(state="NOR", treaty="OPSC", kind="ratification").date == date(2001, 10, 2)


def test_a_dry_run_refuses_what_a_load_refuses(few):
    change(few, "participation.csv", "NOR", "opsc_action_date", "2001-02-30")
    with pytest.raises(CommandError, match="2001-02-30"):
        load(few, "--dry-run")


def test_an_accession_after_a_signature_is_taken_from_the_file_and_from_staff(few):
    signs(a_state("AFG"), on="2001-01-01")  # whose accession of 2002 is in the file
    joins(a_state("IRL"), on="2001-01-01", kind="accession")  # whose signature of 2000 is in the file
    load(few)
    for iso3 in ("AFG", "IRL"):
        actions = TreatyAction.objects.filter(state=iso3, treaty="OPSC").order_by("date")
        assert list(actions.values_list("kind", flat=True)) == ["signature", "accession"]


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CommandError) as error:
        load(tmp_path / "nowhere")
    assert str(error.value) == f"{tmp_path / 'nowhere'}: this folder does not exist. Nothing was written."


def test_a_folder_without_files_is_refused(tmp_path):
    with pytest.raises(CommandError) as error:
        load(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: contains none of the files participation.csv, records.csv, submissions.csv, reports_crc.csv, "
        "committee_dates.csv, committee_dates_crc.csv, reviews_crc.csv, sessions.csv, agenda.csv. Nothing was written."
    )


def test_a_file_that_is_a_folder_is_refused(tmp_path):
    (tmp_path / "participation.csv").mkdir()
    assert refused(tmp_path) == "participation.csv: the file cannot be read (Is a directory)."


def test_adding_alone_leaves_out_a_session_that_the_records_of_the_office_contradict(few):
    for name in OF_SESSIONS:
        (few / name).rename(few / f"{name}.later")
    load(few)
    for name in OF_SESSIONS:
        (few / f"{name}.later").rename(few / name)
    Review.objects.filter(document="CRC/C/NOR/CO/7").update(session=99, adopted_on=date(2025, 6, 3))
    found = counts(few, "--add-only")
    assert found["sessions"][0] > 0
    assert not CommitteeSession.objects.filter(kind="session", number=99).exists()
