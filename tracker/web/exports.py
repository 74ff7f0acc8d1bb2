"""Exports of what a table shows, harmless to open."""

from __future__ import annotations

from typing import Any

from django_tables2.export.export import TableExport
from tablib import Dataset

from tracker.obligations.imports.files import neutral

FORMATS = ("csv", "xlsx", "json")


class Export(TableExport):
    """Cells that a spreadsheet would take for formulas are made texts; a program that reads JSON computes none."""

    def table_to_dataset(self, table: Any, exclude_columns: Any, dataset_kwargs: Any = None) -> Dataset:
        dataset: Dataset = super().table_to_dataset(table, exclude_columns, dataset_kwargs)
        if self.format == self.JSON:
            return dataset
        rows = [[neutral(cell) if isinstance(cell, str) else cell for cell in row] for row in dataset]
        return Dataset(*rows, headers=dataset.headers, title=dataset.title)


def is_wanted(form: str) -> bool:
    """Whether a page is asked for an export that it gives."""
    return form in FORMATS
