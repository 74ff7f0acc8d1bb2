"""The sessions of the next weeks, and what is due before them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tracker.obligations.models import CommitteeSession, SessionDeadline, SessionKind, SessionStatus
from tracker.obligations.queries.sessions import due_before
from tracker.obligations.wording import span

WEEKS_AHEAD = 8  # what is due or begins later is not yet shown
LONGEST = 60  # weeks: no deadline is longer before a session


class SessionDay(NamedTuple):
    """A session that begins, or a deadline before one.

    Attributes:
        key: of the session.
    """

    on: date
    text: str
    key: int


def sessions_ahead(today: date) -> list[SessionDay]:
    """The sessions that begin in the next weeks, and the deadlines that fall in them, the next first.

    One query, or two if a session is ahead.
    """
    last = today + timedelta(weeks=WEEKS_AHEAD)
    sessions = CommitteeSession.objects.filter(  # with the groups of the past, which prepare sessions ahead
        starts_on__gte=today - timedelta(weeks=LONGEST), starts_on__lte=last + timedelta(weeks=LONGEST)
    ).exclude(status=SessionStatus.CANCELLED)
    prepared = {one.number for one in sessions if one.kind == SessionKind.PRE_SESSIONAL}
    found: list[SessionDay] = []
    deadlines: list[SessionDeadline] | None = None
    for session in sessions:
        if session.day < today:
            continue
        first = session.day
        if first <= last:
            text = _("%(session)s begins in %(span)s") if first > today else _("%(session)s begins today")
            names = {"session": capfirst(str(session)), "span": span(today, first)}
            found.append(SessionDay(first, text % names, session.pk))
        deadlines = list(SessionDeadline.objects.all()) if deadlines is None else deadlines
        for one in due_before(session.kind, deadlines, has_group=session.number in prepared):
            if today <= (on := one.day_before(first)) <= last:
                text = _("%(what)s, before %(session)s") % {"what": capfirst(str(one)), "session": session}
                found.append(SessionDay(on, text, session.pk))
    return sorted(found)
