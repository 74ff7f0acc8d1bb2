"""How the sheets of a workbook are printed."""

from __future__ import annotations

from typing import Any


def fit_to_a4(sheet: Any, *, header: int = 1, landscape: bool = True) -> None:
    """Prints a sheet on A4, as wide as the paper.

    Args:
        header: number of the row that is repeated on each page; 0 for none.
    """
    from openpyxl.worksheet.properties import PageSetupProperties  # importing it takes a tenth of a second

    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToHeight = 0  # as many pages as it takes
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if header:
        sheet.print_title_rows = f"{header}:{header}"
