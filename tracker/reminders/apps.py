from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RemindersConfig(AppConfig):
    """What we planned to send, and what we sent."""

    name = "tracker.reminders"
    label = "reminders"
    verbose_name = _("Reminders")

    def ready(self) -> None:
        """Makes known what the reader of the mailbox stores, so that every process can translate it."""
        from tracker.reminders.incoming import recording  # it needs the models

        self.recording = recording
