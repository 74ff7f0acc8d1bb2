"""`watch`: what is stuck and what is not, the command, and the mail to the administrators."""

import json
import smtplib
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError
from django.utils import timezone

from tests.reminders.helpers import a_state_owing, minutes, planned, text_of, the_row
from tracker import environment
from tracker.reminders import scanning, watch
from tracker.reminders.models import Alarm, Reminder, ScanRun
from tracker.reminders.plan import plan
from tracker.reminders.tasks import scan

NOR = "mission@example.org"
NOW = datetime(2026, 3, 16, 9, tzinfo=UTC)  # the time of the fixed clock
TWO_HOURS = timedelta(hours=2)


def stuck():
    """The kinds of problems now."""
    now = timezone.now()
    return [problem.kind for problem in watch.problems(watch.look(now), now)]


def told(**seen):
    """The sentences about given figures at nine o'clock, and the addresses of their rows."""
    return [f"{problem.text} [{problem.state}]" for problem in watch.problems(watch.Watched(**seen), NOW)]


def run(*words):
    """The command: its exit code, its JSON, and its messages."""
    out, err = StringIO(), StringIO()
    code = 0
    try:
        call_command("watch", *words, "--format", "json", stdout=out, stderr=err)
    except SystemExit as end:
        code = end.code
    return code, json.loads(out.getvalue()), err.getvalue()


# --- the judgement --------------------------------------------------------------------------------


def test_an_installation_without_states_has_nothing_to_scan():
    assert told() == []


def test_a_scan_is_missing_once_the_last_one_ended_more_than_two_hours_ago():
    assert told(scan_ended=NOW - TWO_HOURS) == []
    assert told(scan_ended=NOW - TWO_HOURS - timedelta(seconds=1)) == [
        (
            "The last scan ended on 16 March 2026, 06:59 UTC; there should be one every hour. "
            "Are the worker and beat running? []"
        )
    ]


def test_the_first_scan_has_two_hours_from_the_first_state_on():
    assert told(first_state=NOW - TWO_HOURS) == []
    (one,) = told(first_state=NOW - timedelta(hours=3))
    assert one.startswith("No scan has ended since the first State was recorded on 16 March 2026, 06:00 UTC.")


def test_a_scan_under_way_and_a_clock_that_went_back_are_no_trouble():
    assert told(scan_began=NOW - timedelta(minutes=30), scan_error="", scan_ended=NOW) == []
    assert told(scan_ended=NOW + timedelta(hours=1)) == []


def test_each_trouble_is_a_sentence_and_says_where_its_rows_stand():
    found = told(
        scan_began=NOW - timedelta(minutes=45),
        scan_error="ValueError: x",
        scan_ended=NOW - timedelta(minutes=105),
        oldest_unsent=NOW - timedelta(hours=26),
        unsent_state="claimed",
        failing=1,
        dead=1,
        unknown=2,
    )
    assert found == [
        "The scan of 16 March 2026, 08:15 UTC was stopped by an error. See the log of the worker. []",
        (
            "Some reminders should have been sent already; the oldest has been waiting since 15 March 2026, "
            "07:00 UTC. [claimed]"
        ),
        "1 reminder has failed several times and will be tried again. Check the mail server. [failed]",
        "1 reminder has failed permanently. Staff must act. [dead]",
        "It is not known whether 2 reminders were sent. Staff must decide. [unknown]",
    ]


# --- what is seen ---------------------------------------------------------------------------------


def test_a_scan_plans_sends_and_leaves_a_row(sink, clock):
    a_state_owing("NOR", "2026-06-15", NOR, "gone@example.org")
    sink.refuses["gone@example.org"] = "550 no such mailbox"
    sink.before_answer = lambda mail: clock.shift(minutes(2))
    scan()
    (row,) = ScanRun.objects.all()
    assert (row.planned, row.sent, row.failed, row.dead, row.error) == (2, 1, 0, 1, "")
    assert (row.started_at.minute, row.finished_at.minute) == (0, 2)
    assert sink.recipients == [NOR]
    assert stuck() == ["dead"]


def test_commands_by_hand_are_no_scans(sink):
    a_state_owing("NOR", "2026-06-15", NOR)
    call_command("plan_reminders", stdout=StringIO())
    call_command("send_reminders", stdout=StringIO())
    assert not ScanRun.objects.exists()
    assert watch.look(NOW).last_sent.replace(microsecond=0) == NOW


def test_a_scan_that_breaks_off_leaves_its_row_unfinished_and_the_next_one_heals_it(monkeypatch, sink, clock):
    a_state_owing("NOR", "2026-06-15", NOR)

    def breaks(day, **more):
        raise OperationalError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(scanning, "send_due", breaks)
        with pytest.raises(OperationalError):
            scan()
    (row,) = ScanRun.objects.all()
    assert (row.finished_at, row.error) == (None, "OperationalError: the disk is full")
    assert stuck() == ["scan broken off"]
    clock.shift(timedelta(hours=1))
    scan()
    assert stuck() == []
    assert sink.recipients == [NOR]


def test_a_scan_whose_process_was_killed_does_not_count_as_one(sink, clock):
    a_state_owing("NOR", "2026-06-15")
    scan()
    clock.shift(timedelta(minutes=130))
    ScanRun.objects.create(started_at=timezone.now() - timedelta(minutes=10))
    assert stuck() == ["no scan"]


@pytest.mark.parametrize(
    ("state", "fields", "alarm"),
    [
        ("planned", {}, True),
        ("planned", {"approved_by": "ada"}, False),
        ("held", {}, False),
        ("failed", {"next_attempt_at": NOW}, True),
        ("failed", {"next_attempt_at": NOW + timedelta(hours=1)}, False),
        ("claimed", {"claimed_at": NOW, "claim": "6f9619ff-8b86-d011-b42d-00c04fc964ff"}, True),
        ("cancelled", {}, False),
        ("overtaken", {}, False),
    ],
)
def test_what_may_go_has_an_hour_until_the_next_scan_and_an_hour_of_grace(state, fields, alarm, clock):
    a_state_owing("NOR", "2026-06-15", NOR)
    plan(NOW.date())
    Reminder.objects.update(state=state, planned_at=NOW, **fields)
    clock.move_to(NOW + timedelta(minutes=119))
    ScanRun.objects.create(started_at=timezone.now(), finished_at=timezone.now())
    assert stuck() == []
    clock.move_to(NOW + timedelta(minutes=121))
    assert stuck() == (["unsent"] if alarm else [])
    assert watch.look(timezone.now()).unsent_state == (state if alarm else None)


def test_what_waits_for_a_working_day_is_not_stuck(settings, clock):
    settings.REMINDERS_DAYS, settings.REMINDERS_HOURS = frozenset(range(5)), (6, 18)
    a_state_owing("NOR", "2026-06-15", NOR)
    plan(NOW.date())
    friday = datetime(2026, 3, 20, 17, tzinfo=UTC)
    Reminder.objects.update(state="planned", planned_at=friday)
    for days, hours, told in ((0, 0.9, []), (1, 0, []), (2, 14.9, []), (2, 15.1, ["unsent"])):
        clock.move_to(friday + timedelta(days=days, hours=hours))
        ScanRun.objects.create(started_at=timezone.now(), finished_at=timezone.now())
        assert stuck() == told, f"{timezone.now():%A %H:%M}"


def test_a_recipient_who_is_put_off_is_told_long_before_the_rows_are_dead(sink, clock):
    a_state_owing("NOR", "2026-06-15", NOR)
    sink.refuses[NOR] = "450 not now"
    for attempt in (1, 2, 3):
        scan()
        assert (the_row().attempts, stuck()) == (attempt, [])
        clock.shift(timedelta(minutes=61))
    scan()
    assert (the_row().state, stuck()) == ("failed", ["failing"])


def test_a_line_that_broke_is_told_as_unknown(sink):
    a_state_owing("NOR", "2026-06-15", NOR)
    sink.at_data = "hang up"
    scan()
    assert stuck() == ["mail server", "unknown"]


def test_all_is_looked_at_in_one_query(django_assert_num_queries):
    a_state_owing("NOR", "2026-06-15", NOR)
    assert planned() == ["NOR 3 months before, mission@example.org"]
    with django_assert_num_queries(1):
        watch.look(NOW)


# --- the command ----------------------------------------------------------------------------------


def test_the_command_says_that_there_has_been_no_scan_and_is_content():
    a_state_owing("NOR", "2026-06-15", NOR)
    code, found, err = run()
    assert (code, err) == (0, "There has been no scan yet.\n")
    assert found == {
        "stuck": False,
        "last_scan": dict.fromkeys(("began", "ended", "planned", "sent", "failed", "dead", "error")),
        "last_ended": None,
        "last_send": None,
        "oldest_unsent": None,
        "failing": 0,
        "dead": 0,
        "unknown": 0,
        "problems": [],
    }


def test_the_command_ends_with_1_when_something_is_stuck(sink, clock):
    a_state_owing("NOR", "2026-06-15", NOR)
    scan()
    assert run()[0] == 0
    clock.shift(timedelta(hours=3))
    code, found, _err = run()
    assert (code, found["stuck"], found["last_ended"]) == (1, True, "2026-03-16T09:00:00+00:00")
    assert found["last_send"] == "2026-03-16T09:00:00+00:00"
    assert found["last_scan"]["sent"] == 1
    assert [problem["kind"] for problem in found["problems"]] == ["no scan"]


def test_the_command_prints_a_table_for_people_and_csv(sink, clock):
    a_state_owing("NOR", "2026-06-15")
    clock.shift(timedelta(hours=3))
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("watch", stdout=out, stderr=StringIO())
    lines = out.getvalue().splitlines()
    assert lines[0] == "stuck              True"
    assert lines[-1] == (
        "problems           No scan has ended since the first State was recorded on 16 March 2026, 09:00 UTC. "
        "Are the worker and beat running?"
    )
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("watch", "--format", "csv", stdout=out, stderr=StringIO())
    header, row = out.getvalue().splitlines()
    assert header.startswith("stuck,last_scan.began,last_scan.ended,")
    assert row.startswith("True,,,")


# --- the mail to administrators -------------------------------------------------------------------


def test_administrators_are_written_to_once_a_day_about_the_same_trouble(sink, settings, clock):
    settings.WATCH_EMAILS = ["root@example.org", "chief@example.org"]
    a_state_owing("NOR", "2026-06-15", NOR)
    clock.shift(timedelta(hours=3))
    code, _found, err = run("--mail")
    assert code == 1
    assert "Mail sent to root@example.org, chief@example.org.\n" in err
    (letter,) = sink.mails
    assert letter["Subject"] == "Article 12 tracker: the reminders need attention"
    assert letter["To"] == "root@example.org, chief@example.org"
    assert text_of(letter) == (
        "As of 16 March 2026, 12:00 UTC: "
        "- No scan has ended since the first State was recorded on 16 March 2026, 09:00 UTC. "
        "Are the worker and beat running? "
        "“manage.py watch” shows more. You receive at most one mail a day about the same problem."
    )
    clock.shift(timedelta(hours=23))
    assert run("--mail")[0] == 1
    assert len(sink.mails) == 1
    clock.shift(timedelta(hours=1))
    run("--mail")
    assert len(sink.mails) == 2


def test_another_trouble_is_told_at_once_and_alone(sink, settings, clock):
    settings.WATCH_EMAILS = ["root@example.org"]
    a_state_owing("NOR", "2026-06-15", NOR)
    plan(NOW.date())
    clock.shift(timedelta(minutes=121))
    run("--mail")
    Reminder.objects.update(state="dead")
    clock.shift(timedelta(minutes=5))
    run("--mail")
    first, second = map(text_of, sink.mails)
    assert "Some reminders should have been sent already" in first
    assert "1 reminder has failed permanently." in second
    assert "scan" not in second


def test_where_all_is_well_nobody_is_written_to(settings):
    settings.WATCH_EMAILS = ["root@example.org"]
    a_state_owing("NOR", "2026-06-15", NOR)
    assert run("--mail")[0] == 0
    assert mail.outbox == []
    assert not Alarm.objects.exists()


def test_a_mail_that_the_server_did_not_take_is_told_and_tried_again(sink, settings, clock):
    settings.WATCH_EMAILS = ["root@example.org"]
    a_state_owing("NOR", "2026-06-15", NOR)
    clock.shift(timedelta(hours=3))
    sink.refuses["root@example.org"] = "550 no such mailbox"
    with pytest.raises(
        CommandError, match="The mail to the administrators could not be sent: SMTP"
    ) as failed:
        call_command("watch", "--mail", stdout=StringIO(), stderr=StringIO())
    assert failed.value.returncode == 1
    assert isinstance(failed.value.__cause__, smtplib.SMTPException)
    sink.refuses.clear()
    run("--mail")
    assert len(sink.mails) == 1


def test_without_an_address_the_command_says_which_setting_to_make(settings):
    settings.WATCH_EMAILS = []
    with pytest.raises(CommandError, match="set WATCH_EMAILS or ADMINISTRATOR_EMAIL"):
        run("--mail")


def test_the_addresses_are_checked_at_the_start(monkeypatch):
    monkeypatch.setenv("WATCH_EMAILS", "root@example.org, chief@example.org")
    assert environment.read("WATCH_EMAILS", environment.mailboxes, "") == [
        "root@example.org",
        "chief@example.org",
    ]
    monkeypatch.delenv("WATCH_EMAILS")
    assert environment.read("WATCH_EMAILS", environment.mailboxes, "desk@example.org") == ["desk@example.org"]
    assert environment.read("WATCH_EMAILS", environment.mailboxes, "") == []
    monkeypatch.setenv("WATCH_EMAILS", "root@example.org, the chief")
    with pytest.raises(ImproperlyConfigured, match="WATCH_EMAILS is not understood; write e-mail addresses"):
        environment.read("WATCH_EMAILS", environment.mailboxes, "")
