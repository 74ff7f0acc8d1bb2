"""What the pages that a link in a mail opens, without signing in, have in common.

They are in the language of the mail. Links change it for this page alone, by `?language=fr`, to languages whose texts
may go to a State; no cookie is set. Nobody else stores, indexes or learns their addresses.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.languages.known import ENGLISH, current
from tracker.reminders.text.language import first_of, ready

LANGUAGE = "language"  # in the address
HEADERS = {
    "Cache-Control": "no-store",
    # Keeps the secret in the address from other sites. With “no-referrer” browsers would send “Origin: null” with the
    # form, which Django rejects.
    "Referrer-Policy": "strict-origin",
    "X-Robots-Tag": "noindex, nofollow",
}


def language_of_link(request: HttpRequest, of_the_mail: str) -> str:
    """The code of the language of a page: chosen by a link, else that of the mail, else English."""
    offered = {one.code for one in ready()}
    wanted = (request.GET.get(LANGUAGE, ""), first_of(of_the_mail), ENGLISH.code)
    return next(code for code in wanted if code in offered)


def say(request: HttpRequest, status: int, heading: str, sentences: Sequence[str]) -> HttpResponse:
    """A page with a heading and some sentences."""
    context = {"heading": heading, "sentences": sentences, "offered": ready()}
    return render(request, "web/reminders/answer_said.html", context, status=status)


def say_unknown(request: HttpRequest) -> HttpResponse:
    """The page of a link that leads to nothing."""
    return say(
        request,
        404,
        _("Page not found"),
        [
            _("The link is incomplete or invalid. Some mail programs cut off long links."),
            _("Copy the whole link from our mail, or simply reply to the mail."),
        ],
    )


def say_ended(request: HttpRequest, instead: str) -> HttpResponse:
    """The page of a link that was valid; `instead` says what to do."""
    ended = _("A link in our mails works for half a year. It ends earlier if our list of contacts changes.")
    return say(request, 410, _("This link can no longer be used"), [ended, instead])


def say_too_many(request: HttpRequest, address: str) -> HttpResponse:
    """The page after an answer too many on one day, with the address to write to instead."""
    many = _("We have received too many answers to this mail today. Nothing was saved.")
    return say(request, 429, _("Your answer was not saved"), [many, write_instead(address)])


def thanked(language: str) -> HttpResponse:
    """To the page after an answer, in its language."""
    query = None if language == ENGLISH.code else {LANGUAGE: language}
    return redirect(reverse("answer-thanks", query=query))


def write_instead(address: str) -> str:
    """That a person should write to an address."""
    return _("Please write to %(address)s instead, or simply reply to the mail.") % {"address": address}


def kept_to_itself(page: HttpResponse) -> HttpResponse:
    """The page with headers that forbid storing it, indexing it and passing on its address."""
    for name, value in HEADERS.items():
        page.headers[name] = value
    page.headers["Content-Language"] = current().in_django
    return page


def plain(text: str) -> str:
    """The text without control characters and without characters that change the writing direction."""
    even = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in even if one == "\n" or not _steers(one)).strip()


def _steers(one: str) -> bool:
    turns = unicodedata.bidirectional(one) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    return turns or unicodedata.category(one) == "Cc"
