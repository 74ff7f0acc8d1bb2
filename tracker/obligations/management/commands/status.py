"""Prints the figures of a day."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from tracker.obligations.counts import status_counts
from tracker.registry.commands import TrackerCommand


class Command(TrackerCommand):
    help = "Prints the number of signatories and parties, and of reports by status."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of", metavar="DAY", help="count only records dated up to this day; default: today"
        )

    def handle(self, *, as_of: str | None, form: str, **options: Any) -> None:
        self.show_one(status_counts(self.day(as_of, timezone.localdate())), form)
