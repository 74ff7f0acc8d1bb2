"""When papers are drafted, for whom, in which form; the words the office has changed; the office itself."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext, gettext_lazy as _, ngettext
from simple_history.models import HistoricalRecords

from tracker.correspondence.models.choices import BY_DUE_DATE, MAY_GET_NOTES, WITH_TEXT, Languages, PaperForm
from tracker.correspondence.text.filling import pattern_problem
from tracker.correspondence.text.words import NAMES_OF_PARTS
from tracker.languages.known import ENGLISH
from tracker.registry.models import ContactKind, Language as MailLanguages


class PaperRule(models.Model):
    """On which occasion papers are drafted for contacts of a kind, and in which form."""

    occasion = models.CharField(
        _("occasion"),
        max_length=14,
        choices=[(one.value, one.label) for one in WITH_TEXT],
    )
    months = models.SmallIntegerField(
        _("months"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-120), MaxValueValidator(240)],
        help_text=_(
            "Months from the due date; negative means before. Example: -6. Empty for occasions that do not "
            "depend on a due date."
        ),
    )
    to = models.CharField(_("to"), max_length=11, choices=ContactKind, default=ContactKind.MISSION)
    form = models.CharField(_("form"), max_length=6, choices=PaperForm, default=PaperForm.NOTE)
    languages = models.CharField(_("languages"), max_length=9, choices=Languages, default=Languages.AUTOMATIC)
    active = models.BooleanField(_("active"), default=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("rule for papers")
        verbose_name_plural = _("rules for papers")
        ordering = ("occasion", "to", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("occasion", "to"),
                name="paper_rule_once",
                violation_error_message=_("There is already a rule for this occasion and kind of contact."),
            ),
            models.CheckConstraint(
                condition=~Q(form=PaperForm.NOTE) | Q(to__in=MAY_GET_NOTES),
                name="paper_rule_notes_to_states",
                violation_error_message=_(
                    "A note verbale goes to Permanent Missions and ministries only. Choose a letter or plain mail."
                ),
            ),
            models.CheckConstraint(
                condition=Q(occasion__in=BY_DUE_DATE, months__isnull=False)
                | Q(~Q(occasion__in=BY_DUE_DATE), months__isnull=True),
                name="paper_rule_months_with_due_date",
                violation_error_message=_(
                    "Enter the months for an occasion that depends on a due date, and leave them empty for others."
                ),
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(occasion)s: %(form)s to %(whom)s") % {
            "occasion": self.get_occasion_display(),
            "form": self.get_form_display(),
            "whom": self.get_to_display(),
        }

    @property
    def when(self) -> str:
        """The time from the due date in words; empty for other occasions."""
        if self.months is None:
            return ""
        if not self.months:
            return gettext("on the day")
        months = abs(self.months)
        pattern = (
            ngettext("%(n)d month before", "%(n)d months before", months)
            if self.months < 0
            else ngettext("%(n)d month after", "%(n)d months after", months)
        )
        return pattern % {"n": months}


class PaperText(models.Model):
    """The office's own words for a part of papers in one language; without a row the shipped words are used."""

    part = models.CharField(_("part"), max_length=24)
    language = models.CharField(_("language"), max_length=2, choices=MailLanguages)
    words = models.TextField(
        _("words"),
        help_text=_(
            "Names in braces, such as {state}, stand for facts. An empty line begins a new paragraph."
        ),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("text of papers")
        verbose_name_plural = _("texts of papers")
        ordering = ("part", "language")
        constraints = [
            models.UniqueConstraint(
                fields=("part", "language"),
                name="paper_text_once",
                violation_error_message=_(
                    "There are own words for this part and language already; edit them."
                ),
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(part)s (%(language)s)") % {
            "part": NAMES_OF_PARTS.get(self.part, self.part),
            "language": self.get_language_display(),
        }

    def clean(self) -> None:
        if problem := pattern_problem(self.part, self.words):
            raise ValidationError({"words": problem})


class Letterhead(models.Model):
    """The office as it appears on papers: one row."""

    name = models.CharField(
        _("name of the office"),
        max_length=200,
        help_text=_(
            "In English, with its article: “the Secretariat of …”. It begins the first sentence of a note."
        ),
    )
    names = models.JSONField(
        _("name in other languages"),
        default=dict,
        blank=True,
        db_default=Value({}, models.JSONField()),
        help_text=_("By code of the language. Papers in a language without it are English."),
    )
    address = models.TextField(_("address"), blank=True, help_text=_("As it stands at the head of a paper."))
    place = models.CharField(_("place"), max_length=60, default="Geneva")
    pattern = models.CharField(
        _("pattern of references"),
        max_length=60,
        default="OPSC/{year}/{number}",
        help_text=_("{year} and {number} are filled in, for example OPSC/2026/0042."),
    )
    pattern_received = models.CharField(
        _("pattern of references of papers received"), max_length=60, default="OPSC/{year}/IN/{number}"
    )
    signed_by = models.CharField(_("letters are signed by"), max_length=120, blank=True)
    title = models.CharField(_("title of the signatory"), max_length=160, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("letterhead")
        verbose_name_plural = _("letterhead")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="letterhead_one_row")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)

    def clean(self) -> None:
        errors = {}
        for name in ("pattern", "pattern_received"):
            text = getattr(self, name)
            if "{year}" not in text or "{number}" not in text or set(text) & set("\\\r\n\t"):
                errors[name] = _("Write {year} and {number} where the year and the number stand.")
        if not errors and self.pattern == self.pattern_received:
            errors["pattern_received"] = _("Papers received need a pattern of their own.")
        if errors:
            raise ValidationError(errors)

    def name_in(self, language: str) -> str:
        """The name in a language, by its code; the English one if there is none."""
        return self.name if language == ENGLISH.code else str(self.names.get(language) or self.name)

    @classmethod
    def get(cls) -> Letterhead:
        """The row; a migration makes it."""
        return cls.objects.get(pk=1)
