from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """Every screen: dashboard, admin, exports."""

    name = "tracker.web"
    label = "web"
    verbose_name = _("Web")

    def ready(self) -> None:
        """From now on the security log and the sessions hear who signs in, and what accounts may do.

        Nobody writes rows of a State on another's desk. And queries and tasks are counted, if anybody will read the
        counts.
        """
        from tracker.changes import desk_guard  # need the models
        from tracker.web.accounts import audit, sessions

        if settings.METRICS_DIR:
            from tracker.metrics import start_counting

            start_counting()

        self.listening = (audit, desk_guard, sessions)
