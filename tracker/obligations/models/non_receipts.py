"""Confirmations that a report had not been received."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.languages.writing import in_words
from tracker.obligations.models.choices import REPORTS, CarriedBy, Kind
from tracker.obligations.models.cycles import MOST_CYCLES
from tracker.obligations.models.obligations import Obligation
from tracker.registry.models import State
from tracker.rules import facts as rules
from tracker.rules.entry_into_force import OPSC_IN_FORCE
from tracker.rules.facts import Carrier, ReportKind


class NonReceipt(models.Model):
    """A confirmation, with its source, that a report had not been received by some day.

    It settles a “no record”: the report is overdue, also on days before that of the source. The source must not be
    older than the beginning of the office's records, or the report may have been received in between.
    """

    state = models.ForeignKey(State, models.PROTECT, related_name="non_receipts", verbose_name=_("State"))
    kind = models.CharField(_("kind"), max_length=12, choices=REPORTS, default=Kind.INITIAL)
    cycle = models.PositiveSmallIntegerField(
        _("cycle"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_CYCLES)]
    )
    carried_by = models.CharField(
        _("carried by"), max_length=10, choices=CarriedBy, default=CarriedBy.OWN.value
    )
    not_received_by = models.DateField(
        _("not received by"), help_text=_("According to the source, nothing had been received by this day.")
    )
    source = models.CharField(
        _("source"), max_length=200, help_text=_("Document, list or letter that shows this.")
    )
    note = models.TextField(_("note"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("confirmation of non-receipt")
        verbose_name_plural = _("confirmations of non-receipt")
        ordering = ("state", "kind", "cycle", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("state", "kind", "carried_by", "cycle"),
                name="non_receipt_once",
                violation_error_message=_(
                    "This report is confirmed as not received already; correct it there."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(kind=ReportKind.INITIAL.value) | Q(cycle=1, carried_by=Carrier.OWN.value),
                name="non_receipt_initial_is_cycle_1",
                violation_error_message=_("The initial report is cycle 1 and never a report under the CRC."),
            ),
            models.CheckConstraint(
                condition=Q(not_received_by__gt=OPSC_IN_FORCE), name="non_receipt_after_entry_into_force"
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(state)s %(kind)s %(cycle)d: not received by %(day)s") % {
            "state": self.state_id,
            "kind": self.get_kind_display(),
            "cycle": self.cycle,
            "day": self.not_received_by,
        }

    def as_rule(self) -> rules.NonReceiptFact:
        """The confirmation as the rules take it."""
        return rules.NonReceiptFact(self.kind, self.cycle, self.carried_by, self.not_received_by)

    def clean(self) -> None:
        super().clean()
        if not (self.state_id and self.not_received_by):
            return
        if message := self._too_early_or_late():
            raise ValidationError({"not_received_by": message})
        self._clean_obligation()

    def _too_early_or_late(self) -> Any:
        """Why the day of the source is not acceptable, or None."""
        if self.not_received_by > timezone.localdate():
            return _("This day is in the future; enter a day that has passed.")
        since = self.state.records(self.carried_by).since
        if since and self.not_received_by < since:
            return _(
                "The records begin on %(since)s; the report may have been received between an "
                "earlier source and that day. Use a source of that day or later."
            ) % {"since": in_words(since)}
        return None

    def _clean_obligation(self) -> None:
        """Raises an error unless a report was due before that day and is not answered."""
        owed = Obligation.objects.filter(
            state=self.state, kind=self.kind, carried_by=self.carried_by, cycle=self.cycle, expected=True
        ).first()
        if owed is None:
            raise ValidationError(
                {"cycle": _("The State owes no such report; check the kind, the series and the cycle.")}
            )
        if owed.answered_on is not None:
            raise ValidationError(
                {"cycle": _("A report for this cycle is recorded; correct or delete that one first.")}
            )
        if owed.due_on is None:
            raise ValidationError(
                {
                    "cycle": _(
                        "This report has no due date here, so it is not late. First enter the date "
                        "that the Committee states for it."
                    )
                }
            )
        if self.not_received_by <= owed.due_on:
            raise ValidationError(
                {
                    "not_received_by": _("The report is due only on %(day)s; use a source of a later day.")
                    % {"day": in_words(owed.due_on)}
                }
            )
