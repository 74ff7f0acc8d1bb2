from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    """Facts that people enter."""

    name = "tracker.registry"
    label = "registry"
    verbose_name = _("Registry")

    def ready(self) -> None:
        """Registers the checks."""
        from tracker.registry import checks  # it needs the models

        self.checks = checks
