from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """All pages: dashboard, admin, exports."""

    name = "tracker.web"
    label = "web"
    verbose_name = _("Web")

    def ready(self) -> None:
        """Connects the signals of the security log and the sessions; starts counting for metrics."""
        from tracker.web.accounts import audit, sessions  # these need the models
        from tracker.web.ops import checks

        if settings.METRICS_DIR:
            from tracker.metrics import start_counting

            start_counting()

        self.listening = (audit, sessions, checks)
