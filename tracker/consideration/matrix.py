"""What reports cover, article by article: their marks summed up in columns of the Protocol."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tracker.consideration.models import CheckedItem, Checklist, Marked
from tracker.obligations.models import Submission
from tracker.rules.coverage import ItemMark, summed_up

GAPS = (Marked.ABSENT, Marked.PARTLY)
LAST_ARTICLE = 11  # of the Protocol that asks for something that a report can cover
_article = lazy(lambda number: gettext("Art. %(number)d") % {"number": number}, str)
PROCESS, DATA, GENERAL = "process", "data", "general"
COLUMNS: dict[str, Any] = {
    PROCESS: _("Process"),
    DATA: _("Data"),
    GENERAL: _("General measures"),
} | {f"article_{number}": _article(number) for number in range(1, LAST_ARTICLE + 1)}
# The sections of the guidelines whose items belong to no article.
_OF_SECTION = {"I": PROCESS, "II": DATA}


@dataclass(frozen=True)
class ArticleMark:
    """The marks of a report in one column.

    Attributes:
        mark: all of them summed up.
        covered, of: how many of the items that apply are covered.
    """

    mark: ItemMark
    covered: int
    of: int


@dataclass
class MarkedReport:
    """The marks of a checklist: by the codes of the items, and by column."""

    items: dict[str, str] = field(default_factory=dict)
    _columns: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, code: str, column: str, mark: str) -> None:
        self.items[code] = mark
        self._columns[column].append(mark)

    def at(self, column: str) -> ArticleMark | None:
        """The marks of a column; None if it has no item for this kind of report."""
        marks = self._columns.get(column, [])
        mark = summed_up(marks)
        return ArticleMark(mark, *_covered(marks)) if mark else None

    @property
    def covered(self) -> tuple[int, int]:
        """How many items are covered, and of how many that apply."""
        return _covered(list(self.items.values()))


def _covered(marks: Sequence[str]) -> tuple[int, int]:
    return marks.count(ItemMark.COVERED), len(marks) - marks.count(ItemMark.NOT_APPLICABLE)


def column_of(article: int | None, section: str) -> str:
    """The column of an item, by its article or its section of the guidelines."""
    if article is not None and article <= LAST_ARTICLE:
        return f"article_{article}"
    return _OF_SECTION.get(section.partition(" ")[0], GENERAL)


def marks_of(checklists: Iterable[int] | QuerySet[Any]) -> Mapping[int, MarkedReport]:
    """The marks of some checklists by their keys; one query."""
    found: dict[int, MarkedReport] = defaultdict(MarkedReport)
    rows = (
        CheckedItem.objects.applying()
        .filter(checklist__in=checklists)
        .order_by("checklist", "item__position", "item")
    )
    for checklist, code, article, section, mark in rows.values_list(
        "checklist", "item__code", "item__article", "item__section", "mark"
    ):
        found[checklist].add(code, column_of(article, section), mark)
    return found


def reports_checked(day: date) -> QuerySet[Any]:
    """The reports known on a day; of each the checklist that counted, if one did.

    Each row has `known`, `checklist` (its key), `checked_on`, and `gaps` (how many items are absent or partly covered);
    the last three are empty for a report that nobody had checked.
    """
    counting = Checklist.objects.counting(day)
    gaps = CheckedItem.objects.applying().filter(checklist=OuterRef("checklist"), mark__in=GAPS).order_by()
    number = gaps.values("checklist").annotate(n=Count("pk")).values("n")
    return (
        Submission.objects.known_on(day)
        .annotate(
            checklist=Subquery(counting.values("pk")),
            checked_on=Subquery(counting.values("finished_on")),
            withdrawn=Case(When(withdrawn_on__lte=day, then=F("withdrawn_on"))),
        )
        .annotate(gaps=Case(When(checklist__isnull=False, then=Coalesce(Subquery(number), 0))))
    )
