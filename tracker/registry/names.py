"""Recognises States by the spellings that lists and people use, and never guesses.

Accents, capitals, punctuation, double spaces, footnote marks and the article "the" are ignored, and
"Korea (Republic of)" is the same as "Republic of Korea". The rest must be a recorded name, a name of the United Nations
or of ISO 3166 in an official language, or one of the former and variant names in `data/state_names.csv`.
Anything else is unknown. Similar names are suggested, and for a State that no longer exists its successors in
`data/former_states.csv`: what it did may count for one of them or for none, so a person decides.

A search is looser: part of a name is enough, and every State that matches is found.
"""

from __future__ import annotations

import csv
import gettext
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import Self

import pycountry
from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

from tracker.registry.models import State
from tracker.registry.un_names import shown_name, un_names
from tracker.registry.values import PLAIN_LETTERS, unadorned

SPELLINGS = Path(__file__).parent / "data" / "state_names.csv"
FORMER = Path(__file__).parent / "data" / "former_states.csv"
LANGUAGES = ("ar", "es", "fr", "ru", "zh_CN")  # those of the United Nations, beside English

LONGEST = 200  # characters; no State's name has more than 120
SHORTEST_PART = 3  # letters; fewer occur in nearly every long form: "of", "re"
MOST_SUGGESTIONS = 4
NEAR = 76  # of 100: how similar a text must be to be suggested: "Norwey" is, "Atlantis" is not
BEGUN = 90  # of 100: how similar a text is that begins a word of a name: "Malay" means Malaysia before Malta
SHORTEST_BEGINNING = 4  # letters; "nor" is the code of Norway and the beginning of "Northern"
# Words of many long forms: alone they make two names similar that are not ("Kingdom of Lebanon", "Kingdom of Lesotho").
COMMON_WORDS = frozenset(
    {
        *("republic", "kingdom", "state", "of", "and", "union", "peoples", "socialist"),
        *("islamic", "democratic", "federal", "federative", "federated"),
        *("republique", "royaume", "etat", "de", "du", "des", "la", "le", "les", "l", "d", "et"),
        *("republica", "reino", "estado", "del", "el", "los", "las", "y", "республика", "королевство", "и"),
    }
)

# Written in full before comparing; UN tables abbreviate them.
SHORT_WORDS = {"rep": "republic", "dem": "democratic", "st": "saint"}

_SUPERSCRIPTS = re.compile(
    "[\u00b2\u00b3\u00b9\u2070\u2074-\u2079][\u00b2\u00b3\u00b9\u2070\u2074-\u2079, ]*"
)
_MARKS = re.compile(r"(?:\s|[*†‡§¶,;.]|\[[0-9]{1,3}\]|\([0-9]{1,3}\)|(?<![0-9])[0-9]{1,2}(?![0-9]))+\Z")
_APOSTROPHES = re.compile("['\u2018\u2019\u201b\u02bc\u02b9`\u00b4\u2032]")
_WORDS = re.compile(r"\w+")
_TURNED = re.compile(r"(?P<before>[^(,]+)(?:\((?P<inside>[^()]+)\)?|,(?P<after>.+))\Z")


@dataclass(frozen=True)
class RecognisedState:
    """A State that a text names.

    Attributes:
        iso3: alpha-3.
        name: its name in the active language.
        spelled_otherwise: the text is neither this name, nor the recorded name, nor alpha-3, apart from footnote marks;
            a page then shows which State was recognised.
    """

    iso3: str
    name: str
    spelled_otherwise: bool


@dataclass(frozen=True)
class Unknown:
    """A text that names no recorded State, or could name two.

    Attributes:
        text: as given.
    """

    text: str
    names: StateNames

    @cached_property
    def suggestions(self) -> tuple[tuple[str, str], ...]:
        """Alpha-3 and name of a few States that may be meant, the most similar first."""
        return self.names.near(self.text)


class StateNames:
    """The spellings of the recorded States, for any number of lookups in one language.

    Args:
        states: alpha-3, alpha-2 (or nothing) and recorded name of each State.

    Attributes:
        names: their names in the language that is active now, by alpha-3.
    """

    def __init__(self, states: Iterable[tuple[str, str | None, str]]) -> None:
        rows = list(states)
        self._recorded = {iso3: name for iso3, _iso2, name in rows}
        self.names = {iso3: shown_name(iso3, name) for iso3, name in self._recorded.items()}
        self._codes = {code: iso3 for iso3, iso2, _name in rows for code in (iso3, iso2) if code}
        # The office's own names come before other spellings.
        self._by_name = _table((iso3, keys(name)) for iso3, _iso2, name in rows)
        self._by_spelling = _table((iso3, spellings().get(iso3, ())) for iso3 in self.names)

    @classmethod
    def recorded(cls) -> Self:
        """The names of all recorded States, in one query."""
        return cls(State.objects.values_list("iso3", "iso2", "name"))

    def in_order(self, codes: Iterable[str]) -> list[str]:
        """Some States in the order of the names given."""
        wanted = set(codes)
        return [iso3 for iso3 in self.names if iso3 in wanted]

    def recognise(self, text: str) -> RecognisedState | Unknown:
        """The State that a text names; codes must be in capitals, because "and" is a word."""
        if len(text) > LONGEST or "\0" in text:
            return Unknown(text, self)
        plain = without_marks(text)
        found = {self._codes[plain]} if plain in self._codes else self._find(plain)
        if len(found) != 1:
            return Unknown(text, self)
        iso3 = next(iter(found))
        name = self.names[iso3]
        usual = {_composed(one) for one in (name, self._recorded[iso3], iso3)}
        return RecognisedState(iso3, name, spelled_otherwise=_composed(plain) not in usual)

    def near(self, text: str, most: int = MOST_SUGGESTIONS) -> tuple[tuple[str, str], ...]:
        """Alpha-3 and name of the States that a text may mean, the most similar first.

        Former States of that name come before them, with all their successors.
        """
        if len(text) > LONGEST:
            return ()
        plain = without_marks(text)
        former = {
            iso3: _("%(name)s (formerly %(former)s)") % {"name": self.names[iso3], "former": name}
            for name, successors in (former_states().get(key, ("", ())) for key in keys(plain))
            for iso3 in successors
            if iso3 in self.names
        }
        found = sorted(self._find(plain))
        if plain.upper() in self._codes:
            found.append(self._codes[plain.upper()])
        for key in keys(plain)[:1]:
            found += self._similar(key)
        similar = {iso3: self.names[iso3] for iso3 in found if iso3 not in former}
        return (*former.items(), *similar.items())[: max(most, len(former))]

    def _similar(self, key: str) -> list[str]:
        """Alpha-3 of the States with a spelling similar to a folded text, in any language, the most similar first."""
        distinctive = _distinctive(key)
        if not distinctive:
            return []
        scores: dict[str, tuple[float, float]] = {}
        alike = process.extract(
            distinctive, self._distinctive_words, scorer=fuzz.ratio, score_cutoff=NEAR, limit=None
        )
        begun = [
            (words, BEGUN, spelling)
            for spelling, words in self._distinctive_words.items()
            if len(distinctive) >= SHORTEST_BEGINNING and f" {distinctive}" in f" {words}"
        ]
        for _words, score, spelling in [*alike, *begun]:
            # Between equals, as the two Koreas are, the common words decide.
            similarity = (score, fuzz.ratio(key, spelling))
            for iso3 in self._spelled[spelling]:
                scores[iso3] = max(similarity, scores.get(iso3, similarity))
        return sorted(scores, key=lambda iso3: (*(-one for one in scores[iso3]), iso3))

    @cached_property
    def _spelled(self) -> dict[str, set[str]]:
        """The States by their folded spellings in all languages."""
        other = {key: found for key, of in in_other_languages().items() if (found := of & self.names.keys())}
        return {**other, **self._by_spelling, **self._by_name}

    @cached_property
    def _distinctive_words(self) -> dict[str, str]:
        return {spelling: words for spelling in self._spelled if (words := _distinctive(spelling))}

    def search(self, text: str) -> dict[str, str]:
        """The States that match a search text, by alpha-3, in the order of the names given.

        The text is part of the name in the active language or of the recorded name, or it is alpha-3 or alpha-2 in
        upper or lower case, or a former, variant or ISO 3166 spelling, or the beginning of words of one, at least three
        letters long ("Ivory C"). If nothing matches, it may be the whole name in another language ("Allemagne").

        Returns:
            the spelling that matched, by alpha-3; empty if the name in the active language or alpha-3 matched.
        """
        bare, folded = unadorned(text), fold(text)
        if len(text) > LONGEST or not bare:
            return {}
        found = {}
        for iso3, name in self.names.items():
            if bare == iso3.lower() or _holds(name, bare, folded):
                found[iso3] = ""
            elif _holds(self._recorded[iso3], bare, folded):
                found[iso3] = self._recorded[iso3]
            elif self._codes.get(bare.upper()) == iso3:
                found[iso3] = bare.upper()
            elif folded and (spelling := _spelled_with(folded, iso3)):
                found[iso3] = spelling
        return found or {iso3: text.strip() for iso3 in sorted(self._find(text))}

    def in_full(self, text: str) -> str | None:
        """Alpha-3 of the one State whose code or full name was typed in a search, in any spelling."""
        code = text.strip().upper()
        if code in self.names:
            return code
        found = self.recognise(text)
        return found.iso3 if isinstance(found, RecognisedState) else None

    def _find(self, plain: str) -> set[str]:
        for table in (self._by_name, self._by_spelling):
            found = {iso3 for key in keys(plain) for iso3 in table.get(key, ())}
            if found:
                return found
        # English comes first, so that a word of another language never makes an English name ambiguous.
        found = {iso3 for key in keys(plain) for iso3 in in_other_languages().get(key, ())}
        return found & self.names.keys()


def without_marks(text: str) -> str:
    """A name without the footnote numbers, asterisks and superscripts at its end."""
    return _MARKS.sub("", " ".join(_SUPERSCRIPTS.sub(" ", text).split()))


def keys(text: str) -> list[str]:
    """The folded words of a spelling as written and, for "A (B)" or "A, B", as "B A"; used to compare spellings."""
    found = [fold(text)]
    if turned := _TURNED.match(text):
        rest = turned["inside"] or turned["after"]
        found.append(fold(f"{rest} {turned['before']}"))
    return [key for key in dict.fromkeys(found) if key]


def fold(text: str) -> str:
    """The words of a text without accents, capitals, punctuation and articles, in their order."""
    letters = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text.replace("&", " and ")))
    bare = "".join(c for c in letters if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    words = (SHORT_WORDS.get(word, word) for word in _WORDS.findall(bare.casefold().translate(PLAIN_LETTERS)))
    return " ".join(word for word in words if word != "the")


@cache
def spellings() -> dict[str, tuple[str, ...]]:
    """The folded spellings of every State by alpha-3: those of ISO 3166 and those of our own list."""
    return {iso3: tuple(dict.fromkeys(key for _, key in pairs)) for iso3, pairs in _as_written().items()}


@cache
def in_other_languages() -> dict[str, set[str]]:
    """The States by their folded names in all official languages: of the United Nations, and as ISO 3166 translates."""
    united = (
        (iso3, (key for text in name.spellings for key in keys(text)))
        for names in un_names().values()
        for iso3, name in names.items()
    )
    # ISO has usual names as well: "Corée du Sud".
    translations = [
        gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[code]) for code in LANGUAGES
    ]
    usual = (
        (iso3, (key for one in translations for key in keys(one.gettext(text))))
        for iso3, text in _iso_names()
    )
    return _table(chain(united, usual))


@cache
def former_states() -> dict[str, tuple[str, tuple[str, ...]]]:
    """The States that no longer exist: name and alpha-3 of the successors, by folded name."""
    with FORMER.open(encoding="utf-8", newline="") as file:
        return {
            key: (row["name"], tuple(row["successors"].split()))
            for row in csv.DictReader(file)
            for key in keys(row["name"])
        }


@cache
def _as_written() -> dict[str, list[tuple[str, str]]]:
    """The spellings of every State as written, each with one of its keys."""
    found: dict[str, list[tuple[str, str]]] = {}
    for iso3, text in _written():
        found.setdefault(iso3, []).extend((text, key) for key in keys(text))
    return found


def _holds(name: str, bare: str, folded: str) -> bool:
    """Whether a name contains a text, which is given in lower case, and as its folded words."""
    plain, words = _compared(name)
    return bare in plain or bool(folded and any(folded in key for key in words))


@lru_cache(4096)  # each search asks for all names, the recorded ones and those of the language
def _compared(name: str) -> tuple[str, list[str]]:
    """A name in lower case without accents, and its folded words."""
    return unadorned(name), keys(name)


def _distinctive(key: str) -> str:
    """A folded spelling without the words that many names have."""
    return " ".join(word for word in key.split() if word not in COMMON_WORDS)


def _spelled_with(folded: str, iso3: str) -> str:
    """The shortest spelling of a State that equals a folded text or contains it from the start of a word; or empty."""
    part = len(folded) >= SHORTEST_PART
    found = [
        text
        for text, key in _as_written().get(iso3, ())
        if key == folded or (part and f" {folded}" in f" {key}")
    ]
    return min(found, key=len, default="")


def _iso_names() -> Iterator[tuple[str, str]]:
    for country in pycountry.countries:
        for kind in ("name", "official_name", "common_name"):
            if text := getattr(country, kind, ""):
                yield country.alpha_3, text


def _written() -> Iterator[tuple[str, str]]:
    yield from _iso_names()
    for country in pycountry.countries:
        # The "Italian Republic" is also the Republic of Italy; China is not the Republic of China.
        if re.fullmatch(r"\w+ Republic", getattr(country, "official_name", "")):
            yield country.alpha_3, f"Republic of {country.name}"
    with SPELLINGS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["iso3"], row["alias"]


def _table(rows: Iterable[tuple[str, Iterable[str]]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for iso3, texts in rows:
        for key in texts:
            found.setdefault(key, set()).add(iso3)
    return found


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", _APOSTROPHES.sub("'", text))
