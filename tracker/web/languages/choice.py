"""The language of a request, and the switch in the frame.

The address, if it has a language; else session, which has the language of the account, then cookie, then what the
browser prefers, then English. Programs, which do not ask for HTML, get English unless they have a session.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request, override
from django.views.decorators.http import require_POST

from tracker.languages import texts
from tracker.languages.known import ENGLISH, Locale, by_code, by_django_code, find
from tracker.languages.models import Reader
from tracker.web.languages.addresses import of_address
from tracker.web.ui.addresses import page_before
from tracker.web.ui.display import keep

IN_SESSION = "language"


class LanguageMiddleware:
    """Answers a request in the language of its reader."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        request.language = language  # type: ignore[attr-defined]  # for pages of errors, which may be made outside
        if language != ENGLISH or settings.SESSION_COOKIE_NAME in request.COOKIES:
            texts.refresh_if_due()
        with override(language.in_django):
            answer = self.get_response(request)
        answer.headers.setdefault("Content-Language", language.in_django)
        if not of_address(request.path_info):
            patch_vary_headers(answer, ("Accept", "Accept-Language"))
        return answer


def language_of(request: HttpRequest) -> Locale:
    """The language in which a request is answered."""
    chosen = "" if of_address(request.path_info) else request.session.get(IN_SESSION)
    return by_code(chosen) if chosen else of_browser(request)


def of_browser(request: HttpRequest) -> Locale:
    """The language that the address or the browser asks for; needs no session and no database."""
    if fixed := of_address(request.path_info):
        return fixed
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if known := find(chosen):
        return known
    if "text/html" not in request.headers.get("Accept", ""):
        return ENGLISH
    return by_django_code(get_language_from_request(request))


@login_not_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """`/language/`: keeps the language that somebody chose, with the account or for the browser."""
    answer = HttpResponseRedirect(page_before(request) or reverse("home"))
    code = by_code(request.POST.get("language", "")).code
    if request.user.is_authenticated:
        Reader.objects.update_or_create(user=request.user, defaults={"language": code})
        request.session[IN_SESSION] = code
    keep(answer, settings.LANGUAGE_COOKIE_NAME, code)
    return answer


@receiver(user_logged_in)
def remember(request: HttpRequest, user: Any, **_sent: Any) -> None:
    """The session of somebody who signs in has the language of the account."""
    if reader := Reader.objects.filter(user=user).first():
        request.session[IN_SESSION] = reader.language
