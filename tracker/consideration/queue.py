"""The reports that wait for the Committee on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from tracker.obligations.models import AgendaItem, AgendaPurpose, Review, SessionStatus, Submission
from tracker.registry.un_names import StateOrder
from tracker.rules.dates import add_years

# A report received longer ago and without review has probably been reviewed; ours may lack the record.
CONFIRM_AFTER = 8  # years


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


def waiting_on(
    day: date,
    *,
    today: date | None = None,
    years: int = CONFIRM_AFTER,
    dialogues: Sequence[AgendaItem] | None = None,
    considered: Mapping[str, Sequence[date]] | None = None,
) -> Waiting:
    """The States with a report received and not considered, as known on a day.

    A report does not wait if it was withdrawn, or if the Committee has considered the State since its receipt, under
    either treaty: then its review is not recorded here. A State considered later than that is never called waiting,
    unless the report is on a session ahead.

    Args:
        today: makes facts without a day of their own count on that day and later.
        years: received longer ago than this means "to confirm".
        dialogues: all of `all_dialogues`, if they are read already.
        considered: the `considerations` until the day, if they are read already.
    """
    dialogues = all_dialogues() if dialogues is None else dialogues
    if considered is None:
        considered = considerations(until=day, dialogues=dialogues)
    planned, reports_ahead = _planned(dialogues, day, today)
    reports = (
        Submission.objects.known_on(day)
        .with_observations(day)
        .filter(
            Q(withdrawn_on=None) | Q(withdrawn_on__gt=day),
            Q(reviewed_on=None) | Q(reviewed_on__gt=day),
            observations="",
        )
        .select_related("state")
        .order_by("known", StateOrder("state"), "pk")
    )
    by_state: dict[str, list[Any]] = defaultdict(list)
    for report in reports:
        days = considered.get(report.state_id)
        if not days or days[-1] < report.known or report.pk in reports_ahead:
            by_state[report.state_id].append(report)
    limit = add_years(day, -years)
    states: list[WaitingState] = []
    to_confirm: list[WaitingState] = []
    for code, ones in by_state.items():
        # A session ahead shows that its report still waits, however old it is.
        recent = [one for one in ones if one.known >= limit or one.pk in reports_ahead]
        for group, found in ((states, recent), (to_confirm, [one for one in ones if one not in recent])):
            if found:
                session = planned.get(code) if group is states else None
                group.append(WaitingState(found[0].state, tuple(found), found[0].known, session))
    return Waiting(tuple(sorted(states, key=_since)), tuple(sorted(to_confirm, key=_since)))


def _since(one: WaitingState) -> date:
    return one.since


def considerations(*, until: date, dialogues: Iterable[AgendaItem] | None = None) -> dict[str, list[date]]:
    """The days up to a day on which each State was considered or observations on it were adopted, in order.

    Args:
        dialogues: all of `all_dialogues`, if they are read already.
    """
    found: dict[str, set[date]] = defaultdict(set)
    reviewed: Any = Submission.objects.filter(reviewed_on__lte=until).values_list("state", "reviewed_on")
    observed = Review.objects.filter(adopted_on__lte=until).values_list("state", "adopted_on")
    for state, day in reviewed.order_by().union(observed.order_by()):
        found[state].add(day)
    for item, on in held_by(until, all_dialogues() if dialogues is None else dialogues):
        found[item.state_id].add(on)
    return {state: sorted(days) for state, days in found.items()}


def held_by(day: date, dialogues: Iterable[AgendaItem]) -> Iterator[tuple[AgendaItem, date]]:
    """The dialogues held up to a day, each with its day.

    One of which the day is not recorded counts on the last day of its session.
    """
    for item in dialogues:
        on = item.held_on or item.session.last_day
        held = item.held_on or item.session.status_by(day) == SessionStatus.HELD
        if held and on <= day and not item.postponed_on:
            yield item, on


def _planned(
    dialogues: Iterable[AgendaItem], day: date, today: date | None
) -> tuple[Mapping[str, Any], set[int | None]]:
    """The next session of each State that is on one, as known on a day, and the keys of all reports that are."""
    found: dict[str, Any] = {}
    reports: set[int | None] = set()
    ahead = [one for one in dialogues if one.session.last_day > day]
    for item in sorted(ahead, key=lambda one: one.session.day, reverse=True):
        postponed = item.postponed_on is not None and item.postponed_on <= day
        held = item.held_on is not None and item.held_on <= day
        cancelled = item.session.status_by(day) == SessionStatus.CANCELLED
        if item.is_known_by(day, today) and not (postponed or held or cancelled):
            found[item.state_id] = item.session
            reports.add(item.submission_id)
    return found, reports


def all_dialogues() -> list[AgendaItem]:
    """The dialogues on the agenda of all sessions, with these; in one query."""
    return list(AgendaItem.objects.filter(purpose=AgendaPurpose.DIALOGUE).select_related("session"))
