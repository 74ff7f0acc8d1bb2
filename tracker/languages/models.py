"""Who reads the tracker in which language, and the texts that people have confirmed."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.languages.known import ENGLISH, LANGUAGES


class Reader(models.Model):
    """The language in which a person reads pages, files and digests; nobody's row means English.

    Attributes:
        user: the person.
        language: a code of `tracker.languages.known`.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reader", verbose_name=_("person")
    )
    language = models.CharField(
        _("language"), max_length=12, choices=[(one.code, one.name) for one in LANGUAGES]
    )

    class Meta:
        verbose_name = _("language of a person")
        verbose_name_plural = _("languages of people")

    def __str__(self) -> str:
        return f"{self.user}: {self.language}"

    @classmethod
    def languages_of(cls, users: Iterable[int]) -> dict[int, str]:
        """The codes of the languages of some people, by key, in one query; those who read English may be left out."""
        return dict(cls.objects.filter(user__in=set(users)).values_list("user", "language"))

    @classmethod
    def language_of(cls, user: int) -> str:
        """The code of the language in which a person reads."""
        return cls.languages_of([user]).get(user, ENGLISH.code)


class ConfirmedText(models.Model):
    """A translation that a person has confirmed or corrected; it goes before the one in the catalogue.

    Attributes:
        key: of the English, its plural and its context together (`texts.key_of`).
        context, english, plural: the text as it was when it was confirmed; the plural is empty if there is none.
        forms: all plural forms, or the one text.
        by: the name of the person, as it is shown with the text.
        on: the day.
    """

    language = models.CharField(_("language"), max_length=12)
    key = models.CharField(_("key"), max_length=16)
    context = models.TextField(_("context"), blank=True)
    english = models.TextField(_("English"))
    plural = models.TextField(_("English, plural"), blank=True)
    forms = models.JSONField(_("translation"))
    by = models.CharField(_("confirmed by"), max_length=200)
    on = models.DateField(_("confirmed on"))
    note = models.TextField(_("note"), blank=True)
    history = HistoricalRecords()

    class Meta:
        default_permissions = ("change",)
        constraints = [models.UniqueConstraint(fields=("language", "key"), name="one_confirmed_text")]
        verbose_name = _("confirmed text")
        verbose_name_plural = _("confirmed texts")

    def __str__(self) -> str:
        return f"{self.language}: {self.english[:60]}"
