"""Columns that several tables share: `render` for the screen, `value` for exports."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import django_tables2 as tables
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.translation import gettext_lazy as _

from tracker.changes.desk_guard import is_yours
from tracker.languages.known import ENGLISH, current
from tracker.languages.writing import in_words, minute_in_words
from tracker.web.ui.addresses import edit_link


def code_or_words(code: Any, words: Any) -> str:
    """The value of a choice in a file: its code, the same for every program, or its words for other readers."""
    return str(code if current() == ENGLISH else words)


def office_day(value: date) -> date:
    """A date, or the day of a moment in the office."""
    return timezone.localdate(value) if isinstance(value, datetime) else value


class DayColumn(tables.Column):
    """A date, or the day of a moment in the office: 23 January 2005 on screen, a real date in exports."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", {"td": {"class": "day"}, "th": {"class": "day"}})
        super().__init__(*args, **kwargs)

    def render(self, value: date) -> str:
        return in_words(office_day(value))

    def value(self, value: date) -> date:
        return office_day(value)


class MomentColumn(tables.Column):
    """A time in UTC: 23 January 2005, 09:30 on screen, a real time in exports."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", {"td": {"class": "day"}, "th": {"class": "day"}})
        super().__init__(*args, **kwargs)

    def render(self, value: datetime) -> str:
        return minute_in_words(value)

    def value(self, value: datetime) -> datetime:
        return value


class StateColumn(tables.Column):
    """A State's name, linked to its page on the same as-of day; alpha-3 beside it. Exports have the English name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("verbose_name", _("State"))
        kwargs.setdefault("attrs", {"td": {"class": "state"}, "th": {"class": "state"}})
        self._link: str | None = None
        super().__init__(*args, **kwargs)

    def render(self, value: Any, table: tables.Table) -> str:
        return format_html(self.link(table), value.pk, value.shown_name, value.pk)

    def link(self, table: tables.Table) -> str:
        """A template of the link to a State's page, with places for code, name and code; made once for all rows."""
        if self._link is None:
            address = reverse("state", args=["AAA"]) + getattr(table, "as_of_query", "")
            escaped = escape(address).replace("{", "{{").replace("}", "}}").replace("AAA", "{}", 1)
            self._link = f'<a href="{escaped}">{{}}</a> <bdi class="code">{{}}</bdi>'
        return self._link

    def value(self, value: Any) -> str:
        return str(value.shown_name)


class RegionColumn(tables.Column):
    """The regional group of a State.

    Args:
        then: the order of the rows of one group.
    """

    def __init__(self, *then: str, visible: bool = True) -> None:
        order = ("state__region", *then)
        super().__init__(
            _("Regional group"), accessor="state__get_region_display", order_by=order, visible=visible
        )


class ReportColumn(tables.Column):
    """The name of a report."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("verbose_name", _("Report"))
        kwargs.setdefault("attrs", {"td": {"class": "what"}})
        super().__init__(*args, **kwargs)


class EditColumn(tables.Column):
    """A link to the form of the row, if the user may edit it; the table has its request."""

    def __init__(self) -> None:
        attrs = {"td": {"class": "act"}, "th": {"class": "act"}}
        super().__init__(
            _("Actions"), orderable=False, exclude_from_export=True, empty_values=(), attrs=attrs
        )

    def render(self, record: Any, table: tables.Table) -> str:
        return edit_link(table.request, record, brief=True)


class PickColumn(tables.Column):
    """A checkbox, if the user may change the row's State.

    Args:
        template_name: of the checkbox.
        about: the path from a row to its State.
    """

    def __init__(self, *, template_name: str, about: str) -> None:
        # Each table copies its columns; a template would be copied too, while another thread renders it.
        self.template_name, self.about = template_name, tables.A(about)
        self._box: Any = None
        super().__init__(_("Select"), orderable=False, exclude_from_export=True, empty_values=())

    def render(self, record: Any, table: tables.Table) -> str:
        if not is_yours(table.request.user, self.about.resolve(record)):
            return ""
        if self._box is None:
            self._box = get_template(self.template_name)
        drawn: str = self._box.render({"record": record})
        return drawn
