from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LanguagesConfig(AppConfig):
    """Texts in other languages, and who reads which."""

    name = "tracker.languages"
    label = "languages"
    verbose_name = _("Languages")

    def ready(self) -> None:
        """Registers the checks."""
        from tracker.languages import checks  # it needs the settings

        self.checks = checks
