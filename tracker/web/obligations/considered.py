"""Filters by consideration: the reports that the figures for the annual report count."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import django_filters as filters
from django.db.models import QuerySet, TextChoices
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from tracker.consideration.figures import Consideration, CountedReport, counted_reports
from tracker.web.ui.as_of import day_of
from tracker.web.ui.filters import ChipSet, DayFilter


class ConsiderationChoice(TextChoices):
    """Whether the Committee has considered a report."""

    CONSIDERED = Consideration.CONSIDERED.value, gettext_lazy("considered")
    WAITING = Consideration.WAITING.value, gettext_lazy("waiting to be considered")
    NOT_RECORDED = Consideration.NOT_RECORDED.value, gettext_lazy("review not recorded")


class Revisions(TextChoices):
    """Whether a report revises an earlier one."""

    WITHOUT = "without", gettext_lazy("without revisions")
    ONLY = "only", gettext_lazy("revisions alone")


class ConsideredFilter(ChipSet):
    """Reports by consideration on the as-of day, and by whether they are revisions."""

    consideration = filters.ChoiceFilter(
        label=gettext_lazy("Consideration"), choices=ConsiderationChoice, method="filter_consideration"
    )
    considered_from = DayFilter(label=gettext_lazy("Considered from"), method="filter_from")
    considered_until = DayFilter(label=gettext_lazy("Considered until"), method="filter_until")
    revisions = filters.ChoiceFilter(
        label=gettext_lazy("Revisions"), choices=Revisions, method="filter_revisions"
    )
    considered_phrases: ClassVar[dict[str, Any]] = {
        "consideration": gettext_lazy("%(values)s"),
        "considered_from": gettext_lazy("considered from %(values)s"),
        "considered_until": gettext_lazy("considered until %(values)s"),
        "revisions": gettext_lazy("%(values)s"),
    }

    @cached_property
    def counted(self) -> list[CountedReport]:
        """The reports as the figures count them; read only if a filter needs them."""
        return counted_reports(day_of(self.request), today=timezone.localdate())

    def filter_consideration(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """With a status on the as-of day."""
        return queryset.filter(pk__in=[one.pk for one in self.counted if one.status == value])

    def filter_from(self, queryset: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        """Considered on a day or later."""
        return queryset.filter(
            pk__in=[one.pk for one in self.counted if one.considered and one.considered >= value]
        )

    def filter_until(self, queryset: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        """Considered on a day or earlier."""
        return queryset.filter(
            pk__in=[one.pk for one in self.counted if one.considered and one.considered <= value]
        )

    def filter_revisions(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Revisions alone, or all other reports."""
        return queryset.filter(revises__isnull=value == Revisions.WITHOUT)
