"""Whether a translation can stand for its English: placeholders, HTML, plural forms, characters that do harm.

Pure, so that the catalogues are checked before Django starts.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation.trans_null import gettext_noop  # the usual one reads the settings

PLACEHOLDER = re.compile(r"%\(\w+\)[#0 +-]*\d*(?:\.\d+)?[a-zA-Z]|%[sd]|%%|\{[a-z_]*\}")
TAG = re.compile(r"</?[a-zA-Z!][^>]*>?")
_COUNTS = r"%\((?:n|count|counter|number|year|years|days|months|day_of_month)\)"
COUNTED = re.compile(rf"{_COUNTS}[sd]")
# Numbers without words stay where they are in a sentence from right to left, and what has no name in the text is a word
# of the language itself.
NOT_ISOLATED = re.compile(rf"{_COUNTS}d|%\(\w+\)0\d+X|%[sd%]|\{{[a-z_]*\}}")
ISOLATE, END = "\u2068", "\u2069"
_OPENING, _ISOLATES = re.compile("[\u2066-\u2068]"), re.compile(f"[{ISOLATE}{END}]")
# Marks that reverse the text around them.
_OVERRIDES = re.compile("[\u202a-\u202e]")
# Controls, halves of characters, private ones, and line breaks of their own.
_NO_LETTERS = ("Cc", "Cs", "Co", "Zl", "Zp")
LONGEST = 10_000  # characters of a text
# Patterns of days: the order of their parts is the affair of each language, and whether the month is a word. They are
# read too, so no part is there twice. The first day of a month may be a word.
_MONTH_AND_YEAR = ({"%(month)s", "%(number)d"}, {"%(year)d"})
_DAY = {"%(day)d", "%(day)s"}
_PARTS_OF_DAYS: dict[str, tuple[set[str], ...]] = {
    "date": (_DAY, *_MONTH_AND_YEAR),
    "first day of a month": _MONTH_AND_YEAR,
    "month of a year": _MONTH_AND_YEAR,
    "shortened month of a year": _MONTH_AND_YEAR,
}
OF_DAYS = {*_PARTS_OF_DAYS, "day and time"}
MILLION = 1_000_000  # French and Spanish count whole millions otherwise
LAST = 199
SAMPLED = (*range(LAST + 1), MILLION)
RUNS = 2  # of numbers that are named as examples of a plural form


class FaultKind(StrEnum):
    """What is wrong with a translation, as a sentence to be translated."""

    FORMS = gettext_noop("The number of plural forms is wrong: %(what)s.")
    EMPTY = gettext_noop("A plural form is empty: %(what)s.")
    MISSING = gettext_noop("The placeholder %(what)s of the English is missing.")
    UNKNOWN = gettext_noop("The English has no placeholder %(what)s.")
    PERCENT = gettext_noop("A percent sign is no part of a placeholder: %(what)s.")
    HTML = gettext_noop("The HTML differs from that of the English: %(what)s.")
    CHARACTER = gettext_noop("This character does not belong in a text: %(what)s.")
    DIRECTION = gettext_noop("Marks of direction are not closed, or closed twice: %(what)s.")
    ENDS = gettext_noop("The spaces and line breaks at both ends have to be those of the English: %(what)s.")
    LONG = gettext_noop("The text is too long: %(what)s.")


@dataclass(frozen=True, slots=True)
class TextFault:
    """What is wrong with a translation.

    Attributes:
        what: the placeholder, tag, character or beginning of the text.
    """

    kind: FaultKind
    what: str

    def __str__(self) -> str:
        """In English."""
        return self.kind.value % {"what": self.what}


@dataclass(frozen=True, slots=True)
class PluralRule:
    """The plural forms of a language.

    Attributes:
        count: how many forms there are.
        form_of: the number of the form for a number of things.
    """

    count: int
    form_of: Callable[[int], int]

    def numbers(self, form: int) -> list[int]:
        """The numbers, of those tried, that a form is for."""
        return [n for n in SAMPLED if self.form_of(n) == form]

    def examples(self, form: int) -> str:
        """Numbers that a form is for, as "1, 21 …" or "2–4, 22–24 …"; empty if it is for no whole number."""
        if (numbers := self.numbers(form)) == [MILLION]:
            return f"{MILLION:,} …"  # and others beyond those tried
        runs: list[list[int]] = []
        for n in numbers:
            if n == MILLION:
                continue
            if runs and n == runs[-1][-1] + 1:
                runs[-1].append(n)
            else:
                runs.append([n])
        named = [
            f"{run[0]} …" if run[-1] == LAST else f"{run[0]}–{run[-1]}" if run[1:] else str(run[0])
            for run in runs[:RUNS]
        ]
        return ", ".join(named) + (" …" if runs[RUNS:] else "")


def faults(
    english: str, plural: str, context: str, forms: Sequence[str], rule: PluralRule
) -> Iterator[TextFault]:
    """What is wrong with the forms of a translation; nothing if it has none yet.

    Args:
        english, plural: the text, and its plural or "".
        forms: all plural forms, or the one text.
    """
    wanted = rule.count if plural else 1
    if len(forms) != wanted:
        yield TextFault(FaultKind.FORMS, f"{len(forms)} ≠ {wanted}")
        return
    if not any(forms):
        return
    for at, form in enumerate(forms):
        if not form.strip():
            yield TextFault(FaultKind.EMPTY, rule.examples(at) or str(at))
            continue
        numbers = rule.numbers(at)
        one_number = bool(plural) and len(numbers) == 1 and numbers != [MILLION]
        yield from _of_placeholders(english, plural, context, form, one_number=one_number)
        yield from _of_html(english, plural, form)
        yield from _of_characters(form, one_line="\n" not in f"{english}{plural}")
        if _ends(form) not in (_ends(english), _ends(plural or english)):
            yield TextFault(FaultKind.ENDS, form[:20])


def _of_placeholders(
    english: str, plural: str, context: str, form: str, *, one_number: bool
) -> Iterator[TextFault]:
    found, in_english = PLACEHOLDER.findall(form), Counter(PLACEHOLDER.findall(english))
    has, singular, both = Counter(found), set(in_english), set(PLACEHOLDER.findall(f"{english} {plural}"))
    needed = singular
    if context in _PARTS_OF_DAYS:
        yield from _of_days(singular, _PARTS_OF_DAYS[context], found)
        both = needed = set(has)
    elif one_number:
        needed = {one for one in singular if not COUNTED.fullmatch(one)}
    for one in sorted(needed - set(has) - {"%%"}):
        yield TextFault(FaultKind.MISSING, one)
    for one in sorted(set(has) - both):
        if one == "%%" and not any(other.startswith("%") for other in both):
            continue  # two percent signs, in a text that nothing is filled into
        yield TextFault(FaultKind.UNKNOWN, one)
    # Those without a name are filled in by their order.
    for one in ("%s", "%d", "{}"):
        if one in both and has[one] and has[one] != in_english[one]:
            yield TextFault(FaultKind.MISSING if has[one] < in_english[one] else FaultKind.UNKNOWN, one)
    _before, percent, after = PLACEHOLDER.sub("", form).partition("%")
    if percent and any(one.startswith("%") for one in both):
        yield TextFault(FaultKind.PERCENT, f"%{after[:11]}")


def _of_days(english: set[str], parts: tuple[set[str], ...], has: list[str]) -> Iterator[TextFault]:
    for part in parts:
        if not part & set(has):
            yield TextFault(FaultKind.MISSING, *sorted(part & english))
    every = set[str]().union(*parts, _DAY if english & _DAY else ())
    for one in sorted({one for one in has if one not in every}):
        yield TextFault(FaultKind.UNKNOWN, one)
    named = Counter(one[:-1] for one in has)  # without the letter of its kind
    for one, count in named.items():
        if count > 1:
            yield TextFault(FaultKind.UNKNOWN, " ".join(found for found in has if found[:-1] == one))


def _of_html(english: str, plural: str, form: str) -> Iterator[TextFault]:
    # In an attribute of a page, a straight quotation mark would end the text.
    if '"' in TAG.sub("", form) and '"' not in TAG.sub("", f"{english} {plural}"):
        yield TextFault(FaultKind.HTML, '"')
    has, allowed = (Counter(_tags(text)) for text in (form, english))
    if has == allowed or (plural and has == Counter(_tags(plural))):
        return
    differing = [*(has - allowed), *(allowed - has)]
    yield TextFault(FaultKind.HTML, " ".join(differing)[:80])


def _tags(text: str) -> list[str]:
    return TAG.findall(_ISOLATES.sub("", text))


def _of_characters(form: str, *, one_line: bool) -> Iterator[TextFault]:
    # A subject with two lines would be no subject.
    allowed = "" if one_line else "\n"
    for one in form:
        if (unicodedata.category(one) in _NO_LETTERS and one not in allowed) or _OVERRIDES.match(one):
            yield TextFault(FaultKind.CHARACTER, f"U+{ord(one):04X}")
            break
    if len(_OPENING.findall(form)) != form.count(END):
        yield TextFault(FaultKind.DIRECTION, form[:20])
    if len(form) > LONGEST:
        yield TextFault(FaultKind.LONG, form[:20])


def _ends(text: str) -> tuple[str, str]:
    bare = text.strip(" \n\t")
    return text[: len(text) - len(text.lstrip(" \n\t"))], text[len(text.rstrip(" \n\t")) :] if bare else ""


def isolated(form: str, context: str = "") -> str:
    """A text from right to left, each placeholder for words between marks of direction.

    Numbers need none, tags must have none, and a day is put between them where it is filled in.
    """
    plain = _ISOLATES.sub("", form)
    if context in OF_DAYS:
        return plain
    tags = [found.span() for found in TAG.finditer(plain)]

    def between(found: re.Match[str]) -> str:
        inside = any(start < found.start() < end for start, end in tags)
        bare = inside or NOT_ISOLATED.fullmatch(found[0])
        return found[0] if bare else f"{ISOLATE}{found[0]}{END}"

    return PLACEHOLDER.sub(between, plain)
