"""The page of a State."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.correspondence.addresses import doubt_of, with_confirmations
from tracker.correspondence.exchange import Exchange
from tracker.obligations.queries.answer import answer_of
from tracker.obligations.queries.dossier import dossier_of, warning_of
from tracker.registry.desks import Desks
from tracker.registry.models import State
from tracker.reminders import attention
from tracker.reminders.ahead import next_in_words
from tracker.reminders.incoming import bounced
from tracker.reminders.models import Reminder
from tracker.reminders.text.language import of_contact
from tracker.rules.status import Status
from tracker.web.consideration.report_page import report_lines
from tracker.web.reminders import pauses
from tracker.web.states import timeline, timeline_picture
from tracker.web.states.state_list import StateFilter
from tracker.web.ui.addresses import ALPHA_3
from tracker.web.ui.as_of import day_of


@require_safe
def state_page(request: HttpRequest, iso3: str) -> HttpResponse:
    """`/states/USA/`: all records of a State, its due dates, and the reasons."""
    if not ALPHA_3.fullmatch(iso3):
        raise Http404
    if iso3 != iso3.upper():
        return redirect(reverse("state", args=[iso3.upper()], query=request.GET), permanent=True)
    day = day_of(request)
    state = get_object_or_404(State.objects.select_related("desk_officer"), pk=iso3)
    today = timezone.localdate()
    known = dossier_of(state, day, today=today)
    owed = known.obligations
    happened = timeline.happenings(
        known.facts,
        known.submissions,
        known.decisions,
        known.requests,
        known.non_receipts,
        known.reviews,
        day,
        known.notifications,
    )
    on_line = timeline.owed_of(owed, day)
    paused = pauses.pauses_of(state, owed, day)
    contacts: list[Any] = list(with_confirmations(state.contacts.all(), today))
    returned = bounced.open_about(contacts)
    for one in contacts:
        one.returned = returned.get(one.pk)
        one.doubt = doubt_of(one, today)
        one.reads = of_contact(one, state)
    officer = Desks.read().officer_of(state)
    # By the keys of its obligations, which an index begins with; a filter by State would read the whole ledger.
    reminders = list(
        Reminder.objects.filter(
            obligation__in=list(state.obligations.values_list("pk", flat=True))
        ).select_related("obligation", "rule", "mail")[:50]
    )
    notices = timeline.notices_of(reminders, day, today=today)
    return render(
        request,
        "web/states/state_detail.html",
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
            "introduction": known.introduction,
            "obligations": owed,
            "answer": answer_of(known),
            # The ledger knows no other day than today.
            "next_reminder": next_in_words(
                state,
                owed,
                reminders,
                contacts=contacts,
                officer=officer,
                pauses=[one for one in paused["pauses"] if one.holds],
                today=today,
            )
            if day == today
            else "",
            "next_due": next(
                (row.due for row in owed if row.status in (Status.DUE_SOON, Status.NOT_YET_DUE)), None
            ),
            "picture": timeline_picture.picture_of(happened, on_line, day, notices),
            "lines": timeline.lines_of([*happened, *notices], on_line),
            "neighbours": _neighbours(request, state),
            "begins_with_initial": known.begins_with_initial,
            "rule": known.rule,
            "records": known.records,
            "calendar": known.calendar,
            "reviews": known.reviews,
            "submissions": known.submissions,
            "lives": report_lines(known, today),
            "committee_dates": known.decisions,
            "requests": known.requests,
            "expected": known.expected,
            "contacts": contacts,
            "tasks": attention.open_of(state),
            "officer": officer,
            "non_receipts": known.non_receipts,
            "statements": known.statements,
            "sources": known.sources,
            "waiting_dates": known.waiting,
            **paused,
            "reminders": reminders,
            "exchanged": Exchange(state, day).count(),
        },
    )


def _neighbours(request: HttpRequest, state: State) -> dict[str, Any]:
    """The previous and next State by name, and the query that carries day, list and desk.

    `?list=` has the query of the list that the user came from, and `?desk=` a desk; without them, or if the State is
    not in that list, the order is that of all States.
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
    narrowed = list(narrowed)
    at = narrowed.index(state)
    return {
        "before": narrowed[at - 1] if at else None,
        "after": narrowed[at + 1] if at + 1 < len(narrowed) else None,
        "place": at + 1,
        "of": len(narrowed),
        "desk": query.get("desk", ""),
        "list": query.get("list", ""),
    }
