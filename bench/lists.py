"""Measures pages and exports in a scratch PostgreSQL: against Django's own admin, and at the ceiling.

There are two databases: one with the shipped data, one with as many obligations and reminders as speed is promised
for. Requests alternate between them, so that other load on the machine affects both alike.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from bench.scratch import TODAY, database, fill, made, shipped

ROWS_ON_A_PAGE = 200  # of the page that is compared with the admin's
VISITS = 20  # to each page
FRAMES_OF_A_BLOCK = 105  # of `deeper`
BESIDE_ADMIN, AT_THE_CEILING, EXPORT = 1.0, 2.0, 3.0  # the targets: two ratios, and seconds
FIRST_MADE_UP = 10_000  # the number of the first made-up obligation: beyond the cycles of real ones
FULL = "/obligations/"
# Each page with the page of the shipped data that shows as many rows: itself, except where the shipped data has few.
PAGES = {
    "/": "/",
    FULL: FULL,
    "/obligations/?status=overdue": FULL,
    "/obligations/?sort=-due": "/obligations/?sort=-due",
    "/obligations/?q=norway": FULL,
    "/submissions/": "/submissions/",
    "/states/": "/states/",
    "/late/": FULL,
    "/reminders/": FULL,
    "/reminders/?state=sent": FULL,
    "/tasks/": "/tasks/",
    "/participation/": "/participation/",
    "/help/": "/help/",
}
WHOLE = "/obligations/?desk=all&_export=csv"

alias_of_request = "default"  # the database of the next request


class Turn:
    """Routes every query to the current database."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return alias_of_request

    db_for_write = db_for_read


@contextmanager
def asking(alias: str) -> Iterator[None]:
    """Requests inside this block use that database."""
    global alias_of_request  # noqa: PLW0603 - the router is made by Django, which hands it nothing
    before, alias_of_request = alias_of_request, alias
    try:
        yield
    finally:
        alias_of_request = before


def deeper(frames: int, visit: Callable[[], object]) -> object:
    """Visits beneath so many more frames of the call stack."""
    return deeper(frames - 1, visit) if frames else visit()


def p50(visits: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """The median time of each visit, in seconds. All are warmed up, then alternate.

    CPython keeps its frames in blocks of 16 kB. A loop whose calls cross from one block to the next gets and returns
    memory at each call, and takes twice as long: by chance, for ours as for the admin's. So each repeat has another
    depth; together they go through a whole block.
    """
    for visit in [*visits.values()] * 3:
        visit()
    taken: dict[str, list[float]] = {name: [] for name in visits}
    for at in range(repeats):
        for name, visit in visits.items():
            started = time.perf_counter()
            deeper(at * FRAMES_OF_A_BLOCK // repeats, visit)
            taken[name].append(time.perf_counter() - started)
    return {name: statistics.median(times) for name, times in taken.items()}


def print_ratio(what: str, of: tuple[str, float], to: tuple[str, float], most: float) -> None:
    """Prints a ratio with its target."""
    ratio = of[1] / to[1]
    print(
        f"{what:<34}{of[1] * 1e3:>8.1f} ms {of[0]:<14}{to[1] * 1e3:>8.1f} ms {to[0]:<11}"
        f"{ratio:>6.2f} ×  (at most {most} ×: {'met' if ratio <= most else 'not met'})"
    )


def visit(client: Any, address: str, database: str = "default") -> Callable[[], int]:
    """A request that must succeed; returns the length of the response."""

    def page() -> int:
        with asking(database):
            answer = client.get(address)
            assert answer.status_code == 200, address
            if answer.streaming:
                return sum(len(part) for part in answer.streaming_content)
            return len(answer.content)

    return page


def somebody(database: str = "default") -> Any:
    """A client with a superuser signed in."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    with asking(database):
        known = get_user_model().objects.filter(username="ada").first()
        client = Client()
        client.force_login(known or get_user_model().objects.create_superuser("ada"))
    return client


def beside_admin() -> None:
    """The shipped obligations, 200 a page: our list against Django's change list with the same rows and columns."""
    client = somebody()
    times = p50(
        {
            "ours": visit(client, f"/obligations/?per_page={ROWS_ON_A_PAGE}"),
            "admin": visit(client, "/stock/obligations/obligation/"),
        },
        VISITS,
    )
    what = f"shipped data, {ROWS_ON_A_PAGE} a page"
    print_ratio(what, ("ours", times["ours"]), ("admin", times["admin"]), BESIDE_ADMIN)


def at_the_ceiling() -> None:
    """Pages at the ceiling against pages of the shipped data with as many rows."""
    from tracker.obligations.queries.standings import owed_on

    clients = {name: somebody(name) for name in ("default", "shipped")}
    middle = {name: owed_on(TODAY, today=TODAY).using(name).count() // 100 for name in clients}
    of_all = {f"/obligations/?page={middle['default']}": f"/obligations/?page={middle['shipped']}"}
    for address, other in (PAGES | of_all).items():
        times = p50(
            {
                "ceiling": visit(clients["default"], address),
                "shipped": visit(clients["shipped"], other, "shipped"),
            },
            VISITS,
        )
        print_ratio(
            address,
            ("at the ceiling", times["ceiling"]),
            ("shipped" if other == address or address in of_all else "obligations", times["shipped"]),
            AT_THE_CEILING,
        )
    export = visit(clients["default"], WHOLE)
    started = time.perf_counter()
    length = export()
    seconds = time.perf_counter() - started
    met = "met" if seconds <= EXPORT else "not met"
    print(f"all obligations as CSV, {length / 1e6:.1f} MB: {seconds:.2f} s  (at most {EXPORT:.0f} s: {met})")


def measure() -> None:
    """Measures everything, once the databases are set up."""
    from django.db import connections

    from bench.reminders import OBLIGATIONS, ledger
    from tracker.obligations.models import Obligation

    trail = shipped()
    beside_admin()
    connections.close_all()
    made("shipped", like="ceiling")
    missing = OBLIGATIONS - Obligation.objects.count()
    fill("default", FIRST_MADE_UP, FIRST_MADE_UP + missing, trail)
    ledger()
    at_the_ceiling()
    connections.close_all()


def main() -> None:
    with database("ceiling", ALLOWED_HOSTS="testserver"):
        import time_machine
        from django.conf import settings

        settings.DATABASES["shipped"] = settings.DATABASES["default"] | {"NAME": "shipped"}
        settings.DATABASE_ROUTERS = [Turn()]
        settings.ROOT_URLCONF = "bench.urls"
        import django

        django.setup()
        with time_machine.travel(datetime.combine(TODAY, datetime.min.time(), UTC)):
            measure()


if __name__ == "__main__":
    main()
