"""Brings the catalogues up to the texts of the sources: `make messages`. It needs no gettext binary.

Translations of texts that did not change stay; a text that changed, be it by a comma, has to be translated anew.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from django.utils.translation import templatize

from tracker.languages.catalogues import FILE, catalogue, replace, translated, written

ROOT = Path(__file__).resolve().parents[1]
KEYWORDS: dict[str, Any] = {
    name: where
    for function, where in (
        ("gettext", None),
        ("ngettext", (1, 2)),
        ("pgettext", ((1, "c"), 2)),
        ("npgettext", ((1, "c"), 2, 3)),
    )
    for name in (function, f"{function}_lazy")
} | {"_": None, "gettext_noop": None}
NOTES = ("Translators:",)


def sources() -> Iterator[tuple[str, bytes]]:
    """Each file with texts, as Python: its path from the root and its content."""
    for path in sorted((ROOT / "tracker").rglob("*.py")):
        if "migrations" not in path.parts:
            yield str(path.relative_to(ROOT)), path.read_bytes()
    for path in sorted((ROOT / "templates").rglob("*.*")):
        if path.suffix in (".html", ".txt"):
            yield str(path.relative_to(ROOT)), templatize(path.read_text(), origin=str(path)).encode()


def extracted() -> Catalog:
    """The texts of the sources, without translations."""
    found = Catalog(project="Article 12 tracker", charset="utf-8", fuzzy=False)
    for place, content in sources():
        for line, text, notes, context in extract(
            "python", io.BytesIO(content), keywords=KEYWORDS, comment_tags=NOTES
        ):
            found.add(text, locations=[(place, line)], auto_comments=notes, context=context)
    return found


def main() -> None:
    fresh = extracted()
    for language in translated():
        known = catalogue(language)
        known.update(fresh, no_fuzzy_matching=True, update_creation_date=False)
        known.obsolete.clear()
        replace(language.folder / FILE, written(known))


if __name__ == "__main__":
    main()
