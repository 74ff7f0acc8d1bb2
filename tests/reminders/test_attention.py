"""Tasks for staff: created once for each cause, and settled with an outcome."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests import factories
from tests.reminders.helpers import TODAY, Sink, a_state_owing, planned
from tracker.registry.models import State
from tracker.reminders import attention, outbox, scanning
from tracker.reminders.models import Mail, Reminder, ReminderState, StaffTask
from tracker.reminders.outbox import What

pytestmark = pytest.mark.django_db

NOR, SWE = "mission@example.org", "swe@example.org"


@pytest.fixture
def dead() -> list[Reminder]:
    """A permanently failed reminder each to Norway and Sweden."""
    a_state_owing("NOR", "2026-06-15", NOR)
    a_state_owing("SWE", "2026-06-15", SWE)
    planned()
    for row in Reminder.objects.all():
        dies(row)
    return list(Reminder.objects.order_by("recipient"))


def dies(row: Reminder) -> None:
    Reminder.objects.filter(pk=row.pk).update(
        state=ReminderState.DEAD, claim=uuid.uuid4(), claimed_at=timezone.now(), answer="550 no such user"
    )


def tasks() -> list[tuple[Any, ...]]:
    return list(StaffTask.objects.order_by("pk").values_list("kind", "state", "reminder", "said", "outcome"))


def test_each_dead_reminder_gets_one_task_however_often_it_is_told(
    dead: list[Reminder], django_assert_max_num_queries: Any
) -> None:
    everything = Reminder.objects.all()
    with django_assert_max_num_queries(5):  # two of them open and close a transaction
        assert attention.about_dead(everything) == 2
    assert attention.about_dead(everything) == 0
    assert tasks() == [
        ("dead", "NOR", dead[0].pk, "550 no such user", ""),
        ("dead", "SWE", dead[1].pk, "550 no such user", ""),
    ]
    assert StaffTask.objects.earliest("pk").contact == dead[0].contact


def test_a_settled_death_is_not_told_again_and_another_one_is(dead: list[Reminder]) -> None:
    norway = Reminder.objects.filter(pk=dead[0].pk)
    attention.about_dead(norway)
    attention.settle(StaffTask.objects.get(), by="ada", outcome="written by post")
    assert attention.about_dead(norway) == 0
    dies(dead[0])
    assert attention.about_dead(norway) == 1


def test_what_is_not_dead_makes_no_task(dead: list[Reminder]) -> None:
    Reminder.objects.update(state=ReminderState.UNKNOWN)
    assert attention.about_dead(Reminder.objects.all()) == 0


@pytest.mark.parametrize(
    ("what", "outcome"),
    [(What.RESEND, "planned again: new address"), (What.CANCEL, "cancelled: new address")],
)
def test_who_sends_again_or_cancels_settles_the_task(what: str, outcome: str, dead: list[Reminder]) -> None:
    attention.about_dead(Reminder.objects.all())
    outbox.act(what, Reminder.objects.filter(pk=dead[0].pk), by="ada", reason="new address")
    assert [task[4] for task in tasks()] == [outcome, ""]
    assert StaffTask.objects.earliest("pk").settled_by == "ada"


def test_the_scan_makes_the_task_of_a_mail_that_is_refused_for_good(sink: Sink) -> None:
    a_state_owing("NOR", "2026-06-15", NOR)
    sink.refuses[NOR] = "550 5.1.1 no such user"
    scanning.scan(TODAY)
    scanning.scan(TODAY)
    (task,) = StaffTask.objects.all()
    assert (task.title, task.said) == ("A reminder failed permanently.", "550 5.1.1 no such user")


@pytest.fixture
def unknown() -> list[Reminder]:
    """A mail about two reports of Norway and one of Sweden of which nobody knows whether it was sent."""
    a_state_owing("NOR", "2026-06-15", NOR)
    a_state_owing("SWE", "2026-06-15", NOR)
    planned()
    factories.asks(State.objects.get(pk="NOR"), due="2026-06-15", on="2025-09-10")
    factories.derive("2026-03-16", State.objects.get(pk="NOR"))
    planned()
    mail = Mail.objects.create(message_id="<1>", recipient=NOR, subject="s", text="t", sent_on=TODAY)
    Reminder.objects.update(
        state=ReminderState.UNKNOWN,
        claim=uuid.uuid4(),
        claimed_at=timezone.now(),
        mail=mail,
        reason="the line broke",
    )
    return list(Reminder.objects.order_by("obligation__state", "pk"))


def test_an_unknown_mail_is_one_task_for_each_state_however_often_it_is_told(
    unknown: list[Reminder], django_assert_max_num_queries: Any
) -> None:
    assert [row.obligation.state_id for row in unknown] == ["NOR", "NOR", "SWE"]
    everything = Reminder.objects.all()
    with django_assert_max_num_queries(6):
        assert attention.about_stuck(everything) == 2
    assert attention.about_stuck(everything) == 0
    assert [task[:4] for task in tasks()] == [
        ("unknown", "NOR", min(unknown[0].pk, unknown[1].pk), "the line broke"),
        ("unknown", "SWE", unknown[2].pk, "the line broke"),
    ]
    assert {str(task.title) for task in StaffTask.objects.all()} == {
        "It is not known whether a mail was sent."
    }


def test_the_task_about_an_unknown_mail_is_settled_with_its_last_reminder(unknown: list[Reminder]) -> None:
    attention.about_stuck(Reminder.objects.all())
    first, second = (Reminder.objects.filter(pk=row.pk) for row in unknown[:2])
    outbox.act(What.CANCEL, first, by="ada", reason="it arrived")
    assert {task[4] for task in tasks()} == {""}
    outbox.act(What.RESEND, second, by="ada", reason="nobody has it")
    assert {task[1]: task[4] for task in tasks()} == {"NOR": "planned again: nobody has it", "SWE": ""}


def test_a_task_is_settled_once_with_an_outcome_and_reopened(dead: list[Reminder]) -> None:
    attention.about_dead(Reminder.objects.all())
    task = StaffTask.objects.earliest("pk")
    with pytest.raises(ValueError, match="outcome"):
        attention.settle(task, by="ada", outcome="")
    assert attention.settle(task, by="ada", outcome="written by post") == [task.pk]
    assert attention.settle(task, by="grace", outcome="telephoned") == []
    task.refresh_from_db()
    assert (task.settled_by, task.outcome) == ("ada", "written by post")
    assert task.settled_at is not None
    assert task.settled_at.date() == TODAY
    assert attention.open_tasks().count() == 1
    assert attention.reopen(StaffTask.objects.all()) == 1
    assert attention.open_tasks().count() == 2


@pytest.mark.parametrize(
    "values",
    [
        {"outcome": "done"},
        {"settled_at": "2026-03-16T09:00Z", "settled_by": "ada"},
        {"reminder": None},
        {"kind": "bounce"},
        {"kind": "answer"},
    ],
    ids=["an outcome of nobody", "no outcome", "no reminder", "no bounce", "no answer"],
)
def test_the_database_refuses_a_task_that_is_half_a_task(
    values: dict[str, Any], dead: list[Reminder]
) -> None:
    attention.about_dead(Reminder.objects.all())
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffTask.objects.update(**values)


def test_a_second_task_of_the_same_cause_is_refused(dead: list[Reminder]) -> None:
    attention.about_dead(Reminder.objects.all())
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffTask.objects.update(cause="1", state="NOR")
