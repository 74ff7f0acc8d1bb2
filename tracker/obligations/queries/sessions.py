"""Sessions of the Committee and their agenda, as they were known on a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import BooleanField, Case, CharField, Count, DateField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from tracker.obligations.models import (
    AgendaItem,
    AgendaPurpose,
    BeforeSession,
    CarriedBy,
    CommitteeSession,
    InformationRequest,
    RequestDocument,
    Review,
    SessionDeadline,
    SessionKind,
    SessionStatus,
)
from tracker.registry.un_names import StateOrder
from tracker.rules.facts import share_number

# Nobody has recorded that the session was held or cancelled.
WITHOUT_OUTCOME = (SessionStatus.PLANNED, SessionStatus.MOVED)


def awaits_outcome(session: CommitteeSession, day: date, today: date) -> bool:
    """Whether a session had ended by a day, and it was not known whether it was held."""
    return session.status_by(day) in WITHOUT_OUTCOME and session.last_day < min(day, today)


def awaiting_outcome(today: date) -> QuerySet[CommitteeSession]:
    """The sessions that have ended and of which nobody has recorded whether they were held."""
    return CommitteeSession.objects.filter(
        Q(ends_on__lt=today) | Q(ends_on=None, starts_on__lt=today), status__in=WITHOUT_OUTCOME
    )


def has_working_group(group: CommitteeSession | None, day: date) -> bool:
    """Whether the group that prepares a session has a first day and was not known to be cancelled on a day."""
    return (
        group is not None and group.starts_on is not None and group.status_by(day) != SessionStatus.CANCELLED
    )


def due_before(
    kind: str, rows: Collection[SessionDeadline], *, has_group: bool = False
) -> list[SessionDeadline]:
    """What is due before a session or before a working group, the first day to come first.

    The working group adopts the lists of issues: once it is recorded, these, and what counts from it, do not count
    from the session.

    Args:
        kind: of the session, a `SessionKind`.
        rows: all deadlines.
        has_group: whether the group that prepares the session is recorded (`has_working_group`).
    """
    of_group = {one.what for one in rows if one.kind == SessionKind.PRE_SESSIONAL}
    left_out = {BeforeSession.LIST_OF_ISSUES.value, *of_group} if has_group else set()
    return [
        one for one in rows if one.kind == kind and not (kind == SessionKind.SESSION and one.what in left_out)
    ]


def sessions_by(day: date, today: date) -> QuerySet[CommitteeSession]:
    """All sessions, those to come first and the next of them first, then the past ones, the last of them first.

    Each row has `status_then` (as `CommitteeSession.status_by`), `first_then` and `last_then` (its days as planned on
    the day), `past` (whether it had ended by then), `awaits` (as `awaits_outcome`) and `states` (how many States were
    on it, as `agenda_by`, without those postponed by then).
    """
    planned = Q(status=SessionStatus.HELD, last__gt=day) | (
        ~Q(status=SessionStatus.HELD) & Q(status_on__gt=day)
    )
    moved_later = Q(moved_from__isnull=False, status_on__gt=day)
    known = Q(agenda__decided_on=None) & (Q(first__lte=day) if day < today else Q())
    on_it = (known | Q(agenda__decided_on__lte=day)) & (
        Q(agenda__postponed_on=None) | Q(agenda__postponed_on__gt=day)
    )
    rows = CommitteeSession.objects.annotate(
        first=Coalesce("starts_on", "ends_on"), last=Coalesce("ends_on", "starts_on")
    )
    return rows.annotate(
        status_then=Case(
            When(planned, then=Value(SessionStatus.PLANNED.value)), default="status", output_field=CharField()
        ),
        first_then=Case(When(moved_later, then="moved_from"), default="first", output_field=DateField()),
        last_then=Case(When(moved_later, then=None), default="ends_on", output_field=DateField()),
        past=Case(When(last__lt=day, then=Value(True)), default=Value(False), output_field=BooleanField()),
        awaits=Case(
            When(status_then__in=WITHOUT_OUTCOME, last__lt=min(day, today), then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        ),
        states=Count("agenda__state", filter=on_it, distinct=True),
    ).order_by("past", Case(When(last__gte=day, then="first")), F("first").desc(), "kind", "pk")


def agenda_by(session: CommitteeSession, day: date, today: date) -> QuerySet[AgendaItem]:
    """The States on a session as known on a day, in their order.

    One of which the day of the decision is not known counts from the first day of the session; if that is ahead, from
    today.
    """
    items: QuerySet[AgendaItem] = session.agenda.all()  # each item knows this session
    if session.day > day and day < today:
        items = items.filter(decided_on__isnull=False)
    return (
        items.filter(Q(decided_on=None) | Q(decided_on__lte=day))
        .select_related("session", "state", "submission", "request", "review")
        .order_by("purpose", StateOrder("state"), "pk")
    )


def find_documents(
    session: CommitteeSession, items: Collection[AgendaItem], day: date
) -> list[tuple[InformationRequest | None, Review | None]]:
    """The list of issues and the observations of each item, as known on a day, in at most two queries.

    They are linked to the item; or else recorded of the State, for the dialogue on a report: a list of issues between
    the receipt and the session, and observations on the report that were adopted at the session.
    """
    reports = [one for one in items if one.submission_id and one.purpose == AgendaPurpose.DIALOGUE]
    states = {one.state_id for one in reports if not one.request_id}
    requests = list(
        InformationRequest.objects.filter(
            state__in=states,
            kind=RequestDocument.LIST_OF_ISSUES,
            issued_on__lte=min(day, session.last_day),
        ).order_by("-issued_on", "-pk")
        if states
        else ()
    )
    states = {one.state_id for one in reports if not one.review_id}
    reviews = list(
        Review.objects.filter(
            state__in=states, adopted_on__lte=min(day, session.last_day), adopted_on__gte=session.day
        ).order_by("adopted_on", "pk")
        if states
        else ()
    )
    found = []
    for item in items:
        request = item.request if item.request and item.request.issued_on <= day else None
        review = item.review if item.review and item.review.adopted_on <= day else None
        if item in reports and (report := item.submission):
            own = report.carried_by == CarriedBy.OWN
            request = request or next(
                (
                    one
                    for one in requests
                    if one.state_id == item.state_id
                    and ("OPSC" in one.document) == own
                    and (report.received_on is None or one.issued_on >= report.received_on)
                ),
                None,
            )
            review = review or next(
                (
                    one
                    for one in reviews
                    if one.state_id == item.state_id and one.kind == report.kind and share_number(one, report)
                ),
                None,
            )
        found.append((request, review))
    return found


def waiting_again(session: CommitteeSession) -> QuerySet[AgendaItem]:
    """The States whose dialogue a session was to hold and has not: they wait again if it is cancelled."""
    return AgendaItem.objects.filter(
        session=session, purpose=AgendaPurpose.DIALOGUE, held_on=None, postponed_on=None
    ).order_by(StateOrder("state"), "pk")
