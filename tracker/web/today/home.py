"""The first page, Today: open work, overdue reports, and the status of every State."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from tracker.obligations.counts import COUNTED
from tracker.obligations.models import CarriedBy, Kind
from tracker.obligations.queries import standings
from tracker.obligations.queries.uncertain import lists
from tracker.obligations.wording import STATUS_LABELS
from tracker.registry.desks import on_desk_of
from tracker.registry.models import State, TreatyAction
from tracker.registry.names import unadorned
from tracker.reminders.models import Reminder, ReminderState
from tracker.rules.dates import add_years, end_of_month
from tracker.rules.entry_into_force import OPSC_IN_FORCE, TreatyCode
from tracker.rules.status import Status
from tracker.web.help import first_steps
from tracker.web.pictures import columns, trend
from tracker.web.today import published, tiles
from tracker.web.ui.as_of import day_of
from tracker.web.ui.filters import EVERY_DESK, desks, has_desk

ON_HOME = 10  # rows of each list on the first page
NEEDS_A_PERSON = (ReminderState.HELD, ReminderState.FAILED, ReminderState.DEAD, ReminderState.UNKNOWN)


# --- the first page --------------------------------------------------------------------------


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What needs action, and the status of every State; each figure links to its list."""
    day, today = day_of(request), timezone.localdate()
    states = sorted(State.objects.all(), key=lambda state: unadorned(state.name))
    names = {state.pk: state.name for state in states}
    alike, fallen = standings.by_state_on(day, today=today), standings.by_year_on(day, today=today)
    facts = TreatyAction.objects.facts(treaty=TreatyCode.OPSC, until=day)
    desk = _desk(request)
    mine = None if desk == EVERY_DESK else _states_of(desk)
    on_desk = [row for row in alike if mine is None or row.state_id in mine]
    desk_figures = standings.figures_of(on_desk, {}, day)
    counted = standings.counted_by((row.status, row.number) for row in on_desk)
    overdue, due_soon = (
        standings.first_of(status, day, today=today, states=mine, most=ON_HOME) if counted[status] else []
        for status in (Status.OVERDUE, Status.DUE_SOON)
    )
    ledger = Reminder.objects.order_by()
    if mine is not None:
        ledger = ledger.filter(obligation__state__in=mine)
    waiting = dict(ledger.filter(state__in=NEEDS_A_PERSON).values_list("state").annotate(n=Count("*")))
    figures = standings.figures_of(alike, facts, day)
    blocks, legend = tiles.tile_map(states, standings.speakers_on(alike, day, today=today), facts, day)
    years = trend.years_of(fallen, day)
    compared = published.compared(facts, day, today=today)
    return render(
        request,
        "web/today/home.html",
        {
            "desk": desk,
            "desk_name": dict(desks(request)).get(desk, ""),
            "every_desk": mine is None,
            "own_desk": has_desk(request),
            # Otherwise a list would start with the user's own desk, and count something else.
            "desk_in_links": desk if mine is not None or has_desk(request) else "",
            "names": names,
            "overdue": overdue,
            "overdue_count": counted[Status.OVERDUE],
            "headline": _headline(desk_figures),
            "due_soon": due_soon,
            "due_soon_count": counted[Status.DUE_SOON],
            "reports": [one for one in _reports(counted, desk_figures) if one["count"]],
            "mails": [
                {"state": state.value, "label": state.label, "count": waiting.get(state.value, 0)}
                for state in NEEDS_A_PERSON
            ],
            "uncertain": lists(states=mine),
            "figures": figures,
            "initial": [
                {"status": status.value, "label": STATUS_LABELS[status], "count": count}
                for status in COUNTED.values()
                if (count := figures[standings.INITIAL][status])
            ],
            "bands": trend.bands_of(fallen),
            "all_overdue": sum(
                figures[one][Status.OVERDUE] for one in (standings.INITIAL, standings.OWN_PERIODIC)
            ),
            "compared": compared,
            "yardstick": published.yardstick(compared),
            "blocks": blocks,
            "legend": legend,
            "years": years,
            "chart": columns.chart_of(trend.columns_of(years), trend.OUTCOMES),
            "outcomes": trend.OUTCOMES,
            "no_record": desk_figures[standings.INITIAL][Status.NO_RECORD],
            "empty": not states,
            "today": today,
            "through_years": through_years(day, today),
            # With reminders the first steps are done.
            "guide": None if waiting or ledger.exists() else first_steps.guide(request, empty=not states),
            "administrator": settings.ADMINISTRATOR_EMAIL,
        },
    )


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


def _reports(counted: Mapping[Any, int], figures: dict[str, Any]) -> list[dict[str, Any]]:
    """Other counts of obligations, each with the query of its list."""
    waiting = (
        (Status.DUE_SOON, STATUS_LABELS[Status.DUE_SOON]),
        (Status.TO_BE_COMMUNICATED, _("date to be communicated")),
        (Status.NOT_RECORDED, STATUS_LABELS[Status.NOT_RECORDED]),
    )
    found = [
        {"status": status.value, "review": "", "label": label, "count": counted[status]}
        for status, label in waiting
    ]
    awaiting = figures["awaiting_review"]
    found.insert(
        1,
        {
            "status": "",
            "review": "awaiting",
            "label": _("awaiting the Committee’s review"),
            "count": awaiting,
        },
    )
    return found


def _desk(request: HttpRequest) -> str:
    """The desk of the page: the requested one, else the user's own, else every desk."""
    asked, known = request.GET.get("desk", ""), dict(desks(request))
    if asked in known or asked == EVERY_DESK:
        return asked
    if asked:
        messages.error(request, _("“%(who)s” has no desk; every desk is shown.") % {"who": asked})
        return EVERY_DESK
    return request.user.get_username() if has_desk(request) else EVERY_DESK


def _states_of(username: str) -> set[str]:
    """The States that an officer follows."""
    return set(State.objects.filter(on_desk_of(username)).values_list("pk", flat=True))


# --- one State, one mail ---------------------------------------------------------------------


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
