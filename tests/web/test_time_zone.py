"""TIME_ZONE says which day is today; moments stay in UTC."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client

from tests import factories
from tests.web.pages import one_of, read, words
from tracker import environment
from tracker.obligations.models import Obligation
from tracker.reminders import digest
from tracker.reminders.models import Digest, Reminder, ScanRun
from tracker.reminders.send import within_window
from tracker.reminders.tasks import scan

pytestmark = pytest.mark.django_db

DUE = "2027-01-15"
SEVEN_IN_THE_EVENING = datetime(2027, 1, 16, 0, 0, tzinfo=UTC)  # in New York, on the day before in UTC's eyes


@pytest.fixture
def new_york(settings: Any) -> None:
    settings.TIME_ZONE = "America/New_York"


@pytest.fixture
def norway(clock: Any) -> None:
    """Its initial report is due on 15 January 2027; it is the evening of that day in New York."""
    state = factories.a_state("NOR")
    factories.joins(state, "CRC", "1991-01-08")
    factories.joins(state, "OPSC", "2024-12-15")
    factories.a_contact(state, "nor@example.org")
    factories.derive("2026-11-22", state)
    assert str(Obligation.objects.get().due_on) == DUE
    clock.move_to(SEVEN_IN_THE_EVENING)


def figures(command: str, *words: str) -> Any:
    out = StringIO()
    call_command(command, *words, "--format", "json", stdout=out)
    return json.loads(out.getvalue())


def test_in_utc_a_report_is_overdue_from_midnight_there(norway: None) -> None:
    assert figures("status")["as_of"] == "2027-01-16"
    assert [row["status"] for row in figures("deadlines", "NOR")] == ["overdue"]


def test_a_report_does_not_become_overdue_at_seven_in_the_evening_in_new_york(
    norway: None, new_york: None, staff: Client
) -> None:
    assert figures("status")["as_of"] == DUE
    assert [row["status"] for row in figures("deadlines", "NOR")] == ["due within 12 months"]
    page = one_of(read(staff.get("/obligations/?of=NOR&desk=all")), "tbody")
    assert "due today" in words(page)
    assert one_of(read(staff.get("/states/NOR/")), "input", name="as_of").attributes["value"] == DUE


def test_scans_plan_and_send_on_the_day_of_the_office_and_record_moments_in_utc(
    norway: None, new_york: None, settings: Any, staff: Client
) -> None:
    settings.REMINDERS_APPROVAL = "automatic"
    scan()
    row = Reminder.objects.get()
    assert (row.stage, str(row.stage_on), str(row.sent_on)) == ("on the day", DUE, DUE)
    assert (row.sent_at.isoformat()[:16], row.mail.created_at.isoformat()[:16]) == ("2027-01-16T00:00",) * 2
    assert ScanRun.objects.get().started_at.utcoffset() == UTC.utcoffset(None)
    assert "16 January 2027, 00:00" in words(one_of(read(staff.get("/reminders/")), "tbody"))
    page = words(read(staff.get(row.mail.get_absolute_url())))
    assert "16 January 2027, 00:00 UTC" in page
    assert "Last scan 16 January 2027, 00:00 UTC." in page


def test_hours_and_days_of_sending_are_those_of_the_office(new_york: None, settings: Any) -> None:
    settings.REMINDERS_DAYS, settings.REMINDERS_HOURS = frozenset(range(5)), (6, 18)
    settings.REMINDERS_DAYS_OF = {}
    nothing = within_window(datetime(2027, 1, 18, 10, 59, tzinfo=UTC))  # Monday, 05:59
    assert nothing == within_window(datetime(2027, 1, 18, 23, 0, tzinfo=UTC))  # Monday, 18:00
    assert nothing != within_window(datetime(2027, 1, 18, 11, 0, tzinfo=UTC))


def test_the_digest_goes_on_monday_morning_of_the_office(new_york: None, settings: Any) -> None:
    settings.REMINDERS_DAYS, settings.REMINDERS_HOURS = frozenset(range(7)), (0, 24)
    factories.a_state("NOR", desk_officer=factories.an_officer("grace"))
    monday = factories.day("2027-01-18")
    for at, rows in (((11, 29), 0), ((11, 30), 1)):
        digest.send_due(monday, datetime(2027, 1, 18, *at, tzinfo=UTC))
        assert Digest.objects.count() == rows


@pytest.mark.parametrize("wrong", ["New York", "Europe", "+01:00", "../passwd", "Mars/Olympus"])
def test_a_zone_that_nobody_knows_is_refused_in_one_line(wrong: str) -> None:
    with pytest.raises(
        ImproperlyConfigured, match=r"^TIME_ZONE is not understood; write a time zone such as"
    ):
        environment.time_zone.value("TIME_ZONE", wrong)
