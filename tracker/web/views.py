"""Every screen of the dashboard. Views ask what day it is; the rooms to the left are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from tracker.changes.desk_guard import states_of_mail
from tracker.obligations.counts import COUNTED
from tracker.obligations.models import CarriedBy, Kind
from tracker.obligations.queries import standings
from tracker.obligations.queries.dossier import dossier_of, warning_of
from tracker.obligations.queries.uncertain import lists
from tracker.obligations.wording import STATUS_LABELS
from tracker.registry import limits
from tracker.registry.desks import Desks, on_desk_of
from tracker.registry.models import State
from tracker.registry.names import unadorned
from tracker.reminders import attention, bounces
from tracker.reminders.messages import calendar_name
from tracker.reminders.models import Mail, Reminder, ReminderState, StaffTask
from tracker.rules.status import Status
from tracker.web import first_steps, pausing, published, timeline
from tracker.web.addresses import ALPHA_3
from tracker.web.filters import (
    EVERY_DESK,
    StateFilter,
    desks,
    has_desk,
)
from tracker.web.outbox import calendar_file
from tracker.web.through_years import through_years
from tracker.web.today import tiles, trend
from tracker.web.ui.as_of import day_of

ON_HOME = 10  # rows of each list on the first page
NEEDS_A_PERSON = (ReminderState.HELD, ReminderState.FAILED, ReminderState.DEAD, ReminderState.UNKNOWN)


# --- the first page --------------------------------------------------------------------------


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What needs me, and how every State stands; each figure is linked to the list it counts."""
    day, today = day_of(request), timezone.localdate()
    states = sorted(State.objects.all(), key=lambda state: unadorned(state.name))
    names = {state.pk: state.name for state in states}
    alike, fallen = standings.by_state_on(day, today=today), standings.by_year_on(day, today=today)
    facts = standings.facts_of_opsc(day)
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
    waiting = dict(ledger.values_list("state").annotate(Count("pk")))
    figures = standings.figures_of(alike, facts, day)
    blocks, legend = tiles.tile_map(states, standings.speakers_on(alike, day, today=today), facts, day)
    years = trend.years_of(fallen, day)
    compared = published.compared(facts, day, today=today)
    return render(
        request,
        "web/home.html",
        {
            "desk": desk,
            "desk_name": dict(desks(request)).get(desk, ""),
            "every_desk": mine is None,
            "own_desk": has_desk(request),
            # A list would else begin with one's own desk, and count something else.
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
            "chart": trend.chart_of(years),
            "outcomes": trend.OUTCOMES,
            "no_record": desk_figures[standings.INITIAL][Status.NO_RECORD],
            "empty": not states,
            "today": today,
            "through_years": through_years(day, today),
            # Whoever has reminders has taken the first steps.
            "guide": None if waiting else first_steps.guide(request, empty=not states),
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
    """What else is to be known of what States owe, each with the query of the list that it counts."""
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
    """Whose desk the page begins with: the one asked for, else one's own, else every desk."""
    asked, known = request.GET.get("desk", ""), dict(desks(request))
    if asked in known or asked == EVERY_DESK:
        return asked
    if asked:
        messages.error(
            request, _("Nobody called “%(who)s” has a desk; every desk is shown.") % {"who": asked}
        )
        return EVERY_DESK
    return request.user.get_username() if has_desk(request) else EVERY_DESK


def _states_of(username: str) -> set[str]:
    """The States that an officer follows."""
    return set(State.objects.filter(on_desk_of(username)).values_list("pk", flat=True))


# --- one State, one mail ---------------------------------------------------------------------


@require_safe
def state_page(request: HttpRequest, iso3: str) -> HttpResponse:
    """`/states/USA/`: all that is recorded of a State, what follows from it, and why."""
    if not ALPHA_3.fullmatch(iso3):
        raise Http404
    if iso3 != iso3.upper():
        return redirect(reverse("state", args=[iso3.upper()], query=request.GET), permanent=True)
    day = day_of(request)
    state = get_object_or_404(State.objects.select_related("desk_officer"), pk=iso3)
    known = dossier_of(state, day, today=timezone.localdate())
    owed = known.obligations
    happened = timeline.happenings(
        known.facts,
        known.submissions,
        known.decisions,
        known.requests,
        known.non_receipts,
        known.reviews,
        day,
    )
    on_line = timeline.owed_of(owed, day)
    contacts: list[Any] = list(state.contacts.all())
    returned = bounces.open_about(contacts)
    for one in contacts:
        one.returned = returned.get(one.pk)
    return render(
        request,
        "web/state_detail.html",
        {
            "state": state,
            "actions": known.actions,
            "entries": [
                {
                    "treaty": treaty,
                    "entry": one.in_force,
                    "ends_on": one.ends_on,
                    "warning": warning_of(one.in_force),
                }
                for treaty, one in known.memberships
            ],
            "party": known.is_party,
            "left_on": known.left_on,
            "signed_on": known.signed_on,
            "obligations": owed,
            "next": timeline.next_step(on_line, day),
            "next_due": next(
                (row.due for row in owed if row.status in (Status.DUE_SOON, Status.NOT_YET_DUE)), None
            ),
            "picture": timeline.picture_of(happened, on_line, day),
            "lines": timeline.lines_of(happened, on_line),
            "neighbours": _neighbours(request, state),
            "overdue": known.overdue,
            "begins_with_initial": known.begins_with_initial,
            "rule": known.rule,
            "records": known.records,
            "calendar": known.calendar,
            "reviews": known.reviews,
            "submissions": known.submissions,
            "committee_dates": known.decisions,
            "requests": known.requests,
            "contacts": contacts,
            "tasks": attention.open_of(state),
            "officer": Desks.read().officer_of(state),
            "non_receipts": known.non_receipts,
            "statements": known.statements,
            "waiting_dates": known.waiting,
            **pausing.told_of(state, owed, day),
            "reminders": Reminder.objects.filter(obligation__state=state).select_related(
                "obligation", "rule", "mail"
            )[:50],
        },
    )


def _neighbours(request: HttpRequest, state: State) -> dict[str, Any]:
    """The States before and after this one by name, and the query that keeps day, list and desk.

    `?list=` holds the query of the list that one came from, and `?desk=` a desk; without them, or where the
    State is not in that list, all States are gone through.
    """
    query = {name: request.GET[name] for name in ("desk", "list") if request.GET.get(name)}
    states = State.objects.only("iso3", "name")
    narrowed: Iterable[State] = ()
    if query:
        wanted = QueryDict(query.get("list", ""), mutable=True)
        if "desk" in query:
            wanted["desk"] = query["desk"]
        found = StateFilter(wanted, states, request=request)
        narrowed = found.qs if found.is_valid() else ()
    if state not in narrowed:
        query, narrowed = {}, states
    narrowed = sorted(narrowed, key=lambda one: unadorned(one.name))
    at = narrowed.index(state)
    return {
        "before": narrowed[at - 1] if at else None,
        "after": narrowed[at + 1] if at + 1 < len(narrowed) else None,
        "place": at + 1,
        "of": len(narrowed),
        "desk": query.get("desk", ""),
        "list": query.get("list", ""),
    }


@require_safe
def mail_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A mail as it went."""
    reminders = Reminder.objects.select_related("obligation__state", "rule").order_by(
        "obligation__state__name", "due_on", "pk"
    )
    told = (
        Prefetch("reminders", reminders),
        "bounces",
        Prefetch("tasks", StaffTask.objects.select_related("bounce")),
    )
    mail = get_object_or_404(Mail.objects.prefetch_related(*told), pk=pk)
    has_link = "/answer/" in mail.text
    about = [reminder.obligation.state_id for reminder in mail.reminders.all()]
    may_close = request.user.has_perm("reminders.change_stafftask") and (
        not limits.is_limited(request.user) or limits.may_change(request.user, states_of_mail(mail))
    )
    context = {
        "mail": mail,
        "has_link": has_link,
        "may_close": may_close,
        "calendar_name": calendar_name(about),
    }
    return render(request, "web/mail_detail.html", context)


@require_safe
def mail_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part of a mail, alone."""
    return HttpResponse(get_object_or_404(Mail, pk=pk).html)


@require_safe
def mail_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """The calendar file that was attached to a mail."""
    mail = get_object_or_404(Mail.objects.exclude(calendar=""), pk=pk)
    return calendar_file(mail, calendar_name(mail.reminders.values_list("obligation__state", flat=True)))
