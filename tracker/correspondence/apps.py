from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CorrespondenceConfig(AppConfig):
    """The papers that go to States and come from them, their register, and the addresses they go to."""

    name = "tracker.correspondence"
    label = "correspondence"
    verbose_name = _("Correspondence")

    def ready(self) -> None:
        # Models can be imported only now.
        from tracker.correspondence import sending, watched
        from tracker.reminders.incoming.recording import mail_returned

        watched.begin()
        mail_returned.connect(sending.mark_returned, dispatch_uid="correspondence")
