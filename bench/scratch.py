"""A scratch PostgreSQL for measuring, and many obligations in it."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

TODAY = date(2026, 11, 22)

# Obligations for every State in turn: due on days spread over the 33 years that the shipped ones span; of those
# past every second answered; one in a hundred moved by the Committee, undated, ended or expected no more.
FILL = """
INSERT INTO obligations_obligation (
    state_id, treaty_id, article, kind, subject, carried_by, cycle, computed_on, due_on, due_source, waived,
    decided_on, arises_on, ceases_on, answered_on, received_on, not_received_by, trail, expected, last_cycle, document,
    year_only)
WITH known AS (SELECT array_agg(iso3 ORDER BY iso3) AS codes, count(*)::int AS n FROM registry_state),
numbered AS (
    SELECT codes[1 + at %% n] AS state_id, at / n + 1 AS cycle,
        DATE '2004-01-18' + abs(hashint4(at)::bigint %% 12000)::int AS due,
        abs(hashint4(at + 10000000)::bigint %% 100)::int AS luck,
        abs(hashint4(at + 20000000)::bigint %% 1500)::int AS days
    FROM known, generate_series(%(first)s::int, %(last)s::int) AS at),
answers AS (
    SELECT *, luck < 50 AND due <= %(today)s AS answered, luck >= 98 AS decided,
        CASE WHEN cycle = 1 THEN 'initial' WHEN cycle %% 3 = 0 THEN 'information' ELSE 'periodic' END AS kind
    FROM numbered)
SELECT state_id, 'OPSC', CASE kind WHEN 'initial' THEN '12.1' WHEN 'periodic' THEN '12.2' ELSE '12.3' END, kind,
    CASE kind WHEN 'information' THEN 'list of issues' ELSE '' END,
    CASE WHEN kind = 'periodic' AND cycle %% 3 = 1 THEN 'CRC report' ELSE 'own' END, cycle,
    CASE WHEN decided THEN due - 400 ELSE due END, CASE WHEN luck < 99 THEN due END,
    CASE WHEN luck = 99 THEN 'to be communicated' WHEN luck = 98 OR kind = 'information' THEN 'committee'
        ELSE 'rule' END,
    false, CASE WHEN decided OR kind = 'information' THEN LEAST(due - 500, %(today)s) END,
    LEAST(due - 700, %(today)s), CASE WHEN luck = 97 AND due > %(today)s THEN due - 90 END,
    CASE WHEN answered THEN LEAST(due - 100 + days, %(today)s) END,
    CASE WHEN answered AND luck >= 5 THEN LEAST(due - 100 + days, %(today)s) END, NULL, %(trail)s::jsonb, luck <> 96,
    cycle, CASE WHEN decided OR kind = 'information' THEN 'CRC/C/OPSC/' || state_id || '/CO/1' ELSE '' END, false
FROM answers
"""
# Each has had the same status for as long as it has been owed.
SPANS = """
INSERT INTO obligations_span (
    obligation_id, since, until, last_cycle, computed_on, due_on, due_source, document, decided_on, year_only, waived,
    reviewed_without_on, answered_on, received_on, awaiting_since, trail)
SELECT id, arises_on, ceases_on, last_cycle, computed_on, due_on, due_source, document, decided_on, year_only, waived,
    reviewed_without_on, answered_on, received_on, awaiting_since, trail
FROM obligations_obligation
WHERE NOT EXISTS (SELECT 1 FROM obligations_span WHERE obligation_id = obligations_obligation.id)
"""
# Indexes without a constraint.
INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = 'obligations_obligation' AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""


@contextmanager
def database(name: str, **settings: str) -> Iterator[Path]:
    """A server of its own with an empty database; the settings of the tracker then name it.

    Args:
        settings: settings of the tracker, by their names in the environment.

    Returns:
        a temporary folder that is deleted at the end; nothing outside it is changed.
    """
    with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
        (Path(folder) / "staticfiles").mkdir()
        from tests import services

        server = services.start_postgresql().rsplit("/", 1)[0]
        for other in services.NOT_OURS:
            os.environ.pop(other, None)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tracker.settings",
            "VAR_DIR": folder,
            "SERVER": f"{server}/postgres",
            "DATABASE_URL": f"{server}/{name}",
            "EMAIL_URL": f"filemail://{folder}/mailbox",
            "DEBUG": "off",
            "HTTPS_ONLY": "off",
            **settings,
        }
        made(name)
        yield Path(folder)


def made(name: str, like: str = "template1") -> None:
    """Creates a database as a copy of another."""
    import psycopg

    with psycopg.connect(os.environ["SERVER"], autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')


def shipped() -> Any:
    """Creates the tables with the shipped records and their obligations; returns the trail of one obligation, as long
    as most.
    """
    from django.core.management import call_command

    from tracker.obligations.load import load_folder
    from tracker.obligations.models import Obligation
    from tracker.registry.shipped import SHIPPED

    call_command("migrate", verbosity=0)
    load_folder(SHIPPED, today=TODAY, reason="bench")
    tidy()
    return Obligation.objects.filter(kind="periodic").order_by("pk")[0].trail


def empty() -> None:
    """Deletes all obligations and all rows that refer to them."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE obligations_obligation CASCADE")


def tidy() -> None:
    """Updates the statistics of the query planner."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def fill(database: str, first: int, last: int, trail: Any) -> float:
    """Adds obligations with numbers in a range, and updates the statistics of the query planner.

    Args:
        trail: of a real obligation, so that rows are as long as real ones.
    """
    from django.db import connections

    started = time.perf_counter()
    with connections[database].cursor() as cursor:
        # Building an index over all rows at once is much faster than updating it row by row.
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute(FILL, {"first": first, "last": last - 1, "today": TODAY, "trail": json.dumps(trail)})
        cursor.execute(SPANS)
        cursor.execute("SET maintenance_work_mem = '256MB'")
        for _name, definition in indexes:
            cursor.execute(definition)
        cursor.execute("VACUUM ANALYZE")
    return time.perf_counter() - started
