"""Translated texts that many rows of a page share, cached by language."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from django.utils.translation import get_language

Given = ParamSpec("Given")
Result = TypeVar("Result")
MOST = 2048  # cached results per function
_forget: list[Callable[[], None]] = []


def said_once(function: Callable[Given, str]) -> Callable[Given, str]:
    """Caches the text that a function returns, for each language.

    Only for functions of plain values whose text depends on nothing else.
    """

    @lru_cache(MOST)
    def in_language(_language: str | None, *args: Any, **kwargs: Any) -> str:
        return function(*args, **kwargs)

    forgets(in_language.cache_clear)

    @wraps(function)
    def in_this_one(*args: Given.args, **kwargs: Given.kwargs) -> str:
        return in_language(get_language(), *args, **kwargs)  # type: ignore[arg-type]  # plain values

    return in_this_one


def until_texts_change(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Caches what a function makes of texts in languages of its own choice, whichever is active.

    What another thread began to work out before a change is not kept.
    """
    cached: Any = lru_cache(MOST)(function)

    @wraps(function)
    def result(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        found: Result = cached(*args, **kwargs)
        return found

    def clear() -> None:
        nonlocal cached
        cached = lru_cache(MOST)(function)

    forgets(clear)
    return result


def forgets(clear: Callable[[], None]) -> None:
    """Has a cache of translated texts cleared when a person changes one of them."""
    _forget.append(clear)


def forget() -> None:
    """Clears the caches, because texts have changed."""
    for clear in _forget:
        clear()
