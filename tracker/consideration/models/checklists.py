"""Checklists: what a report covers of the guidelines, as a person marked it."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q
from django.utils.translation import gettext, gettext_lazy as _, pgettext_lazy
from simple_history.models import HistoricalRecords

from tracker.consideration.models.guidelines import AppliesTo, GuidelineItem, Guidelines
from tracker.obligations.models import Submission
from tracker.rules.coverage import ItemMark


class Marked(models.TextChoices):
    """Whether a report covers an item."""

    COVERED = ItemMark.COVERED.value, _("covered")
    PARTLY = ItemMark.PARTLY.value, _("partly covered")
    ABSENT = ItemMark.ABSENT.value, _("absent")
    NOT_APPLICABLE = ItemMark.NOT_APPLICABLE.value, _("not applicable")


# Of the finished checklists of a report the first one counts.
WHICH_COUNTS = ("-agreed", "finished_on", "pk")


class ChecklistQuerySet(models.QuerySet["Checklist"]):
    """Checklists."""

    def in_use(self) -> ChecklistQuerySet:
        """Those that were not replaced."""
        return self.filter(replaced_on=None)

    def finished_by(self, day: date) -> ChecklistQuerySet:
        """Those that were finished on a day; also of one reopened later."""
        return self.filter(Q(replaced_on=None) | Q(replaced_on__gt=day), finished_on__lte=day)

    def counting(self, day: date) -> ChecklistQuerySet:
        """The one that counts on a day, for each row of an outer query of submissions."""
        return self.finished_by(day).filter(submission=OuterRef("pk")).order_by(*WHICH_COUNTS)[:1]


class Checklist(models.Model):
    """What one person found in a report; two people may each have one for the same report.

    The *agreed* one is what two people settled on after comparing theirs. It counts before the others. Of one that is
    reopened, or of an agreed one that is given up, a row with its marks stays as *replaced*: it counts on earlier days.
    """

    submission = models.ForeignKey(
        Submission, models.PROTECT, related_name="checklists", verbose_name=_("report")
    )
    guidelines = models.ForeignKey(
        Guidelines, models.PROTECT, related_name="checklists", verbose_name=_("guidelines")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("checked by")
    )
    agreed = models.BooleanField(_("agreed"), default=False)
    words = models.PositiveIntegerField(
        pgettext_lazy("a number", "words"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Number of words of the report; empty if nobody has counted them."),
    )
    begun_on = models.DateField(_("begun on"))
    finished_on = models.DateField(_("finished on"), null=True, blank=True)
    replaced_on = models.DateField(
        _("replaced on"), null=True, blank=True, help_text=_("From this day on it no longer counts.")
    )

    objects = ChecklistQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("checklist")
        verbose_name_plural = _("checklists")
        ordering = ("submission", "-agreed", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("submission", "by"),
                condition=Q(agreed=False, replaced_on=None),
                name="checklist_in_use_once_per_person",
            ),
            models.UniqueConstraint(
                fields=("submission",),
                condition=Q(agreed=True, replaced_on=None),
                name="checklist_in_use_agreed_once",
            ),
            models.CheckConstraint(
                condition=Q(agreed=False) | Q(finished_on__isnull=False), name="checklist_agreed_is_finished"
            ),
            models.CheckConstraint(
                condition=Q(replaced_on=None)
                | Q(finished_on__isnull=False, replaced_on__gt=F("finished_on")),
                name="checklist_replaced_once_finished",
            ),
        ]

    def __str__(self) -> str:
        if self.agreed:
            return gettext("agreed checklist")
        return gettext("checklist of %(person)s") % {"person": self.person}

    @property
    def person(self) -> str:
        """The name of the person who checked the report or, if it is agreed, settled it."""
        if self.by is None:
            return gettext("a former user")
        return self.by.get_full_name() or self.by.get_username()


class CheckedItemQuerySet(models.QuerySet["CheckedItem"]):
    """Marked items."""

    def applying(self) -> CheckedItemQuerySet:
        """Those that apply to their report: its kind, or the item, may have been corrected since they were marked."""
        return self.filter(
            Q(item__applies_to=AppliesTo.ALL) | Q(item__applies_to=F("checklist__submission__kind"))
        )


class CheckedItem(models.Model):
    """Whether a report covers one item, where, and what was found."""

    checklist = models.ForeignKey(
        Checklist, models.CASCADE, related_name="marks", verbose_name=_("checklist")
    )
    item = models.ForeignKey(GuidelineItem, models.PROTECT, related_name="marks", verbose_name=_("item"))
    mark = models.CharField(_("mark"), max_length=16, choices=Marked)
    pages = models.CharField(
        _("pages"), max_length=60, blank=True, help_text=_("Pages or paragraphs, for example 12-14.")
    )
    note = models.TextField(_("note"), blank=True)

    objects = CheckedItemQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("marked item")
        verbose_name_plural = _("marked items")
        ordering = ("checklist", "item__position", "pk")
        constraints = [
            models.UniqueConstraint(fields=("checklist", "item"), name="checked_item_once"),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.get_mark_display()}"
