"""A report as a PDF: its text and figures are data for a Typst template.

The template is a file of ours and the report is passed as JSON, so nothing in a report can be run as code. Typst runs
in this process and reads only the folder of the template: no fonts of the machine, no packages, no network.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from functools import cache
from typing import Any

import typst
from django.conf import settings
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from tracker.web.reports.document import (
    Cell,
    DocumentLink,
    DocumentRow,
    DocumentSection,
    DocumentTable,
    Mark,
    ReportDocument,
    isolated,
    shown,
    without_controls,
)

FOLDER = settings.BASE_DIR / "templates" / "reports"
# For assistive technology: language, title, reading order and table headers are all in the file.
ACCESSIBLE = "ua-1"
# Cut by tools/fonts.py. A text takes the first one that has its characters, so that of the reader's script comes first,
# with its own Latin letters and punctuation.
FONTS = ("Libertinus Serif", "Amiri", "Noto Sans SC", "DejaVu Sans Mono")
FIRST = {"ar": "Amiri", "zh": "Noto Sans SC"}
NOWHERE = FOLDER / "packages"  # the template needs no packages, and there are none


def render(report: ReportDocument) -> bytes:
    """The PDF's bytes: the same report in the same language gives the same bytes.

    It is PDF/UA-1. A character that none of the fonts has would break that promise: such a report becomes
    a tagged PDF without it, and says on its last page that the character is missing.
    """
    try:
        return _compile(report, [ACCESSIBLE])
    except typst.TypstError as error:
        if "could not be displayed" not in error.message:
            raise
    missing = _(
        "Some characters are not shown, because the fonts of this document do not contain them. They are "
        "complete on the "
        "page and in the workbook of this report."
    )
    return _compile(report, [], missing=missing)


def _compile(report: ReportDocument, standards: list[Any], *, missing: str = "") -> bytes:
    made: bytes = typst.compile(
        FOLDER / "report.typ",
        root=FOLDER,
        font_paths=_fonts(),
        sys_inputs={"report": json.dumps(as_data(report) | {"missing": missing}, ensure_ascii=False)},
        format="pdf",
        pdf_standards=standards,
        package_path=NOWHERE,
        package_cache_path=NOWHERE,
        timestamp=datetime.combine(report.day, time(), UTC),
    )
    return made


@cache
def _fonts() -> Any:
    """Those of the package and ours, read once."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(FOLDER / "fonts")])


def as_data(report: ReportDocument) -> dict[str, Any]:
    """Everything that the template shows, already as text."""
    language, _dash, more = (get_language() or settings.LANGUAGE_CODE).partition("-")
    first = FIRST.get(language, FONTS[0])
    return {
        "language": language,
        "country": more.upper() if len(more) == 2 else None,
        "script": more.capitalize() if len(more) == 4 else "",
        "fonts": [first, *(font for font in FONTS if font != first)],
        "direction": "rtl" if get_language_bidi() else "ltr",
        "product": report.product,
        "treaty": report.treaty,
        "title": _clean(report.title),
        "as_of": report.as_of,
        "page": _("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"},
        "year": report.day.year,
        "month": report.day.month,
        "day": report.day.day,
        "says": [_clean(text) for text in report.says],
        "sections": [_section(section) for section in report.sections],
        "links": [_cell(link) for link in report.links],
        "footnotes": report.footnotes,
        "one_page": report.one_page,
    }


def _section(section: DocumentSection) -> dict[str, Any]:
    return {
        "heading": _clean(section.heading),
        "says": [_clean(text) for text in section.says],
        "notes": [_clean(text) for text in section.notes],
        "table": _table(section.table) if section.table else None,
    }


def _table(table: DocumentTable) -> dict[str, Any]:
    return {
        "columns": [
            {"label": _clean(column.label), "share": column.share, "end": column.end}
            for column in table.columns
        ],
        "groups": [
            {"heading": _clean(group.heading), "rows": [_row(row) for row in group.rows]}
            for group in table.groups
        ],
        "total": _row(table.total) if table.total else None,
    }


def _row(row: DocumentRow) -> list[dict[str, Any]]:
    return [_cell(cell) for cell in row]


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "text": _clean(shown(cell)),
        "mark": cell.css if isinstance(cell, Mark) else None,
        "address": cell.address if isinstance(cell, DocumentLink) else None,
    }


def _clean(text: str) -> str:
    return isolated(without_controls(text))
