"""Columns that users choose, and views of a list that they save and share."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from tests.web.conftest import in_role
from tests.web.pages import all_of, links, messages, one_of, read, table, words
from tracker.web.models import SavedView
from tracker.web.ui.saved_views import MOST, Bookmark, views_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db: None) -> Client:
    return in_role("Viewer", "ada")


@pytest.fixture
def grace(db: None) -> Client:
    return in_role("Viewer", "grace")


def headers(page: Any) -> list[str]:
    """The headers of the big table, without the texts about sorting."""
    (big,) = all_of(page, "table", class_="rows")
    return [words(one).split(",")[0] for one in all_of(big, "th", scope="col")][1:]


def keep(client: Client, name: str, query: str = "status=overdue&sort=-due", **more: str) -> Any:
    data = {"page": "obligations", "query": query, "name": name, **more}
    return client.post("/views/", data, follow=True)


# --- columns --------------------------------------------------------------------------------------


def test_a_list_shows_the_columns_that_the_address_names_in_their_order(shipped: None, ada: Client) -> None:
    page = read(ada.get("/obligations/?column=status&column=state&column=days_late&status=overdue"))
    assert headers(page) == ["Status", "State", "Days late"]
    assert table(page)[0] == ["overdue 12 years 6 months", "Malaysia MYS", "4577"]


@pytest.mark.parametrize("query", ["", "?column=", "?column=nonsense", "?column=pk&column=%00"])
def test_columns_that_cannot_be_show_the_usual_ones(query: str, shipped: None, ada: Client) -> None:
    usual = ["State", "Report", "Due", "Status", "Received", "Date from", "Why this date"]
    assert headers(read(ada.get(f"/obligations/{query}"))) == usual


def test_a_column_named_twice_stands_once(shipped: None, ada: Client) -> None:
    assert headers(read(ada.get("/obligations/?column=due&column=state&column=due"))) == ["Due", "State"]


def test_an_arrow_moves_a_column_by_one_place(shipped: None, ada: Client) -> None:
    page = read(ada.get("/obligations/?column=state&column=what&column=due&kind=initial&page=2"))
    arrows = links(one_of(page, "ul", class_="column-choice"))
    assert arrows["↑Report: one place earlier"] == "?kind=initial&column=what&column=state&column=due"
    assert arrows["↓Report: one place later"] == "?kind=initial&column=state&column=due&column=what"
    assert "↑State: one place earlier" not in arrows
    assert "↓Due: one place later" not in arrows


def test_filtering_and_sorting_keep_the_columns(shipped: None, ada: Client) -> None:
    page = read(ada.get("/obligations/?column=state&column=due"))
    form = all_of(one_of(page, "details", data_key="filter"), "form")[0]
    hidden = [
        (one.attributes["name"], one.attributes["value"]) for one in all_of(form, "input", type="hidden")
    ]
    assert hidden == [("column", "state"), ("column", "due")]
    (sorted_by_due,) = [one for one in all_of(page, "th") if words(one).startswith("Due")]
    assert (
        links(sorted_by_due)["Due, sorted ascending; reverse order"] == "?column=state&column=due&sort=-due"
    )


def test_an_export_holds_the_columns_shown_and_what_their_cells_tell_besides(
    shipped: None, ada: Client
) -> None:
    (row, *_) = ada.get("/obligations/?column=due&column=state&status=overdue&_export=json").json()
    assert row == {
        "Due": "2014-05-12", "Year alone is printed": "", "Due date printed by the UN": None,
        "The UN prints another date": "", "State": "Malaysia", "Alpha-3": "MYS",
    }  # fmt: skip
    (row, *_) = ada.get("/obligations/?column=region&status=overdue&_export=json").json()
    assert row == {"Regional group": "Asia-Pacific States"}


def test_a_list_begins_with_the_columns_that_somebody_keeps(
    shipped: None, ada: Client, grace: Client
) -> None:
    answer = ada.post(
        "/views/columns/",
        {"page": "obligations", "query": "column=due&column=state&per_page=25&status=overdue"},
        follow=True,
    )
    assert answer.redirect_chain == [("/obligations/?status=overdue", 302)]
    assert messages(read(answer)) == ["Saved as your default view."]
    page = read(ada.get("/obligations/"))
    assert headers(page) == ["Due", "State"]
    assert len(table(page)) == 25
    assert words(one_of(page, "p", class_="says")).startswith("364 reports")  # never a filter
    assert headers(read(ada.get("/obligations/?column=status"))) == ["Status"]
    assert len(headers(read(grace.get("/obligations/")))) == 7
    assert len(headers(read(ada.get("/states/")))) == 8


def test_a_list_can_begin_as_it_was_made_again(shipped: None, ada: Client) -> None:
    ada.post("/views/columns/", {"page": "obligations", "query": "column=due"}, follow=True)
    answer = ada.post(
        "/views/columns/", {"page": "obligations", "query": "column=due", "reset": "1"}, follow=True
    )
    assert messages(read(answer)) == ["Your default view is reset."]
    assert len(headers(read(ada.get("/obligations/")))) == 7
    assert not SavedView.objects.exists()


def test_the_columns_of_a_list_that_is_not_there_are_not_kept(ada: Client) -> None:
    assert ada.post("/views/columns/", {"page": "admin:index", "query": "column=due"}).status_code == 404


# --- views ----------------------------------------------------------------------------------------


def test_a_view_opens_the_list_as_it_was_kept(shipped: None, ada: Client) -> None:
    page = read(keep(ada, "Overdue, latest first"))
    assert messages(page) == ["View “Overdue, latest first” saved."]
    view = SavedView.objects.get()
    offered = links(one_of(page, "ul", class_="views"))
    assert offered == {"Overdue, latest first": f"/views/{view.key}/"}
    answer = ada.get(f"/views/{view.key}/")
    assert answer.headers["Location"] == "/obligations/?status=overdue&sort=-due"


def test_the_form_of_a_view_holds_the_list_as_it_stands(shipped: None, ada: Client) -> None:
    page = read(ada.get("/obligations/?as_of=2009-05-31&kind=initial&sort=-due&page=2&per_page=25"))
    form = one_of(page, "form", action="/views/")
    hidden = {one.attributes["name"]: one.attributes["value"] for one in all_of(form, "input", type="hidden")}
    assert hidden["page"] == "obligations"
    assert hidden["query"] == (
        "as_of=2009-05-31&kind=initial&sort=-due&per_page=25&column=state&column=what&column=due"
        "&column=status&column=received_on&column=source&column=trail&desk=all"
    )


def test_the_same_name_again_replaces_the_view(shipped: None, ada: Client) -> None:
    keep(ada, "Mine")
    page = read(keep(ada, "Mine", "kind=initial"))
    assert messages(page) == ["View “Mine” updated."]
    assert [view.query for view in SavedView.objects.all()] == ["kind=initial"]


def test_a_shared_view_opens_for_others_by_its_link(shipped: None, ada: Client, grace: Client) -> None:
    page = read(keep(ada, "Overdue", shared="1"))
    view = SavedView.objects.get()
    assert messages(page) == [
        f"View “Overdue” saved. Other users can open it with this link: http://testserver/views/{view.key}/"
    ]
    assert grace.get(f"/views/{view.key}/").headers["Location"] == "/obligations/?status=overdue&sort=-due"
    assert Client().get(f"/views/{view.key}/").headers["Location"] == f"/login/?next=/views/{view.key}/"


def test_nobody_learns_of_a_view_that_another_keeps_alone(shipped: None, ada: Client, grace: Client) -> None:
    keep(ada, "Mine")
    view = SavedView.objects.get()
    assert grace.get(f"/views/{view.key}/").status_code == 404
    assert all_of(read(grace.get("/obligations/")), "ul", class_="views") == []


def test_nobody_deletes_the_view_of_another(shipped: None, ada: Client, grace: Client) -> None:
    keep(ada, "Overdue", shared="1")
    view = SavedView.objects.get()
    assert grace.post(f"/views/{view.key}/delete/").status_code == 404
    assert SavedView.objects.count() == 1


def test_a_deleted_view_leaves_a_way_back_to_what_it_showed(shipped: None, ada: Client) -> None:
    keep(ada, "Overdue")
    view = SavedView.objects.get()
    page = read(ada.post(f"/views/{view.key}/delete/", {"page": "obligations"}, follow=True))
    assert messages(page) == ["View “Overdue” deleted. Open the deleted view"]
    assert links(one_of(page, "ul", class_="messages")) == {
        "Open the deleted view": "/obligations/?status=overdue&sort=-due"
    }
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(("name", "told"), [
    ("", "Enter a name for the view."),
    ("x" * 81, "Enter a name of at most 80 characters."),
])  # fmt: skip
def test_a_view_without_a_proper_name_is_not_kept(name: str, told: str, shipped: None, ada: Client) -> None:
    answer = keep(ada, name)
    assert messages(read(answer)) == [told]
    assert answer.redirect_chain == [("/obligations/?status=overdue&sort=-due", 302)]
    assert not SavedView.objects.exists()


def test_a_view_of_an_overlong_address_is_not_kept(shipped: None, ada: Client) -> None:
    page = read(keep(ada, "Long", f"q={'x' * 2000}"))
    assert messages(page)[0] == "This view cannot be saved: its address is too long."
    assert not SavedView.objects.exists()


def test_nobody_keeps_views_without_end(shipped: None, ada: Client) -> None:
    keep(ada, "0")
    owner = SavedView.objects.get().owner
    SavedView.objects.bulk_create(
        SavedView(owner=owner, page="obligations", name=str(number)) for number in range(1, MOST)
    )
    page = read(keep(ada, "one more"))
    assert messages(page) == ["You have 50 saved views of this list; delete one before you save another."]
    assert messages(read(keep(ada, "49"))) == ["View “49” updated."]


def test_a_view_leads_nowhere_but_to_its_list(shipped: None, ada: Client) -> None:
    answer = ada.post("/views/", {"page": "https://example.org/", "query": "", "name": "Away"})
    assert answer.headers["Location"] == "/"
    assert not SavedView.objects.exists()


def test_the_database_keeps_one_view_of_a_name_and_shares_none_without(ada: Client) -> None:
    keep(ada, "Mine", "")
    mine = SavedView.objects.get()
    for wrong in ({"name": "Mine"}, {"name": "", "shared": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SavedView.objects.create(owner=mine.owner, page="obligations", **wrong)


# --- why this date --------------------------------------------------------------------------------


def why(client: Client, query: str) -> Any:
    """The page to which the first row of a list links."""
    page = read(client.get(f"/obligations/?{query}"))
    return read(client.get(links(one_of(page, "table", class_="rows"))["Why?"]))


def test_a_date_of_a_list_is_explained_on_a_page(shipped: None, ada: Client) -> None:
    page = why(ada, "state=USA&kind=initial")
    assert words(one_of(page, "h1")) == "United States of America, initial report: why this date"
    assert [words(one) for one in all_of(one_of(page, "div", class_="reasons"), "li")] == [
        "Depositary: Instrument of ratification deposited on 23 December 2002.",
        "OPSC art. 14(2): In force for the State one month after the deposit, on 23 January 2003.",
        "OPSC art. 12(1): Initial report within two years of entry into force, by 23 January 2005.",
    ]


def test_a_date_of_the_committee_stands_beside_that_of_the_rule(shipped: None, ada: Client) -> None:
    page = why(ada, "state=USA&column=trail&due_from=2022-01-23&due_until=2022-01-23")
    facts = [words(one) for one in all_of(page, "dl", class_="facts")[0] if one.name in ("dt", "dd")]
    assert facts[:4] == ["By the rule", "23 January 2025", "By the Committee", "23 January 2022"]


def test_a_date_is_explained_as_known_on_the_day(shipped: None, ada: Client) -> None:
    page = read(ada.get("/obligations/?state=USA&kind=initial&as_of=2004-05-31"))
    (where,) = [
        one for words_, one in links(one_of(page, "table", class_="rows")).items() if words_ == "Why?"
    ]
    assert where.endswith("?as_of=2004-05-31")
    key = where.split("/")[2]
    assert ada.get(f"/obligations/{key}/why/?as_of=1999-05-31").status_code == 404
    assert ada.get("/obligations/999999/why/").status_code == 404


# --- on Today -------------------------------------------------------------------------------------


def test_a_view_is_put_on_today_and_taken_off(shipped: None, ada: Client, grace: Client) -> None:
    keep(ada, "Longest overdue", on_today="1")
    keep(ada, "Not there")
    keep(grace, "Of somebody else", on_today="1")
    view = SavedView.objects.get(name="Longest overdue")
    assert views_of(view.owner) == [
        Bookmark("Longest overdue", "Obligations", "/obligations/?status=overdue&sort=-due")
    ]
    page = read(ada.post(f"/views/{view.key}/today/", {"off": "1", "page": "obligations"}, follow=True))
    assert messages(page) == ["View “Longest overdue” is no longer shown on Today."]
    assert views_of(view.owner) == []
    page = read(ada.post(f"/views/{view.key}/today/", {"page": "obligations"}, follow=True))
    assert messages(page) == ["View “Longest overdue” is shown on Today."]
    assert [one.label for one in views_of(view.owner)] == ["Longest overdue"]


def test_nobody_puts_the_view_of_another_on_today(ada: Client, grace: Client) -> None:
    keep(ada, "Mine")
    view = SavedView.objects.get(name="Mine")
    assert grace.post(f"/views/{view.key}/today/").status_code == 404
    assert views_of(view.owner) == []
