"""Texts typed by staff that may be published: symbols, numbers and articles in a known format."""

from __future__ import annotations

import re
from dataclasses import replace

from django.utils.translation import gettext as _

from tracker.rules.trail import NO_SYMBOL, PRACTICE, Step
from tracker.web.ui.documents import address_of

# Bodies whose documents everybody can read: the Committee, the General Assembly, the treaty bodies together.

PUBLIC_BODIES = ("CRC/", "A/", "HRI/")
ARTICLE = re.compile(r"(?:OPSC|CRC) art\. [0-9]+(?:\([0-9a-z]+\))*|Depositary")
PARAGRAPH = re.compile(r", para\. [0-9]{1,4}(?:\([a-z]\))?(?:[-–][0-9]{1,4})?")
NOTIFICATION = re.compile(r"C\.N\.[0-9]{1,5}\.[0-9]{4}\.(?:TREATIES|Reissued)[A-Za-z0-9.-]{0,20}")
PRINTED = re.compile(r"[0-9]{4}(?:-[0-9]{2}-[0-9]{2})?")

WHERE = re.compile(r"(?:paras?|pages?|pp?)\.? [0-9]{1,4}(?:(?:[-–]|, | and )[0-9]{1,4}){0,9}")
# Sources of trails that are not articles: the rules name them themselves.
OF_THE_RULES = (PRACTICE, NO_SYMBOL)


def symbol_of(text: str) -> str:
    """The text if it is the symbol of a public document, else empty: staff may have typed anything."""
    return text if text.startswith(PUBLIC_BODIES) and address_of(text) else ""


def reference_of(text: str) -> str:
    """The text if it is the number of a depositary notification, else empty."""
    return text if NOTIFICATION.fullmatch(text) else ""


def printed_of(text: str) -> str:
    """The text if it is a year or a day, as the United Nations print a due date; else empty."""
    return text if PRINTED.fullmatch(text) else ""


def source_of(text: str) -> str:
    """The source of a step: an article, the depositary, or a public document with its paragraph.

    Other documents are not named, because they may be letters.
    """
    if text in OF_THE_RULES:
        return text
    if ARTICLE.fullmatch(text):
        return text
    symbol, mark, rest = text.partition(", ")
    if symbol_of(symbol):
        return text if mark and PARAGRAPH.fullmatch(f"{mark}{rest}") else symbol
    return _("A document of the Committee")


def step_of(step: Step) -> Step:
    """A step of a trail whose source is safe to publish."""
    return replace(step, source=source_of(step.source))
