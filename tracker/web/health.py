"""`/healthz`: for a monitor, which has no account here."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.reminders import watch
from tracker.web.broker import broker_answers


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """Whether database and broker answer, 503 if one of them does not; and when the machinery last did something.

    `last_scan` is the end of the last scan, which beat asks for every hour, and `last_send` the last reminder that
    a mail server took: ISO 8601 in UTC, or null. Whether they are too long ago is for `manage.py watch` to say:
    this web server is not to be taken out of service for it.
    """
    found = {"database": _database_answers(), "broker": broker_answers()}
    seen = _seen() if found["database"] else watch.Watched()
    parts = {part: "ok" if answers else "no answer" for part, answers in found.items()}
    last = {"last_scan": seen.scan_ended, "last_send": seen.last_sent}
    times = {name: at.isoformat(timespec="seconds") if at else None for name, at in last.items()}
    return JsonResponse(parts | times, status=200 if all(found.values()) else 503)


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
    except DatabaseError:  # it answers, but its tables have not been made yet
        return watch.Watched()
