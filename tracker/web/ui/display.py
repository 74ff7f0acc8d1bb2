"""Display settings of a user, colours and contrast, stored in two cookies."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

# The values of each cookie; others count as the first, which matches the system.
CHOICES = {
    "theme": (
        ("", _("Match system")),
        ("light", _("Light")),
        ("dark", _("Dark")),
    ),
    "contrast": (
        ("", _("Match system")),
        ("more", _("More contrast")),
    ),
}
YEAR = 365 * 24 * 3600  # seconds


def display_of(request: HttpRequest) -> dict[str, str]:
    """The user's choices: `theme` and `contrast`, empty to match the system."""
    return {name: _known(name, request.COOKIES.get(name, "")) for name in CHOICES}


def keep(answer: HttpResponse, name: str, value: str) -> None:
    """Stores a choice in this browser for a year; an empty choice deletes it."""
    if value:
        answer.set_cookie(
            name,
            value,
            max_age=YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    else:
        answer.delete_cookie(name, samesite="Lax")


def choose(answer: HttpResponse, chosen: dict[str, str]) -> dict[str, str]:
    """Stores the submitted colours and contrast; returns what was stored."""
    kept = {name: _known(name, chosen.get(name, "")) for name in CHOICES}
    for name, value in kept.items():
        keep(answer, name, value)
    return kept


def _known(name: str, value: str) -> str:
    return value if value in dict(CHOICES[name]) else ""
