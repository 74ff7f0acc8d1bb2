"""Gives each request an id, by which its lines in the log are found, writes one line about it, and counts it."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tracker import logs

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9-]{1,64}")
# Asked by machines every few seconds, about nothing that anybody will look for.
UNTOLD = ("/healthz", "/metrics")

log = logging.getLogger(__name__)


def id_of(request: HttpRequest) -> str:
    """The id that a proxy of our own has given the request, else a new one.

    Without a proxy the header comes from whoever asks, who could give many requests one id, or that of somebody else.
    """
    given = request.headers.get(HEADER, "")
    if settings.PROXIES and WELL_FORMED.fullmatch(given):
        return given
    return secrets.token_hex(8)


class RequestMiddleware:
    """The outermost: what goes wrong in the others has an id too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.count: Callable[[HttpRequest, HttpResponse, float], None] | None = None
        if settings.METRICS_DIR or settings.METRICS_TOKEN:
            from tracker.metrics import count_request  # where nobody reads the counts, none are made

            self.count = count_request

    def __call__(self, request: Any) -> HttpResponse:
        began = time.perf_counter()
        request.request_id = id_of(request)
        with logs.about(logs.Asked(request_id=request.request_id, request=request)):
            answer = self.get_response(request)
            answer.headers[HEADER] = request.request_id
            seconds = time.perf_counter() - began
            if self.count:
                self.count(request, answer, seconds)
            if log.isEnabledFor(logging.INFO) and not request.path.startswith(UNTOLD):
                self.tell(request, answer.status_code, seconds)
        return answer

    def tell(self, request: HttpRequest, status: int, seconds: float) -> None:
        """The line. The query is not in it: it may hold what somebody looked for, or the secret of a calendar.

        The time is that until the answer begins; a file that is made while it is sent takes longer.
        """
        path = logs.without_secrets(request.path)
        along = {
            "method": request.method,
            "path": path,
            "status": status,
            "milliseconds": round(seconds * 1000, 1),
        }
        log.info("%s %s %d", request.method, path, status, extra=along)
