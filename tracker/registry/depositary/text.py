"""Decodes the text of a list, finds the table in a saved page, and refuses what is too large."""

from __future__ import annotations

import re
from html import unescape

from django.utils.translation import gettext as _

from tracker.registry.depositary.lines import without_the_rest

LARGEST = 200_000  # bytes; the list of the most widely ratified treaty has 15,000
LARGEST_FILE = 2_000_000  # a page that a browser saved has much beside the list; UTF-16 takes twice the room
MOST_LINES = 1_000

_TABLE = re.compile(r"<t[dhr][\s>]", re.IGNORECASE)
_TAG = re.compile("(<[^<>]*>)")
_TAG_NAME = re.compile("<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_BLOCKS = ("p", "div", "li", "br", "h1", "h2", "h3", "h4", "body")
_HIDDEN = ("script", "style", "title", "template")
_AROUND_THE_TABLE = re.compile(
    r"\A(?=.{3,300}\Z).*\b(?:convention|protocole?|declarations|reservations|d[ée]clarations|r[ée]serves|notes?)\b",
    re.IGNORECASE,
)


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
            % {"size": -(-size // 1000), "most": most // 1000}
        )


def checked(text: str) -> str:
    """The text with plain line ends; of a web page only what a reader sees, its tables with tabs.

    Of a page that is too large, what comes after its list is left out.

    Raises:
        BadList: it is empty or too large.
    """
    if _TABLE.search(text):
        text = _text_of_page(text)
    text = re.sub("\r\n?", "\n", text).strip("\n").replace("\0", "\ufffd")
    if not text.strip():
        raise BadList(_("The list is empty; paste the table of participants, its heading included."))
    check_size(len(text.encode(errors="replace")), LARGEST_FILE)
    if len(text.encode(errors="replace")) > LARGEST or text.count("\n") >= MOST_LINES:
        text = without_the_rest(text, MOST_LINES)
    check_size(len(text.encode(errors="replace")), LARGEST)
    lines = text.count("\n") + 1
    if lines > MOST_LINES:
        raise BadList(
            _("The list has %(lines)d lines; the limit is %(most)d. Paste only the table of participants.")
            % {"lines": lines, "most": MOST_LINES}
        )
    return text


def _text_of_page(page: str) -> str:
    """The rows of the tables of a page, with what says where the list begins and ends; no menus."""
    found = []
    for cells in _cells_of_page(page):
        # The first cell is what stands before the first <td>.
        words = [" ".join(unescape(" ".join(parts)).split()) for parts in (cells[1:] or cells)]
        if len(list(filter(None, words))) > 1 or _AROUND_THE_TABLE.search(" ".join(words)):
            found.append("\t".join(words))
    return "\n".join(found)


def _cells_of_page(page: str) -> list[list[list[str]]]:
    """The pieces of text of a page by row and cell; other text is a row of one cell.

    Python's own parser takes minutes for some broken pages, so tags are split off by a pattern.
    """
    first, *others = page.split("<!--")
    page = first + "".join(comment.partition("-->")[2] for comment in others)
    rows: list[list[list[str]]] = [[[]]]
    hidden = ""
    for piece in _TAG.split(page):
        found = _TAG_NAME.match(piece)
        ends, name = (bool(found[1]), found[2].lower()) if found else (False, "")
        if hidden:
            hidden = "" if ends and name == hidden else hidden
        elif not found:
            rows[-1][-1].append(piece)  # a footnote mark is a word of its own
        elif name in _HIDDEN and not ends:
            hidden = name
        elif name in ("tr", "table") or (name in _BLOCKS and len(rows[-1]) == 1):
            rows.append([[]])
        elif name in ("td", "th") and not ends:
            rows[-1].append([])
    return rows
