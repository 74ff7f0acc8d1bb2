"""Reads days and names as people write them, and says what to write where a day is not understood."""

from __future__ import annotations

import unicodedata
from datetime import date

from django.utils.translation import gettext as _

from tracker.languages.typed import ARABIC_LETTERS, relative_day
from tracker.languages.writing import in_words, read_day
from tracker.rules.dates import NotADay

# Letters that Unicode does not take apart into a base letter and an accent.
LATIN_LETTERS = {"ı": "i", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe"}
PLAIN_LETTERS = str.maketrans(LATIN_LETTERS | ARABIC_LETTERS)


def unadorned(text: str) -> str:
    """Lower case without accents: "Côte d’Ivoire" becomes "cote d'ivoire"."""
    letters = unicodedata.normalize("NFKD", text.replace("’", "'").strip())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return bare.casefold().translate(PLAIN_LETTERS)


class BadValue(ValueError):
    """A value that is not understood; its text says what to enter instead."""


def calendar_date(raw: str) -> date:
    """A date written as YYYY-MM-DD, and no other way: 03/04/2005 could be two days."""
    try:
        if len(raw) != len("2005-01-23"):
            raise ValueError
        return date.fromisoformat(raw)
    except ValueError:
        raise BadValue(
            _("“%(raw)s” is not a calendar date; write it as YYYY-MM-DD, for example 2005-01-23.")
            % {"raw": raw}
        ) from None


def written_day(raw: str, today: date | None = None) -> date:
    """A day as a person writes it (`languages.writing.read_day`), or a sentence that says what to write.

    Args:
        today: given for what a person types now, where "yesterday" and "in 3 months" are days too.
    """
    if today is not None and (found := relative_day(raw, today)):
        return found
    try:
        return read_day(raw)
    except NotADay as error:
        if error.candidates:
            first, second = map(in_words, error.candidates)
            raise BadValue(
                _("“%(text)s” could be %(first)s or %(second)s; write %(example)s.")
                % {"text": raw, "first": first, "second": second, "example": error.candidates[0].isoformat()}
            ) from None
        raise BadValue(
            _("“%(text)s” is not a day; write it as 2003-01-23, 23 Jan 2003 or 23/01/2003.")
            % {"text": raw[:40]}
        ) from None
