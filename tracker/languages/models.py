"""Who reads the tracker in which language."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.languages.known import LANGUAGES


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
