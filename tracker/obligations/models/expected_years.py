"""The Committee's eight-year calendar: in which year a State is to be reviewed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.obligations.models.choices import Trust
from tracker.obligations.models.cycles import MOST_YEARS_AHEAD
from tracker.registry.models import State


class ExpectedYear(models.Model):
    """The year for which a calendar of the Committee expects the report of a State.

    It is shown beside "date to be communicated" and is never a due date.
    """

    state = models.ForeignKey(State, models.PROTECT, related_name="expected_years", verbose_name=_("State"))
    year = models.PositiveSmallIntegerField(_("year"), help_text=_("For example 2029."))
    calendar = models.CharField(
        _("calendar"), max_length=100, help_text=_("Its name or years, for example “2027–2034”.")
    )
    document = models.CharField(
        _("document"), max_length=100, help_text=_("Symbol or title of the document.")
    )
    decided_on = models.DateField(
        _("published on"), help_text=_("Day of the document; it counts from that day.")
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    confidence = models.CharField(_("confidence"), max_length=12, choices=Trust, blank=True)
    note = models.TextField(_("note"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("year in the Committee’s calendar")
        verbose_name_plural = _("years in the Committee’s calendar")
        ordering = ("state", "decided_on", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("state", "document"),
                name="expected_year_once_per_document",
                violation_error_message=_(
                    "This document’s year for the State is recorded already; edit it there."
                ),
            ),
            models.CheckConstraint(
                condition=Q(year__gte=2000, year__lte=2200),
                name="expected_year_in_range",
                violation_error_message=_("Check the year."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.year}"

    def known_on(self) -> Any:
        """The day from which the fact counts."""
        return self.decided_on

    def clean(self) -> None:
        super().clean()
        if errors := self.problems(timezone.localdate()):
            raise ValidationError(errors)

    def problems(self, today: date) -> dict[str, Any]:
        """What is wrong with the row, by field."""
        errors: dict[str, Any] = {}
        if self.decided_on and self.decided_on > today:
            errors["decided_on"] = _("This day is in the future; enter the calendar once it is published.")
        if self.decided_on and self.year:
            if self.year < self.decided_on.year:
                errors["year"] = _("The year is before the document. Check the two.")
            elif self.year > self.decided_on.year + MOST_YEARS_AHEAD:
                errors["year"] = _(
                    "This is more than %(years)d years after the document; check the year."
                ) % {"years": MOST_YEARS_AHEAD}
        return errors
