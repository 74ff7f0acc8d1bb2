"""The life of a report: which step is next, who has it, and since when."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings, strategies as st

from tests.depth import examples
from tracker.rules.life import LifeEnd, ReportStage, StageFact, StepStatus, Whose, life_of

(
    RECEIVED, CHECKED, ISSUES, REPLIES, SESSION, DIALOGUE, OBSERVATIONS, NEXT_DATE,
) = ReportStage  # fmt: skip
TODAY = date(2026, 11, 22)


def on(text):
    return date.fromisoformat(text)


def fact(stage, day, until=None, **more):
    return StageFact(stage, on(day) if day else None, until=on(until) if until else None, **more)


RECEIPT = fact(RECEIVED, "2022-01-23")
AHEAD = fact(SESSION, "2027-01-11", until="2027-01-29")
HELD = fact(SESSION, "2026-05-04", until="2026-05-22")


def statuses(life):
    return [one.status.value for one in life.steps]


def next_of(life):
    return life.next_stage, life.whose, life.since


@pytest.mark.parametrize(("recorded", "expected"), [
    ([], (CHECKED, Whose.OFFICE, "2022-01-23")),
    ([fact(CHECKED, "2022-03-01")], (ISSUES, Whose.COMMITTEE, "2022-01-23")),
    ([fact(ISSUES, "2025-02-10", until="2025-06-15")], (REPLIES, Whose.STATE, "2025-02-10")),
    ([fact(ISSUES, "2025-02-10"), fact(REPLIES, "2025-06-12")], (SESSION, Whose.COMMITTEE, "2025-06-12")),
    ([fact(CHECKED, "2022-03-01"), AHEAD], (ISSUES, Whose.COMMITTEE, "2022-01-23")),
    ([fact(ISSUES, "2025-02-10"), AHEAD], (REPLIES, Whose.STATE, "2025-02-10")),
    ([fact(ISSUES, "2025-02-10"), fact(REPLIES, "2025-06-12"), AHEAD], (DIALOGUE, Whose.COMMITTEE, "2025-06-12")),
    # Nobody recorded whether the dialogue was held: our task, not the Committee's.
    ([HELD], (DIALOGUE, Whose.OFFICE, "2026-05-22")),
    ([fact(SESSION, "2026-11-16", until="2026-12-04")], (DIALOGUE, Whose.COMMITTEE, "2022-01-23")),
    ([fact(DIALOGUE, "2026-09-15")], (OBSERVATIONS, Whose.COMMITTEE, "2026-09-15")),
    ([fact(DIALOGUE, "2026-09-15"), fact(OBSERVATIONS, "2026-09-25")], (NEXT_DATE, Whose.OFFICE, "2026-09-25")),
])  # fmt: skip
def test_the_next_step_is_the_first_one_still_expected(recorded, expected):
    stage, whose, since = expected
    asked = any(one.stage == ISSUES for one in recorded)
    assert next_of(life_of([RECEIPT, *recorded], TODAY, to_check=not asked)) == (stage, whose, on(since))


def test_a_report_that_the_office_does_not_check_waits_for_the_committee():
    life = life_of([RECEIPT], TODAY, to_check=False)
    assert next_of(life) == (ISSUES, Whose.COMMITTEE, on("2022-01-23"))
    assert statuses(life) == ["done", "skipped", "next", *["ahead"] * 5]


def test_a_list_prior_to_reporting_is_answered_by_the_report_and_leaves_the_check_to_do():
    asked = [fact(ISSUES, "2020-07-14"), fact(REPLIES, "2022-01-23")]
    assert next_of(life_of([RECEIPT, *asked], TODAY)) == (CHECKED, Whose.OFFICE, on("2022-01-23"))
    checked = life_of([RECEIPT, *asked, fact(CHECKED, "2026-11-01")], TODAY)
    assert next_of(checked) == (SESSION, Whose.COMMITTEE, on("2022-01-23"))


def test_a_planned_session_is_ahead_and_what_is_missing_before_it_is_still_expected():
    life = life_of([RECEIPT, fact(CHECKED, "2022-03-01"), AHEAD], TODAY)
    assert statuses(life) == ["done", "done", "next", "ahead", "ahead", "ahead", "ahead", "ahead"]
    assert life.at(SESSION) == AHEAD


def test_a_session_that_has_begun_no_longer_waits_for_a_list_of_issues():
    life = life_of([RECEIPT, fact(SESSION, "2026-11-16", until="2026-12-04")], TODAY)
    assert statuses(life) == ["done", "skipped", "skipped", "skipped", "done", "next", "ahead", "ahead"]


def test_a_dialogue_skips_what_is_not_recorded_before_it():
    life = life_of([RECEIPT, fact(DIALOGUE, "2026-09-15")], TODAY)
    assert statuses(life) == ["done", "skipped", "skipped", "skipped", "skipped", "done", "next", "ahead"]


@pytest.mark.parametrize(("recorded", "ended"), [
    ([fact(DIALOGUE, "2026-08-22")], LifeEnd.NOT_RECORDED),
    ([fact(DIALOGUE, "2026-08-23")], None),
    ([fact(DIALOGUE, "2008-05-22"), fact(OBSERVATIONS, "2008-06-06")], LifeEnd.NOT_RECORDED),
    ([fact(DIALOGUE, None)], LifeEnd.NOT_RECORDED),
    ([fact(DIALOGUE, "2008-05-22"), fact(NEXT_DATE, "2008-06-06", until="2010-01-23")], LifeEnd.COMPLETE),
    ([fact(DIALOGUE, "2026-11-20"), fact(NEXT_DATE, "2026-11-22")], LifeEnd.COMPLETE),
])  # fmt: skip
def test_after_three_months_what_the_session_decided_is_missing_in_our_records_alone(recorded, ended):
    life = life_of([RECEIPT, *recorded], TODAY)
    assert life.ended == ended
    assert (life.next_stage is None) is (ended is not None)


def test_a_report_overtaken_by_later_observations_waits_for_nobody():
    life = life_of([RECEIPT], TODAY, overtaken=True)
    assert (next_of(life), life.ended, life.waits_since) == ((None, None, None), LifeEnd.NOT_RECORDED, None)
    assert statuses(life) == ["done", *["skipped"] * 7]
    placed = life_of([RECEIPT, AHEAD], TODAY, overtaken=True)
    assert (placed.ended, placed.next_stage) == (None, CHECKED)


@pytest.mark.parametrize("ended", [LifeEnd.WITHDRAWN, LifeEnd.REVISED])
def test_a_report_withdrawn_or_revised_has_no_next_step(ended):
    life = life_of([RECEIPT, AHEAD], TODAY, ended=ended)
    assert (next_of(life), life.ended, life.waits_since) == ((None, None, None), ended, None)
    assert statuses(life) == ["done", *["ended"] * 7]


@pytest.mark.parametrize(("recorded", "since"), [
    ([], "2022-01-23"),
    # A check or a list of issues is no session.
    ([fact(CHECKED, "2026-03-01"), fact(ISSUES, "2026-05-01")], "2022-01-23"),
    ([AHEAD], None),
    ([HELD], None),
    ([fact(DIALOGUE, "2026-11-20")], None),
])  # fmt: skip
def test_a_report_waits_for_a_session_from_its_receipt_until_it_is_on_one(recorded, since):
    assert life_of([RECEIPT, *recorded], TODAY).waits_since == (on(since) if since else None)


def test_a_report_whose_receipt_is_not_known_waits_for_an_unknown_time():
    life = life_of([fact(RECEIVED, None)], TODAY)
    assert (next_of(life), life.waits_since) == ((CHECKED, Whose.OFFICE, None), None)


DAYS = st.none() | st.dates(date(2015, 1, 1), date(2028, 12, 31))
RECORDED = st.dictionaries(st.sampled_from(list(ReportStage)), st.tuples(DAYS, DAYS)).map(
    lambda known: [StageFact(stage, day, until=until) for stage, (day, until) in known.items()]
)


@settings(max_examples=examples(800))
@given(RECORDED, st.booleans(), st.booleans(), st.sampled_from([None, LifeEnd.WITHDRAWN, LifeEnd.REVISED]))
def test_a_report_has_either_a_next_step_that_has_not_happened_or_an_end(
    recorded, to_check, overtaken, ended
):
    life = life_of(recorded, TODAY, to_check=to_check, overtaken=overtaken, ended=ended)
    assert (life.next_stage is None) == (life.whose is None) == (life.ended is not None)
    marked = [one.stage for one in life.steps if one.status == StepStatus.NEXT]
    assert marked == ([life.next_stage] if life.next_stage else [])
    assert [one.stage for one in life.steps] == list(ReportStage)
    assert life.since is None or life.since <= TODAY
    done = {one.stage for one in recorded if one.day is None or one.day <= TODAY}
    assert {one.stage for one in life.steps if one.status == StepStatus.DONE} == done


@given(RECORDED, st.randoms(use_true_random=False))
def test_the_order_of_what_is_recorded_does_not_matter(recorded, random):
    other = [*recorded]
    random.shuffle(other)
    assert life_of(other, TODAY) == life_of(recorded, TODAY)
