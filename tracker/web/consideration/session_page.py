"""`/sessions/96/`: a session with the States on it, and what is due before it, as they were known on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.changes.desk_guard import is_yours
from tracker.languages.writing import in_words
from tracker.obligations.models import (
    AgendaItem,
    CommitteeDate,
    CommitteeSession,
    SessionDeadline,
    SessionKind,
    SessionStatus,
)
from tracker.obligations.queries.sessions import (
    agenda_by,
    awaits_outcome,
    due_before,
    find_documents,
    has_working_group,
)
from tracker.web.consideration.act_on_agenda import MAY_CHANGE
from tracker.web.consideration.session_form import may_say_outcome
from tracker.web.ui.as_of import day_of


@dataclass(frozen=True)
class OnAgenda:
    """A State on a session, as known on a day.

    Attributes:
        status: in words.
        review: the observations, once they are adopted.
        request: the list of issues, once it is issued.
        may_act: whether the person may say that it was held or postponed.
        is_postponed: whether it had been postponed by then, so that it is not counted.
        next_date: what the observations say of the next report; None if nothing is recorded.
    """

    item: AgendaItem
    status: str
    review: Any
    request: Any
    next_date: CommitteeDate | None
    may_act: bool
    is_postponed: bool


@dataclass(frozen=True)
class DueBefore:
    """Something due before a session, counted back from its first day."""

    deadline: SessionDeadline
    on: date
    past: bool


@require_safe
def session_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A session: its days and status, the States on it, and what is due before."""
    # With the working group that prepares it, or the session that it prepares.
    alike = CommitteeSession.objects.filter(pk=pk).values("number")
    both = {one.pk: one for one in CommitteeSession.objects.filter(number__in=alike)}
    if (session := both.pop(pk, None)) is None:
        raise Http404
    beside = next(iter(both.values()), None)
    day = day_of(request)
    status = session.status_by(day)
    first = session.first_by(day)
    rows = _rows(request, session, status, day)
    context = {
        "session": session,
        "status": status,
        "status_label": status.label,
        "first": first,
        "awaits": (awaits := awaits_outcome(session, day, timezone.localdate())),
        "may_say": awaits and may_say_outcome(request.user, session),
        "shows_note": session.is_written_by(day),
        "moved_then": first != session.day,
        "rows": rows,
        "may_act": any(row.may_act for row in rows),
        "states": len({row.item.state_id for row in rows if not row.is_postponed}),
        "act_on": min(timezone.localdate(), session.last_day),
        "beside": beside,
        "beside_from": beside.first_by(day) if beside else None,
        "beside_status": beside.status_by(day).label if beside else "",
        "due_before": list(_due_before(session, beside, first, day)),
    }
    return render(request, "web/consideration/session.html", context)


def _rows(
    request: HttpRequest, session: CommitteeSession, status: SessionStatus, day: date
) -> list[OnAgenda]:
    items = list(agenda_by(session, day, timezone.localdate()))
    documents = find_documents(session, items, day)
    symbols = {review.document for _request, review in documents if review}
    dates = CommitteeDate.objects.filter(
        document__in=symbols, decided_on__lte=day, corrects=None, awaits_confirmation=False
    )
    stated = {(one.state_id, one.document): one for one in dates} if symbols else {}
    may_change = request.user.has_perm(MAY_CHANGE) and status != SessionStatus.CANCELLED
    return [
        OnAgenda(
            item,
            _status_of(item, status, day),
            review,
            issues,
            stated.get((item.state_id, review.document)) if review else None,
            may_act=may_change and _is_open(item) and is_yours(request.user, item),
            is_postponed=item.postponed_on is not None and item.postponed_on <= day,
        )
        for item, (issues, review) in zip(items, documents, strict=True)
    ]


def _is_open(item: AgendaItem) -> bool:
    return item.held_on is None and item.postponed_on is None


def _status_of(item: AgendaItem, status: SessionStatus, day: date) -> str:
    if item.postponed_on and item.postponed_on <= day:
        return _("postponed on %(day)s: waits again") % {"day": in_words(item.postponed_on)}
    if item.held_on and item.held_on <= day:
        return _("held on %(day)s") % {"day": in_words(item.held_on)}
    if status == SessionStatus.CANCELLED:
        return _("session cancelled: waits again")
    shown = SessionStatus.HELD if status == SessionStatus.HELD else SessionStatus.PLANNED
    return str(shown.label)


def _due_before(
    session: CommitteeSession, beside: CommitteeSession | None, first: date, day: date
) -> Iterable[DueBefore]:
    """What is due before a session or a working group; nothing without a first day, and once it has ended."""
    if session.starts_on is None or session.last_day < day:
        return
    has_group = session.kind == SessionKind.SESSION and has_working_group(beside, day)
    for deadline in due_before(session.kind, SessionDeadline.objects.all(), has_group=has_group):
        on = deadline.day_before(first)
        yield DueBefore(deadline, on, on < day)
