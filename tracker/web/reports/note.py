"""The note to hand over: what a State owes, on one page, without contacts and without our working notes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _, ngettext

from tracker.obligations.models import Kind
from tracker.obligations.queries.answer import Answer, answer_of
from tracker.obligations.queries.dossier import Dossier
from tracker.obligations.wording import badge_of, due_cell, place, sentence
from tracker.registry.sources import citations_of
from tracker.reminders.wording import reasons
from tracker.rules.status import OPEN, Status
from tracker.web.reports.document import (
    DocumentColumn,
    DocumentRow,
    DocumentSection,
    Mark,
    ReportDocument,
    table_of,
)
from tracker.web.reports.dossier_facts import reviewed_day

MOST = 5  # rows of a table: the note has one page


def report_of(known: Dossier) -> ReportDocument:
    """The note."""
    answer = answer_of(known)
    sections = (
        _awaited(known, answer),
        _basis(answer.report or _awaiting(known)),
        _received(known),
        _dialogue(known),
        _next_steps(known, answer),
    )
    return ReportDocument(
        name=f"note-{known.state.pk}",
        title=_("%(name)s: reports under the Optional Protocol") % {"name": known.state.shown_name},
        day=known.day,
        says=(known.participation, *_in_short(answer)),
        sections=tuple(section for section in sections if section),
        one_page=True,
    )


def _in_short(answer: Answer) -> Iterable[str]:
    """The three lines."""
    yield _("Awaited: %(sentences)s") % {"sentences": answer.awaited}
    if answer.received:
        yield _("Last received: %(sentences)s") % {"sentences": answer.received}
    if answer.ends:
        yield _("What ends it: %(sentences)s") % {"sentences": answer.ends}


def _awaited(known: Dossier, answer: Answer) -> DocumentSection | None:
    """The reports of the status that counts and the next one that falls due; not what follows in later years."""
    if answer.report is None:
        return None
    alike = [
        row
        for row in known.obligations
        if row.status == answer.report.status and row.status != Status.NOT_YET_DUE
    ]
    ahead = next(
        (row for row in known.obligations if row.status in (Status.DUE_SOON, Status.NOT_YET_DUE)), None
    )
    found = {row.pk: row for row in (answer.report, *alike, *filter(None, [ahead]))}
    rows: list[DocumentRow] = []
    for row in list(found.values())[:MOST]:
        stands = badge_of(row, known.day)
        rows.append((row.label, row.article, due_cell(row).text, Mark(stands.text, stands.css)))
    columns = (
        DocumentColumn(_("Report"), share=3),
        DocumentColumn(_("Article")),
        DocumentColumn(_("Due"), end=True),
        DocumentColumn(_("Status")),
    )
    rest = len(found) - len(rows)
    more = (
        ngettext("%(n)d more is not shown.", "%(n)d more are not shown.", rest) % {"n": rest} if rest else ""
    )
    return DocumentSection(
        "awaited", _("What is awaited"), table=table_of(columns, rows), notes=tuple(filter(None, [more]))
    )


def _awaiting(known: Dossier) -> Any | None:
    """The report that awaits the Committee's review."""
    return next((row for row in reversed(known.obligations) if row.awaiting_since), None)


def _basis(report: Any | None) -> DocumentSection | None:
    """The reasons for the date of a report, and the full citations of what they rest on."""
    if report is None:
        return None
    steps = reasons(report)
    rows: list[DocumentRow] = [(place(step.source), sentence(step)) for step in steps[-MOST:]]
    columns = (DocumentColumn(_("Article or document"), share=2), DocumentColumn(_("Reason"), share=5))
    cited = citations_of(step.source for step in steps[-MOST:])
    return DocumentSection(
        "basis", _("Legal basis"), table=table_of(columns, rows), notes=tuple(map(str, cited))
    )


def _received(known: Dossier) -> DocumentSection | None:
    rows: list[DocumentRow] = [
        (
            one.label,
            one.symbol or None,
            one.received_on if one.received_on and one.received_on <= known.day else _("not recorded"),
        )
        for one in known.reports_that_count[-MOST:]
    ]
    columns = (
        DocumentColumn(_("Report"), share=3),
        DocumentColumn(_("Symbol"), share=3),
        DocumentColumn(_("Received"), end=True),
    )
    return DocumentSection("received", _("Last received"), table=table_of(columns, rows)) if rows else None


def _dialogue(known: Dossier) -> DocumentSection | None:
    """The dialogues with the Committee and its concluding observations, the earliest first."""
    adopted = {one.adopted_on for one in known.reviews_that_count}
    found: list[tuple[Any, DocumentRow]] = [
        (one.adopted_on, (_("concluding observations"), one.document, one.adopted_on))
        for one in known.reviews_that_count
    ]
    found += [
        (
            one.reviewed_on,
            (
                _("dialogue on the %(what)s") % {"what": one.label},
                one.observations or one.symbol or None,
                reviewed_day(one),
            ),
        )
        for one in known.reports_that_count
        if one.reviewed_on and one.reviewed_on <= known.day and one.reviewed_on not in adopted
    ]
    found.sort(key=lambda one: one[0])
    columns = (
        DocumentColumn(_("What"), share=3),
        DocumentColumn(_("Document"), share=3),
        DocumentColumn(_("Day"), end=True),
    )
    rows = [row for _day, row in found[-MOST:]]
    return (
        DocumentSection("dialogue", _("Dialogue with the Committee"), table=table_of(columns, rows))
        if rows
        else None
    )


def _next_steps(known: Dossier, answer: Answer) -> DocumentSection | None:
    """What the State is asked to do."""
    status = answer.report.status if answer.report else ""
    says = []
    if status in OPEN:
        reply = answer.report is not None and answer.report.kind == Kind.INFORMATION
        says.append(
            _(
                "The State is invited to submit the reply to the Committee on the Rights of the Child through the "
                "Office of the United Nations High Commissioner for Human Rights in Geneva."
            )
            if reply
            else _(
                "The State is invited to submit the report to the Committee on the Rights of the Child through the "
                "Office of the United Nations High Commissioner for Human Rights in Geneva."
            )
        )
    if status in (Status.OVERDUE, Status.NO_RECORD):
        says.append(
            _(
                "If it has been submitted, please tell the office the day and the symbol, so that the record "
                "can be corrected."
            )
        )
    if status in (Status.TO_BE_COMMUNICATED, Status.NOT_RECORDED):
        says.append(_("Nothing is asked of the State until the Committee states a date."))
    if answer.report is None and _awaiting(known):
        says.append(_("Nothing is asked of the State while the report awaits the Committee’s review."))
    if known.begins_with_initial:
        says.append(known.begins_with_initial)
    return DocumentSection("next", _("Next steps"), says=tuple(says)) if says else None
