"""iCalendar feeds: due dates for users' own calendars; a secret in the address gives access."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from tracker.languages.known import ENGLISH, current, speaking
from tracker.obligations.wording import labelled
from tracker.registry.models import Region
from tracker.reminders import calendar
from tracker.reminders.models import CalendarEntry, CalendarToken
from tracker.web.accounts.roles import READ
from tracker.web.ui.addresses import full_address, state_of
from tracker.web.ui.filters import followed_by, has_desk

MINE = "mine"


@require_safe
@login_not_required
@sensitive_variables("secret")
def feed(request: HttpRequest) -> HttpResponse:
    """`/calendar.ics?token=…`: all due dates, or those of a region, a State or the owner's desk.

    It is in the language of its owner. The response is 404 for every invalid secret: missing, wrong, or of an owner who
    was deactivated or has no role.
    """
    secret = request.GET.get("token", "")
    owner = CalendarToken.owner_of(secret)
    if owner is None or not owner.has_perm(READ):
        raise Http404
    with speaking(owner.reader.language if hasattr(owner, "reader") else ENGLISH.code):
        return _feed_of(request, owner)


def _feed_of(request: HttpRequest, owner: Any) -> HttpResponse:
    wanted, parts = Q(), []
    if region := request.GET.get("region", ""):
        if region not in Region.values:
            raise Http404
        wanted &= Q(region=region)
        parts.append(str(Region(region).label))
    if iso3 := request.GET.get("state", ""):
        state = state_of(iso3.upper())
        wanted &= Q(pk=state.pk)
        parts.append(state.shown_name)
    if desk := request.GET.get("desk", ""):
        if desk != MINE:  # a feed can only have its owner's desk
            raise Http404
        wanted &= followed_by(owner.get_username())
        parts.append(_("desk of %(name)s") % {"name": owner.get_full_name() or owner.get_username()})
    # Neither desk nor language is part of an event: where they change, only the content differs.
    return _answer(request, wanted, " · ".join(parts), dated=not desk and current() == ENGLISH)


@require_safe
def state_calendar(request: HttpRequest, iso3: str) -> HttpResponse:
    """`/states/USA/calendar.ics`: the due dates of one State as a file, for signed-in users."""
    state = state_of(iso3.upper())
    answer = _answer(request, Q(pk=state.pk), state.shown_name, dated=True)
    answer.headers["Content-Disposition"] = f'attachment; filename="article-12-{state.pk}.ics"'
    return answer


def _answer(request: HttpRequest, wanted: Q, part: str, *, dated: bool) -> HttpResponse:
    """The due dates of some States; 304 if the client has them already.

    Args:
        part: the name of the part, for the calendar's name; empty for the whole.
        dated: whether the day of the last change identifies the content; otherwise only its bytes do.
    """
    day = timezone.localdate()
    calendar.synchronise(day)
    name = _("OPSC reports due")
    content = calendar.written(
        calendar.entries(day, wanted),
        name=labelled(name, part) if part else name,
        day=day,
        page_of=lambda state: full_address(request, state.get_absolute_url()),
    )
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    answer.headers["ETag"] = etag
    answer.headers["Content-Language"] = current().in_django
    answer.headers["Cache-Control"] = "private, no-cache"  # cached, but revalidated each time
    # Of all entries, not of those shown: a State that moves to another region leaves this one's feed.
    # A change dated in the future, under a wrong clock, would hide all later ones.
    past = CalendarEntry.objects.filter(changed_at__lte=timezone.now())
    changed = past.aggregate(at=Max("changed_at"))["at"] if dated else None
    if changed is not None:
        answer.headers["Last-Modified"] = changed.strftime("%a, %d %b %Y %H:%M:%S GMT")
    found = get_conditional_response(
        request, etag=etag, last_modified=int(changed.timestamp()) if changed else None, response=answer
    )
    assert found is not None  # noqa: S101 - it was given an answer to fall back on
    return found


# --- the secret ------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_variables("secret")
def feeds_page(request: HttpRequest) -> HttpResponse:
    """`/calendar/feeds/`: how to subscribe; creates, renews and disables the user's secret."""
    user: Any = request.user  # the page requires signing in
    token = CalendarToken.objects.filter(user=user).first()
    addresses: list[dict[str, str]] = []
    if request.method == "POST":
        if request.POST.get("step") == "off":
            CalendarToken.objects.filter(user=user).delete()
            messages.success(request, _("Your calendar feeds are disabled."))
            return redirect("calendar-feeds")
        if request.POST.get("seen", "") != _mark(token):
            # The page was sent a second time: another secret would cut off the one just copied.
            messages.warning(
                request,
                _("Not saved: your addresses were created or renewed after you opened this page."),
            )
            return redirect("calendar-feeds")
        secret = CalendarToken.renew(user)
        token = CalendarToken.objects.get(user=user)
        addresses = _addresses(request, secret)
    return render(
        request,
        "web/obligations/calendar_feeds.html",
        {"token": token, "seen": _mark(token), "addresses": addresses},
    )


def _mark(token: CalendarToken | None) -> str:
    """A mark in the form that shows which secret the user had when the page was opened."""
    return token.renewed_at.isoformat() if token else ""


def _addresses(request: HttpRequest, secret: str) -> list[dict[str, str]]:
    """All feeds of a secret, in words and in full."""

    def address(**more: str) -> str:  # the part that differs comes first, where it is visible
        return full_address(request, reverse("calendar-feed", query={**more, "token": secret}))

    found: list[tuple[Any, str]] = [(_("All States"), address())]
    if has_desk(request):
        found.append((_("My desk"), address(desk=MINE)))
    found += [(region.label, address(region=region.value)) for region in Region]
    found.append((_("One State, by its alpha-3 code (here Norway)"), address(state="NOR")))
    return [{"label": str(label), "address": one} for label, one in found]
