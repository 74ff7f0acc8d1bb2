"""The pages in a real browser, on the shipped data: by keyboard, for everybody's eyes, on a phone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.urls import resolve
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories
from tests.web.conftest import MORNING, load_shipped_facts, write_reminders
from tracker.reminders.models import Mail

PASSWORD = "the-committee-meets-in-geneva"
SHEETS = ["variables.css", "base.css", "dashboard.css"]
# Each page with its heading and the number of rows in its tables' bodies.
PAGES = {
    "/": ("Today", 40),
    "/?as_of=2009-05-31": ("31 May 2009", 30),
    "/obligations/?per_page=25": ("Obligations", 25),
    "/obligations/?status=overdue&kind=initial": ("Obligations", 2),
    "/obligations/?state=XXX": ("Obligations", 0),
    "/states/?per_page=25": ("States", 25),
    "/states/USA/": ("United States of America USA", 15),
    "/states/MNE/": ("Montenegro MNE", 9),
    "/reminders/?per_page=25": ("Reminders", 25),
    "/reminders/mail/{mail}/": ("{subject}", 0),
    "/participation/": ("Participation", 19),
}
ADMIN = {
    "/admin/": "Enter and correct facts",
    "/admin/obligations/submission/?q=USA": "Select submission to change",
    "/admin/registry/treatyaction/{action}/change/": "Change treaty action",
    "/admin/registry/treatyaction/{action}/history/": "Change history: USA OPSC ratification 2002-12-23",
    "/admin/obligations/submission/add/": "Add submission",
}
SCHEMES = ["light", "dark"]
WIDTHS = [1440, 360]


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Made before the browser: while one is open, Django takes this thread for another one's."""


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """A server with the shipped data and some mails; loaded once, wiped at the end."""
    with django_db_blocker.unblock(), time_machine.travel(MORNING):
        load_shipped_facts()
        write_reminders()
        ada = factories.an_officer("ada", password=PASSWORD, is_superuser=True)
        mail = Mail.objects.order_by("pk").first()
        action = factories.TreatyAction.objects.get(state="USA", kind="ratification")
        assert mail is not None
        client = Client()
        client.force_login(ada)
        server = LiveServer("127.0.0.1")
        yield {
            "url": server.url,
            "session": client.cookies["sessionid"].value,
            "mail": mail.pk,
            "subject": mail.subject,
            "action": action.pk,
        }
        server.stop()
        for thread in threading.enumerate():
            if "process_request_thread" in thread.name:
                thread.join(10)  # it holds a connection to the database until its browser has gone
        call_command("flush", verbosity=0, interactive=False)
        connections.close_all()


@pytest.fixture
def signed(page: Page, site: dict[str, Any]) -> Page:
    """A page where ada has signed in already."""
    page.context.add_cookies([{"name": "sessionid", "value": site["session"], "url": site["url"]}])
    return page


def is_the_page(page: Page, address: str, heading: str, rows: int | None = None) -> None:
    """The page that was meant, with its style and all its rows; anything else passes axe as well."""
    assert page.url.endswith(address)
    expect(page.locator("h1").last).to_have_text(heading)
    if rows is not None:
        loaded = page.evaluate(
            "[...document.styleSheets].map(one => one.href.split('/').at(-1) + one.cssRules.length)"
        )
        assert [name.rstrip("0123456789") for name in loaded] == SHEETS
        assert not any(name.endswith("css0") for name in loaded)
        assert page.locator("main tbody tr").count() == rows


@pytest.fixture
def sound(axe: Callable[[Page], None], complaints: list[str]) -> Callable[[Page], None]:
    """`sound(page)`: no complaint so far, and nothing that axe finds."""

    def check(page: Page) -> None:
        assert complaints == []
        axe(page)
        # Where a page has select fields, axe itself tries inline styles, and the policy refuses them.
        complaints[:] = [said for said in complaints if "Applying inline style" not in said]

    return check


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


FOCUS = """(() => {
  const at = document.activeElement;
  const said = [at.textContent, at.ariaLabel, at.labels?.[0]?.textContent].map(one => (one || '').trim());
  const even = one => one.replace(/[\\s]+/g, ' ').replace(/:$/, '');
  return {said: said.map(even), outline: getComputedStyle(at).outlineStyle};
})()"""


def tab_to(page: Page, text: str, most: int = 60) -> None:
    """Presses Tab until the element that says so has the focus, and sees that the focus shows."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if text in focus["said"]:
            assert focus["outline"] != "none", f"{text}: the focus does not show"
            return
    raise AssertionError(f"“{text}” is not reached with the keyboard")


@pytest.mark.django_db  # the others take no database by the mark; without one, none would be made
def test_the_pages_looked_at_are_those_of_the_resolver() -> None:
    listed = {resolve(urlsplit(address).path.format(mail=1, subject="")).url_name for address in PAGES}
    assert listed == {"home", "obligations", "states", "state", "reminders", "mail", "participation"}


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
    assert page.locator("tbody tr").count() == 50

    tab_to(page, "Filter")
    press("Enter")
    tab_to(page, "Text")
    page.keyboard.type("USA")
    tab_to(page, "Status")
    page.keyboard.type("received late")
    press("Tab")
    tab_to(page, "Apply")
    press("Enter")
    expect(page.locator(".chips")).to_contain_text("Status: received late")
    assert page.locator("tbody tr").count() == 2

    tab_to(page, "United States of America")
    press("Enter")
    expect(page.locator("h1")).to_have_text("United States of America USA")
    tab_to(page, "Why? initial report")
    press("Enter")
    expect(page.locator("details[open] li").last).to_have_text(
        "OPSC art. 12(1): Initial report within two years of entry into force, by 23 January 2005."
    )

    page.goto(f"{site['url']}/reminders/?state=sent")
    tab_to(page, f"read: {site['subject']}", most=90)
    press("Enter")
    expect(page.locator("h1")).to_have_text(site["subject"])
    expect(page.locator("pre.letter")).to_contain_text("to recall the following report")

    page.goto(f"{site['url']}/admin/registry/treatyaction/{site['action']}/change/")
    expect(page.get_by_label("Date:", exact=True)).to_have_value("2002-12-23")
    tab_to(page, "Reason for the change", most=90)
    page.keyboard.type("looked up again")
    press("Enter")
    expect(page.locator(".messagelist .success")).to_contain_text("was changed successfully")
    expect(page).to_have_url(f"{site['url']}/admin/registry/treatyaction/")


@pytest.mark.parametrize("address", PAGES)
def test_a_page_can_be_read_by_everybody(
    address: str, signed: Page, site: dict[str, Any], sound: Callable[[Page], None]
) -> None:
    heading, rows = PAGES[address]
    address, heading = address.format(**site), heading.format(**site)
    signed.goto(site["url"] + address)
    is_the_page(signed, address, heading, rows)
    for closed in signed.locator("main details").all()[:3]:
        closed.evaluate("one => { one.open = true }")
    for scheme in SCHEMES:
        signed.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in WIDTHS:
            signed.set_viewport_size({"width": width, "height": 900})
            sound(signed)
            assert overflow(signed) == 0, f"{width} px"


@pytest.mark.parametrize("address", PAGES)
def test_a_page_can_be_turned_round_and_made_narrow(address: str, signed: Page, site: dict[str, Any]) -> None:
    heading, rows = PAGES[address]
    address, heading = address.format(**site), heading.format(**site)
    signed.goto(site["url"] + address)
    is_the_page(signed, address, heading, rows)
    for direction in ("ltr", "rtl"):
        signed.evaluate("direction => { document.documentElement.dir = direction }", direction)
        for width in (320, 360, 768, 1024, 1280, 1440):
            signed.set_viewport_size({"width": width, "height": 900})
            assert overflow(signed) == 0, f"{direction}, {width} px"


@pytest.mark.parametrize("address", ["/", "/obligations/?per_page=25", "/states/USA/"])
def test_a_page_from_right_to_left_can_be_read_by_everybody(
    address: str, signed: Page, site: dict[str, Any], sound: Callable[[Page], None]
) -> None:
    signed.goto(site["url"] + address)
    is_the_page(signed, address, *PAGES[address])
    signed.evaluate("() => { document.documentElement.dir = 'rtl' }")
    sound(signed)


@pytest.mark.parametrize("address", ADMIN)
def test_the_admin_can_be_read_by_everybody(
    address: str, signed: Page, site: dict[str, Any], sound: Callable[[Page], None]
) -> None:
    signed.goto(site["url"] + address.format(**site))
    is_the_page(signed, address.format(**site), ADMIN[address])
    assert signed.evaluate("[...document.styleSheets].some(one => one.href.endsWith('/css/admin.css'))")
    for scheme in SCHEMES:
        signed.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        signed.reload()  # the colours of its buttons change slowly
        for width in WIDTHS:
            signed.set_viewport_size({"width": width, "height": 900})
            sound(signed)


def test_the_sign_in_can_be_read_by_everybody(
    page: Page, site: dict[str, Any], sound: Callable[[Page], None]
) -> None:
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(f"{site['url']}/login/")
        is_the_page(page, "/login/", "Article 12 tracker", 0)
        sound(page)
        page.get_by_label("User name").fill("ada")
        page.get_by_label("Password").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
        sound(page)


def test_an_error_page_can_be_read_by_everybody(
    signed: Page, site: dict[str, Any], sound: Callable[[Page], None], complaints: list[str]
) -> None:
    signed.goto(f"{site['url']}/states/XXX/")
    is_the_page(signed, "/states/XXX/", "There is no such page", 0)
    assert [said.split()[0] for said in complaints] == ["404", "console:"]
    complaints.clear()
    sound(signed)
