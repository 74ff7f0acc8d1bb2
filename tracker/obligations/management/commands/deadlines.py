"""Every obligation with its dates and the reason for them."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from tracker.obligations.derive import Row, rows_on
from tracker.registry.commands import Cells, TrackerCommand, state_codes
from tracker.registry.models import State
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.trail import for_export


class Command(TrackerCommand):
    help = "Prints what States owe, by when, and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("states", nargs="*", metavar="ISO3", help="alpha-3 codes; none: all States")
        parser.add_argument("--as-of", metavar="DAY", help="count only facts up to this day; default: today")
        parser.add_argument("--until", metavar="DAY", help="last due date; default: ten years after that day")

    def handle(
        self,
        *,
        states: list[str],
        as_of: str | None,
        until: str | None,
        form: str,
        **options: Any,
    ) -> None:
        day = self.day(as_of, timezone.localdate())
        last = self.day(until, day) if until else None
        codes = state_codes(states, set(State.objects.values_list("pk", flat=True))) if states else None
        rows = [cells(row) for row in rows_on(day, until=last, states=codes)]
        self.show(rows, form, hidden=("treaty", "trail"))
        if not rows:
            self.tell("Nothing is owed by then: no State that was asked for had joined the OPSC.")


def cells(row: Row) -> Cells:
    """A row as the command prints it."""
    due = row.due
    return {
        "state": row.state.pk,
        "treaty": TreatyCode.OPSC.value,
        "article": due.article,
        "kind": str(due.kind),
        "cycle": due.cycle,
        "computed_on": due.computed_on,
        "due_on": due.due_on,
        "due_source": str(due.source),
        "status": row.status.value,
        "received_on": due.received_on,
        "days_late": row.days_late,
        "carried_by": str(due.carried_by),
        "trail": for_export(due.trail),
    }
