"""Pauses: no reminder until they are over, and then the latest stage, once."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests import factories
from tests.factories import day, the_obligation
from tests.reminders.helpers import (
    TODAY,
    Sink,
    a_state_owing,
    answered,
    as_sent,
    ledger,
    moved,
    planned,
    the_row,
)
from tracker.obligations.derive import facts_of
from tracker.obligations.models import Obligation
from tracker.registry.models import State
from tracker.reminders import pauses
from tracker.reminders.forecast import change
from tracker.reminders.models import Pause, Reminder
from tracker.reminders.plan import plan
from tracker.reminders.send import approve, send_due

NOR = "mission@example.org"


def paused(about: State | Obligation, until: str = "2026-05-20", **values: Any) -> Pause:
    usual: dict[str, Any] = {"until": day(until), "reason": "Elections", "by": None, "on": TODAY}
    return pauses.pause(about, **usual | values)


def told(error: Any) -> list[str]:
    return error.value.messages


# --- the planner ------------------------------------------------------------------------------


def test_nothing_is_planned_about_a_paused_obligation_until_its_day() -> None:
    paused(the_obligation(a_state_owing("NOR", "2026-06-15", NOR)))
    assert planned("2026-03-16") == []
    assert planned("2026-05-19") == []
    assert planned("2026-05-20") == [f"NOR 1 month before, {NOR}"]
    assert planned("2026-05-21") == []


def test_a_paused_state_is_not_written_to_and_the_others_are() -> None:
    paused(a_state_owing("NOR", "2026-06-15", NOR))
    a_state_owing("ISL", "2026-06-15", "ministry@example.org")
    assert planned() == ["ISL 3 months before, ministry@example.org"]
    assert planned("2026-05-20") == [
        "ISL 1 month before, ministry@example.org",
        f"NOR 1 month before, {NOR}",
    ]


def test_a_pause_of_one_report_holds_back_no_other_obligation_of_the_state() -> None:
    state = a_state_owing("NOR", "2026-06-15", NOR)
    factories.asks(state, "2026-06-15", "2026-01-10")
    factories.derive("2026-03-16", state)
    paused(the_obligation(state))
    found = plan(TODAY).planned
    assert [row.obligation.kind for row in found] == ["information"]


@pytest.mark.parametrize("state", ["planned", "held", "failed"])
def test_what_waits_is_cancelled_with_the_reason_and_planned_anew_once(norway: State, state: str) -> None:
    Reminder.objects.update(state=state, approved_by="ada")
    paused(norway, "2026-04-10")
    assert plan(TODAY).cancelled == 1
    assert (the_row().state, the_row().reason) == (
        "cancelled",
        "paused; planned again when the pause is over",
    )
    assert planned("2026-04-09") == []
    assert planned("2026-04-10") == [f"NOR 3 months before, {NOR}"]
    assert planned("2026-04-11") == []
    assert ledger() == [f"NOR 3 months before, {NOR}: planned"]
    assert (the_row().reason, the_row().approved_by) == ("", "")


def test_after_a_pause_only_the_newest_stage_is_planned(norway: State) -> None:
    paused(norway, "2026-07-20")
    planned("2026-05-15")
    assert planned("2026-07-20") == [f"NOR 1 month after, {NOR}"]
    assert ledger() == [f"NOR 3 months before, {NOR}: cancelled", f"NOR 1 month after, {NOR}: planned"]


def test_what_was_sent_before_a_pause_is_not_sent_again_after_it(norway: State) -> None:
    as_sent(the_row(), TODAY)
    paused(norway, "2026-04-20")
    assert planned("2026-04-20") == []
    assert ledger() == [f"NOR 3 months before, {NOR}: sent"]


def test_a_date_that_changes_during_a_pause_counts_once_it_is_over(norway: State) -> None:
    paused(the_obligation(norway), "2026-04-10")
    planned()
    moved(norway, "2026-05-01")
    assert planned("2026-04-09") == []
    assert planned("2026-04-10") == [f"NOR 1 month before, {NOR}"]


def test_a_report_that_comes_during_a_pause_is_not_reminded_of_after_it(norway: State) -> None:
    paused(norway, "2026-04-10")
    planned()
    answered(norway)
    assert planned("2026-04-10") == []
    assert ledger() == [f"NOR 3 months before, {NOR}: cancelled"]


def test_a_pause_that_ended_early_holds_nothing_back(norway: State) -> None:
    pause = paused(norway, "2026-12-01")
    planned()
    assert pauses.end(pause, by=None, on=day("2026-03-20"))
    assert planned("2026-03-19") == []
    assert planned("2026-03-20") == [f"NOR 3 months before, {NOR}"]
    assert not pauses.end(pause, by=None, on=day("2026-03-21"))
    pause.refresh_from_db()
    assert pause.ended_on == day("2026-03-20")


def test_a_pause_counts_from_the_day_it_was_made() -> None:
    norway = a_state_owing("NOR", "2026-06-15", NOR)
    paused(norway)
    assert planned("2026-03-15") == [f"NOR 3 months before, {NOR}"]


# --- the sender -------------------------------------------------------------------------------


def test_a_pause_between_planning_and_sending_stops_the_mail(sink: Sink) -> None:
    norway = a_state_owing("NOR", "2026-06-15", NOR)
    a_state_owing("ISL", "2026-06-15", "ministry@example.org")
    planned()
    paused(norway, "2026-04-10")
    assert send_due(TODAY) == {"sent": 1, "failed": 0, "dead": 0, "held": 0, "cancelled": 1}
    assert sink.recipients == ["ministry@example.org"]
    for on in ("2026-04-09", "2026-04-10", "2026-04-11"):
        planned(on)
        send_due(day(on))
    assert sink.recipients == ["ministry@example.org", NOR]


def test_what_was_approved_before_a_pause_is_approved_again_after_it(settings: Any, sink: Sink) -> None:
    settings.REMINDERS_APPROVAL = "required"
    norway = a_state_owing("NOR", "2026-06-15", NOR)
    planned()
    approve(Reminder.objects.all(), by="ada")
    paused(norway, "2026-04-10")
    send_due(TODAY)
    planned("2026-04-10")
    assert send_due(day("2026-04-10"))["held"] == 1
    assert sink.mails == []


# --- the forecast -----------------------------------------------------------------------------


@pytest.mark.parametrize("of_state", [True, False], ids=["state", "obligation"])
def test_the_forecast_leaves_out_a_pause_and_tells_the_newest_stage_after_it(of_state: bool) -> None:
    norway = a_state_owing("NOR", "2026-06-15", NOR)
    paused(norway if of_state else the_obligation(norway), "2026-06-20")
    facts = facts_of([norway.pk])[norway.pk]
    undated = factories.decides(norway, None, "2026-03-16", kind="initial", cycles="1", outcome="waived")
    without = facts_of([norway.pk])[norway.pk]
    undated.delete()
    gone = change(norway, facts, without, day=TODAY, today=TODAY).gone
    assert [f"{one.day} {one.stage}" for one in gone] == [
        "2026-06-20 on the day",
        "2026-07-15 1 month after",
        "2026-09-15 3 months after",
        "2026-12-15 6 months after",
    ]


# --- what cannot be ---------------------------------------------------------------------------


def test_a_pause_is_kept_with_who_and_why() -> None:
    ada = factories.an_officer()
    pause = paused(factories.a_state("NOR"), by=ada)
    pauses.end(pause, by=ada, on=TODAY)
    assert list(
        pause.history.order_by("pk").values_list("history_user__username", "history_change_reason")
    ) == [("ada", "Elections"), ("ada", "ended early")]


@pytest.mark.parametrize(
    ("until", "message"),
    [
        ("2026-03-16", "Enter a day after 16 March 2026: a pause must end in the future."),
        (
            "2029-03-17",
            "A pause lasts at most 3 years: enter a day up to 16 March 2029. You can pause again then.",
        ),
    ],
)
def test_a_pause_that_has_no_good_end_is_refused(until: str, message: str) -> None:
    norway = factories.a_state("NOR")
    with pytest.raises(ValidationError) as error:
        paused(norway, until)
    assert told(error) == [message]
    assert not Pause.objects.exists()


def test_a_second_pause_of_the_same_is_refused() -> None:
    norway = a_state_owing("NOR", "2026-06-15", NOR)
    paused(norway, "2026-05-20")
    with pytest.raises(ValidationError) as error:
        paused(norway, "2026-08-01")
    assert told(error) == ["There is already a pause until 20 May 2026; end it first."]
    paused(the_obligation(norway), "2026-08-01")  # of something else


def test_a_pause_without_a_reason_is_refused() -> None:
    norway = factories.a_state("NOR")
    with pytest.raises(ValidationError):
        paused(norway, reason="  ")


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("pause_of_a_state_or_an_obligation", {"state": None}),
        ("pause_has_a_reason", {"reason": ""}),
        ("pause_ends_after_it_begins", {"until": "2026-03-16"}),
        ("pause_ended_within_its_days", {"ended_on": "2026-03-15"}),
        ("pause_ended_within_its_days", {"ended_on": "2026-05-21"}),
    ],
)
def test_the_database_refuses_a_pause_that_cannot_be(constraint: str, values: dict[str, Any]) -> None:
    paused(factories.a_state("NOR"))
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Pause.objects.update(**values)


def test_the_database_refuses_a_pause_of_a_state_and_an_obligation_at_once() -> None:
    norway = a_state_owing("NOR", "2026-06-15", NOR)
    paused(norway)
    with pytest.raises(IntegrityError, match="pause_of_a_state_or_an_obligation"), transaction.atomic():
        Pause.objects.update(obligation=the_obligation(norway))
