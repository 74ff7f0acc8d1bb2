"""What all pictures share: the table of contents, and a list with its picture above it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import django_tables2 as tables
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from tracker.obligations.queries.standings import Label
from tracker.web.help.purposes import PURPOSES
from tracker.web.ui.addresses import list_at
from tracker.web.ui.as_of import day_of
from tracker.web.ui.filters import ChipSet, DeskFilter, RegionFilter
from tracker.web.ui.lists import DayListPage
from tracker.web.ui.saved_views import PAGES


class PictureEntry(NamedTuple):
    """A picture in the table of contents, by the name of its address."""

    name: str
    title: Label

    @property
    def says(self) -> Label:
        """What it shows, in one or two sentences."""
        return PURPOSES[self.name]


PICTURES = tuple(PictureEntry(name, title) for name, title in PAGES.items() if name.startswith("picture-"))


@require_safe
def contents_page(request: HttpRequest) -> HttpResponse:
    """`/pictures/`: every picture with one sentence."""
    return render(request, "web/pictures/contents.html", {"pictures": PICTURES})


class OwedFilter(ChipSet):
    """Obligations by desk and regional group."""

    desk = DeskFilter()
    region = RegionFilter()


class PicturePage(DayListPage):
    """A picture and, below it, the list of the same numbers, with filters and exports."""

    @cached_property
    def day(self) -> date:
        """The as-of day."""
        return day_of(self.request)

    def list_at(self, name: str, query: Mapping[str, Any], *, as_of: date | None = None) -> str:
        """The address of a list with a query, empty values left out, as of a day; None: the as-of day."""
        on = as_of or self.day
        return list_at(name, **query, as_of="" if on == timezone.localdate() else on.isoformat())

    def chosen(self, name: str) -> Any:
        """The value of a filter in use, a list if it takes several; empty if there is none, or an invalid one."""
        form = self.filterset.form
        return (form.cleaned_data.get(name) or "") if form.is_valid() else ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        names = [one.name for one in PICTURES]
        at = names.index(self.page_name)
        return super().get_context_data(**kwargs) | {
            "entry": PICTURES[at],
            "before": PICTURES[at - 1] if at else None,
            "after": PICTURES[at + 1] if at + 1 < len(PICTURES) else None,
        }


class NumberColumn(tables.Column):
    """A number, aligned on its end; 0 as a dash on screen. The row's `links` may say where it leads.

    Args:
        key: of the number in the row's `links` and, if `within` is given, in this mapping of the row.
    """

    def __init__(self, title: Any, key: str, *, within: str = "") -> None:
        self.key, self.within = key, within
        super().__init__(
            title,
            order_by=(f"{within}__{key}" if within else key, "pk"),
            attrs={"td": {"class": "number"}, "th": {"class": "number"}},
            empty_values=(),
        )

    def render(self, record: Any) -> str:
        number, address = self.value(record), record.links.get(self.key)
        return (
            format_html('<a href="{}">{}</a>', address, number) if number and address else str(number or "—")
        )

    def value(self, record: Any) -> int:
        return int(getattr(record, self.within)[self.key] if self.within else getattr(record, self.key))
