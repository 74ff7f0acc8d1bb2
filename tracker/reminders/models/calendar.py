"""The contents of the calendar feeds, and their readers."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.obligations.models import Obligation
from tracker.reminders.models.ledger import digest_of


class CalendarEntry(models.Model):
    """What the calendar feeds last contained about an obligation. Written only by `calendar.py`.

    A calendar ignores an event with a lower sequence than before. So a row is never deleted and its sequence never
    falls: it rises when the date changes, and when the event is cancelled or revived.
    """

    obligation = models.OneToOneField(
        Obligation, models.PROTECT, related_name="calendar_entry", verbose_name=_("obligation")
    )
    sequence = models.PositiveIntegerField(_("sequence"), default=0)
    due_on = models.DateField(_("date in the feeds"))
    cancelled = models.BooleanField(_("cancelled"), default=False)
    # Of the text of the event, so that a change of the text alone is dated as well.
    digest = models.CharField(_("digest of the text"), max_length=64)
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("calendar entry")
        verbose_name_plural = _("calendar entries")
        ordering = ("due_on", "pk")

    def __str__(self) -> str:
        return f"{self.obligation_id} {self.due_on} ({self.sequence})"


class CalendarToken(models.Model):
    """The secret by which a user's calendar reads the feeds without signing in; stored as its digest."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_token", verbose_name=_("user")
    )
    digest = models.CharField(_("digest of the secret"), max_length=64, unique=True)
    created_at = models.DateTimeField(_("created at"))
    renewed_at = models.DateTimeField(_("renewed at"))

    class Meta:
        verbose_name = _("calendar token")
        verbose_name_plural = _("calendar tokens")

    def __str__(self) -> str:
        return str(self.user)

    @classmethod
    def renew(cls, user: Any) -> str:
        """Creates a new secret for a user, which replaces the earlier one; returned here and never again."""
        secret, now = secrets.token_urlsafe(32), timezone.now()
        values = {"digest": digest_of(secret), "renewed_at": now}
        cls.objects.update_or_create(user=user, defaults=values, create_defaults=values | {"created_at": now})
        return secret

    @classmethod
    def owner_of(cls, secret: str) -> Any | None:
        """The user that a secret belongs to, with its language, or None.

        The database compares digests, so the time that it takes reveals nothing about the secret.
        """
        found = cls.objects.select_related("user__reader").filter(digest=digest_of(secret)).first()
        return found.user if found else None
