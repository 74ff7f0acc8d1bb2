"""What the strict content security policy and writing from right to left ask of every page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.web.pages import Element, read
from tests.web.test_addresses import FRAMELESS, PAGES, rows_of_every_model

pytestmark = pytest.mark.django_db

SHEETS = sorted((settings.BASE_DIR / "static" / "css").glob("*.css"))
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right|top|bottom)"
    r"|left|right|float|width|height|(?:min|max)-(?:width|height))\s*:"
    r"|text-align\s*:\s*(?:left|right)|to (?:left|right)\b"
)
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))


def inline(page: Element) -> list[str]:
    """Styles and scripts that stand in the page itself."""
    found = []
    for one in page:
        if one.name == "style" or (one.name == "script" and "src" not in one.attributes):
            found.append(f"<{one.name}>")
        found += [
            f"<{one.name} {name}>" for name in one.attributes if name == "style" or name.startswith("on")
        ]
    return found


@pytest.mark.parametrize("name", sorted(PAGES.keys() - FRAMELESS))
def test_no_page_holds_a_style_or_a_script(name: str, keys: dict[str, int], staff: Client) -> None:
    assert inline(read(staff.get(PAGES[name].format(**keys)))) == []


@pytest.mark.parametrize("address", ["/login/", "/nowhere/", "/admin/login/"])
def test_no_page_for_strangers_holds_a_style_or_a_script(address: str, client: Client) -> None:
    assert inline(read(client.get(address))) == []


@pytest.mark.parametrize("view", ["changelist", "add", "change", "history", "delete"])
def test_no_page_of_the_admin_holds_a_style_or_a_script(view: str, staff: Client) -> None:
    for model, row in rows_of_every_model().items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}"
        address = reverse(name, args=[] if view in ("changelist", "add") else [row.pk])
        html = staff.get(address).content.decode()
        assert re.findall(r"<style|\sstyle\s*=|<script(?![^>]*\ssrc=)|\son\w+\s*=\s*\"", html) == [], address


def test_every_answer_forbids_inline_code(staff: Client) -> None:
    policy = staff.get("/").headers["Content-Security-Policy"]
    assert sorted(policy.split("; ")) == [
        "base-uri 'none'", "default-src 'self'", "form-action 'self'", "frame-ancestors 'none'",
        "object-src 'none'", "report-to csp", "report-uri /csp-report/",
    ]  # fmt: skip


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
        "pictures.css",
        "print.css",
        "variables.css",
    ]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_style_and_no_script(path: Path) -> None:
    found: list[Any] = re.findall(r"\sstyle\s*=|<style|<script(?![^>]*src=)", path.read_text())
    assert found == []
