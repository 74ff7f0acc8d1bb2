"""What would be planned in the year to come, and how a supposed change alters that."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests import factories
from tests.factories import day
from tests.reminders.helpers import TODAY, a_state_owing, a_state_reporting, moved
from tracker.obligations import what_if
from tracker.obligations.derive import facts_of, rows_of
from tracker.obligations.models import CommitteeDate, Submission
from tracker.registry.models import State
from tracker.reminders.forecast import Coming, Written, change, forecast, in_ledger, of_rules
from tracker.reminders.models import Reminder, ReminderRule
from tracker.reminders.pauses import pause
from tracker.reminders.plan import plan
from tracker.reminders.send import approve, send_due
from tracker.rules.facts import Facts

pytestmark = pytest.mark.django_db


def recorded(state: State) -> Facts:
    return facts_of([state.pk])[state.pk]


def coming(state: State, until: str = "2027-03-16", written: Any = ()) -> list[Coming]:
    rules = list(ReminderRule.objects.filter(active=True))
    rows = rows_of(state, recorded(state), TODAY)
    return forecast(rows, rules, {rule.pk: 1 for rule in rules}, written, TODAY, day(until))


def told(found: list[Coming]) -> list[str]:
    return [f"{one.day} {one.stage}" for one in found]


def supposed_date(state: State, due: str | None) -> CommitteeDate:
    return CommitteeDate(
        state=state,
        kind="initial",
        due_on=day(due) if due else None,
        decided_on=TODAY,
        outcome="date" if due else "to be communicated",
    )


def test_every_stage_of_a_year_and_first_the_newest_that_has_come() -> None:
    state = a_state_owing(due="2026-06-15")
    assert told(coming(state)) == [
        "2026-03-16 3 months before",
        "2026-05-15 1 month before",
        "2026-06-15 on the day",
        "2026-07-15 1 month after",
        "2026-09-15 3 months after",
        "2026-12-15 6 months after",
    ]


@pytest.mark.more
def test_the_forecast_is_what_the_planner_does_day_by_day(settings: Any) -> None:
    settings.REMINDERS_APPROVAL = "none"
    state = a_state_owing("NOR", "2026-06-15", "mission@example.org")
    expected = told(coming(state, "2026-08-01"))
    done = []
    for number in range((day("2026-08-01") - TODAY).days + 1):
        on = TODAY + timedelta(days=number)
        done += [f"{on} {row.stage}" for row in plan(on).planned]
        send_due(on)
    assert done == expected
    assert len(done) == 4


def test_a_yearly_stage_comes_again_and_again() -> None:
    assert told(coming(a_state_owing(due="2020-06-15"), "2029-03-16")) == [
        "2026-03-16 5 years after",
        "2026-06-15 6 years after",
        "2027-06-15 7 years after",
        "2028-06-15 8 years after",
    ]


def test_what_has_been_written_is_not_written_again() -> None:
    state = a_state_owing(due="2026-06-15")
    (row,) = rows_of(state, recorded(state), TODAY)
    gone_out = Written(what_if.identity(row.due), day("2026-06-15"), day("2026-03-15"), day("2026-03-15"))
    assert told(coming(state, "2026-05-31", [gone_out])) == ["2026-05-15 1 month before"]


def test_two_mails_about_a_report_keep_the_quiet_days() -> None:
    state = a_state_owing(due="2026-06-15")
    (row,) = rows_of(state, recorded(state), TODAY)
    about = what_if.identity(row.due)
    other_date = Written(about, day("2026-08-20"), day("2026-02-20"), day("2026-03-10"))
    assert told(coming(state, "2026-05-01", [other_date])) == ["2026-03-24 3 months before"]


def test_nothing_is_written_about_what_fell_due_before_the_records_begin() -> None:
    assert coming(a_state_owing(due="2020-06-15", records_from="2025-12-04")) == []


def test_nothing_is_written_about_what_has_no_date_or_is_answered() -> None:
    state = a_state_owing(due="2026-06-15")
    undated = what_if.committee_date(recorded(state), supposed_date(state, None))
    found = change(state, recorded(state), undated.facts, day=TODAY, today=TODAY)
    assert (found.added, len(found.gone)) == ([], 6)
    factories.receives(state, "2026-03-10")
    assert coming(state) == []  # nothing is recorded about the next report under the CRC


def test_under_the_treaty_calendar_the_next_report_under_the_crc_is_written_about(settings: Any) -> None:
    settings.PERIODIC_RULE = "treaty-calendar"
    state = a_state_owing(due="2026-06-15")
    factories.receives(state, "2026-03-10")
    assert [f"{one.label}, {one.stage}" for one in coming(state)] == [
        "report 8 under the CRC, 12 months before"
    ]


def test_a_date_of_the_committee_is_written_about_under_the_numbers_it_gives() -> None:
    state = a_state_reporting("JPN", "2027-01-31")
    assert [f"{one.day} {one.label}, {one.stage}" for one in coming(state, "2026-11-01")] == [
        "2026-03-16 reports 6-7 under the CRC, 12 months before",
        "2026-07-31 reports 6-7 under the CRC, 6 months before",
        "2026-10-31 reports 6-7 under the CRC, 3 months before",
    ]


@pytest.mark.parametrize("outcome", [None, "to be communicated", "waived"])
def test_nothing_is_written_about_a_report_under_the_crc_without_a_date(outcome: str | None) -> None:
    stated = {"outcome": outcome} if outcome else {}
    assert coming(a_state_reporting("JPN", None, **stated), "2040-01-01") == []


def test_a_date_that_is_to_be_communicated_takes_its_reminders_away() -> None:
    state = a_state_reporting("JPN", "2026-06-15")
    undated = CommitteeDate(
        state=state,
        kind="periodic",
        first_cycle=6,
        last_cycle=7,
        carried_by="CRC report",
        outcome="to be communicated",
        document="CRC/C/JPN/CO/6-7",
        decided_on=TODAY,
    )
    supposed = what_if.committee_date(recorded(state), undated)
    found = change(state, recorded(state), supposed.facts, day=TODAY, today=TODAY)
    assert (found.added, len(found.gone)) == ([], 6)


def test_a_rule_for_another_kind_or_switched_off_writes_nothing() -> None:
    state = a_state_owing(due="2026-06-15")
    ReminderRule.objects.update(kind="periodic")
    assert coming(state) == []
    ReminderRule.objects.update(kind="", active=False)
    assert coming(state) == []


# --- the change ------------------------------------------------------------------------------


def test_another_date_brings_other_reminders() -> None:
    state = a_state_owing("NOR", "2026-06-15", "mission@example.org", "second@example.org")
    later = what_if.committee_date(recorded(state), supposed_date(state, "2027-06-30"))
    found = change(state, recorded(state), later.facts, day=TODAY, today=TODAY)
    assert (found.start, found.end) == (TODAY, date(2027, 3, 16))
    assert told(found.added) == ["2026-06-30 12 months before", "2026-12-30 6 months before"]
    assert [one.people for one in found.added] == [2, 2]
    assert told(found.gone)[:2] == ["2026-03-16 3 months before", "2026-05-15 1 month before"]
    assert found.gone[0].label == "initial report"


def test_a_mail_that_went_out_does_not_fall_away() -> None:
    state = a_state_owing("NOR", "2026-06-15", "mission@example.org")
    plan(TODAY)
    assert in_ledger(state, TODAY) == []  # it waits, and may still be cancelled
    approve(Reminder.objects.all(), by="ada")
    send_due(TODAY)
    later = what_if.committee_date(recorded(state), supposed_date(state, "2027-06-30"))
    found = change(state, recorded(state), later.facts, day=TODAY, today=TODAY)
    assert told(found.gone)[:1] == ["2026-05-15 1 month before"]


def test_a_new_party_is_reminded_a_year_before_its_first_report() -> None:
    state = factories.a_state("KEN")
    factories.signs(state, on="2000-09-08")
    supposed = what_if.deposit(state, recorded(state), day("2025-09-01"))
    found = change(state, recorded(state), supposed.facts, day=TODAY, today=TODAY)
    assert (told(found.added), found.gone) == (["2026-10-01 12 months before"], [])
    assert [one.people for one in found.added] == [0]


def test_what_goes_out_before_the_day_goes_out_either_way() -> None:
    state = a_state_owing("NOR", "2026-06-15", "mission@example.org")
    report = Submission(state=state, kind="initial", received_on=day("2026-07-01"))
    supposed = what_if.receipt(recorded(state), report)
    found = change(state, recorded(state), supposed.facts, day=day("2026-07-01"), today=TODAY)
    assert told(found.gone)[:2] == ["2026-07-15 1 month after", "2026-09-15 3 months after"]


def test_nothing_changes_where_nothing_is_supposed() -> None:
    state = a_state_owing("NOR", "2026-06-15", "mission@example.org")
    moved(state, "2026-10-15")
    found = change(state, recorded(state), recorded(state), day=TODAY, today=TODAY)
    assert (found.added, found.gone) == ([], [])


def test_as_of_a_past_day_the_plan_still_begins_today() -> None:
    state = a_state_owing("NOR", "2026-06-15")
    assert change(state, recorded(state), recorded(state), day=day("2020-01-01"), today=TODAY).start == TODAY


def test_the_forecast_writes_nothing(django_assert_max_num_queries: Any) -> None:
    state = a_state_owing("NOR", "2026-06-15", "mission@example.org")
    plan(TODAY)
    before = list(Reminder.objects.values())
    facts = recorded(state)
    with django_assert_max_num_queries(6):
        change(state, facts, Facts(), day=TODAY, today=TODAY)
    assert list(Reminder.objects.values()) == before


def test_the_reminders_of_all_states_are_counted_for_each_set_of_rules() -> None:
    a_state_owing("NOR", "2026-06-15", "mission@example.org", "ministry@example.org")
    a_state_owing("ISL", "2026-06-15", "island@example.org")
    a_state_owing("DNK", "2026-06-15")  # nobody to write to
    rules = list(ReminderRule.objects.filter(active=True))
    without = [rule for rule in rules if rule.months != -1]
    # 3 months before at once, 1 month before on 15 May; on the day itself, 15 June, is one day too far.
    assert of_rules([rules, without, []], TODAY) == [6, 3, 0]
    assert of_rules([rules], TODAY, days=91) == [9]


def test_what_was_sent_or_is_paused_is_not_counted(settings: Any) -> None:
    norway = a_state_owing("NOR", "2026-06-15", "mission@example.org")
    iceland = a_state_owing("ISL", "2026-06-15", "island@example.org")
    rules = list(ReminderRule.objects.filter(active=True))
    plan(TODAY)
    assert of_rules([rules], TODAY) == [4]
    send_due(TODAY)
    assert of_rules([rules], TODAY) == [2]
    pause(norway, until=day("2026-12-01"), reason="Elections", by=None, on=TODAY)
    pause(factories.the_obligation(iceland), until=day("2026-05-14"), reason="Asked", by=None, on=TODAY)
    assert of_rules([rules], TODAY) == [1]


def test_counting_for_all_states_takes_few_queries(django_assert_max_num_queries: Any) -> None:
    for iso3 in ("NOR", "ISL", "DNK"):
        a_state_owing(iso3, "2026-06-15", f"{iso3.lower()}@example.org")
    rules = list(ReminderRule.objects.filter(active=True))
    with django_assert_max_num_queries(11):
        of_rules([rules, rules], TODAY)
