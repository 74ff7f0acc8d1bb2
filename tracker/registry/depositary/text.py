"""Decodes the text of a list, finds the table in a saved page, and refuses what is too large."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.utils.translation import gettext as _

LARGEST = 200_000  # bytes; the list of the most widely ratified treaty has 15,000
LARGEST_FILE = 2_000_000  # a page that a browser saved has much beside the list; UTF-16 takes twice the room
MOST_LINES = 1_000

_TABLE = re.compile(r"<t[dhr][\s>]", re.IGNORECASE)
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

    Raises:
        BadList: it is empty or too large.
    """
    if _TABLE.search(text):
        text = _text_of_page(text)
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


class _Page(HTMLParser):
    """Collects the text of a page: a list of cells for each row of a table, a list of one for other text."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[list[str]] = [[""]]
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        in_cell = len(self.lines[-1]) > 1
        if tag in ("tr", "table") or (tag in _BLOCKS and not in_cell):
            self.lines.append([""])
        elif tag in ("td", "th"):
            self.lines[-1].append("")
        self._hidden += tag in _HIDDEN
        self.handle_data(" ")  # a footnote mark is a word of its own

    def handle_endtag(self, tag: str) -> None:
        if tag in ("tr", "table") or (tag in _BLOCKS and len(self.lines[-1]) == 1):
            self.lines.append([""])
        self._hidden = max(0, self._hidden - (tag in _HIDDEN))

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.lines[-1][-1] += data


def _text_of_page(html: str) -> str:
    """The rows of the tables of a page, with what says where the list begins and ends; no menus."""
    page = _Page()
    page.feed(html)
    page.close()
    found = []
    for cells in page.lines:
        # The first cell is what stands before the first <td>.
        words = [" ".join(cell.split()) for cell in (cells[1:] or cells)]
        if len(list(filter(None, words))) > 1 or _AROUND_THE_TABLE.search(" ".join(words)):
            found.append("\t".join(words))
    return "\n".join(found)
