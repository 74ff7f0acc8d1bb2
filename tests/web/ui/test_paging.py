"""Long lists: every page shows the rows that follow those of the page before, whatever the list is sorted by."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.paginator import EmptyPage, PageNotAnInteger
from django.db import connection, transaction
from django.test import Client

from tests.factories import a_state
from tests.web.conftest import TODAY
from tests.web.pages import links, one_of, read, table
from tracker.obligations.models import Obligation
from tracker.obligations.queries.standings import owed_on
from tracker.web.obligations.obligation_list import ObligationTable
from tracker.web.ui import paging
from tracker.web.ui.paging import Pages, in_total_order, leading_column

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
    """A report that some State owes; every fifth has been received."""
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


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list is long from the 41st row on, and a row far from the 31st."""
    monkeypatch.setattr(paging, "EXACT_TO", 40)
    monkeypatch.setattr(paging, "NEAR", 30)


def pages_of(sort: str, **filters: Any) -> Any:
    """Gives any page of the list, each as a request of its own would see it."""

    def page(number: Any) -> Any:
        rows = owed_on(TODAY, today=TODAY).filter(**filters).select_related("state")
        shown = ObligationTable(rows, day=TODAY, order_by=sort)
        shown.paginate(paginator_class=Pages, per_page=25, page=number)
        return shown

    return page


def keys(shown: Any) -> list[int]:
    return [row.record.pk for row in shown.paginated_rows]


def in_one_piece(sort: str) -> list[int]:
    shown = ObligationTable(owed_on(TODAY, today=TODAY), day=TODAY, order_by=sort)
    return [row.record.pk for row in shown.rows]


@pytest.mark.parametrize("sort", SORTS)
def test_the_pages_of_a_long_list_are_the_list(owed: None, long: None, sort: str) -> None:
    page = pages_of(sort)
    found = [key for number in range(1, 17) for key in keys(page(number))]
    assert len(found) == 397
    assert found == in_one_piece(sort)


@pytest.mark.postgres
@pytest.mark.parametrize("guess", [41, 300, 397, 420, 5000])
@pytest.mark.parametrize("sort", ["due", "-due", "status"])
def test_the_pages_are_the_list_however_wrong_its_count_was_estimated(
    owed: None, long: None, monkeypatch: pytest.MonkeyPatch, sort: str, guess: int
) -> None:
    monkeypatch.setattr(paging, "estimate", lambda rows: guess)
    page = pages_of(sort)
    assert [key for number in range(1, 17) for key in keys(page(number))] == in_one_piece(sort)
    last = page(16).paginator
    assert (last.count, last.count_is_estimate, last.num_pages) == (397, False, 16)
    with pytest.raises(EmptyPage):
        page(17)


@pytest.mark.postgres
def test_a_count_beyond_the_limit_is_an_estimate_and_says_so(owed: None, long: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE obligations_obligation")
    whole, few = pages_of("due")(1).paginator, pages_of("due", state="NOR", due=None)(1).paginator
    assert (few.count, few.count_is_estimate) == (9, False)
    assert whole.count_is_estimate
    assert 200 <= whole.count <= 400
    assert whole.count % 10 == 0


def test_a_list_up_to_the_limit_is_counted_with_one_query_and_read_with_one(
    owed: None, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(paging, "EXACT_TO", 397)
    with django_assert_num_queries(2):
        shown = pages_of("due")(16)
        assert len(keys(shown)) == 22
    assert (shown.paginator.count, shown.paginator.count_is_estimate) == (397, False)


@pytest.mark.parametrize("sort", ["due", "-due"])
def test_a_far_page_passes_the_rows_before_it_in_an_index(
    owed: None, long: None, django_assert_num_queries: Any, sort: str
) -> None:
    rows = in_total_order(owed_on(TODAY, today=TODAY).order_by(sort, "state__name"))
    # What stands there, how many alike stand before it, the keys, the rows.
    with django_assert_num_queries(4) as asked:
        paging.rows_between(rows, 150, 175, 397)
    assert ["registry_state" in query["sql"] for query in asked] == [False, False, True, True]
    assert ["trail" in query["sql"] for query in asked] == [False, False, False, True]


def test_only_what_an_index_begins_with_leads_to_a_far_page(owed: None) -> None:
    today, past = owed_on(TODAY, today=TODAY), owed_on(TODAY - timedelta(1), today=TODAY)
    assert leading_column(today.order_by("-due", "pk")) == "-due"
    assert leading_column(today.order_by("arises_on", "pk")) == "arises_on"
    assert leading_column(past.order_by("due", "pk")) is None  # younger decisions are thought away
    assert leading_column(today.order_by("status", "due", "pk")) is None
    assert leading_column(today.order_by("kind", "pk")) is None
    assert leading_column(today.order_by("state__name", "pk")) is None
    assert leading_column(today.order_by("?")) is None


def test_tables_that_a_filter_asks_are_kept(owed: None) -> None:
    rows = owed_on(TODAY, today=TODAY)
    assert paging.unburdened(rows).count() == 397
    assert paging.unburdened(rows.filter(state__records_from__isnull=False)).count() == 132
    assert (
        paging.unburdened(rows.with_status("no record", TODAY)).count()
        == rows.filter(status="no record").count()
    )


def test_rows_in_no_order_are_put_into_one(owed: None) -> None:
    rows = Obligation.objects.all()
    assert in_total_order(rows.order_by()).query.order_by == ("pk",)
    assert in_total_order(rows.order_by("kind")).query.order_by == ("kind", "pk")
    assert in_total_order(rows.order_by("-pk")).query.order_by == ("-pk",)
    assert in_total_order(rows).query.order_by == ()  # the model's own order ends with the key


@pytest.mark.parametrize("limit", [40, 10_000])
def test_rows_in_no_order_are_each_on_one_page(
    owed: None, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(paging, "EXACT_TO", limit)
    found = []
    for number in range(1, 17):
        shown = ObligationTable(owed_on(TODAY, today=TODAY).order_by("kind"), day=TODAY, order_by=())
        shown.paginate(paginator_class=Pages, per_page=25, page=number)
        found += keys(shown)
    assert found == sorted(Obligation.objects.values_list("pk", flat=True))


def test_a_page_that_is_no_number_is_refused(owed: None, long: None) -> None:
    with pytest.raises(PageNotAnInteger):
        pages_of("due")("soon")


def test_the_last_page_of_a_long_list_is_shown_for_one_too_far(owed: None, long: None, staff: Client) -> None:
    page = read(staff.get("/obligations/?per_page=25&page=99999"))
    assert len(table(page)) == 22
    assert links(one_of(page, "nav", aria_label="Pages"))["Previous"] == "?per_page=25&page=15"
