"""What the migrations ship as rows: the treaties, the rules of reminding, the roles.

A test with transactions of its own ends with an empty database; `restore` puts them back for those after it.
"""

from __future__ import annotations

import importlib
from typing import Any

from django.apps import apps

from tracker.registry.models import Treaty
from tracker.reminders.models import ReminderRule


def restore() -> None:
    """Puts back what is missing of it."""
    for code, title, adopted_on, in_force_on in _migration("registry", "0002_treaties").TREATIES:
        days = {"adopted_on": adopted_on, "in_force_on": in_force_on}
        Treaty.objects.get_or_create(code=code, defaults={"title": title} | days)
    for months, repeats, audience in _migration("reminders", "0002_shipped_rules").RULES:
        more = {"repeats": repeats, "audience": audience}
        ReminderRule.objects.get_or_create(months=months, days=0, kind="", defaults=more)
    _migration("web", "0001_roles").give_roles(apps)


def _migration(room: str, name: str) -> Any:
    return importlib.import_module(f"tracker.{room}.migrations.{name}")
