"""Enters into the ledger, in one statement, what is due to be written and not in it yet.

The rules say in Python which stage a due date has reached, and who is written to for a State; both come to the
database as small tables, and it finds what is missing. So an hour with nothing new costs one look at the
obligations, and ten thousand new rows cost one statement.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connections, transaction
from django.db.models import F, QuerySet

from tracker.reminders.models import Reminder


class Reached(NamedTuple):
    """The stage that a due date of reports of one kind has reached, and why it is held for everybody, if it is."""

    kind: str
    due: date
    rule: int
    occurrence: int
    stage_on: date
    words: str
    audience: str
    held: str = ""


class Person(NamedTuple):
    """Somebody whom a State's reminders of an audience go to, and where a reminder to them begins, and why there."""

    state: str
    audience: str
    email: str
    name: str
    contact: int | None
    begins: str
    reason: str


# The two small tables: the columns are those of the classes above.
TABLES = {
    "postgresql": """
reached AS MATERIALIZED (SELECT * FROM json_to_recordset(%s::json) AS t(kind varchar, due date, rule bigint,
    occurrence int, stage_on date, words varchar, audience varchar, held varchar)),
person AS MATERIALIZED (SELECT * FROM json_to_recordset(%s::json) AS t(state varchar, audience varchar,
    email varchar, name varchar, contact bigint, begins varchar, reason varchar))""",
    "sqlite": """
reached AS MATERIALIZED (SELECT value ->> 'kind' AS kind, value ->> 'due' AS due, value ->> 'rule' AS rule,
    value ->> 'occurrence' AS occurrence, value ->> 'stage_on' AS stage_on, value ->> 'words' AS words,
    value ->> 'audience' AS audience, value ->> 'held' AS held FROM json_each(%s)),
person AS MATERIALIZED (SELECT value ->> 'state' AS state, value ->> 'audience' AS audience,
    value ->> 'email' AS email, value ->> 'name' AS name, value ->> 'contact' AS contact,
    value ->> 'begins' AS begins, value ->> 'reason' AS reason FROM json_each(%s))""",
}
# Left out is what the ledger has at this stage or a later one already (unless the facts cancelled it before it was
# sent), what is just going out, and what was written about within the quiet days. Of a mail of which nobody knows
# whether it went, it is taken that it did, also if a person cancelled it.
MISSING = """
FROM owed
JOIN reached ON reached.kind = owed.kind AND reached.due = owed.due
JOIN person ON person.state = owed.state_id AND person.audience = reached.audience
WHERE NOT EXISTS (
    SELECT 1 FROM reminders_reminder AS known
    WHERE known.obligation_id = owed.id AND known.recipient = person.email AND (
        known.due_on = owed.due AND known.stage_on >= reached.stage_on
            AND NOT (known.state = 'cancelled' AND known.handed_over_at IS NULL AND known.cancelled_by = '')
        OR known.state = 'claimed'
        OR known.state = 'sent' AND known.sent_on > %s
        OR known.state IN ('unknown', 'cancelled') AND known.handed_over_at >= %s))"""
GIVEN = {
    "obligation_id": "owed.id",
    "rule_id": "reached.rule",
    "occurrence": "reached.occurrence",
    "recipient": "person.email",
    "due_on": "owed.due",
    "recipient_name": "person.name",
    "contact_id": "person.contact",
    "stage_on": "reached.stage_on",
    "stage_words": "reached.words",
    "state": "CASE reached.held WHEN '' THEN person.begins ELSE 'held' END",
    "reason": "CASE reached.held WHEN '' THEN person.reason ELSE reached.held END",
}
# What a date or a person that comes back brings anew into a row that was cancelled before it was sent.
ANEW = (
    "state",
    "batch",
    "reason",
    "covering",
    "stage_words",
    "recipient_name",
    "contact_id",
    "approved_by",
    "next_attempt_at",
)


class Missing:
    """What is due to be written on a day and is not in the ledger.

    Args:
        owed: the obligations that may be written about, with `due`.
        reached: the stage of each of their kinds and due dates, where one has come.
        people: who is written to.
        every: whether it is about all States, or so many that no index helps.
    """

    def __init__(
        self,
        owed: QuerySet[Any],
        reached: Iterable[Reached],
        people: Iterable[Person],
        day: date,
        *,
        every: bool,
    ) -> None:
        self.connection = connections[owed.db]
        self.every = every
        obligations, values = (
            owed.order_by()
            .values("id", "state_id", "kind", "due", name=F("state__name"))
            .query.sql_with_params()
        )
        self.tables = f"WITH owed AS MATERIALIZED ({obligations}), {TABLES[self.connection.vendor]}"
        quiet = day - timedelta(days=settings.REMINDERS_QUIET_DAYS)
        self.values = [
            *values,
            *(json.dumps([one._asdict() for one in rows], default=str) for rows in (reached, people)),
            self._as_kept("sent_on", quiet),
            self._as_kept("handed_over_at", datetime.combine(quiet + timedelta(days=1), time(), UTC)),
        ]

    def count(self) -> int:
        """How many there are; the same condition as that of `enter`."""
        with self._cursor() as cursor:
            cursor.execute(f"{self.tables} SELECT count(*) {MISSING}", self.values)
            return int(cursor.fetchone()[0])

    def enter(self, batch: uuid.UUID) -> int:
        """Enters them; gives how many rows are new or were cancelled by the facts and are planned anew.

        Two at once are harmless: the ledger's unique key lets one of them win.

        Args:
            batch: by which the rows are known afterwards.
        """
        begun: dict[str, Any] = {
            str(field.column): self._as_kept(field.name, field.pre_save(Reminder(batch=batch), add=True))
            for field in Reminder._meta.concrete_fields
            if not (field.primary_key or field.column in GIVEN)
        }
        anew = ", ".join(f"{name} = excluded.{name}" for name in ANEW)
        # PostgreSQL counts in several processes at once and writes in one: an hour with nothing new only counts.
        if self.every and self.connection.vendor == "postgresql" and not self.count():
            return 0
        # The small tables' values come first in the text, then those of the rows, then those of the condition.
        at = len(self.values) - MISSING.count("%s")
        with self._cursor() as cursor:
            cursor.execute(
                f"""INSERT INTO reminders_reminder ({", ".join((*GIVEN, *begun))}) {self.tables}
                SELECT {", ".join((*GIVEN.values(), *("%s" for _ in begun)))} {MISSING}
                ORDER BY owed.name, owed.due, owed.id, person.email
                ON CONFLICT (obligation_id, rule_id, occurrence, recipient, due_on) DO UPDATE SET {anew}
                WHERE reminders_reminder.state = 'cancelled' AND reminders_reminder.handed_over_at IS NULL
                    AND reminders_reminder.cancelled_by = ''""",  # nosec B608
                [*self.values[:at], *begun.values(), *self.values[at:]],
            )
            return int(cursor.rowcount)

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        """A cursor in a transaction, where PostgreSQL joins as is right for a look at all States.

        It takes the small tables for a hundred rows whatever they hold, and would go through one of them again for
        each row of the other: eight seconds instead of one for a million obligations.
        """
        hint = self.every and self.connection.vendor == "postgresql"
        with transaction.atomic(using=self.connection.alias), self.connection.cursor() as cursor:
            if hint:
                cursor.execute("SET LOCAL enable_nestloop = off")
            yield cursor
            if hint:
                cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")

    def _as_kept(self, name: str, value: Any) -> Any:
        """A value as the database keeps it in a column of the ledger."""
        field: Any = Reminder._meta.get_field(name)
        return field.get_db_prep_value(value, self.connection)
