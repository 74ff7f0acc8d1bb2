"""What people do with papers, one by one or many at once, and undoing it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from tracker.correspondence import papers, sending
from tracker.correspondence.checks import NotPossible
from tracker.correspondence.ledger import MAY_BE_THERE, MAY_HAVE_ARRIVED
from tracker.correspondence.models import TYPED, Direction, Means, Paper, PaperStatus
from tracker.obligations.wording import in_a_row
from tracker.registry import limits
from tracker.registry.models import State
from tracker.registry.un_names import StateOrder, names_of_states
from tracker.reminders.models import ReminderState
from tracker.web.ui.addresses import WHOLE, way_back
from tracker.web.ui.form_fields import DayField, PlainForm
from tracker.web.ui.undo import keys_sent, with_undo_at_once

MAY_CHANGE, MAY_DISPATCH = "correspondence.change_paper", "correspondence.dispatch_paper"
INITIAL, RETURN, DISPATCH, ACKNOWLEDGE = "initial", "return", "dispatch", "acknowledge"
CANCEL, REVIVE, REWRITE, DECIDE = "cancel", "revive", "rewrite", "decide"
# About the mail of a dispatched paper.
AGAIN, ARRIVED, RECALL = "again", "arrived", "recall"

# From which states of the mail each is possible, and what does it.
ON_MAIL: dict[str, tuple[tuple[ReminderState, ...], Callable[..., None]]] = {
    AGAIN: (sending.MAY_BE_RESENT, sending.send_again),
    ARRIVED: (MAY_HAVE_ARRIVED, sending.arrived),
    RECALL: (sending.MAY_BE_RECALLED, sending.take_back),
}


def acts_on(paper: Paper, user: Any) -> set[str]:
    """The acts that a person may do on a paper as it stands."""
    if paper.is_received or not limits.may_change(user, {paper.state_id}):
        return set()
    first = bool(paper.initialled_by)
    found: dict[str, set[str]] = {
        PaperStatus.DRAFT: {INITIAL, CANCEL} | ({RETURN} if first else set()),
        PaperStatus.INITIALLED: {DISPATCH, RETURN, CANCEL},
        PaperStatus.DISPATCHED: {ACKNOWLEDGE},
        PaperStatus.CANCELLED: {REVIVE},
    }
    acts = set(found.get(paper.status, ()))
    if paper.status == PaperStatus.DISPATCHED and paper.means == Means.MAIL:
        acts |= {act for act, (states, _do) in ON_MAIL.items() if paper.dispatch.state in states}
        acts -= set() if paper.dispatch.state in MAY_BE_THERE else {ACKNOWLEDGE}
    elif paper.status == PaperStatus.DISPATCHED:
        acts.add(RECALL)
    if paper.status == PaperStatus.ACKNOWLEDGED and paper.dispatch.state in MAY_HAVE_ARRIVED:
        acts.add(ARRIVED)  # the receipt is confirmed; this settles the task about its mail
    if paper.status == PaperStatus.DRAFT and not first:
        acts |= {DECIDE} if paper.needs_second else set()
        acts |= {REWRITE} if paper.occasion not in TYPED and paper.contact_id else set()
    if paper.status == PaperStatus.DRAFT and first and paper.initialled_by == user.get_username():
        acts.discard(INITIAL)  # someone else must
    return {act for act in acts if user.has_perm(permission_for(act, paper))}


def permission_for(act: str, paper: Paper) -> str:
    """What a person needs for an act: what has been initialled is the Approver's."""
    if act in (INITIAL, RETURN, DISPATCH, ACKNOWLEDGE, *ON_MAIL) or (act == CANCEL and paper.initialled_by):
        return MAY_DISPATCH
    return MAY_CHANGE


def mark_of(paper: Paper) -> str:
    """The version of a paper that a page shows; nothing is done to another one."""
    return paper.changed_at.isoformat()


# --- forms ---------------------------------------------------------------------------------------------


class DispatchForm(PlainForm):
    """How a paper leaves the house."""

    means = forms.ChoiceField(
        label=gettext_lazy("Sent by"),
        choices=Means,
        initial=Means.MAIL,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how it is sent.")},
    )
    on = DayField(
        label=gettext_lazy("Day of dispatch"),
        required=False,
        help_text=gettext_lazy("For courier and delivery by hand; empty: today. E-mail goes today."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note on the delivery"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("For example the number of the courier, or who received it."),
    )

    def clean_on(self) -> date | None:
        return not_later(self.cleaned_data["on"])

    @property
    def day(self) -> date:
        """The day of dispatch."""
        if self.cleaned_data["means"] == Means.MAIL:
            return timezone.localdate()
        return self.cleaned_data["on"] or timezone.localdate()


class AcknowledgeForm(PlainForm):
    """When the recipient confirmed the receipt, and how."""

    on = DayField(
        label=gettext_lazy("Receipt confirmed on"),
        error_messages={"required": gettext_lazy("Enter the day on which the receipt was confirmed.")},
    )
    note = forms.CharField(
        label=gettext_lazy("How"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("For example a stamped copy, or a telephone call with a name."),
    )

    def clean_on(self) -> date | None:
        return not_later(self.cleaned_data["on"])


class CancelForm(PlainForm):
    """Why a paper is not sent, or what is known about its mail."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("Stays in the register with the number of the paper."),
        error_messages={"required": gettext_lazy("Enter a reason. It stays in the register.")},
    )


class DecisionForm(PlainForm):
    """The document of the decision that a notice of review carries out."""

    decision = forms.CharField(
        label=gettext_lazy("Document of the decision"),
        max_length=200,
        help_text=gettext_lazy("For example CRC/C/103/2, paragraph 12. The paper is rewritten with it."),
        error_messages={"required": gettext_lazy("Enter the document of the decision.")},
    )


def not_later(day: date | None) -> date | None:
    """A day that is not in the future.

    Raises:
        ValidationError: it is.
    """
    if day is not None and day > timezone.localdate():
        raise forms.ValidationError(_("This day is in the future. Enter the day on which it happened."))
    return day


FORMS: dict[str, type[forms.Form]] = {
    DISPATCH: DispatchForm,
    ACKNOWLEDGE: AcknowledgeForm,
    CANCEL: CancelForm,
    DECIDE: DecisionForm,
    **dict.fromkeys(ON_MAIL, CancelForm),
}


# --- one paper -----------------------------------------------------------------------------------------


def carry_out(act: str, paper: Paper, form: Any, by: str) -> Paper:
    """Carries out an act with the valid values of its form, which is None for an act without one."""
    today = timezone.localdate()
    if act in ON_MAIL:
        ON_MAIL[act][1](paper.dispatch, by=by, reason=form.cleaned_data["reason"])
        paper.refresh_from_db()
        return paper
    values: Mapping[str, Any] = form.cleaned_data if form is not None else {}
    steps: dict[str, Callable[[], Paper]] = {
        INITIAL: lambda: papers.initial(paper, by=by),
        RETURN: lambda: papers.return_to_draft(paper, by=by),
        DISPATCH: lambda: papers.dispatch(paper, values["means"], by=by, day=form.day, note=values["note"]),
        ACKNOWLEDGE: lambda: papers.acknowledge(paper, by=by, on=values["on"], note=values["note"]),
        CANCEL: lambda: papers.cancel(paper, by=by, reason=values["reason"]),
        REVIVE: lambda: papers.revive(paper, by=by),
        REWRITE: lambda: papers.rewrite(paper, by=by, day=today),
        DECIDE: lambda: papers.decide(paper, values["decision"], by=by),
    }
    return steps[act]()


def act_as_seen(act: str, key: int, seen: str, form: Any, user: Any) -> Paper:
    """Carries out an act on a paper, if it is still the version that the person saw.

    Raises:
        NotPossible: it is another version, or does not allow the act.
        NotOnDesk: its State is on another desk.
        PermissionDenied: the role does not allow it.
    """
    with transaction.atomic():
        paper = Paper.objects.select_for_update().get(pk=key)
        limits.check(user, {paper.state_id})
        if not user.has_perm(permission_for(act, paper)):
            raise PermissionDenied
        if mark_of(paper) != seen:
            raise NotPossible(
                _("Somebody has changed this paper since you opened it. Look at it again, then repeat.")
            )
        return carry_out(act, paper, form, user.get_username())


def said_of(act: str, paper: Paper) -> str:
    """What was done, in a sentence with the next step."""
    if act == INITIAL and paper.status == PaperStatus.DRAFT:
        text = _("%(reference)s has its first initials. Someone else must initial it too.")
    else:
        texts = {
            INITIAL: _("%(reference)s is initialled. It can be dispatched."),
            RETURN: _("%(reference)s is a draft again."),
            DISPATCH: _("%(reference)s is dispatched."),
            ACKNOWLEDGE: _("The receipt of %(reference)s is recorded."),
            CANCEL: _("%(reference)s is cancelled. It keeps its number."),
            REVIVE: _("%(reference)s is a draft again."),
            REWRITE: _("%(reference)s is rewritten from the records."),
            AGAIN: _("The mail with %(reference)s is sent again."),
            ARRIVED: _("It is recorded that %(reference)s has arrived."),
            RECALL: _("The dispatch of %(reference)s is taken back. It can be dispatched again."),
            DECIDE: _("The decision is recorded, and %(reference)s is rewritten."),
        }
        text = texts[act]
    if act == DISPATCH and paper.means == Means.MAIL:
        text = _("%(reference)s is dispatched. Its mail goes with the next run.")
    return text % {"reference": paper.reference}


UNDONE = (INITIAL, CANCEL)


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Takes back the person's own initials and cancellations, of papers that nobody has changed since."""
    user, by = request.user, request.user.get_username()
    if not user.has_perm(MAY_CHANGE):
        raise PermissionDenied
    rows = list(Paper.objects.filter(pk__in=keys_sent(request)).order_by("pk"))
    limits.check(user, {row.state_id for row in rows})
    done: list[Paper] = []
    for row in rows:
        last = row.steps.last()
        if last is None or last.by != by:
            continue
        act = REVIVE if row.status == PaperStatus.CANCELLED else RETURN
        if act not in acts_on(row, user):
            continue
        try:
            done.append(carry_out(act, row, None, by))
        except NotPossible:  # somebody was faster
            continue
    if done:
        said = ngettext("%(n)d paper is a draft again.", "%(n)d papers are drafts again.", len(done))
        messages.success(request, said % {"n": len(done)})
    if left := len(rows) - len(done):
        said = ngettext(
            "%(n)d paper was left unchanged: it has been changed since.",
            "%(n)d papers were left unchanged: they have been changed since.",
            left,
        )
        messages.warning(request, said % {"n": left})
    return redirect(done[0]) if len(rows) == 1 and done else redirect("correspondence")


def with_undo(request: HttpRequest, said: str, keys: Iterable[int]) -> str:
    """A message with a button that takes back initials or a cancellation."""
    return with_undo_at_once(request, said, reverse("undo-papers"), keys)


# --- many papers ---------------------------------------------------------------------------------------


@dataclass
class ManyDone:
    """What became of many papers.

    Attributes:
        refused: the references by the reason.
    """

    done: list[Paper] = field(default_factory=list)
    refused: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


MOST_AT_ONCE = 200  # a PDF is made of each within one request
FROM = {INITIAL: PaperStatus.DRAFT, DISPATCH: PaperStatus.INITIALLED}


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
    if act == DISPATCH:
        return _dispatch_many(request, rows, picked)
    _tell(request, act, _each(act, rows, picked, None, request.user))
    return _back(request)


def picked_papers(data: QueryDict) -> dict[int, str]:
    """The version that the page showed of each selected paper, by its key."""
    pairs = [raw.partition("@") for raw in data.getlist("pick")]
    return {int(key): seen for key, _at, seen in pairs if WHOLE.fullmatch(key)}


def _rows(picked: Iterable[int]) -> list[Paper]:
    rows = Paper.objects.filter(pk__in=list(picked), direction=Direction.OUT).select_related("state")
    return list(rows.defer("content").order_by(StateOrder("state"), "pk"))


def _dispatch_many(request: HttpRequest, rows: list[Paper], picked: Mapping[int, str]) -> HttpResponse:
    """Asks once how they are sent, then sends them."""
    sent = "step" in request.POST
    form = DispatchForm(request.POST if sent else None)
    if sent and form.is_valid():
        _tell(request, DISPATCH, _each(DISPATCH, rows, picked, form, request.user))
        return _back(request)
    ready = [row for row in rows if row.status == PaperStatus.INITIALLED]
    title = ngettext("Dispatch %(n)d paper?", "Dispatch %(n)d papers?", len(ready)) % {"n": len(ready)}
    context = {
        "title": title,
        "form": form,
        "rows": [(row, f"{row.pk}@{picked[row.pk]}") for row in ready],
        "left_out": len(picked) - len(ready),
        "list": request.POST.get("list", ""),
        "back": way_back(request),
    }
    if not ready:
        messages.warning(request, _("Nothing was done. Only initialled papers can be dispatched."))
        return _back(request)
    return render(request, "web/correspondence/dispatch_many.html", context)


def _each(act: str, rows: Iterable[Paper], picked: Mapping[int, str], form: Any, user: Any) -> ManyDone:
    """Carries out an act on each paper on its own, so that one that is refused keeps no other back."""
    result = ManyDone()
    for row in rows:
        try:
            result.done.append(act_as_seen(act, row.pk, picked[row.pk], form, user))
        except NotPossible as error:
            result.refused[" ".join(error.messages)].append(row.reference)
    return result


def _tell(request: HttpRequest, act: str, result: ManyDone) -> None:
    """One message of what was done, and one for each reason of a refusal."""
    if count := len(result.done):
        states = State.objects.filter(pk__in={paper.state_id for paper in result.done})
        about = {"n": count, "whom": in_a_row(names_of_states(states).values())}
        if act == INITIAL:
            said = (
                ngettext("%(n)d paper initialled: %(whom)s.", "%(n)d papers initialled: %(whom)s.", count)
                % about
            )
            said = with_undo(request, said, [paper.pk for paper in result.done])
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


def _back(request: HttpRequest) -> HttpResponse:
    """The page that the form names, or the register with the person's filters."""
    return redirect(
        way_back(request) or reverse("correspondence", query=QueryDict(request.POST.get("list", "")))
    )


# --- the paper of a page -------------------------------------------------------------------------------


def paper_of(pk: int) -> Paper:
    """A paper with the facts that its page shows."""
    about = ("state", "obligation", "submission", "request", "review", "committee_date", "contact", "run")
    rows = Paper.objects.select_related(*about, "answers", "dispatch__mail")
    found: Paper = get_object_or_404(rows, pk=pk)
    return found
