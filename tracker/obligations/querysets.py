"""The status of obligations in SQL, as of any day: the twin of `rules/status.py`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Case, F, FilteredRelation, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThanOrEqual

from tracker.rules.dates import add_months
from tracker.rules.due import DueSource
from tracker.rules.facts import Carrier, ReportKind
from tracker.rules.status import DUE_SOON_MONTHS, Band, Status, band_limits

# The columns that may have had another value on an earlier day; `due` and `source` are apart.
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
    """Dates stated by the Committee, entered by one person and, where it is asked for, confirmed by a second."""

    def in_effect(self) -> models.QuerySet[Any]:
        """Those that count; one that awaits confirmation changes nothing yet."""
        return self.filter(awaits_confirmation=False)


class SubmissionQuerySet(models.QuerySet):
    """Reports received, with what the Committee said of them."""

    def known_on(self, day: date) -> SubmissionQuerySet:
        """Those known on a day, with `known`: the day from which each counts."""
        return self.annotate(known=Coalesce("received_on", "reviewed_on", "known_by")).filter(known__lte=day)

    def with_observations(self, day: date) -> SubmissionQuerySet:
        """With `observations` and `observed_on`: symbol and day of the concluding observations on them by a day."""
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
        """With `printed`, as that of obligations."""
        return self.annotate(printed=_printed(day, OF_FACT))


class ObligationQuerySet(models.QuerySet):
    """Obligations, counted on a day: only facts dated up to that day matter."""

    def as_of(
        self, day: date, *, today: date | None = None, bands: bool = True, statuses: bool = True
    ) -> ObligationQuerySet:
        """Those that exist on a day, with `due`, `source`, `status` and `band` as they are on it, and what else may
        differ from today (`STOOD`, and for earlier days the trail) under `then_` and its name.

        `due` is null while the Committee has the date to communicate, and where none is recorded; `band` is null
        unless overdue.

        Args:
            today: no obligation was derived from facts younger than this (`sync.py` counts facts up to its own
                day only). On that day and later the row itself says how it stands: `due` is then the plain column
                `due_on`, which an index can sort by. Without it every day is answered, slower.
            bands: whether rows tell their `band`; it takes as long as all the rest together.
            statuses: whether they tell `status` and `band`, for which their States have to be looked up.
        """
        known = self._known_on(day, today)
        if not statuses:
            return known
        with_status = known.annotate(
            status=Case(
                *(
                    When(condition, then=Value(status.value))
                    for status, condition in _conditions(day).items()
                ),
                output_field=models.CharField(),
            )
        )
        if not bands:
            return with_status
        one, five, ten = band_limits(day)
        return with_status.annotate(
            band=Case(
                When(~Q(status=Status.OVERDUE), then=Value(None)),
                When(due__gt=one, then=Value(Band.UNDER_1.value)),
                When(due__gt=five, then=Value(Band.FROM_1_TO_5.value)),
                When(due__gt=ten, then=Value(Band.FROM_5_TO_10.value)),
                default=Value(Band.OVER_10.value),
                output_field=models.CharField(),
            )
        )

    def standing(self, status: str, day: date, *, today: date | None = None) -> ObligationQuerySet:
        """Those with a status on a day, without the status of each: for counting, in half the time.

        Args:
            today: see `as_of`.
        """
        return self._known_on(day, today).with_status(status, day)

    def _known_on(self, day: date, today: date | None) -> ObligationQuerySet:
        """Those owed on a day, each with the values that it had."""
        live: Any = self.filter(expected=True, arises_on__lte=day).filter(
            Q(ceases_on=None) | Q(ceases_on__gt=day)
        )
        if today is not None and day >= today:
            prefix = ""
        else:
            # The one span of each that covers the day.
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
        """Those of `as_of(day)` with a status.

        The same as `filter(status=status)`, said in conditions on columns: no index finds the value of a CASE.
        """
        return self.filter(_conditions(day)[Status(status)])

    def past_due(self, day: date) -> ObligationQuerySet:
        """Those of `as_of(day)` that are overdue or without record: due before the day, and nothing answers them."""
        return self.filter(_past(day))

    def with_band(self, band: str, day: date) -> ObligationQuerySet:
        """Those of `as_of(day)` that have been overdue for so long; as above, in conditions on columns."""
        one, five, ten = band_limits(day)
        due = {
            Band.UNDER_1: Q(due__gt=one),
            Band.FROM_1_TO_5: Q(due__gt=five, due__lte=one),
            Band.FROM_5_TO_10: Q(due__gt=ten, due__lte=five),
            Band.OVER_10: Q(due__lte=ten),
        }
        return self.with_status(Status.OVERDUE, day).filter(due[Band(band)])

    def still_open(self, day: date, *, today: date | None = None) -> ObligationQuerySet:
        """Those that a State is still expected to act on by a date, with `due`: dated, unanswered, not "no record".

        The statuses of `rules.status.OPEN`, said in conditions on columns.

        Args:
            today: see `as_of`.
        """
        return self.unanswered(day, today=today).filter(
            Q(then_waived=False), Q(due__gte=day) | _conditions(day)[Status.OVERDUE]
        )

    def unanswered(self, day: date, *, today: date | None = None) -> ObligationQuerySet:
        """Those with a due date and no answer on a day, with `due`, whether or not a State is expected to act.

        Args:
            today: see `as_of`.
        """
        return self._known_on(day, today).filter(then_answered_on=None, due__isnull=False)

    def with_printed(self, day: date) -> ObligationQuerySet:
        """With `printed`: the due date that the UN had printed by a day, a year or a day; empty if none is recorded."""
        return self.annotate(printed=_printed(day, OF_OBLIGATION))

    def answered_by_outer(self) -> ObligationQuerySet:
        """In a subquery: the rows of `as_of` that the outer submission answers."""
        return self.filter(_answers(report=OuterRef, row=F))

    def overdue(self, on: date) -> ObligationQuerySet:
        """Overdue on a day, longest first."""
        return self.as_of(on).with_status(Status.OVERDUE, on).order_by("due", "state__name", "pk")

    def due_soon(self, on: date) -> ObligationQuerySet:
        """Due within twelve months of a day, soonest first."""
        return self.as_of(on).with_status(Status.DUE_SOON, on).order_by("due", "state__name", "pk")


def _answers(*, report: Column, row: Column) -> Q:
    """That a submission answers a row of `as_of`: the twin of `rules.due.names`."""
    initial, periodic = Value(ReportKind.INITIAL.value), Value(ReportKind.PERIODIC.value)
    combined = Q(Exact(report("kind"), initial)) & Q(Exact(row("kind"), periodic))
    return _share_number(report, row, OF_FACT, OF_ROW) & (_same("kind", report, row) | combined)


def _share_number(
    one: Column, other: Column, of_one: tuple[str, str] = OF_FACT, of_other: tuple[str, str] = OF_FACT
) -> Q:
    """That two rows are about the same State and series, and have a report number in common."""
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
    """What makes each status on a day, of the rows of `as_of`."""
    answered, unanswered = Q(then_answered_on__isnull=False), Q(then_answered_on=None)
    expected = unanswered & Q(then_waived=False)
    unrecorded = Q(due=None, source=DueSource.TREATY_CALENDAR.value)
    soon = add_months(day, DUE_SOON_MONTHS)
    # A comparison with null is not true, and its negation is not true either: said of null apart.
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
    """That the office's records are complete for the due date of a row: `rules.status.Records.complete_for`."""
    until = Q(state__records_until=None) | Q(due__lte=F("state__records_until"))
    own = Q(state__records_from=None) | Q(due__gte=F("state__records_from"))
    carried = Q(carried_by=Carrier.CRC_REPORT.value)
    # A comparison with null is not true, and its negation is not true either: said of null apart.
    since = Q(state__carried_records_from__isnull=False, due__gte=F("state__carried_records_from"))
    return until & ((~carried & own) | (carried & since))


def _past(day: date) -> Q:
    return Q(then_answered_on=None, then_waived=False, due__lt=day)
