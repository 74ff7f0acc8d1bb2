"""Shared by the tables of all lists: their rows and cells, the as-of day, the status badge."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from inspect import signature
from typing import Any, ClassVar

import django_tables2 as tables
from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField, F, QuerySet, TextField, Value
from django.db.models.expressions import OrderBy
from django.db.models.functions import NullIf
from django.utils.formats import localize
from django.utils.html import format_html, strip_tags
from django.utils.translation import gettext, gettext_lazy
from django_tables2.data import TableListData, TableQuerysetData
from django_tables2.utils import Accessor, OrderBy as Term, OrderByTuple

from tracker.obligations.models import report_label
from tracker.obligations.querysets import STOOD
from tracker.obligations.wording import STATUS_CLASSES, Badge, badge
from tracker.registry.un_names import StateOrder
from tracker.rules.status import Status
from tracker.web.ui.columns import DayColumn, ReportColumn, StateColumn

Reader = Callable[[Any], Any]


def status_badge(status: str, due_on: date | None, received_on: date | None, day: date) -> str:
    """The badge as HTML, as `web/ui/_status_badge.html` writes it."""
    return badge_html(badge(status, due_on=due_on, received_on=received_on, day=day))


def badge_html(shown: Badge) -> str:
    # The reason for "no record" and "date not recorded" is shown once beside the table, not in each row.
    title = format_html(' title="{}"', shown.title) if shown.title and shown.css not in SAID_ONCE else ""
    return format_html('<span class="badge badge-{}"{}>{}</span>', shown.css, title, shown.text)


SAID_ONCE = (STATUS_CLASSES[Status.NO_RECORD], STATUS_CLASSES[Status.NOT_RECORDED])


class ListTable(tables.Table):
    """A table whose rows without a value in the sorted column come last.

    Attributes:
        then: what decides between equal values of a column without an order of its own; it ends with the key, so that
            no two pages show the same row.

    Args:
        total: the number of rows, if the page has counted them already.
    """

    then: ClassVar[tuple[str, ...]] = ("pk",)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, column in cls.base_columns.items():
            if column.order_by is None:
                column.order_by = OrderByTuple((str(column.accessor or name), *cls.then))

    def __init__(self, data: Any = None, *, total: int | None = None, **kwargs: Any) -> None:
        rows = _QuerysetRows(data, total) if isinstance(data, QuerySet) else _ListedRows(list(data))
        super().__init__(data=rows, **kwargs)


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

    state = StateColumn(order_by=("state__in_order", "due", "pk"))
    iso3 = tables.Column(
        gettext_lazy("Alpha-3"), accessor="state_id", order_by=("state_id", "due", "pk"), visible=False
    )
    what = ReportColumn(accessor="pk", order_by=("kind", "cycle", "state__in_order", "pk"))
    due = DayColumn(gettext_lazy("Due"), order_by=("due", "state__in_order", "pk"))

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


# --- order ---------------------------------------------------------------------------------------


class _QuerysetRows(TableQuerysetData):
    data: QuerySet[Any]

    def __init__(self, data: QuerySet[Any], total: int | None) -> None:
        super().__init__(data)
        self.total = total

    def __len__(self) -> int:
        return super().__len__() if self.total is None else self.total

    def __getitem__(self, key: Any) -> Any:
        """A page of rows. The database finds their keys first, so that it reads none of the rows before them whole."""
        if not isinstance(key, slice):
            return super().__getitem__(key)
        return self.data.filter(pk__in=self.data.values("pk")[key])

    def order_by(self, aliases: Any) -> None:
        terms = [
            in_order(self.data, str(term), empty_last=empty_last)
            for term, empty_last in _terms(self.table, aliases)
        ]
        if terms:
            self.data = self.data.order_by(*terms)


class _ListedRows(TableListData):
    data: list[Any]

    def order_by(self, aliases: Any) -> None:
        # Sorting is stable, so the least significant value comes first.
        for term, empty_last in reversed(list(_terms(self.table, aliases))):
            values = [(Accessor(term.bare).resolve(row, quiet=True), row) for row in self.data]
            filled = [pair for pair in values if pair[0] not in (None, "")]
            empty = [row for value, row in values if value in (None, "")]
            filled.sort(key=lambda pair: pair[0], reverse=term.is_descending)
            rows = [row for _value, row in filled]
            self.data = [*rows, *empty] if empty_last else [*empty, *rows]


def _terms(table: Any, aliases: Any) -> Iterator[tuple[Term, bool]]:
    """What rows are sorted by, most significant first, and whether rows without this value come last.

    Of the sorted column itself they come last both ways. Further values only decide between equal ones, and there the
    reverse order is exactly the reverse.
    """
    for alias in aliases:
        column = table.columns[Term(alias).bare]
        turned = alias[0] != column.order_by_alias[0]
        for at, term in enumerate(column.order_by.opposite if turned else column.order_by):
            yield Term(term), at == 0 or not Term(alias).is_descending


def in_order(rows: QuerySet[Any], term: str, *, empty_last: bool = True) -> OrderBy | str:
    """A term of `order_by` ("due", "-state__in_order") that puts rows without a value where they are to be."""
    descending, name = term.startswith("-"), term.lstrip("-").replace(".", "__")
    path, _, last = name.rpartition("__")
    if last == "in_order":  # of a State
        return OrderBy(StateOrder(path), descending=descending)
    if not _may_be_empty(rows, name):
        return f"-{name}" if descending else name
    known = F(name).resolve_expression(rows.query.chain(), allow_joins=True)
    value = NullIf(F(name), Value("")) if isinstance(known.output_field, CharField | TextField) else F(name)
    nulls = {"nulls_last": True} if empty_last else {"nulls_first": True}
    return OrderBy(value, descending=descending, **nulls)


def _may_be_empty(rows: QuerySet[Any], name: str) -> bool:
    """Whether a field or an annotation may be NULL or an empty text."""
    model: Any = rows.model
    if name in rows.query.annotations:
        return True
    for part in name.split("__"):
        try:
            field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        except FieldDoesNotExist:
            return True
        if field.null or field.blank:
            return True
        model = field.related_model or model
    return False


# --- rows and cells ------------------------------------------------------------------------------


def shown_rows(table: Any) -> Iterator[str]:
    """The rows of a table's page as HTML, each with its number among all rows of the list."""
    columns = list(table.columns)
    cells = [_reader(table, column, column.render, column.default) for column in columns]
    row = f'<tr><td class="no">{{}}</td>{"".join(map(_cell, columns))}</tr>'
    page = getattr(table, "page", None)
    for number, bound in enumerate(table.paginated_rows, page.start_index() if page else 1):
        yield format_html(row, localize(number), *(localize(read(bound.record)) for read in cells))


def _cell(column: Any) -> str:
    """The HTML of a column's cells, with a place for the content. The State is the heading of its row."""
    attrs = column.attrs["td"].as_html().replace("{", "{{").replace("}", "}}")
    opened = f" {attrs}" if attrs else ""
    heads = isinstance(column.column, StateColumn)
    return f'<th scope="row"{opened}>{{}}</th>' if heads else f"<td{opened}>{{}}</td>"


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
    parameters, empty = signature(write).parameters, column.column.empty_values
    # Getting the words of a choice takes time for each row; most columns that show one read the record themselves.
    in_words = "get_{}_display" if "value" in parameters else "{}"
    path = [(in_words.format(name), name) for name in column.accessor.split("__")]

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


# --- narrow screens ------------------------------------------------------------------------------

_HEAD = re.compile(
    r"(<table\b[^>]*)(>\s*(?:<caption\b[^>]*>[^<]*</caption>\s*)?<thead\b)(.*?</thead>)", re.DOTALL
)
_HEADING = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_UNSEEN = re.compile(
    r"""<span (?:class="unseen"|class="definition"[^>]*|aria-hidden="true")>.*?</span>""", re.DOTALL
)
# Columns whose cells need no name before them.
_PLAIN = (
    gettext_lazy("State"),
    gettext_lazy("Report"),
    gettext_lazy("Status"),
    gettext_lazy("Overdue for"),
    gettext_lazy("Select"),
    gettext_lazy("Actions"),
    gettext_lazy("Why this date"),
)


def label_columns(page: str) -> str:
    """A page of HTML whose tables hold the names of their columns in `data-c1`, `data-c2` and so on.

    `phone.css` writes them before the cells where rows are stacked. They are given once for each table, as a name in
    each cell would make a page of 200 rows a third heavier.
    """
    plain = set(map(str, _PLAIN))

    def label(found: re.Match[str]) -> str:
        names = [strip_tags(_UNSEEN.sub("", heading)).strip() for heading in _HEADING.findall(found[3])]
        labels = [
            f' data-c{at}="{name.replace(chr(34), "&quot;")}&ensp;"'
            for at, name in enumerate(names, start=1)
            if name and name not in plain
        ]
        sort_by = gettext("Sort by")
        sorts = f' data-label="{sort_by}"' if '<a href="?' in found[3] else ""
        return f"{found[1]}{''.join(labels)}{found[2]}{sorts}{found[3]}"

    return _HEAD.sub(label, page)
