"""Help where one is: the terms, what each page is for, and the tour."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.template import RequestContext, Template
from django.test import Client, RequestFactory

from tests import factories
from tests.audit.addresses import BY_BROWSER, FRAMELESS, MATRIX, ONWARD
from tests.web.conftest import signed_in
from tests.web.pages import links, one_of, read, words
from tracker.web.help.purposes import PURPOSES
from tracker.web.help.terms import TERMS

CONCEPTS = Path(__file__).parents[3] / "docs" / "concepts.md"


def rows_of_concepts() -> list[tuple[str, str]]:
    rows = []
    for line in CONCEPTS.read_text().splitlines():
        if line.startswith("|") and not re.match(r"\|---|\| (term|status) \|", line):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            rows.append((cells[0], re.sub("[`*]", "", cells[1])))
    return rows


def test_the_glossary_and_the_document_say_the_same() -> None:
    assert [(term.name, term.meaning) for _group, terms in TERMS for term in terms] == rows_of_concepts()


@pytest.mark.django_db
def test_a_term_has_its_place_in_the_glossary(staff: Client) -> None:
    page = read(staff.get("/help/terms/"))
    said = words(one_of(page, "div", id="initial-report"))
    assert said == "initial reportDue two years after entry into force (art. 12(1)); cycle 1."


def test_a_term_on_a_page_opens_its_definition_without_script() -> None:
    request = RequestFactory().get("/")
    shown = Template("{% load tracker %}{% term 'LOIPR' %}{% term 'LOIPR' 'lists' %}").render(
        RequestContext(request)
    )
    assert shown.count('popovertarget="term-1">LOIPR</button>') == 1
    assert '<span class="definition" id="term-2" popover><strong>LOIPR</strong> List of issues prior' in shown
    assert 'href="/help/terms/#loipr"' in shown


def test_each_page_says_what_it_is_for() -> None:
    without = {*FRAMELESS, *ONWARD, *BY_BROWSER}
    pages = {
        name for name, (_address, looks, _sends) in MATRIX.items() if looks != "-" and name not in without
    }
    assert sorted(pages - PURPOSES.keys()) == [], "say in tracker/web/help/purposes.py what it is for"
    assert sorted(PURPOSES.keys() - MATRIX.keys()) == []


@pytest.mark.django_db
def test_the_help_of_a_page_leads_back_to_it(staff: Client) -> None:
    address = links(read(staff.get("/late/?region=AFR")))["Help"]
    page = read(staff.get(address))
    assert "States whose reports are overdue, longest first" in words(one_of(page, "main"))
    assert links(page)["Back to the page"] == "/late/?region=AFR"


@pytest.fixture
def usa_overdue(db: None) -> Any:
    usa = factories.a_state(iso3="USA")
    factories.joins(usa, "OPSC", "2002-12-23")
    factories.derive("2026-11-22")
    return factories.the_obligation(usa)


def test_the_tour_goes_through_five_pages_and_can_be_left(staff: Client, usa_overdue: Any) -> None:
    address = links(read(staff.get("/help/")))["Take the tour: five steps on your own data"]
    seen = []
    while address:
        page = read(staff.get(address))
        band = one_of(page, "nav", **{"class": "tour"})
        seen.append((words(one_of(band, "strong")), address))
        assert read(staff.get(links(band).get("Leave the tour", "/record/")))
        address = links(band).get("Next", "")
    assert seen == [
        ("Tour, 1 of 5", "/?tour=1"),
        ("Tour, 2 of 5", "/states/USA/?tour=2"),
        ("Tour, 3 of 5", f"/obligations/{usa_overdue.pk}/why/?tour=3"),
        ("Tour, 4 of 5", "/reminders/?tour=4"),
        ("Tour, 5 of 5", "/record/?tour=5"),
    ]


@pytest.mark.django_db
def test_on_an_empty_site_the_tour_leaves_out_what_it_cannot_show() -> None:
    page = read(signed_in(is_superuser=True).get("/?tour=1"))
    assert links(one_of(page, "nav", **{"class": "tour"}))["Next"] == "/reminders/?tour=4"


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["0", "6", "x", "2", "١"])
def test_a_step_that_is_not_of_this_page_shows_no_tour(step: str, staff: Client) -> None:
    assert "Leave the tour" not in words(read(staff.get(f"/?tour={step}")))
