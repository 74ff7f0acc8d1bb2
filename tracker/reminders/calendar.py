"""Due dates for personal calendars: one event for each report that is due.

Calendars keep the events that they have read. So each event keeps its UID for life, and its sequence rises when its
date changes or it is cancelled; `CalendarEntry` records what the feeds last contained.
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

from tracker.languages.known import ENGLISH, by_code, current, speaking
from tracker.languages.writing import without_isolates
from tracker.obligations.models import Obligation
from tracker.obligations.wording import in_full
from tracker.registry.models import State
from tracker.reminders import wording
from tracker.reminders.models import CalendarEntry, Reminder, digest_of
from tracker.reminders.plan import still_open
from tracker.rules.dates import add_years

YEARS_CANCELLED = 2  # a calendar that has not been read for so long is no longer used
# Long enough to write a report; 30 days would be too late. Durations have no months. Nine hours, because counted from
# midnight the alarm would ring at night.
ALARM = timedelta(days=-90, hours=9)
REFRESH = timedelta(hours=12)
# No date changes more often than this between a backup and its restore.
RESTORED = 100
# The columns that the text of an event depends on.
TEXT_COLUMNS = ("state__name", "state__region", "article", "subject", "last_cycle", "year_only", "trail")


@dataclass
class CalendarChanges:
    """What the feeds do not contain yet."""

    new: list[CalendarEntry] = field(default_factory=list)
    changed: list[CalendarEntry] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.new or self.changed)


def synchronise(day: date) -> CalendarChanges:
    """Updates the calendar entries from the obligations of a day; returns what changed.

    The number of queries is constant, and nothing is locked if nothing changes. If two run at once, the second waits
    and finds nothing to do.

    Args:
        day: today; nothing recorded is later.
    """
    now = timezone.now().replace(microsecond=0)  # iCalendar has whole seconds
    if not _changes(day, now):
        return CalendarChanges()
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


def _changes(day: date, now: datetime) -> CalendarChanges:
    """Compares expected with stored entries."""
    found = CalendarChanges()
    stored = {entry.obligation_id: entry for entry in CalendarEntry.objects.all()}
    for pk, due, *text in still_open(day, today=day).order_by("pk").values_list("pk", "due", *TEXT_COLUMNS):
        entry, words = stored.pop(pk, None), digest_of(json.dumps(text, sort_keys=True))
        if entry is None:
            found.new.append(CalendarEntry(obligation_id=pk, due_on=due, digest=words, changed_at=now))
        elif (entry.due_on, entry.cancelled, entry.digest) != (due, False, words):
            if entry.cancelled or entry.due_on != due:
                entry.sequence += 1
            entry.due_on, entry.cancelled, entry.digest, entry.changed_at = due, False, words, now
            found.changed.append(entry)
    # The rest are answered, without a date, or no longer owed.
    for entry in stored.values():
        if not entry.cancelled:
            entry.sequence, entry.cancelled, entry.changed_at = entry.sequence + 1, True, now
            found.changed.append(entry)
    return found


def tell_anew(now: datetime) -> None:
    """Raises all sequences above those that calendars may have read since the restored backup was taken."""
    CalendarEntry.objects.update(sequence=F("sequence") + RESTORED, changed_at=now)


def entries(day: date, states: Q | None = None) -> QuerySet[CalendarEntry]:
    """The entries of a feed on a day, by date: what is due, and what was cancelled recently.

    Args:
        states: a condition on State; None for all.
    """
    since = timezone.make_aware(datetime.combine(add_years(day, -YEARS_CANCELLED), datetime.min.time()))
    stored = CalendarEntry.objects.filter(Q(cancelled=False) | Q(changed_at__gte=since))
    if states is not None:
        stored = stored.filter(obligation__state__in=State.objects.filter(states))
    return stored.select_related("obligation__state").order_by("due_on", "obligation__state", "obligation")


def uid(obligation: Obligation) -> str:
    """The UID of an event, for life: USA-periodic-own-3@article-12-tracker."""
    series = slugify(obligation.carried_by)
    return f"{obligation.state_id}-{obligation.kind}-{series}-{obligation.cycle}@article-12-tracker"


def written(
    stored: Iterable[CalendarEntry],
    *,
    name: str,
    day: date,
    page_of: Callable[[State], str],
    languages: Sequence[str] = (),
) -> bytes:
    """An iCalendar object (RFC 5545); the same entries always give the same bytes.

    Args:
        name: of the calendar, as shown in calendar programs; empty for a file that is read once.
        page_of: returns the full address of a State's page, or an empty text for readers without access.
        languages: of the events; none for the active one.
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
    for entry in stored:
        calendar.add_component(
            _event(entry, day, page_of(entry.obligation.state), languages or (current().code,))
        )
    return calendar.to_ical()


def entries_of(obligations: Iterable[int]) -> dict[int, CalendarEntry]:
    """The calendar entries of some obligations."""
    return {entry.obligation_id: entry for entry in CalendarEntry.objects.filter(obligation__in=obligations)}


def attached(
    rows: Sequence[Reminder],
    day: date,
    stored: Mapping[int, CalendarEntry],
    languages: Sequence[str] = (ENGLISH.code,),
) -> str:
    """The due dates in a mail as a calendar file; the same on the same day.

    An event has the UID and sequence that the feeds give it, now or after their next update, so that a calendar has
    each event once.

    Args:
        rows: the reminders of the mail, with obligation and State; two about one report are one event.
        stored: the calendar entries, by obligation.
        languages: those of the mail, in their order.
    """
    due = {row.obligation: row.due_on for row in rows}
    events = []
    for obligation, due_on in due.items():
        known = stored.get(obligation.pk)
        moves = known is not None and (known.cancelled or known.due_on != due_on)
        events.append(
            CalendarEntry(
                obligation=obligation,
                sequence=(known.sequence if known else 0) + moves,
                due_on=due_on,
                changed_at=datetime.combine(day, time(), UTC),
            )
        )
    return written(events, name="", day=day, page_of=lambda state: "", languages=languages).decode()


def _event(entry: CalendarEntry, day: date, page: str, languages: Sequence[str]) -> Event:
    obligation = entry.obligation
    state = obligation.state
    summaries, reasons = [], []
    for code in languages:
        with speaking(code):
            summaries.append(without_isolates(_summary(entry)))
            reasons.append(_why(entry))
    # One line in two directions is hard to read.
    summary = summaries[0] if by_code(languages[0]).direction == "rtl" else " / ".join(summaries)
    event = Event()
    event.add("uid", uid(obligation))
    event.add("sequence", entry.sequence)
    # The time of the change, not of the request, so that the same feed has the same bytes.
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("dtstart", entry.due_on)  # a date without time: one whole day
    event.add("summary", summary)
    event.add("description", "\n\n".join([*reasons, page] if page else reasons))
    if page:
        event.add("url", page)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # nobody is busy on a due date
    if state.region:
        with speaking(languages[0]):
            event.add("categories", [state.get_region_display()])
    # An alarm in the past would ring at once for every overdue report.
    if not entry.cancelled and entry.due_on + timedelta(days=ALARM.days) >= day:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", ALARM)
        event.add_component(alarm)
    return event


def _summary(entry: CalendarEntry) -> str:
    """What is due; also the year, if only the year is known, because the event is on its last day."""
    pattern = (
        _("%(state)s: %(what)s due in %(year)d (OPSC)")
        if wording.in_year_alone(entry.obligation, entry.due_on)
        else _("%(state)s: %(what)s due (OPSC)")
    )
    return pattern % {
        "state": entry.obligation.state.shown_name,
        "what": wording.name(entry.obligation),
        "year": entry.due_on.year,
    }


def _why(entry: CalendarEntry) -> str:
    """The trail of the date, or why there is no date any more."""
    if not entry.cancelled:
        return in_full(wording.reasons(entry.obligation))
    return _(
        "No longer due on this date: the report has been received or the date has been removed. See the State’s page."
    )
