"""Signing in with an organisation's account, at another site and back, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.accounts.openid_provider import CLIENT, SECRET, OpenIdProvider, running
from tests.web.browser import is_the_page, tab_to
from tracker.environment import Provider
from tracker.web.models import ElsewhereAccount

BUTTON = "Sign in with your organisation’s account"


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


@pytest.fixture
def provider(settings: Any) -> Iterator[OpenIdProvider]:
    """On another site than the tracker, so that cookies and the policy are really tested."""
    with running("localhost") as provider:
        provider.greets = True
        settings.OIDC = Provider(provider.issuer, CLIENT, SECRET)
        settings.ADMINISTRATOR_EMAIL = "help@example.org"
        yield provider


@pytest.mark.django_db  # the only test here that asks for the database
def test_nobody_has_come_from_elsewhere_yet() -> None:
    assert not ElsewhereAccount.objects.exists()


@pytest.mark.more
def test_the_button_leads_there_and_back_to_the_page_that_was_asked_for(
    page: Page, site: dict[str, Any], provider: OpenIdProvider, sound_in_every_look: Callable[[Page], None]
) -> None:
    page.goto(f"{site['url']}/help/")
    is_the_page(page, "/login/?next=/help/", "Article 12 tracker")
    sound_in_every_look(page)
    tab_to(page, BUTTON)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Ministry")
    assert page.url.startswith(provider.issuer)
    page.get_by_role("link", name="I am Ada").click()
    is_the_page(page, "/help/", "Help")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


@pytest.mark.more
def test_whoever_has_no_account_reads_whom_to_ask(
    page: Page,
    site: dict[str, Any],
    provider: OpenIdProvider,
    complaints: list[str],
    sound_in_every_look: Callable[[Page], None],
) -> None:
    provider.person = {"sub": "eve-1", "email": "eve@example.org", "email_verified": True}
    page.goto(f"{site['url']}/login/?next=/help/")
    page.get_by_role("link", name=BUTTON).click()
    page.get_by_role("link", name="I am Ada").click()
    expect(page.locator("h1")).to_have_text("You have no account here")
    assert all("403" in said for said in complaints)
    complaints.clear()
    expect(page.locator("main")).to_contain_text("Ask an Administrator to create an account")
    sound_in_every_look(page)
    page.get_by_role("link", name="Sign in").click()
    is_the_page(page, "/login/?next=%2Fhelp%2F", "Article 12 tracker")
