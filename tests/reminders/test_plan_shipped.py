"""The mails of the demonstration on its first day, from the shipped records: each is justified."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tracker.obligations.load import load_folder
from tracker.obligations.models import Obligation
from tracker.registry.demonstration import add_contacts
from tracker.registry.models import State
from tracker.registry.shipped import SHIPPED
from tracker.reminders.ahead import ahead
from tracker.reminders.models import Mail, Reminder
from tracker.reminders.scanning import scan

pytestmark = pytest.mark.django_db

FIRST_DAY = date(2026, 11, 29)


@pytest.fixture
def shipped(db: None, clock: Any) -> None:
    clock.move_to(FIRST_DAY)
    load_folder(SHIPPED, today=FIRST_DAY, reason="loaded from the shipped data")
    assert add_contacts() == 207  # a focal point for each State, and ten missions


def test_on_the_first_day_two_states_are_written_to_of_whom_it_is_known_that_nothing_came(
    shipped: None, sink: Any
) -> None:
    done = scan(FIRST_DAY)
    assert (done.plan.count, done.sent["sent"]) == (2, 2)
    # Only for these two does `data/records.csv` name evidence that no initial report had been received.
    assert sorted(Mail.objects.values_list("subject", flat=True)) == [
        "Indonesia: initial report, due 24 October 2014 (OPSC)",
        "Malaysia: initial report, due 12 May 2014 (OPSC)",
    ]
    assert not Reminder.objects.exclude(state="sent").exists()


def test_in_the_five_years_after_it_nobody_is_written_to_on_a_date_that_nobody_set(shipped: None) -> None:
    found = ahead(State.objects.all(), FIRST_DAY, 5 * 365)
    assert {(one.state.pk, one.coming.label, one.coming.due_on) for one in found} == {
        ("IDN", "initial report", date(2014, 10, 24)),
        ("MYS", "initial report", date(2014, 5, 12)),
        ("USA", "periodic report 6", date(2030, 1, 23)),
    }
    undated = Obligation.objects.filter(carried_by="CRC report", due_source="treaty calendar")
    assert undated.exists()
    assert not undated.filter(due_on__isnull=False).exists()
