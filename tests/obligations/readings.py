"""What is owed on a day, read in every way: by the rules, by SQL, and as the commands print it."""

import json
from datetime import date
from io import StringIO
from typing import Any

from django.core.management import call_command

from tracker.obligations.derive import horizon, rows_on
from tracker.obligations.models import Obligation
from tracker.rules.status import Status, band_of


def by_rules(today: date) -> dict[tuple, tuple]:
    """What the rules give from the facts dated up to a day."""
    return {
        (row.state.pk, row.due.article, row.due.kind, row.due.carried_by, row.due.cycle): (
            row.due.computed_on,
            row.due.due_on,
            row.due.source,
            row.status,
            band_of(row.due.due_on, today) if row.status == Status.OVERDUE and row.due.due_on else None,
        )
        for row in rows_on(today)
    }


def by_sql(today: date) -> dict[tuple, tuple]:
    """What the stored obligations give, up to the same horizon."""
    return {
        (row.state_id, row.article, row.kind, row.carried_by, row.cycle): (
            row.computed_on,
            row.due,
            row.source,
            row.status,
            row.band,
        )
        for row in Obligation.objects.as_of(today)
        if (row.due or row.computed_on) <= horizon(today)
    }


def run(*arguments: str) -> tuple[str, str]:
    """Runs a command; gives what it printed and what it told."""
    out, err = StringIO(), StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def as_json(*arguments: str) -> Any:
    """What a command prints as JSON."""
    return json.loads(run(*arguments, "--format", "json")[0])
