"""Counts of several processes: added up while they run, and stored after they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.reminders.test_worker import ROOT, a_worker, database_url, wait_until
from tests.web.ops.test_metrics import TOKEN, Figures, figures
from tracker import logs
from tracker.celery import app

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "counts"


@pytest.fixture
def server(tmp_path: Path, folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Gunicorn with two processes, on a port of its own; its address and its first process. All lines are JSON."""
    words = [
        "-m",
        "gunicorn",
        "tracker.wsgi",
        "--bind",
        "127.0.0.1:0",
        "--workers",
        "2",
        "--no-control-socket",
    ]
    log, config = tmp_path / "web.log", tmp_path / "gunicorn.conf.py"
    config.write_text("from tracker.logs import configuration\nlogconfig_dict = configuration('json')\n")
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, *words, "--config", str(config)],
            cwd=ROOT,
            env=os.environ
            | {"DATABASE_URL": database_url(), "METRICS_TOKEN": TOKEN, "LOG_FORMAT": "json"}
            | {"PROMETHEUS_MULTIPROC_DIR": str(folder)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until(lambda: log.read_text().count("Booting worker") == 2, log)
        yield log.read_text().split("Listening at: ")[1].split()[0], process
    finally:
        process.terminate()
        process.wait(20)
    told = [json.loads(line)["logger"] for line in log.read_text().splitlines()]
    assert {"gunicorn.error", "tracker.web.ops.requests"} <= set(told)


def get(address: str, token: str = "") -> tuple[int, str]:
    asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"} if token else {})  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def read(address: str) -> Figures:
    return figures(get(address + "/metrics", TOKEN)[1])


def workers_of(process: subprocess.Popen[bytes]) -> set[int]:
    return set(map(int, Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()))


@pytest.mark.more
def test_counts_of_all_processes_are_added_up_and_outlive_them(server: Any, folder: Path) -> None:
    address, process = server
    at_first = workers_of(process)
    for _ in range(12):
        assert get(address + "/login/")[0] == 200
    login = ("tracker_requests_total", "GET", "login", "2xx")
    assert read(address)[login] == 12
    ended = min(at_first)
    os.kill(ended, signal.SIGTERM)
    deadline = time.perf_counter() + 20
    while ended in workers_of(process) or len(workers_of(process)) < 2:
        assert time.perf_counter() < deadline
        time.sleep(0.05)
    told = read(address)
    assert told[login] == 12
    assert told["tracker_request_seconds_count", "login"] == 12
    assert told["tracker_request_seconds_bucket", "+Inf", "login"] == 12
    assert told["tracker_database_query_seconds_count",] > 0
    assert {path.name for path in folder.glob("*_0.db")} == {"counter_0.db", "histogram_0.db"}
    assert not list(folder.glob(f"*_{ended}.db"))
    assert get(address + "/login/")[0] == 200
    assert read(address)[login] == 13


@pytest.mark.more
def test_a_worker_tells_its_tasks_in_log_and_counts_without_a_web_server(
    folder: Path, tmp_path: Path, settings: Any, capsys: Any
) -> None:
    log, here = tmp_path / "log", {"PROMETHEUS_MULTIPROC_DIR": str(folder), "LOG_FORMAT": "json"}

    def told() -> list[dict[str, Any]]:
        return [json.loads(line) for line in lines() if line.startswith("{")]

    def lines() -> list[str]:
        return log.read_text().splitlines()

    with a_worker("counted", log, **here):
        with logs.about(logs.LogContext(request_id="7f3a-12")):
            sent = [
                app.send_task("tracker.web.tasks.check_file", ("not-a-number",), queue="counted").id
                for _ in range(2)
            ]
        wait_until(lambda: [line["level"] for line in told()].count("ERROR") == 2, log)
        # After Celery's banner each line is one object, until its last message.
        first = next(at for at, line in enumerate(lines()) if line.startswith("{"))
        assert [line for line in lines()[first:] if not line.startswith("{")] == []
    failed = [line for line in told() if line["level"] == "ERROR"]
    assert [line["task_id"] for line in failed] == sent
    assert {(line["request_id"], line["task"]) for line in failed} == {
        ("7f3a-12", "tracker.web.tasks.check_file")
    }
    assert failed[0]["exception"].startswith("Traceback")
    settings.METRICS_DIR = folder
    call_command("metrics")
    assert (
        figures(capsys.readouterr().out)["tracker_tasks_total", "failure", "tracker.web.tasks.check_file"]
        == 2
    )
