"""`/submissions/12/`: the life of a report, who has the next step, and where each step is entered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.consideration.coverage import coverages_of, length_in_words
from tracker.consideration.life import life_with_requests, lives_of
from tracker.consideration.life_in_words import (
    ShownStep,
    end_in_words,
    happened_in_words,
    next_in_words,
    steps_in_words,
    who_and_since,
    whose_in_words,
)
from tracker.correspondence.models import Occasion
from tracker.obligations.models import RequestDocument, SessionStatus, Submission
from tracker.obligations.queries.dossier import Dossier
from tracker.obligations.queries.received import received_by
from tracker.registry import limits
from tracker.rules.life import Life, LifeEnd, ReportStage
from tracker.web.ui.as_of import day_of

# What a report waits for while it can still be put on a session.
AHEAD_OF_SESSION = (
    ReportStage.CHECKED,
    ReportStage.LIST_OF_ISSUES,
    ReportStage.REPLIES,
    ReportStage.SESSION,
)


class StepEntry(NamedTuple):
    """A page on which a step is entered.

    Attributes:
        first: whether it is the next step.
    """

    label: str
    address: str
    first: bool


# A stage, the words of its link, the permission, and the name, keys and query of the page.
Step = tuple[ReportStage, str, str, tuple[str, list[Any], dict[str, Any]]]


@require_safe
def report_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The steps of a report as known on a day, its requests and replies, and what it covers."""
    day, today = day_of(request), timezone.localdate()
    rows = received_by(day, today=today).select_related("state", "revises")
    report: Any = get_object_or_404(rows, pk=pk)
    life, requests = life_with_requests(report, day, today=today)
    for one in requests:
        one.length = length_in_words(one.reply_words, one.word_limit) if one.replied_on else ""
    return render(
        request,
        "web/consideration/report.html",
        {
            "report": report,
            "state": report.state,
            "life": life,
            "next": capfirst(next_in_words(life)),
            "end": end_in_words(life),
            "whose": capfirst(whose_in_words(life)),
            "steps": steps_in_words(life, day),
            "requests": requests,
            "coverage": coverages_of([pk], day).get(pk),
            "entries": _entries(request, report, life) if day == today else [],
        },
    )


def _entries(request: HttpRequest, report: Submission, life: Life) -> list[StepEntry]:
    """The pages on which the steps are entered that the user may enter; the next one first."""
    if life.ended in (LifeEnd.WITHDRAWN, LifeEnd.REVISED) or not limits.may_change(
        request.user, {report.state_id}
    ):
        return []
    state, stage, back = report.state_id, ReportStage, {"next": request.get_full_path()}
    issues = life.at(stage.LIST_OF_ISSUES)
    replies: list[Step] = []
    sends = Occasion.LIST_OF_ISSUES
    if life.next_stage == stage.REPLIES and issues:
        replies = [
            (stage.REPLIES, _("Record the replies"), "obligations.change_informationrequest", (
                "edit", ["request", issues.key], {"field": "received_on"} | back)),
            (stage.REPLIES, str(capfirst(sends.label)), "correspondence.add_paper", (
                "write-paper", [], {"state": state, "occasion": sends.value})),
        ]  # fmt: skip
    each: tuple[Step, ...] = (
        (stage.CHECKED, _("Check the report"), "consideration.add_checklist", ("check-report", [report.pk], {})),
        (stage.LIST_OF_ISSUES, _("Draft a list of issues"), "obligations.view_informationrequest", (
            "draft-issues", [report.pk], {})),
        (stage.LIST_OF_ISSUES, _("Record a list of issues"), "obligations.add_informationrequest", (
            "admin:obligations_informationrequest_add", [],
            {"state": state, "kind": RequestDocument.LIST_OF_ISSUES.value} | back)),
        *replies,
        (stage.SESSION, _("Put it on a session"), "obligations.add_agendaitem", (
            "sessions", [], {"status": [SessionStatus.PLANNED.value, SessionStatus.MOVED.value]})),
        (stage.DIALOGUE, _("Record the day of the dialogue"), "obligations.change_submission", (
            "edit", ["submission", report.pk], {"field": "reviewed_on"} | back)),
        (stage.OBSERVATIONS, _("Record concluding observations"), "obligations.add_review", (
            "record-review", [state], {"report": f"received-{report.pk}"} | back)),
        (stage.NEXT_DATE, _("Record the next date"), "obligations.add_committeedate", (
            "record-date", [state], back)),
    )  # fmt: skip
    found = [
        StepEntry(label, reverse(name, args=args, query=query), one == life.next_stage)
        for one, label, permission, (name, args, query) in each
        if request.user.has_perm(permission) and not _is_done(life, one)
    ]
    return sorted(found, key=lambda one: not one.first)


def _is_done(life: Life, stage: ReportStage) -> bool:
    """Whether a step is recorded: it is edited where it was entered. After the dialogue no session is planned."""
    if stage == ReportStage.SESSION and life.next_stage not in AHEAD_OF_SESSION:
        return True
    return life.at(stage) is not None and stage != ReportStage.CHECKED


@dataclass(frozen=True)
class ReportLine:
    """A report on the page of its State.

    Attributes:
        who: who has the next step and for how long; without one, why there is none.
        happened: what is recorded, in one line.
        steps: of a report that waits.
        in_queue: whether it waits for a session, so that there is a forecast.
        covers: what it covers of the guidelines; empty if nobody has checked it.
    """

    report: Any
    next: str
    who: str
    happened: str
    steps: list[ShownStep]
    in_queue: bool
    covers: str


def report_lines(known: Dossier, today: date) -> dict[str, list[ReportLine]]:
    """The reports of a State that wait, and the `earlier` ones that wait for nothing; the newest first."""
    submissions, day = known.submissions, known.day
    lives = lives_of(submissions, day, today=today, dossier=known)
    coverages = coverages_of([one.pk for one in submissions], day)
    found: dict[str, list[ReportLine]] = {"waiting": [], "earlier": []}
    for one in sorted(submissions, key=lambda one: (one.known_on(), one.pk), reverse=True):
        life = lives[one.pk]
        found["waiting" if life.next_stage else "earlier"].append(
            ReportLine(
                one,
                next_in_words(life),
                who_and_since(life, day) or end_in_words(life),
                happened_in_words(life),
                steps_in_words(life, day) if life.next_stage else [],
                life.waits_since is not None,
                coverages[one.pk].in_words() if one.pk in coverages else "",
            )
        )
    return found
