"""Explains each due date of a State in sentences."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.languages.writing import in_words
from tracker.obligations import wording
from tracker.obligations.deadline_rows import Printed, printed_by, printed_of
from tracker.obligations.derive import DueRow, rows_on
from tracker.obligations.models import PrintedDate, report_label
from tracker.registry.commands import TrackerCommand, state_codes
from tracker.registry.models import State


class Command(TrackerCommand):
    help = "Explains in sentences what a State owes, by when, and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("state", metavar="ISO3", help="alpha-3 code of the State")
        parser.add_argument(
            "--as-of", metavar="DAY", help="count only records dated up to this day; default: today"
        )

    def handle(self, *, state: str, as_of: str | None, form: str, **options: Any) -> None:
        day = self.day(as_of, timezone.localdate())
        codes = state_codes([state], set(State.objects.values_list("pk", flat=True)))
        rows = list(rows_on(day, states=codes))
        printed = printed_by(day, codes)
        if form == "table":
            for row in rows:
                self.stdout.write(f"{heading(row)}\n  {in_sentences(row, printed)}")
        else:
            self.show(
                [
                    {
                        "state": row.state.pk,
                        "kind": str(row.due.kind),
                        "cycle": row.due.cycle or None,
                        "due_on": row.due.due_on,
                        "status": row.status.value,
                        "text": in_sentences(row, printed),
                    }
                    for row in rows
                ],
                form,
            )
        if not rows:
            self.tell(f"{codes[0]} owes no report on {in_words(day)}: it had not joined the OPSC.")


def in_sentences(row: DueRow, printed: Printed) -> str:
    """The trail of a date and, if it differs, the due date printed by the United Nations."""
    trail = wording.in_full(row.due.trail)
    other = printed_of(row, printed)
    if other and PrintedDate(printed=other).differs_from(row.due.due_on, year_only=row.due.year_only):
        differs = _("The United Nations print another due date: %(printed)s.") % {"printed": other}
        return f"{trail} {differs}"
    return trail


def heading(row: DueRow) -> str:
    """Report, due date and status, as on pages; without the time that has passed."""
    due = row.due
    what = report_label(due.kind, due.cycle, due.carried_by, due.subject, due.last_cycle)
    status = _("reviewed without a report") if due.reviewed_without_on else _(row.status.value)
    if due.due_on is None and due.received_on is not None:
        status = _("received, no due date is recorded")
    return wording.heading(what, due.due_on, status, year_only=due.year_only)
