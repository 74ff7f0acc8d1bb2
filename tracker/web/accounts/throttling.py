"""Wrong passwords: counted by user name and address, and by address alone; and what whoever is locked out reads."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tracker import proxies
from tracker.rules.dates import CLOCKS_DIFFER

# An address may fail as often as this many user names together: a whole office can share one address.
NAMES_AT_AN_ADDRESS = 10
MINUTE = timedelta(minutes=1)


def address_of(request: HttpRequest) -> str | None:
    """The client's address; only entries of our own proxies in `X-Forwarded-For` are trusted.

    Returns:
        An IPv4 or IPv6 address; None if there is none, as on a local socket, or if it is that of a proxy which PROXIES
        does not count: then wrong passwords count for the user name alone.
    """
    if proxies.uncounted(request.META):
        return None
    found = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES:
        told = request.headers.get("X-Forwarded-For", "").split(",")
        found = told[-settings.PROXIES] if len(told) >= settings.PROXIES else found
    try:
        return str(ip_address(found.strip()))
    except ValueError:
        return None


class Counter(AxesDatabaseHandler):
    """Counts failures for a user name from an address, and more slowly for an address with any user name."""

    def get_user_attempts(self, request: Any, credentials: dict[str, Any] | None = None) -> list[Any]:
        """As in axes, without those that were recorded under a clock far ahead."""
        return [
            rows.filter(attempt_time__lte=_latest())
            for rows in super().get_user_attempts(request, credentials)
        ]

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """The number of failures that count against a request."""
        own: int = super().get_failures(request, credentials)
        if request.axes_ip_address is None:
            return own
        since = get_cool_off_threshold(request)
        tried = AccessAttempt.objects.filter(
            ip_address=request.axes_ip_address, attempt_time__range=(since, _latest())
        )
        of_address = tried.aggregate(n=Sum("failures_since_start"))["n"] or 0
        return max(own, of_address // NAMES_AT_AN_ADDRESS)


def _latest() -> datetime:
    """The latest time of a failure that counts."""
    return timezone.now() + CLOCKS_DIFFER


def locked_out(
    request: Any, original: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """Answers 429: says how long the lock lasts and whom to ask."""
    counted = Q(username=get_client_username(request, credentials), ip_address=request.axes_ip_address)
    if request.axes_ip_address is not None:
        counted |= Q(ip_address=request.axes_ip_address)
    last = (
        AccessAttempt.objects.filter(counted, attempt_time__lte=_latest()).aggregate(
            last=Max("attempt_time")
        )["last"]
        or timezone.now()
    )
    left = last + settings.AXES_COOLOFF_TIME - timezone.now()
    context = {"minutes": max(1, math.ceil(left / MINUTE)), "administrator": settings.ADMINISTRATOR_EMAIL}
    answer = render(request, "registration/locked_out.html", context, status=429)
    answer.headers["Retry-After"] = str(context["minutes"] * 60)
    return answer


def unlock(username: str) -> int:
    """Deletes the failures counted against a user name, from all addresses.

    Returns:
        The number of deleted counters.
    """
    return int(Counter().reset_attempts(username=username))
