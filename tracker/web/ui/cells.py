"""The cells of a table, for the eye and for a file.

django-tables2 finds out anew for each cell which arguments its column takes and whether its field has choices; on
a page of 50 rows that is half of the time. Here it is found out once for each column, with the same outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from inspect import Parameter, signature
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django_tables2.rows import BoundRow
from django_tables2.utils import Accessor

from tracker.web.ui.columns import StateColumn

OF_A_ROW = ("value", "record", "bound_row")


class Cells:
    """What a column shows of a record, or what it hands to a file.

    Args:
        column: a bound column of a table.
        write: its `render` or its `value`.
        default: for a record that has nothing there.
    """

    def __init__(self, column: Any, write: Callable[..., Any], default: Any) -> None:
        self.accessor = Accessor(column.accessor)
        self.plain = Accessor.SEPARATOR not in self.accessor
        self.in_words = f"get_{self.accessor}_display"
        self.empty = column.column.empty_values
        self.write, self.default = write, default
        given = {"column": column.column, "bound_column": column, "table": column._table}
        parameters = signature(write).parameters
        everything = any(one.kind is Parameter.VAR_KEYWORD for one in parameters.values())
        self.given = given if everything else {name: given[name] for name in given if name in parameters}
        self.of_a_row = [name for name in OF_A_ROW if everything or name in parameters]

    def of(self, row: BoundRow) -> Any:
        """The cell of a row."""
        value = self._read(row.record)
        if value in self.empty:
            return self.default
        given = self.given
        if self.of_a_row:
            known = {"value": value, "record": row.record, "bound_row": row}
            given = given | {name: known[name] for name in self.of_a_row}
        return self.write(**given)

    def _read(self, record: Any) -> Any:
        if self.plain and isinstance(record, Model):
            value = getattr(record, self.in_words, None) or getattr(record, self.accessor, None)
            return value() if callable(value) else value
        try:
            holder, name = self.accessor.penultimate(record)
            # Of a field with choices, the words.
            in_words = getattr(holder, f"get_{name}_display", None) if isinstance(holder, Model) else None
            return in_words() if in_words else self.accessor.resolve(record)
        except (AttributeError, KeyError, TypeError, ValueError):
            return None  # a path that ends early, as over a State without an officer


def values_of(table: Any, columns: Iterable[Any], records: Iterable[Any]) -> Iterator[list[Any]]:
    """The values of some columns of a table for a file, record by record."""
    cells = [Cells(column, column.value, None) for column in columns]
    for record in records:
        row = BoundRow(record, table=table)
        yield [cell.of(row) for cell in cells]


def headers_of(table: Any, rest: list[tuple[str, str]]) -> SafeString:
    """The headers of a table as HTML, with links that sort it.

    Args:
        rest: what the address keeps besides the order.
    """
    lines = []
    for column in table.columns:
        alias = column.order_by_alias
        sort, said = "", _(", sort")
        if column.is_ordered:
            sort = "ascending" if alias.is_ascending else "descending"
            said = (
                _(", sorted upwards; turn round")
                if alias.is_ascending
                else _(", sorted downwards; turn round")
            )
        header: Any = column.header
        if column.orderable:
            query = urlencode([*rest, (table.order_by_field, alias.next)])
            header = format_html('<a href="?{}">{}<span class="unseen">{}</span></a>', query, header, said)
        attrs = column.attrs["th"].as_html()
        order = format_html(' aria-sort="{}"', sort) if sort else ""
        lines.append(format_html('<th scope="col" {}{}>{}</th>', attrs, order, header))
    return mark_safe("\n".join(lines))  # noqa: S308 - each part is escaped above  # nosec B308 B703


def rows_of(table: Any) -> SafeString:
    """The rows of a table's page as HTML, numbered within all that the filters leave.

    The name of what a row is about heads the row.
    """
    page = getattr(table, "page", None)
    columns = []
    for column in table.columns:
        tag = "th" if isinstance(column.column, StateColumn) else "td"
        attrs = column.attrs["td"].as_html()
        scope = ' scope="row"' if tag == "th" else ""
        begin = f"<{tag}{scope}{' ' if attrs else ''}{attrs}>"
        columns.append((begin, Cells(column, column.render, column.default), f"</{tag}>"))
    lines = []
    for number, row in enumerate(table.paginated_rows, page.start_index() if page else 1):
        cells = "".join(f"{begin}{conditional_escape(cell.of(row))}{end}" for begin, cell, end in columns)
        lines.append(f'<tr><td class="no">{number}</td>{cells}</tr>')
    return mark_safe("\n".join(lines))  # noqa: S308 - each cell is escaped above  # nosec B308 B703
