"""The hourly run as in production: beat's schedule, a broker, a worker process, an SMTP server."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from celery.schedules import crontab
from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from tests.reminders.helpers import a_state_owing, text_of, the_row
from tracker.celery import app
from tracker.reminders.models import Reminder, ScanRun

ROOT = Path(__file__).parents[2]
NOR = "mission@example.org"


def test_the_schedule_names_tasks_that_exist():
    named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert named == {
        "tracker.obligations.tasks.synchronise",
        "tracker.reminders.tasks.scan",
        "tracker.correspondence.tasks.scan",
        "tracker.reminders.tasks.send_digests",
        "tracker.reminders.tasks.tell_calendars",
        "tracker.web.tasks.forget",
    }
    assert {import_string(name).name for name in named} == named


def test_the_scan_is_hourly():
    (schedule,) = [
        entry["schedule"]
        for entry in settings.CELERY_BEAT_SCHEDULE.values()
        if entry["task"] == "tracker.reminders.tasks.scan"
    ]
    assert schedule == crontab(minute="15")
    assert settings.CELERY_TIMEZONE == "UTC"


def test_the_digest_goes_on_monday_morning():
    (schedule,) = [
        entry["schedule"]
        for entry in settings.CELERY_BEAT_SCHEDULE.values()
        if entry["task"] == "tracker.reminders.tasks.send_digests"
    ]
    assert schedule == crontab(minute="30", hour="6", day_of_week="mon")


@pytest.mark.django_db(transaction=True)
def test_a_worker_plans_and_sends(sink, tmp_path):
    a_state_owing("NOR", "2017-02-10", NOR)
    with a_worker("hourly", tmp_path / "log", EMAIL_URL=f"smtp://127.0.0.1:{sink.port}"):
        app.send_task("tracker.reminders.tasks.scan", queue="hourly")
        wait_until(lambda: ScanRun.objects.filter(finished_at__isnull=False).exists(), tmp_path / "log")
    assert sink.recipients == [NOR]
    assert "Was due on 10 February 2017. We have no record of having received it." in text_of(sink.mails[0])
    assert the_row().answer == "250 2.0.0 kept as 42"
    assert Reminder.objects.count() == 1
    assert list(ScanRun.objects.values_list("planned", "sent", "error")) == [(1, 1, "")]


@contextmanager
def a_worker(queue: str, log: Path, **environment: str) -> Iterator[None]:
    """A worker process of its own, on the test's database."""
    words = [
        "--queues",
        queue,
        "--pool",
        "solo",
        "--without-mingle",
        "--without-gossip",
        "--loglevel",
        "INFO",
    ]
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "--app", "tracker", "worker", *words],
            cwd=ROOT,
            env=os.environ
            | {"DATABASE_URL": database_url(), "REDIS_URL": settings.CELERY_BROKER_URL}
            | {"REMINDERS_APPROVAL": "automatic"}
            | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def database_url() -> str:
    """The address of the tests' database."""
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{place['NAME']}"
    return f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{place['NAME']}"


def wait_until(done: Callable[[], bool], log: Path) -> None:
    deadline = time.perf_counter() + 40
    while not done():
        assert time.perf_counter() < deadline, log.read_text()
        time.sleep(0.1)
