"""A report as a PDF: its text and figures are data for a Typst template."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import get_language, get_language_bidi, gettext as _

from tracker.languages import typesetting
from tracker.languages.typesetting import isolated, without_controls
from tracker.web.reports.document import (
    Cell,
    DocumentLink,
    DocumentRow,
    DocumentSection,
    DocumentTable,
    Mark,
    ReportDocument,
    shown,
)

FOLDER = settings.BASE_DIR / "templates" / "reports"


def render(report: ReportDocument) -> bytes:
    """The PDF's bytes: the same report in the same language gives the same bytes. See `typesetting.pdf`."""
    missing = _(
        "Some characters are not shown, because the fonts of this document do not contain them. They are "
        "complete on the "
        "page and in the workbook of this report."
    )
    return typesetting.pdf(FOLDER / "report.typ", as_data(report), report.day, missing=missing)


def as_data(report: ReportDocument) -> dict[str, Any]:
    """Everything that the template shows, already as text."""
    language, _dash, more = (get_language() or settings.LANGUAGE_CODE).partition("-")
    return {
        "language": language,
        "country": more.upper() if len(more) == 2 else None,
        "script": more.capitalize() if len(more) == 4 else "",
        "fonts": typesetting.families_of(language),
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
