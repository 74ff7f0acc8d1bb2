"""Loads the shipped facts, or a folder of CSV files."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tracker.obligations.load import LOADED, LOADED_FROM, BadFolder, load_folder
from tracker.registry.commands import TrackerCommand
from tracker.registry.shipped import SHIPPED


class Command(TrackerCommand):
    help = "Loads the shipped records, or a folder of CSV files, completely or not at all. Can be repeated."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=SHIPPED, help="default: the shipped data")
        parser.add_argument("--dry-run", action="store_true", help="show what would change; write nothing")
        parser.add_argument(
            "--add-only", action="store_true", help="add what is missing; change nothing that is recorded"
        )

    def handle(self, *, folder: Path, dry_run: bool, add_only: bool, form: str, **options: Any) -> None:
        try:
            loaded = load_folder(
                folder,
                today=timezone.localdate(),
                reason=LOADED() if folder == SHIPPED else LOADED_FROM(folder=folder.name),
                dry_run=dry_run,
                add_only=add_only,
            )
        except BadFolder as error:
            raise CommandError(f"{error} Nothing was written.") from None
        self.show([vars(tally) for tally in loaded.tallies], form)
        for submission in loaded.unmatched:
            self.tell(
                f"{submission.state_id}: {submission} ({submission.kind}, cycle {submission.cycles}) answers "
                "no obligation; check its cycle."
            )
        if dry_run:
            self.tell("Dry run: nothing was written.")
