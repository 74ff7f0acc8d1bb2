"""The rows that tests start with: those that migrations create, and the shipped records.

A test with transactions of its own ends with `start_again`. The shipped records are read and checked once in a process;
later calls insert the same rows.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import time_machine
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection, models, transaction

from tracker.obligations.load import Loaded, load_folder
from tracker.registry.models import State
from tracker.registry.shipped import SHIPPED

REASON = "loaded from the shipped data"
# No test changes the rows of these tables, which belong to the tables themselves.
LASTING = (ContentType, Permission)

_migrated: dict[type[models.Model], Any] = {}


def remember() -> None:
    """Keeps the rows of a database that has only been migrated."""
    _migrated.update({model: _taken(model) for model in _emptied() if _has_rows(model)})


def start_again() -> None:
    """Leaves the rows of the migrations alone.

    Django's own way, which truncates each table and makes all permissions anew, takes thirty times as long.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            for model in _emptied():
                cursor.execute(f"DELETE FROM {_table(model)}")  # noqa: S608 - the name is a model's
        for model, rows in _migrated.items():
            _put(model, rows)


def _emptied() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if model not in LASTING]


# --- the shipped facts ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """The result of loading, and all rows that it wrote: by table, as the database returns them."""

    loaded: Loaded
    rows: dict[type[models.Model], Any]


_kept: dict[tuple[date, datetime | None], Kept] = {}


def load(today: date, at: datetime | None = None) -> Loaded:
    """Loads the shipped records and derives a day's obligations; the first call loads the files, later ones insert
    the same rows.

    The history has the given moment, or that of the first call. If there are States already, the folder is loaded as
    usual.
    """
    with transaction.atomic(), time_machine.travel(at, tick=False) if at else nullcontext():
        if State.objects.exists():
            return load_folder(SHIPPED, today=today, reason=REASON)
        if (today, at) not in _kept:
            before = {model for model in _models() if _has_rows(model)}
            loaded = load_folder(SHIPPED, today=today, reason=REASON)
            written = [model for model in _models() if model not in before and _has_rows(model)]
            _kept[today, at] = Kept(loaded, {model: _taken(model) for model in written})
        else:
            for model, rows in _kept[today, at].rows.items():
                _put(model, rows)
            with connection.cursor() as cursor:
                for statement in connection.ops.sequence_reset_sql(no_style(), list(_kept[today, at].rows)):
                    cursor.execute(statement)
    return _kept[today, at].loaded


def _models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("tracker.")]


def _has_rows(model: type[models.Model]) -> bool:
    return model._base_manager.exists()


def _taken(model: type[models.Model]) -> Any:
    """All rows of a table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {_table(model)} TO STDOUT") as copy:
                return b"".join(copy)
        cursor.execute(f"SELECT * FROM {_table(model)}")  # noqa: S608 - the name is a model's
        return cursor.fetchall()


def _put(model: type[models.Model], rows: Any) -> None:
    """Inserts rows that `_taken` returned."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {_table(model)} FROM STDIN") as copy:
                copy.write(rows)
        else:
            places = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO {_table(model)} VALUES ({places})", rows)  # noqa: S608 - as above


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
