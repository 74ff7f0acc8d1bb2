"""Prints what `/metrics` answers."""

from typing import Any

from django.utils import timezone

from tracker.registry.commands import TrackerCommand
from tracker.web.ops.metrics import text


class Command(TrackerCommand):
    help = (
        "Prints what /metrics answers, for a host without a web server: counts of its own processes, and the "
        "figures of the ledger. Its form is that of Prometheus, whatever --format says."
    )

    def handle(self, **options: Any) -> None:
        self.stdout.write(text(timezone.now()).decode(), ending="")
