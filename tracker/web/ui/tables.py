"""The tables: every column in one place, in the order in which they stand."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html

from tracker.obligations.models import report_label
from tracker.obligations.querysets import STOOD
from tracker.obligations.wording import (
    STATUS_CLASSES,
    Badge,
    badge,
)
from tracker.rules.status import Status


def status_badge(status: str, due_on: date | None, received_on: date | None, day: date) -> str:
    """The badge as HTML, as `web/ui/_status_badge.html` writes it."""
    return _as_html(badge(status, due_on=due_on, received_on=received_on, day=day))


def _as_html(shown: Badge) -> str:
    # Why a row is without record or date is said once, above or below the table, not in each of its rows.
    title = format_html(' title="{}"', shown.title) if shown.title and shown.css not in SAID_ONCE else ""
    return format_html('<span class="badge badge-{}"{}>{}</span>', shown.css, title, shown.text)


SAID_ONCE = (STATUS_CLASSES[Status.NO_RECORD], STATUS_CLASSES[Status.NOT_RECORDED])


class DayTable(tables.Table):
    """A table that speaks of a day.

    Args:
        day: the as-of day.
        as_of_query: the query that carries it to other pages; empty for today.
    """

    def __init__(self, *args: Any, day: date, as_of_query: str = "", **kwargs: Any) -> None:
        self.day = day
        self.as_of_query = as_of_query
        super().__init__(*args, **kwargs)


class Stood:
    """A row of `Obligation.objects.as_of` with its columns as they were on the day, as words take them.

    The row itself stays as it is: a page of rows costs no copies.
    """

    def __init__(self, row: Any) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, f"then_{name}" if name in STOOD else name)

    @property
    def label(self) -> str:
        """What it is, in words."""
        return report_label(self.kind, self.cycle, self.carried_by, self.subject, self.last_cycle)
