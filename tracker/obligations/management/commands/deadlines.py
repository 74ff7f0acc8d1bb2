"""Lists every obligation with its dates and the reasons for them."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from tracker.obligations.deadline_rows import calendar_on, cells, printed_by
from tracker.obligations.derive import rows_on
from tracker.registry.commands import TrackerCommand, state_codes
from tracker.registry.models import State


class Command(TrackerCommand):
    help = "Prints what States owe, by when, and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("states", nargs="*", metavar="ISO3", help="alpha-3 codes; none: all States")
        parser.add_argument(
            "--as-of", metavar="DAY", help="count only records dated up to this day; default: today"
        )
        parser.add_argument(
            "--calendar",
            action="store_true",
            help=("print the five-year calendar of CRC art. 44(1)(b) instead; its days are not deadlines"),
        )
        parser.add_argument("--until", metavar="DAY", help="last due date; default: ten years after that day")

    def handle(
        self,
        *,
        states: list[str],
        as_of: str | None,
        until: str | None,
        calendar: bool,
        form: str,
        **options: Any,
    ) -> None:
        day = self.day(as_of, timezone.localdate())
        last = self.day(until, day) if until else None
        codes = state_codes(states, set(State.objects.values_list("pk", flat=True))) if states else None
        if calendar:
            rows = [cells(row) for row in calendar_on(day, until=last, states=codes)]
        else:
            printed = printed_by(day, codes)
            rows = [cells(row, printed) for row in rows_on(day, until=last, states=codes)]
        if form == "table":
            rows = [row | {"cycle": row["cycle"] or "next"} for row in rows]
        self.show(rows, form, hidden=("treaty", "trail", "last_cycle"))
        if not rows and calendar:
            self.tell(
                "The calendar of the Convention is empty: none of its States parties has submitted "
                "its initial report."
            )
        elif not rows:
            self.tell("Nothing is due by that day for these States.")
