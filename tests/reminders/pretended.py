"""Translations that mark what they translate, ⟦fr:…⟧, so that a test sees which words came from which catalogue."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from django.utils import translation
from django.utils.translation import trans_real

from tools.messages import KEYWORDS, sources
from tracker.languages import cached, catalogues, known
from tracker.languages.catalogues import SCOPES

MAIL = re.compile(SCOPES[0][1])
_MARKED = re.compile(r"⟦[a-z]+:[^⟦⟧]*⟧")
# With a placeholder in brackets, so that `split` keeps it.
_PLACEHOLDER = re.compile(r"(%(?:\(\w+\))?[+]?[sd])")


@cache
def texts_for_mail() -> tuple[Any, ...]:
    """The texts of the sources that States read in mails, each with its context."""
    found = Catalog()
    for place, content in sources():
        if MAIL.match(place):
            for _line, text, _notes, context in extract("python", io.BytesIO(content), keywords=KEYWORDS):
                found.add(text, context=context)
    return tuple(one for one in found if one.id)


def forms_for_mail() -> set[tuple[str | None, str]]:
    """The same texts, and their plurals, as they are looked up: each with its context."""
    return {
        (one.context, form)
        for one in texts_for_mail()
        for form in (one.id if isinstance(one.id, tuple) else [one.id])
    }


def recorded(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str | None, str]]:
    """A set of all texts that are looked up from now on, each with its context."""
    looked_up: set[tuple[str | None, str]] = set()

    def record(name: str, context_at: int | None, text_at: int) -> None:
        look_up = getattr(translation._trans, name)  # type: ignore[attr-defined]  # the stubs leave it out

        def recording(*args: Any) -> str:
            looked_up.add((None if context_at is None else args[context_at], args[text_at]))
            return str(look_up(*args))

        monkeypatch.setattr(translation._trans, name, recording)  # type: ignore[attr-defined]

    cached.forget()
    for name in ("gettext", "ngettext"):
        record(name, None, 0)
    for name in ("pgettext", "npgettext"):
        record(name, 0, 1)
    return looked_up


@contextmanager
def pretended(folder: Path, settings: Any, *codes: str) -> Iterator[None]:
    """Inside, these languages have such catalogues, and the others none."""
    settings.LOCALE_PATHS = [folder]
    for code in codes:
        language = known.by_code(code)
        made = Catalog(locale=language.folder.parent.name)
        for one in texts_for_mail():
            if isinstance(one.id, tuple):
                first, others = (_marked(form, code) for form in one.id)
                said: Any = (first, *[others] * (made.num_plurals - 1))
            else:
                said = _marked(one.id, code)
            made.add(one.id, said, context=one.context)
        path = folder / language.folder.relative_to(known.LOCALE)
        path.mkdir(parents=True)
        content = io.BytesIO()
        write_mo(content, made)
        (path / catalogues.COMPILED).write_bytes(content.getvalue())
    _forget()
    try:
        yield
    finally:
        _forget()


def _marked(text: str, code: str) -> str:
    """A text with its own words marked, and what is put into it not."""
    return "".join(
        part if _PLACEHOLDER.fullmatch(part) or not part.strip() else f"⟦{code}:{part}⟧"
        for part in _PLACEHOLDER.split(text)
    )


def _forget() -> None:
    trans_real._translations.clear()  # type: ignore[attr-defined]  # the stubs leave it out
    trans_real._default = None  # type: ignore[attr-defined]
    cached.forget()


def languages_in(text: str) -> set[str]:
    """The languages of the marked words in a text."""
    return set(re.findall(r"⟦([a-z]+):", text))


def unmarked(text: str) -> str:
    """What is left of a text without its marked words."""
    return _MARKED.sub("", text)
