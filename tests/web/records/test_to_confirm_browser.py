"""Settling records in a real browser: by keyboard, and accessible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from playwright.sync_api import Page, expect

from tests.depth import first
from tests.web.browser import is_the_page, tab_to
from tracker.web.records.urls import urlpatterns

LOOKED_AT = {
    "/to-confirm/?kind=initial": ("Records to confirm", 59),
    "/to-confirm/days/": ("Records with a weak source", 157),
    "/to-confirm/days/action/{doubtful}/": ("Fiji: ratification of the OPSC", 0),
    "/to-confirm/fact/review/{review}/": ("Confirm as read in the document", 0),
    "/to-confirm/states/IDN/": ("Indonesia", 0),
    "/to-confirm/keep-records/": ("This office keeps the records from now on", 0),
    "/to-confirm/dates/": ("Dates that await a second person", 1),
    "/to-confirm/dates/{waiting}/": ("United States of America: date stated by the Committee", 0),
}


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


@pytest.mark.django_db  # the only test here that asks for the database
def test_the_pages_looked_at_are_all_those_of_settling() -> None:
    listed = {resolve(urlsplit(at).path.format(doubtful=1, waiting=1, review=1)).url_name for at in LOOKED_AT}
    by_keyboard = {"confirm-non-receipt"}
    onward = {"settle-next"}
    like_the_other = {"settle-date"}  # the form of settle-action, with other fields
    found = {pattern.name for pattern in urlpatterns if str(pattern.pattern).startswith("to-confirm/")}
    assert listed | by_keyboard | onward | like_the_other == found


@pytest.fixture(scope="module")
def keys(site: dict[str, Any], django_db_blocker: Any) -> dict[str, int]:
    """The keys in the addresses: a day to be confirmed, and a date of the Committee that awaits a second person."""
    from tests import factories
    from tracker.obligations.models import Review
    from tracker.registry.models import State

    with django_db_blocker.unblock():
        usa = State.objects.get(pk="USA")
        waits = factories.decides(
            usa,
            "2031-01-23",
            "2026-02-01",
            cycles="6",
            document="CRC/C/OPSC/USA/CO/5",
            awaits_confirmation=True,
        )
        return {
            "doubtful": factories.TreatyAction.objects.get(state="FJI", confidence="memory").pk,
            "waiting": waits.pk,
            "review": Review.objects.get(document="CRC/C/IDN/CO/5-6").pk,
        }


@pytest.mark.more
@pytest.mark.parametrize("address", first(1, LOOKED_AT))
def test_a_page_can_be_read_by_everybody(
    address: str,
    signed: Page,
    site: dict[str, Any],
    keys: dict[str, int],
    sound_in_every_look: Callable[[Page], None],
) -> None:
    heading, rows = LOOKED_AT[address]
    address = address.format(**keys)
    signed.goto(site["url"] + address)
    is_the_page(signed, address, heading, rows)
    sound_in_every_look(signed)


@pytest.mark.more
def test_a_report_is_confirmed_as_not_received_by_keyboard_alone(
    signed: Page,
    site: dict[str, Any],
    sound: Callable[[Page], None],
    sound_in_every_look: Callable[[Page], None],
) -> None:
    def press(key: str) -> None:
        signed.keyboard.press(key)
        signed.wait_for_load_state()

    signed.goto(f"{site['url']}/to-confirm/?kind=initial")
    tab_to(signed, "Select Afghanistan, initial report")
    signed.keyboard.press("Space")
    signed.evaluate("window.scrollTo(0, 0)")
    signed.get_by_role("button", name="Confirm selected as not received …").focus()
    press("Enter")
    expect(signed.locator("h1")).to_have_text("Confirm as not received")
    tab_to(signed, "Not received by")
    signed.keyboard.press("Control+A")
    signed.keyboard.type("20 Nov 2026")
    tab_to(signed, "Source")
    expect(signed.locator("output.day-words").first).to_have_text("20 November 2026")
    signed.keyboard.type("Letter of the secretariat")
    tab_to(signed, "Preview")
    press("Enter")
    expect(signed.locator(".effects li").first).to_have_text("Initial report counts as not received.")
    sound_in_every_look(signed)
    tab_to(signed, "Save")
    press("Enter")
    expect(signed.locator(".messages li")).to_contain_text("1 report confirmed as not received: ")
    sound(signed)
    signed.goto(f"{site['url']}/obligations/?state=AFG&kind=initial")
    expect(signed.locator("main tbody tr")).to_contain_text("overdue 22 years 1 month")
