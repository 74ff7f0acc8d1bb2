"""What `manage.py check` says of the names of States. `migrate`, and so each start, looks at the recorded ones."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.db import DatabaseError, connections

from tracker.registry.models import State
from tracker.registry.shipped import SHIPPED
from tracker.registry.un_names import missing_names


@checks.register
def check_shipped_names(app_configs: Any, **more: Any) -> list[checks.CheckMessage]:
    """Warns of shipped States without a name in a language."""
    lines = (SHIPPED / "states.csv").read_text(encoding="utf-8").splitlines()
    return missing_names(line.partition(",")[0] for line in lines[1:])


@checks.register(checks.Tags.database)
def check_recorded_names(app_configs: Any, **more: Any) -> list[checks.CheckMessage]:
    """Warns of recorded States without a name in a language, for example one that the office added."""
    found: list[checks.CheckMessage] = []
    for alias in more.get("databases") or ():
        try:
            if State._meta.db_table in connections[alias].introspection.table_names():
                found += missing_names(State.objects.using(alias).order_by("pk").values_list("pk", flat=True))
        except DatabaseError:  # not migrated yet, or not there: other checks say so
            continue
    return found
