from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObligationsConfig(AppConfig):
    """What States owe, and the facts that answer it or change it."""

    name = "tracker.obligations"
    label = "obligations"
    verbose_name = _("Obligations")

    def ready(self) -> None:
        """Makes known what the loaders store with facts, so that every process can translate it."""
        from tracker.obligations import load  # it needs the models
        from tracker.registry import demonstration

        self.loaders = (load, demonstration)
