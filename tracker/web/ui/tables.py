"""Shared by the tables of all lists: their rows and cells, the as-of day, the status badge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from inspect import signature
from typing import Any, ClassVar

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from tracker.obligations.models import report_label
from tracker.obligations.querysets import STOOD
from tracker.obligations.wording import (
    STATUS_CLASSES,
    Badge,
    badge,
)
from tracker.rules.status import Status
from tracker.web.ui.columns import DayColumn, ReportColumn, StateColumn
from tracker.web.ui.ordering import ListTable

Reader = Callable[[Any], Any]


def status_badge(status: str, due_on: date | None, received_on: date | None, day: date) -> str:
    """The badge as HTML, as `web/ui/_status_badge.html` writes it."""
    return badge_html(badge(status, due_on=due_on, received_on=received_on, day=day))


def badge_html(shown: Badge) -> str:
    # The reason for "no record" and "date not recorded" is shown once beside the table, not in each row.
    title = format_html(' title="{}"', shown.title) if shown.title and shown.css not in SAID_ONCE else ""
    return format_html('<span class="badge badge-{}"{}>{}</span>', shown.css, title, shown.text)


SAID_ONCE = (STATUS_CLASSES[Status.NO_RECORD], STATUS_CLASSES[Status.NOT_RECORDED])


class DayTable(ListTable):
    """A table of rows as of a day.

    Args:
        day: the as-of day.
        as_of_query: the query that carries it to other pages; empty for today.
    """

    def __init__(self, *args: Any, day: date, as_of_query: str = "", **kwargs: Any) -> None:
        self.day = day
        self.as_of_query = as_of_query
        super().__init__(*args, **kwargs)


class ReportTable(ListTable):
    """A table with a row for each report: State, alpha-3, report and due date, the columns that such tables share."""

    state = StateColumn(order_by=("state__name", "due", "pk"))
    iso3 = tables.Column(
        gettext_lazy("Alpha-3"), accessor="state_id", order_by=("state_id", "due", "pk"), visible=False
    )
    what = ReportColumn(accessor="pk", order_by=("kind", "cycle", "state__name", "pk"))
    due = DayColumn(gettext_lazy("Due"), order_by=("due", "state__name", "pk"))

    exported_with: ClassVar[dict[str, tuple[str, ...]]] = {"state": ("iso3",)}


class Stood:
    """A row of `Obligation.objects.as_of` with its values on the day, as the wording functions need them.

    The row itself is not copied, which would be slow for a page of rows.
    """

    def __init__(self, row: Any) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, f"then_{name}" if name in STOOD else name)

    @property
    def label(self) -> str:
        """The name of the report."""
        return report_label(self.kind, self.cycle, self.carried_by, self.subject, self.last_cycle)


# --- rows and cells ------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownColumn:
    """A column of a table as `web/ui/_table.html` draws its cells.

    Attributes:
        heads: whether its cell is the heading of the row.
        attrs: of each cell, as HTML.
        read: the content of its cell for a record.
    """

    heads: bool
    attrs: str
    read: Reader


def shown_rows(table: Any) -> Iterator[tuple[int, list[tuple[ShownColumn, Any]]]]:
    """The rows of a table's page: the number of each among all rows of the list, and its cells."""
    columns = [
        ShownColumn(
            isinstance(column.column, StateColumn),
            column.attrs["td"].as_html(),
            _reader(table, column, column.render, column.default),
        )
        for column in table.columns
    ]
    page = getattr(table, "page", None)
    for number, row in enumerate(table.paginated_rows, page.start_index() if page else 1):
        yield number, [(column, column.read(row.record)) for column in columns]


def exported_rows(table: Any, columns: Iterable[Any], records: Iterable[Any]) -> Iterator[list[Any]]:
    """The values of some columns of a table for a file, record by record."""
    cells = [_reader(table, column, column.value, None) for column in columns]
    for record in records:
        yield [read(record) for read in cells]


def _reader(table: Any, column: Any, write: Callable[..., Any], default: Any) -> Reader:
    """Returns a function that gives the cell of a column for a record.

    django-tables2 inspects the signature of the column's function for every cell, which takes longer than all the
    rest of a page; here it is done once for each column.

    Args:
        write: the `render` or the `value` of the column.
        default: for a record without a value.
    """
    if getattr(write, "__func__", None) is tables.Column.value:
        write = column.column.render  # all that it calls
    path = [(f"get_{name}_display", name) for name in column.accessor.split("__")]
    parameters, empty = signature(write).parameters, column.column.empty_values

    def read(record: Any) -> Any:
        value = record
        for words, name in path:
            found = getattr(value, words, None) or getattr(value, name, None)
            value = found() if callable(found) else found
        if value in empty:
            return default
        given = {"value": value, "record": record, "table": table}
        return write(**{name: given[name] for name in parameters})

    return read
