"""The files of papers: what the program made, and what was uploaded (`uploads.py` says what is accepted)."""

from __future__ import annotations

import hashlib

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from tracker.correspondence import uploads
from tracker.correspondence.checks import enclosures_of
from tracker.correspondence.models import FileContent, Paper, PaperFile, PaperStep
from tracker.correspondence.uploads import DOCX, LARGEST, PDF, Refused

__all__ = ["DOCX", "LARGEST", "PDF", "Refused", "accept", "filed_pdf", "keep", "name_of"]
MOST_FILES = 50  # of a paper


def name_of(paper: Paper, ending: str) -> str:
    """The name of the file of a paper: its reference with hyphens."""
    return f"{paper.reference.replace('/', '-')}.{ending}"


def keep(
    paper: Paper,
    name: str,
    kind: str,
    data: bytes,
    *,
    by: str,
    origin: str = PaperFile.Origin.MADE,
) -> PaperFile:
    """Files bytes; the same bytes under the same name are one row."""
    digest = hashlib.sha256(data).hexdigest()
    FileContent.objects.get_or_create(sha256=digest, defaults={"data": data})
    row, _new = PaperFile.objects.get_or_create(
        paper=paper,
        name=name,
        content_id=digest,
        defaults={"type": kind, "size": len(data), "origin": origin, "added_by": by},
    )
    return row


def filed_pdf(paper: Paper) -> PaperFile | None:
    """The PDF that was filed at the last initials; None of a paper that has none."""
    return paper.files.filter(content=paper.filed, type=PDF).first()


def enclosed(paper: Paper) -> list[PaperFile]:
    """The enclosures in the mail of a paper that names some: what was attached before its dispatch."""
    dispatched = paper.steps.filter(what=PaperStep.What.DISPATCHED).last()
    if dispatched is None or not enclosures_of(paper):
        return []
    attached = paper.files.filter(origin=PaperFile.Origin.UPLOADED, added_at__lte=dispatched.at)
    return list(attached.select_related("content"))


def accept(paper: Paper, uploaded: UploadedFile, *, by: str) -> PaperFile:
    """Checks an uploaded file by its content, files it, and records the step.

    Raises:
        Refused: it is not accepted; the message says why and what to do.
    """
    if (uploaded.size or 0) > LARGEST:
        raise _too_large()
    name = uploads.clean_name(uploaded.name or "")
    data = uploaded.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise _too_large()
    kind = uploads.kind_of(name, data)
    with transaction.atomic():
        if paper.files.count() >= MOST_FILES:
            raise Refused(
                _("This paper has %(n)d files already. Put several into one PDF.") % {"n": MOST_FILES}
            )
        row = keep(paper, name, kind, data, by=by, origin=PaperFile.Origin.UPLOADED)
        PaperStep.objects.create(paper=paper, what=PaperStep.What.FILED, by=by, note=name)
    return row


def _too_large() -> Refused:
    return Refused(
        _("The file is larger than %(n)d MB. Save it with smaller pictures, or divide it.")
        % {"n": LARGEST // 1_000_000}
    )
