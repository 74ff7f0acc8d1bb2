"""Texts that the program stores with a record, for example why a reminder was cancelled.

They are stored in English, so that the database, the API and files are in one language. Pages show them in the
language of the reader. A text that a person typed, or a former wording of the program, is shown as it is stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time

from django.utils.translation import gettext

from tracker.languages.cached import said_once
from tracker.languages.known import ENGLISH, current, speaking
from tracker.languages.writing import in_words, moment, read_day
from tracker.rules.dates import NotADay

_VALUE = re.compile(r"%\((\w+)\)s")
_DAY = re.compile(r"([0-9]{1,2} [A-Z][a-z]+ [0-9]{4})(?:, ([0-9]{2}:[0-9]{2}) UTC)?")
_texts: list[StoredText] = []
_forms: list[Callable[[str], str | None]] = []


class StoredText:
    """A text of the program that is stored: `CLOCK = StoredText(gettext_noop("planned under a wrong clock"))`.

    Call it for the text to store; its values are texts, days or moments.
    """

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        words = _VALUE.split(pattern)
        self._form = re.compile(
            "".join(f"(?P<{one}>.*)" if at % 2 else re.escape(one) for at, one in enumerate(words)), re.DOTALL
        )
        _texts.append(self)
        _texts.sort(key=lambda one: len(_VALUE.findall(one.pattern)))  # a text without values is the surest

    def __call__(self, **values: str | date) -> str:
        with speaking("en"):
            return self.pattern % {name: _in_words(value) for name, value in values.items()}

    def translated(self, text: str) -> str | None:
        """A stored text in the present language; None if it is another text."""
        found = self._form.fullmatch(text)
        if found is None:
            return None
        return gettext(self.pattern) % {name: _value(part) for name, part in found.groupdict().items()}


def recognised_by(form: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """Adds a function like `StoredText.translated` for texts that no single pattern describes."""
    _forms.append(form)
    return form


def translated(text: str | None) -> str:
    """A stored text in the language of the reader; unchanged if a person typed it."""
    return _translated(text) if text else ""


@said_once
def _translated(text: str) -> str:
    if current() == ENGLISH:
        return text
    forms = (*_forms, *(one.translated for one in _texts))
    return next((words for form in forms if (words := form(text)) is not None), text)


def _in_words(value: str | date) -> str:
    if isinstance(value, datetime):
        return moment(value)
    return in_words(value) if isinstance(value, date) else value


def _value(text: str) -> str:
    """A value in a stored text: a day, a moment, another stored text, or a name."""
    if found := _DAY.fullmatch(text):
        try:
            day = read_day(found[1])
        except NotADay:
            return text
        if found[2] is None:
            return in_words(day)
        return moment(datetime.combine(day, time.fromisoformat(found[2]), UTC))
    return translated(text)
