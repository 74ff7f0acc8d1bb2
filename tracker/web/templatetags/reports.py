"""Template tags of the reports: a cell as the page shows it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import template

from tracker.languages.typesetting import isolated
from tracker.web.reports.document import Cell, DocumentColumn, DocumentLink, Mark, shown

register = template.Library()
register.filter(isolated)


@register.filter
def beside(columns: Iterable[DocumentColumn], row: Iterable[Cell]) -> list[tuple[DocumentColumn, Cell]]:
    """Each cell of a row with its column."""
    return list(zip(columns, row, strict=True))


@register.inclusion_tag("web/ui/_report_cell.html")
def report_cell(column: DocumentColumn, cell: Cell) -> dict[str, Any]:
    """A cell: a status with its mark, a link, a day, a number or words."""
    return {
        "column": column,
        "text": shown(cell),
        "mark": cell.css if isinstance(cell, Mark) else "",
        "address": cell.address if isinstance(cell, DocumentLink) else "",
        "iso": cell.isoformat() if isinstance(cell, date) else "",
    }
