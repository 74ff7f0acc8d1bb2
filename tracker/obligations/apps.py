from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObligationsConfig(AppConfig):
    """What follows from the facts, and the answers to it."""

    name = "tracker.obligations"
    label = "obligations"
    verbose_name = _("Obligations")
