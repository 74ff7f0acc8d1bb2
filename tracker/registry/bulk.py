"""Writes many facts at once, each with its history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models
from simple_history.utils import bulk_create_with_history, get_history_manager_for_model

from tracker.registry.models import SortKey


def write(
    model: type[models.Model],
    new: Sequence[Any],
    changed: Sequence[Any],
    fields: Iterable[str],
    reason: str,
    by: Any = None,
) -> None:
    """Creates and updates rows set by set, each with its history.

    Args:
        fields: the names of those that may differ in the changed rows.
        reason, by: why, and which user; kept in the history.
    """
    kept = {"default_change_reason": reason, "default_user": by}
    if new:
        bulk_create_with_history(new, model, batch_size=500, **kept)
    if changed:
        # An upsert of rows that are there: a tenth of the time that bulk_update takes with its CASE for each row.
        model._default_manager.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=[model._meta.pk.name],
            update_fields=sorted(
                {*fields, *(one.name for one in model._meta.fields if isinstance(one, SortKey))}
            ),
            batch_size=500,
        )
        get_history_manager_for_model(model).bulk_history_create(changed, batch_size=500, update=True, **kept)
