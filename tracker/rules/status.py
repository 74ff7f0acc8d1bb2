"""The status of an obligation on a day. `ObligationQuerySet.as_of` is the same rule in SQL; one test checks both
with the same cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.rules.dates import add_months, latest_anchor, nth_day_after
from tracker.rules.due import DueSource

DUE_SOON_MONTHS = 12


class Status(StrEnum):
    """The statuses, in the words of pages, mails and exports."""

    NOT_YET_DUE = "not yet due"
    DUE_SOON = "due within 12 months"
    OVERDUE = "overdue"
    ON_TIME = "received on time"
    LATE = "received late"
    DATE_UNKNOWN = "received, date unknown"
    TO_BE_COMMUNICATED = "to be communicated"
    NOT_RECORDED = "date not recorded"
    WAIVED = "waived"
    NO_RECORD = "no record"


class Band(StrEnum):
    """How long an obligation has been overdue."""

    UNDER_1 = "under_1"
    FROM_1_TO_5 = "from_1_to_5"
    FROM_5_TO_10 = "from_5_to_10"
    OVER_10 = "over_10"


# The State is still expected to act, and may receive reminders.
OPEN = (Status.NOT_YET_DUE, Status.DUE_SOON, Status.OVERDUE)
RECEIVED = (Status.ON_TIME, Status.LATE, Status.DATE_UNKNOWN)


@dataclass(frozen=True, slots=True)
class Records:
    """The due dates for which the office's records of a series are complete.

    Attributes:
        since: the first day; None: from the start.
        until: the last day, for shipped data; None: no end.
        known: False if nothing is known about how complete the records are.
    """

    since: date | None = None
    until: date | None = None
    known: bool = True

    def complete_for(self, due_on: date) -> bool:
        """Whether a report due on a day that is not recorded was not received."""
        return (
            self.known
            and (self.since is None or self.since <= due_on)
            and (self.until is None or due_on <= self.until)
        )


def status_of(
    *,
    due_on: date | None,
    source: str,
    waived: bool,
    answered_on: date | None,
    received_on: date | None,
    records: Records,
    day: date,
    not_received_by: date | None = None,
) -> Status:
    """The status of an obligation on a day.

    Args:
        due_on: None if the Committee has yet to communicate a date or has waived the report, and if no date is
            recorded.
        source: where the date comes from; without a date, the treaty calendar means that none is recorded.
        answered_on: the day from which a report is known.
        received_on: its date of receipt, if known.
        records: of its series. A report due outside of them that is not recorded is "no record": a State is not
            listed as late when our own records are incomplete.
        not_received_by: confirmed with a source of this day that nothing had been received; after the due date it
            outweighs the records.
    """
    unrecorded = due_on is None and source == DueSource.TREATY_CALENDAR
    if answered_on is not None and answered_on <= day:
        if received_on is None or unrecorded:
            return Status.DATE_UNKNOWN
        return Status.LATE if due_on is not None and received_on > due_on else Status.ON_TIME
    if waived:
        return Status.WAIVED
    if due_on is None:
        return Status.NOT_RECORDED if unrecorded else Status.TO_BE_COMMUNICATED
    if due_on >= day:
        return Status.DUE_SOON if due_on <= add_months(day, DUE_SOON_MONTHS) else Status.NOT_YET_DUE
    confirmed = not_received_by is not None and not_received_by > due_on
    if not confirmed and not records.complete_for(due_on):
        return Status.NO_RECORD
    return Status.OVERDUE


def days_late(status: str, *, due_on: date | None, received_on: date | None, day: date) -> int | None:
    """Days between due date and receipt, or up to the day while overdue; 0 on time; None otherwise."""
    if due_on is None:
        return None
    if status == Status.OVERDUE:
        return (day - due_on).days
    if status == Status.LATE and received_on is not None:
        return (received_on - due_on).days
    return 0 if status == Status.ON_TIME else None


def band_limits(day: date) -> tuple[date, date, date]:
    """The due dates that separate the bands on a day.

    An overdue report is under one year late if due after the first, one to five years if after the second, five to
    ten if after the third (exactly ten years is not over ten), else over ten.
    """
    return latest_anchor(day, 1), latest_anchor(day, 5), over_limit(day, 10)


def over_limit(day: date, years: int) -> date:
    """The latest due date of a report that is overdue for more than some years on a day."""
    return latest_anchor(nth_day_after(day, -1), years)


def band_of(due_on: date, day: date) -> Band:
    """The band of a report that is overdue on a day."""
    one, five, ten = band_limits(day)
    if due_on > one:
        return Band.UNDER_1
    if due_on > five:
        return Band.FROM_1_TO_5
    return Band.FROM_5_TO_10 if due_on > ten else Band.OVER_10
