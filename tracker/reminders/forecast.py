"""Which reminders the planner would write in a time to come, and how a supposition changes that. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Max, Q, QuerySet

from tracker.obligations.derive import DueRow, facts_of, rows_of
from tracker.obligations.models import report_label
from tracker.obligations.what_if import Identity, identity
from tracker.registry.desks import Desks
from tracker.registry.models import State
from tracker.reminders.ledger import REVIVABLE
from tracker.reminders.models import WAITING, Pause, Reminder, ReminderRule, ReminderState
from tracker.reminders.plan import audience, recipients_of
from tracker.rules.dates import add_months
from tracker.rules.due import Due
from tracker.rules.facts import Facts
from tracker.rules.reminding import Offset, newest_stage
from tracker.rules.status import OPEN, status_of

DAYS_AHEAD = 365
DAYS_OF_A_RULE = 90  # how far a change of the rules is looked at
# The columns that identify a report.
ABOUT = ("obligation__state", "obligation__kind", "obligation__carried_by", "obligation__cycle")
# Where a mail may have gone although it is not recorded as sent.
DOUBTFUL = (ReminderState.UNKNOWN, ReminderState.CANCELLED)


@dataclass(frozen=True)
class Written:
    """A stage that the ledger has done with: it is not planned again.

    Attributes:
        left_on: the day a mail went out; None if none did.
    """

    about: Identity
    due_on: date
    stage_on: date
    left_on: date | None


@dataclass(frozen=True)
class Held:
    """A pause in force until before a day: about one report, or about all that a State owes (None, no label)."""

    about: Identity | None
    until: date
    label: str = ""


@dataclass(frozen=True)
class Coming:
    """A reminder that would be written: on which day, about what, at which stage, to how many people.

    Attributes:
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
class Change:
    """How the reminders of a State would change from one day to another.

    Attributes:
        added: what would be written that would not be as things are.
        gone: what would be written as things are, and then would not.
        held: the pauses that hold back some of it.
    """

    start: date
    end: date
    added: list[Coming]
    gone: list[Coming]
    held: list[Held]


def change(state: State, before: Facts, after: Facts, *, day: date, today: date) -> Change:
    """How the reminders of the year after a day would change with a State's facts.

    Args:
        day: the facts count as of this day; never earlier than today, as nothing is written in the past.
    """
    start = max(day, today)
    end = start + timedelta(days=DAYS_AHEAD)
    rules = list(ReminderRule.objects.filter(active=True).order_by("pk"))
    contacts = recipients_of([state.pk])[state.pk]
    officer = Desks.read().officer_of(state)
    people = {rule.pk: len(audience(rule.audience, officer, contacts)) for rule in rules}
    written, held = in_ledger(state, today), pauses_of(state, today)
    # What goes out until then goes out either way.
    as_it_is = forecast(rows_of(state, before, start), rules, people, written, today, end, held)
    written += [_done(one) for one in as_it_is if one.day < start]
    as_it_is = [one for one in as_it_is if one.day >= start]
    would_be = forecast(rows_of(state, after, start), rules, people, written, start, end, held)
    return Change(
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
    """What the planner would write from one day to another, if nothing else happened, in order.

    As there, the newest stage that has come counts, a mail about the same report keeps the quiet days,
    a pause holds back until it is over, and nothing is written about a report that is answered, waived,
    without a date or without record.

    Args:
        people: how many each rule writes to, by its key.
        written: what needs no writing any more.
        held: the pauses of the State that the rows are of.
    """
    by_report: dict[Identity, list[Written]] = defaultdict(list)
    for one in written:
        by_report[one.about].append(one)
    found: list[Coming] = []
    for row in rows:
        about, due_on = identity(row.due), row.due.due_on
        if due_on is None or row.due.waived or row.due.answered_on is not None:
            continue
        by_key = {rule.pk: rule for rule in rules if rule.kind in ("", row.due.kind)}
        offsets = [(key, rule.as_rule()) for key, rule in by_key.items()]
        done = by_report[about]
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
            done.append(_done(coming))
            found.append(coming)
    return sorted(found, key=lambda one: (one.day, one.due_on, one.about))


def of_rules(
    rule_sets: Sequence[Sequence[ReminderRule]], today: date, *, days: int = DAYS_OF_A_RULE
) -> list[int]:
    """How many reminders each of some sets of rules would write to all States from a day on.

    What waits for approval counts along; a reminder to three people counts three times.

    Args:
        rule_sets: rules as recorded, or only supposed: each has a key.
        days: how many days are looked at.
    """
    facts, desks, end = facts_of(), Desks.read(), today + timedelta(days=days)
    until = last_due([rule for rules in rule_sets for rule in rules], end)
    contacts, written, held = recipients_of(facts), written_by_state(live(today), today), held_back(today)
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


def last_due(rules: Sequence[ReminderRule], end: date) -> date:
    """The last due date with a stage up to a day; a month's end that was clipped can take three days more."""
    months, days = min(0, *(rule.months for rule in rules), 0), min(0, *(rule.days for rule in rules), 0)
    return add_months(end, -months) + timedelta(days=3 - days)


def in_ledger(state: State, today: date) -> list[Written]:
    """The stages that the ledger has dealt with; not what waits, as it may still be cancelled."""
    return written_by_state(Reminder.objects.filter(obligation__state=state), today)[state.pk]


def live(today: date) -> QuerySet[Any]:
    """The reminders about reports that are still awaited on the date that they speak of, or that went out lately."""
    awaited = Q(
        due_on=F("obligation__due_on"), obligation__expected=True, obligation__answered_on__isnull=True
    )
    return Reminder.objects.filter(awaited | _lately(today))


def written_by_state(
    reminders: QuerySet[Any], today: date, *, waiting: bool = False
) -> dict[str, list[Written]]:
    """The stages that the ledger has dealt with, by State: the latest of each report and due date, and every mail that
    went out within the quiet days.

    Args:
        waiting: whether what waits is taken to go today; else it is left out.
    """
    found: dict[str, list[Written]] = defaultdict(list)
    rows = reminders.exclude(REVIVABLE).order_by()
    if not waiting:
        rows = rows.exclude(state__in=WAITING)
    stages = rows.values_list(*ABOUT, "due_on").annotate(Max("stage_on"))
    for state, *about, due_on, stage_on in stages:
        found[state].append(Written(tuple(about), due_on, stage_on, None))
    lately = rows.filter(_lately(today) | Q(state__in=WAITING))
    for state, *about, due_on, stage_on, status, handed_over_at, sent_on in lately.values_list(
        *ABOUT, "due_on", "stage_on", "state", "handed_over_at", "sent_on"
    ):
        left_on = today
        if status in DOUBTFUL:
            left_on = handed_over_at.date()
        elif status == ReminderState.SENT:
            left_on = sent_on
        found[state].append(Written(tuple(about), due_on, stage_on, left_on))
    return found


def _lately(today: date) -> Q:
    """The condition that a mail went out, or may have, so that the quiet days are not over on a day."""
    since = today - timedelta(days=settings.REMINDERS_QUIET_DAYS)
    midnight = datetime.combine(since, time(), UTC)
    return (
        Q(state=ReminderState.CLAIMED)
        | Q(state=ReminderState.SENT, sent_on__gte=since)
        | Q(state__in=DOUBTFUL, handed_over_at__gte=midnight)
    )


def pauses_of(state: State, today: date) -> list[Held]:
    """The pauses of a State and of what it owes that are not over yet."""
    return held_back(today, state.pk)[state.pk]


def held_back(today: date, state: str = "") -> dict[str, list[Held]]:
    """The pauses in force, by State; of one State or, without its code, of all."""
    found: dict[str, list[Held]] = defaultdict(list)
    rows = Pause.objects.in_force(today)
    for row in (rows.about(state) if state else rows).select_related("obligation"):
        code = row.obligation.state_id if row.obligation else str(row.state_id)
        found[code].append(Held(_paused(row), row.until, row.obligation.label if row.obligation else ""))
    return found


def _paused(row: Pause) -> Identity | None:
    one = row.obligation
    return (one.kind, one.carried_by, one.cycle) if one else None


def _after_pauses(day: date, about: Identity, held: Sequence[Held]) -> date:
    """The first day from a day on that no pause covers."""
    return max([day, *(one.until for one in held if one.about in (None, about))])


def _label(due: Due) -> str:
    """What is owed, as the lists of reminders call it."""
    return report_label(due.kind, due.cycle, due.carried_by, due.subject, due.last_cycle)


def _done(one: Coming) -> Written:
    return Written(one.about, one.due_on, one.stage_on, one.day)


def _days(offset: Offset, due_on: date, start: date, end: date) -> Iterator[date]:
    """The days of a stage after one day and up to another."""
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
    """Whether the State would still be expected to act on a day."""
    due = row.due
    status = status_of(
        due_on=due.due_on,
        source=due.source,
        waived=due.waived,
        answered_on=due.answered_on,
        received_on=due.received_on,
        records=row.state.records(due.carried_by),
        day=day,
        not_received_by=due.not_received_by,
    )
    return status in OPEN
