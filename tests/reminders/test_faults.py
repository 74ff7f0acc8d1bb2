"""The cases of `make faults` in short form: processes are killed, servers fail, and the counts are right.

The cases use nothing of the database or the clock of other tests.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from faults import cases
from faults.jobs import writes
from faults.judge import judge
from faults.place import Place


@pytest.fixture(autouse=True)
def clock() -> None:
    """The cases use the real date."""


@pytest.fixture(autouse=True)
def only_on_postgresql() -> None:
    """The cases have a database of their own."""


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    sqlite = os.environ.get("TRACKER_TEST_DATABASE") == "sqlite"
    place = Place("sqlite" if sqlite else "postgresql", beat=0.5)
    try:
        yield place
    finally:
        place.close()


@pytest.mark.more
@pytest.mark.parametrize(
    "name",
    [
        "workers killed at each point",
        pytest.param("database restarted", marks=pytest.mark.postgres),
        pytest.param("broker emptied and restarted", marks=pytest.mark.postgres),
        pytest.param("two beats and four workers", marks=pytest.mark.postgres),
        pytest.param("clock one hour back", marks=pytest.mark.postgres),
        "beat absent for 40 days",
        "clock three years ahead",
        "New Year in Kiritimati and Los Angeles",
        "mail server in every trouble",
        pytest.param("poison rows", marks=pytest.mark.postgres),
        "papers drafted by killed processes",
        "papers sent by killed processes",
    ],
)
def test_nothing_is_lost_or_doubled(name: str, place: Place) -> None:
    found = cases.CASES[name](place, cases.SHORT, Random(f"14 {name}"))
    assert found.wrong == [], str(found)
    assert (found.lost, found.doubled) == (0, 0)


# --- the judge sees what is wrong -----------------------------------------------------------------


def row(state: str = "sent", number: int = 1, **other: Any) -> dict[str, Any]:
    about = {"recipient": f"r{number}@example.org", "about": f"Testland{number:04}", "id": f"<{number}@x>"}
    return about | {"state": state, "why": "", "stage": "on the day"} | other


def text(number: int = 1, **other: Any) -> dict[str, Any]:
    return {
        "recipient": f"r{number}@example.org",
        "about": [f"Testland{number:04}"],
        "id": f"<{number}@x>",
    } | other


def test_what_was_accepted_once_or_is_shown_as_unknown_is_right() -> None:
    found = judge([row(), row("unknown", 2), row("unknown", 3)], [text(), text(2)], planned=3)
    assert (found.wrong, found.sent, found.unknown, found.lost, found.doubled) == ([], 1, 2, 0, 0)


@pytest.mark.parametrize(
    ("ledger", "accepted", "lost", "doubled"),
    [
        ([row()], [text(), text()], 0, 1),
        ([row()], [text(), text(id="<other@x>")], 0, 1),
        ([row("unknown")], [text(), text()], 0, 1),
        ([row()], [], 1, 0),
        ([row("planned")], [], 1, 0),
        ([row("claimed")], [text()], 1, 1),
        ([row("cancelled")], [text()], 1, 1),
        ([row("dead")], [], 0, 0),
        ([], [], 1, 0),
    ],
    ids=[
        "twice",
        "twice in different mails",
        "an unknown one twice",
        "said to be sent",
        "still waiting",
        "gone and still claimed",
        "gone and cancelled",
        "dead where none may be",
        "never planned",
    ],
)
def test_what_was_lost_or_doubled_is_counted_and_told(
    ledger: list[Any], accepted: list[Any], lost: int, doubled: int
) -> None:
    found = judge(ledger, accepted, planned=1)
    assert (found.lost, found.doubled) == (lost, doubled)
    assert found.wrong


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ('UPDATE "reminders_reminder" SET "state" = %s, "claim" = %s, "handed_over_at" = NULL WHERE …', ["claim"]),
        ('UPDATE "reminders_reminder" SET "claim" = NULL, "claimed_at" = NULL WHERE "claim" = %s', []),
        ('UPDATE "reminders_reminder" SET "handed_over_at" = %s WHERE ("claim" = %s)', ["handed_over_at"]),
        ('UPDATE "correspondence_dispatch" SET "attempts" = ("correspondence_dispatch"."attempts" + %s)', ["attempts"]),
        ('SELECT "attempts" FROM "reminders_reminder" WHERE "claim" = %s', []),
    ],
)  # fmt: skip
def test_the_point_at_which_a_worker_dies_is_found_by_what_a_statement_writes(
    sql: str, columns: list[str]
) -> None:
    assert [name for name in ("claim", "handed_over_at", "attempts") if writes(sql, name)] == columns
