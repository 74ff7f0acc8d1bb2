"""Sessions, the States on them, and what of both is refused: entered by hand, and from a file."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests import factories
from tests.factories import day
from tests.registry.test_models import refused
from tracker.obligations.imports.check import check, save
from tracker.obligations.models import AgendaItem, CommitteeSession, Review, SessionDeadline
from tracker.obligations.queries.sessions import agenda_by, due_before, sessions_by, waiting_again
from tracker.registry.models import State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
TODAY = date(2026, 11, 22)


@pytest.fixture
def panama() -> State:
    state = factories.a_state("PAN", name="Panama")
    factories.joins(state, on="2001-02-09")
    return state


def looked_at(table: str, text: str) -> Any:
    return check(table, "x.csv", text.encode(), today=TODAY)


def why(table: str, text: str) -> list[str]:
    return [str(problem) for problem in looked_at(table, text).problems]


# --- as of a day ------------------------------------------------------------------------------------


def test_a_session_was_planned_until_its_last_day() -> None:
    session = factories.a_session()  # session 96, which ended on 24 May 2024
    known = {
        on: session.status_by(day(on)) for on in ("2024-01-01", "2024-05-23", "2024-05-24", "2026-11-22")
    }
    assert known == {
        "2024-01-01": "planned",
        "2024-05-23": "planned",
        "2024-05-24": "held",
        "2026-11-22": "held",
    }
    for on, status in known.items():
        (row,) = sessions_by(day(on), TODAY)
        assert (row.status_then, row.past) == (status, on == "2026-11-22")  # type: ignore[attr-defined]  # annotated


def test_nobody_knew_before_the_announcement_that_a_session_is_moved() -> None:
    factories.a_session(
        85, "2020-09-14", "2020-10-01", moved_from="2020-05-11", status_on="2020-04-09", source="OHCHR"
    )
    found = {}
    for on in ("2020-04-08", "2020-04-09", "2020-10-01"):
        (row,) = sessions_by(day(on), TODAY)
        found[on] = (row.status_then, str(row.first_then), str(row.last_then))  # type: ignore[attr-defined]  # as above
        assert row.first_by(day(on)) == row.first_then  # type: ignore[attr-defined]  # as above
    assert found == {
        "2020-04-08": ("planned", "2020-05-11", "None"),
        "2020-04-09": ("planned", "2020-09-14", "2020-10-01"),
        "2020-10-01": ("held", "2020-09-14", "2020-10-01"),
    }


def test_sessions_to_come_are_first_and_the_next_of_them_before_all() -> None:
    for number, on, until in (
        (99, "2025-05-12", "2025-05-30"),
        (102, "2027-05-10", "2027-05-28"),
        (100, "2026-01-12", "2026-01-30"),
        (101, "2027-01-11", "2027-01-29"),
    ):
        factories.a_session(number, on, until, status="planned")
    assert [one.number for one in sessions_by(TODAY, TODAY)] == [101, 102, 100, 99]


def test_a_state_is_on_a_session_from_the_day_of_the_decision(panama: State) -> None:
    ahead = factories.a_session(101, "2027-01-11", "2027-01-29", status="planned")
    item = factories.on_the_agenda(panama, ahead, decided_on="2026-10-01")

    def states(on: str) -> list[str]:
        found = [one.state_id for one in agenda_by(ahead, day(on), TODAY)]
        (row,) = sessions_by(day(on), TODAY)
        assert row.states == len(found)  # type: ignore[attr-defined]  # annotated
        return found

    assert (states("2026-09-30"), states("2026-10-01")) == ([], ["PAN"])
    item.decided_on = None  # known today, and not since when
    item.save()
    assert (states("2026-11-21"), states("2026-11-22")) == ([], ["PAN"])
    held = factories.a_session()
    factories.on_the_agenda(panama, held)
    for on, number in (("2024-05-05", 0), ("2024-05-06", 1)):
        assert len(agenda_by(held, day(on), TODAY)) == number
        assert sessions_by(day(on), TODAY).get(number=96).states == number  # type: ignore[attr-defined]  # as above


def test_a_state_counts_on_a_session_until_it_is_postponed(panama: State) -> None:
    factories.on_the_agenda(panama, postponed_on="2024-05-08")
    found = [sessions_by(day(on), TODAY).get().states for on in ("2024-05-07", "2024-05-08")]  # type: ignore[attr-defined]  # as above
    assert found == [1, 0]


def test_a_working_group_holds_lists_of_issues_and_no_dialogue(panama: State) -> None:
    group = factories.a_session(96, "2024-02-05", "2024-02-09", kind="pre-session")
    report = factories.receives(panama, "2019-06-05")
    item = factories.on_the_agenda(panama, group, report, purpose="issues")
    factories.on_the_agenda(panama, group, report, purpose="prior")
    item.full_clean()
    assert sessions_by(TODAY, TODAY).get().states == 1  # type: ignore[attr-defined]  # as above
    item.purpose = "dialogue"
    assert refused(item) == {
        "purpose": ["A working group holds no dialogue. Choose a list of issues, or the session."]
    }


def test_only_dialogues_that_were_neither_held_nor_postponed_wait_again(panama: State) -> None:
    session = factories.a_session()
    factories.on_the_agenda(panama, session)
    for iso3, fields in (("BHR", {"held_on": "2024-05-10"}), ("BRA", {"postponed_on": "2024-04-01"}),
                         ("PAK", {"purpose": "prior"})):  # fmt: skip
        factories.on_the_agenda(factories.a_state(iso3), session, **fields)
    assert [one.state_id for one in waiting_again(session)] == ["PAN"]


def test_what_is_due_before_a_session_is_counted_back_from_its_first_day() -> None:
    weeks = {(one.kind, one.what): one for one in SessionDeadline.objects.all()}
    assert {key: (one.weeks, one.confidence) for key, one in weeks.items()} == {
        ("session", "ngo issues"): (35, "memory"),
        ("session", "issues"): (26, "secondary"),
        ("pre-session", "ngo issues"): (9, "memory"),
        ("session", "replies"): (9, "secondary"),
        ("session", "ngo dialogue"): (4, "memory"),
    }
    assert weeks["session", "replies"].day_before(date(2024, 5, 6)) == date(2024, 3, 4)


def test_what_counts_from_a_working_group_does_not_count_from_the_session_that_it_prepares() -> None:
    rows = SessionDeadline.objects.all()
    assert [one.what for one in due_before("pre-session", rows)] == ["ngo issues"]
    assert [one.what for one in due_before("session", rows)] == [
        "ngo issues", "issues", "replies", "ngo dialogue",
    ]  # fmt: skip
    assert [one.what for one in due_before("session", rows, has_group=True)] == ["replies", "ngo dialogue"]


# --- refused by hand --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"ends_on": "2024-05-03"}, "ends_on", "The session ends before it starts. Check the two days."),
        (
            {"starts_on": "2024-09-13", "ends_on": "2024-09-20"},
            "starts_on",
            "These days overlap with session 97 (26 August 2024 to 13 September 2024).",
        ),
        ({"dialogues": 0}, "dialogues", "Ensure this value is greater than or equal to 1."),
        (
            {"status": "cancelled"},
            "status_on",
            "Enter the day on which it became known that the session was cancelled or moved.",
        ),
        (
            {"starts_on": "2024-05-13"},
            "starts_on",
            "Panama is recorded for 10 May 2024, which would be outside the session. Check that day first.",
        ),
        (
            {"ends_on": "2024-05-23"},
            "ends_on",
            "CRC/C/PAN/CO/1 is recorded for 24 May 2024, which would be outside the session. Check that day first.",
        ),
        (
            {"status": "cancelled", "status_on": "2024-04-10"},
            "status",
            "CRC/C/PAN/CO/1 is recorded for 24 May 2024, so the session was held. Check that day first.",
        ),
        (
            {"status": "planned", "ends_on": "2046-11-23"},
            "ends_on",
            "This is more than 20 years ahead; check the year.",
        ),
    ],
)
def test_a_session_that_cannot_be_is_refused_in_words(
    fields: dict[str, Any], field: str, said: str, panama: State
) -> None:
    session = factories.a_session()
    factories.a_session(97, "2024-08-26", "2024-09-13")
    factories.on_the_agenda(panama, session, held_on="2024-05-10")
    factories.reviews(panama, "2024-05-24", "initial", "1", session=96, carried_by="own")
    session.full_clean()
    for name, value in fields.items():
        setattr(session, name, day(value) if name.endswith("_on") else value)
    assert refused(session)[field][0] == said


def test_observations_outside_their_session_are_refused(panama: State) -> None:
    review = Review(
        state=panama, kind="initial", first_cycle=1, last_cycle=1, document="CRC/C/OPSC/PAN/CO/1", session=96,
        adopted_on=date(2024, 5, 25), carried_by="own", without_report=True,
    )  # fmt: skip
    review.full_clean()  # a session that is not recorded refuses nothing
    factories.a_session()
    assert refused(review) == {
        "adopted_on": [
            "This day is outside session 96 (6 May 2024 to 24 May 2024). Check the day or the session."
        ]
    }
    review.adopted_on = date(2024, 5, 24)
    review.full_clean()


def test_observations_linked_on_a_session_stay_within_its_days(panama: State) -> None:
    session = factories.a_session()
    review = factories.reviews(panama, "2024-05-24", "initial", "1", carried_by="own", without_report=True)
    item = factories.on_the_agenda(panama, session, review=review)
    review.full_clean()
    review.adopted_on = date(2024, 7, 1)
    assert list(refused(review)) == ["adopted_on"]
    session.ends_on = date(2024, 5, 20)
    assert list(refused(session)) == ["ends_on"]
    header = "state,kind,cycles,document,adopted_on,carried_by,without_report\n"
    (problem,) = why("reviews", f"{header}PAN,initial,1,CRC/C/PAN/CO/1,2024-07-01,own,yes\n")
    assert "This day is outside session 96 (6 May 2024 to 24 May 2024)." in problem
    assert why("reviews", f"{header}PAN,initial,1,CRC/C/PAN/CO/1,2024-05-23,own,yes\n") == []
    CommitteeSession.objects.update(status="cancelled", status_on=date(2024, 4, 10))
    item.refresh_from_db()
    assert list(refused(item)) == ["review"]


def test_nobody_was_heard_at_a_session_that_was_cancelled(panama: State) -> None:
    item = factories.on_the_agenda(panama, factories.a_session(status="cancelled", status_on="2024-04-10"))
    item.full_clean()  # who was on it is a fact
    item.held_on = date(2024, 5, 10)
    assert refused(item) == {"held_on": ["Session 96 was cancelled. Check the day or the session."]}


# --- from a file ------------------------------------------------------------------------------------

HEADER = "session,state,held_on"


def test_a_file_of_sessions_is_saved_and_comes_in_again_without_effect() -> None:
    text = "number,status,starts_on,ends_on,dialogues\n96,held,2024-05-06,2024-05-24,9\n101,,2027-01-11,2027-01-29,\n"
    save(looked_at("sessions", text), by=None, reason="a list", today=TODAY)
    rows = CommitteeSession.objects.values_list("kind", "number", "status", "dialogues")
    assert list(rows) == [("session", 96, "held", 9), ("session", 101, "planned", None)]
    assert looked_at("sessions", text).counts == {"added": 0, "changed": 0, "unchanged": 2, "refused": 0}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            "101,2027-01-11,2027-01-29,0",
            "Row 2, column dialogues: “0” is not a number; write for example 94.",
        ),
        (
            "101,2027-01-11,2027-01-01,",
            "Row 2, column ends_on: The session ends before it starts. Check the two days.",
        ),
        ("101,,,", "Row 2, column starts_on: Enter the first or the last day."),
    ],
)
def test_a_row_of_sessions_is_refused_with_its_column(rows: str, said: str) -> None:
    assert why("sessions", f"number,starts_on,ends_on,dialogues\n{rows}\n") == [said]


def test_two_rows_of_a_file_do_not_overlap_and_two_may_move_together() -> None:
    factories.a_session(101, "2027-01-11", "2027-01-29", status="planned")
    header = "number,starts_on,ends_on\n"
    said = why("sessions", f"{header}102,2027-05-10,2027-05-28\n103,2027-05-28,2027-06-11\n")
    assert [one.partition(": ")[2] for one in said] == [
        "These days overlap with session 103 (28 May 2027 to 11 June 2027).",
        "These days overlap with session 102 (10 May 2027 to 28 May 2027).",
    ]
    assert why("sessions", f"{header}101,2027-02-01,2027-02-19\n102,2027-01-11,2027-01-29\n") == []
    # One that another encloses, behind one that it does not meet.
    rows = "102,2027-05-10,2027-06-11\n103,2027-05-12,2027-05-14\n104,2027-06-01,2027-06-04\n"
    assert [one.partition("overlap with ")[2] for one in why("sessions", header + rows)] == [
        "session 103 (12 May 2027 to 14 May 2027).",
        "session 102 (10 May 2027 to 11 June 2027).",
        "session 102 (10 May 2027 to 11 June 2027).",
    ]


def test_a_row_finds_the_report_that_was_considered_at_the_session(panama: State) -> None:
    factories.a_session()
    old = factories.receives(
        panama, "2003-06-05", "periodic", "2", carried_by="CRC report", reviewed_on="2004-06-01"
    )
    own = factories.receives(panama, "2019-06-05", reviewed_on="2024-05-13", symbol="CRC/C/OPSC/PAN/1")
    checked = looked_at("agenda", f"{HEADER}\n96,Panama,\n")
    assert (checked.rows[0].fact.submission, checked.rows[0].fact.review) == (own, None)
    save(checked, by=None, reason="a list", today=TODAY)
    assert AgendaItem.objects.get().submission == own
    # By hand somebody has chosen another one: an empty cell leaves it.
    AgendaItem.objects.update(submission=old)
    assert looked_at("agenda", f"{HEADER},report\n96,PAN,,\n").counts["unchanged"] == 1
    assert looked_at("agenda", f"{HEADER},report\n96,PAN,,CRC/C/OPSC/PAN/1\n").rows[0].fact.submission == own


def test_a_month_of_review_is_enough_where_it_touches_the_session_and_a_year_is_not(panama: State) -> None:
    factories.a_session(97, "2024-08-26", "2024-09-13")
    report = factories.receives(panama, "2019-06-05", reviewed_on="2024-09-30", review_precision="month")
    assert looked_at("agenda", f"{HEADER}\n97,PAN,\n").rows[0].fact.submission == report
    report.review_precision = "year"
    report.save()
    assert why("agenda", f"{HEADER}\n97,PAN,\n") == [
        (
            "Row 2, column report: No report and no observations of the State fall into session 97 (26 August 2024 to "
            "13 September 2024). Name the report by its symbol, or record it first."
        )
    ]


def test_observations_find_their_report_and_stand_alone_where_it_is_not_recorded(panama: State) -> None:
    factories.a_session()
    review = factories.reviews(panama, "2024-05-24", cycles="5-6", carried_by="CRC report")
    alone = looked_at("agenda", f"{HEADER}\n96,PAN,\n").rows[0].fact
    assert (alone.submission, alone.review) == (None, review)
    report = factories.receives(panama, "2018-01-10", "periodic", "5-6", carried_by="CRC report")
    both = looked_at("agenda", f"{HEADER}\n96,PAN,\n").rows[0].fact
    assert (both.submission, both.review) == (report, review)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("97,PAN,", "Row 2, column session: This is not recorded: session 97. Add the session first."),
        (
            "96,PAN,2024-06-01",
            "Row 2, column held_on: This day is outside session 96 (6 May 2024 to 24 May 2024).",
        ),
        (
            "96,Atlantis,",
            (
                "Row 2, column state: “Atlantis” is not the name of a State that is recorded here; choose the State "
                "above, or correct it."
            ),
        ),
    ],
)  # fmt: skip
def test_a_row_of_the_agenda_is_refused_with_its_column(row: str, said: str, panama: State) -> None:
    factories.a_session()
    factories.receives(panama, "2019-06-05", reviewed_on="2024-05-13")
    assert why("agenda", f"{HEADER}\n{row}\n") == [said]


def test_a_report_named_by_a_symbol_that_is_not_recorded_is_refused(panama: State) -> None:
    factories.a_session()
    assert why("agenda", "session,state,report\n96,PAN,CRC/C/OPSC/PAN/2\n") == [
        "Row 2, column report: “CRC/C/OPSC/PAN/2” is not recorded for this State; record it first."
    ]


def test_a_state_without_a_report_needs_the_decision(panama: State) -> None:
    factories.a_session()
    header = "session,state,without_report,decision\n"
    assert why("agenda", f"{header}96,PAN,yes,\n") == [
        "Row 2, column decision: Enter the document of the decision to review the State without a report."
    ]
    assert why("agenda", f"{header}96,PAN,yes,CRC/C/96/DEC\n") == []


def test_an_imported_review_is_compared_with_its_session(panama: State) -> None:
    factories.a_session()
    header = "state,kind,cycles,document,adopted_on,session,carried_by\n"
    row = "PAN,initial,1,CRC/C/OPSC/PAN/CO/1,{},96,own\n"
    assert why("reviews", header + row.format("2024-05-24")) == []
    assert why("reviews", header + row.format("2024-06-02")) == [
        (
            "Row 2, column adopted_on: This day is outside session 96 (6 May 2024 to 24 May 2024). Check the day or "
            "the session."
        )
    ]


# --- a report on a session --------------------------------------------------------------------------


def test_a_report_is_on_one_session_at_a_time(panama: State) -> None:
    report = factories.receives(panama, "2019-06-05")
    first = factories.on_the_agenda(panama, submission=report)  # session 96
    later = factories.a_session(97, "2024-08-26", "2024-09-13")
    again = AgendaItem(state=panama, session=later, submission=report)
    assert refused(again) == {
        "submission": ["This report is on session 96 already. Enter there first that it was postponed."]
    }
    first.postponed_on = day("2024-05-10")
    first.save()
    again.full_clean()


def test_a_report_on_a_cancelled_session_is_put_on_the_next(panama: State) -> None:
    report = factories.receives(panama, "2019-06-05")
    off = factories.a_session(status="cancelled", status_on="2024-04-01")
    factories.on_the_agenda(panama, off, report)
    AgendaItem(
        state=panama, session=factories.a_session(97, "2024-08-26", "2024-09-13"), submission=report
    ).full_clean()


def test_a_report_that_was_withdrawn_is_put_on_no_session(panama: State) -> None:
    report = factories.receives(panama, "2019-06-05", withdrawn_on="2023-02-01")
    item = AgendaItem(state=panama, session=factories.a_session(), submission=report)
    assert refused(item) == {"submission": ["The State withdrew this report on 1 February 2023."]}


def test_a_file_puts_no_report_on_two_sessions_at_a_time(panama: State) -> None:
    factories.a_session()
    factories.a_session(97, "2024-08-26", "2024-09-13")
    factories.receives(panama, "2019-06-05", symbol="CRC/C/OPSC/PAN/1")
    header, report = "session,state,report,postponed_on\n", "PAN,CRC/C/OPSC/PAN/1"
    said = "Row {}, column report: This report is on session {} already. Enter there first that it was postponed."
    assert why("agenda", f"{header}96,{report},\n97,{report},\n") == [said.format(2, 97), said.format(3, 96)]
    assert why("agenda", f"{header}96,{report},2024-05-10\n97,{report},\n") == []
    save(looked_at("agenda", f"{header}96,{report},\n"), by=None, reason="a list", today=TODAY)
    assert why("agenda", f"{header}97,{report},\n") == [said.format(2, 96)]
    assert why("agenda", f"{header}96,{report},2024-05-10\n97,{report},\n") == []
    CommitteeSession.objects.filter(number=96).update(status="cancelled", status_on=day("2024-04-10"))
    assert why("agenda", f"{header}97,{report},\n") == []


def test_a_session_is_not_held_after_all_while_its_report_is_on_another(panama: State) -> None:
    report = factories.receives(panama, "2019-06-05")
    off = factories.a_session(status="cancelled", status_on="2024-04-01")
    factories.on_the_agenda(panama, off, report)
    later = factories.on_the_agenda(panama, factories.a_session(97, "2024-08-26", "2024-09-13"), report)
    off.full_clean()
    said = "The report of Panama is on session 97 by now. Enter there first that it was postponed."
    off.status = "planned"
    assert refused(off) == {"status": [said]}
    row = "number,status,starts_on,ends_on\n96,planned,2024-05-06,2024-05-24\n"
    assert why("sessions", row) == [f"Row 2, column status: {said}"]
    later.postponed_on = day("2024-09-01")
    later.save()
    off.full_clean()
    assert why("sessions", row) == []


def test_no_other_number_and_no_file_brings_a_report_back_on_two_sessions(panama: State) -> None:
    report = factories.receives(panama, "2019-06-05")
    off = factories.a_session(status="cancelled", status_on="2024-04-01")
    factories.on_the_agenda(panama, off, report)
    also = factories.a_session(97, "2024-08-26", "2024-09-13", status="cancelled", status_on="2024-04-01")
    factories.on_the_agenda(panama, also, report)
    said = "The report of Panama is on session {} by now. Enter there first that it was postponed."
    header, rows = (
        "number,status,starts_on,ends_on,status_on\n",
        {
            96: "96,planned,2024-05-06,2024-05-24,\n",
            97: "97,planned,2024-08-26,2024-09-13,\n",
        },
    )
    assert why("sessions", header + rows[96]) == []
    assert why("sessions", header + rows[96] + rows[97]) == [
        f"Row 2, column status: {said.format(97)}",
        f"Row 3, column status: {said.format(96)}",
    ]
    also.status, also.status_on = "planned", None
    also.save()
    off.number, off.status = 95, "planned"
    assert refused(off) == {"status": [said.format(97)]}
    swapped = header + rows[96] + "97,cancelled,2024-08-26,2024-09-13,2024-08-01\n"
    save(looked_at("sessions", swapped), by=None, reason="a list", today=TODAY)
    assert list(CommitteeSession.objects.values_list("number", "status")) == [
        (96, "planned"),
        (97, "cancelled"),
    ]


def test_a_session_with_another_number_keeps_the_days_that_are_recorded(panama: State) -> None:
    held = factories.a_session()
    factories.on_the_agenda(panama, held, factories.receives(panama, "2019-06-05"), held_on="2024-05-13")
    held.number, held.status, held.status_on = 95, "cancelled", day("2024-04-01")
    assert refused(held) == {
        "status": ["Panama is recorded for 13 May 2024, so the session was held. Check that day first."]
    }


def test_what_is_known_of_a_cancelled_session_may_be_edited_after_its_report_is_on_the_next(
    panama: State,
) -> None:
    report = factories.receives(panama, "2019-06-05")
    off = factories.on_the_agenda(
        panama, factories.a_session(status="cancelled", status_on="2024-04-01"), report
    )
    factories.on_the_agenda(panama, factories.a_session(97, "2024-08-26", "2024-09-13"), report)
    off.full_clean()
