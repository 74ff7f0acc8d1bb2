"""Writes a backup of the database into one file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tracker.ops.backups.archive import BackupError
from tracker.ops.backups.dump import take
from tracker.registry.commands import TrackerCommand


class Command(TrackerCommand):
    help = (
        "Writes a backup of the database into one file, while the tracker goes on working. It holds personal data: "
        "protect it as you protect the database. PostgreSQL's client programs have to be installed where the database "
        "is PostgreSQL."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--replace", action="store_true", help="replace an existing file")

    def handle(self, *, file: Path, replace: bool, form: str, **options: Any) -> None:
        try:
            tables = take(file, replace=replace, at=timezone.now())
        except BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The file {file} cannot be written: {error.strerror}.") from error
        self.show([{"table": name, "rows": rows} for name, rows in tables.items()], form)
        self.tell(f"{sum(tables.values()):,} rows are in {file}, which only you can read.")
