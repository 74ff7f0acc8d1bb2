"""The timeline of a State: takes facts and rows, returns shapes for a picture and the same as a table.

Above the axis are events under the Protocol, below it due dates. Time runs in the direction of reading; the style
sheet mirrors the picture for text from right to left. Events of the Convention are left out: they would add ten empty
years, and are shown under the treaty actions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from tracker.obligations.models import CarriedBy, Precision, report_label
from tracker.obligations.wording import awaiting_in_words, badge_of, due_in_words, trust_in_words
from tracker.registry.models import TreatyAction
from tracker.rules.dates import MONTHS, in_words
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
class TimelineObligation:
    """An obligation as of a day.

    Attributes:
        on: the due date or, while there is none, the computed one; of a report under the CRC without a date, the
            day on which it came or, while it is open, the as-of day: nobody has set another.
        due: whether that day is a due date.
        until: where its bar ends: the receipt of a late report, the as-of day while it is overdue; else None.
        key: of the obligation, for a link to its row.
        year_only: the document prints a year alone.
        waits: since when the report awaits the Committee's review, in words.
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
            source = ", ".join(filter(None, (_("Depositary"), notified)))
            found.append(Happened(action.day, what, _in_doubt(source, joined.get(action, action))))
    for membership in periods:
        entry = membership.in_force
        found.append(Happened(entry.day, _("entry into force"), _in_doubt(entry.trail[-1].source, entry)))
        if membership.ends_on is not None:
            found.append(Happened(membership.ends_on, _("denunciation takes effect"), _("OPSC art. 15")))
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
        found.append(
            Happened(one.adopted_on, what, ", ".join(filter(None, (one.document, trust_in_words(one)))))
        )
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
            month = f"{_(MONTHS[one.reviewed_on.month - 1])} {one.reviewed_on.year}"
            details.append(_("only the month is known: %(month)s") % {"month": month})
        found.append(
            Happened(one.reviewed_on, _("%(what)s reviewed") % what, ", ".join(filter(None, details)))
        )
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
                awaiting_in_words(row.awaiting_since, row.received_on),
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


# --- shapes out ----------------------------------------------------------------------------------

A_YEAR = 26  # pixels
LETTER = 6.9  # pixels: a little more than the mean width of a letter at 13 pixels
BOLD = 1.15  # as wide again are bold letters
FLAG, LANE = 19, 24  # height of a row above the axis, and of one below it
SIDE, TOP, YEARS = 14, 24, 26  # room at the side, for the as-of day, and for the years under the axis
MARK = 5  # half the size of a mark


class Flag(NamedTuple):
    """An event: a dot on the axis, a stem, and a text at its top."""

    x: float
    y: float
    text: str
    title: str


class Bar(NamedTuple):
    """An obligation: a mark at its due date, a bar for the time that it was late, and a text after it.

    Attributes:
        at: the place of the mark: at the end of the bar if there is one.
    """

    x: float
    y: float
    wide: float
    at: float
    text_x: float
    text: str
    title: str
    css: str


@dataclass(frozen=True)
class Picture:
    """All shapes, in pixels from the corner of the picture."""

    wide: int
    high: int
    axis: float
    flags: list[Flag]
    bars: list[Bar]
    ticks: list[float]  # the first day of each year
    years: list[tuple[float, int]]  # where the year is written
    day_x: float

    @property
    def ground(self) -> float:
        """Where the marks of the years end."""
        return self.axis + 5

    @property
    def end(self) -> float:
        """Where the axis ends."""
        return self.ticks[-1]


def picture_of(happened: Sequence[Happened], owed: Sequence[TimelineObligation], day: date) -> Picture | None:
    """The picture of a State; None if there are no events and no obligations."""
    days = [one.day for one in happened] + [one.on for one in owed]
    if not days:
        return None
    first, last = min(*days, day).year, max(*days, day).year + 1
    start = date(first, 1, 1)

    def x_of(on: date) -> float:
        return round(SIDE + (on - start).days / 365.2425 * A_YEAR, 1)

    rows = _flag_rows([(x_of(one.day), _wide(one.what)) for one in happened])
    axis = TOP + (max(rows, default=-1) + 1) * FLAG + 6
    flags = [
        Flag(x_of(one.day), axis - 12 - row * FLAG, one.what, f"{in_words(one.day)}: {one.what}")
        for one, row in zip(happened, rows, strict=True)
    ]
    spans = []
    for one in owed:
        end = x_of(one.until or one.on) + MARK + 6
        spans.append((x_of(one.on) - MARK, end + _wide(_said(one)) + 10))
    lanes = _lanes(spans)
    bars = [
        _bar(one, axis + YEARS + lane * LANE + LANE / 2, x_of) for one, lane in zip(owed, lanes, strict=True)
    ]
    ends = [
        x_of(date(last, 1, 1)),
        *(flag.x + _wide(flag.text) for flag in flags),
        *(end for _start, end in spans),
        x_of(day) + _wide(in_words(day)) * BOLD,
    ]
    return Picture(
        round(max(ends)) + SIDE,
        round(axis + YEARS + (max(lanes, default=-1) + 1) * LANE + 6),
        axis,
        flags,
        bars,
        [x_of(date(year, 1, 1)) for year in range(first, last + 1)],
        [(x_of(date(year, 1, 1)), year) for year in range(first, last + 1) if year % 5 == 0],
        x_of(day),
    )


def _said(one: TimelineObligation) -> str:
    return f"{one.what}: {one.says}"


def _told(one: TimelineObligation) -> str:
    """The tooltip of a bar."""
    said = f"{_said(one)}, {one.waits}" if one.waits else _said(one)
    return f"{one.on_in_words}: {said}" if one.due else said


def _bar(one: TimelineObligation, y: float, x_of: Any) -> Bar:
    x, end = x_of(one.on), x_of(one.until or one.on)
    return Bar(x, y, round(end - x, 1), end, end + MARK + 6, _said(one), _told(one), one.css)


def _wide(text: str) -> float:
    """The approximate width of a text; rather too large, so that labels do not touch."""
    return len(text) * LETTER + 8


def _flag_rows(flags: Sequence[tuple[float, float]]) -> list[int]:
    """For each flag (its stem, its width; in the order of the stems) a row, 0 next to the axis.

    A flag stands above all whose stems come up under its words: then no words overlap, and no stem crosses any.
    """
    rows: list[int] = []
    for at in range(len(flags) - 1, -1, -1):
        stem, wide = flags[at]
        under = [row for (other, _), row in zip(flags[at + 1 :], rows, strict=True) if other < stem + wide]
        rows.insert(0, max(under, default=-1) + 1)
    return rows


def _lanes(spans: Sequence[tuple[float, float]]) -> list[int]:
    """For each span (in the order of their beginnings) the first lane that is free by then."""
    free: list[float] = []
    lanes = []
    for start, end in spans:
        lane = next((lane for lane, since in enumerate(free) if since <= start), len(free))
        if lane == len(free):
            free.append(end)
        else:
            free[lane] = end
        lanes.append(lane)
    return lanes


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
