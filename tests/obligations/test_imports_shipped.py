"""All the shipped data, exported and imported again."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.obligations.conftest import LOADED_ON
from tracker.obligations.imports.check import check, save
from tracker.obligations.imports.export import export
from tracker.obligations.imports.tables import TABLES
from tracker.registry.demonstration import add_contacts
from tracker.registry.models import State

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("actions", 496),
        ("submissions", 215),
        ("contacts", 207),
        ("committee-dates", 128),
        ("reviews", 176),
        ("printed-dates", 114),
        ("requests", 1),
        ("sessions", 22),
        ("agenda", 106),
    ],
)
def test_an_export_of_all_the_shipped_data_comes_in_without_effect(
    table: str, rows: int, form: str, shipped: Any
) -> None:
    add_contacts()
    factories.asks(State.objects.get(pk="USA"))
    before = TABLES[table].model.history.count()  # type: ignore[attr-defined]
    checked = check(table, f"all.{form}", export(table, form), today=LOADED_ON)
    assert checked.counts == {"added": 0, "changed": 0, "unchanged": rows, "refused": 0}
    save(checked, by=None, reason="again", today=LOADED_ON)
    assert TABLES[table].model.history.count() == before  # type: ignore[attr-defined]


@pytest.mark.parametrize("table", TABLES)
def test_a_check_takes_as_many_queries_for_few_rows_as_for_many(table: str, shipped: Any) -> None:
    add_contacts()
    whole = export(table, "csv").decode().splitlines()
    taken = []
    for lines in (whole[:2], whole):
        with CaptureQueriesContext(connection) as queries:
            check(table, "x.csv", "\n".join(lines).encode(), today=LOADED_ON)
        taken.append(len(queries))
    assert taken[0] == taken[1] <= 10
