"""Documents as PDF: what reports, papers and the book of mails share.

A template is a file of ours and its data are JSON, so nothing in a name or a note can be run as code. Typst runs in
this process and reads only the folder of the template: no fonts of the machine, no packages, no network.
"""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import get_language_bidi

# Cut by tools/fonts.py.
FONTS = Path(__file__).resolve().parents[2] / "templates" / "reports" / "fonts"
# For assistive technology: language, title, reading order and table headers are all in the file.
ACCESSIBLE = "ua-1"
# A text takes the first one that has its characters, so that of the reader's script comes first, with its own Latin
# letters and punctuation.
FAMILIES = ("Libertinus Serif", "Amiri", "Noto Sans SC", "DejaVu Sans Mono")
FIRST = {"ar": "Amiri", "zh": "Noto Sans SC"}


def families_of(language: str) -> list[str]:
    """The names of the fonts for a text in a language, in order.

    Args:
        language: its code, with or without country or script.
    """
    first = FIRST.get(language.partition("-")[0], FAMILIES[0])
    return [first, *(family for family in FAMILIES if family != first)]


@cache
def fonts() -> Any:
    """The fonts of the package and ours, read once."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)])


def pdf(template: Path, data: Any, day: date, *, missing: str) -> bytes:
    """The PDF that a template makes of data: the same data give the same bytes.

    It is PDF/UA-1. A character that none of the fonts has would break that promise: such a document becomes a tagged
    PDF without it, and says so.

    Args:
        data: `sys.inputs.data` in the template, as JSON.
        day: its date.
        missing: `sys.inputs.missing` in the template, where a character is missing; else that is empty.
    """
    try:
        return compiled(template, data, day, [ACCESSIBLE])
    except typst.TypstError as error:
        if "could not be displayed" not in error.message:
            raise
    return compiled(template, data, day, [], missing)


def compiled(template: Path, data: Any, day: date, standards: list[Any], missing: str = "") -> bytes:
    """The PDF by these standards; see `pdf`.

    Raises:
        typst.TypstError: the document cannot keep one of them.
    """
    nowhere = template.parent / "packages"  # the templates need no packages, and there are none
    made: bytes = typst.compile(
        template,
        root=template.parent,
        font_paths=fonts(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False), "missing": missing},
        format="pdf",
        pdf_standards=standards,
        package_path=nowhere,
        package_cache_path=nowhere,
        timestamp=datetime.combine(day, time(), UTC),
    )
    return made


def without_controls(text: str) -> str:
    """A text without characters that a document cannot contain, or that would reverse its order.

    Line feeds and tabs stay, and so do the marks and isolates of text that is written from right to left.
    """
    return "".join(sign for sign in text if sign in "\n\t" or not _is_control(ord(sign)))


def _is_control(code: int) -> bool:
    """Whether a code point is a control, half of a pair or no character, or embeds or overrides a direction."""
    return (
        code < 32
        or 127 <= code < 160
        or 0x202A <= code <= 0x202E
        or 0xD800 <= code <= 0xDFFF
        or code & 0xFFFE == 0xFFFE
    )


def isolated(text: str) -> str:
    """A text in the direction of its own script: an English note in an Arabic report keeps its full stop at its end."""
    if (
        text
        and get_language_bidi()
        and not any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text)
    ):
        return f"\N{LEFT-TO-RIGHT ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
    return text
