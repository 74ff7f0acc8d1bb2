"""Lines of plain text: in headers, and wrapped to the width of a mail."""

from __future__ import annotations

import re
import unicodedata

_ISOLATES = re.compile("[\u2066-\u2069]")  # not the marks that give a line its direction
LINE = 76  # columns in a line of plain text; only a longer word exceeds it
# Chinese may break between any two characters, but no line begins with a closing mark or ends with an opening one.
_WIDE = "\u2e80-\u2fff\u3005-\u3007\u3021-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_OPENING, _CLOSING = "“‘《〈（「『【", "、。，．：；？！”’》〉）」』】…—"
_DAY = r"(?:\d+ ?[年月日])+"
_PIECE = re.compile(
    rf" *(?:[{_OPENING}]*(?:{_DAY}|[{_WIDE}])[{_CLOSING}]*"
    rf"|[{_OPENING}]*[^ {_WIDE}{_OPENING}]+[{_CLOSING}]*|[{_OPENING}]+)| +"
)
# The end of a piece, a space and the beginning of the next.
_NUMBERED = re.compile(r"\d \w|\w \d")
# The words of a day stay together: "1er août 2018", "10 de enero de 2015", "10 كانون الثاني/يناير 2015".
_WORDED_DAY = re.compile(r"\d{1,2}(?:er)? (?:de )?(?:[^\W\d][\w/]* ){1,2}(?:de )?\d{4}\b(?: года)?")
_KEPT = "\x1f"  # stands for a space that stays
_BEGINNING = re.compile(r" *(?:[*-] )?")


def one_line(text: str) -> str:
    """A text without line breaks and control characters, which are not allowed in a header."""
    return " ".join(
        "".join(" " if unicodedata.category(one) in ("Cc", "Cs") else one for one in text).split()
    )


def wrapped(text: str, direction: str = "ltr") -> str:
    """A plain text with long lines wrapped, indented like their beginning; dates are not split.

    Args:
        direction: of its language.
    """
    lines = [row for line in text.splitlines() for row in _filled(line)]
    if direction == "rtl":
        lines = [_from_right(row) for row in lines]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _from_right(row: str) -> str:
    """A line of Arabic whose first letter is Latin begins with a mark: programs take the direction from that letter."""
    strong = [
        kind for one in _ISOLATES.sub("", row) if (kind := unicodedata.bidirectional(one)) in ("L", "R", "AL")
    ]
    return f"\u200f{row}" if strong[:1] == ["L"] and "AL" in strong else row


def _filled(line: str) -> list[str]:
    beginning = _BEGINNING.match(line)
    under = " " * len(beginning[0]) if beginning else ""
    line = _WORDED_DAY.sub(lambda day: day[0].replace(" ", _KEPT), line)
    rows, row = [], ""
    for piece in _joined(_PIECE.findall(line)):
        if row and columns(row) + columns(piece.rstrip()) > LINE:
            rows.append(row.rstrip())
            row = under + piece.lstrip()
        else:
            row += piece
    return [one.replace(_KEPT, " ") for one in (*rows, row.rstrip())]


def _joined(pieces: list[str]) -> list[str]:
    """The pieces, with a number and the word beside it as one: "10 February 2017"."""
    joined: list[str] = []
    for piece in pieces:
        if joined and _NUMBERED.fullmatch(joined[-1][-1:] + piece[:2]):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def columns(text: str) -> int:
    """The width of a text in a window of fixed width: a Chinese character takes two columns, a mark none."""
    return len(text) if text.isascii() else sum(_columns(one) for one in text)


def _columns(one: str) -> int:
    if unicodedata.combining(one) or unicodedata.category(one) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(one) in "WF" else 1
