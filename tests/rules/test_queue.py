"""The queue of the Committee: literal cases, and what holds in every run of any queue."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings, strategies as st

from tests.depth import examples
from tracker.rules.queue import (
    Assumptions,
    Forecast,
    QueuedState,
    SessionAhead,
    changed,
    place,
    sessions_ahead,
)

TODAY = date(2026, 11, 22)
PLAIN = Assumptions(sessions=3, slots=1, least_months=0, spread_months=0, arrivals=0, runs=1, years=3)


def queue(*since: str, session: str | None = None) -> list[QueuedState]:
    return [QueuedState(day, date.fromisoformat(day), session) for day in since]


def likely(waiting, sessions, assumed=PLAIN, **options):
    found = Forecast(TODAY, waiting, assumed).outlooks(sessions, **options)
    return {key: one.likely.key if one.likely else "beyond" for key, one in found.items()}


# --- sessions ---------------------------------------------------------------------------------------


def test_beyond_the_recorded_sessions_there_is_a_regular_pattern():
    recorded = [
        SessionAhead("101", date(2027, 1, 11), 7, True),
        SessionAhead("100", date(2026, 1, 12), 7, True),
    ]
    found = sessions_ahead(TODAY, recorded, replace(PLAIN, years=1, slots=6))
    assert [(one.key, one.slots, one.recorded) for one in found] == [
        ("101", 7, True),
        ("2027-05", 6, False),
        ("2027-09", 6, False),
    ]
    alone = sessions_ahead(TODAY, (), replace(PLAIN, years=1, sessions=2))
    assert [str(one.on) for one in alone] == ["2027-01-15", "2027-07-15"]


# --- literal queues -----------------------------------------------------------------------------------


def test_without_spread_the_order_is_that_of_receipt():
    sessions = sessions_ahead(TODAY, (), PLAIN)
    assert likely(queue("2024-01-01", "2023-01-01", "2025-01-01"), sessions) == {
        "2023-01-01": "2027-01",
        "2024-01-01": "2027-05",
        "2025-01-01": "2027-09",
    }


def test_a_report_waits_at_least_some_months_and_others_are_considered_before():
    sessions = sessions_ahead(TODAY, (), PLAIN)
    slow = replace(PLAIN, least_months=12)
    assert likely(queue("2026-03-01"), sessions, slow) == {"2026-03-01": "2027-05"}
    # Another report, received halfway between the first one here and today, is not recorded here.
    assert likely(queue("2024-01-01", "2026-01-01"), sessions, replace(PLAIN, others=1)) == {
        "2024-01-01": "2027-01",
        "2026-01-01": "2027-09",
    }


def test_overdue_reports_that_arrive_come_after_those_received_before():
    sessions = sessions_ahead(TODAY, (), PLAIN)
    slow = replace(PLAIN, least_months=12)
    assert likely(queue("2024-01-01"), sessions, slow, arrive=10) == {"2024-01-01": "2027-01"}
    spread = replace(PLAIN, spread_months=48, runs=101)
    before, after = (
        likely(queue("2024-01-01"), sessions, spread, arrive=arrive)["2024-01-01"] for arrive in (0, 10)
    )
    assert (before, after) == ("2027-01", "2027-09")


def test_a_state_on_an_agenda_is_considered_there_and_after_it_if_the_session_is_cancelled():
    sessions = sessions_ahead(TODAY, [SessionAhead("101", date(2027, 1, 11), 1, True)], PLAIN)
    waiting = [*queue("2023-01-01"), *queue("2025-01-01", session="101")]
    assert likely(waiting, sessions) == {"2025-01-01": "101", "2023-01-01": "2027-05"}
    assert likely(waiting, changed(sessions, cancel="101")) == {
        "2023-01-01": "2027-05",
        "2025-01-01": "2027-09",
    }


def test_taken_off_a_cancelled_session_a_state_is_not_considered_before_it():
    recorded = [
        SessionAhead("101", date(2027, 1, 11), 1, True),
        SessionAhead("102", date(2027, 5, 10), 1, True),
    ]
    sessions = sessions_ahead(TODAY, recorded, PLAIN)
    waiting = queue("2023-01-01", session="102")
    assert likely(waiting, sessions) == {"2023-01-01": "102"}
    assert likely(waiting, changed(sessions, cancel="102")) == {"2023-01-01": "2027-09"}


def test_a_longer_session_considers_more():
    sessions = sessions_ahead(TODAY, (), PLAIN)
    assert likely(queue("2024-01-01", "2025-01-01"), changed(sessions, longer="2027-01", more=1)) == {
        "2024-01-01": "2027-01",
        "2025-01-01": "2027-01",
    }


def test_what_has_no_place_within_the_years_is_beyond():
    sessions = sessions_ahead(TODAY, (), replace(PLAIN, years=1))
    assert [str(one.on) for one in sessions] == ["2027-01-15", "2027-05-15", "2027-09-15"]
    found = likely(queue("2021-01-01", "2022-01-01", "2023-01-01", "2024-01-01"), sessions)
    assert found["2024-01-01"] == "beyond"
    assert likely(queue("2021-01-01"), sessions, replace(PLAIN, lost=100)) == {"2021-01-01": "beyond"}


def test_the_range_holds_four_runs_of_five():
    assumed = Assumptions(slots=3, spread_months=12, others=30, runs=300)
    sessions = sessions_ahead(TODAY, (), assumed)
    found = Forecast(TODAY, queue("2025-01-01"), assumed)
    one = found.outlooks(sessions)["2025-01-01"]
    places = [sessions[run[0]].on for run in found.placed(sessions)]
    assert one.early.on < one.likely.on < one.late.on
    assert sum(one.early.on <= on <= one.late.on for on in places) >= 240
    assert Forecast(TODAY, queue("2025-01-01"), assumed).outlooks(sessions)["2025-01-01"] == one
    other = Forecast(TODAY, queue("2025-01-01"), replace(assumed, seed=13))
    assert other.placed(sessions) != found.placed(sessions)


# --- whatever waits --------------------------------------------------------------------------------------

SLOTS = st.lists(st.integers(0, 3), max_size=8)


@given(SLOTS, st.lists(st.tuples(st.integers(0, 9), st.floats(0, 9)), max_size=15))
@settings(max_examples=examples(400))
def test_nobody_is_considered_twice_and_none_is_forgotten(slots, reports):
    entries = [(min(ready, len(slots)), order, number) for number, (ready, order) in enumerate(reports)]
    found = place(entries, slots, len(entries))
    taken = Counter(found)
    # `found` has one session for each report; none takes more than its slots, none a report that is not ready.
    assert all(taken[at] <= number for at, number in enumerate(slots))
    assert all(at >= ready for at, (ready, _order, _number) in zip(found, entries, strict=True))
    # A session with a slot left has taken everybody who was ready: who is in none found no slot.
    for at, number in enumerate(slots):
        if taken[at] < number:
            assert all(
                place_found <= at
                for (ready, _o, _n), place_found in zip(entries, found, strict=True)
                if ready <= at
            )


@st.composite
def queues(draw):
    """A day's queue with its sessions, some States on the agenda of one, and what is assumed."""
    assumed = Assumptions(
        sessions=draw(st.integers(1, 4)),
        slots=draw(st.integers(1, 3)),
        lost=draw(st.sampled_from([0, 30])),
        unsure=draw(st.sampled_from([0, 40])),
        least_months=draw(st.integers(0, 18)),
        spread_months=draw(st.integers(0, 24)),
        others=draw(st.integers(0, 5)),
        arrivals=draw(st.integers(0, 6)),
        runs=5,
        years=4,
        seed=draw(st.integers(0, 99)),
    )
    recorded = [
        SessionAhead(str(101 + at), TODAY + timedelta(50 + 120 * at), draw(st.integers(1, 3)), True)
        for at in range(draw(st.integers(0, 3)))
    ]
    sessions = sessions_ahead(TODAY, recorded, assumed)
    agendas = st.sampled_from([None, *(one.key for one in recorded)])
    waiting = [
        QueuedState(f"S{at}", TODAY - timedelta(days), draw(agendas))
        for at, days in enumerate(draw(st.lists(st.integers(1, 2500), min_size=1, max_size=8)))
    ]
    return Forecast(TODAY, waiting, assumed), sessions


def later_or_same(one, other):
    return all(
        before <= after
        for run, again in zip(one, other, strict=True)
        for before, after in zip(run, again, strict=True)
    )


@given(queues(), st.data())
@settings(max_examples=examples(300), deadline=None)
def test_cancelling_a_session_never_brings_anyone_forward_in_any_run(found, data):
    forecast, sessions = found
    key = data.draw(st.sampled_from(sessions)).key
    assert later_or_same(forecast.placed(sessions), forecast.placed(changed(sessions, cancel=key)))
    before, after = forecast.outlooks(sessions), forecast.outlooks(changed(sessions, cancel=key))
    end = date.max
    for state in before:
        for name in ("early", "likely", "late"):
            was, then = getattr(before[state], name), getattr(after[state], name)
            assert (was.on if was else end) <= (then.on if then else end)


@given(queues(), st.data())
@settings(max_examples=examples(300), deadline=None)
def test_a_longer_session_never_puts_anyone_back_and_reports_that_arrive_bring_nobody_forward(found, data):
    forecast, sessions = found
    longer = changed(
        sessions, longer=data.draw(st.sampled_from(sessions)).key, more=data.draw(st.integers(1, 3))
    )
    plain = forecast.placed(sessions)
    assert later_or_same(forecast.placed(longer), plain)
    assert later_or_same(plain, forecast.placed(sessions, arrive=data.draw(st.integers(1, 10))))
    assert plain == forecast.placed(sessions)


@given(queues())
@settings(max_examples=examples(200), deadline=None)
def test_every_state_has_an_outlook_and_no_session_takes_more_than_it_can(found):
    forecast, sessions = found
    assert forecast.outlooks(sessions).keys() == {one.key for one in forecast.waiting}
    agenda = Counter(one.session for one in forecast.waiting)
    for run in forecast.placed(sessions):
        taken = Counter(run)
        for at, one in enumerate(sessions):
            if one.recorded or not forecast.assumed.unsure:
                assert taken[at] <= max(one.slots, agenda[one.key] if one.slots else 0)
