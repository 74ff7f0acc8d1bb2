"""Which recorded facts belong to the life of a report, as known on a day."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import pytest

from tests import factories, shipped
from tracker.consideration.life import life_with_requests, lives_of
from tracker.consideration.life_in_words import steps_in_words
from tracker.consideration.models import Checklist, Guidelines
from tracker.obligations.models import CommitteeSession, Submission
from tracker.registry.models import State
from tracker.rules.life import Life, LifeEnd, ReportStage, StepStatus, Whose

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)
a_session = partial(factories.a_session, status="planned")


def life(report: Submission, on: str = "2026-11-22") -> Life:
    """The life of a report that is known on the day."""
    day = date.fromisoformat(on)
    return lives_of([report], day)[report.pk]


def line(report: Submission, on: str = "2026-11-22") -> dict[str, str]:
    """Stage, day and document of each step that is recorded."""
    known = [one.fact for one in life(report, on).steps if one.fact]
    return {one.stage.value: f"{one.day or 'not known'} {one.document}".strip() for one in known}


def requests(report: Submission) -> list[Any]:
    """The requests about a report that are known today."""
    return life_with_requests(report, TODAY)[1]


@pytest.fixture
def norway(db: None) -> State:
    state = factories.a_state("NOR")
    factories.joins(state, "CRC", "1991-01-08")
    factories.joins(state, on="2001-10-02")
    return state


@pytest.fixture
def report(norway: State) -> Submission:
    """A report of 1 March 2024 that nobody has considered yet."""
    return factories.receives(norway, "2024-03-01", symbol="CRC/C/OPSC/NOR/1")


def test_the_shipped_reports_have_the_lives_that_their_documents_show() -> None:
    shipped.load(TODAY)
    reports = Submission.objects.filter(carried_by="own", kind="initial")
    # Covers of the reports (docstore.ohchr.org) and the sessions that considered them; data/README.md.
    assert {one: line(reports.get(state=one)) for one in ("PAN", "BHR", "BRA", "PAK")} == {
        "PAN": {"received": "2019-06-05 CRC/C/OPSC/PAN/1", "session": "2024-05-06 session 96",
                "dialogue": "2024-05-13"},
        "BHR": {"received": "2020-10-21 CRC/C/OPSC/BHR/1", "session": "2024-08-26 session 97",
                "dialogue": "2024-09-30"},
        "BRA": {"received": "2020-04-15 CRC/C/OPSC/BRA/1", "session": "2025-05-12 session 99", "dialogue": "2025-05-31",
                "next date": "2025-05-30 CRC/C/BRA/CO/5-7"},
        "PAK": {"received": "2019-03-01 CRC/C/OPSC/PAK/1", "session": "2026-01-12 session 100",
                "dialogue": "2026-01-31", "next date": "2026-01-30"},
    }  # fmt: skip
    bahrain = life(reports.get(state="BHR"))
    assert bahrain.at(ReportStage.DIALOGUE).month_only
    # The observations of 2024 are not in our records; that is no delay of the Committee.
    assert (bahrain.next_stage, bahrain.ended) == (None, LifeEnd.NOT_RECORDED)
    assert life(reports.get(state="PAK")).ended == LifeEnd.COMPLETE
    usa = life(Submission.objects.get(symbol="CRC/C/OPSC/USA/5"))
    assert (usa.next_stage, usa.whose, usa.since, usa.waits_since) == (
        ReportStage.LIST_OF_ISSUES, Whose.COMMITTEE, date(2022, 1, 23), date(2022, 1, 23)
    )  # fmt: skip
    # On the eve of its session Panama waited, for five years then.
    panama = life(reports.get(state="PAN"), "2024-05-05")
    assert life(reports.get(state="PAN"), "2024-05-05").waits_since == date(2019, 6, 5)
    assert (panama.since, panama.at(ReportStage.DIALOGUE)) == (date(2019, 6, 5), None)
    # Brazil's report under the CRC was considered beside the one that the agenda names.
    assert line(Submission.objects.get(symbol="CRC/C/BRA/5-7"))["session"] == "2025-05-12 session 99"


def test_all_lives_take_five_queries(django_assert_num_queries: Any) -> None:
    shipped.load(TODAY)
    reports = list(Submission.objects.known_on(TODAY))
    with django_assert_num_queries(5):
        lives = lives_of(reports, TODAY)
    assert len(lives) == len(reports) > 200
    assert lives_of([], TODAY) == {}


def test_the_office_checks_what_it_receives_and_not_what_it_found(norway: State) -> None:
    norway.records_from = date(2025, 12, 4)
    norway.save()
    old = factories.receives(norway, "2024-03-01")
    assert life(old).next_stage == ReportStage.LIST_OF_ISSUES
    new = factories.receives(norway, "2026-02-01", "periodic", "2", carried_by="own")
    assert life(new).next_stage == ReportStage.CHECKED
    entered = factories.receives(norway, "2025-03-01", "periodic", "8")
    entered.history.update(history_user=factories.an_officer("ada"))
    assert life(entered).next_stage == ReportStage.CHECKED


def test_a_checklist_counts_from_the_day_on_which_it_was_finished(report: Submission) -> None:
    common = {"submission": report, "guidelines": Guidelines.objects.get(), "begun_on": date(2024, 4, 1)}
    Checklist.objects.create(by=factories.an_officer("ada"), finished_on=date(2024, 5, 2), **common)
    Checklist.objects.create(by=factories.an_officer("ben"), **common)
    assert life(report, "2024-05-01").next_stage == ReportStage.CHECKED
    assert line(report, "2024-05-02")["checked"] == "2024-05-02"


def test_a_list_of_issues_and_its_replies_belong_to_the_report_before_the_committee(
    report: Submission,
) -> None:
    norway = report.state
    factories.asks(norway, "2023-12-01", "2023-06-01", document="CRC/C/OPSC/NOR/Q/0")  # before the receipt
    asked = factories.asks(
        norway, "2024-12-15", "2024-07-10", document="CRC/C/OPSC/NOR/Q/1", received_on="2025-01-15"
    )
    assert line(report) == {
        "received": "2024-03-01 CRC/C/OPSC/NOR/1",
        "list of issues": "2024-07-10 CRC/C/OPSC/NOR/Q/1",
        "replies": "2025-01-15 CRC/C/OPSC/NOR/Q/1",
    }
    before = life(report, "2025-01-14")
    assert (before.next_stage, before.whose, before.since) == (
        ReportStage.REPLIES, Whose.STATE, date(2024, 7, 10)
    )  # fmt: skip
    assert before.at(ReportStage.LIST_OF_ISSUES).until == date(2024, 12, 15)
    assert life(report, "2024-07-09").next_stage == ReportStage.CHECKED
    assert requests(report) == [asked]


def test_of_two_reports_the_symbol_says_which_one_is_asked_about(report: Submission) -> None:
    convention = factories.receives(report.state, "2024-03-01", "periodic", "8")
    factories.asks(report.state, "2025-06-15", "2025-02-10", document="CRC/C/NOR/Q/8")
    factories.asks(report.state, "2025-06-15", "2025-02-11", document="CRC/C/OPSC/NOR/Q/1")
    assert line(convention)["list of issues"] == "2025-02-10 CRC/C/NOR/Q/8"
    assert line(report)["list of issues"] == "2025-02-11 CRC/C/OPSC/NOR/Q/1"


def test_a_follow_up_belongs_to_the_report_that_was_considered(report: Submission) -> None:
    report.reviewed_on = date(2025, 5, 20)
    report.save()
    later = factories.receives(report.state, "2025-09-01", "periodic", "2", carried_by="own")
    asked = factories.asks(
        report.state, "2027-05-30", "2025-12-01", kind="follow-up", document="CRC/C/OPSC/NOR/FU/1"
    )
    assert (requests(report), requests(later)) == ([asked], [])


def test_a_list_prior_to_reporting_came_first_and_the_report_answers_it(norway: State) -> None:
    factories.decides(
        norway, "2024-03-15", "2023-07-14", cycles="7", carried_by="CRC report", document="CRC/C/NOR/QPR/7",
        document_kind="list of issues prior to reporting",
    )  # fmt: skip
    answer = factories.receives(norway, "2024-03-01", "periodic", "7", symbol="CRC/C/NOR/7")
    assert line(answer) == {
        "received": "2024-03-01 CRC/C/NOR/7",
        "list of issues": "2023-07-14 CRC/C/NOR/QPR/7",
        "replies": "2024-03-01 CRC/C/NOR/7",
    }
    assert life(answer).next_stage == ReportStage.CHECKED


def test_a_session_is_planned_until_it_is_held_and_left_out_once_it_is_cancelled(report: Submission) -> None:
    session = a_session(102, "2026-05-04", "2026-05-22", status="cancelled", status_on="2026-03-01")
    factories.on_the_agenda(report.state, session, report, decided_on="2025-12-01")
    assert "session" not in line(report, "2025-11-30")
    planned = life(report, "2025-12-01")
    assert planned.at(ReportStage.SESSION).document == "session 102"
    assert planned.steps[4].status == StepStatus.AHEAD
    assert (planned.waits_since, life(report, "2026-03-01").waits_since) == (None, date(2024, 3, 1))


def test_a_report_taken_off_a_session_waits_again(report: Submission) -> None:
    session = a_session(102, "2026-05-04", "2026-05-22")
    factories.on_the_agenda(report.state, session, report, decided_on="2025-12-01", postponed_on="2026-04-01")
    assert line(report, "2026-03-31")["session"] == "2026-05-04 session 102"
    assert "session" not in line(report, "2026-04-01")


def test_dialogue_observations_and_next_date_come_from_one_session(report: Submission) -> None:
    state = report.state
    session = a_session(99, "2025-05-12", "2025-05-30", status="held")
    item = factories.on_the_agenda(state, session, report, held_on="2025-05-20", decided_on="2025-01-01")
    observations = factories.reviews(state, "2025-05-30", "initial", "1", document="CRC/C/OPSC/NOR/CO/1")
    factories.decides(
        state, None, "2025-05-30", cycles="8", carried_by="CRC report", outcome="to be communicated",
        document="CRC/C/NOR/CO/7",
    )  # fmt: skip
    assert line(report) == {
        "received": "2024-03-01 CRC/C/OPSC/NOR/1",
        "session": "2025-05-12 session 99",
        "dialogue": "2025-05-20",
        "observations": "2025-05-30 CRC/C/OPSC/NOR/CO/1",
        "next date": "2025-05-30 CRC/C/NOR/CO/7",
    }
    assert life(report).at(ReportStage.NEXT_DATE).until is None  # to be communicated
    assert line(report, "2025-05-20") == {
        "received": "2024-03-01 CRC/C/OPSC/NOR/1",
        "session": "2025-05-12 session 99",
        "dialogue": "2025-05-20",
    }
    assert "dialogue" not in line(report, "2025-05-19")
    # Linked to the observations alone, it is still this report's session.
    item.submission, item.review = None, observations
    item.save()
    assert line(report)["session"] == "2025-05-12 session 99"


def test_observations_that_name_their_session_show_it_without_a_day(report: Submission) -> None:
    factories.reviews(report.state, "2025-05-30", "initial", "1", session=99)
    assert line(report)["session"] == "not known session 99"


@pytest.mark.parametrize("later", ["observations", "dialogue"])
def test_a_report_that_later_ones_overtook_waits_for_nobody(later: str, report: Submission) -> None:
    state = report.state
    if later == "observations":
        factories.reviews(state, "2025-06-01", cycles="7", carried_by="CRC report")
    else:
        factories.receives(state, "2024-01-01", "periodic", "7", reviewed_on="2025-06-01")
    assert life(report, "2025-05-31").ended is None
    assert life(report, "2025-06-01").ended == LifeEnd.NOT_RECORDED


def test_earlier_observations_and_other_reports_overtake_nothing(report: Submission) -> None:
    factories.receives(report.state, "2025-02-01", "periodic", "8")
    factories.reviews(report.state, "2024-02-29", cycles="6", carried_by="CRC report")
    assert life(report).next_stage == ReportStage.CHECKED


def test_after_eight_years_the_review_is_missing_in_our_records(report: Submission) -> None:
    assert life(report, "2032-03-01").next_stage == ReportStage.CHECKED
    assert life(report, "2032-03-02").ended == LifeEnd.NOT_RECORDED


def test_a_state_on_a_session_without_the_day_of_the_decision_is_on_it_today(report: Submission) -> None:
    session = a_session(103, "2027-01-11", "2027-01-29")
    factories.on_the_agenda(report.state, session, report)
    assert life(report).waits_since == date(2024, 3, 1)
    assert lives_of([report], TODAY, today=TODAY)[report.pk].waits_since is None


def test_a_report_withdrawn_or_revised_has_no_next_step(report: Submission) -> None:
    revision = factories.receives(report.state, "2025-01-15", revises=report)
    assert (life(report, "2025-01-14").ended, life(report).ended) == (None, LifeEnd.REVISED)
    assert life(revision).next_stage == ReportStage.CHECKED
    revision.withdrawn_on = date(2025, 3, 1)
    revision.save()
    assert (life(revision, "2025-02-28").ended, life(revision).ended) == (None, LifeEnd.WITHDRAWN)


def test_observations_of_the_day_of_receipt_overtake_a_report_as_in_the_queue(norway: State) -> None:
    # The day of receipt is not known, and the source that mentions the report is the observations on a later one.
    report = factories.receives(
        norway, None, "periodic", "4-5", carried_by="CRC report", known_by="2025-01-31"
    )
    factories.reviews(norway, "2025-01-31", cycles="6-7", carried_by="CRC report")
    assert life(report).ended == LifeEnd.NOT_RECORDED


def test_no_reply_is_expected_where_our_records_do_not_reach_back_to_its_day(report: Submission) -> None:
    factories.asks(report.state, "2025-01-15", "2024-09-12")
    factories.derive("2026-11-22", report.state)
    assert (life(report).next_stage, life(report).whose) == (ReportStage.REPLIES, Whose.STATE)
    State.objects.filter(pk="NOR").update(records_from=date(2025, 6, 1))
    factories.derive("2026-11-22", report.state)
    assert (life(report).next_stage, life(report).whose) == (ReportStage.SESSION, Whose.COMMITTEE)


def test_a_revision_is_on_the_session_of_the_report_that_it_revises(report: Submission) -> None:
    revision = factories.receives(report.state, "2025-01-15", revises=report)
    ahead = a_session(101, "2027-01-11", "2027-01-29")
    factories.on_the_agenda(report.state, ahead, report, decided_on="2026-06-01")
    assert line(revision)["session"] == "2027-01-11 session 101"
    assert life(revision).waits_since is None
    CommitteeSession.objects.update(starts_on=date(2024, 9, 2), ends_on=date(2024, 9, 20), status="held")
    assert "session" not in line(revision)  # received after it


def test_of_two_sessions_ahead_the_next_one_counts(report: Submission) -> None:
    for number, first, last in ((102, "2027-05-10", "2027-05-28"), (101, "2027-01-11", "2027-01-29")):
        factories.on_the_agenda(report.state, a_session(number, first, last), report, decided_on="2026-06-01")
    assert line(report)["session"] == "2027-01-11 session 101"
    assert line(report, "2027-02-01")["session"] == "2027-05-10 session 102"


def test_nobody_knew_the_last_day_of_a_session_before_it_was_moved(report: Submission) -> None:
    moved = a_session(
        101, "2027-02-01", "2027-02-19", status="moved", moved_from="2027-01-11", status_on="2026-11-01"
    )
    factories.on_the_agenda(report.state, moved, report, decided_on="2026-06-01")
    known = {on: life(report, on).at(ReportStage.SESSION) for on in ("2026-10-31", "2026-11-01")}
    assert [(str(one.day), str(one.until)) for one in known.values() if one] == [
        ("2027-01-11", "None"),
        ("2027-02-01", "2027-02-19"),
    ]
    steps = steps_in_words(life(report, "2026-10-31"), date(2026, 10, 31))
    assert [(one.when, one.note) for one in steps if one.session] == [("11 January 2027", "planned")]
