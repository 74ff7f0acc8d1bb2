"""The pages of a list, however long it is: its count may be an estimate, its rows never are.

A database finds the rows of a far page by passing all that stand before it. So in a long list only the keys of
the page are sought, in an index where there is one, and from the nearer end; then these rows are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connections
from django.db.models import ForeignKey, Q, QuerySet
from django.db.models.expressions import Col
from django.db.models.sql.datastructures import Join
from django.utils.functional import cached_property
from django_tables2.data import TableQuerysetData
from django_tables2.rows import BoundRows

PAGE_SIZES = (25, 50, 100, 200, 500, 1000)
# Counted row by row up to here; what is longer is a long list.
EXACT_TO = 10_000
# Of an estimated count so much is taken to be there; a page beyond waits for the exact one.
TRUSTED = 0.9
# So many rows may be passed as they stand, with all that their order asks for.
NEAR = 1_000


class Pages(Paginator):
    """Pages of one of the sizes on offer: the address may ask for any number, and gets the nearest.

    Takes the rows of a table, or any other sequence. A page of a long list is counted from its beginning and needs
    no exact count, until the end comes near: then all rows are counted, so that the last page is the last.

    Args:
        known: how many rows there are, where that has been counted for something else.
    """

    def __init__(self, rows: Any, per_page: Any, known: int | None = None, **kwargs: Any) -> None:
        super().__init__(rows, min(PAGE_SIZES, key=lambda size: abs(size - per_page)), **kwargs)
        data = getattr(rows, "data", None)
        self.found: QuerySet[Any] | None = (
            in_total_order(data.data) if isinstance(data, TableQuerysetData) else None
        )
        self.table = getattr(rows, "table", None)
        self.count_is_estimate = False
        if known is not None and known <= EXACT_TO:
            self.count = known

    @cached_property
    def count(self) -> int:
        """How many rows there are; if `count_is_estimate` says so, about how many."""
        if self.found is None:
            return len(self.object_list)
        rows = unburdened(self.found)
        some = rows[: EXACT_TO + 1].count()
        if some <= EXACT_TO:
            return some
        if connections[rows.db].vendor != "postgresql":
            return rows.count()
        self.count_is_estimate = True
        return max(some, estimate(rows))

    def page(self, number: Any) -> Page:
        """The rows of a page.

        Raises:
            EmptyPage: there is no such page.
            PageNotAnInteger: the number is none.
        """
        if self.found is None:
            return super().page(number)
        if isinstance(number, int) and number * self.per_page > TRUSTED * self.count:
            self._count_exactly()
        number = self.validate_number(number)
        rows = self._rows(self.found, number)
        if self.count_is_estimate and len(rows) < self.per_page:  # less is there than was estimated
            self._count_exactly()
            number = self.validate_number(number)
        return Page(BoundRows(rows, self.table), number, self)

    def _count_exactly(self) -> None:
        if self.count_is_estimate and self.found is not None:
            self.count = unburdened(self.found).count()
            self.count_is_estimate = False
            vars(self).pop("num_pages", None)  # kept since it was asked for, and made of the estimate

    def _rows(self, found: QuerySet[Any], number: int) -> list[Any]:
        start = (number - 1) * self.per_page
        if self.count <= EXACT_TO:
            return list(found[start : start + self.per_page])
        if self.count_is_estimate:
            return rows_between(found, start, start + self.per_page, None)
        return rows_between(found, start, min(start + self.per_page, self.count), self.count)


def estimate(rows: QuerySet[Any]) -> int:
    """How many rows PostgreSQL expects to find, in two digits and noughts: it knows no more."""
    (plan,) = json.loads(rows.explain(format="json"))
    return int(float(f"{plan['Plan']['Plan Rows']:.1e}"))


def in_total_order(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows in an order that leaves nothing open, so that no two pages show the same one."""
    order = rows.query.order_by or (rows.query.default_ordering and rows.model._meta.ordering) or ()
    key = {"pk", "-pk", rows.model._meta.pk.name, f"-{rows.model._meta.pk.name}"}
    return rows if key & {term for term in order if isinstance(term, str)} else rows.order_by(*order, "pk")


def rows_between(rows: QuerySet[Any], start: int, stop: int, length: int | None) -> list[Any]:
    """`rows[start:stop]` of a long list in a total order.

    Args:
        length: how many rows there are, if that is known; then the second half is read from its end.
    """
    if length is not None and start > length // 2:
        keys = _keys(rows.reverse(), length - stop, length - start)[::-1]
    else:
        keys = _keys(rows, start, stop)
    found = rows.order_by().in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _keys(rows: QuerySet[Any], start: int, stop: int) -> list[Any]:
    """The keys of `rows[start:stop]`.

    Far from the beginning the rows are passed in the order of their leading column and key, which is the order of
    an index. What else they are sorted by moves a row only among those of the same leading value: the page is
    then cut out of the few rows that share the values found.
    """
    lead = leading_column(rows)
    if start < NEAR or lead is None:
        return list(rows.values_list("pk", flat=True)[start:stop])
    column, descending = lead.removeprefix("-"), lead.startswith("-")
    upwards = rows.query.standard_ordering  # else turned round as a whole
    passed = list(unburdened(rows, column, "pk", order=(lead, "pk"))[start:stop])
    if not passed:
        return []
    (first, key), (last, _key) = passed[0], passed[-1]
    alike = rows.filter(**{column: first}).filter(Q(pk__lt=key) if upwards else Q(pk__gt=key))
    before = unburdened(alike).count()
    low, high = (first, last) if upwards != descending else (last, first)
    among = Q(**{f"{column}__gte": low} if low is not None else {}) & Q(
        **{f"{column}__lte": high} if high is not None else {}
    )
    if first is None and last is None:
        among = Q(**{column: None})
    elif first is None or last is None:
        among |= Q(**{column: None})
    return list(rows.filter(among).values_list("pk", flat=True)[before : before + len(passed)])


def unburdened(rows: QuerySet[Any], *columns: str, order: Iterable[str] = ()) -> QuerySet[Any]:
    """Some columns of the rows, read without the tables that neither these nor the filters ask for.

    Django joins a table as soon as an annotation names it, and keeps it where that annotation is not read.

    Args:
        columns: of the rows' own table; the key if none is named.
        order: by such columns too.
    """
    lean = rows.order_by(*order).values_list(*columns or ("pk",))
    query: Any = lean.query
    asked = {column.alias for column in query._gen_cols([query.where], include_external=True)}
    for alias, table in reversed(query.alias_map.items()):  # a table comes after the one that it hangs on
        if alias in asked:
            asked.add(table.parent_alias)
        elif isinstance(table, Join) and isinstance(table.join_field, ForeignKey) and not table.nullable:
            # Each row has exactly one there: without it the rows are the same.
            query.alias_refcount[alias] = 0
    return lean


def leading_column(rows: QuerySet[Any]) -> str | None:
    """What the rows are sorted by first, with its direction, if an index of their own table begins with it."""
    lead = rows.query.order_by[0] if rows.query.order_by else None
    if not isinstance(lead, str):
        return None
    name = lead.removeprefix("-")
    known = rows.query.annotations.get(name)
    if isinstance(known, Col) and known.alias == rows.query.get_initial_alias():
        name = known.target.name
    elif known is not None:
        return None
    begins = {index.fields[0] for index in rows.model._meta.indexes if index.fields}
    return lead if name in begins else None
