"""The initial report of each State: from deposit to receipt as marks, from due date to receipt as bars.

A report without record has neither mark nor bar: a State is not shown as late when our own records are incomplete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any, NamedTuple

import django_tables2 as tables
from django.db.models import QuerySet
from django.template.loader import get_template
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from tracker.languages.writing import with_semicolons
from tracker.obligations.models import CarriedBy, Kind, Obligation
from tracker.obligations.wording import STATUS_CLASSES, STATUS_LABELS, badge, labelled, span
from tracker.registry.models import State
from tracker.rules.dates import add_years, nth_day_after
from tracker.rules.entry_into_force import OPSC_IN_FORCE, ActionFact, ActionKind, TreatyCode, entry_into_force
from tracker.rules.facts import Facts
from tracker.rules.status import Status
from tracker.web.pictures.page import OwedFilter, PicturePage
from tracker.web.pictures.scale import DAYS_OF_A_YEAR, Heights, Years, years_between
from tracker.web.ui.as_of import opsc_on
from tracker.web.ui.columns import DayColumn, RegionColumn, StateColumn
from tracker.web.ui.tables import DayTable, status_badge

# The marks and bars, in the order of the legend; the other statuses have none.
SHOWN = (Status.ON_TIME, Status.LATE, Status.OVERDUE, Status.DUE_SOON, Status.NOT_YET_DUE)
RECEIVED_SHOWN = (Status.ON_TIME, Status.LATE)
WAITING = (Status.DUE_SOON, Status.NOT_YET_DUE)


@dataclass(frozen=True)
class InitialReport:
    """The initial report of a State on a day.

    Attributes:
        joined_on: the deposit; None if none is recorded.
        until: the receipt or, while the report has not come, the as-of day; None if that is not known.
        days: from the due date to that day, negative before it; None if not known, or not due yet.
    """

    state: State
    joined_on: date | None
    due: date | None
    received_on: date | None
    status: str
    until: date | None
    days: int | None

    @property
    def pk(self) -> str:
        """Identifies the row."""
        return str(self.state.pk)


def reports_of(rows: Iterable[Any], facts: Mapping[str, Facts], day: date) -> list[InitialReport]:
    """The rows of `Obligation.objects.as_of(day)` with the deposits; by name of the State.

    Args:
        facts: the actions of each State on the OPSC by the day.
    """
    found = []
    for row in rows:
        membership = facts[row.state_id].membership(TreatyCode.OPSC) if row.state_id in facts else None
        until = row.then_received_on or day if row.status in SHOWN else None
        days = (until - row.due).days if until and row.due and row.status not in WAITING else None
        found.append(
            InitialReport(
                row.state,
                membership.joined.day if membership else None,
                row.due,
                row.then_received_on,
                row.status,
                until,
                days,
            )
        )
    return sorted(found, key=lambda one: one.state.in_order)


def after_due(days: int, due: date, until: date) -> str:
    """How long after its due date a report came, or has not come: "2 years 1 month late", "5 months early"."""
    if days == 0:
        return _("on the day")
    if days > 0:
        return _("%(span)s late") % {"span": span(due, until)}
    return _("%(span)s early") % {"span": span(until, due)}


def report_in_words(one: InitialReport, day: date) -> str:
    """The State and its report, for a mark or bar: "Norway: received on time"."""
    shown = badge(one.status, due_on=one.due, received_on=one.received_on, day=day)
    return _("%(name)s: %(status)s") % {"name": one.state.shown_name, "status": shown.text}


def left_out(reports: Sequence[InitialReport]) -> str:
    """The sentence on the reports that the picture does not show; empty if it shows all."""
    parts = [
        (STATUS_LABELS[status], number)
        for status in (Status.NO_RECORD, Status.DATE_UNKNOWN, Status.WAIVED, Status.TO_BE_COMMUNICATED)
        if (number := sum(one.status == status for one in reports))
    ]
    if not parts:
        return ""
    total = sum(number for _label, number in parts)
    return ngettext(
        "%(n)d report is in the table only (%(why)s): a State is not shown as late when our own records are "
        "incomplete.",
        "%(n)d reports are in the table only (%(why)s): a State is not shown as late when our own records are "
        "incomplete.",
        total,
    ) % {"n": total, "why": with_semicolons(labelled(label, number) for label, number in parts)}


# --- marks ---------------------------------------------------------------------------------------

A_YEAR, EDGE, SIDE = 62, 40, 14  # pixels: width of a year, room for the scale, room at the end
ABOVE, TALL, BELOW = 24, 380, 28


class StateMark(NamedTuple):
    """A State: a disc if its report came, an open square if not, at the end of its time."""

    x: float
    y: float
    iso3: str
    says: str


class Marks(NamedTuple):
    """The marks of a status."""

    css: str
    label: Any
    received: bool
    marks: list[StateMark]


@dataclass(frozen=True)
class Scatter:
    """The picture of all States: the deposit across, the years until the initial report upwards.

    Attributes:
        law: the path of the due dates.
        today: the path of the as-of day, on which everything lies that has not come.
    """

    wide: int
    high: int
    years: Years
    heights: Heights
    groups: list[Marks]
    law: str
    today: str
    edge = EDGE


def scatter_of(reports: Iterable[InitialReport], day: date) -> Scatter | None:
    """The marks of the reports whose receipt, or absence, is known; None if there is none."""
    shown = [one for one in reports if one.until and one.joined_on]
    if not shown:
        return None
    joined = [one.joined_on for one in shown if one.joined_on]
    years = Years.around(joined, edge=EDGE, wide=A_YEAR)
    taken = {
        one.pk: max(0.0, years_between(one.joined_on, one.until))
        for one in shown
        if one.joined_on and one.until
    }
    first, last = date(years.first, 1, 1), date(years.last, 1, 1)
    heights = Heights(ceil(max(*taken.values(), 1.0)), ABOVE, TALL)
    groups = [
        Marks(
            STATUS_CLASSES[status],
            STATUS_LABELS[status],
            status in RECEIVED_SHOWN,
            [
                StateMark(
                    years.at(one.joined_on), heights.at(taken[one.pk]), one.pk, report_in_words(one, day)
                )
                for one in sorted(shown, key=lambda one: (one.joined_on, one.state.in_order))
                if one.status == status and one.joined_on
            ],
        )
        for status in SHOWN
    ]

    def path(ends: Iterable[tuple[date, date]]) -> str:
        """A line from day to day: across the deposit, upwards the time from it to another day."""
        places = [f"{years.at(on)} {heights.at(years_between(on, end))}" for on, end in ends]
        return f"M{'L'.join(places)}" if len(places) > 1 else ""

    law_days = sorted({first, OPSC_IN_FORCE, nth_day_after(OPSC_IN_FORCE, 1), last})
    # Not beyond the top of the picture, nor after the day.
    top = nth_day_after(day, -round(heights.most * DAYS_OF_A_YEAR))
    return Scatter(
        round(years.end) + SIDE,
        ABOVE + TALL + BELOW,
        years,
        heights,
        [group for group in groups if group.marks],
        path((on, add_years(_in_force(on), 2)) for on in law_days if first <= on <= last),
        path((on, day) for on in (max(first, top), min(last, day))),
    )


def _in_force(deposited_on: date) -> date:
    """When the OPSC enters into force for a State that ratifies on a day."""
    return entry_into_force(ActionFact(TreatyCode.OPSC, ActionKind.RATIFICATION, deposited_on)).day


# --- bars ----------------------------------------------------------------------------------------

A_BARS_YEAR, BAR_EDGE = 15, 8  # pixels


@dataclass(frozen=True)
class LatenessBar:
    """A State's bar on the line of years that all rows share.

    Attributes:
        x, wide: of the bar; no width for a report that is not due yet.
        due, end: the places of the due date and of the mark.
    """

    x: float
    wide: float
    due: float
    end: float
    css: str


def bar_of(one: InitialReport, years: Years) -> LatenessBar | None:
    """The bar of a report, or only its due date if nothing else is known; None without one."""
    if one.due is None:
        return None
    due = years.at(one.due)
    end = due if one.until is None or one.status in WAITING else years.at(one.until)
    return LatenessBar(min(due, end), round(abs(end - due), 1), due, end, STATUS_CLASSES[Status(one.status)])


# --- the pages -----------------------------------------------------------------------------------


class InitialReportTable(DayTable):
    """The initial report of each State, with its days."""

    then = ("state__in_order", "pk")
    state = StateColumn(order_by=("state__in_order", "pk"))
    iso3 = tables.Column(gettext_lazy("Alpha-3"), accessor="pk", order_by=("pk",), visible=False)
    region = RegionColumn("state__in_order", "pk")
    joined_on = DayColumn(gettext_lazy("Deposit"))
    due = DayColumn(gettext_lazy("Due"))
    received_on = DayColumn(gettext_lazy("Received"))
    days = tables.Column(gettext_lazy("After the due date"))
    status = tables.Column(gettext_lazy("Status"), order_by=("status", "days", "state__in_order", "pk"))
    exported_with = {"state": ("iso3",)}

    class Meta:
        order_by = ("joined_on",)
        attrs = {"class": "rows wide"}

    def render_days(self, value: int, record: InitialReport) -> str:
        return after_due(value, record.due, record.until) if record.due and record.until else ""

    def value_days(self, value: int) -> int:
        return value

    def render_status(self, value: str, record: InitialReport) -> str:
        return status_badge(value, record.due, record.received_on, self.day)

    def value_status(self, value: str) -> str:
        return str(STATUS_LABELS[Status(value)])


class LatenessTable(InitialReportTable):
    """The same with a bar in each row."""

    region = RegionColumn("-days", "state__in_order", "pk")
    joined_on = DayColumn(
        gettext_lazy("Deposit"), order_by=("joined_on", "state__in_order", "pk"), visible=False
    )
    days = tables.Column(
        gettext_lazy("After the due date"), order_by=("days", "state__in_order", "pk"), visible=False
    )
    status = tables.Column(gettext_lazy("Status"), order_by=("days", "state__in_order", "pk"))
    bar = tables.Column(
        accessor="pk", orderable=False, exclude_from_export=True, attrs={"td": {"class": "span"}}
    )

    exported_with = InitialReportTable.exported_with | {"status": ("days",)}

    class Meta:
        order_by = ("-status",)
        attrs = {"class": "rows wide"}

    def __init__(self, data: Sequence[InitialReport], *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        days = [day for one in data for day in (one.due, one.until) if day]
        self.years = Years.around([*days, self.day], edge=BAR_EDGE, wide=A_BARS_YEAR)
        self._bar = get_template("web/pictures/_bar.svg.html")
        self.columns["bar"].column.verbose_name = get_template("web/pictures/_bar_years.svg.html").render(
            {"years": self.years, "wide": self.wide}
        )

    @property
    def wide(self) -> int:
        """The width of every bar's picture."""
        return round(self.years.end) + BAR_EDGE

    def render_bar(self, record: InitialReport) -> str:
        says = report_in_words(record, self.day)
        return str(self._bar.render({"bar": bar_of(record, self.years), "wide": self.wide, "says": says}))


class InitialReportsPage(PicturePage):
    """`/pictures/initial-reports/`: a mark for each State."""

    table_class: type[DayTable] = InitialReportTable
    filterset_class = OwedFilter
    template_name = "web/pictures/initial_reports.html"
    export_name = "initial-reports"

    def get_queryset(self) -> QuerySet[Any]:
        own = {"kind": Kind.INITIAL, "carried_by": CarriedBy.OWN}
        known = Obligation.objects.as_of(self.day, today=timezone.localdate(), bands=False).filter(**own)
        return known.select_related("state").defer("trail")

    def get_table_data(self) -> list[InitialReport]:
        self.reports = reports_of(self.object_list, opsc_on(self.request), self.day)
        return self.reports

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        counted = {status.value: 0 for status in Status}
        for one in self.reports:
            counted[one.status] += 1
        return context | {
            "scatter": None if self.is_export else scatter_of(self.reports, self.day),
            "left_out": left_out(self.reports),
            "received": counted[Status.ON_TIME] + counted[Status.LATE],
            "on_time": counted[Status.ON_TIME],
            "overdue": counted[Status.OVERDUE],
        }


class LatenessPage(InitialReportsPage):
    """`/pictures/lateness/`: a bar for each State, in the row of the State."""

    table_class = LatenessTable
    template_name = "web/pictures/lateness.html"
    export_name = "lateness"
    rows_on_a_page = 100
