"""`/healthz`: for monitoring and load balancers, without an account."""

from __future__ import annotations

from functools import cache

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.broker import broker_answers
from tracker.reminders import watch


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """Whether database and broker answer (503 if not), and when the last scan and the last mail were.

    `last_scan` is the end of the last hourly scan and `last_send` the last reminder that a mail server accepted: ISO
    8601 in UTC, or null. `manage.py watch` says whether they are too old; that is no reason to take this web server
    out of service.
    """
    found = {"database": _database_answers(), "broker": broker_answers()}
    seen = _seen() if found["database"] else watch.Watched()
    parts = {part: "ok" if answers else "no answer" for part, answers in found.items()}
    last = {"last_scan": seen.scan_ended, "last_send": seen.last_sent}
    times = {name: at.isoformat(timespec="seconds") if at else None for name, at in last.items()}
    return JsonResponse(parts | times, status=200 if all(found.values()) else 503)


@require_safe
@login_not_required
def live(request: HttpRequest) -> JsonResponse:
    """200 while this process answers; checks neither database nor broker.

    Restart a process that does not answer; do not restart one because its database is away.
    """
    return JsonResponse({"process": "ok"})


@require_safe
@login_not_required
def ready(request: HttpRequest) -> JsonResponse:
    """503 with the reason unless the database answers and has all migrations of this code.

    The broker is not checked, because all pages work without it.
    """
    told = {"database": "ok", "migrations": "ok", "broker": "not checked, because pages work without it"}
    try:
        missing = _migrations() - MigrationRecorder(connection).applied_migrations().keys()
    except DatabaseError:
        reason = "The database does not answer."
        told |= {"database": "no answer", "migrations": "not known", "reason": reason}
        return JsonResponse(told, status=503)
    if missing:
        names = ", ".join(f"{app}.{name}" for app, name in sorted(missing))
        told |= {"migrations": "missing", "reason": f"Run manage.py migrate: {names} not applied."}
    return JsonResponse(told, status=503 if missing else 200)


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """The migrations of this code, by app and name."""
    return frozenset(MigrationLoader(None).graph.nodes)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _seen() -> watch.Watched:
    try:
        return watch.look(timezone.now())
    except DatabaseError:  # the database answers, but has no tables yet
        return watch.Watched()
