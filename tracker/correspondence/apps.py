from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CorrespondenceConfig(AppConfig):
    """The papers that go to States and come from them, their register, and the addresses they go to."""

    name = "tracker.correspondence"
    label = "correspondence"
    verbose_name = _("Correspondence")
