"""`/search/`: everything that a text may mean, in groups; suggestions while it is typed; straight to the one meant."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.registry.names import LONGEST
from tracker.web.search.documents import find_documents
from tracker.web.search.hits import MOST_COUNTED, Group
from tracker.web.search.pages import find_pages, find_terms
from tracker.web.search.papers import find_papers
from tracker.web.search.records import find_contacts, find_correspondence, find_states
from tracker.web.ui.as_of import day_of
from tracker.web.ui.filters import names_of

SHORTEST = 2  # characters: a State's alpha-2 code
SHOWN, SUGGESTED = 10, 4  # hits of a group on the page, and while typing


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """The results in groups; with `go`, straight to the State, document or paper that is named in full."""
    text = typed(request)
    too_long = len(text) > LONGEST
    groups = [] if too_long else find(request, text)
    if "go" in request.GET and (address := straight_to(groups)):
        return redirect(address)
    return render(
        request,
        "web/search/results.html",
        {
            "text": text[:LONGEST],
            "too_long": too_long,
            "longest": LONGEST,
            "groups": groups,
            "shown": f":{SHOWN}",
            "after": f"{SHOWN}:",
        },
    )


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """`/search/suggest/?q=nor`: the best results as the options of a list box, for `search.js`."""
    text = typed(request)
    groups = find(request, text) if len(text) <= LONGEST else []
    return render(
        request,
        "web/search/_suggestions.html",
        {
            "text": text[:LONGEST],
            "groups": groups,
            "shown": f":{SUGGESTED}",
            "number": sum(len(group.hits[:SUGGESTED]) for group in groups),
        },
    )


def typed(request: HttpRequest) -> str:
    """The text of a request without what cannot be seen, such as NUL, which PostgreSQL refuses."""
    words = " ".join(request.GET.get("q", "").split())
    return "".join(letter for letter in words if letter.isprintable()).strip()


def find(request: HttpRequest, text: str) -> list[Group]:
    """What a text may mean, in groups that are not empty, with addresses on the as-of day."""
    if len(text) < SHORTEST:
        return []
    names, user = names_of(request), request.user
    groups = (
        ("states", _("States"), find_states(text, names)),
        ("documents", _("Reports and documents"), find_documents(text, names)),
        ("papers", _("Papers"), find_papers(text, user)),
        ("contacts", _("Contacts"), find_contacts(text, names, user)),
        ("pages", _("Pages"), find_pages(text, user)),
        ("terms", _("Terms"), find_terms(text)),
        ("mails", _("Mails and messages"), find_correspondence(text, user)),
    )
    day = day_of(request)
    query = "" if day == timezone.localdate() else urlencode({"as_of": day.isoformat()})
    return [
        Group(
            key,
            label,
            [replace(hit, address=_with(hit.address, query)) for hit in hits[:MOST_COUNTED]],
            len(hits) > MOST_COUNTED,
        )
        for key, label, hits in groups
        if hits
    ]


def straight_to(groups: list[Group]) -> str:
    """The address of the one State, document or paper that a text names in full; empty for none, or several."""
    for key in ("states", "documents", "papers"):
        exact = [hit.address for group in groups if group.key == key for hit in group.hits if hit.exact]
        if exact:
            return exact[0] if len(exact) == 1 else ""
    return ""


def _with(address: str, query: str) -> str:
    """An address with another value in its query."""
    parts = urlsplit(address)
    return parts._replace(query="&".join(filter(None, (parts.query, query)))).geturl()
