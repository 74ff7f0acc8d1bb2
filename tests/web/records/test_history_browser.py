"""History, restoring and deleting in a real browser: separate, as it needs transactions of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories
from tests.factories import withdraw_fact
from tests.web.conftest import load_shipped_facts
from tracker.obligations.actions import save_fact
from tracker.obligations.models import Submission
from tracker.registry.models import TreatyAction

PASSWORD = "the-committee-meets-in-geneva"


@pytest.mark.more
@pytest.mark.django_db(transaction=True)
def test_the_pages_in_a_browser(
    page: Page, sound_in_every_look: Callable[[Page], None], live_server: LiveServer
) -> None:
    load_shipped_facts()
    ada = factories.an_officer("ada", password=PASSWORD, is_superuser=True)
    action = TreatyAction.objects.get(state="USA", treaty="OPSC", kind="ratification")
    action.date = factories.day("2003-01-10")
    action.effective_on = None
    save_fact(action, by=ada, reason="C.N.1.2003")
    withdraw_fact(Submission.objects.get(symbol="CRC/C/OPSC/USA/1"), by=ada, reason="entered twice")
    kept = Submission.objects.get(symbol="CRC/C/OPSC/USA/2")
    first = action.history.last().history_id
    gone = Submission.history.filter(history_type="-").get().history_id
    page.goto(f"{live_server.url}/login/?next=/states/USA/history/")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("History of United States of America USA")
    for address, heading in (
        ("/states/USA/history/", "History of United States of America USA"),
        (f"/history/treaty-action/{first}/restore/", "Restore the OPSC ratification"),
        (f"/history/submission/{gone}/restore/", "Restore the submission CRC/C/OPSC/USA/1"),
        (
            f"/admin/registry/treatyaction/{action.pk}/history/",
            "Change history: USA OPSC ratification 2003-01-10",
        ),
        (f"/admin/obligations/submission/{kept.pk}/delete/", "Delete submission"),
    ):
        page.goto(live_server.url + address)
        expect(page.locator("h1")).to_have_text(heading)
        for button in page.locator("main form button").all():
            button.click()  # no reason yet: the page says so, and nothing is done
            expect(page.locator(".problem")).to_have_count(1)
            expect(page.locator("#id_reason")).to_have_attribute("aria-invalid", "true")
        sound_in_every_look(page)
    assert Submission.objects.filter(pk=kept.pk).exists()
    assert action.history.count() == 2


@pytest.mark.more
@pytest.mark.django_db(transaction=True)
def test_a_change_is_taken_back_by_keyboard(page: Page, live_server: LiveServer) -> None:
    load_shipped_facts()
    ada = factories.an_officer("ada", password=PASSWORD, is_superuser=True)
    action = TreatyAction.objects.get(state="USA", treaty="OPSC", kind="ratification")
    was = action.effective_on
    action.effective_on = factories.day("2003-02-23")
    save_fact(action, by=ada, reason="C.N.1.2003")
    page.goto(f"{live_server.url}/login/?next=/states/USA/history/")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Undo… The OPSC ratification was changed").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#h-effects")).to_have_text("What will change")
    expect(page.locator(".effects li").first).to_have_text(
        "Initial report now due 23 January 2005, was 23 February 2005."
    )
    page.locator("#id_reason").focus()
    page.keyboard.type("read again")
    page.keyboard.press("Enter")
    expect(page.locator(".messages li").first).to_contain_text(
        "The OPSC ratification: restored the version of"
    )
    action.refresh_from_db()
    assert action.effective_on == was
