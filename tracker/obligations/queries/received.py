"""The submissions known on a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import (
    Case,
    DateField,
    DurationField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _, gettext_lazy

from tracker.languages.writing import in_words, month_in_words
from tracker.obligations.models import CarriedBy, Information, Obligation, Precision, Submission
from tracker.rules.status import Status


def known_day(day: date, precision: str) -> str:
    """A day as far as it is known: 23 January 2005, January 2005 or 2005."""
    if precision == Precision.MONTH:
        return month_in_words(day)
    return str(day.year) if precision == Precision.YEAR else in_words(day)


def received_by(day: date, *, today: date | None = None) -> QuerySet[Any]:
    """The reports known on a day, with what was known of each.

    Each row has `known` (the day from which it counts), `due` (the earliest due date of the obligations that
    it answers, as it stood on the day; none for a revision, which moves no date of receipt, nor for a report that
    the State has withdrawn), `late` (from that day to the receipt), `reviewed` and `observations` (nothing before the
    review), and `withdrawn` (the day, once it has come).

    Args:
        today: makes it quick on that day and later, see `as_of`.
    """
    owed = (
        Obligation.objects.as_of(day, today=today, bands=False, statuses=False)
        .answered_by_outer()
        .filter(due__isnull=False)
    )
    earliest = Subquery(owed.order_by("due").values("due")[:1])
    return (
        Submission.objects.known_on(day)
        .with_observations(day)
        .with_printed(day)
        .annotate(
            withdrawn=Case(When(withdrawn_on__lte=day, then=F("withdrawn_on")), output_field=DateField()),
            due=Case(
                When(Q(withdrawn_on=None) | Q(withdrawn_on__gt=day), revises=None, then=earliest),
                output_field=DateField(),
            ),
            reviewed=Coalesce(
                Case(When(reviewed_on__lte=day, then=F("reviewed_on"))),
                "observed_on",
                output_field=DateField(),
            ),
        )
        .annotate(late=ExpressionWrapper(F("received_on") - F("due"), output_field=DurationField()))
    )


def recorded_since(moment: datetime) -> Q:
    """The reports first entered from a moment on, as a condition on Submission; runs no query itself.

    One that was deleted and is restored has been entered before.
    """
    entered = Submission.history.filter(history_type="+").order_by().values("id")
    return Q(pk__in=entered.filter(history_date__gte=moment)) & ~Q(
        pk__in=entered.filter(history_date__lt=moment)
    )


def receipt_status(report: Any) -> Status | None:
    """Whether a report of `received_by` was on time; None if there is no date to compare with."""
    if report.revises_id or report.withdrawn:
        return None
    if report.received_on is None:
        return Status.DATE_UNKNOWN
    if report.due is None:
        return None
    return Status.LATE if report.received_on > report.due else Status.ON_TIME


def information_in_words(report: Any, where: str) -> str:
    """Whether a report under the CRC gives information on the OPSC, and where; empty for other reports."""
    if report.carried_by != CarriedBy.CRC_REPORT:
        return ""
    if report.information == Information.YES and where:
        return _("yes, %(where)s") % {"where": where}
    return str(OnProtocol(report.information or Information.NOT_LOOKED_AT).label)


class OnProtocol(TextChoices):
    """Whether a report under the CRC gives information on the OPSC."""

    YES = Information.YES.value, gettext_lazy("yes")
    NO = Information.NO.value, gettext_lazy("no")
    NOT_LOOKED_AT = Information.NOT_LOOKED_AT.value, gettext_lazy("not looked at")
