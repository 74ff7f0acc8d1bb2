"""Two feeds requested at once: the second waits, and a sequence is not raised twice."""

import pytest

from tests.reminders.helpers import TODAY, a_state_owing, moved
from tests.reminders.test_concurrency import at_once, while_uncommitted
from tracker.reminders.calendar import synchronise
from tracker.reminders.models import CalendarEntry

pytestmark = pytest.mark.django_db(transaction=True)


def sequences() -> list[tuple[str, int]]:
    rows = CalendarEntry.objects.order_by("obligation__state")
    return list(rows.values_list("obligation__state", "sequence"))


def test_four_at_once_make_each_event_once():
    for iso3 in ("NOR", "SWE", "FIN"):
        a_state_owing(iso3, "2026-06-15")
    at_once(4, lambda: synchronise(TODAY))
    assert sequences() == [("FIN", 0), ("NOR", 0), ("SWE", 0)]


def test_four_at_once_raise_a_sequence_once():
    states = [a_state_owing(iso3, "2026-06-15") for iso3 in ("NOR", "SWE")]
    synchronise(TODAY)
    for state in states:
        moved(state, "2026-09-01")
    found = at_once(4, lambda: len(synchronise(TODAY).changed))
    assert sorted(found) == [0, 0, 0, 2]
    assert sequences() == [("NOR", 1), ("SWE", 1)]


@pytest.mark.postgres
def test_a_second_one_waits_and_finds_nothing_to_do():
    state = a_state_owing("NOR", "2026-06-15")
    synchronise(TODAY)
    moved(state, "2026-09-01")
    with while_uncommitted(lambda: len(synchronise(TODAY).changed)) as second:
        assert len(synchronise(TODAY).changed) == 1
    assert second == [0]
    assert sequences() == [("NOR", 1)]
