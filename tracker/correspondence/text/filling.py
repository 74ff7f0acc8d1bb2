"""Words with names in braces, such as {state}: filled in by replacing each name with a text, and nothing else.

There is no language of templates: no expression, no attribute, no loop. Whatever else stands in the words is printed as
it stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import get_language_bidi, gettext as _

from tracker.languages.writing import with_commas

LONGEST = 6000  # characters of the words of a part: some two pages
_NAME = re.compile(r"\{([a-z_]+)\}")
_NAMED = re.compile(r"\{([^{}]{1,40})\}")  # what a person may have meant as a name
_OF_CATALOGUE = re.compile(r"%\(([a-z_]+)\)s")
_ISOLATE, _POP = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"

# The facts that the words of any part may name.
ALWAYS = ("office", "state", "state_name", "reference", "name")
OWN_WORDS = ALWAYS  # what a person writes for one paper or a circular
ABOUT_A_REPORT = ("basis", "report", "due", "overdue", "document")
# By part; see `words.SHIPPED`.
NAMES: dict[str, tuple[str, ...]] = {
    "note.mission": ALWAYS,
    "note.mission.closing": ALWAYS,
    "note.observer": ALWAYS,
    "note.observer.closing": ALWAYS,
    "note.ministry": ALWAYS,
    "note.ministry.closing": ALWAYS,
    "letter.salutation": ALWAYS,
    "letter": ALWAYS,
    "letter.closing": ALWAYS,
    "mail.salutation": ALWAYS,
    "mail": ALWAYS,
    "mail.closing": ALWAYS,
    "ahead": ALWAYS + ABOUT_A_REPORT,
    "due": ALWAYS + ABOUT_A_REPORT,
    "overdue": ALWAYS + ABOUT_A_REPORT,
    "long overdue": ALWAYS + ABOUT_A_REPORT,
    "years overdue": ALWAYS + ABOUT_A_REPORT,
    "review notice": (*ALWAYS, *ABOUT_A_REPORT, "decision"),
    "receipt": (*ALWAYS, "report", "received", "symbol"),
    "issues": (*ALWAYS, "symbol", "issued", "reply_due"),
    "prior": (*ALWAYS, "symbol", "issued", "reply_due"),
    "observations": (*ALWAYS, "report", "symbol", "adopted"),
    "next date": (*ALWAYS, "report", "due", "document"),
    "cover.note": ALWAYS,
    "cover.letter": ALWAYS,
}


def in_braces(text: str) -> str:
    """A text of the catalogue with its placeholders as people write them: %(state)s becomes {state}."""
    return _OF_CATALOGUE.sub(r"{\1}", text)


def filled(words: str, values: Mapping[str, str]) -> str:
    """The words with each name in braces replaced by its value; a name without a value stays as it stands.

    In a language written from right to left each value keeps its own direction.
    """
    rtl = get_language_bidi()

    def value_of(found: re.Match[str]) -> str:
        value = values.get(found[1])
        if value is None:
            return found[0]
        isolated = words[: found.start()].endswith(_ISOLATE)
        return f"{_ISOLATE}{value}{_POP}" if rtl and not isolated else value

    return _NAME.sub(value_of, words)


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs of a text: an empty line begins a new one, other line breaks are spaces.

    A no-break space stays one: it stands before a colon in French.
    """
    parts = re.split(r"\n\s*\n", text.replace("\r\n", "\n"))
    return [re.sub(r"[ \t\n]+", " ", one.strip()) for one in parts if one.strip()]


def control_problem(text: str) -> str:
    """Why a typed text cannot be printed; empty if it can."""
    if any(unicodedata.category(sign) == "Cc" and sign not in "\n\r\t" for sign in text):
        return _("The words contain control characters; type them again as plain text.")
    return ""


def pattern_problem(part: str, words: str) -> str:
    """What is wrong with the words of a part, with what to enter instead; empty if nothing is."""
    if part not in NAMES:
        return _("There is no such part.")
    if not words.strip():
        return _("Enter the words, or delete the row to use the shipped ones.")
    if len(words) > LONGEST:
        return _("This is longer than %(n)d characters; shorten it.") % {"n": LONGEST}
    if problem := control_problem(words):
        return problem
    return braces_problem(words, NAMES[part])


def braces_problem(words: str, names: Sequence[str] = ()) -> str:
    """What is wrong with the names in braces in a text, with those that it may have; empty if nothing is.

    Args:
        names: the facts that are filled in; none in a text that is printed as it stands.
    """
    rest = _NAME.sub(lambda one: "" if one[1] in names else one[0], words)
    if "{" not in rest and "}" not in rest:
        return ""
    named = _NAMED.search(rest)
    if not names:
        return _("No names are filled in here: %(name)s would be printed. Write the words themselves.") % {
            "name": named[0] if named else "{ }"
        }
    about = {"name": named[1] if named else "", "names": names_in_braces(names)}
    if named:
        return _("{%(name)s} is not known here. Use one of: %(names)s.") % about
    return _("Braces are for names of facts only. Use one of: %(names)s.") % about


def names_in_braces(names: Iterable[str] = OWN_WORDS) -> str:
    """Names of facts as people write them, in a row."""
    return with_commas(f"{{{name}}}" for name in names)
