"""Replies to the Committee's requests get reminders like any other report."""

from datetime import date

import pytest

from tests import factories
from tests.reminders.helpers import TODAY, planned
from tracker.obligations.models import InformationRequest
from tracker.reminders.messages import reminder
from tracker.reminders.models import Reminder, ReminderRule

NOR = "mission@example.org"


@pytest.fixture
def asked() -> InformationRequest:
    """Norway, whose initial report was received, has to reply by 15 June 2026."""
    norway = factories.a_state("NOR", name="Norway")
    factories.joins(norway, on="2001-10-02")
    factories.a_contact(norway, NOR)
    ReminderRule.objects.exclude(months=-3).update(kind="initial")  # the older reports do not matter here
    for cycle in ("2", "3", "4", "5"):
        factories.receives(norway, "2005-01-01", "periodic", cycle)
    factories.receives(norway, "2003-01-01")
    found = factories.asks(norway, "2026-06-15", on="2025-11-01", document="CRC/C/OPSC/NOR/Q/2")
    factories.derive("2026-03-16", norway)
    return found


def test_a_reply_is_reminded_of_at_its_stage_with_its_own_words(asked):
    assert planned("2026-03-14") == []
    assert planned("2026-03-15") == [f"NOR 3 months before, {NOR}"]
    assert planned("2026-03-15") == []
    row = Reminder.objects.select_related("obligation__state", "rule", "contact").get()
    assert (row.obligation.kind, row.due_on) == ("information", date(2026, 6, 15))
    mail = reminder([row], TODAY)
    assert mail.subject == "Norway: reply to the list of issues, due 15 June 2026 (OPSC)"
    assert "The list of issues of 1 November 2025 asks for a written reply by 15 June 2026." in " ".join(
        mail.body.split()
    )


def test_a_rule_may_be_for_requests_alone(asked):
    ReminderRule.objects.update(active=False)
    ReminderRule.objects.create(days=-91, kind="information")
    assert planned("2026-03-15") == []
    assert planned("2026-03-16") == [f"NOR 91 days before, {NOR}"]
