"""Prints the metrics of `/metrics`."""

from typing import Any

from django.utils import timezone

from tracker.registry.commands import TrackerCommand
from tracker.web.ops.metrics import text


class Command(TrackerCommand):
    help = (
        "Prints the metrics of /metrics, for a host without a web server: counters of its processes and figures of "
        "the reminders. The format is that of Prometheus, whatever --format says."
    )

    def handle(self, **options: Any) -> None:
        self.stdout.write(text(timezone.now()).decode(), ending="")
