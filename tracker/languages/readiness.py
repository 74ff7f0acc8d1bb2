"""Whether the texts of a language may go to a State: alone, only beside the English, or not at all.

No State gets a sentence that no competent person would sign. So a mail is in a language alone only when people have
confirmed all its texts; with texts that were written for this product and not yet confirmed, the English stands beside;
and where one text is missing or a machine's, the whole mail is English. A text that would not be shown is missing too,
whatever its catalogue says: the compiled file is older, was never made, or leaves the text out because it is faulty.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum

from django.utils.translation import gettext, ngettext, npgettext, pgettext

from tracker.languages.cached import until_texts_change
from tracker.languages.catalogues import BadCatalogue, Scope, catalogue, rule_of
from tracker.languages.faults import PluralRule
from tracker.languages.known import ENGLISH, by_code, speaking
from tracker.languages.texts import ShownText, texts_of


class Way(StrEnum):
    """How a mail to a State is written."""

    OWN = "own"
    BOTH = "both"  # in the State's language, then in English
    ENGLISH = "english"


@until_texts_change
def way_of(code: str) -> Way:
    """How mails to readers of a language are written, as far as its texts allow."""
    language = by_code(code)
    if language == ENGLISH:
        return Way.OWN
    try:
        texts = [one for one in texts_of(language).values() if one.scope == Scope.MAIL]
        rule = rule_of(catalogue(language))
    except BadCatalogue:
        return Way.ENGLISH
    statuses = {one.status for one in texts}
    if not statuses or statuses & {"missing", "machine"}:
        return Way.ENGLISH
    with speaking(code):
        if not _are_shown(texts, rule):
            return Way.ENGLISH
    return Way.OWN if statuses == {"confirmed"} else Way.BOTH


@until_texts_change
def by_machine(code: str) -> frozenset[str]:
    """The texts in a language that a machine translated and nobody has confirmed."""
    try:
        texts = texts_of(by_code(code)).values()
    except BadCatalogue:
        return frozenset()
    return frozenset(form for one in texts if one.status == "machine" for form in one.forms)


@until_texts_change
def version_of(code: str) -> str:
    """Which texts a mail in a language was written with: twelve hexadecimal digits, other ones after any change."""
    digest = hashlib.sha256()
    if by_code(code) != ENGLISH:
        for one in texts_of(by_code(code)).values():
            if one.scope == Scope.MAIL:
                digest.update(repr((one.context, one.english, one.plural, one.forms)).encode())
    return digest.hexdigest()[:12]


def _are_shown(texts: Iterable[ShownText], rule: PluralRule) -> bool:
    """Whether a page or mail in the active language has all these translations."""
    numbers = [next(iter(rule.numbers(form)), None) for form in range(rule.count)]
    for one in texts:
        if not one.plural:
            shown = pgettext(one.context, one.english) if one.context else gettext(one.english)
            if shown != one.forms[0]:
                return False
            continue
        for form, n in zip(one.forms, numbers, strict=True):
            if n is None:
                continue  # for fractions, which are never counted
            both = one.english, one.plural
            if form != (npgettext(one.context, *both, n) if one.context else ngettext(*both, n)):
                return False
    return True
