from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """All pages: dashboard, admin, exports."""

    name = "tracker.web"
    label = "web"
    verbose_name = _("Web")

    def ready(self) -> None:
        """Connects the signals of the security log, the sessions and the desk guard; starts counting for metrics."""
        from tracker.changes import desk_guard  # these need the models
        from tracker.web.accounts import audit, sessions

        if settings.METRICS_DIR:
            from tracker.metrics import start_counting

            start_counting()

        self.listening = (audit, desk_guard, sessions)
