"""The shipped facts held against published counts, the files themselves, and both readings of a day."""

import csv
from datetime import date

import pytest

from tests.factories import day
from tests.obligations.readings import by_rules, by_sql
from tracker.obligations.models import CommitteeDate, Obligation, Submission
from tracker.registry.load import SHIPPED
from tracker.registry.models import State, TreatyAction

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


def test_every_row_of_the_files_is_in_the_database():
    participation = file("participation.csv")
    assert State.objects.count() == len(participation) == 197
    actions = sum(
        bool(row[name])
        for row in participation
        for name in ("opsc_signature", "opsc_action_date", "crc_action_date")
    )
    assert TreatyAction.objects.count() == actions == 496
    assert Submission.objects.count() == len(file("submissions.csv")) == 120
    assert CommitteeDate.objects.count() == len(file("committee_dates.csv")) == 2
    with_records = {row["iso3"]: row["records_from"] for row in file("records.csv")}
    assert len(with_records) == 178
    assert {
        state.pk: state.records_from.isoformat() if state.records_from else ""
        for state in State.objects.filter(pk__in=with_records)
    } == with_records


def test_every_initial_report_follows_from_the_recorded_entry_into_force():
    for row in file("participation.csv"):
        if not row["opsc_entry_into_force"]:
            continue
        in_force = day(row["opsc_entry_into_force"])
        expected = date(in_force.year + 2, in_force.month, in_force.day)  # none falls on 29 February
        assert Obligation.objects.get(state=row["iso3"], kind="initial").due_on == expected, row["iso3"]


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
    weak = TreatyAction.objects.filter(confidence="memory").values_list("state", flat=True)
    # data/README: Fiji, Kiribati, Marshall Islands, Samoa, Solomon Islands, South Sudan, Palestine, UAE.
    assert sorted(weak) == ["ARE", "FJI", "KIR", "MHL", "PSE", "SLB", "SSD", "WSM"]


def test_the_printed_due_year_is_kept_beside_ours():
    denmark = Submission.objects.get(state="DNK", kind="initial")
    assert denmark.printed_due == "2004"
    assert Obligation.objects.get(state="DNK", kind="initial").due_on == date(2005, 8, 24)


def test_indonesia_and_malaysia_have_complete_records_with_their_evidence():
    complete = State.objects.filter(
        records_from=None, actions__treaty="OPSC", actions__kind__in=("ratification", "accession")
    )
    assert sorted(complete.values_list("pk", flat=True)) == ["IDN", "MYS"]
    assert all(state.records_evidence_on and state.records_source for state in complete)
