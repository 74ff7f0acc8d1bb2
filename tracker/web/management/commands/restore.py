"""Puts a backup back into the database."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from tracker.registry.commands import TrackerCommand
from tracker.web.backups.restoring import restore
from tracker.web.backups.tables import Unreadable


class Command(TrackerCommand):
    help = (
        "Puts a backup into an empty database, all of it or nothing. Stop web, workers and beat first. Reminders that "
        "may have gone since the backup was taken are held until a person has looked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--replace", action="store_true", help="lose what the database holds")
        parser.add_argument(
            "--yes", action="store_true", help="do not ask for the name of the database that is replaced"
        )
        parser.add_argument(
            "--nothing-was-sent",
            action="store_true",
            help="hold no reminders: the tracker has stood still since the backup was taken, as for a move",
        )

    def handle(
        self, *, file: Path, replace: bool, yes: bool, nothing_was_sent: bool, form: str, **options: Any
    ) -> None:
        if replace and not yes:
            self._ask()
        try:
            tables = restore(
                file, replace=replace, hold=not nothing_was_sent, now=timezone.now(), tell=self.tell
            )
        except Unreadable as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The file {file} cannot be read: {error.strerror}.") from error
        self.show(tables, form)
        self.tell(f"{sum(one['rows'] for one in tables):,} rows were restored and compared with {file}.")
        if not nothing_was_sent:
            self.tell(
                "Reminders that may have gone since are held: look at them in the outbox, then approve or cancel them."
            )

    def _ask(self) -> None:
        name = Path(str(connection.settings_dict["NAME"])).name
        self.tell(f"All that the database {name} holds will be lost. Type its name to go on:")
        try:
            typed = input()
        except EOFError:
            typed = ""
        if typed.strip() != name:
            raise CommandError("That is not its name; nothing was changed.")
