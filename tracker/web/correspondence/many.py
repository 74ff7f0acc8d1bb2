"""Acts on many papers at once: each on its own, so that one that is refused keeps no other back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST

from tracker.correspondence.checks import NotPossible, stage_of
from tracker.correspondence.doubts import doubts_before
from tracker.correspondence.models import Direction, Paper
from tracker.obligations.wording import in_a_row
from tracker.registry import limits
from tracker.registry.models import State
from tracker.registry.un_names import StateOrder, names_of_states
from tracker.web.correspondence.acts import (
    DISPATCH,
    FROM,
    INITIAL,
    MAY_DISPATCH,
    DispatchForm,
    act_as_seen,
    with_undo,
)
from tracker.web.ui.addresses import WHOLE, way_back
from tracker.web.ui.form_fields import put_the_focus


@dataclass
class ManyDone:
    """What became of many papers.

    Attributes:
        refused: the references by the reason.
    """

    done: list[Paper] = field(default_factory=list)
    refused: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


MOST_AT_ONCE = 200  # a PDF is made of each within one request
MOST_NAMED = 5  # papers that a message says why they were left out


@require_POST
def act_on_many(request: HttpRequest) -> HttpResponse:
    """`/correspondence/act/`: initials or dispatches the selected papers, and says which were refused, and why."""
    if not request.user.has_perm(MAY_DISPATCH):
        raise PermissionDenied
    act = request.POST.get("act", "")
    picked = picked_papers(request.POST)
    rows = _rows(picked) if act in FROM else []
    if len(picked) > MOST_AT_ONCE:
        messages.warning(
            request, _("Nothing was done. Select at most %(n)d papers at once.") % {"n": MOST_AT_ONCE}
        )
        return _back(request)
    limits.check(request.user, {row.state_id for row in rows})
    if not rows:
        messages.warning(request, _("Nothing was done. Select at least one paper."))
        return _back(request)
    ready = [row for row in rows if row.status == FROM[act]]
    others = [row for row in rows if row.status != FROM[act]]
    if not ready:
        messages.warning(request, " ".join([_("Nothing was done."), *_why_not(others)]))
        return _back(request)
    if act == DISPATCH:
        return _dispatch_many(request, ready, others, picked)
    _tell(request, act, _each(act, ready, picked, None, request.user), others)
    return _back(request)


def _why_not(others: list[Paper]) -> list[str]:
    """Why papers are left out: how far the first few have come, and the number of the rest."""
    said = [stage_of(row) for row in others[:MOST_NAMED]]
    if (more := len(others) - MOST_NAMED) > 0:
        words = ngettext("%(n)d more paper was left out.", "%(n)d more papers were left out.", more)
        said.append(words % {"n": more})
    return said


def picked_papers(data: QueryDict) -> dict[int, str]:
    """The version that the page showed of each selected paper, by its key."""
    pairs = [raw.partition("@") for raw in data.getlist("pick")]
    return {int(key): seen for key, _at, seen in pairs if WHOLE.fullmatch(key)}


def _rows(picked: Iterable[int]) -> list[Paper]:
    rows = Paper.objects.filter(pk__in=list(picked), direction=Direction.OUT)
    rows = rows.select_related("state", "contact", "obligation")
    return list(rows.defer("content").order_by(StateOrder("state"), "pk"))


def _dispatch_many(
    request: HttpRequest, rows: list[Paper], others: list[Paper], picked: Mapping[int, str]
) -> HttpResponse:
    """Asks once how they are sent, then sends them.

    Args:
        others: what was selected and is not initialled.
    """
    sent = "step" in request.POST
    form = DispatchForm(request.POST if sent else None)
    if sent and form.is_valid():
        _tell(request, DISPATCH, _each(DISPATCH, rows, picked, form, request.user), others)
        return _back(request)
    if sent:
        put_the_focus(form)  # before that, how the papers are sent comes first
    title = ngettext("Dispatch %(n)d paper?", "Dispatch %(n)d papers?", len(rows)) % {"n": len(rows)}
    doubts = doubts_before([(row.contact, row.obligation) for row in rows], timezone.localdate())
    context = {
        "title": title,
        "form": form,
        "rows": [(row, f"{row.pk}@{picked[row.pk]}", said) for row, said in zip(rows, doubts, strict=True)],
        "doubtful": sum(map(bool, doubts)),
        "left_out": [stage_of(row) for row in others],
        "list": request.POST.get("list", ""),
        "back": way_back(request),
    }
    return render(request, "web/correspondence/dispatch_many.html", context)


def _each(act: str, rows: Iterable[Paper], picked: Mapping[int, str], form: Any, user: Any) -> ManyDone:
    """Carries out an act on each paper on its own, so that one that is refused keeps no other back."""
    result = ManyDone()
    for row in rows:
        try:
            result.done += act_as_seen(act, row.pk, picked[row.pk], form, user)
        except NotPossible as error:
            result.refused[" ".join(error.messages)].append(row.reference)
    return result


def _tell(request: HttpRequest, act: str, result: ManyDone, others: list[Paper]) -> None:
    """One message of what was done, one for each reason of a refusal, and one about papers that were not ready."""
    if count := len(result.done):
        states = State.objects.filter(pk__in={paper.state_id for paper in result.done})
        about = {"n": count, "whom": in_a_row(names_of_states(states).values())}
        if act == INITIAL:
            said = (
                ngettext("%(n)d paper initialled: %(whom)s.", "%(n)d papers initialled: %(whom)s.", count)
                % about
            )
            said = with_undo(request, said, result.done)
        else:
            said = (
                ngettext("%(n)d paper dispatched: %(whom)s.", "%(n)d papers dispatched: %(whom)s.", count)
                % about
            )
        messages.success(request, said)
    for why, references in result.refused.items():
        said = ngettext(
            "%(n)d paper was left unchanged (%(which)s). %(why)s",
            "%(n)d papers were left unchanged (%(which)s). %(why)s",
            len(references),
        )
        about = {"n": len(references), "which": in_a_row(references), "why": why}
        messages.warning(request, said % about)
    if others:
        messages.warning(request, " ".join(_why_not(others)))


def _back(request: HttpRequest) -> HttpResponse:
    """The page that the form names, or the register with the person's filters."""
    return redirect(
        way_back(request) or reverse("correspondence", query=QueryDict(request.POST.get("list", "")))
    )
