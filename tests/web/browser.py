"""Shared by the tests with a real browser: a server with the shipped data, a signed-in user, checks of a page."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.test import Client, override_settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import depth, factories, shipped
from tests.conftest import find_breaches
from tracker.obligations.models import NonReceipt
from tracker.obligations.queries.uncertain import without_record
from tracker.reminders.digest import SIGNER
from tracker.reminders.models import Mail
from tracker.reminders.plan import plan

PASSWORD = "the-committee-meets-in-geneva"
SHEETS = [
    "variables.css", "base.css", "dashboard.css", "pictures.css", "comfort.css", "phone.css", "contrast.css",
    "print.css",
]  # fmt: skip


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """A server with the shipped data and some mails; loaded once, emptied at the end."""
    from tests.web.conftest import MORNING, load_shipped_facts, write_reminders  # which imports this module

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
            "off": f"/digest/off/?token={SIGNER.sign(str(ada.pk))}",
        }
        server.stop()
        for thread in threading.enumerate():
            if "process_request_thread" in thread.name:
                thread.join(10)  # it holds a connection to the database until its browser has gone
        shipped.start_again()
        connections.close_all()


@pytest.fixture(scope="module")
def reminders_wait(site: dict[str, Any]) -> None:
    """The office confirms that 30 initial reports were not received; the reminders about them await approval."""
    from tests.web.conftest import TODAY

    for report in list(without_record(TODAY).filter(kind="initial").order_by("pk")[:30]):
        NonReceipt.objects.create(
            state=report.state, kind="initial", cycle=1, not_received_by=TODAY, source="Letter"
        )
    factories.derive(TODAY.isoformat())
    with override_settings(REMINDERS_APPROVAL="required"):
        plan(TODAY)


@pytest.fixture
def signed(page: Page, site: dict[str, Any]) -> Page:
    """A page with ada signed in."""
    page.context.add_cookies([{"name": "sessionid", "value": site["session"], "url": site["url"]}])
    return page


def is_the_page(page: Page, address: str, heading: str, rows: int | None = None) -> None:
    """The expected page, with its style and all its rows; axe would pass any other page too."""
    expect(page.locator("h1").last).to_have_text(heading)
    assert page.url.endswith(address)
    if rows is not None:
        loaded = page.evaluate(
            "[...document.styleSheets].map(one => one.href.split('/').at(-1) + one.cssRules.length)"
        )
        assert [name.rstrip("0123456789") for name in loaded] == SHEETS
        assert not any(name.endswith("css0") for name in loaded)
        expect(page.locator("main tbody tr")).to_have_count(rows)


@pytest.fixture
def sound(axe: Callable[[Page], None], complaints: list[str]) -> Callable[[Page], None]:
    """`sound(page)`: no complaint so far, and no breach that axe finds."""

    def check(page: Page) -> None:
        assert complaints == []
        axe(page)
        # Where a page has select fields, axe itself tries inline styles, and the policy refuses them.
        complaints[:] = [said for said in complaints if "Applying inline style" not in said]

    return check


# Each way in which a page is read: its colours, its direction, the width of the window.
LOOKS: list[tuple[Any, str, int]] = [
    (scheme, direction, width)
    for width in (1440, 360)
    for direction in ("ltr", "rtl")
    for scheme in ("light", "dark")
]
WHOLE = {("light", "ltr", 1440), ("light", "ltr", 360)}  # the looks in which every rule is applied
# As unlike each other as can be: for pages made of parts that others show in every look.
OPPOSITE: list[tuple[Any, str, int]] = [("light", "ltr", 1440), ("dark", "rtl", 360)]
# The rules whose outcome can change with the colours (the first two) or with the places of things (all four).
OF_THE_LOOK = ("color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable")


@pytest.fixture
def sound_in_every_look(complaints: list[str]) -> Callable[..., None]:
    """`sound_in_every_look(page)`: as `sound`, in light and dark, from left and from right, on a screen and a phone.

    `make test` checks only the last of `OPPOSITE` by all rules: dark, from right to left, on a phone, the look that
    is noticed least during work on a page. `make test-more` checks all eight; a test that names the looks gets those.

    Assert first that the page is the expected one; it is loaded once, changed in place, and left in light colours,
    from left to right, 1280 pixels wide. In no look may it be wider than the window.

    All rules of axe are applied at each width, as a narrow page hides other things than a wide one, and hidden
    elements have no role or name. Colours and direction change neither names nor structure: in the six other looks
    only the rules about colours, sizes and places are applied. A page that still moves would be measured on the way,
    so no page may move.
    """

    def check(page: Page, looks: list[tuple[Any, str, int]] = LOOKS if depth.MORE else OPPOSITE[1:]) -> None:
        assert complaints == []
        page.wait_for_load_state()  # what was expected may be there before the style sheet
        for scheme, direction, width in looks:
            look = f"{page.url} in {scheme}, {direction}, {width} px"
            turn(page, scheme, direction, width)
            assert page.evaluate("document.getAnimations().length") == 0, f"{look}: something still moves"
            assert (wider := overflow(page)) <= 0, f"{look}: {wider} px wider than the window"
            every_rule = looks is not LOOKS or (scheme, direction, width) in WHOLE
            found = find_breaches(page, () if every_rule else OF_THE_LOOK)
            assert not found, f"{look}\n" + "\n".join(found)
        turn(page, "light", "ltr", 1280)
        # Where a page has select fields, axe itself tries inline styles, and the policy refuses them.
        complaints[:] = [said for said in complaints if "Applying inline style" not in said]

    return check


def turn(page: Page, scheme: Any, direction: str, width: int) -> None:
    """Shows a page in other colours, another direction, another width."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("direction => { document.documentElement.dir = direction }", direction)


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
    """Presses Tab until the element with this text has the focus, and checks that the focus is visible."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if text in focus["said"]:
            assert focus["outline"] != "none", f"{text}: the focus does not show"
            return
    raise AssertionError(f"“{text}” is not reached with the keyboard")
