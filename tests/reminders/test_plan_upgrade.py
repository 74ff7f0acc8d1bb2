"""A date that no longer counts: waiting reminders about it are cancelled, with the reason, and none is planned."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.management import call_command

from tests import factories
from tests.reminders.helpers import TODAY, a_state_reporting, ledger, planned, the_row
from tracker.obligations.models import Obligation, Span
from tracker.registry.models import State
from tracker.reminders import scanning
from tracker.reminders.models import Mail, Reminder
from tracker.reminders.plan import cancel_outdated, plan

pytestmark = pytest.mark.django_db

JPN = "mission@example.org"


def on_the_grid(settings: Any) -> State:
    """Japan with a waiting reminder for the day that article 44 gives its seventh report: 22 May 2026."""
    settings.PERIODIC_RULE = "treaty-calendar"
    state = a_state_reporting("JPN", None, JPN)
    for cycles in ("3", "4", "5", "6"):
        factories.receives(state, "2021-01-01", "periodic", cycles, carried_by="CRC report")
    factories.derive("2026-03-16", state)
    assert planned() == [f"JPN 3 months before, {JPN}"]
    assert (the_row().obligation.cycle, the_row().due_on) == (7, date(2026, 5, 22))
    settings.PERIODIC_RULE = "article-12-2"
    return state


def as_upgraded() -> None:
    """The database after an upgrade: derived by the earlier program, which stored no spans."""
    Span.objects.all().delete()


def derived() -> list[tuple[int, date | None, str]]:
    rows = Obligation.objects.filter(expected=True, carried_by="CRC report", answered_on=None, ceases_on=None)
    return list(rows.order_by("cycle").values_list("cycle", "due_on", "due_source"))


# --- after the obligations are derived again ------------------------------------------------------


@pytest.mark.parametrize("waits", ["planned", "held", "failed"])
def test_a_date_of_the_grid_whose_report_is_no_longer_expected_is_cancelled(
    waits: str, settings: Any
) -> None:
    state = on_the_grid(settings)
    Reminder.objects.update(state=waits)
    factories.derive("2026-03-16", state)
    assert derived() == []  # the sixth report awaits its review, which closes what comes after it
    found = plan(TODAY, today=TODAY)
    assert (found.cancelled, found.planned) == (1, [])
    assert ledger() == [f"JPN 3 months before, {JPN}: cancelled"]
    assert the_row().reason == "the report is no longer expected"
    found = plan(TODAY, today=TODAY)
    assert (found.cancelled, found.planned) == (0, [])


def test_a_date_that_is_to_be_communicated_instead_is_cancelled(settings: Any) -> None:
    state = on_the_grid(settings)
    factories.decides(
        state, None, "2026-02-06", cycles="7", carried_by="CRC report", outcome="to be communicated"
    )
    factories.derive("2026-03-16", state)
    assert derived() == [(7, None, "to be communicated")]
    found = plan(TODAY, today=TODAY)
    assert (found.cancelled, found.planned) == (1, [])
    assert the_row().reason == "the Committee will communicate the date of this report"


def test_a_date_that_is_no_longer_recorded_is_cancelled(settings: Any) -> None:
    on_the_grid(settings)
    Obligation.objects.filter(cycle=7).update(due_on=None, due_source="treaty calendar")
    found = plan(TODAY, today=TODAY)
    assert (found.cancelled, found.planned) == (1, [])
    assert the_row().reason == ("no document that states the date of this report is recorded")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (
            {"waived": True, "due_on": None, "due_source": "committee"},
            "the Committee no longer asks for this report",
        ),
        ({"answered_on": "2026-03-01"}, "the report has been received"),
        ({"due_on": "2026-09-01"}, "the due date of this report has changed"),
    ],
)
def test_each_cancellation_says_why(values: dict[str, Any], reason: str) -> None:
    a_state_reporting("JPN", "2026-06-15", JPN)
    planned()
    Obligation.objects.filter(cycle=6).update(**values)
    assert cancel_outdated(TODAY, today=TODAY) == 1
    assert the_row().reason == reason


@pytest.mark.parametrize("today", [TODAY, None], ids=["today", "any day"])
def test_a_report_that_may_have_come_is_cancelled_as_such(today: date | None) -> None:
    state = a_state_reporting("JPN", "2026-02-15", JPN)
    planned()
    State.objects.filter(pk=state.pk).update(carried_records_from=None)
    assert cancel_outdated(TODAY, today=today) == 1
    assert the_row().reason == "our records do not show whether this report has been received"


# --- before they are derived again ----------------------------------------------------------------


def test_the_first_scan_after_an_upgrade_derives_the_obligations_and_writes_to_nobody(
    settings: Any, sink: Any
) -> None:
    on_the_grid(settings)
    Reminder.objects.update(approved_by="ada")  # it would be sent by this scan
    as_upgraded()
    done = scanning.scan(TODAY)
    assert (done.plan.count, done.plan.cancelled, done.sent["sent"]) == (0, 1, 0)
    assert ledger() == [f"JPN 3 months before, {JPN}: cancelled"]
    assert (sink.mails, Mail.objects.count()) == ([], 0)
    assert Span.objects.exists()


@pytest.mark.parametrize("command", ["send_reminders", "plan_reminders"])
def test_the_commands_write_to_nobody_because_of_an_upgrade(command: str, settings: Any, sink: Any) -> None:
    on_the_grid(settings)
    as_upgraded()
    call_command(command)
    assert ledger() == [f"JPN 3 months before, {JPN}: cancelled"]
    assert sink.mails == []


def test_a_dry_run_after_an_upgrade_writes_nothing_at_all(settings: Any) -> None:
    on_the_grid(settings)
    as_upgraded()
    call_command("plan_reminders", "--dry-run")
    assert ledger() == [f"JPN 3 months before, {JPN}: planned"]
    assert not Span.objects.exists()


def test_what_a_document_states_is_still_reminded_of_after_an_upgrade(settings: Any, sink: Any) -> None:
    a_state_reporting("JPN", "2026-06-15", JPN)
    planned()
    as_upgraded()
    assert scanning.scan(TODAY).sent["sent"] == 1
    assert ledger() == [f"JPN 3 months before, {JPN}: sent"]
