"""Log lines: they belong to a request or a task, hold no secrets, and have two formats (LOG_FORMAT)."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger import json as json_logger

# Addresses with a secret, in the path or in the query.
LINK = re.compile(r"(/(?:answer|confirm|welcome/[^/\s]+)/+)[^/\s\"'?]+|(\.ics\?|/digest/off/\?)[^\s\"']+")
# Extra fields of a request's line. All others are left out: Django adds the request with its query, Celery the
# arguments of a task.
ALONG = ("method", "path", "status", "milliseconds")


@dataclass
class LogContext:
    """The request or the task of a line.

    Attributes:
        request_id: id of the request, also in a task that it started.
        request: the request itself, from which the user is read.
    """

    request_id: str = ""
    request: Any = None
    task_id: str = ""
    task: str = ""


_context: ContextVar[LogContext | None] = ContextVar("log_context", default=None)


def current() -> LogContext:
    """The request or task of this thread."""
    return _context.get() or LogContext()


def context_of(record: logging.LogRecord) -> LogContext:
    """The request or task of a line. Django logs a refusal after the request, and adds the request to the line."""
    request = getattr(record, "request", None)
    number = getattr(request, "request_id", "")
    return (
        LogContext(request_id=number, request=request) if number and not current().request_id else current()
    )


@contextmanager
def about(what: LogContext) -> Iterator[None]:
    """Adds one request or task to all lines of this thread in the block."""
    before = _context.set(what)
    try:
        yield
    finally:
        _context.reset(before)


def begin(what: LogContext | None) -> None:
    """As `about`, for a beginning and an end in two calls; None ends it."""
    _context.set(what)


def user_of(request: Any) -> int | None:
    """The key of the user of a request, if it was read already: reading it here would take another query."""
    user = getattr(request, "user", None)
    known = getattr(user, "_wrapped", user)  # a SimpleLazyObject that was not read yet holds an object()
    return getattr(known, "pk", None)


def without_secrets(text: str) -> str:
    """The text without the secrets in the addresses of pages for answers, calendar feeds and unsubscribe links."""
    return LINK.sub(lambda found: f"{found[1] or found[2]}…", text)


class WithoutLinks(logging.Filter):
    """Removes the secrets in addresses, anywhere in a line."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            said = record.getMessage()
        except (TypeError, ValueError, LookupError):
            # A library gave arguments that do not fit its message. Raising here would break the request or task.
            said = f"{record.msg} {record.args}"
            record.msg, record.args = said, None
        if LINK.search(said):
            record.msg, record.args = without_secrets(said), None
        return True


class LineFormatter(logging.Formatter):
    """A line for people, in UTC, with the id of its request."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        number = context_of(record).request_id
        record.about = f" [{number}]" if number else ""
        return without_secrets(super().format(record))  # no filter has seen the text of an exception


class JsonFormatter(json_logger.JsonFormatter):
    """A line for programs: one JSON object, with an exception in one field.

    Absent fields are left out. A user appears as the key of the account, never by name or address.
    """

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        now = context_of(record)
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
        # ASCII only: some programs take other characters, which an address may contain, for the end of a line.
        return json.dumps(log_data, default=str)


def configuration(form: str) -> dict[str, Any]:
    """The configuration of logging for `dictConfig`.

    Args:
        form: "line" for people, "json" for programs. Only "json" has a line for each request: on a terminal they would
            hide everything else.
    """
    loggers: dict[str, Any] = {
        "tracker": {"level": "INFO"},
        "tracker.web.ops.requests": {"level": "INFO" if form == "json" else "WARNING"},
    }
    if form == "json":  # with "line", gunicorn keeps its own format
        loggers["gunicorn.error"] = {"level": "INFO", "handlers": ["console"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "outages in one line": {"()": "tracker.outages.InOneLine"},
            "no links": {"()": "tracker.logs.WithoutLinks"},
        },
        "formatters": {
            "line": {
                "()": "tracker.logs.LineFormatter",
                "format": "%(asctime)s %(levelname)s %(name)s%(about)s: %(message)s",
            },
            "json": {"()": "tracker.logs.JsonFormatter"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": form,
                "filters": ["outages in one line", "no links"],
            }
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": loggers,
    }
