from django.apps import AppConfig, apps
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """All pages: dashboard, admin, exports."""

    name = "tracker.web"
    label = "web"
    verbose_name = _("Web")

    def ready(self) -> None:
        """Connects the signals of the security log and the sessions; starts counting for metrics."""
        from django.contrib.auth.models import Group

        from tracker.web.accounts import audit, sessions  # these need the models
        from tracker.web.ops import checks

        # In the admin, as everywhere: Django has no setting for its own names.
        apps.get_app_config("auth").verbose_name = _("People")
        Group._meta.verbose_name, Group._meta.verbose_name_plural = _("role"), _("Roles")
        if settings.METRICS_DIR:
            from tracker.metrics import start_counting

            start_counting()

        self.listening = (audit, sessions, checks)
