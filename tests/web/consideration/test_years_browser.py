"""The calendar of years and the follow-up in a real browser: alone, as it needs transactions of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.factories import day
from tests.web.browser import overflow
from tests.web.conftest import TODAY
from tracker.obligations.models import ExpectedYear
from tracker.registry.models import State

pytestmark = pytest.mark.more

SHOWN = {
    "/calendar/years/": "Calendar of years",
    "/calendar/years/?region=AFR": "Calendar of years",
    "/calendar/years/add/": "Enter years of the Committee’s calendar",
    "/follow-up/": "Follow-up",
    "/follow-up/?year=2003": "Follow-up",
}


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


@pytest.fixture(scope="module")
def rows(site: dict[str, Any]) -> None:
    """Years of some States, and requests to them answered in time, late and not, one of them assessed."""
    states = State.objects.filter(pk__in=["ALB", "AUT", "BEN", "CHL"]).order_by("pk")
    replies = (None, "2016-05-20", "2016-06-30", "2016-06-01")
    for state, reply in zip(states, replies, strict=True):
        ExpectedYear.objects.create(
            state=state, year=2029, calendar="2027–2034", document="CRC/C/120/3", decided_on=day("2026-09-18")
        )
        more: dict[str, str] = {"received_on": reply} if reply else {}
        if reply == "2016-06-30":
            more |= {
                "assessment": "partly",
                "assessed_on": "2017-02-03",
                "assessment_words": "“The Committee regrets that only some measures were taken”, CRC/C/74/3, para. 9",
            }
        factories.asks(state, "2016-06-15", "2015-06-15", "follow-up", **more)
    factories.derive(TODAY.isoformat(), *states)


@pytest.mark.parametrize("address", SHOWN)
def test_a_page_can_be_read_by_everybody(
    address: str, signed: Page, site: dict[str, Any], rows: None, sound_in_every_look: Callable[[Page], None]
) -> None:
    signed.goto(site["url"] + address)
    expect(signed.locator("h1")).to_have_text(SHOWN[address])
    sound_in_every_look(signed)


def test_years_are_entered_by_keys_alone_and_undone(signed: Page, site: dict[str, Any], rows: None) -> None:
    signed.goto(site["url"] + "/calendar/years/add/")
    for name, text in (
        ("year", "2031"),
        ("states", "NOR, Fiji"),
        ("calendar", "2027–2034"),
        ("document", "CRC/C/122/4"),
        ("decided_on", "18 Oct 2026"),
    ):
        signed.locator(f"[name={name}]").focus()
        signed.keyboard.type(text)
    signed.get_by_role("button", name="Preview").press("Enter")
    expect(signed.locator(".effects")).to_contain_text("2 States are expected in 2031: Fiji; Norway.")
    signed.get_by_role("button", name="Save").press("Enter")
    expect(signed.locator("h1")).to_have_text("Calendar of years")
    assert not overflow(signed)
    signed.get_by_role("button", name="Undo").press("Enter")
    expect(signed.locator(".messages")).to_contain_text("undone", ignore_case=True)
    expect(signed.locator("table.rows tbody tr")).to_have_count(4)
