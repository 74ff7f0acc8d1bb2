"""What people do with a paper, and undoing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from tracker.correspondence import files, papers, received, sending, steps
from tracker.correspondence.checks import NotPossible, stage_of
from tracker.correspondence.ledger import MAY_BE_THERE, MAY_HAVE_ARRIVED
from tracker.correspondence.models import GONE, TYPED, Means, Paper, PaperStatus, PaperStep
from tracker.correspondence.steps import ABOUT_FILES, What
from tracker.obligations.wording import in_a_row
from tracker.registry import limits
from tracker.reminders.models import ReminderState
from tracker.web.ui.form_fields import DayField, PlainForm
from tracker.web.ui.undo import UNDO_FOR, keys_sent, with_undo_at_once

MAY_CHANGE, MAY_DISPATCH = "correspondence.change_paper", "correspondence.dispatch_paper"
MAY_ATTACH = "correspondence.add_paperfile"
INITIAL, RETURN, DISPATCH, ACKNOWLEDGE = "initial", "return", "dispatch", "acknowledge"
CANCEL, REVIVE, REWRITE, DECIDE = "cancel", "revive", "rewrite", "decide"
UNCONFIRM, WITHDRAW, REINSTATE, REMOVE = "unconfirm", "withdraw", "reinstate", "remove"
# About the mail of a dispatched paper.
AGAIN, ARRIVED, RECALL = "again", "arrived", "recall"

# The status from which each goes.
FROM = {INITIAL: PaperStatus.DRAFT, DISPATCH: PaperStatus.INITIALLED}
# From which states of the mail each is possible, and what does it.
ON_MAIL: dict[str, tuple[tuple[ReminderState, ...], Callable[..., None]]] = {
    AGAIN: (sending.MAY_BE_RESENT, sending.send_again),
    ARRIVED: (MAY_HAVE_ARRIVED, sending.arrived),
    RECALL: (sending.MAY_BE_RECALLED, sending.take_back),
}


def acts_on(paper: Paper, user: Any) -> set[str]:
    """The acts that a person may do on a paper as it stands."""
    if not limits.may_change(user, {paper.state_id}):
        return set()
    first = bool(paper.initialled_by)
    found: dict[str, set[str]] = {
        PaperStatus.DRAFT: {INITIAL, CANCEL} | ({RETURN} if first else set()),
        PaperStatus.INITIALLED: {DISPATCH, RETURN, CANCEL},
        PaperStatus.DISPATCHED: {ACKNOWLEDGE},
        PaperStatus.ACKNOWLEDGED: {UNCONFIRM},
        PaperStatus.CANCELLED: {REVIVE},
        PaperStatus.RECEIVED: {WITHDRAW},
        PaperStatus.WITHDRAWN: {REINSTATE},
    }
    acts = {REMOVE, *found[paper.status]}
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
    """What a person needs for an act: what has been initialled is the Approver's, and so are receipts confirmed."""
    if act == REMOVE:
        return MAY_ATTACH
    if act in (INITIAL, RETURN, DISPATCH, ACKNOWLEDGE, UNCONFIRM, *ON_MAIL):
        return MAY_DISPATCH
    if (act == CANCEL and paper.initialled_by) or (act == WITHDRAW and received.confirmed_by(paper)):
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


class RemoveForm(CancelForm):
    """Files that were attached to a paper by mistake, and why they should not have been."""

    file = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Files"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Select at least one file.")},
    )
    field_order = ("file", "reason")


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
    UNCONFIRM: CancelForm,
    WITHDRAW: CancelForm,
    REMOVE: RemoveForm,
    **dict.fromkeys(ON_MAIL, CancelForm),
}


def form_for(act: str, paper: Paper, data: Any = None) -> forms.Form:
    """The form of an act on a paper."""
    form = FORMS[act](data, auto_id=f"id_{'mail' if act in ON_MAIL else act}_%s")
    if isinstance(form, RemoveForm):
        choices = [(one.pk, one.name) for one in paper.files.all() if one.is_attached]
        form.fields["file"].choices = choices
    return form


# --- one paper -----------------------------------------------------------------------------------------


def carry_out(act: str, paper: Paper, form: Any, by: str) -> list[Paper]:
    """Carries out an act with the valid values of its form, which is None for an act without one.

    Returns:
        the papers that were changed, this one first.
    """
    today = timezone.localdate()
    if act in ON_MAIL:
        ON_MAIL[act][1](paper.dispatch, by=by, reason=form.cleaned_data["reason"])
        paper.refresh_from_db()
        return [paper]
    values: Mapping[str, Any] = form.cleaned_data if form is not None else {}
    if act == WITHDRAW:
        return received.withdraw(paper, by=by, reason=values["reason"])
    if act == REMOVE:
        for file in paper.files.filter(pk__in=values["file"]):
            files.remove(file, by=by, reason=values["reason"])
        return [paper]
    do: dict[str, Callable[[], Paper]] = {
        INITIAL: lambda: papers.initial(paper, by=by),
        RETURN: lambda: papers.return_to_draft(paper, by=by),
        DISPATCH: lambda: papers.dispatch(paper, values["means"], by=by, day=form.day, note=values["note"]),
        ACKNOWLEDGE: lambda: papers.acknowledge(paper, by=by, on=values["on"], note=values["note"]),
        CANCEL: lambda: papers.cancel(paper, by=by, reason=values["reason"]),
        REVIVE: lambda: papers.revive(paper, by=by),
        UNCONFIRM: lambda: papers.take_back_receipt(paper, by=by, reason=values["reason"]),
        REINSTATE: lambda: received.reinstate(paper, by=by),
        REWRITE: lambda: papers.rewrite(paper, by=by, day=today),
        DECIDE: lambda: papers.decide(paper, values["decision"], by=by),
    }
    return [do[act]()]


def act_as_seen(act: str, key: int, seen: str, form: Any, user: Any) -> list[Paper]:
    """Carries out an act on a paper, if it is still the version that the person saw; returns as `carry_out`.

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
        if act in FROM and paper.status != FROM[act]:
            raise NotPossible(stage_of(paper))
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
            UNCONFIRM: _("The acknowledgement of %(reference)s is taken back."),
            WITHDRAW: _("%(reference)s is withdrawn. It keeps its number."),
            REINSTATE: _("%(reference)s is a paper received again."),
            REMOVE: _("The files are removed from %(reference)s."),
            RECALL: _("The dispatch of %(reference)s is taken back. It can be dispatched again."),
            DECIDE: _("The decision is recorded, and %(reference)s is rewritten."),
        }
        text = texts[act]
    if act == REMOVE and paper.status in GONE:
        text = _("The files of %(reference)s are marked as attached by mistake.")
    if act == DISPATCH and paper.means == Means.MAIL:
        text = _("%(reference)s is dispatched. Its mail goes with the next run.")
    return text % {"reference": paper.reference}


UNDONE = (INITIAL, CANCEL, ACKNOWLEDGE, UNCONFIRM, WITHDRAW, REMOVE)
# What somebody needs who undoes the own step; for the others `MAY_CHANGE`.
UNDONE_WITH = dict.fromkeys(ABOUT_FILES, MAY_ATTACH) | dict.fromkeys(
    (What.INITIALLED, What.SECONDED, What.ACKNOWLEDGED, What.UNCONFIRMED), MAY_DISPATCH
)


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Undoes the person's own steps of the last minutes, on papers that nobody has changed since."""
    user = request.user
    if not user.has_perm(MAY_CHANGE):
        raise PermissionDenied
    # The last one first: a paper that another one has confirmed goes back before that one does.
    rows = list(PaperStep.objects.filter(pk__in=keys_sent(request)).select_related("paper").order_by("-pk"))
    limits.check(user, {row.paper.state_id for row in rows})
    try:
        with transaction.atomic():
            done = list(_undo(rows, user))
            received.check_confirmed(paper for _step, paper in done)
    except NotPossible:
        done = []
    if done:
        messages.success(request, _said_undone(done))
    if left := len(rows) - len(done):
        said = ngettext(
            "%(n)d paper was left unchanged: it has been changed since.",
            "%(n)d papers were left unchanged: they have been changed since.",
            left,
        )
        messages.warning(request, said % {"n": left})
    first = done[-1] if done else None
    one_of_many = len(rows) > 1 and first is not None and first[0].what == What.INITIALLED
    return redirect("correspondence") if first is None or one_of_many else redirect(first[1])


def _undo(rows: Iterable[PaperStep], user: Any) -> Iterator[tuple[PaperStep, Paper]]:
    by = user.get_username()
    for row in rows:
        mine = row.by == by and timezone.now() - row.at <= UNDO_FOR
        if not mine or not user.has_perm(UNDONE_WITH.get(What(row.what), MAY_CHANGE)):
            continue
        try:
            yield row, (files if row.what in ABOUT_FILES else steps).undo(row, by=by)
        except NotPossible:  # somebody was faster
            continue


def _said_undone(done: list[tuple[PaperStep, Paper]]) -> str:
    """What was undone, in a sentence."""
    step, paper = done[-1]
    if step.what == What.RECEIVED:
        return said_of(WITHDRAW, paper)
    if all(one.status == PaperStatus.DRAFT and step.what not in ABOUT_FILES for step, one in done):
        said = ngettext("%(n)d paper is a draft again.", "%(n)d papers are drafts again.", len(done))
        return said % {"n": len(done)}
    undone = dict.fromkeys(f"{one.reference} ({step.get_what_display()})" for step, one in reversed(done))
    return _("Undone: %(papers)s.") % {"papers": in_a_row(undone)}


def with_undo(request: HttpRequest, said: str, changed: Iterable[Paper]) -> str:
    """A message with a button that undoes the last step of each of some papers."""
    return with_undo_at_once(request, said, reverse("undo-papers"), steps.last_of(changed))


def with_undo_of_files(request: HttpRequest, said: str, paper: Paper, number: int) -> str:
    """A message with a button that undoes the last steps about files of a paper."""
    keys = steps.last_about_files(paper, number)
    return with_undo_at_once(request, said, reverse("undo-papers"), keys)


# --- the paper of a page -------------------------------------------------------------------------------


def paper_of(pk: int) -> Paper:
    """A paper with the facts that its page shows."""
    about = ("state", "obligation", "submission", "request", "review", "committee_date", "contact", "run")
    rows = Paper.objects.select_related(*about, "answers", "dispatch__mail").prefetch_related("files")
    found: Paper = get_object_or_404(rows, pk=pk)
    return found
