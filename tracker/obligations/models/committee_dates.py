"""Dates that the Committee states for reports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.languages.writing import in_words
from tracker.obligations import checks
from tracker.obligations.models.choices import CarriedBy, Document, Precision, Trust
from tracker.obligations.models.cycles import MOST_YEARS_AHEAD, CyclesNamed, cycles_constraints
from tracker.obligations.models.submissions import facts_beside
from tracker.obligations.querysets import CommitteeDateQuerySet
from tracker.rules import facts as rules
from tracker.rules.dates import add_years
from tracker.rules.entry_into_force import OPSC_IN_FORCE
from tracker.rules.facts import NEXT, DecisionOutcome, Facts


class CommitteeDate(CyclesNamed):
    """A date that the Committee states for one or several cycles; it replaces the computed one."""

    class Outcomes(models.TextChoices):
        """The outcomes that a document can state."""

        DATE = DecisionOutcome.DATE.value, _("a date")
        TO_BE_COMMUNICATED = DecisionOutcome.TO_BE_COMMUNICATED.value, _("to be communicated")
        WAIVED = DecisionOutcome.WAIVED.value, _("no report is asked for")

    outcome = models.CharField(
        _("the Committee states"), max_length=20, choices=Outcomes, default=Outcomes.DATE
    )
    due_on = models.DateField(
        _("due date"),
        null=True,
        blank=True,
        help_text=_("As printed in the concluding observations or the list of issues prior to reporting."),
    )
    precision = models.CharField(
        _("printed as"),
        max_length=5,
        choices=Precision,
        default=Precision.DAY,
        help_text=_(
            "If the document prints only a year, enter 31 December of that year; the report is late "
            "only after that day. If you know the exact day from another source, it is shown as to "
            "be confirmed."
        ),
    )
    document_kind = models.CharField(
        _("kind of document"), max_length=40, choices=Document, default=Document.OBSERVATIONS
    )
    document = models.CharField(
        _("document"),
        max_length=100,
        blank=True,
        help_text=_("Symbol, for example CRC/C/OPSC/USA/CO/2. Empty if it is not known."),
    )
    paragraph = models.CharField(_("paragraph"), max_length=20, blank=True)
    decided_on = models.DateField(
        _("decided on"),
        null=True,
        blank=True,
        help_text=_("Day of adoption, or the close of the session. Empty if the document gives none."),
    )
    confidence = models.CharField(_("confidence"), max_length=12, choices=Trust, blank=True)
    awaits_confirmation = models.BooleanField(
        _("awaits confirmation"),
        default=False,
        editable=False,
        help_text=_("Entered by one person; takes effect when a second person confirms it."),
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("entered by"),
    )
    corrects = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        editable=False,
        related_name="corrections",
        verbose_name=_("corrects"),
        help_text=_("The date in effect that this one replaces when it is confirmed."),
    )

    objects = CommitteeDateQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("date stated by the Committee")
        verbose_name_plural = _("dates stated by the Committee")
        permissions = [("confirm_committeedate", "Can confirm a date stated by the Committee")]
        ordering = ("state", "decided_on", "pk")
        constraints = [
            *cycles_constraints("committee_date"),
            models.UniqueConstraint(
                # A correction that awaits confirmation is stored beside the date it corrects.
                fields=("state", "kind", "carried_by", "first_cycle", "last_cycle", "document"),
                condition=Q(corrects=None),
                name="committee_date_once_per_document",
                violation_error_message=_("This document's date for these cycles is recorded already."),
            ),
            models.UniqueConstraint(
                fields=("corrects",),
                name="committee_date_one_correction",
                violation_error_message=_(
                    "A correction of this date awaits confirmation already; edit or delete that one."
                ),
            ),
            models.CheckConstraint(
                condition=Q(corrects=None) | Q(awaits_confirmation=True),
                name="committee_date_correction_awaits",
            ),
            models.CheckConstraint(
                condition=Q(outcome=DecisionOutcome.DATE.value, due_on__isnull=False)
                | (~Q(outcome=DecisionOutcome.DATE.value) & Q(due_on=None)),
                name="committee_date_has_date",
                violation_error_message=_(
                    "Enter the due date, or choose another statement of the Committee."
                ),
            ),
            models.CheckConstraint(
                condition=Q(due_on=None) | Q(due_on__gt=OPSC_IN_FORCE),
                name="committee_date_after_entry_into_force",
                violation_error_message=_(
                    "The OPSC entered into force on 18 January 2002; nothing was due before."
                ),
            ),
            models.CheckConstraint(
                condition=Q(decided_on__isnull=False) | Q(due_on__isnull=False),
                name="committee_date_has_a_day",
                violation_error_message=_("Enter the day of the document, or the due date that it states."),
            ),
            models.CheckConstraint(
                condition=~Q(first_cycle=NEXT) | Q(outcome=DecisionOutcome.TO_BE_COMMUNICATED.value),
                name="committee_date_numbered",
                violation_error_message=_("Enter the number of the report that the date is for."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.get_kind_display()} {self.cycles}: {self.document}"

    def known_on(self) -> Any:
        return self.decided_on or self.due_on

    def may_be_unnumbered(self) -> bool:
        return self.carried_by == CarriedBy.CRC_REPORT and self.outcome == self.Outcomes.TO_BE_COMMUNICATED

    def as_rule(self) -> rules.DecisionFact:
        """The decision as the rules take it."""
        return rules.DecisionFact(
            self.kind,
            self.first_cycle,
            self.last_cycle,
            self.carried_by,
            self.outcome,
            self.due_on,
            self.document,
            self.decided_on,
            self.precision,
            self.document_kind,
            self.paragraph,
        )

    def clean(self) -> None:
        super().clean()
        if errors := self.problems(lambda: facts_beside(self.state_id), timezone.localdate()):
            raise ValidationError(errors)

    def problems(self, facts: Callable[[], Facts], today: date) -> dict[str, Any]:
        """What is wrong with the decision, by field.

        Args:
            facts: returns the treaty actions and reports of its State; called only if nothing else is wrong.
        """
        errors: dict[str, Any] = {}
        if self.decided_on and self.decided_on > today:
            errors["decided_on"] = _("This day is in the future; enter the decision once it is adopted.")
        if self.outcome == self.Outcomes.DATE and not self.due_on:
            errors["due_on"] = _("Enter the due date, or choose another statement of the Committee.")
        if self.outcome != self.Outcomes.DATE and self.due_on:
            errors["due_on"] = _("Leave the date empty: the Committee states none.")
        if self.due_on and self.decided_on:
            if self.due_on <= self.decided_on:
                errors["due_on"] = _("The due date must be after the decision (%(day)s).") % {
                    "day": in_words(self.decided_on)
                }
            elif self.due_on > add_years(self.decided_on, MOST_YEARS_AHEAD):
                errors["due_on"] = _(
                    "This is more than %(years)d years after the decision; check the year."
                ) % {"years": MOST_YEARS_AHEAD}
        if not self.decided_on and self.due_on and self.due_on >= today:
            errors["decided_on"] = _(
                "Enter the day of the document, or of its receipt if it has none; the date counts "
                "from that day."
            )
        if not self.known_on():
            errors.setdefault(
                "decided_on", _("Enter the day of the document, or the due date that it states.")
            )
        if not errors and self.state_id and self.last_cycle is not None:
            errors = checks.of_decision(self.as_rule(), facts(), today)
        return errors
