"""A paper as PDF and as DOCX: the PDF that was filed, or one of the draft that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.correspondence import files, rendering
from tracker.correspondence.models import Paper, PaperFile, PaperStatus
from tracker.languages.known import by_code, speaking
from tracker.web.correspondence.acts import paper_of
from tracker.web.correspondence.files import as_download


@require_safe
def paper_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper as PDF: the one that was filed; of a draft one that says so."""
    paper = _written(pk)
    filed = paper.files.filter(type=files.PDF, origin=PaperFile.Origin.MADE).last()
    if paper.status != PaperStatus.DRAFT and filed is not None:
        return redirect(filed)
    name = files.name_of(paper, "draft.pdf")
    return as_download(name, files.PDF, rendering.pdf_of([as_draft(paper.content)], paper.dated))


@require_safe
def paper_docx(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper as a document to edit; of a draft it says so."""
    paper = _written(pk)
    drafted = paper.status == PaperStatus.DRAFT
    content = as_draft(paper.content) if drafted else paper.content
    name = files.name_of(paper, "draft.docx" if drafted else "docx")
    return as_download(name, files.DOCX, rendering.docx_of(content))


def _written(pk: int) -> Paper:
    """A paper of ours: one that came in has its files alone."""
    paper = paper_of(pk)
    if paper.is_received:
        raise Http404
    return paper


def as_draft(content: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The content with the word “draft” beside its reference, in each language."""
    marked = []
    for one in content:
        with speaking(by_code(one["language"]).code):
            marked.append({**one, "reference": _("%(reference)s (draft)") % {"reference": one["reference"]}})
    return marked
