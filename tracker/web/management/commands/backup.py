"""All that the tracker knows in one file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tracker.registry.commands import TrackerCommand
from tracker.web.backups.tables import Unreadable
from tracker.web.backups.taking import take


class Command(TrackerCommand):
    help = (
        "Writes all that the tracker knows into one file, while it goes on working; the file is the same for "
        "PostgreSQL and SQLite. It holds personal data: keep it as you keep the database."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--replace", action="store_true", help="replace a file of that name")

    def handle(self, *, file: Path, replace: bool, form: str, **options: Any) -> None:
        try:
            tables = take(file, replace=replace, at=timezone.now(), tell=self.tell)
        except Unreadable as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The file {file} cannot be written: {error.strerror}.") from error
        self.show([{name: one[name] for name in ("table", "rows", "sha256")} for one in tables], form)
        self.tell(f"{sum(one['rows'] for one in tables):,} rows are in {file}, which only you may read.")
