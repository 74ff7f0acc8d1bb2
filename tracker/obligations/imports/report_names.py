"""Reports as people name them in their own lists, in any of the languages: “3rd-4th”, “Rapport initial”, “第三次报告”.

The words are texts of the catalogue: lists, in which commas stand between the words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

from django.utils.translation import pgettext

from tracker.languages.cached import until_texts_change
from tracker.languages.known import in_each
from tracker.languages.typed import COMMA, figures
from tracker.registry.names import fold

_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_NUMBER = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th|er|re|e|eme|nde|o|ro|do|to|mo|vo|no)?")
_BESIDE_A_NUMBER = re.compile(r"(?<=[a-z0-9])[-–—/&+](?=[a-z0-9])", re.IGNORECASE)
_CHINESE = re.compile("[0-9]*[\u3400-\u9fff][0-9\u3400-\u9fff]*")
LONGEST = 200  # characters of a text that may name a report
KindAndCycles = tuple[str, str]


@dataclass(frozen=True)
class _ReportWords:
    """The words of a language that name a report.

    Attributes:
        numbers: of cycles, each with how it is written.
        periodic, joined, range: say that a report is periodic, that there are several, that there are all from … to.
        around: say nothing about which report it is.
        chinese: all of them that are Chinese, the longest first.
    """

    numbers: tuple[tuple[int, re.Pattern[str]], ...]
    periodic: re.Pattern[str]
    joined: re.Pattern[str]
    range: re.Pattern[str]
    around: re.Pattern[str]
    chinese: re.Pattern[str]

    def parted(self, word: str) -> list[str]:
        """The words of a text without spaces between them."""
        return self.chinese.findall(word) if _CHINESE.fullmatch(word) else [word]

    def number(self, word: str) -> int:
        """The cycle that a word means, or 0."""
        if found := _NUMBER.fullmatch(word):
            return int(found[1])
        return next((number for number, spelled in self.numbers if spelled.fullmatch(word)), 0)

    def named(self, text: str) -> KindAndCycles | None:
        """What `report_named` returns, in this language."""
        folded = fold(_BESIDE_A_NUMBER.sub(" ", text)).split()
        words = list(chain.from_iterable(map(self.parted, folded)))
        numbers = [(word, self.number(word)) for word in words]
        known = (self.periodic, self.joined, self.around)
        if any(not number and not any(one.fullmatch(word) for one in known) for word, number in numbers):
            return None
        cycles = [number for _word, number in numbers if number]
        if not cycles:
            return ("periodic", "") if any(map(self.periodic.fullmatch, words)) else None
        first, last = cycles[0], cycles[-1]
        if len(cycles) > 2 or first > last or (first == 1 and last > 1):
            return None  # the initial report is not combined with others
        if first < last and not (re.search(r"[-–—/&+]", text) or any(map(self.joined.fullmatch, words))):
            return None  # “second report (3rd cycle)” is one report
        if last - first > 1 and not (re.search("[-–—]", text) or any(map(self.range.fullmatch, words))):
            return None  # “third and fifth” is not the third to fifth
        kind = "initial" if last == 1 else "periodic"
        return kind, str(first) if first == last else f"{first}-{last}"


@until_texts_change  # a list names the same reports again and again
def report_named(text: str) -> KindAndCycles | None:
    """Kind and cycles of a report that a text names, as a file has them; None if it names none.

    “initial report” is ("initial", "1"), “combined third and fourth” and “3rd-4th” are ("periodic", "3-4"), and
    “periodic” alone is ("periodic", "").
    """
    if len(text) > LONGEST:
        return None
    text = figures(text)
    if fold(text) in ("x", "v") or re.search(r"[0-9]\.[0-9]", text):
        return None  # a tick, not the tenth; a number of something else
    found = {named for words in _all_words() if (named := words.named(text))}
    return found.pop() if len(found) == 1 else None


@until_texts_change
def _all_words() -> tuple[_ReportWords, ...]:
    return tuple(in_each(_words))


def _words() -> _ReportWords:
    """The words of the active language."""
    # Translators: words in names of reports, here and below, as people write them. Commas stand between the words, and
    # strokes between spellings of one; * stands for up to three letters.
    ordinals = pgettext(
        "in names of reports",
        "first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth, eleventh, twelfth",
    )
    initial = pgettext("in names of reports", "initial, init")
    periodic = pgettext("in names of reports", "periodic")
    # Translators: words that stand between or beside the numbers of combined reports.
    joined = pgettext("in names of reports", "and, to, combined, consolidated, joint")
    # Translators: as in “third to fifth”.
    all_from = pgettext("in names of reports", "to")
    # Translators: words that do not say which report it is.
    around = pgettext(
        "in names of reports", "a, on, under, report, reports, cycle, cycles, no, nr, number, submission"
    )
    spelled = [[*one.split("/")] for one in COMMA.split(ordinals)]
    lists = [COMMA.split(one) for one in (periodic, joined, all_from, around)]
    every = [word for one in (*spelled, COMMA.split(initial), *lists) for word in one]
    chinese = sorted(filter(_CHINESE.fullmatch, map(str.strip, every)), key=len, reverse=True)
    return _ReportWords(
        (
            (1, _any_of(COMMA.split(initial))),
            *((number, _any_of(one)) for number, one in enumerate(spelled, start=1)),
            *((number, re.compile(one)) for number, one in enumerate(_ROMAN, start=1)),
        ),
        _any_of(lists[0]),
        _any_of(lists[1]),
        _any_of(lists[2]),
        _any_of([*lists[3], "opsc", "crc"]),
        re.compile("|".join(["[0-9]+", *map(re.escape, chinese), "."])),
    )


def _any_of(words: list[str]) -> re.Pattern[str]:
    """An expression that fits each of some words, compared as `fold` leaves them."""
    plain = ("*".join(map(fold, word.split("*"))) for word in words)
    return re.compile("|".join(re.escape(word).replace(r"\*", r"\w{0,3}") for word in plain))
