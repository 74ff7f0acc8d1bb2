"""Several runs at once: the ledger's key and the conditional claim let only one succeed.

Tests in which one connection holds a row while another waits need PostgreSQL, because SQLite locks the whole
database.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from tests import factories
from tests.reminders.helpers import TODAY, a_state_owing, ledger, planned, the_row
from tracker.reminders import clock as clocks, outbox
from tracker.reminders.models import ClockAlarm, Reminder, ReminderRule, ScanRun
from tracker.reminders.plan import cancel_outdated, plan
from tracker.reminders.scanning import scan
from tracker.reminders.send import claim, send_due, within_window

pytestmark = pytest.mark.django_db(transaction=True)

NOR = "mission@example.org"


def in_a_thread(work: Callable):
    """Runs a function on a database connection of its own."""

    def run():
        try:
            return work()
        finally:
            connections.close_all()

    return run


@contextmanager
def while_uncommitted(work: Callable):
    """Runs a function that has to wait for the transaction of the block; yields a place for its result."""
    found: list = []
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            yield found
            future = pool.submit(in_a_thread(work))
            wait_until_blocked()
        found.append(future.result(10))


def wait_until_blocked():
    """Returns when another connection waits for a lock of this one."""
    deadline = time.perf_counter() + 10
    with connection.cursor() as cursor:
        while time.perf_counter() < deadline:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("nobody waited")


def at_once(number: int, work: Callable) -> list:
    """Runs the same function in several threads that start together."""
    barrier = Barrier(number)

    def start():
        barrier.wait(10)
        return work()

    with ThreadPoolExecutor(number) as pool:
        futures = [pool.submit(in_a_thread(start)) for _ in range(number)]
        return [future.result(30) for future in futures]


def states(number: int) -> None:
    for iso3 in ["NOR", "ISL", "DNK", "SWE", "FIN", "EST", "LVA", "LTU"][:number]:
        a_state_owing(iso3, "2026-06-15", f"{iso3.lower()}@example.org")


@pytest.mark.postgres
def test_a_second_planner_waits_and_finds_nothing_to_do():
    a_state_owing("NOR", "2026-06-15", NOR)
    with while_uncommitted(lambda: plan(TODAY).planned) as second:
        assert [row.recipient for row in plan(TODAY).planned] == [NOR]
    assert second == [[]]
    assert ledger() == [f"NOR 3 months before, {NOR}: planned"]


def test_four_planners_at_once_make_one_row_for_each():
    states(6)
    found = at_once(4, lambda: len(plan(TODAY).planned))
    assert sorted(found) == [0, 0, 0, 6]
    assert Reminder.objects.count() == 6


@pytest.mark.postgres
def test_the_key_holds_although_a_planner_knows_nothing_of_another(norway):
    """Even if one reads before the other writes, as an older release would."""
    row = the_row()
    Reminder.objects.all().delete()

    def insert():
        row.pk = None
        Reminder.objects.bulk_create([row], ignore_conflicts=True)

    with while_uncommitted(insert):
        planned()
    assert ledger() == [f"NOR 3 months before, {NOR}: planned"]


@pytest.mark.postgres
@pytest.mark.parametrize("week", [{}, {"EGY": {6}}, {"NOR": {6}, "ISL": {6}}], ids=["none", "other", "own"])
def test_a_second_claim_waits_and_gets_nothing(week, settings):
    a_state_owing("NOR", "2026-06-15", NOR)
    a_state_owing("ISL", "2026-06-15", NOR)
    planned()
    settings.REMINDERS_DAYS, settings.REMINDERS_DAYS_OF = frozenset(range(5)), week
    may_go = within_window(datetime(2026, 3, 22 if "NOR" in week else 23, 9, tzinfo=UTC))
    with while_uncommitted(lambda: claim([NOR], timezone.now(), may_go)) as second:
        assert len(claim([NOR], timezone.now(), may_go)) == 2
    assert second == [[]]


def test_four_senders_at_once_send_each_mail_once(sink):
    states(8)
    planned()
    counts = at_once(4, lambda: send_due(TODAY))
    assert sum(count["sent"] for count in counts) == 8
    assert sorted(sink.recipients) == [
        "dnk@example.org",
        "est@example.org",
        "fin@example.org",
        "isl@example.org",
        "ltu@example.org",
        "lva@example.org",
        "nor@example.org",
        "swe@example.org",
    ]
    assert set(Reminder.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_planners_and_senders_at_once_write_to_everybody_once(sink):
    states(8)

    def scan():
        plan(TODAY)
        return send_due(TODAY)["sent"]

    assert sum(at_once(4, scan)) == 8
    assert len(set(sink.recipients)) == len(sink.recipients) == 8


@pytest.mark.postgres
@pytest.mark.parametrize("which", [{}, {"recipient": NOR}, {"obligation__state": "NOR"}], ids=str)
def test_a_row_that_is_claimed_meanwhile_is_not_cancelled(norway, which):
    factories.receives(norway, "2026-03-10")
    factories.derive("2026-03-16", norway)
    with while_uncommitted(lambda: cancel_outdated(TODAY, Reminder.objects.filter(**which))) as cancelled:
        assert len(claim([NOR], timezone.now())) == 1
    assert cancelled == [0]
    assert the_row().state == "claimed"


@pytest.mark.postgres
def test_a_claim_waits_for_a_row_that_is_being_cancelled_and_leaves_it(norway):
    factories.receives(norway, "2026-03-10")
    factories.derive("2026-03-16", norway)
    with while_uncommitted(lambda: claim([NOR], timezone.now())) as claimed:
        assert cancel_outdated(TODAY) == 1
    assert claimed == [[]]
    assert the_row().state == "cancelled"


@pytest.mark.postgres
def test_a_rule_can_be_changed_by_one_while_another_plans():
    a_state_owing("NOR", "2026-06-15", NOR)
    with while_uncommitted(lambda: ReminderRule.objects.filter(months=-3).update(active=False)):
        planned()
    assert planned() == [f"NOR 6 months before, {NOR}"]


@pytest.mark.postgres
def test_what_is_claimed_while_a_person_cancels_is_left_to_its_sender(norway):

    def cancel() -> list[int]:
        return outbox.act("cancel", Reminder.objects.all(), by="ada", reason="asked for")

    with while_uncommitted(cancel) as found:
        assert len(claim([NOR], timezone.now())) == 1
    assert found == [[]]
    assert (the_row().state, the_row().cancelled_by, the_row().acts.count()) == ("claimed", "", 0)


@pytest.mark.postgres
def test_what_a_person_cancels_while_a_worker_claims_is_not_sent(norway):
    with while_uncommitted(lambda: claim([NOR], timezone.now())) as found:
        outbox.act("cancel", Reminder.objects.all(), by="ada", reason="asked for")
    assert found == [[]]
    assert the_row().state == "cancelled"


# --- the clock ------------------------------------------------------------------------------------


def test_scans_that_start_together_under_a_clock_that_is_ahead_all_send_nothing(clock, settings, mailoutbox):
    settings.REMINDERS_APPROVAL = "automatic"
    for iso3 in ("NOR", "ISL", "DNK", "SWE"):
        a_state_owing(iso3, "2026-06-15", f"{iso3.lower()}@example.org")
    ScanRun.objects.create(started_at=timezone.now(), finished_at=timezone.now())
    planned()
    clock.shift(timedelta(days=1096))
    at_once(4, lambda: scan(timezone.localdate()))
    assert mailoutbox == []
    assert ClockAlarm.objects.count() == 1


@pytest.mark.postgres
def test_an_alarm_that_is_closed_while_a_scan_plans_holds_nothing_back(
    clock, settings, mailoutbox, monkeypatch
):
    settings.REMINDERS_APPROVAL = "automatic"
    scan(timezone.localdate())
    clock.shift(timedelta(days=50))
    scan(timezone.localdate())
    a_state_owing("NOR", "2026-06-15", NOR)
    open_alarm, seen = clocks.open_alarm, []

    def confirm():
        today = timezone.localdate()
        return clocks.clear(by="anna", reason="right", today=today, at=timezone.now())

    with ThreadPoolExecutor(1) as pool:

        def read():
            seen.append(open_alarm())
            if len(seen) == 2:  # that of the plan
                pool.submit(in_a_thread(confirm))
                wait_until_blocked()
            return seen[-1]

        monkeypatch.setattr(clocks, "open_alarm", read)
        scan(timezone.localdate())
    monkeypatch.undo()
    scan(timezone.localdate())
    assert len(mailoutbox) == 1
