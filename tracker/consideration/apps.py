from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsiderationConfig(AppConfig):
    """What a report covers, when the Committee considers it, and what comes next."""

    name = "tracker.consideration"
    label = "consideration"
    verbose_name = _("Consideration of reports")

    def ready(self) -> None:
        """Makes known the words of the shipped guidelines, so that every process can translate them."""
        from tracker.consideration import item_texts  # it needs the models

        self.item_texts = item_texts
