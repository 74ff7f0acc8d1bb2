"""The dossier of a State: all its records up to a day, its obligations, and the reasons for their dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _, ngettext

from tracker.consideration.coverage import CoverageOfReport
from tracker.languages.writing import in_words, together, with_commas
from tracker.obligations.models import report_label
from tracker.obligations.queries.dossier import Dossier
from tracker.obligations.wording import (
    awaiting_in_words,
    badge_of,
    due_cell,
    observations_in_words,
    place,
    prints_otherwise,
    sentence,
)
from tracker.rules.status import Status
from tracker.web.reports import dossier_facts
from tracker.web.reports.document import (
    DocumentColumn,
    DocumentGroup,
    DocumentLink,
    DocumentRow,
    DocumentSection,
    DocumentTable,
    Mark,
    ReportDocument,
    listed,
    table_of,
)


@dataclass(frozen=True)
class Correspondence:
    """Reminders and contacts for the dossier; None if the reader has no permission.

    Attributes:
        reminders: those sent up to the day, the earliest first.
        contacts: as recorded today, because they have no day.
    """

    reminders: Iterable[Any] | None
    contacts: Iterable[Any] | None
    officer: Any | None


def report_of(
    known: Dossier, letters: Correspondence, history: str, coverages: Mapping[int, CoverageOfReport]
) -> ReportDocument:
    """The dossier.

    Args:
        coverages: what its reports cover, by their keys.
        history: the address of the State's history, which is linked and not included.
    """
    sections = (
        dossier_facts.participation(known),
        dossier_facts.statements(known),
        _owed(known),
        _reasons(known),
        _calendar(known),
        dossier_facts.submissions(known),
        dossier_facts.covered(known, coverages),
        dossier_facts.reviews(known),
        dossier_facts.decisions(known),
        dossier_facts.requests(known),
        dossier_facts.non_receipts(known),
        _to_confirm(known),
        _reminders(letters),
        _contacts(letters),
        _sources(known),
    )
    return ReportDocument(
        name=f"dossier-{known.state.pk}",
        title=_("Dossier: %(name)s (%(code)s)") % {"name": known.state.shown_name, "code": known.state.pk},
        day=known.day,
        says=tuple(filter(None, (_formal_name(known), together(in_sentences(known))))),
        sections=tuple(section for section in sections if section),
        links=(DocumentLink(_("History of all changes to these records"), history),),
        footnotes=True,
    )


def _formal_name(known: Dossier) -> str:
    name = known.state.formal_name
    return _("Formal name: %(name)s") % {"name": name} if name else ""


def in_sentences(known: Dossier) -> Iterable[str]:
    """Regional group, participation and number of overdue reports, in sentences."""
    yield known.introduction
    if n := len(known.overdue):
        yield ngettext("One report is overdue.", "%(n)d reports are overdue.", n) % {"n": n}


def _owed(known: Dossier) -> DocumentSection:
    rows: list[DocumentRow] = []
    for row in known.obligations:
        stands = badge_of(row, known.day)
        waits = awaiting_in_words(row.awaiting_since, row.received_on) or row.expected_in
        differs = prints_otherwise(row.printed, row.due, year_only=row.year_only)
        rows.append(
            (
                _("%(what)s; %(waits)s") % {"what": row.label, "waits": waits} if waits else row.label,
                row.article,
                str(row.due.year) if row.due and row.year_only else row.due or due_cell(row).text,
                row.computed_on if row.due != row.computed_on and due_cell(row).small else None,
                Mark(stands.text, stands.css),
                row.received_on,
                _("%(printed)s, differs") % {"printed": row.printed} if differs else row.printed or None,
            )
        )
    columns = (
        DocumentColumn(_("Report"), share=5),
        DocumentColumn(_("Article")),
        DocumentColumn(_("Due"), end=True),
        DocumentColumn(_("By rule"), end=True),
        DocumentColumn(_("Status")),
        DocumentColumn(_("Received"), end=True),
        DocumentColumn(_("UN printed")),
    )
    state = known.state
    notes = (
        _(
            "“By rule” is the date that the article gives where the Committee has stated another, "
            "and of a report under the Convention the day of the five-year calendar, which is no "
            "deadline; “UN printed” is the due date as the United Nations printed it."
        )
        if rows
        else "",
        known.rule,
        together(
            _("%(what)s: %(observations)s.")
            % {
                "what": capfirst(row.label),
                "observations": observations_in_words(row.document, row.decided_on),
            }
            for row in known.obligations
            if row.status == Status.NOT_RECORDED and row.document
        ),
        known.begins_with_initial,
        *known.records,
        _records_note(state),
    )
    return listed("owed", _("What it owes"), columns, rows, tuple(filter(None, notes)))


def _records_note(state: Any) -> str:
    """The note on the records, with its source."""
    if not state.records_note:
        return ""
    of_day = in_words(state.records_evidence_on) if state.records_evidence_on else ""
    source = with_commas((state.records_source, of_day))
    return f"{state.records_note} ({source})" if source else str(state.records_note)


def _reasons(known: Dossier) -> DocumentSection | None:
    """The trail of every date: one group of numbered sentences for each report."""
    groups = []
    for row in known.obligations:
        due = due_cell(row).text if row.due else _("no date") if row.waived else _("no date yet")
        if row.status == Status.NOT_RECORDED:
            due = _("date not recorded")
        steps = tuple(
            (number, place(step.source), sentence(step)) for number, step in enumerate(row.steps, 1)
        )
        groups.append(DocumentGroup(steps, _("%(what)s: %(due)s") % {"what": row.label, "due": due}))
    if not groups:
        return None
    columns = (
        DocumentColumn(_("Step"), end=True),
        DocumentColumn(_("Article or document"), share=2),
        DocumentColumn(_("Reason"), share=5),
    )
    return DocumentSection("reasons", _("Why these dates"), table=DocumentTable(columns, tuple(groups)))


def _calendar(known: Dossier) -> DocumentSection | None:
    """The five-year calendar of the treaty, which sets no deadline."""
    rows: list[DocumentRow] = [
        (report_label(row.kind, row.cycle, row.carried_by), row.computed_on, sentence(row.trail[-1]))
        for row in known.calendar
    ]
    if not rows:
        return None
    columns = (
        DocumentColumn(_("Report"), share=3),
        DocumentColumn(_("By the calendar"), end=True),
        DocumentColumn(_("Why"), share=6),
    )
    says = _(
        "The five-year calendar of CRC art. 44(1)(b). None of these days is a deadline: the Committee sets the dates."
    )
    return DocumentSection("calendar", _("Treaty calendar, indicative"), (says,), table_of(columns, rows))


def _to_confirm(known: Dossier) -> DocumentSection:
    """The records of the State that are to be confirmed."""
    rows: list[DocumentRow] = [
        (row.label, row.due, _("no record: the office’s records do not cover this due date"))
        for row in known.obligations
        if row.status == Status.NO_RECORD
    ]
    rows += [
        (
            f"{action.treaty_id}, {action.get_kind_display()}",
            action.date,
            _("the day, or the day of effect, needs a better source"),
        )
        for action in known.actions
        if action.to_be_confirmed
    ]
    rows += [
        (one.document, one.due_on, _("the document prints no exact day, so the day is inferred"))
        for one in known.decisions
        if dossier_facts.is_inferred(one)
    ]
    rows += [
        (one.document, one.due_on, _("must be confirmed by a second person, and has no effect yet"))
        for one in known.waiting
    ]
    columns = (
        DocumentColumn(_("What"), share=3),
        DocumentColumn(_("Day"), end=True),
        DocumentColumn(_("Why"), share=6),
    )
    says = () if rows else (_("Nothing."),)
    return DocumentSection("to-confirm", _("To be confirmed"), says, table_of(columns, rows))


def _sources(known: Dossier) -> DocumentSection:
    """The full citation of each source that the tables above name in short."""
    rows: list[DocumentRow] = [
        (DocumentLink(one.key, one.address) if one.address else one.key, one.text) for one in known.sources
    ]
    columns = (DocumentColumn(_("In short"), share=2), DocumentColumn(_("Source"), share=7))
    return DocumentSection("sources", _("Sources"), table=table_of(columns, rows))


def _reminders(letters: Correspondence) -> DocumentSection | None:
    if letters.reminders is None:
        return None
    rows: list[DocumentRow] = [
        (
            one.sent_on,
            one.obligation.label,
            one.due_on,
            one.stage,
            f"{one.recipient_name}, {one.recipient}" if one.recipient_name else one.recipient,
        )
        for one in letters.reminders
    ]
    columns = (
        DocumentColumn(_("Sent"), end=True),
        DocumentColumn(_("Report"), share=4),
        DocumentColumn(_("Due"), end=True),
        DocumentColumn(_("Stage"), share=3),
        DocumentColumn(_("To"), share=6),
    )
    return DocumentSection(
        "reminders",
        _("Reminders sent"),
        () if rows else (_("None had been sent."),),
        table_of(columns, rows),
    )


def _contacts(letters: Correspondence) -> DocumentSection | None:
    if letters.contacts is None:
        return None
    rows: list[DocumentRow] = [
        (
            one.name,
            one.office or None,
            one.email,
            with_commas(
                filter(
                    None,
                    (
                        str(one.get_copy_display()),
                        "" if one.active else _("not active"),
                        _("demonstration") if one.is_demonstration else "",
                    ),
                )
            ),
        )
        for one in letters.contacts
    ]
    columns = (
        DocumentColumn(_("Name"), share=3),
        DocumentColumn(_("Office"), share=4),
        DocumentColumn(_("E-mail"), share=4),
        DocumentColumn(_("Addressed as"), share=3),
    )
    notes = [_("The contacts are those recorded today, whatever the as-of day.")] if rows else []
    if letters.officer:
        notes.append(_("Desk officer: %(name)s.") % {"name": letters.officer})
    return listed("contacts", _("Contacts"), columns, rows, tuple(notes))
