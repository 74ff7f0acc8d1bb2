"""Pages of lists: every page shows the rows that follow those of the page before, whatever the list is sorted by."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.depth import first
from tests.factories import a_state
from tests.web.conftest import TODAY
from tests.web.pages import links, one_of, read, table
from tracker import urls  # noqa: F401 - imports every list
from tracker.obligations.models import Obligation
from tracker.obligations.queries.standings import owed_on
from tracker.web.obligations.obligation_list import ObligationTable
from tracker.web.ui.lists import ListPage, Pages

pytestmark = pytest.mark.django_db

SORTS = [
    sign + name
    for name in ("state", "what", "article", "due", "status", "received_on", "source")
    for sign in ("", "-")
]


@pytest.fixture(scope="module")
def owed(django_db_setup: None, django_db_blocker: Any) -> Any:
    """A list of 397 obligations: 27 of them without a due date, of the others 37 on each of ten days."""
    with django_db_blocker.unblock(), transaction.atomic():
        states = [a_state("NOR"), a_state("SWE", records_from="2020-01-01"), a_state("CIV")]
        Obligation.objects.bulk_create(
            an_obligation(
                states[at % 3].pk, at, None if at >= 370 else TODAY + timedelta(at % 10 * 100 - 600)
            )
            for at in range(397)
        )
        yield
        transaction.set_rollback(True)


def an_obligation(state: str, at: int, due: date | None) -> Obligation:
    """A report that a State owes; every fifth has been received."""
    came = date(2020, 1, 1) + timedelta(at % 7) if at % 5 == 0 else None
    return Obligation(
        state_id=state,
        treaty_id="OPSC",
        article="12.2",
        kind="periodic",
        carried_by="own",
        cycle=at,
        computed_on=due or TODAY,
        due_on=due,
        due_source="rule" if due else "to be communicated",
        decided_on=None if due else date(2019, 1, 1),
        arises_on=date(2002, 1, 18),
        answered_on=came,
        received_on=came,
        trail=[],
    )


def pages_of(sort: str) -> Any:
    """Returns any page of the list, each as in a request of its own."""

    def page(number: Any) -> Any:
        rows = owed_on(TODAY, today=TODAY).select_related("state")
        shown = ObligationTable(rows, day=TODAY, order_by=sort)
        shown.paginate(paginator_class=Pages, per_page=25, page=number)
        return shown

    return page


def keys(shown: Any) -> list[int]:
    return [row.record.pk for row in shown.paginated_rows]


def in_one_piece(sort: str) -> list[int]:
    shown = ObligationTable(owed_on(TODAY, today=TODAY), day=TODAY, order_by=sort)
    return [row.record.pk for row in shown.rows]


@pytest.mark.parametrize("sort", first(4, SORTS))
def test_the_pages_of_a_list_are_the_list(owed: None, sort: str) -> None:
    page = pages_of(sort)
    found = [key for number in range(1, 17) for key in keys(page(number))]
    assert len(found) == 397
    assert found == in_one_piece(sort)


def lists_below(one: type[Any]) -> set[Any]:
    return {each for direct in one.__subclasses__() for each in ({direct} | lists_below(direct))}


SORTED_IN_PYTHON = (
    "StateList",
    "ForecastList",
    "ExchangePage",
    "UnreachableList",
)  # which keeps the order of equal rows


@pytest.mark.parametrize(
    "page",
    sorted(
        (one for one in lists_below(ListPage) if one.table_class and one.__name__ not in SORTED_IN_PYTHON),
        key=lambda page: page.__name__,
    ),
    ids=lambda page: page.__name__,
)
def test_every_order_of_a_list_ends_with_the_key(page: Any) -> None:
    """So that no two pages show the same row."""
    columns = [
        (name, one) for name, one in page.table_class.base_columns.items() if one.orderable is not False
    ]
    assert columns
    assert [name for name, one in columns if str(one.order_by[-1]).strip("-") != "pk"] == []


def test_a_page_is_counted_with_one_query_and_read_with_one(
    owed: None, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        shown = pages_of("due")(16)
        assert len(keys(shown)) == 22
    assert (shown.paginator.count, shown.paginator.num_pages) == (397, 16)


def test_the_last_page_of_a_list_is_shown_for_one_too_far(owed: None, staff: Client) -> None:
    page = read(staff.get("/obligations/?per_page=25&page=99999"))
    assert len(table(page)) == 22
    assert links(one_of(page, "nav", aria_label="Pages"))["Previous"] == "?per_page=25&page=15"
