"""The views of the API: each checks token and parameters, then answers, with 304 for an unchanged response."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from tracker.web.api import parameters
from tracker.web.api.access import let_in
from tracker.web.api.description import description
from tracker.web.api.figures import figures
from tracker.web.api.problems import ApiProblem
from tracker.web.api.resources import STATUS, Listing
from tracker.web.languages.addresses import API

METHODS = ("GET", "HEAD", "OPTIONS")
View = Callable[..., HttpResponse]


def _of_api(answer: View) -> View:
    """Makes a view of a function that answers GET; other methods and errors are handled here.

    GET changes nothing, so CSRF tokens are not needed, and sessions are ignored.
    """

    @login_not_required
    @csrf_exempt
    def view(request: HttpRequest, **parts: Any) -> HttpResponse:
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": ", ".join(METHODS)})
        try:
            if request.method not in METHODS:
                raise ApiProblem(
                    405,
                    _("The API is read-only: use GET."),
                    headers={"Allow": ", ".join(METHODS)},
                )
            return answer(request, **parts)
        except ApiProblem as problem:
            return problem.answer()

    return view


def _written(request: HttpRequest, told: Any, headers: dict[str, str]) -> HttpResponse:
    """A response as JSON; 304 if the client has it already."""
    content = json.dumps(told, default=_iso, ensure_ascii=False).encode()
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    # Cached by the client only, and revalidated each time.
    kept = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    answer = HttpResponse(content, content_type="application/json", headers=kept)
    found = get_conditional_response(request, etag=etag, response=answer)
    assert found is not None  # noqa: S101 - it was given an answer to fall back on
    for name, value in headers.items():
        found.headers[name] = value
    return found


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be part of a response")


def listing_view(listing: Listing) -> View:
    """The view of a list."""

    @_of_api
    def view(request: HttpRequest) -> HttpResponse:
        told = let_in(request, listing.scopes)
        query = parameters.read_all(listing.parameters, request.GET)
        parameters.recorded(query["state"])
        day = query["as_of"] or timezone.localdate()
        found = listing.find(day, query)
        if query["after"] is not None:
            place = parameters.place_of(listing.name, query["after"])
            found = parameters.beyond(found, listing.order, place)
        most = query["limit"] or parameters.USUAL_LIMIT
        rows = list(
            found.order_by(*listing.order)[: most + 1]
        )  # one more shows whether there is another page
        page, following = rows[:most], None
        if len(rows) > most:
            mark = parameters.mark_of(listing.name, [getattr(page[-1], name) for name in listing.order])
            following = _next(request, day, mark)
            told["Link"] = f'<{following}>; rel="next"'
        answer = {"as_of": day, "rows": listing.show(page, day, query), "next": following}
        return _written(request, answer, told)

    return view


def _next(request: HttpRequest, day: date, mark: str) -> str:
    """The address of the next page, for the same day even if midnight passes in between."""
    query = request.GET.copy()
    query["as_of"], query[parameters.AFTER.name] = day.isoformat(), mark
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


@_of_api
def status(request: HttpRequest) -> HttpResponse:
    """The figures of a day."""
    told = let_in(request, STATUS.scopes)
    day = parameters.read_all(STATUS.parameters, request.GET)["as_of"] or timezone.localdate()
    return _written(request, figures(day), told)


@_of_api
def openapi(request: HttpRequest) -> HttpResponse:
    """The description, for everybody: it contains no records, and programs read it before they have a token."""
    return _written(request, description(), {})


@_of_api
def nowhere(request: HttpRequest) -> HttpResponse:
    """Any other address under /api/v1/."""
    raise ApiProblem(404, _("Unknown address; all addresses are listed in %(where)s.") % {"where": OPENAPI})


OPENAPI = f"{API}openapi.json"
