"""Sessions: when they end, and whether the second factor has been shown.

A person who still has to enter a code or set up a device is anonymous on every page except the one for that.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject

from tracker.web.accounts import audit, second_factor
from tracker.web.models import Visit
from tracker.web.ui.addresses import way_back

BEGAN, SEEN, FACTOR = "began", "seen", "second_factor"
WANTED, PASSED, NONE = "wanted", "passed", "none"
# The page that a person must complete before any other.
CODE, SET_UP = "second-step", "second-factor"
SIGN_IN = ("login", "admin:login")
SIGN_OUT = ("logout",)
# The time of the last request is stored this often within the idle time.
WRITTEN = 10


@receiver(user_logged_in)
def begins(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """Starts the session's times on every way of signing in; a person with a device still has to enter a code."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())
    shown = getattr(request, "factors_shown_elsewhere", False)
    owes = not shown and second_factor.device_of(user) is not None
    Visit.note(user.pk, timezone.now())
    request.session[FACTOR] = PASSED if shown else WANTED if owes else NONE
    audit.record(audit.Kind.ASKED if owes else audit.Kind.SIGNED_IN, request=request, who=user.get_username())


def pass_on(request: Any) -> None:
    """Marks the second factor as shown and gives the session a new key."""
    request.session[FACTOR] = PASSED
    request.session.cycle_key()


def without_factor(request: Any) -> None:
    """Marks the session as one of a person without a device."""
    request.session[FACTOR] = NONE


def onward(request: HttpRequest) -> str:
    """The page that the person wanted, if it is one of ours; else the first page."""
    return way_back(request) or reverse("home")


class SessionMiddleware(MiddlewareMixin):
    """Ends sessions that are too old, and redirects a person who must first complete a step of signing in."""

    def process_request(self, request: Any) -> None:
        # Read only when a page needs the user.
        request.user = SimpleLazyObject(partial(_person, request, request.user))

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        name = request.resolver_match.view_name
        if name not in (*SIGN_IN, *SIGN_OUT, CODE, SET_UP) or request.user.is_authenticated:
            return None
        waits_for = getattr(request, "waits_for", "")
        if not waits_for:
            return None
        if name in (waits_for, *SIGN_OUT):
            answer: HttpResponse = view(
                request, *args, **kwargs
            )  # the page is otherwise for signed-in users only
            return answer
        if name in SIGN_IN and request.method == "POST":
            return None  # perhaps as another user
        wanted = request.GET.get("next", "")
        return redirect(reverse(waits_for, query={"next": wanted} if wanted else None))


def _person(request: Any, signed_in: Any) -> Any:
    """The user that a page sees: anonymous until signing in is complete and the session is valid."""
    if not signed_in.is_authenticated:
        return AnonymousUser()
    session, now = request.session, int(time.time())
    began, seen = session.get(BEGAN), session.get(SEEN)
    idle = settings.SESSION_IDLE_MINUTES * 60
    if began is None or seen is None:  # a session of a version without time limits
        session[BEGAN] = session[SEEN] = now
    elif now - began >= settings.SESSION_HOURS * 3600 or now - seen >= idle:
        audit.record(audit.Kind.SESSION_ENDED, request=request, who=signed_in.get_username())
        session.flush()
        return AnonymousUser()
    elif now - seen >= idle // WRITTEN:
        session[SEEN] = now
        Visit.note(signed_in.pk, timezone.now())
    stands = session.get(FACTOR, NONE)
    if stands == WANTED:
        request.waits_for = CODE
    elif stands != PASSED and settings.SECOND_FACTOR == "required":
        request.waits_for = SET_UP
    else:
        return signed_in
    request.waiting = signed_in
    return AnonymousUser()
