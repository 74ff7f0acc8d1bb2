"""Catalogues of a test instead of the usual ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import trans_real

from tracker.languages import cached, catalogues, known, texts


@contextmanager
def catalogues_in(
    folder: Path, settings: Any, patch: pytest.MonkeyPatch, *, compiled: bool = True
) -> Iterator[None]:
    """Inside, the catalogues in a folder are those of the tracker, and the only ones."""
    patch.setattr(known, "LOCALE", folder)
    settings.LOCALE_PATHS = [folder]
    _forget()
    for language in catalogues.translated() if compiled else ():
        if (language.folder / catalogues.FILE).exists():
            catalogues.compile_one(language)
    try:
        yield
    finally:
        texts.forget()  # while it is still the catalogue
        _forget()


def _forget() -> None:
    catalogues.catalogue.cache_clear()
    trans_real._translations.clear()  # type: ignore[attr-defined]  # the stubs leave it out
    trans_real._default = None  # type: ignore[attr-defined]
    cached.forget()
