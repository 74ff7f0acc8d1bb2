"""Papers as PDF, from data for a Typst template."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import typst
from django.conf import settings

Content = Sequence[Mapping[str, Any]]  # `Paper.content`
FOLDER = settings.BASE_DIR / "templates" / "correspondence"
FONTS = settings.BASE_DIR / "templates" / "reports" / "fonts"


def pdf_of(contents: Sequence[Content]) -> bytes:
    """One PDF/UA-1 of papers, each on pages of its own, in the order given."""
    compiler = typst.Compiler(
        root=FOLDER, font_paths=[FONTS], ignore_system_fonts=True, sys_inputs={"papers": json.dumps(contents)}
    )
    made: Any = compiler.compile(input=FOLDER / "paper.typ", format="pdf", pdf_standards=["ua-1"])
    return bytes(made)
