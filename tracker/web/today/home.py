"""The first page, Today: what is new, what to do first, what is overdue, and the status of every State."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from tracker.consideration.queue import count_waiting
from tracker.obligations.models import CarriedBy, Kind
from tracker.obligations.queries import standings
from tracker.reminders.models import Reminder
from tracker.rules.dates import add_years, end_of_month
from tracker.rules.entry_into_force import OPSC_IN_FORCE
from tracker.rules.status import Status
from tracker.web.help import first_steps
from tracker.web.today import news, published, tiles
from tracker.web.today.counting import count_together
from tracker.web.today.desk import ShownDesk, desk_of
from tracker.web.today.sessions import sessions_ahead
from tracker.web.today.todo import todo, waiting_rows
from tracker.web.ui.as_of import day_of, opsc_on
from tracker.web.ui.saved_views import views_of

ON_HOME = 10  # rows of each list on the first page


# --- the first page --------------------------------------------------------------------------


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What needs action, and the status of every State; each figure links to its list."""
    day, today, desk = day_of(request), timezone.localdate(), desk_of(request)
    states = list(desk.states)
    mine = None if desk.every else {state.pk for state in states}
    facts = opsc_on(request)
    if mine is not None:
        facts = {state: one for state, one in facts.items() if state in mine}
    alike = standings.by_state_on(day, today=today, states=mine)
    figures = standings.figures_of(alike, facts, day)
    counted = standings.counted_by((row.status, row.number) for row in alike)
    overdue, due_soon = (
        standings.first_of(status, day, today=today, states=mine, most=ON_HOME) if counted[status] else []
        for status in (Status.OVERDUE, Status.DUE_SOON)
    )
    blocks, legend = tiles.tile_map(states, standings.speakers_on(alike, day, today=today), facts, day)
    empty = desk.every and not states
    return render(
        request,
        "web/today/home.html",
        {
            "desk": desk,
            "overdue": overdue,
            "overdue_count": counted[Status.OVERDUE],
            "headline": _headline(figures),
            "due_soon": due_soon,
            "due_soon_count": counted[Status.DUE_SOON],
            "figures": figures,
            "waiting": count_waiting(day, today=today, states=mine),
            "yardstick": published.yardstick(day),
            "blocks": blocks,
            "legend": legend,
            "bar": tiles.bar_of(legend),
            "total": len(states),
            "no_record": figures[standings.INITIAL][Status.NO_RECORD],
            "empty": empty,
            "today": today,
            "through_years": through_years(day, today),
            "views": views_of(request.user),
            "administrator": settings.ADMINISTRATOR_EMAIL,
        }
        | (_work(request, desk, mine, today, counted, empty=empty) if day == today else {}),
    )


def _work(
    request: HttpRequest,
    desk: ShownDesk,
    mine: set[str] | None,
    today: date,
    counted: Mapping[Any, int],
    *,
    empty: bool,
) -> dict[str, Any]:
    """What is new since the last visit and what to do first, in two queries; the first steps; the sessions ahead."""
    before = news.visit_before(request.user)
    rows = waiting_rows(mine, today) | {"reminders": Reminder.objects.all()}
    if before:
        rows |= news.rows_since(before, today, mine)
    numbers = count_together(rows)
    return {
        "before": before,
        "news": news.lines(numbers, before, desk.in_links) if before else [],
        "sessions": sessions_ahead(today),
        "todo": todo(request.user, numbers, no_record=counted[Status.NO_RECORD], desk=desk.in_links),
        # With reminders the first steps are done.
        "guide": None if numbers["reminders"] else first_steps.guide(request, empty=empty),
    }


def _headline(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """What is overdue, each series apart as the United Nations counts: in words, with the query of its list."""
    initial, own, carried = (
        figures[one][Status.OVERDUE] for one in (standings.INITIAL, standings.OWN_PERIODIC, standings.CARRIED)
    )
    found = [
        {
            "text": ngettext("%(n)d initial report", "%(n)d initial reports", initial) % {"n": initial},
            "kind": Kind.INITIAL.value,
            "series": "",
            "count": initial,
        },
        {
            "text": ngettext("%(n)d periodic report", "%(n)d periodic reports", own) % {"n": own},
            "kind": Kind.PERIODIC.value,
            "series": CarriedBy.OWN.value,
            "count": own,
        },
        {
            "text": ngettext(
                "%(n)d report under the Convention (CRC art. 44)",
                "%(n)d reports under the Convention (CRC art. 44)",
                carried,
            )
            % {"n": carried},
            "kind": "",
            "series": CarriedBy.CRC_REPORT.value,
            "count": carried,
        },
    ]
    return [one for one in found if one["count"]]


# --- the way through the years ---------------------------------------------------------------


@dataclass(frozen=True)
class ThroughYears:
    """The position of a day between the entry into force of the OPSC and today.

    Attributes:
        first: the day of the slider's first step, the end of its month.
        last: number of the last step, which is today.
        step: number of the step of the month in which the day is.
        earlier: a year before the day; None if the OPSC was not in force before it.
        later: a year after it, or today if that is sooner; None from today on.
    """

    first: date
    last: int
    step: int
    earlier: date | None
    later: date | None


def through_years(day: date, today: date) -> ThroughYears:
    """The slider and its links for a page as of a day."""
    last = _months(today)
    return ThroughYears(
        first=end_of_month(OPSC_IN_FORCE.year, OPSC_IN_FORCE.month),
        last=last,
        step=last if day >= today else min(max(_months(day), 0), max(last - 1, 0)),
        earlier=max(add_years(day, -1), OPSC_IN_FORCE) if day > OPSC_IN_FORCE else None,
        later=min(add_years(day, 1), today) if day < today else None,
    )


def _months(day: date) -> int:
    """Months from that of the entry into force to that of a day."""
    return 12 * (day.year - OPSC_IN_FORCE.year) + day.month - OPSC_IN_FORCE.month
