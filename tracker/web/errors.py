"""Error pages: what happened, what to do, and where to go next."""

from __future__ import annotations

import logging
import re
import sqlite3
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _, override

from tracker.changes.desk_guard import MOST_NAMED, who_may
from tracker.registry.limits import NotOnDesk
from tracker.registry.names import RecognisedState, StateNames
from tracker.web.accounts.roles import NO_ROLE, READ, administrators
from tracker.web.api.problems import ApiProblem, is_of_api
from tracker.web.languages.choice import of_browser
from tracker.web.ops.requests import UploadTooBig

log = logging.getLogger(__name__)

# What SQLite says when it is locked, full or cannot be reached; anything else is an error of ours.
BUSY = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
)
MEGABYTE = 1024 * 1024
# The first part of addresses that name a State behind it.
STATES = "states"


def _spoken(handler: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Makes a handler answer in the language of the reader, also before the middleware has found it."""

    @wraps(handler)
    def answer(request: HttpRequest, **error: Any) -> HttpResponse:
        if hasattr(request, "language"):
            return handler(request, **error)
        with override(of_browser(request).in_django):
            return handler(request, **error)

    return answer


@_spoken
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 for too much data, such as a long pasted list or a form with too many rows."""
    too_big = isinstance(exception, RequestDataTooBig)
    if is_of_api(request):
        return ApiProblem(
            413 if too_big else 400,
            _("This request cannot be read. Check the host name and the length of the query."),
        ).answer()
    context = {
        "too_big": too_big,
        "most_of_a_file": exception.most // 1_000_000 if isinstance(exception, UploadTooBig) else 0,
        "too_many": isinstance(exception, TooManyFieldsSent | TooManyFilesSent),
        "most_megabytes": f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE / MEGABYTE:.1f}",
        "most_fields": settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
        "administrator": settings.ADMINISTRATOR_EMAIL,
        "number": number_of(request),
    }
    return render(request, "400.html", context, status=413 if too_big else 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: who may do it, and whom to ask."""
    context: dict[str, Any] = {"exception": str(exception), "administrator": settings.ADMINISTRATOR_EMAIL}
    if str(exception) == NO_ROLE:
        context["administrators"] = administrators()
    if isinstance(exception, NotOnDesk):
        states = exception.states
        context |= {"other_desk": True, "states": who_may(states), "more": max(0, len(states) - MOST_NAMED)}
    return render(request, "403.html", context, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: suggests States that the address may mean, and a search."""
    user = getattr(request, "user", None)
    context = named_in(request.path) if user is not None and user.has_perm(READ) else {}
    return render(request, "404.html", context, status=404)


def named_in(path: str) -> dict[str, Any]:
    """The States that an address may mean, by name instead of code, or with a typing error.

    `/states/norway/` means Norway, `/Cote-d'Ivoire` means Côte d'Ivoire, `/states/norwey/` probably Norway.

    Returns:
        `search`, the text to search for; `found`, alpha-3 code and name of the States.
    """
    parts = [re.sub(r"[-_+]+", " ", unquote(part)).strip() for part in path.split("/")]
    parts = [part for part in parts if part and part.isprintable()]
    if not parts:
        return {}
    names = StateNames.recorded()
    for part in reversed(parts):
        for spelled in (part, part.upper()):
            known = names.recognise(spelled)
            if isinstance(known, RecognisedState):
                return {"search": part, "found": [(known.iso3, known.name)]}
    behind = parts[parts.index(STATES) + 1 :][:1] if STATES in parts else []
    search = (behind or parts[-1:])[0]
    return {"search": search, "found": names.near(search)}


@_spoken
def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 if the database is busy; needs no database and no context."""
    if is_busy(sys.exc_info()[1]):
        # Not in a view, perhaps after it had saved something: so it is not sent again.
        return busy(request, {"address": request.get_full_path()})
    if is_of_api(request):
        return ApiProblem(
            500, _("The tracker could not answer. Try again later, or tell the administrator.")
        ).answer()
    context = {"administrator": settings.ADMINISTRATOR_EMAIL, "number": number_of(request)}
    return HttpResponse(render_to_string("500.html", context), status=500)


def is_busy(error: BaseException | None) -> bool:
    """Whether the database cannot take a statement now, but may later: it is locked, full or away."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    # SQLite's higher bits say which kind of lock. PostgreSQL has no other errors in these two classes.
    return not isinstance(cause, sqlite3.Error) or getattr(cause, "sqlite_errorcode", 0) & 0xFF in BUSY


def busy(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """503; needs no database."""
    if is_of_api(request):
        answer = ApiProblem(503, _("The database is busy. Try again in a moment.")).answer()
    else:
        page = render_to_string("503.html", {"number": number_of(request), **context})
        answer = HttpResponse(page, status=503)
    answer.headers["Retry-After"] = "10"
    return answer


class BusyMiddleware(MiddlewareMixin):
    """Answers a request that met a busy database with a page that keeps what was entered.

    Passwords and files are not kept.
    """

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not is_busy(exception):
            return None
        log.warning("the database is busy: %s", exception)
        context: dict[str, Any] = {"address": request.get_full_path(), "entered": request.method == "POST"}
        if context["entered"] and not request.FILES and not any("password" in name for name in request.POST):
            sent = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
            context |= {
                "sent": [one for one in sent if one[0] != "csrfmiddlewaretoken"],
                "csrf_token": get_token(request),
            }
        return busy(request, context)


def number_of(request: HttpRequest) -> str:
    """The id of the request in the log (`requests.RequestMiddleware`)."""
    return getattr(request, "request_id", "")


class NotAllowedMiddleware(MiddlewareMixin):
    """Explains a 405: the address of a form was opened directly or reloaded."""

    def process_response(self, request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        reads_pages = "text/html" in request.headers.get("Accept", "")
        if answer.status_code != 405 or answer.streaming or answer.content or not reads_pages:
            return answer
        page = render(request, "405.html", status=405)
        page.headers["Allow"] = answer.headers["Allow"]
        return page
