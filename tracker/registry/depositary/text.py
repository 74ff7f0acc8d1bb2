"""Decodes the text of a list, and refuses one that is too large."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

LARGEST = 200_000  # bytes; the list of the most widely ratified treaty has 15,000
MOST_LINES = 1_000


class BadList(ValueError):
    """A text that cannot be read as a list at all; the sentence says what to do instead."""


def decoded(raw: bytes) -> str:
    """The text of an uploaded file: UTF-8, what Excel calls Unicode text, or Windows-1252.

    Raises:
        BadList: the file is not text.
    """
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise BadList(_("This is a workbook; save it as CSV, or copy its cells and paste them."))
    if raw.startswith(b"%PDF"):
        raise BadList(_("This is a PDF; copy the table from it and paste it."))
    is_utf_16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if is_utf_16 else ["utf-8-sig", "cp1252"]:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadList(_("This file is not text; save it as CSV (UTF-8), or copy the table and paste it."))


def check_size(size: int, most: int) -> None:
    """Refuses a list that is too large.

    Raises:
        BadList: there are more than `most`.
    """
    if size > most:
        raise BadList(
            _("The list has %(size)d kB; the limit is %(most)d kB. Paste only the table of participants.")
            % {"size": -(-size // 1000), "most": LARGEST // 1000}
        )


def checked(text: str) -> str:
    """The text with plain line ends.

    Raises:
        BadList: it is empty or too large.
    """
    text = re.sub("\r\n?", "\n", text).strip("\n").replace("\0", "\ufffd")
    if not text.strip():
        raise BadList(_("The list is empty; paste the table of participants, its heading included."))
    check_size(len(text.encode(errors="replace")), LARGEST)
    lines = text.count("\n") + 1
    if lines > MOST_LINES:
        raise BadList(
            _("The list has %(lines)d lines; the limit is %(most)d. Paste only the table of participants.")
            % {"lines": lines, "most": MOST_LINES}
        )
    return text
