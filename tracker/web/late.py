"""Late and non-reporting States, as the United Nations prints them: initial and periodic reports apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import django_tables2 as tables
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from tracker.obligations.models import Kind, Obligation
from tracker.registry.models import Region
from tracker.rules.dates import in_words
from tracker.rules.status import Band, Status
from tracker.web import exports
from tracker.web.columns import DayColumn, StateColumn
from tracker.web.days import day_of
from tracker.web.tables import DayTable
from tracker.web.words import BAND_LABELS, span

Label = str | Promise

# The bands of the reports to the General Assembly, longest first, and the finer ones inside them.
PRINTED: tuple[tuple[Label, tuple[Band, ...]], ...] = (
    (BAND_LABELS[Band.OVER_10], (Band.OVER_10,)),
    (BAND_LABELS[Band.FROM_5_TO_10], (Band.FROM_5_TO_10,)),
    (gettext_lazy("under 5 years"), (Band.FROM_1_TO_5, Band.UNDER_1)),
)
SECTIONS: tuple[tuple[str, Label], ...] = (
    (Kind.INITIAL.value, gettext_lazy("Initial reports")),
    (Kind.PERIODIC.value, gettext_lazy("Periodic reports")),
)


@dataclass(frozen=True)
class Group:
    """The overdue reports of one printed band, longest first.

    Attributes:
        finer: our own bands inside it with their counts; empty where the band is one of ours.
    """

    label: Label
    rows: list[Any]
    finer: list[tuple[Label, int]]


@dataclass(frozen=True)
class Section:
    """The overdue reports of one kind."""

    kind: str
    label: Label
    count: int
    groups: list[Group]


class LateTable(DayTable):
    """The rows of the page in the order of the page, for the exports."""

    state = StateColumn()
    iso3 = tables.Column(gettext_lazy("Alpha-3"), accessor="state_id")
    region = tables.Column(gettext_lazy("Regional group"), accessor="state__get_region_display")
    kind = tables.Column(gettext_lazy("Kind"), accessor="kind")
    what = tables.Column(gettext_lazy("Report"), accessor="label")
    due = DayColumn(gettext_lazy("Due"))
    overdue_for = tables.Column(gettext_lazy("Overdue for"), accessor="due")
    band = tables.Column(gettext_lazy("Band"))
    finer_band = tables.Column(gettext_lazy("Finer band"), accessor="band")

    class Meta:
        orderable = False

    def value_kind(self, value: str) -> str:
        return value

    def value_overdue_for(self, value: date) -> str:
        return span(value, self.day)

    def value_band(self, value: str) -> str:
        return next(str(label) for label, bands in PRINTED if value in bands)

    def value_finer_band(self, value: str) -> str:
        return str(BAND_LABELS[Band(value)])


def sections_of(overdue: list[Any]) -> list[Section]:
    """Overdue reports by kind and printed band, each band longest first."""
    found = []
    for kind, label in SECTIONS:
        of_kind = [row for row in overdue if row.kind == kind]
        groups = [
            Group(
                name,
                [row for row in of_kind if row.band in bands],
                [(BAND_LABELS[band], sum(row.band == band for row in of_kind)) for band in bands]
                if len(bands) > 1
                else [],
            )
            for name, bands in PRINTED
        ]
        found.append(Section(kind, label, len(of_kind), groups))
    return found


def counts_sentences(sections: list[Section], day: date) -> list[str]:
    """The counts as the United Nations prints them: first the two numbers, then each by how long."""
    initial, periodic = (section.count for section in sections)
    reports = {
        "initial": ngettext("%(n)d initial report", "%(n)d initial reports", initial) % {"n": initial},
        "periodic": ngettext("%(n)d periodic report", "%(n)d periodic reports", periodic) % {"n": periodic},
        "on": in_words(day),
    }
    said = [
        _("As at %(on)s, %(initial)s and %(periodic)s were overdue under article 12 of the OPSC.") % reports
    ]
    for section, pattern in zip(
        sections,
        (
            _("Of the initial reports, %(over)d were overdue for more than ten years, %(middle)d for five to ten "
              "years and %(under)d for less than five years."),
            _("Of the periodic reports, %(over)d were overdue for more than ten years, %(middle)d for five to ten "
              "years and %(under)d for less than five years."),
        ),
        strict=True,
    ):  # fmt: skip
        if section.count:
            over, middle, under = (len(group.rows) for group in section.groups)
            said.append(pattern % {"over": over, "middle": middle, "under": under})
    return said


@require_safe
def late_page(request: HttpRequest) -> HttpResponseBase:
    """`/late/`: who is late on a day, all on one page, so that it prints as it stands."""
    day = day_of(request)
    region = request.GET.get("region", "")
    if region and region not in Region.values:
        raise Http404
    owed = (
        Obligation.objects.as_of(day)
        .filter(kind__in=[kind for kind, _label in SECTIONS], status__in=(Status.OVERDUE, Status.NO_RECORD))
        .select_related("state")
        .defer("trail")
        .order_by("due", "state__name", "pk")
    )
    rows = list(owed.filter(state__region=region) if region else owed)
    overdue = [row for row in rows if row.status == Status.OVERDUE]
    # Missing data accuses nobody: such a row is counted apart, and never listed.
    unknown = [row for row in rows if row.status == Status.NO_RECORD]
    sections = sections_of(overdue)
    wanted = request.GET.get("_export", "")
    if exports.is_wanted(wanted):
        return _export(wanted, sections, day)
    return render(
        request,
        "web/late.html",
        {
            "sections": sections,
            "says": counts_sentences(sections, day),
            "overdue": len(overdue),
            "states": len({row.state_id for row in overdue}),
            "unknown": len(unknown),
            "unknown_states": len({row.state_id for row in unknown}),
            "region": region,
            "region_label": Region(region).label if region else "",
            "regions": Region.choices,
        },
    )


def _export(wanted: str, sections: list[Section], day: date) -> HttpResponseBase:
    """The rows of the page, in its order."""
    shown = [row for section in sections for group in section.groups for row in group.rows]
    export = exports.Export(wanted, LateTable(shown, day=day), dataset_kwargs={"title": "late"})
    return export.response(filename=f"late-{day.isoformat()}.{wanted}")
