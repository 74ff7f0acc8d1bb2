"""What a search finds, as a page shows it, and the condition for it in the database."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from django.db.models import Q

MOST_COUNTED = 50  # hits of a group; beyond it a page says "more than 50"
# Characters of a text that is looked for inside symbols, titles and addresses; in Chinese any number.
SHORTEST_PART = 3
# Chinese has words of two characters, and no spaces between words.
_CHINESE = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True)
class Hit:
    """One thing that was found.

    Attributes:
        address: where it is shown, without the as-of day.
        note: what it is, with its date.
        code: the alpha-3 code of a State.
        exact: the text names it in full.
    """

    title: str
    address: str
    note: str = ""
    code: str = ""
    exact: bool = False


@dataclass(frozen=True)
class Group:
    """The hits of one kind, the best first.

    Attributes:
        more: there are more than these.
    """

    key: str
    label: str
    hits: list[Hit]
    more: bool


def is_part(text: str) -> bool:
    """Whether a text is long enough to be looked for inside others."""
    return len(text) >= SHORTEST_PART or is_joined(text)


def is_joined(text: str) -> bool:
    """Whether a text is Chinese, which joins words."""
    return bool(_CHINESE.search(text))


def contains(text: str, *fields: str) -> Q:
    """The condition that each word of a text is in one of some fields."""
    return reduce(and_, (_contains_word(word, fields) for word in text.split()), Q())


def _contains_word(word: str, fields: Sequence[str]) -> Q:
    # SQLite ignores the case of ASCII letters only.
    spellings = {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}
    return reduce(or_, (Q(**{f"{field}__icontains": one}) for field in fields for one in spellings))
