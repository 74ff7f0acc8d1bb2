"""Checklists: marks saved, finished, reopened, agreed on. The one door for them; their history says who did what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, ngettext
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from tracker.consideration.coverage import items_for
from tracker.consideration.models import CheckedItem, Checklist, GuidelineItem, Guidelines
from tracker.languages.writing import in_words, with_commas
from tracker.obligations.actions import sign
from tracker.obligations.models import Submission
from tracker.registry import limits
from tracker.rules.entry_into_force import TreatyCode

LONGEST_PAGES: int = CheckedItem._meta.get_field("pages").max_length or 0


class CheckRefused(ValidationError):
    """A step of a checklist that is not possible now; the message says why and what to do. Nothing is saved."""


@dataclass(frozen=True)
class MarkGiven:
    """What a person found of an item; an empty mark takes the mark away."""

    mark: str
    pages: str = ""
    note: str = ""


def lock(report: Submission) -> None:
    """Lets nobody else change the checklists of a report until the transaction ends."""
    list(Submission.objects.select_for_update().filter(pk=report.pk).values_list("pk"))


def guidelines_for(report: Submission) -> Guidelines:
    """The version that was in force when a report was received or, if that is not known, reviewed.

    Raises:
        CheckRefused: none is recorded.
    """
    day = report.known_on()
    found = Guidelines.objects.in_force(TreatyCode.OPSC, day)
    if found is None:
        raise CheckRefused(
            _(
                "No guidelines are recorded that were in force on %(day)s, so this report cannot be checked. An "
                "Administrator can add the version of that day to the guidelines."
            )
            % {"day": in_words(day)}
        )
    return found


def checklist_of(report: Submission, by: Any) -> Checklist | None:
    """The own checklist of a person for a report; None if it has not been begun."""
    return Checklist.objects.in_use().filter(submission=report, by=by, agreed=False).first()


def begin(report: Submission, *, by: Any, day: date, guidelines: Guidelines | None = None) -> Checklist:
    """The own checklist of a person, begun if it was not. Call it within a transaction, after `lock`.

    Args:
        guidelines: the version that the person sees; None for the one in force at the receipt.

    Raises:
        CheckRefused: no version was in force at the receipt, or another one.
        NotOnDesk: the State is not on the person's desk.
    """
    limits.check(by, {report.state_id})
    version = guidelines_for(report)
    checklist = checklist_of(report, by) or Checklist(
        submission=report, guidelines=guidelines or version, by=by, begun_on=day
    )
    check_version(checklist, version)
    if checklist._state.adding:
        _refuse_if_agreed(report)
        sign(checklist, by, "")
        checklist.save()
    return checklist


def save(checklist: Checklist, given: Mapping[int, MarkGiven], words: int | None, *, by: Any) -> None:
    """Saves the marks of a checklist by the keys of their items; those not named stay as they are.

    Call it within a transaction, after `lock`. The number of queries is constant if no mark is taken away.

    Raises:
        CheckRefused: it is finished, somebody else's, or of another version of the guidelines than the items.
        NotOnDesk: the State is not on the person's desk.
    """
    _check_own(checklist, by)
    if checklist.finished_on:
        raise CheckRefused(_("This checklist is finished. Reopen it to change marks."))
    codes = {one.pk: one.code for one in items_for(checklist.submission.kind, checklist.guidelines_id)}
    if given.keys() - codes.keys():
        raise CheckRefused(
            _("An item is not part of %(guidelines)s. Open the checklist again.")
            % {"guidelines": checklist.guidelines}
        )
    if bare := [codes[key] for key, one in given.items() if not one.mark and (one.pages or one.note)]:
        raise CheckRefused(
            _("Choose a mark for each item with pages or a note: %(codes)s.") % {"codes": with_commas(bare)}
        )
    if checklist.words != words:
        checklist.words = words
        sign(checklist, by, "")
        checklist.save()
    _write(checklist, given, by)


def finish(checklist: Checklist, *, by: Any, day: date) -> None:
    """Finishes a checklist: from this day on it counts.

    Raises:
        CheckRefused: an item has no mark, or it is somebody else's.
        NotOnDesk: the State is not on the person's desk.
    """
    _check_own(checklist, by)
    _refuse_if_agreed(checklist.submission)
    marked = set(checklist.marks.exclude(mark="").values_list("item", flat=True))
    items = items_for(checklist.submission.kind, checklist.guidelines_id)
    if left := [one.code for one in items if one.pk not in marked]:
        raise CheckRefused(
            ngettext(
                "Saved, but not finished: %(n)d item has no mark: %(codes)s.",
                "Saved, but not finished: %(n)d items have no mark: %(codes)s.",
                len(left),
            )
            % {"n": len(left), "codes": with_commas(left)}
        )
    checklist.finished_on = day
    sign(checklist, by, "")
    checklist.save()


def reopen(checklist: Checklist, *, by: Any, day: date) -> None:
    """Reopens a finished checklist; until it is finished again it does not count. On earlier days it still does.

    Raises:
        CheckRefused: it is somebody else's, or people have agreed on it.
        NotOnDesk: the State is not on the person's desk.
    """
    _check_own(checklist, by)
    _refuse_if_agreed(checklist.submission)
    if checklist.finished_on is not None and checklist.finished_on < day:
        _keep_as_replaced(checklist, by, day)
    checklist.finished_on = None
    sign(checklist, by, "")
    checklist.save()


def _keep_as_replaced(checklist: Checklist, by: Any, day: date) -> None:
    """Stores a finished checklist with its marks for the days before a day."""
    marks = list(checklist.marks.all())
    kept = Checklist.objects.get(pk=checklist.pk)
    kept.pk, kept._state.adding, kept.replaced_on = None, True, day
    sign(kept, by, "")
    kept.save()
    for mark in marks:
        mark.pk, mark.checklist = None, kept
    bulk_create_with_history(marks, CheckedItem, default_user=by)


def delete(checklist: Checklist, *, by: Any, day: date) -> None:
    """Deletes a checklist with its marks; the history keeps them. One may delete the agreed one, one's own, and
    that of a former user.

    The agreed one still counts on the days before. With the last checklist of a report go those that were replaced.

    Raises:
        CheckRefused: it is somebody else's, or people have agreed on it.
        NotOnDesk: the State is not on the person's desk.
    """
    limits.check(by, {checklist.submission.state_id})
    if not checklist.agreed:
        _refuse_if_agreed(checklist.submission)
        if checklist.by_id is not None:  # nobody else could delete that of a former user
            _check_person(checklist, by)
    report = checklist.submission
    if checklist.agreed and checklist.finished_on is not None and checklist.finished_on < day:
        checklist.replaced_on = day
        sign(checklist, by, "")
        checklist.save()
    else:
        _delete(checklist, by)
    if not report.checklists.in_use().exists():
        for replaced in report.checklists.all():
            _delete(replaced, by)


def _delete(checklist: Checklist, by: Any) -> None:
    for one in (*checklist.marks.all(), checklist):
        sign(one, by, "")
        one.delete()


# --- two people ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ComparedItem:
    """An item as some people marked it, in the order of their checklists; None if one has no mark."""

    item: GuidelineItem
    marks: tuple[CheckedItem | None, ...]

    @property
    def differs(self) -> bool:
        """Whether their marks differ."""
        return len({one.mark if one else "" for one in self.marks}) > 1


def finished_of(report: Submission) -> list[Checklist]:
    """The finished checklists of single people, the first finished first."""
    rows = report.checklists.in_use().filter(agreed=False, finished_on__isnull=False)
    return list(rows.select_related("by", "guidelines").order_by("finished_on", "pk"))


def compared(checklists: Sequence[Checklist]) -> list[ComparedItem]:
    """Each item that applies, as it is marked in some checklists of one report and one version. Two queries."""
    rows = CheckedItem.objects.filter(checklist__in=checklists).order_by()
    marks = {(one.checklist_id, one.item_id): one for one in rows}
    return [
        ComparedItem(item, tuple(marks.get((one.pk, item.pk)) for one in checklists))
        for first in checklists[:1]
        for item in items_for(first.submission.kind, first.guidelines_id)
    ]


def agree(
    report: Submission, chosen: Mapping[int, int], words: int | None, *, by: Any, day: date
) -> Checklist:
    """Saves what two people settled on. Call it within a transaction, after `lock`.

    Where their marks are the same, their pages and notes are put together.

    Args:
        chosen: the key of the checklist that is right, for each item in which they differ.

    Raises:
        CheckRefused: there are not two finished ones of the version in force, there is an agreed one already, or an
            item is not settled.
        NotOnDesk: the State is not on the person's desk.
    """
    limits.check(by, {report.state_id})
    _refuse_if_agreed(report)
    finished = finished_of(report)
    if len(finished) < 2:
        raise CheckRefused(_("Two people have to finish their checklists before they can agree on one."))
    version = guidelines_for(report)
    for one in finished:
        check_version(one, version)
    rows = compared(finished)
    places = {one.pk: at for at, one in enumerate(finished)}
    if open_ := [one.item.code for one in rows if one.differs and chosen.get(one.item.pk) not in places]:
        raise CheckRefused(
            _("Choose one of the marks for each of these items: %(codes)s.") % {"codes": with_commas(open_)}
        )
    agreed = Checklist(
        submission=report,
        guidelines=version,
        by=by,
        agreed=True,
        words=words,
        begun_on=day,
        finished_on=day,
    )
    sign(agreed, by, "")
    agreed.save()
    settled: dict[int, MarkGiven] = {}
    for row in rows:
        marks = [row.marks[places[chosen[row.item.pk]]]] if row.differs else row.marks
        found = [one for one in marks if one is not None]
        if found:
            settled[row.item.pk] = _together(found)
    _write(agreed, settled, by)
    return agreed


def _together(marks: Sequence[CheckedItem]) -> MarkGiven:
    pages = with_commas(dict.fromkeys(one.pages for one in marks))
    if len(pages) > LONGEST_PAGES:
        pages = max((one.pages for one in marks), key=len)
    return MarkGiven(
        marks[0].mark, pages, "\n".join(dict.fromkeys(filter(None, (one.note for one in marks))))
    )


# --- the parts ---------------------------------------------------------------------------------------------


def _write(checklist: Checklist, given: Mapping[int, MarkGiven], by: Any) -> None:
    """Stores the marks that differ from the stored ones."""
    stored = {one.item_id: one for one in checklist.marks.all()}
    new: list[CheckedItem] = []
    changed: list[CheckedItem] = []
    for key, one in given.items():
        mark = stored.get(key)
        if mark is None and one.mark:
            new.append(
                CheckedItem(checklist=checklist, item_id=key, mark=one.mark, pages=one.pages, note=one.note)
            )
        elif mark is not None and not one.mark:
            sign(mark, by, "")
            mark.delete()
        elif mark is not None and (mark.mark, mark.pages, mark.note) != (one.mark, one.pages, one.note):
            mark.mark, mark.pages, mark.note = one.mark, one.pages, one.note
            changed.append(mark)
    _check_valid((*new, *changed))
    if new:
        bulk_create_with_history(new, CheckedItem, default_user=by)
    if changed:
        bulk_update_with_history(changed, CheckedItem, ["mark", "pages", "note"], default_user=by)


def _check_valid(marks: Iterable[CheckedItem]) -> None:
    for one in marks:
        one.clean_fields(exclude=("checklist", "item"))  # these two were read from the database


def _check_own(checklist: Checklist, by: Any) -> None:
    _check_person(checklist, by)
    check_version(checklist, guidelines_for(checklist.submission))


def _check_person(checklist: Checklist, by: Any) -> None:
    limits.check(by, {checklist.submission.state_id})
    if checklist.agreed or checklist.by_id != by.pk:
        raise CheckRefused(_("This is the checklist of another person. Mark your own, then compare the two."))


def check_version(checklist: Checklist, version: Guidelines) -> None:
    """Refuses a checklist of another version of the guidelines than the one that counts for its report.

    Raises:
        CheckRefused: it is of another version.
    """
    if checklist.guidelines_id != version.pk:
        raise CheckRefused(
            _(
                "This checklist is of %(seen)s, but %(version)s was in force when the report was received. Begin again "
                "with that version."
            )
            % {"seen": checklist.guidelines, "version": version}
        )


def _refuse_if_agreed(report: Submission) -> None:
    if report.checklists.in_use().filter(agreed=True).exists():
        raise CheckRefused(
            _("An agreed checklist counts for this report. Delete that one to change what it was made of.")
        )
