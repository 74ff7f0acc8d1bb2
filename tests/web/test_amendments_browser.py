"""The pages of amendments in a real browser: alone, as they need transactions of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories
from tests.factories import answers, proposes
from tests.web.browser import PASSWORD
from tests.web.conftest import load_shipped_facts
from tests.web.test_amendments import DAYS
from tracker.registry.models import State
from tracker.rules.entry_into_force import JOINING

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [1440, 360])
def test_the_pages_in_a_browser(
    width: int, page: Page, axe: Callable[[Page], None], live_server: LiveServer
) -> None:
    factories.an_officer("ada", password=PASSWORD, is_superuser=True)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/login/?next=/amendments/")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="record the proposal")).to_be_visible()
    axe(page)

    load_shipped_facts()
    parties = list(State.objects.filter(actions__treaty="OPSC", actions__kind__in=JOINING))
    amendment = proposes(parties[0], **DAYS, resolution="A/RES/81/1", document="C.N.12.2025")
    for state in parties[:61]:
        answers(amendment, state, "2025-05-01")
    for state in parties[:119]:
        answers(amendment, state, "2026-05-01", "accepts")
    for address, heading in (
        ("/amendments/", "Amendments"),
        (f"/amendments/{amendment.pk}/", "Amendment to article 12, paragraph 2"),
    ):
        page.goto(live_server.url + address)
        expect(page.locator("h1")).to_have_text(heading)
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wider) <= 0
        axe(page)
    expect(page.get_by_text("61 of the 60 needed favoured a conference by 4 July 2025.")).to_be_visible()
    page.get_by_text("Why?").first.click()
    expect(page.locator("details[open] li").first).to_be_visible()
    axe(page)
