"""Shared by all lists: filters, table, pages, columns, exports. The address has the whole state of a list."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django_filters.views import FilterView
from django_tables2 import SingleTableMixin
from django_tables2.export.views import ExportMixin

from tracker.languages.writing import in_words
from tracker.web.models import SavedView
from tracker.web.ui import exports
from tracker.web.ui.addresses import OF_ONE_ANSWER, WHOLE
from tracker.web.ui.as_of import day_of, values_without
from tracker.web.ui.filters import EVERY_DESK, has_desk
from tracker.web.ui.saved_views import PAGES

PAGE_SIZES = (25, 50, 100, 200, 500, 1000)


class Pages(Paginator):
    """Pages of one of the offered sizes; for any other size the nearest one is used."""

    def __init__(self, rows: Any, per_page: int, **kwargs: Any) -> None:
        super().__init__(rows, min(PAGE_SIZES, key=lambda size: abs(size - per_page)), **kwargs)


@dataclass(frozen=True)
class Choice:
    """A column that can be shown or hidden.

    Attributes:
        earlier, later: the query that moves a shown column one place; empty if it cannot move.
    """

    name: str
    label: str
    shown: bool
    earlier: str = ""
    later: str = ""


class ListPage(SingleTableMixin, ExportMixin, FilterView):
    """A list with filters, a table and exports; its whole state is its address.

    Only columns and rows per page may be a user's default and stay out of the address, because they hide no row.
    """

    export_class = exports.Export
    export_formats = exports.FORMATS
    strict = True
    rows_on_a_page = 50

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Redirects to the user's own desk if there is one and the address has no filter."""
        asked = self.filterset_class.base_filters.keys() & request.GET.keys()
        if "desk" in self.filterset_class.base_filters and not asked and has_desk(request):
            query = request.GET.copy()
            query["desk"] = request.user.get_username()
            return redirect(f"{request.path}?{query.urlencode()}")
        if not self.is_export:
            return super().get(request, *args, **kwargs)
        with exports.in_its_language(request):
            return super().get(request, *args, **kwargs)

    @property
    def page_name(self) -> str:
        """The URL name of the list; saved views are stored under it."""
        return str(self.request.resolver_match.url_name)

    @cached_property
    def views(self) -> list[SavedView]:
        """The user's saved views of this list, in one query."""
        return list(SavedView.objects.filter(owner=self.request.user, page=self.page_name))

    def _kept(self, name: str) -> list[str]:
        """The user's default view of the list."""
        return next((view.values(name) for view in self.views if not view.name), [])

    # --- columns ---

    @cached_property
    def offered(self) -> dict[str, str]:
        """The columns that can be shown or hidden, in the order of the table, with their headers."""
        columns = self.table_class.base_columns
        left_out = self.get_table_kwargs().get("exclude", ())
        return {
            name: str(columns[name].header or columns[name].verbose_name)
            for name in self._order()
            if not columns[name].exclude_from_export and name not in left_out
        }

    def _order(self) -> list[str]:
        """All columns in the default order of the list."""
        return list(self.table_class._meta.sequence or self.table_class.base_columns)

    @cached_property
    def shown(self) -> list[str]:
        """The shown columns in order: from the query, else from the default view, else from the table."""
        for asked in (self.request.GET.getlist("column"), self._kept("column")):
            if chosen := [name for name in dict.fromkeys(asked) if name in self.offered]:
                return chosen
        return [name for name in self.offered if self.table_class.base_columns[name].visible]

    def get_table(self, **kwargs: Any) -> Any:
        """The table with the chosen columns; columns with checkboxes keep their places."""
        first = [name for name in self._order()[:1] if name not in self.offered]
        # Additional text in a cell becomes a column of its own in a file for programs, right after it.
        for_people = self.request.GET.get("_export") == exports.Export.XLSX
        beside = {} if for_people else getattr(self.table_class, "exported_with", {})
        along = {one for name in self.shown for one in beside.get(name, ()) if one not in self.shown}
        each = [
            one for name in self.shown for one in (name, *beside.get(name, ())) if one == name or one in along
        ]
        table = super().get_table(sequence=[*first, *dict.fromkeys(each), "..."], **kwargs)
        for bound in table.columns.iterall():
            if bound.name in self.offered:
                bound.column.visible = bound.name in self.shown
                bound.column.exclude_from_export = not bound.column.visible and bound.name not in along
        return table

    def choices(self) -> list[Choice]:
        """The columns to choose from: the shown ones in their order, then the others."""
        rest = urlencode(values_without(self.request, "column", *OF_ONE_ANSWER))
        begin = f"?{rest}&" if rest else "?"

        def moved(at: int) -> str:
            names = _swapped(self.shown, at)
            return begin + "&".join(f"column={name}" for name in names) if names else ""

        shown = [
            Choice(name, self.offered[name], True, moved(at - 1), moved(at))
            for at, name in enumerate(self.shown)
        ]
        return shown + [
            Choice(name, label, False) for name, label in self.offered.items() if name not in self.shown
        ]

    # --- pages and exports ---

    @property
    def is_export(self) -> bool:
        """Whether the request is for an export."""
        return exports.is_wanted(self.request.GET.get("_export", ""))

    def get_table_pagination(self, table: Any) -> dict[str, Any] | bool:
        if self.is_export:
            return False
        # The table makes the pages, not the list view, so that a number that is too high gives the last page and no
        # error.
        kept = next(iter(self._kept("per_page")), "")
        size = int(kept) if WHOLE.fullmatch(kept) else self.rows_on_a_page
        return {"per_page": size, "paginator_class": Pages}

    @property
    def export_title(self) -> str:
        """What the rows are, in the first line of a workbook."""
        return str(PAGES.get(self.page_name, capfirst(self.export_name.replace("-", " "))))

    def get_dataset_kwargs(self) -> dict[str, Any]:
        made = _("Made on %(day)s.") % {"day": in_words(timezone.localdate())}
        return {
            "title": self.export_name,
            "about": [self.export_title, self.filterset.sentence or _("All rows."), made],
        }

    def get_export_filename(self, export_format: str) -> str:
        return f"{self.export_name}-{day_of(self.request).isoformat()}.{export_format}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.is_export:
            return context
        pages = context["table"].paginator
        return context | {
            "page_sizes": PAGE_SIZES,
            "per_page": pages.per_page,
            "total": pages.count,
            "choices": self.choices(),
            "columns_asked": self.request.GET.getlist("column"),
            "beside_columns": values_without(self.request, "column", *OF_ONE_ANSWER),
            "own_columns": bool(self._kept("column")),
            "views": [view for view in self.views if view.name],
            "page_name": self.page_name,
            "kept_query": query_to_keep(self.request.GET, self),
        }


def _swapped(names: list[str], at: int) -> list[str]:
    """The names with one and the next exchanged; empty if there is no such pair."""
    if not 0 <= at < len(names) - 1:
        return []
    return [*names[:at], names[at + 1], names[at], *names[at + 2 :]]


def query_to_keep(query: QueryDict, page: ListPage) -> str:
    """The part of a list's address that a view saves: all but the page, with the shown columns."""
    kept = query.copy()
    for name in OF_ONE_ANSWER:
        kept.pop(name, None)
    kept.setlist("column", page.shown)
    if "desk" in page.filterset_class.base_filters and not kept.get("desk"):
        kept["desk"] = EVERY_DESK  # otherwise the list would open with the reader's desk
    return kept.urlencode()


class DayListPage(ListPage):
    """A list of rows as of a day."""

    @property
    def export_title(self) -> str:
        return _("%(what)s as of %(day)s") % {
            "what": super().export_title,
            "day": in_words(day_of(self.request)),
        }

    def get_table_kwargs(self) -> dict[str, Any]:
        day = day_of(self.request)
        query = "" if day == timezone.localdate() else f"?as_of={day.isoformat()}"
        return {"day": day, "as_of_query": query}
