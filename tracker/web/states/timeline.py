"""The timeline of a State: takes facts and rows, returns events and due dates for a picture, and the same as a table.

Events of the Convention are left out: they would add ten empty years, and are shown under the treaty actions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.languages.writing import month_in_words, with_commas
from tracker.obligations.models import CarriedBy, Precision, report_label
from tracker.obligations.wording import (
    awaiting_in_words,
    badge_of,
    due_in_words,
    in_a_row,
    place,
    trust_in_words,
)
from tracker.registry.models import TreatyAction
from tracker.reminders.models import ACCEPTED, WAITING, Reminder
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.facts import Facts
from tracker.rules.status import Status


@dataclass(frozen=True)
class Happened:
    """An event on a known day.

    Attributes:
        detail: additional text in the table: the document, or the precision of the day.
    """

    day: date
    what: str
    detail: str = ""


@dataclass(frozen=True)
class ReminderDay(Happened):
    """The reminders that were sent on one day, or that wait to be sent.

    Attributes:
        sent: whether they were sent.
        address: of the first mail, or of the reminder that waits.
    """

    sent: bool = True
    address: str = ""


@dataclass(frozen=True)
class TimelineObligation:
    """An obligation as of a day.

    Attributes:
        on: the due date or, while there is none, the computed one; of a report under the CRC without a date, the
            day on which it came or, while it is open, the as-of day: nobody has set another.
        due: whether that day is a due date.
        until: where its bar ends: the receipt of a late report, the as-of day while it is overdue; else None.
        key: of the obligation, for a link to its row.
        year_only: the document prints a year alone.
        waits: since when the report awaits the Committee's review, or in which year it is expected, in words.
        document, decided_on: where no date is recorded, the last concluding observations known.
    """

    on: date
    due: bool
    what: str
    status: str
    css: str
    says: str
    until: date | None
    key: int
    year_only: bool = False
    waits: str = ""
    document: str = ""
    decided_on: date | None = None

    @property
    def on_in_words(self) -> str:
        """Its day as the document prints it."""
        return due_in_words(self.on, year_only=self.year_only)


# --- facts in ------------------------------------------------------------------------------------


def happenings(
    facts: Facts,
    submissions: Iterable[Any],
    decisions: Iterable[Any],
    requests: Iterable[Any],
    non_receipts: Iterable[Any],
    reviews: Iterable[Any],
    day: date,
    references: Mapping[tuple[str, date], str] | None = None,
) -> list[Happened]:
    """The events up to a day, and the entry into force even if it is in the future; the earliest first.

    Args:
        facts: those known on the day.
        submissions, decisions, requests, non_receipts, reviews: the records of one State that are known on the day.
        references: the depositary notifications, by the name of the action and its day.
    """
    periods = facts.memberships(TreatyCode.OPSC)
    # A succession without recorded effect is in doubt as well.
    joined = {period.joined: period.in_force for period in periods}
    found = []
    for action in facts.actions:
        if action.treaty == TreatyCode.OPSC:
            what = str(TreatyAction.Kind(action.kind).label)
            notified = (references or {}).get((what, action.day), "")
            source = with_commas((_("Depositary"), notified))
            found.append(Happened(action.day, what, _in_doubt(source, joined.get(action, action))))
    for membership in periods:
        entry = membership.in_force
        found.append(
            Happened(entry.day, _("entry into force"), _in_doubt(place(entry.trail[-1].source), entry))
        )
        if membership.ends_on is not None:
            found.append(Happened(membership.ends_on, _("denunciation takes effect"), place("OPSC art. 15")))
    # Reports under the Convention say nothing here before the State joins the Protocol.
    since = periods[0].joined.day if periods else date.max
    reviews = [one for one in reviews if one.carried_by == CarriedBy.OWN or one.adopted_on >= since]
    adopted = {one.adopted_on for one in reviews}
    for one in submissions:
        known = one.received_on or one.reviewed_on or day
        if one.carried_by == CarriedBy.OWN or known >= since:
            found += _of_submission(one, day, adopted)
    for one in reviews:
        what = _("reviewed without a report") if one.without_report else _("concluding observations")
        found.append(Happened(one.adopted_on, what, with_commas((one.document, trust_in_words(one)))))
    for one in decisions:
        if one.decided_on is not None:  # a document without a day is only in the table of dates
            what = _("date stated: %(what)s") % {"what": one.label}
            found.append(Happened(one.decided_on, what, one.document))
    for one in requests:
        found.append(Happened(one.issued_on, str(one.get_kind_display()), one.document))
        if one.received_on and one.received_on <= day:
            found.append(Happened(one.received_on, _("reply received"), one.document))
    for one in non_receipts:
        what = _("confirmed as not received: %(what)s") % {
            "what": report_label(one.kind, one.cycle, one.carried_by)
        }
        found.append(Happened(one.not_received_by, what, one.source))
    return sorted(found, key=lambda one: one.day)


def notices_of(reminders: Iterable[Reminder], day: date, *, today: date) -> list[ReminderDay]:
    """The reminders sent up to a day, one entry for each day, and those that wait; the earliest first.

    Args:
        today: the ledger knows only this day: as of an earlier one nothing waits.
    """
    by_day: dict[tuple[date, bool], list[Reminder]] = {}
    for one in reminders:
        if one.state in ACCEPTED and one.sent_on is not None and one.sent_on <= day:
            by_day.setdefault((one.sent_on, True), []).append(one)
        elif one.state in WAITING and day >= today:
            by_day.setdefault((max(one.stage_on, today), False), []).append(one)
    found = []
    for (on, sent), some in sorted(by_day.items()):
        first = min(some, key=lambda one: one.pk)
        about = with_commas(dict.fromkeys(one.obligation.label for one in some))
        said = _("reminder sent: %(what)s") if sent else _("reminder waits to be sent: %(what)s")
        address = first.mail.get_absolute_url() if first.mail else reverse("reminder", args=[first.pk])
        recipients = in_a_row(dict.fromkeys(one.recipient for one in some))
        found.append(ReminderDay(on, said % {"what": about}, recipients, sent, address))
    return found


def _in_doubt(source: str, fact: Any) -> str:
    """The source of a day, and whether it is to be confirmed."""
    if fact.to_be_confirmed:
        return _("%(source)s; to be confirmed") % {"source": source}
    return source


def _of_submission(one: Any, day: date, adopted: Collection[date]) -> list[Happened]:
    """The receipt of a report, its review and its withdrawal, as far as they are known on the day.

    Args:
        adopted: the days of concluding observations, which say of their day that there was a review.
    """
    found, what = [], {"what": one.label}
    if one.received_on and one.received_on <= day:
        said = _("%(what)s revised") if one.revises_id else _("%(what)s received")
        found.append(Happened(one.received_on, said % what, one.symbol))
    if one.withdrawn_on and one.withdrawn_on <= day:
        found.append(Happened(one.withdrawn_on, _("%(what)s withdrawn by the State") % what, one.symbol))
    if one.reviewed_on and one.reviewed_on <= day and one.reviewed_on not in adopted:
        details = [one.observations]
        if one.review_precision == Precision.MONTH:
            month = month_in_words(one.reviewed_on)
            details.append(_("only the month is known: %(month)s") % {"month": month})
        found.append(Happened(one.reviewed_on, _("%(what)s reviewed") % what, with_commas(details)))
    return found


def owed_of(rows: Iterable[Any], day: date) -> list[TimelineObligation]:
    """Converts rows as of a day (`Obligation.as_it_stood`) for the picture, in order."""
    found = []
    for row in rows:
        until = None
        if row.status == Status.OVERDUE:
            until = day
        elif row.status == Status.LATE:
            until = row.received_on
        shown = badge_of(row, day)
        found.append(
            TimelineObligation(
                _place_of(row, day),
                row.due is not None,
                row.label,
                row.status,
                shown.css,
                shown.text,
                until,
                row.pk,
                row.year_only,
                awaiting_in_words(row.awaiting_since, row.received_on) or row.expected_in,
                row.document,
                row.decided_on,
            )
        )
    return sorted(found, key=lambda one: (one.on, one.key))


def _place_of(row: Any, day: date) -> date:
    """The day at which the picture shows a row."""
    place: date = row.computed_on
    if row.due is not None:
        place = row.due
    elif row.carried_by == CarriedBy.CRC_REPORT:
        place = row.received_on or row.answered_on or row.reviewed_without_on or day
    return place


# --- the same as a table -------------------------------------------------------------------------


@dataclass(frozen=True)
class TimelineLine:
    """A row of the table next to the picture: an event or an obligation."""

    day: date
    happened: Happened | None = None
    owed: TimelineObligation | None = None


def lines_of(happened: Iterable[Happened], owed: Iterable[TimelineObligation]) -> list[TimelineLine]:
    """Everything in the picture by day; on the same day events come first."""
    lines = [TimelineLine(one.day, happened=one) for one in happened] + [
        TimelineLine(one.on, owed=one) for one in owed
    ]
    return sorted(lines, key=lambda line: line.day)
