"""Help, display, the first steps on a new installation, and the way through the years."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, in_role
from tests.web.pages import Element, all_of, links, messages, one_of, read, words
from tracker.registry.models import RegionDesk
from tracker.reminders.plan import plan
from tracker.web.today.home import through_years

pytestmark = pytest.mark.django_db


# --- help -----------------------------------------------------------------------------------------


def test_the_help_lists_every_shortcut(staff: Client) -> None:
    section = one_of(read(staff.get("/help/")), "section", id="shortcuts")
    keys = [words(one) for one in all_of(section, "dt")]
    assert keys == [
        "?", "Esc", "j", "k", "Enter", "f", "n", "p", "/", "g then t", "g then o", "g then s", "g then e",
        "g then r", "g then p", "g then l", "g then c",
    ]  # fmt: skip


def test_every_page_leads_to_the_help(staff: Client) -> None:
    footer = links(one_of(read(staff.get("/states/?region=AFR")), "footer"))
    assert footer["Keyboard shortcuts"] == "/help/#shortcuts"
    assert footer["Display"] == "/help/?next=%2Fstates%2F%3Fregion%3DAFR#display"


def test_a_list_has_links_that_skip_to_its_filter_and_its_table(staff: Client) -> None:
    factories.a_state("NOR")
    page = read(staff.get("/states/"))
    skips = {words(one): one.attributes["href"] for one in all_of(page, "a", class_="skip")}
    assert skips == {
        "Skip to the content": "#content",
        "Skip to the filter": "#filter",
        "Skip to the table": "#rows",
    }
    assert one_of(page, "details", id="filter")
    assert one_of(page, "div", id="rows")


# --- display --------------------------------------------------------------------------------------


def root(answer: Any) -> dict[str, str]:
    """The display settings on the root element of the page."""
    found = one_of(read(answer), "html").attributes
    return {name: found[name] for name in ("data-theme", "data-contrast") if name in found}


def contrast_sheet(answer: Any) -> Element:
    return next(
        one for one in all_of(read(answer), "link") if one.attributes["href"].endswith("contrast.css")
    )


def test_pages_follow_the_system_until_somebody_chooses(staff: Client) -> None:
    answer = staff.get("/help/")
    assert root(answer) == {}
    assert contrast_sheet(answer).attributes["media"] == "(prefers-contrast: more)"


def test_a_choice_is_kept_and_written_by_the_server_on_every_page(staff: Client) -> None:
    sent = {"theme": "dark", "contrast": "more", "next": "/states/?region=AFR"}
    answer = staff.post("/help/", sent)
    assert answer.headers["Location"] == "/states/?region=AFR"
    cookie = staff.cookies["theme"]
    assert (cookie["samesite"], bool(cookie["httponly"]), cookie["max-age"]) == ("Lax", True, 31_536_000)
    answer = staff.get("/states/")
    assert messages(read(answer)) == ["Colours: dark. Contrast: more contrast."]
    for address in ("/", "/admin/", "/nowhere/"):
        answer = staff.get(address)
        assert root(answer) == {"data-theme": "dark", "data-contrast": "more"}
        assert "media" not in contrast_sheet(answer).attributes
    staff.post("/logout/")
    assert root(staff.get("/login/")) == {"data-theme": "dark", "data-contrast": "more"}


def test_a_choice_can_be_left_to_the_system_again(staff: Client) -> None:
    staff.post("/help/", {"theme": "dark"})
    staff.post("/help/", {"theme": "", "contrast": ""})
    assert root(staff.get("/")) == {}


@pytest.mark.parametrize(
    "away", ["https://example.org/", "//example.org/", "javascript:alert(1)", "/\\example.org", "help"]
)
def test_a_choice_leads_to_no_other_site(away: str, staff: Client) -> None:
    assert staff.post("/help/", {"theme": "dark", "next": away}).headers["Location"] == "/help/"


def test_a_display_that_does_not_exist_is_not_kept(staff: Client) -> None:
    staff.post("/help/", {"theme": '"><script>', "contrast": "less"})
    staff.cookies["contrast"] = "strange"
    assert root(staff.get("/")) == {}


# --- the first steps ------------------------------------------------------------------------------


def steps_of(page: Element) -> list[str]:
    """The steps, each with its links."""
    (box,) = all_of(page, "ol", class_="steps")
    return [words(one) for one in all_of(box, "li")]


def test_an_empty_installation_says_how_to_begin(staff: Client) -> None:
    page = read(staff.get("/"))
    guide = one_of(page, "section", class_="guide")
    assert words(one_of(guide, "h2")) == "First steps"
    assert links(guide) == {
        "Enter a State": "/admin/registry/state/add/",
        "Record an instrument deposited": "/record/?what=record-deposit",
        "Import a file": "/imports/",
        "Add a contact": "/admin/registry/contact/add/",
        "Desks of regions": "/admin/registry/regiondesk/",
        "This office keeps the records from now on": "/to-confirm/keep-records/",
        "Records to confirm": "/to-confirm/",
        "Reminder rules": "/admin/reminders/reminderrule/",
    }
    assert "manage.py load_registry" in steps_of(page)[0]
    assert [one.split(" ")[0] for one in steps_of(page)] == [
        "Record",
        "Enter",
        "Enter",
        "Assign",
        "Take",
        "Check",
    ]
    assert not all_of(page, "input", id="as-of-slider")


def test_whoever_enters_nothing_is_told_whom_to_ask(settings: Any) -> None:
    settings.ADMINISTRATOR_EMAIL = "desk@example.org"
    page = read(in_role("Viewer").get("/"))
    guide = one_of(page, "section", class_="guide")
    assert links(guide) == {"desk@example.org": "mailto:desk@example.org"}
    assert [one.rsplit(". ", 1)[-1] for one in steps_of(page)[1:]] == [
        "Ask an Editor.", "Ask an Editor.", "Ask an Administrator.", "Ask an Editor.",
        "Ask an Administrator.",
    ]  # fmt: skip


def test_each_step_is_ticked_once_the_records_show_it(staff: Client) -> None:
    ticked = []

    def look() -> None:
        page = read(staff.get("/help/"))
        ticked.append(["done" in one.split("Load the")[0] for one in steps_of(page)].count(True))

    look()
    norway = factories.a_state("NOR", region="WEOG")
    look()
    factories.joins(norway, on="2025-04-10")
    look()
    factories.a_contact(norway, active=False)  # no contact yet
    look()
    norway.contacts.update(active=True)
    look()
    RegionDesk.objects.create(region="WEOG", officer=factories.an_officer("grace"))
    look()
    factories.derive(TODAY.isoformat())
    plan(TODAY)
    look()
    assert ticked == [0, 2, 3, 3, 4, 5, 6]


def test_with_states_the_guide_is_a_line_that_can_be_dismissed(staff: Client) -> None:
    factories.joins(factories.a_state("NOR", region="WEOG"), on="2001-10-02")
    guide = one_of(read(staff.get("/?desk=all")), "section", class_="guide")
    assert words(guide).startswith(
        "3 of 6 first steps are done. Next: Enter contacts. Add a contact · Import a file"
    )
    sent = {one.attributes["name"]: one.attributes["value"] for one in all_of(guide, "input")}
    answer = staff.post("/help/", sent)
    assert answer.headers["Location"] == "/?desk=all"
    assert not all_of(read(staff.get("/")), "section", class_="guide")
    assert len(steps_of(read(staff.get("/help/")))) == 6


def test_the_guide_goes_of_itself_once_reminders_are_planned(staff: Client) -> None:
    norway = factories.a_state("NOR", region="WEOG")
    factories.joins(norway, on="2025-04-10")
    factories.a_contact(norway)
    factories.derive(TODAY.isoformat())
    plan(TODAY)
    assert not all_of(read(staff.get("/")), "section", class_="guide")


# --- through the years ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "step", "earlier", "later"),
    [
        ("2026-11-22", 298, "2025-11-22", None),
        ("2026-11-21", 297, "2025-11-21", "2026-11-22"),
        ("2026-10-31", 297, "2025-10-31", "2026-11-22"),
        ("2030-01-01", 298, "2029-01-01", None),
        ("2024-02-29", 265, "2023-02-28", "2025-02-28"),
        ("2002-06-30", 5, "2002-01-18", "2003-06-30"),
        ("2002-01-18", 0, None, "2003-01-18"),
        ("1995-05-01", 0, None, "1996-05-01"),
    ],
)
def test_the_way_through_the_years(day: str, step: int, earlier: str | None, later: str | None) -> None:
    found = through_years(date.fromisoformat(day), TODAY)
    assert (found.first, found.last, found.step) == (date(2002, 1, 31), 298, step)
    assert (found.earlier and found.earlier.isoformat()) == earlier
    assert (found.later and found.later.isoformat()) == later


def test_the_links_through_the_years_keep_the_rest_of_the_address(staff: Client) -> None:
    factories.a_state("NOR")
    found = links(one_of(read(staff.get("/?as_of=2026-05-31&desk=all")), "nav", class_="through"))
    assert found == {
        "‹ a year earlier": "?desk=all&as_of=2025-05-31",
        "a year later ›": "?desk=all",
    }


def test_the_slider_says_its_day_in_words(staff: Client) -> None:
    factories.a_state("NOR")
    slider = one_of(read(staff.get("/?as_of=2009-05-31")), "input", id="as-of-slider").attributes
    assert (slider["max"], slider["value"], slider["aria-valuetext"]) == ("298", "88", "31 May 2009")
    assert (slider["data-first"], slider["data-today"]) == ("2002-01-31", "2026-11-22")
