"""The depositary list in a real browser, from the pasted list to the record: separate, as it needs its own
transactions.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories
from tests.web.conftest import in_role
from tests.web.records.test_depositary_list import FEW, SOURCE
from tracker.registry.models import Treaty, TreatyAction


@pytest.mark.more
@pytest.mark.django_db(transaction=True)
def test_a_list_is_reconciled_in_a_browser(
    page: Page, sound_in_every_look: Callable[[Page], None], live_server: LiveServer
) -> None:
    Treaty.objects.get_or_create(
        code="OPSC", defaults={"title": "OPSC", "adopted_on": "2000-05-25", "in_force_on": "2002-01-18"}
    )
    for code in ("NOR", "DNK", "SWE", "WSM"):
        factories.a_state(code)
    cookies = in_role("Editor").cookies
    page.context.add_cookies(
        [{"name": "sessionid", "value": cookies["sessionid"].value, "url": live_server.url}]
    )

    def look(heading: str) -> None:
        expect(page.locator("h1")).to_have_text(heading)
        sound_in_every_look(page)

    page.goto(f"{live_server.url}/participation/")
    page.get_by_role("link", name="Compare with a depositary list").click()
    look("Depositary list")
    page.get_by_label("Name of the list").fill(SOURCE)
    page.get_by_label("The list, pasted").fill(FEW.replace("Denmark", "Denmarck"))
    page.get_by_role("button", name="Compare with the records").click()
    look("Comparison with the depositary list")
    page.get_by_label("Line 5: “Denmarck”").select_option("DNK")
    page.get_by_role("button", name="Compare with these names").click()
    look("Comparison with the depositary list")
    expect(page.get_by_label("Denmark: ratification, 24 July 2003")).to_be_checked()
    page.get_by_label("Norway: signature, 13 June 2000").uncheck()
    page.get_by_role("button", name="Preview").click()
    look("Depositary list: preview")
    assert TreatyAction.objects.count() == 0
    page.get_by_role("button", name="Record these 6 actions").click()
    expect(page.locator(".messages")).to_contain_text("6 treaty actions recorded")
    recorded = set(TreatyAction.objects.values_list("state", "kind"))
    assert ("DNK", "ratification") in recorded
    assert ("NOR", "signature") not in recorded
