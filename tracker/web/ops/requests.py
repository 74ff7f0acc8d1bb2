"""Gives each request an id for the log, logs it in one line, and counts it."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.exception import response_for_exception
from django.http import HttpRequest, HttpResponse

from tracker import logs, proxies

HEADER = "X-Request-ID"
ROOM_FOR_THE_FORM = 1_000_000  # bytes; deploy/nginx/tracker.conf leaves as much
OF_PAPERS = "/correspondence/"  # files of papers may be larger
WELL_FORMED = re.compile(r"[A-Za-z0-9-]{1,64}")
# Not logged: machines request these every few seconds.
UNTOLD = ("/healthz", "/metrics")

log = logging.getLogger(__name__)


def id_of(request: HttpRequest) -> str:
    """The id that our own proxy gave the request, else a new one.

    Without a proxy, the client could send any id.
    """
    given = request.headers.get(HEADER, "")
    if settings.PROXIES and WELL_FORMED.fullmatch(given):
        return given
    return secrets.token_hex(8)


class UploadTooBig(RequestDataTooBig):
    """A request is larger than any file that may be uploaded there; nothing of it was read.

    Attributes:
        most: the largest file, in bytes.
    """

    def __init__(self, most: int) -> None:
        super().__init__("The request is larger than any file that may be uploaded.")
        self.most = most


def check_length(request: HttpRequest) -> None:
    """Refuses a request by the length that it announces: Django would store the whole file first.

    Without a length nothing is read.

    Raises:
        UploadTooBig: it is too large.
    """
    announced = request.META.get("CONTENT_LENGTH") or ""
    most = settings.PAPER_MAX_BYTES if request.path.startswith(OF_PAPERS) else settings.IMPORT_MAX_BYTES
    if announced.isdecimal() and int(announced[:20]) > most + ROOM_FOR_THE_FORM:
        raise UploadTooBig(most)


class RequestMiddleware:
    """The outermost middleware, so that errors in the others have an id too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.count: Callable[[HttpRequest, HttpResponse, float], None] | None = None
        if settings.METRICS_DIR or settings.METRICS_TOKEN:
            from tracker.metrics import count_request  # only if somebody reads the counters

            self.count = count_request

    def __call__(self, request: Any) -> HttpResponse:
        began = time.perf_counter()
        request.request_id = id_of(request)
        proxies.note(request.META)
        with logs.about(logs.LogContext(request_id=request.request_id, request=request)):
            try:
                check_length(request)
                answer = self.get_response(request)
            except UploadTooBig as error:
                answer = response_for_exception(request, error)
            answer.headers[HEADER] = request.request_id
            seconds = time.perf_counter() - began
            if self.count:
                self.count(request, answer, seconds)
            if log.isEnabledFor(logging.INFO) and not request.path.startswith(UNTOLD):
                self.tell(request, answer.status_code, seconds)
        return answer

    def tell(self, request: HttpRequest, status: int, seconds: float) -> None:
        """Logs the request without its query, which may contain a search or the secret of a calendar.

        The time runs until the answer begins; a streamed file takes longer.
        """
        path = logs.without_secrets(request.path)
        along = {
            "method": request.method,
            "path": path,
            "status": status,
            "milliseconds": round(seconds * 1000, 1),
        }
        log.info("%s %s %d", request.method, path, status, extra=along)
