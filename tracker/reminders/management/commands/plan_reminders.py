"""Plans the reminders that are due."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from tracker.registry.commands import Cells, TrackerCommand
from tracker.reminders.models import Reminder
from tracker.reminders.plan import derive_after_upgrade, plan


class Command(TrackerCommand):
    help = "Plans the reminders that are due by now. Can be repeated."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", metavar="DAY", help="plan as of this day; default: today")
        parser.add_argument("--dry-run", action="store_true", help="show what would be planned; save nothing")

    def handle(self, *, on: str | None, dry_run: bool, form: str, **options: Any) -> None:
        today = timezone.localdate()
        day = self.day(on, today)
        with transaction.atomic():
            derive_after_upgrade(today)
            found = plan(day, today=today, dry_run=dry_run)
            transaction.set_rollback(dry_run)
        self.show([cells(row) for row in found.planned], form)
        if found.cancelled:
            self.tell(
                f"{found.cancelled} cancelled: the report was received, its date changed, or the recipient is no "
                "longer active."
            )
        if found.without_contact:
            names = ", ".join(state.pk for state in found.without_contact)
            self.tell(
                f"{len(found.without_contact)} with a reminder due but no contact: {names}. Add a contact in the admin."
            )
        if dry_run:
            self.tell("Dry run: nothing was written.")


def cells(row: Reminder) -> Cells:
    """The columns of the output."""
    return {
        "state": row.obligation.state_id,
        "article": row.obligation.article,
        "cycle": row.obligation.cycle,
        "due_on": row.due_on,
        "stage": row.stage,
        "recipient": row.recipient,
        "state_of_row": str(row.state),
    }
