"""`/figures/`: reports by year, status and lateness, participation, and what the United Nations counted."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tracker.obligations.models import CarriedBy, Kind
from tracker.obligations.queries import standings
from tracker.obligations.wording import STATUS_LABELS
from tracker.rules.status import Status
from tracker.web.pictures import columns, trend
from tracker.web.today import published
from tracker.web.today.desk import desk_of
from tracker.web.ui.as_of import day_of, opsc_on

# Each series with the filters of its list.
SERIES = (
    (standings.INITIAL, gettext_lazy("Initial reports"), Kind.INITIAL.value, ""),
    (
        standings.OWN_PERIODIC,
        gettext_lazy("Periodic reports under the OPSC"),
        Kind.PERIODIC.value,
        CarriedBy.OWN.value,
    ),
    (
        standings.CARRIED,
        gettext_lazy("Reports under the CRC"),
        Kind.PERIODIC.value,
        CarriedBy.CRC_REPORT.value,
    ),
)
# As States are sorted by their worst status, but what was received comes first.
ORDER = (
    Status.ON_TIME,
    Status.LATE,
    Status.DATE_UNKNOWN,
    Status.OVERDUE,
    Status.NO_RECORD,
    Status.DUE_SOON,
    Status.NOT_YET_DUE,
    Status.TO_BE_COMMUNICATED,
    Status.NOT_RECORDED,
    Status.WAIVED,
)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The figures of a day, of one desk or of every desk; each links to its list."""
    day, today, desk = day_of(request), timezone.localdate(), desk_of(request)
    mine = None if desk.every else set(desk.states.values_list("pk", flat=True))
    facts = opsc_on(request)
    if mine is not None:
        facts = {state: one for state, one in facts.items() if state in mine}
    fallen = standings.by_year_on(day, today=today, states=mine)
    figures = standings.figures_of(standings.by_state_on(day, today=today, states=mine), facts, day)
    years = trend.years_of(fallen, day)
    return render(
        request,
        "web/today/figures.html",
        {
            "desk": desk,
            "figures": figures,
            "series": [
                {"label": label, "kind": kind, "carried_by": carried_by, "rows": _rows(figures[name])}
                for name, label, kind, carried_by in SERIES
                if any(figures[name].values())
            ],
            "bands": trend.bands_of(fallen),
            "all_overdue": sum(
                figures[one][Status.OVERDUE] for one in (standings.INITIAL, standings.OWN_PERIODIC)
            ),
            "compared": published.compared(facts, day, today=today) if desk.every else [],
            "years": years,
            "chart": columns.chart_of(trend.columns_of(years), trend.OUTCOMES),
            "outcomes": trend.OUTCOMES,
        },
    )


def _rows(counted: Any) -> list[dict[str, Any]]:
    """The statuses that occur, with their numbers."""
    return [
        {"status": status.value, "label": STATUS_LABELS[status], "count": counted[status]}
        for status in ORDER
        if counted[status]
    ]
