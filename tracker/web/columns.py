"""Columns that several tables share: `render` for the eye, `value` for the export."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from tracker.rules.dates import in_words


class DayColumn(tables.Column):
    """A date: 23 January 2005 on screen, a real date in exports."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", {"td": {"class": "day"}, "th": {"class": "day"}})
        super().__init__(*args, **kwargs)

    def render(self, value: date) -> str:
        return in_words(value)

    def value(self, value: date) -> date:
        return value


class StateColumn(tables.Column):
    """A State's name, linked to its page on the same as-of day; alpha-3 beside it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("verbose_name", _("State"))
        kwargs.setdefault("attrs", {"td": {"class": "state"}, "th": {"class": "state"}})
        super().__init__(*args, **kwargs)

    def render(self, value: Any, table: tables.Table) -> str:
        return format_html(
            '<a href="{}{}">{}</a> <bdi class="code">{}</bdi>',
            self.address.replace("AAA", value.pk),
            getattr(table, "as_of_query", ""),
            value.name,
            value.pk,
        )

    @cached_property
    def address(self) -> str:
        """Of a State's page, with AAA for its code: looked up once for all rows."""
        return reverse("state", args=["AAA"])

    def value(self, value: Any) -> str:
        return str(value.name)
