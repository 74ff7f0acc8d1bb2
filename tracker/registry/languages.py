"""Words that many rows of a page share, looked up once in each language."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec

from django.utils.translation import get_language

Given = ParamSpec("Given")
MOST = 2048  # different wordings that are kept of a function


def said_once(function: Callable[Given, str]) -> Callable[Given, str]:
    """Keeps what a function says, by the language of the moment: a catalogue is asked once, not for each row.

    For functions of plain values alone, whose words depend on nothing else.
    """

    @lru_cache(MOST)
    def in_language(_language: str | None, *args: Any, **kwargs: Any) -> str:
        return function(*args, **kwargs)

    @wraps(function)
    def in_this_one(*args: Given.args, **kwargs: Given.kwargs) -> str:
        return in_language(get_language(), *args, **kwargs)  # type: ignore[arg-type]  # plain values

    return in_this_one
