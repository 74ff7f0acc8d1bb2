"""Two people at one record, each in a browser: nothing is saved or confirmed that the other has changed unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client, override_settings
from playwright.sync_api import Browser, Page, expect

from tests import factories
from tracker.obligations.models import CommitteeDate
from tracker.registry.models import Contact, State


@pytest.fixture
def colleague(browser: Browser, site: dict[str, Any]) -> Iterator[Page]:
    """The page of grace, a second person, in a browser of her own."""
    client = Client()
    client.force_login(factories.an_officer("grace", is_superuser=True))
    context = browser.new_context(locale="en-GB")
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site["url"]}]
    )
    yield context.new_page()
    context.close()
    client.get("/").wsgi_request.user.delete()


def saved(page: Page) -> str:
    """Clicks Save, and returns the text of the page that follows."""
    page.get_by_role("button", name="Save", exact=True).click()
    return page.locator("main").inner_text()


def test_what_a_colleague_saved_meanwhile_stands_beside_what_is_typed(
    signed: Page, colleague: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    contact = factories.a_contact(State.objects.get(pk="NOR"), "new@example.org", name="Ms Lie")
    address = f"{site['url']}/admin/registry/contact/{contact.pk}/change/"
    for page in (signed, colleague):
        page.goto(address)
    colleague.get_by_label("Name").fill("Ms Berg")
    saved(colleague)
    signed.get_by_label("Name").fill("Ms Lie-Olsen")
    assert "Not saved: grace saved this record after you opened the form" in saved(signed)
    assert Contact.objects.get(pk=contact.pk).name == "Ms Berg"
    box = signed.locator(".conflict")
    expect(box.locator("tbody tr")).to_have_text("NameMs Lie-OlsenMs Berg")
    expect(signed.get_by_label("Name")).to_have_value("Ms Lie-Olsen")
    sound_in_every_look(signed)
    box.get_by_label("What is in this form").check()
    saved(signed)
    assert Contact.objects.get(pk=contact.pk).name == "Ms Lie-Olsen"
    contact.delete()


@pytest.mark.more
def test_a_date_that_is_edited_before_the_click_is_shown_again_and_not_confirmed(
    signed: Page, colleague: Page, site: dict[str, Any]
) -> None:
    with override_settings(FOUR_EYES=True):
        date = factories.decides(
            State.objects.get(pk="USA"), "2030-01-01", "2026-02-01", cycles="7", awaits_confirmation=True
        )
        signed.goto(f"{site['url']}/to-confirm/dates/{date.pk}/")
        expect(signed.locator("dl.facts")).to_contain_text("1 January 2030")
        colleague.goto(f"{site['url']}/admin/obligations/committeedate/{date.pk}/change/")
        colleague.get_by_label("Due date").fill("2031-12-31")
        colleague.get_by_label("Reason for the change").fill("read again")
        saved(colleague)
        signed.get_by_role("button", name="Confirm", exact=True).click()
        expect(signed.locator(".problem")).to_contain_text("Nothing was saved")
        expect(signed.locator("dl.facts")).to_contain_text("31 December 2031")
        assert CommitteeDate.objects.get(pk=date.pk).awaits_confirmation
        signed.get_by_role("button", name="Confirm", exact=True).click()
        expect(signed.locator(".messages li")).to_contain_text("is confirmed")
        assert str(CommitteeDate.objects.in_effect().get(pk=date.pk).due_on) == "2031-12-31"
