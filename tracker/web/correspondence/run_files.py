"""All papers of a run at once: one PDF to print, and a folder of documents to edit."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.correspondence import files, rendering
from tracker.correspondence.models import Paper, PaperStatus
from tracker.web.correspondence.printing import as_download, as_draft

MAY_READ = "correspondence.view_paper"


@require_safe
@permission_required(MAY_READ, raise_exception=True)
def run_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """`/correspondence/runs/1/papers.pdf`: each paper on pages of its own, in the order of their numbers."""
    contents = [content_of(paper) for paper in papers_of(pk)]
    return as_download(f"run-{pk}.pdf", files.PDF, rendering.pdf_of(contents))


@require_safe
@permission_required(MAY_READ, raise_exception=True)
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
