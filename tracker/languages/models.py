"""Who reads the tracker in which language."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

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
