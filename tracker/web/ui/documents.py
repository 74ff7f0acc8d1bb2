"""Documents as links: where a link is recorded there, else by the symbol in the UN's own look-up."""

from __future__ import annotations

import re
from urllib.parse import quote

from django.utils.html import format_html

LOOK_UP = "https://undocs.org/en/"

# A body in capitals, then at least two more parts: CRC/C/OPSC/USA/1, CRC/C/15/Add.270, A/RES/54/263.
_SYMBOL = re.compile(r"[A-Z]{1,8}(?:/[A-Za-z0-9][A-Za-z0-9.()*+-]*){2,}")


def address_of(symbol: str, link: str = "") -> str:
    """Where a document is read, or nothing for a text that is no UN symbol and has no link.

    Args:
        symbol: as it is recorded, for example CRC/C/OPSC/USA/1.
        link: the recorded address, which counts first if it is one of the web.
    """
    if link.startswith(("https://", "http://")):
        return link
    return f"{LOOK_UP}{quote(symbol, safe='/')}" if _SYMBOL.fullmatch(symbol) else ""


def document(symbol: str, link: str = "") -> str:
    """A document as HTML: its symbol, linked where it can be; a dash for none.

    The other site is not told which page of the office led there.
    """
    shown = symbol or link
    if not shown:
        return "—"
    if address := address_of(symbol, link):
        return format_html('<a href="{}" rel="noreferrer"><bdi>{}</bdi></a>', address, shown)
    return format_html("<bdi>{}</bdi>", shown)
