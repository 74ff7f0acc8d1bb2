"""The cells of a file: a value that can be used, or why there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from tracker.languages.writing import in_words
from tracker.registry.values import BadValue

SHOWN = 60  # characters of a cell that a message repeats
# What a spreadsheet would take for a formula, behind however many of the marks that keep it from that.
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")
_FORMULA_LIKE = re.compile(r"'*[=+\-@\t\r]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True)
class NoValue:
    """A cell without a usable value: a formula, an error, a character that cannot be stored.

    Attributes:
        text: what to show of it.
        why: a sentence that says what it is and what to enter instead.
    """

    text: str
    why: str


Cell = str | int | float | bool | date | NoValue


def neutral(text: str) -> str:
    """A text that no spreadsheet takes for a formula; `plain` undoes it exactly."""
    return f"'{text}" if _FORMULA_LIKE.match(text) else text


def plain(text: str) -> str:
    """What `neutral` made harmless, as it was."""
    return text[1:] if _NEUTRALISED.match(text) else text


def text_of(cell: Cell) -> str:
    """A cell as the page shows it; numbers and dates as a file writes them."""
    if isinstance(cell, NoValue):
        return cell.text
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def as_text(cell: Cell) -> str:
    """The text in a cell.

    Raises:
        BadValue: it is not a text; the sentence says what it is.
    """
    if isinstance(cell, NoValue):
        raise BadValue(cell.why)
    if isinstance(cell, date):
        raise BadValue(
            _(
                "The spreadsheet turned this into a date (%(day)s); format the column as text and enter it again."
            )
            % {"day": in_words(cell)}
        )
    return text_of(cell)


def read_cell(raw: str, most: int) -> Cell:
    """A text from a file, or why it cannot be used."""
    if len(raw) > most:
        return NoValue(
            shorten(raw),
            _("The text has %(n)d characters; the limit is %(most)d.") % {"n": len(raw), "most": most},
        )
    if found := _CONTROL.search(raw):
        why = (
            _("The cell contains a null byte; delete it and enter the text again.")
            if found[0] == "\0"
            else _("The cell contains a character that is not text (U+%(code)04X); enter the text again.")
            % {"code": ord(found[0])}
        )
        return NoValue(shorten(_CONTROL.sub("�", raw)), why)
    text = raw.strip()
    if text.startswith("="):
        return formula(text)
    return plain(text)


def formula(text: str) -> NoValue:
    return NoValue(shorten(text), _("This is a formula, not a value; enter its result."))


def shorten(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
