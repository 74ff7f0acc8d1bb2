"""`/correspondence/runs/`: papers to many States at once, the progress of each run, and acts on its papers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from tracker.changes.desk_guard import is_yours
from tracker.correspondence import runs
from tracker.correspondence.models import GONE, UNDISPATCHED, Paper, PaperRun, PaperStatus
from tracker.registry import limits
from tracker.reminders.text.language import in_words
from tracker.web.correspondence.acts import DISPATCH, INITIAL, MAY_DISPATCH, mark_of
from tracker.web.correspondence.many import MOST_AT_ONCE
from tracker.web.correspondence.new_run import MAY_BEGIN, states_named

ON_A_PAGE = 100
INITIALLED_AT_ONCE = 50  # a PDF is made of each: some seconds
SECONDS = 2  # between two looks at a run that is being drafted
MAY_READ = "correspondence.view_paperrun"
MAY_STOP = "correspondence.change_paperrun"


@require_safe
@permission_required(MAY_READ, raise_exception=True)
def run_list(request: HttpRequest) -> HttpResponse:
    """All runs, newest first."""
    rows = PaperRun.objects.annotate(
        entered=Count("papers"), gone=Count("papers", filter=Q(papers__status__in=GONE))
    ).order_by("-pk")
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "web/correspondence/run_list.html",
        {
            "page": page,
            "rows": [{"run": run, "status": status_of(run)} for run in page],
            "may_begin": request.user.has_perm(MAY_BEGIN),
        },
    )


def status_of(run: PaperRun) -> str:
    """How far a run has come, in a word or two."""
    if run.finished_at is not None:
        return _("all drafted")
    return _("stopped") if run.stopped else _("being drafted")


@require_safe
@permission_required(MAY_READ, raise_exception=True)
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A run: its progress, then its papers, and what can be done with all of them."""
    run = get_object_or_404(PaperRun, pk=pk)
    at_work = run.finished_at is None and not run.stopped
    counts = _counts(run)
    entered = sum(number for _code, _words, number in counts)
    done, of = (entered, entered) if run.finished_at is not None else runs.progress(run)
    rows = (
        Paper.objects.filter(run=run)
        .select_related("state")
        .defer("content", "summary")
        .order_by("number", "pk")
    )
    pages = Paginator(rows, ON_A_PAGE)
    pages.count = entered  # counted already
    page = pages.get_page(request.GET.get("page"))
    context = {
        "run": run,
        "status": status_of(run),
        "at_work": at_work,
        "done": done,
        "of": of,
        "page": page,
        "rows": [(paper, in_words(paper.language)) for paper in page],
        "left_out": states_named(run.left_out),
        "may_stop": request.user.has_perm(MAY_STOP),
        "counts": counts,
        "all_at_once": _all_at_once(request, run) if not at_work else [],
    }
    answer = render(request, "web/correspondence/run_detail.html", context)
    if at_work:
        answer.headers["Refresh"] = str(SECONDS)
    return answer


def _counts(run: PaperRun) -> list[tuple[str, str, int]]:
    """How many papers of a run have come how far: code, words and number."""
    found = dict(Paper.objects.filter(run=run).order_by().values_list("status").annotate(n=Count("pk")))
    return [(one.value, str(one.label), found[one]) for one in PaperStatus if found.get(one)]


def _all_at_once(request: HttpRequest, run: PaperRun) -> list[dict[str, Any]]:
    """The acts on all papers of a run that the person may carry out: the code, the words, the papers as they are."""
    if not request.user.has_perm(MAY_DISPATCH):
        return []
    waiting = Paper.objects.filter(run=run, status__in=UNDISPATCHED)
    rows = list(waiting.order_by("number").only("pk", "state", "status", "changed_at"))
    mine = [row for row in rows if is_yours(request.user, row)] if limits.is_limited(request.user) else rows
    picks: dict[str, list[str]] = {PaperStatus.DRAFT: [], PaperStatus.INITIALLED: []}
    for row in mine:
        picks[row.status].append(f"{row.pk}@{mark_of(row)}")
    drafts, initialled = picks[PaperStatus.DRAFT], picks[PaperStatus.INITIALLED]
    first = ngettext("Initial %(n)d paper", "Initial all %(n)d papers", len(drafts))
    then = ngettext("Dispatch %(n)d paper …", "Dispatch all %(n)d papers …", len(initialled))
    if len(drafts) > INITIALLED_AT_ONCE:
        first = _("Initial the first %(n)d papers")
    if len(initialled) > MOST_AT_ONCE:
        then = _("Dispatch the first %(n)d papers …")
    return [
        {"act": act, "label": label % {"n": len(rows)}, "picks": rows}
        for act, label, rows in (
            (INITIAL, first, drafts[:INITIALLED_AT_ONCE]),
            (DISPATCH, then, initialled[:MOST_AT_ONCE]),
        )
        if rows
    ]


@require_POST
@permission_required(MAY_STOP, raise_exception=True)
def run_act(request: HttpRequest, pk: int) -> HttpResponse:
    """Stops a run, or lets it go on."""
    run = get_object_or_404(PaperRun, pk=pk)
    limits.check(request.user, run.states)
    act = request.POST.get("do")
    if act == "stop":
        runs.stop(run)
        messages.success(request, _("The run is stopped. What is drafted stays in the register."))
    elif act == "continue":
        runs.resume(run)
        messages.success(request, _("The run goes on where it stopped."))
    else:
        raise Http404
    return redirect("run", run.pk)
