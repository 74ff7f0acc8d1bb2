"""Whether the texts of a language may go to a State: alone, only beside the English, or not at all.

No State gets a sentence that no competent person would sign. So a mail is in a language alone only when people have
confirmed all its texts; with texts that were written for this product and not yet confirmed, the English stands beside;
and where one text is missing or a machine's, the whole mail is English.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from functools import cache

from tracker.languages.cached import forgets
from tracker.languages.catalogues import BadCatalogue, Scope
from tracker.languages.known import ENGLISH, by_code
from tracker.languages.texts import texts_of


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
        texts = texts_of(language).values()
    except BadCatalogue:
        return Way.ENGLISH
    standings = {one.standing for one in texts if one.scope == Scope.MAIL}
    if not standings or standings & {"missing", "machine"}:
        return Way.ENGLISH
    return Way.OWN if standings == {"confirmed"} else Way.BOTH


@cache
def version_of(code: str) -> str:
    """Which texts a mail in a language was written with: twelve hexadecimal digits, other ones after any change."""
    digest = hashlib.sha256()
    if by_code(code) != ENGLISH:
        for one in texts_of(by_code(code)).values():
            if one.scope == Scope.MAIL:
                digest.update(repr((one.context, one.english, one.plural, one.forms)).encode())
    return digest.hexdigest()[:12]


forgets(way_of.cache_clear)
forgets(version_of.cache_clear)
