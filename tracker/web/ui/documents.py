"""Documents as links: to the recorded address, else by symbol to the UN's own search. And files as downloads."""

from __future__ import annotations

import re
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.html import format_html
from django.utils.http import content_disposition_header

from tracker.registry.sources import LOOK_UP

# A body in capitals, then at least two more parts: CRC/C/OPSC/USA/1, CRC/C/15/Add.270, A/RES/54/263.
_SYMBOL = re.compile(r"[A-Z]{1,8}(?:/[A-Za-z0-9][A-Za-z0-9.()*+-]*){2,}")


def address_of(symbol: str, link: str = "") -> str:
    """The address of a document; empty for a text that is no UN symbol and has no link.

    Args:
        symbol: as recorded, for example CRC/C/OPSC/USA/1.
        link: the recorded address; used first if it is a web address.
    """
    if link.startswith(("https://", "http://")):
        return link
    return f"{LOOK_UP}{quote(symbol, safe='/')}" if _SYMBOL.fullmatch(symbol) else ""


def document(symbol: str, link: str = "") -> str:
    """A document as HTML: its symbol, linked if possible; a dash for none.

    The other site does not learn the address of our page, as no page sends a referrer to other sites.
    """
    shown = symbol or link
    if not shown:
        return "—"
    if address := address_of(symbol, link):
        return format_html('<a href="{}"><bdi>{}</bdi></a>', address, shown)
    return format_html("<bdi>{}</bdi>", shown)


# If a browser opens it all the same: no scripts, no forms, no address of ours.
ALONE = "sandbox; default-src 'none'; frame-ancestors 'none'"


def as_download(name: str, kind: str, data: bytes | str) -> HttpResponse:
    """Bytes that a browser stores under a name, and never shows."""
    return HttpResponse(
        data,
        content_type=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        headers={
            "Content-Disposition": str(content_disposition_header(True, name)),
            "Content-Security-Policy": ALONE,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )
