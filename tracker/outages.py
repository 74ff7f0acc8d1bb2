"""What is wrong around the tracker, in one line: a full disk, no database, no broker.

A traceback through our code would help nobody who has to mend it.
"""

from __future__ import annotations

import errno
import logging
import os

from django.utils.translation import gettext as _

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# Classes of PostgreSQL's codes: no connection, stopped by an operator. Without a code it was never reached.
UNREACHED = ("08", "57P")
DISK_FULL, TOO_MANY_CONNECTIONS = "53100", "53300"


def explain(error: BaseException | None) -> str:
    """What failed and what to do, in one line; empty for an error of the program itself."""
    while error is not None:
        if line := _line(error):
            return line
        error = error.__cause__
    return ""


def _line(error: BaseException) -> str:
    # Imported here, since log lines are formatted before the settings are complete.
    import kombu.exceptions
    import redis
    from django.db import InterfaceError, OperationalError

    if isinstance(error, OperationalError | InterfaceError):
        return _of_database(error)
    if isinstance(error, redis.ConnectionError | redis.TimeoutError | kombu.exceptions.OperationalError):
        return _("The broker does not answer (%(reason)s). Does it run, and does REDIS_URL name it?") % {
            "reason": first_line(error)
        }
    if isinstance(error, OSError) and error.errno in FULL:
        place = f" ({os.fsdecode(error.filename)})" if isinstance(error.filename, str | bytes) else ""
        return _("The disk is full%(place)s. Free some space, then try again.") % {"place": place}
    return ""


def _of_database(error: BaseException) -> str:
    reason, code = first_line(error), getattr(error.__cause__, "sqlstate", None)
    # SQLite answers "disk I/O error" when the files beside the database cannot grow.
    if code == DISK_FULL or reason in ("database or disk is full", "disk I/O error"):
        return _(
            "The disk of the database is full or broken (%(reason)s). Free some space, then try again."
        ) % {"reason": reason}
    if code == TOO_MANY_CONNECTIONS:
        return _("PostgreSQL has no free connection (%(reason)s). Raise max_connections.") % {
            "reason": reason
        }
    if "unable to open database file" in reason or "readonly database" in reason:
        from django.conf import settings

        return _(
            "The database file %(file)s cannot be opened or written. Does its folder exist, and does it belong to "
            "this user?"
        ) % {"file": settings.DATABASES["default"]["NAME"]}
    if "database is locked" in reason:
        return _("The database is busy: another program is writing to it. Try again.")
    if type(error.__cause__).__module__.startswith("psycopg") and (
        code is None or code.startswith(UNREACHED)
    ):
        return _("The database does not answer (%(reason)s). Does it run, and does DATABASE_URL name it?") % {
            "reason": reason
        }
    return ""


def first_line(error: BaseException) -> str:
    """The first line of a message, without a full stop."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).strip().rstrip(".")


class InOneLine(logging.Filter):
    """Replaces the traceback of an outage in the log by its line, and drops that of a refused request."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security"):  # the client did something wrong, not the program
            record.exc_info = record.exc_text = None
        if record.exc_info and record.exc_info is not True and (line := explain(record.exc_info[1])):
            said = first_line_of(record)
            record.msg, record.args = f"{said}: {line}", None
            record.exc_info = record.exc_text = None
        return True


def first_line_of(record: logging.LogRecord) -> str:
    """The first line of a log record; Celery adds the traceback to the text."""
    lines = record.getMessage().splitlines()
    return lines[0].rstrip(".:") if lines else record.name
