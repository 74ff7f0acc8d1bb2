"""When the next reminder goes to whom, as a State's page says; or why none does."""

from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from tests.factories import day
from tests.reminders.helpers import TODAY, a_state_owing, a_state_reporting, answered
from tracker.obligations.queries.dossier import dossier_of
from tracker.registry.models import State
from tracker.reminders.ahead import next_in_words
from tracker.reminders.models import Pause, Reminder, ReminderRule
from tracker.reminders.pauses import pause
from tracker.reminders.plan import plan

pytestmark = pytest.mark.django_db


def said(state: State, officer: Any = None) -> str:
    owed = dossier_of(state, TODAY, today=TODAY).obligations
    rows = list(Reminder.objects.select_related("obligation", "rule"))
    return next_in_words(
        state,
        owed,
        rows,
        contacts=list(state.contacts.all()),
        officer=officer,
        pauses=Pause.objects.in_force(TODAY),
        today=TODAY,
    )


def test_the_next_stage_and_everybody_whom_it_reaches() -> None:
    state = a_state_owing("NOR", "2028-03-15", "mission@example.org", "capital@example.org")
    assert said(state) == (
        "On 15 March 2027, to capital@example.org; mission@example.org: initial report, stage “12 months before”."
    )


def test_what_is_due_already_goes_today() -> None:
    state = a_state_owing("NOR", "2026-06-15", "mission@example.org")
    assert said(state) == "On 16 March 2026, to mission@example.org: initial report, stage “3 months before”."


def test_what_waits_in_the_outbox_comes_before_all_else() -> None:
    state = a_state_owing("NOR", "2026-06-15", "mission@example.org", "capital@example.org")
    plan(TODAY)
    Reminder.objects.filter(recipient="capital@example.org").update(state="held")
    assert said(state) == (
        "In the outbox, to capital@example.org: initial report, stage “3 months before”; awaits approval. 1 more waits "
        "there."
    )


def test_a_pause_puts_it_off() -> None:
    state = a_state_owing("NOR", "2026-06-15", "mission@example.org")
    pause(state, until=day("2026-05-01"), reason="Elections", by=factories.an_officer(), on=TODAY)
    assert said(state) == (
        "On 1 May 2026, to mission@example.org: initial report, stage “3 months before”. Reminders are paused until "
        "then."
    )


def test_without_a_contact_the_desk_officer_is_the_next_to_be_written_to() -> None:
    state = a_state_owing("NOR", "2026-06-15")
    assert said(state, factories.an_officer("grace")) == (
        "On 15 July 2026, to grace@example.org: initial report, stage “1 month after”. No contact of the State is "
        "recorded."
    )


def test_with_nobody_to_write_to_there_is_none() -> None:
    state = a_state_owing("NOR", "2026-06-15")
    factories.a_contact(state, "old@example.org", active=False)
    assert said(state) == "None: nobody is recorded to whom it could go. It would be due on 16 March 2026."


def test_without_a_rule_there_is_none() -> None:
    ReminderRule.objects.update(active=False)
    state = a_state_owing("NOR", "2026-06-15", "mission@example.org")
    assert said(state) == "None: no reminder rule applies to the reports that are awaited."


def test_a_report_without_record_is_not_reminded_of() -> None:
    state = a_state_owing("NOR", "2020-06-15", "mission@example.org", records_from="2024-01-01")
    assert said(state) == "None: it is not known whether the report was received."


@pytest.mark.parametrize("decision", [{}, {"outcome": "to be communicated"}])
def test_a_report_without_a_date_is_not_reminded_of(decision: dict[str, str]) -> None:
    state = a_state_reporting("JPN", None, "mission@example.org", **decision)
    assert said(state) == "None: the report has no due date yet."


def test_when_nothing_is_awaited_there_is_none() -> None:
    state = a_state_owing("NOR", "2026-06-15", "mission@example.org")
    state.actions.filter(treaty="CRC").delete()
    answered(state)
    assert said(state).startswith("On 15 June 2030, to mission@example.org: periodic report 2")
    state.actions.all().delete()
    factories.derive("2026-03-16", state)
    assert said(state) == "None: no report is awaited."
