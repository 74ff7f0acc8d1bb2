"""Restores a backup."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connection

from tracker.ops.backups.archive import BackupError
from tracker.ops.backups.restore import restore
from tracker.registry.commands import TrackerCommand


class Command(TrackerCommand):
    help = (
        "Restores a backup into an empty database, completely or not at all. Stop web, workers and beat first. "
        "Reminders that may have been sent since the backup are held until a person has decided."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--replace", action="store_true", help="lose what is in the database")
        parser.add_argument(
            "--yes", action="store_true", help="do not ask for the name of the database that is replaced"
        )
        parser.add_argument(
            "--nothing-was-sent",
            action="store_true",
            help="hold no reminders: nothing was sent since the backup, as when the tracker moves",
        )
        parser.add_argument(
            "--other-key",
            action="store_true",
            help="accept a file signed with another SECRET_KEY, from a person you trust; lists its superusers",
        )

    def handle(
        self,
        *,
        file: Path,
        replace: bool,
        yes: bool,
        nothing_was_sent: bool,
        other_key: bool,
        form: str,
        **options: Any,
    ) -> None:
        if replace and not yes:
            self._ask()
        try:
            tables, superusers = restore(
                file, replace=replace, hold=not nothing_was_sent, other_key=other_key
            )
        except BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The file {file} cannot be read: {error.strerror}.") from error
        self.show([{"table": name, "rows": rows} for name, rows in tables.items()], form)
        self.tell(f"{sum(tables.values()):,} rows were restored from {file}.")
        if other_key:
            self.tell(
                f"Superusers of the restored database: {', '.join(superusers) or 'none'}. Deactivate those you do not "
                f"know before you start the tracker."
            )
        if not nothing_was_sent:
            self.tell(
                "Reminders that may have been sent since the backup are held: look at them in the outbox, then approve "
                "or cancel them. No paper is drafted until an approver has entered the last numbers (Correspondence)."
            )

    def _ask(self) -> None:
        name = Path(str(connection.settings_dict["NAME"])).name
        self.tell(f"Everything in the database {name} will be lost. Type its name to go on:")
        try:
            typed = input()
        except EOFError:
            typed = ""
        if typed.strip() != name:
            raise CommandError("That is not the name of the database; nothing was changed.")
