"""In which language a mail is previewed: `?language=fr`, else in the one in which it will be sent."""

from __future__ import annotations

from django.http import HttpRequest

from tracker.languages.known import LANGUAGES, Locale, find

IN_ADDRESS = "language"


def asked_for(request: HttpRequest) -> str:
    """The code of the language that somebody asked for; empty for none, or for an unknown one."""
    asked = request.GET.get(IN_ADDRESS, "")
    return asked if find(asked) else ""


def offered(request: HttpRequest) -> dict[str, str | tuple[Locale, ...]]:
    """The choice of languages, for `web/reminders/_preview_in.html`."""
    return {"preview_in": asked_for(request), "preview_languages": LANGUAGES}
