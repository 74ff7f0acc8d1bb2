"""The ledger of what correspondence sends, and what contacts have confirmed about their addresses."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.correspondence.models.choices import Means
from tracker.correspondence.models.papers import Paper
from tracker.registry.models import Contact, ContactKind
from tracker.reminders.models import Mail, ReminderState


class Dispatch(models.Model):
    """One delivery: a row for each paper, request to confirm an address, or notice of a change.

    The key guarantees that nothing is sent twice; a row is never deleted. A delivery by courier or by hand is in the
    ledger too: it begins as sent, and no mail goes out.
    """

    class What(models.TextChoices):
        """What is delivered."""

        PAPER = "paper", _("a paper")
        CONFIRM = "confirm", _("a request to confirm an address")
        CHANGED = "changed", _("a notice that an address has changed")

    what = models.CharField(_("content"), max_length=8, choices=What)
    key = models.CharField(_("key"), max_length=160, unique=True)
    paper = models.OneToOneField(
        Paper, models.PROTECT, null=True, related_name="dispatch", verbose_name=_("paper")
    )
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, related_name="dispatches", verbose_name=_("contact")
    )
    means = models.CharField(_("by"), max_length=7, choices=Means, default=Means.MAIL)
    recipient = models.EmailField(_("recipient"), blank=True)
    recipient_name = models.CharField(_("name"), max_length=200, blank=True)
    about = models.JSONField(_("details"), default=dict)  # of a notice: the addresses before and after
    planned_on = models.DateField(_("day"))

    state = models.CharField(_("state"), max_length=10, choices=ReminderState, default=ReminderState.PLANNED)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    renewed = models.PositiveSmallIntegerField(
        _("renewed"),
        default=0,
        db_default=0,
        help_text=_("How often it came back and was sent again; part of the key of its mail."),
    )
    decided_by = models.CharField(
        _("approved, held or cancelled by"), max_length=150, blank=True, db_default=""
    )
    claim = models.UUIDField(_("claim"), null=True)
    claimed_at = models.DateTimeField(_("claimed at"), null=True)
    handed_over_at = models.DateTimeField(_("handed over at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    answer = models.TextField(_("answer of the mail server"), blank=True)
    mail = models.OneToOneField(
        Mail, models.PROTECT, null=True, related_name="dispatch", verbose_name=_("mail")
    )

    class Meta:
        verbose_name = _("dispatch")
        verbose_name_plural = _("dispatches")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sent")
                | Q(sent_at__isnull=False) & (Q(mail__isnull=False) | ~Q(means="mail")),
                name="dispatch_sent_has_proof",
            ),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(claim__isnull=False, claimed_at__isnull=False),
                name="dispatch_claim_complete",
            ),
            models.CheckConstraint(
                condition=~Q(means="mail") | ~Q(recipient=""), name="dispatch_mail_has_address"
            ),
        ]
        indexes = [models.Index(fields=("state",), name="dispatch_state")]

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        return f"/correspondence/dispatches/{self.pk}/"

    @property
    def mail_key(self) -> str:
        """The key of its mail, from which the Message-ID is made."""
        return f"{self.key}|{self.renewed}" if self.renewed else self.key

    @property
    def state_code(self) -> str | None:
        """The alpha-3 code of the State that it goes to; None if its contact has been deleted."""
        if self.paper is not None:
            return self.paper.state_id
        return self.contact.state_id if self.contact is not None else None


ABOUT_ADDRESSES = (Dispatch.What.CONFIRM, Dispatch.What.CHANGED)


class ConfirmationRule(models.Model):
    """How often contacts of a kind are asked to confirm their data."""

    kind = models.CharField(_("kind of contact"), max_length=11, choices=ContactKind, unique=True)
    months = models.PositiveSmallIntegerField(_("every … months"), default=12)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("rule for confirming addresses")
        verbose_name_plural = _("rules for confirming addresses")
        ordering = ("kind",)
        constraints = [
            models.CheckConstraint(
                condition=Q(months__gte=1, months__lte=120), name="confirmation_rule_months"
            )
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class Confirmation(models.Model):
    """Somebody confirmed the data of a contact."""

    class How(models.TextChoices):
        """The way."""

        LINK = "link", _("by the link in our mail")
        PHONE = "phone", _("by telephone")
        WRITING = "writing", _("in writing")
        DIRECTORY = "directory", _("by a directory")

    contact = models.ForeignKey(
        Contact, models.CASCADE, related_name="confirmations", verbose_name=_("contact")
    )
    email = models.EmailField(_("e-mail"), help_text=_("The address that was confirmed."))
    on = models.DateField(_("confirmed on"))
    how = models.CharField(_("how"), max_length=9, choices=How)
    source = models.CharField(
        _("source"), max_length=200, blank=True, help_text=_("Who said so, or which document.")
    )
    by = models.CharField(_("entered by"), max_length=150, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("confirmation of an address")
        verbose_name_plural = _("confirmations of addresses")
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        return f"{self.email} {self.on}"
