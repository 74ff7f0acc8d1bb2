"""With the treaty's calendar, or the plain rule, every row is the same as before the Committee's dates were used.

Facts and rows are those of the program before that change (data_before/README.md).
"""

import csv
import gzip
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Coalesce

from tests.factories import day
from tracker.obligations.derive import rows_on
from tracker.obligations.load import load_folder
from tracker.registry.models import State

BEFORE = Path(__file__).parent / "data_before"
FACTS = ("participation.csv", "submissions.csv", "records.csv", "committee_dates.csv")
LAST = day("2026-11-29")
FIELDS = (
    "state",
    "kind",
    "carried_by",
    "cycle",
    "computed_on",
    "due_on",
    "due_source",
    "status",
    "received_on",
    "days_late",
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def before(
    django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The earlier data. They had one day from which records were complete; it counted for both series."""
    folder = tmp_path_factory.mktemp("before")
    for name in FACTS:
        (folder / name).write_bytes(gzip.decompress((BEFORE / f"{name}.gz").read_bytes()))
    with django_db_blocker.unblock(), transaction.atomic():
        load_folder(folder, today=LAST, reason="loaded for a test")
        since = Coalesce("records_from", Value(date(1990, 1, 1)))
        State.objects.update(carried_records_from=since, records_until=None)
        connection.check_constraints()  # else each test would check all these rows again at its end
        yield
        transaction.set_rollback(True)


def golden(rule: str, as_of: str) -> list[tuple[str, ...]]:
    """The rows that were printed at that time."""
    text = gzip.decompress((BEFORE / f"deadlines_{rule}.csv.gz").read_bytes()).decode()
    return [
        tuple(row[name] for name in FIELDS)
        for row in csv.DictReader(text.splitlines())
        if row["as_of"] == as_of
    ]


def computed(as_of: str) -> list[tuple[str, ...]]:
    """The same columns of the rows of today's program."""
    return [
        tuple(
            "" if value is None else str(value)
            for value in (
                row.state.pk,
                row.due.kind,
                row.due.carried_by,
                row.due.cycle,
                row.due.computed_on,
                row.due.due_on,
                row.due.source,
                row.status,
                row.due.received_on,
                row.days_late,
            )
        )
        for row in rows_on(day(as_of))
    ]


@pytest.mark.parametrize(
    ("rule", "as_of", "rows"),
    [
        ("treaty-calendar", "2009-05-31", 247),
        ("treaty-calendar", "2021-05-30", 628),
        ("treaty-calendar", "2026-11-29", 757),
        ("plain", "2009-05-31", 405),
        ("plain", "2021-05-30", 899),
        ("plain", "2026-11-29", 1098),
    ],
)
def test_the_rows_are_those_of_before(settings, rule, as_of, rows):
    settings.PERIODIC_RULE = rule
    expected = golden(rule, as_of)
    assert len(expected) == rows
    assert computed(as_of) == expected
