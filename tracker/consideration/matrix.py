"""What reports cover, article by article: their marks summed up in columns of the Protocol."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.functional import lazy
from django.utils.translation import gettext, gettext_lazy as _

from tracker.consideration.coverage import applying, items_of
from tracker.consideration.models import CheckedItem, Checklist, Marked
from tracker.obligations.models import Submission
from tracker.rules.coverage import ItemMark, coverage, summed_up

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
        mark: all of them summed up; None if that is not known, because an item has no mark.
        covered, of: how many of the items that apply are covered.
    """

    mark: ItemMark | None
    covered: int
    of: int


@dataclass
class MarkedReport:
    """The marks of a checklist by the codes of the items, and by column; of an item without a mark an empty one."""

    items: dict[str, str] = field(default_factory=dict)
    _columns: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, code: str, column: str, mark: str) -> None:
        self.items[code] = mark
        self._columns[column].append(mark)

    def at(self, column: str) -> ArticleMark | None:
        """The marks of a column; None if it has no item for this kind of report."""
        marks = self._columns.get(column)
        if marks is None:
            return None
        found = coverage((column, mark) for mark in marks)
        return ArticleMark(summed_up(marks), len(found.covered), found.of)

    @property
    def covered(self) -> tuple[int, int]:
        """How many items are covered, and of how many that apply."""
        found = coverage(self.items.items())
        return len(found.covered), found.of


def column_of(article: int | None, section: str) -> str:
    """The column of an item, by its article or its section of the guidelines."""
    if article is not None and article <= LAST_ARTICLE:
        return f"article_{article}"
    return _OF_SECTION.get(section.partition(" ")[0], GENERAL)


def marks_of(checklists: Iterable[int] | QuerySet[Any]) -> Mapping[int, MarkedReport]:
    """The marks of some checklists by their keys; two queries."""
    marks: dict[int, dict[int | None, str]] = defaultdict(dict)
    versions: dict[int, tuple[int, str]] = {}
    rows = Checklist.objects.filter(pk__in=checklists).order_by("pk")
    for key, guidelines, kind, item, mark in rows.values_list(
        "pk", "guidelines", "submission__kind", "marks__item", "marks__mark"
    ):
        versions[key] = guidelines, kind
        marks[key][item] = mark
    items = items_of({guidelines for guidelines, _kind in versions.values()})
    found: dict[int, MarkedReport] = defaultdict(MarkedReport)
    for key, (guidelines, kind) in versions.items():
        for item in applying(items[guidelines], kind):
            found[key].add(item.code, column_of(item.article, item.section), marks[key].get(item.pk, ""))
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
