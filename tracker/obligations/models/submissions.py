"""Reports received from States."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.languages.writing import in_words
from tracker.obligations import checks
from tracker.obligations.models.choices import Information, Precision, Trust
from tracker.obligations.models.cycles import CyclesNamed, cycles_constraints
from tracker.obligations.querysets import SubmissionQuerySet
from tracker.registry.models import Language, TreatyAction, as_rules_by_state
from tracker.rules import facts as rules
from tracker.rules.dates import end_of_month
from tracker.rules.entry_into_force import CRC_IN_FORCE, OPSC_ADOPTED
from tracker.rules.facts import Carrier, Facts


class Submission(CyclesNamed):
    """A report received from a State; it answers the obligations of the cycles that it names.

    A revision never changes the date of receipt of the first report.
    """

    received_on = models.DateField(
        _("received on"),
        null=True,
        blank=True,
        help_text=_("Date of receipt printed on the cover. Empty if only the review is known."),
    )
    reviewed_on = models.DateField(
        _("reviewed on"),
        null=True,
        blank=True,
        help_text=_(
            "Day of the constructive dialogue; the last day of the month if only the month is known."
        ),
    )
    review_precision = models.CharField(
        _("precision of the review date"), max_length=5, choices=Precision, default=Precision.DAY
    )
    known_by = models.DateField(
        _("date of the source"),
        null=True,
        blank=True,
        help_text=_(
            "Only if neither receipt nor review is known: the day of the source that mentions the report."
        ),
    )
    withdrawn_on = models.DateField(
        _("withdrawn on"),
        null=True,
        blank=True,
        help_text=_("Day on which the State withdrew the report; from that day it answers no obligation."),
    )
    information = models.CharField(
        _("information on the OPSC"),
        max_length=10,
        choices=Information,
        blank=True,
        help_text=_("For a report under the CRC: whether it gives information on the OPSC."),
    )
    information_where = models.CharField(
        _("where"),
        max_length=100,
        blank=True,
        help_text=_("Paragraphs or pages, for example paras. 210-244."),
    )
    confidence = models.CharField(_("confidence"), max_length=12, choices=Trust, blank=True)
    symbol = models.CharField(
        _("symbol"), max_length=60, blank=True, help_text=_("For example CRC/C/OPSC/USA/1.")
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language, blank=True)
    link = models.URLField(_("link"), blank=True)
    revises = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="revisions",
        verbose_name=_("revises"),
        error_messages={
            "invalid": _("The report that this one revises is not recorded; enter that one first.")
        },
        help_text=_("The report that this one supersedes, if it is a revision."),
    )

    objects = SubmissionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering = ("state", "first_cycle", "pk")
        constraints = [
            *cycles_constraints("submission"),
            models.CheckConstraint(
                condition=Q(received_on__isnull=False)
                | Q(reviewed_on__isnull=False)
                | Q(known_by__isnull=False),
                name="submission_has_a_day",
                violation_error_message=_(
                    "Enter the date of receipt or, if it is not known, that of the review."
                ),
            ),
            models.CheckConstraint(
                condition=Q(received_on=None)
                | Q(received_on__gte=OPSC_ADOPTED)
                | Q(carried_by=Carrier.CRC_REPORT.value, received_on__gte=CRC_IN_FORCE),
                name="submission_not_before_treaty",
                violation_error_message=_(
                    "The OPSC was adopted on 25 May 2000; no report on it was received before."
                ),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None) | Q(received_on=None) | Q(withdrawn_on__gte=F("received_on")),
                name="submission_withdrawn_after_receipt",
                violation_error_message=_("A report is withdrawn after its receipt; check the two days."),
            ),
            models.CheckConstraint(
                condition=Q(information_where="") | Q(information=Information.YES.value),
                name="submission_information_where",
                violation_error_message=_("Choose “yes” to enter where the information is."),
            ),
            models.CheckConstraint(
                condition=Q(received_on=None) | Q(reviewed_on=None) | Q(reviewed_on__gte=F("received_on")),
                name="submission_reviewed_after_receipt",
                violation_error_message=_("A report is reviewed after its receipt; check the two days."),
            ),
            models.UniqueConstraint(
                fields=("state", "kind", "carried_by", "first_cycle", "last_cycle"),
                condition=Q(revises=None, withdrawn_on=None),
                name="submission_once_per_cycles",
                violation_error_message=_(
                    "A report for these cycles is recorded already; correct it, or enter this one as "
                    "its revision."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.symbol or f"{self.state_id} {self.get_kind_display()} {self.cycles}"

    def known_on(self) -> Any:
        return self.received_on or self.reviewed_on or self.known_by

    def as_rule(self) -> rules.ReportFact:
        """The report as the rules take it."""
        return rules.ReportFact(
            self.kind,
            self.first_cycle,
            self.last_cycle,
            self.carried_by,
            self.received_on,
            self.reviewed_on,
            self.withdrawn_on,
            self.known_by,
        )

    def clean(self) -> None:
        super().clean()
        original = Submission.objects.filter(pk=self.revises_id).first() if self.revises_id else None
        today = timezone.localdate()
        if errors := self.problems(lambda: TreatyAction.objects.facts_of(self.state_id), today, original):
            raise ValidationError(errors)

    def problems(
        self, facts: Callable[[], Facts], today: date, original: Submission | None = None
    ) -> dict[str, Any]:
        """What is wrong with the report, by field.

        Args:
            facts: returns the treaty actions of its State; called only if nothing else is wrong.
            original: the report that it revises.
        """
        errors: dict[str, Any] = {}
        if not self.known_on():
            errors["received_on"] = _("Enter the date of receipt or, if it is not known, that of the review.")
        if self.received_on and self.received_on > today:
            errors["received_on"] = _("This day is in the future; enter the report once it is received.")
        elif self.received_on and self.received_on < OPSC_ADOPTED and self.carried_by != Carrier.CRC_REPORT:
            errors["received_on"] = _(
                "The OPSC was adopted on 25 May 2000; no report on it was received before."
            )
        elif self.received_on and self.received_on < CRC_IN_FORCE:
            errors["received_on"] = _("The CRC entered into force on 2 September 1990; check the day.")
        if self.withdrawn_on and self.withdrawn_on > today:
            errors["withdrawn_on"] = _("This day is in the future; enter it once the report is withdrawn.")
        elif self.withdrawn_on and self.known_on() and self.withdrawn_on < self.known_on():
            errors["withdrawn_on"] = _("A report is withdrawn after its receipt; check the two days.")
        if self.information_where and self.information != Information.YES:
            errors["information"] = _("Choose “yes” to enter where the information is.")
        if self.reviewed_on and self.reviewed_on > end_of_month(today.year, today.month):
            errors["reviewed_on"] = _("This day is in the future; enter the review once it has taken place.")
        if message := self._revises_wrongly(original):
            errors["revises"] = message
        if not errors and self.state_id and self.first_cycle and self.last_cycle:
            errors = checks.of_report(self.as_rule(), facts(), today)
        return errors

    def _revises_wrongly(self, original: Submission | None) -> Any:
        """Why this report cannot revise the original, or None."""
        if self.revises_id and self.revises_id == self.pk:
            return _("A report cannot revise itself.")
        if original is None:
            return None  # not a revision, or the field reports the missing original
        if self.state_id and original.state_id != self.state_id:
            return _("A report revises an earlier one of the same State.")
        if _what(original) != _what(self):
            return _(
                "That is a different report (%(kind)s, cycle %(cycles)s); a revision has the same "
                "kind, series and cycles. Correct them, or leave this field empty if this report is "
                "not a revision."
            ) % {"kind": original.get_kind_display(), "cycles": original.cycles}
        if self.received_on and original.received_on and self.received_on < original.received_on:
            return _(
                "That report was received later, on %(day)s; a revision is received after the report "
                "that it revises. Check the two days."
            ) % {"day": in_words(original.received_on)}
        if self.pk and self._is_revised_by(original):
            return _("That report is itself a revision of this one; leave the field empty in one of the two.")
        return None

    def _is_revised_by(self, other: Submission) -> bool:
        """Whether another report is a direct or indirect revision of this one."""
        seen: set[int] = set()
        earlier: Submission | None = other
        while earlier is not None and earlier.pk not in seen:
            if earlier.revises_id == self.pk:
                return True
            seen.add(earlier.pk)
            earlier = earlier.revises
        return False


def _what(report: Submission) -> tuple[str, str, int, int]:
    return report.kind, report.carried_by, report.first_cycle, report.last_cycle


def facts_beside(state: str) -> Facts:
    """The treaty actions and reports of a State, against which decisions and reviews are checked."""
    reports = as_rules_by_state(Submission.objects.filter(state=state))
    return replace(TreatyAction.objects.facts_of(state), reports=reports.get(state, ()))
