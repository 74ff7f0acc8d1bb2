"""Counts rows of several tables in one query."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet, Subquery, Value

from tracker.registry.models import Treaty


def count_together(rows: dict[str, QuerySet[Any]]) -> dict[str, int]:
    """The number of rows of each of some querysets, by name, in one query; none without querysets."""
    if not rows:
        return {}
    numbers = {
        name: Subquery(
            found.order_by().annotate(alike=Value(1)).values("alike").annotate(n=Count("pk")).values("n")
        )
        for name, found in rows.items()
    }
    # On any one row: a treaty is always there.
    columns: list[Any] = list(numbers.values())
    counted = Treaty.objects.order_by("pk").values_list(*columns)[0]
    return {name: number or 0 for name, number in zip(rows, counted, strict=True)}
