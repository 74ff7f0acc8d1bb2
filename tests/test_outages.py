"""What is wrong around the tracker is said in one line, by every process."""

from __future__ import annotations

import errno
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.exceptions import ImproperlyConfigured, SuspiciousOperation
from django.db import OperationalError
from django.db.utils import load_backend

from tracker import environment
from tracker.outages import InOneLine, explain

ROOT = Path(__file__).resolve().parent.parent
FULL = Path("/dev/full")
CLOSED = "postgresql://a:secret@127.0.0.1:1/x"


def connect(url: str) -> Any:
    """A connection of Django's to a database of its own."""
    from django.db import connections

    own = connections["default"].settings_dict | environment.database.value("DATABASE_URL", url)
    return load_backend(own["ENGINE"]).DatabaseWrapper(own, "outage")


def no_server(folder: Path) -> None:
    connect(CLOSED).ensure_connection()


def no_folder(folder: Path) -> None:
    connect(f"sqlite:///{folder}/none/db.sqlite3").ensure_connection()


def full_database(folder: Path) -> None:
    opened = connect(f"sqlite:///{folder}/db.sqlite3")
    try:
        with opened.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 2")
            cursor.execute("CREATE TABLE a (b)")
            cursor.execute("INSERT INTO a VALUES (zeroblob(100000))")
    finally:
        opened.close()


def full_disk(folder: Path) -> None:
    FULL.write_text("x")


def no_broker(folder: Path) -> None:
    redis.Redis.from_url(f"unix://{folder}/broker.sock").ping()


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        (no_server, "The database does not answer (connection failed: "),
        (no_folder, "The database file "),
        (full_database, "The disk of the database is full or broken (database or disk is full). Free "),
        (full_disk, "The disk is full. Free some space, then try again."),
        (no_broker, "The broker does not answer ("),
    ],
)
def test_an_outage_is_explained_in_one_line(
    broken: Callable[[Path], None], line: str, tmp_path: Path, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock(), pytest.raises(Exception) as found:  # noqa: PT011 - of many kinds
        broken(tmp_path)
    said = explain(found.value)
    assert said.startswith(line)
    assert "\n" not in said
    assert "secret" not in said
    record = logging.LogRecord(
        "x", logging.ERROR, "", 0, "Task %s failed:\nmore", ("one",), (found.type, found.value, None)
    )
    assert InOneLine().filter(record)
    assert (record.getMessage(), record.exc_info) == (f"Task one failed: {said}", None)


@pytest.mark.parametrize(
    "error", [ValueError("x"), OSError(errno.ENOENT, "x"), OperationalError("deadlock detected")]
)
def test_an_error_of_the_program_keeps_its_traceback(error: Exception) -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", (), (type(error), error, None))
    assert InOneLine().filter(record)
    assert explain(error) == ""
    assert record.exc_info


def test_a_refused_request_has_no_traceback() -> None:
    error = SuspiciousOperation("x")
    record = logging.LogRecord(
        "django.security.SuspiciousOperation", logging.ERROR, "", 0, "x", (), (type(error), error, None)
    )
    assert InOneLine().filter(record)
    assert record.exc_info is None


def test_a_key_that_does_not_fit_on_the_disk_leaves_no_empty_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_a_full_disk(descriptor: int, mode: str) -> Any:
        os.close(descriptor)
        return FULL.open(mode)

    monkeypatch.setattr(os, "fdopen", on_a_full_disk)
    with pytest.raises(ImproperlyConfigured, match="No space left on device"):
        environment.secret_key("", tmp_path / "secret_key")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.more
@pytest.mark.parametrize(
    ("words", "settings", "line"),
    [
        (["manage.py", "migrate"], {"DATABASE_URL": CLOSED}, "manage.py: The database does not answer ("),
        (["manage.py", "status"], {"DATABASE_URL": CLOSED}, "CommandError: The database does not answer ("),
        (["-m", "celery", "--app", "tracker", "worker"], {"PORT": "x"}, "celery: PORT is not understood; "),
        (["-m", "celery", "--app", "tracker", "beat"], {"PORT": "x"}, "celery: PORT is not understood; "),
        (
            ["-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "tracker.wsgi"],
            {"PORT": "x"},
            "PORT is not ",
        ),
    ],
)
def test_every_process_says_in_one_line_why_it_does_not_start(
    words: list[str], settings: dict[str, str], line: str
) -> None:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=os.environ | settings,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode
    assert done.stderr.startswith(line)
    assert done.stderr.count("\n") == 1
