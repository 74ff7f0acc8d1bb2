"""The trail of a date: the steps that lead to it, each with its article, its dates and a sentence.

A step stores its sentence as a pattern with placeholders, so that a stored trail can be shown in any language: pass
a translating function to `sentence`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from tracker.rules.dates import in_english

Stored = dict[str, "str | int | None"]


def gettext_noop(message: str) -> str:
    """Marks a sentence for translation and returns it unchanged."""
    return message


# As a source is stored, and how it is written for people: by treaty, whether it names a paragraph and a point of it.
_ARTICLE = re.compile(r"(OPSC|CRC) art\. (\d+)(?:\((\w+)\))?(?:\((\w+)\))?")
ARTICLES = {
    ("OPSC", False, False): gettext_noop("OPSC art. %(article)s"),
    ("OPSC", True, False): gettext_noop("OPSC art. %(article)s(%(paragraph)s)"),
    ("CRC", False, False): gettext_noop("CRC art. %(article)s"),
    ("CRC", True, False): gettext_noop("CRC art. %(article)s(%(paragraph)s)"),
    ("CRC", True, True): gettext_noop("CRC art. %(article)s(%(paragraph)s)(%(point)s)"),
}
ARTICLES_IN_FULL = {
    ("OPSC", False, False): gettext_noop("Article %(article)s"),
    ("OPSC", True, False): gettext_noop("Article %(article)s(%(paragraph)s)"),
    ("CRC", False, False): gettext_noop("Article %(article)s of the Convention"),
    ("CRC", True, False): gettext_noop("Article %(article)s(%(paragraph)s) of the Convention"),
    ("CRC", True, True): gettext_noop("Article %(article)s(%(paragraph)s)(%(point)s) of the Convention"),
}
DEPOSITARY = gettext_noop("Depositary")
PRACTICE = gettext_noop("Practice of the Committee")
NO_SYMBOL = gettext_noop("Document, symbol not recorded")
CITED = gettext_noop("%(source)s: %(sentence)s")


DAY_UNKNOWN = gettext_noop("a day that is not recorded here")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trail.

    Attributes:
        source: the article or document.
        start: the date from which the step starts.
        end: the resulting date; None if the Committee has yet to communicate one.
        text: the sentence; its placeholders are %(start)s, %(end)s, %(day)s, %(first)s, %(last)s, %(years)s.
        day, first, last, years: the other values in the sentence.
    """

    source: str
    start: date
    end: date | None
    text: str
    day: date | None = None
    first: int = 0
    last: int = 0
    years: int = 0

    def sentence(
        self,
        translate: Callable[[str], str] = str,
        show: Callable[[date], str] = in_english,
    ) -> str:
        """The sentence, with dates such as 23 January 2005."""
        return translate(self.text) % {
            "start": show(self.start),
            "end": show(self.end) if self.end else "",
            "day": self._day(translate, show),
            "first": self.first,
            "last": self.last,
            "years": self.years,
        }

    def _day(self, translate: Callable[[str], str], show: Callable[[date], str]) -> str:
        if self.day is not None:
            return show(self.day)
        return translate(DAY_UNKNOWN) if "%(day)s" in self.text else ""

    def stored(self) -> Stored:
        """The step as stored in a JSON column; `Step.read` reads it."""
        kept: Stored = {
            "source": self.source,
            "from": self.start.isoformat(),
            "to": self.end.isoformat() if self.end else None,
            "text": self.text,
        }
        if self.day:
            kept["day"] = self.day.isoformat()
        if self.first:
            kept["first"] = self.first
            kept["last"] = self.last
        if self.years:
            kept["years"] = self.years
        return kept

    @classmethod
    def read(cls, kept: Mapping[str, str | int | None]) -> Step:
        """The step that `stored` wrote."""
        day, end = kept.get("day"), kept["to"]
        return cls(
            source=str(kept["source"]),
            start=date.fromisoformat(str(kept["from"])),
            end=date.fromisoformat(str(end)) if end else None,
            text=str(kept["text"]),
            day=date.fromisoformat(str(day)) if day else None,
            first=int(kept.get("first") or 0),
            last=int(kept.get("last") or 0),
            years=int(kept.get("years") or 0),
        )


Trail = tuple[Step, ...]


def for_export(trail: Iterable[Step], translate: Callable[[str], str] = str) -> list[dict[str, str | None]]:
    """The trail as commands and exports print it: source, from, to, text."""
    return [
        {
            "source": step.source,
            "from": step.start.isoformat(),
            "to": step.end.isoformat() if step.end else None,
            "text": step.sentence(translate),
        }
        for step in trail
    ]


def in_full(
    trail: Iterable[Step],
    translate: Callable[[str], str] = str,
    show: Callable[[date], str] = in_english,
    space: str = " ",
) -> str:
    """The trail as text: each sentence after its article or document.

    "Instrument of ratification deposited on 23 December 2002. Article 14(2): In force for the State one
    month after the deposit, on 23 January 2003." Steps of the depositary have no such prefix.

    Args:
        space: between two sentences.
    """
    sentences = []
    for step in trail:
        place, sentence = place_in_full(step.source, translate), step.sentence(translate, show)
        sentences.append(translate(CITED) % {"source": place, "sentence": sentence} if place else sentence)
    return space.join(sentences)


def place(source: str, translate: Callable[[str], str] = str) -> str:
    """A source as tables write it: "OPSC art. 14(2)", "Depositary"; a document unchanged."""
    return translate(source) if source == DEPOSITARY else _article(source, ARTICLES, translate)


def place_in_full(source: str, translate: Callable[[str], str] = str) -> str:
    """An article in words: "Article 14(2)", "Article 44(1) of the Convention"; a document unchanged."""
    return "" if source == DEPOSITARY else _article(source, ARTICLES_IN_FULL, translate)


def _article(
    source: str, patterns: Mapping[tuple[str, bool, bool], str], translate: Callable[[str], str]
) -> str:
    found = _ARTICLE.fullmatch(source)
    pattern = patterns.get((found[1], bool(found[3]), bool(found[4]))) if found else None
    if found is None or pattern is None:
        return translate(source) if source in (PRACTICE, NO_SYMBOL) else source
    return translate(pattern) % {"article": found[2], "paragraph": found[3], "point": found[4]}
