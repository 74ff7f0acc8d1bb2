"""The facts in the dossier of a State: one section for each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from tracker.consideration.coverage import CoverageOfReport
from tracker.languages.writing import in_words, month_in_words, together, with_commas
from tracker.obligations.models import Precision, report_label
from tracker.obligations.queries.dossier import Dossier, warning_of
from tracker.obligations.queries.received import information_in_words
from tracker.obligations.wording import cited, labelled, trust_in_words
from tracker.rules.facts import ends_a_year
from tracker.web.reports.document import (
    Cell,
    DocumentColumn,
    DocumentLink,
    DocumentRow,
    DocumentSection,
    joined,
    listed,
    table_of,
)


def participation(known: Dossier) -> DocumentSection:
    rows: list[DocumentRow] = [
        (
            action.treaty_id,
            str(action.get_kind_display()),
            action.date,
            action.effective_on,
            joined(
                action.reference,
                action.source,
                _("day to be confirmed") if action.to_be_confirmed else "",
                action.note,
            ),
        )
        for action in known.actions
    ]
    notes = []
    for treaty, membership in known.memberships:
        entry = membership.in_force
        reasons = together(map(cited, entry.trail))
        told = _("%(treaty)s in force for the State: %(day)s.") % {
            "treaty": treaty,
            "day": in_words(entry.day),
        }
        ended = (
            _("Its denunciation takes effect on %(day)s.") % {"day": in_words(membership.ends_on)}
            if membership.ends_on
            else ""
        )
        notes.append(together((told, ended, reasons, warning_of(entry))))
    columns = (
        DocumentColumn(_("Treaty")),
        DocumentColumn(_("Action"), share=2),
        DocumentColumn(_("Date"), end=True),
        DocumentColumn(_("Recorded effect"), end=True),
        DocumentColumn(_("Source and note"), share=6),
    )
    return listed("participation", _("Participation"), columns, rows, tuple(notes))


def statements(known: Dossier) -> DocumentSection:
    rows: list[DocumentRow] = [
        (
            one.treaty_id,
            # Whose it is, where another State objects.
            labelled(one.state.shown_name, one.label) if one.state_id != known.state.pk else one.label,
            one.date,
            one.withdrawn_shown,
            one.text,
            joined(one.source, one.withdrawal_source if one.withdrawn_shown else "", one.note),
        )
        for one in known.statements
    ]
    columns = (
        DocumentColumn(_("Treaty")),
        DocumentColumn(_("Kind"), share=3),
        DocumentColumn(_("Date"), end=True),
        DocumentColumn(_("Withdrawn"), end=True),
        DocumentColumn(_("Text"), share=7),
        DocumentColumn(_("Source and note"), share=4),
    )
    heading = _("Declarations, reservations and objections")
    return listed("statements", heading, columns, rows)


def submissions(known: Dossier) -> DocumentSection:
    rows: list[DocumentRow] = [
        (
            DocumentLink(one.symbol or one.link, one.link) if one.link else one.symbol or None,
            one.label,
            one.received_on if one.received_on and one.received_on <= known.day else _("not known"),
            joined(
                one.title,
                str(one.get_language_display()),
                _("revises an earlier one") if one.revises_id else "",
                _("withdrawn by the State on %(day)s") % {"day": in_words(one.withdrawn_on)}
                if one.withdrawn_on and one.withdrawn_on <= known.day
                else "",
                _information(one),
                one.source,
                trust_in_words(one),
                one.note,
            ),
        )
        for one in known.submissions
    ]
    columns = (
        DocumentColumn(_("Symbol"), share=4),
        DocumentColumn(_("Report"), share=4),
        DocumentColumn(_("Received"), end=True),
        DocumentColumn(_("Source and note"), share=5),
    )
    return listed("submissions", _("Submissions"), columns, rows)


def _information(one: Any) -> str:
    """Whether a report under the Convention gives the information; nothing for other reports."""
    said = information_in_words(one, one.information_where)
    return _("OPSC information in it: %(said)s") % {"said": said} if said else ""


def covered(known: Dossier, coverages: Mapping[int, CoverageOfReport]) -> DocumentSection | None:
    """What the reports cover of the guidelines, of those that somebody has checked."""
    rows: list[DocumentRow] = [
        (
            one.label,
            joined(found.in_words(None), found.differing_in_words().rstrip(".")),
            found.length_in_words() or None,
            found.checked_on,
        )
        for one in known.submissions
        if (found := coverages.get(one.pk))
    ]
    if not rows:
        return None
    columns = (
        DocumentColumn(_("Report"), share=3),
        DocumentColumn(_("Items of the guidelines"), share=6),
        DocumentColumn(_("Length"), share=3),
        DocumentColumn(_("Checked on"), end=True),
    )
    return DocumentSection("covered", _("What the reports cover"), table=table_of(columns, rows))


def reviews(known: Dossier) -> DocumentSection:
    adopted = {one.adopted_on for one in known.reviews}
    rows: list[DocumentRow] = [
        (
            one.label
            if not one.without_report
            else _("%(what)s, reviewed without a report") % {"what": one.label},
            one.document,
            one.adopted_on,
            str(one.session) if one.session else None,
            joined(one.source, trust_in_words(one), one.note),
        )
        for one in known.reviews
    ]
    rows += [
        (
            one.label,
            one.observations or one.symbol or None,
            reviewed_day(one),
            None,
            _("dialogue with the Committee"),
        )
        for one in known.submissions
        if one.reviewed_on and one.reviewed_on <= known.day and one.reviewed_on not in adopted
    ]
    columns = (
        DocumentColumn(_("Report"), share=4),
        DocumentColumn(_("Document"), share=4),
        DocumentColumn(_("Day"), end=True),
        DocumentColumn(_("Session"), end=True),
        DocumentColumn(_("Source and note"), share=5),
    )
    return listed("reviews", _("Reviews and concluding observations"), columns, rows)


def reviewed_day(one: Any) -> Cell:
    """The day of a review, or the month if no more is known."""
    if one.review_precision == Precision.MONTH:
        return month_in_words(one.reviewed_on)
    return one.reviewed_on


def _year_only(one: Any) -> bool:
    """Whether a decision states a year alone."""
    return one.due_on is not None and one.precision == Precision.YEAR and ends_a_year(one.due_on)


def is_inferred(one: Any) -> bool:
    """Whether the day of a decision's date was filled in by us."""
    return one.due_on is not None and one.precision != Precision.DAY and not _year_only(one)


def decisions(known: Dossier) -> DocumentSection:
    rows: list[DocumentRow] = [
        (
            with_commas((one.document, one.paragraph)),
            one.label,
            str(one.due_on.year) if _year_only(one) else one.due_on or str(one.get_outcome_display()),
            one.decided_on,
            joined(
                _("day inferred, to be confirmed") if is_inferred(one) else "",
                one.source,
                trust_in_words(one),
                one.note,
            ),
        )
        for one in known.decisions
    ]
    columns = (
        DocumentColumn(_("Document"), share=4),
        DocumentColumn(_("Reports"), share=4),
        DocumentColumn(_("Due"), end=True),
        DocumentColumn(_("Decided on"), end=True),
        DocumentColumn(_("Source and note"), share=5),
    )
    return listed("dates", _("Dates stated by the Committee"), columns, rows)


def requests(known: Dossier) -> DocumentSection:
    rows: list[DocumentRow] = [
        (
            one.document,
            str(one.get_kind_display()),
            one.issued_on,
            one.due_on,
            one.received_on if one.received_on and one.received_on <= known.day else None,
            one.assessed_by(known.day) or None,
            joined(one.source, one.note),
        )
        for one in known.requests
    ]
    columns = (
        DocumentColumn(_("Document"), share=4),
        DocumentColumn(_("Kind"), share=3),
        DocumentColumn(_("Issued"), end=True),
        DocumentColumn(_("Reply due"), end=True),
        DocumentColumn(_("Reply received"), end=True),
        DocumentColumn(_("Assessment"), share=3),
        DocumentColumn(_("Source and note"), share=4),
    )
    return listed("requests", _("Requests for further information"), columns, rows)


def non_receipts(known: Dossier) -> DocumentSection:
    rows: list[DocumentRow] = [
        (
            report_label(one.kind, one.cycle, one.carried_by),
            one.not_received_by,
            joined(one.source, one.note),
        )
        for one in known.non_receipts
    ]
    columns = (
        DocumentColumn(_("Report"), share=3),
        DocumentColumn(_("Not received by"), end=True),
        DocumentColumn(_("Source and note"), share=6),
    )
    return listed("non-receipts", _("Confirmed as not received"), columns, rows)
