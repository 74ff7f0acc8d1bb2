"""The page of a paper: how it reads, why, how far it has come, and what can be done with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from tracker.correspondence import checks, files, sending
from tracker.correspondence.checks import NotPossible, stage_of
from tracker.correspondence.doubts import doubts_before
from tracker.correspondence.models import GONE, UNDISPATCHED, VOID, Paper, PaperStatus
from tracker.languages.known import by_code
from tracker.languages.writing import with_commas
from tracker.registry import limits
from tracker.registry.sources import citations_of
from tracker.reminders.models import Bounce
from tracker.web.correspondence.acts import (
    DECIDE,
    DISPATCH,
    FORMS,
    FROM,
    INITIAL,
    MAY_ATTACH,
    MAY_CHANGE,
    ON_MAIL,
    REMOVE,
    UNDONE,
    CancelForm,
    act_as_seen,
    acts_on,
    form_for,
    mark_of,
    paper_of,
    said_of,
    with_undo,
    with_undo_of_files,
)
from tracker.web.correspondence.files import FilesField, accept_all
from tracker.web.ui.form_fields import PlainForm, put_the_focus


@require_safe
@permission_required("correspondence.view_paper", raise_exception=True)
def paper_page(request: HttpRequest, pk: int) -> HttpResponse:
    """`/correspondence/12/`: a paper."""
    return _show(request, paper_of(pk))


class AttachForm(PlainForm):
    """Files that belong to a paper, for example a copy with the stamp of the recipient."""

    uploads = FilesField(
        label=gettext_lazy("Files"),
        help_text=gettext_lazy(
            "PDF, documents and pictures, for example a copy with the stamp of the recipient."
        ),
        error_messages={"required": gettext_lazy("Choose at least one file.")},
    )


@require_POST
@permission_required(MAY_ATTACH, raise_exception=True)
def attach_files(request: HttpRequest, pk: int) -> HttpResponse:
    """Attaches the uploaded files to a paper, or none of them."""
    paper = paper_of(pk)
    limits.check(request.user, {paper.state_id})
    form = AttachForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, paper, attach=form)
    uploads = form.cleaned_data["uploads"]
    try:
        accept_all(paper, uploads, by=request.user.get_username())
    except files.Refused as error:
        form.add_error("uploads", error)
        return _show(request, paper, attach=form)
    said = ngettext("%(n)d file attached.", "%(n)d files attached.", len(uploads))
    said = with_undo_of_files(request, said % {"n": len(uploads)}, paper, len(uploads))
    messages.success(request, said)
    return redirect(paper)


def _show(
    request: HttpRequest, paper: Paper, act: str = "", sent: Any = None, attach: AttachForm | None = None
) -> HttpResponse:
    """The page.

    Args:
        act, sent: the form that was not valid, and its act.
        attach: the form for files, if it was not valid.
    """
    for refused in (sent, attach):
        if refused is not None:
            put_the_focus(refused)
    user = request.user
    drafted = not paper.is_received and paper.status in UNDISPATCHED
    outdated = drafted and checks.is_outdated(paper)
    acts = acts_on(paper, user)
    if outdated or (paper.needs_second and not paper.decision):
        acts -= {INITIAL, DISPATCH}  # they would be refused; the page says what comes before
    shown = {
        name: sent if name == act else form_for(name, paper)
        for name in FORMS
        if name in acts - ON_MAIL.keys()
    }
    about_mail = acts & ON_MAIL.keys()
    if DECIDE in shown and act != DECIDE:
        shown[DECIDE].initial = {"decision": paper.decision}
    yours = limits.may_change(user, {paper.state_id})
    dispatch = getattr(paper, "dispatch", None)
    mail = dispatch.mail if dispatch else None
    context = {
        "paper": paper,
        "pages": pages_of(paper.content),
        "acts": acts,
        "forms": shown,
        "about_mail": about_mail,
        "mail_form": sent if act in about_mail else CancelForm(auto_id="id_mail_%s"),
        "mark": mark_of(paper),
        "editable": yours
        and user.has_perm(MAY_CHANGE)
        and paper.status in (PaperStatus.DRAFT, PaperStatus.RECEIVED)
        and not paper.initialled_by,
        "may_receive": yours and user.has_perm("correspondence.add_paper") and paper.status in GONE,
        "yours": yours,
        "next": _("An approver has to decide about its mail.")
        if dispatch and dispatch.state in sending.UNDECIDED
        else whose_turn(paper, user),
        "outdated": outdated,
        "doubts": doubts_before([(paper.contact, paper.obligation)], timezone.localdate())[0]
        if DISPATCH in acts
        else (),
        "steps": paper.steps.all(),
        "files": [one for one in paper.files.all() if not one.is_removed],
        "attached": any(one.is_attached for one in paper.files.all()),
        "enclosures": checks.enclosures_of(paper),
        "attach": (attach or AttachForm()) if yours and user.has_perm(MAY_ATTACH) else None,
        "dispatch": dispatch,
        "bounces": Bounce.objects.filter(mail=mail) if mail else (),
        "answered_by": paper.answered_by.exclude(status__in=VOID) if paper.status in GONE else (),
        "to_record": _to_record(paper) if yours and paper.status == PaperStatus.RECEIVED else "",
    }
    return render(request, "web/correspondence/paper.html", context)


def _to_record(paper: Paper) -> str:
    """The address of the submission form, filled in from a paper that brought a report."""
    cited = citations_of([paper.their_reference, paper.subject])
    query = {
        "received_on": paper.received_on,
        "symbol": next((one.key for one in cited if one.key.startswith("CRC/C/")), ""),
        "note": _("Received with %(reference)s.")
        % {"reference": with_commas((paper.reference, paper.their_reference))},
    }
    return reverse("record-submission", args=[paper.state_id], query=query)


def pages_of(content: Any) -> list[dict[str, Any]]:
    """The parts of a paper, each with its language and direction for HTML."""
    return [one | {"in": by_code(one["language"])} for one in content]


def whose_turn(paper: Paper, user: Any) -> str:
    """Who has to do what next, in a sentence; empty if nobody has to."""
    if paper.is_received:
        return ""
    if paper.status == PaperStatus.DRAFT and paper.needs_second:
        if not paper.decision:
            return _("Enter the document of the decision; then two approvers initial this notice.")
        if not paper.initialled_by:
            return _("Two approvers must initial this notice, one after the other.")
        if paper.initialled_by == user.get_username():
            return _("You initialled this notice. Someone else must initial it too.")
        return _("%(who)s initialled this notice. A second approver must initial it too.") % {
            "who": paper.initialled_by
        }
    return {
        PaperStatus.DRAFT: _("An approver has to initial it."),
        PaperStatus.INITIALLED: _("An approver has to dispatch it."),
        PaperStatus.DISPATCHED: _("The receipt is not confirmed yet."),
    }.get(PaperStatus(paper.status), "")


@require_POST
def paper_act(request: HttpRequest, pk: int) -> HttpResponse:
    """Carries out what a button on the page of a paper says, on the version that the page showed."""
    if not request.user.has_perm(MAY_CHANGE):
        raise PermissionDenied
    paper, act = paper_of(pk), request.POST.get("act", "")
    limits.check(request.user, {paper.state_id})
    if act not in acts_on(paper, request.user):
        said = _("Nothing was done: this paper does not allow it any more.")
        if act in FROM and paper.status != FROM[act]:
            said = " ".join([_("Nothing was done."), stage_of(paper)])
        messages.warning(request, said)
        return redirect(paper)
    form = form_for(act, paper, request.POST) if act in FORMS else None
    if form is not None and not form.is_valid():
        return _show(request, paper, act, form)
    try:
        now = act_as_seen(act, pk, request.POST.get("seen", ""), form, request.user)
    except NotPossible as error:
        if form is None:
            messages.error(request, " ".join(error.messages))
            return redirect(paper)
        form.add_error(None, error)
        return _show(request, paper_of(pk), act, form)
    said = said_of(act, now[0])
    if act == REMOVE and form is not None:
        said = with_undo_of_files(request, said, paper, len(form.cleaned_data["file"]))
    elif act in UNDONE:
        said = with_undo(request, said, now)
    messages.success(request, said)
    return redirect(paper)
