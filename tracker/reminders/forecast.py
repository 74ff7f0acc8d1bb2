"""The reminders that the planner would plan in the future, and how a supposed fact changes them. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, F, Max, QuerySet, Value, When
from django.db.models.functions import TruncDate

from tracker.obligations.derive import DueRow, facts_of, rows_of, status_on
from tracker.obligations.models import Kind, report_label
from tracker.obligations.what_if import Identity, identity
from tracker.registry.desks import Desks
from tracker.registry.models import State
from tracker.reminders.ledger import REVIVABLE
from tracker.reminders.models import WAITING, Pause, Reminder, ReminderRule, ReminderState
from tracker.reminders.plan import audience, last_due, recipients_of
from tracker.rules.due import Due
from tracker.rules.facts import Facts
from tracker.rules.reminding import Offset, newest_stage
from tracker.rules.status import OPEN

DAYS_AHEAD = 365
DAYS_OF_A_RULE = 90  # of the preview of a changed rule


@dataclass(frozen=True)
class Written:
    """A stage that need not be planned again.

    Attributes:
        stage_on: the day of the latest such stage.
        left_on: the day of the last mail; None if there was none.
    """

    about: Identity
    due_on: date
    stage_on: date
    left_on: date | None


@dataclass(frozen=True)
class Held:
    """A pause until a day: about one report, or about all reports of a State (None, no label)."""

    about: Identity | None
    until: date
    label: str = ""


@dataclass(frozen=True)
class Coming:
    """A reminder that would be planned.

    Attributes:
        people: the number of recipients.
        rule: the key of the stage's rule.
    """

    day: date
    about: Identity
    label: str
    due_on: date
    stage_on: date
    stage: str
    people: int
    rule: int


@dataclass(frozen=True)
class ReminderChange:
    """How the reminders of a State between two days would change.

    Attributes:
        added: reminders that would be planned only after the change.
        gone: reminders that would be planned only without the change.
        held: the pauses of the State.
    """

    start: date
    end: date
    added: list[Coming]
    gone: list[Coming]
    held: list[Held]


def change(state: State, before: Facts, after: Facts, *, day: date, today: date) -> ReminderChange:
    """How the reminders of the year after a day would change with a State's facts.

    Args:
        day: the as-of day of the facts; today if it is earlier, because nothing is planned in the past.
    """
    start = max(day, today)
    end = start + timedelta(days=DAYS_AHEAD)
    rules = list(ReminderRule.objects.filter(active=True).order_by("pk"))
    contacts = recipients_of([state.pk])[state.pk]
    officer = Desks.read().officer_of(state)
    people = {rule.pk: len(audience(rule.audience, officer, contacts)) for rule in rules}
    written, held = in_ledger(state, today), pauses_of(state, today)
    # What is sent before that day is sent in both cases.
    as_it_is = forecast(rows_of(state, before, start), rules, people, written, today, end, held)
    written += [_as_written(one) for one in as_it_is if one.day < start]
    as_it_is = [one for one in as_it_is if one.day >= start]
    would_be = forecast(rows_of(state, after, start), rules, people, written, start, end, held)
    return ReminderChange(
        start,
        end,
        [one for one in would_be if one not in as_it_is],
        [one for one in as_it_is if one not in would_be],
        held,
    )


def forecast(
    rows: Iterable[DueRow],
    rules: Sequence[ReminderRule],
    people: dict[int, int],
    written: Iterable[Written],
    start: date,
    end: date,
    held: Sequence[Held] = (),
) -> list[Coming]:
    """The reminders that the planner would plan between two days if nothing else happened, in order.

    The planner's rules apply: only the newest stage counts, there are quiet days between two mails about the same
    report, pauses hold reminders back, and there are no reminders about a report that is answered, waived, without a
    date or without record.

    Args:
        people: the number of recipients of each rule, by its key.
        written: the stages that need not be planned again.
        held: the pauses of the State.
    """
    by_report: dict[Identity, list[Written]] = defaultdict(list)
    for one in written:
        by_report[one.about].append(one)
    by_key = {rule.pk: rule for rule in rules}
    offsets_of: dict[str, list[tuple[int, Offset]]] = {
        kind: [(rule.pk, rule.as_rule()) for rule in rules if rule.kind in ("", kind)] for kind in Kind
    }
    found: list[Coming] = []
    for row in rows:
        about, due_on = identity(row.due), row.due.due_on
        if due_on is None or row.due.waived or row.due.answered_on is not None:
            continue
        offsets, done = offsets_of[row.due.kind], by_report[about]
        stage_days = {day for _key, offset in offsets for day in _days(offset, due_on, start, end)}
        for stage_day in sorted({start, *stage_days}):
            left = max((one.left_on for one in done if one.left_on), default=None)
            quiet_until = left + timedelta(days=settings.REMINDERS_QUIET_DAYS) if left else stage_day
            day = _after_pauses(max(stage_day, quiet_until), about, held)
            stage = newest_stage(due_on, offsets, day)
            if (
                stage is None
                or day > end
                or any(one.due_on == due_on and one.stage_on >= stage.day for one in done)
                or not _is_open(row, day)
            ):
                continue
            words = by_key[stage.key].label(stage.occurrence)
            coming = Coming(
                day, about, _label(row.due), due_on, stage.day, words, people[stage.key], stage.key
            )
            done.append(_as_written(coming))
            found.append(coming)
    return sorted(found, key=lambda one: (one.day, one.due_on, one.about))


def of_rules(
    rule_sets: Sequence[Sequence[ReminderRule]], today: date, *, days: int = DAYS_OF_A_RULE
) -> list[int]:
    """The number of reminders that each set of rules would plan for all States from a day on.

    Reminders that await approval are included; a reminder to three people counts three times.

    Args:
        rule_sets: rules with a key, recorded or supposed.
        days: the length of the period.
    """
    facts, desks, end = facts_of(), Desks.read(), today + timedelta(days=days)
    until = last_due([rule for rules in rule_sets for rule in rules], end)
    contacts, written, held = recipients_of(facts), written_by_state(live(), today), held_back(today)
    counts = [0] * len(rule_sets)
    for state in State.objects.filter(pk__in=facts).select_related("desk_officer"):
        rows = list(rows_of(state, facts[state.pk], today, until=until))
        officer = desks.officer_of(state)
        for number, rules in enumerate(rule_sets):
            people = {rule.pk: len(audience(rule.audience, officer, contacts[state.pk])) for rule in rules}
            known, pauses = written[state.pk], held[state.pk]
            coming = forecast(rows, rules, people, known, today, end, pauses)
            counts[number] += sum(one.people for one in coming)
    return counts


def in_ledger(state: State, today: date) -> list[Written]:
    """The stages of a State that need not be planned again; not those that wait, as they may still be cancelled."""
    # By the keys of its obligations, which an index begins with; a filter by State would read the whole ledger.
    owed = list(state.obligations.values_list("pk", flat=True))
    return written_by_state(Reminder.objects.filter(obligation__in=owed), today)[state.pk]


def live() -> QuerySet[Any]:
    """The reminders about reports that are still expected and have not been received."""
    return Reminder.objects.filter(obligation__expected=True, obligation__answered_on=None)


def written_by_state(
    reminders: QuerySet[Any], today: date, *, waiting: bool = False
) -> dict[str, list[Written]]:
    """The latest stage and the last mail about each report and due date in the ledger, by State; in one query.

    Args:
        waiting: whether reminders that wait are taken as sent today; otherwise they are left out.
    """
    # What was dated after today, under a wrong clock, counts for nothing; see `ledger.DealtWith`.
    rows = reminders.exclude(REVIVABLE).filter(stage_on__lte=today).order_by()
    if not waiting:
        rows = rows.exclude(state__in=WAITING)
    left_on = Case(
        When(state__in=(*WAITING, ReminderState.CLAIMED), then=Value(today)),
        When(sent_on__gt=today, then=Value(None)),
        # A mail may have been sent although it is not recorded as sent.
        When(state__in=(ReminderState.UNKNOWN, ReminderState.CANCELLED), then=TruncDate("handed_over_at")),
        default=F("sent_on"),
    )
    found: dict[str, list[Written]] = defaultdict(list)
    for state, kind, series, cycle, due_on, stage_on, left in rows.values_list(
        "obligation__state", "obligation__kind", "obligation__carried_by", "obligation__cycle", "due_on"
    ).annotate(latest=Max("stage_on"), left=Max(left_on)):
        found[state].append(Written((kind, series, cycle), due_on, stage_on, left))
    return found


def pauses_of(state: State, today: date) -> list[Held]:
    """The pauses in force of a State and of its obligations."""
    return held_back(today, state.pk)[state.pk]


def held_back(today: date, state: str = "") -> dict[str, list[Held]]:
    """The pauses in force by State; of one State, or of all without a code."""
    found: dict[str, list[Held]] = defaultdict(list)
    rows = Pause.objects.in_force(today)
    for row in (rows.about(state) if state else rows).select_related("obligation"):
        code = row.obligation.state_id if row.obligation else str(row.state_id)
        found[code].append(held_by(row))
    return found


def held_by(row: Pause) -> Held:
    """A recorded pause, as the forecast reads it."""
    one = row.obligation
    if one is None:
        return Held(None, row.until)
    return Held((one.kind, one.carried_by, one.cycle), row.until, one.label)


def _after_pauses(day: date, about: Identity, held: Sequence[Held]) -> date:
    """The first day, from a day on, that no pause covers."""
    return max([day, *(one.until for one in held if one.about in (None, about))])


def _label(due: Due) -> str:
    """The report's name in lists of reminders."""
    return report_label(due.kind, due.cycle, due.carried_by, due.subject, due.last_cycle)


def _as_written(one: Coming) -> Written:
    return Written(one.about, one.due_on, one.stage_on, one.day)


def _days(offset: Offset, due_on: date, start: date, end: date) -> Iterator[date]:
    """The days of a stage after the first day and up to the second."""
    come = offset.latest(due_on, start)
    if come is not None and not offset.repeats:
        return
    occurrence = 0 if come is None else come + 1
    while (day := offset.day(due_on, occurrence)) <= end:
        yield day
        if not offset.repeats:
            return
        occurrence += 1


def _is_open(row: DueRow, day: date) -> bool:
    """Whether the report would still be awaited on a day."""
    return status_on(row.state, row.due, day) in OPEN
