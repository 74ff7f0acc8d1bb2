"""Addresses with a language of their own, which the reader does not choose: the public view and the API."""

from __future__ import annotations

from django.conf import settings

from tracker.languages.known import ENGLISH, Locale, by_code

API = "/api/v1/"
PUBLIC = "/public/"


def of_address(path: str) -> Locale | None:
    """The language of everything at an address; None where the reader decides."""
    if path.startswith(API):
        return ENGLISH
    return _of_public(path) if settings.PUBLIC_VIEW and path.startswith(PUBLIC) else None


def public_place(language: Locale) -> str:
    """Where the public view is in a language: /public/fr/, and /public/ in English."""
    return PUBLIC if language == ENGLISH else f"{PUBLIC}{language.code}/"


def in_language(path: str, language: Locale) -> str:
    """The address of a public page in another language."""
    return public_place(language) + path.removeprefix(public_place(_of_public(path)))


def _of_public(path: str) -> Locale:
    return by_code(path.removeprefix(PUBLIC).partition("/")[0])
