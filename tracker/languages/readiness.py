"""Whether the texts of a language may go to a State: alone, only beside the English, or not at all.

No State gets a sentence that no competent person would sign. So a mail is in a language alone only when people have
confirmed all its texts; with texts that were written for this product and not yet confirmed, the English stands beside;
and where one text is missing or a machine's, the whole mail is English.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from functools import cache
from typing import Any

from tracker.languages.catalogues import CONFIRMED, BadCatalogue, Origin, Scope, messages, origin_of, scope_of
from tracker.languages.known import ENGLISH, by_code


class Way(StrEnum):
    """How a mail to a State is written."""

    OWN = "own"
    BOTH = "both"  # in the State's language, then in English
    ENGLISH = "english"


@cache
def way_of(code: str) -> Way:
    """How mails to readers of a language are written, as far as its texts allow."""
    language = by_code(code)
    if language == ENGLISH:
        return Way.OWN
    try:
        texts = [one for one in messages(language) if scope_of(one) == Scope.MAIL]
    except BadCatalogue:
        return Way.ENGLISH
    origins = {origin_of(one)[0] if is_complete(one.string) else Origin.MACHINE for one in texts}
    if Origin.MACHINE in origins or not origins:
        return Way.ENGLISH
    return Way.OWN if origins <= CONFIRMED else Way.BOTH


def is_complete(translation: Any) -> bool:
    """Whether a translation, a text or a tuple of plural forms, has all its forms."""
    return all(translation) if isinstance(translation, tuple) else bool(translation)


@cache
def version_of(code: str) -> str:
    """Which texts a mail in a language was written with: twelve hexadecimal digits, other ones after any change."""
    digest = hashlib.sha256()
    if by_code(code) != ENGLISH:
        for one in messages(by_code(code)):
            if scope_of(one) == Scope.MAIL:
                digest.update(repr((one.context, one.id, one.string)).encode())
    return digest.hexdigest()[:12]
