"""Rows of due dates as the commands print them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from tracker.obligations.derive import DueRow, facts_of, horizon, indicative
from tracker.obligations.models import PrintedDate
from tracker.registry.commands import Cells
from tracker.registry.models import State
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.facts import share_number
from tracker.rules.status import Status
from tracker.rules.trail import for_export

Printed = Mapping[str, Sequence[PrintedDate]]  # by State


NONE_PRINTED: Printed = {}


def calendar_on(day: date, *, until: date | None, states: Collection[str] | None) -> Iterator[DueRow]:
    """The treaty's calendar of each State on a day; the rows have no due date, so none is late."""
    facts = facts_of(states)
    for state in State.objects.filter(pk__in=facts).order_by("pk"):
        for due in indicative(facts[state.pk].as_of(day), until=until or horizon(day)):
            yield DueRow(state, due, Status.NOT_RECORDED, None)


def printed_by(day: date, states: Collection[str] | None) -> Printed:
    """The due dates that the United Nations had printed by a day, by State, the latest first."""
    found: dict[str, list[PrintedDate]] = {}
    known = PrintedDate.objects.filter(printed_on__lte=day).order_by("-printed_on", "pk")
    for one in known if states is None else known.filter(state__in=states):
        found.setdefault(one.state_id, []).append(one)
    return found


def printed_of(row: DueRow, printed: Printed) -> str | None:
    """The due date of a row as printed by the UN; the same rule as `ObligationQuerySet.with_printed`."""
    due = row.due
    return next(
        (
            one.printed
            for one in printed.get(row.state.pk, ())
            if one.kind == due.kind and share_number(one, due)
        ),
        None,
    )


def cells(row: DueRow, printed: Printed = NONE_PRINTED) -> Cells:
    """A row as the command prints it.

    Args:
        printed: due dates printed by the UN, by State.
    """
    due = row.due
    return {
        "state": row.state.pk,
        "treaty": TreatyCode.OPSC.value,
        "article": due.article,
        "kind": str(due.kind),
        "cycle": due.cycle or None,
        "computed_on": due.computed_on,
        "due_on": due.due_on,
        "due_source": str(due.source),
        "status": row.status.value,
        "received_on": due.received_on,
        "days_late": row.days_late,
        "carried_by": str(due.carried_by),
        "trail": for_export(due.trail),
        "last_cycle": due.last_cycle or None,
        "document": due.document or None,
        "printed_due": printed_of(row, printed),
        "awaiting_review_since": due.awaiting_since,
    }
