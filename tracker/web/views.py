"""Every screen of the dashboard. Views ask what day it is; the rooms to the left are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.models import Count, Prefetch
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.obligations.counts import INITIAL, participation
from tracker.obligations.derive import facts_of
from tracker.obligations.models import CommitteeDate, Kind
from tracker.registry.desks import Desks, on_desk_of
from tracker.registry.models import Region, State, TreatyAction
from tracker.registry.names import unadorned
from tracker.reminders.models import Mail, Reminder, ReminderState
from tracker.rules.entry_into_force import JOINING, ActionKind, EntryIntoForce, TreatyCode
from tracker.rules.schedule import Facts, PeriodicRule
from tracker.rules.status import Status
from tracker.web import overview, timeline
from tracker.web.addresses import ALPHA_3
from tracker.web.broker import broker_answers
from tracker.web.days import day_of, facts_on
from tracker.web.filters import (
    EVERY_DESK,
    StateFilter,
    desks,
    has_desk,
)
from tracker.web.overview import owed_on
from tracker.web.uncertain import lists
from tracker.web.words import STATUS_LABELS

ON_HOME = 10  # rows of each list on the first page
NEEDS_A_PERSON = (ReminderState.HELD, ReminderState.FAILED, ReminderState.DEAD, ReminderState.UNKNOWN)


# --- the first page --------------------------------------------------------------------------


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What needs me, and how every State stands; each figure is linked to the list it counts."""
    day = day_of(request)
    states = sorted(State.objects.all(), key=lambda state: unadorned(state.name))
    names = {state.pk: state.name for state in states}
    rows, facts = overview.rows_on(day), overview.facts_of_opsc(day)
    desk = _desk(request)
    mine = None if desk == EVERY_DESK else _states_of(desk)
    on_desk = [row for row in rows if mine is None or row.state_id in mine]
    overdue = overview.outstanding(on_desk, Status.OVERDUE, names)
    due_soon = overview.outstanding(on_desk, Status.DUE_SOON, names)
    ledger = Reminder.objects.order_by()
    if mine is not None:
        ledger = ledger.filter(obligation__state__in=mine)
    waiting = dict(ledger.values_list("state").annotate(Count("pk")))
    figures = overview.figures_of(rows, facts, day)
    blocks, legend = overview.tile_map(states, rows, facts, day)
    years = overview.years_of(rows, day)
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
            "overdue": overdue[:ON_HOME],
            "overdue_count": len(overdue),
            "due_soon": due_soon[:ON_HOME],
            "due_soon_count": len(due_soon),
            "to_be_communicated": sum(row.status == Status.TO_BE_COMMUNICATED for row in on_desk),
            "mails": [
                {"state": state.value, "label": state.label, "count": waiting.get(state.value, 0)}
                for state in NEEDS_A_PERSON
            ],
            "uncertain": lists(states=mine),
            "figures": figures,
            "initial": [
                {"status": status.value, "label": STATUS_LABELS[status], "count": figures["initial"][status]}
                for status in INITIAL.values()
            ],
            "bands": overview.bands_of(rows),
            "all_overdue": sum(row.status == Status.OVERDUE for row in rows),
            "blocks": blocks,
            "legend": legend,
            "years": years,
            "chart": overview.chart_of(years),
            "outcomes": overview.OUTCOMES,
            "no_record": figures["initial"][Status.NO_RECORD],
            "empty": not states,
        },
    )


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
    officer = get_user_model().objects.get(username=username)
    return set(State.objects.filter(on_desk_of(officer)).values_list("pk", flat=True))


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
    actions = list(state.actions.filter(date__lte=day).order_by("date", "pk"))
    facts = facts_of([iso3]).get(iso3, Facts()).as_of(day)
    opsc = facts.membership(TreatyCode.OPSC)
    owed = list(owed_on(day).filter(state=state).order_by("due", "computed_on", "pk"))
    for row in owed:
        row.steps_shown = [step for step in row.steps if step.day is None or step.day <= day]
        row.received_shown = row.received_on if row.received_on and row.received_on <= day else None
        row.printed = ""
    one_series = settings.PERIODIC_RULE == PeriodicRule.PLAIN
    submissions = [s for s in state.submissions.all() if s.known_on() <= day]
    for submission in submissions:
        for row in owed:
            if (
                row.kind == submission.kind
                and (one_series or row.carried_by == submission.carried_by)
                and submission.first_cycle <= row.cycle <= submission.last_cycle
            ):
                row.printed = row.printed or submission.printed_due
    decisions = list(CommitteeDate.objects.in_effect().filter(state=state, decided_on__lte=day))
    asked = list(state.information_requests.filter(issued_on__lte=day))
    missing = list(state.non_receipts.filter(not_received_by__lte=day))
    happened = timeline.happenings(facts, submissions, decisions, asked, missing, day)
    on_line = timeline.owed_of(owed, day)
    crc = facts.membership(TreatyCode.CRC)
    reported = any(row.kind == Kind.INITIAL and row.answered_on and row.answered_on <= day for row in owed)
    return render(
        request,
        "web/state_detail.html",
        {
            "state": state,
            "actions": actions,
            "entries": [
                {"treaty": treaty, "entry": membership.in_force, "warning": _warning(membership.in_force)}
                for treaty, membership in (("OPSC", opsc), ("CRC", crc))
                if membership
            ],
            "party": opsc is not None and opsc.is_party(day),
            "left_on": opsc.ends_on if opsc is not None and not opsc.is_party(day) else None,
            "signed_on": facts.signed_on(TreatyCode.OPSC),
            "obligations": owed,
            "next": timeline.next_step(on_line, day),
            "next_due": next(
                (row.due for row in owed if row.status in (Status.DUE_SOON, Status.NOT_YET_DUE)), None
            ),
            "picture": timeline.picture_of(happened, on_line, day),
            "lines": timeline.lines_of(happened, on_line),
            "neighbours": _neighbours(request, state),
            "overdue": [row for row in owed if row.status == Status.OVERDUE],
            "begins_with_initial": opsc is not None and crc is not None and not reported and not one_series,
            "submissions": submissions,
            "committee_dates": decisions,
            "requests": asked,
            "contacts": state.contacts.all(),
            "officer": Desks.read().officer_of(state),
            "non_receipts": missing,
            "waiting_dates": state.committeedates.filter(awaits_confirmation=True, decided_on__lte=day),
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


def _warning(entry: EntryIntoForce) -> str:
    """What staff should know about an entry into force, or nothing."""
    if entry.differs:
        return _("The recorded day differs from the one that the treaty gives; both are shown.")
    return _("To be confirmed.") if entry.to_be_confirmed else ""


@require_safe
def mail_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A mail as it went."""
    reminders = Reminder.objects.select_related("obligation__state", "rule")
    mail = get_object_or_404(Mail.objects.prefetch_related(Prefetch("reminders", reminders)), pk=pk)
    return render(request, "web/mail_detail.html", {"mail": mail})


@require_safe
def mail_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part of a mail, alone."""
    return HttpResponse(get_object_or_404(Mail, pk=pk).html)


# --- participation ---------------------------------------------------------------------------


@require_safe
def participation_page(request: HttpRequest) -> HttpResponse:
    """Signatures, ratifications, accessions and successions as of a day, by regional group."""
    day = day_of(request)
    facts = facts_on(request)
    states = list(State.objects.all())
    kinds = (ActionKind.SIGNATURE, *JOINING)
    rows: list[dict[str, Any]] = []
    for region in (*Region, None):
        members = [s for s in states if s.region == (region.value if region else "")]
        if not members:
            continue
        done = [
            action.kind
            for state in members
            if state.pk in facts
            for action in facts[state.pk].actions
            if action.treaty == TreatyCode.OPSC
        ]
        counted = participation((facts[s.pk] for s in members if s.pk in facts), day)
        rows.append(
            {
                "label": region.label if region else _("No regional group recorded"),
                "counts": [done.count(kind) for kind in kinds],
                "parties": counted.parties,
                "states": len(members),
            }
        )
    # Of the parties of the day alone: a State that has left is in the table of actions, not here.
    parties_by_kind = Counter(
        membership.joined.kind
        for one in facts.values()
        if (membership := one.membership(TreatyCode.OPSC)) and membership.is_party(day)
    )
    waiting = [
        {"state": state, "signed_on": signed}
        for state in states
        if state.pk in facts
        and (signed := facts[state.pk].signed_on(TreatyCode.OPSC))
        and facts[state.pk].membership(TreatyCode.OPSC) is None
    ]
    return render(
        request,
        "web/participation.html",
        {
            "rows": rows,
            "totals": [sum(row["counts"][at] for row in rows) for at in range(len(kinds))],
            "total_parties": sum(row["parties"] for row in rows),
            "total_states": len(states),
            "counted": participation(facts.values(), day),
            "joined": [
                {"label": TreatyAction.Kind(kind).label, "count": parties_by_kind[kind]} for kind in JOINING
            ],
            "waiting": sorted(waiting, key=lambda one: one["signed_on"]),
            "outside": [
                state
                for state in states
                if state.pk not in facts
                or not (
                    facts[state.pk].signed_on(TreatyCode.OPSC) or facts[state.pk].membership(TreatyCode.OPSC)
                )
            ],
        },
    )


# --- for machines ----------------------------------------------------------------------------


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """Whether database and broker answer; 503 if one of them does not."""
    found = {"database": _database_answers(), "broker": broker_answers()}
    return JsonResponse(
        {part: "ok" if answers else "no answer" for part, answers in found.items()},
        status=200 if all(found.values()) else 503,
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True
