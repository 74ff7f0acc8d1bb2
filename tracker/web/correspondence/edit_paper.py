"""The form that changes the words of a draft, with the paper as it would read beside it; or a paper received."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from tracker.correspondence import papers
from tracker.correspondence.checks import NotPossible
from tracker.correspondence.models import Paper, PaperStatus
from tracker.correspondence.text.filling import paragraphs_of
from tracker.registry import limits
from tracker.web.correspondence.acts import MAY_CHANGE, mark_of, paper_of
from tracker.web.correspondence.paper_page import pages_of
from tracker.web.correspondence.receive import correct_received
from tracker.web.correspondence.write import WordsField
from tracker.web.ui.form_fields import PlainForm, put_the_focus


class WordsForm(PlainForm):
    """The paragraphs of a draft in each of its languages."""

    def __init__(self, paper: Paper, data: Any = None) -> None:
        super().__init__(data)
        for one in paper.content:
            field = WordsField(
                one["language"],
                rows=18,
                names=(),  # they are filled in when a paper is drafted
                initial="\n\n".join(one["paragraphs"]),
                help_text=gettext_lazy("An empty line begins a new paragraph."),
                error_messages={"required": gettext_lazy("Enter the words of the paper.")},
            )
            self.fields[f"words_{one['language']}"] = field

    @property
    def paragraphs(self) -> dict[str, list[str]]:
        """By code of the language."""
        return {name.removeprefix("words_"): paragraphs_of(text) for name, text in self.cleaned_data.items()}


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_CHANGE, raise_exception=True)
def edit_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """`/correspondence/12/edit/`: previews the words of a draft, and saves them if nobody has changed it meanwhile.

    Of a paper received it changes what was entered.
    """
    paper = paper_of(pk)
    limits.check(request.user, {paper.state_id})
    if paper.is_received:
        return correct_received(request, paper)
    if paper.status != PaperStatus.DRAFT or paper.initialled_by:
        messages.warning(request, _("Only drafts can be edited. Return the paper to draft first."))
        return redirect(paper)
    form = WordsForm(paper, request.POST if request.method == "POST" else None)
    seen = request.POST.get("seen", "") if form.is_bound else mark_of(paper)
    content, conflict = paper.content, False
    if form.is_bound and form.is_valid():
        content = [one | {"paragraphs": form.paragraphs[one["language"]]} for one in paper.content]
        if request.POST.get("step") == "save":
            try:
                known = paper.changed_at if seen == mark_of(paper) else None
                now = papers.edit(paper, form.paragraphs, by=request.user.get_username(), seen=known)
            except NotPossible as error:
                form.add_error(None, error)
                conflict, seen = True, mark_of(paper)  # the person now sees both, and may save the own words
            else:
                messages.success(request, _("%(reference)s is saved.") % {"reference": now.reference})
                return redirect(now)
    put_the_focus(form)
    context = {
        "paper": paper,
        "form": form,
        "seen": seen,
        "conflict": conflict,
        "pages": pages_of(paper.content if conflict else content),
    }
    return render(request, "web/correspondence/edit.html", context)
