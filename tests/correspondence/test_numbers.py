"""Numbers of the register after a restore: none twice, and a range that is skipped stays explained."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.correspondence.conftest import TODAY
from tests.correspondence.test_papers import a_note
from tests.correspondence.test_runs import a_run
from tracker.correspondence import due, numbers, received, runs
from tracker.correspondence.checks import NotPossible
from tracker.correspondence.models import Direction, RegisterYear
from tracker.registry.models import Contact

pytestmark = pytest.mark.django_db

BACKUP = datetime(2026, 11, 29, 2, tzinfo=UTC)
WHY = (
    "Papers may have gone out or come in after the backup of 29 November 2026, 02:00 UTC, so no number is given out. "
    "An approver has to enter the last number that was used, on the page Correspondence."
)


def year(direction: str = Direction.OUT) -> RegisterYear:
    return RegisterYear.objects.get(direction=direction, year=2026)


def test_after_a_restore_nothing_is_numbered_until_the_last_number_is_confirmed(mission: Contact) -> None:
    run = a_run("DNK")
    assert a_note(mission).reference == "OPSC/2026/0001"
    numbers.hold_restored(BACKUP, TODAY)
    assert due.draft_due(TODAY) == []
    assert runs.carry_on(run, day=TODAY) == 0
    for act in (
        lambda: a_note(mission),
        lambda: a_run("DNK"),
        lambda: received.receive(mission.state, by="ada", on=TODAY, subject="Answer"),
    ):
        with pytest.raises(NotPossible) as refused:
            act()
        assert refused.value.messages == [WHY]
    assert numbers.confirm_last(year(), 1, by="bob")
    assert (year().restored_from, year().skipped) == (None, [])
    assert runs.carry_on(run, day=TODAY) == 1
    assert [one.reference for one in due.draft_due(TODAY)] == ["OPSC/2026/0003"]
    assert numbers.is_held(Direction.IN, TODAY)


def test_a_skipped_range_is_recorded_with_who_entered_it_and_why(mission: Contact) -> None:
    a_note(mission)
    numbers.hold_restored(BACKUP, TODAY)
    assert numbers.confirm_last(year(), 5, by="bob")
    assert not numbers.confirm_last(year(), 9, by="eve")
    (skipped,) = year().skipped
    assert skipped.pop("at")
    assert skipped == {"first": 2, "last": 5, "by": "bob", "backup": "2026-11-29T02:00:00+00:00"}
    assert a_note(mission, key="next").reference == "OPSC/2026/0006"


def test_a_number_below_the_last_one_in_the_register_is_refused(mission: Contact) -> None:
    a_note(mission)
    numbers.hold_restored(BACKUP, TODAY)
    with pytest.raises(NotPossible, match="Enter 1 or a higher number"):
        numbers.confirm_last(year(), 0, by="bob")
    assert year().restored_from == BACKUP


def test_a_restore_in_january_holds_the_old_and_the_new_year() -> None:
    numbers.hold_restored(datetime(2026, 12, 30, 2, tzinfo=UTC), date(2027, 1, 3))
    held = RegisterYear.objects.filter(restored_from__isnull=False).order_by("year", "direction")
    assert list(held.values_list("year", "direction")) == [
        (2026, "in"), (2026, "out"), (2027, "in"), (2027, "out"),
    ]  # fmt: skip
