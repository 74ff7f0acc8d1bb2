"""The hourly run sends on the working days of the recipient's week, within hours in UTC; what waits is not lost."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests import factories
from tests.factories import day
from tests.reminders.helpers import TODAY, Sink, a_state_owing, ledger, planned
from tracker import environment
from tracker.registry.models import State
from tracker.reminders.models import Reminder
from tracker.reminders.send import send_due
from tracker.reminders.tasks import scan
from tracker.rules.reminding import Window

NOR, EGY, DESK = "mission@example.org", "ministry@example.org", "ada@example.org"
MON_FRI = frozenset(range(5))
SUN_THU = frozenset({6, 0, 1, 2, 3})
# TODAY, 16 March 2026, is a Monday.
FRIDAY, SUNDAY, MONDAY = "2026-03-20", "2026-03-22", "2026-03-23"


@pytest.fixture(autouse=True)
def office_hours(settings: Any, db: None) -> None:
    settings.REMINDERS_DAYS = MON_FRI
    settings.REMINDERS_DAYS_OF = {"EGY": SUN_THU}
    settings.REMINDERS_HOURS = (6, 18)


def sent(on: str | date, time: str = "09:00") -> int:
    at = datetime.fromisoformat(f"{on}T{time}").replace(tzinfo=UTC)
    return send_due(at.date(), at=at)["sent"]


@pytest.mark.parametrize(("time", "mails"), [("05:59", 0), ("06:00", 1), ("17:59", 1), ("18:00", 0)])
def test_mail_goes_out_within_the_hours(norway: State, time: str, mails: int, sink: Sink) -> None:
    assert sent(TODAY, time) == mails
    assert len(sink.mails) == mails


def test_what_is_planned_at_the_weekend_goes_out_on_monday_once(sink: Sink) -> None:
    a_state_owing("NOR", "2026-06-22", NOR)
    assert planned(SUNDAY) == [f"NOR 3 months before, {NOR}"]
    assert sent(SUNDAY) == 0
    assert ledger() == [f"NOR 3 months before, {NOR}: planned"]
    assert [sent(MONDAY, "05:15"), sent(MONDAY, "06:15"), sent(MONDAY, "07:15")] == [0, 1, 0]


@pytest.mark.parametrize(
    ("on", "recipients"), [(FRIDAY, [NOR]), (SUNDAY, [EGY]), ("2026-03-21", []), (MONDAY, [EGY, NOR])]
)
def test_a_state_is_written_to_on_the_days_of_its_own_week(
    on: str, recipients: list[str], sink: Sink
) -> None:
    a_state_owing("NOR", "2026-06-15", NOR)
    a_state_owing("EGY", "2026-06-15", EGY)
    planned(on)
    sent(on)
    assert sorted(sink.recipients) == recipients


def test_a_contact_of_two_states_is_written_to_about_the_one_that_works(sink: Sink) -> None:
    a_state_owing("NOR", "2026-06-15", NOR)
    a_state_owing("EGY", "2026-06-15", NOR)
    planned(SUNDAY)
    assert sent(SUNDAY) == 1
    assert sent(MONDAY) == 1
    assert set(Reminder.objects.values_list("obligation__state", "sent_on")) == {
        ("EGY", day(SUNDAY)),
        ("NOR", day(MONDAY)),
    }


def test_a_desk_officer_keeps_the_usual_week(sink: Sink) -> None:
    a_state_owing("EGY", "2026-02-10", desk_officer=factories.an_officer())
    planned(SUNDAY)
    assert sent(SUNDAY) == 0
    assert sent(MONDAY) == 1
    assert sink.recipients == [DESK]


def test_where_no_state_has_another_week_all_wait_for_monday(settings: Any, sink: Sink) -> None:
    settings.REMINDERS_DAYS_OF = {}
    a_state_owing("NOR", "2026-06-15", NOR)
    planned(SUNDAY)
    assert (sent(SUNDAY), sent(MONDAY)) == (0, 1)


def test_a_failed_mail_is_tried_again_within_the_window_only(norway: State, sink: Sink, clock: Any) -> None:
    sink.refuses[NOR] = "450 later"
    sent(TODAY)
    sink.refuses.clear()
    clock.shift(3600 * 12)  # 21:00, and the pause of five minutes is long over
    assert sent(TODAY, "21:00") == 0
    assert sent("2026-03-17") == 1


def test_the_hourly_run_keeps_to_the_window_and_a_person_need_not(sink: Sink, clock: Any) -> None:
    a_state_owing("NOR", "2026-06-15", NOR)
    clock.shift(3600 * 12)  # Monday, 21:00
    scan()
    assert ledger() == [f"NOR 3 months before, {NOR}: planned"]
    assert send_due(TODAY)["sent"] == 1


def test_hours_that_are_closed_still_cancel_what_is_outdated(norway: State, sink: Sink) -> None:
    factories.receives(norway, "2026-03-10")
    factories.derive("2026-03-16", norway)
    sent(TODAY, "03:00")
    assert ledger() == [f"NOR 3 months before, {NOR}: cancelled"]


def test_the_exceptions_of_a_day_are_the_states_for_which_it_is_another_kind_of_day() -> None:
    window = Window(MON_FRI, {"EGY": SUN_THU, "FRA": MON_FRI})
    assert window.exceptions(day(FRIDAY)) == window.exceptions(day(SUNDAY)) == {"EGY"}
    assert window.exceptions(day(MONDAY)) == window.exceptions(day("2026-03-21")) == set()


# --- the settings -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "days"),
    [("mon-fri", MON_FRI), ("sun-thu", SUN_THU), ("Mon, wed", {0, 2}), ("mon-sun", set(range(7)))],
)
def test_days_are_read(raw: str, days: set[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMINDERS_DAYS", raw)
    assert environment.read("REMINDERS_DAYS", environment.weekdays) == days


def test_weeks_of_states_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMINDERS_DAYS_OF", "sun-thu:EGY,JOR; sat-wed:IRN")
    assert environment.read("REMINDERS_DAYS_OF", environment.weekdays_of_states) == {
        "EGY": SUN_THU,
        "JOR": SUN_THU,
        "IRN": {5, 6, 0, 1, 2},
    }
    monkeypatch.delenv("REMINDERS_DAYS_OF")
    assert environment.read("REMINDERS_DAYS_OF", environment.weekdays_of_states) == {}


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (environment.weekdays, "weekdays", "days such as mon-fri, sun-thu or mon,wed,fri"),
        (environment.hours, "18-6", "two hours from 0 to 24, the earlier first, such as 6-18"),
        (environment.hours, "6-25", "two hours from 0 to 24, the earlier first, such as 6-18"),
        (environment.hours, "6", "two hours from 0 to 24, the earlier first, such as 6-18"),
        (environment.number(), "0", "a whole number, one or more"),
    ],
)
def test_a_malformed_value_is_named(
    kind: Any, raw: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REMINDERS_SOMETHING", raw)
    with pytest.raises(ImproperlyConfigured) as error:
        environment.read("REMINDERS_SOMETHING", kind)
    assert str(error.value) == f"REMINDERS_SOMETHING is not understood; write {expected}."


@pytest.mark.parametrize("raw", ["sun-thu", "sun-thu:egy", "sun-thu:EGY,", "sunday:EGY"])
def test_a_malformed_week_of_a_state_is_named(raw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMINDERS_DAYS_OF", raw)
    with pytest.raises(ImproperlyConfigured, match=r"write days and States, such as sun-thu:EGY,JOR;"):
        environment.read("REMINDERS_DAYS_OF", environment.weekdays_of_states)
