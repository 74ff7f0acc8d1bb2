"""The ledger of weekly digests, and the users who turned them off."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DigestState(models.TextChoices):
    """The state of a weekly digest."""

    PLANNED = "planned", _("planned")
    CLAIMED = "claimed", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed, will be tried again by the next run")
    DEAD = "dead", _("refused by the mail server")
    UNKNOWN = "unknown", _("not known whether it was sent")
    NOTHING = "nothing", _("not sent, because there was nothing to report")


class Digest(models.Model):
    """A weekly digest: one row for each officer and week. Written only by `digest.py`."""

    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="digests", verbose_name=_("desk officer")
    )
    week = models.DateField(_("week"), help_text=_("The Monday."))
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
        """The key as text; the Message-ID is made from it."""
        return f"digest|{self.officer_id}|{self.week.isoformat()}"


class DigestOff(models.Model):
    """A user who turned the weekly digest off; desk officers without a row receive it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="digest_off", verbose_name=_("user")
    )
    at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("digest turned off")
        verbose_name_plural = _("digests turned off")

    def __str__(self) -> str:
        return str(self.user)
