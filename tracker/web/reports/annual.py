"""The figures for the annual report as a document: sentences to copy, tables, every report counted, and the method."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext

from tracker.consideration.figures import (
    Consideration,
    ConsideredBy,
    CountedReport,
    FigureRow,
    FigureTable,
    figure_table,
    first_of_the_month,
    times_by_year,
    times_of,
)
from tracker.consideration.queue import WaitingCount
from tracker.languages.writing import in_words, number, together, with_semicolons
from tracker.obligations.queries.standings import INITIAL
from tracker.obligations.wording import labelled, span
from tracker.registry.un_names import shown_name
from tracker.rules.waiting_times import FEWEST, WaitingTimes
from tracker.web.pictures.ahead import LAYERS
from tracker.web.pictures.regions import GROUPS
from tracker.web.reports.document import (
    Cell,
    DocumentColumn,
    DocumentGroup,
    DocumentRow,
    DocumentSection,
    DocumentTable,
    ReportDocument,
    table_of,
)

KINDS = {layer.key: layer.label for layer in LAYERS}
YEARS_FROM = date(2001, 1, 1)  # a day from which days are counted in years and months
STATUSES = {
    Consideration.WAITING: gettext_lazy("waiting"),
    Consideration.NOT_RECORDED: gettext_lazy("review not recorded"),
    Consideration.WITHDRAWN: gettext_lazy("withdrawn"),
    ConsideredBy.DIALOGUE: gettext_lazy("considered"),
    ConsideredBy.MONTH: gettext_lazy("considered; month known alone"),
    ConsideredBy.SESSION: gettext_lazy("considered; session known alone"),
    ConsideredBy.OBSERVATIONS: gettext_lazy("considered; day of the observations"),
}


@dataclass(frozen=True)
class AnnualFigures:
    """The figures of a period and of all days up to a day.

    Attributes:
        reports: all that are counted on the day.
        series: the only kind of report counted; empty for all.
    """

    reports: list[CountedReport]
    day: date
    since: date
    until: date
    series: str = ""

    @cached_property
    def in_period(self) -> FigureTable:
        """The figures of the period; those on the day are of the day."""
        return figure_table(self.reports, self.since, self.until)

    @cached_property
    def ever(self) -> FigureTable:
        """The figures since the beginning."""
        return figure_table(self.reports, None, self.day)

    @cached_property
    def years(self) -> list[tuple[int, WaitingTimes]]:
        """The times from receipt to dialogue by year of the dialogue."""
        return times_by_year(self.reports)


def sentences(found: AnnualFigures) -> list[str]:
    """The figures in sentences, ready to copy into a report."""
    period, all_of = found.in_period, found.in_period.all
    days = {"since": in_words(found.since), "until": in_words(found.until), "day": in_words(found.day)}
    received = (
        ngettext(
            "From %(since)s to %(until)s, the Committee received %(n)d report (%(kinds)s).",
            "From %(since)s to %(until)s, the Committee received %(n)d reports (%(kinds)s).",
            all_of.received,
        )
        if all_of.received
        else _("From %(since)s to %(until)s, no report is recorded as received.")
    )
    considered = (
        ngettext(
            "In that time the Committee considered %(n)d report (%(kinds)s).",
            "In that time the Committee considered %(n)d reports (%(kinds)s).",
            all_of.considered,
        )
        if all_of.considered
        else _("In that time no report is recorded as considered.")
    )
    waiting = (
        ngettext(
            "On %(day)s, %(count)s was waiting to be considered (%(kinds)s).",
            "On %(day)s, %(count)s were waiting to be considered (%(kinds)s).",
            all_of.waiting,
        )
        if all_of.waiting
        else _("On %(day)s, no report was known to be waiting.")
    )
    states = {one.state_id for one in found.reports if one.status == Consideration.WAITING}
    days["count"] = WaitingCount(all_of.waiting, len(states)).in_words()
    texts = [
        text % (days | {"n": getattr(all_of, name), "kinds": _by_kind(period.by_series, name)})
        for text, name in ((received, "received"), (considered, "considered"), (waiting, "waiting"))
    ]
    if all_of.times.number:
        texts.append(
            ngettext(
                "The report considered in that time whose receipt is known had waited %(time)s from its receipt.",
                "For the %(n)d reports considered in that time whose receipt is known, the median time from receipt "
                "to dialogue was %(time)s.",
                all_of.times.number,
            )
            % {"n": all_of.times.number, "time": time_in_words(all_of.times.median)}
        )
    kind = found.series or INITIAL
    times = next((row.times for row in found.ever.by_series if row.key == kind), WaitingTimes(0))
    if times.number:
        texts.append(
            ngettext(
                "Up to %(day)s, the Committee considered %(n)d report whose receipt is known (%(kinds)s); it had "
                "waited %(time)s.",
                "Up to %(day)s, the Committee considered %(n)d reports whose receipt is known (%(kinds)s); the median "
                "time from receipt to dialogue was %(time)s.",
                times.number,
            )
            % {
                "day": days["day"],
                "n": times.number,
                "kinds": labelled(KINDS[kind], number(times.number)),
                "time": time_in_words(times.median),
            }
        )
    return texts


def _by_kind(rows: Iterable[FigureRow], name: str) -> str:
    """A count by kind of report: “initial reports: 3; periodic reports: 1”."""
    counts = ((KINDS[row.key], getattr(row, name)) for row in rows)
    return with_semicolons(labelled(label, number(count)) for label, count in counts if count)


def time_in_words(days: int | None) -> str:
    """A number of days, with years and months: “700 days (1 year 11 months)”."""
    if days is None:
        return ""
    said = ngettext("%(n)s day", "%(n)s days", days) % {"n": number(days)}
    return said if days < 31 else _("%(days)s (%(span)s)") % {"days": said, "span": in_years(days)}


def in_years(days: int) -> str:
    """A number of days in years and months: “1 year 11 months”; the same whatever the day."""
    return span(YEARS_FROM, YEARS_FROM + timedelta(days))


def notes(found: AnnualFigures) -> list[str]:
    """How the figures are made, and what is uncertain about them."""
    by = [one.by for one in found.reports]
    months, sessions, observed = (
        by.count(one) for one in (ConsideredBy.MONTH, ConsideredBy.SESSION, ConsideredBy.OBSERVATIONS)
    )
    ever = found.ever.all
    no_receipt = sum(one.received is None for one in found.reports)
    withdrawn = sum(one.status == Consideration.WITHDRAWN for one in found.reports)
    texts = [
        _("All figures are as known on %(day)s: what became known later does not count.")
        % {"day": in_words(found.day)},
        _(
            "A report is considered on the day of its dialogue with the State. Reports under the Convention are "
            "counted because article 12, paragraph 2, asks for information in them. A revision is not another report."
        ),
        _(
            "A report waits if it was received and not withdrawn, and if neither a dialogue nor concluding "
            "observations on the State have followed under either treaty."
        ),
    ]
    if ever.not_recorded:
        texts.append(
            ngettext(
                "For %(n)d report the review is not recorded here, although it has probably taken place; it is not "
                "counted as waiting.",
                "For %(n)d reports the review is not recorded here, although it has probably taken place; they are not "
                "counted as waiting.",
                ever.not_recorded,
            )
            % {"n": ever.not_recorded}
        )
    if months:
        texts.append(_months_note(found, months))
    if observed:
        texts.append(
            ngettext(
                "For %(n)d report the dialogue counts on the day of the concluding observations, because no earlier "
                "day is recorded.",
                "For %(n)d reports the dialogue counts on the day of the concluding observations, because no earlier "
                "day is recorded.",
                observed,
            )
            % {"n": observed}
        )
    if sessions:
        texts.append(
            ngettext(
                "For %(n)d report the session of the dialogue alone is known; its last day counts.",
                "For %(n)d reports the session of the dialogue alone is known; its last day counts.",
                sessions,
            )
            % {"n": sessions}
        )
    if no_receipt:
        texts.append(
            ngettext(
                "For %(n)d report the day of receipt is not known; it counts as received since the beginning alone, "
                "and in no time.",
                "For %(n)d reports the day of receipt is not known; they count as received since the beginning alone, "
                "and in no time.",
                no_receipt,
            )
            % {"n": no_receipt}
        )
    if withdrawn:
        texts.append(
            ngettext(
                "%(n)d report was withdrawn by the State; it counts as received.",
                "%(n)d reports were withdrawn by the States; they count as received.",
                withdrawn,
            )
            % {"n": withdrawn}
        )
    texts.append(
        _(
            "Only reports of which both days are known have a time. The median is the time in the middle: half of the "
            "reports waited longer. Of an even number it is the mean "
            "of the two in the middle. A quarter of the reports waited less than the lower quartile, and a quarter "
            "more than the upper one; they are given from %(n)d reports on."
        )
        % {"n": FEWEST}
    )
    return texts


def _months_note(found: AnnualFigures, months: int) -> str:
    """How far the days of which the month alone is known could move the median of all."""
    last, first = (
        times_of(reports).median for reports in (found.reports, map(first_of_the_month, found.reports))
    )
    known = ngettext(
        "For %(n)d report the month of the dialogue alone is known; its last day counts.",
        "For %(n)d reports the month of the dialogue alone is known; its last day counts.",
        months,
    ) % {"n": months}
    effect = (
        _("The first day of the month would give the same median of all reports.")
        if first == last
        else _(
            "The first day of the month would give a median of all reports of %(first)s instead of %(last)s."
        )
        % {"first": time_in_words(first), "last": time_in_words(last)}
    )
    return together((known, effect))


def document_of(found: AnnualFigures) -> ReportDocument:
    """The workbook and the PDF: what the page shows, and every report counted."""
    years: list[DocumentRow] = [
        (
            str(year),
            times.number,
            times.lower,
            times.median,
            times.upper,
            span_of(times),
        )
        for year, times in found.years
    ]
    return ReportDocument(
        name="annual-report",
        title=_("Figures for the annual report"),
        day=found.day,
        says=tuple(sentences(found)),
        sections=(
            DocumentSection(
                "period", period_in_words(found), table=_table(found.in_period, on_the_day=False)
            ),
            DocumentSection("ever", _("Since the beginning"), table=_table(found.ever, on_the_day=True)),
            DocumentSection("years", _("By year of the dialogue"), table=table_of(_year_columns(), years)),
            DocumentSection("reports", _("Reports counted"), table=table_of(_columns(), _rows(found))),
            DocumentSection("method", _("Notes on method"), tuple(notes(found))),
        ),
    )


def period_in_words(found: AnnualFigures) -> str:
    """The period as a heading."""
    return _("%(since)s to %(until)s") % {"since": in_words(found.since), "until": in_words(found.until)}


def span_of(times: WaitingTimes) -> str | None:
    """A median in years and months; None for none."""
    return None if times.median is None else in_years(times.median)


def _table(table: FigureTable, *, on_the_day: bool) -> DocumentTable:
    """Counts and medians by kind and by regional group."""

    def row(label: object, one: FigureRow) -> DocumentRow:
        now: tuple[Cell, ...] = (one.waiting, one.not_recorded) if on_the_day else ()
        times = one.times
        return (
            capfirst(str(label)), one.received, one.considered, *now, times.number, times.median, span_of(times),
        )  # fmt: skip

    now = (
        DocumentColumn(pgettext("number of reports", "Waiting"), end=True),
        DocumentColumn(_("Review not recorded"), end=True),
    )
    return DocumentTable(
        (
            DocumentColumn(_("Reports"), share=1),
            DocumentColumn(pgettext("number of reports", "Received"), end=True),
            DocumentColumn(pgettext("number of reports", "Considered"), end=True),
            *(now if on_the_day else ()),
            DocumentColumn(_("With both days"), end=True),
            DocumentColumn(_("Median days"), end=True),
            DocumentColumn(_("In words")),
        ),
        tuple(
            DocumentGroup(rows, heading)
            for heading, rows in (
                (_("By kind"), tuple(row(KINDS[one.key], one) for one in table.by_series)),
                (_("By regional group"), tuple(row(GROUPS[one.key], one) for one in table.by_region)),
            )
            if rows
        ),
        row(_("All"), table.all),
    )


def _year_columns() -> tuple[DocumentColumn, ...]:
    return (
        DocumentColumn(_("Year")),
        DocumentColumn(_("Reports"), end=True),
        DocumentColumn(_("Lower quartile"), end=True),
        DocumentColumn(_("Median days"), end=True),
        DocumentColumn(_("Upper quartile"), end=True),
        DocumentColumn(_("In words")),
    )


def _columns() -> tuple[DocumentColumn, ...]:
    return (
        *(DocumentColumn(_("State"), share=2), DocumentColumn(_("Report"))),
        DocumentColumn(_("Symbol")),
        *(DocumentColumn(_("Received"), end=True), DocumentColumn(_("Considered"), end=True)),
        DocumentColumn(_("Days"), end=True),
        DocumentColumn(_("Status"), share=2),
    )


def _rows(found: AnnualFigures) -> list[DocumentRow]:
    return [
        (
            shown_name(one.state_id, one.name),
            one.label,
            one.symbol or None,
            one.received,
            one.considered,
            one.days,
            str(STATUSES[one.by or one.status]),
        )
        for one in found.reports
    ]
