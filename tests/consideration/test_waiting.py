"""Who waits for the Committee on a day."""

from functools import partial

import pytest

from tests import factories
from tests.factories import a_state, day, receives, reviews
from tracker.consideration.queue import considerations, waiting_on
from tracker.obligations.models import AgendaItem

pytestmark = pytest.mark.django_db

TODAY = day("2026-11-22")
a_session = partial(factories.a_session, status="planned")
CRC = {"kind": "periodic", "carried_by": "CRC report"}


def waits(on=TODAY, **options):
    found = waiting_on(on, today=TODAY, **options)
    return [(one.state.pk, str(one.since), len(one.reports)) for one in found.states]


def test_the_longest_waits_first_and_a_state_is_one_row():
    norway, chile = a_state("NOR"), a_state("CHL")
    receives(norway, "2023-05-01")
    receives(norway, "2022-01-10", cycles="5-6", **CRC)
    receives(chile, "2022-03-01")
    assert waits() == [("NOR", "2022-01-10", 2), ("CHL", "2022-03-01", 1)]


def test_considered_withdrawn_and_later_ones_do_not_wait():
    for code, facts in {
        "NOR": {"reviewed_on": "2024-05-13"},
        "CHL": {"withdrawn_on": "2023-01-01"},
        "FRA": {"on": "2026-11-23"},
    }.items():
        receives(a_state(code), **({"on": "2022-03-01"} | facts))
    assert waits() == []
    # As known earlier, two of them waited.
    assert waits(day("2022-12-31")) == [("CHL", "2022-03-01", 1), ("NOR", "2022-03-01", 1)]


def test_a_state_observed_later_under_the_other_treaty_is_not_called_waiting():
    norway = a_state("NOR")
    receives(norway, "2019-03-01")
    reviews(norway, "2024-06-01", carried_by="CRC report")
    assert waits() == []
    assert waits(day("2024-05-31")) == [("NOR", "2019-03-01", 1)]
    receives(norway, "2025-01-01", cycles="7", **CRC)
    assert waits() == [("NOR", "2025-01-01", 1)]


def test_a_dialogue_of_a_session_held_ends_the_waiting_after_its_last_day():
    norway = a_state("NOR")
    report = receives(norway, "2022-03-01")
    held = a_session(96, "2024-05-06", "2024-05-24", status="held")
    factories.on_the_agenda(norway, held, report, decided_on="2023-10-01")
    assert waits() == []
    assert considerations(until=TODAY) == {"NOR": [day("2024-05-24")]}
    # Before it was held, it was a session ahead.
    before = waiting_on(day("2024-05-05"), today=TODAY)
    assert [(one.state.pk, one.session) for one in before.states] == [("NOR", held)]
    assert waiting_on(day("2023-09-30"), today=TODAY).states[0].session is None


@pytest.mark.parametrize(
    "change",
    [{"status": "cancelled", "status_on": day("2026-10-01")}, {"postponed_on": day("2026-10-01")}],
)
def test_a_state_on_a_cancelled_session_or_postponed_waits_again(change):
    norway = a_state("NOR")
    item = AgendaItem(
        session=a_session(101, "2027-01-11", "2027-01-29"),
        state=norway,
        submission=receives(norway, "2022-03-01"),
    )
    item.save()
    assert waiting_on(TODAY, today=TODAY).states[0].session == item.session
    changed = item if "postponed_on" in change else item.session
    for name, value in change.items():
        setattr(changed, name, value)
    changed.save()
    (row,) = waiting_on(TODAY, today=TODAY).states
    assert (str(row.since), row.session) == ("2022-03-01", None)


def test_a_report_of_long_ago_is_to_be_confirmed_and_not_in_the_queue():
    receives(a_state("NOR"), "2018-11-21")
    receives(a_state("CHL"), "2018-11-22")
    found = waiting_on(TODAY, today=TODAY)
    assert [one.state.pk for one in found.states] == ["CHL"]
    assert [one.state.pk for one in found.to_confirm] == ["NOR"]
    assert waits(years=9) == [("NOR", "2018-11-21", 1), ("CHL", "2018-11-22", 1)]


def test_a_state_taken_off_a_session_that_was_held_still_waits():
    norway = a_state("NOR")
    report = receives(norway, "2022-03-01")
    held = a_session(96, "2024-05-06", "2024-05-24", status="held")
    factories.on_the_agenda(norway, held, report, postponed_on="2024-04-01")
    assert waits() == [("NOR", "2022-03-01", 1)]


def test_the_number_of_queries_is_constant(django_assert_num_queries):
    for code in ("NOR", "CHL", "FRA"):
        receives(a_state(code), "2022-03-01")
    with django_assert_num_queries(2):
        found = waiting_on(TODAY, today=TODAY)
        assert [one.state.name for one in found.states] == ["Chile", "France", "Norway"]


def test_a_report_on_a_session_ahead_waits_although_the_state_was_considered_under_the_other_treaty():
    norway = a_state("NOR")
    report = receives(norway, "2020-03-01")
    receives(norway, "2019-03-01", cycles="5-6", reviewed_on=day("2024-05-13"), **CRC)
    assert waits() == []
    ahead = a_session(101, "2027-01-11", "2027-01-29")
    factories.on_the_agenda(norway, ahead, report, decided_on="2026-06-01")
    assert waits() == [("NOR", "2020-03-01", 1)]
    assert waits(day("2026-05-31")) == []


def test_a_session_says_nothing_of_another_report_of_its_state():
    qatar = a_state("QAT")
    receives(qatar, "2004-02-09")
    under_the_crc = receives(qatar, "2023-04-27", cycles="5-6", **CRC)
    begun = a_session(99, "2025-05-12", "2025-05-30", status="held")
    # The day of the decision is not known: on the first day of the session it was.
    factories.on_the_agenda(qatar, begun, under_the_crc)
    found = waiting_on(day("2025-05-20"), today=TODAY)
    assert [(one.reports, one.session) for one in found.states] == [((under_the_crc,), begun)]
    assert waiting_on(day("2025-05-11"), today=TODAY).states[0].session is None
