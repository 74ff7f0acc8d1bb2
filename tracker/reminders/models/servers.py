"""The mail server and the mailbox: whether they work. And the mail servers of others that refuse our mail."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MailServer(models.Model):
    """A server that the tracker signs in to, and how its last use ended. Written only by `servers.py`."""

    class Use(models.TextChoices):
        """What the tracker does there; there is one row for each."""

        SENDING = "sending", _("sending mail")
        MAILBOX = "mailbox", _("reading the mailbox")

    class Cause(models.TextChoices):
        """What has to be mended."""

        UNREACHABLE = "unreachable", _("no connection")
        CERTIFICATE = "certificate", _("untrusted certificate")
        LOGIN = "login", _("user or password refused")
        SENDER = "sender", _("sender refused")
        FULL = "full", _("mailbox full")
        OTHER = "other", _("other error")

    # Translators: a noun: what a mail server is used for.
    use = models.CharField(_("use"), max_length=8, choices=Use, unique=True)
    read_at = models.DateTimeField(_("last read"), null=True)  # of the mailbox
    # The columns of a failure are empty while the server works.
    failing_since = models.DateTimeField(_("failing since"), null=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    cause = models.CharField(_("cause"), max_length=11, choices=Cause, blank=True)
    error = models.TextField(_("last error"), blank=True)
    next_try_at = models.DateTimeField(_("next attempt"), null=True)
    # The next run begins after it, so that a recipient at which each run ends keeps nobody else waiting.
    stopped_at = models.CharField(_("recipient at whom the last run ended"), max_length=254, blank=True)

    class Meta:
        verbose_name = _("mail server")
        verbose_name_plural = _("mail servers")

    def __str__(self) -> str:
        return self.use


class SenderRefusal(models.Model):
    """A mail server that refuses mail because of its sender. Written only by `servers.py`."""

    server = models.CharField(_("mail server"), max_length=255, unique=True)
    since = models.DateTimeField(_("since"))
    last_at = models.DateTimeField(_("last refusal"))

    class Meta:
        verbose_name = _("mail server that refuses our mail")
        verbose_name_plural = _("mail servers that refuse our mail")

    def __str__(self) -> str:
        return self.server
