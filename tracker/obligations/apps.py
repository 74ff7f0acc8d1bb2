from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObligationsConfig(AppConfig):
    """What States owe, and the facts that answer it or change it."""

    name = "tracker.obligations"
    label = "obligations"
    verbose_name = _("Obligations")
