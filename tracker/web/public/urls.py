"""The addresses under /public/, and /robots.txt."""

from __future__ import annotations

import re
from typing import Any

from django.urls import URLResolver, path, re_path

from tracker.languages.known import current
from tracker.web.languages.addresses import public_place
from tracker.web.public import views


class PublicPlace:
    """The beginning of public addresses in the active language; as Django's `LocalePrefixPattern` is for a whole site.

    A request has the language of its address (`LanguageMiddleware`), and a page links to pages in its own.
    """

    converters: dict[str, Any] = {}

    @property
    def regex(self) -> re.Pattern[str]:
        """For `reverse`, which remembers it for each language."""
        return re.compile(re.escape(str(self)))

    def match(self, path: str) -> tuple[str, tuple[()], dict[str, Any]] | None:
        """The rest of an address in the active language."""
        place = str(self)
        return (path.removeprefix(place), (), {}) if path.startswith(place) else None

    def check(self) -> list[Any]:
        return []

    def describe(self) -> str:
        return f"'{self}'"

    def __str__(self) -> str:
        return public_place(current()).removeprefix("/")


PAGES = [
    path("", views.overview, name="public"),
    path("late/", views.late, name="public-late"),
    path("states/<str:iso3>/", views.state, name="public-state"),
    path("data/", views.data_page, name="public-data"),
    re_path(r"^(?P<rest>[\s\S]*/)$", views.nowhere, name="public-nowhere"),
]

urlpatterns = [
    # Files are the same in all languages, so each has one address.
    path("public/data/<str:table>.<str:form>", views.file, name="public-data-file"),
    re_path(r"^public/en/(?P<rest>[\s\S]*)$", views.without_code, name="public-in-english"),
    # `include` refuses subclasses of Django's class, which it takes for a whole site.
    URLResolver(PublicPlace(), PAGES),  # type: ignore[arg-type]  # it asks for a pattern, and this is one by its methods
    path("robots.txt", views.robots, name="robots"),
]
