"""`/login/organisation/` leads to the organisation's own sign-in, and its `back/` is where that leads back to."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from tracker.web.accounts import audit, oidc, sessions
from tracker.web.accounts.oidc import Stopped, Why


@login_not_required
@never_cache
@require_safe
def leave(request: HttpRequest) -> HttpResponse:
    """Leads to the organisation's sign-in; by a link, for the policy lets no form lead to another site."""
    _only_if_offered()
    onward = sessions.onward(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(onward)
    try:
        return HttpResponseRedirect(
            oidc.leave(request, request.build_absolute_uri(reverse("back-from-elsewhere")), onward)
        )
    except Stopped as stopped:
        return _say(request, stopped)


@login_not_required
@never_cache
@require_safe
@sensitive_variables()
def come_back(request: HttpRequest) -> HttpResponse:
    """Signs in whom the organisation names, if the account is known here, and leads on."""
    _only_if_offered()
    try:
        told = oidc.come_back(request)
        person, new = oidc.person_here(told)
    except Stopped as stopped:
        if stopped.why in (Why.NOBODY, Why.NOT_BELIEVED):
            audit.record(audit.Kind.ELSEWHERE_REFUSED, request=request, who="", detail=stopped.detail)
        return _say(request, stopped)
    who = person.get_username()
    if new:
        audit.record(audit.Kind.LINKED, request=request, who=who, detail=told.subject)
    audit.record(audit.Kind.ELSEWHERE, request=request, who=who)
    asked: Any = request
    asked.factors_shown_elsewhere = told.several_factors and settings.OIDC_SECOND_FACTOR == "trusted"
    auth.login(request, person)
    return HttpResponseRedirect(told.onward)


def _only_if_offered() -> None:
    if settings.OIDC is None:
        raise Http404


def _say(request: HttpRequest, stopped: Stopped) -> HttpResponse:
    heading, happened, advice, ask, status = _words(stopped.why)
    context = {
        "heading": heading,
        "happened": happened,
        "advice": advice,
        "ask": ask,
        "administrator": settings.ADMINISTRATOR_EMAIL,
        "next": stopped.onward or sessions.onward(request),
    }
    return render(request, "registration/elsewhere.html", context, status=status)


def _words(why: Why) -> tuple[str, str, str, bool, int]:
    """Heading, what happened, what to do, whether an administrator can help, and the HTTP status."""
    if why is Why.STALE:
        return (
            _("Please begin again"),
            _(
                "This sign-in was not begun in this browser, took longer than ten minutes, or has been used already. "
                "Nobody was signed in by it."
            ),
            _("Begin again at the sign-in page."),
            False,
            400,
        )
    if why is Why.DECLINED:
        return (
            _("Your organisation did not sign you in"),
            _("Its sign-in was broken off, or does not let you use this tracker."),
            _(
                "Begin again, or sign in with a password if you have one here. Otherwise ask an administrator."
            ),
            True,
            403,
        )
    if why is Why.UNREACHABLE:
        return (
            _("Your organisation’s sign-in does not answer"),
            _("The tracker could not reach it, or not understand it. Nobody was signed in."),
            _(
                "Try again in a minute, or sign in with a password if you have one here. If it lasts, tell an "
                "administrator."
            ),
            True,
            503,
        )
    if why is Why.NOT_BELIEVED:
        return (
            _("The sign-in could not be verified"),
            _(
                "What your organisation’s sign-in answered has expired, has been used already, or is not meant for "
                "this tracker. Nobody was signed in."
            ),
            _("Begin again. If it happens a second time, tell an administrator."),
            True,
            400,
        )
    return (
        _("You have no account here"),
        _(
            "Your organisation knows you, but no account of this tracker is yours. Signing in elsewhere makes none: "
            "administrators of the tracker do."
        ),
        _(
            "Ask an administrator for an account with the e-mail address that your organisation has verified; or, if "
            "you have one here, to link it."
        ),
        True,
        403,
    )
