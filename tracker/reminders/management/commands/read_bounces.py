"""Reads the notifications about undeliverable mail."""

from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser

from tracker import environment
from tracker.registry.commands import TrackerCommand
from tracker.reminders import servers
from tracker.reminders.incoming import postbox, recording


class Command(TrackerCommand):
    help = (
        "Reads the notifications about undeliverable mail in a mailbox and creates tasks for staff. Can be "
        "repeated. A message that cannot be read is logged, counted and left in the mailbox."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "place",
            nargs="?",
            metavar="PLACE",
            help="the mailbox, in the form of BOUNCES_URL; default: BOUNCES_URL",
        )

    def handle(self, *, place: str | None, form: str, **options: Any) -> None:
        where = settings.BOUNCES
        if place:
            try:
                where = environment.bounces.value("PLACE", place)
            except ImproperlyConfigured as error:
                raise CommandError(str(error)) from None
        if not where:
            raise CommandError("There is no mailbox to read; set BOUNCES_URL or give PLACE.")
        try:
            # Another mailbox says nothing about the one that the worker reads.
            with nullcontext() if place else servers.reading_mailbox():
                counts = recording.collect(where)
        except postbox.Full as error:
            raise CommandError(f"The mailbox was read, but it is full: {error}") from None
        except postbox.Unavailable as error:
            raise CommandError(f"The mailbox cannot be read: {error}") from None
        self.show_one({name: counts[name] for name in recording.RESULTS}, form)
