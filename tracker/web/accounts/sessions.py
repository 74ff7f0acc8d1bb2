"""What a session is worth: until when, and whether the second factor has been shown.

Somebody who still owes a code, or has to set up a device first, is a stranger to every page but the one for that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme

from tracker.web.accounts import audit, second_factor

BEGAN, SEEN, FACTOR = "began", "seen", "second_factor"
WANTED, PASSED, NONE = "wanted", "passed", "none"
# What somebody has to do before anything else, by the name of the page for it.
CODE, SET_UP = "second-step", "second-factor"
SIGN_IN = ("login", "admin:login")
SIGN_OUT = ("logout",)
# The moment at which somebody was last seen is written so many times within the time that may pass.
WRITTEN = 10


@receiver(user_logged_in)
def begins(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """However somebody came in: the times begin, and whoever has a device still owes a code."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())
    shown = getattr(request, "factors_shown_elsewhere", False)
    owes = not shown and second_factor.device_of(user) is not None
    request.session[FACTOR] = PASSED if shown else WANTED if owes else NONE
    audit.record(audit.Kind.ASKED if owes else audit.Kind.SIGNED_IN, request=request, who=user.get_username())


def pass_on(request: Any) -> None:
    """The second factor has been shown: the session is whole, under a new key."""
    request.session[FACTOR] = PASSED
    request.session.cycle_key()


def without_factor(request: Any) -> None:
    """The person has no device, or none any more."""
    request.session[FACTOR] = NONE


def onward(request: HttpRequest) -> str:
    """Where somebody wanted to go, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else reverse("home")


class SessionMiddleware:
    """Ends what is too old, and lets nobody pass who still owes something."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        # Looked up where a page asks who it is, and not before.
        request.user = SimpleLazyObject(partial(_person, request, request.user))
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        name = request.resolver_match.view_name
        if name not in (*SIGN_IN, *SIGN_OUT, CODE, SET_UP) or request.user.is_authenticated:
            return None
        waits_for = getattr(request, "waits_for", "")
        if not waits_for:
            return None
        if name in (waits_for, *SIGN_OUT):
            answer: HttpResponse = view(request, *args, **kwargs)  # else only for those who are signed in
            return answer
        if name in SIGN_IN and request.method == "POST":
            return None  # as somebody else, perhaps
        wanted = request.GET.get("next", "")
        return redirect(reverse(waits_for, query={"next": wanted} if wanted else None))


def _person(request: Any, signed_in: Any) -> Any:
    """Whom a page sees."""
    if not signed_in.is_authenticated:
        return AnonymousUser()
    session, now = request.session, int(time.time())
    began, seen = session.get(BEGAN), session.get(SEEN)
    idle = settings.SESSION_IDLE_MINUTES * 60
    if began is None or seen is None:  # a session from before there was an end to them
        session[BEGAN] = session[SEEN] = now
    elif now - began >= settings.SESSION_HOURS * 3600 or now - seen >= idle:
        audit.record(audit.Kind.SESSION_ENDED, request=request, who=signed_in.get_username())
        session.flush()
        return AnonymousUser()
    elif now - seen >= idle // WRITTEN:
        session[SEEN] = now
    stands = session.get(FACTOR, NONE)
    if stands == WANTED:
        request.waits_for = CODE
    elif stands != PASSED and settings.SECOND_FACTOR == "required":
        request.waits_for = SET_UP
    else:
        return signed_in
    request.waiting = signed_in
    return AnonymousUser()
