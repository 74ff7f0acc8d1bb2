"""plan_reminders and send_reminders: the hourly run by hand, with output for other programs."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.reminders.helpers import a_state_owing, answered, ledger
from tracker.reminders.models import Reminder

NOR = "mission@example.org"


def run(*words):
    """The standard output and standard error of a command."""
    out, err = StringIO(), StringIO()
    call_command(*words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def rows(*words):
    return json.loads(run(*words, "--format", "json")[0])


def test_planning_prints_the_rows_that_it_planned():
    a_state_owing("NOR", "2026-06-15", NOR)
    assert rows("plan_reminders") == [
        {
            "state": "NOR",
            "article": "12.1",
            "cycle": 1,
            "due_on": "2026-06-15",
            "stage": "3 months before",
            "recipient": NOR,
            "state_of_row": "planned",
        }
    ]
    assert rows("plan_reminders") == []


def test_planning_prints_what_awaits_approval_as_held(settings):
    settings.REMINDERS_APPROVAL = "required"
    a_state_owing("NOR", "2026-06-15", NOR)
    assert [row["state_of_row"] for row in rows("plan_reminders")] == ["held"]


def test_planning_on_another_day_and_as_csv():
    a_state_owing("NOR", "2026-06-15", NOR)
    out, _err = run("plan_reminders", "--on", "2026-05-15", "--format", "csv")
    assert out == (
        "state,article,cycle,due_on,stage,recipient,state_of_row\n"
        "NOR,12.1,1,2026-06-15,1 month before,mission@example.org,planned\n"
    )


def test_a_dry_run_writes_nothing_and_says_so():
    a_state_owing("NOR", "2026-06-15", NOR)
    out, err = run("plan_reminders", "--dry-run")
    assert "3 months before" in out
    assert err == "Dry run: nothing was written.\n"
    assert not Reminder.objects.exists()


def test_states_without_a_contact_are_told_and_stop_nothing():
    a_state_owing("NOR", "2026-06-15", NOR)
    a_state_owing("ISL", "2017-02-10")
    out, err = run("plan_reminders", "--format", "json")
    assert [row["state"] for row in json.loads(out)] == ["NOR"]
    assert err == "1 with a reminder due but no contact: ISL. Add a contact in the admin.\n"


def test_planning_tells_what_it_cancelled():
    state = a_state_owing("NOR", "2026-06-15", NOR)
    run("plan_reminders")
    answered(state)
    assert run("plan_reminders", "--format", "json") == (
        "[]\n",
        "1 cancelled: the report was received, its date changed, or the recipient is no longer active.\n",
    )


def test_sending_prints_its_counts(sink):
    a_state_owing("NOR", "2026-06-15", NOR)
    run("plan_reminders")
    assert rows("send_reminders") == {"sent": 1, "failed": 0, "dead": 0, "held": 0, "cancelled": 0}
    assert rows("send_reminders") == {"sent": 0, "failed": 0, "dead": 0, "held": 0, "cancelled": 0}
    assert ledger() == [f"NOR 3 months before, {NOR}: sent"]


def test_sending_prints_a_table_for_people(sink):
    a_state_owing("NOR", "2026-06-15", NOR, "gone@example.org")
    sink.refuses["gone@example.org"] = "550 no such mailbox"
    run("plan_reminders")
    assert (
        run("send_reminders")[0] == "sent       1\nfailed     0\ndead       1\nheld       0\ncancelled  0\n"
    )


def test_sending_on_another_day(sink):
    a_state_owing("NOR", "2026-06-15", NOR)
    run("plan_reminders", "--on", "2026-07-20")
    run("send_reminders", "--on", "2026-07-20")
    assert Reminder.objects.get().sent_on.isoformat() == "2026-07-20"


def test_the_outcome_that_nobody_knows_is_told(sink):
    a_state_owing("NOR", "2026-06-15", NOR)
    run("plan_reminders")
    sink.at_data = "hang up"
    server, unknown = run("send_reminders")[1].splitlines()
    assert server.startswith("The mail server has failed since ")
    assert unknown == ("1 may or may not have been sent; decide about each in the outbox.")


@pytest.mark.parametrize("command", ["plan_reminders", "send_reminders"])
def test_a_day_that_is_none_changes_nothing(command):
    a_state_owing("NOR", "2026-06-15", NOR)
    with pytest.raises(CommandError, match="2026-02-30"):
        run(command, "--on", "2026-02-30")
    assert not Reminder.objects.exists()
