"""Style sheets and templates follow the strict content security policy and work from right to left."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

SHEETS = sorted((settings.BASE_DIR / "static" / "css").glob("*.css"))
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right|top|bottom)"
    r"|left|right|float|width|height|(?:min|max)-(?:width|height))\s*:"
    r"|text-align\s*:\s*(?:left|right)|to (?:left|right)\b"
)
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_a_style_sheet_knows_no_left_and_right(sheet: Path) -> None:
    text = re.sub(r"/\*.*?\*/|@media[^{]*", "", sheet.read_text(), flags=re.DOTALL)
    assert PHYSICAL.findall(text) == []


def test_the_style_sheets_are_found() -> None:
    assert [path.name for path in SHEETS] == [
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


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_style_and_no_script(path: Path) -> None:
    found: list[Any] = re.findall(r"\sstyle\s*=|<style|<script(?![^>]*src=)", path.read_text())
    assert found == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_writes_no_microseconds(path: Path) -> None:
    """Browsers take three digits of a second at most."""
    assert not re.search(r"""\|date:['"][cu]['"]""", path.read_text())
