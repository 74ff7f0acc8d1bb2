"""Pauses: no reminders about an obligation, or to a State, until a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.languages.writing import in_words
from tracker.obligations.models import Obligation
from tracker.registry.models import State
from tracker.rules.dates import add_years

# A longer pause is probably a typing error.
PAUSE_MOST_YEARS = 3


class PauseQuerySet(models.QuerySet):
    """Pauses on a day."""

    def in_force(self, day: date) -> PauseQuerySet:
        """The pauses in force on a day."""
        return self.filter(made_on__lte=day, until__gt=day).filter(Q(ended_on=None) | Q(ended_on__gt=day))

    def about(self, state: str) -> PauseQuerySet:
        """The pauses of a State and of its obligations."""
        return self.filter(Q(state=state) | Q(obligation__state=state))


class Pause(models.Model):
    """No reminders until a day, with a reason: about one obligation, or to a State about all of them.

    Created only by `pauses.py`. A row is never deleted; a pause that was ended early keeps both days.
    """

    state = models.ForeignKey(
        State, models.PROTECT, null=True, blank=True, related_name="pauses", verbose_name=_("State")
    )
    obligation = models.ForeignKey(
        Obligation, models.PROTECT, null=True, blank=True, related_name="pauses", verbose_name=_("obligation")
    )
    made_on = models.DateField(_("from"))
    until = models.DateField(_("until"), help_text=_("Reminders are planned again from this day on."))
    reason = models.CharField(_("reason"), max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
    )
    ended_on = models.DateField(_("ended early on"), null=True, blank=True)

    objects = PauseQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        ordering = ("-made_on", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__isnull=True, obligation__isnull=False)
                | Q(state__isnull=False, obligation__isnull=True),
                name="pause_of_a_state_or_an_obligation",
                violation_error_message=_("A pause is about one obligation or one State, not both."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="pause_has_a_reason",
                violation_error_message=_("Enter why reminders are paused."),
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("made_on")),
                name="pause_ends_after_it_begins",
                violation_error_message=_(
                    "Enter a later day: a pause must end after the day on which it begins."
                ),
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("made_on"), ended_on__lte=F("until")),
                name="pause_ended_within_its_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id or self.obligation_id} {self.made_on} to {self.until}"

    @property
    def whose(self) -> State:
        """The State whose reminders are paused."""
        found: Any = self.obligation.state if self.obligation else self.state
        return found

    def is_in_force(self, day: date) -> bool:
        """Whether it is in force on a day; in SQL: `PauseQuerySet.in_force`."""
        return self.made_on <= day < min(self.until, self.ended_on or self.until)

    def clean(self) -> None:
        super().clean()
        if not (self.made_on and self.until):
            return
        if self.until <= self.made_on:
            raise ValidationError(
                {
                    "until": gettext("Enter a day after %(day)s: a pause must end in the future.")
                    % {"day": in_words(self.made_on)}
                }
            )
        latest = add_years(self.made_on, PAUSE_MOST_YEARS)
        if self.until > latest:
            raise ValidationError(
                {
                    "until": gettext(
                        "A pause lasts at most %(n)d years: enter a day up to %(day)s. You can pause again then."
                    )
                    % {"n": PAUSE_MOST_YEARS, "day": in_words(latest)}
                }
            )
