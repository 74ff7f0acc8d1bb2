"""Due dates for people's own calendars: one event for each report awaited, told apart by sequence.

Calendars keep what they were given. So that a date which changes is moved and one that falls away is
dropped, each event keeps its UID for life, and what was told last is kept in `CalendarEntry`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vDuration, vText

from tracker.obligations.models import Obligation
from tracker.registry.models import State
from tracker.reminders import wording
from tracker.reminders.models import CalendarEntry, Reminder, digest_of
from tracker.reminders.plan import still_open
from tracker.rules.dates import add_years
from tracker.rules.trail import in_full

YEARS_CANCELLED = 2  # a calendar that has not asked for so long has been given up
# Long enough for a report to be written; at 30 days it is too late for more than an apology. A duration
# knows no months. At nine in the morning, because counted from midnight it would ring at night.
ALARM = timedelta(days=-90, hours=9)
REFRESH = timedelta(hours=12)
# More often than that no date has changed since a backup was taken.
RESTORED = 100
# The columns that the text of an event needs.
SAID = ("state__name", "state__region", "article", "subject", "last_cycle", "year_only", "trail")


@dataclass
class Changes:
    """What the calendar does not tell yet."""

    new: list[CalendarEntry] = field(default_factory=list)
    changed: list[CalendarEntry] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.new or self.changed)


def synchronise(day: date) -> Changes:
    """Brings what the calendars tell in line with the obligations of a day; gives what changed.

    Args:
        day: today; nothing that is recorded is younger.

    Takes so many queries however many obligations there are, and locks nothing where nothing changes.
    Two at once are harmless: the second waits, and finds nothing to do.
    """
    now = timezone.now().replace(microsecond=0)  # a calendar knows no finer time
    if not _changes(day, now):
        return Changes()
    with transaction.atomic():
        list(CalendarEntry.objects.order_by("pk").select_for_update().values_list("pk"))
        found = _changes(day, now)
        CalendarEntry.objects.bulk_create(found.new, batch_size=500, ignore_conflicts=True)
        CalendarEntry.objects.bulk_create(
            found.changed,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["sequence", "due_on", "cancelled", "digest", "changed_at"],
            batch_size=500,
        )
    return found


def _changes(day: date, now: datetime) -> Changes:
    """Ought against is."""
    found = Changes()
    told = {entry.obligation_id: entry for entry in CalendarEntry.objects.all()}
    for pk, due, *said in still_open(day, today=day).order_by("pk").values_list("pk", "due", *SAID):
        entry, words = told.pop(pk, None), digest_of(json.dumps(said, sort_keys=True))
        if entry is None:
            found.new.append(CalendarEntry(obligation_id=pk, due_on=due, digest=words, changed_at=now))
        elif (entry.due_on, entry.cancelled, entry.digest) != (due, False, words):
            if entry.cancelled or entry.due_on != due:
                entry.sequence += 1
            entry.due_on, entry.cancelled, entry.digest, entry.changed_at = due, False, words, now
            found.changed.append(entry)
    # What is left is answered, without a date, or owed no more.
    for entry in told.values():
        if not entry.cancelled:
            entry.sequence, entry.cancelled, entry.changed_at = entry.sequence + 1, True, now
            found.changed.append(entry)
    return found


def tell_anew(now: datetime) -> None:
    """Raises all sequences above those that calendars may have been told since the restored backup was taken."""
    CalendarEntry.objects.update(sequence=F("sequence") + RESTORED, changed_at=now)


def entries(day: date, states: Q | None = None) -> QuerySet[CalendarEntry]:
    """What a calendar has to be told on a day, by date: what is due, and what was cancelled of late.

    Args:
        states: a condition on State; None for all.
    """
    since = timezone.make_aware(datetime.combine(add_years(day, -YEARS_CANCELLED), datetime.min.time()))
    told = CalendarEntry.objects.filter(Q(cancelled=False) | Q(changed_at__gte=since))
    if states is not None:
        told = told.filter(obligation__state__in=State.objects.filter(states))
    return told.select_related("obligation__state").order_by("due_on", "obligation__state", "obligation")


def uid(obligation: Obligation) -> str:
    """What calendars know an event by, for life: USA-periodic-own-3@article-12-tracker."""
    series = slugify(obligation.carried_by)
    return f"{obligation.state_id}-{obligation.kind}-{series}-{obligation.cycle}@article-12-tracker"


def written(told: Iterable[CalendarEntry], *, name: str, day: date, page_of: Callable[[State], str]) -> bytes:
    """An iCalendar object (RFC 5545): the same rows always make the same octets.

    Args:
        name: what the calendar is called in people's lists of calendars; empty for a file that is read once.
        page_of: the full address of a State's page, or nothing for whom it would not let in.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Article 12 tracker//OPSC reports//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    if name:
        calendar.add("name", vText(name))
        calendar.add("x-wr-calname", vText(name))
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vDuration(REFRESH).to_ical().decode())
    for entry in told:
        calendar.add_component(_event(entry, day, page_of(entry.obligation.state)))
    return calendar.to_ical()


def told(obligations: Iterable[int]) -> dict[int, CalendarEntry]:
    """What the feeds last said about some obligations."""
    return {entry.obligation_id: entry for entry in CalendarEntry.objects.filter(obligation__in=obligations)}


def attached(rows: Sequence[Reminder], day: date, told: Mapping[int, CalendarEntry]) -> str:
    """The due dates that a mail speaks of as a file beside it, the same however often it is written on a day.

    An event has the UID and the sequence that the feeds give it, now or after their next synchronisation: a
    calendar that knows it moves it, and has it once.

    Args:
        rows: the reminders of the mail, with obligation and State; a report that two of them speak of is one event.
        told: what the feeds last said, by obligation.
    """
    due = {row.obligation: row.due_on for row in rows}
    events = []
    for obligation, due_on in due.items():
        known = told.get(obligation.pk)
        moves = known is not None and (known.cancelled or known.due_on != due_on)
        events.append(
            CalendarEntry(
                obligation=obligation,
                sequence=(known.sequence if known else 0) + moves,
                due_on=due_on,
                changed_at=datetime.combine(day, time(), UTC),
            )
        )
    return written(events, name="", day=day, page_of=lambda state: "").decode()


def _event(entry: CalendarEntry, day: date, page: str) -> Event:
    obligation = entry.obligation
    state = obligation.state
    summary = _summary(entry)
    event = Event()
    event.add("uid", uid(obligation))
    event.add("sequence", entry.sequence)
    # The moment of the change, not that of the request: else no two answers were ever the same.
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("dtstart", entry.due_on)  # a date alone: all day, and one day long
    event.add("summary", summary)
    event.add("description", f"{_why(entry)}\n\n{page}" if page else _why(entry))
    if page:
        event.add("url", page)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # nobody is busy on a due date
    if state.region:
        event.add("categories", [state.get_region_display()])
    # An alarm whose day has passed would ring at once for every report that is overdue.
    if not entry.cancelled and entry.due_on + timedelta(days=ALARM.days) >= day:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", ALARM)
        event.add_component(alarm)
    return event


def _summary(entry: CalendarEntry) -> str:
    """What falls due; of a date known to the year alone also that year, as the event lies on its last day."""
    pattern = (
        _("%(state)s: %(what)s due in %(year)d (OPSC)")
        if wording.in_year_alone(entry.obligation, entry.due_on)
        else _("%(state)s: %(what)s due (OPSC)")
    )
    return pattern % {
        "state": entry.obligation.state.name,
        "what": wording.name(entry.obligation),
        "year": entry.due_on.year,
    }


def _why(entry: CalendarEntry) -> str:
    """The trail of the date, or why there is none any more."""
    if not entry.cancelled:
        return in_full(wording.reasons(entry.obligation), _)
    return _(
        "No longer awaited on this date: the report has been received, or its date has fallen away. The State’s "
        "page tells which."
    )
