"""Concluding observations of the Committee."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.obligations import checks
from tracker.obligations.models.choices import CarriedBy, Trust
from tracker.obligations.models.cycles import CyclesNamed, cycles_constraints
from tracker.obligations.models.submissions import facts_beside
from tracker.rules import facts as rules
from tracker.rules.entry_into_force import CRC_IN_FORCE
from tracker.rules.facts import NEXT, Facts


class Review(CyclesNamed):
    """Concluding observations of the Committee on a report, or on a State without a report.

    The date of the next report that they state is a `CommitteeDate` of the same document.
    """

    document = models.CharField(
        _("symbol"),
        max_length=60,
        help_text=_("Symbol of the concluding observations, for example CRC/C/OPSC/USA/CO/2."),
    )
    adopted_on = models.DateField(
        _("adopted on"), help_text=_("Day of adoption, or the last day of the session.")
    )
    session = models.PositiveSmallIntegerField(
        _("session"), null=True, blank=True, help_text=_("Number of the Committee's session, for example 94.")
    )
    without_report = models.BooleanField(
        _("without a report"),
        default=False,
        help_text=_("The Committee reviewed the State although it had not received the report."),
    )
    confidence = models.CharField(_("confidence"), max_length=12, choices=Trust, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ("state", "adopted_on", "pk")
        constraints = [
            *cycles_constraints("review"),
            models.UniqueConstraint(
                fields=("state", "document"),
                name="review_once_per_document",
                violation_error_message=_(
                    "These concluding observations are recorded already; correct them there."
                ),
            ),
            models.CheckConstraint(
                condition=Q(adopted_on__gte=CRC_IN_FORCE),
                name="review_after_entry_into_force",
                violation_error_message=_("The CRC entered into force on 2 September 1990; check the day."),
            ),
        ]

    def __str__(self) -> str:
        return self.document

    def known_on(self) -> Any:
        return self.adopted_on

    def may_be_unnumbered(self) -> bool:
        return self.carried_by == CarriedBy.CRC_REPORT

    @property
    def label(self) -> str:
        if self.first_cycle == NEXT:
            return str(_("report under the CRC, number not known"))
        return super().label

    def as_rule(self) -> rules.ReviewFact:
        """The review as the rules take it."""
        return rules.ReviewFact(
            self.kind,
            self.first_cycle,
            self.last_cycle,
            self.carried_by,
            self.document,
            self.adopted_on,
            self.without_report,
        )

    def clean(self) -> None:
        super().clean()
        if errors := self.problems(
            lambda: facts_beside(self.state_id), timezone.localdate(), self._recorded_sessions()
        ):
            raise ValidationError(errors)

    def _recorded_sessions(self) -> Iterable[Any]:
        """The recorded sessions to which it belongs: that with its number, and that on which the State is for it."""
        # By name: the model of sessions refers to reviews.
        sessions = apps.get_model("obligations", "CommitteeSession")
        its = Q(kind="session", number=self.session) if self.session else Q(pk__in=())
        if self.pk:
            its |= Q(agenda__review=self.pk)
        return sessions._default_manager.filter(its).distinct()

    def problems(
        self, facts: Callable[[], Facts], today: date, sessions: Iterable[Any] = ()
    ) -> dict[str, Any]:
        """What is wrong with the review, by field.

        Args:
            facts: returns the treaty actions and reports of its State; called only if nothing else is wrong.
            sessions: the recorded sessions to which it belongs.
        """
        errors: dict[str, Any] = {}
        if self.adopted_on and self.adopted_on > today:
            errors["adopted_on"] = _("This day is in the future; enter the review once it is adopted.")
        elif self.adopted_on and self.adopted_on < CRC_IN_FORCE:
            errors["adopted_on"] = _("The CRC entered into force on 2 September 1990; check the day.")
        elif self.adopted_on and (outside := [one for one in sessions if not one.includes(self.adopted_on)]):
            errors["adopted_on"] = (
                _("This day is outside %(session)s (%(first)s to %(last)s). Check the day or the session.")
                % outside[0].in_days()
            )
        if not errors and self.state_id and self.adopted_on and self.last_cycle is not None:
            errors = checks.of_review(self.as_rule(), facts(), today)
        return errors
