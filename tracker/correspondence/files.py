"""The files of papers: what the program made, and what was uploaded (`uploads.py` says what is accepted)."""

from __future__ import annotations

import hashlib

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_noop

from tracker.correspondence import steps, uploads
from tracker.correspondence.checks import NotPossible, attached_to, enclosures_of
from tracker.correspondence.models import GONE, FileContent, Paper, PaperFile, PaperStep
from tracker.correspondence.steps import ABOUT_FILES, What
from tracker.correspondence.uploads import DOCX, LARGEST, PDF, Refused
from tracker.registry.stored import StoredText

__all__ = [
    "DOCX",
    "LARGEST",
    "PDF",
    "Refused",
    "accept",
    "enclosed",
    "filed_pdf",
    "keep",
    "name_of",
    "remove",
    "undo",
]
MOST_FILES = 50  # of a paper
BY_MISTAKE = StoredText(gettext_noop("attached by mistake"))


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
    return list(attached_to(paper).filter(added_at__lte=dispatched.at).select_related("content"))


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
        there = set(paper.files.filter(is_removed=False).values_list("pk", flat=True))
        if len(there) >= MOST_FILES:
            raise Refused(
                _("This paper has %(n)d files already. Put several into one PDF.") % {"n": MOST_FILES}
            )
        row = keep(paper, name, kind, data, by=by, origin=PaperFile.Origin.UPLOADED)
        if row.is_removed:
            row.added_by, row.added_at = by, timezone.now()
        if row.mistake:  # somebody has attached it again, so it belongs there
            row.is_removed, row.mistake = False, ""
            row.save()
        steps.record(paper, What.FILED, by, name, {"file": row.pk, "was_there": row.pk in there})
    return row


def remove(file: PaperFile, *, by: str, reason: str) -> None:
    """Takes an attached file off its paper. After the dispatch it stays, marked as attached by mistake: it may have
    gone with the mail.

    Raises:
        NotPossible: it is no such file any more.
    """
    with transaction.atomic():
        paper = Paper.objects.select_for_update().get(pk=file.paper_id)
        row = attached_to(paper).filter(pk=file.pk).first()
        if row is None:
            raise NotPossible(_("Only files that somebody attached, and nobody has removed, can be removed."))
        row.mistake, row.is_removed = reason[:200], paper.status not in GONE
        row.save()
        what = What.REMOVED if row.is_removed else What.MISTAKEN
        steps.record(paper, what, by, f"{row.name}: {reason}", {"file": row.pk})


def undo(step: PaperStep, *, by: str) -> Paper:
    """Undoes a step about a file: takes it off, or puts it back.

    Raises:
        NotPossible: that is done already, or since then the paper went, or the file was attached or removed; or the
            file was there before, and may have gone with the mail.
    """
    with transaction.atomic():
        paper = Paper.objects.select_for_update().get(pk=step.paper_id)
        row = (
            None if step.undo_to.get("was_there") else paper.files.filter(pk=step.undo_to.get("file")).first()
        )
        later = Q(what__in=(What.DISPATCHED, What.SENT)) | Q(
            what__in=ABOUT_FILES, undo_to__file=row and row.pk
        )
        since = paper.steps.filter(later, pk__gt=step.pk)
        if row is None or since.exists() or (step.what == What.FILED) == bool(row.mistake):
            raise NotPossible(_("Somebody has changed this paper since. Open it again to see."))
        row.is_removed = step.what == What.FILED
        row.mistake = BY_MISTAKE() if row.is_removed else ""
        row.save()
        steps.record_undone(step, by)
    return paper


def _too_large() -> Refused:
    return Refused(
        _("The file is larger than %(n)d MB. Save it with smaller pictures, or divide it.")
        % {"n": LARGEST // 1_000_000}
    )
