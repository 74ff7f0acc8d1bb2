"""The status of obligations in SQL, as of any day: the twin of `rules/status.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Case, F, FilteredRelation, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThanOrEqual

from tracker.registry.un_names import StateOrder
from tracker.rules.dates import add_months
from tracker.rules.due import DueSource
from tracker.rules.facts import Carrier, ReportKind
from tracker.rules.status import DUE_SOON_MONTHS, Band, Status, band_limits, over_limit

# The columns that may have had another value on an earlier day; `due` and `source` have their own names.
STOOD = (
    "last_cycle",
    "computed_on",
    "document",
    "decided_on",
    "year_only",
    "waived",
    "reviewed_without_on",
    "answered_on",
    "received_on",
    "awaiting_since",
)

# The columns with the first and the last number of a report.
OF_FACT = ("first_cycle", "last_cycle")
OF_OBLIGATION = ("cycle", "last_cycle")
OF_ROW = ("cycle", "then_last_cycle")  # of `as_of`
Column = Callable[[str], F]  # F for the rows of the query, OuterRef for those of the outer query


class CommitteeDateQuerySet(models.QuerySet):
    """Dates stated by the Committee, entered by one person and confirmed by a second if required."""

    def in_effect(self) -> models.QuerySet[Any]:
        """Those that count; not those that await confirmation."""
        return self.filter(awaits_confirmation=False)


class SubmissionQuerySet(models.QuerySet):
    """Reports received."""

    def known_on(self, day: date) -> SubmissionQuerySet:
        """The reports known on a day, with `known`: the day from which each counts."""
        return self.annotate(known=Coalesce("received_on", "reviewed_on", "known_by")).filter(known__lte=day)

    def with_observations(self, day: date) -> SubmissionQuerySet:
        """Adds `observations` and `observed_on`: symbol and day of the concluding observations up to a day."""
        from tracker.obligations.models import Review  # the models use the queryset above

        about = Review.objects.filter(
            _share_number(F, OuterRef), _same("kind", F, OuterRef), without_report=False, adopted_on__lte=day
        ).order_by("adopted_on", "pk")
        return self.annotate(
            observations=Coalesce(Subquery(about.values("document")[:1]), Value("")),
            observed_on=Subquery(about.values("adopted_on")[:1]),
        )

    def answering(self, day: date) -> SubmissionQuerySet:
        """In a subquery: those that answer the outer obligation, a row of `as_of(day)`."""
        return self.known_on(day).filter(
            Q(withdrawn_on=None) | Q(withdrawn_on__gt=day), _answers(report=F, row=OuterRef)
        )

    def with_printed(self, day: date) -> SubmissionQuerySet:
        """Adds `printed`, as for obligations."""
        return self.annotate(printed=_printed(day, OF_FACT))


class ObligationQuerySet(models.QuerySet):
    """Obligations as of a day: only facts dated up to that day count."""

    def as_of(
        self, day: date, *, today: date | None = None, bands: bool = True, statuses: bool = True
    ) -> ObligationQuerySet:
        """The obligations that exist on a day, with their `due`, `source`, `status` and `band` on that day.

        The other columns that may differ from today (`STOOD`, and for earlier days the trail) are annotated with the
        prefix `then_`. `due` is null if the Committee has yet to communicate the date, and if none is recorded;
        `band` is null unless overdue.

        Args:
            today: the day of the last synchronisation, which counted no later facts. For that day and later the rows
                have the current values, so that the spans are not joined and an index can sort by `due_on`. None:
                read the spans for every day, which is slower.
            bands: whether to add `band`, which takes as long as everything else.
            statuses: whether to add `status` and `band`, which need the States.
        """
        known = self._known_on(day, today)
        if not statuses:
            return known
        conditions = _conditions(day)
        with_status = known.annotate(
            status=Case(
                *(When(condition, then=Value(status.value)) for status, condition in conditions.items()),
                output_field=models.CharField(),
            )
        )
        if not bands:
            return with_status
        one, five, ten = band_limits(day)
        by_date = Case(
            When(due__gt=one, then=Value(Band.UNDER_1.value)),
            When(due__gt=five, then=Value(Band.FROM_1_TO_5.value)),
            When(due__gt=ten, then=Value(Band.FROM_5_TO_10.value)),
            default=Value(Band.OVER_10.value),
        )
        return with_status.annotate(
            band=Case(When(conditions[Status.OVERDUE], then=by_date), output_field=models.CharField())
        )

    def standing(self, status: str, day: date, *, today: date | None = None) -> ObligationQuerySet:
        """The obligations with a status on a day, without annotations: counts in half the time.

        Args:
            today: see `as_of`.
        """
        return self._known_on(day, today).with_status(status, day)

    def _known_on(self, day: date, today: date | None) -> ObligationQuerySet:
        """The obligations owed on a day, with their values on that day."""
        live: Any = self.filter(expected=True, arises_on__lte=day).filter(
            Q(ceases_on=None) | Q(ceases_on__gt=day)
        )
        if today is not None and day >= today:
            prefix = ""
        else:
            # The one span that covers the day.
            covers = Q(spans__since__lte=day) & (Q(spans__until=None) | Q(spans__until__gt=day))
            live = live.annotate(stood=FilteredRelation("spans", condition=covers)).filter(
                stood__isnull=False
            )
            live, prefix = live.annotate(then_trail=F("stood__trail")), "stood__"
        known: ObligationQuerySet = live.annotate(
            due=F(f"{prefix}due_on"),
            source=F(f"{prefix}due_source"),
            **{f"then_{name}": F(f"{prefix}{name}") for name in STOOD},
        )
        return known

    def with_status(self, status: str, day: date) -> ObligationQuerySet:
        """The rows of `as_of(day)` with a status.

        The same as `filter(status=status)`, but with conditions on columns, so that indexes are used.
        """
        return self.with_any_status([status], day)

    def with_any_status(self, statuses: Iterable[str], day: date) -> ObligationQuerySet:
        """The rows of `as_of(day)` with one of some statuses."""
        known = _conditions(day)
        return self.filter(reduce(or_, (known[Status(status)] for status in statuses)))

    def past_due(self, day: date) -> ObligationQuerySet:
        """The rows of `as_of(day)` that are overdue or without record: due before the day and not answered."""
        return self.filter(_past(day))

    def with_any_band(self, bands: Iterable[str], day: date) -> ObligationQuerySet:
        """The overdue rows of `as_of(day)` in one of some bands; uses conditions on columns, as `with_status`."""
        one, five, ten = band_limits(day)
        due = {
            Band.UNDER_1: Q(due__gt=one),
            Band.FROM_1_TO_5: Q(due__gt=five, due__lte=one),
            Band.FROM_5_TO_10: Q(due__gt=ten, due__lte=five),
            Band.OVER_10: Q(due__lte=ten),
        }
        return self.with_status(Status.OVERDUE, day).filter(reduce(or_, (due[Band(band)] for band in bands)))

    def overdue_for(
        self, day: date, *, over: int | None = None, up_to: int | None = None
    ) -> ObligationQuerySet:
        """The overdue rows of `as_of(day)`, for more than or up to a number of years."""
        rows = self.with_status(Status.OVERDUE, day)
        if over is not None:
            rows = rows.filter(due__lte=over_limit(day, over))
        return rows if up_to is None else rows.filter(due__gt=over_limit(day, up_to))

    def still_open(self, day: date, *, today: date | None = None) -> ObligationQuerySet:
        """The obligations with a due date on which a State is still expected to act, with `due`.

        The statuses of `rules.status.OPEN`, as conditions on columns.

        Args:
            today: see `as_of`.
        """
        return self.unanswered(day, today=today).filter(
            Q(then_waived=False), Q(due__gte=day) | _conditions(day)[Status.OVERDUE]
        )

    def unanswered(self, day: date, *, today: date | None = None) -> ObligationQuerySet:
        """The obligations with a due date and no answer on a day, of whatever status, with `due`.

        Args:
            today: see `as_of`.
        """
        return self._known_on(day, today).filter(then_answered_on=None, due__isnull=False)

    def with_printed(self, day: date) -> ObligationQuerySet:
        """Adds `printed`: the due date (year or day) that the UN had printed by a day; empty if none is recorded."""
        return self.annotate(printed=_printed(day, OF_OBLIGATION))

    def answered_by_outer(self) -> ObligationQuerySet:
        """In a subquery: the rows of `as_of` that the outer submission answers."""
        return self.filter(_answers(report=OuterRef, row=F))

    def overdue(self, on: date) -> ObligationQuerySet:
        """Overdue on a day, longest first."""
        return self.as_of(on).with_status(Status.OVERDUE, on).order_by("due", StateOrder("state"), "pk")

    def due_soon(self, on: date) -> ObligationQuerySet:
        """Due within twelve months of a day, soonest first."""
        return self.as_of(on).with_status(Status.DUE_SOON, on).order_by("due", StateOrder("state"), "pk")


def _answers(*, report: Column, row: Column) -> Q:
    """A submission answers a row of `as_of`; the same rule as `rules.due.names`."""
    initial, periodic = Value(ReportKind.INITIAL.value), Value(ReportKind.PERIODIC.value)
    combined = Q(Exact(report("kind"), initial)) & Q(Exact(row("kind"), periodic))
    return _share_number(report, row, OF_FACT, OF_ROW) & (_same("kind", report, row) | combined)


def _share_number(
    one: Column, other: Column, of_one: tuple[str, str] = OF_FACT, of_other: tuple[str, str] = OF_FACT
) -> Q:
    """Two rows are about the same State and series, and have a report number in common."""
    return (
        _same("state", one, other)
        & _same("carried_by", one, other)
        & Q(LessThanOrEqual(one(of_one[0]), other(of_other[1])))
        & Q(GreaterThanOrEqual(one(of_one[1]), other(of_other[0])))
    )


def _same(column: str, one: Column, other: Column) -> Q:
    return Q(Exact(one(column), other(column)))


def _printed(day: date, numbers: tuple[str, str]) -> Coalesce:
    """The due date that the UN had printed by a day for the outer row, whose numbers are in these columns."""
    from tracker.obligations.models import PrintedDate  # the models use the querysets above

    about = PrintedDate.objects.filter(
        _share_number(F, OuterRef, OF_FACT, numbers), _same("kind", F, OuterRef), printed_on__lte=day
    ).order_by("-printed_on", "pk")
    return Coalesce(Subquery(about.values("printed")[:1]), Value(""))


def _conditions(day: date) -> dict[Status, Q]:
    """The condition of each status on a day, for the rows of `as_of`."""
    answered, unanswered = Q(then_answered_on__isnull=False), Q(then_answered_on=None)
    expected = unanswered & Q(then_waived=False)
    unrecorded = Q(due=None, source=DueSource.TREATY_CALENDAR.value)
    soon = add_months(day, DUE_SOON_MONTHS)
    # A comparison with null is never true, nor is its negation: null is checked separately.
    accused = Q(not_received_by__isnull=False, not_received_by__gt=F("due")) | _complete()
    return {
        Status.DATE_UNKNOWN: answered & (Q(then_received_on=None) | unrecorded),
        Status.LATE: answered & Q(then_received_on__gt=F("due")),
        Status.ON_TIME: answered
        & Q(then_received_on__isnull=False)
        & (Q(then_received_on__lte=F("due")) | Q(due=None) & ~Q(source=DueSource.TREATY_CALENDAR.value)),
        Status.WAIVED: unanswered & Q(then_waived=True),
        Status.NOT_RECORDED: expected & unrecorded,
        Status.TO_BE_COMMUNICATED: expected & Q(due=None) & ~Q(source=DueSource.TREATY_CALENDAR.value),
        Status.NOT_YET_DUE: expected & Q(due__gt=soon),
        Status.DUE_SOON: expected & Q(due__gte=day, due__lte=soon),
        Status.NO_RECORD: _past(day) & ~accused,
        Status.OVERDUE: _past(day) & accused,
    }


def _complete() -> Q:
    """The office's records are complete for the due date of a row; see `rules.status.Records.complete_for`."""
    until = Q(state__records_until=None) | Q(due__lte=F("state__records_until"))
    own = Q(state__records_from=None) | Q(due__gte=F("state__records_from"))
    carried = Q(carried_by=Carrier.CRC_REPORT.value)
    # A comparison with null is never true, nor is its negation: null is checked separately.
    since = Q(state__carried_records_from__isnull=False, due__gte=F("state__carried_records_from"))
    return until & ((~carried & own) | (carried & since))


def _past(day: date) -> Q:
    return Q(then_answered_on=None, then_waived=False, due__lt=day)
