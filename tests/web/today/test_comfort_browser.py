"""Shortcuts, overlay, slider, focus and undo in a real browser, and their accessibility."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.web.browser import is_the_page, overflow
from tracker.web.ui.shortcuts import SHORTCUTS, addresses_of_shortcuts


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None) -> None:
    """Created before the browser starts: Playwright's event loop would make Django refuse to."""


@pytest.mark.django_db  # the only test here that asks for the database
def test_the_script_knows_the_keys_that_the_help_lists() -> None:
    script = (settings.BASE_DIR / "static" / "js" / "shortcuts.js").read_text()
    known = set(re.findall(r'^    "?([^"\s]|\w)"?: ', script, re.MULTILINE))
    assert known == {key for key, _label in SHORTCUTS} - {"Enter", "Esc"}  # which are the browser's own
    assert json.loads(addresses_of_shortcuts()) == {
        "t": "/", "o": "/obligations/", "s": "/states/", "r": "/reminders/", "p": "/participation/",
        "l": "/late/", "c": "/calendar/", "e": "/sessions/",
    }  # fmt: skip


def press(page: Page, *keys: str) -> None:
    page.wait_for_load_state()  # a key pressed before the script has loaded does nothing
    for key in keys:
        page.keyboard.press(key)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


@pytest.mark.more
def test_the_keys_lead_where_the_help_says(signed: Page, site: dict[str, Any]) -> None:
    signed.goto(f"{site['url']}/?as_of=2009-05-31")
    press(signed, "g", "o")
    signed.wait_for_url("**/obligations/?as_of=2009-05-31")
    press(signed, "j", "j", "k")
    assert focused(signed) == signed.locator("tbody .state a").first.text_content()
    press(signed, "n")
    signed.wait_for_url("**page=2**")
    press(signed, "p")
    signed.wait_for_url("**page=1**")
    press(signed, "f")
    expect(signed.locator("#filter")).to_have_attribute("open", "")
    expect(signed.locator("#filter :is(input, select):not([type=hidden])").first).to_be_focused()
    signed.keyboard.type("gojn?/")  # in a field, keys are text
    assert "/obligations/" in signed.url
    expect(signed.locator("dialog")).to_have_count(0)
    signed.goto(f"{site['url']}/states/NOR/")
    press(signed, "n")
    expect(signed.locator("h1")).to_have_text("Oman OMN")
    press(signed, "Control+p", "Alt+n")  # the browser's own
    press(signed, "/")
    expect(signed.locator("#search")).to_be_focused()
    expect(signed.locator("#search")).to_have_value("")
    signed.keyboard.type("norway")
    press(signed, "Enter")
    signed.wait_for_url("**/states/NOR/")
    signed.goto(f"{site['url']}/states/?q=norway")
    press(signed, "j", "Enter")
    expect(signed.locator("h1")).to_have_text("Norway NOR")


@pytest.mark.more
def test_keys_work_on_rows_that_were_exchanged(signed: Page, site: dict[str, Any]) -> None:
    signed.goto(f"{site['url']}/participation/")
    signed.evaluate("() => { const main = document.querySelector('main'); main.innerHTML = main.innerHTML }")
    press(signed, "j")
    assert focused(signed) == signed.locator("main tbody a").first.text_content()


@pytest.mark.more
def test_the_overlay_keeps_the_focus_and_gives_it_back(
    signed: Page, site: dict[str, Any], sound: Callable[[Page], None]
) -> None:
    signed.goto(f"{site['url']}/participation/")
    link = signed.get_by_role("link", name="Amendments to the treaty")
    link.focus()
    press(signed, "?")
    overlay = signed.get_by_role("dialog", name="Keyboard shortcuts")
    expect(overlay).to_be_visible()
    expect(overlay.locator("dt")).to_have_count(17)
    for _ in range(5):
        press(signed, "Tab")
        assert overlay.evaluate("one => one.contains(document.activeElement)")
    press(signed, "Shift+Tab", "Shift+Tab", "Shift+Tab")
    assert overlay.evaluate("one => one.contains(document.activeElement)")
    press(signed, "g", "s")  # nothing happens behind it
    for scheme in ("light", "dark"):
        signed.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        sound(signed)
    press(signed, "Escape")
    expect(signed.locator("dialog")).to_have_count(0)
    expect(link).to_be_focused()
    assert signed.url.endswith("/participation/")


@pytest.mark.more
def test_shortcuts_can_be_switched_off_and_on(signed: Page, site: dict[str, Any]) -> None:
    signed.goto(f"{site['url']}/participation/")
    footer = signed.get_by_role("link", name="Keyboard shortcuts")
    footer.click()
    box = signed.get_by_label("Shortcuts are enabled in this browser")
    expect(box).to_be_checked()
    box.uncheck()
    signed.get_by_role("button", name="Close").click()
    expect(footer).to_be_focused()
    press(signed, "?", "j")
    signed.reload()
    press(signed, "?", "j")
    expect(signed.locator("dialog")).to_have_count(0)
    assert signed.evaluate("document.activeElement.tagName") == "BODY"
    footer.click()  # which is no shortcut
    expect(box).not_to_be_checked()
    box.check()
    press(signed, "Escape")
    press(signed, "?")
    expect(signed.locator("dialog")).to_be_visible()


@pytest.mark.more
def test_the_slider_moves_through_the_years(signed: Page, site: dict[str, Any]) -> None:
    signed.goto(f"{site['url']}/?desk=all")
    slider = signed.get_by_label("Drag to see any month end since 2002")
    expect(slider).to_have_attribute("aria-valuetext", "22 November 2026")
    slider.focus()
    press(signed, "ArrowLeft", "ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "30 September 2026")
    signed.wait_for_url("**/?desk=all&as_of=2026-09-30")
    expect(signed.locator("h1")).to_have_text("30 September 2026")
    expect(slider).to_be_focused()  # and so the next key goes on from there
    press(signed, "Home")
    signed.wait_for_url("**/?desk=all&as_of=2002-01-31")
    press(signed, "End")
    signed.wait_for_url("**/?desk=all")
    expect(signed.locator("h1")).to_have_text("Today")
    signed.go_back()
    expect(signed.locator("h1")).to_have_text("31 January 2002")


def test_the_first_page_does_without_a_script(page: Page, site: dict[str, Any]) -> None:
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": site["session"], "url": site["url"]}])
    plain = context.new_page()
    plain.goto(f"{site['url']}/")
    expect(plain.locator("#as-of-slider")).to_be_hidden()
    plain.get_by_role("link", name="a year earlier").click()
    expect(plain.locator("h1")).to_have_text("22 November 2025")
    plain.get_by_role("link", name="Keyboard shortcuts").click()
    expect(plain.locator("#shortcuts dt")).to_have_count(17)
    expect(plain.get_by_label("Shortcuts are enabled in this browser")).to_be_hidden()
    context.close()


@pytest.mark.more
def test_after_an_action_the_focus_is_on_its_message_which_undoes_it(
    signed: Page, site: dict[str, Any], reminders_wait: None, sound: Callable[[Page], None]
) -> None:
    signed.goto(f"{site['url']}/reminders/?state=held&per_page=25")
    signed.locator("tbody input[type=checkbox]").first.check()
    signed.get_by_role("button", name="Approve selected").click()
    said = signed.locator(".messages [role=status]")
    expect(said).to_contain_text("approved; it will be sent with the next run")
    expect(said).to_be_focused()
    assert signed.url.endswith("/reminders/?state=held&per_page=25")
    sound(signed)
    press(signed, "Tab", "Enter")
    expect(said).to_contain_text("awaits approval again.")
    expect(said).to_be_focused()


LOOKS = [
    ("light", "no-preference"),
    ("dark", "no-preference"),
    ("light", "more"),
    ("dark", "more"),
]


@pytest.mark.more
@pytest.mark.parametrize(
    ("address", "heading"), [("/help/", "Help"), ("/obligations/?per_page=25", "Obligations")]
)
def test_a_page_can_be_read_in_every_colour_and_contrast(
    address: str, heading: str, signed: Page, site: dict[str, Any], sound: Callable[[Page], None]
) -> None:
    signed.goto(site["url"] + address)
    is_the_page(signed, address, heading)
    for scheme, contrast in (
        LOOKS[2:] if "obligations" in address else LOOKS
    ):  # its plain colours: test_browser.py
        signed.emulate_media(color_scheme=scheme, contrast=contrast)  # type: ignore[arg-type]
        sound(signed)
    for width in (320, 768, 1280, 2560, 3840):
        signed.set_viewport_size({"width": width, "height": 900})
        assert overflow(signed) == 0, f"{width} px"


@pytest.mark.more
def test_forced_colours_keep_the_marks_and_show_the_focus(signed: Page, site: dict[str, Any]) -> None:
    signed.emulate_media(color_scheme="dark", forced_colors="active")
    signed.goto(f"{site['url']}/obligations/?status=overdue")
    badge = signed.locator(".badge-overdue").first
    white = "rgb(255, 255, 255)"
    assert badge.evaluate("one => getComputedStyle(one).borderBlockStartColor") == white
    assert badge.evaluate("one => getComputedStyle(one, '::before').backgroundColor") == white
    press(signed, "j")
    assert signed.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.more
def test_a_person_s_own_colours_count_before_the_system_s(
    signed: Page, site: dict[str, Any], sound: Callable[[Page], None]
) -> None:
    signed.emulate_media(color_scheme="light", contrast="no-preference")
    signed.goto(f"{site['url']}/states/?region=WEOG")
    signed.get_by_role("link", name="Display").click()
    signed.get_by_label("Dark").check()
    signed.get_by_label("More contrast").check()
    signed.get_by_role("button", name="Save").click()
    signed.wait_for_url("**/states/?region=WEOG")
    assert signed.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"
    sound(signed)
    signed.emulate_media(media="print")
    assert signed.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.more
def test_five_groups_of_tiles_stand_side_by_side_at_1280_pixels(signed: Page, site: dict[str, Any]) -> None:
    signed.goto(site["url"])
    for width in (1280, 1366, 1440, 3840):
        signed.set_viewport_size({"width": width, "height": 900})
        tops = signed.locator(".block").evaluate_all(
            "all => all.map(one => Math.round(one.getBoundingClientRect().top))"
        )
        assert (len(tops), len(set(tops))) == (5, 1), f"{width} px"


@pytest.mark.more
@pytest.mark.parametrize(
    ("address", "heading", "status"),
    [("/states/norway/", "Page not found", 404),
     ("/reminders/approve/", "There is nothing to show here", 405)],
)  # fmt: skip
def test_a_page_of_an_error_can_be_read_by_everybody(
    address: str,
    heading: str,
    status: int,
    signed: Page,
    site: dict[str, Any],
    sound: Callable[[Page], None],
    complaints: list[str],
) -> None:
    signed.goto(site["url"] + address)
    is_the_page(signed, address, heading)
    assert [said.split()[0] for said in complaints] == [str(status), "console:"]
    complaints.clear()
    for scheme in ("light", "dark"):
        signed.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        sound(signed)
