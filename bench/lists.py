"""The list of obligations, measured in a scratch PostgreSQL: beside Django's own admin, and a hundred times as long.

Two databases stand side by side, with 10,000 and 1,000,000 obligations, and are asked in turn, so that what else
the machine does meets both alike.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

TODAY = date(2026, 11, 22)
FEW, MANY = 10_000, 1_000_000
ROWS_ON_A_PAGE = 50
VISITS = 40  # to either of the two pages that are compared
REPEATS = 15  # of a page of the long list, and of the short one
BESIDE_ADMIN, BY_LENGTH = 0.7, 3.0  # at most so many times as long

# Obligations for every State in turn: due on days spread over the 33 years that the shipped ones span; of those
# past every second answered; one in a hundred moved by the Committee, undated, ended or expected no more.
FILL = """
INSERT INTO obligations_obligation (
    state_id, treaty_id, article, kind, subject, carried_by, cycle, computed_on, due_on, due_source, waived,
    decided_on, arises_on, ceases_on, answered_on, received_on, not_received_by, trail, expected)
WITH known AS (SELECT array_agg(iso3 ORDER BY iso3) AS codes, count(*)::int AS n FROM registry_state),
numbered AS (
    SELECT codes[1 + at %% n] AS state_id, at / n + 1 AS cycle,
        DATE '2004-01-18' + abs(hashint4(at)::bigint %% 12000)::int AS due,
        abs(hashint4(at + 10000000)::bigint %% 100)::int AS luck,
        abs(hashint4(at + 20000000)::bigint %% 1500)::int AS days
    FROM known, generate_series(%(first)s::int, %(last)s::int) AS at),
told AS (
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
    CASE WHEN answered AND luck >= 5 THEN LEAST(due - 100 + days, %(today)s) END, NULL, %(trail)s::jsonb, luck <> 96
FROM told
"""
# Those that no constraint stands on.
INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = 'obligations_obligation' AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""

asked = "default"  # which database the next request is for


class Turn:
    """Leads every query to the database whose turn it is."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return asked

    db_for_write = db_for_read


@contextmanager
def asking(alias: str) -> Iterator[None]:
    """Requests inside are for that database."""
    global asked  # noqa: PLW0603 - the router is made by Django, which hands it nothing
    before, asked = asked, alias
    try:
        yield
    finally:
        asked = before


def p50(visits: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """The median time of each visit, in seconds; all are warmed up, and then made in turn."""
    for visit in [*visits.values()] * 3:
        visit()
    taken: dict[str, list[float]] = {name: [] for name in visits}
    for _ in range(repeats):
        for name, visit in visits.items():
            started = time.perf_counter()
            visit()
            taken[name].append(time.perf_counter() - started)
    return {name: statistics.median(times) for name, times in taken.items()}


def told(what: str, of: tuple[str, float], to: tuple[str, float], most: float) -> None:
    """A ratio with its target."""
    ratio = of[1] / to[1]
    print(
        f"{what:<34}{of[1] * 1e3:>8.1f} ms {of[0]:<10}{to[1] * 1e3:>8.1f} ms {to[0]:<12}"
        f"{ratio:>6.2f} ×  (at most {most} ×: {'met' if ratio <= most else 'not met'})"
    )


def visit(client: Any, address: str, database: str = "default") -> Callable[[], object]:
    """A request that must be answered with a page of rows."""

    def page() -> None:
        with asking(database):
            answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer.content.count(b"<tr") > ROWS_ON_A_PAGE, address

    return page


def somebody(database: str = "default") -> Any:
    """A browser in which a superuser is signed in."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    with asking(database):
        known = get_user_model().objects.filter(username="ada").first()
        client = Client()
        client.force_login(known or get_user_model().objects.create_superuser("ada"))
    return client


def beside_admin() -> None:
    """The shipped obligations, fifty a page: ours against stock Django's change list with the same columns."""
    client = somebody()
    times = p50(
        {
            "ours": visit(client, "/obligations/"),
            "admin": visit(client, "/stock/obligations/obligation/"),
        },
        VISITS,
    )
    told("shipped data, 50 a page", ("ours", times["ours"]), ("admin", times["admin"]), BESIDE_ADMIN)


def by_length() -> None:
    """Pages of the long list against the same pages of the short one."""
    from tracker.web.overview import owed_on

    names = {"default": f"of {FEW:,}", "many": f"of {MANY:,}"}
    clients = {name: somebody(name) for name in names}
    pages = {name: owed_on(TODAY, today=TODAY).using(name).count() // ROWS_ON_A_PAGE for name in names}
    queries: dict[str, Callable[[str], str]] = {
        "first page": lambda name: "",
        "status overdue": lambda name: "?status=overdue",
        "one State": lambda name: "?state=NOR",
        "page in the middle": lambda name: f"?page={pages[name] // 2}",
        "last full page": lambda name: f"?page={pages[name]}",
    }
    for what, query in queries.items():
        times = p50(
            {name: visit(clients[name], f"/obligations/{query(name)}", name) for name in names}, REPEATS
        )
        told(what, (names["many"], times["many"]), (names["default"], times["default"]), BY_LENGTH)


def fill(database: str, first: int, last: int, trail: Any) -> float:
    """Adds obligations, from one number up to before another, and lets the planner know of them.

    Args:
        trail: of a real obligation, so that rows are as wide as real ones.
    """
    from django.db import connections

    started = time.perf_counter()
    with connections[database].cursor() as cursor:
        # Indexes are built of all rows at once in a fraction of the time that they take row by row.
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute(FILL, {"first": first, "last": last - 1, "today": TODAY, "trail": json.dumps(trail)})
        cursor.execute("SET maintenance_work_mem = '256MB'")
        for _name, definition in indexes:
            cursor.execute(definition)
        cursor.execute("VACUUM ANALYZE")
    return time.perf_counter() - started


def measure() -> None:
    """Everything, in the databases that are set up."""
    from django.core.management import call_command
    from django.db import connections

    from tracker.obligations.load import load_folder
    from tracker.obligations.models import Obligation
    from tracker.registry.load import SHIPPED

    call_command("migrate", verbosity=0)
    load_folder(SHIPPED, today=TODAY, reason="bench")
    with connections["default"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    beside_admin()

    trail = Obligation.objects.filter(kind="periodic").order_by("pk")[0].trail
    with connections["default"].cursor() as cursor:
        cursor.execute("TRUNCATE obligations_obligation CASCADE")
    fill("default", 0, FEW, trail)
    connections.close_all()
    made("many", like="few")
    seconds = fill("many", FEW, MANY, trail)
    print(f"({MANY:,} obligations made in {seconds:.0f} s)")
    by_length()
    connections.close_all()


def made(name: str, like: str = "template1") -> None:
    """A new database, as a copy of another."""
    import psycopg

    with psycopg.connect(os.environ["SERVER"], autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
        (Path(folder) / "staticfiles").mkdir()
        from tests import services

        server = services.start_postgresql().rsplit("/", 1)[0]
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tracker.settings",
            "VAR_DIR": folder,
            "SERVER": f"{server}/postgres",
            "DATABASE_URL": f"{server}/few",
            "EMAIL_URL": f"filemail://{folder}/mailbox",
            "ALLOWED_HOSTS": "testserver",
            "DEBUG": "off",
            "HTTPS_ONLY": "off",
        }
        made("few")
        import time_machine
        from django.conf import settings

        settings.DATABASES["many"] = settings.DATABASES["default"] | {"NAME": "many"}
        settings.DATABASE_ROUTERS = [Turn()]
        settings.ROOT_URLCONF = "bench.urls"
        import django

        django.setup()
        with time_machine.travel(datetime.combine(TODAY, datetime.min.time(), UTC)):
            measure()


if __name__ == "__main__":
    main()
