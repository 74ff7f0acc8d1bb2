"""Files of papers, as downloads only: a browser never shows one as a page of ours. And the field that uploads them.

A paper itself is downloaded as PDF and as DOCX: the PDF that was filed, or one of the draft that says so.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.correspondence import files, rendering
from tracker.correspondence.models import Paper, PaperFile, PaperStatus
from tracker.languages.known import by_code, speaking
from tracker.obligations.wording import labelled
from tracker.web.correspondence.acts import paper_of
from tracker.web.ui.documents import as_download


@require_safe
@permission_required("correspondence.view_paper", raise_exception=True)
def download(request: HttpRequest, paper: int, pk: int) -> HttpResponse:
    """A file of a paper."""
    file = get_object_or_404(
        PaperFile.objects.select_related("content"), pk=pk, paper=paper, is_removed=False
    )
    return as_download(file.name, file.type, bytes(file.content.data))


class FilesInput(forms.ClearableFileInput):
    """Any number of files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """The uploaded files, as a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Each file, checked as one."""
        if not data and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return [super(FilesField, self).clean(one, initial) for one in data or []]


def accept_all(paper: Paper, uploaded: Sequence[UploadedFile], *, by: str) -> None:
    """Files the uploaded files of a paper, or none of them.

    Raises:
        Refused: one is not accepted; of several the message begins with its name.
    """
    with transaction.atomic():
        for one in uploaded:
            try:
                files.accept(paper, one, by=by)
            except files.Refused as error:
                if len(uploaded) == 1:
                    raise
                raise files.Refused([labelled(one.name, why) for why in error.messages]) from None


# --- the paper itself ---------------------------------------------------------------------------------------


@require_safe
@permission_required("correspondence.view_paper", raise_exception=True)
def paper_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper as PDF: the one that was filed; of a draft one that says so."""
    paper = _written(pk)
    filed = files.filed_pdf(paper)
    if paper.status != PaperStatus.DRAFT and filed is not None:
        return redirect(filed)
    name = files.name_of(paper, "draft.pdf")
    return as_download(name, files.PDF, rendering.pdf_of([as_draft(paper.content)], paper.dated))


@require_safe
@permission_required("correspondence.view_paper", raise_exception=True)
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


# --- the papers of a run -----------------------------------------------------------------------------


@require_safe
@permission_required("correspondence.view_paper", raise_exception=True)
def run_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """`/correspondence/runs/1/papers.pdf`: each paper on pages of its own, in the order of their numbers."""
    contents = [content_of(paper) for paper in papers_of(pk)]
    return as_download(f"run-{pk}.pdf", files.PDF, rendering.pdf_of(contents))


@require_safe
@permission_required("correspondence.view_paper", raise_exception=True)
def run_docx(request: HttpRequest, pk: int) -> HttpResponse:
    """`/correspondence/runs/1/papers.zip`: a document for each paper, under its reference."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as folder:
        for paper in papers_of(pk):
            folder.writestr(files.name_of(paper, "docx"), rendering.docx_of(content_of(paper)))
    return as_download(f"run-{pk}.zip", "application/zip", packed.getvalue())


def papers_of(pk: int) -> list[Paper]:
    """The papers of a run that are not cancelled; no page without any."""
    rows = Paper.objects.filter(run=pk).exclude(status=PaperStatus.CANCELLED).order_by("number", "pk")
    found = list(rows.only("reference", "status", "content"))
    if not found:
        raise Http404
    return found


def content_of(paper: Paper) -> Any:
    """Its content; of a draft it says so."""
    return as_draft(paper.content) if paper.status == PaperStatus.DRAFT else paper.content
