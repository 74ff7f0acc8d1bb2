"""The pages and files under /public/: the same bytes for everybody, cached for a while.

They are rendered without the request, so no session, user or cookie can influence them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db.models import Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from tracker.languages.known import ENGLISH, LANGUAGES, Locale
from tracker.languages.writing import in_words
from tracker.obligations.models import (
    CommitteeDate,
    ExpectedYear,
    InformationRequest,
    NonReceipt,
    PrintedDate,
    Review,
    Submission,
)
from tracker.registry.models import State, Treaty, TreatyAction
from tracker.registry.values import BadValue, calendar_date
from tracker.rules.entry_into_force import CRC_ADOPTED
from tracker.web.languages.addresses import in_language, of_address
from tracker.web.public import data, state_values, values
from tracker.web.ui.addresses import ALPHA_3, WHOLE

METHODS = ("GET", "HEAD")
FRESH = 300  # seconds for which a response is cached, here and by clients
MOST_KEPT = 4_000_000  # bytes of a response that is cached here
FACTS: tuple[Any, ...] = (
    State,
    TreatyAction,
    Submission,
    Review,
    CommitteeDate,
    PrintedDate,
    ExpectedYear,
    InformationRequest,
    NonReceipt,
)


class RequestRefused(Exception):
    """The request cannot be answered.

    Attributes:
        status: the HTTP status.
    """

    def __init__(self, status: int, title: str, says: str) -> None:
        super().__init__(says)
        self.status, self.title, self.says = status, title, says


@dataclass(frozen=True)
class Version:
    """The version of the records: the number of the last change of each kind of record, and the day of the last
    change.
    """

    mark: str
    changed_on: date | None


@dataclass(frozen=True)
class Frame:
    """The frame of every public page.

    Attributes:
        here: the name of the page's address; empty for an error.
        path: its address, without the day.
        number: of the page, where an address has several.
    """

    here: str
    path: str
    day: date
    today: date
    changed_on: date | None
    takes_day: bool = True
    number: int = 1

    @property
    def is_today(self) -> bool:
        """Whether the as-of day is today."""
        return self.day == self.today

    @property
    def query(self) -> str:
        """The query that carries the day to another page."""
        return "" if self.is_today else f"?as_of={self.day.isoformat()}"

    @property
    def site(self) -> str:
        """The name of the site, before addresses for search engines; empty if it is not known."""
        return settings.SITE_URL

    @property
    def languages(self) -> list[tuple[Locale, str, str]]:
        """The page in each language: its address, and the query for the same day and rows.

        From an error it leads to the first page.
        """
        path = self.path if self.here else reverse("public")
        rows = {} if self.number == 1 else {"page": self.number}
        day = {} if self.is_today else {"as_of": self.day.isoformat()}
        query = f"?{urlencode(day | rows)}" if day | rows else ""
        return [(one, in_language(path, one), query) for one in LANGUAGES]

    @property
    def in_english(self) -> str:
        """The address in English, for readers of other languages."""
        return in_language(self.path, ENGLISH)

    @property
    def is_english(self) -> bool:
        """Whether the page is in English."""
        return of_address(self.path) == ENGLISH


@dataclass(frozen=True)
class KeptAnswer:
    """A cached response."""

    content: bytes
    kind: str
    file_name: str = ""


@dataclass(frozen=True)
class PageRequest:
    """A request: its day, and the version of the records.

    Attributes:
        path: the address, which says the language.
        number: of the page, where an address has several.
    """

    here: str
    path: str
    day: date
    today: date
    version: Version
    number: int = 1


Make = Callable[..., KeptAnswer]

# --- what all addresses share ---------------------------------------------------------------------


def _public(*, takes_day: bool = True, paged: bool = False) -> Callable[[Make], Callable[..., HttpResponse]]:
    """Makes a view of a function that renders a response. While the public view is off, no address exists.

    Args:
        takes_day: whether the address accepts another day than today.
        paged: whether it has several pages.
    """

    def decorate(make: Make) -> Callable[..., HttpResponse]:
        @login_not_required
        @csrf_exempt  # nothing is changed here, and POST gets the 405 below
        @wraps(make)
        def view(request: HttpRequest, **parts: Any) -> HttpResponse:
            if not settings.PUBLIC_VIEW:
                raise Http404
            today = timezone.localdate()
            try:
                if request.method not in METHODS:
                    raise RequestRefused(
                        405, _("This page is read-only"), _("Open the address in a browser.")
                    )
                day = _day(request, today)
                if day != today and not takes_day:
                    raise RequestRefused(
                        400,
                        _("This day is not available"),
                        _("The files show today only; leave “as_of” out."),
                    )
                here = request.resolver_match.url_name if request.resolver_match else ""
                number = request.GET.get("page", "") if paged else ""
                target = PageRequest(
                    here or "",
                    request.path,
                    day,
                    today,
                    version(),
                    int(number) if WHOLE.fullmatch(number) else 1,
                )
                answer = _from_cache(make, target, parts)
            except RequestRefused as refused:
                return _refusal(request, refused, today)
            return _response(request, answer)

        return view

    return decorate


def _day(request: HttpRequest, today: date) -> date:
    """The requested day, today at the latest: no State is shown as late in the future.

    Raises:
        RequestRefused: the day is invalid.
    """
    raw = request.GET.get("as_of", "").strip()
    if not raw:
        return today
    try:
        day = calendar_date(raw)
    except BadValue as error:
        raise RequestRefused(400, _("Invalid day"), _("As of: %(what)s") % {"what": error}) from None
    if not CRC_ADOPTED <= day <= today:
        raise RequestRefused(
            400,
            _("Invalid day"),
            _("As of: choose a day from %(first)s to %(last)s.")
            % {"first": in_words(CRC_ADOPTED), "last": in_words(today)},
        )
    return day


def version() -> Version:
    """The version of the records, in one query; responses of older versions are no longer used."""
    last = {}
    for model in FACTS:
        changes = model.history.order_by("-history_id")
        last[f"{model._meta.model_name}_number"] = Subquery(changes.values("history_id")[:1])
        last[f"{model._meta.model_name}_at"] = Subquery(changes.values("history_date")[:1])
    # Selected from the treaties, because that table is never empty.
    row = Treaty.objects.order_by("pk").annotate(**last).values(*last).first() or {}
    numbers = [str(value or 0) for name, value in row.items() if name.endswith("_number")]
    moments = [value for name, value in row.items() if name.endswith("_at") and value]
    return Version("-".join(numbers), timezone.localdate(max(moments)) if moments else None)


def _from_cache(make: Make, target: PageRequest, parts: dict[str, Any]) -> KeptAnswer:
    """The response, from the cache of this process if it was rendered a short time ago from the same records.

    The path says the language.
    """
    identity = f"{target.path} {target.number} {target.day} {target.today} {target.version.mark}"
    key = f"public:{hashlib.sha256(identity.encode()).hexdigest()}"
    answer: KeptAnswer | None = cache.get(key)
    if answer is None:
        answer = make(target, **parts)
        if len(answer.content) <= MOST_KEPT:
            cache.set(key, answer, FRESH)
    return answer


def _response(request: HttpRequest, answer: KeptAnswer) -> HttpResponse:
    """The response; 304 if the client has it already."""
    etag = f'"{hashlib.sha256(answer.content).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": f"public, max-age={FRESH}"}
    if answer.file_name:
        headers["Content-Disposition"] = f'attachment; filename="{answer.file_name}"'
    whole = HttpResponse(answer.content, content_type=answer.kind, headers=headers)
    found = get_conditional_response(request, etag=etag, response=whole)
    assert found is not None  # noqa: S101 - it was given an answer to fall back on
    return found


def _refusal(request: HttpRequest, refused: RequestRefused, today: date) -> HttpResponse:
    """The error as a page of the public view."""
    frame = Frame("", request.path, today, today, None, takes_day=False)
    content = _drawn("public/refused.html", frame, refused)
    headers = {"Cache-Control": "no-cache"}
    if refused.status == 405:
        headers["Allow"] = ", ".join(METHODS)
    return HttpResponse(content, status=refused.status, headers=headers)


def _drawn(template: str, frame: Frame, page: Any) -> bytes:
    """A page rendered without the request, so that nothing of the staff frame is in it."""
    return render_to_string(template, {"frame": frame, "page": page, "notice": _notice()}).encode()


def _notice() -> str:
    """The notice of every page and file: who calculated the dates."""
    return _(
        "These dates are calculated by the office that runs this tracker, from public records of the United Nations "
        "and of the depositary. They are not a statement or a judgement of the Committee on the Rights of the Child."
    )


def _page(target: PageRequest, template: str, page: Any, *, takes_day: bool = True) -> KeptAnswer:
    frame = Frame(
        target.here,
        target.path,
        target.day,
        target.today,
        target.version.changed_on,
        takes_day,
        target.number,
    )
    return KeptAnswer(_drawn(template, frame, page), "text/html; charset=utf-8")


# --- the pages ------------------------------------------------------------------------------------


@_public()
def overview(target: PageRequest) -> KeptAnswer:
    return _page(target, "public/overview.html", values.overview_on(target.day, today=target.today))


@_public(paged=True)
def late(target: PageRequest) -> KeptAnswer:
    page = values.late_on(target.day, target.number, today=target.today)
    return _page(target, "public/late.html", page)


@_public()
def state(target: PageRequest, iso3: str) -> KeptAnswer:
    state = State.objects.filter(pk=iso3).first() if ALPHA_3.fullmatch(iso3) else None
    if state is None:
        raise RequestRefused(
            404,
            _("Page not found"),
            _("States are addressed by their three-letter code in capitals, for example NOR."),
        )
    return _page(target, "public/state.html", state_values.state_on(state, target.day, today=target.today))


@_public(takes_day=False)
def data_page(target: PageRequest) -> KeptAnswer:
    return _page(target, "public/data.html", data.TABLES, takes_day=False)


# The files have dated rows; complete files for any day would be expensive to compute for anonymous requests.
@_public(takes_day=False)
def file(target: PageRequest, table: str, form: str) -> KeptAnswer:
    if table not in data.BY_NAME or form not in data.FORMS:
        raise RequestRefused(404, _("File not found"), _("All files are listed on the page Data."))
    kind, write = data.FORMS[form]
    content = write(data.BY_NAME[table], target.day, _notice(), target.version.changed_on)
    return KeptAnswer(content, kind, f"article-12-{table}-{target.day.isoformat()}.{form}")


@_public()
def nowhere(target: PageRequest, rest: str) -> KeptAnswer:
    raise RequestRefused(404, _("Page not found"), _("The address may be mistyped. These pages exist:"))


@login_not_required
@csrf_exempt  # nothing is changed here
def without_code(request: HttpRequest, rest: str) -> HttpResponse:
    """`/public/en/…`: English has the addresses without a code."""
    if not settings.PUBLIC_VIEW:
        raise Http404
    place = reverse("public")
    return HttpResponsePermanentRedirect(request.get_full_path().replace(f"{place}en/", place, 1))


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """`/robots.txt`: search engines may read the public pages and their style sheets only."""
    lines = [
        "User-agent: *",
        *(["Allow: /public/", "Allow: /static/"] if settings.PUBLIC_VIEW else []),
        "Disallow: /",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
