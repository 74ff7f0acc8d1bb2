"""The terms of the field in six languages, `locale/glossary.tsv`, and where a text uses them."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from tracker.languages import known

FILE = "glossary.tsv"
# Days are written by patterns, and the articles are long sentences of their own.
_NOT_FOUND_IN_TEXTS = ("month.", "date.", "art.")


@dataclass(frozen=True, slots=True)
class GlossaryTerm:
    """A term.

    Attributes:
        key: its name in the file.
        english: without what stands in brackets behind it.
        translations: by the codes of the languages.
        source: where they come from. Its first letter says how sure they are: A read in a document of the United
            Nations, B known, C to be verified, P proposed.
    """

    key: str
    english: str
    translations: Mapping[str, str]
    source: str


@cache
def terms() -> dict[str, GlossaryTerm]:
    """All terms that texts can use, by their English in lower case; none without the file."""
    path = known.LOCALE / FILE
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    found: dict[str, GlossaryTerm] = {}
    for row in rows:
        english = re.sub(r"\s*\([^)]*\)$", "", row["en"]).strip(" ,.")
        if row["key"].startswith(_NOT_FOUND_IN_TEXTS) or not english or re.search("[%…]", english):
            continue
        translations = {
            name: text for name, text in row.items() if name not in ("key", "en", "source_confidence")
        }
        term = GlossaryTerm(row["key"], english, translations, row["source_confidence"])
        found.setdefault(english.lower(), term)
    return found


@cache
def _pattern() -> re.Pattern[str]:
    # Of two terms, one in the other, the longer.
    names = sorted(map(re.escape, terms()), key=len, reverse=True)
    return re.compile(rf"\b({'|'.join(names)})s?\b", re.IGNORECASE) if names else re.compile(r"(?!)")


def terms_in(english: str) -> list[GlossaryTerm]:
    """The terms that an English text uses, each once, in its order."""
    found = dict.fromkeys(one[1].lower() for one in _pattern().finditer(english))
    return [terms()[name] for name in found]


def translated_terms(english: str, code: str) -> list[tuple[GlossaryTerm, str]]:
    """The terms that an English text uses and a language has, each with its translation."""
    found = ((term, term.translations.get(code, "")) for term in terms_in(english))
    return [(term, translation) for term, translation in found if translation]
