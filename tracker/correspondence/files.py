"""The files of papers: what is kept, what may be uploaded, and under which name."""

from __future__ import annotations

import hashlib

from tracker.correspondence.models import FileContent, Paper, PaperFile

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def name_of(paper: Paper, ending: str) -> str:
    """The name of the file of a paper: its reference with hyphens."""
    return f"{paper.reference.replace('/', '-')}.{ending}"


def keep(paper: Paper, name: str, kind: str, data: bytes, *, by: str) -> PaperFile:
    """Files bytes that the program made; the same bytes under the same name are one row."""
    digest = hashlib.sha256(data).hexdigest()
    FileContent.objects.get_or_create(sha256=digest, defaults={"data": data})
    row, _new = PaperFile.objects.get_or_create(
        paper=paper,
        name=name,
        content_id=digest,
        defaults={"type": kind, "size": len(data), "origin": PaperFile.Origin.MADE, "added_by": by},
    )
    return row
