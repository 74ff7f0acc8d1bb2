"""Checklists, so that a test shows what it is about. Guidelines are those that the program ships."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tests.factories import day
from tracker.consideration.coverage import items_for
from tracker.consideration.models import CheckedItem, Checklist, Guidelines
from tracker.obligations.models import Submission


def the_guidelines() -> Guidelines:
    """CRC/C/OPSC/2, with its 40 items."""
    return Guidelines.objects.get(document="CRC/C/OPSC/2")


def checks(
    report: Submission,
    by: Any = None,
    *,
    finished: str | None = "2026-03-02",
    absent: Collection[str] = (),
    partly: Collection[str] = (),
    not_applicable: Collection[str] = (),
    unmarked: Collection[str] = (),
    **fields: Any,
) -> Checklist:
    """A checklist in which all items are covered that are not named by their codes."""
    guidelines = the_guidelines()
    checklist = Checklist.objects.create(
        submission=report,
        guidelines=guidelines,
        by=by,
        begun_on=day("2026-03-01"),
        finished_on=day(finished) if finished else None,
        **fields,
    )
    other = dict.fromkeys(absent, "absent") | dict.fromkeys(partly, "partly")
    other |= dict.fromkeys(not_applicable, "not applicable")
    CheckedItem.objects.bulk_create(
        CheckedItem(checklist=checklist, item=item, mark=other.get(item.code, "covered"))
        for item in items_for(report.kind, guidelines.pk)
        if item.code not in unmarked
    )
    return checklist
