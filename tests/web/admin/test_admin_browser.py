"""The admin in a real browser: by keyboard alone, accessible, on a phone, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin import site as admin_site
from playwright.sync_api import Browser, Page, expect

from tests.depth import first
from tests.web.browser import is_the_page, overflow, tab_to, turn

FACTS = {
    "registry/state": "State",
    "registry/treatyaction": "treaty action",
    "registry/contact": "contact",
    "registry/amendment": "amendment",
    "registry/amendmentposition": "position on an amendment",
    "registry/statement": "declaration, reservation or objection",
    "obligations/submission": "submission",
    "obligations/committeedate": "date stated by the Committee",
    "obligations/review": "review",
    "obligations/printeddate": "printed due date",
    "obligations/informationrequest": "request for further information",
    "obligations/nonreceipt": "confirmation of non-receipt",
    "obligations/committeesession": "session",
    "obligations/agendaitem": "State on a session",
    "obligations/sessiondeadline": "deadline before a session",
    "obligations/expectedyear": "year in the Committee’s calendar",
    "consideration/guidelines": "version of guidelines",
    "consideration/guidelineitem": "item of guidelines",
    "consideration/itemquestion": "question for lists of issues",
}
STATE = "/admin/registry/state/USA/change/"
HEADING = "United States of America USA"
# Further pages with their headings.
OTHERS = {
    "/admin/": "Enter data",
    "/admin/registry/treatyaction/{action}/change/": "Change treaty action",
    "/admin/registry/treatyaction/{action}/history/": "Change history: USA OPSC ratification 2002-12-23",
    "/admin/registry/": "Registry administration",
    "/admin/registry/treatyaction/{action}/delete/": "Delete treaty action",
    "/admin/registry/treatyaction/?treaty__code__exact=OPSC&kind__exact=succession": (
        "Select treaty action to change"
    ),
    "/admin/registry/regiondesk/add/": "Add desk of a region",
    "/admin/reminders/reminderrule/": "Select reminder rule to change",
    "/admin/auth/user/": "Select user to change",
    "/password/": "Password",
    "/record/": "Record",
    "/states/USA/record-submission/": "Record a submission",
    "/states/USA/record-date/": "Record a date stated by the Committee",
    "/states/KEN/record-deposit/": "Record an instrument deposited",
}


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


@pytest.mark.django_db  # the only test here that asks for the database
def test_every_fact_of_the_admin_is_looked_at() -> None:
    registered = {f"{model._meta.app_label}/{model._meta.model_name}" for model in admin_site._registry}
    people = {"auth/user", "auth/group", "reminders/reminderrule", "registry/regiondesk"}
    # Their pages are looked at in tests/web/correspondence/test_papers_browser.py.
    of_papers = {
        f"correspondence/{one}" for one in ("paperrule", "papertext", "letterhead", "confirmationrule")
    }
    assert registered == FACTS.keys() | people | of_papers


def is_styled(page: Page, heading: str) -> None:
    """The expected page with all our style sheets, none of them empty, and none of Django's."""
    expect(page.locator("h1")).to_have_text(heading)
    loaded = page.evaluate(
        "[...document.styleSheets].map(one => [one.href.split('/').at(-1), one.cssRules.length])"
    )
    names = [name for name, rules in loaded if rules]
    assert names[:3] == ["variables.css", "base.css", "dashboard.css"]
    assert not {"forms.css", "changelists.css", "responsive.css"} & set(names)


@pytest.mark.more
def test_a_state_s_page_can_be_read_by_everybody(
    signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    signed.goto(site["url"] + STATE)
    is_the_page(signed, STATE, HEADING)
    is_styled(signed, HEADING)
    assert (
        signed.locator("details.fact").count() == 2 + 4 + 2 + 4 + 2 + 8
    )  # eight kinds, each with an empty one
    for direction in ("ltr", "rtl"):
        for width in (1440, 768, 360, 320):
            turn(signed, "light", direction, width)
            assert overflow(signed) == 0, f"{direction}, {width} px"
    for closed in signed.locator("main details").all():
        closed.evaluate("one => { one.open = true }")
    sound_in_every_look(signed)


@pytest.mark.more
def test_a_state_s_page_stands_the_other_way_round_from_right_to_left(
    signed: Page, site: dict[str, Any]
) -> None:
    signed.goto(site["url"] + STATE)
    is_styled(signed, HEADING)
    for direction in ("ltr", "rtl"):
        turn(signed, "light", direction, 1440)
        own, owed = signed.locator(".own").bounding_box(), signed.locator(".owed").bounding_box()
        assert own is not None
        assert owed is not None
        assert (own["x"] < owed["x"]) == (direction == "ltr")


@pytest.mark.parametrize("fact", first(1, FACTS))
def test_the_list_of_a_fact_can_be_read_by_everybody(
    fact: str, signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    signed.goto(f"{site['url']}/admin/{fact}/?q=USA")  # few rows: axe looks at each
    is_styled(signed, f"Select {FACTS[fact]} to change")
    sound_in_every_look(signed)


@pytest.mark.parametrize("fact", first(2, FACTS))
def test_the_form_of_a_fact_and_what_it_refuses_can_be_read_by_everybody(
    fact: str, signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    signed.goto(f"{site['url']}/admin/{fact}/add/")
    is_styled(signed, f"Add {FACTS[fact]}")
    for width in (1440, 360):
        turn(signed, "light", "ltr", width)
        assert overflow(signed) == 0, f"{width} px"
    signed.get_by_role("button", name="Save", exact=True).click()
    expect(signed.locator(".errornote")).to_be_visible()
    sound_in_every_look(signed)


@pytest.mark.more
@pytest.mark.parametrize("address", first(3, OTHERS))
def test_another_page_can_be_read_by_everybody(
    address: str, signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    signed.goto(site["url"] + address.format(**site))
    is_the_page(signed, address.format(**site), OTHERS[address])
    is_styled(signed, OTHERS[address])
    sound_in_every_look(signed)


@pytest.mark.more
def test_what_follows_and_what_is_wrong_can_be_read_by_everybody(
    signed: Page, site: dict[str, Any], sound_in_every_look: Callable[[Page], None]
) -> None:
    signed.goto(f"{site['url']}/states/KEN/record-deposit/")
    signed.get_by_label("Deposited on").fill("31/01/2005")
    signed.get_by_label("Recorded effective date").fill("31/03/2005")
    signed.get_by_role("button", name="Preview").click()
    expect(signed.locator(".effects li").first).to_have_text("Initial report due 31 March 2007.")
    expect(signed.locator("p.warning")).to_contain_text("Please check:")
    sound_in_every_look(signed)
    signed.get_by_label("Deposited on").fill("03/04/2005")
    signed.get_by_role("button", name="Update preview").click()
    expect(signed.locator("p.problem")).to_contain_text("could be 3 April 2005 or 4 March 2005")
    sound_in_every_look(signed)


def test_a_ratification_is_entered_with_keys_alone(signed: Page, site: dict[str, Any]) -> None:
    signed.goto(f"{site['url']}/states/KEN/")
    expect(signed.locator("h1")).to_have_text("Kenya KEN")
    tab_to(signed, "Record an instrument deposited")
    signed.keyboard.press("Enter")
    expect(signed.locator("h1")).to_have_text("Record an instrument deposited")
    tab_to(signed, "Instrument")
    expect(signed.locator(":focus")).to_have_value("ratification")
    tab_to(signed, "Deposited on")
    signed.keyboard.type("23 Jan 2003")
    signed.keyboard.press("Enter")
    expect(signed.locator(".effects li").first).to_have_text("Initial report due 23 February 2005.")
    expect(signed.get_by_label("Deposited on")).to_have_value("23 Jan 2003")
    tab_to(signed, "Save")
    signed.keyboard.press("Enter")
    expect(signed.locator("h1")).to_have_text("Kenya KEN")
    expect(signed.locator(".message-success")).to_have_text("Recorded for Kenya: the OPSC ratification. Undo")
    expect(signed.locator(".says")).to_contain_text("State party to the OPSC.")


@pytest.mark.more
def test_a_row_of_a_state_s_page_is_added_with_keys_alone(
    signed: Page, site: dict[str, Any], sound: Callable[[Page], None]
) -> None:
    signed.goto(f"{site['url']}/admin/registry/state/MNE/change/")
    tab_to(signed, "Add a request for further information", most=120)
    signed.keyboard.press("Enter")
    tab_to(signed, "Document")
    signed.keyboard.type("CRC/C/OPSC/MNE/Q/2")
    tab_to(signed, "Issued on")
    signed.keyboard.type("13/7/2026")
    tab_to(signed, "Reply due on")
    signed.keyboard.type("31 Dec 2026")
    signed.keyboard.press("Enter")
    expect(signed.locator(".followed li").first).to_have_text(
        "Reply to the list of issues due 31 December 2026."
    )
    expect(signed.locator(".owed")).to_contain_text("Reply to the list of issues 31 December 2026")
    sound(signed)


@pytest.mark.more
def test_a_state_is_found_by_the_beginning_of_its_name(signed: Page, site: dict[str, Any]) -> None:
    signed.goto(f"{site['url']}/record/?what=record-date")
    tab_to(signed, "State")
    signed.keyboard.type("cote d'ivoire")
    signed.keyboard.press("Escape")  # closes what the browser offers
    signed.keyboard.press("Enter")
    expect(signed).to_have_url(f"{site['url']}/states/CIV/record-date/")
    expect(signed.locator("h1")).to_have_text("Record a date stated by the Committee")


@pytest.mark.more
def test_the_pages_work_without_scripts(browser: Browser, site: dict[str, Any], database: None) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    context.add_cookies([{"name": "sessionid", "value": site["session"], "url": site["url"]}])
    page = context.new_page()
    page.goto(site["url"] + STATE)
    page.get_by_text("Add a contact").click()
    new = page.locator("#contacts-heading ~ details").last
    new.get_by_label("Name").fill("Ms Lie")
    new.get_by_label("E-mail").fill("lie@example.org")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".message-success")).to_contain_text("United States of America is saved.")
    expect(page.locator("summary", has_text="Ms Lie, lie@example.org")).to_be_visible()
    context.close()
