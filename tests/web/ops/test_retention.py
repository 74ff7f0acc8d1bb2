"""What is deleted, to the day, and what never is."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.management import call_command

from tests import factories
from tests.web.conftest import signed_in
from tracker.obligations.models import Import
from tracker.registry.models import State
from tracker.reminders import watch
from tracker.reminders.models import Bounce, Digest, Mail, ReceivedMessage, ScanRun, StaffTask
from tracker.web.models import SecurityEvent
from tracker.web.ops import retention

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def ages(settings: Any) -> None:
    settings.SECURITY_LOG_DAYS, settings.UPLOADS_DAYS = 400, 30
    settings.ANSWERS_DAYS, settings.MACHINERY_DAYS = 300, 90


@pytest.fixture(autouse=True)
def empty(db: None) -> None:
    """Deletes what earlier tests with transactions of their own left."""
    for model in (SecurityEvent, Session, AccessAttempt):
        model.objects.all().delete()


def a_mail(number: int = 1) -> Mail:
    return Mail.objects.create(
        recipient="mission@example.org",
        subject="Norway",
        text="Dear …",
        html="<p>Dear …</p>",
        message_id=f"<{number}@example.org>",
        sent_on=NOW.date() - 900 * DAY,
        answer="250 kept",
    )


def a_task(cause: str, settled: datetime | None, said: str = "call me on 555", **fields: Any) -> StaffTask:
    norway = State.objects.filter(pk="NOR").first() or factories.a_state("NOR")
    done = {"settled_at": settled, "settled_by": "ada", "outcome": "noted"} if settled else {}
    values = {"kind": "answer", "answer": "wrong", "said": said} | fields
    return StaffTask.objects.create(cause=cause, state=norway, created_at=NOW - 900 * DAY, **done, **values)


def a_session(ends: datetime) -> None:
    Session.objects.create(session_key=f"{ends:%Y%m%d%H%M}", session_data="", expire_date=ends)


def an_event(at: datetime) -> None:
    SecurityEvent.objects.create(kind="failed", at=at)


def a_file(state: str) -> Callable[[datetime], None]:
    return lambda at: (
        Import.objects.create(table="contacts", file_name="c.csv", content=b"x", state=state, touched_at=at)
        and None
    )


def a_failure(at: datetime) -> None:
    row = AccessAttempt.objects.create(username=f"{at:%H%M}", failures_since_start=1)
    AccessAttempt.objects.filter(pk=row.pk).update(attempt_time=at)


def a_digest(at: datetime) -> None:
    officer = factories.an_officer(f"officer-{Digest.objects.count()}")
    Digest.objects.create(officer=officer, week=at.date(), state="sent", recipient="desk@example.org")


@pytest.mark.parametrize(
    ("kind", "model", "make", "age", "step"),
    [
        ("sessions", Session, a_session, timedelta(0), MINUTE),
        ("failed sign-ins", AccessAttempt, a_failure, 30 * MINUTE, MINUTE),
        ("security log", SecurityEvent, an_event, 400 * DAY, MINUTE),
        ("files never saved", Import, a_file("checked"), 30 * DAY, MINUTE),
        ("files never saved", Import, a_file("refused"), 30 * DAY, MINUTE),
        ("weekly digests", Digest, a_digest, 90 * DAY, DAY),
    ],
)
def test_what_is_older_goes_and_nothing_else(
    kind: str, model: Any, make: Callable[[datetime], None], age: timedelta, step: timedelta
) -> None:
    make(NOW - age - step)
    stays = set(model.objects.values_list("pk", flat=True))
    make(NOW - age + step)
    stays = set(model.objects.values_list("pk", flat=True)) - stays
    SecurityEvent.objects.filter(at__gt=NOW - DAY).delete()  # the accounts that a test makes
    assert {name: n for name, n in retention.forget(NOW).items() if n} == {kind: 1}
    assert set(model.objects.values_list("pk", flat=True)) == stays


@pytest.mark.parametrize("state", ["saved", "waiting", "checking", "saving"])
def test_a_file_that_was_saved_or_is_at_work_stays(state: str) -> None:
    a_file(state)(NOW - 900 * DAY)
    assert retention.forget(NOW)["files never saved"] == 0
    assert bytes(Import.objects.get().content) == b"x"


def test_this_weeks_digest_stays_as_it_would_be_sent_again(settings: Any) -> None:
    settings.MACHINERY_DAYS = 1
    monday = datetime(2026, 11, 16, tzinfo=UTC)
    a_digest(monday)
    assert retention.forget(NOW)["weekly digests"] == 0
    assert retention.forget(NOW + DAY)["weekly digests"] == 1


def test_the_words_of_an_answer_go_and_its_task_stays() -> None:
    mail = a_mail()
    old = a_task("1", NOW - 301 * DAY, mail=mail)
    young, still_open = a_task("2", NOW - 299 * DAY, mail=mail), a_task("3", None, mail=mail)
    assert retention.forget(NOW)["texts of settled tasks"] == 1
    assert retention.forget(NOW)["texts of settled tasks"] == 0
    told = dict(StaffTask.objects.values_list("pk", "said"))
    assert told == {old.pk: "", young.pk: "call me on 555", still_open.pk: "call me on 555"}
    old.refresh_from_db()
    assert (old.outcome, old.answer, old.settled_by) == ("noted", "wrong", "ada")
    shown = signed_in(is_superuser=True).get(f"/tasks/{old.pk}/")
    assert shown.status_code == 200
    assert "<dt>Message</dt>" not in shown.content.decode()


def test_the_words_of_a_mail_server_stay_while_somebody_has_to_read_them() -> None:
    mail = a_mail()

    def a_bounce(digest: str, days: int) -> Bounce:
        words = "550 no such user mission@example.org"
        return Bounce.objects.create(
            kind="failed",
            mail=mail,
            recipient="mission@example.org",
            status="5.1.1",
            diagnostic=words,
            digest=digest,
            received_at=NOW - days * DAY,
        )

    young, waits, settled = a_bounce("1", 299), a_bounce("2", 301), a_bounce("3", 301)
    a_task("2", None, kind="bounce", answer="", mail=mail, bounce=waits)
    a_task("3", NOW - 200 * DAY, kind="bounce", answer="", mail=mail, bounce=settled)
    assert retention.forget(NOW)["texts of mail servers"] == 1
    assert set(Bounce.objects.exclude(diagnostic="").values_list("pk", flat=True)) == {young.pk, waits.pk}
    settled.refresh_from_db()
    assert settled.words == "status 5.1.1"


def test_the_text_of_a_message_stays_while_it_waits_for_a_person() -> None:
    def a_message(digest: str, days: int) -> ReceivedMessage:
        return ReceivedMessage.objects.create(
            kind="letter", digest=digest, text="call me on 555", received_at=NOW - days * DAY
        )

    young, waits, settled = a_message("1", 299), a_message("2", 301), a_message("3", 301)
    a_task("2", None, said="", kind="message", answer="", message=waits)
    a_task("3", NOW - 200 * DAY, said="", kind="message", answer="", message=settled)
    assert retention.forget(NOW)["texts of messages"] == 1
    kept = ReceivedMessage.objects.exclude(text="").values_list("pk", flat=True)
    assert set(kept) == {young.pk, waits.pk}


def test_scans_go_but_the_last_one_tells_that_the_clock_stands() -> None:
    for days in (95, 94, 93, 92):
        at = NOW - days * DAY
        ScanRun.objects.create(started_at=at, finished_at=None if days == 92 else at + MINUTE)
    assert retention.forget(NOW)["scans"] == 2
    seen = watch.look(NOW)
    assert (seen.scan_began, seen.scan_ended) == (NOW - 92 * DAY, NOW - 93 * DAY + MINUTE)


def test_more_than_a_batch_goes_in_batches(monkeypatch: Any, django_assert_num_queries: Any) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    SecurityEvent.objects.bulk_create(SecurityEvent(kind="failed", at=NOW - 500 * DAY) for _ in range(5))
    (kind,) = [kind for kind in retention.kinds(NOW) if kind.name == "security log"]
    with django_assert_num_queries(7):  # three batches of two queries, and one that finds no more
        assert kind.forget() == 5


def test_no_other_table_is_ever_touched() -> None:
    touched = {kind.rows.model for kind in retention.kinds(NOW)}
    assert touched == {
        Session,
        AccessAttempt,
        SecurityEvent,
        Import,
        StaffTask,
        Bounce,
        ReceivedMessage,
        ScanRun,
        Digest,
    }
    histories = {model for model in apps.get_models() if model.__name__.startswith("Historical")}
    assert not touched & histories
    # No row of ours refers to a deleted row: rows deleted with it would not be counted.
    gone = {kind.rows.model for kind in retention.kinds(NOW) if not kind.blanked}
    along = {one.related_model for model in gone for one in model._meta.related_objects}
    assert {model.__name__ for model in along} == {"AccessAttemptExpiration"}


def test_the_command_counts_first_and_then_deletes(capsys: Any) -> None:
    an_event(NOW - 500 * DAY)
    call_command("forget", dry_run=True, form="json")
    told = capsys.readouterr()
    assert {row["kind"]: row["rows"] for row in json.loads(told.out) if row["rows"]} == {"security log": 1}
    assert told.err == "Nothing was deleted.\n"
    assert SecurityEvent.objects.count() == 1
    call_command("forget", form="json")
    row = next(row for row in json.loads(capsys.readouterr().out) if row["kind"] == "security log")
    assert row["setting"] == "SECURITY_LOG_DAYS"
    assert row["before"].startswith("2025-10-18T09:0")
    assert row["rows"] == 1
    assert SecurityEvent.objects.count() == 0
