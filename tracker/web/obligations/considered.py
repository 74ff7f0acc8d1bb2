"""Filters by consideration: the reports that the figures for the annual report count."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import django_filters as filters
from django.db.models import QuerySet, TextChoices
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from tracker.consideration.figures import Consideration, CountedReport, counted_reports
from tracker.web.ui.as_of import day_of
from tracker.web.ui.filters import ChipSet, DayFilter


class ConsiderationChoice(TextChoices):
    """Whether the Committee has considered a report."""

    CONSIDERED = Consideration.CONSIDERED.value, _("considered")
    WAITING = Consideration.WAITING.value, _("waiting to be considered")
    NOT_RECORDED = Consideration.NOT_RECORDED.value, _("review not recorded")


class Revisions(TextChoices):
    """Whether a report revises an earlier one."""

    WITHOUT = "without", _("without revisions")
    ONLY = "only", _("revisions alone")


class ConsideredFilter(ChipSet):
    """Reports by consideration on the as-of day, and by whether they are revisions."""

    consideration = filters.ChoiceFilter(
        label=_("Consideration"), choices=ConsiderationChoice, method="filter_consideration"
    )
    considered_from = DayFilter(label=_("Considered from"), method="filter_from")
    considered_until = DayFilter(label=_("Considered until"), method="filter_until")
    revisions = filters.ChoiceFilter(label=_("Revisions"), choices=Revisions, method="filter_revisions")
    considered_phrases: ClassVar[dict[str, Any]] = {
        "consideration": _("%(values)s"),
        "considered_from": _("considered from %(values)s"),
        "considered_until": _("considered until %(values)s"),
        "revisions": _("%(values)s"),
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
