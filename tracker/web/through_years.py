"""The way through the years on the first page: a slider of month ends, and links a year back and on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tracker.rules.dates import add_years, end_of_month
from tracker.rules.entry_into_force import OPSC_IN_FORCE


@dataclass(frozen=True)
class ThroughYears:
    """Where a day stands between the entry into force of the OPSC and today.

    Attributes:
        first: the day of the slider's first step, the end of its month.
        last: number of the last step, which is today.
        step: number of the step of the month in which the day is.
        earlier: a year before the day; None if the OPSC was not in force before it.
        later: a year after it, or today if that is sooner; None from today on.
    """

    first: date
    last: int
    step: int
    earlier: date | None
    later: date | None


def through_years(day: date, today: date) -> ThroughYears:
    """The slider and its links for a page that speaks of a day."""
    last = _months(today)
    return ThroughYears(
        first=end_of_month(OPSC_IN_FORCE.year, OPSC_IN_FORCE.month),
        last=last,
        step=last if day >= today else min(max(_months(day), 0), max(last - 1, 0)),
        earlier=max(add_years(day, -1), OPSC_IN_FORCE) if day > OPSC_IN_FORCE else None,
        later=min(add_years(day, 1), today) if day < today else None,
    )


def _months(day: date) -> int:
    """Months from that of the entry into force to that of a day."""
    return 12 * (day.year - OPSC_IN_FORCE.year) + day.month - OPSC_IN_FORCE.month
