"""The report on late and non-reporting States."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from tracker.languages.writing import in_words
from tracker.obligations.queries import late
from tracker.obligations.wording import badge_of
from tracker.registry.models import Region
from tracker.rules.status import Status
from tracker.web.reports.document import (
    DocumentColumn,
    DocumentGroup,
    DocumentRow,
    DocumentSection,
    DocumentTable,
    Mark,
    ReportDocument,
)


def report_of(rows: Sequence[Any], day: date, region: str = "") -> ReportDocument:
    """The counts, then the overdue reports by printed band, the longest overdue first.

    Args:
        rows: of `late.rows_on(day)`, the earliest due date first.
        region: the regional group to which the rows belong, if they are of one alone.
    """
    rows = [row.as_it_stood() for row in rows]
    overdue = [row for row in rows if row.status == Status.OVERDUE]
    # A State is not listed as late when our own records are incomplete: such a report is only counted.
    unknown = [row for row in rows if row.status == Status.NO_RECORD]
    counted = late.sections_of(
        Counter((late.section_of(row.kind, row.carried_by), row.band) for row in overdue)
    )
    says = [
        _("%(group)s only.") % {"group": Region(region).label} if region else "",
        late.counts_sentence(counted, day),
        *(late.bands_sentence(section) for section in counted),
        late.unknown_sentence(len(unknown), len({row.state_id for row in unknown})),
    ]
    return ReportDocument(
        name=f"late-{region}" if region else "late",
        title=_("Late and non-reporting States"),
        day=day,
        says=tuple(filter(None, says)),
        sections=(
            DocumentSection("figures", _("In figures"), table=_figures(counted)),
            *(_section(section, overdue, day) for section in counted),
        ),
    )


def _figures(counted: list[late.LateSection]) -> DocumentTable:
    """How many reports of each kind, by how long; our finer bands under the printed one."""
    rows: list[DocumentRow] = []
    for at in zip(*(section.bands for section in counted), strict=True):
        rows.append((str(at[0].label), *(band.count for band in at)))
        rows += [
            (_("of these %(label)s") % {"label": finer[0][1]}, *(count for _band, _label, count in finer))
            for finer in zip(*(band.finer for band in at), strict=True)
        ]
    return DocumentTable(
        (
            DocumentColumn(_("Overdue")),
            *(DocumentColumn(str(section.label), end=True) for section in counted),
        ),
        (DocumentGroup(tuple(rows)),),
        (_("All"), *(section.count for section in counted)),
    )


def _section(section: late.LateSection, overdue: Sequence[Any], day: date) -> DocumentSection:
    """The reports of one kind, by printed band."""
    if not section.count:
        none = _("None is known to be overdue on %(on)s.") % {"on": in_words(day)}
        return DocumentSection(section.kind, str(section.label), (none,))
    groups = []
    for band in section.bands:
        found = [
            row
            for row in overdue
            if late.section_of(row.kind, row.carried_by) == section.kind and row.band in band.bands
        ]
        heading = _("Overdue %(label)s: %(n)d") % {"label": band.label, "n": len(found)}
        if found:
            groups.append(DocumentGroup(tuple(_row(row, day) for row in found), heading))
    columns = (
        DocumentColumn(_("State"), share=5),
        DocumentColumn(_("Code")),
        DocumentColumn(_("Report")),
        DocumentColumn(_("Due"), end=True),
        DocumentColumn(_("Status")),
        DocumentColumn(_("Regional group"), share=4),
    )
    says = (section.says,) if section.says else ()
    return DocumentSection(section.kind, str(section.label), says, DocumentTable(columns, tuple(groups)))


def _row(row: Any, day: date) -> DocumentRow:
    stands = badge_of(row, day)
    return (
        row.state.shown_name,
        row.state_id,
        row.label,
        str(row.due.year) if row.year_only else row.due,
        Mark(stands.text, stands.css),
        str(row.state.get_region_display()),
    )
