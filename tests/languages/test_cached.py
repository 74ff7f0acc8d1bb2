"""What is cached has the language in its key."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

from tracker.languages.known import speaking
from tracker.obligations.wording import span

ROOM = Path(__file__).resolve().parents[2] / "tracker"
CACHES = {"cache", "lru_cache", "cached", "until_texts_change"}
# It says itself in which language it speaks.
SPEAKS = {"web/api/description.py: description"}


def translators(module: ast.Module) -> set[str]:
    """The names under which a module knows gettext and its kin."""
    return {
        one.asname or one.name
        for found in ast.walk(module)
        if isinstance(found, ast.ImportFrom) and found.module == "django.utils.translation"
        for one in found.names
        if one.name.endswith("gettext")
    }


def named(one: ast.expr) -> str:
    called = one.func if isinstance(one, ast.Call) else one
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def cached_words(source: str, place: str) -> list[str]:
    """The functions of a module that cache a translated text without its language."""
    module = ast.parse(source)
    words = translators(module)
    return [
        f"{place}: {one.name}"
        for one in ast.walk(module)
        if isinstance(one, ast.FunctionDef)
        and CACHES & {named(decorator) for decorator in one.decorator_list}
        and any(isinstance(call, ast.Call) and named(call) in words for call in ast.walk(one))
    ]


def test_no_function_caches_a_translated_text_without_its_language() -> None:
    found = {
        words
        for path in ROOM.rglob("*.py")
        for words in cached_words(path.read_text(encoding="utf-8"), path.relative_to(ROOM).as_posix())
    }
    assert found == SPEAKS


def test_such_a_function_would_be_found() -> None:
    source = (
        "from django.utils.translation import gettext as _\n"
        "@functools.lru_cache(9)\ndef title():\n    return _('Title')\n"
        "@said_once\ndef name():\n    return _('Name')\n"
    )
    assert cached_words(source, "a.py") == ["a.py: title"]


def test_a_text_said_once_is_said_once_in_each_language() -> None:
    said = {}
    for code in ("en", "fr", "ru", "en", "fr", "ru"):
        with speaking(code):
            said.setdefault(code, set()).add(span(date(2005, 1, 23), date(2007, 3, 23)))
    assert said == {"en": {"2 years 2 months"}, "fr": {"2 ans et 2 mois"}, "ru": {"2 года 2 месяца"}}
