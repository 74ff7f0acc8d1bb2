"""The weekly digests: the ledger of those sent, and who wants none."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DigestState(models.TextChoices):
    """Where a weekly digest stands."""

    PLANNED = "planned", _("planned")
    CLAIMED = "claimed", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed, will be tried again with the next run")
    DEAD = "dead", _("refused by the mail server")
    UNKNOWN = "unknown", _("not known whether it was sent")
    NOTHING = "nothing", _("not sent, as there was nothing to tell")


class Digest(models.Model):
    """The ledger of the weekly digests: one row for an officer and week. Written by `digest.py` alone."""

    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="digests", verbose_name=_("desk officer")
    )
    week = models.DateField(_("week"), help_text=_("Its Monday."))
    state = models.CharField(_("state"), max_length=8, choices=DigestState, default=DigestState.PLANNED)
    recipient = models.EmailField(_("recipient"))
    claim = models.UUIDField(_("claim"), null=True)
    claimed_at = models.DateTimeField(_("claimed at"), null=True)
    handed_over_at = models.DateTimeField(_("handed over at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    answer = models.TextField(_("answer of the mail server"), blank=True)

    class Meta:
        verbose_name = _("weekly digest")
        verbose_name_plural = _("weekly digests")
        ordering = ("-week", "pk")
        constraints = [
            models.UniqueConstraint(fields=("officer", "week"), name="digest_once"),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(claim__isnull=False, claimed_at__isnull=False),
                name="digest_claim_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.week} {self.recipient}"

    @property
    def key(self) -> str:
        """The key of the ledger as text; the Message-ID is made from it."""
        return f"digest|{self.officer_id}|{self.week.isoformat()}"


class DigestOff(models.Model):
    """Who wants no weekly digest; without a row, a desk officer gets one."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="digest_off", verbose_name=_("user")
    )
    at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("digest switched off")
        verbose_name_plural = _("digests switched off")

    def __str__(self) -> str:
        return str(self.user)
