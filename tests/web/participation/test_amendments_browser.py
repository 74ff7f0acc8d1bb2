"""The pages of amendments in a real browser: alone, as they need transactions of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories import answers, declares, proposes
from tests.web.conftest import load_shipped_facts, signed_in
from tests.web.participation.test_amendments import DAYS
from tracker.registry.models import State
from tracker.rules.entry_into_force import JOINING

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.more
def test_the_pages_in_a_browser(
    page: Page, sound_in_every_look: Callable[[Page], None], live_server: LiveServer
) -> None:
    cookies = signed_in(is_superuser=True).cookies
    page.context.add_cookies(
        [{"name": "sessionid", "value": cookies["sessionid"].value, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}/amendments/")
    expect(page.get_by_role("link", name="record it")).to_be_visible()
    sound_in_every_look(page)

    load_shipped_facts()
    parties = list(State.objects.filter(actions__treaty="OPSC", actions__kind__in=JOINING))
    amendment = proposes(parties[0], **DAYS, resolution="A/RES/81/1", document="C.N.12.2025")
    for state in parties[:61]:
        answers(amendment, state, "2025-05-01")
    for state in parties[:119]:
        answers(amendment, state, "2026-05-01", "accepts")
    page.goto(f"{live_server.url}/amendments/")
    expect(page.locator("h1")).to_have_text("Amendments")
    expect(page.get_by_role("link", name="Amendment to article 12, paragraph 2")).to_be_visible()
    sound_in_every_look(page)

    page.goto(f"{live_server.url}/amendments/{amendment.pk}/")
    expect(page.locator("h1")).to_have_text("Amendment to article 12, paragraph 2")
    expect(page.get_by_text("61 of the 60 needed favoured a conference by 4 July 2025.")).to_be_visible()
    page.get_by_text("Why?").first.click()
    expect(page.locator("details[open] li").first).to_be_visible()
    sound_in_every_look(page)

    page.get_by_role("link", name="All 180 positions as a list").click()
    expect(page.locator("h1")).to_have_text("Positions of States")
    page.locator("#id_date").fill("3 May 2026")
    page.locator("#id_states").fill("\n".join(state.name for state in parties[119:121]))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("2 positions saved:")).to_be_visible()
    assert amendment.positions.count() == 182
    sound_in_every_look(page)

    declares(
        parties[0], "reservation", "2010-01-01", text="The State does not consider itself bound. " * 20,
        withdrawn_on="2015-01-01", withdrawal_source="C.N.2",
    )  # fmt: skip
    for address in (f"/states/{parties[0].pk}/", "/participation/"):
        page.goto(f"{live_server.url}{address}")
        for closed in page.locator(
            "section:has(#h-statements) details, section:has(#statements) details"
        ).all():
            closed.evaluate("one => { one.open = true }")
        sound_in_every_look(page)
