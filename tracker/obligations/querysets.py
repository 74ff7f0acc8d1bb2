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

    def as_of(self, day: date) -> models.QuerySet[Any]:
        """Those that exist on a day, with `due`, `source`, `status` and `band` as they are on it.

        `due` is null while the Committee has the date to communicate; `band` is null unless overdue.
        """
        current = Q(decided_on=None) | Q(decided_on__lte=day)
        live = self.filter(expected=True, arises_on__lte=day).filter(Q(ceases_on=None) | Q(ceases_on__gt=day))
        # A decision younger than the day does not count yet: what stood before it is looked up.
        earlier = _decisions_up_to(day)
        with_outcome = live.annotate(
            outcome=Case(
                When(Q(decided_on=None), then=Value("")),
                When(Q(decided_on__lte=day) & Q(waived=True), then=Value(Outcome.WAIVED.value)),
                When(Q(decided_on__lte=day) & Q(due_on=None), then=Value(Outcome.TO_BE_COMMUNICATED.value)),
                When(decided_on__lte=day, then=Value(Outcome.DATE.value)),
                default=Coalesce(Subquery(earlier.values("outcome")[:1]), Value("")),
                output_field=models.CharField(),
            )
        )
        with_due = with_outcome.annotate(
            due=Case(
                When(current, then=F("due_on")),
                When(outcome="", then=F("computed_on")),
                default=Subquery(earlier.values("due_on")[:1]),
                output_field=models.DateField(),
            ),
            source=Case(
                When(outcome="", then=Value(DueSource.RULE.value)),
                When(outcome=Outcome.TO_BE_COMMUNICATED, then=Value(DueSource.TO_BE_COMMUNICATED.value)),
                default=Value(DueSource.COMMITTEE.value),
                output_field=models.CharField(),
            ),
        )
        answered = Q(answered_on__lte=day)
        with_status = with_due.annotate(
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

    def overdue(self, on: date) -> models.QuerySet[Any]:
        """Overdue on a day, longest first."""
        return self.as_of(on).filter(status=Status.OVERDUE).order_by("due", "state__name", "pk")

    def due_soon(self, on: date) -> models.QuerySet[Any]:
        """Due within twelve months of a day, soonest first."""
        return self.as_of(on).filter(status=Status.DUE_SOON).order_by("due", "state__name", "pk")


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
