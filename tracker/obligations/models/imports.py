"""Uploaded files of facts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, gettext_noop

from tracker.registry.stored import StoredText

NAMED = StoredText(gettext_noop("%(file)s, import %(number)s"))


class Import(models.Model):
    """An uploaded file of facts, with the preview of its effects and its progress.

    The file itself is kept, so that the saved facts can be compared with it.
    """

    class State(models.TextChoices):
        """The progress of an import."""

        WAITING = "waiting", _("waiting to be checked")
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked")
        REFUSED = "refused", _("refused")
        SAVING = "saving", _("being saved")
        SAVED = "saved", _("saved")
        STALE = "stale", _("checked again, because the records have changed")
        FAILED = "failed", _("stopped")

    AT_WORK = (State.WAITING, State.CHECKING, State.SAVING)
    # Can be saved if a row adds or changes something.
    READY = (State.CHECKED, State.STALE)

    table = models.CharField(_("table"), max_length=20)
    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField(_("content"))
    chosen = models.JSONField(_("States chosen"), default=dict)  # alpha-3 by spelling
    # What the person said of the list, and how it was read: the next file with the same headings begins with it.
    layout = models.JSONField(_("layout"), default=dict, null=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    # Of the sentences below; the file is saved in the language in which it was checked, to compare them.
    language = models.CharField(_("language"), max_length=10, default="en", db_default="en")
    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    touched_at = models.DateTimeField(_("last activity"), default=timezone.now)
    rows_done = models.PositiveIntegerField(_("rows checked"), default=0)
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    counts = models.JSONField(_("counts"), default=dict)  # rows by outcome
    about = models.JSONField(
        _("about the file"), default=dict
    )  # columns, note, spellings, effects, fingerprint
    preview = models.JSONField(_("preview"), default=list)  # one entry per row of the file
    error = models.TextField(_("error"), blank=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("saved by")
    )
    saved_at = models.DateTimeField(_("saved"), null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ()  # the permissions for the table of the file apply
        ordering = ("-pk",)

    def __str__(self) -> str:
        return NAMED(file=self.file_name, number=str(self.pk))
