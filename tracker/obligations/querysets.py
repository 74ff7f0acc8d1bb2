"""The status of obligations in SQL, as of any day: the twin of `rules/status.py`."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from tracker.rules.dates import add_months
from tracker.rules.schedule import DueSource, Outcome, PeriodicRule
from tracker.rules.status import DUE_SOON_MONTHS, Band, Status, band_limits


class CommitteeDateQuerySet(models.QuerySet):
    """Dates stated by the Committee, entered by one person and, where it is asked for, confirmed by a second."""

    def in_effect(self) -> models.QuerySet[Any]:
        """Those that count; one that awaits confirmation changes nothing yet."""
        return self.filter(awaits_confirmation=False)


class ObligationQuerySet(models.QuerySet):
    """Obligations, counted on a day: only facts dated up to that day matter."""

    def as_of(
        self, day: date, *, today: date | None = None, bands: bool = True, statuses: bool = True
    ) -> ObligationQuerySet:
        """Those that exist on a day, with `due`, `source`, `status` and `band` as they are on it.

        `due` is null while the Committee has the date to communicate; `band` is null unless overdue.

        Args:
            today: no obligation was derived from facts younger than this (`sync.py` counts facts up to its own
                day only). On that day and later nothing younger has to be thought away: `due` is then the
                plain column `due_on`, which an index can sort by. Without it every day is answered, slower.
            bands: whether rows tell their `band`; it takes as long as all the rest together.
            statuses: whether they tell `status` and `band`, for which their States have to be looked up.
        """
        with_source = self._known_on(day, today).annotate(
            source=Case(
                When(outcome="", then=Value(DueSource.RULE.value)),
                When(outcome=Outcome.TO_BE_COMMUNICATED, then=Value(DueSource.TO_BE_COMMUNICATED.value)),
                default=Value(DueSource.COMMITTEE.value),
                output_field=models.CharField(),
            ),
        )
        if not statuses:
            return with_source
        answered = Q(answered__isnull=False)
        with_status = with_source.annotate(
            status=Case(
                When(answered & Q(received_on=None), then=Value(Status.DATE_UNKNOWN.value)),
                When(answered & Q(received_on__gt=F("due")), then=Value(Status.LATE.value)),
                When(answered, then=Value(Status.ON_TIME.value)),
                When(outcome=Outcome.WAIVED, then=Value(Status.WAIVED.value)),
                When(due=None, then=Value(Status.TO_BE_COMMUNICATED.value)),
                When(due__gt=add_months(day, DUE_SOON_MONTHS), then=Value(Status.NOT_YET_DUE.value)),
                When(due__gte=day, then=Value(Status.DUE_SOON.value)),
                When(
                    Q(due__lt=F("state__records_from"))
                    & (Q(not_received_by=None) | Q(not_received_by__gt=day)),
                    then=Value(Status.NO_RECORD.value),
                ),
                default=Value(Status.OVERDUE.value),
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
        """Those with a status on a day, without saying of each how it stands: for counting, in half the time.

        Args:
            today: see `as_of`.
        """
        return self._known_on(day, today).with_status(status, day)

    def _known_on(self, day: date, today: date | None) -> ObligationQuerySet:
        live = self.filter(expected=True, arises_on__lte=day).filter(Q(ceases_on=None) | Q(ceases_on__gt=day))
        return live._as_stored() if today is not None and day >= today else live._as_known_on(day)

    def _as_stored(self) -> ObligationQuerySet:
        """With outcome, due date and answer as they were derived."""
        return self.alias(
            outcome=Case(
                When(decided_on=None, then=Value("")),
                When(waived=True, then=Value(Outcome.WAIVED.value)),
                When(due_on=None, then=Value(Outcome.TO_BE_COMMUNICATED.value)),
                default=Value(Outcome.DATE.value),
                output_field=models.CharField(),
            ),
            answered=F("answered_on"),
        ).annotate(due=F("due_on"))

    def _as_known_on(self, day: date) -> ObligationQuerySet:
        """With outcome, due date and answer as they were known on a day.

        A decision younger than the day does not count yet: what stood before it is looked up.
        """
        earlier = _decisions_up_to(day)
        return self.alias(
            outcome=Case(
                When(Q(decided_on=None), then=Value("")),
                When(Q(decided_on__lte=day) & Q(waived=True), then=Value(Outcome.WAIVED.value)),
                When(Q(decided_on__lte=day) & Q(due_on=None), then=Value(Outcome.TO_BE_COMMUNICATED.value)),
                When(decided_on__lte=day, then=Value(Outcome.DATE.value)),
                default=Coalesce(Subquery(earlier.values("outcome")[:1]), Value("")),
                output_field=models.CharField(),
            ),
            answered=Case(When(answered_on__lte=day, then=F("answered_on")), output_field=models.DateField()),
        ).annotate(
            due=Case(
                When(Q(decided_on=None) | Q(decided_on__lte=day), then=F("due_on")),
                When(outcome="", then=F("computed_on")),
                default=Subquery(earlier.values("due_on")[:1]),
                output_field=models.DateField(),
            )
        )

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
            ~Q(outcome=Outcome.WAIVED), Q(due__gte=day) | _conditions(day)[Status.OVERDUE]
        )

    def unanswered(self, day: date, *, today: date | None = None) -> ObligationQuerySet:
        """Those with a due date and no answer on a day, with `due`, whether or not a State is expected to act.

        Args:
            today: see `as_of`.
        """
        return self._known_on(day, today).filter(answered=None, due__isnull=False)

    def overdue(self, on: date) -> ObligationQuerySet:
        """Overdue on a day, longest first."""
        return self.as_of(on).with_status(Status.OVERDUE, on).order_by("due", "state__name", "pk")

    def due_soon(self, on: date) -> ObligationQuerySet:
        """Due within twelve months of a day, soonest first."""
        return self.as_of(on).with_status(Status.DUE_SOON, on).order_by("due", "state__name", "pk")


def _conditions(day: date) -> dict[Status, Q]:
    """What makes each status on a day, of the rows of `as_of`."""
    answered, unanswered = Q(answered__isnull=False), Q(answered=None)
    dated = unanswered & ~Q(outcome=Outcome.WAIVED)  # with the due dates below
    past = _past(day)
    soon = add_months(day, DUE_SOON_MONTHS)
    return {
        Status.DATE_UNKNOWN: answered & Q(received_on=None),
        Status.LATE: answered & Q(received_on__gt=F("due")),
        Status.ON_TIME: answered
        & Q(received_on__isnull=False)
        & (Q(due=None) | Q(received_on__lte=F("due"))),
        Status.WAIVED: unanswered & Q(outcome=Outcome.WAIVED),
        Status.TO_BE_COMMUNICATED: dated & Q(due=None),
        Status.NOT_YET_DUE: dated & Q(due__gt=soon),
        Status.DUE_SOON: dated & Q(due__gte=day, due__lte=soon),
        Status.NO_RECORD: past
        & Q(due__lt=F("state__records_from"))
        & (Q(not_received_by=None) | Q(not_received_by__gt=day)),
        Status.OVERDUE: past
        & (Q(state__records_from=None) | Q(due__gte=F("state__records_from")) | Q(not_received_by__lte=day)),
    }


def _past(day: date) -> Q:
    return Q(answered=None) & ~Q(outcome=Outcome.WAIVED) & Q(due__lt=day)


def _decisions_up_to(day: date) -> models.QuerySet:
    """The Committee's decisions about the outer obligation's cycle, the latest first."""
    from tracker.obligations.models import CommitteeDate  # the models use the queryset above

    series = {} if settings.PERIODIC_RULE == PeriodicRule.PLAIN else {"carried_by": OuterRef("carried_by")}
    return (
        CommitteeDate.objects.in_effect()
        .filter(
            state=OuterRef("state"),
            kind=OuterRef("kind"),
            first_cycle__lte=OuterRef("cycle"),
            last_cycle__gte=OuterRef("cycle"),
            decided_on__lte=day,
            **series,
        )
        .order_by("-decided_on", "-pk")
    )
