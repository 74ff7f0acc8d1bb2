"""What is due before a session, in weeks counted back from its first day."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.obligations.models.choices import SessionKind, Trust


class BeforeSession(models.TextChoices):
    """What is due before a dialogue, or before the working group that prepares it."""

    LIST_OF_ISSUES = "issues", _("list of issues adopted")
    REPLIES = "replies", _("replies of the State")
    NGO_FOR_ISSUES = "ngo issues", _("papers of NGOs for the list of issues")
    NGO_FOR_DIALOGUE = "ngo dialogue", _("papers of NGOs for the dialogue")


class SessionDeadline(models.Model):
    """How long before the first day of a session something is due: an assumption of the office, with its source.

    What counts from the working group does not count from the session that it prepares, once the group is recorded.
    """

    kind = models.CharField(
        _("counted from"),
        max_length=12,
        choices=SessionKind,
        default=SessionKind.SESSION,
        db_default="session",
        help_text=_("Whose first day it is counted from."),
    )
    what = models.CharField(_("what"), max_length=14, choices=BeforeSession)
    weeks = models.PositiveSmallIntegerField(
        _("weeks before"), validators=[MinValueValidator(1)], help_text=_("Weeks before the first day.")
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    confidence = models.CharField(_("confidence"), max_length=12, choices=Trust, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("deadline before a session")
        verbose_name_plural = _("deadlines before a session")
        ordering = ("-weeks",)
        constraints = [
            models.UniqueConstraint(
                fields=("what", "kind"),
                name="session_deadline_once",
                violation_error_message=_("These weeks are recorded already; edit them there."),
            )
        ]

    def __str__(self) -> str:
        return str(self.get_what_display())

    def day_before(self, first_day: date) -> date:
        """The day, counted back from the first day of a session."""
        return first_day - timedelta(weeks=self.weeks)
