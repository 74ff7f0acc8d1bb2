"""The shipped records compared with published counts, the files themselves, and both readings of a day."""

import csv
from datetime import date

import pytest
import time_machine
from django.core.management.base import CommandError

from tests.factories import day
from tests.obligations.readings import by_rules, by_sql, run
from tracker.obligations import published
from tracker.obligations.models import CommitteeDate, Obligation, PrintedDate, Review, Submission
from tracker.obligations.published import FIGURES, published_counts
from tracker.registry.models import Contact, State, TreatyAction
from tracker.registry.shipped import SHIPPED
from tracker.reminders.models import Mail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def file(name: str) -> list[dict[str, str]]:
    with (SHIPPED / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize(
    "today",
    [
        pytest.param("2002-12-24", id="2002-12-24: the day after the deposit of the USA"),
        pytest.param("2003-06-01", id="2003-06-01: the first years"),
        pytest.param("2009-05-31", id="2009-05-31: a published count"),
        pytest.param("2013-01-31", id="2013-01-31: the eve of the Committee's decision on the USA"),
        pytest.param("2013-02-01", id="2013-02-01: its day"),
        pytest.param("2016-01-22", id="2016-01-22: receipt of the USA's third and fourth reports"),
        pytest.param("2019-12-31", id="2019-12-31: a published count"),
        pytest.param("2026-11-22", id="2026-11-22: the day of the derivation"),
    ],
)
def test_a_day_reads_alike_from_facts_and_from_stored_obligations(today):
    expected = by_rules(day(today))
    assert by_sql(day(today)) == expected
    initial = {key[0] for key in expected if key[2] == "initial"}
    joined = {row["iso3"] for row in file("participation.csv") if "" < row["opsc_action_date"] <= today}
    assert initial == joined


def test_the_records_of_each_office_are_those_of_the_file():
    with_records = {row["iso3"]: row["records_from"] for row in file("records.csv")}
    assert len(with_records) == 178
    assert {row["records_until"] for row in file("records.csv")} == {"2025-12-04"}
    assert State.objects.filter(records_until=date(2025, 12, 4)).count() == 178
    assert {
        state.pk: state.records_from.isoformat() if state.records_from else ""
        for state in State.objects.filter(pk__in=with_records)
    } == with_records


def test_every_submission_answers_what_it_names():
    for row in file("submissions.csv"):
        first, _, last = row["cycles"].partition("-")
        for cycle in range(int(first), int(last or first) + 1):
            found = Obligation.objects.get(state=row["iso3"], kind=row["kind"], cycle=cycle, carried_by="own")
            received = found.received_on.isoformat() if found.received_on else ""
            assert received == row["received_on"], row
            assert found.answered_on is not None


def test_a_computed_entry_into_force_is_not_taken_for_a_recorded_one():
    assert TreatyAction.objects.get(state="NOR", treaty="CRC", kind="ratification").effective_on is None
    assert TreatyAction.objects.get(state="USA", treaty="OPSC", kind="ratification").effective_on == date(
        2003, 1, 23
    )


def test_days_from_memory_are_to_be_confirmed():
    weak = TreatyAction.objects.filter(treaty="OPSC", confidence="memory").values_list("state", flat=True)
    # data/README: Fiji, Kiribati, Marshall Islands, Samoa, Solomon Islands, South Sudan, Palestine, UAE.
    assert sorted(weak) == ["ARE", "FJI", "KIR", "MHL", "PSE", "SLB", "SSD", "WSM"]


def test_every_state_without_contact_is_loaded_and_none_is_skipped():
    assert not Contact.objects.exists()
    assert State.objects.filter(contacts=None).count() == 197
    assert Obligation.objects.filter(kind="initial").values("state").distinct().count() == 178


def test_a_report_without_any_day_counts_from_the_first_sign_of_it():
    # CRC/C/GEO/CO/4 of 3 February 2017, CRC/C/PHL/CO/3-4 of 2 October 2009 are about the report itself.
    first_signs = {
        ("GEO", 4): "2017-02-03",  # observations on it
        ("PHL", 3): "2009-10-02",  # a date of the Committee from observations on it
        ("PER", 4): "2025-01-31",  # observations on a later report
        ("KAZ", 5): "2025-12-04",  # none: the day of the data
    }
    for (iso3, cycle), known_by in first_signs.items():
        report = Submission.objects.get(state=iso3, first_cycle=cycle, kind="periodic")
        assert (report.received_on, report.reviewed_on) == (None, None)
        assert report.known_by == date.fromisoformat(known_by), iso3


def test_days_of_effect_from_memory_are_to_be_confirmed():
    weak = TreatyAction.objects.filter(treaty="CRC", confidence="memory").order_by("state")
    assert list(weak.values_list("state", flat=True)) == [
        *("BIH", "CZE", "HRV", "MKD", "MNE", "SRB", "SVK", "SVN"),
    ]
    assert all(action.effective_on and action.kind == "succession" for action in weak)


def test_the_printed_due_year_is_kept_beside_ours():
    denmark = PrintedDate.objects.get(state="DNK", kind="initial")
    assert (denmark.printed, denmark.document) == ("2004", "CRC/C/OPSC/DNK/1")
    assert Obligation.objects.get(state="DNK", kind="initial").due_on == date(2005, 8, 24)


def test_indonesia_and_malaysia_have_complete_records_with_their_evidence():
    complete = State.objects.filter(
        records_from=None, actions__treaty="OPSC", actions__kind__in=("ratification", "accession")
    )
    assert sorted(complete.values_list("pk", flat=True)) == ["IDN", "MYS"]
    assert all(state.records_evidence_on and state.records_source for state in complete)


# --- the reports under the CRC -------------------------------------------------------------------


# --- published counts ----------------------------------------------------------------------------


def test_the_published_counts_are_read():
    counts = {(one.day.isoformat(), one.figure): one.value for one in published_counts()}
    assert len(counts) == len(published_counts()) == len(file("published_counts.csv")) == 13
    # OHCHR's list by treaty; the depositary's counts; the fact sheet of the United States.
    assert counts["2021-05-30", "overdue_initial"] == 54
    assert counts["2021-05-30", "overdue_periodic"] == 0
    bands = [counts["2021-05-30", f"overdue_{band}"] for band in ("under_5", "from_5_to_10", "over_10")]
    assert bands == [2, 22, 30]
    assert sum(bands) == 54
    assert (counts["2019-12-31", "signatories"], counts["2019-12-31", "parties"]) == (121, 176)
    assert {one.figure for one in published_counts()} == set(FIGURES)
    assert all(one.source for one in published_counts())


def test_the_latest_published_count_comes_first():
    days = [one.day for one in published_counts()]
    assert days == sorted(days, reverse=True)
    assert days[0] == date(2022, 12, 31)


def test_a_damaged_table_of_published_counts_is_named_by_row_and_column(tmp_path, monkeypatch):
    text = (SHIPPED / "published_counts.csv").read_text(encoding="utf-8")
    monkeypatch.setattr(published, "SHIPPED", tmp_path)
    for damaged, message in (
        ("signatures,105", "figure: “signatures” is not known."),
        ("signatories,some", "value: “some” is not a whole number."),
    ):
        broken = text.replace("signatories,105", damaged)
        (tmp_path / "published_counts.csv").write_text(broken, encoding="utf-8")
        with pytest.raises(ValueError, match=f"published_counts.csv, row 2, {message}"):
            published_counts.__wrapped__()


# --- the demonstration ---------------------------------------------------------------------------


def test_a_second_preparation_of_the_demonstration_keeps_what_people_entered(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    fiji = TreatyAction.objects.get(state="FJI", treaty="OPSC", kind="ratification")
    fiji.date, fiji.confidence = date(2021, 3, 2), "two-sources"
    fiji.save()
    State.objects.filter(pk="NOR").update(records_until=None)
    Review.objects.filter(state="NOR").update(session=99)
    before = [table.objects.count() for table in (Submission, Review, CommitteeDate, PrintedDate)]
    with time_machine.travel(date(2026, 11, 22)):
        run("prepare_demo")
    assert [table.objects.count() for table in (Submission, Review, CommitteeDate, PrintedDate)] == before
    fiji.refresh_from_db()
    assert (fiji.date, fiji.confidence) == (date(2021, 3, 2), "two-sources")
    assert State.objects.get(pk="NOR").records_until is None
    assert Review.objects.get(state="NOR").session == 99


@pytest.fixture
def by_a_server(settings, tmp_path):
    """A mail server on this machine, which may pass mails on."""
    settings.VAR_DIR, settings.EMAIL_FILE_PATH = tmp_path, None
    settings.EMAIL_HOST, settings.EMAIL_PORT = "localhost", 25


@pytest.mark.usefixtures("by_a_server")
def test_with_a_mail_server_the_demonstration_says_that_mail_may_leave():
    with time_machine.travel(date(2026, 11, 22)):
        told = run("prepare_demo")[0].splitlines()[-1]
    assert told.endswith("reminders planned, 0 given to localhost:25, which may pass them on.")
    assert not Contact.objects.exists()


@pytest.mark.usefixtures("by_a_server")
def test_with_a_mail_server_nobody_writes_to_made_up_addresses():
    Contact.objects.create(
        state_id="NOR", name="Mission", email="mission.nor@example.org", is_demonstration=True
    )
    with pytest.raises(CommandError, match="the contacts of the demonstration have made-up addresses"):
        run("prepare_demo")
    assert not Mail.objects.exists()
