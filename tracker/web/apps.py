from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """Every screen: dashboard, admin, exports."""

    name = "tracker.web"
    label = "web"
    verbose_name = _("Web")
