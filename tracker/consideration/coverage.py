"""What reports cover of the guidelines, as known on a day: the checklist that counts, and its words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _, ngettext

from tracker.consideration.models import WHICH_COUNTS, AppliesTo, CheckedItem, Checklist, GuidelineItem
from tracker.languages.writing import number, with_commas, with_semicolons
from tracker.rules.coverage import Coverage, coverage, word_limit

NAMED = 6  # codes of items listed in a line; the others are counted


@dataclass(frozen=True)
class CoverageOfReport:
    """What a report covers, by the checklist that counts.

    Attributes:
        checklist: its key.
        words: as counted; None if nobody has counted them.
        limit: the most words of such a report; None before there was a limit.
        differing: in how many items the finished checklists of two people differ; 0 once they have agreed.
    """

    checklist: int
    coverage: Coverage
    words: int | None
    limit: int | None
    checked_on: date
    differing: int

    def in_words(self, named: int | None = NAMED) -> str:
        """31 of 40 items covered; missing A4, A9.4; partly covered D1.

        Args:
            named: how many codes are listed at most, the others are counted; None for all.
        """
        found = self.coverage
        of = ngettext("%(n)d of %(of)d item covered", "%(n)d of %(of)d items covered", found.of)
        missing, partly, unmarked = (
            _listed(codes, named) for codes in (found.absent, found.partly, found.unmarked)
        )
        return with_semicolons(
            [
                of % {"n": len(found.covered), "of": found.of},
                missing and _("missing %(codes)s") % {"codes": missing},
                partly and _("partly covered %(codes)s") % {"codes": partly},
                unmarked and _("not checked %(codes)s") % {"codes": unmarked},
            ]
        )

    def length_in_words(self) -> str:
        """As `length_in_words`."""
        return length_in_words(self.words, self.limit)

    def differing_in_words(self) -> str:
        """Two checklists differ in 4 items. Empty if they do not."""
        if not self.differing:
            return ""
        said = ngettext(
            "Two checklists differ in %(n)d item.", "Two checklists differ in %(n)d items.", self.differing
        )
        return said % {"n": self.differing}


def length_in_words(words: int | None, limit: int | None) -> str:
    """9,800 of 10,700 words; 34,200 words, 2,400 above the limit. Empty if nobody has counted them."""
    if words is None:
        return ""
    if limit is None:
        said = ngettext("%(words)s word", "%(words)s words", words)
        return said % {"words": number(words)}
    if words <= limit:
        said = ngettext("%(words)s of %(limit)s word", "%(words)s of %(limit)s words", limit)
        return said % {"words": number(words), "limit": number(limit)}
    said = ngettext(
        "%(words)s word, %(more)s above the limit", "%(words)s words, %(more)s above the limit", words
    )
    return said % {"words": number(words), "more": number(words - limit)}


def coverages_of(submissions: Iterable[int], day: date) -> dict[int, CoverageOfReport]:
    """What some reports cover, by their keys, as known on a day; a report that nobody has checked is left out.

    The agreed checklist counts; without one, the first that was finished. Three queries, for any number of reports.
    """
    finished: dict[int, list[Any]] = defaultdict(list)
    rows = Checklist.objects.finished_by(day).filter(submission__in=submissions)
    for one in rows.select_related("submission").order_by(*WHICH_COUNTS):
        finished[one.submission_id].append(one)
    known = [one for several in finished.values() for one in several]
    items = items_of({one.guidelines_id for one in known})
    marks = _marks_of([one.pk for one in known])
    return {
        report: coverage_of(several, items[several[0].guidelines_id], marks)
        for report, several in finished.items()
    }


def items_for(kind: str, guidelines: int) -> list[GuidelineItem]:
    """The items of a version that apply to a kind of report, in their order."""
    return list(
        GuidelineItem.objects.filter(guidelines=guidelines, applies_to__in=(AppliesTo.ALL, kind)).order_by(
            "position", "pk"
        )
    )


def items_of(guidelines: set[int]) -> dict[int, list[Any]]:
    """The items of some versions of the guidelines, in their order; one query."""
    items: dict[int, list[Any]] = defaultdict(list)
    rows = GuidelineItem.objects.filter(guidelines__in=guidelines).order_by("position", "pk")
    columns = ("guidelines", "pk", "code", "applies_to", "article", "section")
    for one in rows.values_list(*columns, named=True):
        items[one.guidelines].append(one)
    return items


def applying(items: Iterable[Any], kind: str) -> list[Any]:
    """Those of some items that apply to a kind of report."""
    return [one for one in items if one.applies_to in (AppliesTo.ALL, kind)]


def _marks_of(checklists: list[int]) -> dict[int, dict[int, str]]:
    """The marks by item, of each checklist."""
    marks: dict[int, dict[int, str]] = defaultdict(dict)
    rows = CheckedItem.objects.filter(checklist__in=checklists)
    for checklist, item, mark in rows.order_by().values_list("checklist", "item", "mark"):
        marks[checklist][item] = mark
    return marks


def coverage_of(
    checklists: Sequence[Any], items: Sequence[Any], marks: Mapping[int, Mapping[int, str]]
) -> CoverageOfReport:
    """What one report covers.

    Args:
        checklists: its finished ones; the first counts.
        items: those of the guidelines of that one, in their order.
        marks: by item, of each checklist.
    """
    counts = checklists[0]
    report = counts.submission
    counted = applying(items, report.kind)
    same = [one for one in checklists if one.guidelines_id == counts.guidelines_id]
    compared = () if counts.agreed else [marks.get(one.pk, {}) for one in same]
    return CoverageOfReport(
        checklist=counts.pk,
        coverage=coverage((one.code, marks.get(counts.pk, {}).get(one.pk, "")) for one in counted),
        words=counts.words,
        limit=word_limit(report.kind, report.received_on),
        checked_on=counts.finished_on,
        differing=sum(len({one.get(item.pk) for one in compared}) > 1 for item in counted),
    )


def _listed(codes: Sequence[str], named: int | None) -> str:
    """Codes with commas; those beyond the number named are counted."""
    if named is None or len(codes) <= named + 1:
        return with_commas(codes)
    more = len(codes) - named
    said = ngettext("%(codes)s and %(n)d other", "%(codes)s and %(n)d others", more)
    return said % {"codes": with_commas(codes[:named]), "n": more}
