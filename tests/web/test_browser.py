"""The pages in a real browser, on the shipped data: by keyboard, accessible, on a phone and a tablet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import override_settings
from django.urls import resolve
from playwright.sync_api import Browser, Page, expect

from tests import depth
from tests.depth import first
from tests.web.browser import PASSWORD, is_the_page, overflow, tab_to, turn

# Each page with its heading and the number of rows in its tables' bodies; `test_pictures_browser.py` looks at
# the first page of today, and at States with much to draw.
PAGES = {
    "/?as_of=2009-05-31": ("31 May 2009", 7),
    "/obligations/?status=overdue&kind=initial": ("Obligations", 2),
    "/obligations/?state=XXX": ("Obligations", 0),
    "/submissions/?per_page=25": ("Submissions", 25),
    "/states/?per_page=25": ("States", 25),
    "/obligations/?per_page=25": ("Obligations", 25),
    "/states/MNE/": ("Montenegro MNE", 21),
    "/reminders/mail/{mail}/": ("{subject}", 0),
    "/participation/": ("Participation", 19),
    "/reminders/?per_page=25": ("Reminders", 25),  # the last: others wait from then on
}

# Each page with rows, and the parts of its first row that are in sight at every width.
ROWS = {
    "/obligations/?status=overdue": ".state, .what, .day, .badge, [href$='/why/']",
    "/submissions/": ".state, .what, .day, .badge",
    "/states/": ".state, .day, .badge",
    "/states/USA/": ".what, .day, .badge, summary",
    "/states/USA/history/": ".what, .said",
    "/late/": ".state, .what, .day, .badge",
    "/to-confirm/": ".state, .what, .day, [type=checkbox]",
    "/participation/": "th, .number",
    "/imports/": "th, .files",
    "/": ".day, .badge",
    "/public/": "th, .number",
    "/public/late/": ".day, .badge",
    "/public/states/USA/": ".day, .badge",
    "/admin/registry/treatyaction/": "th, [type=checkbox]",
    "/reminders/": ".state, .what, .day, .ledger, [type=checkbox]",
}
# The parts of the first row, each with whether it is between the edges of the window.
IN_SIGHT = """which => {
  const row = document.querySelector('main table.rows tbody tr:not(:has([colspan]))');
  return [...row.querySelectorAll(which)].map(one => one.getBoundingClientRect()).filter(box => box.width)
    .map(box => box.left >= 0 && box.right <= document.documentElement.clientWidth);
}"""


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


def test_the_pages_looked_at_are_those_of_the_resolver() -> None:
    listed = {resolve(urlsplit(address).path.format(mail=1, subject="")).url_name for address in PAGES}
    assert listed == {
        "home", "obligations", "submissions", "states", "state", "reminders", "mail", "participation",
    }  # fmt: skip


def test_a_day_s_work_by_keyboard_alone(page: Page, site: dict[str, Any]) -> None:
    def press(key: str) -> None:
        page.keyboard.press(key)

    page.goto(site["url"])
    expect(page.locator("h1")).to_have_text("Article 12 tracker")
    page.keyboard.type("ada")
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    press("Enter")
    expect(page.locator("h1")).to_have_text("Today")

    press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    tab_to(page, "Obligations")
    press("Enter")
    expect(page.locator("h1")).to_have_text("Obligations")
    expect(page.locator("tbody tr")).to_have_count(50)

    tab_to(page, "Filter")
    press("Enter")
    tab_to(page, "Text")
    page.keyboard.type("USA")
    tab_to(page, "received late")
    press("Space")
    tab_to(page, "Apply")
    press("Enter")
    expect(page.locator(".chosen")).to_contain_text("Received late")
    expect(page.locator("tbody tr")).to_have_count(2)

    tab_to(page, "United States of America")
    press("Enter")
    expect(page.locator("h1")).to_have_text("United States of America USA")
    tab_to(page, "Why? initial report")
    press("Enter")
    expect(page.locator(".reasons ol li").last).to_have_text(
        "OPSC art. 12(1): Initial report within two years of entry into force, by 23 January 2005."
    )

    page.goto(f"{site['url']}/reminders/?state=sent")
    tab_to(page, f"read: {site['subject']}", most=90)
    press("Enter")
    expect(page.locator("h1")).to_have_text(site["subject"])
    expect(page.locator("pre.letter")).to_contain_text("to remind you of the following report")

    page.goto(f"{site['url']}/admin/registry/treatyaction/{site['action']}/change/")
    expect(page.get_by_label("Date:", exact=True)).to_have_value("2002-12-23")
    tab_to(page, "Reason for the change", most=90)
    page.keyboard.type("looked up again")
    press("Enter")
    expect(page.locator(".messages .message-success")).to_contain_text("was changed successfully")
    expect(page).to_have_url(f"{site['url']}/admin/registry/treatyaction/")


@pytest.mark.parametrize("address", first(5, PAGES))
def test_a_page_can_be_read_by_everybody_turned_round_and_made_narrow(
    address: str,
    signed: Page,
    site: dict[str, Any],
    sound_in_every_look: Callable[[Page], None],
    request: pytest.FixtureRequest,
) -> None:
    heading, rows = PAGES[address]
    if address.startswith("/reminders/?"):
        request.getfixturevalue("reminders_wait")
    address, heading = address.format(**site), heading.format(**site)
    signed.goto(site["url"] + address)
    is_the_page(signed, address, heading, rows)
    # The tables next to the pictures of the first page are opened in `test_pictures_browser.py`.
    for closed in [] if address.startswith("/?") else signed.locator("main details").all()[:3]:
        closed.evaluate("one => { one.open = true }")
    sound_in_every_look(signed)
    for direction in ("ltr", "rtl"):
        for width in (320, 768, 1024, 1280):
            turn(signed, "light", direction, width)
            assert overflow(signed) == 0, f"{direction}, {width} px"


def test_the_sign_in_can_be_read_by_everybody(
    page: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    page.goto(f"{site['url']}/login/")
    is_the_page(page, "/login/", "Article 12 tracker", 0)
    sound_in_every_look(page)
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    sound_in_every_look(page)


def test_an_error_page_can_be_read_by_everybody(
    signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None], complaints: list[str]
) -> None:
    signed.goto(f"{site['url']}/states/XXX/")
    is_the_page(signed, "/states/XXX/", "Page not found", 0)
    assert [said.split()[0] for said in complaints] == ["404", "console:"]
    complaints.clear()
    sound_in_every_look(signed)


@pytest.mark.parametrize(("address", "which"), first(1, ROWS.items()))
def test_a_row_shows_its_status_and_due_date_at_every_width(
    address: str,
    which: str,
    signed: Page,
    site: dict[str, Any],
    sound: Callable[[Page], None],
    request: pytest.FixtureRequest,
) -> None:
    if address == "/reminders/":
        request.getfixturevalue("reminders_wait")
    with override_settings(PUBLIC_VIEW=True):
        signed.goto(site["url"] + address)
    for width in (320, 390, 768):
        turn(signed, "light", "ltr", width)
        assert set(signed.evaluate(IN_SIGHT, which)) == {True}, f"{width} px"
        assert overflow(signed) == 0, f"{width} px"
        if width == 390 or depth.MORE:
            sound(signed)


def test_a_phone_without_scripts_has_a_menu_names_of_columns_and_the_latest_years(
    browser: Browser, site: dict[str, Any]
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    context.add_cookies([{"name": "sessionid", "value": site["session"], "url": site["url"]}])
    page = context.new_page()
    page.goto(f"{site['url']}/states/USA/")
    header = page.locator("header").bounding_box()
    assert header is not None
    assert header["height"] <= 64
    place = page.get_by_role("link", name="Obligations", exact=True)
    expect(place).to_be_hidden()
    for _ in range(3):  # over the way to the content and the name of the product
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(place).to_be_visible()
    expect(page.get_by_label("As of")).to_be_visible()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()

    names = "cells => cells.map(one => getComputedStyle(one, '::before').content.trim())"
    first_row = page.locator("section[aria-labelledby=h-owed] tbody tr").first.locator("td")
    assert [name.strip('"\u2002') for name in first_row.evaluate_all(names)] == [
        "", "Article", "Due", "", "Received", "Due date printed by the UN", "",
    ]  # fmt: skip

    edges = page.locator(".timeline .year").last.bounding_box()
    assert edges is not None
    assert 0 <= edges["x"] <= 390 - edges["width"]
    context.close()


def test_on_a_phone_a_sorted_list_stays_a_table_and_the_key_of_the_search_opens_the_menu(
    signed: Page, site: dict[str, Any]
) -> None:
    turn(signed, "light", "ltr", 390)
    signed.goto(f"{site['url']}/obligations/?status=overdue")
    signed.locator("thead a", has_text="State").click()
    expect(signed.get_by_role("columnheader", name="State")).to_have_attribute("aria-sort", "ascending")
    row = signed.locator("main tbody tr").first
    expect(row).to_have_attribute("role", "row")
    expect(row.locator("th")).to_have_attribute("role", "rowheader")
    expect(row.locator("td", has_text="—").first).to_be_hidden()  # it has no value
    signed.keyboard.press("/")
    expect(signed.locator("#search")).to_be_focused()


def test_the_header_of_a_laptop_is_one_line_whoever_has_signed_in(signed: Page, site: dict[str, Any]) -> None:
    signed.goto(f"{site['url']}/participation/")
    signed.evaluate("""() => {
      const tasks = '<li><a href="/tasks/">Tasks (123)</a></li>';
      document.querySelector('header nav ul').insertAdjacentHTML('beforeend', tasks);
      document.querySelector('.person a:last-of-type').textContent = 'maria-magdalena.gonzalez-smith';
    }""")
    for width in (1280, 1366, 1440):
        turn(signed, "light", "ltr", width)
        header = signed.locator("header").bounding_box()
        assert header is not None
        assert header["height"] <= 64, f"{width} px"
        assert overflow(signed) == 0, f"{width} px"
