"""What a report covers of the guidelines, and how long it may be. Pure: from marks and a day alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.rules.facts import ReportKind


class ItemMark(StrEnum):
    """Whether a report covers an item of the guidelines."""

    COVERED = "covered"
    PARTLY = "partly"
    ABSENT = "absent"
    NOT_APPLICABLE = "not applicable"


# General Assembly resolution 68/268 of 9 April 2014, para. 16: the most words of a document of a State.
WORDS_LIMITED_FROM = date(2014, 4, 9)
WORD_LIMITS = {ReportKind.INITIAL: 31_800, ReportKind.PERIODIC: 21_200, ReportKind.INFORMATION: 10_700}
MOST_WORDS = 9_999_999  # more is a slip of the keyboard


def word_limit(kind: str, received_on: date | None) -> int | None:
    """The most words of a report or reply received on a day; None before the limit was set, or without a day."""
    if received_on is None or received_on < WORDS_LIMITED_FROM:
        return None
    return WORD_LIMITS[ReportKind(kind)]


@dataclass(frozen=True)
class Coverage:
    """How much of the guidelines a report covers.

    Attributes:
        covered, partly, absent: codes of the items with this mark, in their order.
        not_applicable: codes of items that do not apply to the State; they are not counted.
        unmarked: codes without a mark.
    """

    covered: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    unmarked: tuple[str, ...] = ()

    @property
    def of(self) -> int:
        """The number of items that apply."""
        return len(self.covered) + len(self.partly) + len(self.absent) + len(self.unmarked)

    @property
    def gaps(self) -> tuple[str, ...]:
        """The codes of items absent or covered in part, absent ones first."""
        return self.absent + self.partly


def coverage(marks: Iterable[tuple[str, str]]) -> Coverage:
    """Counts marks.

    Args:
        marks: code of each item in order, and its mark; an empty mark if it has none.
    """
    found: dict[str, list[str]] = {mark: [] for mark in ("", *ItemMark)}
    for code, mark in marks:
        found[mark].append(code)
    return Coverage(
        tuple(found[ItemMark.COVERED]),
        tuple(found[ItemMark.PARTLY]),
        tuple(found[ItemMark.ABSENT]),
        tuple(found[ItemMark.NOT_APPLICABLE]),
        tuple(found[""]),
    )


def summed_up(marks: Iterable[str]) -> ItemMark | None:
    """One mark for several items, such as those of an article; None if it is not known, or there are none.

    Items that do not apply are not counted. The others are covered or absent if each of them is; else partly covered.
    If an item has no mark, nobody knows whether the others are all: with a gap they are partly covered.
    """
    found = set(marks)
    applying = found - {ItemMark.NOT_APPLICABLE}
    if not applying:
        return ItemMark.NOT_APPLICABLE if found else None
    if "" in applying and applying <= {"", ItemMark.COVERED}:
        return None
    return ItemMark(applying.pop()) if len(applying) == 1 else ItemMark.PARTLY
