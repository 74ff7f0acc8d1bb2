"""The overdue reports on a day, by section and band, as printed by the United Nations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from tracker.languages.writing import in_words
from tracker.obligations.models import CarriedBy, Kind, Obligation
from tracker.obligations.wording import BAND_LABELS
from tracker.rules.status import Band

Label = str | Promise


# The bands of the reports to the General Assembly, longest first, and the finer ones inside them.
PRINTED: tuple[tuple[Label, tuple[Band, ...]], ...] = (
    (BAND_LABELS[Band.OVER_10], (Band.OVER_10,)),
    (BAND_LABELS[Band.FROM_5_TO_10], (Band.FROM_5_TO_10,)),
    (gettext_lazy("under 5 years"), (Band.FROM_1_TO_5, Band.UNDER_1)),
)


CARRIED = "carried"


SECTIONS: tuple[tuple[str, Label], ...] = (
    (Kind.INITIAL.value, gettext_lazy("Initial reports")),
    (Kind.PERIODIC.value, gettext_lazy("Periodic reports")),
    (CARRIED, gettext_lazy("Reports under the Convention")),
)


@dataclass(frozen=True)
class BandCount:
    """The number of overdue reports of a kind in a band.

    Attributes:
        bands: our bands within the printed band.
        finer: these bands with their counts; empty if the printed band is one of ours.
    """

    label: Label
    bands: tuple[Band, ...]
    count: int
    finer: Sequence[tuple[Band, Label, int]]


@dataclass(frozen=True)
class LateSection:
    """The overdue reports of one kind, by band.

    Attributes:
        kind: initial, periodic (a State's own), or `CARRIED`.
    """

    kind: str
    label: Label
    count: int
    bands: list[BandCount]

    @property
    def says(self) -> str:
        """An explanation of the section if its name needs one; else empty."""
        if self.kind != CARRIED or not self.count:
            return ""
        return _(
            "These are States’ reports under the Convention (CRC art. 44), in which OPSC art. 12(2) asks for "
            "information. The United Nations count them under the Convention, not under the OPSC."
        )


def section_of(kind: str, carried_by: str) -> str:
    """The section in which a report is counted."""
    return CARRIED if carried_by == CarriedBy.CRC_REPORT else kind


def rows_on(day: date, *, today: date | None = None) -> QuerySet[Any]:
    """The reports overdue on a day, and those without record, which are counted but not listed.

    Args:
        today: see `as_of`.
    """
    return (
        Obligation.objects.as_of(day, today=today)
        .past_due(day)
        .exclude(kind=Kind.INFORMATION)
        .select_related("state")
        .defer("trail")
    )


def counted_on(rows: QuerySet[Any]) -> tuple[list[LateSection], int, int]:
    """Counts the rows of `rows_on`: the overdue reports by section, the reports without record, and their States."""
    # One row for each State, series and band, so that the States concerned can be counted once.
    by_state = rows.order_by().values_list("state", "kind", "carried_by", "band").annotate(Count("pk"))
    counted: Counter[tuple[str, str]] = Counter()
    unknown: Counter[str] = Counter()
    for state, kind, carried_by, band, count in by_state:
        if band is None:
            unknown[state] += count
        else:
            counted[section_of(kind, carried_by), band] += count
    return sections_of(counted), unknown.total(), len(unknown)


def sections_of(counted: Mapping[tuple[str, str], int]) -> list[LateSection]:
    """The counts by kind and printed band.

    Args:
        counted: the number of overdue reports by section and our band.
    """
    found = []
    for kind, label in SECTIONS:
        bands = []
        for name, ours in PRINTED:
            counts = [(band, BAND_LABELS[band], counted.get((kind, band.value), 0)) for band in ours]
            finer = counts if len(ours) > 1 else []
            bands.append(BandCount(name, ours, sum(count for _band, _name, count in counts), finer))
        found.append(LateSection(kind, label, sum(band.count for band in bands), bands))
    return found


def counts_sentence(sections: Sequence[LateSection], day: date) -> str:
    """The sentence with the two numbers printed by the United Nations, and the reports under the Convention apart."""
    initial, periodic, carried = (section.count for section in sections)
    said = _("As of %(on)s, %(initial)s and %(periodic)s were overdue under article 12 of the OPSC.") % {
        "initial": ngettext("%(n)d initial report", "%(n)d initial reports", initial) % {"n": initial},
        "periodic": ngettext("%(n)d periodic report", "%(n)d periodic reports", periodic) % {"n": periodic},
        "on": in_words(day),
    }
    if not carried:
        return said
    apart = ngettext(
        "In addition, %(n)d report under the Convention (CRC art. 44) was overdue, in which article 12(2) asks for "
        "information.",
        "In addition, %(n)d reports under the Convention (CRC art. 44) were overdue, in which article 12(2) asks for "
        "information.",
        carried,
    ) % {"n": carried}
    return f"{said} {apart}"


def bands_sentence(section: LateSection) -> str:
    """The sentence on overdue reports of a kind by band; empty if there are none."""
    if not section.count:
        return ""
    pattern = {
        Kind.INITIAL.value: _(
            "Of the initial reports, %(over)d were overdue for more than ten years, %(middle)d for five to ten "
            "years and %(under)d for less than five years."
        ),
        Kind.PERIODIC.value: _(
            "Of the periodic reports, %(over)d were overdue for more than ten years, %(middle)d for five to ten "
            "years and %(under)d for less than five years."
        ),
        CARRIED: _(
            "Of the reports under the Convention, %(over)d were overdue for more than ten years, %(middle)d for five "
            "to ten years and %(under)d for less than five years."
        ),
    }[section.kind]
    over, middle, under = (band.count for band in section.bands)
    return pattern % {"over": over, "middle": middle, "under": under}


def unknown_sentence(reports: int, states: int) -> str:
    """The sentence on reports without record, which are not listed; empty if there are none."""
    if not reports:
        return ""
    return ngettext(
        "%(n)d report that the office’s records do not cover (States concerned: %(states)d) is not listed here: a "
        "State is not listed as late when our own records are incomplete.",
        "%(n)d reports that the office’s records do not cover (States concerned: %(states)d) are not listed here: a "
        "State is not listed as late when our own records are incomplete.",
        reports,
    ) % {"n": reports, "states": states}


def printed_band(band: str) -> str:
    """The printed band that contains one of ours."""
    return next(str(label) for label, bands in PRINTED if band in bands)
