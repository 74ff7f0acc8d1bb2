"""Sends the reminders that are planned."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from tracker.registry.commands import TrackerCommand
from tracker.reminders import watch
from tracker.reminders.models import Reminder, ReminderState
from tracker.reminders.plan import derive_after_upgrade
from tracker.reminders.send import send_due


class Command(TrackerCommand):
    help = "Sends all planned and approved reminders at once, one mail per recipient. Can be repeated."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", metavar="DAY", help="send as of this day; default: today")

    def handle(self, *, on: str | None, form: str, **options: Any) -> None:
        today = timezone.localdate()
        day = self.day(on, today)
        derive_after_upgrade(today)
        self.show_one(send_due(day), form)
        now = timezone.now()
        for problem in watch.problems(watch.look(now), now):
            if problem.kind == watch.MAIL_SERVER:
                self.tell(problem.text)
        if unknown := Reminder.objects.filter(state=ReminderState.UNKNOWN).count():
            self.tell(f"{unknown} may or may not have been sent; decide about each in the outbox.")
