"""`/metrics`: who may read it, what it counts, and that reading it costs little."""

from __future__ import annotations

import math
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery import signals
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from prometheus_client import Counter, values
from prometheus_client.parser import text_string_to_metric_families

from tests import factories
from tests.web.conftest import signed_in
from tracker import environment, metrics, metrics_folder
from tracker.reminders.models import Reminder, ReminderState, ScanRun
from tracker.reminders.plan import plan
from tracker.web.tasks import forget

pytestmark = pytest.mark.django_db

ROOT = Path(settings.BASE_DIR)
RULES, TRIED = ROOT / "deploy" / "prometheus" / "rules.yml", ROOT / "rehearsal" / "prometheus.yml"
OPERATIONS = ROOT / "docs" / "operations.md"
TOKEN = "seventeen-and-more-letters"
Figures = dict[tuple[str, ...], float]


def figures(text: str) -> Figures:
    """Each sample by its name and the values of its labels, in the order of their names."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def counting(settings: Any) -> Client:
    """A browser whose requests are counted; in this process alone."""
    settings.METRICS_TOKEN = TOKEN
    return Client()


def scrape(client: Client, token: str = TOKEN) -> Any:
    return client.get("/metrics", headers={"authorization": f"Bearer {token}"})


def read(client: Client) -> Figures:
    return figures(scrape(client).content.decode())


def test_without_a_token_in_the_settings_there_is_no_such_page(client: Client) -> None:
    assert scrape(client, "").status_code == 404


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer é"]
)
def test_another_token_opens_nothing(sent: str, counting: Client) -> None:
    answer = counting.get("/metrics", headers={"authorization": sent})
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_whoever_is_signed_in_is_a_stranger_here(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert signed_in(is_superuser=True).get("/metrics").status_code == 401


def test_requests_are_counted_by_the_name_of_their_address(counting: Client) -> None:
    before = read(counting)
    counting.get("/states/NOR/")
    counting.get("/states/SWE/?q=x")
    counting.get("/nowhere-at-all/")
    counting.get("/static/nowhere.css")
    counting.get("/static/css/base.css").close()
    counting.generic("BREW", "/healthz")
    after = read(counting)
    new = {key: value - before.get(key, 0) for key, value in after.items() if value != before.get(key, 0)}
    assert {key[1:]: n for key, n in new.items() if key[0] == "tracker_requests_total"} == {
        ("GET", "state", "3xx"): 2,
        ("GET", "none", "4xx"): 2,
        ("GET", "static", "2xx"): 1,
        ("other", "healthz", "4xx"): 1,
        ("GET", "metrics", "2xx"): 1,
    }
    assert new["tracker_request_seconds_count", "state"] == 2
    assert not any("nowhere" in word or "NOR" in word for key in after for word in key)


def test_queries_are_timed_also_those_that_fail(counting: Client) -> None:
    before = read(counting).get(("tracker_database_query_seconds_count",), 0)
    with transaction.atomic():
        with connection.execute_wrapper(metrics.count_query), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            with pytest.raises(DatabaseError):
                cursor.execute("SELECT nothing FROM nowhere")
        transaction.set_rollback(True)
    assert read(counting)["tracker_database_query_seconds_count",] == before + 2


def test_tasks_are_counted_by_name_and_outcome(counting: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(metrics.connection_created, "connect", lambda *args, **kwargs: None)
    metrics.start_counting()
    before = read(counting)
    forget.apply()
    after = read(counting)
    signals.task_prerun.disconnect(dispatch_uid="tracker.metrics")
    signals.task_postrun.disconnect(dispatch_uid="tracker.metrics")
    for name in (
        ("tracker_tasks_total", "success", forget.name),
        ("tracker_task_seconds_count", forget.name),
    ):
        assert after[name] == before.get(name, 0) + 1


def test_the_ledger_is_told_in_four_queries(
    counting: Client, django_assert_num_queries: Any, settings: Any, clock: Any
) -> None:
    settings.REMINDERS_APPROVAL = "required"
    now = timezone.now()
    clock.move_to(now, tick=False)  # otherwise the age would grow during the test
    for code in ("NOR", "FIN", "BEN"):
        state = factories.a_state(code)
        factories.joins(state, on="2020-10-22")
        factories.a_contact(state, email=f"{code.lower()}@example.org")
        factories.derive("2026-11-22", state)
    plan(now.date())
    Reminder.objects.filter(recipient="nor@example.org").update(state="dead")
    ScanRun.objects.create(started_at=now - timedelta(hours=3), finished_at=now - timedelta(hours=3))
    with django_assert_num_queries(4):
        told = read(counting)
    assert told["tracker_reminders", "held"] == 4
    assert told["tracker_reminders", "dead"] == 2
    assert told["tracker_reminders", "sent"] == 0
    assert told["tracker_dispatches", "dead"] == 0
    assert told["tracker_scan_age_seconds",] == 10_800
    assert ("tracker_mail_age_seconds",) not in told  # none has been sent
    assert {key[1]: n for key, n in told.items() if key[0] == "tracker_stuck"} == {
        "no scan": 1, "scan broken off": 0, "clock": 0, "scan in the future": 0, "dated ahead": 0,
        "mail server": 0, "mail refused": 0, "mailbox": 0, "unsent": 0, "failing": 0, "dead": 1, "unknown": 0,
        "papers unsent": 0, "papers dead": 0, "papers unknown": 0,
    }  # fmt: skip
    assert told["tracker_tasks_of_staff_open",] == 0
    assert told["tracker_database_up",] == 1


def test_the_build_is_named() -> None:
    from tracker import VERSION

    written = Path("pyproject.toml").read_text()
    assert f'version = "{VERSION}"' in written


def test_a_database_that_is_away_leaves_the_counts(counting: Client, monkeypatch: Any) -> None:
    def away(*args: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr("tracker.web.ops.metrics.watch.look", away)
    told = read(counting)
    assert told["tracker_database_up",] == 0
    assert ("tracker_reminders", "held") not in told


def test_the_command_prints_the_same_text(capsys: Any) -> None:
    call_command("metrics")
    told = figures(capsys.readouterr().out)
    assert told["tracker_reminders", "planned"] == 0


@pytest.mark.parametrize("written", ["short", "x" * 19, "a" * 20 + " b", "é" * 30])
def test_a_token_that_can_be_guessed_stops_the_start(written: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("METRICS_TOKEN", written)
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.read("METRICS_TOKEN", environment.token)
    assert str(refused.value) == (
        "METRICS_TOKEN is not understood; write 20 or more random characters, without spaces."
    )


def test_a_folder_that_cannot_be_made_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        ImproperlyConfigured, match=r"^PROMETHEUS_MULTIPROC_DIR: .* cannot be made \(Not a directory\)"
    ):
        metrics_folder.prepare(str(tmp_path / "file" / "counts"), tmp_path, wanted=False)


def test_a_folder_of_another_account_stops_the_start_with_one_line() -> None:
    mine = os.geteuid()
    if mine == 0:
        os.seteuid(65534)  # root may write anywhere
    try:
        with pytest.raises(ImproperlyConfigured) as refused:
            metrics_folder.prepare("", Path("/usr"), wanted=True)
    finally:
        os.seteuid(mine)
    assert str(refused.value) == (
        "PROMETHEUS_MULTIPROC_DIR: /usr belongs to another account; name a folder that this user may write to."
    )


@pytest.fixture
def shared(monkeypatch: Any, settings: Any, tmp_path: Path) -> Path:
    """A folder in which counts are stored, as with several processes."""
    settings.METRICS_DIR = tmp_path / "counts"
    settings.METRICS_DIR.mkdir()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(settings.METRICS_DIR))
    monkeypatch.setattr(values, "ValueClass", values.MultiProcessValue())
    monkeypatch.setattr(metrics, "_room", metrics._Room())
    monkeypatch.setattr(
        metrics, "requests", Counter("shared_requests", "…", metrics.requests._labelnames, registry=None)
    )
    return Path(settings.METRICS_DIR)


def test_a_folder_that_is_gone_breaks_no_page(counting: Client, shared: Path, caplog: Any) -> None:
    shared.rmdir()
    metrics._warn_once.cache_clear()
    for _ in range(2):
        assert counting.get("/healthz/live").status_code == 200
    told = [one.getMessage() for one in caplog.records if one.name == "tracker.metrics"]
    assert len(told) == len(set(told)) == 2  # each reason once: it has no disk, and takes no file
    assert all("counts for Prometheus are being lost: FileNotFoundError:" in one for one in told)
    assert read(counting)["tracker_database_up",] == 1
    counting.get("/healthz/live")  # the folder is there again
    assert read(counting)["shared_requests_total", "GET", "healthz-live", "2xx"] == 1


def test_on_a_full_disk_nothing_is_counted_as_that_would_kill_the_process(
    counting: Client, shared: Path, monkeypatch: Any, caplog: Any
) -> None:
    monkeypatch.setattr(metrics_folder, "LEAST_ROOM", math.inf)
    metrics._warn_once.cache_clear()
    assert counting.get("/healthz/live").status_code == 200
    (shared / "counter_999999999.db").write_bytes(bytes(1 << 16))  # of one that has ended
    assert read(counting)["tracker_database_up",] == 1
    assert [path.name for path in shared.iterdir()] == ["counter_999999999.db"]
    assert f"counts for Prometheus are being lost: the disk of {shared} is full" in caplog.text
    name = metrics_folder.NAME
    assert metrics_folder.prepare(str(shared), shared, wanted=True) is None
    assert name not in os.environ
    assert f"{name}: the disk of {shared} is full" in caplog.text


def test_reading_leaves_nothing_that_shuts_another_account_out(shared: Path) -> None:
    with metrics.counted() as counted:
        list(counted.collect())
    assert list(shared.iterdir()) == []


def test_a_host_where_nobody_reads_counts_none(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    assert metrics_folder.prepare("", tmp_path / "a", wanted=False) is None
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ
    assert not (tmp_path / "a").exists()


def test_the_alarms_ask_for_metrics_and_labels_that_exist_and_are_documented(counting: Client) -> None:
    """`make rehearsal` tries them with Prometheus's own tool."""
    now = timezone.now()
    ScanRun.objects.create(started_at=now, finished_at=now)
    counting.get("/healthz/live")
    metrics.tasks.labels("tests", "failure").inc()
    held = f'tracker_reminders{{state="{ReminderState.HELD.value}"}}'
    text = scrape(counting).content.decode()
    known = {
        sample.name: set(sample.labels)
        for one in text_string_to_metric_families(text)
        for sample in one.samples
    }
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    rules = {rule["alert"]: rule["expr"] for rule in group["rules"]}
    for alert, expression in rules.items():
        for name, labels in re.findall(r"(tracker_\w+)(?:{([^}]*)})?", expression):
            assert name in known, alert
            assert set(re.findall(r"(\w+)=", labels)) <= known[name], alert
        for by in re.findall(r"by \((\w+)\)", expression):
            assert any(by in known[name] for name in re.findall(r"tracker_\w+", expression)), alert
    assert held in rules["TrackerMailAwaitsApproval"]
    documented = re.findall(r"^\| `(Tracker\w+)` \|", OPERATIONS.read_text(), re.MULTILINE)
    tried = re.findall(r"alertname: (\w+)", TRIED.read_text())
    assert documented == list(rules)
    assert set(tried) == set(rules)
