from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RemindersConfig(AppConfig):
    """What we planned to send, and what we sent."""

    name = "tracker.reminders"
    label = "reminders"
    verbose_name = _("Reminders")
