"""The status of an obligation on a day. The same rule in SQL is `ObligationQuerySet.as_of`; one test
drives both through the same cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.rules.dates import add_months, latest_anchor, nth_day_after
from tracker.rules.due import DueSource

DUE_SOON_MONTHS = 12


class Status(StrEnum):
    """The words that screens, mails and exports use."""

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


# On these a State is still expected to act, and may be written to.
OPEN = (Status.NOT_YET_DUE, Status.DUE_SOON, Status.OVERDUE)
RECEIVED = (Status.ON_TIME, Status.LATE, Status.DATE_UNKNOWN)


@dataclass(frozen=True, slots=True)
class Records:
    """For which due dates the office's records of a series are complete: silence about others proves nothing.

    Attributes:
        since: the first day; None: from the start.
        until: the last day, on which shipped data end; None: they go on.
        known: whether anything is known of how complete they are.
    """

    since: date | None = None
    until: date | None = None
    known: bool = True

    def complete_for(self, due_on: date) -> bool:
        """Whether a report that fell due on a day, and is not here, was not received."""
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
        due_on: None while the Committee has a date to communicate or has waived the report, and where no date is
            recorded.
        source: where the date comes from; without a date, that of the treaty calendar says that none is recorded.
        answered_on: from this day on a report is known to be there.
        received_on: its date of receipt, if known.
        records: of its series. What fell due outside of them and has no report is "no record": nobody is accused
            on missing data.
        not_received_by: somebody has confirmed, with a source of this day, that nothing had been received; if that
            is after the due date, the records do not matter any more.
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
    """The latest due dates that on a day are one, five and more than ten years past.

    An overdue report is under one year late if due after the first, one to five if after the second,
    five to ten if after the third (ten years to the day are not over ten), else over ten.
    """
    return latest_anchor(day, 1), latest_anchor(day, 5), latest_anchor(nth_day_after(day, -1), 10)


def band_of(due_on: date, day: date) -> Band:
    """How long a report that is overdue on a day has been so."""
    one, five, ten = band_limits(day)
    if due_on > one:
        return Band.UNDER_1
    if due_on > five:
        return Band.FROM_1_TO_5
    return Band.FROM_5_TO_10 if due_on > ten else Band.OVER_10
