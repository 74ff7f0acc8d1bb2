"""The register of sources: the full citation of what records name in short.

A record names its source as people note it: “untc-2015;verdragenbank”, “docstore.ohchr.org cover”, “OPSC art. 12(1)”,
“CRC/C/OPSC/USA/CO/2, para. 35”. Pages for daily work show it like that; what leaves the office has the full citation
as well.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from django.utils.translation import gettext as _

from tracker.registry.shipped import SHIPPED

LOOK_UP = "https://undocs.org/en/"  # the UN's own search for documents, by symbol


@dataclass(frozen=True)
class Citation:
    """A source in full.

    Attributes:
        key: the short name in the records.
        address: where it can be read; empty if that is not known.
    """

    key: str
    text: str
    address: str = ""

    def __str__(self) -> str:
        """In print: "CRC/C/NOR/CO/7: United Nations, Committee …, https://…"."""
        shown = f"{self.key}: {self.text}"
        return f"{shown}, {self.address}" if self.address else shown


@cache
def register() -> dict[str, Citation]:
    """The shipped register, by key."""
    with (SHIPPED / "sources.csv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        return {row["key"]: Citation(row["key"], row["citation"], row["address"]) for row in rows}


_SYMBOL = r"CRC(?:/[A-Za-z0-9.()*+-]*[A-Za-z0-9)*])+"


@cache
def _names() -> re.Pattern[str]:
    """Finds symbols of documents and keys in a text, as whole words; of two keys that begin alike, the longer one."""
    keys = "|".join(map(re.escape, sorted(register(), key=len, reverse=True)))
    return re.compile(rf"(?<![\w./-])(?:(?P<symbol>{_SYMBOL})|(?P<key>{keys})(?![\w-]|\.\w))")


def citations_of(sources: Iterable[str]) -> list[Citation]:
    """The full citations of all that some sources name, each once, in the order in which they are named.

    An article is cited as its treaty, a document of the Committee by its symbol. A source that names nothing in the
    register stands for itself and is left out.
    """
    found: dict[str, Citation] = {}
    for source in sources:
        for name in _names().finditer(source):
            one = _of_document(name[0]) if name["symbol"] else register()[name[0]]
            found.setdefault(one.key, one)
    return list(found.values())


def _of_document(symbol: str) -> Citation:
    """A document of the Committee on the Rights of the Child, by the kind that its symbol shows."""
    if "/CO/" in symbol or symbol.startswith("CRC/C/15/Add."):
        text = _("United Nations, Committee on the Rights of the Child, concluding observations")
    elif "/QPR/" in symbol:
        text = _("United Nations, Committee on the Rights of the Child, list of issues prior to reporting")
    elif "/Q/" in symbol:
        text = _("United Nations, Committee on the Rights of the Child, list of issues")
    else:
        text = _("United Nations, document of the Committee on the Rights of the Child")
    return Citation(symbol, text, LOOK_UP + quote(symbol, safe="/"))
