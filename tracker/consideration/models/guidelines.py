"""What a report should cover: the items of the Committee's guidelines, and the questions that follow from gaps."""

from __future__ import annotations

from datetime import date

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.obligations.models import Trust
from tracker.registry.models import Language, Treaty
from tracker.rules.facts import ReportKind


class GuidelinesQuerySet(models.QuerySet["Guidelines"]):
    """Versions of guidelines."""

    def in_force(self, treaty: str, day: date) -> Guidelines | None:
        """The version in force on a day: that of the receipt of a report; None if none is recorded."""
        valid = self.filter(treaty=treaty, valid_from__lte=day).exclude(valid_until__lt=day)
        return valid.order_by("-valid_from", "-pk").first()


class Guidelines(models.Model):
    """A version of the Committee's guidelines for reports under a treaty."""

    treaty = models.ForeignKey(Treaty, models.PROTECT, related_name="guidelines", verbose_name=_("treaty"))
    document = models.CharField(
        _("document"), max_length=60, help_text=_("Symbol, for example CRC/C/OPSC/2.")
    )
    title = models.CharField(_("title"), max_length=200)
    valid_from = models.DateField(
        _("valid from"), help_text=_("Reports received from this day on are checked against this version.")
    )
    valid_until = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("Last day; empty while it is in force.")
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    confidence = models.CharField(_("confidence"), max_length=12, choices=Trust, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = GuidelinesQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("version of guidelines")
        verbose_name_plural = _("versions of guidelines")
        ordering = ("treaty", "valid_from", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("treaty", "document"),
                name="guidelines_once",
                violation_error_message=_("This document is recorded already; edit it there."),
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="guidelines_end_after_start",
                violation_error_message=_("The last day is before the first. Check the two."),
            ),
        ]

    def __str__(self) -> str:
        return self.document


class AppliesTo(models.TextChoices):
    """The reports to which an item applies."""

    ALL = "all", _("all reports")
    INITIAL = ReportKind.INITIAL.value, _("initial reports")
    PERIODIC = ReportKind.PERIODIC.value, _("periodic reports")


class GuidelineItem(models.Model):
    """One thing that a report should cover, in our own words."""

    guidelines = models.ForeignKey(
        Guidelines, models.PROTECT, related_name="items", verbose_name=_("guidelines")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    code = models.CharField(_("code"), max_length=12, help_text=_("For example A9.4."))
    section = models.CharField(_("section"), max_length=100)
    asks = models.CharField(_("asks for"), max_length=300, help_text=_("In our own words."))
    anchor = models.CharField(
        _("where"), max_length=100, blank=True, help_text=_("Article or section, for example art. 9(4).")
    )
    article = models.PositiveSmallIntegerField(
        _("article"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Of the Protocol; empty for an item about the report as a whole."),
    )
    applies_to = models.CharField(_("applies to"), max_length=12, choices=AppliesTo, default=AppliesTo.ALL)
    confidence = models.CharField(_("confidence"), max_length=12, choices=Trust, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("item of guidelines")
        verbose_name_plural = _("items of guidelines")
        ordering = ("guidelines", "position", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("guidelines", "code"),
                name="guideline_item_once",
                violation_error_message=_("There is already an item with this code; edit it there."),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ItemQuestion(models.Model):
    """The office's own words for the question that follows if a report does not cover an item."""

    item = models.ForeignKey(GuidelineItem, models.CASCADE, related_name="questions", verbose_name=_("item"))
    language = models.CharField(_("language"), max_length=2, choices=Language)
    words = models.TextField(
        _("words"), help_text=_("A request to the State, as it is to stand in a list of issues.")
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("question for lists of issues")
        verbose_name_plural = _("questions for lists of issues")
        ordering = ("item", "language")
        constraints = [
            models.UniqueConstraint(
                fields=("item", "language"),
                name="item_question_once",
                violation_error_message=_(
                    "There are own words for this item and language already; edit them."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} ({self.get_language_display()})"
