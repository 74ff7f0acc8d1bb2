"""Lines of the log: what none of them may hold, to which request and task each belongs, and their two forms."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

# Addresses that let in whoever holds them: by their path, or by their query.
LINK = re.compile(r"(/answer/+)[^/\s\"'?]+|(\.ics\?|/digest/off/\?)[^\s\"']+")
# What a line of the log of requests says besides its words; whatever else libraries hang on a line stays out of it,
# for Django hangs the request there, with its query, and Celery the arguments of a task.
ALONG = ("method", "path", "status", "milliseconds")


@dataclass
class Asked:
    """What a line is about: the request that is being answered, the task that is being done.

    Attributes:
        request_id: of the request, also in a task that it gave to a worker.
        request: the request itself, to tell who sent it once that is known.
    """

    request_id: str = ""
    request: Any = None
    task_id: str = ""
    task: str = ""


_asked: ContextVar[Asked | None] = ContextVar("asked", default=None)


def asked() -> Asked:
    """What this thread is at."""
    return _asked.get() or Asked()


def asked_in(record: logging.LogRecord) -> Asked:
    """What a line is about. Django writes of a refusal when the request has been left, and hangs it on the line."""
    request = getattr(record, "request", None)
    number = getattr(request, "request_id", "")
    return Asked(request_id=number, request=request) if number and not asked().request_id else asked()


@contextmanager
def about(what: Asked) -> Iterator[None]:
    """Every line of this thread is about one request or task, until the end of the block."""
    before = _asked.set(what)
    try:
        yield
    finally:
        _asked.reset(before)


def begin(what: Asked | None) -> None:
    """As `about`, where beginning and end are told by two calls; None ends it."""
    _asked.set(what)


def user_of(request: Any) -> int | None:
    """The key of whoever sent a request, if somebody has asked for it by now: asking here would be a query more."""
    user = getattr(request, "user", None)
    known = getattr(
        user, "_wrapped", user
    )  # a SimpleLazyObject that was not looked at yet holds a mere object()
    return getattr(known, "pk", None)


def without_secrets(text: str) -> str:
    """The text without the secret in each address of the page for answers, of a calendar feed, of a digest's end."""
    return LINK.sub(lambda found: f"{found[1] or found[2]}…", text)


class WithoutLinks(logging.Filter):
    """Takes the secret out of each address that lets in whoever holds it, wherever in a line it stands."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            said = record.getMessage()
        except (TypeError, ValueError, LookupError):
            # A library gave other arguments than its words ask for. Raised here it would break off what was being done.
            said = f"{record.msg} {record.args}"
            record.msg, record.args = said, None
        if LINK.search(said):
            record.msg, record.args = without_secrets(said), None
        return True


class Line(logging.Formatter):
    """A line for people. One that belongs to a request holds its id, by which it is found."""

    def format(self, record: logging.LogRecord) -> str:
        number = asked_in(record).request_id
        record.about = f" [{number}]" if number else ""
        return without_secrets(super().format(record))  # an exception's words have passed no filter


class Json(JsonFormatter):
    """A line for programs: one JSON object, an exception in a field of its own.

    Absent fields are left out. A person is told by the key of the account, never by name or address.
    """

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        now = asked_in(record)
        log_data |= {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        more = {
            "request_id": now.request_id,
            "task_id": now.task_id,
            "task": now.task,
            "user_id": user_of(now.request),
            **{name: getattr(record, name, None) for name in ALONG},
            "exception": without_secrets(message_dict.get("exc_info", "")),
        }
        log_data |= {name: value for name, value in more.items() if value not in (None, "")}

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        # In ASCII: some letters end a line for some readers, and an address may hold any of them.
        return json.dumps(log_data, default=str)


def configuration(form: str) -> dict[str, Any]:
    """What `logging.config.dictConfig` takes.

    Args:
        form: "line", for people, or "json", for programs. A line for each request is written in the latter alone:
            whoever reads along on a terminal would see nothing else.
    """
    loggers: dict[str, Any] = {
        "tracker": {"level": "INFO"},
        "tracker.web.ops.requests": {"level": "INFO" if form == "json" else "WARNING"},
    }
    if form == "json":  # gunicorn's lines for people are well as they are, wherever they go
        loggers["gunicorn.error"] = {"level": "INFO", "handlers": ["console"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"no links": {"()": "tracker.logs.WithoutLinks"}},
        "formatters": {
            "line": {
                "()": "tracker.logs.Line",
                "format": "%(asctime)s %(levelname)s %(name)s%(about)s: %(message)s",
            },
            "json": {"()": "tracker.logs.Json"},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["no links"]}
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": loggers,
    }
