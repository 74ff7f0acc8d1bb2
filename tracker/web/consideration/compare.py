"""`/submissions/12/compare/`: the finished checklists of a report side by side, and settling where they differ."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tracker.consideration import marking
from tracker.consideration.coverage import length_in_words
from tracker.consideration.marking import CheckRefused, ComparedItem
from tracker.consideration.models import Checklist
from tracker.obligations.models import Submission
from tracker.registry import limits
from tracker.rules.coverage import word_limit
from tracker.web.consideration.check_report import MAY_MARK, MAY_SEE, checklists_on, report_of
from tracker.web.ui.addresses import WHOLE
from tracker.web.ui.as_of import day_of
from tracker.web.ui.conflicts import VERSION, version_of

TWO = 2
CHOICE = re.compile(rf"item_{WHOLE.pattern}")  # the names of the fields


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_SEE, raise_exception=True)
def compare_checklists(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows the items in which they differ, or all of them; saves the agreed checklist."""
    report = report_of(pk)
    if request.method == "POST":
        if not request.user.has_perm(MAY_MARK):
            raise PermissionDenied
        limits.check(request.user, {report.state_id})
        return _agree(request, report)
    return _show(request, report)


def _agree(request: HttpRequest, report: Submission) -> HttpResponse:
    chosen = {
        int(name.removeprefix("item_")): int(str(key))
        for name, key in request.POST.dict().items()
        if CHOICE.fullmatch(name) and WHOLE.fullmatch(str(key))
    }
    with transaction.atomic():
        marking.lock(report)
        finished = marking.finished_of(report)
        if request.POST.get(VERSION) != _version(finished, marking.compared(finished)):
            problem = _("Not saved: a checklist has changed since you opened this page. Compare them again.")
            return _show(request, report, problem, chosen)
        try:
            marking.agree(
                report, chosen, _words_of(request, finished), by=request.user, day=timezone.localdate()
            )
        except CheckRefused as error:
            return _show(request, report, " ".join(error.messages), chosen)
    messages.success(request, _("The agreed checklist is saved. It counts from today on."))
    return redirect("check-report", report.pk)


def _words_of(request: HttpRequest, finished: list[Checklist]) -> int | None:
    """The number of words as chosen; the only one, if the others did not count."""
    chosen = [one.words for one in finished if str(one.pk) == request.POST.get("words")]
    return next(iter([*chosen, *(one.words for one in finished if one.words)]), None)


def _version(checklists: list[Checklist], rows: list[ComparedItem]) -> str:
    return version_of(*checklists, *(mark for row in rows for mark in row.marks if mark))


def _show(
    request: HttpRequest, report: Submission, problem: str = "", chosen: dict[int, int] | None = None
) -> HttpResponse:
    """The page.

    Args:
        problem: why nothing was saved.
        chosen: the checklists chosen in the form, by item.
    """
    user, day = request.user, day_of(request)
    may_mark = user.has_perm(MAY_MARK) and limits.may_change(user, {report.state_id})
    every, known = checklists_on(report, day)
    finished = [one for one in known if not one.agreed]
    agreed = len(known) > len(finished)
    if may_mark and not agreed and any(one.by_id == user.pk and one not in known for one in every):
        messages.warning(
            request, _("Finish your own checklist first, so that each of you marks the report apart.")
        )
        return redirect("check-report", report.pk)
    comparable = len({one.guidelines_id for one in finished}) == 1 and len(finished) >= TWO
    rows = marking.compared(finished) if comparable else []
    whole = request.GET.get("items") == "all"
    limit = word_limit(report.kind, report.received_on)
    context: dict[str, Any] = {
        "report": report,
        "problem": problem,
        "checklists": finished,
        "comparable": comparable,
        "rows": [
            (row, (chosen or {}).get(row.item.pk), zip(finished, row.marks, strict=True))
            for row in rows
            if whole or row.differs
        ],
        "differing": sum(row.differs for row in rows),
        "of": len(rows),
        "every": whole,
        "lengths": [(one, length_in_words(one.words, limit)) for one in finished]
        if len({one.words for one in finished}) > 1
        else [],
        "version": _version(finished, rows),
        "agreed": agreed,
        "acts": may_mark and day >= timezone.localdate() and comparable and not agreed,
    }
    return render(request, "web/consideration/compare.html", context)
