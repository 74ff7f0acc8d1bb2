"""The order of a list's rows: rows without a value in the sorted column come last, both ways and on each database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import django_tables2 as tables
from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField, F, QuerySet, TextField, Value
from django.db.models.expressions import OrderBy
from django.db.models.functions import NullIf
from django_tables2.data import TableListData, TableQuerysetData
from django_tables2.utils import Accessor
from django_tables2.utils import OrderBy as Term


class ListTable(tables.Table):
    """A table whose rows without a value in the sorted column come last."""

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        rows = _QuerysetRows(data) if isinstance(data, QuerySet) else _ListedRows(list(data))
        super().__init__(data=rows, **kwargs)


class _QuerysetRows(TableQuerysetData):
    data: QuerySet[Any]

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
    """A term of `order_by` ("due", "-state__name") that puts rows without a value where they are to be."""
    descending, name = term.startswith("-"), term.lstrip("-").replace(".", "__")
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
