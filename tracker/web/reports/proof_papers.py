"""Proof of notice: everything that was sent or received, and the particulars of each paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from django.utils.translation import gettext as _, ngettext

from tracker.correspondence.exchange import Exchange, Exchanged, delivery_of
from tracker.correspondence.models import Direction, Paper, PaperFile
from tracker.languages.writing import in_words, number, with_commas
from tracker.reminders.models import Mail, ReminderState, StaffTask
from tracker.reminders.text.language import in_words as languages_in_words
from tracker.web.reports.document import (
    DocumentColumn,
    DocumentGroup,
    DocumentRow,
    DocumentSection,
    DocumentTable,
    joined,
    table_of,
)


def certain(exchange: Exchange) -> list[Exchanged]:
    """What went out and came in, the earliest first: no drafts, and no mail that may not have gone."""
    return [one for one in reversed(exchange.read()) if one.gone and one.mark != ReminderState.UNKNOWN]


def says(rows: Sequence[Exchanged], day: date) -> Iterator[str]:
    """A sentence about the papers; none if there are none."""
    sent = [one.row for one in rows if isinstance(one.row, Paper) and not one.row.is_received]
    if not sent:
        return
    yield ngettext(
        "%(n)d paper was dispatched to the State up to %(on)s.",
        "%(n)d papers were dispatched to the State up to %(on)s.",
        len(sent),
    ) % {"n": len(sent), "on": in_words(day)}
    acknowledged = sum(_acknowledged(paper, day) for paper in sent)
    yield ngettext(
        "The receipt of %(n)d of them was acknowledged.",
        "The receipt of %(n)d of them was acknowledged.",
        acknowledged,
    ) % {"n": acknowledged}


def sections(rows: Sequence[Exchanged], day: date) -> Iterator[DocumentSection]:
    """The list of what was exchanged, and the particulars of the papers; nothing without rows."""
    if rows:
        yield _listed(rows)
    papers = [one for one in rows if isinstance(one.row, Paper)]
    if papers:
        yield _particulars(papers, day)


def _listed(rows: Sequence[Exchanged]) -> DocumentSection:
    columns = (
        DocumentColumn(_("No."), end=True),
        DocumentColumn(_("Day"), end=True),
        DocumentColumn(_("Sent or received"), share=2),
        DocumentColumn(_("What"), share=3),
        DocumentColumn(_("To or from"), share=4),
        DocumentColumn(_("Reference and subject"), share=6),
        DocumentColumn(_("Status"), share=3),
    )
    lines: list[DocumentRow] = [
        (
            at,
            one.day,
            one.direction_in_words,
            one.form,
            one.person,
            joined(one.reference, one.subject),
            # The outcome of a task is a working note of the office.
            str(Direction.IN.label) if isinstance(one.row, StaffTask) else joined(one.status, one.beside),
        )
        for at, one in enumerate(rows, 1)
    ]
    return DocumentSection("exchanged", _("Correspondence"), (), table_of(columns, lines))


def _particulars(papers: Sequence[Exchanged], day: date) -> DocumentSection:
    groups = tuple(
        DocumentGroup(tuple(_lines(one, day)), _("Paper %(reference)s") % {"reference": one.row.reference})
        for one in papers
    )
    notes = (
        _(
            "The SHA-256 of a file is calculated from its bytes as they are filed. A paper that was returned to draft "
            "after it had been initialled has one file for each version; the last one was dispatched."
        ),
    )
    columns = (DocumentColumn(_("What")), DocumentColumn(_("As recorded"), share=1))
    return DocumentSection("papers", _("Details of each paper"), (), DocumentTable(columns, groups), notes)


def _lines(one: Exchanged, day: date) -> Iterator[DocumentRow]:
    paper: Paper = one.row
    yield (_("Form"), paper.get_form_display())
    yield (_("Occasion"), paper.get_occasion_display())
    yield (_("Subject"), paper.subject)
    if paper.due_on:
        yield (_("Due date in the paper"), in_words(paper.due_on))
    whom = with_commas((paper.name, paper.office, paper.email))
    if paper.is_received:
        yield (_("From"), whom)
        yield (_("Their reference"), paper.their_reference)
        yield (_("Received"), _on_by(paper.received_on, paper.drafted_by))
    else:
        yield (_("To"), whom)
        yield (_("Language"), language_of(paper))
        yield (_("Initialled by"), with_commas((paper.initialled_by, paper.seconded_by)))
        if paper.decision:
            yield (_("Decision"), paper.decision)
        yield (_("Dispatched"), _on_by(paper.dispatched_on, paper.dispatched_by))
        yield (_("Delivery"), delivery_of(paper))
        yield from _of_mail(paper)
        if _acknowledged(paper, day) and paper.acknowledged_on is not None:
            yield (_("Acknowledged"), joined(in_words(paper.acknowledged_on), paper.acknowledged_note))
    # The note below the table says that the last one was dispatched.
    for file in sorted(one.files, key=lambda file: file.content_id == paper.filed):
        yield (_("File, SHA-256"), _file(file))


def _of_mail(paper: Paper) -> Iterator[DocumentRow]:
    mail = paper.dispatch.mail if hasattr(paper, "dispatch") else None
    if mail is not None:
        yield (_("Message-ID"), mail.message_id)
        yield (_("Answer of the server"), mail.answer)
        yield (_("SHA-256 of the text"), mail.fingerprint)


def _acknowledged(paper: Paper, day: date) -> bool:
    return paper.acknowledged_on is not None and paper.acknowledged_on <= day


def _on_by(on: date | None, by: str) -> str:
    return _("%(on)s, entered by %(who)s") % {"on": in_words(on) if on else "", "who": by}


def _file(file: PaperFile) -> str:
    said = _("%(name)s (%(size)s bytes): %(digest)s") % {
        "name": file.name,
        "size": number(file.size),
        "digest": file.content_id,
    }
    return _("%(file)s, attached by mistake") % {"file": said} if file.mistake else said


def language_of(sent: Mail | Paper) -> str:
    """The language or languages of a mail or paper, and the version of the translations."""
    said = languages_in_words(sent.language)
    return (
        _("%(languages)s (texts of version %(version)s)") % {"languages": said, "version": sent.words}
        if sent.words
        else said
    )
