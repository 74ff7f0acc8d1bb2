"""What is owed on a day, read in every way: by the rules, by SQL, and as commands print it."""

import json
from datetime import date
from io import StringIO
from typing import Any

from django.core.management import call_command

from tracker.obligations.derive import facts_of, horizon, rows_on
from tracker.obligations.models import Obligation
from tracker.obligations.what_if import Supposition, WhatIfResult, compare
from tracker.registry.models import State
from tracker.rules.facts import Facts
from tracker.rules.status import Status, band_of


def by_rules(today: date) -> dict[tuple, tuple]:
    """The rows that the rules give from the facts dated up to a day."""
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


def by_sql(today: date, derived_on: date | None = None) -> dict[tuple, tuple]:
    """The rows of the stored obligations up to the same horizon; faster on the day for which they were derived."""
    return {
        (row.state_id, row.article, row.kind, row.carried_by, row.cycle): (
            row.then_computed_on,
            row.due,
            row.source,
            row.status,
            row.band,
        )
        for row in Obligation.objects.as_of(today, today=derived_on)
        if (row.due or row.then_computed_on) <= horizon(today)
    }


def run(*arguments: str) -> tuple[str, str]:
    """Runs a command; returns its standard output and standard error."""
    out, err = StringIO(), StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def as_json(*arguments: str) -> Any:
    """What a command prints as JSON."""
    return json.loads(run(*arguments, "--format", "json")[0])


def facts(state: State) -> Facts:
    """The recorded facts of one State."""
    return facts_of([state.pk]).get(state.pk, Facts())


def supposing(state: State, supposed: Supposition, on: date = date(2026, 11, 22)) -> WhatIfResult:
    """The effects of a supposition on a day."""
    return compare(state, facts_of(), supposed, on)


def changed(found: WhatIfResult) -> dict[str, Any]:
    """The obligations that would change, with their new rows."""
    return {
        pair.label: "added" if pair.before is None else "gone" if pair.after is None else pair.changes
        for pair in found.changed_pairs
    }
