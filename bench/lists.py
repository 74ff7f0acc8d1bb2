"""The list of obligations, measured in a scratch PostgreSQL: beside Django's own admin, and a hundred times as long.

Two databases stand side by side, with 10,000 and 1,000,000 obligations, and are asked in turn, so that what else
the machine does meets both alike.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from bench.scratch import TODAY, database, empty, fill, made, shipped

FEW, MANY = 10_000, 1_000_000
ROWS_ON_A_PAGE = 50
VISITS = 40  # to either of the two pages that are compared
REPEATS = 15  # of a page of the long list, and of the short one
BESIDE_ADMIN, BY_LENGTH = 0.7, 3.0  # at most so many times as long

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
    from tracker.obligations.queries.standings import owed_on

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


def measure() -> None:
    """Everything, in the databases that are set up."""
    from django.db import connections

    trail = shipped()
    beside_admin()

    empty()
    fill("default", 0, FEW, trail)
    connections.close_all()
    made("many", like="few")
    seconds = fill("many", FEW, MANY, trail)
    print(f"({MANY:,} obligations made in {seconds:.0f} s)")
    by_length()
    connections.close_all()


def main() -> None:
    with database("few", ALLOWED_HOSTS="testserver"):
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
