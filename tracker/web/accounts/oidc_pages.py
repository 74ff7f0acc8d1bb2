"""Pages of the sign-in with an organisation's account: `/login/organisation/` leaves, `back/` comes back."""

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
from tracker.web.accounts.oidc import Refusal, Stopped


@login_not_required
@never_cache
@require_safe
def leave(request: HttpRequest) -> HttpResponse:
    """Redirects to the organisation's sign-in; from a link, as the policy forbids forms to other sites."""
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
    """Signs in the person that the organisation names, if that person has an account here."""
    _only_if_offered()
    try:
        told = oidc.come_back(request)
        person, new = oidc.person_here(told)
    except Stopped as stopped:
        if stopped.why in (Refusal.NOBODY, Refusal.NOT_BELIEVED):
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


def _words(why: Refusal) -> tuple[str, str, str, bool, int]:
    """Heading, what happened, what to do, whether an Administrator can help, and the HTTP status."""
    if why is Refusal.STALE:
        return (
            _("Please sign in again"),
            _(
                "This sign-in was started in another browser, took longer than ten minutes, or was already used. "
                "You are not signed in."
            ),
            _("Start again from the sign-in page."),
            False,
            400,
        )
    if why is Refusal.DECLINED:
        return (
            _("Your organisation did not sign you in"),
            _("You cancelled the sign-in, or your organisation does not allow you to use this tracker."),
            _("Try again, or sign in with a password if you have one here. Otherwise ask an Administrator."),
            True,
            403,
        )
    if why is Refusal.UNREACHABLE:
        return (
            _("Your organisation’s sign-in does not answer"),
            _("The tracker could not reach it, or did not understand its answer. You are not signed in."),
            _(
                "Try again in a minute, or sign in with a password if you have one here. If the problem continues, "
                "tell an Administrator."
            ),
            True,
            503,
        )
    if why is Refusal.NOT_BELIEVED:
        return (
            _("The sign-in could not be verified"),
            _(
                "The answer of your organisation’s sign-in has expired, was already used, or is not meant for this "
                "tracker. You are not signed in."
            ),
            _("Try again. If it happens again, tell an Administrator."),
            True,
            400,
        )
    return (
        _("You have no account here"),
        _(
            "Your organisation knows you, but you have no account in this tracker. Administrators of the tracker "
            "create accounts."
        ),
        _(
            "Ask an Administrator to create an account with the e-mail address that your organisation has verified, "
            "or to link the account that you have."
        ),
        True,
        403,
    )
