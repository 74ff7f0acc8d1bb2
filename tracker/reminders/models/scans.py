"""The hourly scans, and the alarms about them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ScanRun(models.Model):
    """An hourly scan and its figures. Written only by `scanning.py`.

    Without an end it is still running, or was stopped by an error.
    """

    started_at = models.DateTimeField(_("began"), db_index=True)
    finished_at = models.DateTimeField(_("ended"), null=True)
    planned = models.PositiveIntegerField(_("planned"), default=0)
    sent = models.PositiveIntegerField(_("sent"), default=0)
    failed = models.PositiveIntegerField(_("failed, will be tried again"), default=0)
    dead = models.PositiveIntegerField(_("failed, staff must act"), default=0)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        ordering = ("-started_at",)

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"


class ClockAlarm(models.Model):
    """A scan was far from the one before, so a clock may be wrong. Written only by `clock.py`; never deleted."""

    raised_at = models.DateTimeField(_("raised by the scan of"))
    last_scan_at = models.DateTimeField(_("scan before it"))
    reason = models.CharField(
        _("reason"), max_length=200, help_text=_("Recorded with each reminder that the alarm holds.")
    )
    cleared_at = models.DateTimeField(_("closed at"), null=True)
    cleared_by = models.CharField(_("closed by"), max_length=150, blank=True)
    outcome = models.CharField(_("outcome"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("clock alarm")
        verbose_name_plural = _("clock alarms")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.raised_at:%Y-%m-%d %H:%M}"


class Alarm(models.Model):
    """When the administrators were last sent a mail about a problem of a kind. Written only by `watch.py`."""

    kind = models.CharField(_("kind"), max_length=20, unique=True)
    mailed_at = models.DateTimeField(_("last mail about it"))

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")

    def __str__(self) -> str:
        return self.kind
