"""`/login/code/`, the second step of signing in, and `/second-factor/`, where it is set up and turned off."""

from __future__ import annotations

import math
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from tracker.web.accounts import audit, second_factor, sessions
from tracker.web.accounts.second_factor import CheckedCode

TOO_MANY = 429


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Asks for the code after the password, then redirects to the page that the person wanted."""
    onward = sessions.onward(request)
    person = getattr(request, "waiting", None)
    if person is None:
        return HttpResponseRedirect(onward)
    if second_factor.device_of(person) is None:  # an Administrator has removed it in the meantime
        sessions.without_factor(request)
        return HttpResponseRedirect(onward)
    problem, status = "", 200
    if request.method == "POST":
        checked = _check(request, person)
        if checked.right:
            sessions.pass_on(request)
            audit.record(audit.Kind.SIGNED_IN, request=request, who=person.get_username())
            if checked.recovery:
                _tell_codes_left(request, person)
            return HttpResponseRedirect(onward)
        problem, status = _problem(checked), TOO_MANY if checked.wait_until else 200
    context = {"problem": problem, "next": onward, "person": person.get_username()}
    return render(request, "registration/second_step.html", context, status=status)


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor_page(request: HttpRequest) -> HttpResponse:
    """Sets up the second factor, renews the recovery codes, or turns it off; the last two need a code."""
    person = getattr(request, "waiting", None) or request.user
    act = request.POST.get("act", "")
    own = second_factor.device_of(person)
    if act == "begin" and own is None:
        second_factor.begin(person)
    elif act == "confirm" and own is None and second_factor.device_of(person, confirmed=False) is not None:
        return _confirm(request, person)
    elif act in ("renew", "off") and own is not None:
        return _change(request, person, act)
    return _show(request, person)


def _confirm(request: HttpRequest, person: Any) -> HttpResponse:
    checked = _check(request, person, confirmed=False)
    if not checked.right:
        return _show(request, person, checked)
    codes = second_factor.confirm(person)
    sessions.pass_on(request)
    audit.record(audit.Kind.FACTOR_ON, request=request, who=person.get_username())
    return _show_codes(request, codes, _("The second factor is set up"))


def _change(request: HttpRequest, person: Any, act: str) -> HttpResponse:
    checked = _check(request, person)
    if not checked.right:
        return _show(request, person, checked)
    if act == "renew":
        codes = second_factor.renew(person)
        audit.record(audit.Kind.CODES_RENEWED, request=request, who=person.get_username())
        return _show_codes(request, codes, _("New recovery codes"))
    second_factor.remove(person)
    sessions.without_factor(request)
    audit.record(audit.Kind.FACTOR_OFF, request=request, who=person.get_username())
    messages.success(request, _("The second factor is off. You now sign in with your password alone."))
    return redirect("second-factor")


def _check(request: HttpRequest, person: Any, *, confirmed: bool = True) -> CheckedCode:
    """Checks the entered code; records a wrong code and a used recovery code in the security log."""
    written = request.POST.get("code", "").strip()
    if not written:
        return CheckedCode(False, recovery=False)
    checked = second_factor.check(person, written, confirmed=confirmed)
    if not checked.right and checked.wait_until is None:
        audit.record(audit.Kind.CODE_FAILED, request=request, who=person.get_username())
    elif checked.right and checked.recovery:
        audit.record(audit.Kind.RECOVERY_USED, request=request, who=person.get_username())
    return checked


def _problem(checked: CheckedCode) -> str:
    if checked.wait_until is None:
        return _(
            "The code is wrong. Enter the six digits that your app shows now, or an unused recovery code. A code "
            "works once and for half a minute; check that the clock of your device is right."
        )
    seconds = max(1, math.ceil((checked.wait_until - timezone.now()).total_seconds()))
    if seconds < 120:
        said = ngettext(
            "Too many wrong codes; this one was not checked. Try again in %(n)d second.",
            "Too many wrong codes; this one was not checked. Try again in %(n)d seconds.",
            seconds,
        )
        return said % {"n": seconds}
    return _(
        "Too many wrong codes; this one was not checked. Try again in %(n)d minutes, or ask an Administrator."
    ) % {"n": math.ceil(seconds / 60)}


def _tell_codes_left(request: HttpRequest, person: Any) -> None:
    left = second_factor.codes_left(person)
    said = ngettext(
        "You signed in with a recovery code; %(n)d is left. You can create new ones under Help, “Second factor”.",
        "You signed in with a recovery code; %(n)d are left. You can create new ones under Help, “Second factor”.",
        left,
    )
    messages.warning(request, said % {"n": left})


def _show(request: HttpRequest, person: Any, checked: CheckedCode | None = None) -> HttpResponse:
    own = second_factor.device_of(person)
    being_set_up = None if own else second_factor.device_of(person, confirmed=False)
    context = {
        "own": own,
        "codes_left": second_factor.codes_left(person) if own else 0,
        "owed": hasattr(request, "waiting"),
        "person": person.get_username(),
        "problem": _problem(checked) if checked else "",
        "next": sessions.onward(request),
    }
    if being_set_up:
        context["secret"] = second_factor.secret_in_words(being_set_up)
        # The library draws it from an address in which all names are encoded.
        context["picture"] = mark_safe(second_factor.picture(being_set_up))  # noqa: S308  # nosec B308 B703
    status = TOO_MANY if checked and checked.wait_until else 200
    return render(request, "registration/second_factor.html", context, status=status)


def _show_codes(request: HttpRequest, codes: list[str], heading: str) -> HttpResponse:
    """Shows the codes in the answer to the form; reloading the page does not show them again."""
    context = {"codes": codes, "heading": heading, "next": sessions.onward(request)}
    return render(request, "registration/recovery_codes.html", context)
