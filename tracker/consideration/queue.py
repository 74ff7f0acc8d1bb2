"""The reports that wait for the Committee on a day: the one definition, for the queue, Today and the annual report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _, ngettext, npgettext

from tracker.obligations.models import AgendaItem, AgendaPurpose, Review, SessionStatus, Submission
from tracker.obligations.querysets import SubmissionQuerySet
from tracker.registry.un_names import StateOrder
from tracker.rules.dates import add_years

# A report received longer ago and without review has probably been reviewed; ours may lack the record.
CONFIRM_AFTER = 8  # years


class WaitingCount(NamedTuple):
    """How many reports wait, of how many States. A revision is not another report."""

    reports: int
    states: int

    def in_words(self) -> str:
        """17 reports of 16 States."""
        reports = ngettext("%(n)d report", "%(n)d reports", self.reports) % {"n": self.reports}
        states = npgettext("whose reports", "%(n)d State", "%(n)d States", self.states) % {"n": self.states}
        return _("%(reports)s of %(states)s") % {"reports": reports, "states": states}


@dataclass(frozen=True)
class WaitingState:
    """A State with reports that wait for the Committee.

    Attributes:
        reports: earliest receipt first; `received_on` of one is None if only a later source mentions it.
        since: the receipt of the first report or, where it is not known, the day of the source that mentions it.
        session: the session ahead on which the State is; None if it is on none.
    """

    state: Any
    reports: tuple[Submission, ...]
    since: date
    session: Any = None

    @property
    def has_receipt(self) -> bool:
        """Whether the day of receipt of the first report is recorded."""
        return self.reports[0].received_on is not None


@dataclass(frozen=True)
class Waiting:
    """Who waits on a day, the longest first.

    Attributes:
        states: those in the queue.
        to_confirm: received so long ago that the review is probably missing here; not in the queue.
    """

    states: tuple[WaitingState, ...]
    to_confirm: tuple[WaitingState, ...]

    @property
    def count(self) -> WaitingCount:
        """How many are in the queue."""
        return _counted((one.pk, one.state_id, one.revises_id) for row in self.states for one in row.reports)


# --- the one definition ---------------------------------------------------------------------------


def with_consideration(reports: SubmissionQuerySet, day: date, *, today: date | None) -> QuerySet[Any]:
    """Adds to rows of `known_on(day)` whether a report `is_past`, whether its dialogue `is_ahead`, and `observations`.

    It is past once the Committee has considered the State, or adopted observations on it, since the receipt, under
    either treaty.

    Args:
        today: makes facts without a day of their own count on that day and later.
    """
    since, of_state = OuterRef("known"), {"state": OuterRef("state")}
    considered = Submission.objects.filter(reviewed_on__gte=since, reviewed_on__lte=day, **of_state)
    observed = Review.objects.filter(adopted_on__gte=since, adopted_on__lte=day, **of_state)
    held = dialogues_held(day).filter(on__gte=since, **of_state)
    ahead = dialogues_ahead(day, today=today).filter(submission=OuterRef("pk"))
    return reports.with_observations(day).annotate(
        is_past=Exists(considered) | Exists(observed) | Exists(held), is_ahead=Exists(ahead)
    )


def _not_considered(day: date) -> Q:
    """The rows of `with_consideration` that wait, whatever their age."""
    return Q(
        Q(withdrawn_on=None) | Q(withdrawn_on__gt=day),
        # Of a month alone the last day counts, which may be ahead.
        Q(reviewed_on=None) | Q(reviewed_on__gt=day),
        Q(is_past=False) | Q(is_ahead=True),
        observations="",
    )


def waits_on(day: date) -> Q:
    """The rows of `with_consideration` that wait; not those so old that their review is probably missing here."""
    return _not_considered(day) & (Q(known__gte=add_years(day, -CONFIRM_AFTER)) | Q(is_ahead=True))


def count_waiting(
    day: date, *, today: date | None = None, states: Collection[str] | None = None
) -> WaitingCount:
    """How many reports are in the queue of `waiting_on`; one query.

    Args:
        states: only these; None for all.
    """
    rows = with_consideration(Submission.objects.known_on(day), day, today=today).filter(waits_on(day))
    if states is not None:
        rows = rows.filter(state__in=states)
    return _counted(rows.order_by().values_list("pk", "state", "revises"))


def _counted(rows: Iterable[tuple[int, str, int | None]]) -> WaitingCount:
    rows = list(rows)
    revises = {key: original for key, _state, original in rows}
    originals = {original_of(key, revises) for key in revises}
    return WaitingCount(len(originals), len({state for _key, state, _original in rows}))


def original_of(key: int, revises: Mapping[int, int | None]) -> int:
    """The report as which another counts: the first of those that revise one another.

    Args:
        revises: the report that each of some reports revises, by their keys.
    """
    while (original := revises.get(key)) is not None:
        key = original
    return key


def waiting_on(day: date, *, today: date | None = None, years: int = CONFIRM_AFTER) -> Waiting:
    """The States with a report received and not considered, as known on a day; two queries.

    A report does not wait if it was withdrawn, or if the Committee has considered the State since its receipt, under
    either treaty: then its review is not recorded here. A State considered later than that is never called waiting,
    unless the report is on a session ahead.

    Args:
        today: see `with_consideration`.
        years: received longer ago than this means "to confirm".
    """
    planned: dict[str, Any] = {}
    for item in dialogues_ahead(day, today=today).select_related("session").order_by("first", "pk"):
        planned.setdefault(item.state_id, item.session)
    reports = with_consideration(Submission.objects.known_on(day), day, today=today)
    rows = reports.filter(_not_considered(day)).select_related("state")
    by_state: dict[str, list[Any]] = defaultdict(list)
    for report in rows.order_by("known", StateOrder("state"), "pk"):
        by_state[report.state_id].append(report)
    limit = add_years(day, -years)
    states: list[WaitingState] = []
    to_confirm: list[WaitingState] = []
    for code, ones in by_state.items():
        # A session ahead shows that its report still waits, however old it is.
        recent = [one for one in ones if one.known >= limit or one.is_ahead]
        for group, found in ((states, recent), (to_confirm, [one for one in ones if one not in recent])):
            if found:
                session = planned.get(code) if group is states else None
                group.append(WaitingState(found[0].state, tuple(found), found[0].known, session))
    return Waiting(tuple(sorted(states, key=_since)), tuple(sorted(to_confirm, key=_since)))


def _since(one: WaitingState) -> date:
    return one.since


# --- what the Committee has considered, and what is ahead ------------------------------------------------


def considerations(*, until: date) -> dict[str, list[date]]:
    """The days up to a day on which each State was considered or observations on it were adopted; one query."""
    found: dict[str, set[date]] = defaultdict(set)
    considered = (
        Submission.objects.filter(reviewed_on__lte=until).order_by().values_list("state", "reviewed_on")
    )
    observed = Review.objects.filter(adopted_on__lte=until).order_by().values_list("state", "adopted_on")
    held = dialogues_held(until).order_by().values_list("state", "on")
    rows: Iterable[Any] = considered.union(observed, held)
    for state, on in rows:
        found[state].add(on)
    return {state: sorted(days) for state, days in found.items()}


def dialogues_held(day: date) -> QuerySet[Any]:
    """The dialogues held up to a day, with `on`: its day.

    One of which the day is not recorded counts on the last day of its session.
    """
    return AgendaItem.objects.annotate(
        on=Coalesce("held_on", "session__ends_on", "session__starts_on")
    ).filter(
        Q(held_on__isnull=False) | Q(session__status=SessionStatus.HELD),
        purpose=AgendaPurpose.DIALOGUE,
        postponed_on=None,
        on__lte=day,
    )


def dialogues_planned(day: date, *, today: date | None) -> QuerySet[Any]:
    """The dialogues on the agenda of a session as known on a day, held or not, with `first`: the day of the session.

    Not those postponed by then, nor on a session cancelled by then.

    Args:
        today: see `AgendaItem.is_known_by`.
    """
    since = Coalesce("session__starts_on", "session__ends_on")
    moved_later = Q(session__status_on__gt=day, session__moved_from__isnull=False)
    rows = AgendaItem.objects.annotate(
        first=since, known_first=Case(When(moved_later, then=F("session__moved_from")), default=since)
    )
    known = Q(decided_on__lte=day) | Q(decided_on=None)
    if today is None or day < today:
        known &= Q(decided_on__isnull=False) | Q(first__lte=day)
    return rows.filter(
        known, Q(postponed_on=None) | Q(postponed_on__gt=day), purpose=AgendaPurpose.DIALOGUE
    ).exclude(session__status=SessionStatus.CANCELLED, session__status_on__lte=day)


def dialogues_ahead(day: date, *, today: date | None) -> QuerySet[Any]:
    """Those of `dialogues_planned` that are not held, on a session that is not over."""
    ends = Coalesce("session__ends_on", "session__starts_on")
    return (
        dialogues_planned(day, today=today)
        .annotate(ends=ends)
        .filter(Q(held_on=None) | Q(held_on__gt=day), ends__gt=day)
    )
