"""Deletes old data, as the nightly task does."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from tracker.registry.commands import TrackerCommand
from tracker.web.ops import retention


class Command(TrackerCommand):
    help = (
        "Deletes data older than the settings allow (docs/operations.md), as a worker does every night: sessions, "
        "failed sign-ins, the security log, files never saved, texts of answers, scans. Never deletes records, "
        "their history, reminders or mails."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count; delete nothing")

    def handle(self, *, dry_run: bool, form: str, **options: Any) -> None:
        rows = [
            {
                "kind": kind.name,
                "setting": kind.setting,
                "before": kind.before.isoformat(timespec="seconds"),
                "rows": kind.rows.count() if dry_run else kind.forget(),
            }
            for kind in retention.kinds(timezone.now())
        ]
        self.show(rows, form)
        if dry_run:
            self.tell("Nothing was deleted.")
