"""Under /public/ cookies are neither read nor set."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tracker.web.languages.addresses import PUBLIC


class WithoutCookiesMiddleware:
    """Runs before everything that reads a session, so that caches can serve one response to everybody.

    Otherwise an expired session would set a cookie, and pages would depend on the visitor.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not (settings.PUBLIC_VIEW and request.path_info.startswith(PUBLIC)):
            return self.get_response(request)
        request.COOKIES = {}
        answer = self.get_response(request)
        answer.cookies.clear()
        # The user is already known to be anonymous.
        others = [name for name in answer.headers.get("Vary", "").split(", ") if name not in ("", "Cookie")]
        answer.headers.pop("Vary", None)
        if others:
            answer.headers["Vary"] = ", ".join(others)
        return answer
