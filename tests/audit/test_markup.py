"""Style sheets and templates follow the strict content security policy and work from right to left."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings

SHEETS = sorted((settings.BASE_DIR / "static" / "css").glob("*.css"))
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right|top|bottom)"
    r"|left|right|float|width|height|(?:min|max)-(?:width|height))\s*:"
    r"|text-align\s*:\s*(?:left|right)|to (?:left|right)\b"
)
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))


def matching(pattern: re.Pattern[str], texts: dict[str, str]) -> dict[str, list[Any]]:
    """What a pattern finds, by the name of the file."""
    return {name: hits for name, text in texts.items() if (hits := pattern.findall(text))}


def test_a_style_sheet_knows_no_left_and_right() -> None:
    texts = {path.name: path.read_text() for path in SHEETS}
    assert [*texts] == [
        "admin.css",
        "base.css",
        "comfort.css",
        "contrast.css",
        "dashboard.css",
        "phone.css",
        "pictures.css",
        "print.css",
        "variables.css",
    ]
    plain = {
        name: re.sub(r"/\*.*?\*/|@media[^{]*", "", text, flags=re.DOTALL) for name, text in texts.items()
    }
    assert matching(PHYSICAL, plain) == {}


def test_a_template_holds_no_style_and_no_script_and_writes_no_microseconds() -> None:
    """Browsers take three digits of a second at most."""
    texts = {str(path): path.read_text() for path in TEMPLATES}
    assert len(texts) > 100
    assert matching(re.compile(r"\sstyle\s*=|<style|<script(?![^>]*src=)"), texts) == {}
    assert matching(re.compile(r"""\|date:['"][cu]['"]"""), texts) == {}
