"""The shapes of a State's timeline: above the axis events, below it the reminders and the due dates.

Time runs in the direction of reading; the style sheet mirrors the picture for text from right to left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from unicodedata import east_asian_width

from django.utils.translation import gettext as _, ngettext

from tracker.languages.writing import in_words
from tracker.obligations.wording import labelled
from tracker.web.pictures.scale import Years
from tracker.web.states.timeline import Happened, ReminderDay, TimelineObligation

A_YEAR = 26  # pixels
LETTER = 6.9  # pixels: a little more than the mean width of a letter at 13 pixels
BOLD = 1.15  # as wide again are bold letters
FLAG, LANE = 19, 24  # height of a row above the axis, and of one below it
NOTICES = 20  # height of the row of reminders
SIDE, TOP, YEARS = 14, 24, 26  # room at the side, for the as-of day, and for the years under the axis
MARK = 5  # half the size of a mark


class Flag(NamedTuple):
    """An event: a dot on the axis, a stem, and a text at its top."""

    x: float
    y: float
    text: str
    title: str


class ReminderMark(NamedTuple):
    """Reminders of a day: a diamond under the years, filled once they are sent."""

    x: float
    notice: ReminderDay

    @property
    def title(self) -> str:
        """The tooltip."""
        return labelled(in_words(self.notice.day), self.notice.what)


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
    notices: list[ReminderMark]
    bars: list[Bar]
    years: Years
    day_x: float

    @property
    def ground(self) -> float:
        """Where the marks of the years end."""
        return self.axis + 5

    @property
    def notices_y(self) -> float:
        """The height of the reminders."""
        return self.axis + YEARS + NOTICES / 2

    @property
    def sent(self) -> str:
        """The text after the reminders."""
        return _sent([one.notice for one in self.notices])


def picture_of(
    happened: Sequence[Happened],
    owed: Sequence[TimelineObligation],
    day: date,
    notices: Sequence[ReminderDay] = (),
) -> Picture | None:
    """The picture of a State; None if there are no events and no obligations."""
    days = [one.day for one in (*happened, *notices)] + [one.on for one in owed]
    if not days:
        return None
    years = Years.around([*days, day], edge=SIDE, wide=A_YEAR)
    rows = _flag_rows([(years.at(one.day), _wide(one.what)) for one in happened])
    axis = TOP + (max(rows, default=-1) + 1) * FLAG + 6
    flags = [
        Flag(years.at(one.day), axis - 12 - row * FLAG, one.what, labelled(in_words(one.day), one.what))
        for one, row in zip(happened, rows, strict=True)
    ]
    spans = []
    for one in owed:
        end = years.at(one.until or one.on) + MARK + 6
        spans.append((years.at(one.on) - MARK, end + _wide(_said(one)) + 10))
    lanes, under = _lanes(spans), axis + YEARS + (NOTICES if notices else 0)
    bars = [_bar(one, under + lane * LANE + LANE / 2, years) for one, lane in zip(owed, lanes, strict=True)]
    marks = [ReminderMark(years.at(one.day), one) for one in notices]
    ends = [
        years.end,
        *(flag.x + _wide(flag.text) for flag in flags),
        *(end for _start, end in spans),
        *(mark.x + MARK + 6 + _wide(_sent(notices)) for mark in marks[-1:]),
        years.at(day) + _wide(in_words(day)) * BOLD,
    ]
    return Picture(
        round(max(ends)) + SIDE,
        round(under + (max(lanes, default=-1) + 1) * LANE + 6),
        axis,
        flags,
        marks,
        bars,
        years,
        years.at(day),
    )


def _sent(notices: Sequence[ReminderDay]) -> str:
    sent = sum(one.sent for one in notices)
    if not sent:
        return _("no reminder sent yet")
    return ngettext("reminders sent on %(n)d day", "reminders sent on %(n)d days", sent) % {"n": sent}


def _said(one: TimelineObligation) -> str:
    return labelled(one.what, one.says)


def _told(one: TimelineObligation) -> str:
    """The tooltip of a bar."""
    said = f"{_said(one)}, {one.waits}" if one.waits else _said(one)
    return labelled(one.on_in_words, said) if one.due else said


def _bar(one: TimelineObligation, y: float, years: Years) -> Bar:
    x, end = years.at(one.on), years.at(one.until or one.on)
    return Bar(x, y, round(end - x, 1), end, end + MARK + 6, _said(one), _told(one), one.css)


def _wide(text: str) -> float:
    """The approximate width of a text; rather too large, so that labels do not touch."""
    letters = sum(2 if east_asian_width(one) in "WF" else 1 for one in text)  # Chinese is twice as wide
    return letters * LETTER + 8


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
