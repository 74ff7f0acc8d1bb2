"""The page of the figures for the annual report, and its files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from tracker.consideration.figures import Consideration, FigureRow, FigureTable, counted_reports
from tracker.languages.known import ENGLISH, LANGUAGES, current, speaking
from tracker.languages.writing import in_words
from tracker.obligations.imports.cells import neutral
from tracker.obligations.models import CarriedBy, Kind
from tracker.obligations.queries.standings import CARRIED, INITIAL, OWN_PERIODIC, Label
from tracker.web.obligations.considered import Revisions
from tracker.web.obligations.submissions import Receipt
from tracker.web.pictures.regions import GROUPS
from tracker.web.reports.annual import (
    KINDS,
    STATUSES,
    AnnualFigures,
    document_of,
    notes,
    period_in_words,
    sentences,
    span_of,
)
from tracker.web.reports.annual_picture import waiting_chart
from tracker.web.reports.pages import FORMS, day_is_understood, file_of, in_the_language_asked, to_the_page
from tracker.web.ui.addresses import list_at
from tracker.web.ui.as_of import day_of
from tracker.web.ui.documents import as_download
from tracker.web.ui.form_fields import DayField

CSV, SVG = "csv", "svg"
# The filters of the list of submissions that show a kind.
FILTERS = {
    INITIAL: {"kind": Kind.INITIAL.value},
    OWN_PERIODIC: {"kind": Kind.PERIODIC.value, "carried_by": CarriedBy.OWN.value},
    CARRIED: {"kind": Kind.PERIODIC.value, "carried_by": CarriedBy.CRC_REPORT.value},
}
YEARS_OFFERED = 4


class PeriodForm(forms.Form):
    """A period up to the as-of day, and the kind of report; by default the year of the day up to it, and all kinds."""

    since = DayField(label=gettext_lazy("From"), required=False)
    until = DayField(label=gettext_lazy("Until"), required=False)
    series = forms.ChoiceField(
        label=gettext_lazy("Reports"),
        required=False,
        choices=[("", gettext_lazy("all kinds")), *KINDS.items()],
    )

    def __init__(self, day: date, *args: Any, **kwargs: Any) -> None:
        self.day = day
        super().__init__(*args, **kwargs)

    def clean_until(self) -> date:
        until = self.cleaned_data["until"] or self.day
        if until > self.day:
            raise ValidationError(
                _("Choose a day up to %(day)s, or a later as-of day.") % {"day": in_words(self.day)}
            )
        return until

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        until = values.get("until")
        if until and not self.errors:
            values["since"] = values["since"] or date(until.year, 1, 1)
            if values["since"] > until:
                self.add_error("since", _("The period ends before it begins. Check the two days."))
        return values


@require_safe
@in_the_language_asked
def annual_report(request: HttpRequest, form: str = "") -> HttpResponse:
    """`/annual-report/` and its files: reports received, considered and waiting, and how long they waited."""
    if form and form not in (*FORMS, CSV, SVG):
        raise Http404
    day = day_of(request)
    period = PeriodForm(day, request.GET)
    if not period.is_valid():
        return to_the_page(request, form) if form else _page(request, period, None)
    values = period.cleaned_data
    reports = [
        one
        for one in counted_reports(day, today=timezone.localdate())
        if values["series"] in ("", one.series)
    ]
    found = AnnualFigures(reports, day, values["since"], values["until"], values["series"])
    if not form:
        return _page(request, PeriodForm(day, initial=values), found)
    if form in FORMS:
        return file_of(request, document_of(found), form)
    if not day_is_understood(request):
        return to_the_page(request, form)
    kind, write = {CSV: ("text/csv", _csv), SVG: ("image/svg+xml", _svg)}[form]
    return as_download(f"annual-report-{day.isoformat()}.{form}", kind, write(request, found))


def _page(request: HttpRequest, period: PeriodForm, found: AnnualFigures | None) -> HttpResponse:
    day = day_of(request)
    context: dict[str, Any] = {
        "form": period,
        "years": [
            {"year": year, "since": date(year, 1, 1), "until": min(date(year, 12, 31), day)}
            for year in range(day.year, day.year - YEARS_OFFERED, -1)
        ],
    }
    if found is not None:
        links = FigureLinks(found, "" if day == timezone.localdate() else day.isoformat())
        context |= {
            "found": found,
            "period": period_in_words(found),
            "sentences": sentences(found),
            "notes": notes(found),
            "tables": [
                {"key": "period", "heading": period_in_words(found), "groups": links.groups(found.in_period)},
                {
                    "key": "ever",
                    "heading": _("Since the beginning"),
                    "groups": links.groups(found.ever),
                    "on_the_day": True,
                },
            ],
            "by_year": [
                {
                    "year": year,
                    "times": times,
                    "span": span_of(times),
                    "href": links.considered(
                        {"receipt": Receipt.KNOWN.value}, date(year, 1, 1), min(date(year, 12, 31), day)
                    ),
                }
                for year, times in found.years
            ],
            "chart": waiting_chart(found.years),
            "others": [one for one in LANGUAGES if one != current()],
        }
    return render(request, "web/reports/annual.html", context)


class LinkedRow(NamedTuple):
    """A row of figures with the addresses of the lists that they count; empty ones where there is no such list."""

    label: Label
    row: FigureRow
    span: str | None
    received: str
    considered: str
    waiting: str
    not_recorded: str


class FigureLinks:
    """The addresses of the lists of reports that figures count.

    Args:
        as_of: for the addresses; empty for today.
    """

    def __init__(self, found: AnnualFigures, as_of: str) -> None:
        self.found = found
        self.common = {**FILTERS.get(found.series, {}), "as_of": as_of}

    def groups(self, table: FigureTable) -> list[tuple[str, list[LinkedRow]]]:
        """The rows of a table by kind and by regional group, and the row of all."""
        return [
            (
                _("By kind"),
                [self._row(table, KINDS[one.key], one, FILTERS[one.key]) for one in table.by_series],
            ),
            (
                _("By regional group"),
                [
                    self._row(table, GROUPS[one.key], one, {"region": one.key} if one.key else None)
                    for one in table.by_region
                ],
            ),
            ("", [self._row(table, _("All"), table.all, {})]),
        ]

    def _row(
        self, table: FigureTable, label: Label, row: FigureRow, filters: dict[str, str] | None
    ) -> LinkedRow:
        span = span_of(row.times)
        if filters is None:  # no list shows the States of no group
            return LinkedRow(label, row, span, "", "", "", "")
        return LinkedRow(
            label,
            row,
            span,
            self._list(filters, received_from=table.since, received_until=table.since and table.until),
            self.considered(filters, table.since, table.until),
            self._list(filters, consideration=Consideration.WAITING),
            self._list(filters, consideration=Consideration.NOT_RECORDED),
        )

    def considered(self, filters: dict[str, str], since: date | None, until: date) -> str:
        """The list of the reports considered in a time."""
        return self._list(
            filters,
            consideration=Consideration.CONSIDERED,
            considered_from=since,
            considered_until=since and until,
        )

    def _list(self, filters: dict[str, str], **more: Any) -> str:
        return list_at("submissions", revisions=Revisions.WITHOUT.value, **self.common | filters | more)


def _csv(request: HttpRequest, found: AnnualFigures) -> str:
    """Every report counted; in English, for programs, unless another language is asked for."""
    with speaking(request.GET.get("language") or ENGLISH.code):
        lines: list[Iterable[Any]] = [
            (
                *(_("State"), _("Code"), _("Report"), _("Symbol"), _("Regional group")),
                *(_("Received"), _("Considered"), _("Days"), _("Status")),
            ),
            *(
                (
                    *(one.name, one.state_id, one.label, one.symbol, str(GROUPS[one.region])),
                    *(one.received, one.considered, one.days, str(STATUSES[one.by or one.status])),
                )
                for one in found.reports
            ),
        ]
        file = io.StringIO()
        csv.writer(file).writerows(
            [neutral(cell) if isinstance(cell, str) else cell for cell in line] for line in lines
        )
    return "\ufeff" + file.getvalue()


def _svg(request: HttpRequest, found: AnnualFigures) -> str:
    """The picture on its own; its colours are those of paper."""
    label = _("Time from receipt to dialogue, by year of the dialogue")
    return render_to_string(
        "web/reports/_waiting.svg.html", {"chart": waiting_chart(found.years), "label": label}
    )
