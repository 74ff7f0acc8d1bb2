"""What a forecast assumes, measured from what was known on its day, and how far it was off."""

import json
from datetime import timedelta

import pytest

from bench.queue import replays
from tests import shipped
from tests.factories import a_session, a_state, day, on_the_agenda, receives
from tracker.consideration.forecast import (
    REPLAYED,
    as_queue,
    measured,
    outlooks,
    recorded_ahead,
    replay,
    sessions_on,
)
from tracker.consideration.queue import considerations, waiting_on
from tracker.obligations.models import CommitteeSession, Submission
from tracker.rules.queue import Assumptions, sessions_ahead

pytestmark = pytest.mark.django_db

TODAY = day("2026-11-22")


def assumed_on(on):
    considered = considerations(until=on)
    waiting = waiting_on(on, today=TODAY)
    return measured(on, sessions_on(on), considered, waiting)


def test_without_records_the_defaults_stand_and_nobody_is_supposed_to_wait_before_the_count():
    found = assumed_on(day("2018-12-31"))
    usual = Assumptions(
        sessions=3, slots=7, lost=0, unsure=70, least_months=12, spread_months=6, others=0, arrivals=21
    )
    assert (found.assumed, found.sessions, found.last_session, found.waits) == (usual, 0, None, 0)
    assert assumed_on(day("2019-01-14")).assumed.others == 41


def test_slots_and_lost_sessions_are_measured_from_the_last_nine_known_on_the_day():
    first = day("2023-01-16")
    for at in range(9):
        on = first + timedelta(122 * at)
        a_session(92 + at, f"{on}", f"{on + timedelta(18)}", dialogues=(6, 6, 9)[at % 3])
    assert (assumed_on(TODAY).assumed.slots, assumed_on(TODAY).assumed.lost) == (6, 0)
    # The last one a session later: nine were held where ten were usual.
    last = CommitteeSession.objects.get(number=100)
    last.starts_on, last.ends_on = last.starts_on + timedelta(122), last.ends_on + timedelta(122)
    last.save()
    assert assumed_on(TODAY).assumed.lost == 10
    found = assumed_on(day("2023-06-30"))
    assert (found.sessions, str(found.last_session), found.assumed.slots) == (2, "2023-06-05", 6)


def test_the_spread_is_that_of_waits_that_ended_in_one_year():
    for at, months in enumerate((20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40)):
        code = ("NOR", "CHL", "FRA", "DEU", "ITA", "ESP", "PRT", "BEL", "NLD", "POL", "AUT")[at]
        on = day("2024-05-20") - timedelta(round(months * 30.44))
        receives(a_state(code), f"{on}", reviewed_on="2024-05-20")
    found = assumed_on(TODAY)
    # Median deviation from the median wait of 30 months: 6 months, 1.4826 times that is 8.9.
    assert (found.waits, found.assumed.spread_months, found.assumed.least_months) == (11, 9, 20)
    assert assumed_on(day("2024-05-19")).waits == 0


def test_the_others_are_the_committees_count_with_those_received_and_considered_since():
    a_session(80, "2019-01-14", "2019-02-01", dialogues=7)
    a_session(83, "2020-01-20", "2020-02-07", dialogues=6)
    for code in ("NOR", "CHL"):
        receives(a_state(code), "2018-03-01")
    # 41, and 22 received from 14 January 2019 to 7 February 2020, without 13 considered and 2 recorded here.
    assert assumed_on(day("2020-03-01")).assumed.others == 41 + 22 - 13 - 2


def test_a_state_of_which_the_receipt_is_not_recorded_has_no_outlook():
    receives(a_state("NOR"), None, known_by="2025-12-04")
    receives(a_state("CHL"), "2024-03-01")
    waiting = waiting_on(TODAY, today=TODAY)
    assert [one.state.pk for one in waiting.states] == ["CHL", "NOR"]
    assert [one.key for one in as_queue(waiting.states)] == ["CHL"]
    # Unless it is on a session.
    session = a_session(101, "2027-01-11", "2027-01-29", status="planned")
    report = Submission.objects.get(state="NOR")
    on_the_agenda(report.state, session, report)
    found = as_queue(waiting_on(TODAY, today=TODAY).states)
    assert [(one.key, one.session) for one in found] == [("CHL", None), ("NOR", "101")]


def test_only_sessions_after_the_day_that_are_not_known_to_be_cancelled_are_ahead():
    a_session(101, "2027-01-11", "2027-01-29", status="planned")
    a_session(102, "2027-05-10", "2027-05-28", dialogues=8, status="cancelled", status_on="2026-10-01")
    a_session(103, "2027-09-13", "2027-10-01", dialogues=9, status="planned")
    ahead = recorded_ahead(TODAY, sessions_on(TODAY), 6)
    assert [(one.key, one.slots, one.recorded) for one in ahead] == [("101", 6, True), ("103", 9, True)]


def test_on_an_earlier_day_it_is_not_known_what_became_of_a_session():
    a_session(99, "2025-05-12", "2025-05-30", dialogues=6)
    a_session(
        100,
        "2026-01-12",
        "2026-01-30",
        dialogues=7,
        status="moved",
        status_on="2025-08-01",
        moved_from="2025-09-01",
    )
    ahead = recorded_ahead(day("2025-04-30"), sessions_on(TODAY), 8)
    assert [(one.key, str(one.on), one.slots) for one in ahead] == [
        ("99", "2025-05-12", 8),
        ("100", "2025-09-01", 8),
    ]
    moved = recorded_ahead(day("2025-08-01"), sessions_on(TODAY), 8)
    assert [(one.key, str(one.on), one.slots) for one in moved] == [("100", "2026-01-12", 7)]
    # More than a year before, nobody knew of either.
    assert recorded_ahead(day("2024-04-30"), sessions_on(TODAY), 8) == []


def test_a_session_that_has_begun_takes_only_the_states_on_it():
    for code in ("NOR", "CHL", "FRA"):
        receives(a_state(code), "2022-03-01")
    a_session(101, "2026-11-16", "2026-12-04", dialogues=6, status="planned")
    for code in ("NOR", "CHL"):
        report = Submission.objects.get(state=code)
        on_the_agenda(report.state, CommitteeSession.objects.get(), report)
    assumed = Assumptions(least_months=0, spread_months=0, runs=1)
    ahead = sessions_ahead(TODAY, recorded_ahead(TODAY, sessions_on(TODAY), 6, {101}), assumed)
    found = outlooks(TODAY, as_queue(waiting_on(TODAY, today=TODAY).states), assumed, ahead)
    assert {code: one.likely.key for code, one in found.items()} == {
        "NOR": "101",
        "CHL": "101",
        "FRA": "2027-05",
    }
    assert recorded_ahead(TODAY, sessions_on(TODAY), 6) == []


def test_the_same_question_is_answered_once():
    receives(a_state("CHL"), "2024-03-01")
    queue = as_queue(waiting_on(TODAY, today=TODAY).states)
    assumed = Assumptions(runs=5)
    ahead = sessions_ahead(TODAY, (), assumed)
    first = outlooks(TODAY, queue, assumed, ahead)
    assert first["CHL"].likely.key == "2027-01"
    assert outlooks(TODAY, queue, assumed, ahead) is first


def test_a_replay_knows_nothing_that_came_later():
    for code, on in {"NOR": "2022-05-20", "CHL": "2031-01-01"}.items():
        receives(a_state(code), "2020-03-01", **({"reviewed_on": on} if on < "2027" else {}))
    # A session that was held later changes nothing.
    before = replay(day("2021-12-31"), TODAY, runs=20)
    a_session(90, "2022-05-03", "2022-06-03", dialogues=40)
    assert replay(day("2021-12-31"), TODAY, runs=20) == before
    assert (before.states, len(before.errors), before.waiting) == (2, 1, 1)
    assert before.median_error == abs(before.bias)


@pytest.mark.more
def test_the_figures_on_the_page_are_those_of_the_shipped_data():
    shipped.load(TODAY)
    assert json.loads(REPLAYED.read_text(encoding="utf-8")) == replays()
