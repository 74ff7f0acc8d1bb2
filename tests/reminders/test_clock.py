"""A wrong clock silences nobody: what is dated in the future blocks nothing, and a scan far from the last one holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from tests import factories
from tests.depth import first
from tests.reminders.helpers import a_state_owing, ledger, planned
from tracker.obligations.tasks import synchronise
from tracker.registry.models import State
from tracker.reminders import answers, calendar, clock as clocks, digest, watch
from tracker.reminders.ahead import ahead
from tracker.reminders.models import (
    Alarm,
    ClockAlarm,
    Mail,
    OutboxAct,
    Reminder,
    ScanRun,
    StaffTask,
)
from tracker.reminders.send import send_due
from tracker.reminders.tasks import scan, send_digests, tell_calendars
from tracker.web.ops import retention
from tracker.web.tasks import forget

NOR = "mission@example.org"
THREE_YEARS, HOUR = timedelta(days=1096), timedelta(hours=1)


@pytest.fixture(autouse=True)
def without_approval(settings: Any) -> None:
    settings.REMINDERS_APPROVAL = "automatic"


def confirm() -> tuple[int, int]:
    return clocks.clear(
        by="anna", reason="the clock was set right", today=timezone.localdate(), at=timezone.now()
    )


def stuck() -> list[str]:
    now = timezone.now()
    return [problem.kind for problem in watch.problems(watch.look(now), now)]


def states_owing() -> None:
    a_state_owing("NOR", "2026-06-15", NOR)
    a_state_owing("SWE", "2024-03-01", "swe@example.org")
    a_state_owing("FIN", "2027-12-31", "fin@example.org")


def life(travel: Any, days: Sequence[int], *, jump: str = "") -> list[tuple[int, str, str]]:
    """The mails sent by scans on some days, after the first one: day, recipient, subject. Rolled back.

    Args:
        days: in order, counted from the first scan.
        jump: "held" for one scan three years ahead; "sent" for one of a version that sends there.
    """
    begun, sent = timezone.now(), list[tuple[int, str, str]]()
    with transaction.atomic():
        mail.outbox.clear()
        scan()
        if jump:
            first = len(mail.outbox)
            travel.shift(THREE_YEARS)
            with pytest.MonkeyPatch.context() as patch:
                if jump == "sent":
                    patch.setattr(clocks, "is_far", lambda last, now: False)
                scan()
                travel.move_to(begun + HOUR)
                scan()
            assert (len(mail.outbox) > first) is (jump == "sent")
            confirm()
        for day in days:
            mail.outbox.clear()
            travel.move_to(begun + timedelta(days=day) + HOUR)
            scan()
            sent += [(day, one.to[0], one.subject) for one in mail.outbox]
        assert stuck() == []
        transaction.set_rollback(True)
    travel.move_to(begun)
    return sent


@pytest.mark.parametrize("jump", first(1, ["sent", "held"]))
def test_after_a_scan_three_years_ahead_the_same_mails_are_sent_as_without_it(clock: Any, jump: str) -> None:
    states_owing()
    days = [30, 60, 91, 130]
    without = life(clock, days)
    assert len(without) > 2
    assert life(clock, days, jump=jump) == without


@pytest.mark.more
@pytest.mark.parametrize("jump", ["held", "sent"])
def test_the_sums_over_800_days_after_a_jump_are_those_without_it(clock: Any, jump: str) -> None:
    states_owing()
    days = sorted({*range(20, 801, 20), 30, 90})
    without, with_it = life(clock, days), life(clock, days, jump=jump)
    for last in (30, 90, 200, 400, 800):
        assert [one for one in with_it if one[0] <= last] == [one for one in without if one[0] <= last]
    assert len({day for day, *_mail in without}) > 5


# --- a scan far from the last one -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("away", "alarms"), [(timedelta(days=44, hours=23), 0), (timedelta(days=45, hours=1), 1)]
)
def test_an_outage_of_up_to_45_days_is_made_up_for_and_a_longer_one_waits_for_a_person(
    clock: Any, away: timedelta, alarms: int
) -> None:
    scan()
    a_state_owing("NOR", "2026-06-15", NOR)
    clock.shift(away)
    scan()
    assert ClockAlarm.objects.count() == alarms
    assert len(mail.outbox) == 1 - alarms
    clock.shift(HOUR)
    scan()
    assert len(mail.outbox) == 1 - alarms


@pytest.mark.parametrize(("back", "alarms"), [(timedelta(hours=2), 0), (timedelta(hours=3), 1)])
def test_a_scan_before_the_last_one_waits_for_a_person_unless_two_clocks_may_differ_by_it(
    clock: Any, back: timedelta, alarms: int
) -> None:
    scan()
    clock.shift(-back)
    scan()
    assert ClockAlarm.objects.count() == alarms


def test_the_first_scan_is_far_from_none() -> None:
    scan()
    assert not ClockAlarm.objects.exists()


def test_a_scan_in_doubt_cancels_overtakes_and_sends_nothing(clock: Any) -> None:
    a_state_owing("NOR", "2026-06-15", NOR)
    assert planned() == [f"NOR 3 months before, {NOR}"]
    ScanRun.objects.create(started_at=timezone.now())
    clock.shift(THREE_YEARS)
    scan()
    assert ledger() == [f"NOR 3 months before, {NOR}: planned", f"NOR 2 years after, {NOR}: held"]
    assert mail.outbox == []


def test_a_scan_in_doubt_keeps_what_was_approved_although_our_records_end_before_its_day(clock: Any) -> None:
    a_state_owing("NOR", "2026-06-15", NOR, records_until=date(2026, 5, 1))
    planned()
    Reminder.objects.update(approved_by="anna")
    ScanRun.objects.create(started_at=timezone.now())
    clock.shift(THREE_YEARS)
    scan()
    (row,) = Reminder.objects.all()
    assert (row.state, row.approved_by) == ("planned", "anna")


def test_what_people_enter_meanwhile_is_planned_and_held(clock: Any) -> None:
    scan()
    clock.shift(timedelta(days=50))
    scan()
    a_state_owing("NOR", "2026-06-15", NOR)
    planned(timezone.localdate())
    (row,) = Reminder.objects.all()
    assert (row.state, row.reason) == ("held", ClockAlarm.objects.get().reason)


def test_the_alarm_is_closed_by_a_person_with_reason_and_what_it_held_is_sent_once(clock: Any) -> None:
    scan()
    clock.shift(timedelta(days=50))
    a_state_owing("NOR", "2026-06-15", NOR)
    scan()
    clock.move_to(datetime(2026, 5, 20, 9, tzinfo=UTC))  # the next stage is reached meanwhile
    scan()
    assert ledger() == [f"NOR 3 months before, {NOR}: held", f"NOR 1 month before, {NOR}: held"]
    assert confirm() == (0, 1)
    alarm = ClockAlarm.objects.get()
    assert (alarm.cleared_by, alarm.outcome) == ("anna", "the clock was set right")
    (act,) = OutboxAct.objects.all()
    assert (act.what, act.by, act.reason) == ("approve", "anna", "the clock was set right")
    scan()
    assert ledger() == [f"NOR 3 months before, {NOR}: overtaken", f"NOR 1 month before, {NOR}: sent"]
    assert len(mail.outbox) == 1


def test_mail_to_states_still_awaits_approval_after_the_alarm(clock: Any, settings: Any) -> None:
    settings.REMINDERS_APPROVAL = "required"
    scan()
    clock.shift(timedelta(days=50))
    a_state_owing("NOR", "2026-06-15", NOR)
    scan()
    assert confirm() == (0, 1)
    (row,) = Reminder.objects.all()
    assert (row.state, row.reason) == ("held", "")


def test_digests_calendars_and_retention_wait_too(clock: Any) -> None:
    scan()
    clock.shift(THREE_YEARS)
    for task in (send_digests, tell_calendars, forget):
        with pytest.MonkeyPatch.context() as patch:
            for where, name in ((digest, "send_due"), (calendar, "synchronise"), (retention, "forget")):
                patch.setattr(where, name, lambda *args: pytest.fail("worked under a clock in doubt"))
            task()


# --- what was dated in the future -------------------------------------------------------------------


def test_rows_dated_in_the_future_silence_nobody(clock: Any) -> None:
    """Also without anybody's act, in a ledger that an earlier version left."""
    a_state_owing("NOR", "2026-06-15", NOR)
    clock.shift(THREE_YEARS)
    planned(timezone.localdate())
    send_due(timezone.localdate())
    clock.shift(-THREE_YEARS)
    assert planned() == [f"NOR 3 months before, {NOR}"]
    send_due(timezone.localdate())
    assert len(mail.outbox) == 2


def test_the_forecast_counts_no_stage_and_no_mail_of_the_future(norway: State) -> None:
    send_due(date(2026, 3, 16))
    expected = ahead([norway], timezone.localdate())
    assert [one.coming.stage for one in expected] == ["1 month before"]
    Reminder.objects.update(sent_on=date(2029, 3, 16))
    assert planned("2029-07-01") == [f"NOR 3 years after, {NOR}"]
    assert ahead([norway], timezone.localdate()) == expected


def test_a_reminder_dated_in_the_future_is_not_sent_before_its_day(clock: Any) -> None:
    a_state_owing("NOR", "2026-06-15", NOR)
    planned("2029-03-16")
    send_due(timezone.localdate())
    assert mail.outbox == []
    send_due(date(2029, 3, 16))
    assert len(mail.outbox) == 1


def test_a_voided_mail_is_kept_and_the_next_one_is_another(clock: Any) -> None:
    a_state_owing("NOR", "2026-06-15", NOR)
    clock.shift(THREE_YEARS)
    planned(timezone.localdate())
    send_due(timezone.localdate())
    clock.shift(-THREE_YEARS)
    assert confirm() == (1, 0)
    (row,) = Reminder.objects.all()
    assert (row.state, row.reason, str(row.last_act)) == (
        "cancelled",
        "the clock was set right",
        "voided by anna",
    )
    clock.shift(THREE_YEARS)
    planned(timezone.localdate())
    send_due(timezone.localdate())
    row.refresh_from_db()
    assert row.state == "sent"
    assert Mail.objects.count() == 2
    assert len({one.extra_headers["Message-ID"] for one in mail.outbox}) == 2


def test_voiding_frees_what_was_overtaken_by_it_alone(clock: Any) -> None:
    a_state_owing("NOR", "2026-06-15", NOR)
    a_state_owing("SWE", "2020-06-15", "swe@example.org")
    swedish = "swe@example.org"
    planned("2024-07-01")
    assert planned("2026-03-16") == [f"NOR 3 months before, {NOR}", f"SWE 5 years after, {swedish}"]
    planned("2029-03-16")
    assert confirm()[0] == 2
    assert planned() == [f"NOR 3 months before, {NOR}", f"SWE 5 years after, {swedish}"]
    assert ledger()[0] == f"SWE 4 years after, {swedish}: overtaken"


def test_claims_and_attempts_of_a_future_moment_do_not_wait_for_it(clock: Any) -> None:
    a_state_owing("NOR", "2026-06-15", NOR, "second@example.org")
    planned()
    ahead = timezone.now() + THREE_YEARS
    first, second = Reminder.objects.order_by("pk")
    Reminder.objects.filter(pk=first.pk).update(state="claimed", claim=first.batch, claimed_at=ahead)
    Reminder.objects.filter(pk=second.pk).update(state="failed", next_attempt_at=ahead)
    send_due(timezone.localdate())
    assert len(mail.outbox) == 2


def test_an_alarm_mailed_in_the_future_keeps_no_later_one_back(settings: Any) -> None:
    settings.WATCH_EMAILS = ["help@example.org"]
    Alarm.objects.create(kind="dead", mailed_at=timezone.now() + THREE_YEARS)
    problem = watch.WatchProblem("dead", "One is dead.")
    assert watch.mail_administrators([problem], timezone.now()) == [problem]


def test_answers_given_in_the_future_count_against_none_of_today(norway: State) -> None:
    send_due(timezone.localdate())
    letter = Mail.objects.get()
    for n in range(answers.MOST_FOR_A_MAIL):
        StaffTask.objects.create(
            kind="answer", cause=str(n), state=norway, mail=letter, answer="wrong",
            created_at=timezone.now() + THREE_YEARS,
        )  # fmt: skip
    assert answers.take(letter, letter.reminders.all(), answers.ContactAnswer("wrong", None, "moved"))


# --- who is told ------------------------------------------------------------------------------------


def test_watch_says_what_happened_and_what_to_do(clock: Any) -> None:
    a_state_owing("NOR", "2026-06-15", NOR)
    scan()
    clock.shift(THREE_YEARS)
    scan()
    assert stuck() == ["clock"]
    clock.shift(-THREE_YEARS)
    assert stuck() == ["clock", "scan in the future", "dated ahead"]
    scan()
    assert stuck() == ["clock", "dated ahead"]
    now = timezone.now()
    first, second = watch.problems(watch.look(now), now)
    assert first.text.startswith(
        "The scan of 16 March 2029, 09:00 UTC was far from the one before, of 16 March 2026"
    )
    assert second.text.startswith(
        "1 reminder is dated after today. An approver can void it under Reminders, Clock"
    )
    with pytest.raises(SystemExit):
        call_command("watch", "--format", "json", stdout=StringIO())
    confirm()
    assert stuck() == []


def test_a_scan_in_the_future_hides_no_later_one_that_stopped(clock: Any) -> None:
    a_state_owing("NOR", "2026-06-15")
    ScanRun.objects.create(started_at=timezone.now() + THREE_YEARS, finished_at=timezone.now() + THREE_YEARS)
    scan()
    confirm()
    clock.shift(timedelta(hours=3))
    assert stuck() == ["no scan"]


# --- after the confirmation -----------------------------------------------------------------------


def sent_after_a_clock_was_back(travel: Any, days: int, *, night: bool = False) -> list[str]:
    """The subjects of what is sent after a scan, one under a clock set back, a third, and a confirmation."""
    scan()
    mails, begun = len(mail.outbox), timezone.now()
    travel.shift(-timedelta(days=days))
    if night:
        synchronise()
    scan()
    travel.move_to(begun + HOUR)
    scan()
    confirm()
    travel.move_to(begun + 2 * HOUR)
    scan()
    return [one.subject for one in mail.outbox[mails:]]


@pytest.mark.parametrize("days", first(1, [100, 40, 365]))
def test_a_clock_set_back_sends_no_earlier_stage_after_a_later_one(clock: Any, days: int) -> None:
    states_owing()
    assert sent_after_a_clock_was_back(clock, days) == []
    assert stuck() == []


def test_a_night_under_a_clock_set_back_reminds_nobody_of_a_received_report(clock: Any) -> None:
    state = a_state_owing("NOR", "2025-12-15", NOR)
    factories.receives(state, "2026-03-01")
    factories.derive("2026-03-16", state)
    assert sent_after_a_clock_was_back(clock, 60, night=True) == []
    assert not mail.outbox


def test_a_confirmation_before_the_next_scan_is_enough(clock: Any) -> None:
    a_state_owing("NOR", "2026-06-15", NOR)
    scan()
    begun = timezone.now()
    clock.shift(THREE_YEARS)
    scan()
    clock.move_to(begun + HOUR)
    confirm()
    clock.move_to(begun + 2 * HOUR)
    scan()
    assert not ClockAlarm.objects.filter(cleared_at=None).exists()


def test_a_clock_that_is_still_ahead_after_a_confirmation_raises_the_next_alarm(clock: Any) -> None:
    a_state_owing("NOR", "2026-06-15", NOR)
    scan()
    mails, begun = len(mail.outbox), timezone.now()
    clock.shift(THREE_YEARS)
    scan()
    clock.move_to(begun + HOUR)
    confirm()
    clock.move_to(begun + THREE_YEARS + HOUR)  # only the worker's
    scan()
    assert len(mail.outbox) == mails
    assert ClockAlarm.objects.filter(cleared_at=None).count() == 1


def test_a_worker_that_is_in_the_next_day_already_is_not_ahead(clock: Any) -> None:
    clock.move_to(datetime(2026, 3, 16, 0, 10, tzinfo=UTC))
    a_state_owing("SWE", "2026-06-16", "swe@example.org")
    scan()
    mails = len(mail.outbox)
    clock.move_to(datetime(2026, 3, 15, 23, 45, tzinfo=UTC))  # on the web host
    assert stuck() == []
    assert confirm() == (0, 0)
    clock.move_to(datetime(2026, 3, 16, 1, 10, tzinfo=UTC))
    scan()
    assert len(mail.outbox) == mails == 1
