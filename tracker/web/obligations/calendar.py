"""Due dates by month and by year, as of a day."""

from __future__ import annotations

import re
from calendar import Calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import django_filters as filters
from django.contrib import messages
from django.db.models import Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from tracker.languages.writing import month_in_words
from tracker.obligations.derive import horizon
from tracker.obligations.models import Kind
from tracker.obligations.queries.standings import owed_on
from tracker.registry.un_names import StateOrder
from tracker.rules.dates import add_months, add_years, end_of_month
from tracker.rules.entry_into_force import CRC_ADOPTED
from tracker.web.ui.as_of import day_of
from tracker.web.ui.filters import ChipSet, DeskFilter, RegionFilter, has_desk

MONTH, YEAR = "month", "year"
VIEWS = {MONTH: gettext_lazy("Month"), YEAR: gettext_lazy("Year")}
ON = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?")
CROWD = 6  # reports on one day
WEEKDAYS = (
    (gettext_lazy("Monday"), gettext_lazy("Mon")),
    (gettext_lazy("Tuesday"), gettext_lazy("Tue")),
    (gettext_lazy("Wednesday"), gettext_lazy("Wed")),
    (gettext_lazy("Thursday"), gettext_lazy("Thu")),
    (gettext_lazy("Friday"), gettext_lazy("Fri")),
    (gettext_lazy("Saturday"), gettext_lazy("Sat")),
    (gettext_lazy("Sunday"), gettext_lazy("Sun")),
)


class CalendarFilter(ChipSet):
    """The filters of the calendar."""

    desk = DeskFilter()
    region = RegionFilter()
    kind = filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=Kind)


@dataclass(frozen=True)
class CalendarPeriod:
    """A month or a year of the calendar."""

    view: str
    first: date

    @property
    def last(self) -> date:
        """Its last day."""
        return end_of_month(self.first.year, 12 if self.view == YEAR else self.first.month)

    @property
    def title(self) -> str:
        """In words: "January 2027", "2027"."""
        if self.view == YEAR:
            return str(self.first.year)
        return month_in_words(self.first)

    @property
    def on(self) -> str:
        """Its form in the address."""
        return str(self.first.year) if self.view == YEAR else f"{self.first:%Y-%m}"

    def moved(self, by: int) -> CalendarPeriod:
        """The period a number of months or years later."""
        return CalendarPeriod(
            self.view, add_years(self.first, by) if self.view == YEAR else add_months(self.first, by)
        )

    @classmethod
    def around(cls, view: str, day: date) -> CalendarPeriod:
        """The month or year that a day falls in."""
        return cls(view, date(day.year, 1 if view == YEAR else day.month, 1))


@dataclass(frozen=True)
class Cell:
    """A day of the month with the reports due on it; `day` is None outside the month."""

    day: date | None
    weekday: Any
    rows: list[Any]


@dataclass(frozen=True)
class Month:
    """A month of the year with the reports due in it."""

    span: CalendarPeriod
    rows: list[Any]


def limits(day: date) -> tuple[date, date]:
    """The first and the last day of the calendar, as of a day."""
    return date(CRC_ADOPTED.year, 1, 1), end_of_month(horizon(day).year, 12)


def asked_for(request: HttpRequest, day: date) -> CalendarPeriod:
    """The month or year of the query; for an invalid one a message is shown and that of the as-of day is used."""
    view = request.GET.get("view", "") or MONTH
    if view not in VIEWS:
        messages.error(request, _("View: choose month or year. The month is shown instead."))
        view = MONTH
    raw = request.GET.get("on", "").strip()
    if not raw:
        return CalendarPeriod.around(view, day)
    first, last = limits(day)
    found = ON.fullmatch(raw)
    if found:
        year = int(found[1])
        month = int(found[2]) if found[2] else day.month if year == day.year else 1
        if first.year <= year <= last.year and 1 <= month <= 12:
            return CalendarPeriod.around(view, date(year, month, 1))
    messages.error(
        request,
        _(
            "On: enter a month from %(first)s-01 to %(last)s-12, for example 2027-01, or a year. The time around "
            "the as-of day is shown instead."
        )
        % {"first": first.year, "last": last.year},
    )
    return CalendarPeriod.around(view, day)


def weeks_of(span: CalendarPeriod, rows: Iterable[Any]) -> list[list[Cell]]:
    """A month as weeks of seven days, Monday first."""
    by_day = _grouped(rows, lambda due: due)
    return [
        [
            Cell(day if day.month == span.first.month else None, name, by_day.get(day, []))
            for day, (name, _short) in zip(week, WEEKDAYS, strict=True)
        ]
        for week in Calendar().monthdatescalendar(span.first.year, span.first.month)
    ]


def crowded(weeks: list[list[Cell]]) -> int | None:
    """The weekday of the fullest day, if it needs more room than the others: one day often holds a dozen."""
    most, at = max((len(cell.rows), at) for week in weeks for at, cell in enumerate(week))
    return at if most > CROWD else None


def months_of(rows: Iterable[Any]) -> list[Month]:
    """The months of a year in which something falls due."""
    by_month = _grouped(rows, lambda due: due.replace(day=1))
    return [Month(CalendarPeriod(MONTH, first), found) for first, found in by_month.items()]


def _grouped(rows: Iterable[Any], key: Any) -> dict[date, list[Any]]:
    found: dict[date, list[Any]] = {}
    for row in rows:
        found.setdefault(key(row.due), []).append(row)
    return found


@require_safe
def calendar_page(request: HttpRequest) -> HttpResponse:
    """`/calendar/?view=month&on=2027-01`: starts with the user's own desk, as the lists do."""
    if not CalendarFilter.base_filters.keys() & request.GET.keys() and has_desk(request):
        query = request.GET.copy()
        query["desk"] = request.user.get_username()
        return redirect(f"{request.path}?{query.urlencode()}")
    day = day_of(request)
    span = asked_for(request, day)
    known = owed_on(day, today=timezone.localdate(), bands=False)
    filtered = CalendarFilter(request.GET, queryset=known, request=request)
    owed: Any = filtered.qs if filtered.form.is_valid() else known.none()
    within = owed.filter(due__range=(span.first, span.last))
    rows = list(within.select_related("state").defer("trail").order_by("due", StateOrder("state"), "pk"))
    for row in rows:
        row.as_it_stood()
    nearest: dict[str, date | None] = {}
    if not rows:
        nearest = owed.aggregate(
            before=Max("due", filter=Q(due__lt=span.first)), after=Min("due", filter=Q(due__gt=span.last))
        )
    weeks = weeks_of(span, rows) if span.view == MONTH else []
    first, last = limits(day)
    earlier, later = span.moved(-1), span.moved(1)
    return render(
        request,
        "web/obligations/calendar.html",
        {
            "filter": filtered,
            "span": span,
            "rows": rows,
            "weeks": weeks,
            "crowded": crowded(weeks) if weeks else None,
            "months": months_of(rows) if span.view == YEAR else [],
            "weekdays": WEEKDAYS,
            "views": [
                {"view": view, "label": label, "on": _on(span, view, day)} for view, label in VIEWS.items()
            ],
            "earlier": earlier if earlier.first >= first else None,
            "later": later if later.last <= last else None,
            "now": CalendarPeriod.around(span.view, day),
            "nearest": {
                name: CalendarPeriod.around(span.view, found)
                for name, found in nearest.items()
                if found is not None
            },
        },
    )


def _on(span: CalendarPeriod, view: str, day: date) -> str:
    """The period after a change of view: from a year to the as-of day's month if it is in that year, else to its
    first.
    """
    if view == span.view or view == YEAR:
        return CalendarPeriod.around(view, span.first).on
    return CalendarPeriod.around(view, day if day.year == span.first.year else span.first).on
