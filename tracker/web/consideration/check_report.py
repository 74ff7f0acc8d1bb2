"""`/submissions/12/check/`: what a report covers of the guidelines, item by item, and the checklists of others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from tracker.consideration import marking
from tracker.consideration.coverage import CoverageOfReport, coverage_of, items_for, length_in_words
from tracker.consideration.marking import CheckRefused, MarkGiven
from tracker.consideration.models import (
    WHICH_COUNTS,
    CheckedItem,
    Checklist,
    GuidelineItem,
    Guidelines,
    Marked,
)
from tracker.obligations.models import Submission, Trust
from tracker.registry import limits
from tracker.rules.coverage import word_limit
from tracker.web.ui.addresses import WHOLE
from tracker.web.ui.as_of import day_of
from tracker.web.ui.conflicts import Conflict, compare, last_change, version_of
from tracker.web.ui.form_fields import PlainForm, WordCountField

MAY_SEE, MAY_MARK = "consideration.view_checklist", "consideration.change_checklist"
# The keys that set a mark: the number in the row, and a letter.
KEYS = tuple(zip(Marked, "1234", "cpan", strict=True))


class ChecklistForm(PlainForm):
    """The marks of all items, and the number of words.

    Attributes:
        conflict: a change of the checklist after the form was opened, for which the person has not chosen the version.
    """

    words = WordCountField(label=gettext_lazy("Words of the report"), required=False, min_value=1)

    def __init__(self, items: Sequence[GuidelineItem], checklist: Checklist | None, data: Any = None) -> None:
        marks = {one.item_id: one for one in checklist.marks.order_by("pk")} if checklist else {}
        stored: dict[str, Any] = {"words": checklist.words if checklist else None}
        for item in items:
            mark = marks.get(item.pk)
            for name in ("mark", "pages", "note"):
                stored[f"{name}_{item.pk}"] = getattr(mark, name, "")
        self.version = version_of(*([checklist] if checklist else []), *marks.values())
        super().__init__(data, initial=stored)
        self.items = items
        for item in items:
            self.fields |= _fields_of(item)
        self.conflict: Conflict | None = None
        if data is not None:
            self.conflict = compare(self, self.version, stored, lambda: _last_change(checklist))

    def clean(self) -> None:
        if self.conflict is not None:
            self.add_error(None, self.conflict.said)

    @property
    def given(self) -> dict[int, MarkGiven]:
        """What was marked, by the key of the item."""
        values = self.cleaned_data
        return {
            item.pk: MarkGiven(*(values[f"{name}_{item.pk}"] for name in ("mark", "pages", "note")))
            for item in self.items
        }

    @property
    def marked(self) -> int:
        """How many items have a mark in the form."""
        return sum(bool(self[f"mark_{item.pk}"].value()) for item in self.items)

    def sections(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """The items by section, each with what the form shows of it."""
        first = next((one for one in self.items if not self[f"mark_{one.pk}"].value()), None)
        rows: list[dict[str, Any]] = [
            {
                "item": item,
                "of_treaty": item.confidence == Trust.DOCUMENT,
                "first": item is first and not self.is_bound,
                **{name: self[f"{name}_{item.pk}"].value() or "" for name in ("mark", "pages", "note")},
                "errors": [
                    error
                    for name in ("mark", "pages", "note")
                    for error in self.errors.get(f"{name}_{item.pk}", ())
                ],
            }
            for item in self.items
        ]
        return [(section, list(of)) for section, of in groupby(rows, lambda row: row["item"].section)]


def _fields_of(item: GuidelineItem) -> dict[str, forms.Field]:
    about = {"code": item.code}
    return {
        f"mark_{item.pk}": forms.ChoiceField(
            label=_("%(code)s: mark") % about, choices=[("", "–"), *Marked.choices], required=False
        ),
        f"pages_{item.pk}": forms.CharField(
            label=_("%(code)s: pages") % about, max_length=marking.LONGEST_PAGES, required=False
        ),
        f"note_{item.pk}": forms.CharField(label=_("%(code)s: note") % about, required=False),
    }


def _last_change(checklist: Checklist | None) -> Any:
    """Who last changed a checklist or one of its marks, and when."""
    if checklist is None:
        return "", None
    newest = checklist.marks.model.history.filter(checklist_id=checklist.pk).order_by("-history_date").first()
    changes = [last_change(checklist)]
    if newest is not None:
        changes.append((str(newest.history_user or ""), newest.history_date))
    return max(changes, key=lambda change: str(change[1] or ""))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_SEE, raise_exception=True)
def check_report(request: HttpRequest, pk: int) -> HttpResponse:
    """The checklist of the person as a form, or a finished one; saves, finishes, reopens, deletes."""
    report = report_of(pk)
    if request.method != "POST":
        return _show(request, report)
    if not request.user.has_perm(MAY_MARK):
        raise PermissionDenied
    limits.check(request.user, {report.state_id})
    step = request.POST.get("step", "save")
    try:
        if step in ("reopen", "delete"):
            return _act(request, report, step)
        return _save(request, report, finish=step == "finish")
    except CheckRefused as error:
        messages.error(request, " ".join(error.messages))
        return redirect("check-report", pk)


def report_of(pk: int) -> Submission:
    """A report with its State."""
    return get_object_or_404(Submission.objects.select_related("state"), pk=pk)


def _act(request: HttpRequest, report: Submission, step: str) -> HttpResponse:
    key, today = request.POST.get("checklist", ""), timezone.localdate()
    with transaction.atomic():
        marking.lock(report)
        rows = report.checklists.in_use().select_related("submission", "guidelines", "by")
        checklist = get_object_or_404(rows, pk=key if WHOLE.fullmatch(key) else 0)
        if step == "reopen":
            marking.reopen(checklist, by=request.user, day=today)
            said = _("Reopened. It does not count until you finish it again.")
        else:
            marking.delete(checklist, by=request.user, day=today)
            said = _("The checklist is deleted.")
    messages.success(request, said)
    return redirect("check-report", report.pk)


def _save(request: HttpRequest, report: Submission, *, finish: bool) -> HttpResponse:
    today = timezone.localdate()
    with transaction.atomic():
        marking.lock(report)
        guidelines = marking.guidelines_for(report)
        mine = marking.checklist_of(report, request.user)
        form = ChecklistForm(items_for(report.kind, guidelines.pk), mine, request.POST)
        if not form.is_valid():
            return _show(request, report, form)
        try:
            with transaction.atomic():
                named = request.POST.get("guidelines", "")
                seen = next((one for one in Guidelines.objects.all() if one.document == named), None)
                mine = marking.begin(report, by=request.user, day=today, guidelines=seen)
                marking.save(mine, form.given, form.cleaned_data["words"], by=request.user)
        except CheckRefused as error:
            form.add_error(None, error)
            return _show(request, report, form)
    if not finish:
        said = ngettext(
            "Saved: %(n)d of %(of)d item marked.", "Saved: %(n)d of %(of)d items marked.", len(form.items)
        )
        messages.success(request, said % {"n": form.marked, "of": len(form.items)})
        return redirect("check-report", report.pk)
    marking.finish(mine, by=request.user, day=today)  # what is saved stays, also if this is refused
    messages.success(request, _("The checklist is finished and counts from today on."))
    return redirect("check-report", report.pk)


def _show(request: HttpRequest, report: Submission, form: ChecklistForm | None = None) -> HttpResponse:
    """The page.

    Args:
        form: as it was sent, if it was not saved.
    """
    user, day = request.user, day_of(request)
    may_mark = user.has_perm(MAY_MARK) and limits.may_change(user, {report.state_id})
    acts = may_mark and day >= timezone.localdate()
    every, finished = checklists_on(report, day)
    mine = next((one for one in every if one.by_id == user.pk and not one.agreed), None)
    agreed = bool(finished) and finished[0].agreed
    # Whoever is marking a report is not to see the marks of others before.
    blind = may_mark and mine is not None and mine not in finished and not agreed
    shown = None
    if not blind and form is None:
        chosen = [one for one in finished if str(one.pk) == request.GET.get("show")]
        usual = finished if agreed or not acts else [one for one in finished if one is mine]
        shown = next(iter([*chosen, *usual]), None)
    guidelines, problem = (shown.guidelines, "") if shown else _guidelines_of(report, mine)
    if form is None and shown is None and acts and guidelines is not None:
        form = ChecklistForm(items_for(report.kind, guidelines.pk), mine)
    sections, found = _read(report, shown, finished) if shown else ((), None)
    limit = word_limit(report.kind, report.received_on)
    context = {
        "report": report,
        "guidelines": guidelines,
        "problem": problem if may_mark else "",
        "form": form,
        "mine": mine,
        "finished": finished,
        "begun": [one for one in every if one not in finished and one is not mine],
        "blind": blind,
        "comparable": not blind and len(finished) - agreed > 1,
        "shown": shown,
        "sections": sections,
        "coverage": found,
        "limit": limit,
        "length": length_in_words(counted.words, limit) if (counted := shown or mine) else "",
        "longest": marking.LONGEST_PAGES,
        "acts": acts,
        "is_yours": acts and shown is not None and shown is mine and not agreed,
        "keys": KEYS,
    }
    return render(request, "web/consideration/check.html", context)


def checklists_on(report: Submission, day: date) -> tuple[list[Checklist], list[Checklist]]:
    """The checklists begun by a day, and those of them finished: the agreed one, then the first finished."""
    replaced_later = Q(replaced_on__gt=day, finished_on__lte=day)
    rows = report.checklists.filter(Q(replaced_on=None) | replaced_later, begun_on__lte=day)
    every = list(rows.select_related("by", "guidelines").order_by(*WHICH_COUNTS))
    for one in every:
        one.submission = report  # read already
    finished = [one for one in every if one.finished_on and one.finished_on <= day]
    # One that was reopened since is two rows, and was one.
    people = {one.by_id for one in finished if one.replaced_on and not one.agreed}
    return [one for one in every if one in finished or one.by_id not in people], finished


def _guidelines_of(report: Submission, mine: Checklist | None) -> tuple[Guidelines | None, str]:
    """The guidelines for the form, or why there is none."""
    try:
        guidelines = marking.guidelines_for(report)
        if mine is not None:
            marking.check_version(mine, guidelines)
    except CheckRefused as error:
        return None, " ".join(error.messages)
    return guidelines, ""


def _read(
    report: Submission, shown: Checklist, finished: Sequence[Checklist]
) -> tuple[list[tuple[str, list[dict[str, Any]]]], CoverageOfReport | None]:
    """The items by section with the marks of a finished checklist, and what counts if it is of the same version."""
    items = items_for(report.kind, shown.guidelines_id)
    marks: dict[int, dict[int, CheckedItem]] = defaultdict(dict)
    for one in CheckedItem.objects.filter(checklist__in=finished).order_by():
        marks[one.checklist_id][one.item_id] = one
    rows: list[dict[str, Any]] = [
        {"item": item, "of_treaty": item.confidence == Trust.DOCUMENT, "mark": marks[shown.pk].get(item.pk)}
        for item in items
    ]
    sections = [(section, list(of)) for section, of in groupby(rows, lambda row: row["item"].section)]
    if finished[0].guidelines_id != shown.guidelines_id:
        return sections, None
    words = {key: {item: one.mark for item, one in of.items()} for key, of in marks.items()}
    return sections, coverage_of(finished, items, words)
