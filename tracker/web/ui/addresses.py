"""Addresses: the formats of their parts, those of lists, of pages to return to, and of the form of a fact."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tracker.changes.versions import FactNames, kind_of, name_of
from tracker.registry import limits
from tracker.registry.models import State

ALPHA_3 = re.compile(r"[A-Za-z]{3}")
WHOLE = re.compile(r"[0-9]{1,18}")  # a key that the database can hold
# Parameters of one answer, which no link to the same list repeats: its page, and the file that is asked for.
OF_ONE_ANSWER = ("page", "_export", "_titles")
# These have pages of their own, on which they are edited.
EDITED_ELSEWHERE = ("state", "amendment", "position", "session")


def state_of(iso3: str, states: Any = State.objects) -> State:
    """The State whose alpha-3 an address has; 404 if there is none."""
    if not ALPHA_3.fullmatch(iso3):
        raise Http404
    return get_object_or_404(states, pk=iso3)


def full_address(request: HttpRequest, path: str) -> str:
    """An address to pass on or to copy: the same as in mails, however the person has written this site's name."""
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)


def list_at(name: str, **filters: Any) -> str:
    """The address of a list with those of its filters that are not empty."""
    return reverse(name, query={key: value for key, value in filters.items() if value})


def way_back(request: HttpRequest) -> str:
    """The address to return to that a form or a link names as `next`, if it is one of this site; else empty."""
    return local(request, request.POST.get("next") or request.GET.get("next", ""))


def page_before(request: HttpRequest) -> str:
    """The page of this site whose link was followed, as far as the browser says; else empty."""
    site = f"{request.scheme}://{request.get_host()}/"
    said = request.headers.get("Referer", "")
    return local(request, said.removeprefix(site.removesuffix("/"))) if said.startswith(site) else ""


def local(request: HttpRequest, address: str) -> str:
    """An address, if it is one of this site; else empty."""
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if ours else ""


def edit_link(request: HttpRequest, fact: Any, *, brief: bool = False) -> SafeString | str:
    """A link to the form of a fact, which leads back to this page.

    Empty for no fact, and for a person who may not edit it.

    Args:
        brief: for a list, whose row names the fact, and whose browser the page before.
    """
    if fact is None:
        return ""
    kind = kind_of(fact)
    allowed = request.user.has_perm(kind.permission("change"))
    if kind.slug in EDITED_ELSEWHERE or not allowed or not limits.may_change(request.user, {fact.state_id}):
        return ""
    if brief:
        address = reverse("edit", args=[kind.slug, fact.pk])
        return format_html('<a href="{}">{}</a>', address, _("Edit"))
    address = reverse("edit", args=[kind.slug, fact.pk], query={"next": request.get_full_path()})
    what = name_of(fact, FactNames())
    return format_html('<a href="{}">{}<span class="unseen">: {}</span></a>', address, _("Edit"), what)
