"""The report on participation in the OPSC."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from tracker.languages.writing import in_words, with_commas
from tracker.obligations.wording import span
from tracker.registry.models import TreatyAction
from tracker.web.participation.participation import Overview, Party
from tracker.web.reports.document import (
    DocumentColumn,
    DocumentGroup,
    DocumentRow,
    DocumentSection,
    DocumentTable,
    ReportDocument,
    table_of,
)


def report_of(found: Overview, day: date) -> ReportDocument:
    """The figures, the regional groups, every State party with its days, and the States that are not parties."""
    counted = found.counted
    return ReportDocument(
        name="participation",
        title=_("Participation"),
        day=day,
        says=(
            _(
                "On %(on)s, %(signed)d States had signed the OPSC and %(parties)d were parties to it; %(waiting)d "
                "signatories were not parties."
            )
            % {
                "on": in_words(day),
                "signed": counted.signatories,
                "parties": counted.parties,
                "waiting": counted.signatories_not_parties,
            },
        ),
        sections=(
            DocumentSection("figures", _("In figures"), table=_figures(found)),
            DocumentSection("groups", _("By regional group"), table=_groups(found)),
            _parties(found.parties),
            _waiting(found, day),
            _outside(found),
        ),
    )


def _figures(found: Overview) -> DocumentTable:
    rows: tuple[DocumentRow, ...] = (
        (_("Signatures"), found.counted.signatories),
        (_("States parties"), found.counted.parties),
        *((_("of these by %(kind)s") % {"kind": one["label"]}, one["count"]) for one in found.joined),
        (_("Signatories that are not parties"), found.counted.signatories_not_parties),
    )
    return DocumentTable(
        (DocumentColumn(_("Participation")), DocumentColumn(_("States"), end=True)), (DocumentGroup(rows),)
    )


def _groups(found: Overview) -> DocumentTable:
    heads = (*map(str, found.headings), _("States parties"), _("Of States"))
    return DocumentTable(
        (DocumentColumn(_("Regional group"), share=1), *(DocumentColumn(head, end=True) for head in heads)),
        (DocumentGroup(tuple((str(row.label), *row.counts, row.parties, row.states) for row in found.rows)),),
        (_("All"), *found.totals, found.total_parties, found.total_states),
    )


def _parties(parties: list[Party]) -> DocumentSection:
    heading = _("States parties")
    columns = (
        DocumentColumn(_("State"), share=5),
        DocumentColumn(_("Code")),
        DocumentColumn(_("Signature"), end=True),
        DocumentColumn(_("Instrument")),
        DocumentColumn(_("Deposit"), end=True),
        DocumentColumn(_("In force"), end=True),
        DocumentColumn(_("Note")),
    )
    table = table_of(columns, [_party(one) for one in parties])
    if table is None:
        return DocumentSection("parties", heading, (_("None."),))
    notes = (
        _(
            "A State is counted as a party from the day of its deposit; its duties run from the entry into force."
        ),
    )
    return DocumentSection("parties", heading, table=table, notes=notes)


def _party(one: Party) -> DocumentRow:
    entry = one.membership.in_force
    notes = [
        _("differs from the rule") if entry.differs else "",
        _("to be confirmed") if entry.to_be_confirmed else "",
    ]
    return (
        one.state.shown_name,
        one.state.pk,
        one.signed_on,
        str(TreatyAction.Kind(one.membership.joined.kind).label),
        one.membership.joined.day,
        entry.day,
        with_commas(notes) or None,
    )


def _waiting(found: Overview, day: date) -> DocumentSection:
    heading = _("Signatories that have not ratified")
    columns = (
        *(DocumentColumn(_("State"), share=5), DocumentColumn(_("Code"))),
        *(DocumentColumn(_("Signed on"), end=True), DocumentColumn(_("Time since"), share=3)),
    )
    rows: list[DocumentRow] = [
        (one.state.shown_name, one.state.pk, one.signed_on, span(one.signed_on, day)) for one in found.waiting
    ]
    return _section_of("waiting", heading, columns, rows)


def _outside(found: Overview) -> DocumentSection:
    columns = (
        DocumentColumn(_("State"), share=5),
        DocumentColumn(_("Code")),
        DocumentColumn(_("Regional group"), share=5),
    )
    rows: list[DocumentRow] = [
        (state.shown_name, state.pk, str(state.get_region_display()) or None) for state in found.outside
    ]
    return _section_of("outside", _("Neither signatory nor party"), columns, rows)


def _section_of(key: str, heading: str, columns: Any, rows: list[DocumentRow]) -> DocumentSection:
    return DocumentSection(key, heading, () if rows else (_("None."),), table_of(columns, rows))
