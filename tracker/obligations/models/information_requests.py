"""Requests of the Committee for further information, and the replies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.languages.writing import in_words, with_commas
from tracker.obligations import checks
from tracker.obligations.models.choices import Assessment, Kind, RequestDocument
from tracker.obligations.models.cycles import MOST_YEARS_AHEAD
from tracker.obligations.models.obligations import Obligation
from tracker.registry.models import State, TreatyAction
from tracker.rules import facts as rules
from tracker.rules.coverage import word_limit
from tracker.rules.dates import add_years
from tracker.rules.entry_into_force import OPSC_IN_FORCE
from tracker.rules.facts import Facts, ReportKind


class InformationRequest(models.Model):
    """A request of the Committee for further information (art. 12(3)), and the reply to it.

    The date is the one in the document, never computed. The number is the cycle of the obligation; it is never
    reused, even if the request is withdrawn.
    """

    state = models.ForeignKey(
        State, models.PROTECT, related_name="information_requests", verbose_name=_("State")
    )
    number = models.PositiveSmallIntegerField(_("number"), blank=True, editable=False)
    kind = models.CharField(
        _("kind"), max_length=40, choices=RequestDocument, default=RequestDocument.LIST_OF_ISSUES
    )
    document = models.CharField(
        _("document"), max_length=100, help_text=_("Symbol, for example CRC/C/OPSC/USA/Q/3-4.")
    )
    issued_on = models.DateField(
        _("issued on"), help_text=_("Day of the document; the request counts from that day.")
    )
    due_on = models.DateField(_("reply due on"), help_text=_("As printed in the document."))
    received_on = models.DateField(
        _("reply received on"), null=True, blank=True, help_text=_("Empty until the reply is received.")
    )
    reply_words = models.PositiveIntegerField(
        _("words of the reply"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Number of words of the reply; empty if nobody has counted them."),
    )
    assessment = models.CharField(
        _("the Committee finds the reply"),
        max_length=10,
        choices=Assessment,
        blank=True,
        default="",
        db_default="",
    )
    assessed_on = models.DateField(
        _("assessed on"), null=True, blank=True, help_text=_("Day of the document that assesses the reply.")
    )
    assessment_words = models.CharField(
        _("in the Committee’s words"),
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text=_("As printed, with its document and paragraph."),
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("request for further information")
        verbose_name_plural = _("requests for further information")
        ordering = ("state", "number")
        constraints = [
            models.UniqueConstraint(fields=("state", "number"), name="request_number_once"),
            models.UniqueConstraint(
                fields=("state", "kind", "document"),
                name="request_once_per_document",
                violation_error_message=_("This document's request is recorded already; correct it there."),
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="request_number_from_1"),
            models.CheckConstraint(condition=Q(kind__in=RequestDocument.values), name="request_kind_known"),
            models.CheckConstraint(
                condition=Q(issued_on__gte=OPSC_IN_FORCE),
                name="request_after_entry_into_force",
                violation_error_message=_(
                    "The OPSC entered into force on 18 January 2002; nothing was asked before."
                ),
            ),
            models.CheckConstraint(
                condition=Q(due_on__gt=F("issued_on")),
                name="request_due_after_issue",
                violation_error_message=_("The reply is due after the day of the document; check the two."),
            ),
            models.CheckConstraint(
                condition=Q(received_on=None) | Q(received_on__gte=F("issued_on")),
                name="request_reply_after_issue",
                violation_error_message=_("The reply comes after the day of the document; check the two."),
            ),
            models.CheckConstraint(
                condition=Q(reply_words=None) | Q(received_on__isnull=False),
                name="request_words_of_a_reply",
                violation_error_message=_("Enter the day on which the reply was received."),
            ),
            models.CheckConstraint(
                condition=Q(assessment="", assessed_on=None)
                | (
                    ~Q(assessment="")
                    & Q(assessed_on__isnull=False, received_on__isnull=False)
                    & Q(assessed_on__gte=F("received_on"))
                ),
                name="request_assessed_after_reply",
                violation_error_message=_(
                    "An assessment needs the reply and the day of the assessment, on or after its receipt."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.get_kind_display()}: {self.document}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._settle_number()
        super().save(*args, **kwargs)

    def _settle_number(self) -> None:
        """Assigns the State's next number to a new request, or to one moved to another State.

        `save_fact` locks the State, so that two requests entered at once get different numbers.
        """
        if not self.state_id:
            return
        if self.number is None or self._was_of_another_state():
            self.number = next_request_number(self.state_id)

    def _was_of_another_state(self) -> bool:
        return bool(
            self.pk and InformationRequest.objects.filter(pk=self.pk).exclude(state=self.state_id).exists()
        )

    def assessed_by(self, day: date) -> str:
        """What the Committee found of the reply, as known on a day, with its day and words; empty if nothing."""
        if self.assessed_on is None or self.assessed_on > day:
            return ""
        told = with_commas(filter(None, (in_words(self.assessed_on), self.assessment_words)))
        return gettext("%(assessment)s (%(told)s)") % {
            "assessment": self.get_assessment_display(),
            "told": told,
        }

    @property
    def word_limit(self) -> int | None:
        """The most words of the reply; None if there is no limit, or no reply yet. Only lists of issues have one."""
        if self.kind != RequestDocument.LIST_OF_ISSUES:
            return None
        return word_limit(ReportKind.INFORMATION, self.received_on)

    def as_rule(self) -> rules.RequestFact:
        """The request as the rules take it."""
        return rules.RequestFact(
            self.kind, self.number, self.document, self.issued_on, self.due_on, self.received_on
        )

    def clean(self) -> None:
        super().clean()
        self._settle_number()  # before the constraints on it are checked
        if errors := self.problems(
            lambda: TreatyAction.objects.facts_of(self.state_id), timezone.localdate()
        ):
            raise ValidationError(errors)

    def problems(self, facts: Callable[[], Facts], today: date) -> dict[str, Any]:
        """What is wrong with the request, by field.

        Args:
            facts: returns the treaty actions of its State; called only if nothing else is wrong.
        """
        errors: dict[str, Any] = {}
        if self.issued_on and self.issued_on > today:
            errors["issued_on"] = _("This day is in the future; enter the request once it is issued.")
        if self.received_on and self.received_on > today:
            errors["received_on"] = _("This day is in the future; enter the reply once it is received.")
        elif self.received_on and self.issued_on and self.received_on < self.issued_on:
            errors["received_on"] = _(
                "The reply cannot be received before the day of the document (%(day)s). Check the two days."
            ) % {"day": in_words(self.issued_on)}
        elif self.reply_words and not self.received_on:
            errors["received_on"] = _("Enter the day on which the reply was received.")
        if self.assessed_on and self.assessed_on > today:
            errors["assessed_on"] = _("This day is in the future; enter the assessment once it is published.")
        elif bool(self.assessment) != bool(self.assessed_on):
            errors["assessed_on"] = _("Enter both the assessment and its day, or neither.")
        elif self.assessed_on and not (self.received_on and self.received_on <= self.assessed_on):
            errors["assessed_on"] = _("The Committee assesses a reply after its receipt; check the two days.")
        if self.due_on and self.issued_on:
            if self.due_on <= self.issued_on:
                errors["due_on"] = _("The reply must be due after the day of the document (%(day)s).") % {
                    "day": in_words(self.issued_on)
                }
            elif self.due_on > add_years(self.issued_on, MOST_YEARS_AHEAD):
                errors["due_on"] = _(
                    "This is more than %(years)d years after the document; check the year."
                ) % {"years": MOST_YEARS_AHEAD}
            elif self.state_id and not errors:
                errors = checks.of_request(self.as_rule(), facts())
        return errors


def next_request_number(state: str) -> int:
    """The number after the State's last one.

    The obligation of a withdrawn request keeps its number and its reminders, so obligations count too.
    """
    requests = InformationRequest.objects.filter(state=state).aggregate(last=Max("number"))
    owed = Obligation.objects.filter(state=state, kind=Kind.INFORMATION).aggregate(last=Max("cycle"))
    return max(requests["last"] or 0, owed["last"] or 0) + 1
