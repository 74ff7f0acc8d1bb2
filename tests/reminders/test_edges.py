"""Days that do not exist every year, States without a contact, and people who have several functions.

The machine's time zone is tested in test_faults.py, in a process of its own.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests import factories
from tests.reminders.helpers import TODAY, Sink, a_state_owing, ledger, moved, planned, text_of, the_row
from tracker.registry.models import State
from tracker.reminders import tasks
from tracker.reminders.models import Reminder, ScanRun
from tracker.reminders.send import send_due

pytestmark = pytest.mark.django_db

NOR, ADA = "mission@example.org", "ada@example.org"


# --- days -----------------------------------------------------------------------------------------


def due_on_29_february() -> State:
    state = a_state_owing("NOR", "2027-06-15", NOR)
    moved(state, "2096-02-29")
    return state


def test_a_report_due_on_29_february_is_written_about_once_in_each_year(sink: Sink, settings: Any) -> None:
    settings.HORIZON_YEARS = 80
    due_on_29_february()
    # Before, in and after the year 2100; in no year does one day more or less make a new stage.
    for day in (
        "2099-02-28",
        "2099-03-01",
        "2100-02-27",
        "2100-02-28",
        "2100-03-01",
        "2101-02-28",
        "2101-03-01",
    ):
        planned(day)
        send_due(date.fromisoformat(day))
    assert [(row.stage, str(row.sent_on)) for row in Reminder.objects.order_by("pk")] == [
        ("3 years after", "2099-02-28"),
        ("4 years after", "2100-02-28"),
        ("5 years after", "2101-02-28"),
    ]
    assert len(sink.mails) == 3


# --- no contact -----------------------------------------------------------------------------------


def test_a_state_without_contacts_and_desk_officer_is_told_and_nothing_breaks(
    sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    a_state_owing("NOR", "2017-02-10")
    a_state_owing("ISL", "2017-02-10", "ministry@example.org")
    tasks.scan()
    assert sink.recipients == ["ministry@example.org"]
    assert "no contact or desk officer for NOR" in caplog.text
    assert list(ScanRun.objects.values_list("planned", "sent", "error")) == [(1, 1, "")]


def test_the_desk_officer_of_a_state_without_contacts_is_written_to_where_the_rule_says_so(
    sink: Sink,
) -> None:
    officer = factories.an_officer()
    a_state_owing("NOR", "2017-02-10", desk_officer=officer)  # overdue: contacts and desk officer
    a_state_owing("ISL", "2026-06-15", desk_officer=officer)  # before the due date: contacts alone
    tasks.scan()
    assert ledger() == [f"NOR 9 years after, {ADA}: sent"]
    assert sink.recipients == [ADA]
    assert "No contact is recorded for this State, so it receives no reminder." in text_of(sink.mails[0])


# --- one person, several parts ----------------------------------------------------------------------


def test_an_address_in_other_letters_is_the_same_recipient_in_every_state(sink: Sink) -> None:
    a_state_owing("NOR", "2017-02-10", "Mission@Example.org")
    a_state_owing("ISL", "2017-02-10", "mission@example.org")
    planned()
    assert send_due(TODAY)["sent"] == 2
    assert sink.recipients == [NOR]
    text = text_of(sink.mails[0])
    assert "Norway: initial" in text
    assert "Iceland: initial" in text


def test_a_contact_who_is_the_desk_officer_too_is_written_to_once_as_the_states_contact(
    sink: Sink, settings: Any
) -> None:
    settings.REMINDERS_APPROVAL = "required"
    a_state_owing("NOR", "2017-02-10", ADA, desk_officer=factories.an_officer())
    planned()
    row = the_row(ADA)
    assert row.contact is not None
    assert ledger() == [f"NOR 9 years after, {ADA}: held"]  # as all mail to a State
    Reminder.objects.update(state="planned", approved_by="ada")
    assert send_due(TODAY)["sent"] == 1
    assert sink.recipients == [ADA]


def test_a_contact_of_one_state_who_follows_another_gets_one_mail_about_both(sink: Sink) -> None:
    a_state_owing("NOR", "2017-02-10", desk_officer=factories.an_officer())
    a_state_owing("ISL", "2017-02-10", ADA)
    planned()
    assert send_due(TODAY)["sent"] == 2
    assert sink.recipients == [ADA]
    text = text_of(sink.mails[0])
    assert "Norway: initial" in text
    assert "Iceland: initial" in text
