"""What people type: figures and letters that are the same but for their form, and days counted from today in words.

The words of all languages are understood at once, whichever is active. They are texts of the catalogue: lists, in which
commas stand between the words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import pgettext

from tracker.languages.cached import until_texts_change
from tracker.languages.known import in_each
from tracker.rules.dates import add_months

# Arabic letters that people write for each other and Unicode does not take apart, and the line that only stretches.
ARABIC_LETTERS = {"ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ٱ": "ا", "ـ": ""}
_TO_COMPARE = str.maketrans(ARABIC_LETTERS | dict.fromkeys("'’ʼ`´"))
# Letters of Cyrillic and Greek keyboards, and the Latin ones that look the same.
_LOOK_ALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
    "ABESIJKMHOPCTYXaesijopcyxABEZHIKMNOPTYXo",
)
COMMA = re.compile("[,،，、]")
_NUMBER_PARTED = re.compile(r"\d\s+\d")


def figures(text: str) -> str:
    """A text with 0 to 9 for the digits of other scripts (٣), and usual signs for the wide ones of Chinese (／３)."""
    return text if text.isascii() else "".join(map(_usual, text))


def _usual(sign: str) -> str:
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    return unicodedata.normalize("NFKC", sign) if unicodedata.east_asian_width(sign) == "F" else sign


def closed_figures(text: str) -> str:
    """A number without the signs before each three of its figures: 31,800 and 31 800 as 31800, but 9.5 as it is."""
    return re.sub(r"(?<=\d)[\s,.’']+(?=\d{3}(?!\d))", "", figures(text)).strip()


def as_symbol(text: str) -> str:
    """A text as the symbol of a document has it: with Latin letters for those that only look like them (СRС)."""
    plain = figures(text).translate(_LOOK_ALIKES)
    return plain if plain.isascii() else text


def bare(text: str) -> str:
    """In lower case, without accents, vowel signs, apostrophes and what cannot be seen: to compare words."""
    letters = unicodedata.normalize("NFKD", text.casefold()).translate(_TO_COMPARE)
    return "".join(c for c in letters if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")


def in_all_languages(text: object) -> frozenset[str]:
    """A text that is translated when it is shown, in all languages, bare."""
    return frozenset(in_each(lambda: bare(str(text))))


def meanings(choices: Iterable[tuple[str, object]]) -> dict[str, set[str]]:
    """What a typed word may mean: the values of the choices by their labels in all languages, bare."""
    found: dict[str, set[str]] = {}
    for value, label in choices:
        for word in in_all_languages(label):
            found.setdefault(word, set()).add(value)
    return found


def relative_day(text: str, today: date) -> date | None:
    """A day given by its distance from today: yesterday, in 3 months, hace 2 semanas, 3天前.

    Returns:
        None if the text is nothing of the kind.
    """
    if _NUMBER_PARTED.search(text):
        return None
    typed = _closed_up(figures(text))
    for words in _all_words():
        if typed in words.named:
            return today + timedelta(days=words.named[typed])
        for sign, pattern in words.counted:
            if found := pattern.fullmatch(typed):
                months, days = words.units[found["unit"]]
                count = words.count(found["n"], found["unit"])
                return _some_later(today, sign * months * count, sign * days * count) if count else None
    return None


def _some_later(today: date, months: int, days: int) -> date | None:
    try:
        return add_months(today, months) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True)
class _DayWords:
    """The words of a language, closed up.

    Attributes:
        named: the distance of a day with a name, in days.
        counted: 1 or -1, and how such a day is written.
        numbers: written in letters.
        units: months and days.
        alone: units that mean a number where they have none beside them: "через неделю", "بعد يومين".
    """

    named: dict[str, int]
    counted: list[tuple[int, re.Pattern[str]]]
    numbers: dict[str, int]
    units: dict[str, tuple[int, int]]
    alone: dict[str, int]

    def count(self, number: str | None, unit: str) -> int:
        """How many units are meant; 0 if nothing says it."""
        if number is None:
            return self.alone.get(unit, 0)
        return int(number) if number.isdecimal() else self.numbers[number]


@until_texts_change
def _all_words() -> tuple[_DayWords, ...]:
    return tuple(in_each(_day_words))


def _day_words() -> _DayWords:
    """The words of the active language."""
    # Translators: what people type for a day, here and below. Separate several words by commas.
    yesterday = pgettext("typed for a day", "yesterday")
    today, tomorrow = pgettext("typed for a day", "today"), pgettext("typed for a day", "tomorrow")
    ahead = pgettext("typed for a day", "in %(n)s %(unit)s")
    ago = pgettext("typed for a day", "%(n)s %(unit)s ago")
    # Translators: numbers that people type in letters; write "two=2" for others than one.
    letters = pgettext("typed for a number", "a, an, one")
    # Translators: all forms of the word. Write "week=1" where it stands without a number, and "two weeks=2" for a dual.
    day = pgettext("typed for a unit", "day, days")
    week = pgettext("typed for a unit", "week, weeks")
    month = pgettext("typed for a unit", "month, months")
    year = pgettext("typed for a unit", "year, years")
    kinds = ((day, (0, 1)), (week, (0, 7)), (month, (1, 0)), (year, (12, 0)))
    numbers = {word: number or 1 for word, number in _listed(letters)}
    units = {word: length for words, length in kinds for word, _number in _listed(words)}
    alone = {word: number for words, _length in kinds for word, number in _listed(words) if number}
    return _DayWords(
        {
            word: at
            for at, words in ((-1, yesterday), (0, today), (1, tomorrow))
            for word, _n in _listed(words)
        },
        [
            (sign, _reading(pattern, numbers, units))
            for sign, both in ((1, ahead), (-1, ago))
            for pattern in COMMA.split(both)
            if pattern.count("%(n)s") == pattern.count("%(unit)s") == 1  # what has no unit counts nothing
        ],
        numbers,
        units,
        alone,
    )


def _listed(words: str) -> Iterator[tuple[str, int]]:
    """The words of a list, each with the number that it says, or 0."""
    for one in COMMA.split(words):
        word, _equals, number = one.partition("=")
        if not word.strip():
            continue  # a comma too many
        yield _closed_up(word), int(number) if number.strip().isdecimal() else 0


def _reading(pattern: str, numbers: dict[str, int], units: dict[str, tuple[int, int]]) -> re.Pattern[str]:
    parts = {"n": rf"(?P<n>[0-9]{{1,3}}|{_any_of(numbers)})?", "unit": f"(?P<unit>{_any_of(units)})"}
    read = re.escape(_closed_up(pattern))
    for name, part in parts.items():
        read = read.replace(re.escape(f"%({name})s"), part)
    return re.compile(read)


def _any_of(words: dict[str, object] | dict[str, int] | dict[str, tuple[int, int]]) -> str:
    return "|".join(map(re.escape, words))


def _closed_up(text: str) -> str:
    """Without spaces, which Chinese does not have and French has in several kinds."""
    return "".join(bare(text).split())
