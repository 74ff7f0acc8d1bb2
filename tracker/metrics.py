"""Metrics for Prometheus that every process counts: requests, queries, tasks. The processes of a host share a folder.

Labels are names from the code (routes, tasks, methods, outcomes), so that no request can create new ones.
Import this module after the settings: prometheus_client chooses at its import where it counts.
"""

from __future__ import annotations

import fcntl
import logging
import math
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from celery import signals
from django.conf import settings
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from tracker import metrics_folder

log = logging.getLogger(__name__)

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
# Pages take tenths of a second, queries thousandths, tasks minutes.
PAGE_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
QUERY_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5)
TASK_SECONDS = (0.1, 0.5, 1, 5, 15, 60, 300, 900)

requests = Counter("tracker_requests", "Requests answered.", ["route", "method", "status"])
request_seconds = Histogram(
    "tracker_request_seconds", "Time until a response begins.", ["route"], buckets=PAGE_SECONDS
)
query_seconds = Histogram(
    "tracker_database_query_seconds", "Time of a database query.", buckets=QUERY_SECONDS
)
tasks = Counter("tracker_tasks", "Tasks that have ended.", ["task", "outcome"])
task_seconds = Histogram("tracker_task_seconds", "Time of a task.", ["task"], buckets=TASK_SECONDS)


# --- counting --------------------------------------------------------------------------------


@contextmanager
def _never_failing() -> Iterator[None]:
    """Lets requests and tasks go on if the folder is full, was emptied or cannot be written."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the library fails in many ways once its file is gone
        _warn_once(f"{type(error).__name__}: {error}")


class _Room:
    """Whether the disk of the folder has room, checked every few seconds.

    prometheus_client writes to mapped memory: a full disk raises no error there, but kills the process.
    """

    EVERY = 5  # seconds

    def __init__(self) -> None:
        self.until, self.found = -math.inf, True

    def is_there(self) -> bool:
        if settings.METRICS_DIR is not None and (now := time.monotonic()) >= self.until:
            self.until = now + self.EVERY
            with _never_failing():
                self.found = metrics_folder.has_room(settings.METRICS_DIR)
                if not self.found:
                    _warn_once(f"the disk of {settings.METRICS_DIR} is full")
        return self.found


_room = _Room()


@cache
def _warn_once(what: str) -> None:
    log.warning("counts for Prometheus are being lost: %s", what)


def count_request(request: HttpRequest, answer: HttpResponse, seconds: float) -> None:
    """Counts a request by route, method and class of status, such as 4xx.

    The route of static files is `static`; that of an unknown address is `none`.
    """
    found = request.resolver_match
    route = (found.view_name if found else "") or "none"
    if found is None and answer.status_code < 400 and request.path.startswith(settings.STATIC_URL):
        route = "static"
    method = request.method if request.method in METHODS else "other"
    if not _room.is_there():
        return
    with _never_failing():
        requests.labels(route, method, f"{answer.status_code // 100}xx").inc()
        request_seconds.labels(route).observe(seconds)


def count_query(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """Runs a query of Django and measures its time, also if it fails."""
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        if _room.is_there():
            with _never_failing():
                query_seconds.observe(time.perf_counter() - began)


def _opened(connection: Any, **kwargs: Any) -> None:
    if count_query not in connection.execute_wrappers:
        # First in the list: code that wraps queries for a while removes the last one afterwards.
        connection.execute_wrappers.insert(0, count_query)


def _task_begins(task: Any, **kwargs: Any) -> None:
    task.request.began = time.perf_counter()


def _task_ended(task: Any, state: str | None = None, **kwargs: Any) -> None:
    if not _room.is_there():
        return
    with _never_failing():
        tasks.labels(task.name, (state or "unknown").lower()).inc()
        if began := getattr(task.request, "began", None):
            task_seconds.labels(task.name).observe(time.perf_counter() - began)


def start_counting() -> None:
    """Starts counting the queries and tasks of this process; safe to call again."""
    connection_created.connect(_opened, dispatch_uid="tracker.metrics")
    signals.task_prerun.connect(_task_begins, weak=False, dispatch_uid="tracker.metrics")
    signals.task_postrun.connect(_task_ended, weak=False, dispatch_uid="tracker.metrics")


# --- reading ---------------------------------------------------------------------------------

OF_PROCESS = re.compile(r"(?P<type>counter|histogram)_(?P<pid>[0-9]+)\.db")
OF_THE_ENDED = "0"  # no process has this number


@contextmanager
def counted() -> Iterator[Collector]:
    """The metrics of all processes of this host, running and ended.

    The files of ended processes are added up in one file. Otherwise every restart would leave more files to read, and
    deleting them would make the counters fall.
    """
    folder = settings.METRICS_DIR
    if folder is None:
        yield REGISTRY  # no folder is shared
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # somebody may have deleted it
    # The lock is on the folder itself: a lock file made by root would keep all others out.
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if metrics_folder.has_room(folder):
            _add_up_the_ended(folder)
        yield MultiProcessCollector(CollectorRegistry(), str(folder))
    finally:
        os.close(lock)


def _add_up_the_ended(folder: Path) -> None:
    for kind in ("counter", "histogram"):
        ended = [path for path in folder.glob(f"{kind}_*.db") if _has_ended(path)]
        if not ended:
            continue
        total, new = folder / f"{kind}_{OF_THE_ENDED}.db", folder / f"new_{kind}"
        files = [str(path) for path in (total, *ended) if path.exists()]
        merged = MultiProcessCollector.merge(files, accumulate=False)
        new.unlink(missing_ok=True)
        written = MmapedDict(str(new))
        for metric in merged:
            for sample in metric.samples:
                names, values = list(sample.labels), list(sample.labels.values())
                key = mmap_key(metric.name, sample.name, names, values, metric.documentation)
                written.write_value(key, sample.value, 0.0)
        written.close()
        new.replace(total)
        for path in ended:
            path.unlink()


def _has_ended(path: Path) -> bool:
    found = OF_PROCESS.fullmatch(path.name)
    if found is None or found["pid"] == OF_THE_ENDED:
        return False
    try:
        os.kill(int(found["pid"]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
