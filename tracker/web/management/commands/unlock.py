"""Unlocks an account after wrong passwords, or after the loss of the second factor."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError, CommandParser

from tracker.registry.commands import TrackerCommand
from tracker.web.accounts import audit, throttling
from tracker.web.accounts.second_factor import remove


class Command(TrackerCommand):
    help = "Unlocks an account after wrong passwords; --second-factor also removes its second factor."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="the user name")
        parser.add_argument(
            "--second-factor", action="store_true", help="remove the device and the recovery codes"
        )

    def handle(self, *, username: str, second_factor: bool, form: str, **options: Any) -> None:
        user = get_user_model().objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no account “{username}”.")
        counts = throttling.unlock(username)
        audit.record(audit.Kind.UNLOCKED, whom=username)
        removed = second_factor and remove(user)
        if removed:
            audit.record(audit.Kind.FACTOR_REMOVED, whom=username)
        self.show_one({"username": username, "counts": counts, "second_factor_removed": removed}, form)
